/* command.h: what a controller can ask of this process.
 *
 *      ping                       ok MODE
 *      mode flight [RING_SIZE]    I want the newest events, of which each ring keeps so many bytes
 *      mode stream [RING_SIZE]    I want all events: who asks takes the lease within ten seconds
 *      mode standby               I want nothing (more)
 *
 * What a connection wants ends with it; what others want is not touched (mode.h).
 * An unknown command is answered with an error that lists the known ones. */
#ifndef WEFT_PROBE_COMMAND_H
#define WEFT_PROBE_COMMAND_H

#include "tracer/probe/control.h"

/* A weft_control_handler. */
void weft_command(const char *command, uint64_t client, pid_t pid, char *answer, size_t size);

#endif
