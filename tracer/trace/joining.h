/* joining.h: how a recorder joins a program that is running already, and leaves it as it was.
 *
 *      attach, lease --"mode stream"--> every loop, at its next poll, records
 *                                          --> live tables and first events --> STATE, EVENTS ...
 *      leave: no lease, no connection  --> the program goes back to its mode by itself
 *
 * A recorder that is killed leaves in the same way. What the program recorded before, for somebody
 * else or into its own ring, is not taken: the recording begins now. A program whose loops are all
 * held by slices is waited for. Thread: one. */
#ifndef WEFT_TRACE_JOINING_H
#define WEFT_TRACE_JOINING_H

#include "tracer/trace/drain.h"

typedef struct weft_joining weft_joining;

/* Takes the program's lease and asks it to record, into rings of so many bytes (0: the default).
 * Errors: as weft_attach_pid_to_drain(), and NO_PROCESS when it is not to be controlled. */
weft_joining *weft_joining_new(guint64 pid, guint64 ring_size, GError **error);
void weft_joining_free(weft_joining *joining); /* leaves; NULL is fine */

/* Whether it records by now, or never will. FALSE and an error when it refuses; FALSE without one:
 * ask again a little later. *note: what the user should know meanwhile, g_free it; else NULL. */
gboolean weft_joining_ready(weft_joining *joining, char **note, GError **error);

/* Whether the program has ended, or has become another. Before it begins. */
gboolean weft_joining_has_ended(const weft_joining *joining);

/* Begins: what the program is and the state it is in go into the file. Once, ready or not. */
struct weft_drain *weft_joining_begin(weft_joining *joining, struct weft_sink *sink,
                                      GError **error);
/* Then: its first events. */
gboolean weft_joining_first_events(weft_joining *joining, struct weft_drain *drain, GError **error);

/* Gives the program up and waits a moment until it has gone back to its mode. While its drain is
 * still there, which may then read what is left. */
void weft_joining_leave(weft_joining *joining);

#endif
