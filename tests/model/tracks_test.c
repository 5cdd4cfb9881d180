/* tracks_test.c: tracks and operations of random programs with random losses: what they claim is so
 * (oracle.h, told of what was lost), and they claim it unless a loss hides it; in steps, from a
 * state, and from threads. */
#include "tests/model/oracle.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"
#include "tracer/model/tracks.h"
#include <stdlib.h>

enum { MOMENTS = 300 };

static const struct program_options programs[] = {
    { .seed = 31, .loops = 1, .tasks = 4, .steps = 3000 },
    { .seed = 32, .loops = 3, .tasks = 30, .steps = 12000 },
    { .seed = 33, .loops = 2, .tasks = 12, .steps = 12000, .losses = 10 },
    { .seed = 34, .loops = 3, .tasks = 40, .steps = 9000, .losses = 150 },
};

struct fixture {
    struct program_options options;
    GArray *program;
    GRand *rand;
    weft_trace *trace;
    weft_model *model;
    weft_tracks *tracks;
    gint64 end_ns;
    gint64 seen_ns[PROGRAM_RINGS]; /* of each ring's last event that was not lost */
};

static const struct program_event *event_at(const GArray *program, guint i)
{
    return &g_array_index(program, struct program_event, i);
}

static void setup(struct fixture *f, gconstpointer options)
{
    f->options = *(const struct program_options *)options;
    if (SLOW)
        f->options.steps /= 4;
    f->program = random_program(f->options);
    f->rand = g_rand_new_with_seed(f->options.seed);
    f->trace = weft_trace_new();
    program_append(f->trace, f->program, 0, f->program->len);
    f->model = open_model(f->trace);
    f->tracks = weft_tracks_new(f->model);
    g_assert_false(weft_tracks_advance(f->tracks, 0));
    f->end_ns = weft_model_end_ns(f->model);
    for (guint i = 0; i < f->program->len; i++)
        if (!event_at(f->program, i)->lost)
            f->seen_ns[event_at(f->program, i)->ring] =
                (gint64)event_at(f->program, i)->record.time;
}

static void teardown(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    weft_tracks_free(f->tracks);
    weft_model_free(f->model);
    weft_trace_unref(f->trace);
    g_rand_free(f->rand);
    g_array_unref(f->program);
}

static gint by_time(gconstpointer a, gconstpointer b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return x < y ? -1 : x > y;
}

static gint64 *some_moments(struct fixture *f, gint64 from)
{
    gint64 *moments = g_new(gint64, MOMENTS);
    for (guint i = 0; i < MOMENTS; i++) {
        guint event = (guint)g_rand_int_range(f->rand, 0, (gint32)f->program->len);
        moments[i] = CLAMP((gint64)event_at(f->program, event)->record.time, from, f->end_ns - 1);
    }
    qsort(moments, MOMENTS, sizeof *moments, (int (*)(const void *, const void *))by_time);
    return moments;
}

/* ---- Resources ---- */

static guint n_waiting(const struct oracle *oracle, uint64_t on)
{
    guint n = 0;
    for (guint i = 0; i < oracle->tasks->len; i++) {
        const struct weft_task_at *task = &g_array_index(oracle->tasks, struct weft_task_at, i);
        n += task->other == on && (task->state == WEFT_STATE_WAITING ||
                                   (task->state == WEFT_STATE_CANCELLING && task->detail));
    }
    return n;
}

static gint64 true_value(const struct weft_object_at *object)
{
    gboolean group = weft_id_kind(object->id) == WEFT_ENTITY_GROUP;
    return group ? (gint64)object->capacity : object->value;
}

/* Of a moment: what is known is so. Returns how much was. */
static guint check_resource(const struct weft_track_step *step, const struct oracle *truth,
                            const struct weft_object_at *object)
{
    guint known = 0;
    if (!(step->flags & WEFT_TRACK_VALUE_UNKNOWN)) {
        g_assert_cmpint(step->value_min, ==, true_value(object));
        g_assert_cmpint(step->value_max, ==, true_value(object));
        known++;
    }
    if (!(step->flags & WEFT_TRACK_OWNER_UNKNOWN)) {
        gboolean lock = weft_id_kind(object->id) == WEFT_ENTITY_LOCK;
        g_assert_cmpuint(step->owner, ==, lock ? object->owner : 0);
        known++;
    }
    guint waiting = n_waiting(truth, object->id);
    g_assert_cmpuint(step->waiters_max, <=, waiting);
    if (!(step->flags & WEFT_TRACK_WAITERS_UNKNOWN)) {
        g_assert_cmpuint(step->waiters_max, ==, waiting);
        known++;
    }
    return known;
}

