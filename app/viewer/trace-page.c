/* trace-page.c: puts the timeline's widgets together: gives them the session and the render, loads
 * the trace in steps between frames, polls a live process.
 *
 * Thread: main. The pass over a trace takes at most LOAD_STEP_US of each turn of the main loop, so
 * the window answers meanwhile; opening a file itself happens elsewhere (window-open.c). */
#include "app/viewer/count.h"
#include "app/viewer/trace-page-private.h"

#include "app/viewer/accessible.h"

enum {
    NAMES_MAX = 340, /* px, however large the text is */
    LOAD_STEP_US = 14000,
    POLL_MS = 33,
    LOOK_EVERY_US = 500000, /* for what hangs in a live process */
    LOOK_AFTER_MS = 100,    /* in what was loaded: what is seen first does not wait for that */
};

G_DEFINE_FINAL_TYPE(WeftTracePage, weft_trace_page, ADW_TYPE_BIN)

static guint inspector_signal, view_signal;

/* ---- Looks ---- */

double weft_trace_page_text_scale(WeftTracePage *page)
{
    int dpi = -1;
    g_object_get(gtk_widget_get_settings(GTK_WIDGET(page)), "gtk-xft-dpi", &dpi, NULL);
    return dpi > 0 ? dpi / (96.0 * 1024) : 1.0;
}

static void give_render(WeftTracePage *page, struct weft_render *render)
{
    WeftPlot *const plots[] = { WEFT_PLOT(page->minimap), WEFT_PLOT(page->ruler),
                                WEFT_PLOT(page->legend) };
    for (guint i = 0; i < G_N_ELEMENTS(plots); i++)
        weft_plot_set(plots[i], page->session, render);
    weft_lanes_set(page->lanes, page->session, render);
    weft_inspector_set(page->inspector, page->session, render);
    weft_task_table_set_render(page->tasks, render);
    weft_dispatch_page_set(page->dispatch, page->session, render);
}

/* Columns of text are as wide as its size asks for, and leave room for the timeline. A column that
 * the user has drawn wider or narrower stays so until the text has another size. */
static void fit_columns(WeftTracePage *page, double scale)
{
    gtk_widget_set_size_request(page->clocks, -1, (int)weft_render_ruler_height(page->render));
    if (scale == page->column_scale)
        return;
    page->column_scale = scale;
    gtk_paned_set_position(page->columns,
                           (int)CLAMP(WEFT_METRIC_NAMES * scale, WEFT_METRIC_NAMES, NAMES_MAX));
    weft_inspector_set_text_scale(page->inspector, scale);
    weft_task_table_set_text_scale(page->tasks, scale);
}

/* A render belongs to one of each. */
void weft_trace_page_restyle(WeftTracePage *page)
{
    AdwStyleManager *style = adw_style_manager_get_default();
    const struct weft_palette *palette = page->presenting
                                             ? weft_palette(WEFT_PALETTE_PRESENTER)
                                             : weft_palette_for(
                                                   adw_style_manager_get_dark(style),
                                                   adw_style_manager_get_high_contrast(style));
    double scale = page->presenting ? weft_trace_page_presenter_scale(page)
                                    : weft_trace_page_text_scale(page);
    struct weft_render *before = page->render;
    page->render = weft_render_new(palette, gtk_widget_get_pango_context(GTK_WIDGET(page->ruler)),
                                   scale);
    if (page->presenting) {
        weft_render_project(page->render);
        weft_trace_page_style_presenter(page);
    }
    weft_render_set_device_scale(page->render, gtk_widget_get_scale_factor(GTK_WIDGET(page)));
    give_render(page, page->render);
    weft_render_free(before);
    fit_columns(page, scale);
}

/* ---- Following the session ---- */

static void show_scroll(WeftTracePage *page)
{
    const struct weft_viewport *viewport = &weft_session_view(page->session)->viewport;
    double content = weft_session_scene(page->session)->content_height;
    page->scrolling = TRUE;
    gtk_adjustment_configure(page->scroll, viewport->scroll_y, 0, MAX(content, viewport->height),
                             WEFT_LANE_HEIGHT_FULL, viewport->height, viewport->height);
    gtk_widget_set_visible(page->scrollbar, content > viewport->height);
    page->scrolling = FALSE;
}

