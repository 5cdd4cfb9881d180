/* tell.c: see tell.h. Tasks and the loop here; what tasks do to objects in tell_objects.c; what is
 * around them in tell_around.c. */
#include "tracer/model/tell.h"
#include "tracer/model/around.h"
#include "tracer/model/plan.h"
#include "tracer/model/sentence.h"
#include "tracer/model/tell_around.h"
#include "tracer/model/tell_objects.h"
#include <string.h>

/* From here a delay is worth a clause, and a slice held the loop. */
static const gint64 late_ns = 10 * G_GINT64_CONSTANT(1000000);

/* The lane's segment that begins at t, or holds it. */
static gboolean segment_of(weft_model *model, uint64_t task, gint64 t_ns,
                           struct weft_segment_view *out, guint *lane, guint64 *number)
{
    *lane = weft_model_lane_of(model, task);
    return *lane != NO_LANE && cursor_seek(model, *lane, t_ns, number) &&
           cursor_read(model, *lane, *number, out);
}

/* ": B runs next", ": the loop polls". */
static void say_next(struct weft_sentence *s, weft_model *model, guint32 ring, gint64 t_ns)
{
    struct weft_segment_view next;
    guint loop = loop_lane_of(model, ring);
    if (loop == NO_LANE || !loop_next(model, loop, t_ns, &next))
        return;
    if (next.state == WEFT_SEGMENT_RUNNING) {
        say(s, ": ");
        say_entity(s, model, next.other);
        say(s, " runs next");
    } else if (next.state == WEFT_SEGMENT_POLL) {
        say(s, ": the loop polls");
    }
}

/* ---- A task's turns ---- */

static void tell_resume(struct weft_sentence *s, weft_model *model, const struct weft_event_view *e)
{
    gint64 t = (gint64)e->record.time;
    struct weft_segment_view slice, ready;
    guint lane;
    guint64 number;
    say_subject(s, model, e->record.subject);
    if (!segment_of(model, e->record.subject, t, &slice, &lane, &number)) {
        say(s, " runs");
        return;
    }
    say(s, slice.flags & WEFT_SEGMENT_OPEN ? " has run for " : " runs for ");
    say_duration(s, slice.to_ns - slice.from_ns);
    if (number == 0 || !cursor_read(model, lane, number - 1, &ready) ||
        ready.state != WEFT_SEGMENT_READY)
        return;
    say(s, ", after ");
    say_duration(s, ready.to_ns - ready.from_ns);
    say(s, " in the ready queue");
    uint64_t ran[8];
    guint loop = loop_lane_of(model, e->ring);
    guint n = loop == NO_LANE ? 0 : loop_ran(model, loop, ready.from_ns, t, ran, 8);
    for (guint i = 0; i < MIN(n, 8); i++)
        if (ran[i] == e->record.subject && n <= 8) /* its own slice, that ended in a yield */
            ran[i--] = ran[--n];
    if (n > 0) {
        say(s, ", behind ");
        say_entities(s, model, ran, n);
    }
}

/* Locks say who has them, gathers what they consist of. */
static void say_wait_reason(struct weft_sentence *s, weft_model *model,
                            const struct weft_event_view *e, uint64_t other)
{
    if (e->record.detail == WEFT_AWAIT_LOCK) {
        weft_state *state = weft_model_state_at(model, (gint64)e->record.time);
        const struct weft_object_at *lock = weft_state_object(state, other);
        if (lock && lock->owner) {
            say(s, ": ");
            say_entity(s, model, lock->owner);
            say(s, " holds it");
        }
        weft_state_free(state);
        return;
    }
    guint n, total;
    const uint64_t *members = facts_members(&model->facts, other, &n, &total);
    if (members && n == total) {
        say(s, " (");
        say_entities(s, model, members, n);
        say(s, ")");
    }
    if (e->record.detail == WEFT_AWAIT_QUEUE_GET)
        say(s, ": it is empty");
    else if (e->record.detail == WEFT_AWAIT_QUEUE_PUT)
        say(s, ": it is full");
    say_next(s, model, e->ring, (gint64)e->record.time);
}

