/* scope.h: the timeouts that a task is in, innermost first.
 *
 *      task->scopes -> timeout -> timeout -> NULL          each on the task's own stack */
#ifndef WEFT_SCOPE_H
#define WEFT_SCOPE_H

#include "runtime/task.h"

struct scope { /* behind weft_timeout */
    struct weft__timer timer;
    struct weft__task *task;
    struct scope *up;
    const char *func; /* which call of which function opened it: WEFT_TRY closes those of its own */
    weft__frame *frame;
    int *rc;
    weft_site *broke; /* a WEFT_BREAK is leaving it */
    int cancelling;   /* requests when it was entered */
    uint8_t state;
    bool immediate; /* wait_for of a future with a deadline that was over */
};

void weft__scope_not_left(struct scope *scope);

/* Before any suspension: a WEFT_BREAK that has not left its scope by now left a loop inside it. */
static inline void weft__scopes_check(struct weft__task *task)
{
    if (__builtin_expect(task->scopes && task->scopes->broke, 0))
        weft__scope_not_left(task->scopes);
}

#endif
