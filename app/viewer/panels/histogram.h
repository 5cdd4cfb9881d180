/* histogram.h: how long the slices of a lane are, or its stays in the ready queue: counts over a
 * logarithmic axis. A drag over it, or Left and Right, chooses lengths, a click or Escape lets go
 * of them: "chosen" tells. */
#ifndef WEFT_VIEWER_HISTOGRAM_H
#define WEFT_VIEWER_HISTOGRAM_H

#include "app/viewer/render/render.h"

G_BEGIN_DECLS

#define WEFT_TYPE_HISTOGRAM weft_histogram_get_type()
G_DECLARE_FINAL_TYPE(WeftHistogram, weft_histogram, WEFT, HISTOGRAM, GtkWidget)

/* Counts what runs, and what is ready, in `segments` (of struct weft_segment_view, none merged).
 * The render is borrowed. */
void weft_histogram_show(WeftHistogram *histogram, struct weft_render *render,
                         const GArray *segments);

/* Which of them are shown: slices at first. Lets go of what is chosen. */
void weft_histogram_set_of_ready(WeftHistogram *histogram, gboolean of_ready);
gboolean weft_histogram_of_ready(WeftHistogram *histogram);
/* How many are, and how long the longest is. */
guint weft_histogram_counted(WeftHistogram *histogram, gint64 *longest_ns);

/* The lengths chosen: from least_ns to just before most_ns, n of those shown. FALSE: none are. */
gboolean weft_histogram_chosen(WeftHistogram *histogram, gint64 *least_ns, gint64 *most_ns,
                               guint *n);
/* Chooses the buckets under x0 ... x1; equal: none. */
void weft_histogram_choose(WeftHistogram *histogram, double x0, double x1);

G_END_DECLS

#endif
