/* window-export.c: what the timeline shows as a picture in a file.
 *
 *     trace in a file ---------------------------> another weft-viewer draws it (`--export`)
 *     a process that is followed --> temporary file --^
 *
 * However long that takes, the window goes on, and the process is followed on. */
#include "app/viewer/export.h"
#include "app/viewer/session-save.h"
#include "app/viewer/window-private.h"

#include <glib/gstdio.h>
#include <string.h>

enum { SLIDE_WIDTH = 1440, TRACE_ARGUMENT = 3 };

static const char *const palette_titles[WEFT_PALETTES + 1] = {
    "Light", "Dark", "Presenter", "Print", "High contrast, light", "High contrast, dark", NULL
};

/* ---- Drawing ---- */

static void say(WeftWindow *window, const char *path, const char *problem)
{
    g_autofree char *text = problem ? g_strdup_printf("Not exported: %s", problem)
                                    : g_strdup_printf("Exported as %s", path);
    weft_window_toast(window, text);
}

/* "weft-viewer: cannot write ...": the first line, without who says it. */
static char *problem_of(const char *message)
{
    const char *colon = strstr(message, ": ");
    g_auto(GStrv) lines = g_strsplit(colon ? colon + 2 : message, "\n", 2);
    return g_strdup(lines[0] && *lines[0] ? lines[0] : "the picture could not be drawn");
}

struct drawing {
    WeftWindow *window;
    GApplication *viewer; /* goes on until it is over; NULL: the window has none */
    WeftWorkRow *row;
    GCancellable *cancellable;
    GPtrArray *argv; /* of the other viewer */
    char *path;
    char *copy; /* the temporary file; NULL: none */
};

static void drawing_end(struct drawing *drawing, const char *problem)
{
    weft_work_row_end(drawing->row);
    if (!g_cancellable_is_cancelled(drawing->cancellable) && drawing->window->toasts)
        say(drawing->window, drawing->path, problem);
    if (drawing->copy)
        g_unlink(drawing->copy);
    if (drawing->viewer)
        g_application_release(drawing->viewer);
    g_clear_object(&drawing->viewer);
    g_object_unref(drawing->window);
    g_object_unref(drawing->row);
    g_object_unref(drawing->cancellable);
    g_ptr_array_unref(drawing->argv);
    g_free(drawing->path);
    g_free(drawing->copy);
    g_free(drawing);
}

static void drawn(GObject *source, GAsyncResult *result, gpointer data)
{
    GSubprocess *viewer = G_SUBPROCESS(source);
    g_autofree char *message = NULL;
    g_autoptr(GError) error = NULL;
    gboolean ended = g_subprocess_communicate_utf8_finish(viewer, result, NULL, &message, &error);
    gboolean done = ended && g_subprocess_get_successful(viewer);
    g_autofree char *problem = done ? NULL : problem_of(error ? error->message : message);
    if (!ended)
        g_subprocess_force_exit(viewer);
    drawing_end(data, problem);
}

static void draw(struct drawing *drawing, const char *trace)
{
    g_autoptr(GError) error = NULL;
    drawing->argv->pdata[TRACE_ARGUMENT] = g_strdup(trace);
    g_autoptr(GSubprocess) viewer = g_subprocess_newv((const char *const *)drawing->argv->pdata,
                                                      G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
    if (viewer)
        g_subprocess_communicate_utf8_async(viewer, NULL, drawing->cancellable, drawn, drawing);
    else
        drawing_end(drawing, error->message);
}

static void copied(GObject *session, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) error = NULL;
    if (weft_session_save_finish(WEFT_SESSION(session), result, &error))
        draw(data, ((struct drawing *)data)->copy);
    else
        drawing_end(data, error->message);
}

static void copy_progressed(double fraction, gpointer data)
{
    weft_work_row_set(((struct drawing *)data)->row, fraction);
}

static void copy(struct drawing *drawing, WeftSession *session)
{
    g_autoptr(GError) error = NULL;
    int fd = g_file_open_tmp("weft-XXXXXX.weft", &drawing->copy, &error);
    if (fd >= 0) {
        close(fd);
        weft_session_save(session, drawing->copy, TRUE, drawing->cancellable, copy_progressed,
                          copied, drawing);
    } else {
        drawing_end(drawing, error->message);
    }
}

static void add(GPtrArray *argv, const char *option, gint64 value)
{
    g_ptr_array_add(argv, g_strdup(option));
    g_ptr_array_add(argv, g_strdup_printf("%" G_GINT64_FORMAT, value));
}

static void add_text(GPtrArray *argv, const char *option, const char *text)
{
    g_ptr_array_add(argv, g_strdup(option));
    g_ptr_array_add(argv, g_strdup(text));
}

/* How the other viewer is called, but for TRACE_ARGUMENT, which is NULL. */
static GPtrArray *command_for(const char *path, const struct weft_picture *picture)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *own = g_file_read_link("/proc/self/exe", NULL);
    add_text(argv, own ? own : "weft-viewer", "--export");
    g_ptr_array_add(argv, g_strdup(weft_picture_format_name(picture->format)));
    g_ptr_array_add(argv, NULL);
    g_ptr_array_add(argv, g_strdup(path));
    if (picture->from_ns < picture->to_ns) {
        add(argv, "--from", picture->from_ns);
        add(argv, "--to", picture->to_ns);
    }
    add(argv, "--width", picture->width);
    add_text(argv, "--palette", picture->palette->name);
    if (picture->all_lanes)
        g_ptr_array_add(argv, g_strdup("--all-lanes"));
    if (picture->playhead_ns != WEFT_NO_TIME)
        add(argv, "--playhead", picture->playhead_ns);
    if (picture->select)
        add_text(argv, "--select", picture->select);
    g_ptr_array_add(argv, NULL);
    return argv;
}

