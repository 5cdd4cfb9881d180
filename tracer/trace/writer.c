/* writer.c: see writer.h.
 *
 *      strings, sites, anchors: gathered --+
 *      events --> encoder -----------------+--> chunk: header, payload, pad --> one writev
 *             \-> state (replayed) --------+--> index entry, in memory until the end */
#include "tracer/trace/writer.h"
#include "tracer/trace/chunk.h"
#include "tracer/trace/codec.h"
#include "tracer/trace/varint.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    STATE_EVERY = 16, /* EVENTS chunks between two STATEs */
    STATE_WEIGHT = 4, /* ... and this many times its bytes */
    PIECE = 512,      /* slots: 16 KiB */
    FETCH_AHEAD = 12,
};

struct gathered { /* definitions on their way into a chunk */
    GByteArray *bytes;
    guint n;
};

struct ring_position {
    guint64 next_ordinal;
    uint64_t last_time;
};

struct weft_filewriter {
    char *path;
    int fd;
    gboolean failed;
    guint64 size, seq;
    GArray *index; /* of struct weft_index_entry */
    struct gathered strings, sites, anchors;
    weft_encoder *encoder;
    GByteArray *packed;
    GArray *rings; /* of struct ring_position */
    weft_state *state;
    gboolean begun; /* events or losses are in it */
    guint chunks_since_state;
    guint64 bytes_since_state, state_bytes;
};

/* ---- The file ---- */

static gboolean fail(weft_filewriter *w, int code, GError **error)
{
    w->failed = TRUE;
    /* Without its half-written chunk the file is whole; should this fail too, a reader copes. */
    gboolean whole = ftruncate(w->fd, (off_t)w->size) == 0;
    g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO,
                "cannot write %s at byte %" G_GUINT64_FORMAT ": %s; what was written before %s "
                "stays readable",
                w->path, w->size, g_strerror(code), whole ? "that" : "its last chunk");
    return FALSE;
}

static gboolean write_all(weft_filewriter *w, struct iovec *parts, int n, GError **error)
{
    if (w->failed) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO,
                    "cannot write %s: an earlier write failed", w->path);
        return FALSE;
    }
    gsize total = 0;
    for (int i = 0; i < n; i++)
        total += parts[i].iov_len;
    for (gsize left = total; left > 0;) {
        ssize_t wrote = writev(w->fd, parts, n);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return fail(w, wrote < 0 ? errno : ENOSPC, error);
        left -= (gsize)wrote;
        for (; n > 0 && (gsize)wrote >= parts->iov_len; parts++, n--)
            wrote -= (ssize_t)parts->iov_len;
        if (n > 0) {
            parts->iov_base = (char *)parts->iov_base + wrote;
            parts->iov_len -= (gsize)wrote;
        }
    }
    w->size += total;
    return TRUE;
}

/* ---- Chunks ---- */

/* Fills in what every header has, writes the chunk and notes it for the INDEX. */
static gboolean write_chunk(weft_filewriter *w, struct weft_chunk_header *header,
                            const guint8 *payload, GError **error)
{
    static const guint8 zeros[8];
    weft_chunk_seal(header, payload, ++w->seq);
    struct weft_index_entry entry = { .offset = w->size, .header = *header };
    if (header->kind == WEFT_CHUNK_EVENTS) {
        struct weft_events_prefix prefix;
        memcpy(&prefix, payload, sizeof prefix);
        entry.current_task = prefix.current_task;
        entry.slots = prefix.slots;
    }
    struct iovec parts[] = { { header, sizeof *header },
                             { (void *)(gsize)payload, header->stored },
                             { (void *)(gsize)zeros, weft_chunk_padding(header->stored) } };
    if (!write_all(w, parts, G_N_ELEMENTS(parts), error))
        return FALSE;
    g_array_append_val(w->index, entry);
    return TRUE;
}

/* A chunk of small tables: compressed where that helps. */
static gboolean write_packed(weft_filewriter *w, struct weft_chunk_header *header,
                             const GByteArray *bytes, GError **error)
{
    const guint8 *payload = weft_chunk_pack(header, bytes->data, bytes->len, w->packed);
    return write_chunk(w, header, payload, error);
}

static gboolean write_gathered(weft_filewriter *w, struct gathered *gathered,
                               enum weft_chunk_kind kind, GError **error)
{
    if (gathered->n == 0)
        return TRUE;
    struct weft_chunk_header header = { .kind = (guint16)kind, .n = gathered->n };
    gboolean ok = write_packed(w, &header, gathered->bytes, error);
    g_byte_array_set_size(gathered->bytes, 0);
    gathered->n = 0;
    return ok;
}

static gboolean write_definitions(weft_filewriter *w, GError **error)
{
    return write_gathered(w, &w->strings, WEFT_CHUNK_STRINGS, error) &&
           write_gathered(w, &w->sites, WEFT_CHUNK_SITES, error) &&
           write_gathered(w, &w->anchors, WEFT_CHUNK_CLOCK, error);
}

/* ---- The beginning ---- */

