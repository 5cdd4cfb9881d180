/* histogram.h: how long the slices of a lane are: counts over a logarithmic axis. */
#ifndef WEFT_VIEWER_HISTOGRAM_H
#define WEFT_VIEWER_HISTOGRAM_H

#include "app/viewer/render/render.h"

G_BEGIN_DECLS

#define WEFT_TYPE_HISTOGRAM weft_histogram_get_type()
G_DECLARE_FINAL_TYPE(WeftHistogram, weft_histogram, WEFT, HISTOGRAM, GtkWidget)

/* Counts what runs in `segments` (of struct weft_segment_view, none merged). The render is
 * borrowed. Returns how many it counted. */
guint weft_histogram_show(WeftHistogram *histogram, struct weft_render *render,
                          const GArray *segments);

G_END_DECLS

#endif
