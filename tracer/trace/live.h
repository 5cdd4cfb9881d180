/* live.h: a running program as a trace that grows; and one that is stuck, or dead, as it stands.
 *
 * Attaches read-only to any program linked with libweft, unprepared as it is: takes no lease, and
 * asks it to record while somebody looks (flight mode); when nobody does any more, also because he
 * was killed, it goes back to standby. What it did before, and still matters, is known from its
 * live tables: the trace begins with a STATE. A program whose loop is held by a slice does not
 * hear; it is shown as its tables have it, and recorded from when it polls again: what each of its
 * tasks did meanwhile, and does, is unknown until its next event. What the program overwrites
 * before it was read is a loss.
 */
#ifndef WEFT_TRACE_LIVE_H
#define WEFT_TRACE_LIVE_H

#include "tracer/trace/trace.h"

G_BEGIN_DECLS

typedef struct weft_live weft_live;

/* Errors: NO_PROCESS when the pid is gone and left nothing, has no ring file (why, perhaps), or
 * belongs to another user. It waits for the program's loops, up to half a second: whoever has a
 * main loop calls it in a worker, and has the live in his own thread from then on. */
weft_live *weft_live_attach(guint64 pid, GError **error);

/* The same without asking the program for anything: what it does just now, for once. */
weft_live *weft_live_look(guint64 pid, GError **error);

/* The state of everything after what was read so far: times as the trace's. Borrowed until the next
 * poll. */
const struct weft_state *weft_live_state(const weft_live *live);

/* Why a program does not answer, from its tables: "main holds its loop". g_free it. */
char *weft_live_holder(const weft_live *live);

/* How well the live tables could be read when it was attached (tablereader.h). `state` in it is
 * NULL. Borrowed. */
struct weft_tableread;
const struct weft_tableread *weft_live_tables(const weft_live *live);

/* Tasks and objects that are alive, but found no place in the tables. */
void weft_live_unlisted(const weft_live *live, guint64 *tasks, guint64 *objects);

/* Follows a trace file that is being written (weft_trace_growing()) instead of a process: no poll
 * waits. Takes a reference. */
weft_live *weft_live_follow(weft_trace *trace);
gboolean weft_live_is_file(const weft_live *live);

/* The growing trace; owned by the live. */
weft_trace *weft_live_trace(weft_live *live);

/* Reads what is new; returns how many slots. After the program's end it reads to the last committed
 * event, then weft_trace_source()->ended is TRUE. Poll no faster than 1 ms. */
guint weft_live_poll(weft_live *live);

/* "running", "stopped by a signal", "does not answer: main holds its loop", "ended with 0", "killed
 * by a signal" (a foreign process's signal number is not ours to know), … Borrowed. */
const char *weft_live_status(const weft_live *live);
gboolean weft_live_ended(const weft_live *live);
/* It is stopped: by SIGSTOP, a terminal or a debugger. */
gboolean weft_live_stopped(const weft_live *live);
/* A controller pauses one of its loops, which runs nothing: weft ctl PID pause, or a viewer. */
gboolean weft_live_paused(const weft_live *live);

/* Until when it was seen: its end, or when it was looked at last. */
gint64 weft_live_seen_ns(const weft_live *live);

/* Now, on the trace's clock: what a slice that still runs grows to. */
gint64 weft_live_now_ns(const weft_live *live);

/* Writes all that was seen of a process into a trace file. */
gboolean weft_live_save(weft_live *live, const char *path, GError **error);

/* The same in steps, between which the live may be polled: what is seen after the saver was made is
 * not written. A step has the live alone, in any thread; the live outlives the saver. */
typedef struct weft_livesaver weft_livesaver;
weft_livesaver *weft_livesaver_new(weft_live *live, const char *path);
/* Writes at most this many chunks (0: all that are left). TRUE: there are more. FALSE without an
 * error: it can be finished. */
gboolean weft_livesaver_advance(weft_livesaver *saver, guint max_chunks, GError **error);
/* The file has its name from then on; before that, it has what was there. Needs nothing of the live
 * any more. */
gboolean weft_livesaver_finish(weft_livesaver *saver, GError **error);
double weft_livesaver_progress(const weft_livesaver *saver); /* 0 … 1 */
guint64 weft_livesaver_events(const weft_livesaver *saver);  /* that it writes */
void weft_livesaver_free(weft_livesaver *saver);             /* gives up; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_livesaver, weft_livesaver_free)

void weft_live_free(weft_live *live); /* NULL is fine */

/* The processes of this user that can be attached to: pids, newest first. */
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