static gboolean write_header(weft_filewriter *w, GError **error)
{
    struct weft_file_header header = { .magic = WEFT_FILE_MAGIC,
                                       .major = WEFT_FILE_MAJOR,
                                       .minor = WEFT_FILE_MINOR,
                                       .size = sizeof header,
                                       .created_real_ns = g_get_real_time() * 1000 };
    for (guint i = 0; i < sizeof header.uuid; i += 4) {
        guint32 random = g_random_int();
        memcpy(header.uuid + i, &random, sizeof random);
    }
    header.uuid[6] = (header.uuid[6] & 0x0f) | 0x40; /* RFC 4122: random */
    header.uuid[8] = (header.uuid[8] & 0x3f) | 0x80;
    header.checksum = weft_checksum(&header, sizeof header - sizeof header.checksum);
    struct iovec part = { &header, sizeof header };
    return write_all(w, &part, 1, error);
}

/* A file of this name is replaced, not cut: somebody may be looking at it. */
static int create_file(const char *path)
{
    struct stat st;
    if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, W_OK) == 0)
        unlink(path);
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

weft_filewriter *weft_filewriter_new(const char *path, GError **error)
{
    int fd = create_file(path);
    if (fd < 0) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO, "cannot create %s: %s", path,
                    g_strerror(errno));
        return NULL;
    }
    weft_filewriter *w = g_new0(weft_filewriter, 1);
    w->path = g_strdup(path);
    w->fd = fd;
    w->index = g_array_new(FALSE, FALSE, sizeof(struct weft_index_entry));
    w->strings.bytes = g_byte_array_new();
    w->sites.bytes = g_byte_array_new();
    w->anchors.bytes = g_byte_array_new();
    w->packed = g_byte_array_new();
    w->encoder = weft_encoder_new();
    w->rings = g_array_new(FALSE, TRUE, sizeof(struct ring_position));
    w->state = weft_state_new();
    if (!write_header(w, error)) {
        weft_filewriter_free(w);
        return NULL;
    }
    return w;
}

void weft_filewriter_free(weft_filewriter *w)
{
    if (!w)
        return;
    if (w->fd >= 0)
        close(w->fd);
    g_free(w->path);
    g_array_unref(w->index);
    g_byte_array_unref(w->strings.bytes);
    g_byte_array_unref(w->sites.bytes);
    g_byte_array_unref(w->anchors.bytes);
    g_byte_array_unref(w->packed);
    weft_encoder_free(w->encoder);
    g_array_unref(w->rings);
    weft_state_free(w->state);
    g_free(w);
}

guint64 weft_filewriter_size(const weft_filewriter *w)
{
    return w->size;
}

uint64_t weft_filewriter_running(const weft_filewriter *w, guint32 ring)
{
    return weft_state_running(w->state, ring);
}

/* ---- What is in it ---- */

gboolean weft_filewriter_process(weft_filewriter *w, const struct weft_file_process *process,
                                 GError **error)
{
    struct weft_process_payload payload = {
        .pid = process->pid,
        .start_time = process->start_time,
        .start = { process->start.ticks, process->start.mono_ns, process->start.real_ns },
        .clock_kind = process->clock_kind,
        .ended = (guint32)process->ended,
        .exit_code = process->exit_code,
        .exit_signal = process->exit_signal,
        .program_size = (guint32)strlen(process->program),
        .host_size = (guint32)strlen(process->host),
    };
    memcpy(payload.boot_id, process->boot_id, sizeof payload.boot_id);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_append(bytes, (guint8 *)&payload, sizeof payload);
    g_byte_array_append(bytes, (const guint8 *)process->program, payload.program_size);
    g_byte_array_append(bytes, (const guint8 *)process->host, payload.host_size);
    const char *executable = process->executable ? process->executable : "";
    g_byte_array_append(bytes, (const guint8 *)executable, (guint)strlen(executable));
    struct weft_chunk_header header = { .kind = WEFT_CHUNK_PROCESS,
                                        .n = 1,
                                        .ring = process->first_ring };
    return write_packed(w, &header, bytes, error);
}

void weft_filewriter_string(weft_filewriter *w, guint32 id, const char *text, gsize size)
{
    weft_put_varint(w->strings.bytes, id);
    weft_put_varint(w->strings.bytes, size);
    g_byte_array_append(w->strings.bytes, (const guint8 *)text, (guint)size);
    w->strings.n++;
}

void weft_filewriter_site(weft_filewriter *w, guint32 id, guint32 line, guint32 file, guint32 func)
{
    const guint32 numbers[] = { id, line, file, func };
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        weft_put_varint(w->sites.bytes, numbers[i]);
    w->sites.n++;
}

void weft_filewriter_anchor(weft_filewriter *w, const struct weft_clock_anchor *anchor)
{
    struct weft_anchor_payload payload = { anchor->ticks, anchor->mono_ns, anchor->real_ns };
    g_byte_array_append(w->anchors.bytes, (guint8 *)&payload, sizeof payload);
    w->anchors.n++;
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
    guint64 before = w->size;
    struct weft_chunk_header header = { .kind = WEFT_CHUNK_STATE, .n = w->begun };
    if (!write_packed(w, &header, bytes, error))
        return FALSE;
    w->state_bytes = w->size - before;
    w->bytes_since_state = w->chunks_since_state = 0;
    return TRUE;
}

