/* tracefile.h: the bytes of a trace file that is read: where its chunks are.
 *
 *      trailer -> INDEX -> entries             a whole file
 *      header -> header -> header ...          any other; a damaged one: search magic + checksum
 *
 * Bytes are read with pread, never mapped: somebody may cut the file while it is open, which would
 * kill a reader of its pages; here the chunk is damaged, no more. Nothing in the file is trusted:
 * offsets, sizes and counts are checked before they are used. Thread: any number. */
#ifndef WEFT_TRACE_TRACEFILE_H
#define WEFT_TRACE_TRACEFILE_H

#include "tracer/trace/format.h"

struct weft_tracefile {
    int fd;
    guint64 size; /* when it was opened */
};

/* FALSE and an error: it cannot be read, or is no regular file. */
gboolean weft_tracefile_open(struct weft_tracefile *file, const char *path, GError **error);
void weft_tracefile_close(struct weft_tracefile *file);

/* Reads all of these bytes, or nothing. */
gboolean weft_tracefile_read(const struct weft_tracefile *file, guint64 offset, void *to,
                             gsize size);

/* A payload as it is stored, into `bytes`; FALSE: it is not the one that was written. */
gboolean weft_tracefile_payload(const struct weft_tracefile *file, guint64 offset, guint32 stored,
                                guint32 checksum, GByteArray *bytes);

/* The payload of the chunk whose header is at `offset`, unpacked; g_free it. NULL: damaged. */
guint8 *weft_tracefile_unpacked(const struct weft_tracefile *file,
                                const struct weft_index_entry *entry);

/* The chunk at `offset` as the INDEX would have it; FALSE: no whole header is there. */
gboolean weft_tracefile_chunk_at(const struct weft_tracefile *file, guint64 offset,
                                 struct weft_index_entry *entry);

/* Where the chunk ends, its padding included. */
guint64 weft_tracefile_end(const struct weft_index_entry *entry);

/* The next whole chunk header at or after `offset`; file->size when there is none. */
guint64 weft_tracefile_resynchronise(const struct weft_tracefile *file, guint64 offset);

/* Where the header of another trace lies, of files put behind each other; `to`: nowhere. */
guint64 weft_tracefile_another(const struct weft_tracefile *file, guint64 from, guint64 to);

/* Whether the trailer begins here, or what a cut left of it. */
gboolean weft_tracefile_is_trailer(const struct weft_tracefile *file, guint64 offset);

/* Whether the trailer is here of what the file was before something was added to it: extend.h. */
gboolean weft_tracefile_is_former_trailer(const struct weft_tracefile *file, guint64 offset);

/* The chunks by INDEX, of struct weft_index_entry, in order; NULL when there is none, or it is not
 * whole. */
GArray *weft_tracefile_index(const struct weft_tracefile *file);

#endif
