/* page.c: see page.h. One query is under way at a time; what is asked meanwhile waits, and only the
 * last of it: steps add up, a playhead that moves on replaces where it was. */
#include "app/viewer/accessible.h"
#include "app/viewer/dispatch/page-private.h"
#include "app/viewer/note-item.h"
#include "app/viewer/panels/markup.h"
#include "app/viewer/side-by-side.h"

struct query { /* a wish, while a worker is at it */
    struct wish wish;
    weft_replay *replay; /* the page's */
    GHashTable *sources; /* likewise */
    struct weft_replay_place place;
    gboolean moved;
    gboolean timeless;
    guint left_out;                  /* of what is asked: weft_score_known() */
    struct weft_prediction *asked;   /* NULL: nothing; or taken */
    struct weft_dispatch_view *view; /* NULL: taken */
};

G_DEFINE_FINAL_TYPE(WeftDispatchPage, weft_dispatch_page, GTK_TYPE_WIDGET)

/* ---- In a worker ---- */

static void read_place(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    struct query *query = data;
    const struct wish *wish = &query->wish;
    int direction = wish->steps < 0 ? -1 : 1;
    if (wish->asked == ASKED_SHOW || wish->from_there)
        query->place = (struct weft_replay_place){ wish->t_ns, WEFT_WHOLE_MOMENT };
    if (wish->asked == ASKED_FIND)
        query->moved = weft_replay_find(query->replay, query->place, &wish->wanted, direction,
                                        cancellable, &query->place);
    for (int i = 0; wish->asked == ASKED_STEPS && i != wish->steps; i += direction) {
        if (!weft_replay_step(query->replay, query->place, wish->unit, direction, &query->place))
            break;
        query->moved = TRUE;
    }
    if (wish->asked == ASKED_QUESTION)
        query->moved = weft_replay_step_to_question(query->replay, query->place, query->left_out,
                                                    &query->place, &query->asked);
    query->view = weft_dispatch_view_new(query->replay, weft_session_model(session), query->place,
                                         query->sources);
    if (query->asked)
        weft_dispatch_view_hide(query->view, query->asked);
    if (query->timeless)
        weft_dispatch_view_hide_times(query->view);
    g_task_return_boolean(task, TRUE);
}

static void query_free(gpointer data)
{
    struct query *query = data;
    weft_prediction_free(query->asked);
    weft_dispatch_view_free(query->view);
    g_free(query);
}

/* ---- Showing ---- */

uint64_t dispatch_page_selected(WeftDispatchPage *page)
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
                             page->session ? dispatch_page_selected(page) : 0);
}

/* What somebody noted while it was as it is shown. */
static void show_note(WeftDispatchPage *page)
{
    g_autoptr(GString) text = g_string_new(NULL);
    GListModel *notes = page->session ? weft_session_notes(page->session) : NULL;
    for (guint i = 0; page->view && notes && i < g_list_model_get_n_items(notes); i++) {
        g_autoptr(WeftNoteItem) item = g_list_model_get_item(notes, i);
        const struct weft_note *note = weft_note_item_get(item);
        if (note->time_ns >= page->view->from_ns && note->time_ns < page->view->until_ns &&
            *note->text)
            g_string_append_printf(text, "%s%s", text->len ? "\n" : "", note->text);
    }
    gtk_label_set_text(page->note, text->str);
    gtk_widget_set_visible(GTK_WIDGET(page->note), text->len > 0);
}

void dispatch_page_show_code(WeftDispatchPage *page)
{
    if (page->view && gtk_widget_get_visible(GTK_WIDGET(page->code)))
        weft_code_pane_show(page->code, page->view->source, page->view->line);
}

static void show_moment(WeftDispatchPage *page, gint64 t_ns)
{
    g_autofree char *moment = weft_view_time(weft_session_view(page->session), t_ns);
    weft_transport_show(page->transport, t_ns, weft_session_end_ns(page->session), moment);
}

