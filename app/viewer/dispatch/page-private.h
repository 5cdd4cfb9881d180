/* page-private.h: what page.c (the widget, and what it asks for), page-play.c (playing, actions and
 * keys), page-jump.c (to another event, marks) and page-predict.c (questions) share. */
#ifndef WEFT_VIEWER_DISPATCH_PAGE_PRIVATE_H
#define WEFT_VIEWER_DISPATCH_PAGE_PRIVATE_H

#include "app/viewer/dispatch/canvas.h"
#include "app/viewer/dispatch/code-pane.h"
#include "app/viewer/dispatch/kinds.h"
#include "app/viewer/dispatch/page.h"
#include "app/viewer/dispatch/predict-bar.h"
#include "app/viewer/dispatch/transport.h"

enum asked {
    ASKED_NOTHING,
    ASKED_SHOW,  /* a moment */
    ASKED_AGAIN, /* the same place: nothing is hidden any more */
    ASKED_STEPS,
    ASKED_QUESTION, /* a step, or to a question before its end */
    ASKED_FIND
};

struct wish { /* what is to be read */
    enum asked asked;
    enum weft_replay_unit unit;
    int steps;           /* > 0: forward. ASKED_FIND: only its sign counts */
    gboolean from_there; /* from t_ns on, not from what is shown */
    gint64 t_ns;
    struct weft_replay_wanted wanted;
};

struct _WeftDispatchPage {
    GtkWidget parent_instance;
    GtkWidget *box;
    WeftDispatchCanvas *canvas;
    GtkScrolledWindow *scrolled; /* the canvas */
    WeftCodePane *code;
    GtkLabel *headline;
    GtkLabel *note;   /* beside them, while it is as it was noted */
    GtkLabel *lines;  /* that were told before it */
    guint fit_source; /* 0: they are there if there is room */
    WeftPredictBar *predict;
    WeftTransport *transport;

    WeftSession *session; /* NULL: none */
    struct weft_render *render;
    GArray *loops; /* of guint: lanes */
    guint n_lanes; /* the model's that were looked at for loops */
    guint loop;    /* the lane that is replayed; WEFT_NO_LANE: none yet */
    weft_replay *replay;
    guint replayed; /* … of this loop */
    GHashTable *sources;
    struct weft_replay_place place; /* what is shown, or is being read */
    struct weft_dispatch_view *view;

    GCancellable *going;               /* NULL: no query is */
    gboolean finding;                  /* … and it looks for an event */
    struct wish next;                  /* when it is over */
    gboolean moving;                   /* the session's playhead is being set from here */
    const struct weft_jump_kind *kind; /* that was jumped to last */
    guint timer;                       /* plays by steps */
    guint tick;                        /* plays by trace time */
    gint64 last_frame;                 /* µs: of the tick before */

    gboolean presenting;
    GtkCssProvider *text; /* its size while presenting */
    gboolean predicting;
    struct weft_prediction *question; /* of the place shown; NULL: none */
    gboolean answered;                /* … or revealed: nothing is hidden */
    gboolean timeless;                /* measured times are hidden */
    struct weft_score score;
};

/* page.c */
void dispatch_page_ask(WeftDispatchPage *page, struct wish wish);
void dispatch_page_show_code(WeftDispatchPage *page);    /* where there is a pane for it */
uint64_t dispatch_page_selected(WeftDispatchPage *page); /* the task; 0: none */
void dispatch_page_seek(WeftDispatchPage *page, gint64 t_ns);

/* page-jump.c */
void dispatch_page_find_of_task(WeftDispatchPage *page, int direction); /* of the selected one */
void dispatch_page_find_of_kind(WeftDispatchPage *page, int direction); /* of the last kind */
void dispatch_page_find_kind(WeftDispatchPage *page, const char *kind); /* the next: kinds.h */
void dispatch_page_show_marks(WeftDispatchPage *page);                  /* on the slider */

/* page-play.c */
void dispatch_page_stop(WeftDispatchPage *page);
void dispatch_page_pace_changed(WeftDispatchPage *page); /* it plays on with another */
void dispatch_page_bind_keys(GtkWidgetClass *class);

/* page-predict.c */
void dispatch_page_install_predicting(void); /* its signal */
void dispatch_page_predict(WeftDispatchPage *page, gboolean on);
/* A step forward: to the next question, if there is one before its end. An open question is
 * revealed. */
void dispatch_page_go_on(WeftDispatchPage *page);
void dispatch_page_answer(WeftDispatchPage *page, guint choice);
void dispatch_page_reveal(WeftDispatchPage *page);
/* The smaller lines: not before a class, nor while they say more than is asked. */
void dispatch_page_show_lines(WeftDispatchPage *page);
/* While presenting the words have the size that goes with those of the drawing. */
void dispatch_page_fit_text(WeftDispatchPage *page);
/* What is asked at the place that is shown now: taken; NULL: nothing. */
void dispatch_page_take_question(WeftDispatchPage *page, struct weft_prediction *asked);
/* Measured times are hidden, or seen. */
void dispatch_page_hide_times(WeftDispatchPage *page, gboolean hide);
gboolean dispatch_page_waits_for_answer(WeftDispatchPage *page);
/* Of a place that asked: the sentence stays what was asked about. */
void dispatch_page_keep_said(WeftDispatchPage *page);

#endif
