/* window-save.c: how what was seen of a process gets into a file.
 *
 * Thread: main; a worker writes (session-save.h). */
#include "app/viewer/session-save.h"
#include "app/viewer/window-private.h"

struct saving {
    GWeakRef window;      /* it may be closed before all is written */
    GApplication *viewer; /* which goes on until then; NULL: the window has none */
    GFile *file;
    WeftWorkRow *row;
    weft_window_saved done; /* or NULL */
    gpointer data;
};

static void tell(struct saving *saving, WeftWindow *window, const GError *error)
{
    g_autofree char *path = g_file_get_path(saving->file);
    g_autofree char *name = g_filename_display_name(path);
    g_autofree char *text = error ? g_strdup_printf("Not saved: %s", error->message)
                                  : g_strdup_printf("Saved as %s", name);
    if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        weft_window_toast(window, text);
    if (!error)
        weft_window_remember(saving->file);
}

static void saved(GObject *session, GAsyncResult *result, gpointer data)
{
    struct saving *saving = data;
    g_autoptr(GError) error = NULL;
    gboolean done = weft_session_save_finish(WEFT_SESSION(session), result, &error);
    g_autoptr(WeftWindow) window = g_weak_ref_get(&saving->window);
    weft_work_row_end(saving->row);
    if (window && window->toasts) /* else it was closed */
        tell(saving, window, error);
    if (saving->done)
        saving->done(done, saving->data);
    if (saving->viewer)
        g_application_release(saving->viewer);
    g_clear_object(&saving->viewer);
    g_weak_ref_clear(&saving->window);
    g_object_unref(saving->row);
    g_object_unref(saving->file);
    g_free(saving);
}

static void progressed(double fraction, gpointer data)
{
    weft_work_row_set(((struct saving *)data)->row, fraction);
}

void weft_window_save_to(WeftWindow *window, WeftSession *session, GFile *file,
                         weft_window_saved done, gpointer data)
{
    g_autofree char *path = g_file_get_path(file);
    g_autofree char *text = g_strdup_printf("Saving %s", weft_session_title(session));
    if (!path) {
        weft_window_toast(window, "Not saved: that place is not on this machine");
        if (done)
            done(FALSE, data);
        return;
    }
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    struct saving *saving = g_new0(struct saving, 1);
    g_weak_ref_init(&saving->window, window);
    if (gtk_window_get_application(GTK_WINDOW(window))) {
        saving->viewer = g_object_ref(
            G_APPLICATION(gtk_window_get_application(GTK_WINDOW(window))));
        g_application_hold(saving->viewer);
    }
    saving->file = g_object_ref(file);
    saving->row = g_object_ref(weft_window_show_work(window, text, cancellable));
    saving->done = done;
    saving->data = data;
    weft_session_save(session, path, FALSE, cancellable, progressed, saved, saving);
}

/* ---- By dialog ---- */

struct choosing {
    WeftWindow *window;
    WeftSession *session;
    weft_window_saved done;
    gpointer data;
};

static void chosen(GtkNativeDialog *dialog, int response, struct choosing *choosing)
{
    g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
    if (response == GTK_RESPONSE_ACCEPT && file)
        weft_window_save_to(choosing->window, choosing->session, file, choosing->done,
                            choosing->data);
    else if (choosing->done)
        choosing->done(FALSE, choosing->data);
    g_object_unref(choosing->window);
    g_object_unref(choosing->session);
    g_free(choosing);
    g_object_unref(dialog);
}

void weft_window_save(WeftWindow *window, WeftSession *session, weft_window_saved done,
                      gpointer data)
{
    struct choosing *choosing = g_new(struct choosing, 1);
    *choosing = (struct choosing){ g_object_ref(window), g_object_ref(session), done, data };
    GtkFileChooserNative *dialog = gtk_file_chooser_native_new(
        "Save the Trace", GTK_WINDOW(window), GTK_FILE_CHOOSER_ACTION_SAVE, "_Save", "_Cancel");
    g_autofree char *name = g_strdup_printf("%s.weft", weft_session_title(session));
    gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), name);
    g_signal_connect(dialog, "response", G_CALLBACK(chosen), choosing);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}
