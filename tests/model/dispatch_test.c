/* dispatch_test.c: a loop's replay: n steps forward and n back lead to the same scene, at thousands
 * of random places of random programs, with losses too; scenes between events of one nanosecond
 * against the oracle; and scenes of a run written by hand. */
#include "tests/model/oracle.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"
#include "tracer/model/dispatch.h"
#include <string.h>

enum { PLACES = 500, PLACES_SLOW = 8, STEPS_MAX = 12, ORACLE_PLACES = 200, ORACLE_PLACES_SLOW = 4 };

static guint places(guint usual, guint slow)
{
    return SLOW ? slow : usual;
}

/* ---- Scenes as text ---- */

static void add_tokens(GString *text, const char *what, const GArray *tokens)
{
    g_string_append_printf(text, "%s:", what);
    for (guint i = 0; i < tokens->len; i++) {
        const struct weft_token *t = &g_array_index(tokens, struct weft_token, i);
        char id[48];
        weft_format_id(t->id, id);
        g_string_append_printf(text, " %s", id);
        if (t->holder) {
            weft_format_id(t->holder, id);
            g_string_append_printf(text, " (%s holds it)", id);
        }
    }
    g_string_append(text, "\n");
}

static const char *const phases[] = { "unknown", "poll", "io", "timers", "ready", "closed" };

static void add_id(GString *text, const char *what, uint64_t id)
{
    char name[48];
    weft_format_id(id, name);
    g_string_append_printf(text, "%s %s\n", what, id ? name : "-");
}

static char *scene_text(weft_model *model, const struct weft_dispatch *d)
{
    static const char *const rows[] = { "timers", "io", "sync", "tasks", "threads" };
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "iteration %" G_GUINT64_FORMAT " %s\n", d->iteration,
                           phases[d->phase]);
    add_tokens(text, "ready", d->ready);
    if (d->split)
        g_string_append_printf(text, "this %u\n", d->n_this);
    add_id(text, "running", d->running.id);
    if (d->callback)
        add_id(text, "callback", d->callback);
    for (guint i = 0; i < d->n_path; i++)
        add_id(text, "for", d->path[i]);
    if (d->left.id)
        add_id(text, "left", d->left.id);
    if (d->site)
        g_string_append_printf(text, "site %u%s\n", d->site, d->site_past ? ", and ended" : "");
    for (guint row = 0; row < WEFT_WAIT_CLASSES; row++)
        if (d->waiting[row]->len)
            add_tokens(text, rows[row], d->waiting[row]);
    if (d->n_unknown)
        g_string_append_printf(text, "unknown %u\n", d->n_unknown);
    if (d->n_done)
        add_tokens(text, "done", d->done);
    if (d->woken.id) {
        add_id(text, "woken", d->woken.id);
        g_autofree char *cause = weft_dispatch_cause(model, d);
        g_string_append_printf(text, "from %s, %u: %s\n", rows[d->woken_from], d->n_woken, cause);
    }
    return g_string_free(text, FALSE);
}

/* All that is seen at a place: the scene and what is told. */
static char *seen_at(weft_model *model, weft_replay *replay, struct weft_replay_place place)
{
    struct weft_dispatch *d = weft_replay_scene(replay, place);
    g_autofree char *scene = scene_text(model, d);
    struct weft_replay_telling *telling = weft_replay_tell(replay, place, WEFT_REPLAY_WHOLE, 50);
    GString *text = g_string_new(scene);
    g_autofree char *headline = telling->headline ? weft_sentence_text(telling->headline) : NULL;
    g_string_append_printf(text, "%s\n", headline ? headline : "-");
    for (guint i = 0; i < telling->lines->len; i++) {
        g_autofree char *line = weft_sentence_text(telling->lines->pdata[i]);
        g_string_append_printf(text, "  %s\n", line);
    }
    weft_replay_telling_free(telling);
    weft_dispatch_free(d);
    return g_string_free(text, FALSE);
}

/* ---- Forward and back ---- */

