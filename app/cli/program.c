/* program.c: a child process and the signals that concern it. */
#include "app/cli/program.h"

#include <errno.h>
#include <gio/gio.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static gboolean cannot_execute(const char *name, int error_number, GError **error)
{
    g_set_error(error, G_IO_ERROR, (gint)g_io_error_from_errno(error_number),
                "cannot execute '%s': %s", name, g_strerror(error_number));
    return FALSE;
}

gboolean program_check(const char *name, GError **error)
{
    char *path = g_find_program_in_path(name);
    if (path) {
        g_free(path);
        return TRUE;
    }
    if (strchr(name, '/') == NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                    g_file_test(name, G_FILE_TEST_IS_EXECUTABLE)
                        ? "cannot execute '%s': it is not in PATH; the one here is './%s'"
                        : "cannot execute '%s': no such program in PATH",
                    name, name);
        return FALSE;
    }
    if (g_file_test(name, G_FILE_TEST_IS_DIR))
        return cannot_execute(name, EISDIR, error);
    return cannot_execute(name, access(name, X_OK) < 0 ? errno : EACCES, error);
}

/* The signals that program_wait() takes. */
static void watched_signals(sigset_t *set)
{
    static const int watched[] = { SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR2 };
    sigemptyset(set);
    for (gsize i = 0; i < G_N_ELEMENTS(watched); i++)
        sigaddset(set, watched[i]);
}

gboolean program_start(struct program *program, char **argv, char **environment, GError **error)
{
    sigset_t watched, before, defaults;
    watched_signals(&watched);
    /* An ignored SIGCHLD, inherited, would take the program's end from us. */
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_BLOCK, &watched, &before);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);

    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &before);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    *program = (struct program){ 0 };
    int rc = posix_spawnp(&program->pid, argv[0], NULL, &attributes, argv, environment);
    posix_spawnattr_destroy(&attributes);
    if (rc == 0)
        return TRUE;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return cannot_execute(argv[0], rc, error);
}

void program_adopt(struct program *program, pid_t pid)
{
    sigset_t watched;
    watched_signals(&watched);
    sigprocmask(SIG_BLOCK, &watched, NULL);
    *program = (struct program){ .pid = pid, .adopted = TRUE };
}

static void look_whether_ended(struct program *program)
{
    int status;
    if (waitpid(program->pid, &status, WNOHANG) != program->pid)
        return;
    program->ended = TRUE;
    if (WIFSIGNALED(status))
        program->exit_signal = WTERMSIG(status);
    else
        program->exit_code = WEXITSTATUS(status);
}

void program_wait(struct program *program, gint64 timeout_us)
{
    sigset_t watched;
    watched_signals(&watched);
    struct timespec timeout = { timeout_us / 1000000, timeout_us % 1000000 * 1000 };
    siginfo_t info;
    int got = sigtimedwait(&watched, &info, &timeout);
    if (got == SIGCHLD && !program->ended && !program->adopted)
        look_whether_ended(program);
    else if (got == SIGUSR2)
        program->dumps_asked++;
    else if (got > 0 && (program->ended || program->adopted))
        program->interrupted |= got != SIGCHLD;
    else if (got > 0 && info.si_code <= 0) /* sent by a process, not by the terminal */
        kill(program->pid, got);
}

int program_exit_code(const struct program *program)
{
    return program->exit_signal != 0 ? 128 + program->exit_signal : program->exit_code;
}
