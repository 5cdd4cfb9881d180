/* pace_test.c: a live tab's bar does to a real program what its buttons say: pause, step, slow
 * motion, resume, cancel; the program goes on when the tab is closed. */
#include "app/viewer/timeline/lanes.h"
#include "app/viewer/timeline/ruler.h"
#include "app/viewer/trace-page.h"
#include "tests/child.h"
#include "tests/viewer/sample_file.h"
#include "tests/viewer/widgets.h"
#include "tracer/trace/controller.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

struct tab {
    char *directory; /* the program's, and its runtime directory */
    char *output;    /* the file that it writes dots to */
    GPid program;
    WeftSession *session;
    WeftTracePage *page;
    GtkWidget *window;
};

static char *output_of(const struct tab *tab)
{
    char *text = NULL;
    g_assert_true(g_file_get_contents(tab->output, &text, NULL, NULL));
    return text;
}

static gsize dots(const struct tab *tab)
{
    g_autofree char *text = output_of(tab);
    return strlen(text);
}

/* What tests/cli/waits.c can do: turns are those of red, green and blue. */
static void start_program(struct tab *tab, const char *what, const char *control)
{
    tab->directory = g_dir_make_tmp("weft-pace-XXXXXX", NULL);
    tab->output = g_build_filename(tab->directory, "out", NULL);
    g_setenv("XDG_RUNTIME_DIR", tab->directory, TRUE);
    g_autofree char *script = g_strdup_printf("exec \"$0\" %s >%s", what, tab->output);
    const char *argv[] = { "sh", "-c", script, g_getenv("WEFT_TEST_WAITS"), NULL };
    g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "WEFT_TRACE", "flight", TRUE);
    environment = g_environ_setenv(environment, "WEFT_CONTROL", control, TRUE);
    g_autoptr(GError) error = NULL;
    g_spawn_async(NULL, (char **)(gsize)argv, environment,
                  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH, child_ends_with, CHILD_OF_THIS,
                  &tab->program, &error);
    g_assert_no_error(error);
    gboolean ready = FALSE;
    while (!ready) {
        g_autofree char *text = NULL;
        ready = g_file_get_contents(tab->output, &text, NULL, NULL) && strstr(text, "ready");
        g_thread_yield();
    }
}

static void open_window(struct tab *tab)
{
    tab->page = weft_trace_page_new(tab->session);
    tab->window = adw_window_new();
    gtk_window_set_default_size(GTK_WINDOW(tab->window), 1200, 700);
    adw_window_set_content(ADW_WINDOW(tab->window), GTK_WIDGET(tab->page));
    gtk_window_present(GTK_WINDOW(tab->window));
    while (!gtk_widget_get_mapped(GTK_WIDGET(tab->page)))
        g_main_context_iteration(NULL, TRUE);
}

static void open_tab(struct tab *tab, const char *what, const char *control)
{
    g_autoptr(GError) error = NULL;
    *tab = (struct tab){ 0 };
    start_program(tab, what, control);
    weft_live *live = weft_live_attach((guint64)tab->program, &error);
    g_assert_no_error(error);
    tab->session = weft_session_new_live(live);
    open_window(tab);
}

