/* stale.h: segments that outlived their process, and when they go.
 *
 * A process holds a lock on its segment for as long as it runs the same program: the lock is the
 * kernel's, and goes with the process, or when it becomes another program. So nobody's clock or pid
 * namespace is trusted. A segment is stale when nobody holds its lock, the process of its name has
 * ended (pid and start time; the boot), and no reader has a lease on it. Then
 *
 *      it recorded events       it is the black box of a process that was killed: kept for a day
 *                               after it was found, and no more than the newest 32 of them
 *      standby, or it ended     kept for ten minutes, and no more than the newest 8
 *      by itself
 *      a socket without one,    removed at once
 *      or of a dead recorder
 *
 * Every program that starts a session looks at some of what is there; tools look at all. */
#ifndef WEFT_PROBE_STALE_H
#define WEFT_PROBE_STALE_H

#include <stdbool.h>
#include <stdint.h>

/* Takes the lock on one's own new segment; without locks, ended processes are told by their pid
 * alone. */
void weft_segment_hold(int fd);
/* Does the process that made the segment open at `fd` still run that program? */
bool weft_segment_is_held(int fd);

/* Removes the segment at `path`, and its socket. */
void weft_segment_remove(const char *path);

/* exec.c: adds EXEC, saying that the process became `program`, to the segment open at `fd`, whose
 * process is the calling one. Nothing happens where nothing was recorded. */
void weft_segment_say_exec(int fd, const char *program);

#define WEFT_STALE_AGE UINT64_C(86400000000000) /* a day, in ns */

/* Removes what is stale in the whole runtime directory, black boxes when they were found to be
 * `age_ns` ago. Returns how many segments it removed, or a negative errno. Any thread. */
int weft_probe_clean_stale(uint64_t age_ns);

/* The same at a program's start: of 64 segments at most. What this process recorded before it
 * became this program is marked as ended. */
void weft_probe_clean_some(void);

#endif
