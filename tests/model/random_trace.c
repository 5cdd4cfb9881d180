/* random_trace.c: see random_trace.h. A loop with a ready queue is played; its events are written
 * down, and beside them each lane's segments, as plainly as can be. */
#include "tests/model/random_trace.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"

enum task_state { NEW, READY, RUNNING, WAITING };

struct play {
    struct random_trace *out;
    struct random_options options;
    GRand *rand;
    GArray *records;
    GQueue ready;
    enum task_state *states;
    gint64 now;
    gboolean losing; /* what happens now is lost */
    guint lost;
    gint64 last_emitted;
};

static gint64 some_time(struct play *p)
{
    return g_rand_int_range(p->rand, 0, 100) < 3 ? g_rand_int_range(p->rand, 10000, 400000)
                                                 : g_rand_int_range(p->rand, 0, 300);
}

static void cut(struct play *p)
{
    weft_trace_append(p->out->trace, 0, (struct weft_record *)(void *)p->records->data,
                      p->records->len);
    g_array_set_size(p->records, 0);
}

static void emit(struct play *p, unsigned kind, unsigned detail, uint64_t subject, uint64_t object)
{
    if (p->losing) {
        p->lost++;
        return;
    }
    if (p->records->len > 0 && g_rand_int_range(p->rand, 0, (gint)p->options.chunk_slots) == 0)
        cut(p);
    struct weft_record record = { .time = (uint64_t)p->now,
                                  .kind = (uint8_t)kind,
                                  .detail = (uint8_t)detail,
                                  .subject = subject,
                                  .object = object };
    g_array_append_val(p->records, record);
    p->last_emitted = p->now;
}

/* A lane's new segment begins at t. */
static void begin(GArray *lane, gint64 t, guint8 state, guint8 detail, uint64_t other)
{
    if (lane->len) {
        struct true_segment *open = &g_array_index(lane, struct true_segment, lane->len - 1);
        if (open->state == state && open->detail == detail && open->other == other)
            return;
        open->to_ns = t;
        if (open->from_ns == t)
            g_array_set_size(lane, lane->len - 1);
    }
    struct true_segment next = { t, t, state, detail, other };
    g_array_append_val(lane, next);
}

static void task_begins(struct play *p, guint task, guint8 state, guint8 detail, uint64_t other)
{
    if (!p->losing)
        begin(p->out->tasks[task], p->now, state, detail, other);
}

static void loop_begins(struct play *p, guint8 state, uint64_t other)
{
    if (!p->losing)
        begin(p->out->loop, p->now, state, 0, other);
}

static void begin_loss(struct play *p)
{
    cut(p);
    p->losing = TRUE;
    p->lost = 0;
    for (guint i = 0; i < p->out->n_tasks; i++)
        if (p->out->tasks[i]->len)
            begin(p->out->tasks[i], p->last_emitted, WEFT_SEGMENT_UNKNOWN, 0, 0);
    begin(p->out->loop, p->last_emitted, WEFT_SEGMENT_UNKNOWN, 0, 0);
}

static void end_loss(struct play *p)
{
    p->losing = FALSE;
    weft_trace_append_loss(p->out->trace, 0, p->lost);
}

static void make_ready(struct play *p, guint task, guint8 cause, uint64_t by)
{
    p->states[task] = READY;
    g_queue_push_tail(&p->ready, GUINT_TO_POINTER(task));
    task_begins(p, task, WEFT_SEGMENT_READY, cause, by);
}

static void wake_some(struct play *p)
{
    guint task = (guint)g_rand_int_range(p->rand, 0, (gint)p->out->n_tasks);
    if (p->states[task] == NEW) {
        emit(p, WEFT_RECORD_TASK_NEW, 0, TASK(task + 1), 0);
        emit(p, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, TASK(task + 1), 0);
        make_ready(p, task, WEFT_WAKE_CREATED, 0);
    } else if (p->states[task] == WAITING) {
        emit(p, WEFT_RECORD_WAKE, WEFT_WAKE_IO, TASK(task + 1), TASK(1));
        make_ready(p, task, WEFT_WAKE_IO, TASK(1));
    }
}

