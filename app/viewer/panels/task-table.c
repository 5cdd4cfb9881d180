/* task-table.c: a GtkColumnView over the tasks' list; cells are made for the rows in sight and some
 * around them, and filled again when the playhead or the model moved.
 *
 *      tasks (all) --> shown (the first few, more each frame, then all) --> selection --> view
 *
 * GtkColumnView makes 200 rows at once, 2,200 cells, which takes longer than a frame may: it is
 * given them a few at a time. */
#include "app/viewer/panels/task-table.h"

#include "app/viewer/accessible.h"
#include "app/viewer/count.h"
#include "app/viewer/panels/state-sign.h"
#include "app/viewer/task-menu.h"
#include "app/viewer/tasks.h"

enum {
    REFRESH_MS = 300, /* how often, at most, cells follow the playhead */
    ROWS_A_FRAME = 10,
    ROWS_KEPT = 225, /* the view makes no more than this at once, whatever there is */
    WIDE = 1080,
    NARROW = 800, /* px of the table, at text of 100 %: see columns */
};

static const struct {
    const char *title;
    gboolean number; /* right-aligned */
    int width;       /* at least */
    int room;        /* where the table has less it gives way */
} columns[WEFT_TASK_COLUMNS] = {
    [WEFT_TASK_NAME] = { "Name", FALSE, 104 },
    [WEFT_TASK_STATE] = { "State", FALSE, 96 },
    [WEFT_TASK_AWAITS] = { "Awaits", FALSE, 98 },
    [WEFT_TASK_SITE] = { "Site", FALSE, 108, NARROW },
    [WEFT_TASK_RUNNING] = { "Runs", TRUE, 70 },
    [WEFT_TASK_READY] = { "Ready", TRUE, 72 },
    [WEFT_TASK_WAITING] = { "Waits", TRUE, 70 },
    [WEFT_TASK_RESUMES] = { "Slices", TRUE, 70, WIDE },
    [WEFT_TASK_LONGEST] = { "Longest", TRUE, 84, NARROW },
    [WEFT_TASK_CREATED] = { "Created", TRUE, 84, WIDE },
    [WEFT_TASK_LIVED] = { "Lived", TRUE, 84 },
};

static const struct {
    const char *text;
    gint64 ns;
} lengths[] = {
    { "Any longest slice", 0 },      { "Longest ≥ 1 ms", 1000000 },
    { "Longest ≥ 10 ms", 10000000 }, { "Longest ≥ 100 ms", 100000000 },
    { "Longest ≥ 1 s", 1000000000 },
};

struct _WeftTaskTable {
    AdwBin parent_instance;
    WeftSession *session;
    struct weft_render *render; /* borrowed: of the states' signs */
    gboolean of_day;            /* as the cells' words say */
    WeftTasks *tasks;
    GtkSliceListModel *shown;
    guint grow_tick; /* 0: all are shown */
    GtkSearchEntry *search;
    GtkDropDown *state, *longest;
    GtkToggleButton *in_range; /* only tasks that live in the marked range */
    GtkLabel *count;
    GtkColumnView *view;
    GtkSingleSelection *selection;
    GPtrArray *cells;   /* of GtkListItem, borrowed: those that show a row now */
    GObject *probes[2]; /* see sorted_by() */
    enum weft_task_column probed;
    guint refresh_timer; /* 0: none is due */
    guint fit_columns;   /* 0: no idle will */
    double text_scale;   /* 0: not known yet */
    gboolean selecting;  /* the selection is being set from the session */
};
G_DEFINE_FINAL_TYPE(WeftTaskTable, weft_task_table, ADW_TYPE_BIN)

/* ---- Cells ---- */

static enum weft_task_column column_of(gpointer object)
{
    return GPOINTER_TO_UINT(g_object_get_data(object, "column"));
}

/* "server.c:12 (main)": the column has room for the line, and says all of it when pointed at. */
static void show_site(GtkWidget *text, const char *words)
{
    const char *function = g_strrstr(words, " (");
    g_autofree char *line = g_strndup(words, function ? (gsize)(function - words) : strlen(words));
    if (g_strcmp0(gtk_widget_get_tooltip_text(text), words) != 0)
        gtk_widget_set_tooltip_text(text, *words ? words : NULL);
    gtk_inscription_set_text(GTK_INSCRIPTION(text), line);
}

