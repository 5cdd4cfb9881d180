/* oracle_test.c: the model against the oracle (oracle.h), on random programs with random losses:
 * the state of everything at thousands of moments, the lanes, and the sums of time per state; of a
 * whole trace, of one that grows, of a file, of one opened from its SUMMARY, of what is cut from
 * it, and of the pieces put together again.
 *
 * WEFT_ORACLE_SEEDS=FROM-TO tries these seeds instead of the usual few: after a change to the
 * model, the states or the losses, let it run over some hundreds. What fails prints its seed. */
#include "tests/model/oracle_text.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"
#include "tracer/model/model.h"
#include "tracer/trace/cut.h"
#include "tracer/trace/merge.h"
#include "tracer/trace/writer.h"
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOMENTS = 400, SEEDS = 8, SEEDS_SLOW = 1, SUMMARY_CHUNKS = 16 };

static const struct program_options programs[] = {
    { .loops = 1, .tasks = 4, .steps = 2000 },
    { .loops = 2, .tasks = 12, .steps = 12000 },
    { .loops = 3, .tasks = 40, .steps = 20000, .losses = 12 },
    { .loops = 1, .tasks = 8, .steps = 6000, .losses = 60 },
    { .loops = 2, .tasks = 60, .steps = 20000, .losses = 4 },
    { .loops = 3, .tasks = 20, .steps = 8000, .losses = 200 },
}; /* one after the other, by the seed */

struct fixture {
    struct program_options options;
    GArray *program;
    GRand *rand;
    weft_trace *trace; /* of all of it */
    gint64 end_ns;     /* of what was seen */
    char *directory;
};

static const struct program_event *event_at(const GArray *program, guint i)
{
    return &g_array_index(program, struct program_event, i);
}

/* When the last of the first n events that were seen happened. */
static gint64 end_of(const GArray *program, guint n)
{
    gint64 end = 0;
    for (guint i = 0; i < n; i++)
        if (!event_at(program, i)->lost)
            end = (gint64)event_at(program, i)->record.time;
    return end;
}

static void setup(struct fixture *f, gconstpointer seed)
{
    f->options = programs[(GPOINTER_TO_UINT(seed) - 1) % G_N_ELEMENTS(programs)];
    f->options.seed = GPOINTER_TO_UINT(seed);
    g_test_message("seed %u: WEFT_ORACLE_SEEDS=%u-%u", f->options.seed, f->options.seed,
                   f->options.seed);
    f->program = random_program(f->options);
    f->rand = g_rand_new_with_seed(f->options.seed + 100);
    f->trace = weft_trace_new();
    program_append(f->trace, f->program, 0, f->program->len);
    f->end_ns = end_of(f->program, f->program->len);
    f->directory = g_dir_make_tmp("weft-oracle-XXXXXX", NULL);
    g_assert_nonnull(f->directory);
}

static void teardown(struct fixture *f, gconstpointer seed G_GNUC_UNUSED)
{
    g_array_unref(f->program);
    g_rand_free(f->rand);
    weft_trace_unref(f->trace);
    g_assert_no_errno(g_rmdir(f->directory));
    g_free(f->directory);
}

/* ---- The model says what the oracle says ---- */

static gint by_time(gconstpointer a, gconstpointer b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return x < y ? -1 : x > y;
}

/* n moments between the two, some of them just when something happens; in order. */
static gint64 *some_moments(struct fixture *f, guint n, gint64 from, gint64 to)
{
    gint64 *moments = g_new(gint64, n);
    for (guint i = 0; i < n; i++) {
        guint event = (guint)g_rand_int_range(f->rand, 0, (gint32)f->program->len);
        moments[i] = i % 2 ? from + (gint64)(g_rand_double(f->rand) * (double)(to - from))
                           : (gint64)event_at(f->program, event)->record.time;
        moments[i] = CLAMP(moments[i], from, to);
    }
    qsort(moments, n, sizeof *moments, (int (*)(const void *, const void *))by_time);
    return moments;
}

/* Line by line: the whole would be much to read. */
static void assert_same_text(const char *text, const char *expected, gint64 t_ns)
{
    if (strcmp(text, expected) == 0)
        return;
    g_auto(GStrv) ours = g_strsplit(text, "\n", -1), theirs = g_strsplit(expected, "\n", -1);
    g_test_message("at %" G_GINT64_FORMAT, t_ns);
    for (guint i = 0; ours[i] && theirs[i]; i++)
        g_assert_cmpstr(ours[i], ==, theirs[i]);
    g_assert_cmpuint(g_strv_length(ours), ==, g_strv_length(theirs));
}

