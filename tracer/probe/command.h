/* command.h: what a controller can ask of this process.
 *
 *      ping                       ok MODE
 *      mode standby               records nothing more
 *      mode flight [RING_SIZE]    the newest events, of which each loop keeps so many bytes
 *      mode stream [RING_SIZE]    all events, for whoever takes the lease within ten seconds
 *
 * An unknown command is answered with an error that lists the known ones. */
#ifndef WEFT_PROBE_COMMAND_H
#define WEFT_PROBE_COMMAND_H

#include "tracer/probe/control.h"

/* A weft_control_handler. */
void weft_command(const char *command, uint64_t client, pid_t pid, char *answer, size_t size);

#endif
