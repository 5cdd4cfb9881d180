/* failure.h: how a verb fails: the one place where errors become exit codes and messages. */
#ifndef WEFT_CLI_FAILURE_H
#define WEFT_CLI_FAILURE_H

#include "app/cli/verb.h"

/* Says what is wrong with the command line and where its help is. Returns EXIT_USAGE. */
int failure_usage(const struct verb *verb, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Says error->message; returns its exit code. Frees the error. */
int failure_error(GError *error);

/* The exit code of an error: EXIT_INPUT for what is wrong with a trace, else EXIT_SYSTEM. */
int failure_exit_code(const GError *error);

#endif
