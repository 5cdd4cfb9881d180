/* recover.c: see recover.h. */
#include "tracer/trace/recover.h"
#include "tracer/trace/blackbox.h"
#include "tracer/trace/clockmap.h"
#include "tracer/trace/replayer.h"
#include "tracer/trace/ringreader.h"
#include "tracer/trace/tableat.h"
#include "tracer/trace/writer.h"
#include <string.h>

#define FIT UINT64_C(100000000) /* ns between two anchors that a clock can be fitted to */

struct cursor { /* through one ring */
    const struct weft_blackbox_ring *ring;
    guint at;              /* of its chunks */
    guint64 next, dropped; /* ordinal expected, drops counted so far */
};

struct recovery {
    struct weft_blackbox *box;
    weft_filewriter *writer;
    struct cursor *cursors;
    struct weft_record *records; /* room for WEFT_TRACE_CHUNK_SLOTS */
    guint n;
    uint64_t actor;                 /* when the first of them was emitted */
    struct weft_clock_anchor start; /* where the file's time begins */
    struct weft_clockmap clock;     /* from the program's start */
    struct weft_heap_definitions definitions;
    gboolean said; /* a PROCESS_EXIT was seen: when, and what it says */
    uint64_t exit_time;
    int exit_code, exit_signal;
    uint64_t until;    /* ticks: the last that is known of it beside its events */
    gboolean recorded; /* what was recorded is asked for, not how it ended */
    gboolean stood_by; /* what is in its rings is of an earlier recording */
    struct weft_recovered *recovered;
};

char *weft_recover_find(guint64 pid, GError **error)
{
    return weft_blackbox_find(pid, error);
}

/* ---- What it was ---- */

static void add_string(void *writer, guint32 id, const char *text, gsize size)
{
    weft_filewriter_string(writer, id, text, size);
}

static void add_site(void *writer, guint32 id, guint32 line, guint32 file, guint32 func)
{
    weft_filewriter_site(writer, id, line, file, func);
}

static void write_definitions(struct recovery *r)
{
    struct weft_blackbox *box = r->box;
    struct weft_heapreader reader;
    if (!box->heap)
        return;
    weft_heapreader_init(&reader, box->heap, box->heap_size);
    weft_heapreader_read(&reader, TRUE, &r->definitions);
    if (reader.corrupt)
        weft_blackbox_add_damage(box,
                                 "the strings are damaged at byte %" G_GUINT64_FORMAT
                                 ": names after it are missing",
                                 (guint64)box->page.strings_offset + reader.at);
}

static struct weft_clock_anchor start_of(const struct weft_blackbox *box)
{
    return (struct weft_clock_anchor){ box->page.first_ticks, box->page.first_mono_ns,
                                       box->page.first_real_ns };
}

static gint by_mono_ns(gconstpointer a, gconstpointer b)
{
    uint64_t x = ((const struct weft_clock_anchor *)a)->mono_ns;
    uint64_t y = ((const struct weft_clock_anchor *)b)->mono_ns;
    return x < y ? -1 : x > y;
}

/* The program's own anchors; as long as the machine runs, the counter goes on, and one of now is
 * sure to be far enough from them. Else the last chunks' beginnings must do: less exact. */
static void write_anchors(struct recovery *r)
{
    const struct weft_blackbox *box = r->box;
    weft_clockmap_init(&r->clock, (enum weft_clock_kind)box->page.clock_kind, &r->start);
    if (box->page.clock_kind != WEFT_CLOCK_COUNTER)
        return;
    g_autoptr(GArray) anchors = g_array_new(FALSE, FALSE, sizeof(struct weft_clock_anchor));
    struct weft_clock_anchor start = start_of(box), anchor;
    g_array_append_val(anchors, start);
    if (weft_blackbox_anchor(box, &anchor))
        g_array_append_val(anchors, anchor);
    weft_clock_init();
    if (box->same_boot && weft_clock_kind == WEFT_CLOCK_COUNTER) {
        guint64 age = weft_clock_monotonic_ns() - start.mono_ns;
        if (age < FIT)
            g_usleep((FIT - age) / 1000 + 1);
        anchor = weft_clock_anchor_now();
        g_array_append_val(anchors, anchor);
    } else {
        for (guint i = 0; i < box->rings->len; i++) {
            const GArray *chunks = ((struct weft_blackbox_ring *)box->rings->pdata[i])->chunks;
            if (chunks->len == 0)
                continue;
            const struct weft_blackbox_chunk *last = &g_array_index(
                chunks, struct weft_blackbox_chunk, chunks->len - 1);
            anchor = (struct weft_clock_anchor){ last->base_ticks, last->base_mono_ns,
                                                 start.real_ns - start.mono_ns +
                                                     last->base_mono_ns };
            g_array_append_val(anchors, anchor);
        }
    }
    g_array_sort(anchors, by_mono_ns);
    guint64 last_mono_ns = 0;
    for (guint i = 0; i < anchors->len; i++) {
        const struct weft_clock_anchor *at = &g_array_index(anchors, struct weft_clock_anchor, i);
        if (at->mono_ns - last_mono_ns < FIT && i + 1 < anchors->len)
            continue; /* a line through two that are near each other says little */
        last_mono_ns = at->mono_ns;
        weft_filewriter_anchor(r->writer, at);
        weft_clockmap_add(&r->clock, at, 0);
    }
}

