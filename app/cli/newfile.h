/* newfile.h: the trace file that a verb writes. */
#ifndef WEFT_CLI_NEWFILE_H
#define WEFT_CLI_NEWFILE_H

#include "app/cli/verb.h"

/* A slip such as `-o program.c` must not cost a file that is no trace: FALSE for one. */
gboolean newfile_may_replace(const char *path);

/* Says so; returns the exit code. */
int newfile_refuse(const struct verb *verb, const char *path);

/* Whether both name the same file: writing one would destroy the other. */
gboolean newfile_is(const char *path, const char *other);

#endif
