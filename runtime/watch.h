/* watch.h: watched file descriptors, by number. */
#ifndef WEFT_WATCH_H
#define WEFT_WATCH_H

#include "runtime/weft.h"

/* Stops watching everything, at close. */
void weft__watchers_close(weft_loop *loop);

/* Whether this handle is a watched descriptor's. */
bool weft__watcher_is(weft_loop *loop, const uv_handle_t *handle);

#endif
