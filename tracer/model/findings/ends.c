/* ends.c: how tasks come to a bad end: exception-never-retrieved, destroyed-pending, never-started.
 *
 * A loop that closes wakes each of its pending tasks itself (WAKE by the loop), or leaves them as
 * they are. weft_run() and asyncio.run() cancel them before, from outside every slice: one that had
 * not begun then never will. */
#include "tracer/model/findings/found.h"
#include "tracer/trace/idtable.h"
#include <string.h>

struct ends {
    weft_findings *f;
    struct weft_idtable failed; /* of struct failed_task: those that nobody is known to have seen */
};

struct failed_task {
    uint64_t id;
    gint64 time_ns;
    struct weft_ext_error error;
};

static gboolean never_ran(const struct weft_task_at *task)
{
    return task->state == WEFT_STATE_NEW ||
           (task->state == WEFT_STATE_READY && task->detail == WEFT_WAKE_CREATED);
}

static struct found *add(weft_findings *f, enum rule rule, guint32 site, uint64_t task,
                         gint64 from_ns, gint64 to_ns, enum weft_severity severity,
                         found_tell *tell)
{
    gboolean first;
    struct alike alike = { rule, { site ? site : task, site != 0 } };
    struct found *found = found_add(f, alike, task, from_ns, 0, severity, &first);
    found->tell = tell;
    found_name(found, task);
    if (!first)
        return NULL;
    found->pub.site = site;
    found->pub.from_ns = MIN(from_ns, to_ns);
    found->pub.to_ns = to_ns;
    return found;
}

static void say_others(struct weft_sentence *s, const struct found *found)
{
    if (found->pub.count > 1)
        say(s, "; %u more likewise", found->pub.count - 1);
}

/* ---- never-started, destroyed-pending ---- */

static char *tell_never_started(const weft_findings *f, const struct found *found,
                                struct weft_sentence *s)
{
    say_subject(s, f->model, found->pub.subject);
    say(s, " was created");
    say_site(s, f->model, " at ", found->pub.site);
    say(s, " and never ran: its loop ended before");
    say_others(s, found);
    return g_strdup("Await it before the program's main coroutine returns: by itself, with "
                    "weft_gather(), or in a task group");
}

static char *tell_destroyed(const weft_findings *f, const struct found *found,
                            struct weft_sentence *s)
{
    say_subject(s, f->model, found->pub.subject);
    say(s,
        found->numbers[1] ? " was freed before it was done" : " was pending when its loop closed");
    if (found->numbers[0]) {
        say(s, ": it waited for ");
        say_awaited(s, f->model, (unsigned)found->numbers[0], found->others[0], 0);
        say_site(s, f->model, " at ", found->sites[0]);
    }
    say_others(s, found);
    return g_strdup("Cancel it and await its end before the loop closes; weft_run() does so "
                    "(Python: asyncio.run()), and so does a task group for its own tasks");
}

static void pending_at_end(weft_findings *f, const struct weft_task_at *task, gint64 time_ns,
                           gboolean freed)
{
    if (task->state == WEFT_STATE_DONE || task->state == WEFT_STATE_UNKNOWN)
        return;
    if (never_ran(task) && !freed) {
        add(f, RULE_NEVER_STARTED, task->created_site, task->id, findings_time(task->created_ns),
            time_ns, WEFT_SEVERITY_WARNING, tell_never_started);
        return;
    }
    struct found *found = add(
        f, RULE_DESTROYED_PENDING, task->site ? task->site : task->created_site, task->id,
        findings_time(task->since_ns), time_ns, WEFT_SEVERITY_ERROR, tell_destroyed);
    if (!found)
        return;
    gboolean waits = task->state == WEFT_STATE_WAITING || task->state == WEFT_STATE_CANCELLING;
    found->numbers[0] = waits ? task->detail : 0;
    found->numbers[1] = freed;
    found->others[0] = task->other;
    found->sites[0] = task->site;
}

/* ---- exception-never-retrieved ---- */

enum { NAME, MESSAGE };

static char *tell_unretrieved(const weft_findings *f, const struct found *found,
                              struct weft_sentence *s)
{
    const char *name = weft_trace_string(f->trace, (guint32)found->numbers[NAME]);
    const char *message = weft_trace_string(f->trace, (guint32)found->numbers[MESSAGE]);
    say_subject(s, f->model, found->others[0]);
    say(s, " failed");
    if (name && *name)
        say(s, " with %s", name);
    say_site(s, f->model, " at ", found->pub.site);
    if (message && *message)
        say(s, " (%s)", message);
    say(s, found->pub.proved ? ", and nobody ever looked at that"
                             : ", and its loop closed: it may be that nobody ever looked at that");
    say_others(s, found);
    return g_strdup("Await it, gather it, or ask weft_status() (Python: task.exception()) before "
                    "it is dropped");
}

