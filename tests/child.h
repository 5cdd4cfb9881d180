/* child.h: children of a test end with it, also when one of its assertions fails. */
#ifndef WEFT_TESTS_CHILD_H
#define WEFT_TESTS_CHILD_H

#include <glib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child, before it does anything: for g_spawn's child setup, whose data is CHILD_OF_THIS. */
#define CHILD_OF_THIS GINT_TO_POINTER(getpid())
static inline void child_ends_with(gpointer parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != GPOINTER_TO_INT(parent))
        _exit(127); /* it was faster */
}

static inline pid_t child_fork(void)
{
    gpointer parent = CHILD_OF_THIS;
    pid_t pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0)
        child_ends_with(parent);
    return pid;
}

/* Waits for it: TRUE when SIGKILL ended it, FALSE when it ended with 0. */
static inline gboolean child_was_killed(pid_t pid)
{
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    if (WIFSIGNALED(status)) {
        g_assert_cmpint(WTERMSIG(status), ==, SIGKILL);
        return TRUE;
    }
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
    return FALSE;
}

#endif
