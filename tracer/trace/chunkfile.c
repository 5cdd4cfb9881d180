/* chunkfile.c: see chunkfile.h. */
#include "tracer/trace/chunkfile.h"
#include "tracer/trace/chunk.h"
#include "tracer/trace/codec.h"
#include "tracer/trace/freshfile.h"
#include "tracer/trace/syncer.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct weft_chunkfile {
    char *path;
    struct weft_freshfile fresh; /* of a WHOLE one */
    int fd;
    gboolean failed;
    guint8 uuid[16];
    guint64 size, seq;
    GArray *index; /* of struct weft_index_entry */
};

/* ---- Writing ---- */

static gboolean fail(weft_chunkfile *f, int code, GError **error)
{
    f->failed = TRUE;
    /* Without its half-written chunk the file is whole; should this fail too, a reader copes. */
    gboolean whole = ftruncate(f->fd, (off_t)f->size) == 0;
    if (f->fresh.temporary || f->size == 0)
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO,
                    "cannot write %s: %s; nothing was written", f->path, g_strerror(code));
    else
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO,
                    "cannot write %s at byte %" G_GUINT64_FORMAT
                    ": %s; what was written before %s stays readable",
                    f->path, f->size, g_strerror(code), whole ? "that" : "its last chunk");
    return FALSE;
}

static gboolean write_all(weft_chunkfile *f, struct iovec *parts, int n, GError **error)
{
    if (f->failed) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO,
                    "cannot write %s: an earlier write failed", f->path);
        return FALSE;
    }
    gsize total = 0;
    for (int i = 0; i < n; i++)
        total += parts[i].iov_len;
    for (gsize left = total; left > 0;) {
        ssize_t wrote = writev(f->fd, parts, n);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return fail(f, wrote < 0 ? errno : ENOSPC, error);
        left -= (gsize)wrote;
        for (; n > 0 && (gsize)wrote >= parts->iov_len; parts++, n--)
            wrote -= (ssize_t)parts->iov_len;
        if (n > 0) {
            parts->iov_base = (char *)parts->iov_base + wrote;
            parts->iov_len -= (gsize)wrote;
        }
    }
    f->size += total;
    return TRUE;
}

/* ---- The beginning ---- */

static gboolean write_header(weft_chunkfile *f, GError **error)
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
    memcpy(f->uuid, header.uuid, sizeof f->uuid);
    header.checksum = weft_checksum(&header, sizeof header - sizeof header.checksum);
    struct iovec part = { &header, sizeof header };
    return write_all(f, &part, 1, error);
}

/* Whether somebody writes it: a lock that is held for as long as a file is written. */
static gboolean is_being_written(const char *path)
{
    int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    gboolean held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    if (fd >= 0)
        close(fd);
    return held;
}

/* A file of this name is replaced, not cut: somebody may be looking at it. EBUSY: another recording
 * writes it. */
static int create(const char *path)
{
    struct stat st;
    gboolean regular = lstat(path, &st) == 0 && S_ISREG(st.st_mode);
    if (regular && is_being_written(path)) {
        errno = EBUSY;
        return -1;
    }
    if (regular && access(path, W_OK) == 0)
        unlink(path);
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

weft_chunkfile *weft_chunkfile_new(const char *path, enum weft_chunkfile_mode mode, GError **error)
{
    struct stat st;
    weft_chunkfile *f = g_new0(weft_chunkfile, 1);
    f->path = g_strdup(path);
    f->index = g_array_new(FALSE, FALSE, sizeof(struct weft_index_entry));
    f->fd = mode == WEFT_CHUNKFILE_WHOLE ? weft_freshfile_open(&f->fresh, path) : create(path);
    if (f->fd < 0) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO, "cannot create %s: %s", path,
                    errno == EBUSY ? "another recording is writing it" : g_strerror(errno));
    } else {
        flock(f->fd, LOCK_EX | LOCK_NB); /* who reads it knows: it is being written (open.c) */
        if (write_header(f, error))
            return f;
        if (mode == WEFT_CHUNKFILE_GROWING && fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode))
            unlink(path);
    }
    weft_chunkfile_free(f);
    return NULL;
}

