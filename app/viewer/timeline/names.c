/* names.c: as many headers as rows in the window. A row that stays in the window keeps its header;
 * one that comes in gets that of one that went. Headers follow the session once a frame, whatever
 * happened in between; where many are to be made, a frame makes a few. */
#include "app/viewer/timeline/names.h"

#include "app/viewer/timeline/lane-header.h"

enum { MADE_A_FRAME = 12 }; /* each costs about a millisecond */

struct _WeftNames {
    GtkWidget parent_instance;
    WeftSession *session;
    GPtrArray *headers; /* of WeftLaneHeader *: header i shows row scene->first + i; NULL: it is not
                           made yet */
    GArray *placed;     /* of struct placed: where those in the window are */
    guint tick;         /* a refresh is due in the next frame; 0: none */
};

struct placed {
    GtkWidget *header;
    int y, height;
};

G_DEFINE_FINAL_TYPE(WeftNames, weft_names, GTK_TYPE_WIDGET)

/* For each ancestor of the row, by depth: does its connector run on below? */
static guint connectors(const struct weft_scene *scene, const struct weft_row *row)
{
    guint through = 0;
    while (row->parent != WEFT_NO_LANE) {
        row = weft_scene_row(scene, row->parent);
        if (!row->last_child && row->depth < 32)
            through |= 1u << row->depth;
    }
    return through;
}

static void header_free(gpointer header)
{
    if (header)
        gtk_widget_unparent(header);
}

static guint index_of(GPtrArray *array, gpointer item)
{
    guint index = 0;
    gboolean found = g_ptr_array_find(array, item, &index);
    g_assert(found);
    return index;
}

/* Gives every row in the window a header: its own from before, else one left over, else a new one.
 * Siblings are in the order of rows, for the keyboard and for assistive technology. FALSE: some
 * have none yet. */
static gboolean assign_headers(WeftNames *names, const struct weft_scene *scene)
{
    g_autoptr(GHashTable) before = g_hash_table_new(NULL, NULL);
    g_autoptr(GPtrArray) headers = names->headers;
    GtkWidget *above = NULL;
    guint made = 0;
    for (guint i = headers->len; i-- > 0;)
        if (!headers->pdata[i])
            g_ptr_array_remove_index_fast(headers, i);
    for (guint i = 0; i < headers->len; i++)
        g_hash_table_insert(before, GUINT_TO_POINTER(weft_lane_header_lane(headers->pdata[i])),
                            headers->pdata[i]);
    names->headers = g_ptr_array_new_full(scene->n_visible, header_free);
    for (guint i = 0; i < scene->n_visible; i++) {
        gpointer lane = GUINT_TO_POINTER(weft_scene_row(scene, scene->first + i)->lane);
        gpointer header = g_hash_table_lookup(before, lane);
        g_hash_table_remove(before, lane);
        if (header)
            g_ptr_array_steal_index_fast(headers, index_of(headers, header));
        g_ptr_array_add(names->headers, header);
    }
    for (guint i = 0; i < scene->n_visible; i++) {
        gpointer *header = &names->headers->pdata[i];
        if (!*header && headers->len > 0)
            *header = g_ptr_array_steal_index_fast(headers, headers->len - 1);
        else if (!*header && made++ < MADE_A_FRAME)
            *header = weft_lane_header_new(names->session);
        if (!*header)
            continue;
        if (gtk_widget_get_parent(*header) == NULL || gtk_widget_get_prev_sibling(*header) != above)
            gtk_widget_insert_after(*header, GTK_WIDGET(names), above);
        above = *header;
    }
    return made <= MADE_A_FRAME;
}

static struct placed place_of(WeftNames *names, const struct weft_scene *scene, guint i)
{
    return (struct placed){ names->headers->pdata[i], (int)weft_scene_y(scene, scene->first + i),
                            (int)weft_scene_row(scene, scene->first + i)->height };
}

/* Whether each is where it is to be: when the playhead moves, or the visible range. */
static gboolean all_placed(WeftNames *names, const struct weft_scene *scene)
{
    gboolean same = names->placed->len == scene->n_visible;
    for (guint i = 0; i < scene->n_visible && same; i++) {
        struct placed is = g_array_index(names->placed, struct placed, i);
        struct placed shall = place_of(names, scene, i);
        same = is.header == shall.header && is.y == shall.y && is.height == shall.height;
    }
    return same;
}