static void show_range(WeftTracePage *page)
{
    const struct weft_view *view = weft_session_view(page->session);
    gboolean marked = view->range_to > view->range_from;
    g_autofree char *lasts = weft_format_duration(marked ? view->range_to - view->range_from
                                                         : weft_viewport_to_ns(&view->viewport) -
                                                               view->viewport.from_ns);
    g_autofree char *text = g_strdup_printf(marked ? "%s marked" : "%s shown", lasts);
    gtk_inscription_set_text(page->shown, text);
}

static void show_origin(WeftTracePage *page)
{
    const struct weft_view *view = weft_session_view(page->session);
    g_autofree char *text = weft_view_clock(view, FALSE), *brief = weft_view_clock(view, TRUE);
    gtk_label_set_text(page->clock_text, text);
    gtk_label_set_text(page->clock_brief, brief);
}

static void show_status(WeftTracePage *page)
{
    gtk_widget_set_visible(page->timeline, FALSE);
    gtk_widget_set_visible(GTK_WIDGET(page->status), TRUE);
}

/* Of its chunks, and, once they were unpacked, of what is in them; NULL: none. g_free it. */
static char *damage_of(WeftTracePage *page)
{
    weft_trace *trace = weft_session_trace(page->session);
    const char *damage = weft_trace_damage(trace);
    guint64 known = weft_trace_lost(trace),
            lost = weft_model_lost(weft_session_model(page->session));
    if (damage || !weft_session_loaded(page->session) || lost <= known)
        return g_strdup(damage);
    g_autofree char *events = weft_count(lost - known);
    return g_strdup_printf(lost - known == 1 ? "%s event is damaged: it counts as lost"
                                             : "%s events are damaged: they count as lost",
                           events);
}

static void show_nothing(WeftTracePage *page)
{
    if (weft_session_live(page->session) || !weft_session_loaded(page->session) ||
        weft_model_n_lanes(weft_session_model(page->session)) > 0)
        return;
    adw_status_page_set_icon_name(page->status, "org.weft.Weft-symbolic");
    adw_status_page_set_title(page->status, "Nothing in This Trace");
    g_autofree char *damage = damage_of(page);
    guint64 lost = weft_trace_lost(weft_session_trace(page->session));
    g_autofree char *count = weft_count(lost);
    g_autofree char *text =
        damage ? g_strdup_printf("Nothing is left of it: %s.", damage)
        : lost ? g_strdup_printf("All %s events were lost: they came faster than they were read. "
                                 "Record it again with a larger --ring-size.",
                                 count)
               : g_strdup("The file is whole, but no loop and no task was recorded: the program "
                          "ended before its loop began. Record it again while it runs.");
    adw_status_page_set_description(page->status, text);
    show_status(page);
}

static gboolean look(gpointer data)
{
    WeftTracePage *page = data;
    GtkWidget *widget = GTK_WIDGET(page);
    if (gtk_widget_get_mapped(widget) && gtk_widget_get_width(widget) == 0)
        return G_SOURCE_CONTINUE; /* its first frame is still to come */
    page->look_source = 0;
    weft_session_look(page->session);
    weft_session_track(page->session);
    return G_SOURCE_REMOVE;
}

