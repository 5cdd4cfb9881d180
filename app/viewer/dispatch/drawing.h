/* drawing.h: (view, palette, size) → GtkSnapshot: the loop as a diagram. Pure, as render.h is.
 *
 *    Iteration 22   (poll) > (I/O callbacks) > (due timers) > (ready tasks)    Done  ...
 *    +- Ready ----+   +- Running --------+   +- Waiting -----------+
 *    | this       | > | token, who awaits| > | Timers   tokens +37 |
 *    | ---------- |   | five lines       |   | I/O                 |
 *    | next       |   +------------------+   | Locks    [ghost]    |
 *    +------------+                          | Tasks      |        |
 *         ^--------------( cause )-----------+- Threads --'--------+
 *
 * The rows of Waiting are five, always, in this order. */
#ifndef WEFT_VIEWER_DISPATCH_DRAWING_H
#define WEFT_VIEWER_DISPATCH_DRAWING_H

#include "app/viewer/dispatch/view.h"
#include "app/viewer/render/render.h"

G_BEGIN_DECLS

struct weft_dispatch_hit { /* where a token was drawn */
    graphene_rect_t box;
    uint64_t id;
};

struct weft_dispatch_motion { /* tokens on their way from where they were, over all else */
    const GArray *from;       /* of struct weft_dispatch_hit */
    double passed;            /* 0: there; 1: here */
};

/* selected: the task with a ring around its token; 0: none. motion: NULL: nothing moves. hits: of
 * struct weft_dispatch_hit, is filled with where tokens are in the end; NULL: nobody wants to know.
 */
void weft_dispatch_draw(struct weft_render *render, GtkSnapshot *snapshot,
                        const struct weft_dispatch_view *view, double width, double height,
                        uint64_t selected, const struct weft_dispatch_motion *motion, GArray *hits);
/* What it takes at least, at a text scale: below that words are cut. */
void weft_dispatch_least_size(double scale, double *width, double *height);

G_END_DECLS

#endif
