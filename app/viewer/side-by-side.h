/* side-by-side.h: widgets beside each other, of which some may be labels that wrap. A grid of one
 * row: GTK 4.8's box, measured, asks such a label how narrow it may be for its height, which lays
 * its text out at many widths: 5 ms a row. */
#ifndef WEFT_VIEWER_SIDE_BY_SIDE_H
#define WEFT_VIEWER_SIDE_BY_SIDE_H

#include <gtk/gtk.h>

/* Those given, in their order, NULL behind the last; `spacing` px between two. */
GtkWidget *weft_side_by_side(guint spacing, ...) G_GNUC_NULL_TERMINATED;

#endif
