/* tell_wake.c: see tell_wake.h. */
#include "tracer/model/tell_wake.h"
#include "tracer/model/sentence.h"

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

/* "Ada released lock fork". A queue wakes for more than one reason: that it is its turn is known.
 */
static void say_turn(struct weft_sentence *s, const struct narrator *n,
                     const struct weft_task_at *wait, uint64_t by)
{
    static const char *const deeds[WEFT_AWAIT_END] = {
        [WEFT_AWAIT_LOCK] = " released ",
        [WEFT_AWAIT_SEMAPHORE] = " released ",
        [WEFT_AWAIT_EVENT] = " set ",
        [WEFT_AWAIT_CONDITION] = " notified ",
        [WEFT_AWAIT_QUEUE_JOIN] = " ended the work of ",
    };
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
        const char *deed = wait->detail < WEFT_AWAIT_END ? deeds[wait->detail] : NULL;
        say(s, "%s", deed ? deed : " gave it its turn at ");
        say_entity(s, n->model, wait->other);
    } else {
        say_text(s, " gave it its turn");
    }
}

/* "resize returned", "read of /etc/hosts returned". */
static void say_returned(struct weft_sentence *s, const struct narrator *n, uint64_t job,
                         const struct weft_task_at *wait)
{
    say_entity(s, n->model, job);
    if (wait->other && wait->other != job &&
        (wait->detail == WEFT_AWAIT_FILE || wait->detail == WEFT_AWAIT_DNS)) {
        say_text(s, " of ");
        say_entity(s, n->model, wait->other);
    }
    say_text(s, " returned");
}

/* "The gather of 2 is done", "One of the gather of 2 failed". */
static void say_group_done(struct weft_sentence *s, const struct narrator *n, uint64_t group)
{
    guint outcome = group && group == n->group ? n->outcome : WEFT_OUTCOME_NONE;
    say_text(s, outcome == WEFT_OUTCOME_ERROR ? "One of the " : "The ");
    say_entity(s, n->model, group);
    say_text(s, outcome == WEFT_OUTCOME_ERROR       ? " failed"
                : outcome == WEFT_OUTCOME_CANCELLED ? " is cancelled"
                                                    : " is done");
}

static void say_cause(struct weft_sentence *s, const struct narrator *n,
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
        say_entity(s, n->model, r->object);
        say_text(s, " is done");
        break;
    case WEFT_WAKE_GROUP:
        say_group_done(s, n, r->object);
        break;
    case WEFT_WAKE_FUTURE:
        say_text(s, "The result of ");
        say_entity(s, n->model, r->object ? r->object : wait.other);
        say_text(s, " is there");
        break;
    case WEFT_WAKE_RESOURCE:
        say_turn(s, n, &wait, r->object);
        break;
    case WEFT_WAKE_CANCEL:
        say_text(s, "It is to be cancelled");
        break;
    case WEFT_WAKE_TIMEOUT:
        say_text(s, "Its time is over: it is to be cancelled");
        break;
    case WEFT_WAKE_THREAD:
        say_returned(s, n, r->object ? r->object : wait.other, &wait);
        break;
    case WEFT_WAKE_SIGNAL:
        say_text(s, "The signal arrived");
        break;
    default:
        say_text(s, "By whom is not recorded");
    }
}

void tell_wake(struct weft_sentence *s, const struct narrator *n, const struct weft_record *r)
{
    say_cause(s, n, r);
    say_text(s, ": ");
    say_subject(s, n->model, r->subject);
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