/* The oracle goes through the moments in order; the model jumps about. */
static void check_states(struct fixture *f, weft_model *model, guint n_events, guint n, gint64 from,
                         gint64 to)
{
    g_autofree gint64 *moments = some_moments(f, n, from, to);
    g_auto(GStrv) expected = g_new0(char *, n + 1);
    struct oracle *oracle = oracle_new(f->program, n_events);
    for (guint i = 0; i < n; i++) {
        oracle_go_on(oracle, moments[i]);
        expected[i] = oracle_text(oracle);
    }
    oracle_free(oracle);
    for (guint i = 0; i < n; i++) {
        guint k = i % 3 ? (guint)g_rand_int_range(f->rand, 0, (gint32)n) : i;
        g_autoptr(weft_state) state = weft_model_state_at(model, moments[k]);
        g_autofree char *text = state_text(state, weft_model_trace(model));
        assert_same_text(text, expected[k], moments[k]);
    }
}

static void test_states(struct fixture *f, gconstpointer seed G_GNUC_UNUSED)
{
    weft_model *model = open_model(f->trace);
    check_states(f, model, f->program->len, MOMENTS, 0, f->end_ns + 10);
    weft_model_free(model);
}

/* ---- What the oracle says is so ---- */

/* Losses may hide that a task was told to clean up: then it is known to run or to wait. */
static gboolean may_stand_for(guint seen, guint truth, gboolean losses)
{
    return seen == truth || (losses && truth == WEFT_STATE_CANCELLING &&
                             (seen == WEFT_STATE_RUNNING || seen == WEFT_STATE_WAITING));
}

static void check_known_tasks(const struct oracle *seen, const struct oracle *truth,
                              gboolean losses)
{
    for (guint i = 0; i < seen->tasks->len; i++) {
        const struct weft_task_at *task = &g_array_index(seen->tasks, struct weft_task_at, i);
        const struct weft_task_at *true_task = oracle_task(truth, task->id);
        if (task->state == WEFT_STATE_UNKNOWN) {
            g_assert_true(losses);
            continue;
        }
        if (!true_task) {
            g_assert_cmpuint(task->state, ==, WEFT_STATE_DONE);
            continue;
        }
        g_assert_true(may_stand_for(task->state, true_task->state, losses));
    }
}

/* Where all holders and members are said to be known they are those that there are. */
static void check_known_parties(const struct oracle *seen, const struct oracle *truth)
{
    for (guint i = 0; i < seen->objects->len; i++) {
        const struct weft_object_at *at = &g_array_index(seen->objects, struct weft_object_at, i);
        const struct oracle_parties *parties = oracle_parties(seen, at->id);
        const struct weft_object_at *true_at = oracle_object(truth, at->id);
        const struct oracle_parties *true_parties = oracle_parties(truth, at->id);
        if (!has_parties(at->id) || !true_at || !all_known(at, parties))
            continue;
        guint n = true_parties ? true_parties->at->len : 0;
        g_assert_cmpuint(parties ? parties->at->len : 0, ==, n);
    }
}

static void test_truth(struct fixture *f, gconstpointer seed G_GNUC_UNUSED)
{
    g_autofree gint64 *moments = some_moments(f, MOMENTS, 0, f->end_ns);
    struct oracle *seen = oracle_new(f->program, f->program->len);
    struct oracle *truth = oracle_new_truth(f->program);
    for (guint i = 0; i < MOMENTS; i++) {
        oracle_go_on(seen, moments[i]);
        oracle_go_on(truth, moments[i]);
        check_known_tasks(seen, truth, f->options.losses > 0);
        check_known_parties(seen, truth);
    }
    oracle_free(seen);
    oracle_free(truth);
}

/* ---- Lanes ---- */

static enum weft_segment_state segment_of(const struct weft_task_at *task)
{
    static const enum weft_segment_state states[] = {
        [WEFT_STATE_UNKNOWN] = WEFT_SEGMENT_UNKNOWN,
        [WEFT_STATE_RUNNING] = WEFT_SEGMENT_RUNNING,
        [WEFT_STATE_READY] = WEFT_SEGMENT_READY,
        [WEFT_STATE_WAITING] = WEFT_SEGMENT_WAITING,
        [WEFT_STATE_NEW] = WEFT_SEGMENT_READY,
        [WEFT_STATE_CANCELLING] = WEFT_SEGMENT_CANCELLING,
    };
    return states[task->state];
}

