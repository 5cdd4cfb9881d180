/* scope.c: timeout scopes: asyncio's Timeout (Lib/asyncio/timeouts.py), and how failures leave
 * them. */
#include "runtime/scope.h"
#include "runtime/error.h"
#include <math.h>

_Static_assert(sizeof(struct scope) <= sizeof(weft_timeout), "weft.h: weft_timeout is too small");

enum {
    CREATED, /* also: left before it was entered */
    ENTERED,
    EXPIRING,
    EXPIRED,
    EXITED,
};

static struct scope *scope_of(const weft_timeout *timeout)
{
    return (struct scope *)(uintptr_t)timeout;
}

/* ---- The deadline ---- */

static void expire(struct weft__entry *entry)
{
    struct scope *scope = weft__container(entry, struct scope, timer.entry);
    struct weft__task *task = scope->task;
    weft_loop *loop = task->future.loop;
    uint64_t id = scope->timer.id;
    weft__callback_begin(loop, WEFT_HANDLE_TIMER, scope->timer.site, id, 0);
    weft__trace(loop, WEFT_RECORD_TIMEOUT_EXPIRE, 0, scope->timer.site, id, task->future.id);
    scope->state = EXPIRING;
    weft__task_cancel(&task->future, scope->timer.site, NULL, WEFT_WAKE_TIMEOUT, id);
    weft__callback_end(loop, WEFT_HANDLE_TIMER, id);
}

/* Python's: call_soon when it is over already, so that the body runs to its first suspension. */
static int arm(struct scope *scope, uint64_t when)
{
    weft_loop *loop = scope->task->future.loop;
    weft__timer_cancel(loop, &scope->timer);
    scope->timer.when = when;
    if (when == (uint64_t)WEFT__NEVER)
        return 0;
    if (when > uv_hrtime())
        return weft__timer_set(loop, &scope->timer, when);
    weft__ready_callback(loop, &scope->timer.entry, WEFT_HANDLE_TIMER, scope->timer.site,
                         scope->timer.id, 0);
    return 0;
}

static weft_timeout *enter(weft_timeout *timeout, weft_site *site, const char *func, uint64_t when,
                           bool immediate, int *rc)
{
    struct scope *scope = scope_of(timeout);
    struct weft__task *task = weft__current();
    *scope = (struct scope){ .task = task,
                             .up = task->scopes,
                             .func = func,
                             .frame = weft__top,
                             .rc = rc,
                             .cancelling = task->cancels,
                             .immediate = immediate };
    weft_loop *loop = task->future.loop;
    scope->timer.entry.run = expire;
    scope->timer.site = site;
    scope->timer.id = weft_new_id(loop->writer, WEFT_ENTITY_TIMEOUT);
    *rc = arm(scope, when);
    if (*rc < 0)
        return NULL;
    scope->state = ENTERED;
    task->scopes = scope;
    weft__trace(loop, WEFT_RECORD_TIMEOUT_ENTER, 0, site, scope->timer.id, when);
    return timeout;
}

weft_timeout *weft_timeout_enter(weft_timeout *timeout, weft_site *site, const char *func,
                                 double seconds, bool absolute, int *rc)
{
    *rc = !weft__current() ? WEFT_ENOTASK : isnan(seconds) ? UV_EINVAL : 0;
    if (*rc < 0)
        return NULL;
    uint64_t when = absolute ? weft__deadline_at(seconds) : weft__deadline_in(seconds);
    return enter(timeout, site, func, when, false, rc);
}

weft_timeout *weft__wait_for_enter(weft_timeout *timeout, weft_site *site, const char *func,
                                   double seconds, bool is_call, int *rc)
{
    *rc = !weft__current() ? WEFT_ENOTASK : isnan(seconds) ? UV_EINVAL : 0;
    if (*rc == 0 && seconds <= 0 && is_call)
        *rc = WEFT_ETIMEDOUT;
    if (*rc < 0)
        return NULL;
    bool immediate = seconds <= 0;
    return enter(timeout, site, func,
                 immediate ? (uint64_t)WEFT__NEVER : weft__deadline_in(seconds), immediate, rc);
}

int weft__await_within(weft_future *future)
{
    struct weft__task *task = weft__current();
    struct scope *scope = task ? task->scopes : NULL;
    if (!future || !scope || !scope->immediate || weft__is_done(future) ||
        future == &task->future || future->loop != task->future.loop)
        return weft__await_future(future);
    weft_site *site = weft__await_site(task);
    weft__cancel(future, site, NULL, WEFT_WAKE_TIMEOUT, scope->timer.id);
    int rc = weft__wait_until_done(task, future, site);
    if (rc == 0)
        rc = weft__outcome(future);
    else
        return rc;
    if (rc != WEFT_ECANCELED)
        return rc;
    weft_error *cause = weft__error_claim(&task->error, rc);
    weft__error_put(&task->error, weft__error_new(WEFT_ETIMEDOUT, NULL, site, cause));
    return WEFT_ETIMEDOUT;
}

