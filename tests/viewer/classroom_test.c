/* classroom_test.c: the Dispatch view asks: it stops where something is at stake, hides the order,
 * explains, counts each place once, and asks no more what is known; and before a class it is large,
 * shows notes at their moments, and can hide times. Under a real X server. */
#include "app/viewer/dispatch/canvas.h"
#include "app/viewer/dispatch/code-pane.h"
#include "app/viewer/dispatch/page.h"
#include "app/viewer/dispatch/predict-bar.h"
#include "app/viewer/panels/source-panel.h"
#include "app/viewer/trace-page.h"
#include "tests/viewer/widgets.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <utime.h>

struct page {
    GtkWidget *window;
    WeftTracePage *tab;
    WeftDispatchPage *dispatch;
    WeftPredictBar *bar;
    WeftSession *session;
};

/* Whether a label that is seen says this. */
static gboolean says(GtkWidget *from, const char *text)
{
    if (!gtk_widget_get_mapped(from))
        return FALSE;
    if (GTK_IS_LABEL(from) && g_str_equal(gtk_label_get_text(GTK_LABEL(from)), text))
        return TRUE;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child;
         child = gtk_widget_get_next_sibling(child))
        if (says(child, text))
            return TRUE;
    return FALSE;
}

static void settle(struct page *page)
{
    while (!weft_dispatch_page_view(page->dispatch) || weft_dispatch_page_busy(page->dispatch) ||
           g_main_context_pending(NULL))
        g_main_context_iteration(NULL, TRUE);
}

static void act(struct page *page, const char *action)
{
    g_assert_true(gtk_widget_activate_action(GTK_WIDGET(page->dispatch), action, NULL));
    settle(page);
}

static void answer(struct page *page, guint choice)
{
    gtk_widget_activate_action(GTK_WIDGET(page->dispatch), "dispatch.answer", "u", choice);
    settle(page);
}

static void open_lesson(struct page *page, const char *file)
{
    g_autofree char *path = g_path_is_absolute(file)
                                ? g_strdup(file)
                                : g_build_filename(g_getenv("WEFT_TEST_LESSONS"), file, NULL);
    g_autoptr(GError) error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    page->session = weft_session_new(trace);
    weft_trace_unref(trace);
    page->tab = weft_trace_page_new(page->session);
    page->window = adw_window_new();
    gtk_window_set_default_size(GTK_WINDOW(page->window), 1200, 700);
    adw_window_set_content(ADW_WINDOW(page->window), GTK_WIDGET(page->tab));
    gtk_window_present(GTK_WINDOW(page->window));
    page->dispatch = WEFT_DISPATCH_PAGE(
        widget_of(GTK_WIDGET(page->tab), WEFT_TYPE_DISPATCH_PAGE, FALSE));
    page->bar = WEFT_PREDICT_BAR(widget_of(GTK_WIDGET(page->tab), WEFT_TYPE_PREDICT_BAR, FALSE));
    while (!weft_session_loaded(page->session))
        g_main_context_iteration(NULL, TRUE);
    weft_trace_page_set_view(page->tab, "dispatch");
    act(page, "dispatch.start");
}

