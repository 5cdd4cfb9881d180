/* scope.h: the scopes that a task is in: timeouts, task groups, held locks, iterations.
 *
 *      task->scopes -> lock -> timeout -> group -> NULL     innermost first, each on the task's
 * stack
 *
 * Each begins with a struct weft__scope and is made by WEFT__SCOPE, whose cleanup attribute leaves
 * it however its block is left. WEFT_TRY leaves it before that, so that the code which it returns
 * is the one that the scope made of it. Whichever comes first leaves; the other finds nothing to
 * do. A scope is off the stack while it is being left, for leaving may suspend.
 *
 * What runs on a stack of its own inside a task has scopes of its own: it must put task->scopes
 * aside while it runs, as it does with weft__top. */
#ifndef WEFT_SCOPE_H
#define WEFT_SCOPE_H

#include "runtime/task.h"

struct weft__scope {
    struct weft__scope *up;
    struct weft__task *task;
    const char *func; /* which call of which function opened it: WEFT_TRY leaves those of its own */
    weft__frame *frame;
    int *rc;          /* the body's code while it is left; what is put there comes of it */
    weft_site *broke; /* a WEFT_BREAK is leaving it */
    void (*leave)(struct weft__scope *); /* NULL: not entered, or left */
};

/* The last thing that entering does, and only if it succeeded. */
void weft__scope_enter(struct weft__scope *scope, struct weft__task *task, const char *func,
                       int *rc, void (*leave)(struct weft__scope *));

void weft__scope_not_left(struct weft__scope *scope);

/* Before any suspension: a WEFT_BREAK that has not left its scope by now left a loop inside it. */
static inline void weft__scopes_check(struct weft__task *task)
{
    if (__builtin_expect(task->scopes && task->scopes->broke, 0))
        weft__scope_not_left(task->scopes);
}

#endif
