/* run_emitter.c: runs emitter.c for a test. See emitter.h. */
#include "tests/child.h"
#include "tests/trace/emitter.h"
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void emitter_set_up(struct emitter *e)
{
    *e = (struct emitter){ .input = -1 };
    e->directory = g_dir_make_tmp("weft-emitter-XXXXXX", NULL);
    g_assert_nonnull(e->directory);
    g_setenv("XDG_RUNTIME_DIR", e->directory, TRUE);
    e->counters_path = g_build_filename(e->directory, "counters", NULL);
    int fd = open(e->counters_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, sizeof *e->counters), ==, 0);
    e->counters = mmap(NULL, sizeof *e->counters, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    g_assert_true(e->counters != MAP_FAILED);
    close(fd);
}

void emitter_tear_down(struct emitter *e)
{
    if (e->input >= 0)
        close(e->input);
    munmap(e->counters, sizeof *e->counters);
    g_assert_cmpint(g_unlink(e->counters_path), ==, 0);
    g_autofree char *rings = g_build_filename(e->directory, "weft", NULL);
    g_rmdir(rings);
    g_assert_cmpint(g_rmdir(e->directory), ==, 0); /* no ring file was left */
    g_free(e->counters_path);
    g_free(e->directory);
}

void emitter_start(struct emitter *e, const char *mode, const char *session, unsigned events,
                   const char *how, const char *ring_size)
{
    *e->counters = (struct emitter_counters){ 0 };
    g_autofree char *count = g_strdup_printf("%u", events);
    const char *argv[] = { g_getenv("WEFT_TEST_EMITTER"), e->counters_path, count, how, NULL };
    g_auto(GStrv) environment = g_get_environ();
    environment = g_environ_setenv(environment, "WEFT_TRACE", mode, TRUE);
    environment = g_environ_setenv(environment, "WEFT_SESSION", session, TRUE);
    if (ring_size)
        environment = g_environ_setenv(environment, "WEFT_RING_SIZE", ring_size, TRUE);
    GError *error = NULL;
    if (e->input >= 0)
        close(e->input);
    g_spawn_async_with_pipes(NULL, (char **)(gsize)argv, environment, G_SPAWN_DO_NOT_REAP_CHILD,
                             child_ends_with, CHILD_OF_THIS, &e->pid, &e->input, NULL, NULL,
                             &error);
    g_assert_no_error(error);
}

int emitter_ended(struct emitter *e, int *status)
{
    pid_t pid = waitpid(e->pid, status, WNOHANG);
    g_assert_cmpint(pid, >=, 0);
    return pid == e->pid;
}

int emitter_wait(struct emitter *e)
{
    int status;
    g_assert_cmpint(waitpid(e->pid, &status, 0), ==, e->pid);
    return status;
}
