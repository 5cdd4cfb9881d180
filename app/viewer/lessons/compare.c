/* compare.c: see compare.h. Each variant has a model, a scene and a replay of its own; what they
 * share is the viewport and the playhead. */
#include "app/viewer/lessons/compare.h"

#include "app/viewer/lessons/strip.h"
#include "app/viewer/widget-work.h"
#include "tracer/model/replay.h"

enum {
    EVENTS_MAX = 200000, /* of a variant: more is no lesson, and would not be read at once */
    CHUNKS_AT_ONCE = 4,  /* until they are counted */
};

struct side { /* a variant */
    char *name;
    char *problem; /* it cannot be shown: why; NULL: it can */
    weft_model *model;
    weft_replay *replay;
    gint64 end_ns;
    WeftStrip *strip; /* the window's */
    GtkLabel *said;
};

struct _WeftCompare {
    AdwWindow parent_instance;
    GtkBox *box;
    GtkLabel *moment;
    GPtrArray *sides; /* of struct side *; NULL: they are being read */
    gint64 t_ns, end_ns;
};
G_DEFINE_FINAL_TYPE(WeftCompare, weft_compare, ADW_TYPE_WINDOW)

static void side_free(gpointer data)
{
    struct side *side = data;
    weft_replay_free(side->replay);
    weft_model_free(side->model);
    g_free(side->name);
    g_free(side->problem);
    g_free(side);
}

/* ---- Reading: in a worker ---- */

static weft_replay *first_loop(weft_model *model)
{
    weft_replay *replay = NULL;
    for (guint lane = 0; !replay && lane < weft_model_n_lanes(model); lane++)
        replay = weft_replay_new(model, lane);
    return replay;
}

