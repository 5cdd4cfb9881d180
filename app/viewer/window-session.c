/* window-session.c: what was open, and where in it one was. Kept in the settings whenever a tab
 * comes or goes and when the window closes; opened again, one trace after another, so that the tabs
 * come in their order.
 *
 * Only traces in files: what was seen of a process is gone with it unless it was saved.
 *
 * Thread: main. */
#include "app/viewer/settings.h"
#include "app/viewer/window-private.h"

struct place {
    gint64 from_ns, to_ns, playhead_ns;
    guint64 selected; /* 0: nothing */
    char *view;
};

/* ---- Keeping ---- */

static GVariant *describe(WeftTracePage *page, const char *path)
{
    WeftSession *session = weft_trace_page_session(page);
    const struct weft_view *view = weft_session_view(session);
    g_autofree char *uri = g_filename_to_uri(path, NULL, NULL);
    guint64 selected = view->selected_lane == WEFT_NO_LANE
                           ? 0
                           : weft_model_lane(weft_session_model(session), view->selected_lane)->id;
    return g_variant_new("(sxxxts)", uri, view->viewport.from_ns,
                         weft_viewport_to_ns(&view->viewport), view->playhead_ns, selected,
                         weft_trace_page_view(page));
}

void weft_window_keep_session(WeftWindow *window)
{
    GSettings *settings = weft_settings();
    GVariantBuilder tabs;
    int shown = 0, n = 0;
    if (!settings || window->restoring || gtk_widget_in_destruction(GTK_WIDGET(window)))
        return;
    g_variant_builder_init(&tabs, G_VARIANT_TYPE("a(sxxxts)"));
    for (int i = 0; i < adw_tab_view_get_n_pages(window->tabs); i++) {
        AdwTabPage *tab = adw_tab_view_get_nth_page(window->tabs, i);
        WeftTracePage *page = WEFT_TRACE_PAGE(adw_tab_page_get_child(tab));
        WeftSession *session = weft_trace_page_session(page);
        const char *path = session ? weft_trace_path(weft_session_trace(session)) : NULL;
        if (!path)
            continue;
        if (tab == adw_tab_view_get_selected_page(window->tabs))
            shown = n;
        g_variant_builder_add_value(&tabs, describe(page, path));
        n++;
    }
    g_settings_set(settings, "session", "(ia(sxxxts))", shown, &tabs);
}

/* ---- Opening again ---- */

static void place_free(gpointer data, GClosure *closure)
{
    g_free(((struct place *)data)->view);
    g_free(data);
    (void)closure;
}

static void return_to(WeftSession *session, const struct place *place)
{
    weft_model *model = weft_session_model(session);
    guint lane = place->selected ? weft_model_lane_of(model, place->selected) : G_MAXUINT32;
    weft_session_show(session, place->from_ns, place->to_ns, WEFT_MOVE_JUMP);
    if (place->playhead_ns != WEFT_NO_TIME)
        weft_session_set_playhead(session, place->playhead_ns);
    weft_session_select(session, lane == G_MAXUINT32 ? WEFT_NO_LANE : lane, place->playhead_ns);
}

/* A trace that is still being read has no lanes yet. */
static void return_once_loaded(WeftSession *session, guint what, const struct place *place)
{
    if (!weft_session_loaded(session))
        return;
    struct place there = *place; /* it goes with its handler */
    g_signal_handlers_disconnect_by_func(session, return_once_loaded, (gpointer)place);
    return_to(session, &there);
    (void)what;
}

static void open_next(WeftWindow *window);

static void reopened(WeftWindow *window, WeftTracePage *page, gpointer data)
{
    struct place *place = data;
    if (page) {
        WeftSession *session = weft_trace_page_session(page);
        g_signal_connect_data(session, "changed", G_CALLBACK(return_once_loaded), place, place_free,
                              0);
        weft_trace_page_set_view(page, place->view);
        return_once_loaded(session, 0, place);
    } else {
        place_free(place, NULL);
    }
    if (window && window->restoring)
        open_next(window);
}

static void open_next(WeftWindow *window)
{
    g_autoptr(GVariant) tabs = g_variant_get_child_value(window->restoring, 1);
    if (window->n_restored < g_variant_n_children(tabs)) {
        struct place *place = g_new(struct place, 1);
        const char *uri;
        g_variant_get_child(tabs, window->n_restored++, "(&sxxxts)", &uri, &place->from_ns,
                            &place->to_ns, &place->playhead_ns, &place->selected, &place->view);
        g_autoptr(GFile) file = g_file_new_for_uri(uri);
        weft_window_reopen(window, file, reopened, place);
        return;
    }
    int shown;
    g_variant_get_child(window->restoring, 0, "i", &shown);
    g_clear_pointer(&window->restoring, g_variant_unref);
    if (shown >= 0 && shown < adw_tab_view_get_n_pages(window->tabs))
        adw_tab_view_set_selected_page(window->tabs,
                                       adw_tab_view_get_nth_page(window->tabs, shown));
    weft_window_keep_session(window);
}

void weft_window_restore_session(WeftWindow *window)
{
    GSettings *settings = weft_settings();
    if (!settings || window->restoring || !g_settings_get_boolean(settings, "restore"))
        return;
    window->restoring = g_settings_get_value(settings, "session");
    window->n_restored = 0;
    open_next(window);
}
