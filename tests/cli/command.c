/* command.c: runs build/app/weft; meson.build says where it and the golden texts are. */
#include "command.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>

static const char *setting(const char *name)
{
    const char *value = g_getenv(name);
    if (!value)
        g_error("%s is not set: run this through meson test", name);
    return value;
}

void command_start(struct command *command)
{
    GError *error = NULL;
    *command = (struct command){ 0 };
    command->directory = g_dir_make_tmp("weft-cli-XXXXXX", &error);
    g_assert_no_error(error);
    command->environment = g_get_environ();
    static const char *const unset[] = { "NO_COLOR", "COLUMNS", "WEFT_TRACE", "WEFT_SESSION",
                                         "WEFT_RING_SIZE" };
    for (guint i = 0; i < G_N_ELEMENTS(unset); i++)
        command->environment = g_environ_unsetenv(command->environment, unset[i]);
    command->environment = g_environ_setenv(command->environment, "LC_ALL", "C.UTF-8", TRUE);
    command->environment = g_environ_setenv(command->environment, "TZ", "UTC", TRUE);
    command->environment = g_environ_setenv(command->environment, "XDG_RUNTIME_DIR",
                                            command->directory, TRUE);
    static const char *const own[] = { "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME" };
    g_autofree char *home = command_path(command, ".home");
    for (guint i = 0; i < G_N_ELEMENTS(own); i++)
        command->environment = g_environ_setenv(command->environment, own[i], home, TRUE);
}

static void remove_tree(const char *path)
{
    if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK)) {
        GDir *directory = g_dir_open(path, 0, NULL);
        const char *name;
        while (directory && (name = g_dir_read_name(directory)) != NULL) {
            char *child = g_build_filename(path, name, NULL);
            remove_tree(child);
            g_free(child);
        }
        if (directory)
            g_dir_close(directory);
    }
    g_remove(path);
}

static void forget_run(struct command *command)
{
    g_clear_pointer(&command->out, g_free);
    g_clear_pointer(&command->err, g_free);
}

void command_finish(struct command *command)
{
    forget_run(command);
    remove_tree(command->directory);
    g_free(command->directory);
    g_strfreev(command->environment);
}

/* Of a thread that ends just when it looks for leaks, LeakSanitizer says so on stderr: no word of
 * the command's. */
static void leave_out_sanitizer(char **text)
{
    g_autoptr(GRegex) remark = g_regex_new("^==[0-9]+==Unable to get registers from thread.*\n",
                                           G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
    char *without = g_regex_replace_literal(remark, *text, -1, 0, "", 0, NULL);
    g_free(*text);
    *text = without;
}

static void run(struct command *command, char **argv)
{
    GError *error = NULL;
    int status;
    forget_run(command);
    g_spawn_sync(command->directory, argv, command->environment, G_SPAWN_SEARCH_PATH, NULL, NULL,
                 &command->out, &command->err, &status, &error);
    g_assert_no_error(error);
    leave_out_sanitizer(&command->err);
    command->code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void command_run(struct command *command, const char *line)
{
    char *all = g_strconcat(setting("WEFT"), *line ? " " : "", line, NULL);
    char **argv = g_strsplit(all, " ", -1);
    run(command, argv);
    g_strfreev(argv);
    g_free(all);
}

void command_shell(struct command *command, const char *script)
{
    const char *argv[] = { "/bin/sh", "-c", script, NULL };
    run(command, (char **)argv);
}

gboolean command_can_mount(struct command *command)
{
    command_shell(command, "mkdir small; exec unshare -rm mount -t tmpfs none small");
    if (command->code != 0)
        g_test_skip("no user namespaces here: no small file system can be mounted");
    return command->code == 0;
}

void command_copy_weft(struct command *command)
{
    command_shell(command, "mkdir bin && cp $WEFT bin/weft");
    g_assert_cmpint(command->code, ==, 0);
    char *copy = g_build_filename(command->directory, "bin", "weft", NULL);
    command->environment = g_environ_setenv(command->environment, "WEFT_COPY", copy, TRUE);
    g_free(copy);
}

void command_fake_viewer(struct command *command)
{
    command_shell(command, "printf '#!/bin/sh\\necho \"$@\"\\nexit 9\\n' >bin/weft-viewer &&"
                           "chmod +x bin/weft-viewer");
    g_assert_cmpint(command->code, ==, 0);
}

void command_assert_fails(const struct command *command, int code, const char *part)
{
    g_assert_cmpstr(command->out, ==, "");
    if (!strstr(command->err, part))
        g_error("'%s' is not in: %s", part, command->err);
    g_assert_true(g_str_has_prefix(command->err, "weft: "));
    if (strchr(command->err, '\n') != command->err + strlen(command->err) - 1)
        g_error("not one line: %s", command->err);
    g_assert_cmpint(command->code, ==, code);
}

char *command_path(const struct command *command, const char *name)
{
    return g_build_filename(command->directory, name, NULL);
}

/* The first line that is not as it should be. */
static void assert_same_lines(const char *text, const char *golden, const char *name)
{
    g_auto(GStrv) are = g_strsplit(text, "\n", -1), should = g_strsplit(golden, "\n", -1);
    guint i = 0;
    while (are[i] && should[i] && strcmp(are[i], should[i]) == 0)
        i++;
    if (are[i] || should[i])
        g_error("%s:%u: '%s' should be '%s'", name, i + 1, are[i] ? are[i] : "(its end)",
                should[i] ? should[i] : "(its end)");
}

void command_assert_golden(const char *text, const char *name)
{
    GError *error = NULL;
    char *path = g_build_filename(setting("WEFT_GOLDEN"), name, NULL);
    if (g_getenv("WEFT_UPDATE_GOLDEN")) {
        g_file_set_contents(path, text, -1, &error);
        g_assert_no_error(error);
    }
    char *golden;
    g_file_get_contents(path, &golden, NULL, &error);
    g_assert_no_error(error);
    assert_same_lines(text, golden, name);
    g_free(golden);
    g_free(path);
}
