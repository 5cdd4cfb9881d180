/* recordjoin.h: what `weft record --pid` says of a program that runs already. */
#ifndef WEFT_CLI_RECORDJOIN_H
#define WEFT_CLI_RECORDJOIN_H

#include <glib.h>

/* The name of its executable, without directories; g_free it. NULL and an error when there is no
 * such process, or it is not linked with libweft. */
char *recordjoin_program(guint64 pid, GError **error);

/* Why there are no events of it. `files`: the traces, in quotes; "": there is none. */
void recordjoin_say_no_events(guint64 pid, const char *name, const char *files);

#endif
