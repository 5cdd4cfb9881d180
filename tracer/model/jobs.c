/* jobs.c: see jobs.h. */
#include "tracer/model/jobs.h"
#include "tracer/model/around.h"
#include "tracer/model/model_private.h"

struct jobs {
    weft_model *model;
    guint n_known;            /* the model's chunks when they were listed */
    GHashTable *rings;        /* of what is no loop's: ring → GArray of guint, chunks in order */
    GHashTable *read;         /* set of chunks */
    struct weft_idtable runs; /* of struct jobs_run */
};

struct jobs *jobs_new(weft_model *model)
{
    struct jobs *jobs = g_new0(struct jobs, 1);
    jobs->model = model;
    jobs->rings = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
    jobs->read = g_hash_table_new(NULL, NULL);
    weft_idtable_init(&jobs->runs, sizeof(struct jobs_run));
    return jobs;
}

void jobs_free(struct jobs *jobs)
{
    if (!jobs)
        return;
    g_hash_table_unref(jobs->rings);
    g_hash_table_unref(jobs->read);
    weft_idtable_finish(&jobs->runs);
    g_free(jobs);
}

/* A live trace has grown since. */
static void list_chunks(struct jobs *jobs)
{
    for (; jobs->n_known < jobs->model->n_chunks; jobs->n_known++) {
        guint32 ring = weft_trace_chunk(jobs->model->trace, jobs->n_known)->ring;
        GArray *chunks = g_hash_table_lookup(jobs->rings, GUINT_TO_POINTER(ring));
        if (loop_lane_of(jobs->model, ring) != NO_LANE)
            continue;
        if (!chunks) {
            chunks = g_array_new(FALSE, FALSE, sizeof(guint));
            g_hash_table_insert(jobs->rings, GUINT_TO_POINTER(ring), chunks);
        }
        g_array_append_val(chunks, jobs->n_known);
    }
}

static gboolean note(const struct weft_event_view *event, gpointer data)
{
    struct jobs *jobs = data;
    const struct weft_record *r = &event->record;
    if ((r->kind != WEFT_RECORD_WORK_BEGIN && r->kind != WEFT_RECORD_WORK_END) || !r->subject)
        return TRUE;
    struct jobs_run *run = weft_idtable_find(&jobs->runs, r->subject);
    if (!run) {
        run = weft_idtable_add(&jobs->runs, r->subject);
        run->begin_ns = run->end_ns = G_MAXINT64;
    }
    if (r->kind == WEFT_RECORD_WORK_BEGIN) {
        run->thread = r->object;
        run->begin_ns = (gint64)r->time;
    } else {
        run->end_ns = (gint64)r->time;
    }
    return TRUE;
}

/* The chunk of t, and the one before it. */
static void read_around(struct jobs *jobs, const GArray *chunks, gint64 t_ns)
{
    guint low = 0, high = chunks->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        guint chunk = g_array_index(chunks, guint, middle);
        if (weft_trace_chunk(jobs->model->trace, chunk)->first_ns <= t_ns)
            low = middle + 1;
        else
            high = middle;
    }
    for (guint i = low > 2 ? low - 2 : 0; i < low; i++) {
        guint chunk = g_array_index(chunks, guint, i);
        if (g_hash_table_add(jobs->read, GUINT_TO_POINTER(chunk)))
            model_visit_chunk(jobs->model, chunk, note, jobs);
    }
}

static const struct jobs_run *ended(const struct jobs *jobs, uint64_t job, gint64 t_ns)
{
    const struct jobs_run *run = weft_idtable_find(&jobs->runs, job);
    return run && run->begin_ns <= run->end_ns && run->end_ns <= t_ns ? run : NULL;
}

const struct jobs_run *jobs_ended(struct jobs *jobs, uint64_t job, gint64 t_ns)
{
    const struct jobs_run *run = ended(jobs, job, t_ns);
    GHashTableIter at;
    gpointer chunks;
    if (run)
        return run;
    list_chunks(jobs);
    g_hash_table_iter_init(&at, jobs->rings);
    while (g_hash_table_iter_next(&at, NULL, &chunks))
        read_around(jobs, chunks, t_ns);
    return ended(jobs, job, t_ns);
}
