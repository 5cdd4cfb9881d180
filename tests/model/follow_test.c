/* follow_test.c: the next and the previous edge, against all edges of a random program's events, by
 * brute force, with losses; all of them one after the other; cancelled; and from threads. */
#include "tests/model/random_program.h"
#include "tracer/model/follow.h"

static const struct program_options programs[] = {
    { .seed = 41, .loops = 1, .tasks = 5, .steps = 3000 },
    { .seed = 42, .loops = 3, .tasks = 40, .steps = 12000, .losses = 30 },
};

struct fixture {
    GArray *program;
    GArray *edges; /* of struct weft_followed, in their order */
    GRand *rand;
    weft_trace *trace;
    weft_model *model;
};

/* ---- Brute force ---- */

/* What the operation that a task awaits is on. */
static uint64_t on_what(const GArray *program, guint event)
{
    const struct program_event *events = (const struct program_event *)(void *)program->data;
    uint64_t op = events[event].record.object;
    for (guint i = event; i > 0 && weft_id_kind(op) == WEFT_ENTITY_OP; i--)
        if (events[i - 1].record.kind == WEFT_RECORD_OP_START && events[i - 1].record.subject == op)
            return events[i - 1].lost ? op : events[i - 1].record.object;
    return op;
}

static gboolean true_edge(const GArray *program, guint i, struct weft_edge *edge)
{
    const struct program_event *event = &g_array_index(program, struct program_event, i);
    const struct weft_record *r = &event->record;
    *edge = (struct weft_edge){ .from = r->object, .to = r->subject };
    switch (r->kind) {
    case WEFT_RECORD_WAKE:
        edge->kind = WEFT_EDGE_WAKE;
        edge->detail = r->detail;
        return r->detail != WEFT_WAKE_CREATED;
    case WEFT_RECORD_TASK_NEW:
        edge->kind = WEFT_EDGE_PARENT;
        return r->object != 0;
    case WEFT_RECORD_CANCEL_REQUEST:
        edge->kind = WEFT_EDGE_CANCEL;
        edge->from = r->object ? r->object : weft_id(WEFT_ENTITY_LOOP, event->ring, 1);
        return TRUE;
    case WEFT_RECORD_SUSPEND:
        *edge = (struct weft_edge){ WEFT_EDGE_AWAIT, r->detail,           0, 0,
                                    r->subject,      on_what(program, i), 0, 0 };
        return r->object != 0;
    default:
        return FALSE;
    }
}

static gint by_place(gconstpointer a, gconstpointer b)
{
    const struct weft_followed *x = a, *y = b;
    if (x->time_ns != y->time_ns)
        return x->time_ns < y->time_ns ? -1 : 1;
    if (x->ring != y->ring)
        return x->ring < y->ring ? -1 : 1;
    return x->ordinal < y->ordinal ? -1 : x->ordinal > y->ordinal;
}

static GArray *true_edges(const GArray *program)
{
    GArray *edges = g_array_new(FALSE, FALSE, sizeof(struct weft_followed));
    guint64 ordinals[PROGRAM_RINGS] = { 0 };
    for (guint i = 0; i < program->len; i++) {
        const struct program_event *event = &g_array_index(program, struct program_event, i);
        struct weft_followed at = { .time_ns = (gint64)event->record.time,
                                    .ring = event->ring,
                                    .ordinal = ordinals[event->ring],
                                    .event = event->record.kind };
        ordinals[event->ring] += event->record.flags & WEFT_RECORD_EXT ? 2 : 1;
        if (!event->lost && true_edge(program, i, &at.edge))
            g_array_append_val(edges, at);
    }
    g_array_sort(edges, by_place);
    return edges;
}

static gboolean fits(const struct weft_follow *follow, const struct weft_edge *edge)
{
    if (follow->kinds && !(follow->kinds & 1u << edge->kind))
        return FALSE;
    if (follow->cause && edge->kind == WEFT_EDGE_WAKE && edge->detail != follow->cause)
        return FALSE;
    guint ends = follow->ends ? follow->ends : 3;
    return !follow->id || (ends & WEFT_FOLLOW_FROM && edge->from == follow->id) ||
           (ends & WEFT_FOLLOW_TO && edge->to == follow->id);
}

static const struct weft_followed *expected(const struct fixture *f,
                                            const struct weft_follow *follow,
                                            const struct weft_followed *from, int direction)
{
    const struct weft_followed *best = NULL;
    for (guint i = 0; i < f->edges->len; i++) {
        const struct weft_followed *at = &g_array_index(f->edges, struct weft_followed, i);
        int side = from->event ? by_place(at, from) : at->time_ns >= from->time_ns ? 1 : -1;
        if (side * direction <= 0 || !fits(follow, &at->edge))
            continue;
        best = at;
        if (direction > 0)
            break;
    }
    return best;
}

/* ---- Tests ---- */

static void setup(struct fixture *f, gconstpointer options)
{
    const struct program_options *o = options;
    f->program = random_program(*o);
    f->rand = g_rand_new_with_seed(o->seed);
    f->edges = true_edges(f->program);
    f->trace = weft_trace_new();
    program_append(f->trace, f->program, 0, f->program->len);
    f->model = weft_model_new(f->trace);
    while (weft_model_advance(f->model, 0))
        ;
}