static void check_lane_at(weft_model *model, const struct oracle *oracle, guint lane, gint64 t_ns)
{
    const struct weft_lane *l = weft_model_lane(model, lane);
    const struct weft_task_at *task = oracle_task(oracle, l->id);
    struct weft_segment_view view;
    if (!weft_model_segment_at(model, lane, t_ns, &view)) {
        g_assert_true(!task || task->state == WEFT_STATE_DONE);
        return;
    }
    g_assert_nonnull(task);
    g_assert_cmpuint(view.state, ==, segment_of(task));
    g_assert_cmpint(view.from_ns, <=, t_ns);
    g_assert_cmpint(view.to_ns, >, t_ns);
    gint64 since_ns = weft_model_since(model, lane, &view);
    if (since_ns < view.from_ns && task->state == WEFT_STATE_WAITING)
        g_assert_cmpint(since_ns, ==, task->since_ns);
    else
        g_assert_cmpint(since_ns, <=,
                        MAX(task->since_ns, weft_trace_begin_ns(weft_model_trace(model))));
    if (task->state == WEFT_STATE_NEW)
        return;
    g_assert_cmpuint(view.detail, ==, task->detail);
    if (weft_id_kind(task->other) != WEFT_ENTITY_OP) /* the lane names what it is on */
        g_assert_cmpuint(view.other, ==, task->other);
}

/* At n moments, 20 lanes each. */
static void check_lanes(struct fixture *f, weft_model *model, guint n_events, guint n, gint64 from,
                        gint64 to)
{
    g_autofree gint64 *moments = some_moments(f, n, from, to);
    struct oracle *oracle = oracle_new(f->program, n_events);
    for (guint i = 0; i < n; i++) {
        oracle_go_on(oracle, moments[i]);
        for (guint k = 0; k < 20; k++) {
            guint lane = (guint)g_rand_int_range(f->rand, 0, (gint32)weft_model_n_lanes(model));
            if (weft_model_lane(model, lane)->kind == WEFT_LANE_TASK)
                check_lane_at(model, oracle, lane, moments[i]);
        }
    }
    oracle_free(oracle);
}

static void test_lanes(struct fixture *f, gconstpointer seed G_GNUC_UNUSED)
{
    weft_model *model = open_model(f->trace);
    check_lanes(f, model, f->program->len, MOMENTS, 0, f->end_ns - 1);
    weft_model_free(model);
}

/* ---- Sums ---- */

struct sums {
    gint64 ns[WEFT_STATES];
};

/* What each task was in, added up from event to event: id -> struct sums. */
static GHashTable *true_sums(const struct fixture *f, gint64 polling_ns[PROGRAM_RINGS])
{
    GHashTable *sums = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    struct oracle *oracle = oracle_new(f->program, f->program->len);
    gint64 now = 0;
    for (guint i = 0; i <= f->program->len; i++) {
        gint64 next = i < f->program->len ? (gint64)event_at(f->program, i)->record.time
                                          : f->end_ns;
        next = MIN(next, f->end_ns);
        for (guint k = 0; next > now && k < oracle->tasks->len; k++) {
            const struct weft_task_at *task = &g_array_index(oracle->tasks, struct weft_task_at, k);
            struct sums *of = g_hash_table_lookup(sums, &task->id);
            if (!of) {
                of = g_new0(struct sums, 1);
                g_hash_table_insert(sums, g_memdup2(&task->id, sizeof task->id), of);
            }
            of->ns[task->state] += next - now;
        }
        for (guint ring = 0; next > now && ring < PROGRAM_RINGS; ring++)
            polling_ns[ring] += oracle->rings[ring].polling ? next - now : 0;
        now = MAX(now, next);
        oracle_go_on(oracle, now);
    }
    oracle_free(oracle);
    return sums;
}

static void check_sums(weft_model *model, guint lane, const struct sums *sums)
{
    static const struct sums none;
    const struct weft_lane *l = weft_model_lane(model, lane);
    struct weft_totals totals;
    weft_model_totals(model, lane, &totals);
    gint64 waiting = 0;
    for (guint i = 0; i < WEFT_WAIT_CLASSES; i++)
        waiting += totals.waiting_ns[i];
    const gint64 *ns = sums ? sums->ns : none.ns;
    g_assert_cmpint(totals.running_ns, ==, ns[WEFT_STATE_RUNNING]);
    g_assert_cmpint(totals.ready_ns, ==, ns[WEFT_STATE_READY] + ns[WEFT_STATE_NEW]);
    g_assert_cmpint(waiting, ==, ns[WEFT_STATE_WAITING]);
    g_assert_cmpint(totals.cancelling_ns, ==, ns[WEFT_STATE_CANCELLING]);
    g_assert_cmpint(totals.unknown_ns, ==, ns[WEFT_STATE_UNKNOWN]);
    g_assert_cmpint(totals.running_ns + totals.ready_ns + waiting + totals.cancelling_ns +
                        totals.unknown_ns,
                    ==, l->last_ns - l->first_ns);
}