/* Its rings are as another recorder left them: they say nothing of its end. */
static gboolean has_stood_by(const struct weft_blackbox *box)
{
    uint64_t mode = atomic_load_explicit(&box->page.mode, memory_order_relaxed);
    gboolean events = FALSE;
    for (guint i = 0; i < box->rings->len; i++)
        events |= ((struct weft_blackbox_ring *)box->rings->pdata[i])->chunks->len > 0;
    return mode == WEFT_MODE_STANDBY && events;
}

static gboolean write_process(struct recovery *r, GError **error)
{
    const struct weft_blackbox *box = r->box;
    gboolean ended = !(r->stood_by && r->recorded);
    struct weft_file_process process = {
        .pid = box->page.pid,
        .start_time = box->page.start_time,
        .clock_kind = (enum weft_clock_kind)box->page.clock_kind,
        .start = r->start,
        .until = !ended    ? 0
                 : r->said ? r->exit_time
                           : r->until,
        .program = box->page.program,
        .executable = box->page.executable,
        .host = box->same_boot ? g_get_host_name() : "",
        .ended = ended,
        .ended_unseen = ended && !r->said && !box->closed,
        .exit_code = !ended    ? 0
                     : r->said ? r->exit_code
                               : WEFT_EXIT_UNKNOWN,
        .exit_signal = r->exit_signal,
    };
    memcpy(process.boot_id, box->page.boot_id, sizeof process.boot_id);
    return weft_filewriter_process(r->writer, &process, error);
}

/* ---- Events ---- */

static gboolean add_loss(struct recovery *r, guint32 ring, guint64 unread, guint64 dropped,
                         GError **error)
{
    r->recovered->lost += unread + dropped;
    return unread + dropped == 0 || weft_filewriter_loss(r->writer, ring, unread, dropped, error);
}

static gboolean flush(struct recovery *r, guint32 ring, GError **error)
{
    guint n = r->n;
    r->n = 0;
    r->recovered->slots += n;
    return n == 0 || weft_filewriter_events(r->writer, ring, r->records, n, r->actor, error);
}

static void look_for_exit(struct recovery *r, const struct weft_record *records, guint slots)
{
    for (guint i = 0; i < slots; i++) {
        if (records[i].kind == WEFT_RECORD_PROCESS_EXIT) {
            r->said = TRUE;
            r->exit_time = records[i].time;
            gboolean killed = records[i].detail == WEFT_EXIT_SIGNAL;
            *(killed ? &r->exit_signal : &r->exit_code) = (int)records[i].object;
        }
        i += records[i].flags & WEFT_RECORD_EXT;
    }
}

/* Before the `slots` behind those that are gathered, which are written, the ring stood by. */
static gboolean add_gap(struct recovery *r, guint32 ring, guint slots, GError **error)
{
    guint gathered = r->n;
    if (!flush(r, ring, error) || !weft_filewriter_loss(r->writer, ring, 0, 0, error))
        return FALSE;
    memmove(r->records, r->records + gathered, slots * sizeof *r->records);
    return TRUE;
}

/* One chunk behind what is gathered already, which is written before a loss. */
static gboolean take_chunk(struct recovery *r, struct cursor *c,
                           const struct weft_blackbox_chunk *chunk, GError **error)
{
    guint32 ring = c->ring->index;
    guint64 unread = chunk->first_event - c->next, dropped = chunk->dropped - c->dropped;
    if ((unread || dropped) &&
        (!flush(r, ring, error) || !add_loss(r, ring, unread, dropped, error)))
        return FALSE;
    struct weft_record *records = r->records + r->n;
    guint events;
    gint slots = weft_blackbox_read(r->box, chunk, records, &events, error);
    if (slots < 0)
        return FALSE;
    gboolean first = chunk == (const void *)c->ring->chunks->data;
    if (!first && slots > 0 && records->kind == WEFT_RECORD_SNAPSHOT &&
        !add_gap(r, ring, (guint)slots, error))
        return FALSE;
    records = r->records + r->n;
    if (r->n == 0 && slots > 0)
        r->actor = weft_chunk_names_actor(records, chunk->current_task)
                       ? chunk->current_task
                       : weft_filewriter_running(r->writer, ring);
    look_for_exit(r, records, (guint)slots);
    r->n += (guint)slots;
    r->recovered->events += events;
    c->next = chunk->first_event + (guint)slots;
    c->dropped = chunk->dropped;
    return TRUE;
}

