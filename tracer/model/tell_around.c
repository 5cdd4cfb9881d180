/* tell_around.c: see tell_around.h. */
#include "tracer/model/tell_around.h"
#include "tracer/model/model_private.h"
#include "tracer/model/sentence.h"
#include "tracer/model/tell_callback.h"
#include "tracer/model/tell_wake.h"
#include <string.h>

static const char *string_of(const struct narrator *n, uint64_t id)
{
    const char *text = weft_trace_string(weft_model_trace(n->model), (uint32_t)id);
    return text ? text : "";
}

/* ---- The process ---- */

static void tell_control(struct weft_sentence *s, const struct weft_record *r)
{
    if (r->detail == WEFT_CONTROL_PAUSED)
        say_text(s, "The loop is paused");
    else if (r->detail == WEFT_CONTROL_SLOWED)
        say(s, "The loop is slowed ×%" G_GINT64_FORMAT, (gint64)r->object);
    else
        say_text(s, "The loop goes on");
}

static void tell_exit(struct weft_sentence *s, const struct weft_record *r)
{
    int number = (int)(gint64)r->object;
    if (r->detail != WEFT_EXIT_SIGNAL) {
        say(s, "The program ends with %d", number);
        return;
    }
    const char *name = sigabbrev_np(number);
    if (name)
        say(s, "The program is killed by SIG%s", name);
    else
        say(s, "The program is killed by signal %d", number);
}

static guint64 pid_of(const struct narrator *n)
{
    const weft_trace *trace = weft_model_trace(n->model);
    return weft_trace_source_at(trace, weft_trace_source_of(trace, n->ring))->pid;
}

