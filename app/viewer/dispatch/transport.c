/* transport.c: see transport.h. */
#include "app/viewer/dispatch/transport.h"

#include "app/viewer/accessible.h"
#include "app/viewer/dispatch/kinds.h"
#include "tracer/model/model.h"

static const double speeds[] = { 0.1, 0.25, 0.5, 1, 2, 5, 10 };
/* Without a letter they would go the way words go. */
#define LEFT_TO_RIGHT "\u200e"
static const char *const speed_names[] = { LEFT_TO_RIGHT "×0.1", LEFT_TO_RIGHT "×0.25",
                                           LEFT_TO_RIGHT "×0.5", LEFT_TO_RIGHT "×1",
                                           LEFT_TO_RIGHT "×2",   LEFT_TO_RIGHT "×5",
                                           LEFT_TO_RIGHT "×10",  NULL };
static const char *const unit_names[] = { "steps", "trace time", NULL };
enum { SPEED_AT_FIRST = 3, MARKS_MAX = 100 };

struct _WeftTransport {
    GtkWidget parent_instance;
    GtkWidget *box, *play, *predict, *times, *back_event, *on_event, *jump, *speed, *unit, *slider,
        *moment, *loop;
    gboolean showing; /* the slider is being set, not moved */
};
G_DEFINE_FINAL_TYPE(WeftTransport, weft_transport, GTK_TYPE_WIDGET)

static guint sought_signal, pace_signal, loop_signal;

void weft_transport_show(WeftTransport *transport, gint64 t_ns, gint64 end_ns, const char *moment)
{
    transport->showing = TRUE;
    gtk_range_set_range(GTK_RANGE(transport->slider), 0, (double)end_ns);
    gtk_range_set_value(GTK_RANGE(transport->slider), (double)t_ns);
    transport->showing = FALSE;
    gtk_label_set_text(GTK_LABEL(transport->moment), moment);
}

void weft_transport_show_playing(WeftTransport *transport, gboolean playing)
{
    gtk_button_set_icon_name(GTK_BUTTON(transport->play), playing
                                                              ? "media-playback-pause-symbolic"
                                                              : "media-playback-start-symbolic");
    gtk_widget_set_tooltip_text(transport->play, playing ? "Pause (Space)" : "Play (Space)");
    gtk_accessible_update_property(GTK_ACCESSIBLE(transport->play), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   playing ? "Pause" : "Play", -1);
}

/* The minimap's forms. */
void weft_transport_set_marks(WeftTransport *transport, const struct weft_slider_mark *marks,
                              guint n)
{
    static const char *const forms[] = {
        [WEFT_SLIDER_NOTE] = "<span size='xx-small' foreground='#3584e4'>◆</span>",
        [WEFT_SLIDER_HINT] = "<span size='xx-small'>●</span>",
        [WEFT_SLIDER_WARNING] = "<span size='xx-small' foreground='#d98a00'>▲</span>",
        [WEFT_SLIDER_ERROR] = "<span size='xx-small' foreground='#e5383f'>■</span>",
    };
    gtk_scale_clear_marks(GTK_SCALE(transport->slider));
    for (guint i = 0; i < MIN(n, MARKS_MAX); i++)
        gtk_scale_add_mark(GTK_SCALE(transport->slider), (double)marks[i].t_ns, GTK_POS_TOP,
                           forms[marks[i].kind]);
}

void weft_transport_present(WeftTransport *transport, gboolean present)
{
    GtkWidget *const keys[] = { transport->back_event, transport->on_event, transport->jump,
                                transport->times,      transport->predict,  transport->unit };
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        gtk_widget_set_visible(keys[i], !present);
}

void weft_transport_show_times(WeftTransport *transport, gboolean times)
{
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(transport->times), times);
    gtk_widget_set_opacity(transport->moment, times ? 1 : 0);
}

void weft_transport_show_predicting(WeftTransport *transport, gboolean predicting)
{
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(transport->predict), predicting);
}

void weft_transport_set_loops(WeftTransport *transport, GtkStringList *names)
{
    guint chosen = gtk_drop_down_get_selected(GTK_DROP_DOWN(transport->loop));
    transport->showing = TRUE;
    gtk_drop_down_set_model(GTK_DROP_DOWN(transport->loop), G_LIST_MODEL(names));
    gtk_drop_down_set_selected(GTK_DROP_DOWN(transport->loop),
                               chosen == GTK_INVALID_LIST_POSITION ? 0 : chosen);
    transport->showing = FALSE;
    gtk_widget_set_visible(transport->loop, g_list_model_get_n_items(G_LIST_MODEL(names)) > 1);
}

