/* newfile.h: the trace file that a verb writes. */
#ifndef WEFT_CLI_NEWFILE_H
#define WEFT_CLI_NEWFILE_H

#include "app/cli/verb.h"

/* -1: a trace can be written there. Else the exit code; what is wrong was said: a slip such as
 * `-o program.c` must not cost a file that is no trace, and a trace needs a file that can be read
 * back, which stdout and a pipe are not. */
int newfile_check(const struct verb *verb, const char *path);

/* Whether both name the same file: writing one would destroy the other. */
gboolean newfile_is(const char *path, const char *other);

#endif
