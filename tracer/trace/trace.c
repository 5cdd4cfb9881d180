/* trace.c: looking at a trace, and its life. reader.c opens files, append.c fills one in memory. */
#include "tracer/trace/format.h"
#include "tracer/trace/reading.h"
#include "tracer/trace/replayer.h"
#include "tracer/trace/varint.h"
#include <signal.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

G_DEFINE_QUARK(weft - trace - error, weft_trace_error)

enum { UNPACKED_MAX = 1 << 28 }; /* bytes of a STATE or a table: larger is no honest claim */

struct pooled {
    weft_decoder *decoder;
    GByteArray *payload;
};

static void free_pooled(gpointer data)
{
    struct pooled *pooled = data;
    weft_decoder_free(pooled->decoder);
    g_byte_array_unref(pooled->payload);
    g_free(pooled);
}

const char *weft_trace_own(weft_trace *trace, char *text)
{
    g_ptr_array_add(trace->owned, text);
    return text;
}

weft_trace *weft_trace_alloc(void)
{
    weft_trace *trace = g_new0(weft_trace, 1);
    trace->references = 1;
    trace->chunks = g_array_new(FALSE, TRUE, sizeof(struct weft_stored_chunk));
    trace->states = g_array_new(FALSE, TRUE, sizeof(struct weft_stored_state));
    trace->additions = g_array_new(FALSE, TRUE, sizeof(struct weft_index_entry));
    trace->rings = g_array_new(FALSE, TRUE, sizeof(struct weft_stored_ring));
    trace->strings = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    trace->sites = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    trace->owned = g_ptr_array_new_with_free_func(g_free);
    trace->damage = g_string_new(NULL);
    trace->sources = g_ptr_array_new_with_free_func(g_free);
    trace->source = weft_trace_add_source(trace);
    trace->spans = g_array_new(FALSE, FALSE, sizeof(struct weft_stored_span));
    weft_trace_add_span(trace, 0, 0);
    trace->decoders = g_new0(struct weft_trace_pool, 1);
    pthread_mutex_init(&trace->decoders->lock, NULL);
    trace->decoders->idle = g_ptr_array_new_with_free_func(free_pooled);
    trace->file.fd = -1;
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
    weft_reading_free(trace->reading);
    g_array_unref(trace->chunks);
    g_array_unref(trace->states);
    g_array_unref(trace->additions);
    g_array_unref(trace->rings);
    g_hash_table_unref(trace->strings);
    g_hash_table_unref(trace->sites);
    g_ptr_array_unref(trace->owned);
    g_string_free(trace->damage, TRUE);
    weft_clockmap_finish(&trace->clock);
    pthread_mutex_destroy(&trace->decoders->lock);
    g_ptr_array_unref(trace->decoders->idle);
    g_free(trace->decoders);
    g_ptr_array_unref(trace->sources);
    g_array_unref(trace->spans);
    g_free(trace->path);
    weft_tracefile_close(&trace->file);
    weft_encoder_free(trace->encoder);
    weft_state_free(trace->state);
    g_free(trace);
}

struct weft_stored_ring *weft_trace_ring(weft_trace *trace, uint32_t ring)
{
    if (ring >= trace->rings->len)
        g_array_set_size(trace->rings, ring + 1);
    return &g_array_index(trace->rings, struct weft_stored_ring, ring);
}

/* ---- Sources ---- */

struct weft_trace_source *weft_trace_add_source(weft_trace *trace)
{
    struct weft_trace_source *source = g_new0(struct weft_trace_source, 1);
    source->program = source->executable = source->host = "";
    source->end_ns = G_MAXINT64;
    g_ptr_array_add(trace->sources, source);
    return source;
}

/* Where the spans behind `ring` begin. */
static guint spans_up_to(const weft_trace *trace, guint32 ring)
{
    guint low = 0, high = trace->spans->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(trace->spans, struct weft_stored_span, middle).ring <= ring)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void weft_trace_add_span(weft_trace *trace, guint32 ring, guint source)
{
    struct weft_stored_span span = { ring, source };
    guint at = spans_up_to(trace, ring);
    struct weft_stored_span *before = at ? &g_array_index(trace->spans, struct weft_stored_span,
                                                          at - 1)
                                         : NULL;
    if (before && before->ring == ring)
        before->source = source;
    else
        g_array_insert_val(trace->spans, at, span);
}

guint weft_trace_n_sources(const weft_trace *trace)
{
    return trace->sources->len;
}

