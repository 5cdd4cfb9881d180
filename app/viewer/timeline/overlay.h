/* overlay.h: what lies over the lanes and changes with the pointer: playhead, hover and its tip,
 * selection, edges, the marked range. Apart, so that moving them draws no lane. Assistive
 * technology reads the tip as its description. */
#ifndef WEFT_VIEWER_OVERLAY_H
#define WEFT_VIEWER_OVERLAY_H

#include "app/viewer/timeline/plot.h"

G_BEGIN_DECLS

#define WEFT_TYPE_OVERLAY weft_overlay_get_type()
G_DECLARE_FINAL_TYPE(WeftOverlay, weft_overlay, WEFT, OVERLAY, WeftPlot)

G_END_DECLS

#endif
