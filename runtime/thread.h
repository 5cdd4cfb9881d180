/* thread.h: the future of a call that runs in a thread. */
#ifndef WEFT_THREAD_H
#define WEFT_THREAD_H

#include "runtime/weft.h"

/* Nobody waits for the job any more: if it has not begun, it never does. */
void weft__job_future_cancelled(weft_future *future);

#endif
