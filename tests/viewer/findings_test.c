/* findings_test.c: what the viewer says unasked: the session's findings, where it lands, the banner
 * of what hangs, the list. */
#include "app/viewer/finding-item.h"
#include "app/viewer/panels/findings-list.h"
#include "app/viewer/session-private.h"
#include "app/viewer/trace-page.h"
#include "tests/viewer/sample.h"

#include <string.h>

#define MS INT64_C(1000000)

static void look(WeftSession *session)
{
    while (!weft_session_looked(session)) {
        weft_session_look(session);
        g_main_context_iteration(NULL, TRUE);
    }
}

static WeftSession *session_of(weft_trace *trace, gint64 now_ns)
{
    WeftSession *session = weft_session_new(trace);
    weft_trace_unref(trace);
    if (now_ns)
        weft_model_set_now(weft_session_model(session), now_ns);
    while (weft_session_load(session, 1000))
        continue;
    return session;
}

static char *subject(WeftSession *session, const struct weft_finding *finding)
{
    return weft_model_name(weft_session_model(session), finding->subject);
}

static void test_sample(void)
{
    g_autoptr(WeftSession) session = session_of(weft_sample_fetch_three(FALSE), 0);
    g_assert_false(weft_session_looked(session));
    look(session);
    GListModel *findings = weft_session_findings(session);
    g_assert_cmpuint(g_list_model_get_n_items(findings), >, 1);
    g_autoptr(WeftFindingItem) before = NULL;
    gboolean holds = FALSE;
    for (guint i = 0; i < g_list_model_get_n_items(findings); i++) {
        g_autoptr(WeftFindingItem) item = g_list_model_get_item(findings, i);
        holds |= g_str_equal(weft_finding_item_get(item)->rule->id, "blocking-call");
        if (before)
            g_assert_cmpint(weft_finding_item_order(&before, &item), <, 0);
        g_set_object(&before, item);
    }
    g_assert_true(holds); /* fetch-1 does */
    g_assert_cmpuint(weft_session_view(session)->n_marks, ==, g_list_model_get_n_items(findings));
    g_assert_null(weft_session_hang(session));
}

/* Who holds the loop is shown, not those who wait for it. */
static void test_hang(void)
{
    g_autoptr(WeftSession) session = session_of(weft_sample_held(), 900 * MS);
    look(session);
    const struct weft_finding *hang = weft_session_hang(session);
    g_assert_nonnull(hang);
    g_autofree char *name = subject(session, hang);
    g_assert_cmpstr(name, ==, "hog");
    const struct weft_view *view = weft_session_view(session);
    g_assert_cmpuint(view->selected_lane, ==,
                     weft_model_lane_of(weft_session_model(session), hang->subject));
    g_assert_cmpint(view->playhead_ns, ==, weft_session_end_ns(session) - 1);
    g_assert_cmpint(view->viewport.from_ns, <=, hang->from_ns);
    g_assert_cmpint(weft_viewport_to_ns(&view->viewport), >=, weft_session_end_ns(session));
    /* It stays in sight where the banner takes room from the lanes. */
    weft_session_set_size(session, 1000, 70, 1);
    const struct weft_scene *scene = weft_session_scene(session);
    const struct weft_row *row = weft_scene_row(scene,
                                                weft_scene_row_of(scene, view->selected_lane));
    g_assert_cmpfloat(row->y + row->height, >, 70);
    g_assert_cmpfloat(row->y + row->height, <=, view->viewport.scroll_y + 70);
}

/* Who looks at something is not taken elsewhere. */
static void test_hang_does_not_interrupt(void)
{
    g_autoptr(WeftSession) session = session_of(weft_sample_held(), 900 * MS);
    weft_session_select(session, 0, MS);
    look(session);
    g_assert_nonnull(weft_session_hang(session));
    g_assert_cmpuint(weft_session_view(session)->selected_lane, ==, 0);
}

