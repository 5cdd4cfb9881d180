/* page.c: see page.h. One query is under way at a time; what is asked meanwhile waits, and only the
 * last of it: steps add up, a playhead that moves on replaces where it was. */
#include "app/viewer/dispatch/page.h"

#include "app/viewer/dispatch/canvas.h"
#include "app/viewer/dispatch/transport.h"
#include "app/viewer/panels/markup.h"

enum asked { ASKED_NOTHING, ASKED_SHOW, ASKED_STEPS, ASKED_OF_TASK };

struct wish { /* what is to be read */
    enum asked asked;
    enum weft_replay_unit unit;
    int steps; /* > 0: forward. ASKED_OF_TASK: only its sign counts */
    gint64 t_ns;
    uint64_t task;
};

struct query { /* a wish, while a worker is at it */
    struct wish wish;
    weft_replay *replay; /* the page's */
    GHashTable *sources; /* likewise */
    struct weft_replay_place place;
    gboolean moved;
    struct weft_dispatch_view *view; /* NULL: taken */
};

struct _WeftDispatchPage {
    GtkWidget parent_instance;
    GtkWidget *box;
    WeftDispatchCanvas *canvas;
    GtkLabel *headline, *lines;
    WeftTransport *transport;

    WeftSession *session; /* NULL: none */
    struct weft_render *render;
    GArray *loops; /* of guint: lanes */
    guint n_lanes; /* the model's that were looked at for loops */
    guint loop;    /* the lane that is replayed; WEFT_NO_LANE: none yet */
    weft_replay *replay;
    guint replayed; /* … of this loop */
    GHashTable *sources;
    struct weft_replay_place place; /* what is shown, or is being read */
    struct weft_dispatch_view *view;

    GCancellable *going; /* NULL: no query is */
    struct wish next;    /* when it is over */
    gboolean moving;     /* the session's playhead is being set from here */
    guint timer;         /* plays by steps */
    guint tick;          /* plays by trace time */
    gint64 last_frame;   /* µs: of the tick before */
};
G_DEFINE_FINAL_TYPE(WeftDispatchPage, weft_dispatch_page, GTK_TYPE_WIDGET)

static void stop(WeftDispatchPage *page);

/* ---- In a worker ---- */

static void read_place(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    struct query *query = data;
    const struct wish *wish = &query->wish;
    int direction = wish->steps < 0 ? -1 : 1;
    if (wish->asked == ASKED_SHOW)
        query->place = (struct weft_replay_place){ wish->t_ns, WEFT_WHOLE_MOMENT };
    if (wish->asked == ASKED_OF_TASK)
        query->moved = weft_replay_find(query->replay, query->place, 0, wish->task, direction,
                                        cancellable, &query->place);
    for (int i = 0; wish->asked == ASKED_STEPS && i != wish->steps; i += direction) {
        if (!weft_replay_step(query->replay, query->place, wish->unit, direction, &query->place))
            break;
        query->moved = TRUE;
    }
    query->view = weft_dispatch_view_new(query->replay, weft_session_model(session), query->place,
                                         query->sources);
    g_task_return_boolean(task, TRUE);
}

static void query_free(gpointer data)
{
    struct query *query = data;
    weft_dispatch_view_free(query->view);
    g_free(query);
}

/* ---- Showing ---- */

static uint64_t selected_task(WeftDispatchPage *page)
{
    guint lane = weft_session_view(page->session)->selected_lane;
    const struct weft_lane *task = lane == WEFT_NO_LANE
                                       ? NULL
                                       : weft_model_lane(weft_session_model(page->session), lane);
    return task && task->kind == WEFT_LANE_TASK ? task->id : 0;
}

static void show_canvas(WeftDispatchPage *page)
{
    weft_dispatch_canvas_set(page->canvas, page->session ? page->render : NULL, page->view,
                             page->session ? selected_task(page) : 0);
}

static void take_view(WeftDispatchPage *page, struct weft_dispatch_view *view)
{
    struct weft_dispatch_view *before = page->view;
    page->view = view;
    show_canvas(page);
    weft_dispatch_view_free(before);
    gtk_label_set_markup(page->headline, view->headline);
    gtk_label_set_markup(page->lines, view->lines);
    weft_transport_show(page->transport, view->place.time_ns, weft_session_end_ns(page->session));
}

