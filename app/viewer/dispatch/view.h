/* view.h: what the Dispatch view shows at a place, in words: all that drawing needs, and nothing
 * that a model must be asked for.
 *
 *      weft_replay, weft_dispatch --a worker: weft_dispatch_view_new()--> view --drawing.h--> nodes
 *
 * Thread: made by one, then read only. */
#ifndef WEFT_VIEWER_DISPATCH_VIEW_H
#define WEFT_VIEWER_DISPATCH_VIEW_H

#include "tracer/model/dispatch.h"
#include "tracer/model/predict.h"

G_BEGIN_DECLS

enum {
    WEFT_TOKENS_SHOWN = 12, /* of a queue or a row at most; the others are counted */
    WEFT_CODE_LINES = 5,
};

struct weft_token_view {
    uint64_t id;
    char *name;
    char **notes; /* longest first: "connect :9083", "connect"; NULL: none */
    char *chip;   /* the time until its deadline; NULL: none */
    gboolean callback, cancelling;
    guint8 outcome; /* done: enum weft_outcome */
};

struct weft_tokens_view { /* the first few of n */
    struct weft_token_view shown[WEFT_TOKENS_SHOWN];
    guint n_shown, n;
};

struct weft_code_line {
    unsigned number;
    char *text;
};

struct weft_dispatch_view {
    struct weft_replay_place place;
    gint64 begins_ns;         /* the step that led here began after this */
    gint64 from_ns, until_ns; /* it was so from the end of a step until before the next one's */
    char *iteration;          /* "Iteration 22" */
    enum weft_phase phase;
    struct weft_tokens_view ready, waiting[WEFT_WAIT_CLASSES], done;
    guint n_this;
    gboolean split;                  /* n_this is known */
    struct weft_tokens_view running; /* none or one */
    struct weft_tokens_view left;    /* none or one: who ran, and leaves with this step */
    char *ran;                       /* for how long; NULL: nobody runs */
    char *nobody;                    /* what is there instead: "The loop polls"; NULL: one runs */
    struct weft_code_line code[WEFT_CODE_LINES];
    guint n_code, current; /* current: the line that it is at */
    /* The line of this step: where one runs, or else where somebody has begun to wait. */
    char *source; /* NULL: there is none, or the file is not found */
    guint line;
    char *where;   /* "lesson.c:6", where file or line is not found; NULL: not known either */
    char *past;    /* that who was at the line has ended since; NULL: it has not */
    char *changed; /* that the file is another since this was recorded; NULL: it is not */
    char *unknown; /* "3 unknown: events are missing"; NULL: none is */
    struct weft_tokens_view woken; /* none or one: the return path */
    guint8 woken_from;             /* enum weft_wait_class */
    char *cause;
    char *headline;  /* markup, with links */
    char *plain;     /* the same as text */
    char *lines;     /* markup, one a line; "" */
    gboolean hidden; /* the queue's order is asked for: its tokens are in another */
};

/* Source files by name → their lines (GStrv), or NULL where there is none: kept by who asks. */
GHashTable *weft_source_cache_new(void);

struct weft_dispatch_view *weft_dispatch_view_new(weft_replay *replay, weft_model *model,
                                                  struct weft_replay_place place,
                                                  GHashTable *sources);
/* Takes from it what would tell the answer: the queue's order, that of the timers, what is said. */
void weft_dispatch_view_hide(struct weft_dispatch_view *view, const struct weft_prediction *asked);
/* Takes all measured times from it: what is seen is the order. */
void weft_dispatch_view_hide_times(struct weft_dispatch_view *view);
/* The text with "…" for each measured time: "where it spent …". What a program asks for stays:
 * "sleep(1.0 s)". g_free it. */
char *weft_without_times(const char *text);
void weft_dispatch_view_free(struct weft_dispatch_view *view); /* NULL is fine */

G_END_DECLS

#endif
