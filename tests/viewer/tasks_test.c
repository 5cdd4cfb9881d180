/* tasks_test.c: the list of all tasks as they are at the playhead, and the table that shows it. */
#include "app/viewer/panels/inspector.h"
#include "app/viewer/panels/task-table.h"
#include "app/viewer/tasks.h"
#include "app/viewer/trace-page.h"
#include "tests/viewer/sample.h"
#include "tests/viewer/widgets.h"

#define MS INT64_C(1000000)

enum { ROWS_VIEW_KEEPS = 200 }; /* GTK's */

static WeftSession *sample_session(void)
{
    weft_trace *trace = weft_sample_fetch_three(FALSE);
    WeftSession *session = weft_session_new(trace);
    weft_trace_unref(trace);
    while (weft_session_load(session, 1000))
        continue;
    return session;
}

static void ask(WeftTasks *tasks, const struct weft_tasks_query *query)
{
    weft_tasks_ask(tasks, query);
    while (weft_tasks_asking(tasks))
        g_main_context_iteration(NULL, TRUE);
}

static void assert_cell(WeftTasks *tasks, guint position, enum weft_task_column column,
                        const char *expected)
{
    g_autofree char *text = weft_tasks_text(tasks, position, column);
    g_assert_cmpstr(text, ==, expected);
}

/* The names in order, "a b c". */
static void assert_names(WeftTasks *tasks, const char *expected)
{
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(tasks)); i++) {
        g_autofree char *name = weft_tasks_text(tasks, i, WEFT_TASK_NAME);
        g_string_append_printf(names, "%s%s", i ? " " : "", name);
    }
    g_assert_cmpstr(names->str, ==, expected);
    g_string_free(names, TRUE);
}

static void test_order(void)
{
    g_autoptr(WeftSession) session = sample_session();
    g_autoptr(WeftTasks) tasks = weft_tasks_new(session);
    g_assert_cmpuint(g_list_model_get_n_items(G_LIST_MODEL(tasks)), ==, 0);
    struct weft_tasks_query query = { .column = WEFT_TASK_CREATED, .is = -1 };
    ask(tasks, &query);
    assert_names(tasks, "main fetch-1 fetch-2 fetch-3 heartbeat");
    query.column = WEFT_TASK_NAME;
    ask(tasks, &query);
    assert_names(tasks, "fetch-1 fetch-2 fetch-3 heartbeat main");
    query.descending = TRUE;
    ask(tasks, &query);
    assert_names(tasks, "main heartbeat fetch-3 fetch-2 fetch-1");
    query.column = WEFT_TASK_LONGEST;
    ask(tasks, &query);
    assert_names(tasks, "fetch-1 fetch-2 main fetch-3 heartbeat");
    for (guint column = 0; column < WEFT_TASK_COLUMNS; column++) {
        query.column = column;
        ask(tasks, &query);
        g_assert_cmpuint(g_list_model_get_n_items(G_LIST_MODEL(tasks)), ==, 5);
    }
}

static void test_filter(void)
{
    g_autoptr(WeftSession) session = sample_session();
    g_autoptr(WeftTasks) tasks = weft_tasks_new(session);
    struct weft_tasks_query query = { .column = WEFT_TASK_CREATED, .is = -1 };
    query.text = (char *)"FETCH-";
    ask(tasks, &query);
    assert_names(tasks, "fetch-1 fetch-2 fetch-3");
    g_assert_cmpuint(weft_tasks_total(tasks), ==, 5);
    query.text = (char *)"fetch.c:69"; /* its site */
    ask(tasks, &query);
    assert_names(tasks, "heartbeat");
    query.text = NULL;
    query.longest_ns = 10 * MS;
    ask(tasks, &query);
    assert_names(tasks, "fetch-1 fetch-2");
    query.longest_ns = 0;
    query.is = WEFT_TASK_IS_NOT_YET;
    ask(tasks, &query);
    assert_names(tasks, "");
    weft_session_set_playhead(session, 0);
    ask(tasks, &query);
    g_assert_cmpuint(g_list_model_get_n_items(G_LIST_MODEL(tasks)), ==, 5);
    weft_session_set_playhead(session, weft_session_end_ns(session));
    query.is = WEFT_TASK_IS_FAILED;
    ask(tasks, &query);
    assert_names(tasks, "fetch-3");
}

