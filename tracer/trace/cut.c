/* cut.c: see cut.h. */
#include "tracer/trace/cut.h"
#include "tracer/probe/strings.h"
#include "tracer/trace/notes.h"
#include "tracer/trace/replayer.h"
#include "tracer/trace/store.h"
#include "tracer/trace/writer.h"
#include <string.h>

struct cut_ring {
    gint64 last_ns;    /* of the last event seen */
    guint64 next;      /* ordinal after it */
    guint64 begin;     /* ordinal of the first slot in the window */
    gboolean in, past; /* something of it is in the window; lies behind it */
};

struct cut {
    weft_trace *trace;
    gint64 from_ns, to_ns;
    guint64 start_ns; /* CLOCK_MONOTONIC at 0: what is added to times to make them ticks */
    guint first;      /* the first chunk that reaches into the window */
    weft_filewriter *writer;
    struct weft_cut_report *report;
    struct weft_record *records;
    struct cut_ring *rings;
    GHashTable *strings, *sites; /* ids that are written already */
    GHashTable *texts;           /* of sites: text -> id */
    guint32 next_text;           /* ids that no string of a segment has */
};

/* ---- Definitions, where they are first used ---- */

static void use_string(struct cut *c, uint64_t id)
{
    const char *text = id < WEFT_STRING_FULL ? weft_trace_string(c->trace, (uint32_t)id) : NULL;
    if (id && text && g_hash_table_add(c->strings, GUINT_TO_POINTER((guint)id)))
        weft_filewriter_string(c->writer, (guint32)id, text, strlen(text));
}

static guint32 text_id(struct cut *c, const char *text)
{
    gpointer id = g_hash_table_lookup(c->texts, text);
    if (!id) {
        id = GUINT_TO_POINTER(c->next_text--);
        g_hash_table_insert(c->texts, (gpointer)(gsize)text, id);
        weft_filewriter_string(c->writer, GPOINTER_TO_UINT(id), text, strlen(text));
    }
    return GPOINTER_TO_UINT(id);
}

static void use_site(struct cut *c, uint32_t id)
{
    const struct weft_trace_site *site = weft_trace_site(c->trace, id);
    if (site && g_hash_table_add(c->sites, GUINT_TO_POINTER(id)))
        weft_filewriter_site(c->writer, id, site->line, text_id(c, site->file),
                             text_id(c, site->func));
}

static void use_ext(struct cut *c, enum weft_ext kind, const struct weft_record *record)
{
    struct weft_ext_text text;
    struct weft_ext_error failure;
    struct weft_ext_task task;
    struct weft_ext_object object;
    switch (kind) {
    case WEFT_EXT_TEXT:
        memcpy(&text, record, sizeof text);
        use_string(c, text.text);
        break;
    case WEFT_EXT_ERROR:
        memcpy(&failure, record, sizeof failure);
        use_string(c, failure.name);
        use_string(c, failure.message);
        use_string(c, failure.cause_message);
        use_site(c, failure.site);
        break;
    case WEFT_EXT_TASK:
        memcpy(&task, record, sizeof task);
        use_string(c, task.name);
        use_site(c, task.made);
        break;
    case WEFT_EXT_OBJECT:
        memcpy(&object, record, sizeof object);
        use_string(c, object.name);
        break;
    case WEFT_EXT_NONE:
    case WEFT_EXT_OP:
        break;
    }
}

/* Of an event that this build does not know, its number may be a string's. */
static void use_record(struct cut *c, const struct weft_record *r, const struct weft_record *ext)
{
    const struct weft_event_info *info = weft_event_info(r->kind);
    if (!info || info->site == WEFT_FIELD_SITE)
        use_site(c, r->site);
    if (!info || info->object == WEFT_FIELD_STRING)
        use_string(c, r->object);
    if (info && info->object == WEFT_FIELD_SITE)
        use_site(c, (uint32_t)r->object);
    if (info && ext)
        use_ext(c, info->ext, ext);
}