static void move_playhead(WeftDispatchPage *page)
{
    page->moving = TRUE;
    weft_session_set_playhead(page->session, page->place.time_ns);
    weft_session_reveal(page->session, page->place.time_ns);
    page->moving = FALSE;
}

/* ---- Asking ---- */

static void start(WeftDispatchPage *page, struct wish wish);

static void answered(GObject *session, GAsyncResult *result, gpointer data)
{
    WeftDispatchPage *page = data;
    struct query *query = g_task_get_task_data(G_TASK(result));
    struct wish next = page->next;
    g_clear_object(&page->going);
    page->next = (struct wish){ 0 };
    if (page->session == WEFT_SESSION(session)) {
        page->place = query->place;
        take_view(page, g_steal_pointer(&query->view));
        if (query->moved && next.asked != ASKED_SHOW)
            move_playhead(page);
        if (!query->moved && query->wish.asked != ASKED_SHOW) {
            gtk_widget_error_bell(GTK_WIDGET(page));
            stop(page);
        } else if (next.asked) {
            start(page, next);
        }
    } else if (page->session && next.asked) {
        start(page, next);
    }
    g_object_unref(page);
}

/* No worker reads with it now. A live trace's chunks grow: they are read anew. */
static gboolean have_replay(WeftDispatchPage *page)
{
    if (weft_session_live(page->session) || page->replayed != page->loop)
        g_clear_pointer(&page->replay, weft_replay_free);
    page->replayed = page->loop;
    if (!page->replay && page->loop != WEFT_NO_LANE)
        page->replay = weft_replay_new(weft_session_model(page->session), page->loop);
    return page->replay != NULL;
}

static void start(WeftDispatchPage *page, struct wish wish)
{
    if (!have_replay(page))
        return;
    struct query *query = g_new0(struct query, 1);
    *query = (struct query){ wish, page->replay, page->sources, page->place };
    page->going = g_cancellable_new();
    g_autoptr(GTask) task = g_task_new(page->session, page->going, answered, g_object_ref(page));
    g_task_set_check_cancellable(task, FALSE);
    g_task_set_task_data(task, query, query_free);
    weft_session_work(page->session, task, read_place);
}

static void ask(WeftDispatchPage *page, struct wish wish)
{
    if (!page->session || !weft_session_loaded(page->session) || page->loop == WEFT_NO_LANE ||
        !gtk_widget_get_mapped(GTK_WIDGET(page)))
        return;
    if (!page->going) {
        start(page, wish);
        return;
    }
    gboolean adds = wish.asked == ASKED_STEPS && page->next.asked == ASKED_STEPS &&
                    wish.unit == page->next.unit;
    int steps = adds ? page->next.steps + wish.steps : wish.steps;
    page->next = wish;
    page->next.steps = steps;
    if (adds && steps == 0)
        page->next.asked = ASKED_NOTHING;
}

static void ask_steps(WeftDispatchPage *page, enum weft_replay_unit unit, int steps)
{
    ask(page, (struct wish){ .asked = ASKED_STEPS, .unit = unit, .steps = steps });
}

static void ask_moment(WeftDispatchPage *page, gint64 t_ns)
{
    ask(page, (struct wish){ .asked = ASKED_SHOW, .t_ns = t_ns });
}

static void ask_playhead(WeftDispatchPage *page)
{
    gint64 t = page->session ? weft_session_view(page->session)->playhead_ns : WEFT_NO_TIME;
    if (t != WEFT_NO_TIME)
        ask_moment(page, t);
}

/* ---- Loops ---- */

static void choose_loop(WeftDispatchPage *page, guint lane)
{
    if (lane == page->loop)
        return;
    page->loop = lane;
    ask_playhead(page);
}

static void find_loops(WeftDispatchPage *page)
{
    weft_model *model = weft_session_model(page->session);
    guint before = page->loops->len;
    for (; page->n_lanes < weft_model_n_lanes(model); page->n_lanes++)
        if (weft_model_lane(model, page->n_lanes)->kind == WEFT_LANE_LOOP)
            g_array_append_val(page->loops, page->n_lanes);
    if (page->loops->len == before)
        return;
    g_autoptr(GtkStringList) names = gtk_string_list_new(NULL);
    for (guint i = 0; i < page->loops->len; i++) {
        guint lane = g_array_index(page->loops, guint, i);
        gtk_string_list_take(names, weft_model_name(model, weft_model_lane(model, lane)->id));
    }
    if (page->loop == WEFT_NO_LANE)
        page->loop = g_array_index(page->loops, guint, 0);
    weft_transport_set_loops(page->transport, names);
}

