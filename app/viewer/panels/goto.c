/* goto.c: see goto.h. Commands are matched at once, lanes in a worker: there may be 100,000 of
 * them. A list of what matches, the best first:
 *
 *      a moment, if the text is one | what begins with the text | what has it inside
 */
#include "app/viewer/panels/goto.h"

#include "app/viewer/accessible.h"
#include "app/viewer/dispatch/kinds.h"
#include "app/viewer/panels/commands.h"

#include <math.h>
#include <string.h>

enum { LANES_MAX = 50 };

/* ---- What was found ---- */

#define WEFT_TYPE_PLACE weft_place_get_type()
G_DECLARE_FINAL_TYPE(WeftPlace, weft_place, WEFT, PLACE, GObject)

struct _WeftPlace { /* a lane, a moment or a command */
    GObject parent_instance;
    char *title;
    char *hint;      /* a key, or what it is */
    char *action;    /* NULL: no command */
    guint lane;      /* WEFT_NO_LANE: none */
    gint64 ns;       /* a moment */
    gboolean begins; /* the title begins with the text */
};
G_DEFINE_FINAL_TYPE(WeftPlace, weft_place, G_TYPE_OBJECT)

static void place_finalize(GObject *object)
{
    g_free(WEFT_PLACE(object)->title);
    g_free(WEFT_PLACE(object)->hint);
    g_free(WEFT_PLACE(object)->action);
    G_OBJECT_CLASS(weft_place_parent_class)->finalize(object);
}

static void weft_place_class_init(WeftPlaceClass *class)
{
    G_OBJECT_CLASS(class)->finalize = place_finalize;
}

static void weft_place_init(WeftPlace *place)
{
    place->lane = WEFT_NO_LANE;
}

/* Takes the title. */
static WeftPlace *place_new(char *title, const char *hint)
{
    WeftPlace *place = g_object_new(WEFT_TYPE_PLACE, NULL);
    place->title = title;
    place->hint = g_strdup(hint);
    return place;
}

/* Whether text has `part`, which is case folded, in it. */
static gboolean matches(const char *text, const char *part, gboolean *begins)
{
    g_autofree char *folded = g_utf8_casefold(text, -1);
    const char *at = strstr(folded, part);
    *begins = at == folded;
    return at != NULL;
}

gboolean weft_goto_moment(const char *text, gint64 *ns)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = { { "ns", 1 }, { "us", 1e3 }, { "µs", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };
    char *rest;
    double number = g_ascii_strtod(text, &rest);
    if (rest == text || !isfinite(number))
        return FALSE;
    while (g_ascii_isspace(*rest))
        rest++;
    for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
        if (strcmp(rest, units[i].name) != 0 || fabs(number * units[i].ns) >= 9e18)
            continue;
        *ns = (gint64)llround(number * units[i].ns);
        return TRUE;
    }
    return FALSE;
}

/* ---- The box ---- */

struct _WeftGoto {
    AdwBin parent_instance;
    WeftSession *session;
    GtkWidget *page; /* weak; NULL: none */
    GtkSearchEntry *entry;
    GtkListView *view;
    GtkWidget *scrolled;
    GtkLabel *nothing;
    GListStore *places;
    GtkSingleSelection *selection;
    GCancellable *going; /* of the worker's last search */
    gboolean opened;
    gboolean chosen; /* Enter was pressed before it was found */
};
G_DEFINE_FINAL_TYPE(WeftGoto, weft_goto, ADW_TYPE_BIN)

static void close_box(WeftGoto *box)
{
    if (!box->opened)
        return;
    box->opened = FALSE;
    if (box->going)
        g_cancellable_cancel(box->going);
    g_clear_object(&box->going);
    gtk_widget_set_visible(GTK_WIDGET(box), FALSE);
    if (box->page)
        gtk_widget_grab_focus(box->page);
    g_clear_object(&box->session);
}

/* "win.view('tasks')": an action with its target. */
static void activate_command(WeftGoto *box, const char *detailed)
{
    g_autofree char *name = NULL;
    g_autoptr(GVariant) target = NULL;
    GtkWidget *from = box->page ? box->page : GTK_WIDGET(box);
    if (g_action_parse_detailed_name(detailed, &name, &target, NULL))
        gtk_widget_activate_action_variant(from, name, target);
}

/* At the playhead, where it is there; else at its beginning. */
static void go_to_lane(WeftSession *session, uint64_t id, gint64 first_ns, gint64 last_ns)
{
    gint64 t = weft_session_view(session)->playhead_ns;
    weft_session_jump(session, id, t >= first_ns && t <= last_ns ? t : first_ns);
}

