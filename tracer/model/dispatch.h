/* dispatch.h: the event loop as it stands at a place of its replay, as the Dispatch view draws it.
 *
 *      ready queue ----------> running -----> waiting: timers | I/O | locks | tasks | threads
 *      [this iteration|next]      |             |
 *        ^                        '--> done     |
 *        '------ woken: by whom, and why -------'
 *
 * All from the state at that place and the loop's events before it; what a loss hides is said to be
 * unknown.
 *
 * Thread: that of the replay. */
#ifndef WEFT_MODEL_DISPATCH_H
#define WEFT_MODEL_DISPATCH_H

#include "tracer/model/replay.h"

G_BEGIN_DECLS

enum weft_phase { /* of an iteration, in this order */
                  WEFT_PHASE_UNKNOWN,
                  WEFT_PHASE_POLL,
                  WEFT_PHASE_IO,     /* callbacks of what the poll found */
                  WEFT_PHASE_TIMERS, /* those that are due */
                  WEFT_PHASE_READY,  /* the ready tasks, one after the other */
                  WEFT_PHASE_CLOSED, /* the loop has not begun, or is over */
};

#define WEFT_NO_DEADLINE G_MAXINT64

struct weft_token { /* a task, or a callback in the ready queue */
    uint64_t id;
    uint64_t other;      /* waiting: what it awaits; ready: who woke it */
    uint64_t holder;     /* of the lock that it waits for; 0: none, or unknown */
    gint64 since_ns;     /* in this state since */
    gint64 deadline_ns;  /* its timer's, else its first timeout's; WEFT_NO_DEADLINE: none */
    uint32_t site;       /* where it waits */
    guint8 detail;       /* waiting: await kind; ready: wake cause; done: enum weft_outcome */
    gboolean cancelling; /* a cancellation was delivered: its cleanup runs, or waits */
};

enum { WEFT_PATH_MAX = 8 };

struct weft_dispatch {
    struct weft_replay_place place;
    uint64_t loop;
    guint64 iteration;     /* 0: unknown */
    enum weft_phase phase; /* where a callback runs: its kind's */

    GArray *ready;  /* of struct weft_token: next first */
    guint n_this;   /* of them, those of this iteration: the first */
    gboolean split; /* n_this is known */

    struct weft_token running;    /* id 0: nobody */
    uint64_t callback;            /* the one that runs, alone or around it; 0: none */
    guint8 callback_kind;         /* enum weft_handle_kind */
    uint64_t path[WEFT_PATH_MAX]; /* who awaits the running task, outermost first; without it */
    guint n_path;
    struct weft_token left; /* who ran until now, and waits, or is done; id 0: none. detail: the
                               await kind; 0: done. The loop does not poll yet, nor runs another */
    uint32_t site;      /* the last line that the running task was seen at, or who left; 0: none */
    gboolean site_past; /* who left is done: it was seen there, and then it ended elsewhere */

    GArray *waiting[WEFT_WAIT_CLASSES]; /* of struct weft_token: by deadline, then by since when */
    guint n_unknown;                    /* tasks of which a loss hides what they do */
    GArray *done;                       /* of struct weft_token: the last few, newest first */
    guint n_done;

    /* The last that was woken in this step out of a wait: the return path. */
    struct weft_token woken; /* id 0: none. since_ns: when; detail: wake cause; other: by whom, or
                              * the lock or queue that it waited for */
    guint8 woken_from;       /* enum weft_wait_class: where it was */
    guint n_woken;           /* as many were in this step */
};

/* Free it with weft_dispatch_free(). */
struct weft_dispatch *weft_replay_scene(weft_replay *replay, struct weft_replay_place place);
void weft_dispatch_free(struct weft_dispatch *dispatch); /* NULL is fine */

/* The return path's cause in a few words: "cache released", "timer due". g_free it. */
char *weft_dispatch_cause(weft_model *model, const struct weft_dispatch *dispatch);

G_END_DECLS

#endif
