/* window-open.c: how traces get into the window: by dialog, by drop, by name, from a process.
 *
 * Thread: main; weft_trace_open(), the model's first steps, and weft_live_attach() run in a worker,
 * which is not waited for
 * any more once it was cancelled. */
#include "app/viewer/window-private.h"

enum {
    RECORDING_LOOK_US = 20000,
    BEGIN_US = 15000, /* of the pass over a file, and on until there is something to draw */
    BEGIN_CHUNKS = 4,
};

enum opened_by { OPENED_BY_NAME, OPENED_BY_DROP, OPENED_AGAIN };

struct opening {
    GWeakRef window; /* it may be closed before the trace is read */
    WeftWorkRow *row;
    GFile *file;
    enum opened_by how;
    weft_reopened reopened; /* of OPENED_AGAIN */
    gpointer data;
    gboolean lesson;
    GSubprocess *recorder; /* it is being recorded by this one; NULL: it is not */
};

static void end_recorder(gpointer recorder)
{
    g_subprocess_send_signal(recorder, SIGTERM);
    g_object_unref(recorder);
}

/* Whoever lets go of it last: the worker, where it was cancelled. */
static void opening_free(gpointer data)
{
    struct opening *opening = data;
    g_weak_ref_clear(&opening->window);
    g_object_unref(opening->file);
    if (opening->recorder) /* there is no page that it would go on for */
        end_recorder(opening->recorder);
    g_free(opening);
}

void weft_window_remember(GFile *file)
{
    g_autofree char *uri = g_file_get_uri(file);
    char *groups[] = { (char *)"Weft", NULL };
    GtkRecentData data = { .mime_type = (char *)"application/vnd.weft.trace",
                           .app_name = (char *)"Weft",
                           .app_exec = (char *)"weft-viewer %f",
                           .groups = groups };
    gtk_recent_manager_add_full(gtk_recent_manager_get_default(), uri, &data);
}

/* A recording cannot be read before there is something in it: which there is, at the latest, when
 * the recorder has ended. */
static weft_trace *open_begun(const char *path, GSubprocess *recorder, GCancellable *cancellable,
                              GError **error)
{
    for (;;) {
        gboolean ended = !g_subprocess_get_identifier(recorder);
        weft_trace *trace = weft_trace_open(path, error);
        if (trace || ended || g_cancellable_is_cancelled(cancellable))
            return trace;
        g_clear_error(error);
        g_usleep(RECORDING_LOOK_US);
    }
}

static weft_model *begin_model(weft_trace *trace, GCancellable *cancellable)
{
    weft_model *model = weft_model_new(trace);
    gint64 until = g_get_monotonic_time() + BEGIN_US;
    while (!weft_trace_growing(trace) && weft_model_advance(model, BEGIN_CHUNKS) &&
           (g_get_monotonic_time() < until || weft_model_n_lanes(model) == 0) &&
           !g_cancellable_is_cancelled(cancellable))
        continue;
    return model;
}

/* In a worker: while the window is made, if it is the first one. */
static void read_trace(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const struct opening *opening = data;
    g_autofree char *path = g_file_get_path(opening->file);
    GError *error = NULL;
    g_autoptr(weft_trace) trace = NULL;
    if (path && opening->recorder)
        trace = open_begun(path, opening->recorder, cancellable, &error);
    else if (path)
        trace = weft_trace_open(path, &error);
    else
        g_set_error(&error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO,
                    "it is not on a file system of this machine");
    if (trace)
        g_task_return_pointer(task, begin_model(trace, cancellable),
                              (GDestroyNotify)weft_model_free);
    else
        g_task_return_error(task, error);
    (void)source;
}

static void show_failed(WeftWindow *window, const struct opening *opening, const GError *error)
{
    g_autofree char *base = g_file_get_basename(opening->file);
    g_autofree char *name = g_filename_display_name(base);
    if (opening->how == OPENED_BY_DROP &&
        g_error_matches(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NOT_A_TRACE)) {
        g_autofree char *text = g_strdup_printf("“%s” is no trace", name);
        weft_window_toast(window, text);
    } else if (opening->how == OPENED_AGAIN) {
        g_autofree char *text = g_strdup_printf("“%s” cannot be opened any more", name);
        weft_window_toast(window, text);
    } else {
        g_autofree char *why = g_utf8_make_valid(error->message, -1);
        weft_window_add_page(window, weft_trace_page_new_failed(name, error), name, why);
    }
}

