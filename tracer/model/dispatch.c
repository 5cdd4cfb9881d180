/* dispatch.c: see dispatch.h.
 *
 *      state at the place --> tasks and queue --> tokens
 *      events back to the ITERATION --> phase, callback, who became ready since
 *      events of this step --> who was woken, the running task's line */
#include "tracer/model/dispatch.h"
#include "tracer/model/cursor.h"
#include "tracer/model/lane.h"
#include "tracer/model/model_private.h"
#include "tracer/model/replay_walk.h"
#include "tracer/model/waitsfor.h"

enum {
    DONE_SHOWN = 8,
    BACK_MAX = 60000, /* events that are read for where an iteration began */
    AHEAD_MAX = 64,   /* events that are read for whether the loop opens */
    LOOKED_MAX = 8,   /* of those woken: for whom it is looked up what they waited for */
};

/* ---- The state at a place ---- */

/* Applies the loop's events of the place's moment, as many as have happened. */
static void apply_moment(weft_replay *replay, weft_state *state, struct weft_replay_place place)
{
    struct weft_replay_place before = { place.time_ns, 0 };
    guint64 lost;
    replay_seek(replay, before);
    for (int i = 0; i < place.after; i++) {
        const struct weft_event_view *e = replay_next(replay, &lost);
        const struct weft_trace_chunk *info = weft_trace_chunk(replay->model->trace, e->chunk);
        if (e->index == 0)
            weft_state_apply_chunk(state, replay->ring, info->current_task, info->first_ns);
        weft_state_apply(state, replay->ring, &e->record,
                         e->record.flags & WEFT_RECORD_EXT ? &e->ext : NULL);
    }
}

static weft_state *state_of(weft_replay *replay, struct weft_replay_place place)
{
    if (place.after == WEFT_WHOLE_MOMENT)
        return weft_model_state_at(replay->model, place.time_ns);
    weft_state *state = weft_model_state_at(replay->model, place.time_ns - 1);
    apply_moment(replay, state, place);
    return state;
}

/* ---- Tokens ---- */

static struct weft_token token_of(const struct weft_task_at *task)
{
    return (struct weft_token){ .id = task->id,
                                .other = task->other,
                                .since_ns = task->since_ns,
                                .deadline_ns = WEFT_NO_DEADLINE,
                                .site = task->site,
                                .detail = task->detail,
                                .cancelling = task->delivered };
}

