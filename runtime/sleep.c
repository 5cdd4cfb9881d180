/* sleep.c: weft_sleep. The timer lies on the sleeper's own stack. */
#include "runtime/task.h"
#include <math.h>

struct sleeper {
    struct weft__timer timer;
    struct weft__task *task;
};

static void wake(struct weft__entry *entry)
{
    struct sleeper *sleeper = weft__container(entry, struct sleeper, timer.entry);
    weft_loop *loop = sleeper->task->future.loop;
    uint64_t id = sleeper->timer.id;
    weft__callback_begin(loop, WEFT_HANDLE_TIMER, sleeper->timer.site, id, 0);
    weft__wake(sleeper->task, WEFT_WAKE_TIMER, id);
    weft__callback_end(loop, WEFT_HANDLE_TIMER, id);
}

/* Apart from weft_sleep, so that sleep(0) stays short. */
static __attribute__((noinline)) int sleep_for(struct weft__task *task, double seconds,
                                               weft_site *site)
{
    weft_loop *loop = task->future.loop;
    struct sleeper sleeper = { .task = task };
    sleeper.timer.entry.run = wake;
    sleeper.timer.id = weft_new_id(loop->writer, WEFT_ENTITY_TIMER);
    sleeper.timer.site = site;
    if (weft__timer_set(loop, &sleeper.timer, weft__deadline_in(seconds)) < 0)
        return UV_ENOMEM;
    int rc = weft__wait(task, WEFT_AWAIT_TIMER, sleeper.timer.id, site);
    if (rc < 0)
        weft__timer_cancel(loop, &sleeper.timer);
    return rc;
}

int weft_sleep_at(weft_site *site, double seconds)
{
    struct weft__task *task = weft__current();
    if (!task)
        return WEFT_ENOTASK;
    if (seconds <= 0)
        return weft__yield(task, site);
    return isnan(seconds) ? UV_EINVAL : sleep_for(task, seconds, site);
}