int weft_timeout_reschedule_at(weft_site *site, weft_timeout *timeout, double when)
{
    struct scope *scope = timeout ? scope_of(timeout) : NULL;
    if (!scope || isnan(when))
        return UV_EINVAL;
    if (scope->state != ENTERED)
        return WEFT_EINVALSTATE;
    uint64_t deadline = weft__deadline_at(when);
    weft__trace(scope->task->future.loop, WEFT_RECORD_TIMEOUT_RESCHEDULE, 0, site, scope->timer.id,
                deadline);
    return arm(scope, deadline);
}

double weft_timeout_when(const weft_timeout *timeout)
{
    uint64_t when = timeout ? scope_of(timeout)->timer.when : (uint64_t)WEFT__NEVER;
    return when == (uint64_t)WEFT__NEVER ? INFINITY : (double)when / 1e9;
}

bool weft_timeout_expired(const weft_timeout *timeout)
{
    if (!timeout)
        return false;
    uint8_t state = scope_of(timeout)->state;
    return state == EXPIRING || state == EXPIRED;
}

/* ---- Leaving ---- */

/* The failure that passes the scope, whose deadline made it: as in Python a cancellation becomes
 * the timeout, and any other error has it as its cause. */
static void convert(struct scope *scope)
{
    struct weft__task *task = scope->task;
    weft_error *error = weft__error_claim(&task->error, *scope->rc);
    if (*scope->rc == WEFT_ECANCELED) {
        *scope->rc = WEFT_ETIMEDOUT;
        if (!error)
            error = weft__error_new(WEFT_ECANCELED, NULL, NULL, NULL);
        error = weft__error_new(WEFT_ETIMEDOUT, NULL, scope->timer.site, error);
    } else if (!error || !error->cause) {
        weft_error *timeout = weft__error_new(WEFT_ETIMEDOUT, NULL, scope->timer.site, NULL);
        if (!error)
            error = weft__error_new(*scope->rc, NULL, NULL, timeout);
        else
            error->cause = timeout;
    }
    weft__error_put(&task->error, error);
}

void weft_timeout_leave(weft_timeout *timeout)
{
    struct scope *scope = scope_of(timeout);
    if (scope->state != ENTERED && scope->state != EXPIRING)
        return;
    struct weft__task *task = scope->task;
    weft_loop *loop = task->future.loop;
    weft__timer_cancel(loop, &scope->timer);
    task->scopes = scope->up;
    enum weft_outcome outcome = *scope->rc >= 0                ? WEFT_OUTCOME_RESULT
                                : *scope->rc == WEFT_ECANCELED ? WEFT_OUTCOME_CANCELLED
                                                               : WEFT_OUTCOME_ERROR;
    if (scope->state == EXPIRING) {
        scope->state = EXPIRED;
        if (weft_uncancel_at(scope->timer.site, &task->future) <= scope->cancelling &&
            *scope->rc < 0) {
            convert(scope);
            outcome = WEFT_OUTCOME_ERROR;
        }
    } else {
        scope->state = EXITED;
    }
    weft__trace(loop, WEFT_RECORD_TIMEOUT_EXIT, outcome, scope->timer.site, scope->timer.id,
                task->future.id);
}

/* WEFT_TRY's return: the scopes of this very call are left before the code is returned, so that it
 * is the converted one; their own leaving at the end of the block then finds nothing to do. */
int weft__unwind(const char *func, int rc)
{
    struct weft__task *task = weft__current();
    while (task && task->scopes && task->scopes->func == func && task->scopes->frame == weft__top) {
        struct scope *scope = task->scopes;
        *scope->rc = rc;
        weft_timeout_leave((weft_timeout *)scope);
        rc = *scope->rc;
    }
    return rc;
}

void weft__break(const char *func, weft_site *site)
{
    struct weft__task *task = weft__current();
    struct scope *scope = task ? task->scopes : NULL;
    if (scope && scope->func == func && scope->frame == weft__top)
        scope->broke = site;
}

void weft__scope_not_left(struct scope *scope)
{
    weft_log("%s:%u, in %s: WEFT_BREAK left only the loop inside its scope, not the scope",
             scope->broke->file, scope->broke->line, scope->broke->func);
    scope->broke = NULL;
}