static void session_changed(WeftSession *session, guint what, WeftTracePage *page)
{
    if (what & (WEFT_CHANGE_VISIBLE | WEFT_CHANGE_MARKED))
        show_range(page);
    if (what & (WEFT_CHANGE_ROWS | WEFT_CHANGE_MODEL | WEFT_CHANGE_VISIBLE))
        show_scroll(page);
    if (what & (WEFT_CHANGE_ROWS | WEFT_CHANGE_MODEL | WEFT_CHANGE_VISIBLE))
        weft_trace_page_show_nearest(page);
    if (what & WEFT_CHANGE_ROWS)
        weft_trace_page_count_found(page);
    if (what & (WEFT_CHANGE_ROWS | WEFT_CHANGE_STATUS) &&
        gtk_toggle_button_get_active(page->by_site) != weft_session_view(session)->by_site)
        gtk_toggle_button_set_active(page->by_site, weft_session_view(session)->by_site);
    if (what & WEFT_CHANGE_FILTER)
        weft_trace_page_filter_given_up(page);
    if (what & WEFT_CHANGE_ORIGIN)
        show_origin(page);
    if (what & (WEFT_CHANGE_SELECTION | WEFT_CHANGE_MODEL))
        weft_trace_page_pace_selected(page);
    if (what & WEFT_CHANGE_STATUS) {
        show_nothing(page);
        if (!page->look_source)
            page->look_source = g_timeout_add(LOOK_AFTER_MS, look, page);
    }
    if (what & WEFT_CHANGE_FINDINGS)
        weft_trace_page_show_findings(page);
}

static void by_site_toggled(GtkToggleButton *button, WeftTracePage *page)
{
    if (page->session)
        weft_session_group(page->session, gtk_toggle_button_get_active(button));
}

static void scrolled(GtkAdjustment *adjustment, WeftTracePage *page)
{
    if (page->session && !page->scrolling)
        weft_session_scroll(page->session, gtk_adjustment_get_value(adjustment));
}

/* ---- Loading and live ---- */

void weft_trace_page_notice(WeftTracePage *page, const char *what, gboolean again)
{
    gtk_label_set_text(page->notice_text, what);
    gtk_widget_set_visible(page->notice_again, again);
    gtk_widget_set_visible(page->notice_save, FALSE);
    gtk_info_bar_set_revealed(page->notice, TRUE);
}

void weft_trace_page_notice_of_file(WeftTracePage *page, const char *what)
{
    const char *path = weft_trace_path(weft_session_trace(page->session));
    g_autofree char *name = path ? g_filename_display_basename(path) : g_strdup("The trace");
    g_autofree char *text = g_strdup_printf("%s: %s", name, what);
    weft_trace_page_notice(page, text, FALSE);
}

static void say_damage(WeftTracePage *page)
{
    g_autofree char *damage = damage_of(page);
    if (damage)
        weft_trace_page_notice_of_file(page, damage);
}

static gboolean poll_step(gpointer data)
{
    WeftTracePage *page = data;
    gint64 now = g_get_monotonic_time();
    weft_session_poll(page->session);
    weft_trace_page_pace_poll(page);
    if (now >= page->look_at) {
        page->look_at = now + LOOK_EVERY_US;
        weft_trace_page_show_quiet(page);
        weft_session_look(page->session);
        weft_session_track(page->session);
    }
    if (!weft_live_ended(weft_session_live(page->session))) {
        page->seen_alive = TRUE;
        return G_SOURCE_CONTINUE;
    }
    weft_trace_page_say_end(page);
    weft_trace_page_pace_end(page);
    weft_trace_page_show_quiet(page);
    page->poll_source = 0;
    return G_SOURCE_REMOVE;
}

/* Goes on with what is still going on. */
static void follow(WeftTracePage *page)
{
    if (!weft_session_live(page->session))
        return;
    page->poll_source = g_timeout_add(POLL_MS, poll_step, page);
    weft_session_poll(page->session);
}

/* Some damage is found only where chunks are unpacked. */
static void loaded(WeftTracePage *page)
{
    say_damage(page);
    follow(page);
}

/* What was read until then is not all of it: so it is closed, which can be undone. */
static void reading_cancelled(WeftTracePage *page)
{
    gtk_widget_activate_action(GTK_WIDGET(page), "win.close-tab", NULL);
}

static void show_reading(WeftTracePage *page)
{
    page->reading = weft_work_row_new("Reading the trace");
    g_signal_connect_swapped(page->reading, "cancelled", G_CALLBACK(reading_cancelled), page);
    gtk_widget_insert_before(GTK_WIDGET(page->reading), page->timeline, GTK_WIDGET(page->minimap));
}

static gboolean load_step(gpointer data)
{
    WeftTracePage *page = data;
    gboolean more = weft_session_load(page->session, LOAD_STEP_US);
    weft_work_row_set(page->reading, weft_model_progress(weft_session_model(page->session)));
    if (!more) {
        page->load_source = 0;
        weft_work_row_end(page->reading);
        page->reading = NULL;
        loaded(page);
    }
    return more;
}

