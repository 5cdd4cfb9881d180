/* command.h: what a controller can ask of this process.
 *
 *      ping        ok MODE
 *
 * An unknown command is answered with an error that lists the known ones. */
#ifndef WEFT_PROBE_COMMAND_H
#define WEFT_PROBE_COMMAND_H

#include "tracer/probe/control.h"

/* A weft_control_handler. */
void weft_command(const char *command, uint64_t client, char *answer, size_t size);

#endif
