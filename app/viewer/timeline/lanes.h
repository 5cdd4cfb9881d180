/* lanes.h: the lanes area: canvas and overlay on top of each other, the pointer's gestures over
 * them, and what a screen reader is told of the selection.
 *
 *     wheel scrolls lanes · Shift+wheel pans · Ctrl+wheel or pinch zooms at the pointer
 *     click selects and puts the playhead · double click frames · drag marks a range
 *     middle drag pans · rest 300 ms: the tip
 */
#ifndef WEFT_VIEWER_LANES_H
#define WEFT_VIEWER_LANES_H

#include "app/viewer/render/render.h"
#include "app/viewer/session.h"

G_BEGIN_DECLS

#define WEFT_TYPE_LANES weft_lanes_get_type()
G_DECLARE_FINAL_TYPE(WeftLanes, weft_lanes, WEFT, LANES, GtkWidget)

void weft_lanes_set(WeftLanes *lanes, WeftSession *session, struct weft_render *render);
/* Where the pointer is, from the left edge; the middle when it is elsewhere. */
double weft_lanes_pointer_x(WeftLanes *lanes);

G_END_DECLS

#endif
