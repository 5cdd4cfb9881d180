/* recorder.h: drains the rings of another process into a trace, without touching its hot path.
 *
 *      segment (mmap, its own header checked) --ringreader--> condition --> chunk encoder -->
 * writer
 *
 *      writer: a file, segments of a size, or a window in memory
 *
 * Law, exactly:  emitted = in the files + lost + evicted.  Evicted is what a window let go, or what
 * was in segments that are removed: it was recorded, and is no loss.
 *
 * The recorder holds the lease of a stream and stores `consumed`; it never blocks the program. When
 * the program dies, what it had committed is drained to the last event and the segment is unlinked.
 * A program that runs already begins with the state that its live tables tell; in the end it goes
 * on as before. With `children`, every process of the session is recorded as it appears, each into
 * its own rings of the trace. Thread: one; no main loop needed. */
#ifndef WEFT_TRACE_RECORDER_H
#define WEFT_TRACE_RECORDER_H

#include "tracer/trace/condition.h"
#include "tracer/trace/feed.h"
#include "tracer/trace/trace.h"
#include "tracer/trace/window.h"

G_BEGIN_DECLS

typedef struct weft_recorder weft_recorder;

struct weft_recorder_options {
    const char *path;    /* of the file; overwritten */
    const char *session; /* WEFT_SESSION of the program to come; NULL with a pid */
    guint64 max_size;    /* bytes of a file, then another is begun; 0 = one file, no limit */
    guint keep;          /* with max_size: how many files stay; 0 = all */
    gint64 sync_ns;      /* a WEFT_SYNC */
    struct weft_tracewindow_limits window; /* no file, but a window; zeros: a file */
    weft_condition *condition;             /* asked of all that is read; borrowed; NULL: none */
    weft_feed *feed;   /* gets all that is read, and when all up to now was; borrowed; NULL: none */
    gboolean children; /* all processes of the session, not the first one alone */
    guint64 pid;       /* of a program that runs already (joining.h); 0: one to come */
    guint64 ring_size; /* bytes, for a pid; 0: the default */
};

/* Creates the file at once, or tries whether it could: an unwritable path fails before the program
 * is started. Errors of a pid: as weft_joining_new(), and no file is made. */
weft_recorder *weft_recorder_new(const struct weft_recorder_options *options, GError **error);

/* The program has started as this process: how it ends is told by weft_recorder_finish(). */
void weft_recorder_set_program(weft_recorder *recorder, guint64 pid);

/* It was told to end, by who records it: what comes of that is no crash. */
void weft_recorder_stop(weft_recorder *recorder);

/* How many processes are being recorded, the program itself left out. */
guint weft_recorder_others(const weft_recorder *recorder);

/* Whether the program that ran already has ended, or has become another. */
gboolean weft_recorder_program_ended(const weft_recorder *recorder);

/* The next round looks for processes that came, instead of a moment later. */
void weft_recorder_look(weft_recorder *recorder);

/* Why a process is not in the recording, or not yet, a sentence; NULL: there is no more to say.
 * g_free it. */
char *weft_recorder_note(weft_recorder *recorder);

/* One round: finds the segment (of this session) if it is not found yet, drains what is there,
 * writes it. Returns FALSE and an error when the file cannot be written (a full disk): what was
 * written stays readable. *drained: slots read in this round: 0 means that one may sleep for a
 * millisecond or two. */
gboolean weft_recorder_drain(weft_recorder *recorder, guint *drained, GError **error);

/* Ends the recording: drains the rest, writes LOSS, STATE and INDEX, closes the file. exit_code, or
 * exit_signal when a signal ended the program. Returns FALSE and an error when that failed. */
gboolean weft_recorder_finish(weft_recorder *recorder, int exit_code, int exit_signal,
                              GError **error);

/* The window as it is now, with all that was drained: its writing may take its time, in another
 * thread. Also after the recording has ended. NULL and an error when that cannot be had. */
weft_tracepicture *weft_recorder_picture(weft_recorder *recorder, GError **error);

/* How often the condition held since this was asked last; the first time in *first. */
guint weft_recorder_hits(weft_recorder *recorder, struct weft_condition_hit *first);

/* The files that are there, oldest first: one, but for segments. Borrowed. */
const char *const *weft_recorder_paths(const weft_recorder *recorder, guint *n);

struct weft_recorder_stats {
    gboolean attached; /* a segment was found */
    gboolean damaged;  /* the program overwrote its own rings: what they held is lost */
    guint64 events, lost, bytes;
    guint64 dropped; /* of lost: refused by the program because the recorder was behind */
    guint removed;   /* segments that did not stay */
    guint processes; /* so far */
    struct weft_tracewindow_stats window; /* zeros without one */
};
struct weft_recorder_stats weft_recorder_stats(const weft_recorder *recorder);

void weft_recorder_free(weft_recorder *recorder); /* finishes nothing; NULL is fine */

G_END_DECLS

#endif
