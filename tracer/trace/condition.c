/* condition.c: see condition.h.
 *
 *      record --wanted[kind]?--> no: the next one
 *                            --> rings: slices (a stack: an eager start nests), iteration, tasks
 *                            --> tasks: waiting or ready since when (only if a term asks)
 *                            --> terms: does one of this kind hold?
 *
 * Most events concern no term: they cost a look into a table of bytes. */
#include "tracer/trace/condition.h"
#include "tracer/trace/conditionterm.h"
#include "tracer/trace/idtable.h"
#include <string.h>

enum { NESTED_MAX = 4096 }; /* slices: more are no program's */

struct span {
    uint64_t id, since;
    gboolean told; /* it held while it lasted */
};

struct ring_spans {
    struct span *slices; /* outermost first */
    guint n_slices, slices_capacity;
    struct span iteration;
    gboolean iterating;
    gint64 tasks; /* live */
};

struct task_span { /* of an idtable */
    uint64_t id, since;
    gboolean ready; /* else it waits */
    gboolean told;
};

struct weft_condition {
    GArray *terms;
    guint8 wanted[256]; /* by kind of record */
    gboolean asks[WEFT_TERMS];
    uint64_t least[WEFT_TERMS]; /* ticks: a span that is no longer holds for no term */
    double rate;                /* ticks per ns */
    GPtrArray *rings;
    struct weft_idtable tasks;
    gint64 n_tasks;
    guint64 lost;
    uint64_t next_look; /* at all that wait */
    /* The call that is going on: */
    guint hits;
    struct weft_condition_hit *first;
};

/* ---- Making ---- */

static void want(weft_condition *c, const guint8 *kinds, gsize n)
{
    for (gsize i = 0; i < n; i++)
        c->wanted[kinds[i]] = TRUE;
}

static void want_events_of(weft_condition *c, enum weft_term_kind kind)
{
    static const guint8 slice[] = { WEFT_RECORD_RESUME, WEFT_RECORD_SUSPEND,
                                    WEFT_RECORD_TASK_DONE },
                        span[] = { WEFT_RECORD_WAKE, WEFT_RECORD_RESUME, WEFT_RECORD_SUSPEND,
                                   WEFT_RECORD_TASK_DONE, WEFT_RECORD_TASK_FREE },
                        iteration[] = { WEFT_RECORD_ITERATION, WEFT_RECORD_POLL_BEGIN,
                                        WEFT_RECORD_LOOP_CLOSE },
                        tasks[] = { WEFT_RECORD_TASK_NEW, WEFT_RECORD_TASK_DONE,
                                    WEFT_RECORD_SNAPSHOT },
                        failure[] = { WEFT_RECORD_TASK_DONE, WEFT_RECORD_ERROR_UNRETRIEVED },
                        mark[] = { WEFT_RECORD_MARK },
                        counter[] = { WEFT_RECORD_OBJECT_NAME, WEFT_RECORD_COUNTER };
    static const struct {
        const guint8 *kinds;
        gsize n;
    } of[WEFT_TERMS] = {
#define KINDS(list) { list, G_N_ELEMENTS(list) }
        [WEFT_TERM_SLICE] = KINDS(slice),     [WEFT_TERM_READY] = KINDS(span),
        [WEFT_TERM_WAIT] = KINDS(span),       [WEFT_TERM_ITERATION] = KINDS(iteration),
        [WEFT_TERM_TASKS] = KINDS(tasks),     [WEFT_TERM_LOST] = { NULL, 0 },
        [WEFT_TERM_ERROR] = KINDS(failure),   [WEFT_TERM_MARK] = KINDS(mark),
        [WEFT_TERM_COUNTER] = KINDS(counter), [WEFT_TERM_FINDING] = { NULL, 0 },
        [WEFT_TERM_RULE] = { NULL, 0 },
#undef KINDS
    };
    want(c, of[kind].kinds, of[kind].n);
}

static struct weft_term *term_at(const weft_condition *c, guint i)
{
    return &g_array_index(c->terms, struct weft_term, i);
}

static void free_ring(gpointer data)
{
    struct ring_spans *ring = data;
    if (ring)
        g_free(ring->slices);
    g_free(ring);
}

