/* plot.h: a widget that draws a part of the session's scene: the base of minimap, ruler, canvas,
 * overlay and legend. Of a pointer only x matters: what is along a plot is time. */
#ifndef WEFT_VIEWER_PLOT_H
#define WEFT_VIEWER_PLOT_H

#include "app/viewer/render/render.h"
#include "app/viewer/session.h"

G_BEGIN_DECLS

#define WEFT_TYPE_PLOT weft_plot_get_type()
G_DECLARE_DERIVABLE_TYPE(WeftPlot, weft_plot, WEFT, PLOT, GtkWidget)

struct _WeftPlotClass {
    GtkWidgetClass parent_class;
    guint redraw_on; /* enum weft_change bits that change what it draws */
    /* Draws the scene, for which the render's frame has begun. */
    void (*draw)(WeftPlot *plot, GtkSnapshot *snapshot, struct weft_render *render,
                 const struct weft_scene *scene);
    /* The session changed, or is new: WEFT_CHANGE_ALL. NULL is fine. */
    void (*changed)(WeftPlot *plot, guint what);
    /* Colours, fonts or the session are others: forget what was kept. NULL is fine. */
    void (*forget)(WeftPlot *plot);
    /* What the pointer does, with a session there, once weft_plot_take_pointer() was called: dx is
     * how far x is from where the button was pressed. drag_end may be NULL. */
    void (*drag_begin)(WeftPlot *plot, double x);
    void (*drag_update)(WeftPlot *plot, double x, double dx);
    void (*drag_end)(WeftPlot *plot, double x, double dx);
    const char *(*cursor)(WeftPlot *plot, double x); /* what the pointer looks like there */
};

/* The render is borrowed: set another, or NULL, before it is freed. */
void weft_plot_set(WeftPlot *plot, WeftSession *session, struct weft_render *render);
/* Has the pointer call the class; once, when the plot is made. */
void weft_plot_take_pointer(WeftPlot *plot);

/* A flag at each note, from top to bottom; x_of: where a moment is. For draw(). */
void weft_plot_draw_flags(WeftPlot *plot, GtkSnapshot *snapshot, float top, float bottom,
                          double (*x_of)(WeftPlot *plot, gint64 t_ns));

WeftSession *weft_plot_session(WeftPlot *plot);       /* NULL: none yet */
struct weft_render *weft_plot_render(WeftPlot *plot); /* NULL: none yet */

G_END_DECLS

#endif