static void close_window(struct tab *tab)
{
    gtk_window_destroy(GTK_WINDOW(tab->window));
    g_object_unref(tab->session);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static void end_program(struct tab *tab)
{
    kill(tab->program, SIGKILL);
    g_assert_cmpint(waitpid(tab->program, NULL, 0), ==, tab->program);
    g_autofree char *weft = g_build_filename(tab->directory, "weft", NULL);
    g_autoptr(GDir) rings = g_dir_open(weft, 0, NULL);
    for (const char *name; (name = g_dir_read_name(rings));) {
        g_autofree char *path = g_build_filename(weft, name, NULL);
        g_unlink(path);
    }
    g_rmdir(weft);
    g_unlink(tab->output);
    g_assert_cmpint(g_rmdir(tab->directory), ==, 0);
    g_free(tab->output);
    g_free(tab->directory);
}

/* The shown button, or label, with this text; NULL: there is none. */
static GtkWidget *with_text(GtkWidget *from, GType type, const char *text)
{
    if (!gtk_widget_get_visible(from))
        return NULL;
    if (G_TYPE_CHECK_INSTANCE_TYPE(from, type)) {
        const char *has = GTK_IS_BUTTON(from)  ? gtk_button_get_label(GTK_BUTTON(from))
                          : GTK_IS_LABEL(from) ? gtk_label_get_text(GTK_LABEL(from))
                                               : NULL;
        if (g_strcmp0(has, text) == 0)
            return from;
    }
    GtkWidget *found = NULL;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child && !found;
         child = gtk_widget_get_next_sibling(child))
        found = with_text(child, type, text);
    return found;
}

static GtkWidget *button(const struct tab *tab, const char *text)
{
    GtkWidget *found = with_text(GTK_WIDGET(tab->page), GTK_TYPE_BUTTON, text);
    g_assert_nonnull(found);
    return found;
}

static gboolean can(const struct tab *tab, const char *text)
{
    return gtk_widget_is_sensitive(button(tab, text));
}

static void click(const struct tab *tab, const char *text)
{
    g_assert_true(can(tab, text));
    g_signal_emit_by_name(button(tab, text), "clicked");
}

/* Until the bar says so. */
static void wait_for(const struct tab *tab, const char *words)
{
    while (!with_text(GTK_WIDGET(tab->page), GTK_TYPE_LABEL, words))
        g_main_context_iteration(NULL, TRUE);
}

static void wait_for_dots(const struct tab *tab, gsize since)
{
    while (dots(tab) == since)
        g_main_context_iteration(NULL, FALSE);
}

static void pause_it(const struct tab *tab)
{
    click(tab, "Pause");
    wait_for(tab, "Paused");
}

static void test_pause_and_step(void)
{
    struct tab tab;
    open_tab(&tab, "turns", "1");
    wait_for(&tab, "Running");
    g_assert_true(can(&tab, "Pause"));
    g_assert_false(can(&tab, "Resume"));
    g_assert_false(can(&tab, "Step"));
    weft_session_select(tab.session, WEFT_NO_LANE, WEFT_NO_TIME);
    g_assert_false(can(&tab, "Cancel Task"));
    pause_it(&tab);
    g_assert_true(weft_live_paused(weft_session_live(tab.session)));
    g_assert_true(can(&tab, "Resume") && !can(&tab, "Pause"));
    gtk_test_accessible_assert_property(widget_of(tab.window, WEFT_TYPE_RULER, TRUE),
                                        GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                        "The program is paused");
    gsize then = dots(&tab);
    for (guint i = 0; i < 20; i++)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(dots(&tab), ==, then);
    while (dots(&tab) == then) { /* a step may be a poll */
        click(&tab, "Step");
        for (guint i = 0; i < 5; i++)
            g_main_context_iteration(NULL, TRUE);
        wait_for(&tab, "Paused");
        g_assert_cmpuint(dots(&tab), <=, then + 1);
    }
    then = dots(&tab);
    g_assert_true(
        gtk_widget_activate_action(GTK_WIDGET(tab.page), "timeline.pause-or-resume", NULL));
    wait_for(&tab, "Running");
    wait_for_dots(&tab, then);
    close_window(&tab);
    end_program(&tab);
}