weft_condition *weft_condition_parse(const char *text, gsize size,
                                     const struct weft_condition_rule *rules, GError **error)
{
    GArray *terms = weft_condition_parse_terms(text, size, rules, error);
    if (!terms)
        return NULL;
    weft_condition *c = g_new0(weft_condition, 1);
    c->terms = terms;
    c->rings = g_ptr_array_new_with_free_func(free_ring);
    weft_idtable_init(&c->tasks, sizeof(struct task_span));
    weft_condition_set_rate(c, 0);
    for (guint i = 0; i < terms->len; i++) {
        struct weft_term *term = term_at(c, i);
        c->asks[term->kind] = TRUE;
        want_events_of(c, term->kind);
        if (term->kind == WEFT_TERM_MARK || term->kind == WEFT_TERM_COUNTER) {
            term->strings = g_hash_table_new(NULL, NULL);
            term->counters = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
        }
    }
    return c;
}

void weft_condition_free(weft_condition *c)
{
    if (!c)
        return;
    g_array_unref(c->terms);
    g_ptr_array_unref(c->rings);
    weft_idtable_finish(&c->tasks);
    g_free(c);
}

gboolean weft_condition_finding(const weft_condition *c, guint n,
                                struct weft_condition_finding *finding)
{
    for (guint i = 0; i < c->terms->len; i++) {
        const struct weft_term *term = term_at(c, i);
        if ((term->kind != WEFT_TERM_FINDING && term->kind != WEFT_TERM_RULE) || n-- > 0)
            continue;
        gboolean rule = term->kind == WEFT_TERM_RULE;
        *finding = (struct weft_condition_finding){ .term = term->text,
                                                    .rule = rule ? term->name : NULL,
                                                    .severity = rule ? NULL : term->name,
                                                    .limit = rule ? term->limit : -1 };
        return TRUE;
    }
    return FALSE;
}

void weft_condition_set_rate(weft_condition *c, double ticks_per_ns)
{
    c->rate = ticks_per_ns;
    for (guint kind = 0; kind < WEFT_TERMS; kind++)
        c->least[kind] = UINT64_MAX;
    for (guint i = 0; i < c->terms->len; i++) {
        struct weft_term *term = term_at(c, i);
        double ticks = (double)term->limit * ticks_per_ns;
        term->limit_ticks = ticks > 0 && ticks < 1.8e19 ? (uint64_t)ticks : UINT64_MAX;
        if (term->limit == 0 && ticks_per_ns > 0)
            term->limit_ticks = 0;
        c->least[term->kind] = MIN(c->least[term->kind], term->limit_ticks);
    }
}

gboolean weft_condition_needs_strings(const weft_condition *c)
{
    return c->asks[WEFT_TERM_MARK] || c->asks[WEFT_TERM_COUNTER];
}

void weft_condition_string(weft_condition *c, guint32 id, const char *text, gsize size)
{
    for (guint i = 0; i < c->terms->len; i++) {
        struct weft_term *term = term_at(c, i);
        if (term->strings && strlen(term->name) == size && memcmp(term->name, text, size) == 0)
            g_hash_table_add(term->strings, GUINT_TO_POINTER(id));
    }
}

/* ---- It holds ---- */

static void hit(weft_condition *c, const struct weft_term *term, uint64_t time, uint64_t subject,
                gint64 value, gboolean lasts)
{
    if (c->hits++ == 0)
        *c->first = (struct weft_condition_hit){ term->text, time, subject, value, lasts };
}

/* A span of this kind is over, or (`lasts`) goes on. Returns whether it holds. */
static gboolean look_at_span(weft_condition *c, enum weft_term_kind kind, uint64_t id,
                             uint64_t since, uint64_t now, gboolean lasts)
{
    gboolean holds = FALSE;
    if (G_LIKELY(now <= since || now - since <= c->least[kind]))
        return FALSE;
    for (guint i = 0; i < c->terms->len; i++) {
        const struct weft_term *term = term_at(c, i);
        if (term->kind != kind || now - since <= term->limit_ticks)
            continue;
        holds = TRUE;
        hit(c, term, now, id, (gint64)((double)(now - since) / c->rate), lasts);
    }
    return holds;
}