static void teardown(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    weft_model_free(f->model);
    weft_trace_unref(f->trace);
    g_rand_free(f->rand);
    g_array_unref(f->edges);
    g_array_unref(f->program);
}

static void assert_same(const struct fixture *f, const struct weft_followed *a,
                        const struct weft_followed *b)
{
    g_assert_cmpint(a->time_ns, ==, b->time_ns);
    g_assert_cmpuint(a->ring, ==, b->ring);
    g_assert_cmpuint(a->ordinal, ==, b->ordinal);
    g_assert_cmpuint(a->event, ==, b->event);
    g_assert_cmpuint(a->edge.kind, ==, b->edge.kind);
    g_assert_cmpuint(a->edge.from, ==, b->edge.from);
    g_assert_cmpuint(a->edge.to, ==, b->edge.to);
    g_assert_cmpint(a->edge.from_ns, ==, a->time_ns);
    g_assert_cmpuint(a->edge.from_lane, ==, weft_model_lane_of(f->model, b->edge.from));
    g_assert_cmpuint(a->edge.to_lane, ==, weft_model_lane_of(f->model, b->edge.to));
}

static void test_next(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    gsize before = weft_model_memory(f->model);
    guint found = 0, missing = 0;
    for (guint i = 0; i < 1500; i++) {
        const struct weft_followed *some = &g_array_index(
            f->edges, struct weft_followed,
            (guint)g_rand_int_range(f->rand, 0, (gint32)f->edges->len));
        const struct weft_followed *of = &g_array_index(
            f->edges, struct weft_followed,
            (guint)g_rand_int_range(f->rand, 0, (gint32)f->edges->len));
        struct weft_follow follow = { .id = i % 7 ? i % 2 ? of->edge.to : of->edge.from : 0,
                                      .ends = i % 4,
                                      .kinds = i % 3 ? 1u << of->edge.kind : 0,
                                      .cause = i % 5 ? 0 : WEFT_WAKE_CANCEL };
        struct weft_followed from = *some, got;
        if (i % 6 == 0)
            from = (struct weft_followed){ .time_ns = some->time_ns };
        int direction = g_rand_boolean(f->rand) ? 1 : -1;
        const struct weft_followed *truth = expected(f, &follow, &from, direction);
        g_assert_cmpint(weft_model_follow(f->model, &follow, &from, direction, NULL, &got), ==,
                        truth != NULL);
        if (truth)
            assert_same(f, &got, truth);
        found += truth != NULL;
        missing += truth == NULL;
    }
    g_assert_cmpuint(found, >, 500);
    g_assert_cmpuint(missing, >, 10);
    g_assert_cmpuint(weft_model_memory(f->model), >, before); /* the chunks' filters */
}

/* All edges, one after the other, there and back. */
static void test_walk(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    struct weft_follow any = { 0 };
    struct weft_followed at = { .time_ns = G_MININT64 };
    guint n = 0;
    for (; n < 300 && weft_model_follow(f->model, &any, &at, 1, NULL, &at); n++)
        assert_same(f, &at, &g_array_index(f->edges, struct weft_followed, n));
    for (n--; weft_model_follow(f->model, &any, &at, -1, NULL, &at); n--)
        assert_same(f, &at, &g_array_index(f->edges, struct weft_followed, n - 1));
    g_assert_cmpuint(n, ==, 0);
}

static void test_cancelled(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_cancellable_cancel(cancellable);
    struct weft_followed at = { .time_ns = G_MININT64 };
    g_assert_false(
        weft_model_follow(f->model, &(struct weft_follow){ 0 }, &at, 1, cancellable, &at));
}

static gpointer walk(gpointer data)
{
    const struct fixture *f = data;
    struct weft_followed at = { .time_ns = G_MININT64 };
    struct weft_follow wakes = { .kinds = 1u << WEFT_EDGE_WAKE };
    guint n = 0;
    while (n < 200 && weft_model_follow(f->model, &wakes, &at, 1, NULL, &at))
        n++;
    return GUINT_TO_POINTER(n);
}

/* While a worker follows, the main thread draws and follows. */
static void test_threads(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    GThread *worker = g_thread_new("follow", walk, f);
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    for (guint i = 0; i < 100; i++) {
        g_array_set_size(out, 0);
        guint chunks = 4;
        weft_model_segments(f->model, i % weft_model_n_lanes(f->model), 0, G_MAXINT64, 1000,
                            &chunks, out);
    }
    guint ours = GPOINTER_TO_UINT(walk(f));
    g_assert_cmpuint(GPOINTER_TO_UINT(g_thread_join(worker)), ==, ours);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(struct fixture *f, gconstpointer options);
    } tests[] = { { "next", test_next },
                  { "walk", test_walk },
                  { "cancelled", test_cancelled },
                  { "threads", test_threads } };
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(programs); i++)
        for (guint k = 0; k < G_N_ELEMENTS(tests); k++) {
            g_autofree char *path = g_strdup_printf("/follow/%s/%u", tests[k].name,
                                                    programs[i].seed);
            g_test_add(path, struct fixture, &programs[i], setup, tests[k].test, teardown);
        }
    return g_test_run();
}