static void loop_chosen(WeftTransport *transport, guint place, WeftDispatchPage *page)
{
    if (place < page->loops->len)
        choose_loop(page, g_array_index(page->loops, guint, place));
    (void)transport;
}

/* ---- Following the session ---- */

static void session_changed(WeftSession *session, guint what, WeftDispatchPage *page)
{
    gint64 playhead = weft_session_view(session)->playhead_ns;
    if (what & (WEFT_CHANGE_MODEL | WEFT_CHANGE_STATUS) && weft_session_loaded(session)) {
        find_loops(page);
        if (!page->view && page->loops->len == 0)
            gtk_label_set_text(page->headline, "No loop was recorded: nothing is dispatched.");
        else if (!page->view && !page->going)
            ask_playhead(page);
        else
            weft_transport_show(page->transport, page->place.time_ns, weft_session_end_ns(session));
    }
    if (what & WEFT_CHANGE_SELECTION)
        show_canvas(page);
    if (what & WEFT_CHANGE_PLAYHEAD && !page->moving && playhead != page->place.time_ns)
        ask_playhead(page);
}

void weft_dispatch_page_set(WeftDispatchPage *page, WeftSession *session,
                            struct weft_render *render)
{
    page->render = render;
    if (session != page->session) {
        stop(page);
        if (page->session)
            g_signal_handlers_disconnect_by_func(page->session, session_changed, page);
        g_set_object(&page->session, session);
        if (session)
            g_signal_connect(session, "changed", G_CALLBACK(session_changed), page);
    }
    show_canvas(page);
    if (session)
        session_changed(session, WEFT_CHANGE_ALL, page);
}

const struct weft_dispatch_view *weft_dispatch_page_view(WeftDispatchPage *page)
{
    return page->view;
}

gboolean weft_dispatch_page_busy(WeftDispatchPage *page)
{
    return page->going != NULL;
}

/* ---- Playing ---- */

gboolean weft_dispatch_page_playing(WeftDispatchPage *page)
{
    return page->timer != 0 || page->tick != 0;
}

static void stop(WeftDispatchPage *page)
{
    g_clear_handle_id(&page->timer, g_source_remove);
    if (page->tick)
        gtk_widget_remove_tick_callback(GTK_WIDGET(page), page->tick);
    page->tick = 0;
    if (page->transport)
        weft_transport_show_playing(page->transport, FALSE);
}

static gboolean play_step(gpointer data)
{
    WeftDispatchPage *page = data;
    if (!page->going)
        ask_steps(page, WEFT_REPLAY_STEP, 1);
    return G_SOURCE_CONTINUE;
}

static gboolean play_time(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
    WeftDispatchPage *page = WEFT_DISPATCH_PAGE(widget);
    gint64 now = gdk_frame_clock_get_frame_time(clock);
    gint64 end = weft_session_end_ns(page->session),
           t = weft_session_view(page->session)->playhead_ns;
    double passed = page->last_frame ? (double)(now - page->last_frame) * 1000 : 0;
    page->last_frame = now;
    t = MIN(end, t + (gint64)(passed * weft_transport_speed(page->transport)));
    weft_session_set_playhead(page->session, t);
    weft_session_reveal(page->session, t);
    if (t == end) {
        stop(page);
        return G_SOURCE_REMOVE;
    }
    (void)data;
    return G_SOURCE_CONTINUE;
}

static void play(WeftDispatchPage *page)
{
    if (weft_transport_by_steps(page->transport)) {
        page->timer = g_timeout_add((guint)(1000 / weft_transport_speed(page->transport)),
                                    play_step, page);
        ask_steps(page, WEFT_REPLAY_STEP, 1);
    } else {
        page->last_frame = 0;
        page->tick = gtk_widget_add_tick_callback(GTK_WIDGET(page), play_time, NULL, NULL);
    }
    weft_transport_show_playing(page->transport, TRUE);
}

