/* signals.h: signal handlers of a loop, a program's and run()'s own for SIGINT. */
#ifndef WEFT_SIGNALS_H
#define WEFT_SIGNALS_H

#include "runtime/loop.h"

/* run()'s: SIGINT will call fn once; from its delivery on, SIGINT has its default action, which
 * ends the process whatever it is doing. Nothing is done unless this is the main thread and SIGINT
 * has its default action. */
int weft__sigint_watch(weft_loop *loop, weft_site *site, weft_callback *fn, void *arg);
/* Gives SIGINT its default action back, unless a program's handler has taken its place. Whether it
 * had come, even if fn has not run yet, and will not. */
bool weft__sigint_unwatch(weft_loop *loop);

/* The trace's id of the watch of SIGINT, 0 when there is none. */
uint64_t weft__sigint_id(const weft_loop *loop);

/* Whether this handle is a signal's. */
bool weft__signal_is(const weft_loop *loop, const uv_handle_t *handle);

/* In the child of a fork: what would be caught has its default action there. */
void weft__signals_forget(const weft_loop *loop);

#endif
