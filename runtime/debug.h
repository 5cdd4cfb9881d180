/* debug.h: debug mode: what asyncio finds with PYTHONASYNCIODEBUG=1, Weft finds with WEFT_DEBUG=1.
 *
 * Off, it costs a load and a branch an iteration, and one where a foreign thread could call. */
#ifndef WEFT_DEBUG_H
#define WEFT_DEBUG_H

#include "runtime/task.h"

enum { WEFT__SLOW_NS = 100000000 }; /* asyncio's slow_callback_duration */

/* Runs an entry of the batch, and says so when it took long. */
void weft__debug_run(weft_loop *loop, struct weft__entry *entry);

/* Whether this is not the loop's thread, which is reported. */
bool weft__found_foreign_thread(weft_loop *loop, weft_site *site, const char *call);
static inline bool weft__foreign_thread(weft_loop *loop, weft_site *site, const char *call)
{
    return __builtin_expect(loop->debug, 0) && weft__found_foreign_thread(loop, site, call);
}

/* WEFT_EDEADLOCK, with an error object that tells it, when the future waits for the task in the
 * end: through what tasks await and gathers gather. */
int weft__look_for_cycle(struct weft__task *task, weft_future *future, weft_site *site);

#endif
