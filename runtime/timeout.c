/* timeout.c: timeout scopes, asyncio's Timeout (Lib/asyncio/timeouts.py), and wait_for, which is
 * one around an await. */
#include "runtime/error.h"
#include "runtime/scope.h"
#include <math.h>

struct timeout { /* behind weft_timeout */
    struct weft__scope scope;
    struct weft__timer timer;
    int cancelling; /* requests when it was entered */
    uint8_t state;
    bool immediate; /* wait_for of a future with a deadline that was over */
};
_Static_assert(sizeof(struct timeout) <= sizeof(weft_timeout), "weft.h: weft_timeout is too small");

enum {
    CREATED, /* also: left before it was entered */
    ENTERED,
    EXPIRING,
    EXPIRED,
    EXITED,
};

static struct timeout *timeout_of(const weft_timeout *timeout)
{
    return (struct timeout *)(uintptr_t)timeout;
}

/* ---- The deadline ---- */

static void expire(struct weft__entry *entry)
{
    struct timeout *timeout = weft__container(entry, struct timeout, timer.entry);
    struct weft__task *task = timeout->scope.task;
    weft_loop *loop = task->future.loop;
    uint64_t id = timeout->timer.id;
    weft__callback_begin(loop, WEFT_HANDLE_TIMER, timeout->timer.site, id, 0);
    weft__trace(loop, WEFT_RECORD_TIMEOUT_EXPIRE, 0, timeout->timer.site, id, task->future.id);
    timeout->state = EXPIRING;
    weft__task_cancel(&task->future, timeout->timer.site, NULL, WEFT_WAKE_TIMEOUT, id);
    weft__callback_end(loop, WEFT_HANDLE_TIMER, id);
}

/* Python's: call_soon when it is over already, so that the body runs to its first suspension. */
static int arm(struct timeout *timeout, weft_loop *loop, uint64_t when)
{
    weft__timer_cancel(loop, &timeout->timer);
    timeout->timer.when = when;
    if (when == (uint64_t)WEFT__NEVER)
        return 0;
    if (when > weft__now())
        return weft__timer_set(loop, &timeout->timer, when);
    weft__ready_callback(loop, &timeout->timer.entry, WEFT_HANDLE_TIMER, timeout->timer.site,
                         timeout->timer.id, 0);
    return 0;
}

static void leave(struct weft__scope *scope);

static weft_timeout *enter(weft_timeout *pointer, weft_site *site, const char *func, uint64_t when,
                           bool immediate, int *rc)
{
    struct timeout *timeout = timeout_of(pointer);
    struct weft__task *task = weft__current();
    weft_loop *loop = task->future.loop;
    *timeout = (struct timeout){ .cancelling = task->cancels, .immediate = immediate };
    timeout->timer.entry.run = expire;
    timeout->timer.site = site;
    timeout->timer.id = weft_new_id(loop->writer, WEFT_ENTITY_TIMEOUT);
    *rc = arm(timeout, loop, when);
    if (*rc < 0)
        return NULL;
    timeout->state = ENTERED;
    weft__scope_enter(&timeout->scope, task, func, rc, leave);
    weft__trace(loop, WEFT_RECORD_TIMEOUT_ENTER, 0, site, timeout->timer.id, when);
    return pointer;
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

/* The failure that passes the scope, whose deadline made it: as in Python a cancellation becomes
 * the timeout, and any other error has it as its cause. */
static void convert(struct weft__task *task, int *rc, weft_site *site)
{
    weft_error *error = weft__error_claim(&task->error, *rc);
    if (*rc == WEFT_ECANCELED) {
        *rc = WEFT_ETIMEDOUT;
        if (!error)
            error = weft__error_new(WEFT_ECANCELED, NULL, NULL, NULL);
        error = weft__error_new(WEFT_ETIMEDOUT, NULL, site, error);
    } else if (!error || !error->cause) {
        weft_error *cause = weft__error_new(WEFT_ETIMEDOUT, NULL, site, NULL);
        if (!error)
            error = weft__error_new(*rc, NULL, NULL, cause);
        else
            error->cause = cause;
    }
    weft__error_put(&task->error, error);
}

int weft__await_within(weft_future *future)
{
    struct weft__task *task = weft__current();
    struct timeout *timeout = task ? (struct timeout *)task->scopes : NULL;
    if (!future || !timeout || !timeout->immediate || weft__is_done(future) ||
        future == &task->future || future->loop != task->future.loop)
        return weft__await_future(future);
    weft_site *site = weft__await_site(task);
    weft__cancel(future, site, NULL, WEFT_WAKE_TIMEOUT, timeout->timer.id);
    int rc = weft__wait_until_done(task, future, site);
    if (rc < 0)
        return rc;
    rc = weft__outcome(future);
    if (rc == WEFT_ECANCELED)
        convert(task, &rc, site);
    return rc;
}

int weft_timeout_reschedule_at(weft_site *site, weft_timeout *pointer, double when)
{
    struct timeout *timeout = timeout_of(pointer);
    if (!timeout || isnan(when))
        return UV_EINVAL;
    if (timeout->state != ENTERED)
        return WEFT_EINVALSTATE;
    weft_loop *loop = timeout->scope.task->future.loop;
    uint64_t deadline = weft__deadline_at(when);
    weft__trace(loop, WEFT_RECORD_TIMEOUT_RESCHEDULE, 0, site, timeout->timer.id, deadline);
    return arm(timeout, loop, deadline);
}

double weft_timeout_when(const weft_timeout *timeout)
{
    uint64_t when = timeout ? timeout_of(timeout)->timer.when : (uint64_t)WEFT__NEVER;
    return when == (uint64_t)WEFT__NEVER ? INFINITY : (double)when / 1e9;
}

bool weft_timeout_expired(const weft_timeout *timeout)
{
    if (!timeout)
        return false;
    uint8_t state = timeout_of(timeout)->state;
    return state == EXPIRING || state == EXPIRED;
}

/* ---- Leaving ---- */

static void leave(struct weft__scope *scope)
{
    struct timeout *timeout = (struct timeout *)scope;
    struct weft__task *task = scope->task;
    weft_loop *loop = task->future.loop;
    weft_site *site = timeout->timer.site;
    int *rc = scope->rc;
    weft__timer_cancel(loop, &timeout->timer);
    enum weft_outcome outcome = *rc >= 0                ? WEFT_OUTCOME_RESULT
                                : *rc == WEFT_ECANCELED ? WEFT_OUTCOME_CANCELLED
                                                        : WEFT_OUTCOME_ERROR;
    if (timeout->state == EXPIRING) {
        timeout->state = EXPIRED;
        if (weft_uncancel_at(site, &task->future) <= timeout->cancelling && *rc < 0) {
            convert(task, rc, site);
            outcome = WEFT_OUTCOME_ERROR;
        }
    } else {
        timeout->state = EXITED;
    }
    weft__trace(loop, WEFT_RECORD_TIMEOUT_EXIT, outcome, site, timeout->timer.id, task->future.id);
}
