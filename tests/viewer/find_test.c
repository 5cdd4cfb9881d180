/* find_test.c: Ctrl+F and its next, in a tab under a real X server: what is found is gone to, hides
 * what it is not, and gives way where somebody goes elsewhere. */
#include "app/viewer/panels/findings-list.h"
#include "app/viewer/panels/task-table.h"
#include "tests/viewer/sample.h"
#include "tests/viewer/sample_page.h"
#include "tests/viewer/widgets.h"

/* Returns the entry. */
static GtkWidget *search(struct page *page, const char *text)
{
    weft_trace_page_find(page->page);
    GtkWidget *entry = widget_of(page->window, GTK_TYPE_SEARCH_ENTRY, FALSE);
    gtk_editable_set_text(GTK_EDITABLE(entry), text);
    g_signal_emit_by_name(entry, "search-changed");
    return entry;
}

static void test_found(void)
{
    struct page page;
    page_open(&page, FALSE);
    GtkWidget *entry = search(&page, "fetch-2");
    g_assert_cmpstr(view_of(&page)->filter, ==, "fetch-2");
    g_assert_nonnull(label_shown(page.window, "1 task found")); /* and its parent, which is shown */
    g_signal_emit_by_name(entry, "activate");
    g_assert_cmpuint(view_of(&page)->selected_lane, ==, page_lane(&page, "fetch-2"));
    act(&page, "timeline.clear");
    g_assert_null(view_of(&page)->filter);
    page_close(&page);
}

/* Who goes to a task that the search hides is told that it does not filter any more; the text
 * stays, and does so again on Enter. */
static void test_gives_way(void)
{
    struct page page;
    page_open(&page, FALSE);
    GtkWidget *entry = search(&page, "fetch-2");
    weft_model *model = weft_session_model(page.session);
    weft_session_jump(page.session, weft_model_lane(model, page_lane(&page, "fetch-1"))->id,
                      200 * MS);
    g_assert_nonnull(label_shown(page.window, "5 tasks, not filtered"));
    weft_trace_page_set_view(page.page, "tasks");
    weft_trace_page_set_view(page.page, "timeline");
    g_assert_null(view_of(&page)->filter);
    g_signal_emit_by_name(entry, "activate");
    g_assert_cmpstr(view_of(&page)->filter, ==, "fetch-2");
    g_assert_nonnull(label_shown(page.window, "1 task found"));
    page_close(&page);
}

/* A match in a task that the text hides is gone to, and counted among all; when the entry tells of
 * what was typed, as it does late, it stays in sight. */
static void test_next_gives_way(void)
{
    struct page page;
    page_open(&page, FALSE);
    GtkWidget *entry = search(&page, "read_all");
    g_assert_nonnull(label_shown(page.window, "no task found"));
    g_signal_emit_by_name(entry, "next-match");
    const GtkWidget *said;
    while (!(said = label_shown(page.window, "fetch.c:")) ||
           !strstr(gtk_label_get_text(GTK_LABEL(said)), " of "))
        g_main_context_iteration(NULL, TRUE);
    g_assert_null(view_of(&page)->filter);
    g_signal_emit_by_name(entry, "search-changed");
    g_assert_null(view_of(&page)->filter);
    page_close(&page);
}

/* Where no task lives one is told, and led to the nearest. */
static void test_nearest(void)
{
    struct page page;
    page_open(&page, FALSE);
    gint64 first =
        weft_model_lane(weft_session_model(page.session), page_lane(&page, "main"))->first_ns;
    g_assert_cmpint(first, >, 1000);
    g_assert_false(weft_scene_idle(weft_session_scene(page.session)));
    g_assert_null(button_shown(page.window, "Go to Nearest"));
    weft_session_show(page.session, 0, first / 2, WEFT_MOVE_JUMP);
    settle(page.window);
    g_assert_cmpint(weft_viewport_to_ns(&view_of(&page)->viewport), <, first);
    g_assert_true(weft_scene_idle(weft_session_scene(page.session)));
    GtkWidget *button = button_shown(page.window, "Go to Nearest");
    g_assert_nonnull(button);
    g_signal_emit_by_name(button, "clicked");
    g_assert_cmpint(weft_viewport_to_ns(&view_of(&page)->viewport), >, first);
    g_assert_cmpint(view_of(&page)->viewport.from_ns, <, first);
    settle(page.window);
    g_assert_null(button_shown(page.window, "Go to Nearest"));
    page_close(&page);
}

/* What is looked for stays where one looks for it; each view says how many it found. */
static void test_each_view(void)
{
    struct page page;
    page_open(&page, FALSE);
    weft_trace_page_find(page.page);
    GtkWidget *bar = widget_of(page.window, GTK_TYPE_SEARCH_BAR, FALSE);
    GtkEditable *entry = GTK_EDITABLE(widget_of(bar, GTK_TYPE_SEARCH_ENTRY, FALSE));
    g_assert_nonnull(label_shown(bar, "5 tasks"));
    gtk_editable_set_text(entry, "fetch-");
    g_signal_emit_by_name(entry, "search-changed");
    weft_session_fold(page.session, page_lane(&page, "main"), TRUE);
    g_assert_nonnull(label_shown(bar, "3 tasks found")); /* of which none is shown */
    weft_session_group(page.session, TRUE);
    g_assert_nonnull(label_shown(bar, "3 tasks found")); /* a crowd */
    static const char *const lists[] = { "tasks", "findings" };
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        weft_trace_page_set_view(page.page, lists[i]);
        settle(page.window);
        g_assert_null(label_shown(bar, ""));
        weft_trace_page_find(page.page);
        GtkWidget *focus = gtk_window_get_focus(GTK_WINDOW(page.window));
        g_assert_nonnull(gtk_widget_get_ancestor(focus, i == 0 ? WEFT_TYPE_TASK_TABLE
                                                               : WEFT_TYPE_FINDINGS_LIST));
        g_assert_cmpstr(view_of(&page)->filter, ==, "fetch-");
    }
    weft_trace_page_set_view(page.page, "dispatch");
    weft_session_set_playhead(page.session, 0);
    weft_trace_page_find(page.page);
    gtk_editable_set_text(entry, "fetch-2");
    g_signal_emit_by_name(entry, "activate"); /* the next event of it */
    while (!label_shown(bar, "fetch-2 at "))
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpstr(weft_trace_page_view(page.page), ==, "dispatch");
    g_assert_cmpstr(view_of(&page)->filter, ==, "fetch-");
    weft_trace_page_set_view(page.page, "timeline");
    g_assert_cmpstr(view_of(&page)->filter, ==, "fetch-2");
    g_assert_nonnull(label_shown(bar, "1 task found"));
    act(&page, "timeline.clear");
    g_assert_null(view_of(&page)->filter);
    page_close(&page);
}

int main(int argc, char **argv)
{
    page_tests_init(&argc, &argv);
    g_test_add_func("/find/found", test_found);
    g_test_add_func("/find/gives-way", test_gives_way);
    g_test_add_func("/find/next-gives-way", test_next_gives_way);
    g_test_add_func("/find/nearest", test_nearest);
    g_test_add_func("/find/each-view", test_each_view);
    return g_test_run();
}