void weft_chunkfile_free(weft_chunkfile *f)
{
    if (!f)
        return;
    if (f->fd >= 0)
        close(f->fd);
    weft_freshfile_clear(&f->fresh);
    g_free(f->path);
    g_array_unref(f->index);
    g_free(f);
}

guint64 weft_chunkfile_size(const weft_chunkfile *f)
{
    return f->size;
}

const char *weft_chunkfile_path(const weft_chunkfile *f)
{
    return f->path;
}

const guint8 *weft_chunkfile_uuid(const weft_chunkfile *f)
{
    return f->uuid;
}

int weft_chunkfile_fd(const weft_chunkfile *f)
{
    return f->fd;
}

guint64 weft_chunkfile_size_with(const weft_chunkfile *f, guint more, guint64 bytes)
{
    guint64 entries = (guint64)f->index->len + more;
    return f->size + bytes + weft_chunk_size(entries * sizeof(struct weft_index_entry)) +
           sizeof(struct weft_trailer);
}

/* ---- Chunks ---- */

gboolean weft_chunkfile_add(weft_chunkfile *f, struct weft_chunk_header *header,
                            const guint8 *payload, GError **error)
{
    static const guint8 zeros[8];
    weft_chunk_seal(header, payload, ++f->seq);
    struct weft_index_entry entry = { .offset = f->size, .header = *header };
    if (header->kind == WEFT_CHUNK_EVENTS) {
        struct weft_events_prefix prefix;
        memcpy(&prefix, payload, sizeof prefix);
        entry.current_task = prefix.current_task;
        entry.slots = prefix.slots;
    }
    struct iovec parts[] = { { header, sizeof *header },
                             { (void *)(gsize)payload, header->stored },
                             { (void *)(gsize)zeros, weft_chunk_padding(header->stored) } };
    if (!write_all(f, parts, G_N_ELEMENTS(parts), error))
        return FALSE;
    g_array_append_val(f->index, entry);
    return TRUE;
}

/* ---- The end ---- */

static gboolean write_index(weft_chunkfile *f, GError **error)
{
    if (f->index->len > WEFT_INDEX_MAX)
        return TRUE;
    guint64 index = f->size;
    struct weft_chunk_header header = { .kind = WEFT_CHUNK_INDEX, .n = f->index->len };
    g_autoptr(GByteArray) packed = g_byte_array_new();
    const guint8 *payload = weft_chunk_pack(&header, (const guint8 *)f->index->data,
                                            f->index->len * sizeof(struct weft_index_entry),
                                            packed);
    if (!weft_chunkfile_add(f, &header, payload, error))
        return FALSE;
    struct weft_trailer trailer = weft_trailer_make(index, f->size + sizeof trailer);
    struct iovec part = { &trailer, sizeof trailer };
    return write_all(f, &part, 1, error);
}

/* The name itself is on the disk only when its directory is. */
static void sync_directory(const char *path)
{
    g_autofree char *directory = g_path_get_dirname(path);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

static gboolean cannot_finish(weft_chunkfile *f, int code, GError **error)
{
    g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO, "cannot finish %s: %s", f->path,
                g_strerror(code));
    return FALSE;
}

gboolean weft_chunkfile_finish(weft_chunkfile *f, gint64 sync_ns, GError **error)
{
    if (!write_index(f, error))
        return FALSE;
    int code = sync_ns == WEFT_SYNC_NEVER ? 0 : weft_sync(f->fd);
    int fd = f->fd;
    f->fd = -1;
    f->failed = TRUE;
    /* A network file system may report only now that there was no room. */
    if (close(fd) < 0 && errno != EINTR && code == 0)
        code = errno;
    if (code == 0 && weft_freshfile_commit(&f->fresh) < 0)
        code = errno;
    if (code)
        return cannot_finish(f, code, error);
    if (sync_ns != WEFT_SYNC_NEVER)
        sync_directory(f->path);
    return TRUE;
}
