/* tell.c: see tell.h. A task's turns here; why it goes on in tell_wake.c; what tasks do to objects
 * in tell_objects.c; what is around them in tell_around.c, callbacks in tell_callback.c. */
#include "tracer/model/tell.h"
#include "tracer/model/model_private.h"
#include "tracer/model/plan.h"
#include "tracer/model/sentence.h"
#include "tracer/model/tell_around.h"
#include "tracer/model/tell_callback.h"
#include "tracer/model/tell_objects.h"
#include "tracer/model/tell_wake.h"

enum { MEMBERS_MAX = 10000, NAMED = 3 };

/* ---- What follows ---- */

/* "nothing is ready, the loop polls for up to 200 ms". */
static void say_poll(struct weft_sentence *s, const struct narrator *n)
{
    gint64 due;
    say_text(s, "nothing is ready, the loop polls");
    if (!narrator_next_due(n, &due) || due <= n->now_ns)
        return;
    say_text(s, " for up to ");
    say_duration(s, due - n->now_ns);
}

/* "B is next", "P goes on", "nothing is ready, the loop polls".
 * self: who suspends; 0: who ends may yet wake somebody. */
static void say_next(struct weft_sentence *s, const struct narrator *n, const char *before,
                     uint64_t self)
{
    uint64_t around = weft_state_running(n->state, n->ring);
    uint64_t first = weft_state_first_ready(n->state, n->ring);
    if (around) {
        say_text(s, before);
        say_entity(s, n->model, around);
        say_text(s, " goes on");
    } else if (n->turns.open->len) { /* a callback, in which it ran */
        return;
    } else if (!narrator_queue_known(n)) {
        say_text(s, before);
        say(s, "who is next is unknown (%s)", narrator_missing(n));
    } else if (first) {
        say_text(s, before);
        if (first == self) {
            say_text(s, "it is next again");
            return;
        }
        if (weft_id_kind(first) == WEFT_ENTITY_TASK)
            say_entity(s, n->model, first);
        else
            say_callback(s, n, 0, first, 0);
        say_text(s, " is next");
    } else if (self) {
        say_text(s, before);
        say_poll(s, n);
    }
}

/* ---- A slice begins ---- */

static void say_queued(struct weft_sentence *s, const struct narrator *n, gint64 t_ns)
{
    if (n->task.since_ns == n->told_ns) {
        say_text(s, ": it was ready before recording began");
        return;
    }
    uint64_t ran[NAMED];
    gint64 spent_ns = t_ns - n->task.since_ns;
    if (n->task.since_ns < n->told_ns) {
        say_text(s, ": it was in the ready queue for ");
        say_duration(s, spent_ns);
        say_text(s, ", since before recording began");
        return;
    }
    say_text(s, n->was_first ? ": it was first in the ready queue" : ": it was in the ready queue");
    if (spent_ns > 0) {
        say_text(s, n->was_first ? ", where it spent " : " for ");
        say_duration(s, spent_ns);
    }
    guint n_ran = turns_since(&n->turns, n->task.since_ns, n->task.id, n->task.other, ran, NAMED);
    if (n_ran > 0) {
        say_text(s, ", behind ");
        say_some_entities(s, n->model, ran, MIN(n_ran, NAMED), n_ran);
    }
}

static void tell_resume(struct weft_sentence *s, const struct narrator *n,
                        const struct weft_record *r)
{
    say_subject(s, n->model, r->subject);
    if (n->was_inside) {
        guint n_running;
        const uint64_t *running = weft_state_all_running(n->state, n->ring, &n_running);
        say_text(s, " runs at once");
        if (n_running > 1) {
            say_text(s, ": ");
            say_entity(s, n->model, running[n_running - 2]);
            say_text(s, " goes on when it first waits, or ends");
        }
        return;
    }
    say_text(s, " runs");
    if (n->task.state == WEFT_STATE_READY)
        say_queued(s, n, (gint64)r->time);
    else if (n->lossy && n->task.state == WEFT_STATE_UNKNOWN)
        say(s, ": since when it was ready is unknown (%s)", narrator_missing(n));
}

