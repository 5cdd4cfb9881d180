/* predict_test.c: what is asked of real traces, what is right and why; of runs written by hand; and
 * of random programs: nothing is left out by the questions, and each answer is what comes next. */
#include "tests/model/random_program.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"
#include "tracer/model/dispatch.h"
#include "tracer/model/predict.h"

/* "said question | *choice, choice | reason", one a line. */
static char *questions_of(weft_model *model)
{
    GString *text = g_string_new(NULL);
    for (guint lane = 0; lane < weft_model_n_lanes(model); lane++) {
        g_autoptr(weft_replay) replay = weft_replay_new(model, lane);
        struct weft_replay_place place = { -1, WEFT_WHOLE_MOMENT };
        struct weft_prediction *p;
        while (replay && weft_replay_step_to_question(replay, place, 0, &place, &p)) {
            if (!p)
                continue;
            g_string_append_printf(text, "%s %s |", p->said, p->question);
            for (guint i = 0; i < p->n; i++)
                g_string_append_printf(text, "%s %s%s", i ? "," : "", i == p->right ? "*" : "",
                                       p->choices[i].text);
            g_string_append_printf(text, " | %s\n", p->reason);
            weft_prediction_free(p);
        }
    }
    return g_string_free(text, FALSE);
}

static char *questions_of_lesson(const char *file)
{
    g_autofree char *path = g_build_filename(g_getenv("WEFT_TEST_LESSONS"), file, NULL);
    g_autoptr(GError) error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    weft_model *model = weft_model_new(trace);
    weft_trace_unref(trace);
    while (weft_model_advance(model, 0))
        ;
    char *text = questions_of(model);
    weft_model_free(model);
    return text;
}

static void test_create(void)
{
    g_autofree char *text = questions_of_lesson("04-create-task/trace.weft");
    g_assert_cmpstr(
        text, ==,
        "Task-1 creates egg. What runs next? | egg, *Task-1 goes on, nothing: poll | Creating a "
        "task does not run it: egg goes to the ready queue (1st of 1), and Task-1 goes on until it "
        "waits.\n"
        "Task-1 steps back. What runs next? | *egg, tea, Task-1 goes on, nothing: poll | The queue "
        "is first in, first out: egg is the first task in it; Task-1 is 4th of 4.\n"
        "Task-1 waits. What runs next? | egg, tea, Task-1 goes on, *nothing: poll | The ready "
        "queue is empty: the loop sleeps until I/O, or the first timer, that of tea, in 300 ms.\n"
        "Nobody is ready: the loop sleeps. Who runs next? | egg, *tea, ham | The timer of tea is "
        "due first, whoever began to wait before it.\n");
}

static void has(const char *text, const char *line)
{
    if (!strstr(text, line))
        g_error("'%s' is not asked:\n%s", line, text);
}

static void test_wake_and_cancel(void)
{
    g_autofree char *queue = questions_of_lesson("11-queue/trace.weft");
    has(queue, "orders moved on, by Ada. waiter waited for that. What runs next? | waiter, Bob, "
               "*Ada goes on, nothing: poll | Waking somebody is no switch: waiter goes to the "
               "ready queue (2nd of 2), and Ada goes on until it waits.\n");
    has(queue, "Ada waits. waiter has just become ready. What runs next? | waiter, *Bob, Ada goes "
               "on, nothing: poll | The queue is first in, first out: Bob is the first task in it; "
               "waiter is 2nd of 2, and runs in the next iteration.\n");
    has(queue, "Task-1 asks to cancel Ada. What runs next? | Ada, *Task-1 goes on, nothing: poll | "
               "To cancel is to ask: Ada goes to the ready queue (1st of 1) and hears of it when "
               "it runs, and Task-1 goes on until it waits.\n");
}

