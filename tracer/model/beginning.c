/* beginning.c: see beginning.h. */
#include "tracer/model/beginning.h"
#include "tracer/model/model_private.h"
#include "tracer/model/plan.h"

/* ---- One lane ---- */

static gboolean runs(const struct weft_task_at *task)
{
    return task->state == WEFT_STATE_RUNNING ||
           (task->state == WEFT_STATE_CANCELLING && task->detail == WEFT_AWAIT_NONE);
}

static uint16_t plan_of(const weft_model *model, const struct weft_task_at *task)
{
    const struct weft_object_at *timer = weft_state_object(model->beginning, task->other);
    gint64 plan;
    if (task->detail != WEFT_AWAIT_TIMER || !timer ||
        __builtin_sub_overflow(
            weft_trace_from_monotonic(model->trace, (uint64_t)timer->deadline_mono_ns),
            task->since_ns, &plan))
        return 0;
    return plan_encode(plan);
}

/* What lasts since before the trace begins is told from there on. */
static gint64 clip(const weft_model *model, uint32_t ring, gint64 since_ns)
{
    guint source = weft_trace_source_of(model->trace, ring);
    return MAX(weft_trace_source_at(model->trace, source)->begin_ns, since_ns);
}

/* CANCELLING is told by the fold, which knows of the cancellation. */
static void begin_task(const weft_model *model, const struct weft_task_at *task,
                       struct operation *op)
{
    op->time_ns = task->since_ns;
    op->other = task->other;
    op->detail = task->detail;
    op->site = task->site;
    switch ((enum weft_task_state)task->state) {
    case WEFT_STATE_NEW:
        op->other = task->parent;
        op->detail = WEFT_WAKE_CREATED;
        op->site = task->created_site;
        /* fallthrough */
    case WEFT_STATE_READY:
        op->what = WEFT_SEGMENT_READY;
        op->note = op->detail == WEFT_WAKE_TASK && op->other == task->id ? NOTE_YIELD : 0;
        break;
    case WEFT_STATE_RUNNING:
    case WEFT_STATE_WAITING:
    case WEFT_STATE_CANCELLING:
        op->what = runs(task) ? WEFT_SEGMENT_RUNNING : WEFT_SEGMENT_WAITING;
        op->note = runs(task) ? 0 : plan_of(model, task);
        break;
    default:
        op->what = WEFT_SEGMENT_UNKNOWN;
    }
}

static gboolean begin_loop(const weft_model *model, uint32_t ring, struct operation *op)
{
    gint64 since;
    uint64_t running = weft_state_running(model->beginning, ring);
    const struct weft_task_at *task = weft_state_task(model->beginning, running);
    if (weft_state_polling(model->beginning, ring, &since)) {
        op->what = WEFT_SEGMENT_POLL;
        op->time_ns = since;
    } else if (task) {
        op->what = WEFT_SEGMENT_RUNNING;
        op->time_ns = task->since_ns;
        op->other = running;
    }
    return op->what != WEFT_SEGMENT_UNKNOWN;
}

/* Since when it was so, also before the trace. */
static gboolean begin_long(const weft_model *model, guint lane, struct operation *op)
{
    const struct weft_lane *pub = &model->lanes[lane].pub;
    *op = (struct operation){ .lane = lane, .index = INDEX_LOSS };
    if (pub->kind == WEFT_LANE_LOOP)
        return begin_loop(model, pub->ring, op);
    const struct weft_task_at *task = weft_state_task(model->beginning, pub->id);
    if (pub->kind != WEFT_LANE_TASK || !task)
        return FALSE;
    begin_task(model, task, op);
    return TRUE;
}

gboolean begin_lane(const weft_model *model, guint lane, struct operation *op)
{
    if (!begin_long(model, lane, op))
        return FALSE;
    op->time_ns = clip(model, model->lanes[lane].pub.ring, op->time_ns);
    return TRUE;
}

/* ---- All lanes ---- */

static void begin_lane_now(weft_model *model, guint lane)
{
    struct operation op;
    const struct weft_lane *pub = &model->lanes[lane].pub;
    if (!begin_long(model, lane, &op))
        return;
    gint64 since_ns = op.time_ns;
    op.time_ns = clip(model, pub->ring, since_ns);
    lane_apply(model, CHUNK_BEGINNING, &op);
    if (since_ns < op.time_ns)
        facts_note_amid(&model->facts, pub->id, op.time_ns, since_ns);
    struct machine *m = &model_ring(model, pub->ring)->machine;
    m->last_ns = MAX(m->last_ns, op.time_ns);
    model->last_ns = MAX(model->last_ns, op.time_ns);
}

