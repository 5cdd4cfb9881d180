/* tell_wake.c: see tell_wake.h. */
#include "tracer/model/tell_wake.h"
#include "tracer/model/sentence.h"
#include "tracer/model/tell_around.h"
#include "tracer/model/text.h"

/* From here a delay is worth a clause. */
static const gint64 late_ns = 10 * G_GINT64_CONSTANT(1000000);

/* ": fetch-1 held the loop", when it did for most of this time. */
static void say_held(struct weft_sentence *s, const struct narrator *n, const struct turn *turn,
                     gint64 from_ns, gint64 to_ns, const char *what)
{
    if (!turn || !turn->id ||
        MIN(turn->to_ns, to_ns) - MAX(turn->from_ns, from_ns) < (to_ns - from_ns) / 2)
        return;
    say_text(s, ": ");
    say_entity(s, n->model, turn->id);
    say_text(s, what);
}

gboolean say_late(struct weft_sentence *s, const struct narrator *n, uint64_t timer, gint64 t_ns)
{
    gint64 due;
    if (!narrator_due(n, timer, &due) || t_ns - due < late_ns)
        return FALSE;
    say_text(s, ", ");
    say_duration(s, t_ns - due);
    say_text(s, " late");
    return TRUE;
}

/* "The sleep is over, 51 ms late: fetch-1 held the loop". */
static void say_timer(struct weft_sentence *s, const struct narrator *n,
                      const struct weft_record *r, const struct weft_task_at *wait)
{
    uint64_t timer = r->object ? r->object : wait->other;
    gint64 t = (gint64)r->time, due;
    say_text(s, wait->detail && wait->detail != WEFT_AWAIT_TIMER ? "Its time is over"
                                                                 : "The sleep is over");
    if (say_late(s, n, timer, t) && narrator_due(n, timer, &due))
        say_held(s, n, turns_longest(&n->turns, due), due, t, " held the loop");
}

/* "; the loop had not polled for 74 ms: fetch-1 ran", when it had not for long. */
static void say_unpolled(struct weft_sentence *s, const struct narrator *n)
{
    const struct turns *t = &n->turns;
    if (t->unpolled_ns < late_ns)
        return;
    say_text(s, "; the loop had not polled for ");
    say_duration(s, t->unpolled_ns);
    say_held(s, n, &t->held, t->poll_ns - t->unpolled_ns, t->poll_ns, " ran");
}

static void say_io_arrived(struct weft_sentence *s, const struct narrator *n, unsigned awaited,
                           uint64_t what)
{
    if (what && awaited == WEFT_AWAIT_CONNECT) {
        say_text(s, "The connection to ");
        say_entity(s, n->model, what);
        say_text(s, " is answered");
    } else if (what && awaited == WEFT_AWAIT_CHILD) {
        say_entity(s, n->model, what);
        say_text(s, " has ended");
    } else if (awaited == WEFT_AWAIT_ACCEPT) {
        say_text(s, "A connection is there");
    } else if (what && awaited == WEFT_AWAIT_WRITE) {
        say_entity(s, n->model, what);
        say_text(s, " takes data again");
    } else if (what) {
        say_text(s, "Data from ");
        say_entity(s, n->model, what);
        say_text(s, " is there");
    } else {
        say_text(s, "I/O is there");
    }
}

const char *say_deed(unsigned await_kind, unsigned used_how)
{
    static const char *const deeds[WEFT_AWAIT_END] = {
        [WEFT_AWAIT_FUTURE] = " completed ", /* with whatever outcome */
        [WEFT_AWAIT_EVENT] = " set ",
        [WEFT_AWAIT_CONDITION] = " notified ",
        [WEFT_AWAIT_QUEUE_JOIN] = " ended the work of ",
    };
    if ((await_kind == WEFT_AWAIT_LOCK || await_kind == WEFT_AWAIT_SEMAPHORE) &&
        used_how == WEFT_RESOURCE_RELEASE) /* who is cancelled in the line passes it on without */
        return " released ";
    if (await_kind == WEFT_AWAIT_QUEUE_GET && used_how == WEFT_RESOURCE_PUT)
        return " put an item into ";
    if (await_kind == WEFT_AWAIT_QUEUE_PUT && used_how == WEFT_RESOURCE_GET)
        return " took an item from ";
    return await_kind < WEFT_AWAIT_END ? deeds[await_kind] : NULL;
}

