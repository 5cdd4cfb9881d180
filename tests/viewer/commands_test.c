/* commands_test.c: whatever has an action or a key is a command, and in the shortcuts window. */
#include "app/viewer/panels/commands.h"

#include "app/viewer/application.h"
#include "app/viewer/dispatch/page.h"
#include "app/viewer/window.h"
#include "tests/viewer/sample_page.h"
#include "tests/viewer/widgets.h"
#include <string.h>

static GtkApplication *application;

static const struct weft_command *command_of(const char *action)
{
    for (const struct weft_command *command = weft_commands(); command->title; command++)
        if (g_str_equal(command->action, action))
            return command;
    return NULL;
}

static gboolean is_one_of(const char *const *names, const char *name)
{
    return g_strv_contains(names, name);
}

/* Parts of others; the box itself; what needs to be told to what. */
static const char *const not_commands[] = {
    "timeline.pause", "timeline.resume", "timeline.bookmark", "win.go",     "win.say",
    "win.open-path",  "win.follow",      "win.view",          "app.attach", NULL
};

static void check_actions(GActionGroup *group, const char *prefix)
{
    g_auto(GStrv) actions = g_action_group_list_actions(group);
    g_assert_nonnull(actions[0]);
    for (guint i = 0; actions[i]; i++) {
        g_autofree char *action = g_strconcat(prefix, actions[i], NULL);
        if (!is_one_of(not_commands, action) && !command_of(action))
            g_error("%s is no command", action);
    }
}

/* What a tab, the window and the application can do, without being told to what. */
static void test_every_action_is_a_command(void)
{
    g_autoptr(GTypeClass) class = g_type_class_ref(WEFT_TYPE_TRACE_PAGE);
    GType owner;
    const char *name, *property;
    const GVariantType *parameter;
    guint n = 0;
    for (guint i = 0; gtk_widget_class_query_action(GTK_WIDGET_CLASS(class), i, &owner, &name,
                                                    &parameter, &property);
         i++) {
        if (owner != WEFT_TYPE_TRACE_PAGE || parameter || is_one_of(not_commands, name))
            continue;
        if (!command_of(name))
            g_error("%s is no command", name);
        n++;
    }
    g_assert_cmpuint(n, >, 40);
    check_actions(G_ACTION_GROUP(application), "app.");
    WeftWindow *window = weft_window_new(application);
    check_actions(G_ACTION_GROUP(window), "win.");
    gtk_window_destroy(GTK_WINDOW(window));
}

static char *section_shown(WeftWindow *window)
{
    char *name;
    gtk_widget_activate_action(GTK_WIDGET(window), "win.show-help-overlay", NULL);
    GtkWidget *help = GTK_WIDGET(
        gtk_application_window_get_help_overlay(GTK_APPLICATION_WINDOW(window)));
    g_assert_true(gtk_widget_get_visible(help));
    g_object_get(help, "section-name", &name, NULL);
    gtk_widget_hide(help);
    return name;
}

/* The shortcuts window opens at the keys of the view that is seen. */
static void test_shortcuts_of_the_view(void)
{
    static const char *const views[] = { "tasks", "dispatch", "findings", "timeline" };
    WeftWindow *window = weft_window_new(application);
    gtk_window_present(GTK_WINDOW(window));
    /* It is made when it is asked for. */
    g_assert_null(gtk_application_window_get_help_overlay(GTK_APPLICATION_WINDOW(window)));
    /* GTK 4.8 warns of a label of its own there, which is 3 px narrower than nothing. */
    GLogLevelFlags fatal = g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
    g_autofree char *first = section_shown(window);
    g_assert_cmpstr(first, ==, "window");
    g_autofree char *path = g_build_filename(g_getenv("WEFT_TEST_LESSONS"), "09-lock", "trace.weft",
                                             NULL);
    g_autoptr(GFile) file = g_file_new_for_path(path);
    weft_window_open(window, file);
    while (!weft_window_page(window))
        g_main_context_iteration(NULL, TRUE);
    for (guint i = 0; i < G_N_ELEMENTS(views); i++) {
        gtk_widget_activate_action(GTK_WIDGET(window), "win.view", "s", views[i]);
        g_autofree char *section = section_shown(window);
        g_assert_cmpstr(section, ==, views[i]);
    }
    gtk_widget_activate_action(GTK_WIDGET(window), "win.lessons", NULL);
    g_autofree char *section = section_shown(window);
    g_assert_cmpstr(section, ==, "lessons");
    g_log_set_always_fatal(fatal);
    gtk_window_destroy(GTK_WINDOW(window));
}

