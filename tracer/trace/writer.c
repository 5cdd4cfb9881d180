/* writer.c: see writer.h.
 *
 *      strings, sites, anchors: definitions --+
 *      events --> encoder --------------------+--> chunks --> file, segments or window
 *             \-> state (replayed) -----------+
 *
 * A segment has room for all that it will end with before a chunk is added to it. */
#include "tracer/trace/writer.h"
#include "tracer/trace/chunk.h"
#include "tracer/trace/codec.h"
#include "tracer/trace/definitions.h"
#include "tracer/trace/numbering.h"
#include "tracer/trace/syncer.h"
#include "tracer/trace/varint.h"
#include "tracer/trace/window.h"
#include <string.h>

enum {
    STATE_EVERY = 8,  /* EVENTS chunks between two STATEs */
    STATE_WEIGHT = 2, /* ... and this many times its bytes */
    PIECE = 512,      /* slots: 16 KiB */
    LAST_CHUNKS = 8,  /* index entries of what a segment ends with, at most */
};

struct ring_position {
    guint64 next_ordinal;
    uint64_t last_time;
};

struct weft_filewriter {
    weft_chunkfile *file; /* one of these two */
    weft_tracewindow *window;
    gint64 sync_ns;
    guint64 last_sync; /* CLOCK_MONOTONIC */
    struct weft_syncer syncer;
    gboolean failed;

    /* Of segments. */
    guint64 max_size; /* 0: one file */
    struct weft_numbering *segments;
    guint segment_chunks;   /* EVENTS and LOSS in this one */
    uint64_t segment_begin; /* its first tick; 0: it begins with the program */

    struct weft_definitions definitions;
    weft_encoder *encoder;
    GByteArray *packed;
    GArray *rings; /* of struct ring_position */
    weft_state *state;
    gboolean begun; /* events or losses were written */
    guint chunks_since_state;
    guint64 bytes_since_state, state_bytes;
};

static gboolean begin_segment(weft_filewriter *w, uint64_t begin, GError **error);

/* ---- Making ---- */

static weft_filewriter *new_writer(gboolean keeps_definitions)
{
    weft_filewriter *w = g_new0(weft_filewriter, 1);
    w->sync_ns = WEFT_SYNC_NEVER;
    weft_definitions_init(&w->definitions, keeps_definitions);
    w->packed = g_byte_array_new();
    w->encoder = weft_encoder_new();
    w->rings = g_array_new(FALSE, TRUE, sizeof(struct ring_position));
    w->state = weft_state_new();
    return w;
}

static weft_filewriter *new_of_file(const char *path, enum weft_chunkfile_mode mode, GError **error)
{
    weft_chunkfile *file = weft_chunkfile_new(path, mode, error);
    if (!file)
        return NULL;
    weft_filewriter *w = new_writer(FALSE);
    w->file = file;
    return w;
}

weft_filewriter *weft_filewriter_new(const char *path, GError **error)
{
    return new_of_file(path, WEFT_CHUNKFILE_GROWING, error);
}

weft_filewriter *weft_filewriter_new_whole(const char *path, GError **error)
{
    return new_of_file(path, WEFT_CHUNKFILE_WHOLE, error);
}

weft_filewriter *weft_filewriter_new_segments(const char *path, guint64 max_size, guint keep,
                                              GError **error)
{
    weft_filewriter *w = new_writer(TRUE);
    w->max_size = max_size;
    w->segments = weft_numbering_new(path, keep);
    w->file = weft_chunkfile_new(weft_numbering_next(w->segments), WEFT_CHUNKFILE_GROWING, error);
    if (w->file)
        return w;
    weft_filewriter_free(w);
    return NULL;
}

weft_filewriter *weft_filewriter_new_window(const struct weft_tracewindow_limits *limits)
{
    weft_filewriter *w = new_writer(TRUE);
    w->window = weft_tracewindow_new(limits);
    return w;
}