static void fill(WeftTaskTable *table, GtkListItem *cell)
{
    guint position = gtk_list_item_get_position(cell);
    if (position >= g_list_model_get_n_items(G_LIST_MODEL(table->tasks)))
        return;
    enum weft_task_column column = column_of(cell);
    GtkWidget *text = gtk_list_item_get_child(cell);
    g_autofree char *words = weft_tasks_text(table->tasks, position, column);
    if (column == WEFT_TASK_STATE) {
        GtkWidget *sign = gtk_widget_get_first_child(text);
        weft_state_sign_show(WEFT_STATE_SIGN(sign), table->render,
                             weft_tasks_row(table->tasks, position)->is,
                             weft_tasks_wait(table->tasks, position));
        text = gtk_widget_get_last_child(text);
    }
    if (column == WEFT_TASK_SITE)
        show_site(text, words);
    else
        gtk_inscription_set_text(GTK_INSCRIPTION(text), words);
    if (column == WEFT_TASK_NAME)
        weft_accessible_name_row(cell, words);
}

/* For its menu: the row at (x, y), or the one that has the focus. */
static gboolean select_row(GtkWidget *view, double *x, double *y, gpointer data)
{
    WeftTaskTable *table = data;
    gboolean by_key = *x < 0;
    GtkWidget *at = by_key ? gtk_root_get_focus(gtk_widget_get_root(view))
                           : gtk_widget_pick(view, *x, *y, GTK_PICK_DEFAULT);
    for (guint i = 0; at && i < table->cells->len; i++) {
        GtkListItem *cell = table->cells->pdata[i];
        GtkWidget *name = gtk_list_item_get_child(cell);
        GtkWidget *row = gtk_widget_get_parent(gtk_widget_get_parent(name)); /* cell, row */
        if (column_of(cell) != WEFT_TASK_NAME || (at != row && !gtk_widget_is_ancestor(at, row)))
            continue;
        gtk_single_selection_set_selected(table->selection, gtk_list_item_get_position(cell));
        if (by_key) /* below its name */
            gtk_widget_translate_coordinates(name, view, 0, gtk_widget_get_height(name), x, y);
        return TRUE;
    }
    return FALSE;
}