static const struct program_options programs[] = {
    { .seed = 31, .loops = 1, .tasks = 6, .steps = 3000 },
    { .seed = 32, .loops = 3, .tasks = 30, .steps = 9000 },
    { .seed = 33, .loops = 2, .tasks = 20, .steps = 9000, .losses = 60 },
    { .seed = 34, .loops = 1, .tasks = 8, .steps = 5000, .losses = 150 },
};

struct fixture {
    GArray *program;
    weft_trace *trace;
    weft_model *model;
    GRand *rand;
    gint64 end_ns;
};

static void setup(struct fixture *f, gconstpointer options)
{
    f->program = random_program(*(const struct program_options *)options);
    f->rand = g_rand_new_with_seed(7);
    f->trace = weft_trace_new();
    program_append(f->trace, f->program, 0, f->program->len);
    f->model = weft_model_new(f->trace);
    while (weft_model_advance(f->model, 0))
        ;
    f->end_ns = weft_model_end_ns(f->model);
}

static void teardown(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    weft_model_free(f->model);
    weft_trace_unref(f->trace);
    g_rand_free(f->rand);
    g_array_unref(f->program);
}

static GArray *loops_of(weft_model *model)
{
    GArray *loops = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint lane = 0; lane < weft_model_n_lanes(model); lane++)
        if (weft_model_lane(model, lane)->kind == WEFT_LANE_LOOP)
            g_array_append_val(loops, lane);
    return loops;
}

/* n forward, n back; fewer where the trace ends. Forth and back are read by replays of their own:
 * what one has read does not help it. */
static void forth_and_back(struct fixture *f, guint loop, enum weft_replay_unit unit)
{
    g_autoptr(weft_replay) forth = weft_replay_new(f->model, loop);
    g_autoptr(weft_replay) back = weft_replay_new(f->model, loop);
    struct weft_replay_place start = { (gint64)g_rand_double_range(f->rand, 0, (double)f->end_ns),
                                       WEFT_WHOLE_MOMENT };
    if (!weft_replay_step(forth, start, unit, g_rand_boolean(f->rand) ? 1 : -1, &start))
        return;
    g_autofree char *expected = seen_at(f->model, forth, start);
    struct weft_replay_place place = start, trail[STEPS_MAX];
    guint n = 0, wanted = (guint)g_rand_int_range(f->rand, 1, STEPS_MAX);
    while (n < wanted) {
        trail[n] = place;
        if (!weft_replay_step(forth, place, unit, 1, &place))
            break;
        g_assert_cmpint(place.time_ns, >=, trail[n].time_ns);
        n++;
    }
    while (n-- > 0) {
        g_assert_true(weft_replay_step(back, place, unit, -1, &place));
        g_assert_cmpint(place.time_ns, ==, trail[n].time_ns);
        g_assert_cmpint(place.after, ==, trail[n].after);
    }
    g_autofree char *again = seen_at(f->model, back, place);
    g_assert_cmpstr(again, ==, expected);
}

static void test_forth_and_back(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    g_autoptr(GArray) loops = loops_of(f->model);
    g_assert_cmpuint(loops->len, >, 0);
    for (guint i = 0; i < places(PLACES, PLACES_SLOW); i++) {
        guint loop = g_array_index(loops, guint, i % loops->len);
        forth_and_back(f, loop, WEFT_REPLAY_STEP);
        forth_and_back(f, loop, WEFT_REPLAY_EVENT);
    }
}

/* By event through the whole of a loop: all its events, in order, none twice; and the ends. */
static void test_every_event(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    g_autoptr(GArray) loops = loops_of(f->model);
    for (guint i = 0; i < loops->len; i++) {
        guint lane = g_array_index(loops, guint, i);
        g_autoptr(weft_replay) replay = weft_replay_new(f->model, lane);
        guint32 ring = weft_model_lane(f->model, lane)->ring;
        struct weft_replay_place place = { -1, WEFT_WHOLE_MOMENT }, none;
        g_assert_false(weft_replay_step(replay, place, WEFT_REPLAY_EVENT, -1, &none));
        g_assert_false(weft_replay_step(replay, place, WEFT_REPLAY_STEP, -1, &none));
        for (guint e = 0; e < f->program->len; e++) {
            const struct program_event *event = &g_array_index(f->program, struct program_event, e);
            if (event->lost || event->ring != ring ||
                (gint64)event->record.time < weft_model_lane(f->model, lane)->first_ns)
                continue;
            g_assert_true(weft_replay_step(replay, place, WEFT_REPLAY_EVENT, 1, &place));
            g_assert_cmpint(place.time_ns, ==, (gint64)event->record.time);
        }
        g_assert_false(weft_replay_step(replay, place, WEFT_REPLAY_EVENT, 1, &none));
        g_assert_false(weft_replay_step(replay, place, WEFT_REPLAY_STEP, 1, &none));
    }
}

