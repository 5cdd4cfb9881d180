/* pool.c: pool-saturated: jobs that waited for long until a thread of the pool began them.
 *
 *   WORK_SUBMIT, in the loop's ring  \
 *                                     > | job | both times |   the second that is read judges
 *   WORK_BEGIN, in the worker's ring /
 *
 * How long a job runs, or how late its loop hears of its end, is not the pool's fault. */
#include "tracer/model/findings/found.h"
#include "tracer/trace/idtable.h"

enum { STRAYS = 4096 }; /* jobs begun whose submission may have been lost: no more are kept */

struct job {
    uint64_t id;
    gint64 submitted_ns, begun_ns; /* G_MININT64: not seen */
    uint64_t by;                   /* the task that submitted it */
    guint64 before;                /* jobs that waited already */
    guint32 site;
};

struct pool {
    weft_findings *f;
    struct weft_idtable jobs; /* of struct job: those that wait, and strays */
    guint strays;
};

static char *tell(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    say(s, "A job");
    if (found->pub.subject) {
        say(s, " of ");
        say_subject(s, f->model, found->pub.subject);
    }
    say_site(s, f->model, " at ", found->pub.site);
    say(s, found->pub.lasts ? " has waited " : " waited ");
    say_duration(s, found->worst_ns);
    say(s, " for a thread of the pool");
    if (found->numbers[0] > 0)
        say(s, ", behind %" G_GINT64_FORMAT " other%s", found->numbers[0],
            found->numbers[0] == 1 ? "" : "s");
    say_more(s, found, "jobs");
    return g_strdup("Give the pool more threads (.threads of weft_run(); Python: max_workers of "
                    "the executor), or jobs that take long a pool of their own");
}

static void judge(struct pool *pool, const struct job *job, gint64 until_ns, gboolean lasts)
{
    weft_findings *f = pool->f;
    const struct watched_ring *ring = findings_ring(f, weft_id_ring(job->id));
    if (!ring)
        return;
    gint64 ns = findings_span(ring, job->submitted_ns, until_ns);
    if (ns < findings_threshold(f, WEFT_THRESHOLD_POOL_SATURATED))
        return;
    gboolean worst;
    struct alike alike = { RULE_POOL_SATURATED, { ring->index } };
    struct found *found = found_add(f, alike, job->by, job->submitted_ns, ns, WEFT_SEVERITY_WARNING,
                                    &worst);
    found->tell = tell;
    found_name(found, job->by);
    if (!worst)
        return;
    found->pub.lasts = lasts;
    found->pub.site = job->site;
    found->pub.from_ns = job->submitted_ns;
    found->pub.to_ns = until_ns;
    found->numbers[0] = (gint64)MIN(job->before, G_MAXINT64);
    found_name(found, job->id);
}

static struct job *add(struct pool *pool, uint64_t id)
{
    struct job *job = weft_idtable_add(&pool->jobs, id);
    job->submitted_ns = job->begun_ns = G_MININT64;
    return job;
}

static void take_out(struct pool *pool, const struct job *job)
{
    pool->strays -= job->submitted_ns == G_MININT64;
    weft_idtable_remove(&pool->jobs, job->id);
}

static void submitted(struct pool *pool, struct job *job, const struct happening *h)
{
    if (job)
        pool->strays -= job->submitted_ns == G_MININT64;
    else
        job = add(pool, h->record->subject);
    uint64_t by = weft_state_running(pool->f->state, h->ring->index);
    job->submitted_ns = h->time_ns;
    job->site = h->record->site;
    job->by = weft_id_kind(by) == WEFT_ENTITY_TASK ? by : 0;
    job->before = h->record->object;
    if (job->begun_ns == G_MININT64)
        return;
    judge(pool, job, job->begun_ns, FALSE);
    take_out(pool, job);
}

static void begun(struct pool *pool, struct job *job, const struct happening *h)
{
    if (job && job->submitted_ns != G_MININT64) {
        judge(pool, job, h->time_ns, FALSE);
        take_out(pool, job);
    } else if (!job && pool->strays < STRAYS) {
        pool->strays++;
        add(pool, h->record->subject)->begun_ns = h->time_ns;
    }
}

static void on_record(gpointer self, const struct happening *h)
{
    struct pool *pool = self;
    const struct weft_record *r = h->record;
    if (weft_id_kind(r->subject) != WEFT_ENTITY_JOB)
        return;
    struct job *job = weft_idtable_find(&pool->jobs, r->subject);
    if (r->kind == WEFT_RECORD_WORK_SUBMIT)
        submitted(pool, job, h);
    else if (r->kind == WEFT_RECORD_WORK_BEGIN)
        begun(pool, job, h);
    else if (job && job->submitted_ns != G_MININT64) /* withdrawn */
        take_out(pool, job);
}

/* Whether they began is not known: by a ring that was lost, any may have been begun. */
static void lose(gpointer self, struct watched_ring *ring, guint64 slots, gint64 from_ns,
                 gint64 to_ns)
{
    (void)ring, (void)slots, (void)from_ns, (void)to_ns;
    struct pool *pool = self;
    for (guint i = 0; i < weft_idtable_n(&pool->jobs); i++) {
        const struct job *job = weft_idtable_at(&pool->jobs, i);
        if (job)
            take_out(pool, job);
    }
}

/* A worker's ring may lag behind the loop's: those that still wait are known at the end only. */
static void now(gpointer self, gint64 now_ns, gboolean ended)
{
    (void)now_ns;
    struct pool *pool = self;
    weft_findings *f = pool->f;
    for (guint i = 0; i < f->rings->len; i++)
        if (f->rings->pdata[i] && !findings_end_known(f, f->rings->pdata[i]))
            return;
    for (guint i = 0; ended && i < weft_idtable_n(&pool->jobs); i++) {
        const struct job *job = weft_idtable_at(&pool->jobs, i);
        const struct watched_ring *ring = job ? findings_ring(f, weft_id_ring(job->id)) : NULL;
        if (ring && job->submitted_ns != G_MININT64)
            judge(pool, job, ring->now_ns, TRUE);
    }
}

static gpointer new_pool(weft_findings *f)
{
    struct pool *pool = g_new0(struct pool, 1);
    pool->f = f;
    weft_idtable_init(&pool->jobs, sizeof(struct job));
    return pool;
}

static void free_pool(gpointer self)
{
    weft_idtable_finish(&((struct pool *)self)->jobs);
    g_free(self);
}

const struct family pool_family = {
    .before = KIND(WORK_SUBMIT) | KIND(WORK_BEGIN) | KIND(WORK_END),
    .new = new_pool,
    .free = free_pool,
    .before_record = on_record,
    .lose = lose,
    .now = now,
};
