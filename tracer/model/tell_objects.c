/* tell_objects.c: see tell_objects.h. */
#include "tracer/model/tell_objects.h"
#include "tracer/model/sentence.h"
#include "tracer/model/tell_around.h"
#include <string.h>

static const char *string_of(const struct narrator *n, uint64_t id)
{
    const char *text = weft_trace_string(weft_model_trace(n->model), (uint32_t)id);
    return text ? text : "";
}

static gint64 until(const struct narrator *n, const struct weft_record *r)
{
    return weft_trace_from_monotonic(weft_model_trace(n->model), r->object) - (gint64)r->time;
}

static void tell_request(struct weft_sentence *s, const struct narrator *n,
                         const struct weft_event_view *e)
{
    uint64_t by = e->record.object ? e->record.object : e->actor;
    if (weft_id_kind(by) == WEFT_ENTITY_TIMEOUT) {
        uint64_t owner = narrator_timer_owner(n, by);
        say_text(s, owner ? "The timeout of " : "A timeout");
        if (owner)
            say_subject(s, n->model, owner);
        say_text(s, " asks to cancel ");
        if (owner == e->record.subject)
            say_text(s, "it");
        else
            say_entity(s, n->model, e->record.subject);
    } else {
        say_subject(s, n->model, by);
        say_text(s, " asks to cancel ");
        say_entity(s, n->model, e->record.subject);
    }
    if (e->record.flags & WEFT_RECORD_EXT) {
        struct weft_ext_text text;
        memcpy(&text, &e->ext, sizeof text);
        say(s, " (“%s”)", string_of(n, text.text));
    }
    say_text(s, ": it gets that when it next runs");
}

/* ", 120 ms to spare". */
static void say_spare(struct weft_sentence *s, const struct narrator *n,
                      const struct weft_record *r)
{
    gint64 due;
    if (r->detail != WEFT_OUTCOME_RESULT || !narrator_due(n, r->subject, &due) ||
        due < (gint64)r->time)
        return;
    say_text(s, ", ");
    say_duration(s, due - (gint64)r->time);
    say_text(s, " to spare");
}

static void tell_timeout(struct weft_sentence *s, const struct narrator *n,
                         const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    gboolean names_task = r->kind == WEFT_RECORD_TIMEOUT_EXPIRE ||
                          r->kind == WEFT_RECORD_TIMEOUT_EXIT;
    uint64_t task = names_task && r->object ? r->object : e->actor;
    if (r->kind == WEFT_RECORD_TIMEOUT_EXPIRE)
        say_text(s, "The time of ");
    say_subject(s, n->model, task);
    switch (r->kind) {
    case WEFT_RECORD_TIMEOUT_ENTER:
        say_text(s, " gives itself ");
        if (r->object < G_MAXINT64) {
            say_duration(s, until(n, r));
            say_text(s, " (until ");
            say_moment(s, (gint64)r->time + until(n, r));
            say_text(s, ")");
        } else {
            say_text(s, "any time");
        }
        break;
    case WEFT_RECORD_TIMEOUT_RESCHEDULE:
        say_text(s, " moves its deadline to ");
        if (r->object < G_MAXINT64) {
            say_moment(s, (gint64)r->time + until(n, r));
            say_text(s, ", ");
            say_duration(s, until(n, r));
            say_text(s, " from now");
        } else {
            say_text(s, "any time");
        }
        break;
    case WEFT_RECORD_TIMEOUT_EXPIRE: {
        const struct weft_task_at *at = weft_state_task(n->state, task);
        say_text(s, " is over");
        if (at && at->state == WEFT_STATE_WAITING) {
            say_text(s, " while it awaits ");
            say_wait(s, n->model, n->state, at, narrator_awaited(n, 0, at->other));
        }
        say_text(s, ": it is cancelled");
        break;
    }
    default:
        say(s, r->detail == WEFT_OUTCOME_RESULT      ? " is done in time"
               : r->detail == WEFT_OUTCOME_CANCELLED ? " leaves its timeout, cancelled"
               : n->object.done ? " leaves its timeout: the cancellation becomes TimeoutError"
                                : " leaves its timeout with an error");
        say_spare(s, n, r);
    }
}

gboolean tell_cancel(struct weft_sentence *s, const struct narrator *n,
                     const struct weft_event_view *e)
{
    switch (e->record.kind) {
    case WEFT_RECORD_CANCEL_REQUEST:
        tell_request(s, n, e);
        return TRUE;
    case WEFT_RECORD_CANCEL_DELIVER:
        say_subject(s, n->model, e->record.subject);
        say_text(s, " receives the cancellation");
        say_site(s, n->model, " at ", e->record.site);
        say_text(s, ": its cleanup runs");
        return TRUE;
    case WEFT_RECORD_UNCANCEL:
        say_subject(s, n->model, e->record.subject);
        say_text(s, " takes back the request to cancel it");
        return TRUE;
    case WEFT_RECORD_TIMEOUT_ENTER:
    case WEFT_RECORD_TIMEOUT_RESCHEDULE:
    case WEFT_RECORD_TIMEOUT_EXPIRE:
    case WEFT_RECORD_TIMEOUT_EXIT:
        tell_timeout(s, n, e);
        return TRUE;
    }
    return FALSE;
}

