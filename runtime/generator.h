/* generator.h: what the loop must know of generators. */
#ifndef WEFT_GENERATOR_H
#define WEFT_GENERATOR_H

#include "runtime/task.h"

/* shutdown_asyncgens: closes all that were begun and not finished; their failures are reported. */
void weft__generators_shutdown(weft_loop *loop);
/* At close, when no task is left to run them: what they had on their stacks is forgotten. */
void weft__generators_forget(weft_loop *loop);
/* The stack that the task's code runs on just now: its own, or that of a generator of its. */
const struct weft__stack *weft__task_stack(const struct weft__task *task);

#endif
