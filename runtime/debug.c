/* debug.c: see debug.h. Its reports go through weft_log, as asyncio's go to its logger. */
#include "runtime/debug.h"
#include "runtime/error.h"
#include "runtime/gather.h"
#include <math.h>

/* ---- Slow callbacks ---- */

static void say_slow(const char *what, uint64_t ns, weft_site *from, weft_site *to)
{
    char begun[256] = "", ended[256] = "";
    if (from)
        snprintf(begun, sizeof begun, ", from %s:%u, in %s", from->file, from->line, from->func);
    if (to && to != from)
        snprintf(ended, sizeof ended, ", to %s:%u", to->file, to->line);
    weft_log("%s ran %.3f s without letting the loop go on%s%s", what, (double)ns / 1e9, begun,
             ended);
}

static void run_task(weft_loop *loop, struct weft__task *task)
{
    weft_ref(task);
    weft_site *from = weft__await_site(task), *created = task->future.site;
    uint64_t begin = uv_hrtime();
    weft__task_resume(loop, task);
    uint64_t ns = uv_hrtime() - begin;
    if (ns >= loop->slow_ns) {
        char what[160];
        snprintf(what, sizeof what, "task %s", weft_get_name(&task->future));
        say_slow(what, ns, from ? from : created, weft__await_site(task));
    }
    weft_unref(task);
}

static void run_callback(weft_loop *loop, struct weft__entry *entry)
{
    loop->callback_site = NULL;
    uint64_t begin = uv_hrtime();
    entry->run(entry);
    uint64_t ns = uv_hrtime() - begin;
    if (ns >= loop->slow_ns)
        say_slow("a callback", ns, loop->callback_site, NULL);
    loop->fp_control = weft__fp_control();
}

void weft__debug_run(weft_loop *loop, struct weft__entry *entry)
{
    if (entry->run)
        run_callback(loop, entry);
    else
        run_task(loop, weft__container(entry, struct weft__task, entry));
}

/* ---- Foreign threads ---- */

bool weft__found_foreign_thread(weft_loop *loop, weft_site *site, const char *call)
{
    if (weft__loop == loop || pthread_equal(loop->thread, pthread_self()))
        return false;
    weft_log("%s:%u, in %s: %s in a thread that is not the loop's: use weft_call_soon_threadsafe",
             site->file, site->line, site->func, call);
    return true;
}

/* ---- Cycles ---- */

enum { CYCLE_TEXT = 400 };

/* Whether `future` waits for `wanted`; writes the way there, last step first. Each task awaits one
 * thing at a time, so only gathers branch; `mark` keeps their children from being visited twice. */
static bool waits_for(weft_future *future, const weft_future *wanted, uint32_t mark, char *way)
{
    bool found = future == wanted;
    if (!found && !weft__is_done(future) && future->mark != mark) {
        if (future->object.type == WEFT__GATHER) {
            future->mark = mark;
            for (size_t i = 0, n = weft_gather_count(future); i < n && !found; i++)
                found = waits_for(weft_gather_child(future, i), wanted, mark, way);
        } else if (future->object.type == WEFT__TASK) {
            weft_future *awaited = ((struct weft__task *)future)->awaited;
            found = awaited && waits_for(awaited, wanted, mark, way);
        }
    }
    if (found) {
        char rest[CYCLE_TEXT];
        snprintf(rest, sizeof rest, "%s", way);
        snprintf(way, CYCLE_TEXT, "%s%s%.300s", weft_get_name(future),
                 *rest ? ", which waits for " : "", rest);
    }
    return found;
}

int weft__look_for_cycle(struct weft__task *task, weft_future *future, weft_site *site)
{
    char way[CYCLE_TEXT] = "";
    if (!waits_for(future, &task->future, ++task->future.loop->gathers, way))
        return 0;
    int rc = weft_raise_at(site, WEFT_EDEADLOCK, "%s waits for %s", weft_get_name(&task->future),
                           way);
    weft_log("%s", weft_error_message(weft_current_error()));
    return rc;
}

/* ---- Switching it on ---- */

void weft_loop_set_debug(weft_loop *loop, bool on)
{
    if (loop)
        loop->debug = on;
}

bool weft_loop_get_debug(const weft_loop *loop)
{
    return loop && loop->debug;
}

int weft_loop_set_slow_callback_duration(weft_loop *loop, double seconds)
{
    if (!loop || isnan(seconds) || seconds < 0)
        return UV_EINVAL;
    loop->slow_ns = seconds * 1e9 < (double)UINT64_MAX ? (uint64_t)(seconds * 1e9) : UINT64_MAX;
    return 0;
}
