/* summarise.h: what is done with a trace once it is recorded. */
#ifndef WEFT_CLI_SUMMARISE_H
#define WEFT_CLI_SUMMARISE_H

/* Reads it through and keeps what was found in it, so that it opens at once. Where that cannot be
 * done it opens all the same. Any thread. */
void summarise(const char *path);

#endif
