/* lanes-private.h: what lanes.c (the widget) and lanes-pointer.c (its gestures) share. */
#ifndef WEFT_VIEWER_LANES_PRIVATE_H
#define WEFT_VIEWER_LANES_PRIVATE_H

#include "app/viewer/timeline/lanes.h"

struct _WeftLanes {
    GtkWidget parent_instance;
    GtkWidget *canvas, *overlay;
    WeftSession *session;
    struct weft_render *render; /* borrowed */

    gboolean pointer_inside;
    double pointer_x, pointer_y;
    guint rest_timer; /* until the tip shows; 0: none */

    guint button;       /* of the drag under way */
    gboolean dragging;  /* it has passed the threshold */
    gint64 drag_ns;     /* primary: the moment it began at */
    double panned_x;    /* middle: how far it has panned so far */
    double scrolled_y;  /* middle: scroll_y when it began */
    double pinch_scale; /* of the pinch so far */
};

void weft_lanes_add_gestures(WeftLanes *lanes);

#endif