static void go_to(WeftGoto *box, const WeftPlace *place)
{
    const struct weft_view *view = weft_session_view(box->session);
    struct weft_track track;
    if (place->lane == WEFT_NO_LANE) {
        weft_session_go(box->session, place->ns);
    } else if (!weft_is_track_lane(place->lane)) {
        const struct weft_lane *lane = weft_model_lane(weft_session_model(box->session),
                                                       place->lane);
        go_to_lane(box->session, lane->id, lane->first_ns, lane->last_ns);
    } else if (weft_tracks_get(view->tracks, place->lane - WEFT_TRACK_LANE, &track)) {
        go_to_lane(box->session, track.id, track.first_ns, track.last_ns);
    }
}

static void choose(WeftGoto *box)
{
    g_autoptr(WeftPlace) place = NULL;
    box->chosen = FALSE;
    if (gtk_single_selection_get_selected_item(box->selection))
        place = g_object_ref(gtk_single_selection_get_selected_item(box->selection));
    if (!place) {
        gtk_widget_error_bell(GTK_WIDGET(box));
        return;
    }
    if (!place->action)
        go_to(box, place);
    close_box(box);
    if (place->action)
        activate_command(box, place->action);
}

/* Enter: of all that match, so not before the worker has found them. */
static void entry_activated(WeftGoto *box)
{
    box->chosen = box->going != NULL;
    if (!box->chosen)
        choose(box);
}

static void row_activated(GtkListView *view, guint position, WeftGoto *box)
{
    gtk_single_selection_set_selected(box->selection, position);
    choose(box);
    (void)view;
}

/* ---- Searching ---- */

static void select_row(WeftGoto *box, guint row)
{
    gtk_single_selection_set_selected(box->selection, row);
    gtk_widget_activate_action(GTK_WIDGET(box->view), "list.scroll-to-item", "u", row);
}

static void show_places(WeftGoto *box)
{
    guint n = g_list_model_get_n_items(G_LIST_MODEL(box->places));
    const char *text = gtk_editable_get_text(GTK_EDITABLE(box->entry));
    gtk_widget_set_visible(box->scrolled, n > 0);
    gtk_widget_set_visible(GTK_WIDGET(box->nothing), n == 0 && text[0]);
    if (n > 0 && gtk_single_selection_get_selected(box->selection) >= n)
        gtk_single_selection_set_selected(box->selection, 0);
}

struct search {
    char *part;
    gboolean all; /* an empty text: the first of them */
};

static void search_free(gpointer data)
{
    g_free(((struct search *)data)->part);
    g_free(data);
}

/* Locks, queues, threads and counters that have a row. */
static void search_tracks(const struct search *search, WeftSession *session, GPtrArray *found,
                          GCancellable *cancellable)
{
    weft_tracks *tracks = weft_session_view(session)->tracks;
    struct weft_track track;
    for (guint i = 0; tracks && found->len < LANES_MAX && weft_tracks_get(tracks, i, &track); i++) {
        gboolean begins;
        if (g_cancellable_is_cancelled(cancellable))
            return;
        if (!weft_track_has_row(&track))
            continue;
        g_autofree char *name = weft_scene_track_name(weft_session_model(session), &track);
        if (!matches(name, search->part, &begins))
            continue;
        WeftPlace *place = place_new(g_steal_pointer(&name),
                                     track.kind == WEFT_TRACK_THREAD    ? "thread"
                                     : track.kind == WEFT_TRACK_COUNTER ? "counter"
                                                                        : "");
        place->lane = WEFT_TRACK_LANE + i;
        g_ptr_array_add(found, place);
    }
}

/* They are after all that has a name of its own: "re" is sooner a reader. */
static void search_ready_queues(const struct search *search, weft_model *model, GPtrArray *found)
{
    gboolean begins;
    if (!matches("ready queue", search->part, &begins))
        return;
    for (guint i = 0; i < weft_model_n_lanes(model) && found->len < LANES_MAX; i++) {
        const struct weft_lane *lane = weft_model_lane(model, i);
        if (lane->kind != WEFT_LANE_READY)
            continue;
        g_autofree char *loop = weft_model_name(model, lane->id);
        WeftPlace *place = place_new(g_strdup("ready queue"), loop);
        place->lane = i;
        g_ptr_array_add(found, place);
    }
}