static void tell_suspend(struct weft_sentence *s, weft_model *model,
                         const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    struct weft_segment_view wait;
    guint lane;
    guint64 number;
    gint64 planned = 0;
    uint64_t other = r->object;
    say_subject(s, model, r->subject);
    if (r->detail == WEFT_AWAIT_YIELD) {
        say(s, " steps back to the end of the ready queue");
        say_next(s, model, e->ring, (gint64)r->time);
        return;
    }
    if (segment_of(model, r->subject, (gint64)r->time, &wait, &lane, &number) &&
        wait.from_ns == (gint64)r->time) {
        planned = plan_decode(wait.note & NOTE_PLAN);
        other = wait.other;
    }
    say(s, " awaits ");
    say_awaited(s, model, r->detail, other, planned);
    say_wait_reason(s, model, e, other);
}

static void tell_done(struct weft_sentence *s, weft_model *model, const struct weft_event_view *e)
{
    say_subject(s, model, e->record.subject);
    if (e->record.detail == WEFT_OUTCOME_CANCELLED) {
        say(s, " ends, cancelled");
    } else if (e->record.detail == WEFT_OUTCOME_ERROR) {
        guint lane = weft_model_lane_of(model, e->record.subject);
        g_autofree char *words = lane == NO_LANE ? NULL : weft_model_outcome_words(model, lane);
        say(s, " fails with %s", words ? words : "an error");
    } else {
        say(s, " is done");
    }
    say_next(s, model, e->ring, (gint64)e->record.time);
}

static void tell_new(struct weft_sentence *s, weft_model *model, const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    uint64_t parent = r->object ? r->object : e->actor;
    say_subject(s, model, parent);
    say(s, " creates ");
    say_entity(s, model, r->subject);
    say_site(s, model, " at ", r->site);
    const struct weft_lane *lane = weft_model_lane(model, weft_model_lane_of(model, r->subject));
    if (lane && lane->flags & WEFT_LANE_EAGER)
        say(s, ": it runs at once, until it first waits");
    else if (lane)
        say(s, ": it goes to the end of the ready queue");
}

/* ---- Waking ---- */

/* "; the loop had not polled for 74 ms: fetch-1 ran", when it had not for long. */
static void say_unpolled(struct weft_sentence *s, weft_model *model, guint32 ring, gint64 t_ns)
{
    gint64 before, poll_begin = t_ns;
    struct weft_segment_view poll, held;
    guint loop = loop_lane_of(model, ring);
    guint64 number;
    if (loop == NO_LANE || !loop_polled(model, loop, t_ns, &before))
        return;
    /* The poll that found it began where the time without one ends. */
    if (cursor_seek(model, loop, before - 1, &number) && cursor_read(model, loop, number, &poll) &&
        poll.state == WEFT_SEGMENT_POLL)
        poll_begin = poll.from_ns;
    if (!loop_polled(model, loop, poll_begin - 1, &before) || poll_begin - before < late_ns)
        return;
    say(s, "; the loop had not polled for ");
    say_duration(s, poll_begin - before);
    if (loop_longest(model, loop, before, poll_begin, &held)) {
        say(s, ": ");
        say_entity(s, model, held.other);
        say(s, " ran");
    }
}

/* ", 51 ms late: fetch-1 held the loop". */
static void say_late(struct weft_sentence *s, weft_model *model, const struct weft_event_view *e)
{
    struct weft_segment_view wait, held;
    guint lane;
    guint64 number;
    gint64 t = (gint64)e->record.time;
    if (!segment_of(model, e->record.subject, t - 1, &wait, &lane, &number))
        return;
    gint64 planned = plan_decode(wait.note & NOTE_PLAN), due = wait.from_ns + planned;
    if (planned == 0 || t - due < late_ns || t - due < planned / 50) /* plans have three digits */
        return;
    say(s, ", ");
    say_duration(s, t - due);
    say(s, " late");
    guint loop = loop_lane_of(model, e->ring);
    if (loop != NO_LANE && loop_longest(model, loop, due, t, &held)) {
        say(s, ": ");
        say_entity(s, model, held.other);
        say(s, " held the loop");
    }
}