static void setup(GtkSignalListItemFactory *factory, GtkListItem *cell, WeftTaskTable *table)
{
    enum weft_task_column column = column_of(factory);
    GtkWidget *text = gtk_inscription_new("");
    gtk_inscription_set_xalign(GTK_INSCRIPTION(text), columns[column].number ? 1 : 0);
    gtk_inscription_set_text_overflow(
        GTK_INSCRIPTION(text), column == WEFT_TASK_SITE ? GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_START
                                                        : GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
    if (columns[column].number)
        gtk_widget_add_css_class(text, "numeric");
    if (column == WEFT_TASK_STATE) {
        GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
        gtk_box_append(GTK_BOX(box), g_object_new(WEFT_TYPE_STATE_SIGN, NULL));
        gtk_box_append(GTK_BOX(box), text);
        gtk_widget_set_hexpand(text, TRUE);
        text = box;
    }
    gtk_list_item_set_child(cell, text);
    g_object_set_data(G_OBJECT(cell), "column", GUINT_TO_POINTER(column));
    (void)table;
}

static void bind(GtkSignalListItemFactory *factory, GtkListItem *cell, WeftTaskTable *table)
{
    g_ptr_array_add(table->cells, cell);
    fill(table, cell);
    (void)factory;
}

static void unbind(GtkSignalListItemFactory *factory, GtkListItem *cell, WeftTaskTable *table)
{
    g_ptr_array_remove_fast(table->cells, cell);
    (void)factory;
}

/* ---- What is asked ---- */

/* Tells, by being called, that this column is the one that is sorted by first. */
static int probe(gconstpointer a, gconstpointer b, gpointer sorter)
{
    WeftTaskTable *table = g_object_get_data(sorter, "table");
    table->probed = column_of(sorter);
    (void)a, (void)b;
    return GTK_ORDERING_SMALLER;
}

/* The view tells only its sorter, whole: so that is asked to compare two things. */
static void sorted_by(WeftTaskTable *table, struct weft_tasks_query *query)
{
    GtkSorter *sorter = gtk_column_view_get_sorter(table->view);
    table->probed = WEFT_TASK_CREATED;
    GtkOrdering order = gtk_sorter_compare(sorter, table->probes[0], table->probes[1]);
    query->column = table->probed;
    query->descending = order == GTK_ORDERING_LARGER;
}

static void ask(WeftTaskTable *table)
{
    if (!table->tasks || !gtk_widget_get_mapped(GTK_WIDGET(table)))
        return;
    guint is = gtk_drop_down_get_selected(table->state);
    guint length = gtk_drop_down_get_selected(table->longest);
    struct weft_tasks_query query = {
        .text = (char *)gtk_editable_get_text(GTK_EDITABLE(table->search)),
        .is = is == 0 || is > WEFT_TASK_IS_END ? -1 : (int)is - 1,
        .longest_ns = length < G_N_ELEMENTS(lengths) ? lengths[length].ns : 0,
    };
    const struct weft_view *view = weft_session_view(table->session);
    if (gtk_toggle_button_get_active(table->in_range)) {
        query.from_ns = view->range_from;
        query.to_ns = view->range_to;
    }
    sorted_by(table, &query);
    weft_tasks_ask(table->tasks, &query);
}

static void query_changed(WeftTaskTable *table)
{
    ask(table);
}

/* ---- Following ---- */

static void show_selection(WeftTaskTable *table)
{
    guint lane = weft_session_view(table->session)->selected_lane;
    guint position = lane == WEFT_NO_LANE ? G_MAXUINT : weft_tasks_position(table->tasks, lane);
    table->selecting = TRUE;
    gtk_single_selection_set_selected(table->selection, position);
    table->selecting = FALSE;
}

/* A few rows more, each frame, until the view has as many as it keeps. */
static gboolean grow(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
    WeftTaskTable *table = WEFT_TASK_TABLE(widget);
    guint size = gtk_slice_list_model_get_size(table->shown) + ROWS_A_FRAME;
    gboolean all = size > ROWS_KEPT;
    gtk_slice_list_model_set_size(table->shown, all ? G_MAXUINT : size);
    show_selection(table);
    if (all)
        table->grow_tick = 0;
    (void)clock, (void)data;
    return all ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void refreshed(WeftTaskTable *table)
{
    guint n = g_list_model_get_n_items(G_LIST_MODEL(table->tasks));
    g_autofree char *shown = weft_count(n);
    g_autofree char *total = weft_count(weft_tasks_total(table->tasks));
    g_autofree char *text = n == weft_tasks_total(table->tasks)
                                ? g_strdup_printf(n == 1 ? "%s task" : "%s tasks", total)
                                : g_strdup_printf("%s of %s tasks", shown, total);
    gtk_label_set_text(table->count, text);
    for (guint i = 0; i < table->cells->len; i++)
        fill(table, table->cells->pdata[i]);
    show_selection(table);
    if (!table->grow_tick && gtk_slice_list_model_get_size(table->shown) < G_MAXUINT)
        table->grow_tick = gtk_widget_add_tick_callback(GTK_WIDGET(table), grow, NULL, NULL);
}

static gboolean refresh_due(gpointer data)
{
    WeftTaskTable *table = data;
    table->refresh_timer = 0;
    if (table->session)
        ask(table);
    return G_SOURCE_REMOVE;
}

/* There is a range to choose, or none. */
static void show_range(WeftTaskTable *table)
{
    const struct weft_view *view = weft_session_view(table->session);
    gboolean marked = view->range_to > view->range_from;
    gtk_widget_set_sensitive(GTK_WIDGET(table->in_range), marked);
    if (!marked)
        gtk_toggle_button_set_active(table->in_range, FALSE);
    else if (gtk_toggle_button_get_active(table->in_range))
        ask(table);
}

/* As the text's size asks for; times of the day are longer. GTK 4.8 gives room to one that is not
 * seen, too. */
static void size_column(WeftTaskTable *table, enum weft_task_column i)
{
    GListModel *all = gtk_column_view_get_columns(table->view);
    g_autoptr(GtkColumnViewColumn) column = g_list_model_get_item(all, i);
    double share = !gtk_column_view_column_get_visible(column) ? 0
                   : i == WEFT_TASK_CREATED && table->of_day   ? 1.5
                                                               : 1;
    gtk_column_view_column_set_fixed_width(
        column, (int)(columns[i].width * share * MAX(table->text_scale, 1)));
}

/* What a task awaits has the room rather than how often it ran, and when it was created. */
static gboolean fit_columns(gpointer data)
{
    WeftTaskTable *table = data;
    GListModel *all = gtk_column_view_get_columns(table->view);
    double room = gtk_widget_get_width(GTK_WIDGET(table)) / MAX(table->text_scale, 1);
    table->fit_columns = 0;
    for (guint i = 0; i < WEFT_TASK_COLUMNS; i++) {
        g_autoptr(GtkColumnViewColumn) column = g_list_model_get_item(all, i);
        gboolean shown = room >= columns[i].room;
        if (gtk_column_view_column_get_visible(column) == shown)
            continue;
        gtk_column_view_column_set_visible(column, shown);
        size_column(table, i);
    }
    return G_SOURCE_REMOVE;
}

static void fit_soon(WeftTaskTable *table)
{
    if (!table->fit_columns)
        table->fit_columns = g_idle_add(fit_columns, table);
}

void weft_task_table_set_text_scale(WeftTaskTable *table, double scale)
{
    table->text_scale = scale;
    for (guint i = 0; i < WEFT_TASK_COLUMNS; i++)
        size_column(table, i);
    fit_soon(table);
}

static void session_changed(WeftSession *session, guint what, WeftTaskTable *table)
{
    const guint told = WEFT_CHANGE_MODEL | WEFT_CHANGE_PLAYHEAD | WEFT_CHANGE_STATUS;
    gboolean of_day = weft_session_view(session)->of_day, counts = of_day != table->of_day;
    table->of_day = of_day;
    if (((what & told) || counts) && !table->refresh_timer &&
        gtk_widget_get_mapped(GTK_WIDGET(table)))
        table->refresh_timer = g_timeout_add(REFRESH_MS, refresh_due, table);
    if (what & WEFT_CHANGE_SELECTION)
        show_selection(table);
    if (what & WEFT_CHANGE_MARKED)
        show_range(table);
    if (counts)
        size_column(table, WEFT_TASK_CREATED);
}

/* The selected row's lane; FALSE: none is. */
static gboolean selected_lane(WeftTaskTable *table, guint *lane)
{
    guint position = gtk_single_selection_get_selected(table->selection);
    if (!table->tasks || position >= g_list_model_get_n_items(G_LIST_MODEL(table->tasks)))
        return FALSE;
    *lane = weft_tasks_row(table->tasks, position)->lane;
    return TRUE;
}

static void selected(WeftTaskTable *table)
{
    guint lane;
    if (!table->selecting && selected_lane(table, &lane))
        weft_session_select(table->session, lane, weft_session_view(table->session)->playhead_ns);
}

/* To the task in the timeline: where it is, if it is there at the playhead, else at its beginning.
 */
static void row_activated(GtkColumnView *view, guint position, WeftTaskTable *table)
{
    const struct weft_task_row *row = weft_tasks_row(table->tasks, position);
    const struct weft_lane *lane = weft_model_lane(weft_session_model(table->session), row->lane);
    gint64 playhead = weft_session_view(table->session)->playhead_ns;
    gboolean there = playhead >= lane->first_ns && playhead <= lane->last_ns;
    weft_session_jump(table->session, lane->id, there ? playhead : lane->first_ns);
    gtk_widget_activate_action(GTK_WIDGET(table), "win.view", "s", "timeline");
    (void)view;
}

/* The selected row, a tab between two cells. */
static void copy_activated(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WeftTaskTable *table = WEFT_TASK_TABLE(widget);
    guint lane;
    if (!selected_lane(table, &lane))
        return;
    GString *text = g_string_new(NULL);
    for (guint column = 0; column < WEFT_TASK_COLUMNS; column++) {
        g_autofree char *words = weft_tasks_text(
            table->tasks, gtk_single_selection_get_selected(table->selection), column);
        g_string_append_printf(text, "%s%s", column ? "\t" : "", words);
    }
    gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), text->str);
    g_string_free(text, TRUE);
    gtk_widget_activate_action(widget, "win.say", "s", "Row copied");
    (void)name, (void)parameter;
}

