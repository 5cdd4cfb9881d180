/* topsample.c: see topsample.h. */
#include "app/cli/topsample.h"
#include "app/cli/tasklist.h"
#include "tracer/model/stats.h"

#include <string.h>

enum { EVENTS_KEPT = 10 * 1000 * 1000 };
static const gint64 held_ns = 100 * G_GINT64_CONSTANT(1000000);

struct before { /* a loop's lane's totals at the last sample */
    gint64 busy_ns, poll_ns;
    guint64 count;
};

struct top {
    guint64 pid;
    weft_live *live;
    weft_model *model;
    GHashTable *before;        /* of a loop: lane -> struct before * */
    GArray *resumes;           /* by lane: of guint32, how many at the last sample */
    gint64 now_ns, sampled_ns; /* stays where it was when the program ended */
    struct top_sample sample;
};

static void clear_row(gpointer data)
{
    struct top_row *row = data;
    g_free(row->name);
    g_free(row->awaits);
    g_free(row->where);
}

static void attach(top *t, weft_live *live)
{
    t->live = live;
    t->model = weft_model_new(weft_live_trace(live));
    t->before = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    t->resumes = g_array_new(FALSE, FALSE, sizeof(guint32));
    t->now_ns = t->sampled_ns = weft_live_now_ns(live);
}

static void detach(top *t)
{
    g_clear_pointer(&t->before, g_hash_table_unref);
    g_clear_pointer(&t->resumes, g_array_unref);
    g_clear_pointer(&t->model, weft_model_free);
    g_clear_pointer(&t->live, weft_live_free);
}

top *top_new(guint64 pid, GError **error)
{
    weft_live *live = weft_live_attach(pid, error);
    if (!live)
        return NULL;
    top *t = g_new0(top, 1);
    t->pid = pid;
    t->sample.rows = g_array_new(FALSE, TRUE, sizeof(struct top_row));
    g_array_set_clear_func(t->sample.rows, clear_row);
    attach(t, live);
    return t;
}

static void forget_sentences(struct top_sample *s)
{
    g_clear_pointer(&s->counts, g_free);
    g_clear_pointer(&s->held, g_free);
    g_clear_pointer(&s->circle, g_free);
}

void top_free(top *t)
{
    if (!t)
        return;
    detach(t);
    forget_sentences(&t->sample);
    g_array_unref(t->sample.rows);
    g_free(t);
}

gboolean top_poll(top *t)
{
    weft_live_poll(t->live);
    weft_model_advance(t->model, 0);
    t->now_ns = MAX(t->now_ns, weft_live_now_ns(t->live));
    weft_model_set_now(t->model, t->now_ns);
    if (weft_model_events(t->model) < EVENTS_KEPT || weft_live_ended(t->live))
        return TRUE;
    weft_live *live = weft_live_attach(t->pid, NULL);
    if (!live)
        return FALSE;
    detach(t);
    attach(t, live);
    return TRUE;
}

weft_model *top_model(const top *t)
{
    return t->model;
}

const weft_live *top_live(const top *t)
{
    return t->live;
}

/* ---- Shares ---- */

/* A loop's lane's totals less those of the sample before. */
static struct before since_last(top *t, guint lane)
{
    struct weft_totals totals;
    weft_model_totals(t->model, lane, &totals);
    struct before now = { .busy_ns = totals.running_ns + totals.callback_ns + totals.loop_ns,
                          .poll_ns = totals.poll_ns,
                          .count = totals.count };
    struct before *known = g_hash_table_lookup(t->before, GUINT_TO_POINTER(lane));
    struct before delta = now;
    if (known) {
        delta.busy_ns -= known->busy_ns;
        delta.poll_ns -= known->poll_ns;
        delta.count -= known->count;
        *known = now;
    } else {
        g_hash_table_insert(t->before, GUINT_TO_POINTER(lane), g_memdup2(&now, sizeof now));
    }
    return delta;
}

static double share(gint64 part, gint64 whole)
{
    return whole > 0 ? CLAMP((double)part / (double)whole, 0.0, 1.0) : 0;
}

static void sum_loops(top *t, double seconds)
{
    struct top_sample *s = &t->sample;
    gint64 busy = 0, poll = 0;
    guint64 iterations = 0;
    guint n = weft_model_n_lanes(t->model);
    for (guint i = 0; i < n; i++) {
        const struct weft_lane *lane = weft_model_lane(t->model, i);
        if (lane->kind != WEFT_LANE_LOOP && lane->kind != WEFT_LANE_ITERATIONS)
            continue;
        struct before delta = since_last(t, i);
        if (lane->kind == WEFT_LANE_ITERATIONS) {
            iterations += delta.count;
            continue;
        }
        busy += delta.busy_ns;
        poll += delta.poll_ns;
    }
    s->busy = share(busy, busy + poll);
    s->polling = share(poll, busy + poll);
    s->iterations = seconds > 0 ? (double)iterations / seconds : 0;
}

/* ---- Rows ---- */

static void describe(struct top_row *row, const struct weft_moment *m)
{
    const struct weft_task_at *task = weft_state_task(m->state, row->id);
    if (!row->name)
        row->name = weft_moment_name(m, row->id);
    if (!row->where) {
        row->awaits = task ? tasklist_awaited(m, task) : g_strdup("");
        row->where = task ? weft_site_text(weft_moment_site(m, task)) : g_strdup("");
    }
}