/* ---- The shortcuts window ---- */

struct shortcut {
    char *section, *title, *keys;
};

static GPtrArray *shortcuts; /* of struct shortcut * */

static void shortcut_free(gpointer data)
{
    struct shortcut *shortcut = data;
    g_free(shortcut->section);
    g_free(shortcut->title);
    g_free(shortcut->keys);
    g_free(shortcut);
}

static char *property_in(GRegex *regex, const char *text)
{
    g_autoptr(GMatchInfo) match = NULL;
    return g_regex_match(regex, text, 0, &match) ? g_match_info_fetch(match, 1) : NULL;
}

static void read_shortcuts(void)
{
    g_autoptr(GBytes) bytes = g_resources_lookup_data("/org/weft/Weft/shortcuts.ui", 0, NULL);
    g_autoptr(GRegex) keys = g_regex_new("name=\"accelerator\">([^<]*)<", 0, 0, NULL);
    g_autoptr(GRegex) title = g_regex_new("name=\"title\">([^<]*)<", 0, 0, NULL);
    g_autoptr(GRegex) name = g_regex_new("name=\"section-name\">([^<]*)<", 0, 0, NULL);
    g_auto(GStrv) parts = g_strsplit(g_bytes_get_data(bytes, NULL), "<object", -1);
    g_autofree char *section = NULL;
    shortcuts = g_ptr_array_new_with_free_func(shortcut_free);
    for (guint i = 0; parts[i]; i++) {
        g_autofree char *begun = property_in(name, parts[i]), *has = property_in(keys, parts[i]);
        if (begun) {
            g_free(section);
            section = g_steal_pointer(&begun);
        }
        if (!has)
            continue;
        struct shortcut *shortcut = g_new(struct shortcut, 1);
        g_auto(GStrv) split = g_strsplit(has, "&lt;", -1);
        g_autofree char *joined = g_strjoinv("<", split);
        g_auto(GStrv) again = g_strsplit(joined, "&gt;", -1);
        shortcut->section = g_strdup(section);
        shortcut->title = property_in(title, parts[i]);
        shortcut->keys = g_strjoinv(">", again);
        g_ptr_array_add(shortcuts, shortcut);
    }
}

static gboolean has_key(const struct shortcut *shortcut, guint key, GdkModifierType modifiers)
{
    g_auto(GStrv) names = g_strsplit(shortcut->keys, " ", -1);
    for (guint i = 0; names[i]; i++) {
        guint its;
        GdkModifierType with;
        if (gtk_accelerator_parse(names[i], &its, &with) && its == key && with == modifiers)
            return TRUE;
    }
    return FALSE;
}

static const struct shortcut *shortcut_of(const char *section, guint key, GdkModifierType modifiers)
{
    for (guint i = 0; i < shortcuts->len; i++) {
        const struct shortcut *shortcut = shortcuts->pdata[i];
        if (g_str_equal(shortcut->section, section) && has_key(shortcut, key, modifiers))
            return shortcut;
    }
    return NULL;
}