static void test_slow(void)
{
    struct tab tab;
    open_tab(&tab, "turns", "1");
    GtkDropDown *factor = GTK_DROP_DOWN(widget_of(GTK_WIDGET(tab.page), GTK_TYPE_DROP_DOWN, TRUE));
    gtk_drop_down_set_selected(factor, 2);
    wait_for(&tab, "Slowed ×10");
    g_assert_cmpuint(gtk_drop_down_get_selected(factor), ==, 2);
    gtk_drop_down_set_selected(factor, 0);
    wait_for(&tab, "Running");
    g_autoptr(weft_controller) other = weft_controller_open((guint64)tab.program, NULL);
    g_assert_true(weft_controller_command(other, "slow 7", 60 * INT64_C(1000000000), NULL, NULL));
    wait_for(&tab, "Slowed ×7");
    g_assert_cmpuint(gtk_drop_down_get_selected(factor), ==, GTK_INVALID_LIST_POSITION);
    gtk_drop_down_set_selected(factor, 0);
    wait_for(&tab, "Running");
    close_window(&tab);
    end_program(&tab);
}

/* The menu at a point of the lanes; it is shown. */
static GtkWidget *menu_at(const struct tab *tab, double x, double y)
{
    GtkWidget *lanes = widget_of(tab->window, WEFT_TYPE_LANES, TRUE), *menu;
    g_autoptr(GListModel) all = gtk_widget_observe_controllers(lanes);
    for (guint i = 0; i < g_list_model_get_n_items(all); i++) {
        g_autoptr(GtkEventController) controller = g_list_model_get_item(all, i);
        if (GTK_IS_GESTURE_CLICK(controller) &&
            gtk_gesture_single_get_button(GTK_GESTURE_SINGLE(controller)) == GDK_BUTTON_SECONDARY)
            g_signal_emit_by_name(controller, "pressed", 1, x, y);
    }
    while (!(menu = widget_of(lanes, GTK_TYPE_POPOVER_MENU, TRUE)))
        g_main_context_iteration(NULL, TRUE);
    return menu;
}

static void test_cancel_and_end(void)
{
    struct tab tab;
    open_tab(&tab, "turns", "1");
    guint red = WEFT_NO_LANE;
    weft_model *model = weft_session_model(tab.session);
    while (red == WEFT_NO_LANE) {
        for (guint i = 0; i < weft_model_n_lanes(model); i++) {
            g_autofree char *name = weft_model_name(model, weft_model_lane(model, i)->id);
            red = g_str_equal(name, "red") ? i : red;
        }
        g_main_context_iteration(NULL, TRUE);
    }
    weft_session_select(tab.session, red, weft_model_lane(model, red)->first_ns);
    while (!can(&tab, "Cancel Task"))
        g_main_context_iteration(NULL, TRUE);
    weft_session_select(tab.session, WEFT_NO_LANE, WEFT_NO_TIME);
    const struct weft_scene *scene = weft_session_scene(tab.session);
    double y = weft_scene_y(scene, weft_scene_row_of(scene, red));
    GtkWidget *menu = menu_at(&tab, 20, y + 8); /* it selects what is there */
    g_assert_cmpuint(weft_session_view(tab.session)->selected_lane, ==, red);
    g_assert_nonnull(label_shown(menu, "Cancel Task"));
    gtk_popover_popdown(GTK_POPOVER(menu));
    gtk_widget_grab_focus(button(&tab, "Pause"));
    click(&tab, "Cancel Task");
    answer_question("Cancel red?", "_Leave It");
    g_assert_true(can(&tab, "Cancel Task"));
    click(&tab, "Cancel Task");
    answer_question("Cancel red?", "_Cancel Task");
    /* Since red has ended, so does the program. How it ended, and when, is said above it all, and
     * that it can be kept. */
    GtkWidget *end;
    while (!(end = label_shown(tab.window, "The program is gone: ended with 0, ")))
        g_main_context_iteration(NULL, TRUE);
    g_assert_nonnull(
        strstr(gtk_label_get_text(GTK_LABEL(end)), " s ago. What was seen stays here"));
    GtkWidget *save = button_shown(tab.window, "_Save…");
    g_assert_cmpstr(gtk_actionable_get_action_name(GTK_ACTIONABLE(save)), ==, "win.save");
    g_autofree char *said = output_of(&tab);
    g_assert_nonnull(strstr(said, "red: asked for by a controller"));
    /* Nothing is left to tell it; who had the keys there has them in the timeline. */
    while (button_shown(tab.window, "Pause"))
        g_main_context_iteration(NULL, TRUE);
    GtkWidget *focus = gtk_window_get_focus(GTK_WINDOW(tab.window));
    g_assert_true(focus && gtk_widget_get_mapped(focus));
    close_window(&tab);
    end_program(&tab);
}

