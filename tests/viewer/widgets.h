/* widgets.h: finding what a window holds. */
#ifndef WEFT_TESTS_VIEWER_WIDGETS_H
#define WEFT_TESTS_VIEWER_WIDGETS_H

#include <adwaita.h>
#include <string.h>

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

/* The first label that is seen and begins so; NULL: none. */
static inline GtkWidget *label_shown(GtkWidget *from, const char *text)
{
    if (GTK_IS_LABEL(from) && gtk_widget_get_mapped(from) &&
        g_str_has_prefix(gtk_label_get_text(GTK_LABEL(from)), text))
        return from;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child;
         child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = label_shown(child, text);
        if (found)
            return found;
    }
    return NULL;
}

/* The button that is seen and says so; NULL: none. */
static inline GtkWidget *button_shown(GtkWidget *from, const char *text)
{
    if (GTK_IS_BUTTON(from) && gtk_widget_get_mapped(from) &&
        g_strcmp0(gtk_button_get_label(GTK_BUTTON(from)), text) == 0)
        return from;
    GtkWidget *found = NULL;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child && !found;
         child = gtk_widget_get_next_sibling(child))
        found = button_shown(child, text);
    return found;
}

/* Waits for the question whose heading or body says this, and presses this button of it. */
static inline void answer_question(const char *says, const char *label)
{
    GListModel *windows = gtk_window_get_toplevels();
    GtkWidget *button = NULL;
    while (!button) {
        g_main_context_iteration(NULL, TRUE);
        for (guint i = 0; i < g_list_model_get_n_items(windows) && !button; i++) {
            g_autoptr(GtkWidget) shown = g_list_model_get_item(windows, i);
            if (ADW_IS_MESSAGE_DIALOG(shown) &&
                (strstr(adw_message_dialog_get_heading(ADW_MESSAGE_DIALOG(shown)), says) ||
                 strstr(adw_message_dialog_get_body(ADW_MESSAGE_DIALOG(shown)), says)))
                button = button_shown(shown, label);
        }
    }
    g_signal_emit_by_name(button, "clicked");
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

/* What a key does where one of the widget's own controllers takes it; FALSE: none does. */
static inline gboolean key_taken(GtkWidget *widget, guint key, GdkModifierType modifiers)
{
    g_autoptr(GListModel) all = gtk_widget_observe_controllers(widget);
    gboolean taken = FALSE;
    for (guint i = 0; i < g_list_model_get_n_items(all) && !taken; i++) {
        g_autoptr(GtkEventController) controller = g_list_model_get_item(all, i);
        if (GTK_IS_EVENT_CONTROLLER_KEY(controller))
            g_signal_emit_by_name(controller, "key-pressed", key, 0, modifiers, &taken);
    }
    return taken;
}

/* What the widget draws; NULL: it is about to draw something else. */
static inline GskRenderNode *node_of(GtkWidget *widget)
{
    g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new(widget);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    gdk_paintable_snapshot(paintable, GDK_SNAPSHOT(snapshot), gtk_widget_get_width(widget),
                           gtk_widget_get_height(widget));
    return gtk_snapshot_free_to_node(snapshot);
}

#endif
