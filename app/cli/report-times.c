/* report-times.c: how long slices, waits and iterations were, each one, in one walk over the
 * events. Keeps per task when it became ready or began to run or to wait, per ring when its
 * iteration began; a loss on a ring raises its epoch, and what was noted before it is forgotten. A
 * loop that was opened and does not run yet is not busy.
 * What still lasts in the end counts with what it has lasted until then. */
#include "app/cli/entity.h"
#include "app/cli/report.h"

struct task_times {
    guint64 id;
    gint64 ready_ns, running_ns, waiting_ns; /* since when; -1: it is not, or not known */
    guint32 epoch;
    guint8 class; /* of its wait */
};

struct ring_times {
    gint64 iteration_ns; /* since when; -1: in none */
    gint64 opened_ns;    /* when its loop was, which has not run yet; -1: it has, or nobody knows */
    guint32 epoch;
    guint32 ring;
    guint next_loss; /* the first of the model's losses that may be before its next event */
    struct report_loop *loop;
};

struct measuring {
    struct report *report;
    GHashTable *tasks;              /* id → struct task_times, which holds the key */
    GHashTable *rings;              /* ring → struct ring_times */
    const struct weft_loss *losses; /* by their beginnings: so each ring's are in order */
    guint n_losses;
};

/* Notes what was lost between the ring's last event and this moment. */
static void note_losses(const struct measuring *m, struct ring_times *ring, gint64 now)
{
    for (; ring->next_loss < m->n_losses; ring->next_loss++) {
        const struct weft_loss *loss = &m->losses[ring->next_loss];
        if (loss->ring != ring->ring)
            continue;
        if (loss->to_ns > now)
            return;
        ring->epoch++;
        ring->iteration_ns = ring->opened_ns = -1;
    }
}

/* The ring of an event, with the losses noted that are before it. */
static struct ring_times *ring_of(struct measuring *m, const struct weft_event_view *event)
{
    gpointer key = GUINT_TO_POINTER(event->ring);
    struct ring_times *ring = g_hash_table_lookup(m->rings, key);
    if (!ring) {
        ring = g_new(struct ring_times, 1);
        *ring = (struct ring_times){ .iteration_ns = -1, .opened_ns = -1, .ring = event->ring };
        g_hash_table_insert(m->rings, key, ring);
    }
    note_losses(m, ring, (gint64)event->record.time);
    return ring;
}

static struct task_times *task_of(struct measuring *m, guint64 id, guint32 epoch)
{
    struct task_times *task = g_hash_table_lookup(m->tasks, &id);
    if (!task) {
        task = g_new(struct task_times, 1);
        *task = (struct task_times){ id, -1, -1, -1, epoch, 0 };
        g_hash_table_insert(m->tasks, &task->id, task);
    }
    if (task->epoch != epoch)
        *task = (struct task_times){ id, -1, -1, -1, epoch, 0 };
    return task;
}

static void end_slice(struct measuring *m, struct task_times *task, gint64 now)
{
    if (task->running_ns >= 0)
        spread_add(&m->report->slices, now - task->running_ns);
    task->running_ns = -1;
}

static void end_iteration(struct measuring *m, struct ring_times *ring, gint64 now)
{
    if (ring->iteration_ns < 0)
        return;
    gint64 length = now - ring->iteration_ns;
    spread_add(&m->report->iterations, length);
    if (ring->loop)
        ring->loop->max_iteration_ns = MAX(ring->loop->max_iteration_ns, length);
    ring->iteration_ns = -1;
}

static struct report_loop *find_loop(const struct report *report, guint64 id)
{
    for (guint i = 0; i < report->loops->len; i++) {
        struct report_loop *loop = &g_array_index(report->loops, struct report_loop, i);
        if (loop->id == id)
            return loop;
    }
    return NULL;
}

static void begin_iteration(struct measuring *m, struct ring_times *ring, guint64 loop, gint64 now)
{
    if (!ring->loop || ring->loop->id != loop)
        ring->loop = find_loop(m->report, loop);
    if (ring->loop)
        ring->loop->iterations++;
    ring->iteration_ns = now;
}

/* Until now its loop was open, and did not run. */
static void begin_to_run(struct measuring *m, struct ring_times *ring, guint64 id, gint64 now)
{
    struct report_loop *loop = ring->opened_ns < 0 ? NULL : find_loop(m->report, id);
    if (loop)
        loop->busy_ns -= now - ring->opened_ns;
    ring->opened_ns = -1;
}

