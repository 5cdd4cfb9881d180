/* extend.c: see extend.h. */
#include "tracer/trace/extend.h"
#include "tracer/trace/chunk.h"
#include "tracer/trace/store.h"
#include "tracer/trace/writer.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean fail(GError **error, enum weft_trace_error code, const char *path, const char *why)
{
    g_set_error(error, WEFT_TRACE_ERROR, code, "cannot add to %s: %s", path, why);
    return FALSE;
}

/* ---- What is added ---- */

static void put_chunk(GByteArray *out, struct weft_chunk_header *header, const guint8 *bytes,
                      gsize size, guint64 seq)
{
    static const guint8 zeros[8];
    g_autoptr(GByteArray) packed = g_byte_array_new();
    const guint8 *payload = weft_chunk_pack(header, bytes, size, packed);
    weft_chunk_seal(header, payload, seq);
    g_byte_array_append(out, (const guint8 *)header, sizeof *header);
    if (header->stored)
        g_byte_array_append(out, payload, header->stored);
    g_byte_array_append(out, zeros, weft_chunk_padding(header->stored));
}

static struct weft_chunk_header header_of(const struct weft_addition *addition)
{
    return (struct weft_chunk_header){ .kind = (guint16)addition->kind,
                                       .n = addition->n,
                                       .first_time = addition->first_time,
                                       .last_time = addition->last_time };
}

/* All that comes behind a file of `size` bytes with these chunks, to which those added come. */
static GByteArray *make_end(guint64 size, GArray *index, const struct weft_addition *additions,
                            guint n)
{
    GByteArray *out = g_byte_array_new();
    guint64 seq = index->len
                      ? g_array_index(index, struct weft_index_entry, index->len - 1).header.seq
                      : 0;
    seq++; /* the INDEX before */
    for (guint i = 0; i < n; i++) {
        struct weft_index_entry entry = { .offset = size + out->len };
        entry.header = header_of(&additions[i]);
        put_chunk(out, &entry.header, additions[i].bytes, additions[i].size, ++seq);
        g_array_append_val(index, entry);
    }
    guint64 at = size + out->len;
    struct weft_chunk_header header = { .kind = WEFT_CHUNK_INDEX, .n = index->len };
    put_chunk(out, &header, (const guint8 *)index->data,
              index->len * sizeof(struct weft_index_entry), seq + 1);
    struct weft_trailer trailer = weft_trailer_make(at, size + out->len + sizeof trailer);
    g_byte_array_append(out, (const guint8 *)&trailer, sizeof trailer);
    return out;
}

static gboolean write_at(int fd, const GByteArray *bytes, guint64 offset)
{
    for (gsize wrote = 0; wrote < bytes->len;) {
        ssize_t n = pwrite(fd, bytes->data + wrote, bytes->len - wrote, (off_t)(offset + wrote));
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = ENOSPC;
        if (n <= 0)
            return FALSE;
        wrote += (gsize)n;
    }
    return TRUE;
}

/* The file is locked. */
static gboolean extend(int fd, const char *path, const guint8 uuid[16],
                       const struct weft_addition *additions, guint n, GError **error)
{
    struct stat st;
    struct weft_file_header header;
    if (fstat(fd, &st) < 0)
        return fail(error, WEFT_TRACE_ERROR_IO, path, g_strerror(errno));
    struct weft_tracefile file = { .fd = fd, .size = (guint64)st.st_size };
    if (!weft_tracefile_read(&file, 0, &header, sizeof header) ||
        memcmp(header.uuid, uuid, sizeof header.uuid) != 0)
        return fail(error, WEFT_TRACE_ERROR_CORRUPT, path, "it is another trace by now");
    g_autoptr(GArray) index = weft_tracefile_index(&file);
    if (!index)
        return fail(error, WEFT_TRACE_ERROR_CORRUPT, path, "it is not whole");
    if (index->len + n > WEFT_INDEX_MAX)
        return fail(error, WEFT_TRACE_ERROR_FAILED, path, "it has as many chunks as it can have");
    g_autoptr(GByteArray) end = make_end(file.size, index, additions, n);
    if (write_at(fd, end, file.size))
        return TRUE;
    int code = errno;
    if (ftruncate(fd, st.st_size) < 0)
        code = errno;
    return fail(error, WEFT_TRACE_ERROR_IO, path, g_strerror(code));
}

gboolean weft_file_extend(const char *path, const guint8 uuid[16],
                          const struct weft_addition *additions, guint n, GError **error)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail(error, WEFT_TRACE_ERROR_IO, path, g_strerror(errno));
    gboolean ok = FALSE;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        fail(error, WEFT_TRACE_ERROR_FAILED, path, "somebody else adds to it now");
    else
        ok = extend(fd, path, uuid, additions, n, error);
    close(fd);
    return ok;
}

gboolean weft_file_create(const char *path, const struct weft_addition *additions, guint n,
                          GError **error)
{
    g_autoptr(weft_filewriter) writer = weft_filewriter_new_whole(path, error);
    gboolean ok = writer != NULL;
    for (guint i = 0; ok && i < n; i++) {
        g_autoptr(GByteArray) packed = g_byte_array_new();
        struct weft_chunk_header header = header_of(&additions[i]);
        const guint8 *payload = weft_chunk_pack(&header, additions[i].bytes, additions[i].size,
                                                packed);
        ok = weft_filewriter_copy(writer, &header, payload, error);
    }
    return ok && weft_filewriter_finish(writer, error);
}