static void close_lesson(struct page *page)
{
    gtk_window_destroy(GTK_WINDOW(page->window));
    g_object_unref(page->session);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static const struct weft_dispatch_view *shown(struct page *page)
{
    return weft_dispatch_page_view(page->dispatch);
}

/* Steps on until something is asked. */
static void to_question(struct page *page)
{
    gint64 before = -1;
    do {
        g_assert_cmpint(shown(page)->place.time_ns, >, before);
        before = shown(page)->place.time_ns;
        act(page, "dispatch.next");
    } while (!shown(page)->hidden);
}

/* What is drawn of it now, in words. */
static char *drawn(GtkWidget *widget)
{
    g_autoptr(GskRenderNode) node = node_of(widget);
    g_autoptr(GBytes) all = gsk_render_node_serialize(node);
    return g_strndup(g_bytes_get_data(all, NULL), g_bytes_get_size(all));
}

/* Where the loop is higher than its place the lower edge says that there is more. */
static void test_more_below(void)
{
    struct page page;
    g_autoptr(GtkCssProvider) style = gtk_css_provider_new();
    gtk_css_provider_load_from_resource(style, "/org/weft/Weft/style.css");
    gtk_style_context_add_provider_for_display(gdk_display_get_default(), GTK_STYLE_PROVIDER(style),
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    open_lesson(&page, "04-create-task/trace.weft");
    GtkScrolledWindow *scrolled = GTK_SCROLLED_WINDOW(
        widget_of(GTK_WIDGET(page.dispatch), GTK_TYPE_SCROLLED_WINDOW, TRUE));
    GtkAdjustment *place = gtk_scrolled_window_get_vadjustment(scrolled);
    g_autofree char *whole = drawn(GTK_WIDGET(scrolled));
    g_assert_cmpfloat(gtk_adjustment_get_upper(place), ==, gtk_adjustment_get_page_size(place));
    g_assert_null(strstr(whole, "linear-gradient"));
    gtk_window_set_default_size(GTK_WINDOW(page.window), 1200, 400);
    while (gtk_adjustment_get_upper(place) <= gtk_adjustment_get_page_size(place))
        g_main_context_iteration(NULL, TRUE);
    settle(&page);
    g_autofree char *above = drawn(GTK_WIDGET(scrolled));
    g_assert_nonnull(strstr(above, "linear-gradient"));
    gtk_style_context_remove_provider_for_display(gdk_display_get_default(),
                                                  GTK_STYLE_PROVIDER(style));
    close_lesson(&page);
}

static void test_answer(void)
{
    struct page page;
    open_lesson(&page, "04-create-task/trace.weft");
    g_assert_false(gtk_widget_get_visible(GTK_WIDGET(page.bar)));
    g_assert_true(weft_trace_page_inspector(page.tab));
    act(&page, "dispatch.predict");
    g_assert_false(weft_trace_page_inspector(page.tab)); /* its story tells the future */
    g_assert_true(gtk_widget_get_visible(GTK_WIDGET(page.bar)));
    to_question(&page);
    g_assert_cmpstr(shown(&page)->plain, ==, "Task-1 creates egg.");
    g_assert_cmpstr(shown(&page)->lines, ==, "");
    g_assert_cmpstr(weft_predict_bar_reason(page.bar), ==, "1–3 answer · R reveals");
    answer(&page, 7); /* there is none: it stays open */
    g_assert_true(shown(&page)->hidden);
    answer(&page, 1);
    g_assert_false(shown(&page)->hidden);
    g_assert_true(says(GTK_WIDGET(page.dispatch), "Task-1 creates egg."));
    g_assert_nonnull(
        g_strstr_len(weft_predict_bar_reason(page.bar), -1, "Right. Creating a task does not run"));
    g_assert_true(says(GTK_WIDGET(page.bar), "1 of 1 right"));
    to_question(&page); /* Task-1 steps back */
    guint ready = shown(&page)->ready.n;
    g_assert_cmpuint(ready, ==, 4);
    g_assert_cmpstr(shown(&page)->ready.shown[0].name, ==, "Task-1"); /* who is the last */
    answer(&page, 2);
    g_assert_cmpstr(shown(&page)->ready.shown[0].name, ==, "egg");
    g_assert_true(g_str_has_prefix(weft_predict_bar_reason(page.bar), "No. The queue is first in"));
    g_assert_true(says(GTK_WIDGET(page.bar), "1 of 2 right"));
    close_lesson(&page);
}

/* Going on at a question reveals it, and counts nothing, also when it is answered later. */
static void test_reveal(void)
{
    struct page page;
    open_lesson(&page, "04-create-task/trace.weft");
    act(&page, "dispatch.predict");
    to_question(&page);
    gint64 asked = shown(&page)->place.time_ns;
    act(&page, "dispatch.next");
    g_assert_false(shown(&page)->hidden);
    g_assert_cmpint(shown(&page)->place.time_ns, ==, asked);
    g_assert_true(g_str_has_prefix(weft_predict_bar_reason(page.bar), "Creating a task"));
    act(&page, "dispatch.previous");
    g_assert_false(shown(&page)->hidden); /* backwards nothing is asked */
    to_question(&page);
    g_assert_cmpint(shown(&page)->place.time_ns, ==, asked);
    answer(&page, 0);
    g_assert_false(says(GTK_WIDGET(page.bar), "0 of 1 right"));
    to_question(&page);
    act(&page, "dispatch.reveal");
    g_assert_false(shown(&page)->hidden);
    to_question(&page);
    act(&page, "dispatch.predict"); /* off: nothing is hidden any more */
    g_assert_false(shown(&page)->hidden);
    g_assert_cmpstr(shown(&page)->lines, !=, "");
    g_assert_true(weft_trace_page_inspector(page.tab));
    close_lesson(&page);
}

/* What is found is marked on the slider, each severity in its form: not while the future is hidden.
 */
static void test_marks(void)
{
    struct page page;
    open_lesson(&page, "09-lock/trace.weft");
    while (g_list_model_get_n_items(weft_session_findings(page.session)) == 0)
        g_main_context_iteration(NULL, TRUE);
    settle(&page);
    GtkWidget *slider = widget_of(GTK_WIDGET(page.dispatch), GTK_TYPE_SCALE, FALSE);
    g_assert_true(says(slider, "■"));
    act(&page, "dispatch.predict");
    g_assert_false(says(slider, "■"));
    act(&page, "dispatch.predict");
    settle(&page);
    g_assert_true(says(slider, "■"));
    close_lesson(&page);
}

/* It plays until something is asked. */
static void test_play(void)
{
    struct page page;
    open_lesson(&page, "04-create-task/trace.weft");
    act(&page, "dispatch.predict");
    for (guint i = 0; i < 3; i++)
        act(&page, "dispatch.faster");
    gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.play", NULL);
    while (weft_dispatch_page_playing(page.dispatch))
        g_main_context_iteration(NULL, TRUE);
    settle(&page);
    g_assert_true(shown(&page)->hidden);
    close_lesson(&page);
}

/* ---- Before a class ---- */

static void test_present(void)
{
    struct page page;
    open_lesson(&page, "04-create-task/trace.weft");
    act(&page, "dispatch.next");
    g_assert_true(says(page.window, "Times"));
    weft_trace_page_present(page.tab, TRUE);
    settle(&page);
    g_assert_false(weft_trace_page_inspector(page.tab));
    g_assert_false(says(page.window, "Times"));
    g_assert_true(gtk_widget_has_css_class(GTK_WIDGET(page.tab), "presenter"));
    act(&page, "dispatch.next");
    weft_trace_page_present(page.tab, FALSE);
    settle(&page);
    g_assert_true(weft_trace_page_inspector(page.tab));
    g_assert_true(says(page.window, "Times"));
    g_assert_false(gtk_widget_has_css_class(GTK_WIDGET(page.tab), "presenter"));
    close_lesson(&page);
}

static int font_px(GtkWidget *widget)
{
    const PangoFontDescription *font = pango_context_get_font_description(
        gtk_widget_get_pango_context(widget));
    g_assert_true(pango_font_description_get_size_is_absolute(font));
    return pango_font_description_get_size(font) / PANGO_SCALE;
}

/* Where a desktop's text is twice as large it is so large before a class as fits, that of the
 * drawing and that of the widgets alike. */
static void test_present_large(void)
{
    struct page page;
    int dpi;
    open_lesson(&page, "04-create-task/trace.weft");
    WeftDispatchCanvas *canvas = WEFT_DISPATCH_CANVAS(
        widget_of(GTK_WIDGET(page.dispatch), WEFT_TYPE_DISPATCH_CANVAS, TRUE));
    int usual = font_px(GTK_WIDGET(page.dispatch));
    weft_trace_page_present(page.tab, TRUE);
    while (gtk_widget_get_width(GTK_WIDGET(canvas)) < 1100) /* the inspector goes */
        g_main_context_iteration(NULL, TRUE);
    double scale = weft_dispatch_canvas_scale(canvas);
    int width = gtk_widget_get_width(GTK_WIDGET(canvas)),
        px = (int)round(22 * scale / WEFT_PROJECTOR_SCALE);
    g_assert_cmpfloat(scale, <, width / 800.0); /* all of it fits */
    while (font_px(GTK_WIDGET(page.dispatch)) != px)
        g_main_context_iteration(NULL, TRUE);
    g_object_get(gtk_settings_get_default(), "gtk-xft-dpi", &dpi, NULL);
    g_object_set(gtk_settings_get_default(), "gtk-xft-dpi", 192 * 1024, NULL);
    while (font_px(GTK_WIDGET(page.dispatch)) <= px)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpint(font_px(GTK_WIDGET(page.tab)), ==, 29); /* of other views: 2 × 11 pt */
    g_assert_cmpfloat_with_epsilon(weft_dispatch_canvas_scale(canvas), width / 800.0, 0.001);
    g_assert_cmpint(gtk_widget_get_width(GTK_WIDGET(canvas)), ==, width);
    g_object_set(gtk_settings_get_default(), "gtk-xft-dpi", dpi, NULL);
    weft_trace_page_present(page.tab, FALSE);
    while (font_px(GTK_WIDGET(page.dispatch)) != usual)
        g_main_context_iteration(NULL, TRUE);
    close_lesson(&page);
}

static void test_hide_times(void)
{
    struct page page;
    open_lesson(&page, "04-create-task/trace.weft");
    for (guint i = 0; i < 5; i++)
        act(&page, "dispatch.next");
    g_assert_true(g_str_has_suffix(shown(&page)->waiting[0].shown[0].notes[0], " to go"));
    g_assert_nonnull(strstr(shown(&page)->lines, " µs, behind "));
    act(&page, "dispatch.times");
    g_assert_null(shown(&page)->waiting[0].shown[0].notes);
    g_assert_nonnull(strstr(shown(&page)->lines, "where it spent …, behind "));
    g_assert_nonnull(strstr(shown(&page)->plain, "awaits sleep(300 ms)")); /* the program's own */
    act(&page, "dispatch.times");
    g_assert_nonnull(strstr(shown(&page)->lines, " µs, behind "));
    close_lesson(&page);
}

/* Neither hiding the times nor seeing them again answers a question. */
static void test_hide_times_while_asked(void)
{
    struct page page;
    open_lesson(&page, "04-create-task/trace.weft");
    act(&page, "dispatch.predict");
    to_question(&page);
    for (guint i = 0; i < 2; i++) {
        act(&page, "dispatch.times");
        g_assert_true(shown(&page)->hidden);
        g_assert_cmpstr(shown(&page)->lines, ==, "");
        g_assert_true(says(GTK_WIDGET(page.dispatch), "Task-1 creates egg."));
    }
    act(&page, "dispatch.reveal");
    g_assert_false(shown(&page)->hidden);
    close_lesson(&page);
}

/* Switched off while the next question is looked for, nothing stays hidden. */
static void test_switched_off_while_reading(void)
{
    struct page page;
    open_lesson(&page, "04-create-task/trace.weft");
    act(&page, "dispatch.predict");
    to_question(&page);
    gint64 asked = shown(&page)->place.time_ns;
    act(&page, "dispatch.start");
    while (shown(&page)->place.time_ns < asked) {
        gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.next", NULL);
        act(&page, "dispatch.predict");
        g_assert_false(shown(&page)->hidden);
        act(&page, "dispatch.predict");
    }
    g_assert_cmpstr(shown(&page)->lines, !=, "");
    close_lesson(&page);
}

/* The sources at the line; the Python twin at the line that says the same. */
static void test_code(void)
{
    struct page page;
    open_lesson(&page, "04-create-task/trace.weft");
    for (guint i = 0; i < 2; i++)
        act(&page, "dispatch.next");
    WeftCodePane *pane = WEFT_CODE_PANE(widget_of(page.window, WEFT_TYPE_CODE_PANE, FALSE));
    g_assert_false(gtk_widget_get_visible(GTK_WIDGET(pane)));
    act(&page, "dispatch.code");
    g_assert_true(gtk_widget_get_visible(GTK_WIDGET(pane)));
    while (weft_code_pane_twin(pane) != 7) /* boil's await, which egg, tea or ham are at */
        act(&page, "dispatch.next");
    g_assert_cmpuint(shown(&page)->line, ==, 6);
    act(&page, "dispatch.end"); /* nobody runs: no line is lit, the file stays */
    g_assert_null(shown(&page)->source);
    g_assert_cmpuint(weft_code_pane_twin(pane), ==, 0);
    GtkWidget *file = widget_of(GTK_WIDGET(pane), WEFT_TYPE_SOURCE_PANEL, FALSE);
    g_assert_true(gtk_widget_get_visible(file));
    close_lesson(&page);
}

/* Where nobody comes next, who ran until now is still seen, and the line it stopped at. */
static void test_left(void)
{
    struct page page;
    open_lesson(&page, "04-create-task/trace.weft");
    for (guint i = 0; i < 7; i++)
        act(&page, "dispatch.next");
    const struct weft_dispatch_view *view = shown(&page);
    g_assert_true(g_str_has_prefix(view->plain, "Task-1 awaits egg"));
    g_assert_cmpuint(view->running.n_shown, ==, 0);
    g_assert_cmpstr(view->left.shown[0].name, ==, "Task-1");
    g_assert_cmpuint(view->code[view->current].number, ==, 20);
    g_assert_nonnull(strstr(view->code[view->current].text, "WEFT_TRY(egg)"));
    gboolean outmost = FALSE; /* none is farther in than it need be */
    for (guint i = 0; i < view->n_code; i++)
        outmost |= *view->code[i].text && *view->code[i].text != ' ';
    g_assert_true(outmost);
    act(&page, "dispatch.next"); /* the loop polls: nobody has just left */
    g_assert_cmpuint(shown(&page)->left.n_shown, ==, 0);
    close_lesson(&page);
}

static void touch(const char *path, gint64 after_s)
{
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    struct utimbuf times = { now + after_s, now + after_s };
    g_assert_cmpint(g_utime(path, &times), ==, 0);
}

static void to_step(struct page *page, guint n)
{
    act(page, "dispatch.start");
    for (guint i = 0; i < n; i++)
        act(page, "dispatch.next");
}

/* The source is not what it was when this was recorded: that is said; so is a line that is gone. */
static void test_changed_source(void)
{
    g_autofree char *top = g_dir_make_tmp("weft-classroom-XXXXXX", NULL);
    g_autofree char *folder = g_build_filename(top, "data", "lessons", "04-create-task", NULL);
    g_autofree char *trace = g_build_filename(folder, "trace.weft", NULL), *text = NULL;
    g_autofree char *source = g_build_filename(folder, "lesson.c", NULL), *code = NULL;
    g_autofree char *from = g_build_filename(g_getenv("WEFT_TEST_LESSONS"), "04-create-task", NULL);
    g_autofree char *recorded = g_build_filename(from, "trace.weft", NULL);
    g_autofree char *written = g_build_filename(from, "lesson.c", NULL);
    struct page page;
    gsize length;
    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_assert_true(g_file_get_contents(recorded, &text, &length, NULL));
    g_assert_true(g_file_set_contents(trace, text, (gssize)length, NULL));
    g_assert_true(g_file_get_contents(written, &code, NULL, NULL));
    g_assert_true(g_file_set_contents(source, code, -1, NULL));
    open_lesson(&page, trace);
    to_step(&page, 7);
    g_assert_cmpuint(shown(&page)->n_code, ==, WEFT_CODE_LINES);
    g_assert_cmpstr(shown(&page)->changed, ==, NULL);
    touch(source, 3600);
    to_step(&page, 7);
    g_assert_cmpstr(shown(&page)->changed, ==, "lesson.c was changed since");
    close_lesson(&page);
    g_assert_true(g_file_set_contents(source, "int main(void);\n", -1, NULL));
    open_lesson(&page, trace);
    to_step(&page, 7);
    g_assert_cmpuint(shown(&page)->n_code, ==, 0);
    g_assert_cmpstr(shown(&page)->where, ==, "lesson.c:20 (no such line now)");
    close_lesson(&page);
    g_assert_cmpint(g_remove(source), ==, 0);
    g_remove(trace);
    for (guint i = 0; i < 4; i++, *strrchr(folder, '/') = '\0')
        g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static void without_times(const char *text, const char *expected)
{
    g_autofree char *timeless = weft_without_times(text);
    g_assert_cmpstr(timeless, ==, expected);
}

static void test_without_times(void)
{
    without_times("It waits for 1.00 s, or 1 h 0 min.", "It waits for …, or ….");
    without_times("Task-1 of 3 sleeps: sleep(600 ms)", "Task-1 of 3 sleeps: sleep(600 ms)");
    without_times("page-2 s", "page-2 s");
    without_times("", "");
}

static void noted(GObject *session, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(weft_session_note_finish(WEFT_SESSION(session), result, &error));
    (void)data;
}

/* At its moment, forwards and backwards, and nowhere else. */
static void test_note(void)
{
    g_autofree char *folder = g_dir_make_tmp("weft-classroom-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "trace.weft", NULL);
    g_autofree char *from = g_build_filename(g_getenv("WEFT_TEST_LESSONS"),
                                             "04-create-task/trace.weft", NULL);
    g_autofree char *text = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(from, &text, &length, NULL));
    g_assert_true(g_file_set_contents(path, text, (gssize)length, NULL));
    struct page page;
    open_lesson(&page, path);
    act(&page, "dispatch.next");
    act(&page, "dispatch.next");
    weft_session_add_note(page.session, "Look here", noted, NULL);
    while (!says(page.window, "Look here"))
        g_main_context_iteration(NULL, TRUE);
    act(&page, "dispatch.next");
    g_assert_false(says(page.window, "Look here"));
    act(&page, "dispatch.previous");
    g_assert_true(says(page.window, "Look here"));
    act(&page, "dispatch.previous");
    g_assert_false(says(page.window, "Look here"));
    /* Between two steps it is as after the first. */
    gint64 step = weft_session_view(page.session)->playhead_ns;
    act(&page, "dispatch.next");
    gint64 next = weft_session_view(page.session)->playhead_ns;
    g_assert_cmpint(next - step, >, 1);
    weft_session_set_playhead(page.session, step + (next - step) / 2);
    weft_session_add_note(page.session, "And here", noted, NULL);
    while (!says(page.window, "And here"))
        g_main_context_iteration(NULL, TRUE);
    act(&page, "dispatch.next");
    g_assert_false(says(page.window, "And here"));
    act(&page, "dispatch.previous");
    g_assert_true(says(page.window, "And here"));
    close_lesson(&page);
    g_unlink(path);
    g_rmdir(folder);
}

static void test_score(void)
{
    struct weft_score score;
    struct weft_prediction asked = { .stake = WEFT_STAKE_CANCEL, .n = 2, .right = 1 };
    weft_score_init(&score);
    for (guint i = 0; i < 4; i++) {
        g_assert_cmpuint(weft_score_known(&score), ==, i == 3 ? 1 << WEFT_STAKE_CANCEL : 0);
        asked.place.time_ns = i + 1;
        weft_score_add(&score, &asked, TRUE, 1);
    }
    weft_score_add(&score, &asked, TRUE, 0); /* the same place again */
    g_assert_cmpuint(score.asked, ==, 4);
    asked.place.time_ns = 10;
    weft_score_add(&score, &asked, TRUE, 0);
    g_assert_cmpuint(score.asked, ==, 5);
    g_assert_cmpuint(score.right, ==, 4);
    g_assert_cmpuint(weft_score_known(&score), ==, 0);
    weft_score_clear(&score);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    adw_init();
    g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
    g_test_add_func("/classroom/score", test_score);
    g_test_add_func("/classroom/more-below", test_more_below);
    g_test_add_func("/classroom/answer", test_answer);
    g_test_add_func("/classroom/reveal", test_reveal);
    g_test_add_func("/classroom/play", test_play);
    g_test_add_func("/classroom/present", test_present);
    g_test_add_func("/classroom/present-large", test_present_large);
    g_test_add_func("/classroom/hide-times", test_hide_times);
    g_test_add_func("/classroom/hide-times-while-asked", test_hide_times_while_asked);
    g_test_add_func("/classroom/switched-off-while-reading", test_switched_off_while_reading);
    g_test_add_func("/classroom/marks", test_marks);
    g_test_add_func("/classroom/code", test_code);
    g_test_add_func("/classroom/left", test_left);
    g_test_add_func("/classroom/changed-source", test_changed_source);
    g_test_add_func("/classroom/without-times", test_without_times);
    g_test_add_func("/classroom/note", test_note);
    return g_test_run();
}
