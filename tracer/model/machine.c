/* machine.c: what each record means for the lanes. See machine.h. */
#include "tracer/model/machine.h"
#include "tracer/model/lane.h"
#include "tracer/model/plan.h"
#include <string.h>

/* The operations one record comes to. */
struct emission {
    struct operation *out;
    guint n;
    gint64 time_ns;
    uint16_t index;
};

static struct operation *emit(struct emission *e, uint32_t lane, uint8_t what, uint64_t other)
{
    struct operation *op = &e->out[e->n++];
    *op = (struct operation){
        .time_ns = e->time_ns, .other = other, .lane = lane, .index = e->index, .what = what
    };
    return op;
}

void machine_init(struct machine *m, uint32_t ring)
{
    *m = (struct machine){ .last_ns = G_MININT64,
                           .ring = ring,
                           .loop_lane = NO_LANE,
                           .ready = READY_UNKNOWN,
                           .ready_shown = READY_UNKNOWN };
}

uint64_t machine_actor(const weft_model *model, const struct machine *m)
{
    if (m->depth && m->frames[m->depth - 1].state == WEFT_SEGMENT_RUNNING)
        return m->frames[m->depth - 1].id;
    return m->loop_lane == NO_LANE ? 0 : weft_model_lane(model, m->loop_lane)->id;
}

/* ---- The loop's lanes ---- */

static void ensure_loop(weft_model *model, struct machine *m, gboolean building, uint64_t id)
{
    if (weft_id_kind(id) != WEFT_ENTITY_LOOP)
        id = 0;
    if (m->loop_lane == NO_LANE)
        m->loop_lane = lanes_of_loop(model, building, m->ring,
                                     id ? id : weft_id(WEFT_ENTITY_LOOP, m->ring, 1));
    else if (building && id)
        lanes_loop_is(model, m->loop_lane, id);
}

/* The loop lane shows the innermost frame, or the loop's own work. */
static void show_loop(struct machine *m, struct emission *e)
{
    if (m->loop_lane == NO_LANE)
        return;
    if (m->depth == 0) {
        emit(e, m->loop_lane, WEFT_SEGMENT_LOOP, 0);
        return;
    }
    const struct frame *top = &m->frames[m->depth - 1];
    struct operation *op = emit(e, m->loop_lane, top->state, top->id);
    op->site = top->site;
    op->detail = top->detail;
}

static void push_frame(struct machine *m, struct frame frame)
{
    if (m->depth == FRAMES_MAX) /* deeper than anybody nests: the outermost is forgotten */
        memmove(m->frames, m->frames + 1, --m->depth * sizeof *m->frames);
    m->frames[m->depth++] = frame;
}

/* Ends the frame of `id` and whatever is left above it; all of them when it is not there. */
static void pop_frame(struct machine *m, uint64_t id)
{
    guint depth = m->depth;
    while (depth > 0 && m->frames[depth - 1].id != id)
        depth--;
    m->depth = depth > 0 ? depth - 1 : 0;
}

/* The queue's length is shown once per instant: what leaves and comes at one time is no change. */
static void show_ready(struct machine *m, struct emission *e)
{
    if (m->ready == m->ready_shown || m->ready == READY_UNKNOWN || m->loop_lane == NO_LANE)
        return;
    m->ready_shown = m->ready;
    emit(e, m->loop_lane + LANE_READY, WEFT_SEGMENT_COUNT, m->ready)->time_ns = m->last_ns;
}

static void ready_joins(struct machine *m)
{
    if (m->ready != READY_UNKNOWN)
        m->ready++;
}

static void ready_leaves(struct machine *m)
{
    if (m->ready != READY_UNKNOWN && m->ready > 0)
        m->ready--;
}

/* ---- Records ---- */