static void check_resources(struct fixture *f, weft_tracks *tracks, gint64 from)
{
    g_autofree gint64 *moments = some_moments(f, from);
    struct oracle *truth = oracle_new_truth(f->program);
    guint known = 0, asked = 0;
    for (guint i = 0; i < MOMENTS; i++) {
        oracle_go_on(truth, moments[i]);
        for (guint k = 0; k < truth->objects->len; k++) {
            const struct weft_object_at *object = &g_array_index(truth->objects,
                                                                 struct weft_object_at, k);
            struct weft_track_step step;
            guint track = weft_tracks_of(tracks, object->id);
            if (moments[i] >= f->seen_ns[weft_id_ring(object->id)]) /* it may yet be lost */
                continue;
            if (track == G_MAXUINT32 || !weft_tracks_at(tracks, track, moments[i], &step))
                continue;
            known += check_resource(&step, truth, object);
            asked += 3;
        }
    }
    oracle_free(truth);
    g_assert_cmpuint(asked, >, MOMENTS);
    g_test_message("%u of %u known", known, asked);
    if (f->options.losses == 0)
        g_assert_cmpuint(known, ==, asked);
    g_assert_cmpuint(known, >, asked / 5); /* losses hide, but not everything */
}

static void test_resources(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    check_resources(f, f->tracks, 0);
}

/* When nothing is known any more of what the ring tells: the last event before each loss. */
static GArray *loss_starts(const GArray *program, guint32 ring)
{
    GArray *starts = g_array_new(FALSE, FALSE, sizeof(gint64));
    gint64 last = 0;
    gboolean losing = FALSE;
    for (guint i = 0; i < program->len; i++) {
        const struct program_event *event = event_at(program, i);
        if (event->ring != ring)
            continue;
        if (event->lost && !losing)
            g_array_append_val(starts, last);
        losing = event->lost;
        last = losing ? last : (gint64)event->record.time;
    }
    return starts;
}

/* A value is known from when it is told to the next loss. */
static void test_unknown_only_there(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    for (guint32 ring = 0; ring < f->options.loops; ring++) {
        g_autoptr(GArray) starts = loss_starts(f->program, ring);
        for (guint i = 0; i < f->program->len; i++) {
            const struct program_event *event = event_at(f->program, i);
            gint64 now = (gint64)event->record.time, until = f->end_ns - 1;
            if (event->ring != ring || event->lost || event->record.kind != WEFT_RECORD_RESOURCE)
                continue;
            for (guint k = starts->len; k > 0; k--)
                if (g_array_index(starts, gint64, k - 1) >= now)
                    until = MIN(until, g_array_index(starts, gint64, k - 1) - 1);
            struct weft_track_step step;
            guint track = weft_tracks_of(f->tracks, event->record.subject);
            if (until < now || !weft_tracks_at(f->tracks, track, until, &step))
                continue;
            g_assert_cmpuint(step.flags & WEFT_TRACK_VALUE_UNKNOWN, ==, 0);
        }
    }
}

static void test_parties(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    g_autofree gint64 *moments = some_moments(f, 0);
    guint found = 0;
    for (guint i = 0; i < MOMENTS; i += 10) {
        for (guint track = 0; track < weft_tracks_n(f->tracks); track += 3) {
            struct weft_track about;
            struct weft_track_step step;
            g_assert_true(weft_tracks_get(f->tracks, track, &about));
            if (about.kind != WEFT_TRACK_RESOURCE ||
                !weft_tracks_at(f->tracks, track, moments[i], &step))
                continue;
            g_autoptr(GArray) holders = g_array_new(FALSE, FALSE, sizeof(struct weft_party));
            g_autoptr(GArray) waiters = g_array_new(FALSE, FALSE, sizeof(uint64_t));
            weft_model_parties(f->model, about.id, moments[i], holders, waiters);
            g_assert_cmpuint(waiters->len, ==, step.waiters_max);
            if (step.owner)
                g_assert_cmpuint(g_array_index(holders, struct weft_party, 0).id, ==, step.owner);
            found += waiters->len + holders->len;
        }
    }
    g_assert_cmpuint(found, >, 0);
}