/* Only those that live in a range. */
static void test_range(void)
{
    g_autoptr(WeftSession) session = sample_session();
    g_autoptr(WeftTasks) tasks = weft_tasks_new(session);
    struct weft_tasks_query query = { .column = WEFT_TASK_CREATED, .is = -1 };
    ask(tasks, &query);
    const struct weft_task_row *last = weft_tasks_row(tasks, 3); /* fetch-3 */
    query.from_ns = last->created_ns + last->lived_ns;
    query.to_ns = query.from_ns + 1;
    ask(tasks, &query);
    g_assert_cmpuint(weft_tasks_total(tasks), ==, 5);
    for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(tasks)); i++) {
        const struct weft_task_row *row = weft_tasks_row(tasks, i);
        g_assert_cmpint(row->created_ns, <, query.to_ns);
        g_assert_cmpint(row->created_ns + row->lived_ns, >, query.from_ns);
    }
    query.from_ns = 0;
    query.to_ns = 1; /* before anything is created */
    ask(tasks, &query);
    g_assert_cmpuint(g_list_model_get_n_items(G_LIST_MODEL(tasks)), ==, 0);
}

/* The last of several questions is answered, whatever was under way. */
static void test_asked_again(void)
{
    g_autoptr(WeftSession) session = sample_session();
    g_autoptr(WeftTasks) tasks = weft_tasks_new(session);
    struct weft_tasks_query query = { .column = WEFT_TASK_CREATED, .is = -1 };
    weft_tasks_ask(tasks, &query);
    query.text = (char *)"fetch-1";
    weft_tasks_ask(tasks, &query);
    query.text = (char *)"fetch-2";
    ask(tasks, &query);
    assert_names(tasks, "fetch-2");
}

static void test_cells(void)
{
    g_autoptr(WeftSession) session = sample_session();
    g_autoptr(WeftTasks) tasks = weft_tasks_new(session);
    struct weft_tasks_query query = { .column = WEFT_TASK_CREATED, .is = -1 };
    weft_session_set_playhead(session, 280 * MS);
    ask(tasks, &query);
    assert_cell(tasks, 2, WEFT_TASK_STATE, "waiting");
    assert_cell(tasks, 2, WEFT_TASK_AWAITS, "recv :9082");
    assert_cell(tasks, 2, WEFT_TASK_SITE, "fetch.c:34 (fetch)");
    assert_cell(tasks, 2, WEFT_TASK_RESUMES, "155");
    assert_cell(tasks, 1, WEFT_TASK_LONGEST, "110 ms");
    guint lane = weft_tasks_row(tasks, 2)->lane;
    g_assert_cmpuint(weft_tasks_position(tasks, lane), ==, 2);
    g_assert_cmpuint(weft_tasks_position(tasks, G_MAXUINT - 1), ==, G_MAXUINT);
    /* At another moment the same rows say something else. */
    weft_session_set_playhead(session, weft_session_end_ns(session));
    ask(tasks, &query);
    assert_cell(tasks, 2, WEFT_TASK_STATE, "done");
    assert_cell(tasks, 2, WEFT_TASK_AWAITS, "");
}

/* ---- The table ---- */

/* What is below the selection, and the rows shown. */
static WeftTasks *tasks_of(GtkSelectionModel *rows)
{
    GListModel *shown = gtk_single_selection_get_model(GTK_SINGLE_SELECTION(rows));
    return WEFT_TASKS(gtk_slice_list_model_get_model(GTK_SLICE_LIST_MODEL(shown)));
}

/* Waits until row 0 is the task called so. */
static void wait_for_first(GtkSelectionModel *rows, const char *name)
{
    WeftTasks *tasks = tasks_of(rows);
    for (;;) {
        g_autofree char *first = g_list_model_get_n_items(G_LIST_MODEL(tasks))
                                     ? weft_tasks_text(tasks, 0, WEFT_TASK_NAME)
                                     : NULL;
        if (g_strcmp0(first, name) == 0)
            return;
        g_main_context_iteration(NULL, TRUE);
    }
}

/* The table's view, in a window of its own. */
static GtkWidget *open_table(WeftSession *session, GtkWidget **window)
{
    *window = adw_window_new();
    WeftTracePage *page = weft_trace_page_new(session);
    gtk_window_set_default_size(GTK_WINDOW(*window), 1200, 700);
    adw_window_set_content(ADW_WINDOW(*window), GTK_WIDGET(page));
    gtk_window_present(GTK_WINDOW(*window));
    weft_trace_page_set_view(page, "tasks");
    GtkWidget *view;
    while (!(view = widget_of(*window, GTK_TYPE_COLUMN_VIEW, TRUE)))
        g_main_context_iteration(NULL, TRUE);
    return view;
}