static void apply_loop(weft_model *model, struct machine *m, gboolean building,
                       const struct weft_record *r, struct emission *e)
{
    switch (r->kind) {
    case WEFT_RECORD_LOOP_OPEN:
        m->loop_lane = NO_LANE; /* a ring may be used again, by another loop */
        m->depth = 0;
        m->ready = 0;
        m->ready_shown = READY_UNKNOWN;
        ensure_loop(model, m, building, r->subject);
        show_loop(m, e);
        break;
    case WEFT_RECORD_LOOP_CLOSE:
        if (m->loop_lane == NO_LANE)
            break;
        for (guint i = 0; i < LANES_OF_LOOP; i++)
            emit(e, m->loop_lane + i, OPERATION_DONE, 0);
        m->depth = 0;
        break;
    case WEFT_RECORD_ITERATION:
        ensure_loop(model, m, building, r->subject);
        if (m->loop_lane == NO_LANE)
            break;
        emit(e, m->loop_lane + LANE_ITERATIONS, WEFT_SEGMENT_COUNT, r->object);
        m->ready = r->site;
        show_loop(m, e);
        break;
    case WEFT_RECORD_POLL_BEGIN:
        ensure_loop(model, m, building, r->subject);
        m->depth = 0;
        if (m->loop_lane != NO_LANE)
            emit(e, m->loop_lane, WEFT_SEGMENT_POLL, 0);
        break;
    case WEFT_RECORD_POLL_END:
        ensure_loop(model, m, building, r->subject);
        m->depth = 0;
        show_loop(m, e);
        break;
    case WEFT_RECORD_CONTROL:
        ensure_loop(model, m, building, r->subject);
        if (m->loop_lane != NO_LANE && r->detail == WEFT_CONTROL_PAUSED)
            emit(e, m->loop_lane, WEFT_SEGMENT_POLL, 0)->detail = WEFT_CONTROL_PAUSED;
        else
            show_loop(m, e);
        break;
    }
}

static void apply_callback(weft_model *model, struct machine *m, gboolean building,
                           const struct weft_record *r, struct emission *e)
{
    ensure_loop(model, m, building, 0);
    uint64_t whose = r->object ? r->object : r->subject;
    uint32_t lane = lanes_of_handle(model, building && !m->has_tasks, m->ring, r->subject, r->site);
    if (r->kind == WEFT_RECORD_CALLBACK_BEGIN) {
        if (m->depth == 0)
            ready_leaves(m);
        push_frame(m, (struct frame){ whose, r->site, WEFT_SEGMENT_CALLBACK, r->detail });
        if (lane != NO_LANE)
            emit(e, lane, WEFT_SEGMENT_CALLBACK, whose)->detail = r->detail;
    } else {
        /* The end need not name the owner: the innermost callback ends. */
        guint depth = m->depth;
        while (depth > 0 && m->frames[depth - 1].state != WEFT_SEGMENT_CALLBACK)
            depth--;
        m->depth = depth > 0 ? depth - 1 : 0;
        if (lane != NO_LANE)
            emit(e, lane, WEFT_SEGMENT_WAITING, 0)->detail = r->detail == WEFT_HANDLE_TIMER
                                                                 ? WEFT_AWAIT_TIMER
                                                                 : WEFT_AWAIT_OTHER;
    }
    show_loop(m, e);
}

static void apply_suspend(weft_model *model, struct machine *m, gboolean building,
                          const struct weft_record *r, struct emission *e)
{
    uint32_t lane = lanes_of_task(model, building, m->only, m->ring, r->subject);
    pop_frame(m, r->subject);
    show_loop(m, e);
    if (r->detail == WEFT_AWAIT_YIELD)
        ready_joins(m);
    if (lane == NO_LANE)
        return;
    gboolean yields = r->detail == WEFT_AWAIT_YIELD;
    uint8_t state = yields ? WEFT_SEGMENT_READY : WEFT_SEGMENT_WAITING;
    struct operation *op = emit(e, lane, state, yields ? r->subject : r->object);
    op->site = r->site;
    op->detail = yields ? WEFT_WAKE_TASK : r->detail;
    if (yields)
        op->note = NOTE_YIELD;
    else if (r->object && r->object == m->timer)
        op->note = m->timer_plan;
    else if (r->object && r->object == m->op)
        op->other = m->op_object;
}

