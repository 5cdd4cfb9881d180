/* late.c: late-timer: a timer, or a timeout, that came long after its deadline because the loop was
 * held. One that was set when its deadline was over is not late; nor is the program to blame when
 * the poll itself came back late, or the loop did not run. */
#include "tracer/model/findings/slices.h"

enum { BUSY_NS, SLICES };

static char *tell(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    gboolean timeout = weft_id_kind(found->others[1]) == WEFT_ENTITY_TIMEOUT;
    say(s, timeout ? "A timeout" : "A timer");
    if (found->pub.subject) {
        say(s, " of ");
        say_subject(s, f->model, found->pub.subject);
    }
    say(s, timeout ? " expired " : " fired ");
    say_duration(s, found->worst_ns);
    say(s, " after its deadline, since ");
    if (found->others[0]) {
        say_holder_of_loop(s, f, found);
    } else {
        say(s, "the loop ran %" G_GINT64_FORMAT " slices meanwhile, ", found->numbers[SLICES]);
        say_duration(s, found->numbers[BUSY_NS]);
        say(s, " in all");
    }
    say_more(s, found, "timers");
    return g_strdup("Keep slices short: await weft_to_thread() for what takes long (Python: "
                    "asyncio.to_thread()), or weft_sleep(0) between its pieces");
}

static void fired(struct slices *slices, const struct happening *h)
{
    weft_findings *f = slices->f;
    const struct weft_object_at *timer = weft_state_object(f->state, h->record->subject);
    if (!timer || timer->done || timer->deadline_mono_ns <= 0 ||
        timer->deadline_mono_ns == G_MAXINT64)
        return;
    gint64 due = findings_due(f, timer);
    gint64 ns = findings_span(h->ring, due, h->time_ns);
    struct blame blame;
    if (ns < findings_threshold(f, WEFT_THRESHOLD_LATE_TIMER) ||
        weft_idtable_find(&slices->past_due, timer->id) ||
        !slices_blame(slices, h->ring, due, h->time_ns, &blame))
        return;
    gboolean worst;
    uint64_t owner = weft_id_kind(timer->owner) == WEFT_ENTITY_TASK ? timer->owner : 0;
    struct alike alike = blamed_alike(RULE_LATE_TIMER, h->ring, &blame);
    struct found *found = found_add(f, alike, owner, due, ns, WEFT_SEVERITY_WARNING, &worst);
    found->tell = tell;
    if (!worst)
        return;
    found->pub.site = timer->site;
    found->pub.from_ns = due;
    found->pub.to_ns = h->time_ns;
    found->others[1] = timer->id;
    found->numbers[BUSY_NS] = blame.busy_ns;
    found->numbers[SLICES] = (gint64)blame.slices;
    found_blame(found, &blame);
}

void late_look(struct slices *slices, const struct happening *h)
{
    const struct weft_record *r = h->record;
    switch (r->kind) {
    case WEFT_RECORD_TIMER_SET:
    case WEFT_RECORD_TIMEOUT_ENTER:
    case WEFT_RECORD_TIMEOUT_RESCHEDULE:
        if (weft_trace_from_monotonic(slices->f->trace, r->object) < h->time_ns && r->subject)
            weft_idtable_add(&slices->past_due, r->subject);
        else if (slices->past_due.live)
            weft_idtable_remove(&slices->past_due, r->subject);
        return;
    case WEFT_RECORD_TIMER_FIRE:
    case WEFT_RECORD_TIMEOUT_EXPIRE:
        fired(slices, h);
        break;
    }
    if (slices->past_due.live)
        weft_idtable_remove(&slices->past_due, r->subject);
}