static void search_lanes(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    static const char *const kinds[] = {
        [WEFT_LANE_LOOP] = "loop", [WEFT_LANE_TASK] = "task", [WEFT_LANE_HANDLE] = "handle"
    };
    const struct search *search = data;
    weft_model *model = weft_session_model(session);
    g_autoptr(GPtrArray) inside = g_ptr_array_new_with_free_func(g_object_unref);
    GPtrArray *found = g_ptr_array_new_with_free_func(g_object_unref);
    for (guint i = 0; i < weft_model_n_lanes(model) && found->len < LANES_MAX; i++) {
        const struct weft_lane *lane = weft_model_lane(model, i);
        const char *kind = lane->kind < G_N_ELEMENTS(kinds) ? kinds[lane->kind] : NULL;
        gboolean begins;
        if (g_cancellable_is_cancelled(cancellable))
            break;
        g_autofree char *name = kind ? weft_model_name(model, lane->id) : NULL;
        if (!name || !matches(name, search->part, &begins))
            continue;
        if (!begins && inside->len >= LANES_MAX)
            continue;
        WeftPlace *place = place_new(g_steal_pointer(&name), kind);
        place->lane = i;
        g_ptr_array_add(begins ? found : inside, place);
    }
    for (guint i = 0; i < inside->len && found->len < LANES_MAX; i++)
        g_ptr_array_add(found, g_object_ref(inside->pdata[i]));
    search_tracks(search, session, found, cancellable);
    search_ready_queues(search, model, found);
    g_task_return_pointer(task, found, (GDestroyNotify)g_ptr_array_unref);
}

/* Lanes come before commands that only have the text inside. */
static void lanes_found(GObject *session, GAsyncResult *result, gpointer data)
{
    WeftGoto *box = data;
    g_autoptr(GPtrArray) found = g_task_propagate_pointer(G_TASK(result), NULL);
    GListModel *places = G_LIST_MODEL(box->places);
    if (found && box->opened && g_task_get_cancellable(G_TASK(result)) == box->going) {
        guint at = 0, before = gtk_single_selection_get_selected(box->selection);
        for (; at < g_list_model_get_n_items(places); at++) {
            g_autoptr(WeftPlace) place = g_list_model_get_item(places, at);
            if (!place->begins)
                break;
        }
        g_list_store_splice(box->places, at, 0, found->pdata, found->len);
        g_clear_object(&box->going);
        show_places(box);
        if (before == 0 && found->len > 0) /* nobody went on from the first, which is another now */
            select_row(box, 0);
        if (box->chosen)
            choose(box);
    }
    g_object_unref(box);
    (void)session;
}

static void add_command(WeftGoto *box, const char *title, const char *key, const char *action,
                        const char *part, gboolean beginning)
{
    gboolean begins;
    if (!matches(title, part, &begins) || begins != beginning)
        return;
    g_autoptr(WeftPlace) place = place_new(g_strdup(title), key);
    place->action = g_strdup(action);
    place->begins = begins;
    g_list_store_append(box->places, place);
}

static void add_commands(WeftGoto *box, const char *part, gboolean beginning)
{
    const struct weft_jump_kind *kind;
    for (const struct weft_command *command = weft_commands(); command->title; command++) {
        g_autofree char *key = weft_command_key(command);
        add_command(box, command->title, key, command->action, part, beginning);
    }
    for (guint i = 0; (kind = weft_jump_kind(i)); i++) {
        g_autofree char *title = g_strdup_printf("Next event: %c%s",
                                                 g_ascii_tolower(kind->title[0]), kind->title + 1);
        g_autofree char *action = g_strdup_printf("dispatch.of-kind('%s')", kind->name);
        add_command(box, title, "", action, part, beginning);
    }
}

static void add_moment(WeftGoto *box, const char *text)
{
    gint64 ns;
    if (!box->session || !weft_goto_moment(text, &ns))
        return;
    g_autofree char *moment = weft_view_time(weft_session_view(box->session), ns);
    g_autoptr(WeftPlace) place = place_new(g_strdup_printf("Go to %s", moment), "moment");
    place->ns = ns;
    place->begins = TRUE;
    g_list_store_append(box->places, place);
}

static void search_changed(WeftGoto *box)
{
    const char *text = gtk_editable_get_text(GTK_EDITABLE(box->entry));
    g_autofree char *part = g_utf8_casefold(text, -1);
    if (!box->opened)
        return;
    box->chosen = FALSE;
    if (box->going)
        g_cancellable_cancel(box->going);
    g_clear_object(&box->going);
    g_list_store_remove_all(box->places);
    add_moment(box, g_strstrip(part));
    add_commands(box, part, TRUE);
    add_commands(box, part, FALSE);
    show_places(box);
    if (!box->session || !weft_session_loaded(box->session) || !part[0])
        return;
    struct search *search = g_new0(struct search, 1);
    search->part = g_steal_pointer(&part);
    box->going = g_cancellable_new();
    g_autoptr(GTask) task = g_task_new(box->session, box->going, lanes_found, g_object_ref(box));
    g_task_set_task_data(task, search, search_free);
    weft_session_work(box->session, task, search_lanes);
}

/* ---- The widget ---- */