void weft_filewriter_set_sync(weft_filewriter *w, gint64 sync_ns)
{
    w->sync_ns = sync_ns;
    w->last_sync = weft_clock_monotonic_ns();
}

void weft_filewriter_free(weft_filewriter *w)
{
    if (!w)
        return;
    weft_syncer_finish(&w->syncer);
    weft_chunkfile_free(w->file);
    weft_tracewindow_free(w->window);
    weft_numbering_free(w->segments);
    weft_definitions_finish(&w->definitions);
    g_byte_array_unref(w->packed);
    weft_encoder_free(w->encoder);
    g_array_unref(w->rings);
    weft_state_free(w->state);
    g_free(w);
}

const guint8 *weft_filewriter_uuid(const weft_filewriter *w)
{
    return weft_chunkfile_uuid(w->file);
}

guint64 weft_filewriter_size(const weft_filewriter *w)
{
    guint64 earlier = w->segments ? weft_numbering_size(w->segments) : 0;
    return w->window ? weft_filewriter_window_stats(w).bytes
                     : earlier + weft_chunkfile_size(w->file);
}

struct weft_tracewindow_stats weft_filewriter_window_stats(const weft_filewriter *w)
{
    static const struct weft_tracewindow_stats none = { 0 };
    return w->window ? weft_tracewindow_stats(w->window, weft_clock_monotonic_ns()) : none;
}

const struct weft_numbering *weft_filewriter_segments(const weft_filewriter *w)
{
    return w->segments;
}

uint64_t weft_filewriter_running(const weft_filewriter *w, guint32 ring)
{
    return weft_state_running(w->state, ring);
}

/* ---- Bringing it to the disk ---- */

static gboolean check_sync(weft_filewriter *w, int code, GError **error)
{
    if (code == 0)
        return TRUE;
    w->failed = TRUE;
    g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO, "cannot bring %s to the disk: %s",
                weft_chunkfile_path(w->file), g_strerror(code));
    return FALSE;
}

static gboolean sync_now_and_then(weft_filewriter *w, GError **error)
{
    guint64 now = weft_clock_monotonic_ns();
    if (w->sync_ns <= 0 || now - w->last_sync < (guint64)w->sync_ns)
        return TRUE;
    w->last_sync = now;
    return check_sync(w, weft_syncer_start(&w->syncer, weft_chunkfile_fd(w->file), FALSE), error);
}

/* ---- Chunks ---- */

static gboolean put_chunk(weft_filewriter *w, struct weft_chunk_header *header,
                          const guint8 *payload, GError **error)
{
    if (w->window) {
        weft_tracewindow_add(w->window, header, payload, weft_clock_monotonic_ns());
        weft_definitions_drop_anchors(&w->definitions, weft_tracewindow_begin(w->window));
        return TRUE;
    }
    return weft_chunkfile_add(w->file, header, payload, error);
}

/* A window has no file to write them to yet. */
static gboolean write_definitions(weft_filewriter *w, GError **error)
{
    return w->window || weft_definitions_write(&w->definitions, w->file, error);
}

/* Whether a segment has room for `bytes` of chunks and all that it ends with. */
static gboolean has_room(const weft_filewriter *w, guint64 bytes)
{
    guint64 last = weft_definitions_size(&w->definitions) +
                   2 * weft_definitions_processes_size(&w->definitions);
    guint more = LAST_CHUNKS + 2 * w->definitions.processes->len;
    return !w->max_size || w->failed ||
           weft_chunkfile_size_with(w->file, more, last + bytes) <= w->max_size;
}

/* Makes room for a chunk, in another segment if need be: before the state has seen its events. */
static gboolean make_room(weft_filewriter *w, guint64 bytes, uint64_t begin, GError **error)
{
    if (!has_room(w, bytes) && w->segment_chunks > 0 && !begin_segment(w, begin, error))
        return FALSE;
    w->segment_chunks++;
    return TRUE;
}

