/* notes_test.c: bookmarks and notes, kept with the trace. */
#include "app/viewer/note-item.h"
#include "app/viewer/panels/notes-panel.h"
#include "app/viewer/session.h"
#include "app/viewer/timeline/minimap.h"
#include "app/viewer/timeline/ruler.h"
#include "app/viewer/trace-page.h"
#include "tests/viewer/sample.h"
#include "tests/viewer/sample_file.h"
#include "tests/viewer/widgets.h"

#include <glib/gstdio.h>

#define MS INT64_C(1000000)

static WeftSession *open_file(const char *path)
{
    g_autoptr(GError) error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    WeftSession *session = weft_session_new(trace);
    weft_trace_unref(trace);
    while (weft_session_load(session, 1000))
        continue;
    return session;
}

struct answer {
    gboolean there, kept;
    GError *error;
};

static void answered(GObject *session, GAsyncResult *result, gpointer data)
{
    struct answer *answer = data;
    answer->kept = weft_session_note_finish(WEFT_SESSION(session), result, &answer->error);
    answer->there = TRUE;
}

static void wait_for(struct answer *answer)
{
    while (!answer->there)
        g_main_context_iteration(NULL, TRUE);
}

static void wait_for_notes(WeftSession *session, guint n)
{
    while (g_list_model_get_n_items(weft_session_notes(session)) != n)
        g_main_context_iteration(NULL, TRUE);
}

static void add(WeftSession *session, const char *text)
{
    struct answer answer = { 0 };
    weft_session_add_note(session, text, answered, &answer);
    wait_for(&answer);
    g_assert_no_error(answer.error);
    g_assert_true(answer.kept);
}