static void close_table(GtkWidget *window)
{
    gtk_window_destroy(GTK_WINDOW(window));
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static void rows_added(GListModel *rows, guint position, guint removed, guint added, guint *most)
{
    if (position < ROWS_VIEW_KEEPS)
        *most = MAX(*most, added);
    (void)rows, (void)removed;
}

/* A view makes 200 rows of widgets when it is given as many: it is given them a few at a time. */
static void test_rows_little_by_little(void)
{
    g_autoptr(weft_trace) trace = weft_sample_many(1000);
    g_autoptr(WeftSession) session = weft_session_new(trace);
    GtkWidget *window, *view = open_table(session, &window);
    GtkSelectionModel *rows = gtk_column_view_get_model(GTK_COLUMN_VIEW(view));
    guint most = 0;
    g_signal_connect(rows, "items-changed", G_CALLBACK(rows_added), &most);
    while (g_list_model_get_n_items(G_LIST_MODEL(rows)) < 1000)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(most, >, 0);
    g_assert_cmpuint(most, <=, 30);
    close_table(window);
}

static void test_table(void)
{
    g_autoptr(WeftSession) session = sample_session();
    GtkWidget *window, *view = open_table(session, &window);
    GtkSelectionModel *rows = gtk_column_view_get_model(GTK_COLUMN_VIEW(view));
    wait_for_first(rows, "main");

    /* A click on a header sorts, a second one the other way round. */
    g_autoptr(GtkColumnViewColumn) name = g_list_model_get_item(
        gtk_column_view_get_columns(GTK_COLUMN_VIEW(view)), WEFT_TASK_NAME);
    gtk_column_view_sort_by_column(GTK_COLUMN_VIEW(view), name, GTK_SORT_ASCENDING);
    wait_for_first(rows, "fetch-1");
    gtk_column_view_sort_by_column(GTK_COLUMN_VIEW(view), name, GTK_SORT_DESCENDING);
    wait_for_first(rows, "main");

    /* One selection for all views. */
    gtk_selection_model_select_item(rows, 2, TRUE);
    WeftTasks *tasks = tasks_of(rows);
    g_assert_cmpuint(weft_session_view(session)->selected_lane, ==, weft_tasks_row(tasks, 2)->lane);
    weft_session_select(session, weft_tasks_row(tasks, 1)->lane, 0);
    g_assert_cmpuint(gtk_single_selection_get_selected(GTK_SINGLE_SELECTION(rows)), ==, 1);

    /* The row as text. */
    g_auto(GValue) value = G_VALUE_INIT;
    g_value_init(&value, G_TYPE_STRING);
    gtk_widget_activate_action(view, "tasks.copy", NULL);
    g_assert_true(gdk_content_provider_get_value(
        gdk_clipboard_get_content(gtk_widget_get_clipboard(view)), &value, NULL));
    g_autofree char *task = weft_tasks_text(tasks, 1, WEFT_TASK_NAME);
    g_assert_true(g_str_has_prefix(g_value_get_string(&value), task));
    g_auto(GStrv) cells = g_strsplit(g_value_get_string(&value), "\t", -1);
    g_assert_cmpuint(g_strv_length(cells), ==, WEFT_TASK_COLUMNS);

    GtkWidget *entry = widget_of(window, GTK_TYPE_SEARCH_ENTRY, TRUE);
    gtk_editable_set_text(GTK_EDITABLE(entry), "heart");
    wait_for_first(rows, "heartbeat");
    close_table(window);
}

/* What is inside of `from`, of all that show these words. */
static GtkWidget *showing(GtkWidget *from, const char *text)
{
    const char *own = GTK_IS_LABEL(from)           ? gtk_label_get_text(GTK_LABEL(from))
                      : GTK_IS_TOGGLE_BUTTON(from) ? gtk_button_get_label(GTK_BUTTON(from))
                      : GTK_IS_INSCRIPTION(from)   ? gtk_inscription_get_text(GTK_INSCRIPTION(from))
                                                   : NULL;
    if (g_strcmp0(own, text) == 0)
        return from;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child;
         child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = showing(child, text);
        if (found)
            return found;
    }
    return NULL;
}

static double right_edge(GtkWidget *widget, GtkWidget *of)
{
    double x, y;
    g_assert_true(
        gtk_widget_translate_coordinates(widget, of, gtk_widget_get_width(widget), 0, &x, &y));
    return x;
}