static gboolean refresh(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
    WeftNames *names = WEFT_NAMES(widget);
    const struct weft_scene *scene = weft_session_scene(names->session);
    const struct weft_view *view = weft_session_view(names->session);
    gboolean all = assign_headers(names, scene);
    for (guint i = 0; i < scene->n_visible; i++) {
        const struct weft_row *row = weft_scene_row(scene, scene->first + i);
        if (!names->headers->pdata[i])
            continue;
        weft_lane_header_show(names->headers->pdata[i], row,
                              weft_scene_visible(scene, scene->first + i), connectors(scene, row),
                              row->lane == view->selected_lane ||
                                  row->lane == view->selected_track);
    }
    if (!all_placed(names, scene))
        gtk_widget_queue_allocate(widget);
    (void)clock, (void)data;
    if (!all)
        return G_SOURCE_CONTINUE;
    names->tick = 0;
    return G_SOURCE_REMOVE;
}

static void session_changed(WeftSession *session, guint what, WeftNames *names)
{
    const guint shown = WEFT_CHANGE_MODEL | WEFT_CHANGE_VISIBLE | WEFT_CHANGE_ROWS |
                        WEFT_CHANGE_SELECTION | WEFT_CHANGE_PLAYHEAD | WEFT_CHANGE_WORDS |
                        WEFT_CHANGE_EXACT;
    if ((what & shown) && !names->tick)
        names->tick = gtk_widget_add_tick_callback(GTK_WIDGET(names), refresh, NULL, NULL);
    (void)session;
}

static void drop_session(WeftNames *names)
{
    if (names->tick)
        gtk_widget_remove_tick_callback(GTK_WIDGET(names), names->tick);
    names->tick = 0;
    if (names->session)
        g_signal_handlers_disconnect_by_func(names->session, session_changed, names);
    g_clear_object(&names->session);
    if (names->headers) {
        g_ptr_array_set_size(names->headers, 0);
        g_array_set_size(names->placed, 0);
    }
}

void weft_names_set(WeftNames *names, WeftSession *session)
{
    drop_session(names);
    if (!session)
        return;
    names->session = g_object_ref(session);
    g_signal_connect(session, "changed", G_CALLBACK(session_changed), names);
    session_changed(session, WEFT_CHANGE_ALL, names);
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
    *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 0;
    *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? WEFT_METRIC_NAMES : 0;
    (void)widget, (void)for_size, (void)minimum_baseline, (void)natural_baseline;
}

static void size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
    WeftNames *names = WEFT_NAMES(widget);
    if (!names->session)
        return;
    const struct weft_scene *scene = weft_session_scene(names->session);
    g_array_set_size(names->placed, 0);
    for (guint i = 0; i < names->headers->len; i++) {
        gboolean shown = i < scene->n_visible;
        if (!names->headers->pdata[i])
            continue;
        gtk_widget_set_child_visible(names->headers->pdata[i], shown);
        if (!shown)
            continue;
        struct placed place = place_of(names, scene, i);
        g_array_append_val(names->placed, place);
        gtk_widget_size_allocate(place.header, &(GtkAllocation){ 0, place.y, width, place.height },
                                 -1);
    }
    (void)height, (void)baseline;
}

static gboolean scroll(GtkEventControllerScroll *controller, double dx, double dy, WeftNames *names)
{
    if (!names->session)
        return GDK_EVENT_PROPAGATE;
    weft_session_scroll(names->session, weft_session_view(names->session)->viewport.scroll_y +
                                            dy * WEFT_LANE_HEIGHT_FULL);
    (void)controller, (void)dx;
    return GDK_EVENT_STOP;
}

static void dispose(GObject *object)
{
    drop_session(WEFT_NAMES(object));
    g_clear_pointer(&WEFT_NAMES(object)->headers, g_ptr_array_unref);
    g_clear_pointer(&WEFT_NAMES(object)->placed, g_array_unref);
    G_OBJECT_CLASS(weft_names_parent_class)->dispose(object);
}

static void weft_names_class_init(WeftNamesClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    widget->measure = measure;
    widget->size_allocate = size_allocate;
    gtk_widget_class_set_css_name(widget, "names");
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_LIST);
}

static void weft_names_init(WeftNames *names)
{
    names->headers = g_ptr_array_new_with_free_func(header_free);
    names->placed = g_array_new(FALSE, FALSE, sizeof(struct placed));
    gtk_widget_set_overflow(GTK_WIDGET(names), GTK_OVERFLOW_HIDDEN);
    gtk_accessible_update_property(GTK_ACCESSIBLE(names), GTK_ACCESSIBLE_PROPERTY_LABEL, "Lanes",
                                   -1);
    GtkEventController *wheel = gtk_event_controller_scroll_new(
        GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
    g_signal_connect(wheel, "scroll", G_CALLBACK(scroll), names);
    gtk_widget_add_controller(GTK_WIDGET(names), wheel);
}