/* What the fold of a task must know: open timeouts, a cancellation delivered. */
static void begin_folds(weft_model *model, const struct weft_object_at *const *objects, guint n)
{
    for (guint i = 0; i < n; i++) {
        guint lane = weft_model_lane_of(model, objects[i]->owner);
        struct operation arm = { .lane = lane, .what = OPERATION_ARM };
        if (weft_id_kind(objects[i]->id) == WEFT_ENTITY_TIMEOUT && lane != NO_LANE)
            lane_apply(model, CHUNK_BEGINNING, &arm);
    }
}

/* Outer ones first, but for those that began at one time. */
static gint by_since(gconstpointer a, gconstpointer b)
{
    const struct weft_task_at *x = *(const struct weft_task_at *const *)a;
    const struct weft_task_at *y = *(const struct weft_task_at *const *)b;
    return x->since_ns < y->since_ns ? -1 : x->since_ns > y->since_ns;
}

/* The ring's machine: its loop, who runs (an eager start nests), how many are ready. */
static struct machine *begin_ring(weft_model *model, uint32_t ring, uint64_t loop)
{
    struct machine *m = &model_ring(model, ring)->machine;
    if (m->loop_lane != NO_LANE)
        return m;
    guint ready;
    weft_state_ready(model->beginning, ring, &ready);
    m->loop_lane = lanes_of_loop(model, TRUE, ring, loop);
    m->ready = ready;
    return m;
}

static void push_running(weft_model *model, const struct weft_task_at *task, gboolean innermost)
{
    struct machine *m = &model_ring(model, weft_id_ring(task->id))->machine;
    if (m->depth < FRAMES_MAX - !innermost &&
        innermost == (weft_state_running(model->beginning, m->ring) == task->id))
        m->frames[m->depth++] = (struct frame){ .id = task->id, .state = WEFT_SEGMENT_RUNNING };
}

static void begin_tasks(weft_model *model, const struct weft_task_at *const *tasks, guint n)
{
    g_autoptr(GPtrArray) running = g_ptr_array_new();
    for (guint i = 0; i < n; i++) {
        const struct weft_task_at *task = tasks[i];
        uint32_t ring = weft_id_ring(task->id);
        if (task->name)
            idmap_set(&model->facts.names, task->id, task->name);
        if (task->state == WEFT_STATE_DONE)
            continue;
        begin_ring(model, ring, weft_id(WEFT_ENTITY_LOOP, ring, 1))->has_tasks = TRUE;
        guint lane = lanes_of_task(model, TRUE, NULL, ring, task->id);
        lanes_created(model, lane, task->parent, task->created_site, FALSE);
        model->lanes[lane].pub.name = task->name;
        struct operation deliver = { .lane = lane, .what = OPERATION_DELIVER };
        if (task->delivered)
            lane_apply(model, CHUNK_BEGINNING, &deliver);
        if (runs(task))
            g_ptr_array_add(running, (gpointer)(gsize)task);
    }
    g_ptr_array_sort(running, by_since);
    for (guint i = 0; i < running->len; i++)
        push_running(model, running->pdata[i], FALSE);
    for (guint i = 0; i < running->len; i++)
        push_running(model, running->pdata[i], TRUE);
}

void begin_known(weft_model *model)
{
    guint from;
    if (weft_trace_begins_with_state(model->trace))
        model->beginning = weft_trace_state_before(model->trace, 0, &from);
}

static void begin_group(weft_model *model, const struct weft_object_at *group)
{
    guint n;
    gboolean all;
    const struct weft_party *members = weft_state_parties(model->beginning, group->id, &n, &all);
    facts_begin_group(&model->facts, group->id, members, n, (guint)MIN(group->capacity, G_MAXUINT));
}

void begin_lanes(weft_model *model)
{
    if (model->beginning || !weft_trace_begins_with_state(model->trace))
        return;
    guint n, n_objects;
    begin_known(model);
    for (uint32_t ring = 0; ring < 1u << WEFT_ID_RING_BITS; ring++)
        if (weft_state_polling(model->beginning, ring, NULL))
            begin_ring(model, ring, weft_id(WEFT_ENTITY_LOOP, ring, 1));
    const struct weft_task_at **tasks = weft_state_tasks(model->beginning, &n);
    begin_tasks(model, tasks, n);
    const struct weft_object_at **objects = weft_state_objects(model->beginning, &n_objects);
    for (guint i = 0; i < n_objects; i++) {
        if (objects[i]->name)
            idmap_set(&model->facts.names, objects[i]->id, objects[i]->name);
        if (weft_id_kind(objects[i]->id) == WEFT_ENTITY_GROUP && objects[i]->capacity)
            begin_group(model, objects[i]);
    }
    begin_folds(model, objects, n_objects);
    for (guint lane = 0; lane < model->n_lanes; lane++)
        begin_lane_now(model, lane);
}