static void notice_closed(GtkInfoBar *bar, int response, WeftTracePage *page)
{
    const char *path = weft_trace_path(weft_session_trace(page->session));
    if (response == GTK_RESPONSE_NONE) /* a button with an action of its own */
        return;
    gtk_info_bar_set_revealed(bar, FALSE);
    if (response == GTK_RESPONSE_ACCEPT && path)
        gtk_widget_activate_action(GTK_WIDGET(page), "win.open-path", "^ay", path);
}

/* ---- The widget ---- */

WeftSession *weft_trace_page_session(WeftTracePage *page)
{
    return page->session;
}

gboolean weft_trace_page_inspector(WeftTracePage *page)
{
    return adw_flap_get_reveal_flap(page->flap);
}

void weft_trace_page_show_inspector(WeftTracePage *page, gboolean show)
{
    page->prefers_inspector = show;
    adw_flap_set_reveal_flap(page->flap, show);
}

/* A task's story says what is to be predicted: then it is seen only when it is asked for. */
void weft_trace_page_update_inspector(WeftTracePage *page)
{
    gboolean alone = page->presenting || weft_dispatch_page_predicting(page->dispatch);
    adw_flap_set_reveal_flap(page->flap,
                             page->prefers_inspector && !alone && !adw_flap_get_folded(page->flap));
}

static void room_changed(WeftTracePage *page)
{
    weft_trace_page_update_inspector(page);
}

void weft_trace_page_prefer_inspector(WeftTracePage *page, gboolean show)
{
    page->prefers_inspector = show;
    if (!adw_flap_get_folded(page->flap))
        room_changed(page);
}

static void inspector_changed(AdwFlap *flap, GParamSpec *what, WeftTracePage *page)
{
    g_signal_emit(page, inspector_signal, 0);
    (void)flap, (void)what;
}

static void view_changed(WeftTracePage *page)
{
    weft_trace_page_move_search(page);
    g_signal_emit(page, view_signal, 0);
}

const char *weft_trace_page_view(WeftTracePage *page)
{
    return gtk_stack_get_visible_child_name(page->views);
}

void weft_trace_page_set_view(WeftTracePage *page, const char *view)
{
    gtk_stack_set_visible_child_name(page->views, view);
    gtk_widget_grab_focus(GTK_WIDGET(page));
}

/* Keys are for the view: not for the first button that there is, which may pause a program. */
static gboolean grab_focus(GtkWidget *widget)
{
    WeftTracePage *page = WEFT_TRACE_PAGE(widget);
    gboolean timeline = g_strcmp0(weft_trace_page_view(page), "timeline") == 0;
    return gtk_widget_grab_focus(timeline ? GTK_WIDGET(page->lanes)
                                          : gtk_stack_get_visible_child(page->views)) ||
           gtk_widget_child_focus(widget, GTK_DIR_TAB_FORWARD);
}

WeftTracePage *weft_trace_page_new(WeftSession *session)
{
    WeftTracePage *page = g_object_new(WEFT_TYPE_TRACE_PAGE, NULL);
    page->session = g_object_ref(session);
    g_signal_connect(session, "changed", G_CALLBACK(session_changed), page);
    weft_names_set(page->names, session);
    weft_task_table_set(page->tasks, session);
    weft_findings_list_set(page->findings, session);
    weft_trace_page_restyle(page);
    say_damage(page);
    weft_trace_page_watch(page);
    weft_trace_page_pace_begin(page);
    if (weft_session_live(session) && !weft_live_is_file(weft_session_live(session))) {
        follow(page);
    } else if (weft_session_load(session, LOAD_STEP_US)) {
        show_reading(page);
        page->load_source = g_idle_add(load_step, page);
    } else {
        loaded(page);
    }
    session_changed(session, WEFT_CHANGE_ALL, page);
    return page;
}

