/* starved.c: starved: a task that was ready for long while others ran. When the loop itself did not
 * run (between two runs of it, before the first), nobody starved it. Since when one was ready that
 * was so before the trace began is not known exactly: it is not judged. */
#include "tracer/model/findings/slices.h"

enum { BUSY_NS, SLICES };

static char *tell(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    say_subject(s, f->model, found->pub.subject);
    say(s, found->pub.lasts ? " has been ready for " : " was ready for ");
    say_duration(s, found->worst_ns);
    if (found->others[0]) {
        say(s, " while ");
        say_holder_of_loop(s, f, found);
    } else {
        say(s, " while the loop ran %" G_GINT64_FORMAT " slices, ", found->numbers[SLICES]);
        say_duration(s, found->numbers[BUSY_NS]);
        say(s, " in all");
    }
    say_more(s, found, "waits");
    if (found->others[0])
        return g_strdup(
            "Let a thread do the long part: await weft_to_thread() (Python: "
            "asyncio.to_thread()); or cut it in pieces, with weft_sleep(0) between them");
    return g_strdup("It is too much for one loop: let fewer tasks work at a time (a semaphore, a "
                    "queue and a few workers), or have threads work");
}

static void judge(struct slices *slices, const struct watched_ring *ring,
                  const struct weft_task_at *task, gint64 t_ns, gboolean lasts)
{
    weft_findings *f = slices->f;
    gint64 since_ns = findings_time(task->since_ns), ns = findings_span(ring, since_ns, t_ns);
    if (task->state != WEFT_STATE_READY || since_ns <= slices->began_ns ||
        ns < findings_threshold(f, WEFT_THRESHOLD_STARVED_READY))
        return;
    struct blame blame;
    if (!slices_blame(slices, ring, since_ns, t_ns, &blame))
        return;
    gboolean worst;
    struct alike alike = blamed_alike(RULE_STARVED, ring, &blame);
    struct found *found = found_add(f, alike, task->id, since_ns, ns, WEFT_SEVERITY_WARNING,
                                    &worst);
    found->tell = tell;
    if (!worst) {
        found_name(found, task->id);
        return;
    }
    found->pub.site = task->site ? task->site : task->created_site;
    found->pub.from_ns = since_ns;
    found->pub.to_ns = t_ns;
    found->pub.lasts = lasts;
    found->numbers[BUSY_NS] = blame.busy_ns;
    found->numbers[SLICES] = (gint64)blame.slices;
    found_blame(found, &blame);
}

void starved_resumed(struct slices *slices, const struct dispatch *d, const struct happening *h)
{
    gint64 limit = findings_threshold(slices->f, WEFT_THRESHOLD_STARVED_READY);
    /* Who becomes ready in one iteration runs in the next. */
    if (d->last_iteration_ns != G_MININT64 && h->time_ns - d->last_iteration_ns < limit)
        return;
    const struct weft_task_at *task = weft_state_task(slices->f->state, h->record->subject);
    if (task)
        judge(slices, h->ring, task, h->time_ns, FALSE);
}

void starved_now(struct slices *slices, const struct watched_ring *ring)
{
    guint n;
    gint64 limit = findings_threshold(slices->f, WEFT_THRESHOLD_STARVED_READY);
    const uint64_t *ready = weft_state_ready(slices->f->state, ring->index, &n);
    for (guint i = 0; i < n; i++) {
        const struct weft_task_at *task = weft_state_task(slices->f->state, ready[i]);
        if (!task)
            continue;
        if (findings_span(ring, findings_time(task->since_ns), ring->now_ns) < limit)
            return; /* those behind it came later */
        judge(slices, ring, task, ring->now_ns, TRUE);
    }
}