static void run_one(struct play *p)
{
    guint task = GPOINTER_TO_UINT(g_queue_pop_head(&p->ready));
    emit(p, WEFT_RECORD_RESUME, 0, TASK(task + 1), 0);
    p->states[task] = RUNNING;
    task_begins(p, task, WEFT_SEGMENT_RUNNING, 0, 0);
    loop_begins(p, WEFT_SEGMENT_RUNNING, TASK(task + 1));
    for (gint i = g_rand_int_range(p->rand, 0, 3); i > 0; i--) {
        p->now += some_time(p);
        wake_some(p);
    }
    p->now += some_time(p);
    gboolean yields = g_rand_int_range(p->rand, 0, 4) == 0;
    guint8 kind = yields ? WEFT_AWAIT_YIELD
                         : (guint8)g_rand_int_range(p->rand, WEFT_AWAIT_TIMER, WEFT_AWAIT_END);
    emit(p, WEFT_RECORD_SUSPEND, kind, TASK(task + 1), yields ? 0 : TIMER(p->now % 5 + 1));
    if (yields) {
        make_ready(p, task, WEFT_WAKE_TASK, TASK(task + 1));
    } else {
        p->states[task] = WAITING;
        task_begins(p, task, WEFT_SEGMENT_WAITING, kind, TIMER(p->now % 5 + 1));
    }
    loop_begins(p, WEFT_SEGMENT_LOOP, 0);
}

static void poll(struct play *p)
{
    emit(p, WEFT_RECORD_POLL_BEGIN, 0, LOOP, 0);
    loop_begins(p, WEFT_SEGMENT_POLL, 0);
    p->now += some_time(p) * 3 + 1;
    emit(p, WEFT_RECORD_POLL_END, 0, LOOP, 1);
    loop_begins(p, WEFT_SEGMENT_LOOP, 0);
    wake_some(p);
}

static void end_lanes(struct random_trace *out)
{
    for (guint i = 0; i <= out->n_tasks; i++) {
        GArray *lane = i < out->n_tasks ? out->tasks[i] : out->loop;
        if (!lane->len)
            continue;
        struct true_segment *open = &g_array_index(lane, struct true_segment, lane->len - 1);
        open->to_ns = out->end_ns;
        if (open->from_ns == open->to_ns)
            g_array_set_size(lane, lane->len - 1);
    }
}

struct random_trace *random_trace_new(struct random_options options)
{
    struct random_trace *out = g_new0(struct random_trace, 1);
    struct play p = { .out = out,
                      .options = options,
                      .rand = g_rand_new_with_seed(options.seed),
                      .records = g_array_new(FALSE, FALSE, sizeof(struct weft_record)),
                      .ready = G_QUEUE_INIT,
                      .states = g_new0(enum task_state, options.tasks),
                      .now = 1000 };
    out->trace = weft_trace_new();
    out->n_tasks = options.tasks;
    out->tasks = g_new(GArray *, options.tasks);
    for (guint i = 0; i < options.tasks; i++)
        out->tasks[i] = g_array_new(FALSE, FALSE, sizeof(struct true_segment));
    out->loop = g_array_new(FALSE, FALSE, sizeof(struct true_segment));
    emit(&p, WEFT_RECORD_LOOP_OPEN, 0, LOOP, 1);
    loop_begins(&p, WEFT_SEGMENT_LOOP, 0);
    for (guint i = 0; i < options.steps; i++) {
        p.now += some_time(&p);
        if (options.losses && !p.losing &&
            g_rand_int_range(p.rand, 0, (gint)(options.steps / options.losses)) == 0)
            begin_loss(&p);
        else if (p.losing && p.lost > 0 && g_rand_int_range(p.rand, 0, 10) == 0)
            end_loss(&p);
        if (g_queue_is_empty(&p.ready) || g_rand_int_range(p.rand, 0, 20) == 0)
            poll(&p);
        else
            run_one(&p);
    }
    if (p.losing)
        end_loss(&p);
    poll(&p);
    cut(&p);
    out->end_ns = p.last_emitted;
    end_lanes(out);
    g_rand_free(p.rand);
    g_array_unref(p.records);
    g_queue_clear(&p.ready);
    g_free(p.states);
    return out;
}

void random_trace_free(struct random_trace *random)
{
    for (guint i = 0; i < random->n_tasks; i++)
        g_array_unref(random->tasks[i]);
    g_free(random->tasks);
    g_array_unref(random->loop);
    weft_trace_unref(random->trace);
    g_free(random);
}

void random_model_set_up(struct random_model *f, gconstpointer options)
{
    struct random_options run = *(const struct random_options *)options;
    if (SLOW)
        run.steps /= 4;
    f->random = random_trace_new(run);
    f->model = open_model(f->random->trace);
    f->rand = g_rand_new_with_seed(5);
}

void random_model_tear_down(struct random_model *f, gconstpointer options G_GNUC_UNUSED)
{
    g_rand_free(f->rand);
    weft_model_free(f->model);
    random_trace_free(f->random);
}
