/* cancels.c: how tasks take to being cancelled: cancel-swallowed, cancel-slow, timeout-fired.
 *
 *   request --> delivered --> its cleanup's waits --> the end, or taken back (uncancel)
 *
 * Known of a task only between its first request and its end: a program that cancels nothing costs
 * nothing. A timeout and a task group take back their own requests, so that they swallow none. */
#include "tracer/model/findings/found.h"
#include "tracer/trace/idtable.h"

struct cancels {
    weft_findings *f;
    struct weft_idtable asked; /* of struct asked_task */
};

struct asked_task {
    uint64_t id;
    gint64 request_ns, delivered_ns; /* G_MININT64: not delivered yet */
    uint64_t by;
    gint64 wait_ns, longest_ns; /* its cleanup's waits: where one began, G_MININT64: none is open */
    uint64_t awaited, longest_awaited;
    guint32 site, wait_site, longest_site; /* site: of the request */
    guint8 await, longest_await;
    gboolean guess; /* asked before the trace began */
};

/* ---- cancel-swallowed ---- */

static char *tell_swallowed(const weft_findings *f, const struct found *found,
                            struct weft_sentence *s)
{
    say_subject(s, f->model, found->pub.subject);
    say(s, " was cancelled");
    if (found->others[0]) {
        say(s, " by ");
        say_entity(s, f->model, found->others[0]);
    }
    say_site(s, f->model, " at ", found->sites[0]);
    say(s, ", and ended as if it had not been");
    say_more(s, found, "tasks");
    return g_strdup("Let the cancellation through once it has cleaned up: return WEFT_ECANCELED "
                    "(Python: raise CancelledError again); or take it back with weft_uncancel() "
                    "where it is meant to end so");
}

static void swallowed(struct cancels *cancels, const struct asked_task *asked, gint64 time_ns)
{
    const struct weft_task_at *task = weft_state_task(cancels->f->state, asked->id);
    guint32 site = task ? task->created_site : 0;
    struct alike alike = { RULE_CANCEL_SWALLOWED, { site ? site : asked->id, site != 0 } };
    gboolean worst;
    struct found *found = found_add(cancels->f, alike, asked->id, asked->delivered_ns,
                                    time_ns - asked->delivered_ns, WEFT_SEVERITY_WARNING, &worst);
    found->tell = tell_swallowed;
    if (!worst)
        return;
    found->pub.site = site;
    found->pub.from_ns = asked->delivered_ns;
    found->pub.to_ns = time_ns;
    found->others[0] = asked->by;
    found->sites[0] = asked->site;
    found_name(found, asked->by);
}

/* ---- cancel-slow ---- */

enum { LONGEST_NS, AWAIT };

static char *tell_slow(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    say_subject(s, f->model, found->pub.subject);
    say(s, found->pub.lasts ? " has been asked to cancel for " : " was asked to cancel and took ");
    if (!found->pub.proved)
        say(s, "at least ");
    say_duration(s, found->worst_ns);
    if (!found->pub.lasts)
        say(s, " to end");
    if (found->numbers[AWAIT]) {
        say(s, found->pub.lasts ? ": its cleanup has waited for " : ": its cleanup waited for ");
        say_awaited(s, f->model, (unsigned)found->numbers[AWAIT], found->others[0], 0);
        say_site(s, f->model, " at ", found->sites[0]);
        say(s, " for ");
        say_duration(s, found->numbers[LONGEST_NS]);
    }
    say_more(s, found, "tasks");
    return g_strdup("Await little while cleaning up, and that with a timeout: who cancelled it "
                    "waits for its end");
}

static void slow(struct cancels *cancels, const struct watched_ring *ring,
                 const struct asked_task *asked, gint64 time_ns, gboolean lasts)
{
    weft_findings *f = cancels->f;
    gint64 ns = findings_span(ring, asked->request_ns, time_ns);
    if (ns < findings_threshold(f, WEFT_THRESHOLD_CANCEL_SLOW))
        return;
    const struct weft_task_at *task = weft_state_task(f->state, asked->id);
    guint32 site = task ? task->created_site : 0;
    struct alike alike = { RULE_CANCEL_SLOW, { site ? site : asked->id, site != 0 } };
    gboolean worst;
    struct found *found = found_add(f, alike, asked->id, asked->request_ns, ns,
                                    WEFT_SEVERITY_WARNING, &worst);
    found->tell = tell_slow;
    if (!worst)
        return;
    gint64 open_ns = asked->wait_ns == G_MININT64 ? -1
                                                  : findings_span(ring, asked->wait_ns, time_ns);
    gboolean now = open_ns > asked->longest_ns;
    found->pub.site = site;
    found->pub.from_ns = asked->request_ns;
    found->pub.to_ns = time_ns;
    found->pub.proved = !asked->guess;
    found->pub.lasts = lasts;
    found->numbers[LONGEST_NS] = now ? open_ns : asked->longest_ns;
    found->numbers[AWAIT] = now ? asked->await : asked->longest_await;
    found->others[0] = now ? asked->awaited : asked->longest_awaited;
    found->sites[0] = now ? asked->wait_site : asked->longest_site;
    found_name(found, found->others[0]);
}