static void use_state(struct cut *c, const weft_state *state)
{
    guint n;
    const struct weft_task_at **tasks = weft_state_tasks(state, &n);
    for (guint i = 0; i < n; i++) {
        use_string(c, tasks[i]->name);
        use_site(c, tasks[i]->site);
        use_site(c, tasks[i]->created_site);
    }
    const struct weft_object_at **objects = weft_state_objects(state, &n);
    for (guint i = 0; i < n; i++) {
        use_string(c, objects[i]->name);
        use_site(c, objects[i]->site);
    }
}

/* ---- Up to the window ---- */

static struct cut_ring *ring_of(struct cut *c, const struct weft_trace_chunk *chunk)
{
    return &c->rings[chunk->ring];
}

static void pass(struct cut *c, const struct weft_trace_chunk *chunk)
{
    ring_of(c, chunk)->last_ns = chunk->last_ns;
    ring_of(c, chunk)->next = chunk->first_ordinal + chunk->slots;
}

/* Slots missing just before the chunk that have ordinals. Of a ring's first chunk it is not known
 * how many of the lost have: they all may. */
static guint64 unread_before(struct cut *c, const struct weft_trace_chunk *chunk)
{
    const struct cut_ring *ring = ring_of(c, chunk);
    guint64 room = chunk->first_ordinal - MIN(ring->next, chunk->first_ordinal);
    return MIN(room, chunk->lost_before + chunk->exts_before);
}

static gboolean is_lost_before(const struct weft_trace_chunk *chunk)
{
    return chunk->lost_before > 0 || chunk->gap;
}

/* Applies the chunk's events before the window; its ring begins behind them. */
static void replay(struct cut *c, weft_state *state, guint index)
{
    const struct weft_trace_chunk *chunk = weft_trace_chunk(c->trace, index);
    struct cut_ring *ring = ring_of(c, chunk);
    guint n = weft_trace_decode(c->trace, index, c->records, NULL), i = 0;
    if (n == 0)
        weft_state_apply_loss(state, chunk->ring, ring->last_ns);
    else
        weft_state_apply_chunk(state, chunk->ring, chunk->current_task, chunk->first_ns);
    for (; i < n && (gint64)c->records[i].time < c->from_ns; i++) {
        gboolean ext = (c->records[i].flags & WEFT_RECORD_EXT) && i + 1 < n;
        weft_state_apply(state, chunk->ring, &c->records[i], ext ? &c->records[i + 1] : NULL);
        ring->last_ns = (gint64)c->records[i].time;
        i += ext;
    }
    ring->begin = chunk->first_ordinal + i;
}

/* The state at the window's beginning, in the trace's times; and where each ring begins in it. */
static weft_state *state_at_beginning(struct cut *c)
{
    guint n = weft_trace_n_chunks(c->trace), from;
    while (c->first < n && weft_trace_chunk(c->trace, c->first)->last_ns < c->from_ns)
        c->first++;
    weft_state *state = weft_trace_state_before(c->trace, c->first, &from);
    for (guint i = 0; i < n; i++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(c->trace, i);
        struct cut_ring *ring = ring_of(c, chunk);
        if (ring->in)
            continue;
        gboolean before = chunk->first_ns < c->from_ns;
        ring->in = i >= c->first && chunk->last_ns >= c->from_ns;
        if (!before)
            ring->begin = chunk->first_ordinal - unread_before(c, chunk);
        if (i >= from && is_lost_before(chunk) && ring->last_ns < c->from_ns)
            weft_state_apply_loss(state, chunk->ring, ring->last_ns);
        if (before && i >= from)
            replay(c, state, i);
        if (!ring->in) {
            pass(c, chunk);
            ring->begin = ring->next;
        }
    }
    for (guint32 ring = 0; ring < c->trace->rings->len; ring++)
        if (!c->rings[ring].in && weft_trace_unknown_at_end(c->trace, ring))
            weft_state_apply_loss(state, ring, c->rings[ring].last_ns);
    return state;
}

/* ---- The window ---- */

static gboolean write_loss(struct cut *c, guint32 ring, struct weft_loss_payload loss,
                           GError **error)
{
    c->report->lost += loss.unread + loss.dropped - loss.exts;
    return weft_filewriter_hole(c->writer, ring, &loss, error);
}

