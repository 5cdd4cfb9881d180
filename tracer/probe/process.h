/* process.h: what the system says of a process, this one or another. Any thread. */
#ifndef WEFT_PROBE_PROCESS_H
#define WEFT_PROBE_PROCESS_H

#include <stddef.h>
#include <stdint.h>

/* This process's field 22 of /proc/PID/stat, 0 when unreadable: tells a reused pid. */
uint64_t weft_process_start_time(uint64_t pid);

/* What this start of the machine is called; zeros when unreadable. */
void weft_boot_id(unsigned char boot_id[16]);

/* The calling process's command line, cut to `size`, with a space between arguments. */
void weft_command_line(char *program, size_t size);

#endif
