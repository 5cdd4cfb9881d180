/* selfwake.c: self-wake: a task that is woken mostly by itself: it asks over and over whether what
 * it waits for is there.
 *
 *   yields --> | task | wakes, those by itself, how long it ran before each, and asked in all |
 *
 * Kept of tasks that yield only. One that works for long between its yields does not ask: it lets
 * others run, as it should. From one yield to the next the loop cannot sleep: one whose asking is
 * half of the time keeps it busy; of another one it is a hint. */
#include "tracer/model/findings/found.h"
#include "tracer/trace/idtable.h"

struct yielder {
    uint64_t id;
    guint64 wakes, by_itself;
    gint64 ran_ns;            /* before it yielded */
    gint64 span_ns, asked_ns; /* between its yields; and where it waited for nobody meanwhile */
    gboolean waited;          /* for somebody since it yielded last */
    gint64 first_ns, last_ns;
    guint32 site;
};

struct selfwake {
    weft_findings *f;
    struct weft_idtable yielders; /* of struct yielder */
};

enum { WAKES, BY_ITSELF, RAN_NS, BUSY };

static char *tell(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    say_subject(s, f->model, found->pub.subject);
    say(s, found->pub.lasts ? " has woken" : " woke");
    say(s, " itself %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " times", found->numbers[BY_ITSELF],
        found->numbers[WAKES]);
    say_site(s, f->model, " at ", found->pub.site);
    say(s, ", after ");
    say_duration(s, found->numbers[RAN_NS] / found->numbers[BY_ITSELF]);
    say(s, found->numbers[BUSY] ? " each on average: it keeps the loop busy by asking"
                                : " each on average: it asks instead of waiting");
    say_more(s, found, "tasks");
    return g_strdup("Await what it asks for: an event, a queue, a future; or sleep between two "
                    "questions instead of yielding");
}

static void judge(struct selfwake *self, const struct yielder *y, gboolean lasts)
{
    weft_findings *f = self->f;
    guint64 percent = (guint64)findings_threshold(f, WEFT_THRESHOLD_SELF_WAKE_SHARE);
    if (y->wakes < (guint64)findings_threshold(f, WEFT_THRESHOLD_SELF_WAKE_WAKES) ||
        y->by_itself * 100 <= y->wakes * percent ||
        y->ran_ns / (gint64)y->by_itself >= findings_threshold(f, WEFT_THRESHOLD_SELF_WAKE_SLICE))
        return;
    gboolean worst, busy = y->asked_ns >= y->span_ns / 2;
    struct alike alike = { RULE_SELF_WAKE, { y->site ? y->site : y->id, y->site != 0 } };
    struct found *found = found_add(f, alike, y->id, y->first_ns, y->ran_ns,
                                    busy ? WEFT_SEVERITY_WARNING : WEFT_SEVERITY_HINT, &worst);
    found->tell = tell;
    if (!worst)
        return;
    found->pub.lasts = lasts;
    found->pub.site = y->site;
    found->pub.from_ns = y->first_ns;
    found->pub.to_ns = y->last_ns;
    found->numbers[WAKES] = (gint64)y->wakes;
    found->numbers[BY_ITSELF] = (gint64)y->by_itself;
    found->numbers[RAN_NS] = y->ran_ns;
    found->numbers[BUSY] = busy;
}

static void yields(struct selfwake *self, const struct happening *h)
{
    const struct weft_task_at *task = weft_state_task(self->f->state, h->record->subject);
    if (!task || (task->state != WEFT_STATE_RUNNING && task->state != WEFT_STATE_CANCELLING))
        return;
    struct yielder *y = weft_idtable_add(&self->yielders, task->id);
    gint64 span_ns = y->wakes ? findings_span(h->ring, y->last_ns, h->time_ns) : 0;
    y->span_ns += span_ns;
    y->asked_ns += y->waited ? 0 : span_ns;
    y->waited = FALSE;
    if (y->wakes == 0)
        y->first_ns = h->time_ns;
    y->last_ns = h->time_ns;
    y->wakes++;
    y->by_itself++;
    y->ran_ns += findings_span(h->ring, findings_time(task->since_ns), h->time_ns);
    y->site = h->record->site;
}

static void on_record(gpointer data, const struct happening *h)
{
    struct selfwake *self = data;
    const struct weft_record *r = h->record;
    if (r->kind == WEFT_RECORD_SUSPEND) {
        if (r->detail == WEFT_AWAIT_YIELD)
            yields(self, h);
        return;
    }
    struct yielder *y = weft_idtable_find(&self->yielders, r->subject);
    if (!y)
        return;
    if (r->kind == WEFT_RECORD_WAKE) {
        y->wakes++;
        y->by_itself += r->object == r->subject;
        y->waited |= r->object != r->subject;
        return;
    }
    judge(self, y, FALSE);
    weft_idtable_remove(&self->yielders, r->subject);
}

static void lose(gpointer data, struct watched_ring *ring, guint64 slots, gint64 from_ns,
                 gint64 to_ns)
{
    (void)slots, (void)from_ns, (void)to_ns;
    struct selfwake *self = data;
    findings_forget(&self->yielders, ring);
}

static void now(gpointer data, gint64 now_ns, gboolean ended)
{
    (void)now_ns, (void)ended;
    struct selfwake *self = data;
    for (guint i = 0; i < weft_idtable_n(&self->yielders); i++) {
        const struct yielder *y = weft_idtable_at(&self->yielders, i);
        if (y)
            judge(self, y, TRUE);
    }
}

static gpointer new_selfwake(weft_findings *f)
{
    struct selfwake *self = g_new0(struct selfwake, 1);
    self->f = f;
    weft_idtable_init(&self->yielders, sizeof(struct yielder));
    return self;
}

static void free_selfwake(gpointer data)
{
    weft_idtable_finish(&((struct selfwake *)data)->yielders);
    g_free(data);
}

static const guint *awake(gpointer self)
{
    return &((struct selfwake *)self)->yielders.live;
}

const struct family selfwake_family = {
    .before = KIND(SUSPEND) | KIND(WAKE) | KIND(TASK_DONE) | KIND(TASK_FREE),
    .lazy = KIND(WAKE) | KIND(TASK_DONE) | KIND(TASK_FREE),
    .awake = awake,
    .new = new_selfwake,
    .free = free_selfwake,
    .before_record = on_record,
    .lose = lose,
    .now = now,
};
