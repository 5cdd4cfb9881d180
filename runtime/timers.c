/* timers.c: see timers.h. Positions are kept in the timers, so that cancelling one is log n too. */
#include "runtime/timers.h"
#include "runtime/loop.h"
#include <math.h>
#include <stdlib.h>

enum { CHILDREN = 4 };

static bool before(const struct weft__timers_slot *a, const struct weft__timers_slot *b)
{
    return a->when != b->when ? a->when < b->when : a->timer->order < b->timer->order;
}

static void place(struct weft__timers *timers, size_t i, struct weft__timers_slot slot)
{
    timers->heap[i] = slot;
    slot.timer->index = i;
}

static size_t parent(size_t i)
{
    return (i + 2) / CHILDREN;
}

static void sift_up(struct weft__timers *timers, size_t i, struct weft__timers_slot slot)
{
    for (; i > 1 && before(&slot, &timers->heap[parent(i)]); i = parent(i))
        place(timers, i, timers->heap[parent(i)]);
    place(timers, i, slot);
}

static void sift_down(struct weft__timers *timers, size_t i, struct weft__timers_slot slot)
{
    for (size_t child; (child = CHILDREN * i - 2) <= timers->count; i = child) {
        size_t last = child + CHILDREN - 1;
        for (size_t other = child + 1; other <= last && other <= timers->count; other++)
            if (before(&timers->heap[other], &timers->heap[child]))
                child = other;
        if (!before(&timers->heap[child], &slot))
            break;
        place(timers, i, timers->heap[child]);
    }
    place(timers, i, slot);
}

static void take_out(struct weft__timers *timers, struct weft__timer *timer)
{
    size_t i = timer->index;
    timer->index = 0;
    struct weft__timers_slot last = timers->heap[timers->count--];
    if (last.timer == timer)
        return;
    if (i > 1 && before(&last, &timers->heap[parent(i)]))
        sift_up(timers, i, last);
    else
        sift_down(timers, i, last);
}

/* A timeout's timer is part of the timeout, which has events of its own. */
static void trace_timer(weft_loop *loop, enum weft_record_kind kind, uint64_t time, weft_site *site,
                        const struct weft__timer *timer, uint64_t value)
{
    if (weft_id_kind(timer->id) == WEFT_ENTITY_TIMER)
        weft__trace_at(loop, time, kind, 0, site, timer->id, value);
}

static uint64_t deadline(double ns)
{
    return ns >= 9.2e18 ? (uint64_t)WEFT__NEVER : ns <= 0 ? 0 : (uint64_t)ns;
}

uint64_t weft__deadline_in(double seconds)
{
    double ns = seconds * 1e9;
    if (ns >= 9.2e18)
        return (uint64_t)WEFT__NEVER;
    uint64_t now = weft__now();
    if (ns < 0) /* before now: of two such the earlier is the first, as in Python */
        return -ns >= (double)now ? 0 : now - (uint64_t)-ns;
    return now + (uint64_t)ns;
}

uint64_t weft__deadline_at(double when)
{
    return deadline(when * 1e9);
}

int weft__timer_set(weft_loop *loop, struct weft__timer *timer, uint64_t when)
{
    struct weft__timers *timers = &loop->timers;
    if (timers->count + 1 >= timers->room) {
        size_t room = timers->room ? 2 * timers->room : 64;
        struct weft__timers_slot *heap = realloc(timers->heap, room * sizeof *heap);
        if (!heap)
            return UV_ENOMEM;
        timers->heap = heap;
        timers->room = room;
    }
    timer->when = when;
    timer->order = ++timers->order;
    sift_up(timers, ++timers->count, (struct weft__timers_slot){ when, timer });
    trace_timer(loop, WEFT_RECORD_TIMER_SET, 0, timer->site, timer, when);
    return 0;
}

void weft__timer_cancel(weft_loop *loop, struct weft__timer *timer)
{
    if (timer->index != 0) {
        take_out(&loop->timers, timer);
        trace_timer(loop, WEFT_RECORD_TIMER_CANCEL, 0, NULL, timer, 0);
    } else if (weft__linked(&timer->entry)) {
        weft__unready(loop, &timer->entry);
        weft__trace(loop, WEFT_RECORD_READY_CANCEL, WEFT_HANDLE_TIMER, NULL, timer->id, 0);
    }
}

void weft__timers_run(weft_loop *loop)
{
    struct weft__timers *timers = &loop->timers;
    uint64_t now = weft__now();
    while (timers->count > 0 && timers->heap[1].when <= now) {
        struct weft__timer *timer = timers->heap[1].timer;
        take_out(timers, timer);
        weft__ready(loop, &timer->entry);
        uint64_t time = loop->stamp || !weft_probe_recording() ? loop->stamp : weft_clock_now();
        trace_timer(loop, WEFT_RECORD_TIMER_FIRE, time, timer->site, timer, 0);
        loop->stamp = weft__trace_at(loop, time, WEFT_RECORD_READY, WEFT_HANDLE_TIMER, timer->site,
                                     timer->id, 0);
    }
}

void weft__timers_finish(struct weft__timers *timers)
{
    free(timers->heap);
    *timers = (struct weft__timers){ 0 };
}
