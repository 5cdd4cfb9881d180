/* lessons-run.c: `weft lessons run`: a lesson's program, run and recorded now, then told.
 *
 *      the program, or lesson.c compiled into the cache -> weft record --duration -> tell
 *
 * The program may fail, never end, or print without end: it is ended when its time is over, and
 * what it prints is shown up to a limit. */
#include "app/cli/failure.h"
#include "app/cli/lessons.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "app/lessons/learned.h"
#include "tracer/model/model.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SHOWN_MAX = 64 * 1024 };
#define COMPILING_S "60" /* not longer */

struct running {
    GMainLoop *loop;
    int out, status;
    guint64 printed;
};

/* ---- Its output ---- */

/* Returns how many bytes there were; 0: nobody will print any more, -1: there are none now. */
static ssize_t show_some(struct running *r)
{
    char part[16384];
    ssize_t n = read(r->out, part, sizeof(part));
    if (n <= 0)
        return n;
    guint64 room = r->printed < SHOWN_MAX ? SHOWN_MAX - r->printed : 0;
    fwrite(part, 1, (size_t)MIN((guint64)n, room), stdout);
    fflush(stdout);
    r->printed += (guint64)n;
    return n;
}

static gboolean on_output(int fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    (void)condition;
    return show_some(data) != 0;
}

/* What it left in the pipe is still shown; whom it left behind with the pipe open is not waited
 * for, however much that one prints. */
static void on_end(GPid pid, int status, gpointer data)
{
    struct running *r = data;
    g_spawn_close_pid(pid);
    r->status = status;
    for (guint64 before = r->printed; show_some(r) > 0 && r->printed - before < SHOWN_MAX * 16;)
        ;
    g_main_loop_quit(r->loop);
}

/* Runs argv, its output shown. Returns its exit code, 128 + N when a signal killed it; -1: it could
 * not be started. */
static int run_shown(char **argv, GError **error)
{
    struct running r = { .out = -1 };
    GPid pid;
    int to_out[2];
    if (!g_unix_open_pipe(to_out, FD_CLOEXEC, error))
        return -1;
    r.out = to_out[0];
    g_unix_set_fd_nonblocking(r.out, TRUE, NULL);
    fflush(stdout);
    gboolean started = g_spawn_async_with_pipes_and_fds(
        NULL, (const char *const *)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH,
        NULL, NULL, -1, to_out[1], to_out[1], NULL, NULL, 0, &pid, NULL, NULL, NULL, error);
    close(to_out[1]);
    if (started) {
        r.loop = g_main_loop_new(NULL, FALSE);
        guint source = g_unix_fd_add(r.out, G_IO_IN, on_output, &r);
        g_child_watch_add(pid, on_end, &r);
        g_main_loop_run(r.loop);
        if (g_main_context_find_source_by_id(NULL, source))
            g_source_remove(source);
        g_main_loop_unref(r.loop);
    }
    close(r.out);
    if (r.printed > SHOWN_MAX) {
        g_autofree char *rest = quantity_format_size(r.printed - SHOWN_MAX);
        printf("\n… and %s more\n", rest);
    }
    return !started ? -1 : WIFSIGNALED(r.status) ? 128 + WTERMSIG(r.status) : WEXITSTATUS(r.status);
}

/* ---- Its program ---- */

/* FOLDER-OF-THE-CACHE/NAME; NULL, and said, when that cannot be made. */
static char *cache_path(const struct lesson *lesson, const char *variant, const char *ending)
{
    g_autofree char *folder = g_build_filename(g_get_user_cache_dir(), "weft", "lessons", NULL);
    g_autofree char *name = g_strconcat(lesson->name, variant ? "." : "", variant ? variant : "",
                                        ending, NULL);
    if (g_mkdir_with_parents(folder, 0700) == 0)
        return g_build_filename(folder, name, NULL);
    output_message("cannot make '%s': %s", folder, g_strerror(errno));
    return NULL;
}

/* Compiles the source of a lesson that brought no program. NULL: it could not be, which was said.
 */
static char *compile(const struct lesson *lesson, const char *variant)
{
    g_autofree char *source = lesson_file(lesson, variant, ".c");
    g_autofree char *program = cache_path(lesson, variant, "");
    GError *error = NULL;
    if (!program)
        return NULL;
    if (!g_file_test(source, G_FILE_TEST_IS_REGULAR)) {
        output_message("lesson '%s' has no program: '%s' is no file", lesson->name, source);
        return NULL;
    }
    char *argv[] = { "timeout",
                     COMPILING_S,
                     "sh",
                     "-c",
                     "exec cc \"$1\" $(pkg-config --cflags --libs weft) -o \"$2\"",
                     "sh",
                     source,
                     program,
                     NULL };
    g_unlink(program);
    int code = run_shown(argv, &error);
    if (error)
        output_message("%s", error->message);
    else if (code != 0)
        output_message("'%s' does not compile: it needs cc, and pkg-config weft", source);
    g_clear_error(&error);
    return code == 0 ? g_steal_pointer(&program) : NULL;
}

/* ---- The run ---- */

static void say_end(int code, const struct lessons_settings *settings)
{
    if (code == 128 + SIGTERM || code == 128 + SIGKILL) {
        g_autofree char *limit = weft_format_duration(settings->limit_ns);
        output_message(
            "the program was ended, or its time of %s was over (--limit): this is what it did",
            limit);
    } else if (code != 0) {
        output_message("the program failed: it ended with %d; this is what it did", code);
    }
}

static int record(const struct lesson *lesson, const struct lessons_settings *settings,
                  char *program, char *path)
{
    g_autofree char *duration = g_strdup_printf("%" G_GINT64_FORMAT "ns", settings->limit_ns);
    char *argv[] = { "/proc/self/exe", "record", "-q", "--duration", duration, "-o", path, "--",
                     program,          NULL };
    g_autofree char *own = g_file_read_link("/proc/self/exe", NULL);
    argv[0] = own ? own : argv[0];
    GError *error = NULL;
    g_unlink(path);
    int code = run_shown(argv, &error);
    if (error)
        return failure_error(error);
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return EXIT_SYSTEM; /* which weft record said */
    putchar('\n');
    fflush(stdout);
    say_end(code, settings);
    int told = lessons_tell(lesson, settings, path);
    struct learned learned = learned_load(lesson->name);
    learned.ran |= code == 0;
    lessons_keep(lesson, &learned);
    return told != EXIT_DONE ? told : code == 0 ? EXIT_DONE : EXIT_FOUND;
}

int lessons_run(const struct lesson *lesson, const struct lessons_settings *settings)
{
    g_autofree char *program = catalogue_program(lesson, settings->variant);
    if (!program)
        program = compile(lesson, settings->variant);
    g_autofree char *path = program ? cache_path(lesson, settings->variant, ".weft") : NULL;
    return path ? record(lesson, settings, program, path) : EXIT_SYSTEM;
}
