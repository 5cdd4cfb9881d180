/* start-page.c: the traced programs are looked at every second while the page is seen, by a worker;
 * rows are made anew only when they are others. */
#include "app/viewer/start-page.h"

#include "app/viewer/window.h"
#include "tracer/model/look.h"

enum { REFRESH_S = 1, RECENT_MAX = 5 };

struct _WeftStartPage {
    AdwBin parent_instance;
    AdwPreferencesGroup *programs, *recent;
    GPtrArray *program_rows, *recent_rows; /* of GtkWidget *, borrowed */
    GPtrArray *shown;                      /* of struct program *: what the rows say */
    gboolean looks;                        /* a worker does */
    guint refresh_timer;
};
G_DEFINE_FINAL_TYPE(WeftStartPage, weft_start_page, ADW_TYPE_BIN)

static void clear_rows(AdwPreferencesGroup *group, GPtrArray *rows)
{
    for (guint i = 0; i < rows->len; i++)
        adw_preferences_group_remove(group, rows->pdata[i]);
    g_ptr_array_set_size(rows, 0);
}

static AdwActionRow *add_row(AdwPreferencesGroup *group, GPtrArray *rows, const char *title,
                             const char *subtitle)
{
    AdwActionRow *row = ADW_ACTION_ROW(adw_action_row_new());
    adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), title);
    adw_action_row_set_subtitle(row, subtitle);
    adw_preferences_group_add(group, GTK_WIDGET(row));
    g_ptr_array_add(rows, row);
    return row;
}

static void make_activatable(AdwActionRow *row)
{
    gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), TRUE);
    adw_action_row_add_suffix(row, gtk_image_new_from_icon_name("go-next-symbolic"));
}

/* ---- Programs ---- */

static void attach_activated(AdwActionRow *row, gpointer data)
{
    guint64 *pid = g_object_get_data(G_OBJECT(row), "pid");
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(row));
    if (WEFT_IS_WINDOW(root))
        weft_window_attach(WEFT_WINDOW(root), *pid);
    (void)data;
}

struct program {
    guint64 pid;
    char *name;
    char *about; /* "pid 17 · deadlock: Ada waits for …" */
    gboolean hangs;
};

static void program_free(gpointer data)
{
    struct program *program = data;
    g_free(program->name);
    g_free(program->about);
    g_free(program);
}

static struct program *look_at(const struct weft_live_process *process)
{
    struct weft_look look;
    struct program *program = g_new0(struct program, 1);
    program->pid = process->pid;
    program->name = g_strdup(process->program);
    if (!weft_look_at(process->pid, &look, NULL)) {
        program->about = g_strdup_printf("pid %" G_GUINT64_FORMAT, process->pid);
        return program;
    }
    g_autofree char *why = NULL;
    enum weft_standing standing = weft_look_standing(&look, &why);
    program->hangs = why && standing != WEFT_STANDS_PAUSED;
    program->about = g_strdup_printf("pid %" G_GUINT64_FORMAT " · %s%s%s", process->pid,
                                     weft_standing_word(standing), why ? ": " : "", why ? why : "");
    weft_look_clear(&look);
    return program;
}

/* Those that hang first. */
static gint by_urgency(gconstpointer a, gconstpointer b)
{
    const struct program *x = *(struct program *const *)a, *y = *(struct program *const *)b;
    return y->hangs - x->hangs;
}

/* In a worker: a large program's tables take a while to read. */
static void look_at_all(GTask *task, gpointer page, gpointer data, GCancellable *cancellable)
{
    g_autoptr(GArray) processes = weft_live_processes();
    g_autoptr(GPtrArray) programs = g_ptr_array_new_with_free_func(program_free);
    for (guint i = 0; i < processes->len; i++) {
        const struct weft_live_process *process = &g_array_index(processes,
                                                                 struct weft_live_process, i);
        if (process->alive)
            g_ptr_array_add(programs, look_at(process));
    }
    g_ptr_array_sort(programs, by_urgency);
    g_task_return_pointer(task, g_steal_pointer(&programs), (GDestroyNotify)g_ptr_array_unref);
    (void)page, (void)data, (void)cancellable;
}

static gboolean same_programs(const GPtrArray *a, const GPtrArray *b)
{
    gboolean same = a && a->len == b->len;
    for (guint i = 0; same && i < a->len; i++) {
        const struct program *x = a->pdata[i], *y = b->pdata[i];
        same = x->pid == y->pid && x->hangs == y->hangs && g_str_equal(x->name, y->name);
    }
    return same;
}

static void add_program(WeftStartPage *page, const struct program *program)
{
    AdwActionRow *row = add_row(page->programs, page->program_rows, program->name, program->about);
    adw_action_row_set_subtitle_lines(row, 3);
    if (program->hangs)
        adw_action_row_add_prefix(row, gtk_image_new_from_icon_name("dialog-warning-symbolic"));
    g_object_set_data_full(G_OBJECT(row), "pid", g_memdup2(&program->pid, sizeof program->pid),
                           g_free);
    g_signal_connect(row, "activated", G_CALLBACK(attach_activated), NULL);
    make_activatable(row);
}

/* What they do changes all the time, in words; rows only with the programs. */
static void show_programs(WeftStartPage *page, GPtrArray *programs)
{
    gboolean same = same_programs(page->shown, programs);
    if (!same)
        clear_rows(page->programs, page->program_rows);
    for (guint i = 0; i < programs->len; i++) {
        const struct program *program = programs->pdata[i];
        if (same)
            adw_action_row_set_subtitle(page->program_rows->pdata[i], program->about);
        else
            add_program(page, program);
    }
    if (programs->len == 0 && !same)
        add_row(page->programs, page->program_rows, "None runs now",
                "Start one that is linked with libweft: it appears here.");
    g_clear_pointer(&page->shown, g_ptr_array_unref);
    page->shown = programs;
}