/* ---- timeout-fired ---- */

static char *tell_timeout(const weft_findings *f, const struct found *found,
                          struct weft_sentence *s)
{
    say(s, "A timeout");
    say_site(s, f->model, " at ", found->pub.site);
    say(s, " was over while ");
    say_subject(s, f->model, found->pub.subject);
    if (found->numbers[AWAIT]) {
        say(s, " waited for ");
        say_awaited(s, f->model, (unsigned)found->numbers[AWAIT], found->others[0], 0);
        say_site(s, f->model, " at ", found->sites[0]);
        say(s, ", for ");
        say_duration(s, found->worst_ns);
        say(s, " by then");
    } else {
        say(s, found->numbers[LONGEST_NS] ? " was ready to go on" : " did something else");
    }
    say_more(s, found, "timeouts");
    return g_strdup("Look at what it waited for: either that takes longer than it should, or the "
                    "timeout is too short for it");
}

static void timeout_fired(struct cancels *cancels, const struct happening *h)
{
    weft_findings *f = cancels->f;
    const struct weft_task_at *task = weft_state_task(f->state, h->record->object);
    if (!task || task->state == WEFT_STATE_UNKNOWN || task->state == WEFT_STATE_DONE)
        return;
    const struct weft_object_at *timeout = weft_state_object(f->state, h->record->subject);
    guint32 site = h->record->site ? h->record->site : timeout ? timeout->site : 0;
    gboolean waits = (task->state == WEFT_STATE_WAITING || task->state == WEFT_STATE_CANCELLING) &&
                     task->detail != 0;
    gint64 since_ns = waits ? findings_time(task->since_ns) : h->time_ns;
    struct alike alike = { RULE_TIMEOUT_FIRED, { site ? site : task->id, site != 0 } };
    gboolean worst;
    struct found *found = found_add(f, alike, task->id, h->time_ns,
                                    findings_span(h->ring, since_ns, h->time_ns),
                                    WEFT_SEVERITY_HINT, &worst);
    found->tell = tell_timeout;
    if (!worst)
        return;
    found->pub.site = site;
    found->pub.from_ns = MIN(since_ns, h->time_ns);
    found->pub.to_ns = h->time_ns;
    found->numbers[AWAIT] = waits ? task->detail : 0;
    found->numbers[LONGEST_NS] = task->state == WEFT_STATE_READY;
    found->others[0] = waits ? task->other : 0;
    found->sites[0] = waits ? task->site : 0;
    found_name(found, found->others[0]);
}

/* ---- What happens ---- */

static void begin(gpointer self)
{
    struct cancels *cancels = self;
    guint i = 0;
    for (const struct weft_task_at *task; (task = weft_state_next_task(cancels->f->state, &i));) {
        if (!task->cancelling || task->state == WEFT_STATE_DONE ||
            task->state == WEFT_STATE_UNKNOWN)
            continue;
        struct asked_task *asked = weft_idtable_add(&cancels->asked, task->id);
        gint64 begin_ns = findings_time(weft_trace_begin_ns(cancels->f->trace));
        asked->request_ns = begin_ns;
        asked->delivered_ns = task->delivered ? begin_ns : G_MININT64;
        asked->wait_ns = G_MININT64;
        asked->guess = TRUE;
    }
}

static void request(struct cancels *cancels, const struct happening *h)
{
    const struct weft_task_at *task = weft_state_task(cancels->f->state, h->record->subject);
    if (!task || task->state == WEFT_STATE_DONE ||
        weft_idtable_find(&cancels->asked, h->record->subject))
        return;
    struct asked_task *asked = weft_idtable_add(&cancels->asked, h->record->subject);
    asked->request_ns = h->time_ns;
    asked->delivered_ns = asked->wait_ns = G_MININT64;
    asked->by = h->record->object;
    asked->site = h->record->site;
    asked->guess = FALSE;
}