static gboolean has_line(unsigned await_kind)
{
    return await_kind == WEFT_AWAIT_LOCK || await_kind == WEFT_AWAIT_SEMAPHORE ||
           await_kind == WEFT_AWAIT_QUEUE_GET || await_kind == WEFT_AWAIT_QUEUE_PUT;
}

/* "Ada released lock fork; Bob was first in line". TRUE: it named the task. A queue wakes for more
 * than one reason: where none is known, that it is its turn is. */
static gboolean say_turn(struct weft_sentence *s, const struct narrator *n,
                         const struct weft_task_at *wait, uint64_t by)
{
    static const char *const states[WEFT_AWAIT_END] = {
        [WEFT_AWAIT_EVENT] = " is set",
        [WEFT_AWAIT_QUEUE_GET] = " has an item",
        [WEFT_AWAIT_QUEUE_PUT] = " has room",
        [WEFT_AWAIT_QUEUE_JOIN] = " is done",
    };
    say_entity(s, n->model, by ? by : wait->other);
    if (weft_id_kind(by) != WEFT_ENTITY_TASK) { /* a callback: it has no name */
        const char *state = wait->detail < WEFT_AWAIT_END ? states[wait->detail] : NULL;
        say(s, "%s", state ? state : " is free");
    } else if (wait->other) {
        gboolean known = wait->other == n->used && by == n->used_by;
        const char *deed = say_deed(wait->detail, known ? n->used_how : 0);
        say(s, "%s", deed ? deed : " gave it its turn at ");
        say_entity(s, n->model, wait->other);
    } else {
        say_text(s, " gave it its turn");
    }
    if (!n->was_first_in_line || !has_line(wait->detail))
        return FALSE;
    say_text(s, "; ");
    say_subject(s, n->model, n->task.id);
    say_text(s, " was first in line");
    return TRUE;
}

/* "waited 40.0 ms for a thread, ran in weft_1 for 300 ms and ": where that is near. */
static void say_work(struct weft_sentence *s, const struct narrator *n, uint64_t job)
{
    const struct jobs_run *run = jobs_ended(n->jobs, job, n->now_ns);
    const struct weft_event_view *submit = run ? replay_before(n->walk, WEFT_RECORD_WORK_SUBMIT,
                                                               job)
                                               : NULL;
    gint64 waited_ns = submit ? run->begin_ns - (gint64)submit->record.time : 0;
    if (!run)
        return;
    if (waited_ns >= late_ns) {
        say_text(s, "waited ");
        say_duration(s, waited_ns);
        say_text(s, " for a thread, ");
    }
    say_text(s, "ran in ");
    say_entity(s, n->model, run->thread);
    say_text(s, " for ");
    say_duration(s, run->end_ns - run->begin_ns);
    say_text(s, " and ");
}

/* "resize ran in weft_1 for 2.00 ms and returned", "read of /etc/hosts returned". */
static void say_returned(struct weft_sentence *s, const struct narrator *n, uint64_t job,
                         const struct weft_task_at *wait)
{
    say_entity(s, n->model, job);
    if (wait->other && wait->other != job &&
        (wait->detail == WEFT_AWAIT_FILE || wait->detail == WEFT_AWAIT_DNS)) {
        say_text(s, " of ");
        say_entity(s, n->model, wait->other);
    }
    say_text(s, " ");
    say_work(s, n, job);
    say_text(s, "returned");
}

/* "The gather of 2 is done", "fetch-2 failed first". */
static void say_group_done(struct weft_sentence *s, const struct narrator *n, uint64_t group)
{
    guint outcome = group && group == n->group ? n->outcome : WEFT_OUTCOME_NONE;
    if (outcome == WEFT_OUTCOME_ERROR) {
        say_failed_first(s, n);
        return;
    }
    say_entity(s, n->model, group);
    say_text(s, outcome == WEFT_OUTCOME_CANCELLED ? " is cancelled" : " is done");
}

