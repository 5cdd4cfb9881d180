/* application.c: parses the command line, then opens what it names in the window of the primary
 * instance: a second `weft-viewer FILE` adds a tab to the first.
 *
 * Thread: main. */
#include "app/viewer/application.h"

#include "app/viewer/gpu.h"
#include "app/viewer/preferences.h"
#include "app/viewer/settings.h"
#include "app/viewer/window.h"
#include <glib-unix.h>
#include <gtksourceview/gtksource.h>

struct _WeftApplication {
    AdwApplication parent_instance;
};
G_DEFINE_FINAL_TYPE(WeftApplication, weft_application, ADW_TYPE_APPLICATION)

static WeftWindow *window_of(GtkApplication *application)
{
    for (GList *l = gtk_application_get_windows(application); l; l = l->next)
        if (WEFT_IS_WINDOW(l->data))
            return l->data;
    return weft_window_new(application);
}

static void activate(GApplication *application)
{
    gboolean first = !gtk_application_get_windows(GTK_APPLICATION(application));
    WeftWindow *window = window_of(GTK_APPLICATION(application));
    if (first)
        weft_window_restore_session(window);
    gtk_window_present(GTK_WINDOW(window));
}

static void open_files(GApplication *application, GFile **files, int n_files, const char *hint)
{
    WeftWindow *window = window_of(GTK_APPLICATION(application));
    for (int i = 0; i < n_files; i++)
        weft_window_open(window, files[i]); /* in workers, while the window is made */
    gtk_window_present(GTK_WINDOW(window));
    (void)hint;
}

static void attach_activated(GSimpleAction *action, GVariant *pid, gpointer application)
{
    WeftWindow *window = window_of(application);
    weft_window_attach(window, g_variant_get_uint64(pid));
    gtk_window_present(GTK_WINDOW(window));
    (void)action;
}

static void preferences_activated(GSimpleAction *action, GVariant *parameter, gpointer application)
{
    weft_preferences_show(gtk_application_get_active_window(application));
    (void)action, (void)parameter;
}

static void close_windows(GtkApplication *application, gboolean unasked)
{
    GList *windows = g_list_copy(gtk_application_get_windows(application));
    for (GList *l = windows; l; l = l->next)
        if (unasked && WEFT_IS_WINDOW(l->data))
            weft_window_end(l->data);
        else
            gtk_window_close(l->data);
    g_list_free(windows);
}

static void quit_activated(GSimpleAction *action, GVariant *parameter, gpointer application)
{
    close_windows(application, FALSE);
    (void)action, (void)parameter;
}

/* Asked to end, by whatever, it ends as if the user, who is not there, had closed it. */
static gboolean end_asked(gpointer application)
{
    close_windows(application, TRUE);
    return G_SOURCE_CONTINUE;
}

static void follow_colors(GSettings *settings)
{
    static const AdwColorScheme schemes[] = { ADW_COLOR_SCHEME_DEFAULT,
                                              ADW_COLOR_SCHEME_FORCE_LIGHT,
                                              ADW_COLOR_SCHEME_FORCE_DARK };
    guint colors = (guint)g_settings_get_enum(settings, "colors");
    adw_style_manager_set_color_scheme(adw_style_manager_get_default(), schemes[colors]);
}

static void startup(GApplication *application)
{
    static const GActionEntry actions[] = {
        { .name = "attach", .activate = attach_activated, .parameter_type = "t" },
        { .name = "preferences", .activate = preferences_activated },
        { .name = "quit", .activate = quit_activated },
    };
    static const struct {
        const char *action, *keys[3];
    } accels[] = {
        { "app.quit", { "<Control>q" } },
        { "win.open", { "<Control>o" } },
        { "win.record", { "<Control>r" } },
        { "win.close-tab", { "<Control>w" } },
        { "win.reopen-tab", { "<Control><Shift>t" } },
        { "win.find", { "<Control>f" } },
        { "win.go", { "<Control>p" } },
        { "win.note", { "<Control>d" } },
        { "win.copy-picture", { "<Control><Shift>c" } },
        { "win.view('timeline')", { "<Control>1" } },
        { "win.view('tasks')", { "<Control>2" } },
        { "win.view('dispatch')", { "<Control>3" } },
        { "win.view('findings')", { "<Control>4" } },
        { "win.inspector", { "F9" } },
        { "win.lessons", { "<Control>l" } },
        { "win.menu", { "F10" } },
        { "win.present", { "F11" } },
        { "app.preferences", { "<Control>comma" } },
        { "win.save", { "<Control>s" } },
        { "win.show-help-overlay", { "<Control>question" } },
    };
    G_APPLICATION_CLASS(weft_application_parent_class)->startup(application);
    gtk_source_init();
    g_unix_signal_add(SIGTERM, end_asked, application);
    g_unix_signal_add(SIGINT, end_asked, application);
    g_unix_signal_add(SIGHUP, end_asked, application);
    if (weft_settings()) {
        g_signal_connect(weft_settings(), "changed::colors", G_CALLBACK(follow_colors), NULL);
        follow_colors(weft_settings());
    }
    g_action_map_add_action_entries(G_ACTION_MAP(application), actions, G_N_ELEMENTS(actions),
                                    application);
    for (guint i = 0; i < G_N_ELEMENTS(accels); i++)
        gtk_application_set_accels_for_action(GTK_APPLICATION(application), accels[i].action,
                                              accels[i].keys);
}