/* A number of this kind has changed: it holds where it was not above its limit before. */
static void look_at_number(weft_condition *c, struct weft_term *term, uint64_t time,
                           uint64_t subject, gint64 value)
{
    gboolean above = value > term->limit;
    if (above && !term->above)
        hit(c, term, time, subject, value, FALSE);
    term->above = above;
}

/* ---- Slices and iterations: of a ring ---- */

static struct ring_spans *ring_of(weft_condition *c, guint32 index)
{
    if (index >= c->rings->len)
        g_ptr_array_set_size(c->rings, (gint)index + 1);
    struct ring_spans *ring = c->rings->pdata[index];
    if (!ring)
        ring = c->rings->pdata[index] = g_new0(struct ring_spans, 1);
    return ring;
}

static void begin_slice(struct ring_spans *ring, uint64_t task, uint64_t since)
{
    if (ring->n_slices == NESTED_MAX)
        return;
    if (ring->n_slices == ring->slices_capacity) {
        ring->slices_capacity = MAX(4, 2 * ring->slices_capacity);
        ring->slices = g_renew(struct span, ring->slices, ring->slices_capacity);
    }
    ring->slices[ring->n_slices++] = (struct span){ task, since, FALSE };
}

/* Ends the task's slice and, should they be wrong, those nested in it. */
static void end_slice(weft_condition *c, struct ring_spans *ring, const struct weft_record *record)
{
    for (guint i = ring->n_slices; i > 0; i--) {
        const struct span *slice = &ring->slices[i - 1];
        if (slice->id != record->subject)
            continue;
        ring->n_slices = i - 1;
        if (!slice->told)
            look_at_span(c, WEFT_TERM_SLICE, slice->id, slice->since, record->time, FALSE);
        return;
    }
}

static void apply_slice(weft_condition *c, struct ring_spans *ring,
                        const struct weft_record *record)
{
    if (record->kind == WEFT_RECORD_RESUME)
        begin_slice(ring, record->subject, record->time);
    else if (record->kind == WEFT_RECORD_SUSPEND || record->kind == WEFT_RECORD_TASK_DONE)
        end_slice(c, ring, record);
}

static void apply_iteration(weft_condition *c, struct ring_spans *ring,
                            const struct weft_record *record)
{
    if (ring->iterating && !ring->iteration.told)
        look_at_span(c, WEFT_TERM_ITERATION, ring->iteration.id, ring->iteration.since,
                     record->time, FALSE);
    ring->iterating = record->kind == WEFT_RECORD_ITERATION;
    ring->iteration = (struct span){ .id = record->subject, .since = record->time };
}

/* ---- Waits: of a task ---- */

static void end_task_span(weft_condition *c, const struct task_span *task, uint64_t time)
{
    if (task->since && !task->told)
        look_at_span(c, task->ready ? WEFT_TERM_READY : WEFT_TERM_WAIT, task->id, task->since, time,
                     FALSE);
}

static void apply_task_span(weft_condition *c, const struct weft_record *record)
{
    struct task_span *task = weft_idtable_find(&c->tasks, record->subject);
    if (task)
        end_task_span(c, task, record->time);
    gboolean begins = record->kind == WEFT_RECORD_WAKE || record->kind == WEFT_RECORD_SUSPEND;
    if (!begins && record->kind != WEFT_RECORD_RESUME) {
        weft_idtable_remove(&c->tasks, record->subject);
        return;
    }
    if (!task && record->subject)
        task = weft_idtable_add(&c->tasks, record->subject);
    if (!task)
        return;
    task->since = begins ? record->time : 0;
    task->ready = record->kind == WEFT_RECORD_WAKE || record->detail == WEFT_AWAIT_YIELD;
    task->told = FALSE;
}

/* ---- Numbers ---- */

static void count_tasks(weft_condition *c, uint64_t time)
{
    for (guint i = 0; i < c->terms->len; i++)
        if (term_at(c, i)->kind == WEFT_TERM_TASKS)
            look_at_number(c, term_at(c, i), time, 0, c->n_tasks);
}

