/* options.h: a command line, parsed by a verb's table; and the same table printed as --help. */
#ifndef WEFT_CLI_OPTIONS_H
#define WEFT_CLI_OPTIONS_H

#include "app/cli/verb.h"

/* Fills `settings` (of verb->settings_size, already holding the defaults) and *operands (a
 * NULL-terminated array, g_free it; its strings are argv's) from argv, which ends with NULL and
 * does not include the verb. Returns -1 to go on; else the exit code to leave with: --help and
 * --version were printed, or what is wrong was said. */
int options_parse(const struct verb *verb, char **argv, void *settings, char ***operands);

/* Frees settings that were parsed into. */
void options_finish(const struct verb *verb, void *settings);

/* What --help prints. g_free it. */
char *options_help(const struct verb *verb);

/* The one of `words` (NULL-terminated) that somebody who typed `typed` may have meant; NULL: none
 * is near. */
const char *options_nearest(const char *typed, const char *const *words);

#endif
