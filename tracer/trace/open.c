/* open.c: opens trace files, and follows those that are being written. Who writes one holds a lock
 * (flock) on it: so a file that grows is told from one whose recorder died. */
#include "tracer/trace/reading.h"
#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

static gboolean check_header(struct weft_reading *o, const char *path, GError **error)
{
    struct weft_file_header header = { 0 };
    const guint64 size = o->file->size;
    const gsize there = (gsize)MIN(size, sizeof header);
    if (size == 0) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NOT_A_TRACE,
                    "%s is empty: a trace begins with a header of 64 bytes", path);
        return FALSE;
    }
    if (!weft_tracefile_read(o->file, 0, &header, there)) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO, "cannot read %s: %s", path,
                    g_strerror(errno));
        return FALSE;
    }
    if (memcmp(header.magic, WEFT_FILE_MAGIC, MIN(there, sizeof header.magic)) != 0) {
        gboolean translated = size > 8 && memcmp(header.magic, "WEFT", 4) == 0;
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NOT_A_TRACE,
                    translated ? "%s was changed in transfer at byte 4: copy it as a binary file"
                               : "%s is not a Weft trace: it does not begin like one (`weft "
                                 "record` makes them)",
                    path);
        return FALSE;
    }
    if (size < sizeof header) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_CORRUPT,
                    "%s is cut at byte %" G_GUINT64_FORMAT
                    ", within its header: nothing is readable",
                    path, size);
        return FALSE;
    }
    memcpy(o->trace->uuid, header.uuid, sizeof header.uuid);
    if (header.checksum != weft_checksum(&header, sizeof header - sizeof header.checksum)) {
        weft_reading_damage(o, "its header is damaged");
        return TRUE;
    }
    if (header.major != WEFT_FILE_MAJOR) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_VERSION,
                    "%s has trace format %u.%u; this is Weft %s, which reads format %u: %s", path,
                    header.major, header.minor, WEFT_VERSION, WEFT_FILE_MAJOR,
                    header.major > WEFT_FILE_MAJOR ? "open it with a newer Weft"
                                                   : "record it again");
        return FALSE;
    }
    return TRUE;
}

weft_trace *weft_trace_open(const char *path, GError **error)
{
    struct weft_tracefile file;
    if (!weft_tracefile_open(&file, path, error))
        return NULL;
    g_autoptr(weft_trace) trace = weft_trace_alloc();
    trace->path = g_strdup(path);
    trace->file = file;
    trace->reading = g_new0(struct weft_reading, 1);
    trace->reading->trace = trace;
    trace->reading->file = &trace->file;
    if (!check_header(trace->reading, path, error))
        return NULL;
    weft_reading_all(trace->reading);
    if (trace->whole)
        g_clear_pointer(&trace->reading, weft_reading_free);
    return g_steal_pointer(&trace);
}

/* ---- Following ---- */

gboolean weft_trace_growing(const weft_trace *trace)
{
    if (trace->whole || trace->file.fd < 0)
        return FALSE;
    if (flock(trace->file.fd, LOCK_SH | LOCK_NB) < 0)
        return errno == EWOULDBLOCK;
    flock(trace->file.fd, LOCK_UN);
    return FALSE;
}

/* Whether the path names another file by now, or none. */
static gboolean is_replaced(const weft_trace *trace, const struct stat *st)
{
    struct stat now;
    return stat(trace->path, &now) < 0 || now.st_ino != st->st_ino || now.st_dev != st->st_dev;
}

enum weft_trace_growth weft_trace_refresh(weft_trace *trace)
{
    struct stat st;
    struct weft_reading *reading = trace->reading;
    if (!reading)
        return WEFT_GROWTH_ENDED;
    /* Asked before reading: what was written until then is read below. */
    gboolean growing = weft_trace_growing(trace);
    if (fstat(trace->file.fd, &st) < 0 || (guint64)st.st_size < trace->file.size)
        return WEFT_GROWTH_REPLACED;
    gboolean more = (guint64)st.st_size > trace->file.size;
    if (more || !growing) {
        trace->file.size = (guint64)st.st_size;
        if (!weft_reading_more(reading))
            return WEFT_GROWTH_REPLACED;
    }
    if (growing)
        return more ? WEFT_GROWTH_MORE : WEFT_GROWTH_NONE;
    g_clear_pointer(&trace->reading, weft_reading_free);
    return !trace->whole && is_replaced(trace, &st) ? WEFT_GROWTH_REPLACED : WEFT_GROWTH_ENDED;
}