/* ---- Threads ---- */

static void test_pool(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    guint32 ring = f->options.loops;
    guint track = weft_tracks_of(f->tracks, weft_id(WEFT_ENTITY_THREAD, ring, 1));
    g_assert_cmpuint(track, !=, G_MAXUINT32);
    struct weft_track about;
    g_assert_true(weft_tracks_get(f->tracks, track, &about));
    g_assert_cmpuint(about.kind, ==, WEFT_TRACK_THREAD);
    uint64_t job = 0;
    gint64 before = 0;
    for (guint i = 0; i < f->program->len; i++) { /* by the truth: lost events, too */
        const struct program_event *event = event_at(f->program, i);
        struct weft_track_step step;
        gint64 now = (gint64)event->record.time;
        if (event->ring != ring || event->record.kind == WEFT_RECORD_THREAD ||
            now > f->seen_ns[ring])
            continue;
        if (now > before && weft_tracks_at(f->tracks, track, now - 1, &step) &&
            !(step.flags & WEFT_TRACK_OWNER_UNKNOWN))
            g_assert_cmpuint(step.owner, ==, job);
        before = now;
        job = event->record.kind == WEFT_RECORD_WORK_BEGIN ? event->record.subject : 0;
    }
}

/* ---- Operations ---- */

/* What is seen of an operation or a job. */
static struct weft_operation seen_of(const struct fixture *f, uint64_t id, gboolean *ended)
{
    struct weft_operation op = { .id = id };
    *ended = FALSE;
    for (guint i = 0; i < f->program->len; i++) {
        const struct program_event *event = event_at(f->program, i);
        const struct weft_record *r = &event->record;
        if (r->subject != id)
            continue;
        gboolean end = r->kind == WEFT_RECORD_OP_END || r->kind == WEFT_RECORD_WORK_END;
        *ended = *ended || end;
        if (event->lost)
            continue;
        if (r->kind == WEFT_RECORD_OP_START || r->kind == WEFT_RECORD_WORK_SUBMIT) {
            op.known |= WEFT_OPERATION_SUBMITTED;
            op.begin_ns = (gint64)r->time;
            op.task = event->actor;
            op.site = r->site;
            op.on = r->object;
        } else if (r->kind == WEFT_RECORD_WORK_BEGIN) {
            op.known |= WEFT_OPERATION_STARTED;
            op.started_ns = (gint64)r->time;
            op.on = r->object;
        } else if (end) {
            op.known |= WEFT_OPERATION_ENDED;
            op.ended_ns = (gint64)r->time;
        }
    }
    return op;
}

static void check_operation(const struct fixture *f, const struct weft_operation *op)
{
    gboolean ended;
    struct weft_operation seen = seen_of(f, op->id, &ended);
    g_assert_cmpuint(op->known & ~WEFT_OPERATION_LOST, ==, seen.known);
    if (seen.known & WEFT_OPERATION_SUBMITTED) {
        g_assert_cmpint(op->begin_ns, ==, seen.begin_ns);
        g_assert_cmpuint(op->site, ==, seen.site);
        if (f->options.losses == 0)
            g_assert_cmpuint(op->task, ==, seen.task);
    }
    if (seen.known & WEFT_OPERATION_STARTED)
        g_assert_cmpint(op->started_ns, ==, seen.started_ns);
    if (seen.on && weft_id_kind(op->id) == WEFT_ENTITY_OP)
        g_assert_cmpuint(op->on, ==, seen.on);
    if (seen.known & WEFT_OPERATION_ENDED)
        g_assert_cmpint(op->ended_ns, ==, seen.ended_ns);
    else if (op->known & WEFT_OPERATION_LOST)
        g_assert_cmpuint(f->options.losses, >, 0);
    else
        g_assert_false(ended); /* it is said to go on, and does */
    g_assert_cmpint(op->begin_ns, <=, op->ended_ns);
}