/* The menu of the row that has the focus, by key: it is the one that is selected then. */
static void test_menu(void)
{
    g_autoptr(WeftSession) session = sample_session();
    GtkWidget *window, *view = open_table(session, &window), *name, *menu;
    GtkSelectionModel *rows = gtk_column_view_get_model(GTK_COLUMN_VIEW(view));
    wait_for_first(rows, "main");
    while (!(name = showing(view, "fetch-2")) || gtk_widget_get_height(name) == 0)
        g_main_context_iteration(NULL, TRUE);
    WeftTasks *tasks = tasks_of(rows);
    guint lane = weft_sample_lane(weft_session_model(session), "fetch-2");
    gtk_widget_grab_focus(gtk_widget_get_parent(gtk_widget_get_parent(name)));
    gtk_single_selection_set_selected(GTK_SINGLE_SELECTION(rows), GTK_INVALID_LIST_POSITION);
    g_assert_true(key_taken(view, GDK_KEY_F10, GDK_SHIFT_MASK));
    g_assert_cmpuint(gtk_single_selection_get_selected(GTK_SINGLE_SELECTION(rows)), ==,
                     weft_tasks_position(tasks, lane));
    while (!(menu = widget_of(view, GTK_TYPE_POPOVER_MENU, TRUE)))
        g_main_context_iteration(NULL, TRUE);
    GdkRectangle at;
    double x, y;
    g_assert_true(gtk_popover_get_pointing_to(GTK_POPOVER(menu), &at));
    g_assert_true(gtk_widget_translate_coordinates(name, view, 0, 0, &x, &y));
    g_assert_cmpint(at.y, >, (int)y);
    g_assert_cmpint(at.y, <=, (int)y + 2 * gtk_widget_get_height(name));
    gtk_popover_popdown(GTK_POPOVER(menu));
    while (widget_of(view, GTK_TYPE_POPOVER_MENU, FALSE))
        g_main_context_iteration(NULL, TRUE);
    close_table(window);
}

/* Of where it was created the line is what stays; all of it is said when it is pointed at. */
static void test_site(void)
{
    g_autoptr(WeftSession) session = sample_session();
    GtkWidget *window, *view = open_table(session, &window), *cell;
    wait_for_first(gtk_column_view_get_model(GTK_COLUMN_VIEW(view)), "main");
    while (!(cell = showing(view, "fetch.c:34")))
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpstr(gtk_widget_get_tooltip_text(cell), ==, "fetch.c:34 (fetch)");
    g_assert_cmpint(gtk_inscription_get_text_overflow(GTK_INSCRIPTION(cell)), ==,
                    GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_START);
    close_table(window);
}

/* A number's header ends where the number ends. */
static void test_headers(void)
{
    g_autoptr(WeftSession) session = sample_session();
    GtkWidget *window, *view = open_table(session, &window);
    GtkSelectionModel *rows = gtk_column_view_get_model(GTK_COLUMN_VIEW(view));
    wait_for_first(rows, "main");
    g_autofree char *ran = weft_tasks_text(tasks_of(rows), 0, WEFT_TASK_RUNNING);
    GtkWidget *title = showing(view, "Runs"), *cell;
    while (!(cell = showing(view, ran)) || gtk_widget_get_width(cell) == 0)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpfloat_with_epsilon(right_edge(title, view), right_edge(cell, view), 1);
    /* All are seen beside the inspector, in a window of 1280 px with a frame of 5. */
    GListModel *columns = gtk_column_view_get_columns(GTK_COLUMN_VIEW(view));
    int wide = 0;
    for (guint i = 0; i < g_list_model_get_n_items(columns); i++) {
        g_autoptr(GtkColumnViewColumn) column = g_list_model_get_item(columns, i);
        wide += gtk_column_view_column_get_fixed_width(column);
    }
    g_assert_cmpint(wide, <=, 1280 - 2 * 5 - WEFT_METRIC_INSPECTOR);
    close_table(window);
}

