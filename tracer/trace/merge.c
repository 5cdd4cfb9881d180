/* merge.c: see merge.h.
 *
 *      open all, compare -> place each on the axis -> { the chunk that begins next: decode,
 *      relocate, encode }* -> losses at the end
 *
 * What several of them hold of a process is taken from one of them (pieces.h).
 *
 * The file's ticks are CLOCK_MONOTONIC ns, of the boot of the trace that began first. */
#include "tracer/trace/merge_private.h"
#include "tracer/trace/notes.h"
#include "tracer/trace/store.h"
#include <string.h>

void merge_note(struct merging *m, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_ptr_array_add(m->result->notes, g_strdup_vprintf(format, args));
    va_end(args);
}

void weft_merge_result_clear(struct weft_merge_result *result)
{
    g_clear_pointer(&result->notes, g_ptr_array_unref);
}

/* ---- What can be merged ---- */

static gboolean refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean refuse(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_CONFLICT, message);
    return FALSE;
}

static void add_used(const weft_trace *trace, gboolean *used)
{
    for (guint i = 0; i < weft_trace_n_sources(trace); i++)
        used[weft_trace_source_at(trace, i)->first_ring] = TRUE;
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++)
        used[weft_trace_chunk(trace, i)->ring] = TRUE;
    for (guint ring = 0; ring < WEFT_TRACE_RINGS; ring++)
        used[ring] |= weft_trace_lost_at_end(trace, ring) > 0;
}

/* Those of the processes, and those in which something is: of all pieces, for the one whose numbers
 * they are; none for the others. */
static gboolean *used_rings(const struct merging *m, guint of)
{
    gboolean *used = g_new0(gboolean, WEFT_TRACE_RINGS);
    for (guint i = 0; i < m->n; i++)
        if (m->pieces[i].most == of)
            add_used(m->inputs[i].trace, used);
    return used;
}

static gboolean refuse_rings(GError **error)
{
    return refuse(error, "the traces have more than %d rings together: merge fewer of them",
                  WEFT_TRACE_RINGS);
}

static gboolean check_all(const struct merging *m, GError **error)
{
    guint rings = 0;
    if (!weft_pieces_order(m->pieces, m->n, error))
        return FALSE;
    for (guint i = 0; i < m->n; i++) {
        g_autofree gboolean *used = used_rings(m, i);
        for (guint ring = 0; ring < WEFT_TRACE_RINGS; ring++)
            rings += used[ring];
    }
    return rings <= WEFT_TRACE_RINGS || refuse_rings(error);
}

/* ---- What describes the events ---- */

static guint32 string_of_site(struct merging *m, const char *text)
{
    gpointer id = g_hash_table_lookup(m->site_texts, text);
    if (!id) {
        id = GUINT_TO_POINTER(++m->numbers.strings);
        g_hash_table_insert(m->site_texts, (gpointer)(gsize)text, id);
        weft_filewriter_string(m->writer, GPOINTER_TO_UINT(id), text, strlen(text));
    }
    return GPOINTER_TO_UINT(id);
}

static void write_definitions(struct merging *m, struct input *input)
{
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, input->trace->strings);
    while (g_hash_table_iter_next(&iter, &key, &value))
        weft_filewriter_string(m->writer,
                               weft_relocate_string(input->relocation, GPOINTER_TO_UINT(key)),
                               value, strlen(value));
    g_hash_table_iter_init(&iter, input->trace->sites);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        const struct weft_trace_site *site = value;
        guint32 file = string_of_site(m, site->file), func = string_of_site(m, site->func);
        weft_filewriter_site(m->writer,
                             weft_relocate_site(input->relocation, GPOINTER_TO_UINT(key)),
                             site->line, file, func);
    }
}

/* What the pieces of a process say of it together. */
static void add_piece(const struct input *input, const struct weft_trace_source *of,
                      struct weft_file_process *process)
{
    const struct weft_trace_source *source = weft_trace_source_at(
        input->trace, weft_trace_source_of(input->trace, of->first_ring));
    guint64 start = input->base + (guint64)source->start_ns;
    guint64 from = input->base + (guint64)source->begin_ns;
    gint64 end = MIN(source->end_ns, weft_trace_end_ns(input->trace));
    if (source->pid != of->pid || strcmp(source->program, of->program) != 0)
        return; /* it does not know of it yet */
    if (source->ended && !process->ended) {
        process->ended = TRUE;
        process->ended_unseen = source->ended_unseen;
        process->stopped = source->stopped;
        process->exit_code = source->exit_code;
        process->exit_signal = source->exit_signal;
    }
    process->from = process->from ? MIN(process->from, from) : from;
    process->until = MAX(process->until, input->base + (guint64)end);
    if (process->start.mono_ns && process->start.mono_ns <= start)
        return;
    gint64 real = source->start_realtime_ns ? source->start_realtime_ns + source->start_ns : 0;
    process->start = (struct weft_clock_anchor){ start, start, (uint64_t)real };
}