static gboolean write_loss_before(struct cut *c, const struct weft_trace_chunk *chunk,
                                  GError **error)
{
    guint64 unread = unread_before(c, chunk), exts = MIN(chunk->exts_before, unread / 2);
    struct weft_loss_payload loss = { .unread = unread,
                                      .dropped = chunk->lost_before + chunk->exts_before - unread,
                                      .between = MIN(chunk->between, unread - exts),
                                      .exts = exts };
    if (chunk->gap && !write_loss(c, chunk->ring, (struct weft_loss_payload){ 0 }, error))
        return FALSE;
    return chunk->lost_before == 0 || write_loss(c, chunk->ring, loss, error);
}

/* The records of the window, in ticks: *n slots from *from on. */
static void keep_window(struct cut *c, guint *from, guint *n)
{
    guint i = 0, end;
    while (i < *n && (gint64)c->records[i].time < c->from_ns)
        i += (c->records[i].flags & WEFT_RECORD_EXT) && i + 1 < *n ? 2 : 1;
    for (end = i; end < *n && (gint64)c->records[end].time <= c->to_ns; end++) {
        struct weft_record *record = &c->records[end];
        gboolean ext = (record->flags & WEFT_RECORD_EXT) && end + 1 < *n;
        use_record(c, record, ext ? record + 1 : NULL);
        record->time += c->start_ns;
        c->report->events++;
        end += ext;
    }
    *from = i;
    *n = end - i;
}

static gboolean write_chunk(struct cut *c, guint index, GError **error)
{
    const struct weft_trace_chunk *chunk = weft_trace_chunk(c->trace, index);
    gboolean whole = chunk->first_ns >= c->from_ns;
    if (whole && !write_loss_before(c, chunk, error))
        return FALSE;
    guint n = weft_trace_decode(c->trace, index, c->records, NULL), from = 0;
    if (n == 0) {
        guint events = weft_trace_chunk_events(c->trace, index);
        c->report->damaged += events;
        struct weft_loss_payload loss = { .unread = chunk->slots,
                                          .exts = MIN(chunk->slots - events, events) };
        return write_loss(c, chunk->ring, loss, error);
    }
    keep_window(c, &from, &n);
    uint64_t current = whole ? chunk->current_task
                             : weft_filewriter_running(c->writer, chunk->ring);
    return n == 0 ||
           weft_filewriter_events(c->writer, chunk->ring, c->records + from, n, current, error);
}

