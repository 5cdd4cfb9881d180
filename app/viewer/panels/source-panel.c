/* source-panel.c: looks for the file as the compiler named it: absolute, else below the program's
 * directory, the trace's, the current one, and the directories above these. Reads each file once.
 */
#include "app/viewer/panels/source-panel.h"

#include <glib/gstdio.h>
#include <gtksourceview/gtksource.h>

enum { LINES_SHOWN = 7, LINES_ABOVE = 3, FILE_MAX = 4 << 20, CHECKOUT_S = 60 };

struct _WeftSourcePanel {
    AdwBin parent_instance;
    GtkScrolledWindow *scrolled;
    GtkSourceView *view; /* NULL, as all of these: there was no text yet */
    GtkSourceBuffer *buffer;
    GtkTextTag *current;
    char *path;
    int most_lines;      /* 0: always as many are shown */
    guint scroll_source; /* 0: the line is in view */
};
G_DEFINE_FINAL_TYPE(WeftSourcePanel, weft_source_panel, ADW_TYPE_BIN)

/* file below `directory` or one of those above it; NULL: in none. */
static char *find_above(const char *directory, const char *file)
{
    g_autofree char *at = g_canonicalize_filename(directory, NULL);
    for (;;) {
        g_autofree char *path = g_build_filename(at, file, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
            return g_steal_pointer(&path);
        char *up = g_path_get_dirname(at);
        gboolean top = g_str_equal(up, at);
        g_free(at);
        at = up;
        if (top)
            return NULL;
    }
}

char *weft_source_find(const char *file, const weft_trace *trace)
{
    if (g_path_is_absolute(file))
        return g_file_test(file, G_FILE_TEST_IS_REGULAR) ? g_strdup(file) : NULL;
    /* Build systems name files relative to their build directory: "../src/server.c". */
    while (g_str_has_prefix(file, "../"))
        file += 3;
    const char *beside[] = { weft_trace_source(trace)->executable, weft_trace_path(trace) };
    for (gsize i = 0; i < G_N_ELEMENTS(beside); i++) {
        g_autofree char *directory = beside[i] && *beside[i] ? g_path_get_dirname(beside[i]) : NULL;
        char *path = directory ? find_above(directory, file) : NULL;
        if (path)
            return path;
    }
    g_autofree char *working = g_get_current_dir();
    return find_above(working, file);
}

gboolean weft_source_changed(const char *path, const weft_trace *trace)
{
    const gint64 second = 1000000000, began = weft_trace_source(trace)->start_realtime_ns;
    const char *recorded = weft_trace_path(trace);
    GStatBuf source, file;
    if (!began || g_stat(path, &source) != 0)
        return FALSE;
    gint64 kept = recorded && g_stat(recorded, &file) == 0 ? file.st_mtime + CHECKOUT_S : 0;
    return source.st_mtime > MAX(began / second, kept);
}

/* Text colours and the lit line follow the desktop's light or dark. */
static void restyle(WeftSourcePanel *panel)
{
    gboolean dark = adw_style_manager_get_dark(adw_style_manager_get_default());
    gtk_source_buffer_set_style_scheme(
        panel->buffer,
        gtk_source_style_scheme_manager_get_scheme(gtk_source_style_scheme_manager_get_default(),
                                                   dark ? "Adwaita-dark" : "Adwaita"));
    g_object_set(panel->current, "paragraph-background", dark ? "#4d4420" : "#fdf1c1", NULL);
}

/* With the first text: what knows languages and colours takes long to be read. */
static void make_view(WeftSourcePanel *panel)
{
    panel->buffer = gtk_source_buffer_new(NULL);
    panel->view = GTK_SOURCE_VIEW(gtk_source_view_new_with_buffer(panel->buffer));
    g_object_unref(panel->buffer);
    panel->current = gtk_text_buffer_create_tag(GTK_TEXT_BUFFER(panel->buffer), NULL, NULL);
    gtk_text_view_set_editable(GTK_TEXT_VIEW(panel->view), FALSE);
    gtk_text_view_set_cursor_visible(GTK_TEXT_VIEW(panel->view), FALSE);
    gtk_text_view_set_monospace(GTK_TEXT_VIEW(panel->view), TRUE);
    gtk_text_view_set_left_margin(GTK_TEXT_VIEW(panel->view), 6);
    gtk_source_view_set_show_line_numbers(panel->view, TRUE);
    gtk_source_view_set_tab_width(panel->view, 4);
    gtk_accessible_update_property(GTK_ACCESSIBLE(panel->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   "Source", -1);
    GtkWidget *scrolled = gtk_scrolled_window_new();
    panel->scrolled = GTK_SCROLLED_WINDOW(scrolled);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), GTK_WIDGET(panel->view));
    gtk_widget_set_overflow(scrolled, GTK_OVERFLOW_HIDDEN);
    gtk_widget_add_css_class(scrolled, "card");
    gtk_widget_add_css_class(scrolled, "source");
    adw_bin_set_child(ADW_BIN(panel), scrolled);
    g_signal_connect_object(adw_style_manager_get_default(), "notify::dark", G_CALLBACK(restyle),
                            panel, G_CONNECT_SWAPPED);
    restyle(panel);
}

