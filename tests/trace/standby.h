/* standby.h: how tests run standby.c, a program that nobody prepared for being looked at. */
#ifndef WEFT_TESTS_STANDBY_H
#define WEFT_TESTS_STANDBY_H

#include <glib.h>
#include <sys/types.h>

struct standby {
    char *directory; /* private, and XDG_RUNTIME_DIR of this process too */
    pid_t pid;
    int input, output; /* its standard input and output */
};

/* For g_test_add(). */
void standby_set_up(struct standby *standby, gconstpointer data);
void standby_tear_down(struct standby *standby,
                       gconstpointer data); /* nothing may be left behind */

/* Starts it; it has said that it is ready. */
void standby_start(struct standby *standby, const char *how);
void standby_kill(struct standby *standby);

/* Its answer to a command; g_free it. */
char *standby_ask(struct standby *standby, const char *command);

#endif
