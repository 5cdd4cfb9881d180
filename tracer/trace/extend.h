/* extend.h: adds chunks behind the end of a trace file that is whole: a SUMMARY, NOTES.
 *
 *      | ... | INDEX | trailer | addition | addition | INDEX, of all | trailer |
 *      `--- as it was --------'
 *
 * What was there stays as it is: who reads the file meanwhile is not disturbed, and where the
 * addition fails, or the system dies amid it, everything before it is still there to be read. */
#ifndef WEFT_TRACE_EXTEND_H
#define WEFT_TRACE_EXTEND_H

#include "tracer/trace/format.h"
#include "tracer/trace/trace.h"

G_BEGIN_DECLS

struct weft_addition {
    enum weft_chunk_kind kind; /* WEFT_CHUNK_SUMMARY, WEFT_CHUNK_NOTES */
    guint32 n;                 /* entries in it */
    guint64 first_time, last_time;
    const guint8 *bytes;
    gsize size;
};

/* Adds to the file at `path`, which must be the one with this uuid. Returns FALSE and an error when
 * it cannot be written (IO), is not whole or another one (CORRUPT), or somebody else adds to it now
 * (FAILED): then it is as it was. */
gboolean weft_file_extend(const char *path, const guint8 uuid[16],
                          const struct weft_addition *additions, guint n, GError **error);

/* Makes a trace file that holds nothing but additions: a cache, or notes beside a file that cannot
 * be written. It appears whole or not at all. */
gboolean weft_file_create(const char *path, const struct weft_addition *additions, guint n,
                          GError **error);

G_END_DECLS

#endif