static void say_io_arrived(struct weft_sentence *s, weft_model *model, unsigned awaited,
                           uint64_t what)
{
    if (what && awaited == WEFT_AWAIT_CONNECT) {
        say(s, "The connection to ");
        say_entity(s, model, what);
        say(s, " is answered");
    } else if (awaited == WEFT_AWAIT_ACCEPT) {
        say(s, "A connection is there");
    } else if (what && awaited == WEFT_AWAIT_WRITE) {
        say_entity(s, model, what);
        say(s, " takes data again");
    } else if (what) {
        say(s, "Data from ");
        say_entity(s, model, what);
        say(s, " is there");
    } else {
        say(s, "I/O is there");
    }
}

/* "Ada released lock fork". A queue wakes for more than one reason: that it is its turn is known.
 */
static void say_turn(struct weft_sentence *s, weft_model *model,
                     const struct weft_segment_view *wait, uint64_t by)
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
    say_entity(s, model, by ? by : wait->other);
    if (weft_id_kind(by) != WEFT_ENTITY_TASK) { /* a callback: it has no name */
        const char *state = wait->detail < WEFT_AWAIT_END ? states[wait->detail] : NULL;
        say(s, "%s", state ? state : " is free");
    } else if (wait->other) {
        const char *deed = wait->detail < WEFT_AWAIT_END ? deeds[wait->detail] : NULL;
        say(s, "%s", deed ? deed : " gave it its turn at ");
        say_entity(s, model, wait->other);
    } else {
        say(s, " gave it its turn");
    }
}

/* "resize returned", "read of /etc/hosts returned". */
static void say_returned(struct weft_sentence *s, weft_model *model, uint64_t job,
                         const struct weft_segment_view *wait)
{
    say_entity(s, model, job);
    if (wait->other && wait->other != job &&
        (wait->detail == WEFT_AWAIT_FILE || wait->detail == WEFT_AWAIT_DNS)) {
        say(s, " of ");
        say_entity(s, model, wait->other);
    }
    say(s, " returned");
}

static void say_cause(struct weft_sentence *s, weft_model *model, const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    struct weft_segment_view wait = { 0 };
    guint lane;
    guint64 number;
    if (!segment_of(model, r->subject, (gint64)r->time - 1, &wait, &lane, &number) ||
        wait.to_ns != (gint64)r->time)
        wait = (struct weft_segment_view){ 0 };
    switch (r->detail) {
    case WEFT_WAKE_TIMER:
        say(s, wait.detail && wait.detail != WEFT_AWAIT_TIMER ? "Its time is over"
                                                              : "The sleep is over");
        say_late(s, model, e);
        break;
    case WEFT_WAKE_IO:
        say_io_arrived(s, model, wait.detail,
                       r->object && weft_id_kind(r->object) != WEFT_ENTITY_OP ? r->object
                                                                              : wait.other);
        say_unpolled(s, model, e->ring, (gint64)r->time);
        break;
    case WEFT_WAKE_TASK:
    case WEFT_WAKE_GROUP:
        say(s, r->detail == WEFT_WAKE_GROUP ? "The " : "");
        say_entity(s, model, r->object);
        say(s, " is done");
        break;
    case WEFT_WAKE_FUTURE:
        say(s, "The result of ");
        say_entity(s, model, r->object ? r->object : wait.other);
        say(s, " is there");
        break;
    case WEFT_WAKE_RESOURCE:
        say_turn(s, model, &wait, r->object);
        break;
    case WEFT_WAKE_CANCEL:
    case WEFT_WAKE_TIMEOUT:
        say(s, r->detail == WEFT_WAKE_CANCEL ? "It is to be cancelled"
                                             : "Its time is over: it is to be cancelled");
        break;
    default:
        if (r->detail == WEFT_WAKE_THREAD) {
            say_returned(s, model, r->object ? r->object : wait.other, &wait);
        } else {
            say(s,
                r->detail == WEFT_WAKE_SIGNAL ? "The signal arrived" : "By whom is not recorded");
        }
    }
}