const struct weft_trace_source *weft_trace_source_at(const weft_trace *trace, guint index)
{
    return index < trace->sources->len ? trace->sources->pdata[index] : NULL;
}

char *weft_trace_end_words(const struct weft_trace_source *source)
{
    if (!source->ended)
        return NULL;
    if (source->exit_signal)
        return g_strdup_printf("killed by signal %d (%s)", source->exit_signal,
                               g_strsignal(source->exit_signal));
    return source->exit_code == WEFT_EXIT_UNKNOWN
               ? NULL
               : g_strdup_printf("ended with %d", source->exit_code);
}

gboolean weft_trace_ended_badly(const struct weft_trace_source *source)
{
    return source->ended &&
           (source->exit_signal || (source->exit_code && source->exit_code != WEFT_EXIT_UNKNOWN));
}

gboolean weft_signal_asks_to_end(int number)
{
    return number == SIGHUP || number == SIGINT || number == SIGQUIT || number == SIGTERM;
}

gboolean weft_trace_was_stopped(const struct weft_trace_source *source)
{
    int number = source->exit_signal;
    return source->stopped && (!number || number == SIGKILL || weft_signal_asks_to_end(number));
}

guint weft_trace_source_of(const weft_trace *trace, uint32_t ring)
{
    return g_array_index(trace->spans, struct weft_stored_span, spans_up_to(trace, ring) - 1)
        .source;
}

/* ---- Strings and sites ---- */

void weft_trace_add_string(weft_trace *trace, uint32_t id, const char *text, gsize size)
{
    if (id && !g_hash_table_contains(trace->strings, GUINT_TO_POINTER(id)))
        g_hash_table_insert(trace->strings, GUINT_TO_POINTER(id),
                            g_utf8_make_valid(text, (gssize)size));
}

const char *weft_trace_string(const weft_trace *trace, uint32_t id)
{
    return id ? g_hash_table_lookup(trace->strings, GUINT_TO_POINTER(id)) : "";
}

const struct weft_trace_site *weft_trace_site(const weft_trace *trace, uint32_t id)
{
    return g_hash_table_lookup(trace->sites, GUINT_TO_POINTER(id));
}

/* ---- The whole ---- */

const struct weft_trace_source *weft_trace_source(const weft_trace *trace)
{
    return trace->source;
}

const char *weft_trace_path(const weft_trace *trace)
{
    return trace->path;
}

guint64 weft_trace_file_size(const weft_trace *trace)
{
    return trace->file.size;
}

const guint8 *weft_trace_uuid(const weft_trace *trace)
{
    return trace->uuid;
}

gboolean weft_trace_whole(const weft_trace *trace)
{
    return trace->whole;
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
    return (gint64)(mono_ns - trace->clock.start_mono_ns);
}

/* ---- Chunks ---- */

guint weft_trace_n_chunks(const weft_trace *trace)
{
    return trace->chunks->len;
}

static const struct weft_stored_chunk *stored_chunk(const weft_trace *trace, guint index)
{
    return &g_array_index(trace->chunks, struct weft_stored_chunk, index);
}

const struct weft_trace_chunk *weft_trace_chunk(const weft_trace *trace, guint index)
{
    return &stored_chunk(trace, index)->info;
}

guint weft_trace_chunk_events(const weft_trace *trace, guint index)
{
    return MAX(1, stored_chunk(trace, index)->events);
}

uint32_t weft_trace_n_rings(const weft_trace *trace)
{
    return trace->rings->len;
}

guint64 weft_trace_lost_at_end(const weft_trace *trace, uint32_t ring)
{
    return ring < trace->rings->len
               ? g_array_index(trace->rings, struct weft_stored_ring, ring).lost
               : 0;
}

guint64 weft_trace_between_at_end(const weft_trace *trace, uint32_t ring)
{
    return ring < trace->rings->len
               ? g_array_index(trace->rings, struct weft_stored_ring, ring).between
               : 0;
}

guint64 weft_trace_exts_at_end(const weft_trace *trace, uint32_t ring)
{
    return ring < trace->rings->len
               ? g_array_index(trace->rings, struct weft_stored_ring, ring).exts
               : 0;
}

gboolean weft_trace_unknown_at_end(const weft_trace *trace, uint32_t ring)
{
    return weft_trace_lost_at_end(trace, ring) > 0 ||
           (ring < trace->rings->len &&
            g_array_index(trace->rings, struct weft_stored_ring, ring).gap);
}