/* ---- What is in it ---- */

gboolean weft_filewriter_process(weft_filewriter *w, const struct weft_file_process *process,
                                 GError **error)
{
    guint i = weft_definitions_set_process(&w->definitions, process);
    return w->window ||
           weft_definitions_write_process(&w->definitions, i, w->file, w->segment_begin, 0, error);
}

void weft_filewriter_string(weft_filewriter *w, guint32 id, const char *text, gsize size)
{
    weft_definitions_add_string(&w->definitions, id, text, size);
}

void weft_filewriter_site(weft_filewriter *w, guint32 id, guint32 line, guint32 file, guint32 func)
{
    weft_definitions_add_site(&w->definitions, id, line, file, func);
}

void weft_filewriter_anchor(weft_filewriter *w, const struct weft_clock_anchor *anchor)
{
    weft_definitions_add_anchor(&w->definitions, anchor);
}

static struct ring_position *ring_position(weft_filewriter *w, guint32 ring)
{
    if (ring >= w->rings->len)
        g_array_set_size(w->rings, ring + 1);
    return &g_array_index(w->rings, struct ring_position, ring);
}

void weft_filewriter_begin_ring(weft_filewriter *w, guint32 ring, guint64 ordinal)
{
    ring_position(w, ring)->next_ordinal = ordinal;
}

static gboolean write_state(weft_filewriter *w, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    weft_put_varint(bytes, w->rings->len);
    for (guint i = 0; i < w->rings->len; i++) {
        weft_put_varint(bytes, i);
        weft_put_varint(bytes, ring_position(w, i)->next_ordinal);
    }
    g_autoptr(GBytes) state = weft_state_serialize(w->state);
    g_byte_array_append(bytes, g_bytes_get_data(state, NULL), (guint)g_bytes_get_size(state));
    gboolean first = !w->begun || (w->segment_begin && !w->segment_chunks);
    struct weft_chunk_header header = { .kind = WEFT_CHUNK_STATE, .n = !first };
    const guint8 *payload = weft_chunk_pack(&header, bytes->data, bytes->len, w->packed);
    w->state_bytes = weft_chunk_size(header.stored);
    w->bytes_since_state = w->chunks_since_state = 0;
    if (!first && !has_room(w, w->state_bytes))
        return TRUE; /* the next segment begins with one */
    return put_chunk(w, &header, payload, error);
}

gboolean weft_filewriter_state(weft_filewriter *w, const weft_state *state, GError **error)
{
    weft_state_free(w->state);
    w->state = weft_state_copy(state);
    return write_definitions(w, error) && write_state(w, error);
}

struct events { /* of one chunk */
    guint32 ring;
    const struct weft_record *records;
    guint n;
    uint64_t first_time, current_task;
};

/* Moves the state on over events that are encoded: a time that goes back is held for it, too. */
static void replay(weft_filewriter *w, guint32 ring, const struct weft_record *records, guint n,
                   uint64_t not_before)
{
    if (!weft_encode_held(w->encoder)) {
        weft_state_apply_all(w->state, ring, records, n);
        return;
    }
    for (guint i = 0; i < n; i++) {
        gboolean ext = (records[i].flags & WEFT_RECORD_EXT) && i + 1 < n;
        struct weft_record record = records[i];
        record.time = not_before = MAX(record.time, not_before);
        weft_state_apply(w->state, ring, &record, ext ? &records[i + 1] : NULL);
        i += ext;
    }
}

/* Encodes the events and moves the state on, piece by piece: a piece stays in the cache. */
static struct weft_encoded encode_and_replay(weft_filewriter *w, const struct events *events)
{
    weft_encode_begin(w->encoder, events->first_time);
    weft_state_apply_chunk(w->state, events->ring, events->current_task,
                           (gint64)events->first_time);
    for (guint i = 0; i < events->n;) {
        guint size = MIN(PIECE, events->n - i);
        uint64_t before = weft_encode_time(w->encoder);
        guint took = weft_encode_add(w->encoder, events->records + i, size, i + size == events->n);
        replay(w, events->ring, events->records + i, took, before);
        i += took;
    }
    return weft_encode_end(w->encoder, events->current_task);
}