static gboolean tell_process(struct weft_sentence *s, const struct narrator *n,
                             const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    switch (r->kind) {
    case WEFT_RECORD_PROCESS:
        say(s, "%s (pid %" G_GUINT64_FORMAT ") starts recording", string_of(n, r->object),
            pid_of(n));
        return TRUE;
    case WEFT_RECORD_PROCESS_EXIT:
        tell_exit(s, r);
        return TRUE;
    case WEFT_RECORD_FORK:
        say(s, "It starts process %" G_GUINT64_FORMAT, r->object);
        return TRUE;
    case WEFT_RECORD_EXEC:
        say(s, "It becomes %s", string_of(n, r->object));
        return TRUE;
    case WEFT_RECORD_THREAD:
    case WEFT_RECORD_THREAD_EXIT:
        say_subject(s, n->model, r->subject);
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

static void tell_returned(struct weft_sentence *s, const struct narrator *n,
                          const struct weft_event_view *e)
{
    gint64 t = (gint64)e->record.time;
    say_text(s, "The callback returns");
    if (n->called_since_ns == G_MININT64)
        return;
    say_text(s, " after ");
    say_duration(s, t - n->called_since_ns);
    if (t - n->called_since_ns >= WEFT_CALLBACK_LONG_NS)
        say_text(s, ": it held the loop");
}

static void tell_poll(struct weft_sentence *s, const struct narrator *n,
                      const struct weft_record *r)
{
    guint ready = weft_state_n_ready(n->state, n->ring);
    if (r->object == 0 && narrator_queue_known(n) && ready > 0) {
        say(s, "%u %s ready: ", ready, ready == 1 ? "is" : "are");
        say_entity(s, n->model, r->subject);
        say_text(s, " only looks for I/O (timeout 0)");
        return;
    }
    if (r->object == 0) {
        say_subject(s, n->model, r->subject);
        say_text(s, " only looks for I/O (timeout 0)");
        return;
    }
    if (ready == 0) {
        say_text(s, "Nothing is ready: ");
        say_entity(s, n->model, r->subject);
    } else {
        say_subject(s, n->model, r->subject);
    }
    say_text(s, " sleeps until I/O");
    if (r->object < G_MAXINT64) {
        say_text(s, ", or the next timer in ");
        say_duration(s, (gint64)r->object);
    }
}

static void tell_polled(struct weft_sentence *s, const struct narrator *n,
                        const struct weft_record *r)
{
    say_subject(s, n->model, r->subject);
    say_text(s, " wakes");
    if (n->polled_since_ns != G_MININT64) {
        say_text(s, " after ");
        say_duration(s, (gint64)r->time - n->polled_since_ns);
    }
    if (r->object)
        say(s, ": %" G_GUINT64_FORMAT " event%s", r->object, r->object == 1 ? "" : "s");
    else if (n->polled_since_ns != G_MININT64 && n->poll_timeout_ns > 0 &&
             (gint64)r->time - n->polled_since_ns >= n->poll_timeout_ns)
        say_text(s, ": the timer is due");
    else
        say_text(s, ": no I/O");
}

gboolean tell_loop(struct weft_sentence *s, const struct narrator *n,
                   const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    switch (r->kind) {
    case WEFT_RECORD_LOOP_OPEN:
        say_subject(s, n->model, r->subject);
        say_text(s, " opens");
        if (r->object)
            say(s, " on thread %" G_GUINT64_FORMAT, r->object);
        return TRUE;
    case WEFT_RECORD_LOOP_CLOSE:
        say_subject(s, n->model, r->subject);
        say_text(s, " closes");
        if (r->object)
            say(s, ": %" G_GUINT64_FORMAT " task%s never done", r->object,
                r->object == 1 ? " was" : "s were");
        return TRUE;
    case WEFT_RECORD_ITERATION:
        say(s, "Iteration %" G_GUINT64_FORMAT ": %u %s ready", r->object, r->site,
            r->site == 1 ? "is" : "are");
        if (r->site)
            say(s, ". What becomes ready meanwhile runs in iteration %" G_GUINT64_FORMAT,
                r->object + 1);
        return TRUE;
    case WEFT_RECORD_POLL_BEGIN:
        tell_poll(s, n, r);
        return TRUE;
    case WEFT_RECORD_POLL_END:
        tell_polled(s, n, r);
        return TRUE;
    case WEFT_RECORD_CALLBACK_BEGIN:
        say_text(s, "The loop calls ");
        say_callback(s, n, r->detail, r->subject, r->object);
        return TRUE;
    case WEFT_RECORD_CALLBACK_END:
        tell_returned(s, n, e);
        return TRUE;
    }
    return FALSE;
}

/* How long until a timer is due; negative: since then. */
static gboolean time_left(const struct narrator *n, const struct weft_record *r, gint64 *left_ns)
{
    gint64 due;
    if (!narrator_due(n, r->subject, &due))
        return FALSE;
    *left_ns = due - (gint64)r->time;
    return TRUE;
}

static void tell_set(struct weft_sentence *s, const struct narrator *n,
                     const struct weft_event_view *e)
{
    gint64 left;
    if (e->actor)
        say_subject(s, n->model, e->actor);
    else
        say_text(s, "The loop");
    say_text(s, " sets a timer");
    if (time_left(n, &e->record, &left)) {
        say_text(s, " for ");
        say_duration(s, left);
    }
}

static void tell_timer_cancel(struct weft_sentence *s, const struct narrator *n,
                              const struct weft_record *r)
{
    gint64 left;
    say_text(s, "The timer is cancelled");
    if (!time_left(n, r, &left))
        return;
    say_text(s, ", ");
    say_duration(s, left < 0 ? -left : left);
    say_text(s, left < 0 ? " after it was due" : " before it was due");
}

static gboolean tell_queued(struct weft_sentence *s, const struct narrator *n,
                            const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    switch (r->kind) {
    case WEFT_RECORD_READY:
        say_text(s, "The loop puts ");
        say_callback(s, n, r->detail, r->subject, r->object);
        say_text(s, " in the ready queue");
        if (narrator_queue_known(n)) {
            say_text(s, " (");
            say_ordinal(s, weft_state_n_ready(n->state, n->ring));
            say_text(s, ")");
        }
        return TRUE;
    case WEFT_RECORD_READY_CANCEL:
        say_callback(s, n, r->detail, r->subject, 0);
        say_text(s, " is withdrawn from the ready queue");
        return TRUE;
    case WEFT_RECORD_POST:
        say_text(s, "A thread hands ");
        say_entity(s, n->model, r->subject);
        say_text(s, " to the loop");
        return TRUE;
    case WEFT_RECORD_TIMER_SET:
        tell_set(s, n, e);
        return TRUE;
    case WEFT_RECORD_TIMER_FIRE:
        say_text(s, "The timer fires");
        say_late(s, n, r->subject, (gint64)r->time);
        return TRUE;
    case WEFT_RECORD_TIMER_CANCEL:
        tell_timer_cancel(s, n, r);
        return TRUE;
    }
    return FALSE;
}

/* ---- Where recording begins amid the run ---- */

/* Only what was not known before is told. */
static gboolean tell_task_is(struct weft_sentence *s, const struct narrator *n,
                             const struct weft_record *r)
{
    const struct weft_task_at *task = weft_state_task(n->state, r->subject);
    const struct weft_lane *lane = weft_model_lane(n->model,
                                                   weft_model_lane_of(n->model, r->subject));
    if ((n->task.id && n->task.state != WEFT_STATE_UNKNOWN) || !task || !lane ||
        lane->last_ns < (gint64)r->time)
        return FALSE;
    say_subject(s, n->model, r->subject);
    switch (task->state) {
    case WEFT_STATE_DONE:
        say_text(s, " has ended before recording begins");
        break;
    case WEFT_STATE_NEW:
    case WEFT_STATE_READY:
        say_text(s, " is ready as recording begins");
        break;
    case WEFT_STATE_RUNNING:
        say_text(s, " runs as recording begins");
        break;
    default:
        say_text(s, " waits as recording begins");
        if (task->other) {
            say_text(s, ": for ");
            say_entity(s, n->model, task->other);
        }
    }
    return TRUE;
}

static gboolean tell_object_is(struct weft_sentence *s, const struct narrator *n,
                               const struct weft_record *r)
{
    if (weft_id_kind(r->subject) != WEFT_ENTITY_LOCK || !r->object)
        return FALSE;
    say_subject(s, n->model, r->object);
    say_text(s, " holds ");
    say_entity(s, n->model, r->subject);
    say_text(s, " as recording begins");
    return TRUE;
}

/* ---- Names and lives ---- */

void say_failed_first(struct weft_sentence *s, const struct narrator *n)
{
    if (!n->group_by) {
        say_text(s, s->runs->len ? "one of it failed" : "One of it failed");
        return;
    }
    say_entity(s, n->model, n->group_by);
    say_text(s, " failed first");
}

static void tell_group(struct weft_sentence *s, const struct narrator *n,
                       const struct weft_record *r)
{
    if (r->kind == WEFT_RECORD_GROUP_ADD) {
        const struct weft_object_at *group = weft_state_object(n->state, r->subject);
        guint known, total;
        facts_members(&n->model->facts, r->subject, &known, &total);
        say_subject(s, n->model, r->object);
        say_text(s, " joins ");
        say_entity(s, n->model, r->subject);
        if (group && !n->lossy && group->capacity && group->capacity <= total)
            say(s, " (%" G_GUINT64_FORMAT " of %u)", group->capacity, total);
        return;
    }
    say_subject(s, n->model, r->subject);
    say(s, r->detail == WEFT_OUTCOME_ERROR       ? " is over: "
           : r->detail == WEFT_OUTCOME_CANCELLED ? " is over: cancelled"
                                                 : " is done");
    if (r->detail == WEFT_OUTCOME_ERROR)
        say_failed_first(s, n);
}

static gboolean tell_life(struct weft_sentence *s, const struct narrator *n,
                          const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    const char *kind;
    switch (r->kind) {
    case WEFT_RECORD_TASK_NAME:
        say(s, "Task-%" G_GUINT64_FORMAT " is named “%s”", (guint64)weft_id_counter(r->subject),
            string_of(n, r->object));
        return TRUE;
    case WEFT_RECORD_TASK_FREE:
        say_subject(s, n->model, r->subject);
        say_text(s, " is destroyed before it was done");
        return TRUE;
    case WEFT_RECORD_OBJECT_NEW:
        if (e->actor)
            say_subject(s, n->model, e->actor);
        else
            say_text(s, "The loop");
        say_text(s, " creates ");
        say_entity(s, n->model, r->subject);
        return TRUE;
    case WEFT_RECORD_OBJECT_NAME:
        kind = weft_entity_name(weft_id_kind(r->subject));
        say(s, "The %s is named “%s”", kind ? kind : "object", string_of(n, r->object));
        return TRUE;
    case WEFT_RECORD_OBJECT_FREE:
        say_subject(s, n->model, r->subject);
        say_text(s, " is freed");
        if (r->object)
            say(s, ": %" G_GUINT64_FORMAT " still wait%s for it", r->object,
                r->object == 1 ? "s" : "");
        return TRUE;
    case WEFT_RECORD_GROUP_ADD:
    case WEFT_RECORD_GROUP_DONE:
        tell_group(s, n, r);
        return TRUE;
    case WEFT_RECORD_TASK_IS:
        return tell_task_is(s, n, r);
    case WEFT_RECORD_OBJECT_IS:
        return tell_object_is(s, n, r);
    }
    return FALSE;
}

/* ---- Operations ---- */

void say_since(struct weft_sentence *s, const struct narrator *n, unsigned began,
               const char *before, const struct weft_record *r)
{
    const struct weft_event_view *e = replay_before(n->walk, began, r->subject);
    if (!e)
        return;
    say_text(s, before);
    say_duration(s, (gint64)(r->time - e->record.time));
}

/* ": 1.50 MiB", ": ECONNREFUSED"; nothing of what only went well. */
static void say_status(struct weft_sentence *s, unsigned op, gint64 status)
{
    gboolean moves = op == WEFT_OP_READ || op == WEFT_OP_WRITE || op == WEFT_OP_SEND ||
                     op == WEFT_OP_RECV;
    const char *name = status < 0 && status > -4096 ? strerrorname_np((int)-status) : NULL;
    if (status < 0 && name) {
        say(s, ": %s", name);
    } else if (status < 0) {
        say(s, ": error %" G_GINT64_FORMAT, status);
    } else if (moves) {
        say_text(s, ": ");
        say_bytes(s, (guint64)status);
    }
}

static gboolean tell_operation(struct weft_sentence *s, const struct narrator *n,
                               const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    const char *what = r->detail == WEFT_OP_OTHER ? NULL : weft_detail_name(r->kind, r->detail);
    struct weft_ext_op ext = { 0 };
    switch (r->kind) {
    case WEFT_RECORD_OP_START:
        if (r->flags & WEFT_RECORD_EXT)
            memcpy(&ext, &e->ext, sizeof ext);
        say_subject(s, n->model, e->actor);
        say(s, " starts %s", what && *what ? what : "an operation");
        if (ext.size) {
            say_text(s, " of ");
            say_bytes(s, ext.size);
        }
        if (r->object) {
            say_text(s, r->detail == WEFT_OP_WRITE || r->detail == WEFT_OP_SEND  ? " to "
                        : r->detail == WEFT_OP_READ || r->detail == WEFT_OP_RECV ? " from "
                                                                                 : " on ");
            say_entity(s, n->model, r->object);
        }
        return TRUE;
    case WEFT_RECORD_OP_END:
        say(s, "The %s ends", what && *what ? what : "operation");
        say_since(s, n, WEFT_RECORD_OP_START, " after ", r);
        say_status(s, r->detail, (gint64)r->object);
        return TRUE;
    case WEFT_RECORD_WORK_BEGIN:
        say_subject(s, n->model, r->object);
        say_text(s, " starts ");
        say_entity(s, n->model, r->subject);
        return TRUE;
    }
    return FALSE;
}

gboolean tell_around(struct weft_sentence *s, const struct narrator *n,
                     const struct weft_event_view *e)
{
    return tell_process(s, n, e) || tell_queued(s, n, e) || tell_life(s, n, e) ||
           tell_operation(s, n, e);
}
