/* leaks.c: task-leak: ever more tasks of one place in the program live.
 *
 *   live:  |            . : | : :  at some 64 moments of the run, when the loop polls; sparser the
 *          |    . . : : : : | : :  longer it goes
 *          |----- run ----->|half     in the last half never fewer than before, and most times more
 *
 * It is judged at the end of what was read, or when the loop ends and cancels those that are left.
 * Only tasks whose creation was seen count. */
#include "tracer/model/findings/found.h"
#include "tracer/trace/idtable.h"
#include <string.h>

enum {
    SAMPLES = 64,
    SAMPLES_MIN = 8,  /* in the last half of the run */
    WORTH_A_LOOK = 16 /* sites of fewer tasks are not sampled */
};

struct leak_site {
    uint64_t id;    /* ring + 1, and the site */
    uint64_t first; /* of its tasks */
    guint32 live;
    guint32 *samples; /* NULL: few so far */
    gboolean told;
};

struct leak_run { /* of a ring's loop, as far as seen */
    gint64 since_ns;
    gint64 times[SAMPLES], step_ns;
    guint n;
    gboolean seen, fresh; /* fresh: tasks were created since it was judged */
};

struct leaks {
    weft_findings *f;
    struct weft_idtable places; /* of struct leak_site */
    GPtrArray *runs;            /* by ring; of struct leak_run *, NULL */
};

static uint64_t key_of(uint32_t ring, guint32 site)
{
    return (uint64_t)(ring + 1) << 32 | site;
}

static gboolean is_of(const struct leak_site *place, uint32_t ring)
{
    return place && place->id >> 32 == ring + 1;
}

static struct leak_run *run_of(struct leaks *leaks, uint32_t ring, gint64 ns)
{
    if (ring >= leaks->runs->len)
        g_ptr_array_set_size(leaks->runs, (gint)ring + 1);
    struct leak_run *run = leaks->runs->pdata[ring];
    if (!run)
        run = leaks->runs->pdata[ring] = g_new0(struct leak_run, 1);
    if (!run->seen)
        *run = (struct leak_run){ .since_ns = ns, .step_ns = 1000000, .seen = TRUE };
    return run;
}

/* ---- Judging ---- */

static char *tell(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    say(s, "Ever more tasks made");
    say_site(s, f->model, " at ", found->pub.site);
    say(s,
        " live: %" G_GINT64_FORMAT ", which is %" G_GINT64_FORMAT " more than at half of the "
        "run, and never fewer in between",
        found->numbers[0], found->numbers[1]);
    return g_strdup("Look at what they wait for: end or cancel them when their work is over, and "
                    "limit how many there are at once, with a semaphore or workers at a queue");
}

/* How many more there are than at half of the run; 0: they do not only grow. */
static guint32 growth(const struct leak_run *run, const struct leak_site *place, gint64 until_ns)
{
    gint64 half_ns = run->since_ns + (until_ns - run->since_ns) / 2;
    guint from = run->n;
    while (from > 0 && run->times[from - 1] >= half_ns)
        from--;
    if (run->n - from < SAMPLES_MIN)
        return 0;
    guint steps = run->n - from - 1, grown = 0;
    for (guint i = from + 1; i < run->n; i++) {
        if (place->samples[i] < place->samples[i - 1])
            return 0;
        grown += place->samples[i] > place->samples[i - 1];
    }
    /* A loop that was not let run, or polled twice for a timer, had none made; a program that began
     * many at once, and then no more, does not leak. */
    if (grown * 4 < steps * 3)
        return 0;
    return place->live < place->samples[run->n - 1] ? 0 : place->live - place->samples[from];
}

static void judge(struct leaks *leaks, const struct leak_run *run, struct leak_site *place,
                  gint64 until_ns, gboolean lasts)
{
    weft_findings *f = leaks->f;
    guint32 site = (guint32)place->id;
    const struct watched_ring *ring = findings_ring(f, (uint32_t)(place->id >> 32) - 1);
    gint64 ns = findings_span(ring, run->since_ns, until_ns);
    if (place->told || !place->samples || ns < findings_threshold(f, WEFT_THRESHOLD_LEAK_RUN))
        return;
    guint32 more = growth(run, place, until_ns);
    if (more == 0 || more < findings_threshold(f, WEFT_THRESHOLD_LEAK_TASKS))
        return;
    gboolean worst;
    struct alike alike = { RULE_TASK_LEAK, { place->id } };
    struct found *found = found_add(f, alike, place->first, run->since_ns, ns,
                                    WEFT_SEVERITY_WARNING, &worst);
    found->tell = tell;
    found->pub.subject = 0; /* no single task's fault */
    found->pub.lasts = lasts;
    found->pub.site = site;
    found->pub.from_ns = run->since_ns + (until_ns - run->since_ns) / 2;
    found->pub.to_ns = until_ns;
    found->numbers[0] = place->live;
    found->numbers[1] = more;
    place->told = !lasts;
}

static void judge_all(struct leaks *leaks, uint32_t ring, const struct leak_run *run,
                      gint64 until_ns, gboolean lasts)
{
    for (guint i = 0; i < weft_idtable_n(&leaks->places); i++) {
        struct leak_site *place = weft_idtable_at(&leaks->places, i);
        if (is_of(place, ring))
            judge(leaks, run, place, until_ns, lasts);
    }
}

/* ---- Counting ---- */