/* Where there is little room the table says what tasks await rather than two of its numbers. */
static void test_narrow(void)
{
    g_autoptr(WeftSession) session = sample_session();
    GtkWidget *window, *view = open_table(session, &window);
    GListModel *columns = gtk_column_view_get_columns(GTK_COLUMN_VIEW(view));
    g_autoptr(GtkColumnViewColumn) slices = g_list_model_get_item(columns, WEFT_TASK_RESUMES);
    g_autoptr(GtkColumnViewColumn) created = g_list_model_get_item(columns, WEFT_TASK_CREATED);
    g_autoptr(GtkColumnViewColumn) awaits = g_list_model_get_item(columns, WEFT_TASK_AWAITS);
    while (gtk_column_view_column_get_visible(slices))
        g_main_context_iteration(NULL, TRUE);
    g_assert_false(gtk_column_view_column_get_visible(created));
    GtkWidget *title = gtk_widget_get_ancestor(showing(view, "Awaits"), GTK_TYPE_BOX);
    int room = gtk_column_view_column_get_fixed_width(awaits);
    while (gtk_widget_get_width(gtk_widget_get_parent(title)) <= room)
        g_main_context_iteration(NULL, TRUE);
    gtk_widget_set_visible(widget_of(window, WEFT_TYPE_INSPECTOR, TRUE), FALSE);
    while (!gtk_column_view_column_get_visible(slices))
        g_main_context_iteration(NULL, TRUE);
    g_assert_true(gtk_column_view_column_get_visible(created));
    close_table(window);
}

/* Beside its state's word a row has what the timeline has for it. */
static void test_signs(void)
{
    g_autoptr(WeftSession) session = sample_session();
    GtkWidget *window, *view = open_table(session, &window), *cell;
    WeftTaskTable *table = WEFT_TASK_TABLE(gtk_widget_get_ancestor(view, WEFT_TYPE_TASK_TABLE));
    PangoContext *context = weft_render_context_new();
    struct weft_render *render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), context, 1.5);
    GString *log = g_string_new(NULL);
    weft_session_set_playhead(session, 150 * MS);
    weft_task_table_set_render(table, render);
    while (!(cell = showing(view, "waiting")) || gtk_widget_get_width(cell) == 0)
        g_main_context_iteration(NULL, TRUE);
    GtkWidget *sign = gtk_widget_get_prev_sibling(cell), *box = gtk_widget_get_parent(cell);
    g_assert_cmpint(gtk_widget_get_width(sign), ==, weft_render_sign_size(render));
    GtkSnapshot *snapshot = gtk_snapshot_new();
    weft_render_set_log(render, log);
    gtk_widget_queue_draw(sign); /* not what is kept of it */
    gtk_widget_snapshot_child(box, sign, snapshot);
    weft_render_set_log(render, NULL);
    g_assert_cmpstr(log->str, ==, "glyph WAIT_TASK 1.00 0.0,0.0 18.0x18.0\n"); /* main gathers */
    g_object_unref(snapshot);
    g_string_free(log, TRUE);
    weft_task_table_set_render(table, NULL);
    close_table(window);
    weft_render_free(render);
    g_object_unref(context);
}

/* Only where a range is marked, the button lists those that live there. */
static void test_in_range(void)
{
    g_autoptr(WeftSession) session = sample_session();
    GtkWidget *window, *view = open_table(session, &window);
    GtkSelectionModel *rows = gtk_column_view_get_model(GTK_COLUMN_VIEW(view));
    GtkWidget *button = showing(window, "In range");
    wait_for_first(rows, "main");
    guint all = g_list_model_get_n_items(G_LIST_MODEL(rows));
    g_assert_false(gtk_widget_get_sensitive(button));
    gint64 end = weft_session_end_ns(session);
    weft_session_mark(session, end - MS, end);
    g_assert_true(gtk_widget_get_sensitive(button));
    g_signal_emit_by_name(button, "clicked");
    while (g_list_model_get_n_items(G_LIST_MODEL(rows)) == all)
        g_main_context_iteration(NULL, TRUE);
    g_assert_null(showing(view, "fetch-1")); /* long done */
    weft_session_mark(session, 0, 0);
    g_assert_false(gtk_widget_get_sensitive(button));
    while (g_list_model_get_n_items(G_LIST_MODEL(rows)) < all)
        g_main_context_iteration(NULL, TRUE);
    close_table(window);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    adw_init();
    g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
    g_test_add_func("/tasks/order", test_order);
    g_test_add_func("/tasks/filter", test_filter);
    g_test_add_func("/tasks/range", test_range);
    g_test_add_func("/tasks/asked-again", test_asked_again);
    g_test_add_func("/tasks/cells", test_cells);
    g_test_add_func("/tasks/table", test_table);
    g_test_add_func("/tasks/menu", test_menu);
    g_test_add_func("/tasks/site", test_site);
    g_test_add_func("/tasks/headers", test_headers);
    g_test_add_func("/tasks/narrow", test_narrow);
    g_test_add_func("/tasks/signs", test_signs);
    g_test_add_func("/tasks/in-range", test_in_range);
    g_test_add_func("/tasks/rows-little-by-little", test_rows_little_by_little);
    return g_test_run();
}