static struct pooled *take_decoder(struct weft_trace_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    struct pooled *pooled = pool->idle->len
                                ? g_ptr_array_steal_index_fast(pool->idle, pool->idle->len - 1)
                                : NULL;
    pthread_mutex_unlock(&pool->lock);
    if (!pooled) {
        pooled = g_new(struct pooled, 1);
        *pooled = (struct pooled){ weft_decoder_new(), g_byte_array_new() };
    }
    return pooled;
}

static void give_decoder(struct weft_trace_pool *pool, struct pooled *pooled)
{
    pthread_mutex_lock(&pool->lock);
    g_ptr_array_add(pool->idle, pooled);
    pthread_mutex_unlock(&pool->lock);
}

/* A chunk's or a state's payload, in memory or read into `bytes`; NULL: damaged. */
static const guint8 *payload_of(const weft_trace *trace, const guint8 *payload, guint64 offset,
                                guint32 stored, guint32 checksum, GByteArray *bytes)
{
    if (payload)
        return payload;
    offset += sizeof(struct weft_chunk_header);
    return weft_tracefile_payload(&trace->file, offset, stored, checksum, bytes) ? bytes->data
                                                                                 : NULL;
}

guint weft_trace_decode(const weft_trace *trace, guint index, struct weft_record *records,
                        GError **error)
{
    const struct weft_stored_chunk *chunk = stored_chunk(trace, index);
    struct pooled *pooled = take_decoder(trace->decoders);
    const guint8 *payload = payload_of(trace, chunk->payload, chunk->offset, chunk->stored,
                                       chunk->checksum, pooled->payload);
    guint slots = payload ? weft_decode(pooled->decoder, payload, chunk->stored, chunk->raw,
                                        chunk->first_time, &trace->clock, records)
                          : 0;
    give_decoder(trace->decoders, pooled);
    if (slots != chunk->info.slots) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_CORRUPT,
                    "the %u events at byte %" G_GUINT64_FORMAT " are damaged: they count as lost",
                    chunk->events, chunk->offset);
        return 0;
    }
    return slots;
}

gboolean weft_trace_chunk_intact(const weft_trace *trace, guint index)
{
    const struct weft_stored_chunk *chunk = stored_chunk(trace, index);
    struct pooled *pooled = take_decoder(trace->decoders);
    gboolean intact = payload_of(trace, chunk->payload, chunk->offset, chunk->stored,
                                 chunk->checksum, pooled->payload) != NULL;
    give_decoder(trace->decoders, pooled);
    return intact;
}

guint64 weft_trace_digest(const weft_trace *trace, guint n_chunks)
{
    XXH3_state_t *hash = XXH3_createState();
    XXH3_64bits_reset(hash);
    for (guint i = 0; i < n_chunks; i++) {
        const struct weft_stored_chunk *chunk = stored_chunk(trace, i);
        const struct weft_trace_chunk *info = &chunk->info;
        const guint64 words[] = { info->ring,          info->slots,           chunk->first_time,
                                  info->first_ordinal, info->lost_before,     info->current_task,
                                  chunk->checksum,     (guint64)info->last_ns };
        XXH3_64bits_update(hash, words, sizeof words);
    }
    for (guint i = 0; i < trace->rings->len; i++) {
        guint64 lost = weft_trace_lost_at_end(trace, i);
        XXH3_64bits_update(hash, &lost, sizeof lost);
    }
    for (guint i = 0; i < trace->states->len; i++)
        XXH3_64bits_update(hash,
                           &g_array_index(trace->states, struct weft_stored_state, i).checksum, 4);
    const GArray *knots = trace->clock.knots;
    XXH3_64bits_update(hash, knots->data, knots->len * sizeof(struct weft_clockknot));
    XXH3_64bits_update(hash, &trace->clock.start_mono_ns, sizeof trace->clock.start_mono_ns);
    for (guint i = 0; i < trace->sources->len; i++) {
        const struct weft_trace_source *source = trace->sources->pdata[i];
        const gint64 span[] = { source->begin_ns, source->end_ns };
        XXH3_64bits_update(hash, span, sizeof span);
    }
    guint64 digest = XXH3_64bits_digest(hash);
    XXH3_freeState(hash);
    return digest;
}

/* ---- SUMMARY and NOTES ---- */

guint weft_trace_n_additions(const weft_trace *trace)
{
    return trace->additions->len;
}