/* As many chunks as fit into one of the file. */
static gboolean take_some(struct recovery *r, struct cursor *c, GError **error)
{
    const GArray *chunks = c->ring->chunks;
    while (c->at < chunks->len && r->n + WEFT_CHUNK_SLOTS <= WEFT_TRACE_CHUNK_SLOTS)
        if (!take_chunk(r, c, &g_array_index(chunks, struct weft_blackbox_chunk, c->at++), error))
            return FALSE;
    return flush(r, c->ring->index, error);
}

/* The ring whose next chunk is the oldest; NULL when all are through. */
static struct cursor *next_ring(struct recovery *r)
{
    struct cursor *oldest = NULL;
    guint64 oldest_ticks = 0;
    for (guint i = 0; i < r->box->rings->len; i++) {
        struct cursor *c = &r->cursors[i];
        if (c->at == c->ring->chunks->len)
            continue;
        guint64 ticks =
            g_array_index(c->ring->chunks, struct weft_blackbox_chunk, c->at).base_ticks;
        if (!oldest || ticks < oldest_ticks) {
            oldest = c;
            oldest_ticks = ticks;
        }
    }
    return oldest;
}

/* The slots that the ring ever had. */
static guint64 written_of(const struct weft_blackbox_ring *ring)
{
    guint n = ring->chunks->len;
    if (n == 0)
        return ring->retired; /* the area is still empty */
    const struct weft_blackbox_chunk *last = &g_array_index(ring->chunks,
                                                            struct weft_blackbox_chunk, n - 1);
    return last->first_event + last->slots;
}

/* What is missing behind the last event: damaged slots, and what the program refused. */
static gboolean lose_end(struct recovery *r, const struct cursor *c, GError **error)
{
    guint64 written = MAX(c->next, written_of(c->ring));
    return add_loss(r, c->ring->index, written - c->next, c->ring->dropped - c->dropped, error);
}

static gboolean write_rings(struct recovery *r, GError **error)
{
    guint n = r->box->rings->len;
    for (struct cursor *c; (c = next_ring(r));)
        if (!take_some(r, c, error))
            return FALSE;
    for (guint i = 0; i < n; i++)
        if (!lose_end(r, &r->cursors[i], error))
            return FALSE;
    return TRUE;
}

/* ---- The beginning ---- */

/* Whether the trace is of how it ended alone. */
static gboolean passes(const struct recovery *r)
{
    return r->stood_by && !r->recorded;
}

/* The rings' readers go behind what is there. */
static void pass_rings(struct recovery *r)
{
    for (guint i = 0; i < r->box->rings->len; i++) {
        struct cursor *c = &r->cursors[i];
        c->at = c->ring->chunks->len;
        c->next = written_of(c->ring);
        c->dropped = c->ring->dropped;
        weft_filewriter_begin_ring(r->writer, c->ring->index, c->next);
        r->recovered->before += c->next + c->dropped;
        r->recovered->lost += c->next + c->dropped;
    }
}

static gboolean look_at_ring(struct recovery *r, weft_tableat *at,
                             const struct weft_blackbox_ring *ring, GError **error)
{
    for (guint i = 0; i < ring->chunks->len; i++) {
        const struct weft_blackbox_chunk *chunk = &g_array_index(ring->chunks,
                                                                 struct weft_blackbox_chunk, i);
        guint events;
        gint slots = weft_blackbox_read(r->box, chunk, r->records, &events, error);
        if (slots < 0)
            return FALSE;
        if (passes(r))
            r->recovered->left_out += events;
        else
            weft_tableat_records(at, ring->index, chunk->first_event, r->records, (guint)slots);
    }
    return TRUE;
}

/* Through all events, for what they tell of what was born; damage is told when they are taken. */
static gboolean look_at_rings(struct recovery *r, weft_tableat *at, GError **error)
{
    gsize told = r->box->damage->len;
    guint faults = r->box->n_damages;
    for (guint i = 0; i < r->box->rings->len; i++)
        if (!look_at_ring(r, at, r->box->rings->pdata[i], error))
            return FALSE;
    g_string_truncate(r->box->damage, told);
    r->box->n_damages = faults;
    return TRUE;
}

/* What the live tables saw last, and when the program looked at its clock last: as it does when it
 * ends by itself. Nothing of that is in the future. */