static void wait_begins(struct asked_task *asked, const struct happening *h)
{
    if (asked->delivered_ns == G_MININT64)
        return;
    asked->wait_ns = h->time_ns;
    asked->await = h->record->detail;
    asked->awaited = h->record->object;
    asked->wait_site = h->record->site;
}

static void wait_ends(struct asked_task *asked, const struct happening *h)
{
    if (asked->wait_ns == G_MININT64)
        return;
    gint64 ns = findings_span(h->ring, asked->wait_ns, h->time_ns);
    asked->wait_ns = G_MININT64;
    if (ns <= asked->longest_ns)
        return;
    asked->longest_ns = ns;
    asked->longest_await = asked->await;
    asked->longest_awaited = asked->awaited;
    asked->longest_site = asked->wait_site;
}

static void on_record(gpointer self, const struct happening *h)
{
    struct cancels *cancels = self;
    const struct weft_record *r = h->record;
    if (r->kind == WEFT_RECORD_TIMEOUT_EXPIRE) {
        timeout_fired(cancels, h);
        return;
    }
    if (r->kind == WEFT_RECORD_CANCEL_REQUEST) {
        request(cancels, h);
        return;
    }
    struct asked_task *asked = weft_idtable_find(&cancels->asked, r->subject);
    if (!asked)
        return;
    switch (r->kind) {
    case WEFT_RECORD_CANCEL_DELIVER:
        asked->delivered_ns = h->time_ns;
        break;
    case WEFT_RECORD_SUSPEND:
        wait_begins(asked, h);
        break;
    case WEFT_RECORD_WAKE:
        wait_ends(asked, h);
        break;
    case WEFT_RECORD_UNCANCEL:
        if (r->object == 0)
            weft_idtable_remove(&cancels->asked, r->subject);
        break;
    case WEFT_RECORD_TASK_DONE:
        slow(cancels, h->ring, asked, h->time_ns, FALSE);
        if (r->detail == WEFT_OUTCOME_RESULT && asked->delivered_ns != G_MININT64)
            swallowed(cancels, asked, h->time_ns);
        /* fallthrough */
    case WEFT_RECORD_TASK_FREE:
        weft_idtable_remove(&cancels->asked, r->subject);
        break;
    }
}

/* Whether they ended, or were uncancelled, meanwhile is not known. */
static void lose(gpointer self, struct watched_ring *ring, guint64 slots, gint64 from_ns,
                 gint64 to_ns)
{
    (void)slots, (void)from_ns, (void)to_ns;
    struct cancels *cancels = self;
    findings_forget(&cancels->asked, ring);
}

static void now(gpointer self, gint64 now_ns, gboolean ended)
{
    (void)now_ns, (void)ended;
    struct cancels *cancels = self;
    for (guint i = 0; i < weft_idtable_n(&cancels->asked); i++) {
        const struct asked_task *asked = weft_idtable_at(&cancels->asked, i);
        if (!asked)
            continue;
        const struct watched_ring *ring = findings_ring(cancels->f, weft_id_ring(asked->id));
        if (findings_end_known(cancels->f, ring))
            slow(cancels, ring, asked, ring->now_ns, TRUE);
    }
}

static gpointer new_cancels(weft_findings *f)
{
    struct cancels *cancels = g_new0(struct cancels, 1);
    cancels->f = f;
    weft_idtable_init(&cancels->asked, sizeof(struct asked_task));
    return cancels;
}

static void free_cancels(gpointer self)
{
    weft_idtable_finish(&((struct cancels *)self)->asked);
    g_free(self);
}

static const guint *awake(gpointer self)
{
    return &((struct cancels *)self)->asked.live;
}

const struct family cancels_family = {
    .before = KIND(CANCEL_REQUEST) | KIND(CANCEL_DELIVER) | KIND(UNCANCEL) | KIND(SUSPEND) |
              KIND(WAKE) | KIND(TASK_DONE) | KIND(TASK_FREE) | KIND(TIMEOUT_EXPIRE),
    .lazy = KIND(CANCEL_DELIVER) | KIND(UNCANCEL) | KIND(SUSPEND) | KIND(WAKE) | KIND(TASK_DONE) |
            KIND(TASK_FREE),
    .awake = awake,
    .new = new_cancels,
    .free = free_cancels,
    .begin = begin,
    .before_record = on_record,
    .lose = lose,
    .now = now,
};
