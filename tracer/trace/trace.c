/* trace.c: a trace that is open: looking at it, and appending to one in memory. */
#include "tracer/trace/replayer.h"
#include "tracer/trace/store.h"
#include <string.h>

G_DEFINE_QUARK(weft - trace - error, weft_trace_error)

enum { STATE_EVERY = 16 }; /* chunks between two states; later when states are heavy */

weft_trace *weft_trace_new(void)
{
    weft_trace *trace = g_new0(weft_trace, 1);
    trace->references = 1;
    trace->chunks = g_array_new(FALSE, TRUE, sizeof(struct weft_stored_chunk));
    trace->states = g_array_new(FALSE, TRUE, sizeof(struct weft_stored_state));
    trace->rings = g_array_new(FALSE, TRUE, sizeof(struct weft_stored_ring));
    trace->strings = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    trace->sites = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    trace->owned = g_ptr_array_new_with_free_func(g_free);
    trace->damage = g_string_new(NULL);
    trace->source.program = trace->source.host = "";
    trace->state = weft_state_new();
    return trace;
}

weft_trace *weft_trace_ref(weft_trace *trace)
{
    g_atomic_int_inc(&trace->references);
    return trace;
}

void weft_trace_unref(weft_trace *trace)
{
    if (!trace || !g_atomic_int_dec_and_test(&trace->references))
        return;
    g_free(trace->path);
    g_array_unref(trace->chunks);
    g_array_unref(trace->states);
    g_array_unref(trace->rings);
    g_hash_table_unref(trace->strings);
    g_hash_table_unref(trace->sites);
    g_ptr_array_unref(trace->owned);
    g_string_free(trace->damage, TRUE);
    weft_state_free(trace->state);
    g_clear_pointer(&trace->map, g_mapped_file_unref);
    g_free(trace);
}

struct weft_stored_ring *weft_trace_ring(weft_trace *trace, uint32_t ring)
{
    if (ring >= trace->rings->len)
        g_array_set_size(trace->rings, ring + 1);
    return &g_array_index(trace->rings, struct weft_stored_ring, ring);
}

/* ---- Appending, in memory ---- */

static void follow_source(weft_trace *trace, const struct weft_record *record)
{
    if (record->kind == WEFT_RECORD_PROCESS && !*trace->source.program) {
        const char *program = weft_trace_string(trace, (uint32_t)record->object);
        trace->source.program = program ? program : "";
    } else if (record->kind == WEFT_RECORD_PROCESS_EXIT) {
        trace->source.ended = TRUE;
        if (record->detail == WEFT_EXIT_SIGNAL)
            trace->source.exit_signal = (int)record->object;
        else
            trace->source.exit_code = (int)record->object;
    }
}

static void store_state(weft_trace *trace)
{
    gsize size;
    GBytes *bytes = weft_state_serialize(trace->state);
    gpointer data = g_bytes_unref_to_data(bytes, &size);
    g_ptr_array_add(trace->owned, data);
    struct weft_stored_state stored = {
        .chunk = trace->chunks->len, .payload = data, .stored = (guint32)size, .raw = (guint32)size
    };
    g_array_append_val(trace->states, stored);
    trace->state_size = size;
    trace->events_size = trace->chunks_since_state = 0;
}

static guint replay(weft_trace *trace, uint32_t ring, struct weft_record *records, size_t n)
{
    struct weft_stored_ring *of = weft_trace_ring(trace, ring);
    guint events = 0;
    for (size_t i = 0; i < n; i++) {
        gboolean ext = (records[i].flags & WEFT_RECORD_EXT) && i + 1 < n;
        records[i].time = MAX(records[i].time, (uint64_t)of->last_ns);
        of->last_ns = (gint64)records[i].time;
        follow_source(trace, &records[i]);
        weft_state_apply(trace->state, ring, &records[i], ext ? &records[i + 1] : NULL);
        i += ext;
        events++;
    }
    return events;
}

void weft_trace_append(weft_trace *trace, uint32_t ring, const struct weft_record *records,
                       size_t n)
{
    g_return_if_fail(!trace->map && n <= WEFT_TRACE_CHUNK_SLOTS && ring < WEFT_STATE_RINGS);
    if (n == 0)
        return;
    struct weft_stored_ring *of = weft_trace_ring(trace, ring);
    struct weft_record *copy = g_memdup2(records, n * sizeof *records);
    struct weft_stored_chunk chunk = {
        .info = { .ring = ring,
                  .slots = (uint32_t)n,
                  .first_ordinal = of->next_ordinal,
                  .lost_before = of->lost,
                  .current_task = weft_state_running(trace->state, ring) },
        .payload = (guint8 *)copy,
        .stored = (guint32)(n * sizeof *records),
    };
    chunk.events = replay(trace, ring, copy, n);
    chunk.info.first_ns = (gint64)copy[0].time;
    chunk.info.last_ns = of->last_ns;
    g_ptr_array_add(trace->owned, copy);
    g_array_append_val(trace->chunks, chunk);
    of->next_ordinal += n;
    of->lost = 0;
    trace->events += chunk.events;
    trace->end_ns = MAX(trace->end_ns, of->last_ns);
    trace->events_size += chunk.stored;
    if (++trace->chunks_since_state >= STATE_EVERY && trace->events_size >= 4 * trace->state_size)
        store_state(trace);
}