/* Every key of the widget's class is in one of the sections. */
static void check_keys(GtkWidget *widget, const char *section)
{
    g_autoptr(GListModel) controllers = gtk_widget_observe_controllers(widget);
    guint found = 0;
    for (guint i = 0; i < g_list_model_get_n_items(controllers); i++) {
        g_autoptr(GtkEventController) controller = g_list_model_get_item(controllers, i);
        for (guint k = 0; GTK_IS_SHORTCUT_CONTROLLER(controller) &&
                          k < g_list_model_get_n_items(G_LIST_MODEL(controller));
             k++) {
            g_autoptr(GtkShortcut) shortcut = g_list_model_get_item(G_LIST_MODEL(controller), k);
            GtkKeyvalTrigger *trigger = GTK_KEYVAL_TRIGGER(gtk_shortcut_get_trigger(shortcut));
            guint key = gtk_keyval_trigger_get_keyval(trigger);
            GdkModifierType modifiers = gtk_keyval_trigger_get_modifiers(trigger);
            const char *name = gdk_keyval_name(key);
            if (g_str_has_prefix(name, "KP_") || (key >= GDK_KEY_1 && key <= GDK_KEY_9))
                continue; /* said once; "1...4" */
            if (!shortcut_of(section, gdk_keyval_to_lower(key), modifiers) &&
                !shortcut_of("window", key, modifiers))
                g_error("%s is not among the keys of %s", name, section);
            found++;
        }
    }
    g_assert_cmpuint(found, >, 0);
}

static void test_every_key_is_listed(void)
{
    struct page page;
    page_open(&page, FALSE);
    check_keys(GTK_WIDGET(page.page), "timeline");
    check_keys(widget_of(page.window, WEFT_TYPE_DISPATCH_PAGE, FALSE), "dispatch");
    page_close(&page);
}

static const char *section_of(const struct weft_command *command)
{
    return g_str_has_prefix(command->action, "dispatch.") ? "dispatch" : "timeline";
}

/* What is listed is a command, with the same key; what a command says of its key is listed. */
static void test_every_shortcut_is_a_command(void)
{
    static const char *const none[] = { "1...4", "<Control>p", "Menu <Shift>F10", NULL };
    for (const struct weft_command *command = weft_commands(); command->title; command++) {
        guint key;
        GdkModifierType modifiers;
        if (!command->accelerator)
            continue;
        g_assert_true(gtk_accelerator_parse(command->accelerator, &key, &modifiers));
        if (!shortcut_of(section_of(command), key, modifiers) &&
            !shortcut_of("window", key, modifiers))
            g_error("%s is not listed", command->title);
    }
    for (guint i = 0; i < shortcuts->len; i++) {
        const struct shortcut *shortcut = shortcuts->pdata[i];
        gboolean listed = is_one_of(none, shortcut->keys) ||
                          g_str_equal(shortcut->section, "tasks") ||
                          g_str_equal(shortcut->section, "findings") ||
                          g_str_equal(shortcut->section, "lessons");
        for (const struct weft_command *command = weft_commands(); command->title && !listed;
             command++) {
            guint key = 0;
            GdkModifierType modifiers = 0;
            gtk_accelerator_parse(command->accelerator ? command->accelerator : "", &key,
                                  &modifiers);
            listed = key && has_key(shortcut, key, modifiers);
        }
        if (!listed)
            g_error("“%s” is no command", shortcut->title);
    }
}

int main(int argc, char **argv)
{
    page_tests_init(&argc, &argv);
    read_shortcuts();
    application = GTK_APPLICATION(weft_application_new());
    g_application_set_flags(G_APPLICATION(application), G_APPLICATION_NON_UNIQUE);
    g_assert_true(g_application_register(G_APPLICATION(application), NULL, NULL));
    g_test_add_func("/commands/every-action-is-a-command", test_every_action_is_a_command);
    g_test_add_func("/commands/shortcuts-of-the-view", test_shortcuts_of_the_view);
    g_test_add_func("/commands/every-key-is-listed", test_every_key_is_listed);
    g_test_add_func("/commands/every-shortcut-is-a-command", test_every_shortcut_is_a_command);
    int status = g_test_run();
    g_ptr_array_unref(shortcuts);
    g_object_unref(application);
    return status;
}