static void find_last_sign(struct recovery *r, const weft_state *tables)
{
    const struct weft_blackbox *box = r->box;
    struct weft_clock_anchor anchor;
    r->until = (uint64_t)weft_state_latest(tables);
    if (weft_blackbox_anchor(box, &anchor))
        r->until = MAX(r->until, anchor.ticks);
    if (box->same_boot && weft_clock_kind == (enum weft_clock_kind)box->page.clock_kind)
        r->until = MIN(r->until, weft_clock_now());
}

/* The rings begin at the first slots that are there; where time does. Without any, the trace begins
 * with the state that has lasted longest. */
static void begin_rings(struct recovery *r, const weft_tableat *at, const weft_state *state)
{
    uint64_t first = UINT64_MAX, ordinal, ticks;
    for (guint i = 0; i < r->box->rings->len; i++) {
        struct cursor *c = &r->cursors[i];
        if (!weft_tableat_begin(at, c->ring->index, &ordinal, &ticks))
            continue;
        weft_filewriter_begin_ring(r->writer, c->ring->index, ordinal);
        c->next = ordinal;
        r->recovered->before += ordinal;
        r->recovered->lost += ordinal;
        first = MIN(first, ticks);
    }
    if (first == UINT64_MAX)
        first = MAX((uint64_t)weft_state_earliest(state), r->start.ticks);
    guint64 ns = weft_clockmap_ns(&r->clock, first);
    r->start.ticks = first;
    r->start.mono_ns += ns;
    r->start.real_ns += ns;
}

/* How its tasks were before the first events that are there; of an earlier recording the tables,
 * which have gone on since, say nothing. */
static weft_state *state_before(const struct recovery *r, const weft_tableat *at,
                                const weft_state *tables)
{
    return r->stood_by && r->recorded ? weft_state_new() : weft_tableat_state(at, tables);
}

static gboolean write_beginning(struct recovery *r, GError **error)
{
    g_autoptr(weft_tableat) at = weft_tableat_new();
    if (!look_at_rings(r, at, error))
        return FALSE;
    struct weft_tablenames names;
    weft_tablenames_init(&names, &r->definitions);
    struct weft_tableread tables = weft_tables_read(&r->box->live, &names);
    g_autoptr(weft_state) state = state_before(r, at, tables.state);
    gboolean amid = weft_tableat_is_amid(at, state);
    find_last_sign(r, tables.state);
    if (passes(r))
        pass_rings(r);
    if (amid)
        begin_rings(r, at, state);
    gboolean ok = write_process(r, error) &&
                  (!amid || weft_filewriter_state(r->writer, state, error));
    weft_tableread_clear(&tables);
    weft_tablenames_finish(&names);
    return ok;
}

/* ---- All ---- */

static gboolean write_file(struct recovery *r, GError **error)
{
    guint n = r->box->rings->len;
    r->start = start_of(r->box);
    r->stood_by = has_stood_by(r->box);
    r->definitions = (struct weft_heap_definitions){ add_string, add_site, r->writer };
    r->cursors = g_new0(struct cursor, n);
    for (guint i = 0; i < n; i++)
        r->cursors[i].ring = r->box->rings->pdata[i];
    write_definitions(r);
    write_anchors(r);
    return write_beginning(r, error) && write_rings(r, error) && write_process(r, error) &&
           weft_filewriter_finish(r->writer, error);
}

static gboolean recover(const char *segment, const char *path, gboolean recorded,
                        struct weft_recovered *recovered, GError **error)
{
    *recovered = (struct weft_recovered){ 0 };
    struct recovery r = { .box = weft_blackbox_open(segment, error),
                          .recorded = recorded,
                          .recovered = recovered };
    if (!r.box)
        return FALSE;
    r.writer = weft_filewriter_new_whole(path, error);
    gboolean ok = FALSE;
    if (r.writer) {
        r.records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
        ok = write_file(&r, error);
        recovered->bytes = weft_filewriter_size(r.writer);
        recovered->program = g_utf8_make_valid(r.box->page.program, -1);
        recovered->damage = weft_blackbox_damage(r.box);
    }
    if (!ok)
        weft_recovered_clear(recovered);
    weft_filewriter_free(r.writer);
    weft_blackbox_free(r.box);
    weft_clockmap_finish(&r.clock);
    g_free(r.records);
    g_free(r.cursors);
    return ok;
}

gboolean weft_recover(const char *segment, const char *path, struct weft_recovered *recovered,
                      GError **error)
{
    return recover(segment, path, FALSE, recovered, error);
}

gboolean weft_recover_recorded(const char *segment, const char *path,
                               struct weft_recovered *recovered, GError **error)
{
    return recover(segment, path, TRUE, recovered, error);
}

void weft_recovered_clear(struct weft_recovered *recovered)
{
    g_free(recovered->program);
    g_free(recovered->damage);
    *recovered = (struct weft_recovered){ 0 };
}