static void test_kept(void)
{
    g_autofree char *directory = g_dir_make_tmp("weft-notes-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "sample.weft", NULL);
    g_assert_true(weft_sample_write(path, FALSE, NULL));
    WeftSession *session = open_file(path);
    weft_session_set_playhead(session, 300 * MS);
    add(session, "it waits");
    weft_session_set_playhead(session, 100 * MS);
    add(session, "");
    wait_for_notes(session, 2);
    g_object_unref(session);

    session = open_file(path);
    wait_for_notes(session, 2);
    guint n;
    const gint64 *times = weft_session_note_times(session, &n);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpint(times[0], ==, 100 * MS);
    g_assert_cmpint(times[1], ==, 300 * MS);
    g_autoptr(WeftNoteItem) item = g_list_model_get_item(weft_session_notes(session), 1);
    g_assert_cmpstr(weft_note_item_get(item)->text, ==, "it waits");

    struct answer answer = { 0 };
    weft_session_change_note(session, weft_note_item_get(item), "it awaits fetch-2", answered,
                             &answer);
    wait_for(&answer);
    g_assert_true(answer.kept);
    for (gboolean changed = FALSE; !changed;) {
        g_main_context_iteration(NULL, TRUE);
        g_autoptr(WeftNoteItem) now = g_list_model_get_item(weft_session_notes(session), 1);
        changed = g_str_equal(weft_note_item_get(now)->text, "it awaits fetch-2");
        g_assert_cmpint(weft_note_item_get(now)->time_ns, ==, 300 * MS);
    }
    g_assert_cmpuint(g_list_model_get_n_items(weft_session_notes(session)), ==, 2);

    answer = (struct answer){ 0 };
    weft_session_delete_note(session, weft_note_item_get(item)->id, answered, &answer);
    wait_for(&answer);
    g_assert_true(answer.kept);
    wait_for_notes(session, 1);
    g_object_unref(session);
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
}

/* Where nothing can be written that is said, and nothing is pretended. */
static void test_not_kept(void)
{
    g_autofree char *directory = g_dir_make_tmp("weft-notes-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "sample.weft", NULL);
    g_assert_true(weft_sample_write(path, FALSE, NULL));
    g_autoptr(WeftSession) session = open_file(path);
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
    struct answer answer = { 0 };
    weft_session_add_note(session, "lost", answered, &answer);
    wait_for(&answer);
    g_assert_false(answer.kept);
    g_assert_nonnull(answer.error);
    g_clear_error(&answer.error);
    g_assert_cmpuint(g_list_model_get_n_items(weft_session_notes(session)), ==, 0);
}

static void test_in_memory(void)
{
    weft_trace *trace = weft_sample_fetch_three(FALSE);
    g_autoptr(WeftSession) session = weft_session_new(trace);
    weft_trace_unref(trace);
    struct answer answer = { 0 };
    weft_session_add_note(session, "nowhere", answered, &answer);
    wait_for(&answer);
    g_assert_error(answer.error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
    g_clear_error(&answer.error);
}

/* The widget of that type, with that tooltip (NULL: whatever it is). */
static GtkWidget *find(GtkWidget *from, GType type, const char *tip)
{
    if (G_TYPE_CHECK_INSTANCE_TYPE(from, type) &&
        (!tip || g_strcmp0(gtk_widget_get_tooltip_text(from), tip) == 0))
        return from;
    GtkWidget *found = NULL;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child && !found;
         child = gtk_widget_get_next_sibling(child))
        found = find(child, type, tip);
    return found;
}

/* A trace in a file of its own, and a window for what shows it. */
struct shown {
    char *directory, *path;
    WeftSession *session;
    GtkWidget *window;
};

static WeftSession *show(struct shown *shown)
{
    shown->directory = g_dir_make_tmp("weft-notes-XXXXXX", NULL);
    shown->path = g_build_filename(shown->directory, "sample.weft", NULL);
    g_assert_true(weft_sample_write(shown->path, FALSE, NULL));
    shown->window = adw_window_new();
    return shown->session = open_file(shown->path);
}

static void close_shown(struct shown *shown)
{
    gtk_window_destroy(GTK_WINDOW(shown->window));
    g_object_unref(shown->session);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    g_assert_cmpint(g_unlink(shown->path), ==, 0);
    g_assert_cmpint(g_rmdir(shown->directory), ==, 0);
    g_free(shown->path);
    g_free(shown->directory);
}

/* The button of its row puts its text into the entry, and Enter there keeps another. */
static void test_changed_in_the_panel(void)
{
    struct shown shown;
    WeftSession *session = show(&shown);
    add(session, "it waits");
    GtkWidget *window = shown.window, *button;
    WeftNotesPanel *panel = g_object_new(WEFT_TYPE_NOTES_PANEL, NULL);
    adw_window_set_content(ADW_WINDOW(window), GTK_WIDGET(panel));
    weft_notes_panel_set(panel, session);
    gtk_window_present(GTK_WINDOW(window));
    while (!(button = find(window, GTK_TYPE_BUTTON, "Change this note")))
        g_main_context_iteration(NULL, TRUE);
    GtkWidget *entry = find(window, GTK_TYPE_ENTRY, NULL);
    g_signal_emit_by_name(button, "clicked");
    g_assert_cmpstr(gtk_editable_get_text(GTK_EDITABLE(entry)), ==, "it waits");
    gtk_editable_set_text(GTK_EDITABLE(entry), "no more");
    g_signal_emit_by_name(entry, "activate");
    g_assert_cmpstr(gtk_editable_get_text(GTK_EDITABLE(entry)), ==, "");
    for (gboolean changed = FALSE; !changed;) {
        g_main_context_iteration(NULL, TRUE);
        g_assert_cmpuint(g_list_model_get_n_items(weft_session_notes(session)), ==, 1);
        g_autoptr(WeftNoteItem) now = g_list_model_get_item(weft_session_notes(session), 0);
        changed = g_str_equal(weft_note_item_get(now)->text, "no more");
    }
    close_shown(&shown);
}

static gboolean is_of(guint32 pixel, const GdkRGBA *color)
{
    return abs((int)(pixel >> 16 & 255) - (int)(color->red * 255)) < 3 &&
           abs((int)(pixel >> 8 & 255) - (int)(color->green * 255)) < 3 &&
           abs((int)(pixel & 255) - (int)(color->blue * 255)) < 3;
}

/* Pixels of the accent's colour in the columns of a flag that begins at x. */
static guint flagged(GtkWidget *plot, int x)
{
    enum { WIDTH = 1200, HEIGHT = 40 };
    g_autoptr(GskRenderNode) node = node_of(plot);
    static guint32 pixels[WIDTH * HEIGHT];
    guint n = 0;
    GdkRGBA accent;
    gtk_style_context_lookup_color(gtk_widget_get_style_context(plot), "accent_color", &accent);
    cairo_surface_t *surface = cairo_image_surface_create_for_data(
        (guchar *)pixels, CAIRO_FORMAT_RGB24, WIDTH, HEIGHT, WIDTH * (int)sizeof *pixels);
    cairo_t *cr = cairo_create(surface);
    if (node)
        gsk_render_node_draw(node, cr);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        n += i % WIDTH >= x && i % WIDTH < x + 7 && is_of(pixels[i], &accent);
    return n;
}

static gboolean tick(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

/* Where one was put is seen wherever the playhead is by now: in the ruler, and of the whole. */
static void test_flag(void)
{
    struct shown shown;
    WeftSession *session = show(&shown);
    GtkWidget *window = shown.window;
    WeftTracePage *page = weft_trace_page_new(session);
    gtk_window_set_default_size(GTK_WINDOW(window), 1200, 700);
    adw_window_set_content(ADW_WINDOW(window), GTK_WIDGET(page));
    gtk_window_present(GTK_WINDOW(window));
    GtkWidget *ruler = widget_of(window, WEFT_TYPE_RULER, FALSE);
    GtkWidget *map = widget_of(window, WEFT_TYPE_MINIMAP, FALSE);
    gint64 noted = weft_session_end_ns(session) / 4;
    weft_session_set_playhead(session, noted);
    add(session, "here");
    weft_session_set_playhead(session, weft_session_end_ns(session) / 2);
    guint in_ruler = 0, in_map = 0, ticks = g_timeout_add(10, tick, NULL);
    for (guint i = 0; i < 1000 && (in_ruler <= 16 || in_map <= 40); i++) {
        g_main_context_iteration(NULL, TRUE);
        if (!gtk_widget_get_mapped(ruler))
            continue;
        in_ruler = flagged(
            ruler, (int)round(weft_viewport_x(&weft_session_view(session)->viewport, noted)));
        in_map = flagged(map, (int)round(weft_minimap_x(weft_session_scene(session),
                                                        gtk_widget_get_width(map), noted)));
    }
    g_source_remove(ticks);
    g_assert_cmpuint(in_ruler, >, 16);
    g_assert_cmpuint(in_map, >, 40);
    close_shown(&shown);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    adw_init();
    g_test_add_func("/notes/kept", test_kept);
    g_test_add_func("/notes/changed-in-the-panel", test_changed_in_the_panel);
    g_test_add_func("/notes/not-kept", test_not_kept);
    g_test_add_func("/notes/in-memory", test_in_memory);
    g_test_add_func("/notes/flag", test_flag);
    return g_test_run();
}
