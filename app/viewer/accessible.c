/* accessible.c: see accessible.h. GTK 4.8 has no API for a row: it is found above its cell. */
#include "app/viewer/accessible.h"

void weft_accessible_name(GtkWidget *widget, const char *name)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static gboolean is_row(GtkWidget *widget)
{
    GtkAccessibleRole role = gtk_accessible_get_accessible_role(GTK_ACCESSIBLE(widget));
    return role == GTK_ACCESSIBLE_ROLE_LIST_ITEM || role == GTK_ACCESSIBLE_ROLE_ROW;
}

void weft_accessible_name_row(GtkListItem *cell, const char *name)
{
    GtkWidget *above = gtk_widget_get_parent(gtk_list_item_get_child(cell));
    while (above && !is_row(above))
        above = gtk_widget_get_parent(above);
    if (above)
        weft_accessible_name(above, name);
}

void weft_accessible_name_drop_down(GtkWidget *drop_down, const char *name)
{
    weft_accessible_name(drop_down, name);
    weft_accessible_name(gtk_widget_get_first_child(drop_down), name);
}

void weft_accessible_name_table(GtkColumnView *table, const char *name)
{
    GtkWidget *head = gtk_widget_get_first_child(GTK_WIDGET(table));
    weft_accessible_name(GTK_WIDGET(table), name);
    weft_accessible_name(head, "Columns");
    weft_accessible_name(gtk_widget_get_next_sibling(head), name);
}
