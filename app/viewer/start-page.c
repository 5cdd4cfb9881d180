/* start-page.c: the list of traced programs is read anew every second while it is seen; rows are
 * made anew only when it is another. */
#include "app/viewer/start-page.h"

#include "app/viewer/window.h"
#include "tracer/trace/live.h"

enum { REFRESH_S = 1, RECENT_MAX = 5 };

struct _WeftStartPage {
    AdwBin parent_instance;
    AdwPreferencesGroup *programs, *recent;
    GPtrArray *program_rows, *recent_rows; /* of GtkWidget *, borrowed */
    char *programs_shown;                  /* what the rows say: to see whether it changed */
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
    g_autofree char *escaped = g_markup_escape_text(subtitle, -1);
    adw_action_row_set_subtitle(row, escaped);
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

static void show_programs(WeftStartPage *page, const GArray *processes)
{
    guint alive = 0;
    clear_rows(page->programs, page->program_rows);
    for (guint i = 0; i < processes->len; i++) {
        const struct weft_live_process *process = &g_array_index(processes,
                                                                 struct weft_live_process, i);
        if (!process->alive)
            continue;
        g_autofree char *subtitle = g_strdup_printf("pid %" G_GUINT64_FORMAT, process->pid);
        AdwActionRow *row = add_row(page->programs, page->program_rows, process->program, subtitle);
        g_object_set_data_full(G_OBJECT(row), "pid", g_memdup2(&process->pid, sizeof process->pid),
                               g_free);
        g_signal_connect(row, "activated", G_CALLBACK(attach_activated), NULL);
        make_activatable(row);
        alive++;
    }
    if (alive == 0)
        add_row(page->programs, page->program_rows, "None runs now",
                "Start one that is linked with libweft: it appears here.");
}

static gboolean refresh(gpointer data)
{
    WeftStartPage *page = data;
    g_autoptr(GArray) processes = weft_live_processes();
    GString *shown = g_string_new(NULL);
    for (guint i = 0; i < processes->len; i++) {
        const struct weft_live_process *process = &g_array_index(processes,
                                                                 struct weft_live_process, i);
        if (process->alive)
            g_string_append_printf(shown, "%" G_GUINT64_FORMAT " %s\n", process->pid,
                                   process->program);
    }
    if (g_strcmp0(shown->str, page->programs_shown) != 0) {
        show_programs(page, processes);
        g_free(page->programs_shown);
        page->programs_shown = g_strdup(shown->str);
    }
    g_string_free(shown, TRUE);
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
    g_free(page->programs_shown);
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