GBytes *weft_trace_addition(const weft_trace *trace, guint index, guint kind)
{
    const struct weft_index_entry *entry = &g_array_index(trace->additions, struct weft_index_entry,
                                                          index);
    guint8 *bytes = entry->header.kind == kind ? weft_tracefile_unpacked(&trace->file, entry)
                                               : NULL;
    return bytes ? g_bytes_new_take(bytes, entry->header.raw) : NULL;
}

/* ---- STATE ---- */

guint8 *weft_trace_unpack(const guint8 *payload, guint32 stored, guint32 raw, guint codec)
{
    if (raw > UNPACKED_MAX || codec > WEFT_CODEC_ZSTD ||
        (codec == WEFT_CODEC_NONE && raw != stored))
        return NULL;
    if (codec == WEFT_CODEC_ZSTD && ZSTD_getFrameContentSize(payload, stored) != raw)
        return NULL;
    guint8 *bytes = g_try_malloc((gsize)raw + 1);
    if (!bytes)
        return NULL;
    if (codec == WEFT_CODEC_NONE) {
        if (raw > 0) /* there may be no payload */
            memcpy(bytes, payload, raw);
        return bytes;
    }
    if (ZSTD_decompress(bytes, raw, payload, stored) != raw) {
        g_free(bytes);
        return NULL;
    }
    return bytes;
}

/* As events have them. */
static gint64 ticks_to_ns(gint64 ticks, const void *clock)
{
    return (gint64)weft_clockmap_ns(clock, (uint64_t)ticks);
}

/* What a trace begins with may have begun before it: times less than 0. */
static gint64 ticks_to_signed_ns(gint64 ticks, const void *clock)
{
    return weft_clockmap_signed_ns(clock, (uint64_t)ticks);
}

/* The state as a file has it: behind each ring's next ordinal, and with times in ticks. */
static weft_state *state_from_file(const weft_trace *trace, const guint8 *bytes, gsize size)
{
    struct weft_varints in = { bytes, bytes + size, FALSE };
    for (uint64_t n = weft_get_count(&in, 2); n > 0; n--) {
        weft_get_varint(&in);
        weft_get_varint(&in);
    }
    weft_state *state = in.bad ? NULL : weft_state_deserialize(in.at, (gsize)(in.end - in.at));
    if (state)
        weft_state_convert_times(
            state, weft_trace_begins_with_state(trace) ? ticks_to_signed_ns : ticks_to_ns,
            &trace->clock);
    return state;
}

static weft_state *load_state(const weft_trace *trace, const struct weft_stored_state *stored)
{
    if (stored->payload)
        return weft_state_deserialize(stored->payload, stored->stored);
    g_autoptr(GByteArray) room = g_byte_array_new();
    const guint8 *payload = payload_of(trace, NULL, stored->offset, stored->stored,
                                       stored->checksum, room);
    g_autofree guint8 *bytes = payload ? weft_trace_unpack(payload, stored->stored, stored->raw,
                                                           stored->codec)
                                       : NULL;
    return bytes ? state_from_file(trace, bytes, stored->raw) : NULL;
}

static const struct weft_stored_state *stored_state(const weft_trace *trace, guint number)
{
    return &g_array_index(trace->states, struct weft_stored_state, number);
}

/* How many states are of chunk `index` or before. */
static guint states_up_to(const weft_trace *trace, guint index)
{
    guint low = 0, high = trace->states->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (stored_state(trace, middle)->chunk <= index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

guint weft_trace_state_chunk(const weft_trace *trace, guint index)
{
    guint n = states_up_to(trace, index);
    return n ? stored_state(trace, n - 1)->chunk : 0;
}

struct weft_state *weft_trace_state_before(const weft_trace *trace, guint index, guint *from_chunk)
{
    for (guint n = states_up_to(trace, index); n > 0; n--) { /* a damaged one: the one before */
        const struct weft_stored_state *stored = stored_state(trace, n - 1);
        weft_state *state = load_state(trace, stored);
        if (state) {
            *from_chunk = stored->chunk;
            return state;
        }
    }
    *from_chunk = 0;
    return weft_state_new();
}

gboolean weft_trace_begins_with_state(const weft_trace *trace)
{
    return trace->begins_with_state;
}

gint64 weft_trace_begin_ns(const weft_trace *trace)
{
    gint64 begin = trace->source->begin_ns;
    for (guint i = 1; i < trace->sources->len; i++)
        begin = MIN(begin, weft_trace_source_at(trace, i)->begin_ns);
    return begin;
}