static void test_timers(void)
{
    g_autofree char *gather = questions_of_lesson("03-gather-or-not/gather.weft");
    has(gather, "The loop wakes: 3 timers are due. Who runs first? | *Task-2, Task-3, Task-4 | "
                "They become ready in the order of their deadlines: that of Task-2 was 5.36 µs "
                "earlier.\n");
    g_autofree char *blocking = questions_of_lesson("05-blocking/in-the-loop.weft");
    has(blocking, "Task-1 runs. The time of heartbeat is over in 43.9 ms. What runs then? | "
                  "heartbeat, *Task-1 goes on, nothing: poll | Task-1 holds the loop for 400 ms: "
                  "nobody looks at timers until it waits, so heartbeat is late by 356 ms.\n");
}

/* What is known is not asked again; the steps stay. */
static void test_left_out(void)
{
    struct script s = script_with_main();
    script_add(&s, 26, WEFT_RECORD_TASK_NEW, 0, 0, TASK(2), TASK(1));
    script_add(&s, 26, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(2), 0);
    script_add(&s, 29, WEFT_RECORD_SUSPEND, WEFT_AWAIT_OTHER, 0, TASK(1), 0);
    weft_model *model = script_model(&s);
    guint lane = weft_model_lane_of(model, LOOP);
    g_autoptr(weft_replay) replay = weft_replay_new(model, lane);
    struct weft_replay_place start = { 20, WEFT_WHOLE_MOMENT }, found;
    struct weft_prediction *asked;
    g_assert_true(weft_replay_step_to_question(replay, start, 0, &found, &asked));
    g_assert_cmpint(found.time_ns, ==, 26);
    g_assert_cmpint(asked->stake, ==, WEFT_STAKE_CREATE);
    weft_prediction_free(asked);
    g_assert_true(
        weft_replay_step_to_question(replay, start, 1 << WEFT_STAKE_CREATE, &found, &asked));
    g_assert_cmpint(found.time_ns, ==, 29);
    g_assert_null(asked);
    weft_model_free(model);
}

/* ---- By hand ---- */
#define GROUP weft_id(WEFT_ENTITY_GROUP, 0, 1)

