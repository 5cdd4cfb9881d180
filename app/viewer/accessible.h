/* accessible.h: names for what GTK makes by itself and leaves nameless: rows of lists, the button
 * of a drop-down, the list within a table. A screen reader says them. Main thread. */
#ifndef WEFT_VIEWER_ACCESSIBLE_H
#define WEFT_VIEWER_ACCESSIBLE_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

void weft_accessible_name(GtkWidget *widget, const char *name);
/* The row that a bound cell of a list or of a table lies in. */
void weft_accessible_name_row(GtkListItem *cell, const char *name);
/* A drop-down of strings, its button, and the rows of its list. */
void weft_accessible_name_drop_down(GtkWidget *drop_down, const char *name);
/* A table, its head and its rows' list. */
void weft_accessible_name_table(GtkColumnView *table, const char *name);

G_END_DECLS

#endif
