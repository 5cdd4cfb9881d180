/* drawing-parts.h: what the files of the diagram share; drawing.h is what others see.
 *
 *      drawing.c           the whole: iteration, Ready, ways between the columns, Done
 *      drawing-tokens.c    words, tokens, and where they come from when they move
 *      drawing-running.c   Running: the token, who awaits it, the code
 *      drawing-waiting.c   Waiting: five rows
 *
 * All sizes are at text scale 1, and grow with the text; but where the drawing is narrower than its
 * words ask for, there is less around them. */
#ifndef WEFT_VIEWER_DISPATCH_DRAWING_PARTS_H
#define WEFT_VIEWER_DISPATCH_DRAWING_PARTS_H

#include "app/viewer/dispatch/drawing.h"
#include "app/viewer/render/draw.h"
#include <math.h>

enum {
    MARGIN = 24,
    GAP = 42,       /* between columns: room for an arrow */
    TOP = 60,       /* where the columns begin */
    HEAD = 54,      /* a column's title */
    INSET = 18,     /* inside a column */
    STRIP = 78,     /* under Ready and Running: the return path, */
    STRIP_LOW = 50, /* and where there is little height */
    LOW = 220,      /* of Ready and Running: less is little */
    TOKEN = 36,     /* a token's height, */
    TOKEN_LOW = 26, /* of those that are many for their room, */
    CALLBACK = 22,  /* a callback's */
    SPACE = 6,      /* between tokens */
    LINE = 24,      /* of code, */
    LINE_LOW = 19,  /* where there is little height */
    LABEL = 20,     /* "next iteration" */
    ROW_WORD = 96,  /* "Threads" */
    TOKEN_MOST = 290,
    RADIUS = 8,
    PATH = 3,
    LEAST_WIDTH = 860,
    LEAST_HEIGHT = 430,
};

struct drawing {
    struct weft_render *render;
    GtkSnapshot *snapshot;
    const struct weft_dispatch_view *view;
    uint64_t selected;
    const struct weft_dispatch_motion *motion; /* NULL: none */
    GtkSnapshot *over, *under; /* motion: where tokens that move are drawn, and all else; of the
                                  two, `snapshot` is in use */
    GArray *hits;
    double scale;
    double across; /* the same, of what is around words: less where it is narrow */
    graphene_rect_t ready, running, waiting;
    double ghost_x, ghost_y; /* where the way of what was woken begins, in its row */
};

static inline double px(const struct drawing *d, double at_scale_1)
{
    return round(at_scale_1 * d->scale);
}

static inline double across(const struct drawing *d, double at_scale_1)
{
    return round(at_scale_1 * d->across);
}

static inline double right(const graphene_rect_t *box)
{
    return (double)(box->origin.x + box->size.width);
}

static inline double bottom(const graphene_rect_t *box)
{
    return (double)(box->origin.y + box->size.height);
}

static inline graphene_rect_t rect(double x, double y, double width, double height)
{
    return GRAPHENE_RECT_INIT((float)x, (float)y, (float)width, (float)height);
}

/* ---- Words ---- */

/* Up and down in the middle of a line, cut to `max`; return their width. */
double drawing_words(struct drawing *d, enum weft_style style, enum weft_role role,
                     const char *text, double x, double y, double height, double max);
double drawing_words_right(struct drawing *d, enum weft_style style, enum weft_role role,
                           const char *text, double x, double y, double height, double max);

/* ---- Tokens ---- */

enum token_words { /* each more than the one before */
                   TOKEN_NAME,
                   TOKEN_SHORT_NOTE, /* its shortest */
                   TOKEN_SOME_WORDS, /* that, and its chip */
                   TOKEN_ALL_WORDS,  /* its longest note within reason, and its chip */
};

/* As wide as its words, within reason. */
double drawing_token_width(struct drawing *d, const struct weft_token_view *token,
                           enum token_words how);

/* The longest of its notes that is at most so wide; NULL: none is. */
const char *drawing_note(struct drawing *d, const struct weft_token_view *token, double max);

/* A token is drawn from here on, and until drawing_token_ends(). */
void drawing_token_begins(struct drawing *d, uint64_t id, double x, double y);
void drawing_token_ends(struct drawing *d, uint64_t id, double x, double y, double width,
                        double height);
void drawing_waiting_token(struct drawing *d, const struct weft_token_view *token,
                           enum token_words how, enum weft_role role, const graphene_rect_t *box);
void drawing_ready_token(struct drawing *d, const struct weft_token_view *token, double x, double y,
                         double width, double height);
/* A frame of dashes: where something was. */
void drawing_dashed_frame(struct drawing *d, enum weft_role role, double x, double y, double width,
                          double height);
/* "+37" */
void drawing_more(struct drawing *d, guint n, double x, double y, double height);

/* ---- Columns ---- */

/* Its frame and title; number: at the right, or NULL. */
void drawing_column(struct drawing *d, const graphene_rect_t *box, const char *title,
                    const char *number);
/* "3"; "?": none is known of, and events are missing. g_free it. */
char *drawing_count(const struct drawing *d, guint64 n);
void drawing_running(struct drawing *d);
void drawing_waiting(struct drawing *d);

#endif