static gboolean write_process(struct merging *m, const struct input *input, guint32 theirs,
                              guint32 ring, GError **error)
{
    const struct weft_trace_source *source = weft_trace_source_at(
        input->trace, weft_trace_source_of(input->trace, theirs));
    struct weft_file_process process = { .first_ring = ring,
                                         .pid = source->pid,
                                         .start_time = source->start_time,
                                         .clock_kind = WEFT_CLOCK_MONOTONIC,
                                         .program = source->program,
                                         .executable = source->executable,
                                         .host = source->host };
    memcpy(process.boot_id, source->boot_id, sizeof process.boot_id);
    for (guint i = 0; i < m->n; i++)
        if (m->pieces[i].most == input->piece->most)
            add_piece(&m->inputs[i], source, &process);
    return weft_filewriter_process(m->writer, &process, error);
}

/* Says of the rings given since whose they are. */
static gboolean write_places(struct merging *m, const struct input *input, GError **error)
{
    guint32 theirs, ring;
    while (weft_relocation_next_place(input->relocation, &theirs, &ring))
        if (!write_process(m, input, theirs, ring, error))
            return FALSE;
    return !weft_relocation_overflowed(input->relocation) || refuse_rings(error);
}

/* Rings for all, so that a process's lie together. */
static gboolean give_rings(struct merging *m, struct input *input, GError **error)
{
    g_autofree gboolean *used = used_rings(m, (guint)(input - m->inputs));
    for (guint ring = 0; ring < WEFT_TRACE_RINGS; ring++)
        if (used[ring])
            weft_relocate_ring(input->relocation, ring);
    return write_places(m, input, error);
}

/* Rings keep their processes' ordinals: so what is merged can be merged again. */
static void begin_rings(struct merging *m)
{
    for (guint i = 0; i < m->n; i++)
        for (guint32 theirs = 0; theirs < WEFT_TRACE_RINGS; theirs++) {
            const struct weft_piece_ring *at = &m->pieces[i].rings[theirs];
            if (!at->taken || at->before != WEFT_NO_PIECE)
                continue;
            const struct weft_piece *first = &m->pieces[m->pieces[i].first];
            guint32 ring = weft_relocate_ring(m->inputs[i].relocation, theirs);
            m->next[ring] = MIN(at->begin, first->rings[theirs].begin);
            weft_filewriter_begin_ring(m->writer, ring, m->next[ring]);
        }
}

/* What was known when traces began that begin amid a run. */
static gboolean write_beginning(struct merging *m, GError **error)
{
    g_autoptr(weft_state) all = NULL;
    for (guint i = 0; i < m->n; i++) {
        struct input *input = &m->inputs[i];
        if (input->piece->first != i || !weft_trace_begins_with_state(input->trace))
            continue;
        if (!all)
            all = weft_state_new();
        guint from;
        g_autoptr(weft_state) state = weft_trace_state_before(input->trace, 0, &from);
        weft_relocate_state(input->relocation, state, all);
        if (!write_places(m, input, error))
            return FALSE;
    }
    if (!all)
        return TRUE;
    begin_rings(m);
    return weft_filewriter_state(m->writer, all, error);
}

/* ---- Events ---- */

static gboolean add_loss(struct merging *m, guint32 ring, const struct weft_loss_payload *loss,
                         GError **error)
{
    m->result->lost += loss->unread + loss->dropped - loss->exts;
    m->next[ring] += loss->unread;
    return loss->unread + loss->dropped == 0 || weft_filewriter_hole(m->writer, ring, loss, error);
}

struct missing { /* what pieces know to be missing in a ring: slots */
    guint64 slots;
    guint64 between; /* of them, in a hole that a piece has itself */
    guint64 exts;
};

/* `unread` slots are missing in a ring. The others than those known are in none of the pieces. */
static gboolean add_hole(struct merging *m, guint32 ring, guint64 unread, struct missing what,
                         GError **error)
{
    guint64 known = MIN(unread, what.slots), between = MIN(what.between, known);
    struct weft_loss_payload loss = { .unread = unread,
                                      .dropped = what.slots - known,
                                      .between = unread - known + between,
                                      .exts = MIN(what.exts, (known - between) / 2) };
    m->in_none += unread - known;
    return add_loss(m, ring, &loss, error);
}