/* ---- From anywhere ---- */

static char *told_at(weft_replay *replay, struct weft_replay_place place)
{
    struct weft_replay_telling *telling = weft_replay_tell(replay, place, WEFT_REPLAY_WHOLE, 50);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i <= telling->lines->len; i++) {
        const struct weft_sentence *s = i < telling->lines->len ? telling->lines->pdata[i]
                                                                : telling->headline;
        g_autofree char *line = s ? weft_sentence_text(s) : NULL;
        g_string_append_printf(text, "%s\n", line ? line : "-");
    }
    weft_replay_telling_free(telling);
    return g_string_free(text, FALSE);
}

/* What is told of a step does not depend on where its replay came from: one goes through the whole
 * loop, another has just begun. */
static void told_from_anywhere(struct fixture *f, guint loop, enum weft_replay_unit unit)
{
    g_autoptr(weft_replay) through = weft_replay_new(f->model, loop);
    struct weft_replay_place place = { -1, WEFT_WHOLE_MOMENT };
    guint wanted = places(4 * PLACES, PLACES_SLOW), n = 0, steps = places(G_MAXUINT, 400);
    while (steps-- > 0 && weft_replay_step(through, place, unit, 1, &place)) {
        g_autofree char *told = told_at(through, place);
        if (g_rand_int_range(f->rand, 0, (gint)f->program->len) > (gint)wanted && n > 0)
            continue;
        g_autoptr(weft_replay) fresh = weft_replay_new(f->model, loop);
        g_autofree char *again = told_at(fresh, place);
        g_assert_cmpstr(again, ==, told);
        n++;
    }
    g_assert_cmpuint(n, >, 0);
}

static void test_told_from_anywhere(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    g_autoptr(GArray) loops = loops_of(f->model);
    for (guint i = 0; i < loops->len; i++)
        told_from_anywhere(f, g_array_index(loops, guint, i),
                           i % 2 ? WEFT_REPLAY_EVENT : WEFT_REPLAY_STEP);
}

/* ---- Against the oracle ---- */

static const struct program_options alone = { .seed = 35, .loops = 1, .tasks = 12, .steps = 3000 };

static void compare_with_oracle(struct fixture *f, const struct weft_dispatch *d, guint n)
{
    struct oracle *oracle = oracle_new(f->program, n);
    oracle_go_on(oracle, G_MAXINT64);
    guint ring = weft_id_ring(d->loop), waiting = 0, expected = 0;
    const GArray *ready = oracle->rings[ring].ready, *running = oracle->rings[ring].running;
    g_assert_cmpuint(d->ready->len, ==, ready->len);
    for (guint i = 0; i < ready->len; i++)
        g_assert_cmphex(g_array_index(d->ready, struct weft_token, i).id, ==,
                        g_array_index(ready, uint64_t, i));
    g_assert_cmphex(d->running.id, ==,
                    running->len ? g_array_index(running, uint64_t, running->len - 1) : 0);
    for (guint row = 0; row < WEFT_WAIT_CLASSES; row++)
        for (guint i = 0; i < d->waiting[row]->len; i++) {
            const struct weft_token *t = &g_array_index(d->waiting[row], struct weft_token, i);
            const struct weft_task_at *task = oracle_task(oracle, t->id);
            g_assert_cmphex(t->other, ==, task->other);
            g_assert_cmpuint(t->detail, ==, task->detail);
            g_assert_cmpuint(weft_wait_class(task->detail), ==, row);
            waiting++;
        }
    for (guint i = 0; i < oracle->tasks->len; i++) {
        const struct weft_task_at *task = &g_array_index(oracle->tasks, struct weft_task_at, i);
        expected += task->state == WEFT_STATE_WAITING;
    }
    g_assert_cmpuint(waiting, >=, expected);
    oracle_free(oracle);
}

