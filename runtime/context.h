/* context.h: the task-local values of whatever runs. See context.c.
 *
 *      context -> [ local, value ] [ local, value ] ...        NULL: no values
 *
 * Who schedules something keeps a copy of the values for it (weft__context_copy) and runs it with
 * them: a task has its own; for a callback or a job of a thread pool:
 *
 *      struct weft__context **outer = weft__context_enter(&job->context);
 *      job->run(job);
 *      weft__context_leave(outer);
 *
 * Any thread: a context may be copied in one thread and dropped in another. */
#ifndef WEFT_CONTEXT_H
#define WEFT_CONTEXT_H

struct weft__context;

/* What runs now has these values: a reference to them, yours to drop. */
struct weft__context *weft__context_copy(void);
void weft__context_drop(struct weft__context *context);
/* From here on, in this thread and outside any task, *context has the values. */
struct weft__context **weft__context_enter(struct weft__context **context);
void weft__context_leave(struct weft__context **outer);

#endif