static gboolean write_window(struct cut *c, GError **error)
{
    for (guint i = c->first; i < weft_trace_n_chunks(c->trace); i++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(c->trace, i);
        struct cut_ring *ring = ring_of(c, chunk);
        if (chunk->last_ns < c->from_ns || ring->past)
            continue;
        ring->past = chunk->last_ns > c->to_ns;
        gboolean ok = TRUE;
        if (chunk->first_ns <= c->to_ns)
            ok = write_chunk(c, i, error);
        else if (ring->last_ns <= c->to_ns) /* what was lost before it reaches into the window */
            ok = write_loss_before(c, chunk, error);
        if (!ok)
            return FALSE;
        pass(c, chunk);
    }
    for (guint32 ring = 0; ring < c->trace->rings->len; ring++) {
        guint64 exts = weft_trace_exts_at_end(c->trace, ring);
        struct weft_loss_payload loss = { .unread = weft_trace_lost_at_end(c->trace, ring) + exts,
                                          .between = weft_trace_between_at_end(c->trace, ring),
                                          .exts = exts };
        if (weft_trace_unknown_at_end(c->trace, ring) && !c->rings[ring].past &&
            !write_loss(c, ring, loss, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- The whole ---- */

static gboolean write_processes(struct cut *c, GError **error)
{
    const GArray *spans = c->trace->spans;
    for (guint i = 0; i < MAX(1, spans->len); i++) {
        struct weft_stored_span span = { 0 };
        if (spans->len)
            span = g_array_index(spans, struct weft_stored_span, i);
        const struct weft_trace_source *source = weft_trace_source_at(c->trace, span.source);
        guint64 start = c->start_ns + (guint64)source->start_ns;
        gint64 end = MIN(c->to_ns, MIN(source->end_ns, weft_trace_end_ns(c->trace)));
        struct weft_file_process process = {
            .first_ring = span.ring,
            .pid = source->pid,
            .start_time = source->start_time,
            .clock_kind = WEFT_CLOCK_MONOTONIC, /* the times were converted already */
            .start = { start, start, (guint64)(source->start_realtime_ns + source->start_ns) },
            .from = c->start_ns + (guint64)MAX(c->from_ns, source->begin_ns),
            .until = c->start_ns + (guint64)MAX(c->from_ns, end),
            .program = source->program,
            .executable = source->executable,
            .host = source->host,
            .ended = source->ended && c->to_ns >= source->end_ns,
            .ended_unseen = source->ended_unseen,
            .stopped = source->stopped,
            .exit_code = source->exit_code,
            .exit_signal = source->exit_signal,
        };
        memcpy(process.boot_id, source->boot_id, sizeof process.boot_id);
        if (!weft_filewriter_process(c->writer, &process, error))
            return FALSE;
    }
    return TRUE;
}

static gint64 to_ticks(gint64 time, const void *start)
{
    return time + (gint64) * (const guint64 *)start;
}

/* A window from the very beginning begins as the trace does. */
static gboolean write_beginning(struct cut *c, GError **error)
{
    g_autoptr(weft_state) state = state_at_beginning(c);
    gboolean all = TRUE;
    for (guint ring = 0; ring < c->trace->rings->len; ring++)
        all &= c->rings[ring].begin == 0;
    if (all && !weft_trace_begins_with_state(c->trace))
        return TRUE;
    for (guint32 ring = 0; ring < c->trace->rings->len; ring++)
        weft_filewriter_begin_ring(c->writer, ring, c->rings[ring].begin);
    use_state(c, state);
    weft_state_convert_times(state, to_ticks, &c->start_ns);
    return weft_filewriter_state(c->writer, state, error);
}

/* Times stay what they are, and so do rings. */
static gboolean write_notes(struct cut *c, GError **error)
{
    g_autoptr(GPtrArray) notes = weft_notes_read(c->trace);
    for (guint i = notes->len; i-- > 0;) {
        const struct weft_note *note = notes->pdata[i];
        if (note->time_ns < c->from_ns || note->time_ns > c->to_ns)
            g_ptr_array_remove_index(notes, i);
    }
    return weft_notes_write(c->writer, notes, error);
}

gboolean weft_cut(weft_trace *trace, gint64 from_ns, gint64 to_ns, const char *output,
                  struct weft_cut_report *report, GError **error)
{
    *report = (struct weft_cut_report){ 0 };
    struct cut c = {
        .trace = trace,
        .from_ns = from_ns,
        .to_ns = to_ns,
        .start_ns = trace->clock.start_mono_ns,
        .report = report,
        .next_text = WEFT_STRING_FULL - 1,
        .writer = weft_filewriter_new_whole(output, error),
    };
    if (!c.writer)
        return FALSE;
    c.records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    c.rings = g_new0(struct cut_ring, WEFT_TRACE_RINGS);
    for (guint i = 0; i < WEFT_TRACE_RINGS; i++)
        c.rings[i].last_ns = weft_trace_begin_ns(trace); /* what was lost before: since then */
    c.strings = g_hash_table_new(NULL, NULL);
    c.sites = g_hash_table_new(NULL, NULL);
    c.texts = g_hash_table_new(g_str_hash, g_str_equal);
    gboolean ok = write_processes(&c, error) && write_beginning(&c, error) &&
                  write_window(&c, error) && write_notes(&c, error) &&
                  weft_filewriter_finish(c.writer, error);
    weft_filewriter_free(c.writer);
    g_free(c.records);
    g_free(c.rings);
    g_hash_table_unref(c.strings);
    g_hash_table_unref(c.sites);
    g_hash_table_unref(c.texts);
    return ok;
}