static const char *advice(const GError *error)
{
    if (error->domain != WEFT_TRACE_ERROR)
        return "";
    switch ((enum weft_trace_error)error->code) {
    case WEFT_TRACE_ERROR_NOT_A_TRACE:
        return "Weft opens traces that “weft record -o FILE -- PROGRAM” wrote.";
    case WEFT_TRACE_ERROR_VERSION:
        return "Open it with the version of Weft that recorded it, or a newer one.";
    case WEFT_TRACE_ERROR_CORRUPT:
        return "Nothing in it can be read. If you have a copy, open that; else record it again.";
    case WEFT_TRACE_ERROR_IO:
        return "See that the file is there and that you may read it.";
    case WEFT_TRACE_ERROR_NO_PROCESS:
        return "Any program of yours that is linked with libweft and runs can be attached to.";
    case WEFT_TRACE_ERROR_FAILED:
    case WEFT_TRACE_ERROR_CONFLICT:
    case WEFT_TRACE_ERROR_NO_ANSWER:
        break;
    }
    return "";
}

WeftTracePage *weft_trace_page_new_failed(const char *what, const GError *error)
{
    WeftTracePage *page = g_object_new(WEFT_TYPE_TRACE_PAGE, NULL);
    gboolean process = g_error_matches(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_PROCESS);
    g_autofree char *title = g_strdup_printf(process ? "Cannot Attach to %s" : "Cannot Open “%s”",
                                             what);
    g_autofree char *why = g_utf8_make_valid(error->message, -1); /* it may name a file */
    g_autofree char *description = g_strdup_printf("%s\n\n%s", why, advice(error));
    g_autofree char *escaped_title = g_markup_escape_text(title, -1);
    g_autofree char *escaped = g_markup_escape_text(g_strstrip(description), -1);
    adw_status_page_set_icon_name(page->status, "dialog-error-symbolic");
    adw_status_page_set_title(page->status, escaped_title);
    adw_status_page_set_description(page->status, escaped);
    GtkWidget *button = gtk_button_new_with_mnemonic("_Open Another Trace…");
    gtk_actionable_set_action_name(GTK_ACTIONABLE(button), "win.open");
    gtk_widget_add_css_class(button, "pill");
    gtk_widget_set_halign(button, GTK_ALIGN_CENTER);
    adw_status_page_set_child(page->status, button);
    show_status(page);
    return page;
}

static void dispose(GObject *object)
{
    WeftTracePage *page = WEFT_TRACE_PAGE(object);
    g_clear_handle_id(&page->load_source, g_source_remove);
    g_clear_handle_id(&page->poll_source, g_source_remove);
    g_clear_handle_id(&page->look_source, g_source_remove);
    g_clear_handle_id(&page->age_source, g_source_remove);
    if (page->session) {
        g_signal_handlers_disconnect_by_func(page->session, session_changed, page);
        weft_trace_page_unwatch(page);
        weft_trace_page_pace_end(page);
        weft_names_set(page->names, NULL);
        weft_task_table_set(page->tasks, NULL);
        weft_findings_list_set(page->findings, NULL);
        g_clear_object(&page->session);
        give_render(page, NULL);
    }
    g_clear_pointer(&page->render, weft_render_free);
    g_clear_pointer(&page->answered, g_free);
    g_clear_pointer(&page->match_of, g_free);
    g_clear_pointer(&page->filtered, g_free);
    G_OBJECT_CLASS(weft_trace_page_parent_class)->dispose(object);
}

static void style_changed(WeftTracePage *page)
{
    if (page->session)
        weft_trace_page_restyle(page);
}

static void bind_children(GtkWidgetClass *widget)
{
    gtk_widget_class_bind_template_child(widget, WeftTracePage, timeline);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, columns);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, clocks);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, status);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, notice);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, notice_text);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, notice_again);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, notice_save);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, answer);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, answer_icon);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, answer_text);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, answer_fix);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, search);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, search_entry);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, search_count);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, flap);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, pace);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, pace_text);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, quiet);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, nearest);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, pace_factor);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, minimap);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, ruler);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, names);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, lanes);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, legend);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, views);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, tasks);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, dispatch);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, findings);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, inspector);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, scroll);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, scrollbar);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, by_site);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, clock_text);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, clock_brief);
    gtk_widget_class_bind_template_child(widget, WeftTracePage, shown);
}