gboolean weft_filewriter_state(weft_filewriter *w, const weft_state *state, GError **error)
{
    weft_state_free(w->state);
    w->state = weft_state_copy(state);
    return write_definitions(w, error) && write_state(w, error);
}

static void replay(weft_filewriter *w, guint32 ring, const struct weft_record *records, guint n)
{
    for (guint i = 0; i < n; i++) {
        gboolean ext = (records[i].flags & WEFT_RECORD_EXT) && i + 1 < n;
        if (i + FETCH_AHEAD < n)
            weft_state_fetch(w->state, &records[i + FETCH_AHEAD]);
        weft_state_apply(w->state, ring, &records[i], ext ? &records[i + 1] : NULL);
        i += ext;
    }
}

/* Encodes the events and moves the state on, piece by piece: a piece stays in the cache. */
static struct weft_encoded encode(weft_filewriter *w, guint32 ring,
                                  const struct weft_record *records, guint n, uint64_t first_time,
                                  uint64_t current_task)
{
    weft_encode_begin(w->encoder, first_time);
    weft_state_apply_chunk(w->state, ring, current_task, (gint64)first_time);
    for (guint i = 0; i < n;) {
        guint size = MIN(PIECE, n - i);
        guint took = weft_encode_add(w->encoder, records + i, size, i + size == n);
        replay(w, ring, records + i, took);
        i += took;
    }
    return weft_encode_end(w->encoder, current_task);
}

gboolean weft_filewriter_events(weft_filewriter *w, guint32 ring, const struct weft_record *records,
                                guint n, uint64_t current_task, GError **error)
{
    g_return_val_if_fail(n > 0 && n <= WEFT_TRACE_CHUNK_SLOTS, FALSE);
    if (!write_definitions(w, error))
        return FALSE;
    w->begun = TRUE;
    struct ring_position *at = ring_position(w, ring);
    uint64_t first_time = MAX(records[0].time, at->last_time);
    struct weft_encoded encoded = encode(w, ring, records, n, first_time, current_task);
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
    if (!write_chunk(w, &header, encoded.payload, error))
        return FALSE;
    w->bytes_since_state += encoded.stored;
    if (++w->chunks_since_state < STATE_EVERY ||
        w->bytes_since_state < STATE_WEIGHT * w->state_bytes)
        return TRUE;
    return write_state(w, error);
}

gboolean weft_filewriter_loss(weft_filewriter *w, guint32 ring, guint64 unread, guint64 dropped,
                              GError **error)
{
    struct ring_position *at = ring_position(w, ring);
    struct weft_loss_payload payload = { unread, dropped };
    struct weft_chunk_header header = { .kind = WEFT_CHUNK_LOSS,
                                        .ring = ring,
                                        .n = 1,
                                        .stored = sizeof payload,
                                        .raw = sizeof payload,
                                        .first_time = at->last_time,
                                        .last_time = at->last_time,
                                        .first_ordinal = at->next_ordinal };
    w->begun = TRUE;
    at->next_ordinal += unread;
    weft_state_apply_loss(w->state, ring, (gint64)at->last_time);
    return write_chunk(w, &header, (const guint8 *)&payload, error);
}

gboolean weft_filewriter_copy(weft_filewriter *w, const struct weft_chunk_header *header,
                              const guint8 *payload, GError **error)
{
    struct weft_chunk_header copy = *header;
    if (!write_chunk(w, &copy, payload, error))
        return FALSE;
    if (header->kind != WEFT_CHUNK_EVENTS)
        return TRUE;
    const struct weft_index_entry *entry = &g_array_index(w->index, struct weft_index_entry,
                                                          w->index->len - 1);
    struct ring_position *at = ring_position(w, header->ring);
    at->next_ordinal = header->first_ordinal + entry->slots;
    at->last_time = MAX(at->last_time, header->last_time);
    w->begun = TRUE;
    return TRUE;
}

/* ---- The end ---- */

gboolean weft_filewriter_finish(weft_filewriter *w, GError **error)
{
    if (!write_definitions(w, error) || (w->chunks_since_state && !write_state(w, error)))
        return FALSE;
    guint64 index = w->size;
    struct weft_chunk_header header = { .kind = WEFT_CHUNK_INDEX, .n = w->index->len };
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_append(bytes, (guint8 *)w->index->data,
                        w->index->len * (guint)sizeof(struct weft_index_entry));
    if (!write_packed(w, &header, bytes, error))
        return FALSE;
    struct weft_trailer trailer = weft_trailer_make(index, w->size + sizeof trailer);
    struct iovec part = { &trailer, sizeof trailer };
    if (!write_all(w, &part, 1, error))
        return FALSE;
    int fd = w->fd;
    w->fd = -1;
    w->failed = TRUE;
    /* A network file system may report only now that there was no room. */
    if (close(fd) < 0 && errno != EINTR) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO, "cannot finish %s: %s", w->path,
                    g_strerror(errno));
        return FALSE;
    }
    return TRUE;
}
