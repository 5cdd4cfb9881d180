/* tell_around.c: see tell_around.h. */
#include "tracer/model/tell_around.h"
#include "tracer/model/around.h"
#include "tracer/model/sentence.h"
#include <string.h>

/* From here on a callback held the loop. */
static const gint64 long_ns = 10 * G_GINT64_CONSTANT(1000000);

static const char *string_of(weft_model *model, uint64_t id)
{
    const char *text = weft_trace_string(weft_model_trace(model), (uint32_t)id);
    return text ? text : "";
}

/* ---- The process ---- */

static void tell_control(struct weft_sentence *s, const struct weft_record *r)
{
    if (r->detail == WEFT_CONTROL_PAUSED)
        say(s, "The loop is paused");
    else if (r->detail == WEFT_CONTROL_SLOWED)
        say(s, "The loop is slowed ×%" G_GINT64_FORMAT, (gint64)r->object);
    else
        say(s, "The loop goes on");
}

gboolean tell_process(struct weft_sentence *s, weft_model *model, const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    switch (r->kind) {
    case WEFT_RECORD_PROCESS:
        say(s, "%s starts recording", string_of(model, r->object));
        return TRUE;
    case WEFT_RECORD_PROCESS_EXIT:
        say(s,
            r->detail == WEFT_EXIT_SIGNAL ? "The program is killed by signal %" G_GINT64_FORMAT
                                          : "The program ends with %" G_GINT64_FORMAT,
            (gint64)r->object);
        return TRUE;
    case WEFT_RECORD_FORK:
        say(s, "It starts process %" G_GUINT64_FORMAT, r->object);
        return TRUE;
    case WEFT_RECORD_EXEC:
        say(s, "It becomes %s", string_of(model, r->object));
        return TRUE;
    case WEFT_RECORD_THREAD:
    case WEFT_RECORD_THREAD_EXIT:
        say_subject(s, model, r->subject);
        say(s, r->kind == WEFT_RECORD_THREAD ? " starts" : " ends");
        return TRUE;
    case WEFT_RECORD_SNAPSHOT:
        say(s,
            "Recording begins here, in the middle of the run: %" G_GUINT64_FORMAT
            " task%s already alive",
            r->object, r->object == 1 ? " was" : "s were");
        return TRUE;
    case WEFT_RECORD_CONTROL:
        tell_control(s, r);
        return TRUE;
    }
    return FALSE;
}

/* ---- Timers and callbacks ---- */

static void tell_returned(struct weft_sentence *s, weft_model *model,
                          const struct weft_event_view *e)
{
    struct weft_segment_view callback;
    guint loop = loop_lane_of(model, e->ring);
    gint64 t = (gint64)e->record.time;
    say(s, "The callback returns");
    if (loop == NO_LANE || !weft_model_segment_at(model, loop, t - 1, &callback) ||
        callback.state != WEFT_SEGMENT_CALLBACK || callback.to_ns != t)
        return;
    say(s, " after ");
    say_duration(s, t - callback.from_ns);
    if (t - callback.from_ns >= long_ns)
        say(s, ": it held the loop");
}

gboolean tell_queued(struct weft_sentence *s, weft_model *model, const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    const char *kind;
    switch (r->kind) {
    case WEFT_RECORD_CALLBACK_END:
        tell_returned(s, model, e);
        return TRUE;
    case WEFT_RECORD_READY:
        kind = weft_detail_name(r->kind, r->detail);
        say(s, "The loop puts ");
        say_entity(s, model, r->subject);
        say(s, kind && *kind ? " (%s) in the ready queue" : "%s in the ready queue",
            kind && *kind ? kind : "");
        return TRUE;
    case WEFT_RECORD_READY_CANCEL:
        say_subject(s, model, r->subject);
        say(s, " is withdrawn from the ready queue");
        return TRUE;
    case WEFT_RECORD_POST:
        say(s, "A thread hands ");
        say_entity(s, model, r->subject);
        say(s, " to the loop");
        return TRUE;
    case WEFT_RECORD_TIMER_SET:
        if (e->actor)
            say_subject(s, model, e->actor);
        else
            say(s, "The loop");
        say(s, " sets a timer");
        if (r->object < G_MAXINT64) {
            say(s, " for ");
            say_duration(s, weft_trace_from_monotonic(weft_model_trace(model), r->object) -
                                (gint64)r->time);
        }
        return TRUE;
    case WEFT_RECORD_TIMER_FIRE:
        say(s, "The timer fires");
        return TRUE;
    case WEFT_RECORD_TIMER_CANCEL:
        say(s, "The timer is cancelled before it was due");
        return TRUE;
    }
    return FALSE;
}

/* ---- Where recording begins amid the run ---- */