/* What the timeline shows: the visible part of the trace, the playhead, the selection; the id of
 * the selected lane is written to `select`. */
static void take_view(WeftSession *session, struct weft_picture *picture, char select[48])
{
    const struct weft_view *view = weft_session_view(session);
    gint64 end = weft_session_end_ns(session);
    picture->from_ns = MAX(view->viewport.from_ns, 0);
    picture->to_ns = weft_viewport_to_ns(&view->viewport);
    if (view->viewport.from_ns <= 0 && picture->to_ns >= end)
        picture->from_ns = picture->to_ns = 0; /* all of it */
    picture->playhead_ns = view->playhead_ns;
    const struct weft_lane *lane = view->selected_lane == WEFT_NO_LANE
                                       ? NULL
                                       : weft_model_lane(weft_session_model(session),
                                                         view->selected_lane);
    if (!lane || lane->kind != WEFT_LANE_TASK || view->playhead_ns == WEFT_NO_TIME)
        return;
    weft_format_id(lane->id, select);
    picture->select = select;
}

void weft_window_export_to(WeftWindow *window, const char *path, const struct weft_palette *palette,
                           gboolean all_lanes)
{
    WeftSession *session = weft_trace_page_session(weft_window_page(window));
    const char *suffix = strrchr(path, '.'), *trace = weft_trace_path(weft_session_trace(session));
    g_autofree char *named = NULL;
    struct weft_picture picture;
    char select[48];
    weft_picture_init(&picture);
    if (!suffix || !weft_picture_format_named(suffix + 1, &picture.format))
        path = named = g_strconcat(path, ".png", NULL); /* a path that nobody was asked about */
    if (named && g_file_test(named, G_FILE_TEST_EXISTS)) {
        g_autofree char *problem = g_strdup_printf("%s is there already", named);
        say(window, named, problem);
        return;
    }
    picture.palette = palette;
    picture.width = SLIDE_WIDTH;
    picture.all_lanes = all_lanes;
    take_view(session, &picture, select);
    g_autofree char *text = g_strdup_printf("Exporting %s", weft_session_title(session));
    struct drawing *drawing = g_new0(struct drawing, 1);
    drawing->window = g_object_ref(window);
    if (gtk_window_get_application(GTK_WINDOW(window))) {
        drawing->viewer = g_object_ref(
            G_APPLICATION(gtk_window_get_application(GTK_WINDOW(window))));
        g_application_hold(drawing->viewer);
    }
    drawing->cancellable = g_cancellable_new();
    drawing->row = g_object_ref(weft_window_show_work(window, text, drawing->cancellable));
    drawing->path = g_strdup(path);
    drawing->argv = command_for(path, &picture);
    if (trace)
        draw(drawing, trace);
    else
        copy(drawing, session);
}

/* ---- The dialog ---- */

static void export_chosen(GtkNativeDialog *dialog, int response, WeftWindow *window)
{
    GtkFileChooser *chooser = GTK_FILE_CHOOSER(dialog);
    g_autoptr(GFile) file = gtk_file_chooser_get_file(chooser);
    g_autofree char *path = file ? g_file_get_path(file) : NULL;
    const char *name = gtk_file_chooser_get_choice(chooser, "palette");
    const struct weft_palette *palette = weft_palette_named(name ? name : "light");
    gboolean all = g_strcmp0(gtk_file_chooser_get_choice(chooser, "all-lanes"), "true") == 0;
    if (response == GTK_RESPONSE_ACCEPT && path && weft_window_page(window))
        weft_window_export_to(window, path, palette, all);
    else if (response == GTK_RESPONSE_ACCEPT)
        say(window, NULL, "that place is not on this machine");
    g_object_unref(dialog);
}

void weft_window_export(WeftWindow *window)
{
    WeftSession *session = weft_trace_page_session(weft_window_page(window));
    GtkFileChooserNative *dialog = gtk_file_chooser_native_new(
        "Export a Picture (.png, .svg, .pdf)", GTK_WINDOW(window), GTK_FILE_CHOOSER_ACTION_SAVE,
        "_Export", "_Cancel");
    GtkFileChooser *chooser = GTK_FILE_CHOOSER(dialog);
    const char *palettes[WEFT_PALETTES + 1] = { NULL };
    for (guint i = 0; i < WEFT_PALETTES; i++)
        palettes[i] = weft_palette(i)->name;
    g_autofree char *name = g_strdup_printf("%s.png", weft_session_title(session));
    gtk_file_chooser_set_current_name(chooser, name);
    gtk_file_chooser_add_choice(chooser, "palette", "Colours", palettes,
                                (const char **)palette_titles);
    gtk_file_chooser_add_choice(chooser, "all-lanes", "All lanes", NULL, NULL);
    gtk_file_chooser_set_choice(chooser, "palette", "light");
    g_signal_connect_object(dialog, "response", G_CALLBACK(export_chosen), window, 0);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}