static GArray *operations_in(weft_tracks *tracks, gint64 from, gint64 to,
                             const struct weft_operation_filter *filter)
{
    GArray *out = g_array_new(FALSE, FALSE, sizeof(struct weft_operation));
    g_assert_true(weft_tracks_operations(tracks, from, to, filter, 0, NULL, out));
    return out;
}

static gboolean under_way(const struct weft_operation *op, gint64 from, gint64 to)
{
    return op->begin_ns < to &&
           (op->ended_ns > from || (op->ended_ns == from && op->begin_ns == from));
}

static void test_operations(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    g_autoptr(GArray) all = operations_in(f->tracks, G_MININT64, G_MAXINT64, NULL);
    g_autoptr(GHashTable) ids = g_hash_table_new(g_int64_hash, g_int64_equal);
    for (guint i = 0; i < all->len; i++) {
        const struct weft_operation *op = &g_array_index(all, struct weft_operation, i);
        g_assert_true(g_hash_table_add(ids, (gpointer)(gsize)&op->id));
        if (i % 7 == 0)
            check_operation(f, op);
    }
    guint seen = 0;
    for (guint i = 0; i < f->program->len; i++) {
        const struct program_event *event = event_at(f->program, i);
        guint kind = event->record.kind;
        if (event->lost || (kind != WEFT_RECORD_OP_START && kind != WEFT_RECORD_WORK_SUBMIT))
            continue;
        g_assert_true(g_hash_table_contains(ids, &event->record.subject));
        seen++;
    }
    g_assert_cmpuint(seen, >, SLOW ? 5 : 20);
    for (guint i = 0; i < 60; i++) {
        gint64 from = (gint64)(g_rand_double(f->rand) * (double)f->end_ns);
        gint64 to = from + (gint64)(g_rand_double(f->rand) * (double)f->end_ns / (i + 1));
        const struct weft_operation *of = &g_array_index(
            all, struct weft_operation, (guint)g_rand_int_range(f->rand, 0, (gint32)all->len));
        struct weft_operation_filter filter = { i % 2 ? weft_id_kind(of->id) : 0,
                                                i % 3 ? of->task : 0, i % 5 ? 0 : of->on };
        g_autoptr(GArray) found = operations_in(f->tracks, from, to, &filter);
        guint expected = 0;
        for (guint k = 0; k < all->len; k++) {
            const struct weft_operation *op = &g_array_index(all, struct weft_operation, k);
            if (!under_way(op, from, to) || (filter.kind && weft_id_kind(op->id) != filter.kind) ||
                (filter.task && op->task != filter.task) || (filter.on && op->on != filter.on))
                continue;
            g_assert_cmpuint(expected, <, found->len);
            g_assert_cmpuint(g_array_index(found, struct weft_operation, expected++).id, ==,
                             op->id);
        }
        g_assert_cmpuint(expected, ==, found->len);
    }
}

static void test_limits(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_operation));
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_assert_false(weft_tracks_operations(f->tracks, G_MININT64, G_MAXINT64, NULL, 5, NULL, out));
    g_assert_cmpuint(out->len, ==, 5);
    g_cancellable_cancel(cancellable);
    g_assert_false(
        weft_tracks_operations(f->tracks, G_MININT64, G_MAXINT64, NULL, 0, cancellable, out));
    struct weft_track about;
    struct weft_track_step step;
    guint n = weft_tracks_n(f->tracks);
    g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof step);
    g_assert_false(weft_tracks_get(f->tracks, n, &about));
    g_assert_false(weft_tracks_at(f->tracks, n, 0, &step));
    weft_tracks_view(f->tracks, n, 0, G_MAXINT64, 1, steps);
    g_assert_cmpuint(steps->len, ==, 0);
    g_assert_cmpuint(weft_tracks_of(f->tracks, weft_id(WEFT_ENTITY_LOCK, 9, 9)), ==, G_MAXUINT32);
    g_assert_cmpuint(weft_tracks_memory(f->tracks), >, 0);
}

/* ---- In steps, from a state ---- */