/* Speed or unit are others: it plays on with them. */
static void pace_changed(WeftTransport *transport, WeftDispatchPage *page)
{
    if (weft_dispatch_page_playing(page)) {
        stop(page);
        play(page);
    }
    (void)transport;
}

static void sought(WeftTransport *transport, gint64 t_ns, WeftDispatchPage *page)
{
    if (!page->session)
        return;
    weft_session_set_playhead(page->session, t_ns);
    weft_session_reveal(page->session, t_ns);
    (void)transport;
}

/* ---- Actions ---- */

static void act_play(WeftDispatchPage *page)
{
    if (weft_dispatch_page_playing(page))
        stop(page);
    else if (page->view)
        play(page);
    else
        gtk_widget_error_bell(GTK_WIDGET(page)); /* there is no loop, or it is not read yet */
}

static void act_next(WeftDispatchPage *page)
{
    ask_steps(page, WEFT_REPLAY_STEP, 1);
}

static void act_previous(WeftDispatchPage *page)
{
    ask_steps(page, WEFT_REPLAY_STEP, -1);
}

static void act_next_event(WeftDispatchPage *page)
{
    ask_steps(page, WEFT_REPLAY_EVENT, 1);
}

static void act_previous_event(WeftDispatchPage *page)
{
    ask_steps(page, WEFT_REPLAY_EVENT, -1);
}

static void act_start(WeftDispatchPage *page)
{
    sought(page->transport, 0, page);
}

static void act_end(WeftDispatchPage *page)
{
    sought(page->transport, weft_session_end_ns(page->session), page);
}

static void ask_of_task(WeftDispatchPage *page, int direction)
{
    uint64_t task = selected_task(page);
    if (task)
        ask(page, (struct wish){ .asked = ASKED_OF_TASK, .steps = direction, .task = task });
    else
        gtk_widget_error_bell(GTK_WIDGET(page));
}

static void act_next_of_task(WeftDispatchPage *page)
{
    ask_of_task(page, 1);
}

static void act_previous_of_task(WeftDispatchPage *page)
{
    ask_of_task(page, -1);
}

static void act_faster(WeftDispatchPage *page)
{
    weft_transport_change_speed(page->transport, 1);
}

static void act_slower(WeftDispatchPage *page)
{
    weft_transport_change_speed(page->transport, -1);
}

static const struct {
    const char *action;
    void (*act)(WeftDispatchPage *page);
    struct {
        guint key;
        GdkModifierType modifiers;
    } keys[3];
} actions[] = {
    { "dispatch.play", act_play, { { GDK_KEY_space, 0 } } },
    { "dispatch.next", act_next, { { GDK_KEY_Right, 0 }, { GDK_KEY_Page_Down, 0 } } },
    { "dispatch.previous", act_previous, { { GDK_KEY_Left, 0 }, { GDK_KEY_Page_Up, 0 } } },
    { "dispatch.next-event", act_next_event, { { GDK_KEY_Right, GDK_SHIFT_MASK } } },
    { "dispatch.previous-event", act_previous_event, { { GDK_KEY_Left, GDK_SHIFT_MASK } } },
    { "dispatch.start", act_start, { { GDK_KEY_Home, 0 } } },
    { "dispatch.end", act_end, { { GDK_KEY_End, 0 } } },
    { "dispatch.next-of-task", act_next_of_task, { { GDK_KEY_period, 0 } } },
    { "dispatch.previous-of-task", act_previous_of_task, { { GDK_KEY_comma, 0 } } },
    { "dispatch.faster", act_faster, { { GDK_KEY_plus, 0 }, { GDK_KEY_equal, 0 } } },
    { "dispatch.slower", act_slower, { { GDK_KEY_minus, 0 } } },
};

static void activated(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WeftDispatchPage *page = WEFT_DISPATCH_PAGE(widget);
    for (guint i = 0; page->session && i < G_N_ELEMENTS(actions); i++)
        if (g_str_equal(actions[i].action, name))
            actions[i].act(page);
    (void)parameter;
}

/* ---- The widget ---- */

static void picked(WeftDispatchCanvas *canvas, guint64 id, WeftDispatchPage *page)
{
    guint lane = weft_model_lane_of(weft_session_model(page->session), id);
    if (lane != G_MAXUINT32)
        weft_session_select(page->session, lane, page->place.time_ns);
    gtk_widget_grab_focus(GTK_WIDGET(page));
    (void)canvas;
}

