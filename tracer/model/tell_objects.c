/* tell_objects.c: see tell_objects.h. */
#include "tracer/model/tell_objects.h"
#include "tracer/model/sentence.h"
#include <string.h>

static const char *string_of(weft_model *model, uint64_t id)
{
    const char *text = weft_trace_string(weft_model_trace(model), (uint32_t)id);
    return text ? text : "";
}

static gint64 until(weft_model *model, const struct weft_record *r)
{
    return weft_trace_from_monotonic(weft_model_trace(model), r->object) - (gint64)r->time;
}

static void tell_request(struct weft_sentence *s, weft_model *model,
                         const struct weft_event_view *e)
{
    uint64_t by = e->record.object ? e->record.object : e->actor;
    if (weft_id_kind(by) == WEFT_ENTITY_TIMEOUT) {
        say(s, "The timeout of ");
        say_subject(s, model, e->record.subject);
        say(s, " asks to cancel it");
    } else {
        say_subject(s, model, by);
        say(s, " asks to cancel ");
        say_entity(s, model, e->record.subject);
    }
    if (e->record.flags & WEFT_RECORD_EXT) {
        struct weft_ext_text text;
        memcpy(&text, &e->ext, sizeof text);
        say(s, " (“%s”)", string_of(model, text.text));
    }
    say(s, ": it gets that when it next runs");
}

static void tell_timeout(struct weft_sentence *s, weft_model *model,
                         const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    gboolean names_task = r->kind == WEFT_RECORD_TIMEOUT_EXPIRE ||
                          r->kind == WEFT_RECORD_TIMEOUT_EXIT;
    uint64_t task = names_task && r->object ? r->object : e->actor;
    if (r->kind == WEFT_RECORD_TIMEOUT_EXPIRE)
        say(s, "The time of ");
    say_subject(s, model, task);
    switch (r->kind) {
    case WEFT_RECORD_TIMEOUT_ENTER:
        say(s, " gives itself ");
        if (r->object < G_MAXINT64)
            say_duration(s, until(model, r));
        else
            say(s, "any time");
        break;
    case WEFT_RECORD_TIMEOUT_RESCHEDULE:
        say(s, " moves its deadline: ");
        say_duration(s, until(model, r));
        say(s, " from now");
        break;
    case WEFT_RECORD_TIMEOUT_EXPIRE: {
        struct weft_segment_view wait;
        guint lane = weft_model_lane_of(model, task);
        say(s, " is over");
        if (weft_model_segment_at(model, lane, (gint64)r->time - 1, &wait) &&
            wait.state == WEFT_SEGMENT_WAITING) {
            say(s, " while it awaits ");
            say_awaited(s, model, wait.detail, wait.other, 0);
        }
        say(s, ": it is cancelled");
        break;
    }
    default:
        say(s, r->detail == WEFT_OUTCOME_RESULT      ? " is done in time"
               : r->detail == WEFT_OUTCOME_CANCELLED ? " leaves its timeout, cancelled"
                                                     : " leaves its timeout with an error");
    }
}

gboolean tell_cancel(struct weft_sentence *s, weft_model *model, const struct weft_event_view *e)
{
    switch (e->record.kind) {
    case WEFT_RECORD_CANCEL_REQUEST:
        tell_request(s, model, e);
        return TRUE;
    case WEFT_RECORD_CANCEL_DELIVER:
        say_subject(s, model, e->record.subject);
        say(s, " receives the cancellation");
        say_site(s, model, " at ", e->record.site);
        say(s, ": its cleanup runs");
        return TRUE;
    case WEFT_RECORD_UNCANCEL:
        say_subject(s, model, e->record.subject);
        say(s, " takes back the request to cancel it");
        return TRUE;
    case WEFT_RECORD_TIMEOUT_ENTER:
    case WEFT_RECORD_TIMEOUT_RESCHEDULE:
    case WEFT_RECORD_TIMEOUT_EXPIRE:
    case WEFT_RECORD_TIMEOUT_EXIT:
        tell_timeout(s, model, e);
        return TRUE;
    }
    return FALSE;
}

/* ---- Locks, events, queues ---- */

/* What the value says, for kinds whose value says something. */
static void say_value(struct weft_sentence *s, const struct weft_record *r)
{
    gint64 value = (gint64)r->object;
    switch (weft_id_kind(r->subject)) {
    case WEFT_ENTITY_QUEUE:
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

static void tell_resource(struct weft_sentence *s, weft_model *model,
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
    say_subject(s, model, e->actor);
    say(s, "%s", verb ? verb : " uses ");
    say_entity(s, model, r->subject);
    say_value(s, r);
}

/* What a task does with jobs. They end in their threads' rings; in the loop's only those that never
 * began. */
static void tell_job(struct weft_sentence *s, weft_model *model, const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    if (r->kind == WEFT_RECORD_WORK_END) {
        say_subject(s, model, r->subject);
        say(s, r->detail == WEFT_OUTCOME_CANCELLED ? " is withdrawn before a thread began it"
                                                   : " finds no thread");
        return;
    }
    say_subject(s, model, e->actor);
    say(s, " hands ");
    say_entity(s, model, r->subject);
    say(s, " to the thread pool");
    if (r->object)
        say(s, ", behind %" G_GUINT64_FORMAT " other%s", r->object, r->object == 1 ? "" : "s");
}

gboolean tell_object(struct weft_sentence *s, weft_model *model, const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    switch (r->kind) {
    case WEFT_RECORD_RESOURCE:
        tell_resource(s, model, e);
        return TRUE;
    case WEFT_RECORD_FUTURE_DONE:
        say_subject(s, model, e->actor);
        say(s, r->detail == WEFT_OUTCOME_RESULT      ? " sets the result of "
               : r->detail == WEFT_OUTCOME_CANCELLED ? " cancels "
                                                     : " sets the error of ");
        say_entity(s, model, r->subject);
        return TRUE;
    case WEFT_RECORD_ERROR_UNRETRIEVED:
        say_subject(s, model, r->subject);
        say(s, " failed, and nobody ever looked");
        return TRUE;
    case WEFT_RECORD_WORK_SUBMIT:
    case WEFT_RECORD_WORK_END:
        tell_job(s, model, e);
        return TRUE;
    case WEFT_RECORD_MARK:
        say_subject(s, model, e->actor);
        say(s, " says “%s”", string_of(model, r->object));
        return TRUE;
    case WEFT_RECORD_SPAN_BEGIN:
        say_subject(s, model, e->actor);
        say(s, " begins “%s”", string_of(model, r->object));
        return TRUE;
    case WEFT_RECORD_SPAN_END:
        say_subject(s, model, e->actor);
        say(s, " ends “%s”", string_of(model, r->object));
        return TRUE;
    case WEFT_RECORD_COUNTER:
        say_entity(s, model, r->subject);
        say(s, " = %" G_GINT64_FORMAT, (gint64)r->object);
        return TRUE;
    }
    return FALSE;
}
