/* minimap.h: the whole trace in one strip, and the visible range as a handle on it: drag the window
 * to pan, its grips to zoom, click elsewhere to go there. */
#ifndef WEFT_VIEWER_MINIMAP_H
#define WEFT_VIEWER_MINIMAP_H

#include "app/viewer/timeline/plot.h"

G_BEGIN_DECLS

#define WEFT_TYPE_MINIMAP weft_minimap_get_type()
G_DECLARE_FINAL_TYPE(WeftMinimap, weft_minimap, WEFT, MINIMAP, WeftPlot)

G_END_DECLS

#endif