/* Every event is a place, also of those that share a nanosecond. */
static void test_oracle(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    guint n = 0, wanted = places(ORACLE_PLACES, ORACLE_PLACES_SLOW);
    for (guint i = 1; i < f->program->len; i++) { /* put many into one moment */
        struct program_event *event = &g_array_index(f->program, struct program_event, i);
        const struct program_event *before = event - 1;
        if (i % 3 && event->ring == before->ring)
            event->record.time = before->record.time;
    }
    weft_trace *trace = weft_trace_new();
    program_append(trace, f->program, 0, f->program->len);
    weft_model *model = weft_model_new(trace);
    while (weft_model_advance(model, 0))
        ;
    g_autoptr(GArray) loops = loops_of(model);
    guint lane = g_array_index(loops, guint, 0);
    g_autoptr(weft_replay) replay = weft_replay_new(model, lane);
    struct weft_replay_place place = { -1, WEFT_WHOLE_MOMENT };
    guint amid = 0;
    for (guint e = 0; e < f->program->len; e++) {
        const struct program_event *event = &g_array_index(f->program, struct program_event, e);
        if (event->ring != weft_model_lane(model, lane)->ring ||
            (gint64)event->record.time < weft_model_lane(model, lane)->first_ns)
            continue;
        g_assert_true(weft_replay_step(replay, place, WEFT_REPLAY_EVENT, 1, &place));
        if (n < wanted && g_rand_int_range(f->rand, 0, (gint)f->program->len) < 2 * (gint)wanted) {
            struct weft_dispatch *d = weft_replay_scene(replay, place);
            compare_with_oracle(f, d, e + 1);
            weft_dispatch_free(d);
            amid += place.after != WEFT_WHOLE_MOMENT;
            n++;
        }
    }
    g_assert_cmpuint(amid, >, 0);
    weft_model_free(model);
    weft_trace_unref(trace);
}

/* ---- By hand ---- */

#define LOCK  weft_id(WEFT_ENTITY_LOCK, 0, 1)
#define GROUP weft_id(WEFT_ENTITY_GROUP, 0, 1)

static void add(struct script *s, gint64 t, unsigned kind, unsigned detail, unsigned site,
                uint64_t subject, uint64_t object)
{
    script_add(s, t, kind, detail, site, subject, object);
}

