/* canvas.h: the widget that the loop is drawn in: a click on a token selects its task. */
#ifndef WEFT_VIEWER_DISPATCH_CANVAS_H
#define WEFT_VIEWER_DISPATCH_CANVAS_H

#include "app/viewer/dispatch/drawing.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFT_TYPE_DISPATCH_CANVAS weft_dispatch_canvas_get_type()
G_DECLARE_FINAL_TYPE(WeftDispatchCanvas, weft_dispatch_canvas, WEFT, DISPATCH_CANVAS, GtkWidget)

/* Draws these, borrowed, from now on; either may be NULL. "picked" (guint64 id): a token was
 * clicked. "fitted": its text has another size now. */
void weft_dispatch_canvas_set(WeftDispatchCanvas *canvas, struct weft_render *render,
                              const struct weft_dispatch_view *view, uint64_t selected);
/* For a projector: text is no larger than what fits in the width. */
void weft_dispatch_canvas_project(WeftDispatchCanvas *canvas, gboolean project);
double weft_dispatch_canvas_scale(WeftDispatchCanvas *canvas); /* of its text; 0: not known yet */
/* The tokens of the view that was just set go there from where they were drawn last, unless the
 * user wants nothing to move. It takes 180 ms at most, however few frames there are; the next view
 * ends it. */
void weft_dispatch_canvas_move(WeftDispatchCanvas *canvas);
gboolean weft_dispatch_canvas_moves(WeftDispatchCanvas *canvas);

G_END_DECLS

#endif
