/* tracefile.c: see tracefile.h. */
#include "tracer/trace/tracefile.h"
#include "tracer/trace/chunk.h"
#include "tracer/trace/codec.h"
#include "tracer/trace/store.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 16 }; /* read at once while searching */

/* ---- Bytes ---- */

gboolean weft_tracefile_open(struct weft_tracefile *file, const char *path, GError **error)
{
    struct stat st;
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int code = file->fd < 0 || fstat(file->fd, &st) < 0 ? errno : 0;
    if (!code && S_ISDIR(st.st_mode))
        code = EISDIR;
    if (!code && S_ISREG(st.st_mode)) {
        file->size = (guint64)st.st_size;
        return TRUE;
    }
    if (code)
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO, "cannot read %s: %s", path,
                    g_strerror(code));
    else
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NOT_A_TRACE,
                    "%s is not a regular file: a trace must be one", path);
    weft_tracefile_close(file);
    return FALSE;
}

void weft_tracefile_close(struct weft_tracefile *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

gboolean weft_tracefile_read(const struct weft_tracefile *file, guint64 offset, void *to,
                             gsize size)
{
    if (offset > file->size || size > file->size - offset)
        return FALSE;
    for (gsize got = 0; got < size;) {
        ssize_t n = pread(file->fd, (char *)to + got, size - got, (off_t)(offset + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return FALSE;
        got += (gsize)n;
    }
    return TRUE;
}

gboolean weft_tracefile_payload(const struct weft_tracefile *file, guint64 offset, guint32 stored,
                                guint32 checksum, GByteArray *bytes)
{
    if (offset > file->size || stored > file->size - offset || stored > G_MAXINT32)
        return FALSE;
    g_byte_array_set_size(bytes, stored);
    return weft_tracefile_read(file, offset, bytes->data, stored) &&
           weft_checksum(bytes->data, stored) == checksum;
}

guint8 *weft_tracefile_unpacked(const struct weft_tracefile *file,
                                const struct weft_index_entry *entry)
{
    const struct weft_chunk_header *h = &entry->header;
    g_autoptr(GByteArray) payload = g_byte_array_new();
    if (!weft_tracefile_payload(file, entry->offset + sizeof *h, h->stored, h->payload_checksum,
                                payload))
        return NULL;
    return weft_trace_unpack(payload->data, h->stored, h->raw, h->codec);
}

/* ---- Chunks ---- */

gboolean weft_tracefile_chunk_at(const struct weft_tracefile *file, guint64 offset,
                                 struct weft_index_entry *entry)
{
    struct weft_events_prefix prefix = { 0 };
    *entry = (struct weft_index_entry){ .offset = offset };
    if (!weft_tracefile_read(file, offset, &entry->header, sizeof entry->header) ||
        !weft_chunk_is_whole(&entry->header))
        return FALSE;
    if (entry->header.kind == WEFT_CHUNK_EVENTS && entry->header.stored >= sizeof prefix)
        weft_tracefile_read(file, offset + sizeof entry->header, &prefix, sizeof prefix);
    entry->current_task = prefix.current_task;
    entry->slots = prefix.slots;
    return TRUE;
}

guint64 weft_tracefile_end(const struct weft_index_entry *entry)
{
    guint64 padded = ((guint64)entry->header.stored + 7) & ~(guint64)7;
    return entry->offset + sizeof entry->header + padded;
}

/* ---- Searching ---- */

/* Where there may be something other than zeros, from here on, in steps of 8: a file may be said to
 * be very large, and be a hole. */
static guint64 skip_hole(const struct weft_tracefile *file, guint64 at)
{
    off_t data = lseek(file->fd, (off_t)at, SEEK_DATA);
    if (data < 0)
        return errno == ENXIO && at < file->size ? file->size : at;
    return at + ((guint64)data - at) / 8 * 8;
}

/* Where these bytes are at an 8-aligned place in from ... to, from which on so many must follow
 * before `to`; G_MAXUINT64: nowhere. */
static guint64 find(const struct weft_tracefile *file, guint64 from, guint64 to, const void *what,
                    gsize size)
{
    g_autofree guint8 *block = g_malloc(BLOCK);
    for (guint64 at = from; (at = skip_hole(file, at)) + size <= to; at += BLOCK) {
        gsize n = (gsize)MIN(BLOCK, to - at);
        if (!weft_tracefile_read(file, at, block, n))
            break;
        for (gsize i = 0; i + size <= n; i += 8)
            if (memcmp(block + i, what, size) == 0)
                return at + i;
    }
    return G_MAXUINT64;
}

guint64 weft_tracefile_resynchronise(const struct weft_tracefile *file, guint64 offset)
{
    const guint32 magic = WEFT_CHUNK_MAGIC;
    struct weft_index_entry entry;
    while ((offset = find(file, offset, file->size, &magic, sizeof magic)) != G_MAXUINT64) {
        if (weft_tracefile_chunk_at(file, offset, &entry))
            return offset;
        offset += 8;
    }
    return file->size;
}

guint64 weft_tracefile_another(const struct weft_tracefile *file, guint64 from, guint64 to)
{
    return MIN(find(file, from, to, WEFT_FILE_MAGIC, strlen(WEFT_FILE_MAGIC)), to);
}

gboolean weft_tracefile_is_trailer(const struct weft_tracefile *file, guint64 offset)
{
    guint64 left = file->size - offset;
    char magic[8];
    gsize size = (gsize)MIN(left, sizeof magic);
    return left <= sizeof(struct weft_trailer) && weft_tracefile_read(file, offset, magic, size) &&
           memcmp(magic, WEFT_TRAILER_MAGIC, size) == 0;
}

gboolean weft_tracefile_is_former_trailer(const struct weft_tracefile *file, guint64 offset)
{
    struct weft_trailer trailer;
    return weft_tracefile_read(file, offset, &trailer, sizeof trailer) &&
           weft_trailer_is_whole(&trailer) && trailer.size == offset + sizeof trailer;
}

/* ---- INDEX ---- */

/* Whether the entries name whole headers, one behind the other, before `end`. */
static gboolean makes_sense(const GArray *entries, guint64 end)
{
    guint64 at = sizeof(struct weft_file_header);
    for (guint i = 0; i < entries->len; i++) {
        const struct weft_index_entry *entry = &g_array_index(entries, struct weft_index_entry, i);
        if (!weft_chunk_is_whole(&entry->header) || entry->offset < at || entry->offset % 8 ||
            entry->offset > end || weft_tracefile_end(entry) > end)
            return FALSE;
        at = weft_tracefile_end(entry);
    }
    return TRUE;
}

GArray *weft_tracefile_index(const struct weft_tracefile *file)
{
    struct weft_trailer trailer;
    struct weft_index_entry at;
    if (file->size < sizeof trailer ||
        !weft_tracefile_read(file, file->size - sizeof trailer, &trailer, sizeof trailer) ||
        !weft_trailer_is_whole(&trailer) || trailer.size != file->size ||
        !weft_tracefile_chunk_at(file, trailer.index, &at) || at.header.kind != WEFT_CHUNK_INDEX ||
        weft_tracefile_end(&at) > file->size - sizeof trailer ||
        (guint64)at.header.n * sizeof(struct weft_index_entry) != at.header.raw)
        return NULL;
    g_autofree guint8 *bytes = weft_tracefile_unpacked(file, &at);
    if (!bytes)
        return NULL;
    GArray *entries = g_array_sized_new(FALSE, FALSE, sizeof(struct weft_index_entry), at.header.n);
    g_array_append_vals(entries, bytes, at.header.n);
    if (makes_sense(entries, trailer.index))
        return entries;
    g_array_unref(entries);
    return NULL;
}