void top_describe(top *t, guint first, guint n)
{
    GArray *rows = t->sample.rows;
    guint end = first + MIN(n, rows->len - MIN(first, rows->len));
    while (first < end && g_array_index(rows, struct top_row, first).where)
        first++;
    if (first == end)
        return;
    struct weft_moment m = weft_moment_new(weft_live_trace(t->live), weft_live_state(t->live),
                                           t->now_ns);
    for (; first < end; first++)
        describe(&g_array_index(rows, struct top_row, first), &m);
    weft_moment_clear(&m);
}

/* What it did since the last sample: of most of many tasks, what they did before. */
static void sum_task(top *t, const struct weft_task_at *task, gint64 now_ns, struct top_row *row)
{
    gint64 from = t->sampled_ns;
    double seconds = (double)(now_ns - from) / 1e9;
    if (task->since_ns <= from) {
        row->running = task->state == WEFT_STATE_RUNNING;
        row->ready = task->state == WEFT_STATE_READY;
        row->waiting = task->state == WEFT_STATE_WAITING;
        return;
    }
    struct weft_shares shares;
    guint lane = weft_model_lane_of(t->model, task->id);
    if (!weft_model_shares(t->model, lane, from, now_ns, &shares) || seconds <= 0)
        return;
    row->running = share(shares.running_ns, now_ns - from);
    row->ready = share(shares.ready_ns, now_ns - from);
    row->waiting = share(shares.rest_ns, now_ns - from);
    guint32 now = weft_model_lane(t->model, lane)->resumes, before = 0;
    if (lane < t->resumes->len) {
        before = g_array_index(t->resumes, guint32, lane);
        g_array_index(t->resumes, guint32, lane) = now;
    }
    row->resumes = (double)(now - before) / seconds;
}

/* Those of new lanes are counted from here on. */
static void note_resumes(top *t)
{
    for (guint lane = t->resumes->len; lane < weft_model_n_lanes(t->model); lane++)
        g_array_append_val(t->resumes, weft_model_lane(t->model, lane)->resumes);
}

static void add_row(top *t, const struct weft_moment *m, const struct weft_task_at *task,
                    const char *filter, gboolean by_name)
{
    struct top_row row = { .id = task->id,
                           .state = weft_task_state_name(task->state),
                           .for_ns = m->now_ns - task->since_ns };
    sum_task(t, task, m->now_ns, &row);
    if (*filter)
        describe(&row, m);
    else if (by_name)
        row.name = weft_moment_name(m, task->id);
    if (*filter && !strstr(row.name, filter) && !strstr(row.awaits, filter) &&
        !strstr(row.where, filter) && !strstr(row.state, filter))
        clear_row(&row);
    else
        g_array_append_val(t->sample.rows, row);
}

static int compare(double x, double y)
{
    return x > y ? -1 : x < y;
}

static gint by_order(gconstpointer a, gconstpointer b, gpointer order)
{
    const struct top_row *x = a, *y = b;
    int found = 0;
    switch (*(const enum top_order *)order) {
    case TOP_RUNNING:
        found = compare(x->running, y->running);
        break;
    case TOP_READY:
        found = compare(x->ready, y->ready);
        break;
    case TOP_WAITING:
        found = compare(x->waiting, y->waiting);
        break;
    case TOP_NAME:
        found = strcmp(x->name, y->name);
        break;
    case TOP_SINCE:
        found = compare((double)x->for_ns, (double)y->for_ns);
        break;
    }
    return found ? found : x->id < y->id ? -1 : x->id > y->id;
}

static void find_sentences(struct top_sample *s, const struct weft_moment *m)
{
    forget_sentences(s);
    s->counts = tasklist_counts_text(m->state);
    s->ready = 0;
    gint64 longest = held_ns;
    for (uint32_t ring = 0; ring < weft_state_n_rings(m->state); ring++) {
        guint ready;
        weft_state_ready(m->state, ring, &ready);
        s->ready += ready;
        const struct weft_task_at *task = weft_state_task(m->state,
                                                          weft_state_running(m->state, ring));
        if (!task || m->now_ns - task->since_ns < longest)
            continue;
        longest = m->now_ns - task->since_ns;
        g_free(s->held);
        s->held = weft_moment_loop(m, ring);
    }
    GPtrArray *circles = weft_waits_circles(m->state, 0);
    for (guint i = 0; i < circles->len && !s->circle; i++)
        if (((const struct weft_waits_circle *)circles->pdata[i])->until_mono_ns == 0)
            s->circle = weft_moment_circle(m, circles->pdata[i]);
    g_ptr_array_unref(circles);
}

const struct top_sample *top_take(top *t, enum top_order order, const char *filter)
{
    gint64 now = t->now_ns;
    double seconds = (double)(now - t->sampled_ns) / 1e9;
    const weft_state *state = weft_live_state(t->live);
    struct weft_moment m = weft_moment_new(weft_live_trace(t->live), state, now);
    struct top_sample *s = &t->sample;
    g_array_set_size(s->rows, 0);
    sum_loops(t, seconds);
    s->now_ns = now;
    s->interval_ns = now - t->sampled_ns;
    s->tasks = 0;
    s->lost = weft_model_lost(t->model);
    guint at = 0;
    for (const struct weft_task_at *task; (task = weft_state_next_task(state, &at));) {
        if (task->state == WEFT_STATE_DONE)
            continue;
        s->tasks++;
        add_row(t, &m, task, filter, order == TOP_NAME);
    }
    note_resumes(t);
    g_array_sort_with_data(s->rows, by_order, &order);
    find_sentences(s, &m);
    weft_moment_clear(&m);
    t->sampled_ns = now;
    return s;
}
