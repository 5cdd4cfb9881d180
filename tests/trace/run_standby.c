/* run_standby.c: see standby.h. */
#include "tests/child.h"
#include "tests/trace/standby.h"
#include "tracer/probe/stale.h"
#include "tracer/trace/attach.h"
#include "tracer/trace/controller.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND G_GINT64_CONSTANT(1000000000)

void standby_set_up(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    f->directory = g_dir_make_tmp("weft-standby-XXXXXX", NULL);
    f->input = f->output = -1;
    g_setenv("XDG_RUNTIME_DIR", f->directory, TRUE);
}

void standby_start(struct standby *f, const char *how)
{
    const char *argv[] = { g_getenv("WEFT_TEST_STANDBY"), how, NULL };
    g_auto(GStrv) environment = g_environ_unsetenv(g_get_environ(), "WEFT_TRACE");
    GError *error = NULL;
    g_spawn_async_with_pipes(NULL, (char **)(gsize)argv, environment, G_SPAWN_DO_NOT_REAP_CHILD,
                             child_ends_with, CHILD_OF_THIS, &f->pid, &f->input, &f->output, NULL,
                             &error);
    g_assert_no_error(error);
    char said[7] = "";
    for (gsize n = 0; n < 6;) {
        gssize got = read(f->output, said + n, 6 - n);
        g_assert_cmpint(got, >, 0);
        n += (gsize)got;
    }
    g_assert_cmpstr(said, ==, "ready\n");
}

void standby_kill(struct standby *f)
{
    kill(f->pid, SIGKILL);
    g_assert_cmpint(waitpid(f->pid, NULL, 0), ==, f->pid);
}

void standby_tear_down(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    close(f->input);
    close(f->output);
    g_autofree char *segment = weft_find_segment((guint64)f->pid, NULL);
    if (segment)
        weft_segment_remove(segment);
    g_autofree char *rings = g_build_filename(f->directory, "weft", NULL);
    g_assert_cmpint(g_rmdir(rings), ==, 0);
    g_assert_cmpint(g_rmdir(f->directory), ==, 0);
    g_free(f->directory);
}

char *standby_ask(struct standby *f, const char *command)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_controller) controller = weft_controller_open((guint64)f->pid, &error);
    g_assert_no_error(error);
    char *answer = NULL;
    weft_controller_command(controller, command, 60 * SECOND, &answer, &error);
    g_assert_no_error(error);
    return answer;
}