static gboolean tell_wake(struct weft_sentence *s, weft_model *model,
                          const struct weft_event_view *e)
{
    if (e->record.detail == WEFT_WAKE_CREATED)
        return FALSE; /* TASK_NEW said so */
    say_cause(s, model, e);
    say(s, ": ");
    say_subject(s, model, e->record.subject);
    say(s, " goes to the ready queue");
    return TRUE;
}

/* ---- The loop ---- */

static gboolean tell_loop(struct weft_sentence *s, weft_model *model,
                          const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    struct weft_segment_view poll;
    guint loop = loop_lane_of(model, e->ring);
    switch (r->kind) {
    case WEFT_RECORD_LOOP_OPEN:
        say_subject(s, model, r->subject);
        say(s, " opens");
        return TRUE;
    case WEFT_RECORD_LOOP_CLOSE:
        say_subject(s, model, r->subject);
        say(s, " closes");
        if (r->object)
            say(s, ": %" G_GUINT64_FORMAT " tasks were never done", r->object);
        return TRUE;
    case WEFT_RECORD_ITERATION:
        say(s, "Iteration %" G_GUINT64_FORMAT ": %u %s ready", r->object, r->site,
            r->site == 1 ? "is" : "are");
        return TRUE;
    case WEFT_RECORD_POLL_BEGIN:
        say_subject(s, model, r->subject);
        if (r->object == 0) {
            say(s, " looks for I/O and goes on (timeout 0)");
        } else {
            say(s, " sleeps until I/O");
            if (r->object < G_MAXINT64) {
                say(s, ", or the next timer in ");
                say_duration(s, (gint64)r->object);
            }
        }
        return TRUE;
    case WEFT_RECORD_POLL_END:
        say_subject(s, model, r->subject);
        say(s, " wakes");
        if (loop != NO_LANE && weft_model_segment_at(model, loop, (gint64)r->time - 1, &poll) &&
            poll.state == WEFT_SEGMENT_POLL) {
            say(s, " after ");
            say_duration(s, poll.to_ns - poll.from_ns);
        }
        if (r->object)
            say(s, ": %" G_GUINT64_FORMAT " event%s", r->object, r->object == 1 ? "" : "s");
        else
            say(s, ": no I/O");
        return TRUE;
    case WEFT_RECORD_CALLBACK_BEGIN: {
        const char *kind = weft_detail_name(r->kind, r->detail);
        say(s, "The loop calls back: %s ", kind && *kind ? kind : "of");
        say_entity(s, model, r->object ? r->object : r->subject);
        return TRUE;
    }
    }
    return FALSE;
}

struct weft_sentence *tell(weft_model *model, const struct weft_event_view *e)
{
    struct weft_sentence *s = sentence_new((gint64)e->record.time, e->record.subject);
    gboolean told = TRUE;
    switch (e->record.kind) {
    case WEFT_RECORD_RESUME:
        tell_resume(s, model, e);
        break;
    case WEFT_RECORD_SUSPEND:
        tell_suspend(s, model, e);
        break;
    case WEFT_RECORD_WAKE:
        told = tell_wake(s, model, e);
        break;
    case WEFT_RECORD_TASK_NEW:
        tell_new(s, model, e);
        break;
    case WEFT_RECORD_TASK_DONE:
        tell_done(s, model, e);
        break;
    default:
        told = tell_loop(s, model, e) || tell_cancel(s, model, e) || tell_object(s, model, e) ||
               tell_process(s, model, e) || tell_queued(s, model, e) || tell_life(s, model, e) ||
               tell_operation(s, model, e);
    }
    if (!told) {
        weft_sentence_free(s);
        return NULL;
    }
    say(s, ".");
    return s;
}
