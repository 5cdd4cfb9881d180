/* task-menu.c: see task-menu.h. A menu is made when it is asked for, and gone once it is closed. */
#include "app/viewer/task-menu.h"

#include "app/viewer/trace-page.h"

struct menu {
    GtkWidget *widget; /* borrowed: it has the controllers that know this */
    weft_task_menu_select *select;
    gpointer data;
};

static const struct {
    const char *title, *action;
    const char *if_pinned; /* what it says of a task that is; NULL: the same */
} entries[] = {
    { "_Frame", "timeline.frame" },
    { "_Pin to the Top", "timeline.pin", "_Let Go" },
    { "Go to Who _Woke It", "timeline.follow-from" },
    { "Go to What It _Awaits", "timeline.follow-to" },
    { "_Copy", "timeline.copy" },
    { "Cancel _Task", "timeline.cancel-task" },
};

static gboolean selected_is_pinned(GtkWidget *widget)
{
    GtkWidget *page = gtk_widget_get_ancestor(widget, WEFT_TYPE_TRACE_PAGE);
    WeftSession *session = page ? weft_trace_page_session(WEFT_TRACE_PAGE(page)) : NULL;
    guint lane = session ? weft_session_view(session)->selected_lane : WEFT_NO_LANE;
    return lane != WEFT_NO_LANE && weft_session_pinned(session, lane);
}

/* What cannot be done now is left out: of a file, no task can be cancelled. */
static GMenuModel *entries_now(gboolean pinned)
{
    GMenu *menu = g_menu_new();
    for (guint i = 0; i < G_N_ELEMENTS(entries); i++) {
        const char *title = pinned && entries[i].if_pinned ? entries[i].if_pinned
                                                           : entries[i].title;
        g_autoptr(GMenuItem) item = g_menu_item_new(title, entries[i].action);
        g_menu_item_set_attribute(item, "hidden-when", "s", "action-disabled");
        g_menu_append_item(menu, item);
    }
    return G_MENU_MODEL(menu);
}

/* A tooltip would lie on the menu: while that is open, what is at (x, y) has none. */
static void hide_tooltip(GtkWidget *popover, GtkWidget *widget, double x, double y)
{
    GtkWidget *at = gtk_widget_pick(widget, x, y, GTK_PICK_DEFAULT);
    while (at && at != widget && !gtk_widget_get_has_tooltip(at))
        at = gtk_widget_get_parent(at);
    if (!at || !gtk_widget_get_has_tooltip(at))
        return;
    g_object_set_data_full(G_OBJECT(popover), "tooltip", g_object_ref(at), g_object_unref);
    gtk_widget_set_has_tooltip(at, FALSE);
    gtk_widget_trigger_tooltip_query(at);
}

static void give_tooltip_back(GtkWidget *popover)
{
    GtkWidget *at = g_object_get_data(G_OBJECT(popover), "tooltip");
    if (at)
        gtk_widget_set_has_tooltip(at, TRUE);
}

/* Its action comes after it is closed. */
static gboolean remove_menu(gpointer popover)
{
    if (gtk_widget_get_parent(popover))
        gtk_widget_unparent(popover);
    g_object_unref(popover);
    return G_SOURCE_REMOVE;
}

static void closed(GtkWidget *popover)
{
    give_tooltip_back(popover);
    g_idle_add(remove_menu, g_object_ref(popover));
}

static void show(GtkWidget *widget, double x, double y)
{
    g_autoptr(GMenuModel) model = entries_now(selected_is_pinned(widget));
    GtkWidget *popover = gtk_popover_menu_new_from_model(model);
    gtk_widget_set_parent(popover, widget);
    g_signal_connect(popover, "closed", G_CALLBACK(closed), NULL);
    g_signal_connect_object(widget, "destroy", G_CALLBACK(gtk_widget_unparent), popover,
                            G_CONNECT_SWAPPED);
    gtk_popover_set_has_arrow(GTK_POPOVER(popover), FALSE);
    gtk_widget_set_halign(popover, GTK_ALIGN_START);
    gtk_popover_set_pointing_to(GTK_POPOVER(popover), &(GdkRectangle){ (int)x, (int)y, 1, 1 });
    hide_tooltip(popover, widget, x, y);
    gtk_popover_popup(GTK_POPOVER(popover));
}

static void pressed(GtkGestureClick *gesture, int n_press, double x, double y, struct menu *menu)
{
    if (menu->select && !menu->select(menu->widget, &x, &y, menu->data))
        return;
    gtk_gesture_set_state(GTK_GESTURE(gesture), GTK_EVENT_SEQUENCE_CLAIMED);
    show(menu->widget, x, y);
    (void)n_press;
}

static gboolean key_pressed(GtkEventControllerKey *controller, guint key, guint code,
                            GdkModifierType modifiers, struct menu *menu)
{
    gboolean asks = key == GDK_KEY_Menu || (key == GDK_KEY_F10 && modifiers & GDK_SHIFT_MASK);
    double x = -1, y = -1;
    if (asks && (!menu->select || menu->select(menu->widget, &x, &y, menu->data)))
        show(menu->widget, x < 0 ? gtk_widget_get_width(menu->widget) / 2.0 : x,
             y < 0 ? gtk_widget_get_height(menu->widget) / 2.0 : y);
    (void)controller, (void)code;
    return asks;
}

void weft_task_menu_add(GtkWidget *widget, weft_task_menu_select *select, gpointer data)
{
    struct menu *menu = g_new(struct menu, 1);
    *menu = (struct menu){ widget, select, data };
    g_object_set_data_full(G_OBJECT(widget), "weft-task-menu", menu, g_free);
    GtkGesture *press = gtk_gesture_click_new();
    gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(press), GDK_BUTTON_SECONDARY);
    /* Before a label shows its own. */
    gtk_event_controller_set_propagation_phase(GTK_EVENT_CONTROLLER(press), GTK_PHASE_CAPTURE);
    g_signal_connect(press, "pressed", G_CALLBACK(pressed), menu);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(press));
    GtkEventController *keys = gtk_event_controller_key_new();
    g_signal_connect(keys, "key-pressed", G_CALLBACK(key_pressed), menu);
    gtk_widget_add_controller(widget, keys);
}