static gboolean load(WeftSourcePanel *panel, const char *path)
{
    g_autofree char *text = NULL;
    gsize length;
    if (g_strcmp0(path, panel->path) == 0)
        return TRUE;
    if (!g_file_get_contents(path, &text, &length, NULL) || length > FILE_MAX ||
        !g_utf8_validate(text, (gssize)length, NULL))
        return FALSE;
    if (!panel->view)
        make_view(panel);
    GtkSourceLanguage *language = gtk_source_language_manager_guess_language(
        gtk_source_language_manager_get_default(), path, NULL);
    gtk_source_buffer_set_language(panel->buffer, language);
    gtk_text_buffer_set_text(GTK_TEXT_BUFFER(panel->buffer), text, (int)length);
    GtkTextIter start;
    gtk_text_buffer_get_start_iter(GTK_TEXT_BUFFER(panel->buffer), &start);
    gtk_text_buffer_place_cursor(GTK_TEXT_BUFFER(panel->buffer), &start);
    g_free(panel->path);
    panel->path = g_strdup(path);
    return TRUE;
}

/* A text view knows where its lines are only some time after it got its text. */
static gboolean scroll_to_line(gpointer data)
{
    WeftSourcePanel *panel = data;
    GtkTextBuffer *buffer = GTK_TEXT_BUFFER(panel->buffer);
    GtkTextIter line;
    int y, height;
    panel->scroll_source = 0;
    gtk_text_buffer_get_iter_at_mark(buffer, &line, gtk_text_buffer_get_insert(buffer));
    gtk_text_view_get_line_yrange(GTK_TEXT_VIEW(panel->view), &line, &y, &height);
    /* Whole lines, the lit one amid them. */
    int lines = panel->most_lines ? MIN(panel->most_lines, gtk_text_buffer_get_line_count(buffer))
                                  : LINES_SHOWN;
    gtk_scrolled_window_set_min_content_height(panel->scrolled, lines * height);
    gtk_adjustment_set_value(gtk_scrolled_window_get_vadjustment(panel->scrolled),
                             y - LINES_ABOVE * height);
    return G_SOURCE_REMOVE;
}

static void light_line(WeftSourcePanel *panel, unsigned line)
{
    GtkTextBuffer *buffer = GTK_TEXT_BUFFER(panel->buffer);
    GtkTextIter from, to, start, end;
    gtk_text_buffer_get_bounds(buffer, &start, &end);
    gtk_text_buffer_remove_tag(buffer, panel->current, &start, &end);
    if (line) {
        gtk_text_buffer_get_iter_at_line(buffer, &from, (int)line - 1);
        to = from;
        gtk_text_iter_forward_line(&to);
        gtk_text_buffer_apply_tag(buffer, panel->current, &from, &to);
        gtk_text_buffer_place_cursor(buffer, &from);
    }
    if (!panel->scroll_source)
        panel->scroll_source = g_idle_add_full(G_PRIORITY_LOW, scroll_to_line, panel, NULL);
}

gboolean weft_source_panel_show(WeftSourcePanel *panel, const struct weft_trace_site *site,
                                const weft_trace *trace)
{
    g_autofree char *path = site && site->file && site->file[0] && site->line
                                ? weft_source_find(site->file, trace)
                                : NULL;
    return weft_source_panel_show_file(panel, path, path ? site->line : 0);
}

gboolean weft_source_panel_show_file(WeftSourcePanel *panel, const char *path, unsigned line)
{
    gboolean found = path && load(panel, path);
    gtk_widget_set_visible(GTK_WIDGET(panel), found);
    if (found)
        light_line(panel, line);
    return found;
}

void weft_source_panel_set_most_lines(WeftSourcePanel *panel, guint lines)
{
    panel->most_lines = (int)lines;
}

const char *weft_source_panel_path(WeftSourcePanel *panel)
{
    return panel->path;
}

static void dispose(GObject *object)
{
    g_clear_handle_id(&WEFT_SOURCE_PANEL(object)->scroll_source, g_source_remove);
    G_OBJECT_CLASS(weft_source_panel_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    g_free(WEFT_SOURCE_PANEL(object)->path);
    G_OBJECT_CLASS(weft_source_panel_parent_class)->finalize(object);
}

static void weft_source_panel_class_init(WeftSourcePanelClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
    G_OBJECT_CLASS(class)->finalize = finalize;
}

static void weft_source_panel_init(WeftSourcePanel *panel)
{
    (void)panel;
}
