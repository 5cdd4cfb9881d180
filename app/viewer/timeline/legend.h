/* legend.h: what the forms and colours of the lanes mean: in one line, or in as many as
 * it takes. */
#ifndef WEFT_VIEWER_LEGEND_H
#define WEFT_VIEWER_LEGEND_H

#include "app/viewer/timeline/plot.h"

G_BEGIN_DECLS

#define WEFT_TYPE_LEGEND weft_legend_get_type()
G_DECLARE_FINAL_TYPE(WeftLegend, weft_legend, WEFT, LEGEND, WeftPlot)

G_END_DECLS

#endif
