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

static void name_choice(GtkSignalListItemFactory *factory, GtkListItem *cell, gpointer data)
{
    gpointer item = gtk_list_item_get_item(cell);
    if (GTK_IS_STRING_OBJECT(item))
        weft_accessible_name_row(cell, gtk_string_object_get_string(item));
    (void)factory, (void)data;
}

void weft_accessible_name_drop_down(GtkWidget *drop_down, const char *name)
{
    GtkListItemFactory *rows = gtk_drop_down_get_factory(GTK_DROP_DOWN(drop_down));
    weft_accessible_name(drop_down, name);
    weft_accessible_name(gtk_widget_get_first_child(drop_down), name);
    if (!GTK_IS_SIGNAL_LIST_ITEM_FACTORY(rows))
        return;
    g_object_ref(rows);
    gtk_drop_down_set_factory(GTK_DROP_DOWN(drop_down), NULL); /* what is bound is bound anew */
    g_signal_connect(rows, "bind", G_CALLBACK(name_choice), NULL);
    gtk_drop_down_set_factory(GTK_DROP_DOWN(drop_down), rows);
    g_object_unref(rows);
}

void weft_accessible_name_table(GtkColumnView *table, const char *name)
{
    GtkWidget *head = gtk_widget_get_first_child(GTK_WIDGET(table));
    weft_accessible_name(GTK_WIDGET(table), name);
    weft_accessible_name(head, "Columns");
    weft_accessible_name(gtk_widget_get_next_sibling(head), name);
}