/* Takes the model. */
static WeftSession *session_of(weft_model *model)
{
    weft_trace *trace = weft_model_trace(model);
    if (!weft_trace_growing(trace))
        return weft_session_new_begun(model);
    WeftSession *session = weft_session_new_live(weft_live_follow(trace));
    weft_model_free(model);
    return session;
}

static void trace_read(GObject *source, GAsyncResult *result, gpointer data)
{
    struct opening *opening = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(WeftWindow) window = g_weak_ref_get(&opening->window);
    weft_model *model = g_task_propagate_pointer(G_TASK(result), &error);
    WeftTracePage *page = NULL;
    weft_work_row_end(opening->row);
    g_object_unref(opening->row);
    if (window && model) {
        g_autoptr(WeftSession) session = session_of(model);
        page = weft_trace_page_new(session);
        if (opening->recorder)
            g_object_set_data_full(G_OBJECT(page), "recorder", g_steal_pointer(&opening->recorder),
                                   end_recorder);
        g_autofree char *origin = weft_trace_page_origin(page);
        weft_window_add_page(window, page, weft_session_title(session), origin);
        if (opening->lesson)
            weft_trace_page_set_view(page, "dispatch");
        else if (opening->how != OPENED_AGAIN)
            weft_window_remember(opening->file);
    } else if (window && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        show_failed(window, opening, error);
    } else {
        weft_model_free(model);
    }
    if (window)
        weft_window_opened(window);
    if (opening->reopened)
        opening->reopened(window, page, opening->data);
    (void)source;
}

static void read_file(WeftWindow *window, struct opening *opening)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autofree char *base = g_file_get_basename(opening->file);
    g_autofree char *name = g_filename_display_name(base);
    g_autofree char *text = g_strdup_printf("Opening %s", name);
    g_weak_ref_init(&opening->window, window);
    weft_window_opens(window);
    opening->row = g_object_ref(weft_window_show_work(window, text, cancellable));
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, trace_read, opening);
    g_task_set_task_data(task, opening, opening_free);
    g_task_set_return_on_cancel(task, TRUE);
    g_task_run_in_thread(task, read_trace);
}

static void open_file(WeftWindow *window, GFile *file, enum opened_by how)
{
    struct opening *opening = g_new0(struct opening, 1);
    opening->file = g_object_ref(file);
    opening->how = how;
    read_file(window, opening);
}

void weft_window_reopen(WeftWindow *window, GFile *file, weft_reopened done, gpointer data)
{
    struct opening *opening = g_new0(struct opening, 1);
    opening->file = g_object_ref(file);
    opening->how = OPENED_AGAIN;
    opening->reopened = done;
    opening->data = data;
    read_file(window, opening);
}

void weft_window_open(WeftWindow *window, GFile *file)
{
    open_file(window, file, OPENED_BY_NAME);
}

void weft_window_open_recording(WeftWindow *window, GFile *file, GSubprocess *recorder)
{
    struct opening *opening = g_new0(struct opening, 1);
    opening->file = g_object_ref(file);
    opening->recorder = g_object_ref(recorder);
    read_file(window, opening);
}

void weft_window_open_lesson(WeftWindow *window, GFile *file, GSubprocess *recorder)
{
    struct opening *opening = g_new0(struct opening, 1);
    opening->file = g_object_ref(file);
    opening->lesson = TRUE;
    opening->recorder = recorder ? g_object_ref(recorder) : NULL;
    read_file(window, opening);
}

/* ---- From a process ---- */

struct attaching {
    GWeakRef window;
    WeftWorkRow *row;
    guint64 pid;
};

/* As opening_free(). */
static void attaching_free(gpointer data)
{
    g_weak_ref_clear(&((struct attaching *)data)->window);
    g_free(data);
}

