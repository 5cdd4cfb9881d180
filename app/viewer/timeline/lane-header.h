/* lane-header.h: the head of one lane in the names column: its place in the tree, its name (a
 * button: it selects the lane), and its state at the playhead. */
#ifndef WEFT_VIEWER_LANE_HEADER_H
#define WEFT_VIEWER_LANE_HEADER_H

#include "app/viewer/session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFT_TYPE_LANE_HEADER weft_lane_header_get_type()
G_DECLARE_FINAL_TYPE(WeftLaneHeader, weft_lane_header, WEFT, LANE_HEADER, GtkWidget)

GtkWidget *weft_lane_header_new(WeftSession *session);

/* The lane it shows; WEFT_NO_LANE: none yet. */
guint weft_lane_header_lane(WeftLaneHeader *header);

/* Shows this row. through: bit d is set where an ancestor of depth d has a sibling further down, so
 * that its connector runs through. */
void weft_lane_header_show(WeftLaneHeader *header, const struct weft_row *row,
                           const struct weft_visible_row *words, guint through, gboolean selected);

G_END_DECLS

#endif
