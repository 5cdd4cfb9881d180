/* command.h: what a controller can ask of this process.
 *
 *      ping                       ok MODE
 *      mode flight [RING_SIZE]    I want the newest events, of which each ring keeps so many bytes
 *      mode stream [RING_SIZE]    I want all events: who asks takes the lease within ten seconds
 *      mode standby               I want nothing (more)
 *      pause [LOOP]               the loop runs nothing, until I have gone (pace.h)
 *      resume [LOOP]              it goes on, whoever paused it
 *      step [LOOP]                one dispatch of a loop that is paused
 *      slow FACTOR [LOOP]         each dispatch lasts so many times as long, until I have gone
 *      slow 1 [LOOP]              as fast as it goes, whoever slowed it
 *      pace [LOOP]                ok running, ok pausing, ok paused, or ok slowed FACTOR
 *      cancel task:LOOP:NUMBER    its loop cancels that task, if it is not done by then
 *
 * LOOP is a number, the one in its tasks' ids; without it, all loops of the process.
 * What a connection wants ends with it; what others want is not touched (mode.h).
 * An unknown command is answered with an error that lists the known ones. */
#ifndef WEFT_PROBE_COMMAND_H
#define WEFT_PROBE_COMMAND_H

#include "tracer/probe/control.h"

/* A weft_control_handler. */
void weft_command(const char *command, uint64_t client, pid_t pid, char *answer, size_t size);

#endif
