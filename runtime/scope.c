/* scope.c: how the scopes of a task are left, whatever they are: see scope.h. */
#include "runtime/scope.h"

void weft__scope_enter(struct weft__scope *scope, struct weft__task *task, const char *func,
                       int *rc, void (*leave)(struct weft__scope *))
{
    *scope = (struct weft__scope){
        .up = task->scopes, .task = task, .func = func, .frame = weft__top, .rc = rc, .leave = leave
    };
    task->scopes = scope;
}

void weft__scope_leave(void *pointer)
{
    struct weft__scope *scope = pointer;
    void (*leave)(struct weft__scope *) = scope->leave;
    if (!leave)
        return;
    scope->leave = NULL;
    scope->task->scopes = scope->up;
    leave(scope);
}

static struct weft__scope *innermost_of(const char *func)
{
    struct weft__task *task = weft__current();
    struct weft__scope *scope = task ? task->scopes : NULL;
    return scope && scope->func == func && scope->frame == weft__top ? scope : NULL;
}

/* WEFT_TRY's return: the scopes of this very call are left before the code is returned. */
int weft__unwind(const char *func, int rc)
{
    for (struct weft__scope *scope; (scope = innermost_of(func));) {
        *scope->rc = rc;
        weft__scope_leave(scope);
        rc = *scope->rc;
    }
    return rc;
}

void weft__break(const char *func, weft_site *site)
{
    struct weft__scope *scope = innermost_of(func);
    if (scope)
        scope->broke = site;
}

void weft__scope_not_left(struct weft__scope *scope)
{
    weft_log("%s:%u, in %s: WEFT_BREAK left only the loop inside its scope, not the scope",
             scope->broke->file, scope->broke->line, scope->broke->func);
    scope->broke = NULL;
}
