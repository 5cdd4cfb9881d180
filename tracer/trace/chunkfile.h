/* chunkfile.h: a trace file on its way to the disk: its header, whole chunks one behind the other,
 * INDEX and trailer. What is in the chunks is others' business.
 *
 *      chunk --> one writev --> file       a failed write is cut off again: the file stays whole
 *            \-> index entry, in memory until the end
 *
 * A file that is WHOLE is written under a temporary name beside its own and renamed when it is
 * finished: under its own name there is what was there before, or all of it. Messages name the path
 * that was asked for. Thread: one. */
#ifndef WEFT_TRACE_CHUNKFILE_H
#define WEFT_TRACE_CHUNKFILE_H

#include "tracer/trace/format.h"

G_BEGIN_DECLS

/* When what was written is brought to the disk (fdatasync): a power failure loses what was not. */
#define WEFT_SYNC_NEVER G_GINT64_CONSTANT(-1)
#define WEFT_SYNC_END                                                                              \
    G_GINT64_CONSTANT(0) /* when a file is finished; else every so many ns too                     \
                          */

typedef struct weft_chunkfile weft_chunkfile;

enum weft_chunkfile_mode { WEFT_CHUNKFILE_GROWING, WEFT_CHUNKFILE_WHOLE };

/* Creates the file and writes its header. A regular file of this name is replaced. NULL and an
 * error: there is no file without a header. */
weft_chunkfile *weft_chunkfile_new(const char *path, enum weft_chunkfile_mode mode, GError **error);

/* One chunk. Its kind, codec, ring, sizes, times, ordinal and n are set in the header; the rest is
 * filled in. Returns FALSE and an error when it cannot be written; nothing more is then. */
gboolean weft_chunkfile_add(weft_chunkfile *file, struct weft_chunk_header *header,
                            const guint8 *payload, GError **error);

/* INDEX and trailer; then the file has its name. sync_ns: a WEFT_SYNC. */
gboolean weft_chunkfile_finish(weft_chunkfile *file, gint64 sync_ns, GError **error);

/* Closes it. A WHOLE one that is not finished is gone. NULL is fine. */
void weft_chunkfile_free(weft_chunkfile *file);

guint64 weft_chunkfile_size(const weft_chunkfile *file); /* bytes so far */
/* Bytes that it would have at most, finished with `more` chunks of `bytes` in all. */
guint64 weft_chunkfile_size_with(const weft_chunkfile *file, guint more, guint64 bytes);
const char *weft_chunkfile_path(const weft_chunkfile *file);
const guint8 *weft_chunkfile_uuid(const weft_chunkfile *file); /* 16 bytes */
int weft_chunkfile_fd(const weft_chunkfile *file);             /* -1: finished */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_chunkfile, weft_chunkfile_free)

G_END_DECLS

#endif