static void weft_trace_page_class_init(WeftTracePageClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    widget->grab_focus = grab_focus;
    g_type_ensure(WEFT_TYPE_MINIMAP);
    g_type_ensure(WEFT_TYPE_RULER);
    g_type_ensure(WEFT_TYPE_NAMES);
    g_type_ensure(WEFT_TYPE_LANES);
    g_type_ensure(WEFT_TYPE_LEGEND);
    g_type_ensure(WEFT_TYPE_TASK_TABLE);
    g_type_ensure(WEFT_TYPE_DISPATCH_PAGE);
    g_type_ensure(WEFT_TYPE_FINDINGS_LIST);
    g_type_ensure(WEFT_TYPE_INSPECTOR);
    gtk_widget_class_set_template_from_resource(widget, "/org/weft/Weft/trace-page.ui");
    bind_children(widget);
    gtk_widget_class_bind_template_callback(widget, by_site_toggled);
    gtk_widget_class_bind_template_callback(widget, scrolled);
    gtk_widget_class_bind_template_callback(widget, notice_closed);
    gtk_widget_class_bind_template_callback_full(widget, "answer_response",
                                                 G_CALLBACK(weft_trace_page_answer_response));
    gtk_widget_class_bind_template_callback(widget, view_changed);
    gtk_widget_class_bind_template_callback_full(widget, "next_match",
                                                 G_CALLBACK(weft_trace_page_next_match));
    gtk_widget_class_bind_template_callback_full(widget, "previous_match",
                                                 G_CALLBACK(weft_trace_page_previous_match));
    gtk_widget_class_bind_template_callback_full(widget, "search_changed",
                                                 G_CALLBACK(weft_trace_page_search_changed));
    gtk_widget_class_bind_template_callback_full(widget, "search_activated",
                                                 G_CALLBACK(weft_trace_page_search_activated));
    gtk_widget_class_bind_template_callback_full(widget, "search_stopped",
                                                 G_CALLBACK(weft_trace_page_search_stopped));
    gtk_widget_class_bind_template_callback_full(widget, "factor_chosen",
                                                 G_CALLBACK(weft_trace_page_factor_chosen));
    gtk_widget_class_bind_template_callback(widget, room_changed);
    gtk_widget_class_bind_template_callback(widget, inspector_changed);
    inspector_signal = g_signal_new("inspector-changed", WEFT_TYPE_TRACE_PAGE, G_SIGNAL_RUN_FIRST,
                                    0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    view_signal = g_signal_new("view-changed", WEFT_TYPE_TRACE_PAGE, G_SIGNAL_RUN_FIRST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
    weft_trace_page_install_actions(widget);
}

static void weft_trace_page_init(WeftTracePage *page)
{
    page->prefers_inspector = TRUE;
    gtk_widget_init_template(GTK_WIDGET(page));
    /* GtkMenuButton centres its child in a box of its own; this one begins where names begin. */
    GtkWidget *clock = gtk_widget_get_ancestor(GTK_WIDGET(page->clock_text), GTK_TYPE_BOX);
    gtk_widget_set_halign(gtk_widget_get_parent(clock), GTK_ALIGN_START);
    weft_accessible_name_drop_down(GTK_WIDGET(page->pace_factor), "Slow motion");
    gtk_search_bar_connect_entry(page->search, GTK_EDITABLE(page->search_entry));
    AdwStyleManager *style = adw_style_manager_get_default();
    g_signal_connect_object(style, "notify::dark", G_CALLBACK(style_changed), page,
                            G_CONNECT_SWAPPED);
    g_signal_connect_object(style, "notify::high-contrast", G_CALLBACK(style_changed), page,
                            G_CONNECT_SWAPPED);
    g_signal_connect_swapped(page, "notify::scale-factor", G_CALLBACK(style_changed), page);
    g_signal_connect_object(gtk_widget_get_settings(GTK_WIDGET(page)), "notify::gtk-xft-dpi",
                            G_CALLBACK(style_changed), page, G_CONNECT_SWAPPED);
}
