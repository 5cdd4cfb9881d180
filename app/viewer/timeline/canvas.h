/* canvas.h: the lanes as pictures: all that is under the overlay. */
#ifndef WEFT_VIEWER_CANVAS_H
#define WEFT_VIEWER_CANVAS_H

#include "app/viewer/timeline/plot.h"

G_BEGIN_DECLS

#define WEFT_TYPE_CANVAS weft_canvas_get_type()
G_DECLARE_FINAL_TYPE(WeftCanvas, weft_canvas, WEFT, CANVAS, WeftPlot)

G_END_DECLS

#endif