/* Every second sample goes. */
static void thin_out(struct leaks *leaks, uint32_t ring, struct leak_run *run)
{
    run->n = SAMPLES / 2;
    run->step_ns *= 2;
    for (guint i = 0; i < run->n; i++)
        run->times[i] = run->times[2 * i + 1];
    for (guint k = 0; k < weft_idtable_n(&leaks->places); k++) {
        const struct leak_site *place = weft_idtable_at(&leaks->places, k);
        for (guint i = 0; is_of(place, ring) && place->samples && i < run->n; i++)
            place->samples[i] = place->samples[2 * i + 1];
    }
}

static void sample(struct leaks *leaks, const struct happening *h)
{
    uint32_t ring = h->ring->index;
    struct leak_run *run = run_of(leaks, ring, h->time_ns);
    if (run->n && h->time_ns - run->times[run->n - 1] < run->step_ns)
        return;
    if (run->n == SAMPLES)
        thin_out(leaks, ring, run);
    run->times[run->n] = h->time_ns;
    for (guint i = 0; i < weft_idtable_n(&leaks->places); i++) {
        struct leak_site *place = weft_idtable_at(&leaks->places, i);
        if (!is_of(place, ring))
            continue;
        if (!place->samples && place->live >= WORTH_A_LOOK)
            place->samples = g_new0(guint32, SAMPLES);
        if (place->samples)
            place->samples[run->n] = place->live;
    }
    run->n++;
}

static void created(struct leaks *leaks, const struct happening *h)
{
    run_of(leaks, h->ring->index, h->time_ns)->fresh = TRUE;
    if (!h->record->site)
        return;
    struct leak_site *place = weft_idtable_add(&leaks->places,
                                               key_of(h->ring->index, h->record->site));
    place->live++;
    if (!place->first)
        place->first = h->record->subject;
}

static void ended(struct leaks *leaks, const struct happening *h)
{
    const struct weft_task_at *task = weft_state_task(leaks->f->state, h->record->subject);
    if (!task || task->state == WEFT_STATE_DONE || !task->created_site ||
        findings_time(task->created_ns) < run_of(leaks, h->ring->index, h->time_ns)->since_ns)
        return;
    struct leak_site *place = weft_idtable_find(&leaks->places,
                                                key_of(h->ring->index, task->created_site));
    if (place)
        place->live -= place->live > 0;
}

/* Nobody's slice runs, and a task is cancelled: the loop ends. */
static void cancelled(struct leaks *leaks, const struct happening *h)
{
    struct leak_run *run = run_of(leaks, h->ring->index, h->time_ns);
    if (!run->fresh || h->record->object || weft_state_running(leaks->f->state, h->ring->index))
        return;
    run->fresh = FALSE;
    judge_all(leaks, h->ring->index, run, h->time_ns, FALSE);
}

static void on_record(gpointer self, const struct happening *h)
{
    switch (h->record->kind) {
    case WEFT_RECORD_TASK_NEW:
        created(self, h);
        break;
    case WEFT_RECORD_TASK_DONE:
    case WEFT_RECORD_TASK_FREE:
        ended(self, h);
        break;
    case WEFT_RECORD_CANCEL_REQUEST:
        cancelled(self, h);
        break;
    case WEFT_RECORD_POLL_BEGIN:
        sample(self, h);
        break;
    }
}

/* It begins anew. */
static void lose(gpointer self, struct watched_ring *ring, guint64 slots, gint64 from_ns,
                 gint64 to_ns)
{
    (void)slots, (void)from_ns;
    struct leaks *leaks = self;
    run_of(leaks, ring->index, to_ns)->seen = FALSE;
    run_of(leaks, ring->index, to_ns);
    for (guint i = 0; i < weft_idtable_n(&leaks->places); i++) {
        const struct leak_site *place = weft_idtable_at(&leaks->places, i);
        if (!is_of(place, ring->index))
            continue;
        g_free(place->samples);
        weft_idtable_remove(&leaks->places, place->id);
    }
}

static void now(gpointer self, gint64 now_ns, gboolean over)
{
    (void)now_ns, (void)over;
    struct leaks *leaks = self;
    for (guint i = 0; i < leaks->runs->len; i++) {
        const struct leak_run *run = leaks->runs->pdata[i];
        const struct watched_ring *ring = run ? findings_ring(leaks->f, i) : NULL;
        if (run && findings_end_known(leaks->f, ring))
            judge_all(leaks, i, run, ring->now_ns, TRUE);
    }
}

static gpointer new_leaks(weft_findings *f)
{
    struct leaks *leaks = g_new0(struct leaks, 1);
    leaks->f = f;
    leaks->runs = g_ptr_array_new_with_free_func(g_free);
    weft_idtable_init(&leaks->places, sizeof(struct leak_site));
    return leaks;
}

static void free_leaks(gpointer self)
{
    struct leaks *leaks = self;
    for (guint i = 0; i < weft_idtable_n(&leaks->places); i++) {
        const struct leak_site *place = weft_idtable_at(&leaks->places, i);
        if (place)
            g_free(place->samples);
    }
    weft_idtable_finish(&leaks->places);
    g_ptr_array_unref(leaks->runs);
    g_free(leaks);
}

const struct family leaks_family = {
    .before = KIND(TASK_NEW) | KIND(TASK_DONE) | KIND(TASK_FREE) | KIND(CANCEL_REQUEST) |
              KIND(POLL_BEGIN),
    .new = new_leaks,
    .free = free_leaks,
    .before_record = on_record,
    .lose = lose,
    .now = now,
};
