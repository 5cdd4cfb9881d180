/* recordsocket.h: how `weft ctl` speaks with the `weft record` that records a program.
 *
 *      RUNTIME-DIRECTORY/PID-STARTTIME.recorder      a socket of the recorder, while it records
 *      "dump", "dump PATH"  -->
 *                           <--  "ok PATH", "error WHY", once it is written
 *
 * One message each way, of the same user's. Thread: the recorder's. */
#ifndef WEFT_CLI_RECORDSOCKET_H
#define WEFT_CLI_RECORDSOCKET_H

#include "app/cli/flight.h"

struct recordsocket;

/* Opens this process's socket. NULL and an error: nobody will find it. */
struct recordsocket *recordsocket_new(GError **error);
void recordsocket_free(struct recordsocket *socket); /* NULL is fine */

/* Takes what was asked. `flight`: NULL when the recording is no flight's, and is in `path`. */
void recordsocket_round(struct recordsocket *socket, struct flight *flight, const char *path);

/* Whether this process records. */
gboolean recordsocket_exists(guint64 pid);

/* Asks it and waits for its answer: TRUE and the path, g_free it; FALSE and why not. */
gboolean recordsocket_ask(guint64 pid, const char *command, char **path, GError **error);

#endif