/* ---- A slice ends ---- */

static void say_line(struct weft_sentence *s, const struct narrator *n, const char *before,
                     uint64_t object, uint64_t self)
{
    const struct line *line = waiters_of(&n->waiters, object);
    say_text(s, before);
    if (n->lossy || !line) {
        say(s, "its place in line is unknown (%s)", narrator_missing(n));
        return;
    }
    say_entity(s, n->model, self);
    say_text(s, " is ");
    say_ordinal(s, line->n);
    say_text(s, " in line");
}

static void say_lock(struct weft_sentence *s, const struct narrator *n, uint64_t lock,
                     uint64_t self)
{
    const struct weft_object_at *at = weft_state_object(n->state, lock);
    if (at && at->owner) {
        say_text(s, ": ");
        say_entity(s, n->model, at->owner);
        say_text(s, " holds it");
    } else if (n->lossy) {
        say(s, ": who holds it is unknown (%s)", narrator_missing(n));
        return;
    }
    if (waiters_of(&n->waiters, lock))
        say_line(s, n, at && at->owner ? "; " : ": ", lock, self);
}

/* How many of a group are done; -1: unknown. */
static gint64 done_of(const struct narrator *n, uint64_t group)
{
    const struct weft_object_at *at = weft_state_object(n->state, group);
    guint listed;
    gboolean all;
    const struct weft_party *members = weft_state_parties(n->state, group, &listed, &all);
    if (!at || n->lossy || listed > MEMBERS_MAX || at->capacity < listed || !at->capacity)
        return -1;
    gint64 done = (gint64)at->capacity - listed;
    for (guint i = 0; members && i < listed; i++) {
        const struct weft_task_at *task = weft_state_task(n->state, members[i].id);
        if (weft_id_kind(members[i].id) != WEFT_ENTITY_TASK)
            return -1;
        done += !task || task->state == WEFT_STATE_DONE;
    }
    return done;
}

static void say_group(struct weft_sentence *s, const struct narrator *n, uint64_t group,
                      uint64_t self)
{
    guint known, total;
    const uint64_t *members = facts_members(&n->model->facts, group, &known, &total);
    gint64 done = done_of(n, group);
    if (members && known == total) {
        say_text(s, " (");
        say_entities(s, n->model, members, known);
        say_text(s, ")");
    }
    if (done == 0)
        say_text(s, ": none is done");
    else if (done > 0)
        say(s, ": %" G_GINT64_FORMAT " %s done", done, done == 1 ? "is" : "are");
    else if (n->lossy)
        say(s, ": how many are done is unknown (%s)", narrator_missing(n));
    say_next(s, n, done >= 0 || n->lossy ? "; " : ": ", self);
}

/* ", which itself awaits recv from :9081". */
static void say_chain(struct weft_sentence *s, const struct narrator *n, uint64_t task)
{
    const struct weft_task_at *at = weft_state_task(n->state, task);
    if (!at || at->state != WEFT_STATE_WAITING)
        return;
    say_text(s, ", which itself awaits ");
    say_wait(s, n->model, n->state, at, at->other);
}

/* ": due at 401 ms", when that is known and is no sleep for ever. */
static gboolean say_due(struct weft_sentence *s, const struct narrator *n, uint64_t timer)
{
    gint64 due;
    if (!narrator_due(n, timer, &due))
        return FALSE;
    say_text(s, ": due at ");
    say_moment(s, due);
    return TRUE;
}

