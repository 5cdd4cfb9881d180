/* histogram.h: how long the slices of a lane are: counts over a logarithmic axis. A drag over it
 * chooses lengths, a click lets go of them: "chosen" tells. */
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

/* The lengths chosen: from least_ns to just before most_ns, as many slices as returned. FALSE: none
 * are. */
gboolean weft_histogram_chosen(WeftHistogram *histogram, gint64 *least_ns, gint64 *most_ns,
                               guint *slices);
/* Chooses the buckets under x0 ... x1; equal: none. */
void weft_histogram_choose(WeftHistogram *histogram, double x0, double x1);

G_END_DECLS

#endif