static struct side *read_side(const char *name, const char *path)
{
    struct side *side = g_new0(struct side, 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(path, &error);
    side->name = g_strdup(name);
    if (!trace) {
        side->problem = g_utf8_make_valid(error->message, -1);
        return side;
    }
    side->model = weft_model_new(trace);
    while (weft_model_advance(side->model, CHUNKS_AT_ONCE) &&
           weft_model_events(side->model) < EVENTS_MAX)
        ;
    side->end_ns = weft_model_end_ns(side->model);
    if (weft_model_events(side->model) >= EVENTS_MAX)
        side->problem = g_strdup("it is too long to be compared here");
    else if (!(side->replay = first_loop(side->model)))
        side->problem = g_strdup("no loop was recorded");
    return side;
}

static void read_sides(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const struct lesson *lesson = data;
    GPtrArray *sides = g_ptr_array_new_with_free_func(side_free);
    for (guint i = 0; i < lesson->variants->len && !g_cancellable_is_cancelled(cancellable); i++) {
        const struct lesson_variant *variant = lesson->variants->pdata[i];
        g_autofree char *path = lesson_file(lesson, variant->name, ".weft");
        g_ptr_array_add(sides, read_side(variant->name, path));
    }
    g_task_return_pointer(task, sides, (GDestroyNotify)g_ptr_array_unref);
    (void)source;
}

/* ---- One moment of all ---- */

/* The last step that had ended. */
static void tell_side(const struct side *side, gint64 t_ns)
{
    struct weft_replay_place place = { t_ns + 1, WEFT_WHOLE_MOMENT };
    g_autoptr(GString) text = g_string_new(NULL);
    if (weft_replay_step(side->replay, place, WEFT_REPLAY_STEP, -1, &place)) {
        struct weft_replay_telling *told = weft_replay_tell(side->replay, place, WEFT_REPLAY_GIST,
                                                            1);
        g_autofree char *when = weft_format_time(place.time_ns);
        g_autofree char *said = told->headline ? weft_sentence_text(told->headline) : NULL;
        g_string_append_printf(text, "%s  %s", when, said ? said : "");
        weft_replay_telling_free(told);
    } else {
        g_string_append(text, "It has not begun.");
    }
    if (t_ns >= side->end_ns) {
        g_autofree char *end = weft_format_time(side->end_ns);
        g_string_append_printf(text, " Over at %s.", end);
    }
    gtk_label_set_text(side->said, text->str);
}

static void show_moment(WeftCompare *compare)
{
    g_autofree char *moment = weft_format_time(compare->t_ns);
    gtk_label_set_text(compare->moment, moment);
    for (guint i = 0; i < compare->sides->len; i++) {
        const struct side *side = compare->sides->pdata[i];
        if (side->problem)
            continue;
        tell_side(side, compare->t_ns);
        weft_strip_set_playhead(side->strip, compare->t_ns);
    }
}

/* To the next step of any, or back to the one before. */
static void step(WeftCompare *compare, int direction)
{
    gboolean found = FALSE;
    gint64 nearest = 0;
    for (guint i = 0; compare->sides && i < compare->sides->len; i++) {
        const struct side *side = compare->sides->pdata[i];
        struct weft_replay_place place = { compare->t_ns, WEFT_WHOLE_MOMENT };
        if (side->problem ||
            !weft_replay_step(side->replay, place, WEFT_REPLAY_STEP, direction, &place))
            continue;
        if (!found || (direction > 0 ? place.time_ns < nearest : place.time_ns > nearest))
            nearest = place.time_ns;
        found = TRUE;
    }
    if (!found) {
        gtk_widget_error_bell(GTK_WIDGET(compare));
        return;
    }
    compare->t_ns = nearest;
    show_moment(compare);
}

static void next_activated(GtkWidget *widget, const char *name, GVariant *parameter)
{
    step(WEFT_COMPARE(widget), 1);
    (void)name, (void)parameter;
}

static void previous_activated(GtkWidget *widget, const char *name, GVariant *parameter)
{
    step(WEFT_COMPARE(widget), -1);
    (void)name, (void)parameter;
}

gint64 weft_compare_moment(WeftCompare *compare)
{
    return compare->sides ? compare->t_ns : -1;
}

const char *weft_compare_said(WeftCompare *compare, guint variant)
{
    if (!compare->sides || variant >= compare->sides->len)
        return NULL;
    const struct side *side = compare->sides->pdata[variant];
    return gtk_label_get_text(side->said);
}

/* ---- The window ---- */

static GtkLabel *add_label(GtkBox *box, const char *text, const char *style)
{
    GtkWidget *label = gtk_label_new(text);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
    gtk_widget_add_css_class(label, style);
    gtk_box_append(box, label);
    return GTK_LABEL(label);
}

static void add_side(WeftCompare *compare, struct side *side)
{
    add_label(compare->box, side->name, "heading");
    if (side->problem) {
        g_autofree char *text = g_strdup_printf("It cannot be shown: %s", side->problem);
        side->said = add_label(compare->box, text, "dim-label");
        return;
    }
    side->strip = weft_strip_new(side->model, side->name, compare->end_ns);
    gtk_box_append(compare->box, GTK_WIDGET(side->strip));
    side->said = add_label(compare->box, "", "told");
}

static void take_sides(GtkWidget *widget, GTask *task)
{
    WeftCompare *compare = WEFT_COMPARE(widget);
    compare->sides = g_task_propagate_pointer(task, NULL);
    for (guint i = 0; i < compare->sides->len; i++) {
        const struct side *side = compare->sides->pdata[i];
        if (!side->problem)
            compare->end_ns = MAX(compare->end_ns, side->end_ns);
    }
    for (guint i = 0; i < compare->sides->len; i++)
        add_side(compare, compare->sides->pdata[i]);
    show_moment(compare);
}

static void dispose(GObject *object)
{
    WeftCompare *compare = WEFT_COMPARE(object);
    for (guint i = 0; compare->sides && i < compare->sides->len; i++) {
        const struct side *side = compare->sides->pdata[i];
        if (side->strip)
            weft_strip_forget(side->strip);
    }
    g_clear_pointer(&compare->sides, g_ptr_array_unref);
    G_OBJECT_CLASS(weft_compare_parent_class)->dispose(object);
}

/* Before the buttons see them: arrows step, they do not move the focus. */
static void add_keys(WeftCompare *compare)
{
    static const struct {
        guint key;
        const char *action;
    } keys[] = {
        { GDK_KEY_Right, "compare.next" },    { GDK_KEY_Page_Down, "compare.next" },
        { GDK_KEY_Left, "compare.previous" }, { GDK_KEY_Page_Up, "compare.previous" },
        { GDK_KEY_Escape, "window.close" },
    };
    GtkEventController *controller = gtk_shortcut_controller_new();
    gtk_event_controller_set_propagation_phase(controller, GTK_PHASE_CAPTURE);
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        gtk_shortcut_controller_add_shortcut(
            GTK_SHORTCUT_CONTROLLER(controller),
            gtk_shortcut_new(gtk_keyval_trigger_new(keys[i].key, 0),
                             gtk_named_action_new(keys[i].action)));
    gtk_widget_add_controller(GTK_WIDGET(compare), controller);
}

static void weft_compare_class_init(WeftCompareClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    gtk_widget_class_install_action(widget, "compare.next", NULL, next_activated);
    gtk_widget_class_install_action(widget, "compare.previous", NULL, previous_activated);
}

static void add_button(AdwHeaderBar *header, const char *icon, const char *action, const char *name,
                       const char *tooltip)
{
    GtkWidget *button = gtk_button_new_from_icon_name(icon);
    gtk_actionable_set_action_name(GTK_ACTIONABLE(button), action);
    gtk_widget_set_tooltip_text(button, tooltip);
    gtk_widget_set_focus_on_click(button, FALSE);
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    adw_header_bar_pack_start(header, button);
}

static void weft_compare_init(WeftCompare *compare)
{
    GtkWidget *all = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    AdwHeaderBar *header = ADW_HEADER_BAR(adw_header_bar_new());
    compare->moment = GTK_LABEL(gtk_label_new(""));
    gtk_widget_add_css_class(GTK_WIDGET(compare->moment), "numeric");
    add_button(header, "media-skip-backward-symbolic", "compare.previous", "Step back",
               "Step back (←)");
    add_button(header, "media-skip-forward-symbolic", "compare.next", "Step forward",
               "Step forward (→)");
    adw_header_bar_pack_end(header, GTK_WIDGET(compare->moment));
    gtk_box_append(GTK_BOX(all), GTK_WIDGET(header));
    compare->box = GTK_BOX(gtk_box_new(GTK_ORIENTATION_VERTICAL, 9));
    gtk_widget_add_css_class(GTK_WIDGET(compare->box), "compare");
    GtkWidget *scrolled = gtk_scrolled_window_new();
    gtk_widget_set_vexpand(scrolled, TRUE);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), GTK_WIDGET(compare->box));
    gtk_box_append(GTK_BOX(all), scrolled);
    adw_window_set_content(ADW_WINDOW(compare), all);
    add_keys(compare);
    gtk_window_set_default_size(GTK_WINDOW(compare), 1200, 760);
}

static void free_lesson(gpointer lesson)
{
    lesson_free(lesson);
}

WeftCompare *weft_compare_show(GtkWindow *over, const struct lesson *lesson)
{
    WeftCompare *compare = g_object_new(WEFT_TYPE_COMPARE, "transient-for", over, "title",
                                        lesson->title, NULL);
    weft_widget_work(GTK_WIDGET(compare), lesson_read(lesson->folder), free_lesson, read_sides,
                     take_sides);
    gtk_window_present(GTK_WINDOW(compare));
    return compare;
}
