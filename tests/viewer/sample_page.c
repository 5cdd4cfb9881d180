/* sample_page.c: see sample_page.h. */
#include "tests/viewer/sample_page.h"

#include "app/viewer/timeline/lane-header.h"
#include "app/viewer/timeline/lanes.h"
#include "tests/viewer/sample.h"
#include "tests/viewer/widgets.h"

void page_tests_init(int *argc, char ***argv)
{
    g_setenv("TZ", "UTC-2", TRUE);
    g_test_init(argc, argv, NULL);
    adw_init();
    g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
}

static void painted(GdkFrameClock *clock, guint *frames)
{
    ++*frames;
    (void)clock;
}

void settle(GtkWidget *window)
{
    guint frames = 0;
    GdkFrameClock *clock = gtk_widget_get_frame_clock(window);
    gulong handler = g_signal_connect(clock, "after-paint", G_CALLBACK(painted), &frames);
    while (frames < 2) {
        gtk_widget_queue_draw(window);
        g_main_context_iteration(NULL, TRUE);
    }
    g_signal_handler_disconnect(clock, handler);
}

void page_open_trace(struct page *page, weft_trace *trace)
{
    page->session = weft_session_new(trace);
    weft_trace_unref(trace);
    page->page = weft_trace_page_new(page->session);
    page->window = adw_window_new();
    gtk_window_set_default_size(GTK_WINDOW(page->window), 1200, 700);
    adw_window_set_content(ADW_WINDOW(page->window), GTK_WIDGET(page->page));
    gtk_window_present(GTK_WINDOW(page->window));
    GtkWidget *lanes = widget_of(GTK_WIDGET(page->page), WEFT_TYPE_LANES, FALSE);
    while (!weft_session_looked(page->session) || gtk_widget_get_width(lanes) == 0 ||
           !widget_of(GTK_WIDGET(page->page), WEFT_TYPE_LANE_HEADER, FALSE))
        g_main_context_iteration(NULL, TRUE);
    settle(page->window);
}

void page_open(struct page *page, gboolean lossy)
{
    page_open_trace(page, weft_sample_fetch_three(lossy));
}

void page_close(struct page *page)
{
    gtk_window_destroy(GTK_WINDOW(page->window));
    g_object_unref(page->session);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

void act(struct page *page, const char *action)
{
    g_assert_true(gtk_widget_activate_action(GTK_WIDGET(page->page), action, NULL));
}

/* As GTK does: the shortcuts of the class are those of a controller of its own. */
gboolean press(struct page *page, guint key, GdkModifierType modifiers)
{
    g_autoptr(GListModel) controllers = gtk_widget_observe_controllers(GTK_WIDGET(page->page));
    gboolean taken = FALSE;
    for (guint i = 0; i < g_list_model_get_n_items(controllers); i++) {
        g_autoptr(GtkEventController) controller = g_list_model_get_item(controllers, i);
        guint n = GTK_IS_SHORTCUT_CONTROLLER(controller)
                      ? g_list_model_get_n_items(G_LIST_MODEL(controller))
                      : 0;
        for (guint k = 0; k < n && !taken; k++) {
            g_autoptr(GtkShortcut) shortcut = g_list_model_get_item(G_LIST_MODEL(controller), k);
            GtkKeyvalTrigger *trigger = GTK_KEYVAL_TRIGGER(gtk_shortcut_get_trigger(shortcut));
            if (gtk_keyval_trigger_get_keyval(trigger) == key &&
                gtk_keyval_trigger_get_modifiers(trigger) == modifiers)
                taken = gtk_shortcut_action_activate(gtk_shortcut_get_action(shortcut), 0,
                                                     GTK_WIDGET(page->page),
                                                     gtk_shortcut_get_arguments(shortcut));
        }
    }
    return taken;
}

const struct weft_view *view_of(struct page *page)
{
    return weft_session_view(page->session);
}

gint64 span_of(struct page *page)
{
    return weft_viewport_to_ns(&view_of(page)->viewport) - view_of(page)->viewport.from_ns;
}

guint page_lane(struct page *page, const char *name)
{
    return weft_sample_lane(weft_session_model(page->session), name);
}

guint page_lock_lane(struct page *page)
{
    for (;;) {
        const struct weft_scene *scene = weft_session_scene(page->session);
        for (guint i = 0; i < scene->rows->len; i++) {
            guint lane = weft_scene_row(scene, i)->lane;
            struct weft_track track;
            if (weft_is_track_lane(lane) &&
                weft_tracks_get(scene->view.tracks, lane - WEFT_TRACK_LANE, &track) &&
                weft_id_kind(track.id) == WEFT_ENTITY_LOCK)
                return lane;
        }
        g_main_context_iteration(NULL, TRUE);
    }
}
