/* pace.c: see pace.h. Under the session's mutex; what a loop reads without it is atomic. */
#include "tracer/probe/pace.h"
#include "tracer/probe/inside.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct weft_session *const session = &weft__session;

static bool obeys(const struct weft_writer *w, int loop)
{
    return w->kind == WEFT_RING_LOOP && w->wake &&
           (loop == WEFT_PACE_ALL || w->index == (uint32_t)loop);
}

static bool is_slow(const struct weft_pace *pace)
{
    return atomic_load(&pace->factor) > 1;
}

/* ---- Asking ---- */

static bool is_to_cancel(const struct weft_writer *w)
{
    for (int i = 0; i < WEFT_CANCELS_MAX; i++)
        if (session->cancels[i].task && weft_id_ring(session->cancels[i].task) == w->index)
            return true;
    return false;
}

/* The loop looks behind its poll, or where it is paused: both end. */
static void tell(struct weft_writer *w)
{
    atomic_store(&w->pace.asked,
                 atomic_load(&w->pace.paused) || is_slow(&w->pace) || is_to_cancel(w));
    w->wake(w->wake_arg);
}

static void apply(struct weft_pace *pace, const struct weft_pace_request *request)
{
    switch (request->what) {
    case WEFT_PACE_PAUSE:
        pace->paused_by = request->client;
        atomic_store(&pace->paused, true);
        break;
    case WEFT_PACE_RESUME:
        pace->paused_by = 0;
        atomic_store(&pace->paused, false);
        atomic_store(&pace->step, false);
        break;
    case WEFT_PACE_STEP:
        atomic_store(&pace->step, true);
        break;
    case WEFT_PACE_SLOW:
        pace->slowed_by = request->factor > 1 ? request->client : 0;
        atomic_store(&pace->factor, request->factor);
        break;
    }
}

int weft_pace_ask(const struct weft_pace_request *request)
{
    bool step = request->what == WEFT_PACE_STEP;
    int rc = -ENOENT;
    pthread_mutex_lock(&session->lock);
    for (struct weft_writer *w = session->writers; w; w = w->next) {
        if (!obeys(w, request->loop))
            continue;
        if (step && !atomic_load(&w->pace.paused)) {
            rc = rc == 0 ? 0 : -EAGAIN;
            continue;
        }
        apply(&w->pace, request);
        tell(w);
        rc = 0;
    }
    if (rc == 0 && request->loop == WEFT_PACE_ALL && !step)
        apply(&session->pace, request);
    pthread_mutex_unlock(&session->lock);
    return rc;
}

static bool release(struct weft_pace *pace, uint64_t client)
{
    bool paused = pace->paused_by == client, slowed = pace->slowed_by == client;
    if (paused)
        apply(pace, &(struct weft_pace_request){ .what = WEFT_PACE_RESUME });
    if (slowed)
        apply(pace, &(struct weft_pace_request){ .what = WEFT_PACE_SLOW, .factor = 1 });
    return paused || slowed;
}

void weft_pace_release(uint64_t client)
{
    pthread_mutex_lock(&session->lock);
    release(&session->pace, client);
    for (struct weft_writer *w = session->writers; w; w = w->next)
        if (release(&w->pace, client) && w->wake)
            tell(w);
    pthread_mutex_unlock(&session->lock);
}

void weft_pace_forget_all(void)
{
    memset(&session->pace, 0, sizeof session->pace);
    memset(session->cancels, 0, sizeof session->cancels);
}

bool weft_pace_describe(int loop, char *text, size_t size)
{
    bool any = false, paused = false, moves = false;
    uint32_t factor = 0;
    pthread_mutex_lock(&session->lock);
    for (struct weft_writer *w = session->writers; w; w = w->next) {
        if (!obeys(w, loop))
            continue;
        const struct weft_pace *pace = &w->pace;
        bool held = atomic_load(&pace->paused);
        uint32_t slow = atomic_load(&pace->factor);
        any = true;
        paused |= held;
        moves |= held && (atomic_load(&pace->step) || !atomic_load(&pace->still));
        factor = slow > factor ? slow : factor;
    }
    pthread_mutex_unlock(&session->lock);
    if (paused)
        snprintf(text, size, "%s", moves ? "pausing" : "paused");
    else if (factor > 1)
        snprintf(text, size, "slowed %u", factor);
    else
        snprintf(text, size, "running");
    return any;
}

/* ---- Cancelling ---- */

int weft_pace_cancel(uint64_t task, pid_t by)
{
    int rc = -ENOENT;
    pthread_mutex_lock(&session->lock);
    struct weft_writer *w = session->writers;
    while (w && !(obeys(w, (int)weft_id_ring(task)) && weft_id_kind(task) == WEFT_ENTITY_TASK))
        w = w->next;
    struct weft_cancel *place = NULL;
    for (int i = 0; w && i < WEFT_CANCELS_MAX && !place; i++)
        place = session->cancels[i].task ? NULL : &session->cancels[i];
    if (w)
        rc = -EBUSY;
    if (place) {
        *place = (struct weft_cancel){ task, by };
        tell(w);
        rc = 0;
    }
    pthread_mutex_unlock(&session->lock);
    return rc;
}

/* ---- The loop's own ---- */

void weft_pace_begin(struct weft_writer *w)
{
    w->pace.paused_by = session->pace.paused_by;
    w->pace.slowed_by = session->pace.slowed_by;
    atomic_store(&w->pace.paused, atomic_load(&session->pace.paused));
    atomic_store(&w->pace.factor, atomic_load(&session->pace.factor));
    atomic_store(&w->pace.step, false);
    atomic_store(&w->pace.still, false);
    atomic_store(&w->pace.asked, atomic_load(&w->pace.paused) || is_slow(&w->pace));
}

bool weft_pace_take_cancel(struct weft_writer *w, uint64_t *task, pid_t *by)
{
    struct weft_cancel *found = NULL;
    pthread_mutex_lock(&session->lock);
    for (int i = 0; i < WEFT_CANCELS_MAX && !found; i++)
        if (session->cancels[i].task && weft_id_ring(session->cancels[i].task) == w->index)
            found = &session->cancels[i];
    if (found) {
        *task = found->task;
        *by = found->by;
        *found = (struct weft_cancel){ 0 };
    }
    atomic_store(&w->pace.asked,
                 atomic_load(&w->pace.paused) || is_slow(&w->pace) || is_to_cancel(w));
    pthread_mutex_unlock(&session->lock);
    return found != NULL;
}