static gint by_deadline(gconstpointer a, gconstpointer b)
{
    const struct weft_token *x = a, *y = b;
    if (x->deadline_ns != y->deadline_ns)
        return x->deadline_ns < y->deadline_ns ? -1 : 1;
    if (x->since_ns != y->since_ns)
        return x->since_ns < y->since_ns ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static gint by_since(gconstpointer a, gconstpointer b)
{
    const struct weft_token *x = a, *y = b;
    if (x->since_ns != y->since_ns)
        return x->since_ns < y->since_ns ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Task → the first deadline of its timeouts, in the trace's time + 1. */
static GHashTable *timeouts_of(weft_replay *replay, const weft_state *state)
{
    GHashTable *deadlines = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    const struct weft_object_at *object;
    guint at = 0;
    while ((object = weft_state_next_object(state, &at))) {
        if (weft_id_kind(object->id) != WEFT_ENTITY_TIMEOUT || object->done || !object->owner ||
            object->deadline_mono_ns == G_MAXINT64)
            continue;
        gint64 due = weft_trace_from_monotonic(replay->model->trace,
                                               (uint64_t)object->deadline_mono_ns);
        const gint64 *known = g_hash_table_lookup(deadlines, &object->owner);
        if (!known || due < *known)
            g_hash_table_replace(deadlines, g_memdup2(&object->owner, sizeof object->owner),
                                 g_memdup2(&due, sizeof due));
    }
    return deadlines;
}

static gint64 deadline_of(weft_replay *replay, const weft_state *state, GHashTable *timeouts,
                          const struct weft_task_at *task)
{
    const struct weft_object_at *timer = weft_id_kind(task->other) == WEFT_ENTITY_TIMER
                                             ? weft_state_object(state, task->other)
                                             : NULL;
    if (timer && timer->deadline_mono_ns && timer->deadline_mono_ns != G_MAXINT64)
        return weft_trace_from_monotonic(replay->model->trace, (uint64_t)timer->deadline_mono_ns);
    const gint64 *due = g_hash_table_lookup(timeouts, &task->id);
    return due ? *due : WEFT_NO_DEADLINE;
}

static uint64_t holder_of(const weft_state *state, const struct weft_task_at *task)
{
    const struct weft_object_at *lock = task->detail == WEFT_AWAIT_LOCK
                                            ? weft_state_object(state, task->other)
                                            : NULL;
    return lock && !lock->stale ? lock->owner : 0;
}

static gboolean runs(const uint64_t *running, guint n, uint64_t id)
{
    for (guint i = 0; i < n; i++)
        if (running[i] == id)
            return TRUE;
    return FALSE;
}

static void place_tasks(weft_replay *replay, struct weft_dispatch *d, const weft_state *state)
{
    g_autoptr(GHashTable) timeouts = timeouts_of(replay, state);
    const struct weft_task_at *task;
    guint at = 0, n_running;
    const uint64_t *running = weft_state_all_running(state, replay->ring, &n_running);
    while ((task = weft_state_next_task(state, &at))) {
        if (weft_id_ring(task->id) != (replay->ring & 0xfff))
            continue;
        d->n_unknown += task->state == WEFT_STATE_UNKNOWN;
        gboolean waits = task->state == WEFT_STATE_WAITING ||
                         (task->state == WEFT_STATE_CANCELLING &&
                          !runs(running, n_running, task->id));
        if (!waits)
            continue;
        struct weft_token token = token_of(task);
        token.deadline_ns = deadline_of(replay, state, timeouts, task);
        token.holder = holder_of(state, task);
        g_array_append_val(d->waiting[weft_wait_class(task->detail)], token);
    }
    for (guint row = 0; row < WEFT_WAIT_CLASSES; row++)
        g_array_sort(d->waiting[row], row == WEFT_WAIT_TIMER ? by_deadline : by_since);
    if (n_running > 0 && (task = weft_state_task(state, running[n_running - 1])))
        d->running = token_of(task);
}

static void place_queue(weft_replay *replay, struct weft_dispatch *d, const weft_state *state)
{
    guint n;
    const uint64_t *ids = weft_state_ready(state, replay->ring, &n);
    for (guint i = 0; i < n; i++) {
        const struct weft_task_at *task = weft_state_task(state, ids[i]);
        struct weft_token callback = { .id = ids[i], .deadline_ns = WEFT_NO_DEADLINE };
        struct weft_token token = task ? token_of(task) : callback;
        g_array_append_val(d->ready, token);
    }
}

/* ---- Who awaits the running task ---- */

static gboolean awaits(const weft_state *state, const struct weft_task_at *task, uint64_t id)
{
    if (task->state != WEFT_STATE_WAITING ||
        (task->detail != WEFT_AWAIT_TASK && task->detail != WEFT_AWAIT_GROUP))
        return FALSE;
    if (task->other == id)
        return TRUE;
    guint n = 0;
    gboolean all;
    const struct weft_party *parties = weft_state_parties(state, task->other, &n, &all);
    for (guint i = 0; parties && i < n; i++)
        if (parties[i].id == id)
            return TRUE;
    return FALSE;
}

static uint64_t waiter_of(const weft_state *state, uint64_t id)
{
    const struct weft_task_at *task;
    guint at = 0;
    uint64_t first = 0;
    while ((task = weft_state_next_task(state, &at)))
        if (awaits(state, task, id) && (first == 0 || task->id < first))
            first = task->id;
    return first;
}

static void find_path(struct weft_dispatch *d, const weft_state *state)
{
    uint64_t id = d->running.id;
    while (id && d->n_path < WEFT_PATH_MAX && (id = waiter_of(state, id)) &&
           !runs(d->path, d->n_path, id) && id != d->running.id) {
        for (guint i = d->n_path; i > 0; i--)
            d->path[i] = d->path[i - 1];
        d->path[0] = id;
        d->n_path++;
    }
}

/* ---- The iteration ---- */

struct iteration {
    GHashTable *joined; /* set of ids that became ready since it began */
    gboolean timers, found_callback;
    guint ended; /* callbacks whose end was seen, but not yet the beginning */
};

/* One event more, going back; TRUE: it says which phase it is. */
static gboolean go_back_to_phase(struct weft_dispatch *d, struct iteration *it,
                                 const struct weft_record *r)
{
    switch (r->kind) {
    case WEFT_RECORD_LOOP_CLOSE:
    case WEFT_RECORD_LOOP_OPEN:
        d->phase = WEFT_PHASE_CLOSED;
        return TRUE;
    case WEFT_RECORD_POLL_BEGIN:
        d->phase = WEFT_PHASE_POLL;
        return TRUE;
    case WEFT_RECORD_POLL_END:
        d->phase = it->timers ? WEFT_PHASE_TIMERS : WEFT_PHASE_IO;
        return TRUE;
    case WEFT_RECORD_ITERATION:
        d->phase = WEFT_PHASE_READY;
        d->iteration = r->object;
        return TRUE;
    case WEFT_RECORD_TIMER_FIRE:
        it->timers = TRUE;
        break;
    case WEFT_RECORD_CALLBACK_END:
        it->ended++;
        break;
    case WEFT_RECORD_CALLBACK_BEGIN:
        if (it->ended > 0) {
            it->ended--;
        } else if (!it->found_callback) {
            it->found_callback = TRUE;
            d->callback = r->object ? r->object : r->subject;
            d->callback_kind = r->detail;
        }
        break;
    case WEFT_RECORD_SUSPEND:
        if (r->detail != WEFT_AWAIT_YIELD)
            break;
        /* fallthrough */
    case WEFT_RECORD_WAKE:
    case WEFT_RECORD_READY:
        g_hash_table_add(it->joined, g_memdup2(&r->subject, sizeof r->subject));
        break;
    }
    return FALSE;
}

/* The number of the iteration to come after where the replay stands; 0: unknown. The event of the
 * last one is rather read than its lane, whose leaf may lie in a hundred chunks. */
static guint64 next_iteration(weft_replay *replay, struct weft_replay_place place)
{
    struct weft_segment_view iteration;
    const struct weft_event_view *e;
    guint64 lost = 0;
    for (guint i = 0; i < BACK_MAX; i++) {
        if (lost || !(e = replay_previous(replay, &lost)))
            return 0;
        if (e->record.kind == WEFT_RECORD_ITERATION)
            return e->record.object + 1;
        if (e->record.kind == WEFT_RECORD_LOOP_OPEN)
            return 1;
    }
    gint64 t = place.time_ns - (place.after == WEFT_WHOLE_MOMENT ? 0 : 1);
    guint lane = replay->loop + LANE_ITERATIONS;
    if (!weft_model_segment_at(replay->model, lane, t, &iteration) ||
        iteration.state != WEFT_SEGMENT_COUNT)
        return 0;
    return (guint64)iteration.other + 1;
}

/* Where it stands, before the first event: the loop opens only then. */
static gboolean is_to_open(weft_replay *replay)
{
    const struct weft_event_view *e;
    guint64 lost = 0;
    for (guint i = 0; i < AHEAD_MAX && !lost && (e = replay_next(replay, &lost)); i++)
        if (e->record.kind == WEFT_RECORD_LOOP_OPEN)
            return TRUE;
    return FALSE;
}

/* What no event tells, as where recording began amid a slice. */
static enum weft_phase phase_of(const weft_replay *replay, const weft_state *state)
{
    return weft_state_polling(state, replay->ring, NULL)  ? WEFT_PHASE_POLL
           : weft_state_running(state, replay->ring) != 0 ? WEFT_PHASE_READY
                                                          : WEFT_PHASE_UNKNOWN;
}

static void find_iteration(weft_replay *replay, struct weft_dispatch *d, const weft_state *state)
{
    struct iteration it = { .joined = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                                            NULL) };
    guint64 lost = 0;
    gboolean found = FALSE;
    const struct weft_event_view *e;
    replay_seek(replay, d->place);
    for (guint i = 0; i < BACK_MAX && !lost && !found; i++) {
        if (!(e = replay_previous(replay, &lost))) {
            d->phase = is_to_open(replay) ? WEFT_PHASE_CLOSED : phase_of(replay, state);
            break;
        }
        found = go_back_to_phase(d, &it, &e->record);
    }
    if (found && (d->phase == WEFT_PHASE_POLL || d->phase == WEFT_PHASE_IO ||
                  d->phase == WEFT_PHASE_TIMERS)) {
        d->iteration = next_iteration(replay, d->place);
        d->n_this = d->ready->len;
        d->split = TRUE;
    } else if (found && d->phase == WEFT_PHASE_READY) {
        while (d->n_this < d->ready->len &&
               !g_hash_table_contains(it.joined,
                                      &g_array_index(d->ready, struct weft_token, d->n_this).id))
            d->n_this++;
        d->split = TRUE;
    }
    g_hash_table_unref(it.joined);
    if (d->callback && d->callback_kind == WEFT_HANDLE_TIMER)
        d->phase = WEFT_PHASE_TIMERS;
    else if (d->callback && d->callback_kind == WEFT_HANDLE_IO)
        d->phase = WEFT_PHASE_IO;
}

/* ---- This step ---- */

/* What a task waited for until it was woken at t; FALSE: it did not, or that is unknown. */
static gboolean wait_before(weft_replay *replay, uint64_t id, gint64 t_ns,
                            struct weft_task_at *wait)
{
    weft_state *state = weft_model_state_at(replay->model, t_ns - 1);
    const struct weft_task_at *task = weft_state_task(state, id);
    gboolean waits = task && (task->state == WEFT_STATE_WAITING ||
                              (task->state == WEFT_STATE_CANCELLING && task->detail));
    if (waits)
        *wait = *task;
    weft_state_free(state);
    return waits;
}

static void note_wake(weft_replay *replay, struct weft_dispatch *d, const struct weft_record *r,
                      guint *looked)
{
    struct weft_task_at wait;
    if (r->detail == WEFT_WAKE_CREATED)
        return;
    if (d->n_woken > 0) { /* thousands may be: only of one it is looked up what it waited for */
        d->n_woken++;
        return;
    }
    if ((*looked)++ >= LOOKED_MAX || !wait_before(replay, r->subject, (gint64)r->time, &wait))
        return;
    d->n_woken = 1;
    gboolean of_wait = r->detail == WEFT_WAKE_RESOURCE && wait.other; /* the lock says more */
    d->woken = (struct weft_token){ .id = r->subject,
                                    .other = of_wait || !r->object ? wait.other : r->object,
                                    .since_ns = (gint64)r->time,
                                    .deadline_ns = WEFT_NO_DEADLINE,
                                    .detail = r->detail };
    d->woken_from = (guint8)weft_wait_class(wait.detail);
}

/* The newest of what ends this step. */
static void note_left(struct weft_dispatch *d, const struct weft_record *r)
{
    if (d->running.id || d->callback || d->left.id || d->phase != WEFT_PHASE_READY ||
        r->kind == WEFT_RECORD_POLL_BEGIN)
        return;
    d->left = (struct weft_token){ .id = r->subject,
                                   .since_ns = (gint64)r->time,
                                   .deadline_ns = WEFT_NO_DEADLINE,
                                   .detail = r->kind == WEFT_RECORD_SUSPEND ? r->detail : 0 };
    d->site = r->site;
    d->site_past = r->kind == WEFT_RECORD_TASK_DONE;
}

/* Who is at a line now, or was until the slice ended, which says none of a task that is done. */
static uint64_t who_is_at_line(const struct weft_dispatch *d)
{
    return d->running.id ? d->running.id : d->site_past ? d->left.id : 0;
}

static void look_at_step(weft_replay *replay, struct weft_dispatch *d, const weft_state *state)
{
    guint64 lost;
    const struct weft_event_view *e;
    gint64 newest = G_MININT64;
    guint looked = 0;
    gboolean sited = FALSE; /* the running task's line is known, or it is no event's */
    replay_seek(replay, d->place);
    for (guint i = 0; i < BACK_MAX && (e = replay_previous(replay, &lost)); i++) {
        newest = newest == G_MININT64 ? (gint64)e->record.time : newest;
        if (replay_ends_step(e) && (gint64)e->record.time < newest)
            break;
        if (replay_ends_step(e))
            note_left(d, &e->record);
        if (e->record.kind == WEFT_RECORD_WAKE)
            note_wake(replay, d, &e->record, &looked);
        uint64_t who = who_is_at_line(d);
        if (e->record.kind == WEFT_RECORD_RESUME && e->record.subject == who)
            sited = TRUE;
        const struct weft_event_info *info = weft_event_info(e->record.kind);
        if (!sited && who && e->actor == who && e->record.site && info &&
            info->site == WEFT_FIELD_SITE) {
            d->site = e->record.site;
            sited = TRUE;
        }
    }
    const struct weft_task_at *task = weft_state_task(state, who_is_at_line(d));
    if (task && !d->site)
        d->site = task->site; /* where it waited last */
}

/* ---- Done ---- */

static void find_done(weft_replay *replay, struct weft_dispatch *d)
{
    gint64 t = d->place.time_ns - (d->place.after == WEFT_WHOLE_MOMENT ? 0 : 1);
    for (guint i = 0; i < weft_model_n_lanes(replay->model); i++) {
        const struct weft_lane *lane = weft_model_lane(replay->model, i);
        if (lane->kind != WEFT_LANE_TASK || !lane->outcome || lane->ring != replay->ring ||
            lane->last_ns > t)
            continue;
        d->n_done++;
        struct weft_token token = { .id = lane->id,
                                    .since_ns = lane->last_ns,
                                    .deadline_ns = WEFT_NO_DEADLINE,
                                    .detail = lane->outcome };
        guint at = d->done->len;
        while (at > 0 &&
               g_array_index(d->done, struct weft_token, at - 1).since_ns <= token.since_ns)
            at--;
        if (at < DONE_SHOWN)
            g_array_insert_val(d->done, at, token);
        g_array_set_size(d->done, MIN(d->done->len, DONE_SHOWN));
    }
}

/* ---- The scene ---- */

struct weft_dispatch *weft_replay_scene(weft_replay *replay, struct weft_replay_place place)
{
    struct weft_dispatch *d = g_new0(struct weft_dispatch, 1);
    d->place = place;
    d->loop = weft_model_lane(replay->model, replay->loop)->id;
    d->ready = g_array_new(FALSE, FALSE, sizeof(struct weft_token));
    d->done = g_array_new(FALSE, FALSE, sizeof(struct weft_token));
    for (guint row = 0; row < WEFT_WAIT_CLASSES; row++)
        d->waiting[row] = g_array_new(FALSE, FALSE, sizeof(struct weft_token));
    if (!replay_seek(replay, place) && !replay->model->beginning)
        return d;
    weft_state *state = state_of(replay, place);
    place_tasks(replay, d, state);
    place_queue(replay, d, state);
    find_path(d, state);
    find_iteration(replay, d, state);
    look_at_step(replay, d, state);
    weft_state_free(state);
    find_done(replay, d);
    return d;
}

void weft_dispatch_free(struct weft_dispatch *d)
{
    if (!d)
        return;
    g_array_unref(d->ready);
    g_array_unref(d->done);
    for (guint row = 0; row < WEFT_WAIT_CLASSES; row++)
        g_array_unref(d->waiting[row]);
    g_free(d);
}

char *weft_dispatch_cause(weft_model *model, const struct weft_dispatch *d)
{
    static const char *const ends[WEFT_ENTITY_END] = {
        [WEFT_ENTITY_LOCK] = "released",      [WEFT_ENTITY_EVENT] = "set",
        [WEFT_ENTITY_SEMAPHORE] = "released", [WEFT_ENTITY_CONDITION] = "notified",
        [WEFT_ENTITY_QUEUE] = "moved on",     [WEFT_ENTITY_BARRIER] = "full",
    };
    g_autofree char *name = d->woken.other ? weft_model_name(model, d->woken.other) : NULL;
    switch (d->woken.detail) {
    case WEFT_WAKE_TIMER:
        return g_strdup("timer due");
    case WEFT_WAKE_IO:
        return g_strdup("I/O is there");
    case WEFT_WAKE_THREAD:
        return g_strdup("thread returned");
    case WEFT_WAKE_CANCEL:
        return g_strdup("cancelled");
    case WEFT_WAKE_TIMEOUT:
        return g_strdup("timeout");
    case WEFT_WAKE_SIGNAL:
        return g_strdup("signal");
    case WEFT_WAKE_RESOURCE: {
        guint kind = weft_id_kind(d->woken.other);
        if (kind < WEFT_ENTITY_END && ends[kind])
            return g_strdup_printf("%s %s", name, ends[kind]);
        return name ? g_strdup_printf("by %s", name) : g_strdup("its turn");
    }
    default:
        return name ? g_strdup_printf("%s done", name) : g_strdup("ready");
    }
}