/* "Ada is done", "Ada failed". */
static void say_task_done(struct weft_sentence *s, const struct narrator *n, uint64_t task)
{
    const struct weft_task_at *at = weft_state_task(n->state, task);
    unsigned outcome = at && at->state == WEFT_STATE_DONE ? at->detail : WEFT_OUTCOME_NONE;
    say_entity(s, n->model, task);
    say_text(s, outcome == WEFT_OUTCOME_ERROR       ? " failed"
                : outcome == WEFT_OUTCOME_CANCELLED ? " ended, cancelled"
                                                    : " is done");
}

/* "The time of Task-1 is over: Eve is to be cancelled". */
static void say_cancelled(struct weft_sentence *s, const struct narrator *n,
                          const struct weft_record *r)
{
    uint64_t owner = r->detail == WEFT_WAKE_TIMEOUT ? narrator_timer_owner(n, r->object) : 0;
    if (r->detail == WEFT_WAKE_TIMEOUT) {
        say_text(s, owner ? "The time of " : "A timeout");
        if (owner == r->subject)
            say_subject(s, n->model, owner);
        else if (owner)
            say_entity(s, n->model, owner);
        say_text(s, " is over: ");
    }
    if (owner == r->subject)
        say_text(s, "it");
    else
        say_subject(s, n->model, r->subject);
    say_text(s, " is to be cancelled, and");
}

static void say_signal(struct weft_sentence *s, const struct narrator *n, uint64_t signal)
{
    if (signal && model_is_named(n->model, signal))
        say_entity(s, n->model, signal);
    else
        say_text(s, "The signal");
    say_text(s, " arrived");
}

/* TRUE: it named the task. */
static gboolean say_cause(struct weft_sentence *s, const struct narrator *n,
                          const struct weft_record *r)
{
    gboolean waited = n->task.state == WEFT_STATE_WAITING || n->task.state == WEFT_STATE_CANCELLING;
    struct weft_task_at wait = waited ? n->task : (struct weft_task_at){ 0 };
    wait.other = narrator_awaited(n, 0, wait.other);
    switch (r->detail) {
    case WEFT_WAKE_TIMER:
        say_timer(s, n, r, &wait);
        break;
    case WEFT_WAKE_IO:
        say_io_arrived(s, n, wait.detail,
                       r->object && weft_id_kind(r->object) != WEFT_ENTITY_OP ? r->object
                                                                              : wait.other);
        say_unpolled(s, n);
        break;
    case WEFT_WAKE_TASK:
        say_task_done(s, n, r->object);
        break;
    case WEFT_WAKE_GROUP:
        say_group_done(s, n, r->object);
        break;
    case WEFT_WAKE_FUTURE:
        say_entity(s, n->model, r->object ? r->object : wait.other);
        say_text(s, " is done");
        break;
    case WEFT_WAKE_RESOURCE:
        return say_turn(s, n, &wait, r->object);
    case WEFT_WAKE_CANCEL:
    case WEFT_WAKE_TIMEOUT:
        say_cancelled(s, n, r);
        return TRUE;
    case WEFT_WAKE_THREAD:
        say_returned(s, n, r->object ? r->object : wait.other, &wait);
        break;
    case WEFT_WAKE_SIGNAL:
        say_signal(s, n, r->object ? r->object : wait.other);
        break;
    default:
        say_text(s, "By whom is not recorded");
    }
    return FALSE;
}

void tell_wake(struct weft_sentence *s, const struct narrator *n, const struct weft_record *r)
{
    gboolean cancelled = r->detail == WEFT_WAKE_CANCEL || r->detail == WEFT_WAKE_TIMEOUT;
    if (say_cause(s, n, r)) {
        say_text(s, cancelled ? "" : ": it");
    } else {
        say_text(s, ": ");
        say_subject(s, n->model, r->subject);
    }
    if (n->task.state == WEFT_STATE_READY) {
        say_text(s, " is in the ready queue already");
    } else if (narrator_queue_known(n)) {
        say_text(s, " goes to the ready queue (");
        say_ordinal(s, weft_state_n_ready(n->state, n->ring));
        say_text(s, ")");
    } else {
        say(s, " goes to the ready queue (where is unknown: %s)", narrator_missing(n));
    }
}