static void take_view(WeftDispatchPage *page, struct weft_dispatch_view *view)
{
    struct weft_dispatch_view *before = page->view;
    page->view = view;
    show_canvas(page);
    weft_dispatch_view_free(before);
    show_note(page);
    dispatch_page_show_code(page);
    gtk_label_set_markup(page->headline, view->headline);
    gtk_label_set_markup(page->lines, view->lines);
    show_moment(page, view->place.time_ns);
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

/* Read again, the place of an open question goes on to be hidden. */
static void keep_hidden(WeftDispatchPage *page, struct query *query)
{
    if (query->wish.asked != ASKED_AGAIN || !dispatch_page_waits_for_answer(page))
        return;
    weft_dispatch_view_hide(query->view, page->question);
    if (query->timeless)
        weft_dispatch_view_hide_times(query->view);
}

static void answered(GObject *session, GAsyncResult *result, gpointer data)
{
    WeftDispatchPage *page = data;
    struct query *query = g_task_get_task_data(G_TASK(result));
    struct wish next = page->next;
    g_clear_object(&page->going);
    page->next = (struct wish){ 0 };
    if (page->session == WEFT_SESSION(session)) {
        page->place = query->place;
        keep_hidden(page, query);
        take_view(page, g_steal_pointer(&query->view));
        if (query->moved)
            weft_dispatch_canvas_move(page->canvas);
        if (query->asked && !page->predicting && !next.asked)
            next.asked = ASKED_AGAIN; /* switched off meanwhile: nothing is to be hidden */
        if (query->wish.asked == ASKED_AGAIN)
            dispatch_page_keep_said(page);
        else
            dispatch_page_take_question(page, g_steal_pointer(&query->asked));
        if (query->moved && next.asked != ASKED_SHOW)
            move_playhead(page);
        gboolean ended = !g_cancellable_is_cancelled(g_task_get_cancellable(G_TASK(result)));
        if (!query->moved && ended && query->wish.asked > ASKED_AGAIN) {
            gtk_widget_error_bell(GTK_WIDGET(page));
            dispatch_page_stop(page);
            if (next.asked > ASKED_AGAIN) /* steps end here */
                next.asked = ASKED_NOTHING;
        }
        if (next.asked)
            start(page, next);
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
    *query = (struct query){ .wish = wish,
                             .replay = page->replay,
                             .sources = page->sources,
                             .place = page->place,
                             .timeless = page->timeless,
                             .left_out = weft_score_known(&page->score) };
    page->going = g_cancellable_new();
    page->finding = wish.asked == ASKED_FIND;
    g_autoptr(GTask) task = g_task_new(page->session, page->going, answered, g_object_ref(page));
    g_task_set_check_cancellable(task, FALSE);
    g_task_set_task_data(task, query, query_free);
    weft_session_work(page->session, task, read_place);
}

void dispatch_page_ask(WeftDispatchPage *page, struct wish wish)
{
    if (!page->session || !weft_session_loaded(page->session) || page->loop == WEFT_NO_LANE ||
        !gtk_widget_get_mapped(GTK_WIDGET(page)))
        return;
    if (!page->going) {
        start(page, wish);
        return;
    }
    if (wish.asked == ASKED_AGAIN && page->next.asked)
        return; /* that shows all there is to show */
    gboolean adds = wish.asked == ASKED_STEPS && page->next.asked == ASKED_STEPS &&
                    wish.unit == page->next.unit;
    struct wish before = page->next;
    page->next = wish;
    if (adds)
        page->next.steps += before.steps;
    if (wish.asked > ASKED_AGAIN && (before.asked == ASKED_SHOW || before.from_there)) {
        page->next.from_there = TRUE;
        page->next.t_ns = before.t_ns;
    }
    if (adds && page->next.steps == 0)
        page->next.asked = page->next.from_there ? ASKED_SHOW : ASKED_NOTHING;
    if (page->finding) /* it may take its time, and is not wanted any more */
        g_cancellable_cancel(page->going);
}

static void ask_moment(WeftDispatchPage *page, gint64 t_ns)
{
    dispatch_page_ask(page, (struct wish){ .asked = ASKED_SHOW, .t_ns = t_ns });
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
            show_moment(page, page->place.time_ns);
    }
    if (what & WEFT_CHANGE_SELECTION)
        show_canvas(page);
    if (what & WEFT_CHANGE_ORIGIN && page->view)
        show_moment(page, page->place.time_ns);
    if (what & WEFT_CHANGE_NOTES)
        show_note(page);
    if (what & (WEFT_CHANGE_NOTES | WEFT_CHANGE_FINDINGS))
        dispatch_page_show_marks(page);
    if (what & WEFT_CHANGE_PLAYHEAD && !page->moving && playhead != page->place.time_ns)
        ask_playhead(page);
}

void weft_dispatch_page_set(WeftDispatchPage *page, WeftSession *session,
                            struct weft_render *render)
{
    page->render = render;
    if (session != page->session) {
        dispatch_page_stop(page);
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

void dispatch_page_seek(WeftDispatchPage *page, gint64 t_ns)
{
    weft_session_set_playhead(page->session, t_ns);
    weft_session_reveal(page->session, t_ns);
}

/* ---- The widget ---- */

static void sought(WeftTransport *transport, gint64 t_ns, WeftDispatchPage *page)
{
    if (page->session)
        dispatch_page_seek(page, t_ns);
    (void)transport;
}

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

/* At the page's width. */
static int height_of(WeftDispatchPage *page, gpointer widget, gboolean natural)
{
    int least, usual;
    gtk_widget_measure(widget, GTK_ORIENTATION_VERTICAL, gtk_widget_get_width(GTK_WIDGET(page)),
                       &least, &usual, NULL, NULL);
    return natural ? usual : least;
}

/* What was told before is there as long as the loop has its usual size beside it. */
static gboolean give_room(gpointer data)
{
    WeftDispatchPage *page = data;
    page->fit_source = 0;
    gtk_widget_set_visible(GTK_WIDGET(page->lines), TRUE); /* what is hidden has no height */
    int room = gtk_widget_get_height(GTK_WIDGET(page)) - height_of(page, page->box, FALSE) +
               height_of(page, page->scrolled, FALSE);
    gtk_widget_set_visible(GTK_WIDGET(page->lines), room >= height_of(page, page->canvas, TRUE));
    return G_SOURCE_REMOVE;
}

static void height_changed(WeftDispatchPage *page)
{
    if (!page->fit_source)
        page->fit_source = g_idle_add(give_room, page);
}

static void map(GtkWidget *widget)
{
    GTK_WIDGET_CLASS(weft_dispatch_page_parent_class)->map(widget);
    ask_playhead(WEFT_DISPATCH_PAGE(widget));
}

static void unmap(GtkWidget *widget)
{
    dispatch_page_stop(WEFT_DISPATCH_PAGE(widget));
    GTK_WIDGET_CLASS(weft_dispatch_page_parent_class)->unmap(widget);
}

static void dispose(GObject *object)
{
    WeftDispatchPage *page = WEFT_DISPATCH_PAGE(object);
    if (page->transport)
        weft_dispatch_page_set(page, NULL, NULL);
    if (page->scrolled)
        g_signal_handlers_disconnect_by_func(gtk_scrolled_window_get_vadjustment(page->scrolled),
                                             height_changed, page);
    page->scrolled = NULL;
    g_clear_handle_id(&page->fit_source, g_source_remove);
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
    weft_prediction_free(page->question);
    weft_score_clear(&page->score);
    g_array_unref(page->loops);
    g_object_unref(page->text);
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
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_GROUP);
    dispatch_page_install_predicting();
    dispatch_page_bind_keys(widget);
}

static GtkLabel *new_label(WeftDispatchPage *page, const char *style, int lines)
{
    GtkWidget *label = gtk_label_new("");
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_yalign(GTK_LABEL(label), 0);
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
    if (lines > 1) {
        gtk_label_set_wrap(GTK_LABEL(label), TRUE);
        gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
        gtk_label_set_lines(GTK_LABEL(label), lines);
    }
    gtk_widget_add_css_class(label, style);
    g_signal_connect(label, "activate-link", G_CALLBACK(link_activated), page);
    return GTK_LABEL(label);
}

static void weft_dispatch_page_init(WeftDispatchPage *page)
{
    weft_accessible_name(GTK_WIDGET(page), "Dispatch");
    page->loops = g_array_new(FALSE, FALSE, sizeof(guint));
    page->loop = WEFT_NO_LANE;
    page->kind = weft_jump_kind_named("runs");
    page->sources = weft_source_cache_new();
    page->place.time_ns = WEFT_NO_TIME;
    page->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_widget_set_parent(page->box, GTK_WIDGET(page));
    page->canvas = g_object_new(WEFT_TYPE_DISPATCH_CANVAS, "vexpand", TRUE, NULL);
    /* Scrolls where text is large and the window small. */
    page->scrolled = g_object_new(GTK_TYPE_SCROLLED_WINDOW, "hscrollbar-policy", GTK_POLICY_NEVER,
                                  "child", page->canvas, NULL);
    gtk_box_append(GTK_BOX(page->box), GTK_WIDGET(page->scrolled));
    page->code = g_object_new(WEFT_TYPE_CODE_PANE, "visible", FALSE, NULL);
    gtk_box_append(GTK_BOX(page->box), GTK_WIDGET(page->code));
    g_signal_connect_swapped(gtk_scrolled_window_get_vadjustment(page->scrolled), "changed",
                             G_CALLBACK(height_changed), page);
    page->headline = new_label(page, "sentence", 2);
    page->note = new_label(page, "note", 3);
    gtk_label_set_width_chars(page->note, 12); /* or GTK tries a letter a line */
    gtk_label_set_max_width_chars(page->note, 40);
    gtk_widget_set_halign(GTK_WIDGET(page->note), GTK_ALIGN_END);
    gtk_widget_set_valign(GTK_WIDGET(page->note), GTK_ALIGN_START);
    gtk_widget_set_visible(GTK_WIDGET(page->note), FALSE);
    page->lines = new_label(page, "told", 1);
    gtk_widget_set_hexpand(GTK_WIDGET(page->lines), TRUE);
    gtk_box_append(GTK_BOX(page->box), GTK_WIDGET(page->headline));
    gtk_box_append(GTK_BOX(page->box),
                   weft_side_by_side(0, GTK_WIDGET(page->lines), GTK_WIDGET(page->note), NULL));
    page->predict = g_object_new(WEFT_TYPE_PREDICT_BAR, "visible", FALSE, NULL);
    gtk_box_append(GTK_BOX(page->box), GTK_WIDGET(page->predict));
    weft_score_init(&page->score);
    page->transport = g_object_new(WEFT_TYPE_TRANSPORT, NULL);
    gtk_box_append(GTK_BOX(page->box), GTK_WIDGET(page->transport));
    gtk_widget_set_focusable(GTK_WIDGET(page), TRUE);
    g_signal_connect(page->canvas, "picked", G_CALLBACK(picked), page);
    g_signal_connect_swapped(page->canvas, "fitted", G_CALLBACK(dispatch_page_fit_text), page);
    page->text = gtk_css_provider_new();
    gtk_style_context_add_provider(gtk_widget_get_style_context(GTK_WIDGET(page)),
                                   GTK_STYLE_PROVIDER(page->text),
                                   GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    g_signal_connect(page->transport, "sought", G_CALLBACK(sought), page);
    g_signal_connect_swapped(page->transport, "pace-changed",
                             G_CALLBACK(dispatch_page_pace_changed), page);
    g_signal_connect(page->transport, "loop-chosen", G_CALLBACK(loop_chosen), page);
}