/* What wakes a task that runs, or that is ready, changes nothing. */
static void wake(struct measuring *m, struct task_times *task, gint64 now)
{
    if (task->waiting_ns >= 0)
        spread_add(&m->report->waits[task->class], now - task->waiting_ns);
    task->waiting_ns = -1;
    if (task->running_ns < 0 && task->ready_ns < 0)
        task->ready_ns = now;
}

static void measure_task(struct measuring *m, const struct weft_record *record, guint32 epoch)
{
    gint64 now = (gint64)record->time;
    if (m->report->only && !entity_is_in(m->report->only, record->subject))
        return;
    struct task_times *task = task_of(m, record->subject, epoch);
    switch (record->kind) {
    case WEFT_RECORD_WAKE:
        wake(m, task, now);
        break;
    case WEFT_RECORD_RESUME:
        if (task->ready_ns >= 0)
            spread_add(&m->report->ready, now - task->ready_ns);
        task->ready_ns = task->waiting_ns = -1;
        task->running_ns = now;
        break;
    case WEFT_RECORD_SUSPEND:
        end_slice(m, task, now);
        if (record->detail == WEFT_AWAIT_YIELD) {
            task->ready_ns = now;
        } else {
            task->waiting_ns = now;
            task->class = (guint8)weft_wait_class(record->detail);
        }
        break;
    default: /* TASK_DONE */
        end_slice(m, task, now);
        g_hash_table_remove(m->tasks, &record->subject);
    }
}

static gboolean measure(const struct weft_event_view *event, gpointer data)
{
    struct measuring *m = data;
    const struct weft_record *record = &event->record;
    struct ring_times *ring = ring_of(m, event);
    gint64 now = (gint64)record->time;
    switch (record->kind) {
    case WEFT_RECORD_LOOP_OPEN:
        ring->opened_ns = now;
        break;
    case WEFT_RECORD_ITERATION:
        begin_to_run(m, ring, record->subject, now);
        end_iteration(m, ring, now);
        begin_iteration(m, ring, record->subject, now);
        break;
    case WEFT_RECORD_POLL_BEGIN:
    case WEFT_RECORD_LOOP_CLOSE:
        begin_to_run(m, ring, record->subject, now);
        end_iteration(m, ring, now);
        break;
    case WEFT_RECORD_WAKE:
    case WEFT_RECORD_RESUME:
    case WEFT_RECORD_SUSPEND:
    case WEFT_RECORD_TASK_DONE:
        measure_task(m, record, ring->epoch);
        break;
    default:
        break;
    }
    return TRUE;
}

/* Until when the ring's process was seen. */
static gint64 end_of(const struct measuring *m, guint32 ring)
{
    const weft_trace *trace = m->report->trace;
    const struct weft_trace_source *source = weft_trace_source_at(
        trace, weft_trace_source_of(trace, ring));
    return MIN(source->end_ns, weft_model_end_ns(m->report->model));
}

static void end_ring(gpointer key G_GNUC_UNUSED, gpointer value, gpointer data)
{
    struct ring_times *ring = value;
    gint64 end = end_of(data, ring->ring);
    note_losses(data, ring, G_MAXINT64);
    if (end > ring->iteration_ns)
        end_iteration(data, ring, end);
}

static void end_task(gpointer key G_GNUC_UNUSED, gpointer value, gpointer data)
{
    struct measuring *m = data;
    struct task_times *task = value;
    const guint32 ring = weft_id_ring(task->id);
    const struct ring_times *at = g_hash_table_lookup(m->rings, GUINT_TO_POINTER(ring));
    gint64 end = end_of(m, ring);
    if (!at || at->epoch != task->epoch)
        return;
    if (end > task->running_ns)
        end_slice(m, task, end);
    if (task->ready_ns >= 0 && end > task->ready_ns)
        spread_add(&m->report->ready, end - task->ready_ns);
    if (task->waiting_ns >= 0 && end > task->waiting_ns)
        spread_add(&m->report->waits[task->class], end - task->waiting_ns);
}

void report_measure(struct report *report)
{
    struct measuring m = {
        .report = report,
        .tasks = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free),
        .rings = g_hash_table_new_full(NULL, NULL, NULL, g_free),
    };
    m.losses = weft_model_losses(report->model, &m.n_losses);
    weft_model_visit(report->model, G_MININT64, G_MAXINT64, measure, &m);
    g_hash_table_foreach(m.rings, end_ring, &m);
    g_hash_table_foreach(m.tasks, end_task, &m);
    g_hash_table_destroy(m.tasks);
    g_hash_table_destroy(m.rings);
}