static void check_all_sums(const struct fixture *f, weft_model *model)
{
    gint64 polling_ns[PROGRAM_RINGS] = { 0 };
    GHashTable *sums = true_sums(f, polling_ns);
    for (guint lane = 0; lane < weft_model_n_lanes(model); lane++) {
        const struct weft_lane *l = weft_model_lane(model, lane);
        struct weft_totals totals;
        weft_model_totals(model, lane, &totals);
        if (l->kind == WEFT_LANE_TASK)
            check_sums(model, lane, g_hash_table_lookup(sums, &l->id));
        if (l->kind == WEFT_LANE_LOOP) {
            g_assert_cmpint(totals.poll_ns, ==, polling_ns[l->ring]);
            g_assert_cmpint(totals.running_ns + totals.callback_ns + totals.poll_ns +
                                totals.loop_ns + totals.unknown_ns,
                            ==, f->end_ns - l->first_ns);
        }
    }
    g_hash_table_unref(sums);
}

static void test_sums(struct fixture *f, gconstpointer seed G_GNUC_UNUSED)
{
    weft_model *model = open_model(f->trace);
    check_all_sums(f, model);
    weft_model_free(model);
}

/* ---- Traces that grow, and files ---- */

static void test_growing(struct fixture *f, gconstpointer seed G_GNUC_UNUSED)
{
    enum { STEPS = 100, LATE_NS = 500000 }; /* what is asked about lately may yet be lost */
    g_autoptr(weft_trace) trace = weft_trace_new();
    weft_model *model = weft_model_new(trace);
    for (guint step = 0; step < STEPS; step++) {
        guint from = f->program->len * step / STEPS, to = f->program->len * (step + 1) / STEPS;
        program_append(trace, f->program, from, to);
        while (weft_model_advance(model, 1 + step))
            ;
        gint64 end = end_of(f->program, to);
        check_states(f, model, to, MOMENTS / STEPS, MAX(0, end - LATE_NS), end);
        if (end > 0)
            check_lanes(f, model, to, MOMENTS / STEPS, MAX(0, end - LATE_NS), end - 1);
    }
    check_all_sums(f, model);
    check_lanes(f, model, f->program->len, MOMENTS / 6, 0, f->end_ns - 1);
    weft_model_free(model);
}

static void write_chunk(weft_filewriter *writer, const weft_trace *trace, guint index)
{
    static struct weft_record records[WEFT_TRACE_CHUNK_SLOTS];
    const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, index);
    guint n = weft_trace_decode(trace, index, records, NULL);
    g_assert_cmpuint(n, ==, chunk->slots);
    if (chunk->lost_before)
        g_assert_true(weft_filewriter_loss(writer, chunk->ring, chunk->lost_before, 0, NULL));
    g_assert_true(
        weft_filewriter_events(writer, chunk->ring, records, n, chunk->current_task, NULL));
}

static void write_definitions(weft_filewriter *writer)
{
    enum { NAMES = 50, FILE_TEXT = 1000 };
    char text[16];
    weft_filewriter_string(writer, FILE_TEXT, "program.c", strlen("program.c"));
    for (guint id = 1; id <= NAMES; id++)
        weft_filewriter_string(writer, id, text, (gsize)g_snprintf(text, sizeof text, "%u", id));
    for (guint id = 1; id < PROGRAM_SITES; id++)
        weft_filewriter_site(writer, id, id, FILE_TEXT, FILE_TEXT);
}

static char *write_file(const struct fixture *f)
{
    char *path = g_build_filename(f->directory, "whole.weft", NULL);
    g_autoptr(weft_filewriter) writer = weft_filewriter_new(path, NULL);
    struct weft_file_process process = { .pid = 77,
                                         .start_time = 5,
                                         .boot_id = { 1 },
                                         .clock_kind = WEFT_CLOCK_MONOTONIC,
                                         .program = "x",
                                         .host = "",
                                         .ended = TRUE };
    g_assert_true(weft_filewriter_process(writer, &process, NULL));
    write_definitions(writer);
    for (guint i = 0; i < weft_trace_n_chunks(f->trace); i++)
        write_chunk(writer, f->trace, i);
    for (guint32 ring = 0; ring < PROGRAM_RINGS; ring++)
        if (weft_trace_lost_at_end(f->trace, ring))
            g_assert_true(weft_filewriter_loss(writer, ring, weft_trace_lost_at_end(f->trace, ring),
                                               0, NULL));
    g_assert_true(weft_filewriter_finish(writer, NULL));
    return path;
}