static void test_item(void)
{
    struct weft_finding finding = { .rule = weft_finding_rule("deadlock"),
                                    .severity = WEFT_SEVERITY_ERROR,
                                    .key = (char *)"k",
                                    .message = (char *)"A and B wait.",
                                    .fix = (char *)"Do not",
                                    .count = 1,
                                    .from_ns = 2 * MS,
                                    .to_ns = 5 * MS,
                                    .since_ns = 2 * MS };
    struct weft_view view;
    weft_view_init(&view);
    g_autoptr(WeftFindingItem) item = weft_finding_item_new(&finding);
    g_autofree char *text = weft_finding_item_text(item, &view);
    g_assert_cmpstr(text, ==, "error deadlock, 2.0 ms to 5.0 ms: A and B wait.\nFix: Do not\n");
    finding.to_ns = finding.from_ns;
    g_autoptr(WeftFindingItem) moment = weft_finding_item_new(&finding);
    g_autofree char *at = weft_finding_item_when(moment, &view);
    g_assert_cmpstr(at, ==, "at 2.0 ms");
    finding.lasts = TRUE;
    g_autoptr(WeftFindingItem) now = weft_finding_item_new(&finding);
    g_autofree char *since = weft_finding_item_when(now, &view);
    g_assert_cmpstr(since, ==, "since 2.0 ms");
    finding.since_ns = -3 * MS;
    g_autoptr(WeftFindingItem) before = weft_finding_item_new(&finding);
    g_autofree char *long_since = weft_finding_item_when(before, &view);
    g_assert_cmpstr(long_since, ==, "since 5.00 ms before the trace");
}

/* ---- In a window ---- */

static GtkWidget *find(GtkWidget *from, GType type, const char *text)
{
    if (G_TYPE_CHECK_INSTANCE_TYPE(from, type) && gtk_widget_get_mapped(from) &&
        (!text || (GTK_IS_LABEL(from) && strstr(gtk_label_get_text(GTK_LABEL(from)), text))))
        return from;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child;
         child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = find(child, type, text);
        if (found)
            return found;
    }
    return NULL;
}

static GtkWidget *wait_for(GtkWidget *window, GType type, const char *text)
{
    GtkWidget *found;
    while (!(found = find(window, type, text)))
        g_main_context_iteration(NULL, TRUE);
    return found;
}

static GtkWidget *open_page(WeftSession *session, WeftTracePage **page)
{
    GtkWidget *window = adw_window_new();
    *page = weft_trace_page_new(session);
    gtk_window_set_default_size(GTK_WINDOW(window), 1200, 700);
    adw_window_set_content(ADW_WINDOW(window), GTK_WIDGET(*page));
    gtk_window_present(GTK_WINDOW(window));
    return window;
}