static void apply_tasks(weft_condition *c, struct ring_spans *ring,
                        const struct weft_record *record)
{
    gint64 before = ring->tasks;
    if (record->kind == WEFT_RECORD_TASK_NEW)
        ring->tasks++;
    else if (record->kind == WEFT_RECORD_TASK_DONE)
        ring->tasks -= ring->tasks > 0; /* after a loss, more may end than began */
    else if (record->kind == WEFT_RECORD_SNAPSHOT)
        ring->tasks = (gint64)MIN(record->object, G_MAXINT32);
    if (ring->tasks == before)
        return;
    c->n_tasks += ring->tasks - before;
    count_tasks(c, record->time);
}

static void apply_counter(weft_condition *c, struct weft_term *term,
                          const struct weft_record *record)
{
    if (record->kind == WEFT_RECORD_COUNTER) {
        if (g_hash_table_contains(term->counters, &record->subject))
            look_at_number(c, term, record->time, record->subject, (gint64)record->object);
    } else if (record->kind == WEFT_RECORD_OBJECT_NAME &&
               weft_id_kind(record->subject) == WEFT_ENTITY_COUNTER &&
               g_hash_table_contains(term->strings, GUINT_TO_POINTER((guint32)record->object))) {
        g_hash_table_add(term->counters, g_memdup2(&record->subject, sizeof record->subject));
    }
}

static void apply_to_terms(weft_condition *c, const struct weft_record *record)
{
    for (guint i = 0; i < c->terms->len; i++) {
        struct weft_term *term = term_at(c, i);
        if (term->kind == WEFT_TERM_COUNTER)
            apply_counter(c, term, record);
        else if (term->kind == WEFT_TERM_MARK && record->kind == WEFT_RECORD_MARK &&
                 g_hash_table_contains(term->strings, GUINT_TO_POINTER((guint32)record->object)))
            hit(c, term, record->time, 0, 0, FALSE);
        else if (term->kind == WEFT_TERM_ERROR &&
                 (record->kind == WEFT_RECORD_ERROR_UNRETRIEVED ||
                  (record->kind == WEFT_RECORD_TASK_DONE && record->detail == WEFT_OUTCOME_ERROR)))
            hit(c, term, record->time, record->subject, 0, FALSE);
    }
}

/* ---- All ---- */

static void apply(weft_condition *c, struct ring_spans *ring, const struct weft_record *record)
{
    switch (record->kind) {
    case WEFT_RECORD_RESUME:
    case WEFT_RECORD_SUSPEND:
    case WEFT_RECORD_WAKE:
    case WEFT_RECORD_TASK_DONE:
    case WEFT_RECORD_TASK_FREE:
        if (c->asks[WEFT_TERM_SLICE])
            apply_slice(c, ring, record);
        if (c->asks[WEFT_TERM_WAIT] || c->asks[WEFT_TERM_READY])
            apply_task_span(c, record);
        if (record->kind != WEFT_RECORD_TASK_DONE)
            return; /* no other term wants it */
        break;
    case WEFT_RECORD_ITERATION:
    case WEFT_RECORD_POLL_BEGIN:
    case WEFT_RECORD_LOOP_CLOSE:
        apply_iteration(c, ring, record);
        return;
    }
    if (c->asks[WEFT_TERM_TASKS])
        apply_tasks(c, ring, record);
    if (c->asks[WEFT_TERM_ERROR] || weft_condition_needs_strings(c))
        apply_to_terms(c, record);
}

static void begin_call(weft_condition *c, struct weft_condition_hit *first)
{
    c->hits = 0;
    c->first = first;
}

guint weft_condition_events(weft_condition *c, guint32 ring_index,
                            const struct weft_record *records, guint n,
                            struct weft_condition_hit *first)
{
    begin_call(c, first);
    struct ring_spans *ring = ring_of(c, ring_index);
    for (guint i = 0; i < n; i++) {
        if (c->wanted[records[i].kind])
            apply(c, ring, &records[i]);
        if (G_UNLIKELY(records[i].flags & WEFT_RECORD_EXT)) {
            __asm__ volatile(""); /* a branch: where the next one is need not wait for the flags */
            i++;
        }
    }
    return c->hits;
}