void weft_task_table_set_render(WeftTaskTable *table, struct weft_render *render)
{
    table->render = render;
    for (guint i = 0; i < table->cells->len; i++)
        fill(table, table->cells->pdata[i]);
}

void weft_task_table_set(WeftTaskTable *table, WeftSession *session)
{
    if (table->session)
        g_signal_handlers_disconnect_by_func(table->session, session_changed, table);
    if (table->tasks)
        g_signal_handlers_disconnect_by_data(table->tasks, table);
    gtk_single_selection_set_model(table->selection, NULL);
    g_clear_object(&table->tasks);
    g_clear_object(&table->shown);
    if (table->grow_tick)
        gtk_widget_remove_tick_callback(GTK_WIDGET(table), table->grow_tick);
    table->grow_tick = 0;
    g_set_object(&table->session, session);
    if (!session)
        return;
    table->tasks = weft_tasks_new(session);
    show_range(table);
    table->of_day = weft_session_view(session)->of_day;
    g_signal_connect(session, "changed", G_CALLBACK(session_changed), table);
    g_signal_connect_swapped(table->tasks, "refreshed", G_CALLBACK(refreshed), table);
    table->shown = gtk_slice_list_model_new(g_object_ref(G_LIST_MODEL(table->tasks)), 0,
                                            ROWS_A_FRAME);
    gtk_single_selection_set_model(table->selection, G_LIST_MODEL(table->shown));
}

