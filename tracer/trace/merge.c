/* merge.c: see merge.h.
 *
 *      open all, compare -> place each on the axis -> { the chunk that begins next: decode,
 *      relocate, encode }* -> losses at the end
 *
 * The file's ticks are CLOCK_MONOTONIC ns, of the boot of the trace that began first. */
#include "tracer/trace/merge.h"
#include "tracer/trace/relocate.h"
#include "tracer/trace/store.h"
#include "tracer/trace/writer.h"
#include <string.h>

struct input {
    weft_trace *trace;
    weft_relocation *relocation;
    guint64 base;  /* the axis's CLOCK_MONOTONIC at the trace's time 0 */
    gint64 offset; /* of the axis's CLOCK_MONOTONIC against its own */
    guint next;    /* chunk */
};

struct merging {
    struct input *inputs;
    guint n;
    struct weft_filenumbers numbers;
    GHashTable *site_texts; /* text -> string id */
    weft_filewriter *writer;
    struct weft_record *records;
    struct weft_merge_result *result;
};

static void note(struct merging *m, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void note(struct merging *m, const char *format, ...)
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

static const char *path_of(const struct input *input)
{
    return weft_trace_path(input->trace);
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

static gboolean is_same_process(const struct weft_trace_source *a,
                                const struct weft_trace_source *b)
{
    return a->pid == b->pid && a->start_time == b->start_time &&
           memcmp(a->boot_id, b->boot_id, sizeof a->boot_id) == 0 &&
           a->start_realtime_ns + a->start_ns == b->start_realtime_ns + b->start_ns;
}

static gboolean differ(const struct input *a, const struct input *b, GError **error)
{
    static const guint8 unknown[16];
    if (memcmp(a->trace->uuid, unknown, sizeof unknown) != 0 &&
        memcmp(a->trace->uuid, b->trace->uuid, sizeof unknown) == 0)
        return refuse(error, "%s and %s are the same trace: its events would be there twice",
                      path_of(a), path_of(b));
    for (guint i = 0; i < weft_trace_n_sources(a->trace); i++) {
        const struct weft_trace_source *x = weft_trace_source_at(a->trace, i);
        for (guint k = 0; x->pid && k < weft_trace_n_sources(b->trace); k++)
            if (is_same_process(x, weft_trace_source_at(b->trace, k)))
                return refuse(error,
                              "%s and %s both hold process %" G_GUINT64_FORMAT
                              " (%s): its events would be there twice",
                              path_of(a), path_of(b), (guint64)x->pid, x->program);
    }
    return TRUE;
}

/* Those of the processes, and those in which something is. */
static gboolean *used_rings(const weft_trace *trace)
{
    gboolean *used = g_new0(gboolean, WEFT_TRACE_RINGS);
    for (guint i = 0; i < weft_trace_n_sources(trace); i++)
        used[weft_trace_source_at(trace, i)->first_ring] = TRUE;
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++)
        used[weft_trace_chunk(trace, i)->ring] = TRUE;
    for (guint ring = 0; ring < WEFT_TRACE_RINGS; ring++)
        used[ring] |= weft_trace_lost_at_end(trace, ring) > 0;
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
    for (guint i = 0; i < m->n; i++) {
        g_autofree gboolean *used = used_rings(m->inputs[i].trace);
        for (guint ring = 0; ring < WEFT_TRACE_RINGS; ring++)
            rings += used[ring];
    }
    if (rings > WEFT_TRACE_RINGS)
        return refuse_rings(error);
    for (guint i = 0; i < m->n; i++)
        for (guint k = i + 1; k < m->n; k++)
            if (!differ(&m->inputs[i], &m->inputs[k], error))
                return FALSE;
    return TRUE;
}

/* ---- The axis ---- */

/* The process that the trace's time 0 is of: its boot is the trace's. */
static const struct weft_trace_source *first_source(const struct input *input)
{
    const struct weft_trace_source *first = weft_trace_source(input->trace);
    for (guint i = 1; i < weft_trace_n_sources(input->trace); i++) {
        const struct weft_trace_source *source = weft_trace_source_at(input->trace, i);
        if (source->start_ns < first->start_ns)
            first = source;
    }
    return first;
}

static gint64 real_start(const struct input *input)
{
    return first_source(input)->start_realtime_ns;
}

static gboolean is_of_one_boot(const struct input *a, const struct input *b)
{
    static const guint8 unknown[16];
    const guint8 *x = first_source(a)->boot_id, *y = first_source(b)->boot_id;
    return a == b || (memcmp(x, unknown, sizeof unknown) != 0 && memcmp(x, y, sizeof unknown) == 0);
}

/* Of the traces of one boot with `like` (NULL: of all), that which began first by the wall clock;
 * NULL: none says when it began. */
static const struct input *earliest(const struct merging *m, const struct input *like)
{
    const struct input *found = NULL;
    for (guint i = 0; i < m->n; i++) {
        const struct input *input = &m->inputs[i];
        if ((like && !is_of_one_boot(input, like)) || real_start(input) == 0)
            continue;
        if (!found || real_start(input) < real_start(found))
            found = input;
    }
    return found;
}

static void place(struct merging *m, struct input *input, const struct input *axis)
{
    const guint64 start = input->trace->clock.start_mono_ns;
    const guint64 axis_start = axis->trace->clock.start_mono_ns;
    const struct input *of_boot = earliest(m, input);
    if (is_of_one_boot(input, axis)) {
        input->offset = 0;
    } else if (of_boot) {
        input->offset = real_start(of_boot) - real_start(axis) +
                        (gint64)(axis_start - of_boot->trace->clock.start_mono_ns);
        note(m,
             "%s is of another boot or machine than %s: it is placed by the wall clock, as exact "
             "as that was",
             path_of(input), path_of(axis));
    } else {
        input->offset = (gint64)(axis_start - start);
        note(m, "%s does not say when it was recorded: it begins where the first does",
             path_of(input));
    }
    input->base = start + (guint64)input->offset;
}

static void place_all(struct merging *m)
{
    const struct input *axis = earliest(m, NULL);
    if (!axis)
        axis = &m->inputs[0];
    for (guint i = 0; i < m->n; i++)
        place(m, &m->inputs[i], axis);
}

static uint64_t to_axis(uint64_t time, const void *input)
{
    return ((const struct input *)input)->base + time;
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

static gboolean write_process(struct merging *m, const struct input *input, guint32 theirs,
                              guint32 ring, GError **error)
{
    const struct weft_trace_source *source = weft_trace_source_at(
        input->trace, weft_trace_source_of(input->trace, theirs));
    guint64 start = input->base + (guint64)source->start_ns;
    gint64 real = source->start_realtime_ns ? source->start_realtime_ns + source->start_ns : 0;
    struct weft_file_process process = { .first_ring = ring,
                                         .pid = source->pid,
                                         .start_time = source->start_time,
                                         .clock_kind = WEFT_CLOCK_MONOTONIC,
                                         .start = { start, start, (uint64_t)real },
                                         .program = source->program,
                                         .executable = source->executable,
                                         .host = source->host,
                                         .ended = source->ended,
                                         .exit_code = source->exit_code,
                                         .exit_signal = source->exit_signal };
    memcpy(process.boot_id, source->boot_id, sizeof process.boot_id);
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
    g_autofree gboolean *used = used_rings(input->trace);
    for (guint ring = 0; ring < WEFT_TRACE_RINGS; ring++)
        if (used[ring])
            weft_relocate_ring(input->relocation, ring);
    return write_places(m, input, error);
}

/* What was known when traces began that begin amid a run. */
static gboolean write_beginning(struct merging *m, GError **error)
{
    g_autoptr(weft_state) all = NULL;
    for (guint i = 0; i < m->n; i++) {
        struct input *input = &m->inputs[i];
        if (!weft_trace_begins_with_state(input->trace))
            continue;
        if (!all)
            all = weft_state_new();
        guint from;
        g_autoptr(weft_state) state = weft_trace_state_before(input->trace, 0, &from);
        weft_relocate_state(input->relocation, state, all);
        if (!write_places(m, input, error))
            return FALSE;
    }
    return !all || weft_filewriter_state(m->writer, all, error);
}

/* ---- Events ---- */

static gboolean add_loss(struct merging *m, const struct input *input, guint32 ring, guint64 lost,
                         GError **error)
{
    m->result->lost += lost;
    return lost == 0 || weft_filewriter_loss(m->writer, weft_relocate_ring(input->relocation, ring),
                                             lost, 0, error);
}

/* A chunk that is damaged is one loss more. */
static gboolean add_damaged(struct merging *m, const struct input *input,
                            const struct weft_trace_chunk *chunk, GError *damage, GError **error)
{
    if (!m->result->damaged || !weft_trace_damage(input->trace))
        note(m, "%s", damage->message);
    m->result->damaged = TRUE;
    g_error_free(damage);
    return add_loss(m, input, chunk->ring, chunk->slots, error);
}

static gboolean add_chunk(struct merging *m, struct input *input, GError **error)
{
    guint index = input->next++;
    const struct weft_trace_chunk *chunk = weft_trace_chunk(input->trace, index);
    if (!add_loss(m, input, chunk->ring, chunk->lost_before, error))
        return FALSE;
    GError *damage = NULL;
    guint n = weft_trace_decode(input->trace, index, m->records, &damage);
    if (damage)
        return add_damaged(m, input, chunk, damage, error);
    weft_relocate_records(input->relocation, m->records, n);
    uint64_t current_task = weft_relocate_id(input->relocation, chunk->current_task);
    if (!write_places(m, input, error))
        return FALSE;
    for (guint i = 0; i < n; i++, m->result->events++)
        i += m->records[i].flags & WEFT_RECORD_EXT;
    return weft_filewriter_events(m->writer, weft_relocate_ring(input->relocation, chunk->ring),
                                  m->records, n, current_task, error);
}

/* The input whose next chunk begins first; NULL: there are no more. */
static struct input *next_input(const struct merging *m)
{
    struct input *found = NULL;
    guint64 first = 0;
    for (guint i = 0; i < m->n; i++) {
        struct input *input = &m->inputs[i];
        if (input->next == weft_trace_n_chunks(input->trace))
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

static gboolean add_losses_at_end(struct merging *m, const struct input *input, GError **error)
{
    for (guint ring = 0; ring < WEFT_TRACE_RINGS; ring++)
        if (!add_loss(m, input, ring, weft_trace_lost_at_end(input->trace, ring), error))
            return FALSE;
    return TRUE;
}

static gboolean write_all(struct merging *m, GError **error)
{
    for (guint i = 0; i < m->n; i++) {
        struct input *input = &m->inputs[i];
        input->relocation = weft_relocation_new(&m->numbers, input->trace);
        weft_relocation_set_clock(input->relocation, to_axis, input, input->offset);
        if (!give_rings(m, input, error))
            return FALSE;
        write_definitions(m, input);
        m->result->processes += weft_trace_n_sources(input->trace);
    }
    if (!write_beginning(m, error))
        return FALSE;
    for (struct input *input; (input = next_input(m));)
        if (!add_chunk(m, input, error))
            return FALSE;
    for (guint i = 0; i < m->n; i++)
        if (!add_losses_at_end(m, &m->inputs[i], error))
            return FALSE;
    return weft_filewriter_finish(m->writer, error);
}

/* ---- The whole ---- */

static gboolean open_all(struct merging *m, const char *const *paths, GError **error)
{
    for (guint i = 0; i < m->n; i++) {
        m->inputs[i].trace = weft_trace_open(paths[i], error);
        if (!m->inputs[i].trace)
            return FALSE;
        const char *damage = weft_trace_damage(m->inputs[i].trace);
        if (damage)
            note(m, "%s: %s", paths[i], damage);
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
    m->n = n;
    m->result = result;
    m->site_texts = g_hash_table_new(g_str_hash, g_str_equal);
    m->records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    gboolean ok = open_all(m, paths, error);
    if (ok) {
        place_all(m);
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
    g_hash_table_unref(m->site_texts);
    g_free(m->records);
    g_free(m->inputs);
    g_free(m);
    return ok;
}