gboolean weft_transport_by_steps(WeftTransport *transport)
{
    return gtk_drop_down_get_selected(GTK_DROP_DOWN(transport->unit)) == 0;
}

double weft_transport_speed(WeftTransport *transport)
{
    guint chosen = gtk_drop_down_get_selected(GTK_DROP_DOWN(transport->speed));
    return speeds[MIN(chosen, G_N_ELEMENTS(speeds) - 1)];
}

void weft_transport_change_speed(WeftTransport *transport, int by)
{
    int chosen = (int)gtk_drop_down_get_selected(GTK_DROP_DOWN(transport->speed)) + by;
    gtk_drop_down_set_selected(GTK_DROP_DOWN(transport->speed),
                               (guint)CLAMP(chosen, 0, (int)G_N_ELEMENTS(speeds) - 1));
}

static void slid(GtkRange *slider, WeftTransport *transport)
{
    if (!transport->showing)
        g_signal_emit(transport, sought_signal, 0, (gint64)gtk_range_get_value(slider));
}

static void pace_changed(GtkDropDown *menu, GParamSpec *what, WeftTransport *transport)
{
    g_signal_emit(transport, pace_signal, 0);
    (void)menu, (void)what;
}

static void loop_chosen(GtkDropDown *menu, GParamSpec *what, WeftTransport *transport)
{
    if (!transport->showing)
        g_signal_emit(transport, loop_signal, 0, gtk_drop_down_get_selected(menu));
    (void)what;
}

/* The page says whether it is on. */
static void switch_clicked(GtkWidget *button, const char *action)
{
    gtk_widget_activate_action(button, action, NULL);
}

static GtkWidget *add_switch(WeftTransport *transport, const char *label, const char *action,
                             const char *tooltip)
{
    GtkWidget *button = gtk_toggle_button_new_with_label(label);
    gtk_widget_set_tooltip_text(button, tooltip);
    gtk_widget_set_focus_on_click(button, FALSE);
    g_signal_connect(button, "clicked", G_CALLBACK(switch_clicked), (gpointer)action);
    gtk_box_append(GTK_BOX(transport->box), button);
    return button;
}

/* ---- The widget ---- */

static GtkWidget *add_button(WeftTransport *transport, const char *icon, const char *action,
                             const char *name, const char *tooltip)
{
    GtkWidget *button = gtk_button_new_from_icon_name(icon);
    gtk_actionable_set_action_name(GTK_ACTIONABLE(button), action);
    gtk_widget_set_tooltip_text(button, tooltip);
    gtk_widget_set_focus_on_click(button, FALSE); /* the keys stay the page's */
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    gtk_box_append(GTK_BOX(transport->box), button);
    return button;
}

static GtkWidget *add_menu(WeftTransport *transport, const char *const *names, const char *name,
                           GCallback chosen)
{
    GtkWidget *menu = gtk_drop_down_new_from_strings(names);
    weft_accessible_name_drop_down(menu, name);
    gtk_widget_set_tooltip_text(menu, name);
    gtk_widget_set_focus_on_click(menu, FALSE);
    g_signal_connect(menu, "notify::selected", chosen, transport);
    gtk_box_append(GTK_BOX(transport->box), menu);
    return menu;
}

static GtkWidget *add_jumps(WeftTransport *transport)
{
    g_autoptr(GMenu) menu = g_menu_new(), kinds = g_menu_new(), again = g_menu_new();
    const struct weft_jump_kind *kind;
    for (guint i = 0; (kind = weft_jump_kind(i)); i++) {
        g_autofree char *action = g_strdup_printf("dispatch.of-kind::%s", kind->name);
        g_menu_append(kinds, kind->title, action);
    }
    g_menu_append(again, "The Next Like It", "dispatch.next-of-kind");
    g_menu_append(again, "The One Before", "dispatch.previous-of-kind");
    g_menu_append_section(menu, "Go to Where Next", G_MENU_MODEL(kinds));
    g_menu_append_section(menu, NULL, G_MENU_MODEL(again));
    GtkWidget *button = gtk_menu_button_new();
    gtk_menu_button_set_icon_name(GTK_MENU_BUTTON(button), "media-seek-forward-symbolic");
    gtk_menu_button_set_menu_model(GTK_MENU_BUTTON(button), G_MENU_MODEL(menu));
    gtk_widget_set_tooltip_text(button, "Go to the next event of a kind (N, Shift+N)");
    gtk_widget_set_focus_on_click(button, FALSE);
    weft_accessible_name(button, "Next of a kind");
    gtk_box_append(GTK_BOX(transport->box), button);
    return button;
}

