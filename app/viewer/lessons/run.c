/* run.c: see run.h. A lesson that brought no program is compiled first, as `weft lessons run` does
 * it, in the same shell that then records it. */
#include "app/viewer/lessons/run.h"

#include "app/lessons/catalogue.h"
#include "app/viewer/weft-command.h"
#include "app/viewer/window-private.h"
#include <glib/gstdio.h>

#define LIMIT "30s"

enum { NO_COMPILER = 96, NOT_COMPILED }; /* exit codes where there is no trace */

/* weft, the trace, the program, its source */
static const char script[] =
    "if [ -n \"$4\" ]; then"
    "  command -v cc && pkg-config --exists weft || exit 96; "
    "  timeout 60 sh -c 'exec cc \"$1\" $(pkg-config --cflags --libs weft) -o \"$2\"' sh \"$4\" "
    "\"$3\" || exit 97; "
    "fi; "
    "exec \"$1\" record -q --duration " LIMIT " -o \"$2\" -- \"$3\"";

static gboolean fails(WeftWindow *window, const char *why)
{
    g_autofree char *text = g_strdup_printf("It cannot be run: %s", why);
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    weft_window_toast(window, valid);
    return FALSE;
}

struct ending {
    GWeakRef window;
    char *trace;
};

static const char *problem(const struct ending *ending, int code)
{
    if (g_file_test(ending->trace, G_FILE_TEST_EXISTS))
        return "The program failed, or did not end in " LIMIT ": this is what it did";
    return code == NO_COMPILER    ? "To compile it, cc and pkg-config weft are needed"
           : code == NOT_COMPILED ? "Its C does not compile"
                                  : "It could not be recorded: weft record says why, in a terminal";
}

static void ended(GObject *recorder, GAsyncResult *result, gpointer data)
{
    struct ending *ending = data;
    g_autoptr(WeftWindow) window = g_weak_ref_get(&ending->window);
    g_subprocess_wait_finish(G_SUBPROCESS(recorder), result, NULL);
    int code = g_subprocess_get_if_exited(G_SUBPROCESS(recorder))
                   ? g_subprocess_get_exit_status(G_SUBPROCESS(recorder))
                   : -1;
    if (window && code != 0)
        weft_window_toast(window, problem(ending, code));
    g_weak_ref_clear(&ending->window);
    g_free(ending->trace);
    g_free(ending);
}

gboolean weft_lesson_run(WeftWindow *window, const struct lesson *lesson, const char *variant)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *weft = weft_command_path();
    g_autofree char *folder = g_build_filename(g_get_user_cache_dir(), "weft", "lessons", NULL);
    g_autofree char *name = g_strconcat(lesson->name, variant ? "." : "", variant ? variant : "",
                                        NULL);
    g_autofree char *program = catalogue_program(lesson, variant);
    g_autofree char *source = program ? g_strdup("") : lesson_file(lesson, variant, ".c");
    g_autofree char *base = g_strconcat(name, ".weft", NULL);
    g_autofree char *trace = g_build_filename(folder, base, NULL);
    if (g_mkdir_with_parents(folder, 0700) < 0)
        return fails(window, "its trace has no place in your cache");
    if (!program && !g_file_test(source, G_FILE_TEST_IS_REGULAR))
        return fails(window, "it has no program, and no source");
    if (!weft)
        return fails(window, "weft is not installed");
    if (!program)
        program = g_build_filename(folder, name, NULL);
    g_unlink(trace);
    g_autoptr(GSubprocess) recorder = g_subprocess_new(
        G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error, "sh", "-c",
        script, "sh", weft, trace, program, source, NULL);
    if (!recorder)
        return fails(window, error->message);
    struct ending *ending = g_new0(struct ending, 1);
    g_weak_ref_init(&ending->window, window);
    ending->trace = g_strdup(trace);
    g_subprocess_wait_async(recorder, NULL, ended, ending);
    g_autoptr(GFile) file = g_file_new_for_path(trace);
    weft_window_open_lesson(window, file, recorder);
    return TRUE;
}