void weft_trace_append_loss(weft_trace *trace, uint32_t ring, uint64_t lost)
{
    g_return_if_fail(!trace->map && ring < WEFT_STATE_RINGS);
    struct weft_stored_ring *of = weft_trace_ring(trace, ring);
    of->next_ordinal += lost;
    of->lost += lost;
    trace->lost += lost;
    weft_state_apply_loss(trace->state, ring, of->last_ns);
}

void weft_trace_define_string(weft_trace *trace, uint32_t id, const char *text)
{
    if (id && !g_hash_table_contains(trace->strings, GUINT_TO_POINTER(id)))
        g_hash_table_insert(trace->strings, GUINT_TO_POINTER(id), g_utf8_make_valid(text, -1));
}

void weft_trace_define_site(weft_trace *trace, uint32_t id, const char *file, const char *func,
                            unsigned line)
{
    if (!id || g_hash_table_contains(trace->sites, GUINT_TO_POINTER(id)))
        return;
    struct weft_trace_site *site = g_new(struct weft_trace_site, 1);
    *site = (struct weft_trace_site){ g_utf8_make_valid(file, -1), g_utf8_make_valid(func, -1),
                                      line };
    g_ptr_array_add(trace->owned, (char *)site->file);
    g_ptr_array_add(trace->owned, (char *)site->func);
    g_hash_table_insert(trace->sites, GUINT_TO_POINTER(id), site);
}

/* ---- Looking ---- */

const struct weft_trace_source *weft_trace_source(const weft_trace *trace)
{
    return &trace->source;
}

const char *weft_trace_path(const weft_trace *trace)
{
    return trace->path;
}

guint64 weft_trace_file_size(const weft_trace *trace)
{
    return trace->map ? g_mapped_file_get_length(trace->map) : 0;
}

gint64 weft_trace_end_ns(const weft_trace *trace)
{
    return trace->end_ns;
}

guint64 weft_trace_events(const weft_trace *trace)
{
    return trace->events;
}

guint64 weft_trace_lost(const weft_trace *trace)
{
    return trace->lost;
}

const char *weft_trace_damage(const weft_trace *trace)
{
    return trace->damage->len ? trace->damage->str : NULL;
}

gint64 weft_trace_from_monotonic(const weft_trace *trace, uint64_t mono_ns)
{
    return (gint64)(mono_ns - (uint64_t)trace->start_mono_ns);
}

const char *weft_trace_string(const weft_trace *trace, uint32_t id)
{
    return id ? g_hash_table_lookup(trace->strings, GUINT_TO_POINTER(id)) : "";
}

const struct weft_trace_site *weft_trace_site(const weft_trace *trace, uint32_t id)
{
    return g_hash_table_lookup(trace->sites, GUINT_TO_POINTER(id));
}

guint weft_trace_n_chunks(const weft_trace *trace)
{
    return trace->chunks->len;
}

const struct weft_trace_chunk *weft_trace_chunk(const weft_trace *trace, guint index)
{
    return &g_array_index(trace->chunks, struct weft_stored_chunk, index).info;
}

guint64 weft_trace_lost_at_end(const weft_trace *trace, uint32_t ring)
{
    return ring < trace->rings->len
               ? g_array_index(trace->rings, struct weft_stored_ring, ring).lost
               : 0;
}

guint weft_trace_decode(const weft_trace *trace, guint index, struct weft_record *records,
                        GError **error G_GNUC_UNUSED)
{
    const struct weft_stored_chunk *chunk = &g_array_index(trace->chunks, struct weft_stored_chunk,
                                                           index);
    memcpy(records, chunk->payload, chunk->stored);
    return chunk->info.slots;
}

struct weft_state *weft_trace_state_before(const weft_trace *trace, guint index, guint *from_chunk)
{
    for (guint i = trace->states->len; i > 0; i--) {
        const struct weft_stored_state *stored = &g_array_index(trace->states,
                                                                struct weft_stored_state, i - 1);
        if (stored->chunk > index)
            continue;
        weft_state *state = weft_state_deserialize(stored->payload, stored->stored);
        if (state) {
            *from_chunk = stored->chunk;
            return state;
        }
    }
    *from_chunk = 0;
    return weft_state_new();
}