static void dispose(GObject *object)
{
    g_clear_pointer(&WEFT_TRANSPORT(object)->box, gtk_widget_unparent);
    G_OBJECT_CLASS(weft_transport_parent_class)->dispose(object);
}

static void weft_transport_class_init(WeftTransportClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
    gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(class), "transport");
    sought_signal = g_signal_new("sought", WEFT_TYPE_TRANSPORT, G_SIGNAL_RUN_FIRST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_INT64);
    pace_signal = g_signal_new("pace-changed", WEFT_TYPE_TRANSPORT, G_SIGNAL_RUN_FIRST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
    loop_signal = g_signal_new("loop-chosen", WEFT_TYPE_TRANSPORT, G_SIGNAL_RUN_FIRST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

/* Time goes from left to right, whichever way words go; so do the buttons. */
static void direct(GtkWidget *widget)
{
    gtk_widget_set_direction(widget, GTK_TEXT_DIR_LTR);
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
         child = gtk_widget_get_next_sibling(child))
        direct(child);
}

static void weft_transport_init(WeftTransport *transport)
{
    transport->box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
    gtk_widget_set_parent(transport->box, GTK_WIDGET(transport));
    add_button(transport, "media-skip-backward-symbolic", "dispatch.previous", "Step back",
               "Step back (←)");
    transport->play = add_button(transport, "media-playback-start-symbolic", "dispatch.play",
                                 "Play", "Play (Space)");
    add_button(transport, "media-skip-forward-symbolic", "dispatch.next", "Step forward",
               "Step forward (→)");
    transport->back_event = add_button(transport, "go-previous-symbolic", "dispatch.previous-event",
                                       "One event back", "One event back (Shift+←)");
    transport->on_event = add_button(transport, "go-next-symbolic", "dispatch.next-event",
                                     "One event forward", "One event forward (Shift+→)");
    transport->jump = add_jumps(transport);
    transport->speed = add_menu(transport, speed_names, "Speed", G_CALLBACK(pace_changed));
    transport->unit = add_menu(transport, unit_names,
                               "What is played: steps, one a second, or "
                               "the trace's time",
                               G_CALLBACK(pace_changed));
    gtk_drop_down_set_selected(GTK_DROP_DOWN(transport->speed), SPEED_AT_FIRST);
    transport->slider = gtk_scale_new_with_range(GTK_ORIENTATION_HORIZONTAL, 0, 1, 1);
    gtk_widget_set_hexpand(transport->slider, TRUE);
    gtk_widget_set_focusable(transport->slider, FALSE); /* arrows step */
    gtk_accessible_update_property(GTK_ACCESSIBLE(transport->slider), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   "Moment", -1);
    g_signal_connect(transport->slider, "value-changed", G_CALLBACK(slid), transport);
    gtk_box_append(GTK_BOX(transport->box), transport->slider);
    transport->moment = gtk_label_new("");
    gtk_widget_add_css_class(transport->moment, "numeric");
    gtk_widget_add_css_class(transport->moment, "heading");
    gtk_label_set_width_chars(GTK_LABEL(transport->moment), 10);
    gtk_label_set_xalign(GTK_LABEL(transport->moment), 1);
    gtk_box_append(GTK_BOX(transport->box), transport->moment);
    const char *const none[] = { NULL };
    transport->times = add_switch(transport, "Times", "dispatch.times", "Show measured times (T)");
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(transport->times), TRUE);
    transport->predict = add_switch(transport, "Predict", "dispatch.predict",
                                    "Ask what comes next (P)");
    transport->loop = add_menu(transport, none, "Loop", G_CALLBACK(loop_chosen));
    gtk_widget_set_visible(transport->loop, FALSE);
    direct(transport->box);
}