/* main awaits the gather of b and c; b fails at 60, c waits for a timer until 90. */
static struct script gather_that_fails(void)
{
    struct script s = script_with_main();
    script_name(&s, 21, TASK(2), "b");
    script_name(&s, 21, TASK(3), "c");
    for (guint i = 2; i <= 3; i++) {
        script_add(&s, 26, WEFT_RECORD_TASK_NEW, 0, 0, TASK(i), TASK(1));
        script_add(&s, 26, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(i), 0);
    }
    script_add(&s, 27, WEFT_RECORD_OBJECT_NEW, 0, 0, GROUP, 2);
    script_name(&s, 27, GROUP, "gather");
    script_add(&s, 27, WEFT_RECORD_GROUP_ADD, 0, 0, GROUP, TASK(2));
    script_add(&s, 27, WEFT_RECORD_GROUP_ADD, 0, 0, GROUP, TASK(3));
    script_add(&s, 28, WEFT_RECORD_SUSPEND, WEFT_AWAIT_GROUP, 0, TASK(1), GROUP);
    script_add(&s, 29, WEFT_RECORD_ITERATION, 0, 2, LOOP, 2);
    script_add(&s, 30, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add(&s, 31, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, 0, TASK(2), 0);
    script_add(&s, 32, WEFT_RECORD_RESUME, 0, 0, TASK(3), 0);
    script_add(&s, 33, WEFT_RECORD_TIMER_SET, 0, 0, TIMER(1), 90);
    script_add(&s, 34, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, 0, TASK(3), TIMER(1));
    script_add(&s, 35, WEFT_RECORD_ITERATION, 0, 3, LOOP, 1);
    script_add(&s, 40, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add(&s, 60, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_ERROR, 0, TASK(2), 0);
    script_add(&s, 61, WEFT_RECORD_WAKE, WEFT_WAKE_GROUP, 0, TASK(1), TASK(2));
    return s;
}

static void test_gather(void)
{
    struct script s = gather_that_fails();
    script_add(&s, 65, WEFT_RECORD_ITERATION, 0, 4, LOOP, 1);
    script_add(&s, 65, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 70, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_ERROR, 0, TASK(1), 0);
    weft_model *model = script_model(&s);
    g_autofree char *text = questions_of(model);
    has(text, "One of the gather of 2 failed. What runs next? | *main, c, nothing: poll | A gather "
              "cancels nobody: c goes on. main is first in the ready queue.\n");
    weft_model_free(model);
}

/* What comes next is lost, or was not recorded: it is not asked. */
static void test_unknown_answer(void)
{
    for (guint lost = 0; lost < 2; lost++) {
        struct script s = gather_that_fails();
        if (lost) {
            script_lose(&s, 3);
            script_add(&s, 65, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
        }
        weft_model *model = script_model(&s);
        g_autofree char *text = questions_of(model);
        g_assert_nonnull(strstr(text, "b steps back"));
        g_assert_null(strstr(text, "failed"));
        weft_model_free(model);
    }
}

/* A hundred thousand tasks that one creates in one slice: asked once, and then no more. */
static void test_many(void)
{
    enum { BEGIN = 1000 };
    const guint n = SLOW ? 2000 : 100000;
    struct script s = script_with_main();
    script_add(&s, BEGIN - 1, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    for (guint i = 0; i < n; i++) {
        script_add(&s, BEGIN + i, WEFT_RECORD_TASK_NEW, 0, 0, TASK(2 + i), TASK(1));
        script_add(&s, BEGIN + i, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(2 + i), TASK(1));
        if (i % 4000 == 0)
            script_cut(&s);
    }
    script_add(&s, BEGIN + n, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TASK, 0, TASK(1), TASK(2));
    script_add(&s, BEGIN + n + 1, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add(&s, BEGIN + n + 2, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(2), 0);
    weft_model *model = script_model(&s);
    guint lane = 0;
    while (weft_model_lane(model, lane)->kind != WEFT_LANE_LOOP)
        lane++;
    g_autoptr(weft_replay) replay = weft_replay_new(model, lane);
    struct weft_replay_place place = { 0, WEFT_WHOLE_MOMENT };
    struct weft_prediction *p = NULL;
    g_assert_true(weft_replay_step_to_question(replay, place, 0, &place, &p));
    g_assert_nonnull(p);
    g_assert_cmpuint(p->stake, ==, WEFT_STAKE_CREATE);
    g_assert_cmpint(place.time_ns, ==, BEGIN);
    weft_prediction_free(p);
    g_assert_true(weft_replay_step_to_question(replay, place, 0, &place, &p));
    g_assert_null(p);
    g_assert_cmpint(place.time_ns, ==, BEGIN + n);
    weft_model_free(model);
}

/* ---- Random programs ---- */

static void check_answer(weft_replay *replay, const struct weft_prediction *p)
{
    const struct weft_choice *right = &p->choices[p->right];
    struct weft_replay_place resumed = { 0 }, polled;
    struct weft_dispatch *scene = weft_replay_scene(replay, p->place);
    g_assert_cmpuint(p->n, >, 1);
    g_assert_cmpuint(p->right, <, p->n);
    for (guint i = 0; i < p->n; i++)
        for (guint j = 0; j < i; j++)
            g_assert_cmpstr(p->choices[i].text, !=, p->choices[j].text);
    const struct weft_replay_wanted resume = { .kinds = WEFT_REPLAY_KIND(RESUME) },
                                    poll = { .kinds = WEFT_REPLAY_KIND(POLL_BEGIN) };
    gboolean resumes = weft_replay_find(replay, p->place, &resume, 1, NULL, &resumed);
    if (right->next == WEFT_NEXT_SAME)
        g_assert_cmphex(right->task, ==, scene->running.id);
    else
        g_assert_cmphex(scene->running.id, ==, 0);
    weft_dispatch_free(scene);
    if (right->next == WEFT_NEXT_TASK) {
        g_assert_true(resumes);
        struct weft_replay_place same;
        const struct weft_replay_wanted its = { resume.kinds, 0, right->task };
        g_assert_true(weft_replay_find(replay, p->place, &its, 1, NULL, &same));
        g_assert_cmpint(same.time_ns, ==, resumed.time_ns);
        g_assert_cmpint(same.after, ==, resumed.after);
    } else if (right->next == WEFT_NEXT_POLL) {
        g_assert_true(weft_replay_find(replay, p->place, &poll, 1, NULL, &polled));
        g_assert_true(!resumes || polled.time_ns <= resumed.time_ns);
    }
}

/* A step's end is either come to, or a question of its moment stands for it. */
static guint walk(weft_model *model, guint lane)
{
    g_autoptr(weft_replay) replay = weft_replay_new(model, lane);
    g_autoptr(weft_replay) plain = weft_replay_new(model, lane);
    struct weft_replay_place place = { -1, WEFT_WHOLE_MOMENT }, step = place, before;
    struct weft_prediction *p;
    guint asked = 0;
    gboolean more = weft_replay_step(plain, step, WEFT_REPLAY_STEP, 1, &step);
    for (before = place; weft_replay_step_to_question(replay, place, 0, &place, &p);
         before = place) {
        g_assert_true(place.time_ns > before.time_ns ||
                      (place.time_ns == before.time_ns && before.after != WEFT_WHOLE_MOMENT &&
                       (place.after > before.after || place.after == WEFT_WHOLE_MOMENT)));
        g_assert_true(more && place.time_ns <= step.time_ns);
        if (place.time_ns == step.time_ns)
            more = weft_replay_step(plain, step, WEFT_REPLAY_STEP, 1, &step);
        else if (place.time_ns != before.time_ns) /* the rest of the moment that was asked in */
            g_assert_nonnull(p);
        if (p)
            check_answer(replay, p);
        asked += p != NULL;
        weft_prediction_free(p);
    }
    g_assert_false(more);
    return asked;
}

static void test_random(gconstpointer options)
{
    g_autoptr(GArray) program = random_program(*(const struct program_options *)options);
    weft_trace *trace = weft_trace_new();
    program_append(trace, program, 0, program->len);
    weft_model *model = weft_model_new(trace);
    guint asked = 0;
    while (weft_model_advance(model, 0))
        ;
    for (guint lane = 0; lane < weft_model_n_lanes(model); lane++)
        if (weft_model_lane(model, lane)->kind == WEFT_LANE_LOOP)
            asked += walk(model, lane);
    g_test_message("%u questions", asked);
    g_assert_cmpuint(asked, >, 0);
    weft_model_free(model);
    weft_trace_unref(trace);
}

int main(int argc, char **argv)
{
    static struct program_options programs[] = {
        { .seed = 41, .loops = 1, .tasks = 6, .steps = 1500 },
        { .seed = 42, .loops = 2, .tasks = 12, .steps = 1500 },
        { .seed = 43, .loops = 1, .tasks = 8, .steps = 1500, .losses = 20 },
    };
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/predict/create", test_create);
    g_test_add_func("/predict/wake-and-cancel", test_wake_and_cancel);
    g_test_add_func("/predict/timers", test_timers);
    g_test_add_func("/predict/left-out", test_left_out);
    g_test_add_func("/predict/gather", test_gather);
    g_test_add_func("/predict/many", test_many);
    g_test_add_func("/predict/unknown-answer", test_unknown_answer);
    for (gsize i = 0; i < G_N_ELEMENTS(programs); i++) {
        g_autofree char *path = g_strdup_printf("/predict/random/%zu", i);
        if (SLOW)
            programs[i].steps /= 10, programs[i].losses /= 10;
        g_test_add_data_func(path, &programs[i], test_random);
    }
    return g_test_run();
}