/* In a worker: the program may take its time. */
static void attach(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const struct attaching *attaching = data;
    GError *error = NULL;
    weft_live *live = weft_live_attach(attaching->pid, &error);
    if (live)
        g_task_return_pointer(task, live, (GDestroyNotify)weft_live_free);
    else
        g_task_return_error(task, error);
    (void)source, (void)cancellable;
}

static void attached(GObject *source, GAsyncResult *result, gpointer data)
{
    struct attaching *attaching = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(WeftWindow) window = g_weak_ref_get(&attaching->window);
    weft_live *live = g_task_propagate_pointer(G_TASK(result), &error);
    weft_work_row_end(attaching->row);
    g_object_unref(attaching->row);
    if (window && live) {
        g_autoptr(WeftSession) session = weft_session_new_live(live);
        WeftTracePage *page = weft_trace_page_new(session);
        g_autofree char *origin = weft_trace_page_origin(page);
        weft_window_add_page(window, page, weft_session_title(session), origin);
    } else if (window && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        g_autofree char *name = g_strdup_printf("process %" G_GUINT64_FORMAT, attaching->pid);
        g_autofree char *why = g_utf8_make_valid(error->message, -1);
        weft_window_add_page(window, weft_trace_page_new_failed(name, error), name, why);
    } else {
        weft_live_free(live);
    }
    if (window)
        weft_window_opened(window);
    (void)source;
}

void weft_window_attach(WeftWindow *window, guint64 pid)
{
    struct attaching *attaching = g_new0(struct attaching, 1);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autofree char *text = g_strdup_printf("Attaching to process %" G_GUINT64_FORMAT, pid);
    g_weak_ref_init(&attaching->window, window);
    weft_window_opens(window);
    attaching->row = g_object_ref(weft_window_show_work(window, text, cancellable));
    attaching->pid = pid;
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, attached, attaching);
    g_task_set_task_data(task, attaching, attaching_free);
    g_task_set_return_on_cancel(task, TRUE);
    g_task_run_in_thread(task, attach);
}

/* ---- By dialog ---- */

static void chosen(GtkNativeDialog *dialog, int response, WeftWindow *window)
{
    if (response == GTK_RESPONSE_ACCEPT) {
        g_autoptr(GListModel) files = gtk_file_chooser_get_files(GTK_FILE_CHOOSER(dialog));
        for (guint i = 0; i < g_list_model_get_n_items(files); i++) {
            g_autoptr(GFile) file = g_list_model_get_item(files, i);
            weft_window_open(window, file);
        }
    }
    g_object_unref(dialog);
}

void weft_window_choose(WeftWindow *window)
{
    GtkFileChooserNative *dialog = gtk_file_chooser_native_new(
        "Open a Trace", GTK_WINDOW(window), GTK_FILE_CHOOSER_ACTION_OPEN, "_Open", "_Cancel");
    g_autoptr(GtkFileFilter) traces = gtk_file_filter_new();
    g_autoptr(GtkFileFilter) all = gtk_file_filter_new();
    gtk_file_filter_set_name(traces, "Weft traces");
    gtk_file_filter_add_pattern(traces, "*.weft");
    gtk_file_filter_set_name(all, "All files");
    gtk_file_filter_add_pattern(all, "*");
    gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(dialog), traces);
    gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(dialog), all);
    gtk_file_chooser_set_select_multiple(GTK_FILE_CHOOSER(dialog), TRUE);
    g_signal_connect(dialog, "response", G_CALLBACK(chosen), window);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}

/* ---- By drop ---- */

static gboolean dropped(GtkDropTarget *target, const GValue *value, double x, double y,
                        WeftWindow *window)
{
    GSList *files = g_value_get_boxed(value);
    for (GSList *l = files; l; l = l->next)
        open_file(window, l->data, OPENED_BY_DROP);
    (void)target, (void)x, (void)y;
    return files != NULL;
}

void weft_window_accept_drops(WeftWindow *window)
{
    GtkDropTarget *target = gtk_drop_target_new(GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
    g_signal_connect(target, "drop", G_CALLBACK(dropped), window);
    gtk_widget_add_controller(GTK_WIDGET(window), GTK_EVENT_CONTROLLER(target));
}