/* Encodes them first: should they need another segment, it begins with the state before them. */
static gboolean encode_for_segment(weft_filewriter *w, const struct events *events,
                                   struct weft_encoded *encoded, GError **error)
{
    *encoded = weft_encode(w->encoder, events->records, events->n, events->first_time,
                           events->current_task);
    if (!make_room(w, weft_chunk_size(encoded->stored), events->first_time, error))
        return FALSE;
    if (w->segment_begin) /* other rings' events may be older than those that it began with */
        w->segment_begin = MIN(w->segment_begin, events->first_time);
    weft_state_apply_chunk(w->state, events->ring, events->current_task,
                           (gint64)events->first_time);
    replay(w, events->ring, events->records, events->n, events->first_time);
    return TRUE;
}

/* A window wants its groups to be of a size, and begun when there is something to put into them. */
static gboolean write_state_for_window(weft_filewriter *w, GError **error)
{
    return !w->window || !weft_tracewindow_wants_state(w->window, weft_clock_monotonic_ns()) ||
           write_state(w, error);
}

static gboolean write_state_when_due(weft_filewriter *w, guint64 bytes, GError **error)
{
    w->bytes_since_state += bytes;
    if (++w->chunks_since_state < STATE_EVERY ||
        w->bytes_since_state < STATE_WEIGHT * w->state_bytes)
        return TRUE;
    return write_state(w, error);
}

gboolean weft_filewriter_events(weft_filewriter *w, guint32 ring, const struct weft_record *records,
                                guint n, uint64_t current_task, GError **error)
{
    g_return_val_if_fail(n > 0 && n <= WEFT_TRACE_CHUNK_SLOTS, FALSE);
    guint64 first_time = MAX(records[0].time, ring_position(w, ring)->last_time);
    const struct events events = { ring, records, n, first_time, current_task };
    struct weft_encoded encoded;
    if (!write_state_for_window(w, error) || (!w->max_size && !write_definitions(w, error)))
        return FALSE;
    if (!w->max_size)
        encoded = encode_and_replay(w, &events);
    else if (!encode_for_segment(w, &events, &encoded, error) || !write_definitions(w, error))
        return FALSE;
    w->begun = TRUE;
    struct ring_position *at = ring_position(w, ring);
    struct weft_chunk_header header = {
        .kind = WEFT_CHUNK_EVENTS,
        .codec = WEFT_CODEC_ZSTD,
        .ring = ring,
        .stored = encoded.stored,
        .raw = encoded.raw,
        .n = encoded.events,
        .first_time = first_time,
        .last_time = encoded.last_time,
        .first_ordinal = at->next_ordinal,
    };
    at->last_time = encoded.last_time;
    at->next_ordinal += n;
    return put_chunk(w, &header, encoded.payload, error) &&
           write_state_when_due(w, encoded.stored, error) && sync_now_and_then(w, error);
}

/* Of all that was written; not 0. */
static uint64_t latest_time(const weft_filewriter *w)
{
    uint64_t latest = 1;
    for (guint i = 0; i < w->rings->len; i++)
        latest = MAX(latest, g_array_index(w->rings, struct ring_position, i).last_time);
    return latest;
}

gboolean weft_filewriter_loss(weft_filewriter *w, guint32 ring, guint64 unread, guint64 dropped,
                              GError **error)
{
    struct weft_loss_payload loss = { .unread = unread, .dropped = dropped };
    return weft_filewriter_hole(w, ring, &loss, error);
}

