/* command.h: the real `weft`, run by a test in a directory of its own. */
#ifndef WEFT_TESTS_CLI_COMMAND_H
#define WEFT_TESTS_CLI_COMMAND_H

#include <glib.h>

struct command {
    char *directory;    /* where it runs: empty at first, removed at the end */
    char **environment; /* g_environ_setenv() what a test needs */
    /* The last run: */
    int code;        /* exit code; 128 + N when signal N killed it */
    char *out, *err; /* what it printed */
};

void command_start(struct command *command);
void command_finish(struct command *command);

/* Runs "weft LINE": words separated by single spaces. */
void command_run(struct command *command, const char *line);
/* The same through sh, where $WEFT is the command: for pipes and closed descriptors. */
void command_shell(struct command *command, const char *script);

/* Makes the directory `small`; FALSE, and the test is skipped, where `unshare -rm` cannot mount a
 * small file system there. */
gboolean command_can_mount(struct command *command);

/* Puts a weft of its own at $WEFT_COPY, with nothing beside it ... */
void command_copy_weft(struct command *command);
/* ... but a weft-viewer that prints its arguments and exits with 9. */
void command_fake_viewer(struct command *command);

/* What every failure looks like: the exit code, nothing on stdout, and one line on stderr that
 * begins with "weft: " and contains `part`. */
void command_assert_fails(const struct command *command, int code, const char *part);

/* DIRECTORY/name; g_free it. */
char *command_path(const struct command *command, const char *name);

/* Compares text with tests/cli/golden/NAME; WEFT_UPDATE_GOLDEN=1 writes it instead. */
void command_assert_golden(const char *text, const char *name);

#endif
