/* side-by-side.c: see side-by-side.h. */
#include "app/viewer/side-by-side.h"

GtkWidget *weft_side_by_side(guint spacing, ...)
{
    GtkWidget *row = gtk_grid_new(), *widget;
    va_list widgets;
    gtk_grid_set_column_spacing(GTK_GRID(row), spacing);
    va_start(widgets, spacing);
    for (int column = 0; (widget = va_arg(widgets, GtkWidget *)); column++)
        gtk_grid_attach(GTK_GRID(row), widget, column, 0, 1, 1);
    va_end(widgets);
    return row;
}