static gboolean key_pressed(GtkEventControllerKey *controller, guint key, guint code,
                            GdkModifierType modifiers, WeftGoto *box)
{
    guint n = g_list_model_get_n_items(G_LIST_MODEL(box->places));
    guint at = gtk_single_selection_get_selected(box->selection);
    switch (key) {
    case GDK_KEY_Escape:
        close_box(box);
        return GDK_EVENT_STOP;
    case GDK_KEY_Up:
        at = at > 0 && at < n ? at - 1 : 0;
        break;
    case GDK_KEY_Down:
        at = at + 1 < n ? at + 1 : at;
        break;
    default:
        return GDK_EVENT_PROPAGATE;
    }
    if (n > 0)
        select_row(box, at);
    (void)controller, (void)code, (void)modifiers;
    return GDK_EVENT_STOP;
}

static void focus_left(WeftGoto *box)
{
    close_box(box);
}

static void setup(GtkSignalListItemFactory *factory, GtkListItem *cell, gpointer data)
{
    GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    GtkWidget *title = gtk_label_new(""), *hint = gtk_label_new("");
    gtk_label_set_xalign(GTK_LABEL(title), 0);
    gtk_label_set_ellipsize(GTK_LABEL(title), PANGO_ELLIPSIZE_MIDDLE);
    gtk_widget_set_hexpand(title, TRUE);
    gtk_widget_add_css_class(hint, "secondary");
    gtk_box_append(GTK_BOX(row), title);
    gtk_box_append(GTK_BOX(row), hint);
    gtk_list_item_set_child(cell, row);
    (void)factory, (void)data;
}

static void bind(GtkSignalListItemFactory *factory, GtkListItem *cell, gpointer data)
{
    const WeftPlace *place = gtk_list_item_get_item(cell);
    GtkWidget *row = gtk_list_item_get_child(cell);
    gtk_label_set_text(GTK_LABEL(gtk_widget_get_first_child(row)), place->title);
    gtk_label_set_text(GTK_LABEL(gtk_widget_get_last_child(row)), place->hint);
    weft_accessible_name_row(cell, place->title);
    (void)factory, (void)data;
}

void weft_goto_open(WeftGoto *box, WeftSession *session, GtkWidget *page)
{
    close_box(box);
    box->opened = TRUE;
    g_set_object(&box->session, session);
    g_set_weak_pointer(&box->page, page);
    gtk_widget_set_visible(GTK_WIDGET(box), TRUE);
    gtk_editable_set_text(GTK_EDITABLE(box->entry), "");
    gtk_widget_grab_focus(GTK_WIDGET(box->entry));
    search_changed(box);
}

static void dispose(GObject *object)
{
    WeftGoto *box = WEFT_GOTO(object);
    box->opened = FALSE;
    if (box->going)
        g_cancellable_cancel(box->going);
    g_clear_object(&box->going);
    g_clear_object(&box->session);
    g_clear_weak_pointer(&box->page);
    g_clear_object(&box->selection);
    g_clear_object(&box->places);
    G_OBJECT_CLASS(weft_goto_parent_class)->dispose(object);
}

static void weft_goto_class_init(WeftGotoClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    gtk_widget_class_set_css_name(widget, "goto");
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_template_from_resource(widget, "/org/weft/Weft/goto.ui");
    gtk_widget_class_bind_template_child(widget, WeftGoto, entry);
    gtk_widget_class_bind_template_child(widget, WeftGoto, view);
    gtk_widget_class_bind_template_child(widget, WeftGoto, scrolled);
    gtk_widget_class_bind_template_child(widget, WeftGoto, nothing);
    gtk_widget_class_bind_template_callback(widget, search_changed);
    gtk_widget_class_bind_template_callback(widget, entry_activated);
    gtk_widget_class_bind_template_callback(widget, row_activated);
}

static void weft_goto_init(WeftGoto *box)
{
    gtk_widget_init_template(GTK_WIDGET(box));
    box->places = g_list_store_new(WEFT_TYPE_PLACE);
    box->selection = gtk_single_selection_new(g_object_ref(G_LIST_MODEL(box->places)));
    GtkListItemFactory *rows = gtk_signal_list_item_factory_new();
    g_signal_connect(rows, "setup", G_CALLBACK(setup), NULL);
    g_signal_connect(rows, "bind", G_CALLBACK(bind), NULL);
    gtk_list_view_set_factory(box->view, rows);
    gtk_list_view_set_model(box->view, GTK_SELECTION_MODEL(box->selection));
    g_object_unref(rows);
    GtkEventController *keys = gtk_event_controller_key_new();
    gtk_event_controller_set_propagation_phase(keys, GTK_PHASE_CAPTURE);
    g_signal_connect(keys, "key-pressed", G_CALLBACK(key_pressed), box);
    gtk_widget_add_controller(GTK_WIDGET(box), keys);
    GtkEventController *focus = gtk_event_controller_focus_new();
    g_signal_connect_swapped(focus, "leave", G_CALLBACK(focus_left), box);
    gtk_widget_add_controller(GTK_WIDGET(box), focus);
}