static void looked(GObject *source, GAsyncResult *result, gpointer data)
{
    WeftStartPage *page = WEFT_START_PAGE(source);
    GPtrArray *programs = g_task_propagate_pointer(G_TASK(result), NULL);
    page->looks = FALSE;
    if (programs && page->programs)
        show_programs(page, programs);
    else
        g_clear_pointer(&programs, g_ptr_array_unref);
    (void)data;
}

static gboolean refresh(gpointer data)
{
    WeftStartPage *page = data;
    if (page->looks)
        return G_SOURCE_CONTINUE;
    g_autoptr(GTask) task = g_task_new(page, NULL, looked, NULL);
    page->looks = TRUE;
    g_task_run_in_thread(task, look_at_all);
    return G_SOURCE_CONTINUE;
}

/* ---- Recent traces ---- */

static void recent_activated(AdwActionRow *row, gpointer data)
{
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(row));
    if (WEFT_IS_WINDOW(root))
        weft_window_open(WEFT_WINDOW(root), g_object_get_data(G_OBJECT(row), "file"));
    (void)data;
}

static gint by_visit(gconstpointer a, gconstpointer b)
{
    return g_date_time_compare(gtk_recent_info_get_visited((GtkRecentInfo *)b),
                               gtk_recent_info_get_visited((GtkRecentInfo *)a));
}

/* "trace.weft"; where another one has that name, too, "09-lock/trace.weft". */
static char *recent_name(GList *items, GtkRecentInfo *info)
{
    g_autoptr(GFile) file = g_file_new_for_uri(gtk_recent_info_get_uri(info));
    g_autofree char *base = g_file_get_basename(file);
    for (GList *l = items; l; l = l->next) {
        g_autofree char *other = g_path_get_basename(gtk_recent_info_get_uri(l->data));
        g_autofree char *own = g_path_get_basename(gtk_recent_info_get_uri(info));
        if (l->data == info || !gtk_recent_info_has_application(l->data, "Weft") ||
            !g_str_equal(own, other))
            continue;
        g_autoptr(GFile) directory = g_file_get_parent(file);
        g_autofree char *where = g_file_get_basename(directory);
        g_autofree char *both = g_build_filename(where, base, NULL);
        return g_filename_display_name(both);
    }
    return g_filename_display_name(base);
}

static void show_recent(WeftStartPage *page)
{
    GList *items = g_list_sort(gtk_recent_manager_get_items(gtk_recent_manager_get_default()),
                               by_visit);
    clear_rows(page->recent, page->recent_rows);
    for (GList *l = items; l && page->recent_rows->len < RECENT_MAX; l = l->next) {
        if (!gtk_recent_info_has_application(l->data, "Weft") || !gtk_recent_info_exists(l->data))
            continue;
        g_autoptr(GFile) file = g_file_new_for_uri(gtk_recent_info_get_uri(l->data));
        g_autofree char *name = recent_name(items, l->data);
        g_autoptr(GFile) directory = g_file_get_parent(file);
        g_autofree char *where = g_file_get_parse_name(directory);
        AdwActionRow *row = add_row(page->recent, page->recent_rows, name, where);
        g_object_set_data_full(G_OBJECT(row), "file", g_object_ref(file), g_object_unref);
        g_signal_connect(row, "activated", G_CALLBACK(recent_activated), NULL);
        make_activatable(row);
    }
    g_list_free_full(items, (GDestroyNotify)gtk_recent_info_unref);
    gtk_widget_set_visible(GTK_WIDGET(page->recent), page->recent_rows->len > 0);
}

/* ---- The widget ---- */

static void map(GtkWidget *widget)
{
    WeftStartPage *page = WEFT_START_PAGE(widget);
    GTK_WIDGET_CLASS(weft_start_page_parent_class)->map(widget);
    show_recent(page);
    refresh(page);
    page->refresh_timer = g_timeout_add_seconds(REFRESH_S, refresh, page);
}

static void unmap(GtkWidget *widget)
{
    g_clear_handle_id(&WEFT_START_PAGE(widget)->refresh_timer, g_source_remove);
    GTK_WIDGET_CLASS(weft_start_page_parent_class)->unmap(widget);
}

static void finalize(GObject *object)
{
    WeftStartPage *page = WEFT_START_PAGE(object);
    g_ptr_array_unref(page->program_rows);
    g_ptr_array_unref(page->recent_rows);
    g_clear_pointer(&page->shown, g_ptr_array_unref);
    G_OBJECT_CLASS(weft_start_page_parent_class)->finalize(object);
}

static void weft_start_page_class_init(WeftStartPageClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->finalize = finalize;
    widget->map = map;
    widget->unmap = unmap;
    gtk_widget_class_set_template_from_resource(widget, "/org/weft/Weft/start-page.ui");
    gtk_widget_class_bind_template_child(widget, WeftStartPage, programs);
    gtk_widget_class_bind_template_child(widget, WeftStartPage, recent);
}

static void weft_start_page_init(WeftStartPage *page)
{
    page->program_rows = g_ptr_array_new();
    page->recent_rows = g_ptr_array_new();
    gtk_widget_init_template(GTK_WIDGET(page));
}