guint weft_condition_loss(weft_condition *c, guint32 ring_index, guint64 lost, uint64_t time,
                          struct weft_condition_hit *first)
{
    begin_call(c, first);
    struct ring_spans *ring = ring_of(c, ring_index);
    ring->n_slices = 0;
    ring->iterating = FALSE;
    for (guint i = 0; i < weft_idtable_n(&c->tasks); i++) {
        struct task_span *task = weft_idtable_at(&c->tasks, i);
        if (task && weft_id_ring(task->id) == ring_index)
            weft_idtable_remove(&c->tasks, task->id);
    }
    c->lost += lost;
    for (guint i = 0; i < c->terms->len; i++)
        if (term_at(c, i)->kind == WEFT_TERM_LOST && c->lost > (guint64)term_at(c, i)->limit)
            hit(c, term_at(c, i), time, 0, (gint64)c->lost, FALSE);
    return c->hits;
}

static void look_at_ring(weft_condition *c, struct ring_spans *ring, uint64_t time)
{
    for (guint i = 0; i < ring->n_slices; i++) {
        struct span *slice = &ring->slices[i];
        if (!slice->told)
            slice->told = look_at_span(c, WEFT_TERM_SLICE, slice->id, slice->since, time, TRUE);
    }
    if (ring->iterating && !ring->iteration.told)
        ring->iteration.told = look_at_span(c, WEFT_TERM_ITERATION, ring->iteration.id,
                                            ring->iteration.since, time, TRUE);
}

/* There may be many of them: no more often than every 100 ms. */
static void look_at_tasks(weft_condition *c, uint64_t time)
{
    if (time < c->next_look)
        return;
    c->next_look = time + (uint64_t)(c->rate * 1e8);
    for (guint i = 0; i < weft_idtable_n(&c->tasks); i++) {
        struct task_span *task = weft_idtable_at(&c->tasks, i);
        if (task && task->since && !task->told)
            task->told = look_at_span(c, task->ready ? WEFT_TERM_READY : WEFT_TERM_WAIT, task->id,
                                      task->since, time, TRUE);
    }
}

static void begin_task(weft_condition *c, const struct weft_task_at *at)
{
    struct ring_spans *ring = ring_of(c, weft_id_ring(at->id));
    ring->tasks += at->state != WEFT_STATE_DONE;
    gboolean waits = at->state == WEFT_STATE_WAITING || at->state == WEFT_STATE_CANCELLING;
    if ((waits || at->state == WEFT_STATE_READY) && at->since_ns > 0)
        *(struct task_span *)weft_idtable_add(&c->tasks, at->id) = (struct task_span){
            .id = at->id, .since = (uint64_t)at->since_ns, .ready = !waits
        };
}

/* Those that run do not wait. */
static void begin_slices(weft_condition *c, const weft_state *state, uint32_t index)
{
    guint n;
    const uint64_t *running = weft_state_all_running(state, index, &n);
    for (guint i = 0; i < n; i++) {
        const struct weft_task_at *task = weft_state_task(state, running[i]);
        weft_idtable_remove(&c->tasks, running[i]);
        if (task && task->since_ns > 0)
            begin_slice(ring_of(c, index), running[i], (uint64_t)task->since_ns);
    }
}

guint weft_condition_begin(weft_condition *c, const weft_state *state, uint64_t time,
                           struct weft_condition_hit *first)
{
    begin_call(c, first);
    guint n;
    const struct weft_task_at **tasks = weft_state_tasks(state, &n);
    for (guint i = 0; i < n; i++)
        begin_task(c, tasks[i]);
    for (uint32_t ring = 0; ring < weft_state_n_rings(state); ring++) {
        begin_slices(c, state, ring);
        c->n_tasks += ring_of(c, ring)->tasks;
    }
    count_tasks(c, time);
    return c->hits;
}

guint weft_condition_now(weft_condition *c, uint64_t time, struct weft_condition_hit *first)
{
    begin_call(c, first);
    for (guint i = 0; i < c->rings->len; i++)
        if (c->rings->pdata[i])
            look_at_ring(c, c->rings->pdata[i], time);
    look_at_tasks(c, time);
    return c->hits;
}
