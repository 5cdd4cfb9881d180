/* writer.h: writes a trace, chunk by chunk: to a file, to segments of a size, or into a window in
 * memory. format.h says what it writes.
 *
 * Every function returns FALSE and an error when the file cannot be written (a full disk): the file
 * is then cut back to its last whole chunk, stays readable, and nothing more is written to it.
 * Thread: one. */
#ifndef WEFT_TRACE_WRITER_H
#define WEFT_TRACE_WRITER_H

#include "tracer/probe/clock.h"
#include "tracer/trace/format.h"
#include "tracer/trace/numbering.h"
#include "tracer/trace/state.h"
#include "tracer/trace/trace.h"
#include "tracer/trace/window.h"

G_BEGIN_DECLS

typedef struct weft_filewriter weft_filewriter;

/* Creates or overwrites the file and writes its header. */
weft_filewriter *weft_filewriter_new(const char *path, GError **error);
/* The same, but the file has its name only when it is finished: else there is what was before. */
weft_filewriter *weft_filewriter_new_whole(const char *path, GError **error);
/* Files of at most max_size bytes, PATH, PATH.2 ... (numbering.h), each of which opens alone: when
 * one is full, the next begins with all definitions and a STATE. Only the last `keep` of them stay
 * (0: all). One EVENTS chunk is in each, also when the limit is too small for that. */
weft_filewriter *weft_filewriter_new_segments(const char *path, guint64 max_size, guint keep,
                                              GError **error);
/* No file: the last of what is written stays in memory, and pictures are taken of it. */
weft_filewriter *weft_filewriter_new_window(const struct weft_tracewindow_limits *limits);
void weft_filewriter_free(weft_filewriter *writer); /* closes, finishes nothing; NULL is fine */

/* When the file is brought to the disk: a WEFT_SYNC of chunkfile.h; WEFT_SYNC_NEVER by itself. This
 * thread waits for it at the end only. */
void weft_filewriter_set_sync(weft_filewriter *writer, gint64 sync_ns);

struct weft_file_process {
    guint32 first_ring; /* rings from here to the next process's are this one's */
    guint64 pid, start_time;
    guint8 boot_id[16];
    enum weft_clock_kind clock_kind;
    struct weft_clock_anchor start;
    uint64_t from, until; /* ticks: when it was seen; 0: from its start; not known */
    const char *program, *executable, *host; /* executable: NULL is "" */
    gboolean ended, ended_unseen;            /* the latter: after `until` */
    gboolean stopped;                        /* who recorded it had it end */
    int exit_code, exit_signal;
};
gboolean weft_filewriter_process(weft_filewriter *writer, const struct weft_file_process *process,
                                 GError **error);

/* Definitions are gathered, and written before the next EVENTS chunk. */
void weft_filewriter_string(weft_filewriter *writer, guint32 id, const char *text, gsize size);
void weft_filewriter_site(weft_filewriter *writer, guint32 id, guint32 line, guint32 file,
                          guint32 func);
void weft_filewriter_anchor(weft_filewriter *writer, const struct weft_clock_anchor *anchor);

/* One EVENTS chunk of n slots (1 … WEFT_TRACE_CHUNK_SLOTS), times in ticks; ordinals go on from the
 * ring's last chunk or loss. A STATE follows when it is time for one. */
gboolean weft_filewriter_events(weft_filewriter *writer, guint32 ring,
                                const struct weft_record *records, guint n, uint64_t current_task,
                                GError **error);

/* A STATE chunk now: all that is known, times in ticks, from which later STATEs follow. Before the
 * first EVENTS and LOSS it says what was known when the trace began. */
gboolean weft_filewriter_state(weft_filewriter *writer, const weft_state *state, GError **error);

/* The ring's first slot in this trace has this ordinal. Before anything of the ring is written and
 * before the STATE that the trace begins with. */
void weft_filewriter_begin_ring(weft_filewriter *writer, guint32 ring, guint64 ordinal);

/* Here slots of this ring are missing. */
gboolean weft_filewriter_loss(weft_filewriter *writer, guint32 ring, guint64 unread,
                              guint64 dropped, GError **error);
/* The same; and `between` of the unread are in no trace of which this one is merged. */
gboolean weft_filewriter_hole(weft_filewriter *writer, guint32 ring,
                              const struct weft_loss_payload *loss, GError **error);

/* A chunk of another file as it is: only its number in the file is new. Nothing is replayed: STATEs
 * come from there too. */
gboolean weft_filewriter_copy(weft_filewriter *writer, const struct weft_chunk_header *header,
                              const guint8 *payload, GError **error);

/* The window as it is now. */
weft_tracepicture *weft_filewriter_picture(const weft_filewriter *writer);

/* Writes the definitions that are left, a last STATE, INDEX and trailer. Nothing may follow. Of a
 * window, nothing is written. */
gboolean weft_filewriter_finish(weft_filewriter *writer, GError **error);

const guint8 *weft_filewriter_uuid(const weft_filewriter *writer); /* of the file: 16 bytes */
guint64 weft_filewriter_size(const weft_filewriter *writer); /* bytes so far, of all segments */
struct weft_tracewindow_stats weft_filewriter_window_stats(const weft_filewriter *writer);
/* The names of the segments; NULL when it writes none. Borrowed. */
const struct weft_numbering *weft_filewriter_segments(const weft_filewriter *writer);
/* Who runs on this ring after all that was written. */
uint64_t weft_filewriter_running(const weft_filewriter *writer, guint32 ring);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_filewriter, weft_filewriter_free)

G_END_DECLS

#endif