static void assert_same(weft_tracks *a, weft_tracks *b)
{
    g_assert_cmpuint(weft_tracks_n(a), ==, weft_tracks_n(b));
    for (guint i = 0; i < weft_tracks_n(a); i++) {
        g_autoptr(GArray) ours = g_array_new(FALSE, FALSE, sizeof(struct weft_track_step));
        g_autoptr(GArray) theirs = g_array_new(FALSE, FALSE, sizeof(struct weft_track_step));
        struct weft_track about;
        g_assert_true(weft_tracks_get(a, i, &about));
        weft_tracks_view(a, i, G_MININT64, G_MAXINT64, 1, ours);
        weft_tracks_view(b, weft_tracks_of(b, about.id), G_MININT64, G_MAXINT64, 1, theirs);
        g_assert_cmpuint(ours->len, ==, theirs->len);
        for (guint k = 0; k < ours->len; k++) {
            const struct weft_track_step *x = &g_array_index(ours, struct weft_track_step, k);
            const struct weft_track_step *y = &g_array_index(theirs, struct weft_track_step, k);
            g_assert_cmpmem(x, G_STRUCT_OFFSET(struct weft_track_step, flags), y,
                            G_STRUCT_OFFSET(struct weft_track_step, flags));
            g_assert_cmpuint(x->flags, ==, y->flags); /* padding follows */
            g_assert_cmpuint(x->owner, ==, y->owner);
            g_assert_cmpint(x->held_ns, ==, y->held_ns);
            g_assert_cmpint(x->unknown_ns, ==, y->unknown_ns);
        }
    }
    g_autoptr(GArray) ours = operations_in(a, G_MININT64, G_MAXINT64, NULL);
    g_autoptr(GArray) theirs = operations_in(b, G_MININT64, G_MAXINT64, NULL);
    g_assert_cmpuint(ours->len, ==, theirs->len);
    for (guint i = 0; i < ours->len; i++) {
        const struct weft_operation *x = &g_array_index(ours, struct weft_operation, i);
        const struct weft_operation *y = &g_array_index(theirs, struct weft_operation, i);
        g_assert_cmpuint(x->id, ==, y->id);
        g_assert_cmpuint(x->known, ==, y->known);
        g_assert_cmpint(x->ended_ns, ==, y->ended_ns);
    }
}

static void test_growing(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    enum { STEPS = 40 };
    g_autoptr(weft_trace) trace = weft_trace_new();
    weft_model *model = weft_model_new(trace);
    g_autoptr(weft_tracks) tracks = weft_tracks_new(model);
    for (guint step = 0; step < STEPS; step++) {
        program_append(trace, f->program, f->program->len * step / STEPS,
                       f->program->len * (step + 1) / STEPS);
        while (weft_model_advance(model, 0))
            ;
        while (weft_tracks_advance(tracks, 1 + step))
            ;
    }
    assert_same(tracks, f->tracks);
    g_clear_pointer(&tracks, weft_tracks_free);
    weft_model_free(model);
}

/* A trace that begins amid the program's run, with the state of then: what was lost before, a state
 * does not say. */
static void test_from_state(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    if (f->options.losses)
        return;
    guint half = f->program->len / 2;
    while (event_at(f->program, half)->record.time == event_at(f->program, half - 1)->record.time)
        half++;
    gint64 t_ns = (gint64)event_at(f->program, half)->record.time - 1;
    g_autoptr(weft_state) state = weft_model_state_at(f->model, t_ns);
    g_autoptr(weft_trace) trace = weft_trace_new();
    weft_trace_append_state(trace, state);
    program_append(trace, f->program, half, f->program->len);
    weft_model *model = open_model(trace);
    g_autoptr(weft_tracks) tracks = weft_tracks_new(model);
    g_assert_false(weft_tracks_advance(tracks, 0));
    check_resources(f, tracks, t_ns + 1);
    g_clear_pointer(&tracks, weft_tracks_free);
    weft_model_free(model);
}

/* ---- While another thread goes on ---- */

static gpointer advance(gpointer data)
{
    while (weft_tracks_advance(data, 1))
        ;
    return NULL;
}

