/* plot.h: a widget that draws a part of the session's scene: the base of minimap, ruler, canvas,
 * overlay and legend. */
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
    /* The session changed, or is new: WEFT_CHANGE_ALL. NULL is fine. */
    void (*changed)(WeftPlot *plot, guint what);
    /* Colours, fonts or the session are others: forget what was kept. NULL is fine. */
    void (*forget)(WeftPlot *plot);
};

/* The render is borrowed: set another, or NULL, before it is freed. */
void weft_plot_set(WeftPlot *plot, WeftSession *session, struct weft_render *render);

WeftSession *weft_plot_session(WeftPlot *plot);       /* NULL: none yet */
struct weft_render *weft_plot_render(WeftPlot *plot); /* NULL: none yet */

G_END_DECLS

#endif
