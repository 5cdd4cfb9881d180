/* record-dialog.c: a command line and a file. What is wrong with either is said below them, before
 * anything is started; as long as the user has not named a file, it is named after the program. */
#include "app/viewer/record-dialog.h"

#include "app/viewer/gpu.h"
#include "app/viewer/weft-command.h"
#include "app/viewer/window-private.h"

struct _WeftRecordDialog {
    AdwWindow parent_instance;
    WeftWindow *window; /* weak; NULL: gone */
    GtkEditable *command, *trace;
    GtkWidget *record;
    GtkLabel *problem;
    char *proposed; /* the trace's name, unless the user wrote another */
};
G_DEFINE_FINAL_TYPE(WeftRecordDialog, weft_record_dialog, ADW_TYPE_WINDOW)

/* NULL: the text is no command line. */
static char **words_of(WeftRecordDialog *dialog, GError **error)
{
    char **words = NULL;
    g_shell_parse_argv(gtk_editable_get_text(dialog->command), NULL, &words, error);
    return words;
}

/* "server.weft", or "server-2.weft" when there is one. */
static char *unused_name(const char *program)
{
    g_autofree char *base = g_path_get_basename(program);
    char *name = g_strconcat(base, ".weft", NULL);
    for (guint n = 2; g_file_test(name, G_FILE_TEST_EXISTS); n++) {
        g_free(name);
        name = g_strdup_printf("%s-%u.weft", base, n);
    }
    return name;
}

static void command_changed(WeftRecordDialog *dialog)
{
    g_auto(GStrv) words = words_of(dialog, NULL);
    const char *named = gtk_editable_get_text(dialog->trace);
    gtk_widget_set_sensitive(dialog->record, words != NULL);
    gtk_label_set_text(dialog->problem, "");
    if (!words || (named[0] && g_strcmp0(named, dialog->proposed) != 0))
        return;
    g_free(dialog->proposed);
    dialog->proposed = unused_name(words[0]);
    gtk_editable_set_text(dialog->trace, dialog->proposed);
}

/* NULL and an error: it cannot be begun. */
static GSubprocess *begin(WeftRecordDialog *dialog, const char *trace, GError **error)
{
    g_auto(GStrv) words = words_of(dialog, error);
    g_autofree char *weft = weft_command_path();
    g_autofree char *program = words ? g_find_program_in_path(words[0]) : NULL;
    if (!words)
        return NULL;
    const char *problem = !weft                                    ? "weft is not installed"
                          : !program                               ? "there is no such program"
                          : !trace[0]                              ? "name a file for the trace"
                          : g_file_test(trace, G_FILE_TEST_EXISTS) ? "there is a file of this name"
                                                                   : NULL;
    if (problem) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, problem);
        return NULL;
    }
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    char *head[] = {
        weft, (char *)"record", (char *)"-q", (char *)"-o", (char *)trace, (char *)"--"
    };
    for (guint i = 0; i < G_N_ELEMENTS(head); i++)
        g_ptr_array_add(argv, head[i]);
    for (char **word = words; *word; word++)
        g_ptr_array_add(argv, *word);
    g_ptr_array_add(argv, NULL);
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
    for (const char *const *name = weft_gpu_variables(); *name; name++)
        g_subprocess_launcher_unsetenv(launcher, *name);
    return g_subprocess_launcher_spawnv(launcher, (const char *const *)argv->pdata, error);
}

static void record(WeftRecordDialog *dialog)
{
    if (!dialog->window)
        return;
    g_autoptr(GError) error = NULL;
    const char *trace = gtk_editable_get_text(dialog->trace);
    g_autoptr(GSubprocess) recorder = begin(dialog, trace, &error);
    if (!recorder) {
        g_autofree char *text = g_utf8_make_valid(error->message, -1);
        text[0] = g_ascii_toupper(text[0]);
        gtk_label_set_text(dialog->problem, text);
        return;
    }
    g_autoptr(GFile) file = g_file_new_for_path(trace);
    weft_window_open_recording(dialog->window, file, recorder);
    gtk_window_close(GTK_WINDOW(dialog));
}

static void dispose(GObject *object)
{
    WeftRecordDialog *dialog = WEFT_RECORD_DIALOG(object);
    g_clear_weak_pointer(&dialog->window);
    g_clear_pointer(&dialog->proposed, g_free);
    G_OBJECT_CLASS(weft_record_dialog_parent_class)->dispose(object);
}

static void weft_record_dialog_class_init(WeftRecordDialogClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    gtk_widget_class_set_template_from_resource(widget, "/org/weft/Weft/record-dialog.ui");
    gtk_widget_class_bind_template_child(widget, WeftRecordDialog, command);
    gtk_widget_class_bind_template_child(widget, WeftRecordDialog, trace);
    gtk_widget_class_bind_template_child(widget, WeftRecordDialog, record);
    gtk_widget_class_bind_template_child(widget, WeftRecordDialog, problem);
    gtk_widget_class_bind_template_callback(widget, command_changed);
    gtk_widget_class_bind_template_callback(widget, record);
    gtk_widget_class_add_binding_action(widget, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void weft_record_dialog_init(WeftRecordDialog *dialog)
{
    gtk_widget_init_template(GTK_WIDGET(dialog));
}

void weft_record_dialog_show(WeftWindow *window)
{
    WeftRecordDialog *dialog = g_object_new(WEFT_TYPE_RECORD_DIALOG, "transient-for", window, NULL);
    g_set_weak_pointer(&dialog->window, window);
    gtk_widget_grab_focus(GTK_WIDGET(dialog->command));
    gtk_window_present(GTK_WINDOW(dialog));
}
