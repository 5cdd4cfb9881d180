/* ruler.h: the time axis above the lanes. A click puts the playhead there; its chip can be dragged;
 * a drag elsewhere moves the origin that times are counted from. Two bars at the end of a live
 * trace say that its program is paused. */
#ifndef WEFT_VIEWER_RULER_H
#define WEFT_VIEWER_RULER_H

#include "app/viewer/timeline/plot.h"

G_BEGIN_DECLS

#define WEFT_TYPE_RULER weft_ruler_get_type()
G_DECLARE_FINAL_TYPE(WeftRuler, weft_ruler, WEFT, RULER, WeftPlot)

G_END_DECLS

#endif
