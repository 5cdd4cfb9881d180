/* goto_test.c: the box for tasks, lanes, moments and commands. */
#include "app/viewer/panels/goto.h"
#include "app/viewer/timeline/lanes.h"
#include "app/viewer/trace-page.h"
#include "tests/viewer/sample.h"
#include "tests/viewer/widgets.h"

#define MS INT64_C(1000000)

static void test_moment(void)
{
    static const struct {
        const char *text;
        gint64 ns;
    } moments[] = {
        { "315ms", 315 * MS }, { "1.25 s", 1250 * MS }, { "12us", 12000 }, { "12 µs", 12000 },
        { "0 s", 0 },          { "7 ns", 7 },
    };
    static const char *const none[] = { "",        "ms",    "12",      "12 h",
                                        "fetch-1", "inf s", "1e300 s", "1 s x" };
    gint64 ns;
    for (guint i = 0; i < G_N_ELEMENTS(moments); i++) {
        g_assert_true(weft_goto_moment(moments[i].text, &ns));
        g_assert_cmpint(ns, ==, moments[i].ns);
    }
    for (guint i = 0; i < G_N_ELEMENTS(none); i++)
        g_assert_false(weft_goto_moment(none[i], &ns));
}

struct fixture {
    WeftSession *session;
    WeftTracePage *page;
    GtkWidget *window, *entry;
    WeftGoto *box;
    GListModel *places;
};

static void open_fixture(struct fixture *f)
{
    weft_trace *trace = weft_sample_fetch_three(FALSE);
    f->session = weft_session_new(trace);
    weft_trace_unref(trace);
    while (weft_session_load(f->session, 1000))
        continue;
    f->page = weft_trace_page_new(f->session);
    f->box = g_object_new(WEFT_TYPE_GOTO, NULL);
    f->window = adw_window_new();
    GtkWidget *over = gtk_overlay_new();
    gtk_overlay_set_child(GTK_OVERLAY(over), GTK_WIDGET(f->page));
    gtk_overlay_add_overlay(GTK_OVERLAY(over), GTK_WIDGET(f->box));
    gtk_window_set_default_size(GTK_WINDOW(f->window), 1200, 700);
    adw_window_set_content(ADW_WINDOW(f->window), over);
    gtk_window_present(GTK_WINDOW(f->window));
    while (gtk_widget_get_width(GTK_WIDGET(f->page)) == 0)
        g_main_context_iteration(NULL, TRUE);
    f->entry = widget_of(GTK_WIDGET(f->box), GTK_TYPE_SEARCH_ENTRY, FALSE);
    GtkWidget *view = widget_of(GTK_WIDGET(f->box), GTK_TYPE_LIST_VIEW, FALSE);
    f->places = G_LIST_MODEL(gtk_list_view_get_model(GTK_LIST_VIEW(view)));
}

static void close_fixture(struct fixture *f)
{
    gtk_window_destroy(GTK_WINDOW(f->window));
    g_object_unref(f->session);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

/* Opens it, types, and presses Enter at once: the first of what matches is gone to, so many do. */
static void go(struct fixture *f, const char *text, guint n)
{
    weft_goto_open(f->box, f->session, GTK_WIDGET(f->page));
    g_assert_true(gtk_widget_get_visible(GTK_WIDGET(f->box)));
    gtk_editable_set_text(GTK_EDITABLE(f->entry), text);
    g_signal_emit_by_name(f->entry, "activate");
    while (gtk_widget_get_visible(GTK_WIDGET(f->box)))
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(g_list_model_get_n_items(f->places), ==, n);
}

/* Names are found late; then the first of all is what Enter would take. */
static void test_first_is_chosen(void)
{
    struct fixture f;
    open_fixture(&f);
    weft_goto_open(f.box, f.session, GTK_WIDGET(f.page));
    gtk_editable_set_text(GTK_EDITABLE(f.entry), "eat");
    g_assert_cmpuint(g_list_model_get_n_items(f.places), >, 0); /* "… created …" */
    guint commands = g_list_model_get_n_items(f.places);
    while (g_list_model_get_n_items(f.places) == commands)
        g_main_context_iteration(NULL, TRUE);
    GtkWidget *view = widget_of(GTK_WIDGET(f.box), GTK_TYPE_LIST_VIEW, FALSE);
    GtkSelectionModel *rows = gtk_list_view_get_model(GTK_LIST_VIEW(view));
    g_assert_true(gtk_selection_model_is_selected(rows, 0));
    close_fixture(&f);
}

static char *selected_name(struct fixture *f)
{
    weft_model *model = weft_session_model(f->session);
    return weft_model_name(
        model, weft_model_lane(model, weft_session_view(f->session)->selected_lane)->id);
}

static void test_go(void)
{
    struct fixture f;
    open_fixture(&f);
    go(&f, "FETCH-2", 1);
    g_autofree char *name = selected_name(&f);
    g_assert_cmpstr(name, ==, "fetch-2");
    g_assert_true(WEFT_IS_LANES(gtk_window_get_focus(GTK_WINDOW(f.window)))); /* keys are theirs */
    go(&f, "fetch", 3); /* the first of them */
    g_autofree char *first = selected_name(&f);
    g_assert_cmpstr(first, ==, "fetch-1");
    go(&f, "123 ms", 1);
    g_assert_cmpint(weft_session_view(f.session)->playhead_ns, ==, 123 * MS);
    go(&f, "go to the end", 1);
    g_assert_cmpint(weft_session_view(f.session)->playhead_ns, ==, weft_session_end_ns(f.session));
    while (!weft_session_view(f.session)->tracks)
        g_main_context_iteration(NULL, TRUE);
    go(&f, "CACHE", 1); /* a lock */
    g_assert_true(weft_is_track_lane(weft_session_view(f.session)->selected_track));
    go(&f, "ready queue", 1);
    g_autofree char *loop = selected_name(&f);
    g_assert_cmpstr(loop, ==, "loop");
    go(&f, "next event: a task fails", 1);
    g_assert_cmpstr(weft_trace_page_view(f.page), ==, "dispatch");
    close_fixture(&f);
}

/* Where nothing has the name, nothing is done. */
static void test_nothing(void)
{
    struct fixture f;
    open_fixture(&f);
    weft_goto_open(f.box, f.session, GTK_WIDGET(f.page));
    gtk_editable_set_text(GTK_EDITABLE(f.entry), "no such thing");
    while (g_list_model_get_n_items(f.places) > 0)
        g_main_context_iteration(NULL, TRUE);
    guint lane = weft_session_view(f.session)->selected_lane;
    g_signal_emit_by_name(f.entry, "activate");
    g_assert_true(gtk_widget_get_visible(GTK_WIDGET(f.box)));
    g_assert_cmpuint(weft_session_view(f.session)->selected_lane, ==, lane);
    close_fixture(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    adw_init();
    g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
    g_test_add_func("/goto/first-is-chosen", test_first_is_chosen);
    g_test_add_func("/goto/moment", test_moment);
    g_test_add_func("/goto/go", test_go);
    g_test_add_func("/goto/nothing", test_nothing);
    return g_test_run();
}