static void unretrieved(weft_findings *f, uint64_t id, gint64 from_ns, gint64 to_ns,
                        const struct weft_ext_error *error, gboolean proved)
{
    const struct weft_task_at *task = weft_state_task(f->state, id);
    guint32 site = error->site ? error->site : task ? task->created_site : 0;
    struct found *found = add(f, RULE_EXCEPTION_NEVER_RETRIEVED, site, id, from_ns, to_ns,
                              proved ? WEFT_SEVERITY_ERROR : WEFT_SEVERITY_WARNING,
                              tell_unretrieved);
    if (!found)
        return;
    found->pub.subject = weft_id_kind(id) == WEFT_ENTITY_TASK ? id : 0;
    found->pub.proved = proved;
    found->others[0] = id;
    found->numbers[NAME] = error->name;
    found->numbers[MESSAGE] = error->message;
}

static struct weft_ext_error error_of(const struct happening *h)
{
    struct weft_ext_error error = { 0 };
    if (h->ext)
        memcpy(&error, h->ext, sizeof error);
    return error;
}

static void fail(struct ends *ends, const struct happening *h)
{
    if (h->record->detail != WEFT_OUTCOME_ERROR || !h->record->subject)
        return;
    struct failed_task *failed = weft_idtable_add(&ends->failed, h->record->subject);
    failed->time_ns = h->time_ns;
    failed->error = error_of(h);
}

static void seen(struct ends *ends, uint64_t task)
{
    if (ends->failed.live)
        weft_idtable_remove(&ends->failed, task);
}

/* ---- What happens ---- */

static void close_loop(struct ends *ends, const struct happening *h)
{
    weft_findings *f = ends->f;
    uint32_t ring = h->ring->index;
    guint i = 0;
    for (const struct weft_task_at *task; (task = weft_state_next_task(f->state, &i));)
        if (weft_id_ring(task->id) == ring)
            pending_at_end(f, task, h->time_ns, FALSE);
    for (guint k = 0; k < weft_idtable_n(&ends->failed); k++) {
        const struct failed_task *failed = weft_idtable_at(&ends->failed, k);
        if (!failed || weft_id_ring(failed->id) != ring)
            continue;
        unretrieved(f, failed->id, failed->time_ns, h->time_ns, &failed->error, FALSE);
        weft_idtable_remove(&ends->failed, failed->id);
    }
}

static gboolean outside(const weft_findings *f, const struct watched_ring *ring)
{
    return !ring->callbacks && !weft_state_running(f->state, ring->index);
}

static void on_record(gpointer self, const struct happening *h)
{
    struct ends *ends = self;
    const struct weft_record *r = h->record;
    const struct weft_task_at *task;
    switch (r->kind) {
    case WEFT_RECORD_WAKE:
        if (r->detail == WEFT_WAKE_TASK)
            seen(ends, r->object);
        if (r->detail == WEFT_WAKE_CANCEL && weft_id_kind(r->object) == WEFT_ENTITY_LOOP &&
            (task = weft_state_task(ends->f->state, r->subject)))
            pending_at_end(ends->f, task, h->time_ns, FALSE);
        break;
    case WEFT_RECORD_READY: /* who has a callback told of it looks at it */
        if (r->detail == WEFT_HANDLE_DONE)
            seen(ends, r->object);
        break;
    case WEFT_RECORD_CANCEL_REQUEST:
        task = weft_state_task(ends->f->state, r->subject);
        if (task && never_ran(task) && !r->object && outside(ends->f, h->ring))
            pending_at_end(ends->f, task, h->time_ns, FALSE);
        break;
    case WEFT_RECORD_TASK_DONE:
        fail(ends, h);
        break;
    case WEFT_RECORD_ERROR_UNRETRIEVED: {
        struct weft_ext_error error = error_of(h);
        seen(ends, r->subject);
        unretrieved(ends->f, r->subject, h->time_ns, h->time_ns, &error, TRUE);
        break;
    }
    case WEFT_RECORD_TASK_FREE:
        seen(ends, r->subject);
        task = weft_state_task(ends->f->state, r->subject);
        if (task)
            pending_at_end(ends->f, task, h->time_ns, TRUE);
        break;
    case WEFT_RECORD_LOOP_CLOSE:
        close_loop(ends, h);
        break;
    }
}

/* Who looked at them meanwhile is not known. */
static void lose(gpointer self, struct watched_ring *ring, guint64 slots, gint64 from_ns,
                 gint64 to_ns)
{
    (void)slots, (void)from_ns, (void)to_ns;
    struct ends *ends = self;
    findings_forget(&ends->failed, ring);
}

static gpointer new_ends(weft_findings *f)
{
    struct ends *ends = g_new0(struct ends, 1);
    ends->f = f;
    weft_idtable_init(&ends->failed, sizeof(struct failed_task));
    return ends;
}

static void free_ends(gpointer self)
{
    weft_idtable_finish(&((struct ends *)self)->failed);
    g_free(self);
}

const struct family ends_family = {
    .before = KIND(WAKE) | KIND(READY) | KIND(CANCEL_REQUEST) | KIND(TASK_DONE) |
              KIND(ERROR_UNRETRIEVED) | KIND(TASK_FREE) | KIND(LOOP_CLOSE),
    .new = new_ends,
    .free = free_ends,
    .before_record = on_record,
    .lose = lose,
};