void weft_task_table_find(WeftTaskTable *table)
{
    gtk_widget_grab_focus(GTK_WIDGET(table->search));
}

/* ---- The widget ---- */

static void map(GtkWidget *widget)
{
    GTK_WIDGET_CLASS(weft_task_table_parent_class)->map(widget);
    ask(WEFT_TASK_TABLE(widget));
}

static gboolean grab_focus(GtkWidget *widget)
{
    return gtk_widget_grab_focus(GTK_WIDGET(WEFT_TASK_TABLE(widget)->view));
}

static void dispose(GObject *object)
{
    WeftTaskTable *table = WEFT_TASK_TABLE(object);
    g_clear_handle_id(&table->refresh_timer, g_source_remove);
    g_clear_handle_id(&table->fit_columns, g_source_remove);
    if (table->selection)
        weft_task_table_set(table, NULL);
    g_clear_object(&table->selection);
    for (guint i = 0; i < G_N_ELEMENTS(table->probes); i++)
        g_clear_object(&table->probes[i]);
    G_OBJECT_CLASS(weft_task_table_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    g_ptr_array_unref(WEFT_TASK_TABLE(object)->cells);
    G_OBJECT_CLASS(weft_task_table_parent_class)->finalize(object);
}

static void weft_task_table_class_init(WeftTaskTableClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    G_OBJECT_CLASS(class)->finalize = finalize;
    widget->map = map;
    widget->grab_focus = grab_focus;
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_template_from_resource(widget, "/org/weft/Weft/task-table.ui");
    gtk_widget_class_bind_template_child(widget, WeftTaskTable, search);
    gtk_widget_class_bind_template_child(widget, WeftTaskTable, state);
    gtk_widget_class_bind_template_child(widget, WeftTaskTable, longest);
    gtk_widget_class_bind_template_child(widget, WeftTaskTable, in_range);
    gtk_widget_class_bind_template_child(widget, WeftTaskTable, count);
    gtk_widget_class_bind_template_child(widget, WeftTaskTable, view);
    gtk_widget_class_bind_template_callback(widget, query_changed);
    gtk_widget_class_bind_template_callback(widget, row_activated);
    gtk_widget_class_install_action(widget, "tasks.copy", NULL, copy_activated);
    gtk_widget_class_add_binding_action(widget, GDK_KEY_c, GDK_CONTROL_MASK, "tasks.copy", NULL);
}

static void add_column(WeftTaskTable *table, enum weft_task_column column)
{
    GtkListItemFactory *cells = gtk_signal_list_item_factory_new();
    gpointer number = GUINT_TO_POINTER(column);
    g_object_set_data(G_OBJECT(cells), "column", number);
    g_signal_connect(cells, "setup", G_CALLBACK(setup), table);
    g_signal_connect(cells, "bind", G_CALLBACK(bind), table);
    g_signal_connect(cells, "unbind", G_CALLBACK(unbind), table);
    GtkColumnViewColumn *made = gtk_column_view_column_new(columns[column].title, cells);
    GtkCustomSorter *sorter = gtk_custom_sorter_new(NULL, NULL, NULL);
    g_object_set_data(G_OBJECT(sorter), "column", number);
    g_object_set_data(G_OBJECT(sorter), "table", table);
    gtk_custom_sorter_set_sort_func(sorter, probe, sorter, NULL);
    gtk_column_view_column_set_sorter(made, GTK_SORTER(sorter));
    gtk_column_view_column_set_resizable(made, TRUE);
    gtk_column_view_column_set_visible(made, columns[column].room < WIDE);
    gtk_column_view_column_set_fixed_width(made,
                                           columns[column].room < WIDE ? columns[column].width : 0);
    gtk_column_view_column_set_expand(made, column == WEFT_TASK_NAME || column == WEFT_TASK_AWAITS);
    gtk_column_view_append_column(table->view, made);
    g_object_unref(sorter);
    g_object_unref(made);
}

/* Each has its title as a name. Those of numbers end where the numbers end: behind the arrow that
 * says how they are sorted. */
static void dress_headers(WeftTaskTable *table)
{
    GtkWidget *title = gtk_widget_get_first_child(
        gtk_widget_get_first_child(GTK_WIDGET(table->view)));
    for (guint i = 0; i < WEFT_TASK_COLUMNS && title; i++) {
        GtkWidget *box = gtk_widget_get_first_child(title);
        weft_accessible_name(title, columns[i].title);
        if (columns[i].number && GTK_IS_BOX(box)) {
            gtk_widget_set_halign(box, GTK_ALIGN_END);
            gtk_box_reorder_child_after(GTK_BOX(box), gtk_widget_get_last_child(box), NULL);
        }
        title = gtk_widget_get_next_sibling(title);
    }
}

static void weft_task_table_init(WeftTaskTable *table)
{
    table->cells = g_ptr_array_new();
    gtk_widget_init_template(GTK_WIDGET(table));
    for (guint i = 0; i < G_N_ELEMENTS(table->probes); i++)
        table->probes[i] = g_object_new(G_TYPE_OBJECT, NULL);
    g_autoptr(GtkStringList) states = gtk_string_list_new((const char *[]){ "Any state", NULL });
    g_autoptr(GtkStringList) longest = gtk_string_list_new(NULL);
    for (guint i = 0; i < WEFT_TASK_IS_END; i++)
        gtk_string_list_append(states, weft_task_is_name(i));
    for (guint i = 0; i < G_N_ELEMENTS(lengths); i++)
        gtk_string_list_append(longest, lengths[i].text);
    gtk_drop_down_set_model(table->state, G_LIST_MODEL(states));
    gtk_drop_down_set_model(table->longest, G_LIST_MODEL(longest));
    for (guint i = 0; i < WEFT_TASK_COLUMNS; i++)
        add_column(table, i);
    dress_headers(table);
    g_signal_connect_object(gtk_scrollable_get_hadjustment(GTK_SCROLLABLE(table->view)),
                            "notify::page-size", G_CALLBACK(fit_soon), table, G_CONNECT_SWAPPED);
    weft_task_menu_add(GTK_WIDGET(table->view), select_row, table);
    table->selection = gtk_single_selection_new(NULL);
    gtk_single_selection_set_autoselect(table->selection, FALSE);
    gtk_single_selection_set_can_unselect(table->selection, TRUE);
    g_signal_connect_object(table->selection, "notify::selected", G_CALLBACK(selected), table,
                            G_CONNECT_SWAPPED);
    weft_accessible_name_table(table->view, "Tasks");
    weft_accessible_name_drop_down(GTK_WIDGET(table->state), "State at the playhead");
    weft_accessible_name_drop_down(GTK_WIDGET(table->longest), "Longest slice");
    gtk_column_view_set_model(table->view, GTK_SELECTION_MODEL(table->selection));
    g_signal_connect_object(gtk_column_view_get_sorter(table->view), "changed", G_CALLBACK(ask),
                            table, G_CONNECT_SWAPPED);
}