/* Hands what the command line names to the primary instance, be it this process or another. A
 * service is told later. */
static int hand_over(GApplication *application, gboolean service, gint64 pid, char **paths)
{
    g_autoptr(GError) error = NULL;
    if (!g_application_register(application, NULL, &error)) {
        g_printerr("weft-viewer: %s\n", error->message);
        return 4;
    }
    if (pid > 0)
        g_action_group_activate_action(G_ACTION_GROUP(application), "attach",
                                       g_variant_new_uint64((guint64)pid));
    if (paths) {
        g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_object_unref);
        for (char **path = paths; *path; path++)
            g_ptr_array_add(files, g_file_new_for_commandline_arg(*path));
        g_application_open(application, (GFile **)files->pdata, (int)files->len, "");
    } else if (pid <= 0 && !service) {
        g_application_activate(application);
    }
    return 0;
}

/* GTK reads its own theme with the settings, and libadwaita then puts its own in its place: a tenth
 * of the start. So it is told of the one that libadwaita asks for; but no longer, for that has no
 * style where this is set. It is the environment's last, so nothing else moves in that. */
static gboolean open_display(void)
{
    gboolean chosen = g_getenv("GTK_THEME") != NULL;
    if (!chosen)
        g_setenv("GTK_THEME", "Adwaita-empty", FALSE);
    gboolean opened = gtk_init_check() && gtk_settings_get_default();
    if (!chosen)
        g_unsetenv("GTK_THEME");
    return opened;
}

static gboolean local_command_line(GApplication *application, char ***arguments, int *status)
{
    gint64 pid = 0;
    gboolean version = FALSE, standalone = FALSE, service = FALSE;
    g_auto(GStrv) paths = NULL;
    const GOptionEntry entries[] = {
        { "pid", 'p', 0, G_OPTION_ARG_INT64, &pid, "Follow a running traced program", "PID" },
        { "standalone", 0, 0, G_OPTION_ARG_NONE, &standalone,
          "Do not join a viewer that already runs", NULL },
        { "gapplication-service", 0, 0, G_OPTION_ARG_NONE, &service,
          "Wait for what is asked over D-Bus, which starts it so", NULL },
        { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &paths, NULL, "[FILE…]" },
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(context, "Shows what the tasks and the event loop of a traced "
                                          "program do, on a timeline.");
    g_option_context_set_description(
        context, "weft-viewer --export png|svg|pdf FILE OUT draws a picture without a window.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_autoptr(GError) error = NULL;
    *status = 0;
    if (!g_option_context_parse_strv(context, arguments, &error)) {
        g_printerr("weft-viewer: %s\nTry `weft-viewer --help`.\n", error->message);
        *status = 2;
    } else if (version) {
        g_print("weft-viewer %s\n", WEFT_VERSION);
    } else if (pid < 0) {
        g_printerr("weft-viewer: --pid: %" G_GINT64_FORMAT " is no process id\n", pid);
        *status = 2;
    } else if (!open_display()) {
        g_printerr("weft-viewer: no display: neither WAYLAND_DISPLAY nor DISPLAY leads to one\n");
        *status = 4;
    } else {
        if (standalone)
            g_application_set_flags(application, g_application_get_flags(application) |
                                                     G_APPLICATION_NON_UNIQUE);
        if (service)
            g_application_set_flags(application, g_application_get_flags(application) |
                                                     G_APPLICATION_IS_SERVICE);
        *status = hand_over(application, service, pid, paths);
    }
    return TRUE;
}

static void shut_down(GApplication *application)
{
    g_settings_sync(); /* they are written behind one's back */
    G_APPLICATION_CLASS(weft_application_parent_class)->shutdown(application);
}

static void weft_application_class_init(WeftApplicationClass *class)
{
    GApplicationClass *application = G_APPLICATION_CLASS(class);
    application->activate = activate;
    application->open = open_files;
    application->startup = startup;
    application->shutdown = shut_down;
    application->local_command_line = local_command_line;
}

static void weft_application_init(WeftApplication *application)
{
    (void)application;
}

WeftApplication *weft_application_new(void)
{
    weft_gpu_choose();
    return g_object_new(WEFT_TYPE_APPLICATION, "application-id", "org.weft.Weft", "flags",
                        G_APPLICATION_HANDLES_OPEN, "resource-base-path", "/org/weft/Weft", NULL);
}