static void apply_resume(weft_model *model, struct machine *m, gboolean building,
                         const struct weft_record *r, struct emission *e)
{
    ensure_loop(model, m, building, 0);
    uint32_t lane = lanes_of_task(model, building, m->only, m->ring, r->subject);
    gboolean nested = m->depth > 0;
    if (!nested)
        ready_leaves(m); /* nested: started eagerly, it never was in the queue */
    if (m->depth == 0 || m->frames[m->depth - 1].id != r->subject)
        push_frame(m, (struct frame){ r->subject, r->site, WEFT_SEGMENT_RUNNING, 0 });
    show_loop(m, e);
    if (lane == NO_LANE)
        return;
    struct operation *op = emit(e, lane, WEFT_SEGMENT_RUNNING, 0);
    op->site = r->site;
    op->note = nested ? NOTE_NESTED : 0;
}

static void apply_done(weft_model *model, struct machine *m, gboolean building,
                       const struct weft_record *r, struct emission *e)
{
    uint32_t lane = lanes_of_task(model, building, m->only, m->ring, r->subject);
    pop_frame(m, r->subject);
    show_loop(m, e);
    if (lane != NO_LANE)
        emit(e, lane, OPERATION_DONE, 0)->detail = r->detail;
}

/* Rarer records about a task that exists: what, on its lane. */
static void apply_to_task(weft_model *model, struct machine *m, uint64_t task, uint8_t what,
                          struct emission *e)
{
    if (weft_id_kind(task) != WEFT_ENTITY_TASK)
        task = m->depth ? m->frames[m->depth - 1].id : 0;
    uint32_t lane = lanes_of_task(model, FALSE, m->only, m->ring, task);
    if (lane != NO_LANE)
        emit(e, lane, what, 0);
}

/* Records that tell of a task nothing but that it is there, whose beginning may have been lost. */
static void meet_task(weft_model *model, struct machine *m, gboolean building, uint64_t task,
                      struct emission *e)
{
    uint32_t lane = lanes_of_task(model, building, m->only, m->ring, task);
    if (lane != NO_LANE)
        emit(e, lane, OPERATION_MEET, 0);
}

static void apply_new(weft_model *model, struct machine *m, gboolean building,
                      const struct weft_record *r, struct emission *e)
{
    uint32_t lane = lanes_of_task(model, building, m->only, m->ring, r->subject);
    m->has_tasks = TRUE;
    if (lane == NO_LANE)
        return;
    if (building)
        lanes_created(model, lane, r->object, r->site, TRUE);
    struct operation *op = emit(e, lane, WEFT_SEGMENT_READY, r->object);
    op->detail = WEFT_WAKE_CREATED;
    op->site = r->site;
}

static void apply_wake(weft_model *model, struct machine *m, gboolean building,
                       const struct weft_record *r, struct emission *e)
{
    uint32_t lane = lanes_of_task(model, building, m->only, m->ring, r->subject);
    ready_joins(m);
    if (lane == NO_LANE)
        return;
    struct operation *op = emit(e, lane, WEFT_SEGMENT_READY, r->object);
    op->site = r->site;
    op->detail = r->detail ? r->detail : WEFT_WAKE_UNKNOWN;
}

/* Recording begins amid the run: who lives is told behind it. */
static void apply_snapshot(weft_model *model, struct machine *m, gboolean building,
                           const struct weft_record *r, uint16_t index)
{
    m->untold = r->object;
    if (building && m->untold == 0)
        lanes_end_unknown(model, m->ring, m->last_ns, index, NO_LANE);
}