/* ---- Locks, events, queues ---- */

/* ": 3 in it", "(3 of 10)": what the value says, for kinds whose value says something. */
static void say_value(struct weft_sentence *s, const struct narrator *n,
                      const struct weft_record *r)
{
    gint64 value = (gint64)r->object;
    switch (weft_id_kind(r->subject)) {
    case WEFT_ENTITY_QUEUE:
        if (n->object.capacity && r->detail != WEFT_RESOURCE_TASK_DONE) {
            say(s, " (%" G_GINT64_FORMAT " of %" G_GUINT64_FORMAT ")", value, n->object.capacity);
            break;
        }
        say(s,
            r->detail == WEFT_RESOURCE_TASK_DONE ? ": %" G_GINT64_FORMAT " to be done"
                                                 : ": %" G_GINT64_FORMAT " in it",
            value);
        break;
    case WEFT_ENTITY_SEMAPHORE:
        say(s, ": %" G_GINT64_FORMAT " free", value);
        break;
    case WEFT_ENTITY_BARRIER:
        say(s, ": %" G_GINT64_FORMAT " there", value);
        break;
    default:
        break;
    }
}

/* ": Bob is first in line", ": 3 become ready": what it means for those who wait. */
static void say_released(struct weft_sentence *s, const struct narrator *n,
                         const struct weft_record *r)
{
    uint64_t first;
    guint waiting = waiters_first(&n->waiters, r->subject, &first, 1);
    unsigned kind = weft_id_kind(r->subject);
    if (waiting == 0 || n->lossy)
        return;
    if (r->detail == WEFT_RESOURCE_RELEASE && kind == WEFT_ENTITY_LOCK) {
        say_text(s, ": ");
        say_entity(s, n->model, first);
        say_text(s, " is first in line");
    } else if (r->detail == WEFT_RESOURCE_SET && kind == WEFT_ENTITY_EVENT) {
        say(s, waiting == 1 ? ": %u becomes ready" : ": %u become ready", waiting);
    }
}

/* Who released the lock that this task awaited and takes now; 0: it did not wait, or that is not
 * near. */
static uint64_t giver_of(const struct narrator *n, const struct weft_event_view *e)
{
    const struct weft_event_view *release = replay_before(n->walk, WEFT_RECORD_RESOURCE,
                                                          e->record.subject);
    if (!release || release->record.detail != WEFT_RESOURCE_RELEASE || release->actor == e->actor)
        return 0;
    const struct weft_event_view *wait = replay_before(n->walk, WEFT_RECORD_SUSPEND, e->actor);
    return wait && wait->record.object == e->record.subject && wait->index < release->index
               ? release->actor
               : 0;
}

/* The lock was not what it awaited last; FALSE also where that is not near. */
static gboolean did_not_wait(const struct narrator *n, const struct weft_event_view *e)
{
    const struct weft_event_view *wait = replay_before(n->walk, WEFT_RECORD_SUSPEND, e->actor);
    return wait ? wait->record.object != e->record.subject
                : replay_before(n->walk, WEFT_RECORD_TASK_NEW, e->actor) != NULL;
}

static void tell_resource(struct weft_sentence *s, const struct narrator *n,
                          const struct weft_event_view *e)
{
    static const char *const verbs[WEFT_RESOURCE_END] = {
        [WEFT_RESOURCE_ACQUIRE] = " takes ",
        [WEFT_RESOURCE_RELEASE] = " releases ",
        [WEFT_RESOURCE_SET] = " sets ",
        [WEFT_RESOURCE_CLEAR] = " clears ",
        [WEFT_RESOURCE_PUT] = " puts an item into ",
        [WEFT_RESOURCE_GET] = " takes an item from ",
        [WEFT_RESOURCE_NOTIFY] = " notifies ",
        [WEFT_RESOURCE_RESET] = " resets ",
        [WEFT_RESOURCE_BREAK] = " breaks ",
        [WEFT_RESOURCE_TASK_DONE] = " is done with an item of ",
        [WEFT_RESOURCE_SHUTDOWN] = " shuts down ",
    };
    const struct weft_record *r = &e->record;
    const char *verb = r->detail < WEFT_RESOURCE_END ? verbs[r->detail] : NULL;
    if (weft_id_kind(r->subject) == WEFT_ENTITY_BARRIER) {
        verb = r->detail == WEFT_RESOURCE_ACQUIRE   ? " comes to "
               : r->detail == WEFT_RESOURCE_RELEASE ? " goes on from "
                                                    : verb;
    }
    gboolean takes_lock = r->detail == WEFT_RESOURCE_ACQUIRE &&
                          weft_id_kind(r->subject) == WEFT_ENTITY_LOCK;
    uint64_t giver = takes_lock ? giver_of(n, e) : 0;
    say_subject(s, n->model, e->actor);
    say(s, "%s", giver ? " gets " : verb ? verb : " uses ");
    say_entity(s, n->model, r->subject);
    if (giver) {
        say_text(s, " from ");
        say_entity(s, n->model, giver);
    } else if (takes_lock && !n->lossy && n->object.id && !n->object.owner && did_not_wait(n, e)) {
        say_text(s, ": it was free");
    }
    say_value(s, n, r);
    say_released(s, n, r);
}

