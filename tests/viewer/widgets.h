/* widgets.h: finding what a window holds. */
#ifndef WEFT_TESTS_VIEWER_WIDGETS_H
#define WEFT_TESTS_VIEWER_WIDGETS_H

#include <gtk/gtk.h>

/* The first of the type, in the order of the tree; `mapped`: of those that are shown. NULL: none.
 */
static inline GtkWidget *widget_of(GtkWidget *from, GType type, gboolean mapped)
{
    if (G_TYPE_CHECK_INSTANCE_TYPE(from, type) && (!mapped || gtk_widget_get_mapped(from)))
        return from;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child;
         child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = widget_of(child, type, mapped);
        if (found)
            return found;
    }
    return NULL;
}

#endif