/* Opens the file, checks what the model says between the two moments, keeps a SUMMARY. */
static void check_file(struct fixture *f, const char *path, gboolean sums, gint64 from, gint64 to)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    g_assert_null(weft_trace_damage(trace));
    weft_model *model = open_model(trace);
    check_states(f, model, f->program->len, MOMENTS / 6, from, to);
    check_lanes(f, model, f->program->len, MOMENTS / 6, from, to - 1);
    if (sums)
        check_all_sums(f, model);
    g_assert_true(weft_model_keep(model, &error));
    g_assert_no_error(error);
    weft_model_free(model);
}

static gboolean worth_keeping(const char *path)
{
    g_autoptr(weft_trace) trace = weft_trace_open(path, NULL);
    weft_model *model = open_model(trace);
    gboolean worth = weft_model_worth_keeping(model);
    weft_model_free(model);
    return worth;
}

static void test_file(struct fixture *f, gconstpointer seed G_GNUC_UNUSED)
{
    g_autofree char *path = write_file(f);
    gboolean large = weft_trace_n_chunks(f->trace) >= SUMMARY_CHUNKS;
    g_assert_true(worth_keeping(path) == large);
    check_file(f, path, TRUE, 0, f->end_ns);
    g_assert_false(worth_keeping(path)); /* it opens from its SUMMARY */
    check_file(f, path, TRUE, 0, f->end_ns);
    g_assert_no_errno(g_unlink(path));
}

static void test_cut(struct fixture *f, gconstpointer seed G_GNUC_UNUSED)
{
    g_autofree char *whole = write_file(f);
    g_autofree char *first = g_build_filename(f->directory, "first.weft", NULL);
    g_autofree char *second = g_build_filename(f->directory, "second.weft", NULL);
    g_autoptr(weft_trace) trace = weft_trace_open(whole, NULL);
    g_autofree gint64 *at = some_moments(f, 1, f->end_ns / 4, f->end_ns * 3 / 4);
    struct weft_cut_report report;
    g_assert_true(weft_cut(trace, 0, at[0], first, &report, NULL));
    g_assert_true(weft_cut(trace, at[0] + 1, f->end_ns, second, &report, NULL));
    check_file(f, first, FALSE, 0, at[0]);
    check_file(f, second, FALSE, at[0] + 1, f->end_ns);
    struct weft_merge_result result;
    const char *const pieces[] = { second, first };
    g_assert_true(weft_merge(pieces, 2, whole, &result, NULL));
    g_assert_cmpuint(result.events, ==, weft_trace_events(f->trace));
    g_assert_cmpuint(result.lost, ==, weft_trace_lost(f->trace));
    weft_merge_result_clear(&result);
    check_file(f, whole, TRUE, 0, f->end_ns);
    g_assert_no_errno(g_unlink(whole));
    g_assert_no_errno(g_unlink(first));
    g_assert_no_errno(g_unlink(second));
}

static void seeds_to_try(guint *from, guint *to)
{
    const char *wanted = g_getenv("WEFT_ORACLE_SEEDS");
    *from = 1;
    *to = SLOW ? SEEDS_SLOW : SEEDS;
    if (wanted && sscanf(wanted, "%u-%u", from, to) != 2)
        g_error("WEFT_ORACLE_SEEDS is FROM-TO, as in 1-500, not %s", wanted);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(struct fixture *f, gconstpointer seed);
    } tests[] = { { "states", test_states }, { "truth", test_truth },     { "lanes", test_lanes },
                  { "sums", test_sums },     { "growing", test_growing }, { "file", test_file },
                  { "cut", test_cut } };
    guint from, to;
    g_test_init(&argc, &argv, NULL);
    seeds_to_try(&from, &to);
    for (guint seed = from; seed <= to; seed++)
        for (guint k = 0; k < G_N_ELEMENTS(tests); k++) {
            g_autofree char *path = g_strdup_printf("/oracle/%s/%u", tests[k].name, seed);
            g_test_add(path, struct fixture, GUINT_TO_POINTER(seed), setup, tests[k].test,
                       teardown);
        }
    return g_test_run();
}