/* What a task does with jobs. They end in their threads' rings; in the loop's only those that never
 * began. */
static void tell_job(struct weft_sentence *s, const struct narrator *n,
                     const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    if (r->kind == WEFT_RECORD_WORK_END) {
        say_subject(s, n->model, r->subject);
        say(s, r->detail == WEFT_OUTCOME_CANCELLED ? " is withdrawn before a thread began it"
               : r->detail == WEFT_OUTCOME_ERROR   ? " finds no thread"
                                                   : " ends");
        return;
    }
    say_subject(s, n->model, e->actor);
    say_text(s, " hands ");
    say_entity(s, n->model, r->subject);
    say_text(s, " to the thread pool");
    if (r->object)
        say(s, ", behind %" G_GUINT64_FORMAT " other%s", r->object, r->object == 1 ? "" : "s");
}

/* " with ETIMEDOUT". */
static void say_error(struct weft_sentence *s, const struct narrator *n,
                      const struct weft_event_view *e)
{
    struct weft_ext_error error;
    if (!(e->record.flags & WEFT_RECORD_EXT))
        return;
    memcpy(&error, &e->ext, sizeof error);
    const char *name = string_of(n, error.name);
    if (*name)
        say(s, " with %s", name);
    else
        say(s, " with error %d", error.code);
}

/* ", which Ada awaits". */
static void say_who_awaits(struct weft_sentence *s, const struct narrator *n, uint64_t future)
{
    uint64_t first;
    guint waiting = waiters_first(&n->waiters, future, &first, 1);
    if (waiting == 0)
        return;
    say_text(s, ", which ");
    say_some_entities(s, n->model, &first, 1, waiting);
    say_text(s, waiting == 1 ? " awaits" : " await");
}

gboolean tell_object(struct weft_sentence *s, const struct narrator *n,
                     const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    switch (r->kind) {
    case WEFT_RECORD_RESOURCE:
        tell_resource(s, n, e);
        return TRUE;
    case WEFT_RECORD_FUTURE_DONE:
        say_subject(s, n->model, e->actor);
        say(s, r->detail == WEFT_OUTCOME_RESULT      ? " sets the result of "
               : r->detail == WEFT_OUTCOME_CANCELLED ? " cancels "
                                                     : " sets the error of ");
        say_entity(s, n->model, r->subject);
        say_who_awaits(s, n, r->subject);
        return TRUE;
    case WEFT_RECORD_ERROR_UNRETRIEVED:
        say_subject(s, n->model, r->subject);
        say_text(s, " failed");
        say_error(s, n, e);
        say_text(s, ", and nobody ever looked");
        return TRUE;
    case WEFT_RECORD_WORK_SUBMIT:
    case WEFT_RECORD_WORK_END:
        tell_job(s, n, e);
        return TRUE;
    case WEFT_RECORD_MARK:
        say_subject(s, n->model, e->actor);
        say(s, " says “%s”", string_of(n, r->object));
        return TRUE;
    case WEFT_RECORD_SPAN_BEGIN:
        say_subject(s, n->model, e->actor);
        say(s, " begins “%s”", string_of(n, r->object));
        return TRUE;
    case WEFT_RECORD_SPAN_END:
        say_subject(s, n->model, e->actor);
        say(s, " ends “%s”", string_of(n, r->object));
        say_since(s, n, WEFT_RECORD_SPAN_BEGIN, ", which took ", r);
        return TRUE;
    case WEFT_RECORD_COUNTER:
        say_entity(s, n->model, r->subject);
        say(s, " = %" G_GINT64_FORMAT, (gint64)r->object);
        /* Other threads may have changed it since. */
        e = weft_trace_n_rings(weft_model_trace(n->model)) == 1
                ? replay_before(n->walk, WEFT_RECORD_COUNTER, r->subject)
                : NULL;
        if (e)
            say(s, " (was %" G_GINT64_FORMAT ")", (gint64)e->record.object);
        return TRUE;
    }
    return FALSE;
}