/* One that is told of itself is known only just now. */
static void count_told(weft_model *model, struct machine *m, gboolean building, uint32_t lane,
                       uint16_t index)
{
    if (m->untold > 0 && --m->untold == 0 && building)
        lanes_end_unknown(model, m->ring, m->last_ns, index, lane);
}

static gboolean tells_of_task(const struct weft_record *r)
{
    return r->detail == WEFT_TOLD_NEW || r->detail == WEFT_TOLD_READY ||
           r->detail == WEFT_TOLD_WAITING || r->detail == WEFT_TOLD_CANCELLING ||
           r->detail == WEFT_TOLD_DONE;
}

/* What a task is where recording begins amid the run. */
static void apply_task_is(weft_model *model, struct machine *m, gboolean building,
                          const struct weft_record *r, const struct weft_record *extra,
                          struct emission *e)
{
    struct weft_ext_task ext;
    gboolean done = r->detail == WEFT_TOLD_DONE; /* one never seen has no time */
    m->has_tasks = TRUE;
    if (!extra || !tells_of_task(r) || weft_id_kind(r->subject) != WEFT_ENTITY_TASK ||
        weft_id_ring(r->subject) != m->ring)
        return;
    uint32_t known = lanes_of_task(model, FALSE, m->only, m->ring, r->subject);
    uint32_t lane = lanes_of_task(model, building && !done, m->only, m->ring, r->subject);
    count_told(model, m, building, lane, e->index);
    if (lane == NO_LANE)
        return;
    memcpy(&ext, extra, sizeof ext);
    if (building && known == NO_LANE)
        lanes_created(model, lane, ext.parent, ext.made, FALSE);
    if (done) {
        emit(e, lane, OPERATION_DONE, 0)->detail = ext.why;
        return;
    }
    gboolean waits = r->detail == WEFT_TOLD_WAITING || r->detail == WEFT_TOLD_CANCELLING;
    gboolean new = r->detail == WEFT_TOLD_NEW;
    struct operation *op = emit(e, lane, waits ? OPERATION_IS_WAITING : OPERATION_IS_READY,
                                new ? ext.parent : r->object);
    op->site = new ? ext.made : r->site;
    op->detail = new ? WEFT_WAKE_CREATED : ext.why;
    op->note = ext.delivered ? NOTE_DELIVERED : 0;
}

/* A timer or an operation that the task is about to await: its SUSPEND names only the id. */
static void note_awaited(const weft_model *model, struct machine *m, const struct weft_record *r)
{
    if (r->kind == WEFT_RECORD_OP_START) {
        m->op = r->subject;
        m->op_object = r->object ? r->object : r->subject;
        return;
    }
    m->timer = r->subject;
    m->timer_plan = 0;
    if (r->object < G_MAXINT64) {
        gint64 due = weft_trace_from_monotonic(weft_model_trace(model), r->object), plan;
        if (!__builtin_sub_overflow(due, (gint64)r->time, &plan))
            m->timer_plan = plan_encode(plan);
    }
}