static void test_threads(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    g_autoptr(weft_tracks) tracks = weft_tracks_new(f->model);
    GThread *worker = g_thread_new("tracks", advance, tracks);
    g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof(struct weft_track_step));
    for (guint i = 0; i < 300; i++) {
        struct weft_track about;
        struct weft_track_step step;
        guint n = weft_tracks_n(tracks), track = n ? i % n : 0;
        g_array_set_size(steps, 0);
        weft_tracks_view(tracks, track, 0, f->end_ns, f->end_ns / 500, steps);
        g_assert_true(steps->len > 0 || n == 0);
        if (weft_tracks_get(tracks, track, &about))
            weft_tracks_at(tracks, track, about.first_ns, &step);
        g_array_unref(operations_in(tracks, i, f->end_ns - i, NULL));
    }
    g_thread_join(worker);
    assert_same(tracks, f->tracks);
}

/* ---- Very many operations ---- */

static void test_many_operations(void)
{
    enum { MANY = 6000, AT_A_TIME = 50 };
    GRand *rand = g_rand_new_with_seed(9);
    struct script s = script_with_main();
    g_autoptr(GArray) truth = g_array_new(FALSE, TRUE, sizeof(struct weft_operation));
    guint going_on[AT_A_TIME] = { 0 }; /* number + 1 */
    for (guint i = 0; truth->len < MANY; i++) {
        gint64 now = 100 + 10 * (gint64)i;
        guint *slot = &going_on[g_rand_int_range(rand, 0, AT_A_TIME)];
        if (*slot == 0) {
            struct weft_operation op = { .id = weft_id(WEFT_ENTITY_OP, 0, truth->len + 1),
                                         .begin_ns = now,
                                         .ended_ns = G_MAXINT64 };
            g_array_append_val(truth, op);
            *slot = truth->len;
            script_add(&s, now, WEFT_RECORD_OP_START, WEFT_OP_READ, 1, op.id, 0);
        } else {
            struct weft_operation *op = &g_array_index(truth, struct weft_operation, *slot - 1);
            op->ended_ns = now;
            *slot = 0;
            script_add(&s, now, WEFT_RECORD_OP_END, WEFT_OP_READ, 0, op->id, i);
        }
        if (i % 5000 == 0)
            script_cut(&s);
    }
    weft_model *model = script_model(&s);
    g_autoptr(weft_tracks) tracks = weft_tracks_new(model);
    g_assert_false(weft_tracks_advance(tracks, 0));
    for (guint i = 0; i < 200; i++) {
        gint64 from = g_rand_int_range(rand, 0, 30 * MANY);
        gint64 to = from + g_rand_int_range(rand, 1, 1 << (2 + i % 16));
        g_autoptr(GArray) found = operations_in(tracks, from, to, NULL);
        guint expected = 0;
        for (guint k = 0; k < truth->len; k++) {
            const struct weft_operation *op = &g_array_index(truth, struct weft_operation, k);
            if (op->ended_ns == G_MAXINT64 && from >= weft_model_end_ns(model))
                continue;
            if (!under_way(op, from, to))
                continue;
            g_assert_cmpuint(expected, <, found->len);
            g_assert_cmpuint(g_array_index(found, struct weft_operation, expected++).id, ==,
                             op->id);
        }
        g_assert_cmpuint(expected, ==, found->len);
    }
    g_rand_free(rand);
    g_clear_pointer(&tracks, weft_tracks_free);
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(struct fixture *f, gconstpointer options);
    } tests[] = { { "resources", test_resources },   { "unknown", test_unknown_only_there },
                  { "parties", test_parties },       { "pool", test_pool },
                  { "operations", test_operations }, { "limits", test_limits },
                  { "growing", test_growing },       { "from-state", test_from_state },
                  { "threads", test_threads } };
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(programs); i++)
        for (guint k = 0; k < G_N_ELEMENTS(tests); k++) {
            g_autofree char *path = g_strdup_printf("/tracks/%s/%u", tests[k].name,
                                                    programs[i].seed);
            g_test_add(path, struct fixture, &programs[i], setup, tests[k].test, teardown);
        }
    g_test_add_func("/tracks/many-operations", test_many_operations);
    return g_test_run();
}
