/* program.h: the program that `weft record` runs: started, passed signals, waited for.
 *
 * A signal that the terminal sends (Ctrl+C) reaches the program by itself, being in the same
 * process group; one that somebody sends to weft alone is passed on. Either way weft lives until
 * the program has ended. SIGUSR2 is for weft: it asks for a dump. */
#ifndef WEFT_CLI_PROGRAM_H
#define WEFT_CLI_PROGRAM_H

#include <glib.h>
#include <sys/types.h>

struct program {
    pid_t pid;
    gboolean ended;
    int exit_code;        /* when ended and exit_signal is 0 */
    int exit_signal;      /* when it was killed */
    guint dumps_asked;    /* SIGUSR2 came so often */
    gboolean adopted;     /* it is not our child: no signal is passed on */
    gboolean interrupted; /* SIGINT or the like came, after it had ended, or it is adopted */
};

/* Whether `name` can be executed, looked up in PATH; says why not. */
gboolean program_check(const char *name, GError **error);

/* Starts argv[0], looked up in PATH, with `environment`. From now on SIGINT, SIGTERM, SIGHUP,
 * SIGQUIT, SIGUSR2 and SIGCHLD come to this thread only in program_wait(). FALSE: it could not be
 * executed; nothing runs. */
gboolean program_start(struct program *program, char **argv, char **environment, GError **error);

/* The same of a process that runs already: signals come, but not its end. */
void program_adopt(struct program *program, pid_t pid);

/* Waits until a signal comes, the program ends, or timeout_us is over. */
void program_wait(struct program *program, gint64 timeout_us);

/* The exit code that a shell would give: its own, or 128 + the signal that killed it. */
int program_exit_code(const struct program *program);

#endif