guint machine_apply(weft_model *model, struct machine *m, gboolean building,
                    const struct weft_record *r, const struct weft_record *ext, uint16_t index,
                    struct operation out[OPERATIONS_MAX])
{
    gint64 time_ns = MAX((gint64)r->time, m->last_ns);
    struct emission e = { .out = out, .time_ns = time_ns, .index = index };
    if (time_ns > m->last_ns)
        show_ready(m, &e);
    m->last_ns = time_ns;
    switch (r->kind) {
    case WEFT_RECORD_RESUME:
        apply_resume(model, m, building, r, &e);
        break;
    case WEFT_RECORD_SUSPEND:
        apply_suspend(model, m, building, r, &e);
        break;
    case WEFT_RECORD_WAKE:
        apply_wake(model, m, building, r, &e);
        break;
    case WEFT_RECORD_TASK_NEW:
        apply_new(model, m, building, r, &e);
        break;
    case WEFT_RECORD_TASK_DONE:
        apply_done(model, m, building, r, &e);
        break;
    case WEFT_RECORD_TASK_FREE: /* its end may have been lost */
        apply_to_task(model, m, r->subject, OPERATION_DONE, &e);
        break;
    case WEFT_RECORD_LOOP_OPEN:
    case WEFT_RECORD_LOOP_CLOSE:
    case WEFT_RECORD_ITERATION:
    case WEFT_RECORD_POLL_BEGIN:
    case WEFT_RECORD_POLL_END:
    case WEFT_RECORD_CONTROL:
        apply_loop(model, m, building, r, &e);
        break;
    case WEFT_RECORD_CALLBACK_BEGIN:
    case WEFT_RECORD_CALLBACK_END:
        apply_callback(model, m, building, r, &e);
        break;
    case WEFT_RECORD_READY:
        ready_joins(m);
        break;
    case WEFT_RECORD_READY_CANCEL:
        ready_leaves(m);
        break;
    case WEFT_RECORD_TIMER_SET:
    case WEFT_RECORD_OP_START:
        note_awaited(model, m, r);
        break;
    case WEFT_RECORD_TIMEOUT_ENTER:
        apply_to_task(model, m, 0, OPERATION_ARM, &e);
        break;
    case WEFT_RECORD_TIMEOUT_EXIT:
        apply_to_task(model, m, r->object, OPERATION_DISARM, &e);
        break;
    case WEFT_RECORD_TASK_NAME:
    case WEFT_RECORD_CANCEL_REQUEST:
        meet_task(model, m, building, r->subject, &e);
        break;
    case WEFT_RECORD_SNAPSHOT:
        apply_snapshot(model, m, building, r, index);
        break;
    case WEFT_RECORD_TASK_IS:
        apply_task_is(model, m, building, r, ext, &e);
        break;
    case WEFT_RECORD_CANCEL_DELIVER:
        apply_to_task(model, m, r->subject, OPERATION_DELIVER, &e);
        break;
    case WEFT_RECORD_UNCANCEL:
        if (r->object == 0)
            apply_to_task(model, m, r->subject, OPERATION_CLEAR, &e);
        break;
    }
    return e.n;
}

/* The task in whose slice others ran whose slices have ended since a loss. */
static void see_running(weft_model *model, const struct machine *m, gboolean building,
                        uint64_t task, struct emission *e)
{
    gboolean is = weft_id_kind(task) == WEFT_ENTITY_TASK;
    uint32_t lane = is ? lanes_of_task(model, building, m->only, m->ring, task) : NO_LANE;
    if (lane != NO_LANE)
        emit(e, lane, OPERATION_RUNS, 0);
}

guint machine_begin_chunk(weft_model *model, struct machine *m, gboolean building, gboolean lost,
                          gint64 first_ns, uint64_t current_task,
                          struct operation out[OPERATIONS_MAX])
{
    struct emission e = { .out = out, .time_ns = MAX(first_ns, m->last_ns), .index = INDEX_BEGIN };
    gboolean first = m->last_ns == G_MININT64;
    if (!lost && !first) {
        if (m->depth == 0)
            see_running(model, m, building, current_task, &e);
        return e.n;
    }
    m->depth = 0;
    m->timer = m->op = m->untold = 0;
    m->ready = m->ready_shown = READY_UNKNOWN;
    if (current_task && weft_id_kind(current_task) == WEFT_ENTITY_TASK) {
        struct weft_record resume = { .subject = current_task };
        apply_resume(model, m, building, &resume, &e);
    }
    m->last_ns = e.time_ns;
    return e.n;
}

guint machine_end_chunk(struct machine *m, uint16_t index, struct operation out[OPERATIONS_MAX])
{
    struct emission e = { .out = out, .time_ns = m->last_ns, .index = index };
    show_ready(m, &e);
    return e.n;
}