/* a has the lock, b waits for it and main for both; a gives it back and goes on; c sleeps. */
static weft_model *locked(void)
{
    struct script s = script_with_main();
    weft_trace_define_site(s.trace, 1, "a.c", "work", 10);
    weft_trace_define_site(s.trace, 2, "a.c", "work", 20);
    script_name(&s, 0, LOCK, "cache");
    for (unsigned task = 2; task <= 4; task++) {
        add(&s, 10, WEFT_RECORD_TASK_NEW, 0, 1, TASK(task), TASK(1));
        add(&s, 10, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(task), TASK(1));
        script_name(&s, 10, TASK(task), task == 2 ? "a" : task == 3 ? "b" : "c");
    }
    add(&s, 11, WEFT_RECORD_GROUP_ADD, 0, 0, GROUP, TASK(2));
    add(&s, 11, WEFT_RECORD_GROUP_ADD, 0, 0, GROUP, TASK(3));
    add(&s, 20, WEFT_RECORD_SUSPEND, WEFT_AWAIT_GROUP, 1, TASK(1), GROUP);
    add(&s, 20, WEFT_RECORD_ITERATION, 0, 3, LOOP, 2);
    add(&s, 20, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    add(&s, 22, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, 1, LOCK, 0);
    add(&s, 30, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, 1, TASK(2), 0);
    add(&s, 30, WEFT_RECORD_RESUME, 0, 0, TASK(3), 0);
    add(&s, 40, WEFT_RECORD_SUSPEND, WEFT_AWAIT_LOCK, 2, TASK(3), LOCK);
    add(&s, 40, WEFT_RECORD_RESUME, 0, 0, TASK(4), 0);
    add(&s, 44, WEFT_RECORD_TIMER_SET, 0, 1, TIMER(1), 90);
    add(&s, 45, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, 1, TASK(4), TIMER(1));
    add(&s, 46, WEFT_RECORD_POLL_BEGIN, 0, 0, LOOP, 0);
    add(&s, 47, WEFT_RECORD_POLL_END, 0, 0, LOOP, 0);
    add(&s, 48, WEFT_RECORD_ITERATION, 0, 1, LOOP, 3);
    add(&s, 48, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    add(&s, 50, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_RELEASE, 2, LOCK, 0);
    add(&s, 50, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, 0, TASK(3), TASK(2));
    add(&s, 60, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(2), 0);
    add(&s, 61, WEFT_RECORD_POLL_BEGIN, 0, 0, LOOP, 0);
    add(&s, 70, WEFT_RECORD_POLL_END, 0, 0, LOOP, 0);
    add(&s, 90, WEFT_RECORD_TIMER_FIRE, 0, 0, TIMER(1), 0);
    add(&s, 91, WEFT_RECORD_ITERATION, 0, 1, LOOP, 4);
    add(&s, 91, WEFT_RECORD_RESUME, 0, 0, TASK(3), 0);
    return script_model(&s);
}

static void assert_seen(weft_model *model, gint64 t, int after, const char *expected)
{
    g_autoptr(GArray) loops = loops_of(model);
    g_autoptr(weft_replay) replay = weft_replay_new(model, g_array_index(loops, guint, 0));
    g_autofree char *seen = seen_at(model, replay, (struct weft_replay_place){ t, after });
    g_assert_cmpstr(seen, ==, expected);
}

static void test_by_hand(void)
{
    weft_model *model = locked();
    /* A whole moment: the next one already runs. */
    assert_seen(model, 30, WEFT_WHOLE_MOMENT,
                "iteration 2 ready\n"
                "ready: task:0:4 task:0:2\n"
                "this 1\n"
                "running task:0:3\n"
                "for task:0:1\n"
                "tasks: task:0:1\n"
                "a steps back to the end of the ready queue: b is next.\n"
                "  Iteration 2: 3 are ready. What becomes ready meanwhile runs in iteration 3.\n"
                "  a runs: it was first in the ready queue.\n"
                "  a takes lock cache: it was free.\n");
    /* Between its events: nobody does. */
    assert_seen(model, 30, 1,
                "iteration 2 ready\n"
                "ready: task:0:3 task:0:4 task:0:2\n"
                "this 2\n"
                "running -\n"
                "left task:0:2\n"
                "site 1\n"
                "tasks: task:0:1\n"
                "a steps back to the end of the ready queue: b is next.\n"
                "  Iteration 2: 3 are ready. What becomes ready meanwhile runs in iteration 3.\n"
                "  a runs: it was first in the ready queue.\n"
                "  a takes lock cache: it was free.\n");
    /* The loop polls: what is ready is of the iteration to come. */
    assert_seen(model, 46, WEFT_WHOLE_MOMENT,
                "iteration 3 poll\n"
                "ready: task:0:2\n"
                "this 1\n"
                "running -\n"
                "timers: task:0:4\n"
                "sync: task:0:3 (task:0:2 holds it)\n"
                "tasks: task:0:1\n"
                "1 is ready: the loop only looks for I/O (timeout 0).\n");
    /* The return path: b, out of the locks. */
    assert_seen(model, 50, WEFT_WHOLE_MOMENT,
                "iteration 3 ready\n"
                "ready: task:0:3\n"
                "this 0\n"
                "running task:0:2\n"
                "for task:0:1\n"
                "site 2\n"
                "timers: task:0:4\n"
                "tasks: task:0:1\n"
                "woken task:0:3\n"
                "from sync, 1: cache released\n"
                "a released lock cache; b was first in line: it goes to the ready queue (1st).\n"
                "  The loop wakes after 1 ns: no I/O.\n"
                "  Iteration 3: 1 is ready. What becomes ready meanwhile runs in iteration 4.\n"
                "  a runs: it was first in the ready queue, where it spent 18 ns, behind b and c.\n"
                "  a releases lock cache: b is first in line.\n");
    /* The end of a step says what came before. */
    assert_seen(
        model, 60, WEFT_WHOLE_MOMENT,
        "iteration 3 ready\n"
        "ready: task:0:3\n"
        "this 0\n"
        "running -\n"
        "left task:0:2\n"
        "site 2, and ended\n"
        "timers: task:0:4\n"
        "tasks: task:0:1\n"
        "done: task:0:2\n"
        "woken task:0:3\n"
        "from sync, 1: cache released\n"
        "a is done; it released lock cache, which b awaited: b is next.\n"
        "  The loop wakes after 1 ns: no I/O.\n"
        "  Iteration 3: 1 is ready. What becomes ready meanwhile runs in iteration 4.\n"
        "  a runs: it was first in the ready queue, where it spent 18 ns, behind b and c.\n"
        "  a releases lock cache: b is first in line.\n"
        "  a released lock cache; b was first in line: it goes to the ready queue (1st).\n");
    /* A timer fired. */
    assert_seen(model, 90, WEFT_WHOLE_MOMENT,
                "iteration 4 timers\n"
                "ready: task:0:3\n"
                "this 1\n"
                "running -\n"
                "timers: task:0:4\n"
                "tasks: task:0:1\n"
                "done: task:0:2\n"
                "The timer fires.\n"
                "  The loop wakes after 9 ns: no I/O.\n");
    weft_model_free(model);
}

/* The process begins before its loop does; who waits at no known line has not ended. */
static void test_before_it_opens(void)
{
    struct script s = script_new();
    uint32_t hello = script_string(&s, "hello");
    script_add(&s, 5, WEFT_RECORD_PROCESS, 0, 0, weft_id(WEFT_ENTITY_PROCESS, 0, 1), hello);
    script_add(&s, 10, WEFT_RECORD_LOOP_OPEN, 0, 0, LOOP, 1);
    script_add(&s, 20, WEFT_RECORD_TASK_NEW, 0, 7, TASK(1), 0);
    script_add(&s, 25, WEFT_RECORD_ITERATION, 0, 1, LOOP, 1);
    script_add(&s, 26, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 30, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(1), 0);
    weft_model *model = script_model(&s);
    assert_seen(model, 30, 1,
                "iteration 1 ready\n"
                "ready:\n"
                "this 0\n"
                "running -\n"
                "left task:0:1\n"
                "io: task:0:1\n"
                "Task-1 awaits data: nothing is ready, the loop polls.\n"
                "  hello (pid 0) starts recording.\n"
                "  The loop opens on thread 1.\n"
                "  The loop creates Task-1: it goes to the end of the ready queue.\n"
                "  Iteration 1: 1 is ready. What becomes ready meanwhile runs in iteration 2.\n"
                "  Task-1 runs.\n");
    assert_seen(model, 5, WEFT_WHOLE_MOMENT,
                "iteration 0 closed\n"
                "ready:\n"
                "running -\n"
                "hello (pid 0) starts recording.\n");
    weft_model_free(model);
}

static void test_no_loop(void)
{
    weft_model *model = locked();
    g_assert_null(weft_replay_new(model, weft_model_lane_of(model, TASK(1))));
    g_assert_null(weft_replay_new(model, G_MAXUINT32));
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(programs); i++) {
        g_autofree char *forth = g_strdup_printf("/dispatch/forth-and-back/%u", i);
        g_autofree char *every = g_strdup_printf("/dispatch/every-event/%u", i);
        g_test_add(forth, struct fixture, &programs[i], setup, test_forth_and_back, teardown);
        g_test_add(every, struct fixture, &programs[i], setup, test_every_event, teardown);
        g_autofree char *told = g_strdup_printf("/dispatch/told-from-anywhere/%u", i);
        g_test_add(told, struct fixture, &programs[i], setup, test_told_from_anywhere, teardown);
    }
    g_test_add("/dispatch/oracle", struct fixture, &alone, setup, test_oracle, teardown);
    g_test_add_func("/dispatch/by-hand", test_by_hand);
    g_test_add_func("/dispatch/before-it-opens", test_before_it_opens);
    g_test_add_func("/dispatch/no-loop", test_no_loop);
    return g_test_run();
}