static struct missing missing_before(const struct weft_trace_chunk *chunk)
{
    return (struct missing){ weft_chunk_missing(chunk), chunk->between, chunk->exts_before };
}

static struct missing missing_at_end(const weft_trace *trace, guint32 ring)
{
    guint64 exts = weft_trace_exts_at_end(trace, ring);
    return (struct missing){ weft_trace_lost_at_end(trace, ring) + exts,
                             weft_trace_between_at_end(trace, ring), exts };
}

/* Others hold some of them, nobody knows which: as many of the rest as can be are events. */
static void leave_out(struct missing *what, guint64 slots)
{
    guint64 events = what->slots - what->exts;
    what->slots -= MIN(slots, what->slots);
    what->exts = what->slots - MIN(events, what->slots);
}

/* What those before the piece know to be missing behind their last slots. */
static struct missing missing_behind_those_before(const struct merging *m,
                                                  const struct weft_piece *piece, guint32 theirs)
{
    struct missing all = { 0 };
    for (guint i = piece->rings[theirs].before; i != WEFT_NO_PIECE;) {
        const struct weft_piece_ring *at = &m->pieces[i].rings[theirs];
        struct missing what = missing_at_end(m->pieces[i].trace, theirs);
        all.slots += what.slots;
        all.exts += what.exts;
        i = at->begin < at->end ? WEFT_NO_PIECE : at->before; /* one that only began */
    }
    return all;
}

/* The ordinal behind what the trace holds of the ring before this chunk. */
static guint64 seen_before(const weft_trace *trace, const struct weft_trace_chunk *chunk)
{
    guint64 seen = g_array_index(trace->rings, struct weft_stored_ring, chunk->ring).begin_ordinal;
    for (guint i = 0; weft_trace_chunk(trace, i) != chunk; i++)
        if (weft_trace_chunk(trace, i)->ring == chunk->ring)
            seen = weft_chunk_end(weft_trace_chunk(trace, i));
    return seen;
}

/* What is missing before the chunk, which is known to be lost, or to be in none of the pieces.
 * Where one piece goes on just where another ends both may tell of the same loss. */
static gboolean add_loss_before(struct merging *m, const struct input *input,
                                const struct weft_trace_chunk *chunk, guint32 ring, GError **error)
{
    guint64 first = chunk->first_ordinal, next = MIN(m->next[ring], first), seen = next;
    struct missing what = missing_before(chunk), earlier = { 0 };
    if (chunk->gap && !weft_filewriter_loss(m->writer, ring, 0, 0, error))
        return FALSE;
    if (!input->piece->rings[chunk->ring].begun) {
        seen = MIN(seen_before(input->trace, chunk), first);
        earlier = missing_behind_those_before(m, input->piece, chunk->ring);
    }
    if (seen > next)
        return add_hole(m, ring, seen - next, earlier, error) &&
               add_hole(m, ring, first - seen, what, error);
    leave_out(&what, next - seen);
    earlier.between = what.between;
    return add_hole(m, ring, first - next, earlier.slots > what.slots ? earlier : what, error);
}

/* A chunk that is damaged is one loss more. */
static gboolean add_damaged(struct merging *m, const struct input *input, struct missing what,
                            guint32 ring, GError *damage, GError **error)
{
    if (!m->result->damaged || !weft_trace_damage(input->trace))
        merge_note(m, "%s: %s", weft_trace_path(input->trace), damage->message);
    m->result->damaged = TRUE;
    g_error_free(damage);
    return add_hole(m, ring, what.slots, what, error);
}

/* Of n slots, how many to leave out so that `skip` at least are: an event is not cut. */
static guint whole_events(const struct weft_record *records, guint n, guint64 skip)
{
    guint i = 0;
    while (i < n && i < skip)
        i += (records[i].flags & WEFT_RECORD_EXT) && i + 1 < n ? 2 : 1;
    return i;
}