static gboolean link_activated(GtkLabel *label, const char *address, WeftDispatchPage *page)
{
    uint64_t entity;
    gint64 t;
    if (weft_markup_parse(address, &entity, &t))
        picked(page->canvas, entity, page);
    (void)label;
    return TRUE;
}

static void map(GtkWidget *widget)
{
    GTK_WIDGET_CLASS(weft_dispatch_page_parent_class)->map(widget);
    ask_playhead(WEFT_DISPATCH_PAGE(widget));
}

static void unmap(GtkWidget *widget)
{
    stop(WEFT_DISPATCH_PAGE(widget));
    GTK_WIDGET_CLASS(weft_dispatch_page_parent_class)->unmap(widget);
}

static void dispose(GObject *object)
{
    WeftDispatchPage *page = WEFT_DISPATCH_PAGE(object);
    if (page->transport)
        weft_dispatch_page_set(page, NULL, NULL);
    page->transport = NULL;
    g_clear_pointer(&page->box, gtk_widget_unparent);
    G_OBJECT_CLASS(weft_dispatch_page_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    WeftDispatchPage *page = WEFT_DISPATCH_PAGE(object);
    weft_replay_free(page->replay);
    g_hash_table_unref(page->sources);
    weft_dispatch_view_free(page->view);
    g_array_unref(page->loops);
    G_OBJECT_CLASS(weft_dispatch_page_parent_class)->finalize(object);
}

static void weft_dispatch_page_class_init(WeftDispatchPageClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    G_OBJECT_CLASS(class)->finalize = finalize;
    widget->map = map;
    widget->unmap = unmap;
    gtk_widget_class_set_layout_manager_type(widget, GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name(widget, "dispatch");
    for (guint i = 0; i < G_N_ELEMENTS(actions); i++) {
        gtk_widget_class_install_action(widget, actions[i].action, NULL, activated);
        for (guint k = 0; k < G_N_ELEMENTS(actions[i].keys) && actions[i].keys[k].key; k++)
            gtk_widget_class_add_binding_action(widget, actions[i].keys[k].key,
                                                actions[i].keys[k].modifiers, actions[i].action,
                                                NULL);
    }
}

static GtkLabel *add_label(WeftDispatchPage *page, const char *style, int lines)
{
    GtkWidget *label = gtk_label_new("");
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_yalign(GTK_LABEL(label), 0);
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
    if (lines > 1) {
        gtk_label_set_wrap(GTK_LABEL(label), TRUE);
        gtk_label_set_lines(GTK_LABEL(label), lines);
    }
    gtk_widget_add_css_class(label, style);
    g_signal_connect(label, "activate-link", G_CALLBACK(link_activated), page);
    gtk_box_append(GTK_BOX(page->box), label);
    return GTK_LABEL(label);
}

static void weft_dispatch_page_init(WeftDispatchPage *page)
{
    page->loops = g_array_new(FALSE, FALSE, sizeof(guint));
    page->loop = WEFT_NO_LANE;
    page->sources = weft_source_cache_new();
    page->place.time_ns = WEFT_NO_TIME;
    page->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_widget_set_parent(page->box, GTK_WIDGET(page));
    page->canvas = g_object_new(WEFT_TYPE_DISPATCH_CANVAS, "vexpand", TRUE, NULL);
    gtk_box_append(GTK_BOX(page->box), GTK_WIDGET(page->canvas));
    page->headline = add_label(page, "sentence", 2);
    page->lines = add_label(page, "told", 1);
    page->transport = g_object_new(WEFT_TYPE_TRANSPORT, NULL);
    gtk_box_append(GTK_BOX(page->box), GTK_WIDGET(page->transport));
    gtk_widget_set_focusable(GTK_WIDGET(page), TRUE);
    g_signal_connect(page->canvas, "picked", G_CALLBACK(picked), page);
    g_signal_connect(page->transport, "sought", G_CALLBACK(sought), page);
    g_signal_connect(page->transport, "pace-changed", G_CALLBACK(pace_changed), page);
    g_signal_connect(page->transport, "loop-chosen", G_CALLBACK(loop_chosen), page);
}
