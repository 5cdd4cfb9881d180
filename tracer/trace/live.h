/* live.h: a running program's rings as a trace that grows.
 *
 * Attaches read-only to a process that runs under WEFT_TRACE=flight (or stream without a recorder):
 * takes no lease, disturbs nothing. What the program overwrites before it was read is a loss in the
 * trace. */
#ifndef WEFT_TRACE_LIVE_H
#define WEFT_TRACE_LIVE_H

#include "tracer/trace/trace.h"

G_BEGIN_DECLS

typedef struct weft_live weft_live;

/* Errors: NO_PROCESS when the pid is gone, is not traced (says how to start it), or belongs to
 * another user. */
weft_live *weft_live_attach(guint64 pid, GError **error);

/* Follows a trace file that is being written (weft_trace_growing()) instead of a process: no poll
 * waits. Takes a reference. */
weft_live *weft_live_follow(weft_trace *trace);
gboolean weft_live_is_file(const weft_live *live);

/* The growing trace; owned by the live. */
weft_trace *weft_live_trace(weft_live *live);

/* Reads what is new; returns how many slots. After the program's end it reads to the last committed
 * event, then weft_trace_source()->ended is TRUE. Poll no faster than 1 ms. */
guint weft_live_poll(weft_live *live);

/* "running", "ended with 0", "killed by a signal" (a foreign process's signal number is not ours to
 * know), … Borrowed. */
const char *weft_live_status(const weft_live *live);
gboolean weft_live_ended(const weft_live *live);

/* Now, on the trace's clock: what a slice that still runs grows to. */
gint64 weft_live_now_ns(const weft_live *live);

/* Writes all that was seen of a process into a trace file. */
gboolean weft_live_save(weft_live *live, const char *path, GError **error);

void weft_live_free(weft_live *live); /* NULL is fine */

/* The traced processes of this user: pids, newest first. */
struct weft_live_process {
    guint64 pid;
    char *program;
    gboolean alive;
    guint64 started; /* in clock ticks since boot */
};
GArray *weft_live_processes(
    void); /* of struct weft_live_process; free with g_array_unref (has a clear function) */

G_END_DECLS

#endif