static gboolean add_chunk(struct merging *m, struct input *input, GError **error)
{
    guint index = input->next++;
    const struct weft_trace_chunk *chunk = weft_trace_chunk(input->trace, index);
    struct weft_piece_ring *at = &input->piece->rings[chunk->ring];
    at->chunks--;
    if (!at->taken || weft_chunk_end(chunk) <= at->from)
        return TRUE; /* another piece has it */
    guint64 skip = at->from - MIN(at->from, chunk->first_ordinal);
    guint32 ring = weft_relocate_ring(input->relocation, chunk->ring);
    if (!skip && !add_loss_before(m, input, chunk, ring, error))
        return FALSE;
    at->begun = TRUE;
    GError *damage = NULL;
    guint n = weft_trace_decode(input->trace, index, m->records, &damage);
    if (damage) {
        guint events = weft_trace_chunk_events(input->trace, index);
        struct missing what = { .slots = chunk->slots, .exts = chunk->slots - events };
        leave_out(&what, skip);
        return add_damaged(m, input, what, ring, damage, error);
    }
    guint from = whole_events(m->records, n, skip);
    struct weft_record *records = m->records + from;
    weft_relocate_records(input->relocation, records, n - from);
    uint64_t current_task = from ? weft_filewriter_running(m->writer, ring)
                                 : weft_relocate_id(input->relocation, chunk->current_task);
    if (!write_places(m, &m->inputs[input->piece->most], error))
        return FALSE;
    for (guint i = from; i < n; i++, m->result->events++)
        i += m->records[i].flags & WEFT_RECORD_EXT;
    m->next[ring] += n - from;
    return from == n ||
           weft_filewriter_events(m->writer, ring, records, n - from, current_task, error);
}

/* A piece waits for the one that goes before it. */
static gboolean may_go_on(const struct merging *m, const struct input *input)
{
    guint32 ring = weft_trace_chunk(input->trace, input->next)->ring;
    const struct weft_piece_ring *at = &input->piece->rings[ring];
    return !at->taken || at->before == WEFT_NO_PIECE ||
           m->pieces[at->before].rings[ring].chunks == 0;
}

/* The input whose next chunk begins first; NULL: there is none. */
static struct input *next_input(const struct merging *m)
{
    struct input *found = NULL;
    guint64 first = 0;
    for (guint i = 0; i < m->n; i++) {
        struct input *input = &m->inputs[i];
        if (input->next == weft_trace_n_chunks(input->trace) || !may_go_on(m, input))
            continue;
        guint64 begins = input->base +
                         (guint64)weft_trace_chunk(input->trace, input->next)->first_ns;
        if (!found || begins < first) {
            found = input;
            first = begins;
        }
    }
    return found;
}

/* What the last piece that has some of a ring tells of what is lost behind the end of another,
 * which has none: all of it, when it goes on behind that. */
static guint64 told_by_last(const struct merging *m, const struct weft_piece_ring *at,
                            guint32 theirs)
{
    if (at->before == WEFT_NO_PIECE)
        return 0;
    const struct weft_piece *last = &m->pieces[at->before];
    return last->rings[theirs].end > at->end ? G_MAXUINT64
                                             : missing_at_end(last->trace, theirs).slots;
}

/* Behind the last piece that has the ring; it may only have begun, later than another one ended. */
static gboolean add_loss_at_end(struct merging *m, const struct input *input, guint32 theirs,
                                GError **error)
{
    const struct weft_piece_ring *at = &input->piece->rings[theirs];
    struct missing what = missing_at_end(input->trace, theirs);
    if (!at->taken)
        leave_out(&what, told_by_last(m, at, theirs));
    if (!at->taken && what.slots == 0)
        return TRUE;
    guint32 ring = weft_relocate_ring(input->relocation, theirs);
    guint64 missing = at->taken && at->begin == at->end ? at->end - MIN(m->next[ring], at->end) : 0;
    if (missing > 0) {
        struct missing earlier = missing_behind_those_before(m, input->piece, theirs);
        what.slots += earlier.slots;
        what.exts += earlier.exts;
    }
    return add_hole(m, ring, MAX(missing, what.slots), what, error);
}