static void test_closed(void)
{
    struct tab tab;
    open_tab(&tab, "turns", "1");
    pause_it(&tab);
    gsize then = dots(&tab);
    close_window(&tab);
    wait_for_dots(&tab, then);
    end_program(&tab);
}

/* Since when nothing has run is said, though its loop polls, and answers; and when a signal stops
 * it. It takes three seconds, since that is what is told. */
static void test_quiet(void)
{
    struct tab tab;
    open_tab(&tab, "abba", "1");
    while (!label_shown(tab.window, "Attached"))
        g_main_context_iteration(NULL, TRUE);
    wait_for(&tab, "Running");
    kill(tab.program, SIGSTOP);
    wait_for(&tab, "Stopped by a signal: it does as it is told when it goes on");
    g_autofree char *stopped = weft_trace_page_subtitle(tab.page);
    g_assert_true(g_str_has_suffix(stopped, " · stopped by a signal"));
    kill(tab.program, SIGCONT);
    wait_for(&tab, "Running");
    pause_it(&tab);
    while (label_shown(tab.window, "Attached"))
        g_main_context_iteration(NULL, TRUE);
    close_window(&tab);
    end_program(&tab);
}

/* A file that is being written is shown as one, and followed; it is a file like others then. */
static void test_recording(void)
{
    g_autoptr(GError) error = NULL;
    struct tab tab = { .directory = g_dir_make_tmp("weft-pace-XXXXXX", NULL) };
    g_autofree char *path = g_build_filename(tab.directory, "growing.weft", NULL);
    weft_filewriter *writer = weft_sample_begin(path, FALSE, &error);
    g_assert_no_error(error);
    g_autoptr(weft_trace) trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    g_assert_true(weft_trace_growing(trace));
    tab.session = weft_session_new_live(weft_live_follow(trace));
    open_window(&tab);
    g_assert_true(weft_session_following(tab.session));
    g_assert_nonnull(label_shown(tab.window, "Being recorded"));
    g_assert_null(button_shown(tab.window, "Pause"));
    g_assert_true(weft_filewriter_finish(writer, &error));
    weft_filewriter_free(writer);
    while (label_shown(tab.window, "Being recorded"))
        g_main_context_iteration(NULL, TRUE);
    g_assert_false(weft_session_following(tab.session));
    close_window(&tab);
    g_unlink(path);
    g_assert_cmpint(g_rmdir(tab.directory), ==, 0);
    g_free(tab.directory);
}

static void test_no_socket(void)
{
    struct tab tab;
    open_tab(&tab, "turns", "0");
    g_assert_false(can(&tab, "Pause"));
    g_assert_nonnull(strstr(gtk_widget_get_tooltip_text(button(&tab, "Pause")),
                            "it has no control socket (WEFT_CONTROL=0"));
    close_window(&tab);
    end_program(&tab);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    adw_init();
    g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
    g_test_add_func("/pace/pause-and-step", test_pause_and_step);
    g_test_add_func("/pace/slow", test_slow);
    g_test_add_func("/pace/cancel-and-end", test_cancel_and_end);
    g_test_add_func("/pace/closed", test_closed);
    g_test_add_func("/pace/quiet", test_quiet);
    g_test_add_func("/pace/recording", test_recording);
    g_test_add_func("/pace/no-socket", test_no_socket);
    return g_test_run();
}
