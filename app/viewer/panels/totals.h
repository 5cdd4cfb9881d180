/* totals.h: a lane's time by state: a bar in proportion, and the numbers under it. */
#ifndef WEFT_VIEWER_TOTALS_H
#define WEFT_VIEWER_TOTALS_H

#include "app/viewer/render/render.h"

G_BEGIN_DECLS

#define WEFT_TYPE_TOTALS weft_totals_get_type()
G_DECLARE_FINAL_TYPE(WeftTotals, weft_totals, WEFT, TOTALS, GtkWidget)

/* The render is borrowed. loop: poll, callbacks and the loop's own work instead of waiting. */
void weft_totals_show(WeftTotals *widget, struct weft_render *render,
                      const struct weft_totals *totals, gboolean loop);

G_END_DECLS

#endif
