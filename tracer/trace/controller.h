/* controller.h: asks a running program for something, through the socket beside its segment.
 *
 *      controller --"mode flight"--> whichever of its loops polls next --"ok"--> controller
 *
 * A program whose loops are all held by slices does not answer: that is said as
 * WEFT_TRACE_ERROR_NO_ANSWER, after a time that the caller names. What it was asked it does later,
 * when a loop polls again, unless the controller is closed by then. Commands: probe/command.h.
 * Thread: one. */
#ifndef WEFT_TRACE_CONTROLLER_H
#define WEFT_TRACE_CONTROLLER_H

#include "tracer/trace/trace.h"

G_BEGIN_DECLS

typedef struct weft_controller weft_controller;

/* Errors: NO_PROCESS when there is no such process, or it is not to be controlled (why, and what
 * helps). */
weft_controller *weft_controller_open(guint64 pid, GError **error);
/* The same, of whom this segment is. */
weft_controller *weft_controller_open_segment(const char *path, GError **error);
void weft_controller_close(weft_controller *controller); /* NULL is fine */

/* Sends a command and waits for its answer: TRUE when it was done; in *answer (NULL: not wanted)
 * what it said, g_free it. FALSE: FAILED with the program's own words when it refused, NO_ANSWER
 * when the time was over; then the next call to receive may still get it. */
gboolean weft_controller_command(weft_controller *controller, const char *command,
                                 gint64 timeout_ns, char **answer, GError **error);

/* The two halves of it. One command at a time. */
gboolean weft_controller_send(weft_controller *controller, const char *command, GError **error);
gboolean weft_controller_receive(weft_controller *controller, gint64 timeout_ns, char **answer,
                                 GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_controller, weft_controller_close)

G_END_DECLS

#endif