/* Only what was not known before is told. */
static gboolean tell_task_is(struct weft_sentence *s, weft_model *model,
                             const struct weft_record *r)
{
    struct weft_segment_view now;
    guint lane = weft_model_lane_of(model, r->subject);
    if (lane == NO_LANE || !weft_model_segment_at(model, lane, (gint64)r->time, &now) ||
        now.from_ns != (gint64)r->time)
        return FALSE;
    say_subject(s, model, r->subject);
    if (now.state == WEFT_SEGMENT_READY) {
        say(s, " is ready as recording begins");
    } else {
        say(s, " waits as recording begins");
        if (now.other)
            say(s, ": for ");
        if (now.other)
            say_entity(s, model, now.other);
    }
    return TRUE;
}

static gboolean tell_object_is(struct weft_sentence *s, weft_model *model,
                               const struct weft_record *r)
{
    if (weft_id_kind(r->subject) != WEFT_ENTITY_LOCK || !r->object)
        return FALSE;
    say_subject(s, model, r->object);
    say(s, " holds ");
    say_entity(s, model, r->subject);
    say(s, " as recording begins");
    return TRUE;
}

/* ---- Names and lives ---- */

static void tell_group(struct weft_sentence *s, weft_model *model, const struct weft_record *r)
{
    if (r->kind == WEFT_RECORD_GROUP_ADD) {
        say_subject(s, model, r->object);
        say(s, " joins ");
        say_entity(s, model, r->subject);
        return;
    }
    say(s, "The ");
    say_subject(s, model, r->subject);
    say(s, r->detail == WEFT_OUTCOME_ERROR       ? " is over: one of it failed"
           : r->detail == WEFT_OUTCOME_CANCELLED ? " is over: cancelled"
                                                 : " is done");
}

gboolean tell_life(struct weft_sentence *s, weft_model *model, const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    const struct weft_lane *lane;
    const char *kind;
    switch (r->kind) {
    case WEFT_RECORD_TASK_NAME:
        say(s, "Task-%" G_GUINT64_FORMAT " is named “%s”", (guint64)weft_id_counter(r->subject),
            string_of(model, r->object));
        return TRUE;
    case WEFT_RECORD_TASK_FREE:
        lane = weft_model_lane(model, weft_model_lane_of(model, r->subject));
        if (!lane || lane->outcome)
            return FALSE;
        say_subject(s, model, r->subject);
        say(s, " is destroyed before it was done");
        return TRUE;
    case WEFT_RECORD_OBJECT_NEW:
        if (e->actor)
            say_subject(s, model, e->actor);
        else
            say(s, "The loop");
        say(s, " creates ");
        say_entity(s, model, r->subject);
        return TRUE;
    case WEFT_RECORD_OBJECT_NAME:
        kind = weft_entity_name(weft_id_kind(r->subject));
        say(s, "The %s is named “%s”", kind ? kind : "object", string_of(model, r->object));
        return TRUE;
    case WEFT_RECORD_OBJECT_FREE:
        say_subject(s, model, r->subject);
        say(s, " is freed");
        if (r->object)
            say(s, ": %" G_GUINT64_FORMAT " still wait%s for it", r->object,
                r->object == 1 ? "s" : "");
        return TRUE;
    case WEFT_RECORD_GROUP_ADD:
    case WEFT_RECORD_GROUP_DONE:
        tell_group(s, model, r);
        return TRUE;
    case WEFT_RECORD_TASK_IS:
        return tell_task_is(s, model, r);
    case WEFT_RECORD_OBJECT_IS:
        return tell_object_is(s, model, r);
    }
    return FALSE;
}

/* ---- Operations ---- */

gboolean tell_operation(struct weft_sentence *s, weft_model *model, const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    const char *what = weft_detail_name(r->kind, r->detail);
    struct weft_ext_op ext = { 0 };
    switch (r->kind) {
    case WEFT_RECORD_OP_START:
        if (r->flags & WEFT_RECORD_EXT)
            memcpy(&ext, &e->ext, sizeof ext);
        say_subject(s, model, e->actor);
        say(s, " starts %s", what && *what ? what : "an operation");
        if (ext.size)
            say(s, " of %" G_GUINT64_FORMAT " bytes", ext.size);
        if (r->object) {
            say(s, " on ");
            say_entity(s, model, r->object);
        }
        return TRUE;
    case WEFT_RECORD_OP_END:
        say(s, "The %s ends: %" G_GINT64_FORMAT, what && *what ? what : "operation",
            (gint64)r->object);
        return TRUE;
    case WEFT_RECORD_WORK_BEGIN:
        say_subject(s, model, r->object);
        say(s, " starts ");
        say_entity(s, model, r->subject);
        return TRUE;
    }
    return FALSE;
}