/* ": it is empty", ": it is full, 3 of 3": when it is. */
static gboolean say_filling(struct weft_sentence *s, const struct narrator *n, unsigned await_kind,
                            uint64_t queue)
{
    const struct weft_object_at *at = weft_state_object(n->state, queue);
    if (!at || at->stale)
        return FALSE;
    if (await_kind == WEFT_AWAIT_QUEUE_PUT && at->capacity && at->value >= (gint64)at->capacity) {
        say(s, ": it is full, %" G_GINT64_FORMAT " of %" G_GUINT64_FORMAT, at->value, at->capacity);
        return TRUE;
    }
    if (await_kind != WEFT_AWAIT_QUEUE_GET || at->value != 0 || n->lossy)
        return FALSE;
    say_text(s, ": it is empty");
    return TRUE;
}

static void say_wait_reason(struct weft_sentence *s, const struct narrator *n,
                            const struct weft_record *r, uint64_t other)
{
    const struct weft_object_at *at = weft_state_object(n->state, other);
    const char *next = ": ";
    switch (r->detail) {
    case WEFT_AWAIT_LOCK:
        say_lock(s, n, other, r->subject);
        return;
    case WEFT_AWAIT_SEMAPHORE:
        say_line(s, n, ": ", other, r->subject);
        return;
    case WEFT_AWAIT_GROUP:
        say_group(s, n, other, r->subject);
        return;
    case WEFT_AWAIT_TASK:
        say_chain(s, n, other);
        break;
    case WEFT_AWAIT_TIMER:
        next = say_due(s, n, other) ? "; " : next;
        break;
    case WEFT_AWAIT_QUEUE_GET:
    case WEFT_AWAIT_QUEUE_PUT:
        next = say_filling(s, n, r->detail, other) ? "; " : next;
        break;
    case WEFT_AWAIT_FUTURE:
        say_site(s, n->model, ", made at ", at ? at->site : 0);
        break;
    }
    say_next(s, n, next, r->subject);
}

/* How long a timer was set for, in three digits; 0: unknown. */
static gint64 planned(const struct narrator *n, const struct weft_record *r, uint64_t timer)
{
    gint64 due, set = timer == n->timer ? n->timer_set_ns : (gint64)r->time;
    if (r->detail != WEFT_AWAIT_TIMER || !narrator_due(n, timer, &due))
        return 0;
    return plan_decode(plan_encode(due - set));
}

static void tell_suspend(struct weft_sentence *s, const struct narrator *n,
                         const struct weft_record *r)
{
    uint64_t other = narrator_awaited(n, r->detail, r->object);
    say_subject(s, n->model, r->subject);
    if (r->detail == WEFT_AWAIT_YIELD) {
        say_text(s, " steps back to the end of the ready queue");
        say_next(s, n, ": ", r->subject);
        return;
    }
    say_text(s, " awaits ");
    say_awaited(s, n->model, r->detail, other, planned(n, r, other));
    say_wait_reason(s, n, r, other);
}

/* Nobody awaits it, nor a group that it is in. */
static gboolean is_alone(const struct narrator *n, uint64_t task)
{
    return !n->lossy && !facts_grouped(&n->model->facts, task);
}

/* "; it released lock fork, which Bob awaited": what it did last for others is why they are next.
 */
static void say_gift(struct weft_sentence *s, const struct narrator *n, uint64_t task)
{
    const struct gift *gift = &n->gift;
    const char *deed = gift->by == task ? say_deed(gift->await_kind, gift->used_how) : NULL;
    if (!deed)
        return;
    say(s, "; it%s", deed);
    say_entity(s, n->model, gift->what);
    say_text(s, ", which ");
    say_some_entities(s, n->model, &gift->first, 1, gift->n);
    say_text(s, " awaited");
}