gboolean weft_filewriter_hole(weft_filewriter *w, guint32 ring,
                              const struct weft_loss_payload *loss, GError **error)
{
    struct ring_position *at = ring_position(w, ring);
    struct weft_chunk_header header = { .kind = WEFT_CHUNK_LOSS,
                                        .ring = ring,
                                        .n = 1,
                                        .stored = sizeof *loss,
                                        .raw = sizeof *loss,
                                        .first_time = at->last_time,
                                        .last_time = at->last_time,
                                        .first_ordinal = at->next_ordinal };
    if (!write_state_for_window(w, error) ||
        !make_room(w, weft_chunk_size(sizeof *loss), latest_time(w), error))
        return FALSE;
    w->begun = TRUE;
    at->next_ordinal += loss->unread;
    weft_state_apply_loss(w->state, ring, (gint64)at->last_time);
    return put_chunk(w, &header, (const guint8 *)loss, error);
}

gboolean weft_filewriter_copy(weft_filewriter *w, const struct weft_chunk_header *header,
                              const guint8 *payload, GError **error)
{
    struct weft_chunk_header copy = *header;
    if (!put_chunk(w, &copy, payload, error))
        return FALSE;
    if (header->kind != WEFT_CHUNK_EVENTS)
        return TRUE;
    struct weft_events_prefix prefix;
    memcpy(&prefix, payload, sizeof prefix);
    struct ring_position *at = ring_position(w, header->ring);
    at->next_ordinal = header->first_ordinal + prefix.slots;
    at->last_time = MAX(at->last_time, header->last_time);
    w->begun = TRUE;
    return TRUE;
}

/* ---- Segments ---- */

/* Ends this one, whose time counts from its first event now that it is known which that is, and
 * which tells what was up to the first of the next one. */
static gboolean end_segment(weft_filewriter *w, uint64_t next_begin, GError **error)
{
    gboolean ended = weft_definitions_write_processes(&w->definitions, w->file, w->segment_begin,
                                                      next_begin, error) &&
                     weft_definitions_write(&w->definitions, w->file, error);
    int fd = weft_chunkfile_fd(w->file);
    if (ended && w->sync_ns != WEFT_SYNC_NEVER)
        ended = check_sync(w, weft_syncer_start(&w->syncer, fd, TRUE), error);
    ended = ended && weft_chunkfile_finish(w->file, WEFT_SYNC_NEVER, error);
    weft_numbering_add_size(w->segments, weft_chunkfile_size(w->file));
    return ended;
}

static gboolean begin_segment(weft_filewriter *w, uint64_t begin, GError **error)
{
    if (!end_segment(w, begin, error))
        return FALSE;
    weft_numbering_trim(w->segments, 1);
    weft_chunkfile *next = weft_chunkfile_new(weft_numbering_next(w->segments),
                                              WEFT_CHUNKFILE_GROWING, error);
    if (!next) {
        weft_numbering_take_back(w->segments);
        w->failed = TRUE;
        return FALSE;
    }
    weft_chunkfile_free(w->file);
    w->file = next;
    w->segment_chunks = 0;
    w->segment_begin = begin;
    weft_definitions_drop_anchors(&w->definitions, begin);
    weft_definitions_begin_file(&w->definitions);
    return weft_definitions_write_processes(&w->definitions, w->file, begin, 0, error) &&
           weft_definitions_write(&w->definitions, w->file, error) && write_state(w, error);
}

/* ---- The end ---- */

weft_tracepicture *weft_filewriter_picture(const weft_filewriter *w)
{
    return weft_tracepicture_new(w->window, &w->definitions);
}

gboolean weft_filewriter_finish(weft_filewriter *w, GError **error)
{
    if (w->window)
        return TRUE;
    gboolean finished = write_definitions(w, error) &&
                        (!w->chunks_since_state || write_state(w, error));
    int code = weft_syncer_finish(&w->syncer);
    return finished && check_sync(w, code, error) &&
           weft_chunkfile_finish(w->file, w->sync_ns, error);
}
