/* gather.h: what futures need to know of gathers. */
#ifndef WEFT_GATHER_H
#define WEFT_GATHER_H

#include "runtime/future.h"

bool weft__gather_cancel(weft_future *future, weft_site *site, const char *message,
                         enum weft_wake_cause cause, uint64_t by);
/* How many of its children are done. */
size_t weft__gather_finished(weft_future *future);

#endif
