/* session.h: the probe of this process: whether it is on, its segment, and the rings in it.
 *
 * Environment: WEFT_TRACE=off|standby|flight|stream (default: standby: a segment with the live
 * tables, and no events), WEFT_RING_SIZE (bytes per ring; K, M, G), WEFT_SESSION (a token by which
 * `weft record` finds its program's segment; then the recorder unlinks it, not the program),
 * WEFT_CLOCK=monotonic (force the fallback), WEFT_CONTROL=0 (no control socket). Privileged
 * programs (AT_SECURE) ignore all of it. */
#ifndef WEFT_PROBE_SESSION_H
#define WEFT_PROBE_SESSION_H

#include "tracer/probe/log.h"
#include "tracer/probe/process.h"
#include "tracer/probe/ring.h"

/* Starts the session from the environment, once per process; emits nothing yet. Returns the mode;
 * never fails: when the segment cannot be made (the reason goes to the log function, if WEFT_TRACE
 * was set) the mode is WEFT_MODE_OFF. Registers an atexit handler that closes it. Any thread. */
enum weft_mode weft_probe_start(void);

/* Marks the segment as closed cleanly, emits PROCESS_EXIT on the first ring still open when the
 * calling thread owns one, and unlinks the file unless a reader holds the lease, or is still to
 * come: a WEFT_SESSION was given and nobody has taken the lease yet. Idempotent. */
void weft_probe_stop(int exit_code);

/* The same, of a process that is about to end itself by a signal. */
void weft_probe_stop_by_signal(int number);

/* A writer with a ring of its own for the calling thread: a loop's, or a foreign thread's. When
 * the probe is off or there is no room, the writer has no ring and every emit does nothing; NULL:
 * even its few hundred bytes of memory are not to be had. `owner` gets the new entity's id: LOOP or
 * THREAD. The first ring of a process begins with PROCESS; a loop's ring goes
 * on with LOOP_OPEN. */
struct weft_writer *weft_probe_open_ring(enum weft_ring_kind kind);

/* LOOP_CLOSE(never_done) or THREAD_EXIT, then the ring is retired: readable, never written again.
 * Frees w. */
void weft_probe_close_ring(struct weft_writer *w, uint64_t never_done);

/* The calling foreign thread's own writer, opened at first use and closed when the thread ends.
 * Never NULL: out of memory it is one that records nothing. */
struct weft_writer *weft_probe_thread_writer(void);
/* NULL when it has none yet. Async-signal-safe. */
struct weft_writer *weft_probe_thread_writer_if_any(void);

/* Adopts a mode that was switched meanwhile (mode.h), and once a second refreshes the clock anchor.
 * For a loop at the end of every poll, with the time it has just read; the writer's thread. Two
 * loads and a branch mostly. True: it took a while, and may have emitted. */
bool weft_probe_turn(struct weft_writer *w, uint64_t now_ticks);

/* How to end the poll of the loop that this writer belongs to, from any thread, when there is
 * something to adopt; NULL: no longer. Any thread. */
void weft_writer_set_wake(struct weft_writer *w, void (*wake)(void *), void *arg);

/* The directory that segments live in, made if missing: $XDG_RUNTIME_DIR/weft or
 * /dev/shm/weft-<uid>, 0700. 0, or a negative errno; the path in `path`. Async-signal-unsafe; any
 * thread. */
int weft_probe_directory(char *path, size_t size);

#endif