static gboolean add_losses_at_end(struct merging *m, const struct input *input, GError **error)
{
    if (input->next < weft_trace_n_chunks(input->trace))
        return refuse(error, "%s holds a process's events in another order than another trace",
                      merge_path(input));
    for (guint32 theirs = 0; theirs < WEFT_TRACE_RINGS; theirs++) {
        const struct weft_piece_ring *at = &input->piece->rings[theirs];
        if (!at->until && (at->taken || at->begin == at->end) &&
            !add_loss_at_end(m, input, theirs, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- Notes ---- */

/* The axis's CLOCK_MONOTONIC at the new trace's time 0. */
static guint64 start_of_all(const struct merging *m)
{
    guint64 start = G_MAXUINT64;
    for (guint i = 0; i < m->n; i++)
        for (guint k = 0; k < weft_trace_n_sources(m->inputs[i].trace); k++) {
            const struct weft_trace_source *source = weft_trace_source_at(m->inputs[i].trace, k);
            start = MIN(start, m->inputs[i].base + (guint64)source->start_ns);
        }
    return start;
}

/* One that several pieces of a process have is the same one: it has its id. */
static gboolean add_notes(struct merging *m, const struct input *input, guint64 start,
                          GError **error)
{
    g_autoptr(GPtrArray) notes = weft_notes_read(input->trace);
    for (guint i = 0; i < notes->len; i++) {
        struct weft_note *note = notes->pdata[i];
        guint32 ring = note->ring == WEFT_NOTE_NO_RING
                           ? WEFT_NO_RING
                           : weft_relocate_ring(input->relocation, note->ring);
        note->time_ns += (gint64)(input->base - start);
        note->entity = weft_relocate_id(input->relocation, note->entity);
        note->ring = ring == WEFT_NO_RING ? WEFT_NOTE_NO_RING : ring;
    }
    return write_places(m, &m->inputs[input->piece->most], error) &&
           weft_notes_write(m->writer, notes, error);
}

static gboolean write_all(struct merging *m, GError **error)
{
    for (guint i = 0; i < m->n; i++) {
        struct input *input = &m->inputs[i];
        input->relocation = weft_relocation_new(&m->numbers, input->trace);
        weft_relocation_set_clock(input->relocation, merge_to_axis, input, input->offset);
    }
    for (guint i = 0; i < m->n; i++) {
        struct input *input = &m->inputs[i];
        if (input->piece->most != i)
            weft_relocation_share_rings(input->relocation,
                                        m->inputs[input->piece->most].relocation);
        else if (!give_rings(m, input, error))
            return FALSE;
        else
            m->result->processes += weft_trace_n_sources(input->trace);
    }
    for (guint i = 0; i < m->n; i++)
        write_definitions(m, &m->inputs[i]);
    if (!write_beginning(m, error))
        return FALSE;
    for (struct input *input; (input = next_input(m));)
        if (!add_chunk(m, input, error))
            return FALSE;
    for (guint i = 0; i < m->n; i++)
        if (!add_losses_at_end(m, &m->inputs[i], error))
            return FALSE;
    for (guint i = 0; i < m->n; i++)
        if (!add_notes(m, &m->inputs[i], start_of_all(m), error))
            return FALSE;
    if (m->in_none)
        merge_note(m,
                   "%" G_GUINT64_FORMAT
                   " slots of events between pieces of a process are in none of "
                   "the traces: they count as lost",
                   m->in_none);
    return weft_filewriter_finish(m->writer, error);
}

/* ---- The whole ---- */

static gboolean open_all(struct merging *m, const char *const *paths, GError **error)
{
    for (guint i = 0; i < m->n; i++) {
        m->inputs[i].trace = m->pieces[i].trace = weft_trace_open(paths[i], error);
        m->inputs[i].piece = &m->pieces[i];
        if (!m->inputs[i].trace)
            return FALSE;
        const char *damage = weft_trace_damage(m->inputs[i].trace);
        if (damage)
            merge_note(m, "%s: %s", paths[i], damage);
        m->result->damaged |= damage != NULL;
    }
    return check_all(m, error);
}

gboolean weft_merge(const char *const *paths, guint n, const char *output,
                    struct weft_merge_result *result, GError **error)
{
    *result = (struct weft_merge_result){ .notes = g_ptr_array_new_with_free_func(g_free) };
    struct merging *m = g_new0(struct merging, 1);
    m->inputs = g_new0(struct input, n);
    m->pieces = g_new0(struct weft_piece, n);
    m->next = g_new0(guint64, WEFT_TRACE_RINGS);
    m->n = n;
    m->result = result;
    m->site_texts = g_hash_table_new(g_str_hash, g_str_equal);
    m->records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    gboolean ok = open_all(m, paths, error);
    if (ok) {
        merge_place_all(m);
        m->writer = weft_filewriter_new_whole(output, error);
        ok = m->writer && write_all(m, error);
    }
    if (ok)
        result->bytes = weft_filewriter_size(m->writer);
    else
        weft_merge_result_clear(result);
    weft_filewriter_free(m->writer);
    for (guint i = 0; i < n; i++) {
        weft_relocation_free(m->inputs[i].relocation);
        weft_trace_unref(m->inputs[i].trace);
    }
    weft_pieces_clear(m->pieces, n);
    g_hash_table_unref(m->site_texts);
    g_free(m->records);
    g_free(m->next);
    g_free(m->pieces);
    g_free(m->inputs);
    g_free(m);
    return ok;
}