static void tell_done(struct weft_sentence *s, const struct narrator *n,
                      const struct weft_record *r)
{
    uint64_t waiters[NAMED];
    guint n_waiters = waiters_first(&n->waiters, r->subject, waiters, NAMED);
    say_subject(s, n->model, r->subject);
    if (r->detail == WEFT_OUTCOME_CANCELLED) {
        say_text(s, " ends, cancelled");
    } else if (r->detail == WEFT_OUTCOME_ERROR) {
        guint lane = facts_failure(&n->model->facts, r->subject)
                         ? weft_model_lane_of(n->model, r->subject)
                         : NO_LANE;
        g_autofree char *words = lane == NO_LANE ? NULL : weft_model_outcome_words(n->model, lane);
        say_text(s, words ? " fails with " : " fails");
        say_text(s, words ? words : "");
    } else {
        say_text(s, " is done");
    }
    say_gift(s, n, r->subject);
    if (n_waiters == 0) {
        gboolean alone = r->detail == WEFT_OUTCOME_ERROR && is_alone(n, r->subject);
        say_text(s, alone ? ": nobody awaits it" : "");
        say_next(s, n, alone ? "; " : ": ", 0);
        return;
    }
    say_text(s, ": ");
    say_some_entities(s, n->model, waiters, MIN(n_waiters, NAMED), n_waiters);
    say_text(s, n_waiters == 1 ? ", which awaited it, becomes ready"
                               : ", which awaited it, become ready");
}

/* ---- A task is created ---- */

static void tell_new(struct weft_sentence *s, const struct narrator *n,
                     const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    uint64_t by = r->object ? r->object : e->actor;
    say_subject(s, n->model, by ? by : r->subject);
    say_text(s, by ? " creates " : " is created");
    if (by)
        say_entity(s, n->model, r->subject);
    say_site(s, n->model, " at ", r->site);
    const struct weft_lane *lane = weft_model_lane(n->model,
                                                   weft_model_lane_of(n->model, r->subject));
    if (lane && lane->flags & WEFT_LANE_EAGER) {
        say_text(s, ": it runs at once, until it first waits");
        return;
    }
    say_text(s, ": it goes to the end of the ready queue");
    if (weft_id_kind(e->actor) == WEFT_ENTITY_TASK) {
        say_text(s, "; ");
        say_entity(s, n->model, e->actor);
        say_text(s, " goes on");
    }
}

/* ---- Any ---- */

gboolean tells(const weft_model *model, const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    const struct weft_lane *lane = NULL;
    if (r->kind == WEFT_RECORD_TASK_FREE || r->kind == WEFT_RECORD_TASK_IS)
        lane = weft_model_lane(model, weft_model_lane_of(model, r->subject));
    switch (r->kind) {
    case WEFT_RECORD_WAKE:
        return r->detail != WEFT_WAKE_CREATED;
    case WEFT_RECORD_TASK_FREE:
        return lane && !lane->outcome;
    case WEFT_RECORD_TASK_IS:
        return lane && lane->first_ns >= (gint64)r->time;
    case WEFT_RECORD_OBJECT_IS:
        return weft_id_kind(r->subject) == WEFT_ENTITY_LOCK && r->object;
    default:
        return r->kind != WEFT_RECORD_NEVER_WRITTEN && r->kind < WEFT_RECORD_KIND_END;
    }
}

struct weft_sentence *tell(struct narrator *n, const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    if (r->kind != WEFT_RECORD_TASK_IS && !tells(n->model, e))
        return NULL;
    narrator_reach(n, e);
    struct weft_sentence *s = sentence_new((gint64)r->time, r->subject);
    switch (r->kind) {
    case WEFT_RECORD_RESUME:
        tell_resume(s, n, r);
        break;
    case WEFT_RECORD_SUSPEND:
        tell_suspend(s, n, r);
        break;
    case WEFT_RECORD_WAKE:
        tell_wake(s, n, r);
        break;
    case WEFT_RECORD_TASK_NEW:
        tell_new(s, n, e);
        break;
    case WEFT_RECORD_TASK_DONE:
        tell_done(s, n, r);
        break;
    default:
        if (!tell_loop(s, n, e) && !tell_cancel(s, n, e) && !tell_object(s, n, e) &&
            !tell_around(s, n, e)) {
            weft_sentence_free(s);
            return NULL;
        }
    }
    say_text(s, ".");
    return s;
}