static void close_page(GtkWidget *window)
{
    gtk_window_destroy(GTK_WINDOW(window));
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static void test_banner(void)
{
    g_autoptr(WeftSession) session = session_of(weft_sample_held(), 900 * MS);
    WeftTracePage *page;
    GtkWidget *window = open_page(session, &page);
    wait_for(window, GTK_TYPE_LABEL, "hog has run for 89");
    GtkWidget *banner = gtk_widget_get_ancestor(wait_for(window, GTK_TYPE_LABEL, "hog has run"),
                                                GTK_TYPE_INFO_BAR);
    g_assert_nonnull(banner);
    weft_session_select(session, 0, MS);
    gtk_info_bar_response(GTK_INFO_BAR(banner), GTK_RESPONSE_ACCEPT);
    g_assert_cmpuint(weft_session_view(session)->selected_lane, !=, 0);
    gtk_info_bar_response(GTK_INFO_BAR(banner), GTK_RESPONSE_CLOSE);
    g_assert_false(gtk_info_bar_get_revealed(GTK_INFO_BAR(banner)));
    /* Closed, it is not said again. */
    weft_session_look(session);
    g_signal_emit_by_name(session, "changed", (guint)WEFT_CHANGE_FINDINGS);
    g_assert_false(gtk_info_bar_get_revealed(GTK_INFO_BAR(banner)));
    close_page(window);
}

static void assert_clipboard(GtkWidget *widget, const char *expected)
{
    g_auto(GValue) value = G_VALUE_INIT;
    g_value_init(&value, G_TYPE_STRING);
    GdkContentProvider *content = gdk_clipboard_get_content(gtk_widget_get_clipboard(widget));
    g_assert_nonnull(content);
    g_assert_true(gdk_content_provider_get_value(content, &value, NULL));
    g_assert_cmpstr(g_value_get_string(&value), ==, expected);
}

static void count_one(guint *n)
{
    ++*n;
}

/* A row selected selects its task and marks its range; the filter hides rows. */
static void test_list(void)
{
    g_autoptr(WeftSession) session = session_of(weft_sample_fetch_three(FALSE), 0);
    WeftTracePage *page;
    GtkWidget *window = open_page(session, &page);
    weft_trace_page_set_view(page, "findings");
    g_assert_cmpstr(weft_trace_page_view(page), ==, "findings");
    GtkWidget *view = wait_for(window, GTK_TYPE_LIST_VIEW, NULL);
    GtkSelectionModel *rows = gtk_list_view_get_model(GTK_LIST_VIEW(view));
    while (!weft_session_looked(session))
        g_main_context_iteration(NULL, TRUE);
    guint all = g_list_model_get_n_items(G_LIST_MODEL(rows));
    g_assert_cmpuint(all, >, 1);
    /* Enter on the first, which has the keys and is not selected. */
    g_assert_false(gtk_selection_model_is_selected(rows, 0));
    g_signal_emit_by_name(view, "activate", 0);
    g_assert_true(gtk_selection_model_is_selected(rows, 0));
    for (guint i = 0; i < all; i++) {
        g_autoptr(WeftFindingItem) item = g_list_model_get_item(G_LIST_MODEL(rows), i);
        const struct weft_finding *finding = weft_finding_item_get(item);
        gtk_selection_model_select_item(rows, i, TRUE);
        const struct weft_view *seen = weft_session_view(session);
        g_assert_cmpint(seen->range_from, ==, finding->from_ns);
        g_assert_cmpint(seen->range_to, ==, finding->to_ns);
        if (finding->to_ns - finding->from_ns > 1) { /* when it is true, not when it becomes so */
            g_assert_cmpint(seen->playhead_ns, >, finding->from_ns);
            g_assert_cmpint(seen->playhead_ns, <, finding->to_ns);
        }
        if (finding->subject)
            g_assert_cmpuint(seen->selected_lane, ==,
                             weft_model_lane_of(weft_session_model(session), finding->subject));
    }
    /* They stay while the ruler's origin is dragged: what they say is counted from the start. */
    guint made_anew = 0;
    gulong handler = g_signal_connect_swapped(rows, "items-changed", G_CALLBACK(count_one),
                                              &made_anew);
    for (gint64 t = MS; t < 5 * MS; t += MS)
        weft_session_set_origin(session, t);
    g_assert_cmpuint(made_anew, ==, 0);
    g_signal_handler_disconnect(rows, handler);
    GtkWidget *list = gtk_widget_get_ancestor(view, WEFT_TYPE_FINDINGS_LIST);
    gtk_widget_activate_action(list, "findings.copy", NULL);
    g_autoptr(WeftFindingItem) copied = g_list_model_get_item(G_LIST_MODEL(rows), all - 1);
    g_autofree char *text = weft_finding_item_text(copied, weft_session_view(session));
    assert_clipboard(list, text);
    GtkWidget *entry = find(list, GTK_TYPE_SEARCH_ENTRY, NULL);
    gtk_editable_set_text(GTK_EDITABLE(entry), "BLOCKING-call");
    while (g_list_model_get_n_items(G_LIST_MODEL(rows)) == all)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(g_list_model_get_n_items(G_LIST_MODEL(rows)), >, 0);
    gtk_editable_set_text(GTK_EDITABLE(entry), "no such thing");
    wait_for(window, GTK_TYPE_LABEL, "No Such Finding");
    close_page(window);
}

/* A tab looks for them by itself, but not at once: what is seen first does not wait for that. */
static void test_looks_later(void)
{
    g_autoptr(weft_trace) trace = weft_sample_fetch_three(FALSE);
    g_autoptr(WeftSession) session = weft_session_new(trace);
    GtkWidget *page = g_object_ref_sink(GTK_WIDGET(weft_trace_page_new(session)));
    while (!weft_session_loaded(session))
        g_main_context_iteration(NULL, TRUE);
    g_assert_false(session->looking);
    while (!weft_session_looked(session))
        g_main_context_iteration(NULL, TRUE);
    g_object_run_dispose(G_OBJECT(page));
    g_object_unref(page);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    adw_init();
    g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
    g_test_add_func("/findings/sample", test_sample);
    g_test_add_func("/findings/looks-later", test_looks_later);
    g_test_add_func("/findings/hang", test_hang);
    g_test_add_func("/findings/hang-does-not-interrupt", test_hang_does_not_interrupt);
    g_test_add_func("/findings/item", test_item);
    g_test_add_func("/findings/banner", test_banner);
    g_test_add_func("/findings/list", test_list);
    return g_test_run();
}
