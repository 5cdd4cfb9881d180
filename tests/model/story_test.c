/* story_test.c: stories, the answers to "why was it not running?", and the text export, of one run
 * written by hand: two fetches and a heartbeat; fetch-1 holds the loop, and a lock; fetch-2 times
 * out. Golden texts. */
#include "tests/model/script.h"
#include "tracer/export/export.h"
#include "tracer/model/narrative.h"
#include <string.h>

#define MS(x)     ((gint64)((x)*1000000))
#define STREAM(n) weft_id(WEFT_ENTITY_STREAM, 0, n)
#define LOCK      weft_id(WEFT_ENTITY_LOCK, 0, 1)
#define GROUP     weft_id(WEFT_ENTITY_GROUP, 0, 1)
#define TIMEOUT   weft_id(WEFT_ENTITY_TIMEOUT, 0, 1)

static void iterate(struct script *s, double ms, unsigned n, unsigned ready)
{
    script_add(s, MS(ms), WEFT_RECORD_ITERATION, 0, ready, LOOP, n);
}

static void resume(struct script *s, double ms, unsigned task)
{
    script_add(s, MS(ms), WEFT_RECORD_RESUME, 0, 0, TASK(task), 0);
}

static void suspend(struct script *s, double ms, unsigned task, unsigned kind, uint64_t what)
{
    script_add(s, MS(ms), WEFT_RECORD_SUSPEND, kind, 2, TASK(task), what);
}

static void wake(struct script *s, double ms, unsigned task, unsigned cause, uint64_t by)
{
    script_add(s, MS(ms), WEFT_RECORD_WAKE, cause, 0, TASK(task), by);
}

static void poll(struct script *s, double from, double to)
{
    script_add(s, MS(from), WEFT_RECORD_POLL_BEGIN, 0, 0, LOOP, (uint64_t)MS(to - from));
    script_add(s, MS(to), WEFT_RECORD_POLL_END, 0, 0, LOOP, 1);
}

static void sleep_for(struct script *s, double ms, unsigned task, unsigned timer, double for_ms)
{
    script_add(s, MS(ms), WEFT_RECORD_TIMER_SET, 0, 0, TIMER(timer), (uint64_t)MS(ms + for_ms));
    suspend(s, ms, task, WEFT_AWAIT_TIMER, TIMER(timer));
}

static void create(struct script *s, double ms, unsigned task, const char *name)
{
    script_add(s, MS(ms), WEFT_RECORD_TASK_NEW, 0, 1, TASK(task), task > 1 ? TASK(1) : 0);
    script_name(s, MS(ms), TASK(task), name);
    wake(s, ms, task, WEFT_WAKE_CREATED, task > 1 ? TASK(1) : 0);
}

static void begin_run(struct script *s)
{
    weft_trace_define_site(s->trace, 1, "src/fetch.c", "main", 41);
    weft_trace_define_site(s->trace, 2, "src/fetch.c", "fetch", 58);
    script_add(s, 0, WEFT_RECORD_LOOP_OPEN, 0, 0, LOOP, 1);
    script_name(s, 0, STREAM(1), ":9081");
    script_name(s, 0, STREAM(2), ":9082");
    script_name(s, 0, LOCK, "cache");
    create(s, 1, 1, "main");
    iterate(s, 1, 1, 1);
    resume(s, 1, 1);
    create(s, 1.5, 2, "fetch-1");
    create(s, 1.6, 3, "fetch-2");
    create(s, 1.7, 4, "heartbeat");
    script_add(s, MS(1.8), WEFT_RECORD_GROUP_ADD, 0, 0, GROUP, TASK(2));
    script_add(s, MS(1.8), WEFT_RECORD_GROUP_ADD, 0, 0, GROUP, TASK(3));
    suspend(s, 2, 1, WEFT_AWAIT_GROUP, GROUP);
    iterate(s, 2, 2, 3);
    resume(s, 2, 2);
    suspend(s, 3, 2, WEFT_AWAIT_CONNECT, STREAM(1));
    resume(s, 3, 3);
    script_add(s, MS(3.5), WEFT_RECORD_TIMEOUT_ENTER, 0, 0, TIMEOUT, (uint64_t)MS(203.5));
    suspend(s, 4, 3, WEFT_AWAIT_READ, STREAM(2));
    resume(s, 4, 4);
    sleep_for(s, 4.5, 4, 1, 49.5);
}

/* fetch-1 parses for 74 ms with the lock; the heartbeat is late. */
static void hold_loop(struct script *s)
{
    poll(s, 5, 30);
    wake(s, 30, 2, WEFT_WAKE_IO, STREAM(1));
    iterate(s, 30.1, 3, 1);
    resume(s, 30.1, 2);
    script_add(s, MS(31), WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, 0, LOCK, 0);
    suspend(s, 104.1, 2, WEFT_AWAIT_READ, STREAM(1));
    poll(s, 104.2, 104.3);
    wake(s, 104.3, 4, WEFT_WAKE_TIMER, TIMER(1));
    wake(s, 104.4, 3, WEFT_WAKE_IO, STREAM(2));
    iterate(s, 104.4, 4, 2);
    resume(s, 104.4, 4);
    sleep_for(s, 104.5, 4, 2, 1000);
    resume(s, 104.5, 3);
    suspend(s, 106, 3, WEFT_AWAIT_LOCK, LOCK);
    poll(s, 107, 203.5);
}

static void time_out(struct script *s)
{
    struct weft_ext_error error = { .code = -110, .name = script_string(s, "ETIMEDOUT") };
    script_add(s, MS(203.5), WEFT_RECORD_TIMEOUT_EXPIRE, 0, 0, TIMEOUT, TASK(3));
    script_add(s, MS(203.5), WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(3), TIMEOUT);
    wake(s, 203.5, 3, WEFT_WAKE_TIMEOUT, TIMEOUT);
    iterate(s, 203.6, 5, 1);
    resume(s, 203.6, 3);
    script_add(s, MS(203.7), WEFT_RECORD_CANCEL_DELIVER, 0, 2, TASK(3), 0);
    script_add(s, MS(215), WEFT_RECORD_UNCANCEL, 0, 0, TASK(3), 0);
    script_add(s, MS(215), WEFT_RECORD_TIMEOUT_EXIT, WEFT_OUTCOME_ERROR, 0, TIMEOUT, TASK(3));
    script_add_ext(s, MS(216), WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_ERROR, 0, TASK(3), 0, &error);
    poll(s, 217, 250);
    for (unsigned i = 0; i < 6; i++) {
        wake(s, 250 + i, 2, WEFT_WAKE_IO, STREAM(1));
        resume(s, 250.1 + i, 2);
        suspend(s, 250.2 + i, 2, WEFT_AWAIT_READ, STREAM(1));
    }
    poll(s, 256, 299);
    wake(s, 299, 2, WEFT_WAKE_IO, STREAM(1));
    resume(s, 299, 2);
    script_add(s, MS(299.5), WEFT_RECORD_RESOURCE, WEFT_RESOURCE_RELEASE, 0, LOCK, 0);
    script_add(s, MS(300), WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(2), 0);
    wake(s, 300, 1, WEFT_WAKE_GROUP, GROUP);
    resume(s, 300.1, 1);
    script_add(s, MS(301), WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(1), 0);
}

static weft_model *fetches(void)
{
    struct script s = script_new();
    begin_run(&s);
    hold_loop(&s);
    script_cut(&s);
    time_out(&s);
    return script_model(&s);
}

static char *story_text(weft_model *model, uint64_t id, double ms, guint max)
{
    guint current;
    gboolean whole;
    GPtrArray *story = weft_model_story(model, id, MS(ms), max, &current, &whole);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < story->len; i++) {
        const struct weft_sentence *sentence = story->pdata[i];
        g_autofree char *line = weft_sentence_text(sentence);
        g_autofree char *time = weft_format_time(sentence->time_ns);
        g_string_append_printf(text, "%s%s: %s\n", i == current ? "> " : "", time, line);
    }
    g_ptr_array_unref(story);
    return g_string_free(text, FALSE);
}

static void assert_story(weft_model *model, uint64_t id, double ms, guint max, const char *golden)
{
    g_autofree char *text = story_text(model, id, ms, max);
    g_assert_cmpstr(text, ==, golden);
}

static void test_story(void)
{
    weft_model *model = fetches();
    assert_story(
        model, TASK(3), 150, 30,
        "1.6 ms: main creates fetch-2 at fetch.c:41: it goes to the end of the ready queue; "
        "main goes on.\n"
        "3.0 ms: fetch-2 runs: it was first in the ready queue, where it spent 1.40 ms, behind "
        "fetch-1.\n"
        "3.5 ms: fetch-2 gives itself 200 ms (until 203.5 ms).\n"
        "4.0 ms: fetch-2 awaits recv from :9082: heartbeat is next.\n"
        "104.4 ms: Data from :9082 is there; the loop had not polled for 74.2 ms: fetch-1 ran: "
        "fetch-2 goes to the ready queue (2nd).\n"
        "104.5 ms: fetch-2 runs: it was first in the ready queue, where it spent 100 µs, behind "
        "heartbeat.\n"
        "> 106.0 ms: fetch-2 awaits lock cache: fetch-1 holds it; fetch-2 is 1st in line.\n"
        "203.5 ms: The time of fetch-2 is over while it awaits lock cache: it is cancelled.\n"
        "203.5 ms: The timeout of fetch-2 asks to cancel it: it gets that when it next runs.\n"
        "203.5 ms: The time of fetch-2 is over: it is to be cancelled, and goes to the ready queue "
        "(1st).\n"
        "203.6 ms: fetch-2 runs: it was first in the ready queue, where it spent 100 µs.\n"
        "203.7 ms: fetch-2 receives the cancellation at fetch.c:58: its cleanup runs.\n"
        "215.0 ms: fetch-2 takes back the request to cancel it.\n"
        "215.0 ms: fetch-2 leaves its timeout: the cancellation becomes TimeoutError.\n"
        "216.0 ms: fetch-2 fails with ETIMEDOUT.\n");
    weft_model_free(model);
}

/* Tasks that are created in a row are one sentence, wherever the moment is. */
static void test_creations(void)
{
    weft_model *model = fetches();
    g_autofree char *text = story_text(model, TASK(1), 1.6, 30);
    g_assert_nonnull(strstr(text, "\n> 1.5 ms: main creates fetch-1, fetch-2 and heartbeat at "
                                  "fetch.c:41: they go to the end of the ready queue; main goes "
                                  "on.\n2.0 ms: main awaits "));
    weft_model_free(model);
}

static void test_merged(void)
{
    weft_model *model = fetches();
    assert_story(model, TASK(2), 299.2, 5,
                 "252.2 ms: fetch-1 awaits recv from :9081 4 times in 3.00 ms.\n"
                 "299.0 ms: Data from :9081 is there: fetch-1 goes to the ready queue (1st).\n"
                 "> 299.0 ms: fetch-1 runs: it was first in the ready queue.\n"
                 "299.5 ms: fetch-1 releases lock cache.\n"
                 "300.0 ms: fetch-1 is done.\n");
    weft_model_free(model);
}

static void test_late(void)
{
    weft_model *model = fetches();
    assert_story(
        model, TASK(4), 104.3, 3,
        "4.5 ms: heartbeat awaits sleep(49.5 ms): due at 54.0 ms; nothing is ready, the loop "
        "polls for up to 49.5 ms.\n"
        "> 104.3 ms: The sleep is over, 50.3 ms late: fetch-1 held the loop: heartbeat "
        "goes to the ready queue (1st).\n"
        "104.4 ms: heartbeat runs: it was first in the ready queue, where it spent 100 µs.\n");
    weft_model_free(model);
}

/* Jobs of the thread pool: one that is awaited, a file's, and one that is withdrawn. */
static weft_model *jobs(void)
{
    struct script s = script_new();
    uint64_t job[3], file = weft_id(WEFT_ENTITY_STREAM, 0, 1);
    const char *const names[] = { "resize", "read", "spare" };
    for (unsigned i = 0; i < 3; i++) {
        job[i] = weft_id(WEFT_ENTITY_JOB, 0, i + 1);
        script_name(&s, 0, job[i], names[i]);
    }
    script_name(&s, 0, file, "/etc/hosts");
    create(&s, 1, 1, "main");
    iterate(&s, 1, 1, 1);
    resume(&s, 1, 1);
    script_add(&s, MS(1.1), WEFT_RECORD_WORK_SUBMIT, 0, 0, job[0], 0);
    script_add(&s, MS(1.2), WEFT_RECORD_WORK_SUBMIT, 0, 0, job[2], 1);
    script_add(&s, MS(1.3), WEFT_RECORD_WORK_END, WEFT_OUTCOME_CANCELLED, 0, job[2], 0);
    suspend(&s, 1.4, 1, WEFT_AWAIT_JOB, job[0]);
    poll(&s, 1.5, 10);
    wake(&s, 10, 1, WEFT_WAKE_THREAD, job[0]);
    iterate(&s, 10.1, 2, 1);
    resume(&s, 10.1, 1);
    suspend(&s, 10.2, 1, WEFT_AWAIT_FILE, file);
    poll(&s, 10.3, 20);
    wake(&s, 20, 1, WEFT_WAKE_THREAD, job[1]);
    iterate(&s, 20.1, 3, 1);
    resume(&s, 20.1, 1);
    script_add(&s, MS(21), WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(1), 0);
    return script_model(&s);
}

static void test_jobs(void)
{
    weft_model *model = jobs();
    assert_story(model, TASK(1), 1.4, 20,
                 "1.0 ms: main is created: it goes to the end of the ready queue.\n"
                 "1.0 ms: main runs: it was first in the ready queue.\n"
                 "1.1 ms: main hands resize to the thread pool.\n"
                 "1.2 ms: main hands spare to the thread pool, behind 1 other.\n"
                 "1.3 ms: spare is withdrawn before a thread began it.\n"
                 "> 1.4 ms: main awaits resize in the thread pool: nothing is ready, the loop "
                 "polls.\n"
                 "10.0 ms: resize returned: main goes to the ready queue (1st).\n"
                 "10.1 ms: main runs: it was first in the ready queue, where it spent 100 µs.\n"
                 "10.2 ms: main awaits file /etc/hosts: nothing is ready, the loop polls.\n"
                 "20.0 ms: read of /etc/hosts returned: main goes to the ready queue (1st).\n"
                 "20.1 ms: main runs: it was first in the ready queue, where it spent 100 µs.\n"
                 "21.0 ms: main is done.\n");
    weft_model_free(model);
}

/* Links stand for entities, the subject is bold. */
static void test_runs(void)
{
    weft_model *model = fetches();
    guint current;
    gboolean whole;
    GPtrArray *story = weft_model_story(model, TASK(3), MS(106), 1, &current, &whole);
    g_assert_cmpuint(story->len, ==, 1);
    const struct weft_sentence *s = story->pdata[0];
    g_assert_cmpuint(s->subject, ==, TASK(3));
    g_assert_cmpuint(s->merged, ==, 1);
    g_assert_cmpuint(s->runs->len, ==, 8);
    const struct weft_text_run *subject = s->runs->pdata[0], *lock = s->runs->pdata[2],
                               *holder = s->runs->pdata[4];
    g_assert_true(subject->bold);
    g_assert_cmpuint(subject->entity, ==, TASK(3));
    g_assert_cmpstr(lock->text, ==, "lock cache");
    g_assert_cmpuint(lock->entity, ==, LOCK);
    g_assert_cmpuint(holder->entity, ==, TASK(2));
    g_ptr_array_unref(story);
    weft_model_free(model);
}

/* What lets a task go on. */
static void test_turns(void)
{
    static const struct {
        unsigned awaited, cause;
        guint released_by; /* the number of a task; 0: nobody */
        const char *told;
    } turns[] = {
        { WEFT_AWAIT_LOCK, WEFT_WAKE_RESOURCE, 2,
          "other released lock cache; main was first in line: it" },
        { WEFT_AWAIT_SEMAPHORE, WEFT_WAKE_RESOURCE, 2,
          "other released lock cache; main was first in line: it" },
        { WEFT_AWAIT_LOCK, WEFT_WAKE_RESOURCE, 3, /* other was next, and passes it on */
          "other gave it its turn at lock cache; main was first in line: it" },
        { WEFT_AWAIT_LOCK, WEFT_WAKE_RESOURCE, 0,
          "other gave it its turn at lock cache; main was first in line: it" },
        { WEFT_AWAIT_FUTURE, WEFT_WAKE_RESOURCE, 0, "other completed lock cache: main" },
        { WEFT_AWAIT_EVENT, WEFT_WAKE_RESOURCE, 0, "other set lock cache: main" },
        { WEFT_AWAIT_QUEUE_JOIN, WEFT_WAKE_RESOURCE, 0,
          "other ended the work of lock cache: main" },
        { WEFT_AWAIT_QUEUE_PUT, WEFT_WAKE_RESOURCE, 0,
          "other gave it its turn at lock cache; main was first in line: it" },
        { WEFT_AWAIT_GROUP, WEFT_WAKE_TIMER, 0, "Its time is over: main" },
    };
    for (gsize i = 0; i < G_N_ELEMENTS(turns); i++) {
        struct script s = script_with_main();
        script_name(&s, 21, LOCK, "cache");
        script_name(&s, 21, TASK(2), "other");
        script_add(&s, 30, WEFT_RECORD_SUSPEND, turns[i].awaited, 0, TASK(1), LOCK);
        if (turns[i].released_by) {
            script_add(&s, 32, WEFT_RECORD_RESUME, 0, 0, TASK(turns[i].released_by), 0);
            script_add(&s, 34, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_RELEASE, 0, LOCK, 0);
        }
        if (turns[i].released_by == 3) {
            script_add(&s, 36, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(3), 0);
            script_add(&s, 38, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
        }
        script_add(&s, 40, WEFT_RECORD_WAKE, turns[i].cause, 0, TASK(1), TASK(2));
        if (turns[i].released_by)
            script_add(&s, 45, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(2), 0);
        script_add(&s, 50, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
        weft_model *model = script_model(&s);
        weft_model_set_now(model, 100);
        g_autofree char *line = g_strdup_printf("40 ns: %s goes to the ready queue (1st).\n",
                                                turns[i].told);
        g_autofree char *story = story_text(model, TASK(1), 70e-6, 20);
        g_assert_nonnull(strstr(story, line));
        weft_model_free(model);
    }
}

static gboolean is_whole(weft_model *model, uint64_t id, gint64 t_ns, guint max)
{
    guint current;
    gboolean whole;
    g_ptr_array_unref(weft_model_story(model, id, t_ns, max, &current, &whole));
    return whole;
}

/* A story is known to be whole where it was all read, and only there. */
static void test_whole(void)
{
    weft_model *model = fetches();
    g_assert_true(is_whole(model, TASK(3), MS(150), 15)); /* all that test_story() tells */
    g_assert_true(is_whole(model, TASK(3), 0, 15));
    g_assert_true(is_whole(model, TASK(3), MS(300), 15));
    g_assert_false(is_whole(model, TASK(3), MS(150), 14));
    g_assert_false(is_whole(model, TASK(9), MS(150), 15)); /* nobody */
    weft_model_free(model);
}

/* Waiting, while much else happens: what others did to it meanwhile is not looked for. */
static void test_whole_is_not_guessed(void)
{
    struct script s = script_with_main();
    script_add(&s, 50, WEFT_RECORD_SUSPEND, WEFT_AWAIT_LOCK, 0, TASK(1), LOCK);
    script_cut(&s);
    script_add(&s, 60, WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(1), 0);
    script_cut(&s);
    script_add(&s, 90, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 95, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(1), 0);
    weft_model *model = script_model(&s);
    g_assert_false(is_whole(model, TASK(1), 70, 20));
    weft_model_free(model);
}

/* What a task does in the slice that has not ended belongs to its story. */
static void test_last_slice(void)
{
    struct script s = script_with_main();
    script_add(&s, 30, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, 0, TASK(1), 0);
    script_add(&s, 40, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 45, WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(2), TASK(1));
    weft_model *model = script_model(&s);
    weft_model_set_now(model, 100);
    g_autofree char *story = story_text(model, TASK(1), 80e-6, 20);
    g_assert_nonnull(strstr(story, "\n> 45 ns: "));
    g_assert_true(is_whole(model, TASK(1), 80, 20));
    weft_model_free(model);
}

/* Whatever can be waited for, taken and given, in words. */
static void use(struct script *s, double ms, uint64_t what, unsigned how, gint64 value)
{
    script_add(s, MS(ms), WEFT_RECORD_RESOURCE, how, 2, what, (uint64_t)value);
}

static void wait_and_wake(struct script *s, double ms, unsigned kind, uint64_t what, uint64_t by)
{
    suspend(s, ms, 1, kind, what);
    wake(s, ms + 0.5, 1, WEFT_WAKE_RESOURCE, by);
    resume(s, ms + 0.5, 1);
}

static void test_resources(void)
{
    struct script s = script_new();
    uint64_t queue = weft_id(WEFT_ENTITY_QUEUE, 0, 1), event = weft_id(WEFT_ENTITY_EVENT, 0, 1);
    uint64_t units = weft_id(WEFT_ENTITY_SEMAPHORE, 0, 1),
             gate = weft_id(WEFT_ENTITY_BARRIER, 0, 1);
    uint64_t ready = weft_id(WEFT_ENTITY_CONDITION, 0, 1);
    script_add(&s, 0, WEFT_RECORD_LOOP_OPEN, 0, 0, LOOP, 1);
    create(&s, 1, 1, "main");
    script_add(&s, MS(1), WEFT_RECORD_OBJECT_NEW, 0, 0, queue, 3);
    script_name(&s, MS(1), queue, "jobs");
    script_name(&s, MS(1), event, "go");
    script_name(&s, MS(1), units, "slots");
    script_name(&s, MS(1), gate, "start");
    script_name(&s, MS(1), ready, "full");
    resume(&s, 1, 1);
    use(&s, 2, event, WEFT_RESOURCE_SET, 1);
    use(&s, 3, units, WEFT_RESOURCE_ACQUIRE, 4);
    use(&s, 4, gate, WEFT_RESOURCE_ACQUIRE, 2);
    use(&s, 5, gate, WEFT_RESOURCE_RELEASE, 1);
    use(&s, 6, gate, WEFT_RESOURCE_BREAK, 0);
    use(&s, 7, ready, WEFT_RESOURCE_NOTIFY, -1);
    use(&s, 8, queue, WEFT_RESOURCE_PUT, 3);
    use(&s, 9, queue, WEFT_RESOURCE_TASK_DONE, 2);
    use(&s, 10, queue, WEFT_RESOURCE_SHUTDOWN, 3);
    wait_and_wake(&s, 11, WEFT_AWAIT_EVENT, event, TASK(2));
    wait_and_wake(&s, 12, WEFT_AWAIT_EVENT, event, 0);
    wait_and_wake(&s, 13, WEFT_AWAIT_QUEUE_PUT, queue, 0);
    use(&s, 13.9, queue, WEFT_RESOURCE_GET, 0);
    wait_and_wake(&s, 14, WEFT_AWAIT_QUEUE_GET, queue, TASK(2));
    wait_and_wake(&s, 15, WEFT_AWAIT_BARRIER, gate, TASK(2));
    script_add(&s, MS(16), WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(1), 0);
    weft_model *model = script_model(&s);
    g_autofree char *story = story_text(model, TASK(1), 2, 40);
    g_assert_cmpstr(
        story, ==,
        "1.0 ms: The loop creates main: it goes to the end of the ready queue.\n"
        "1.0 ms: main runs: it was first in the ready queue.\n"
        "> 2.0 ms: main sets event go.\n"
        "3.0 ms: main takes semaphore slots: 4 free.\n"
        "4.0 ms: main comes to barrier start: 2 there.\n"
        "5.0 ms: main goes on from barrier start: 1 there.\n"
        "6.0 ms: main breaks barrier start: 0 there.\n"
        "7.0 ms: main notifies condition full.\n"
        "8.0 ms: main puts an item into queue jobs (3 of 3).\n"
        "9.0 ms: main is done with an item of queue jobs: 2 to be done.\n"
        "10.0 ms: main shuts down queue jobs (3 of 3).\n"
        "11.0 ms: main awaits event go: nothing is ready, the loop polls.\n"
        "11.5 ms: Task-2 set event go: main goes to the ready queue (1st).\n"
        "11.5 ms: main runs: it was first in the ready queue.\n"
        "12.0 ms: main awaits event go: nothing is ready, the loop polls.\n"
        "12.5 ms: The event go is set: main goes to the ready queue (1st).\n"
        "12.5 ms: main runs: it was first in the ready queue.\n"
        "13.0 ms: main awaits room in queue jobs: it is full, 3 of 3; nothing is ready, the loop "
        "polls.\n"
        "13.5 ms: The queue jobs has room; main was first in line: it goes to the ready queue "
        "(1st).\n"
        "13.5 ms: main runs: it was first in the ready queue.\n"
        "13.9 ms: main takes an item from queue jobs (0 of 3).\n"
        "14.0 ms: main awaits an item from queue jobs: it is empty; nothing is ready, the loop "
        "polls.\n"
        "14.5 ms: Task-2 gave it its turn at queue jobs; main was first in line: it goes to the "
        "ready queue (1st).\n"
        "14.5 ms: main runs: it was first in the ready queue.\n"
        "15.0 ms: main awaits barrier start: nothing is ready, the loop polls.\n"
        "15.5 ms: Task-2 gave it its turn at barrier start: main goes to the ready queue (1st).\n"
        "15.5 ms: main runs: it was first in the ready queue.\n"
        "16.0 ms: main is done.\n");
    weft_model_free(model);
}

static void assert_why(weft_model *model, uint64_t id, double ms, const char *golden)
{
    struct weft_sentence *why = weft_model_why(model, id, MS(ms));
    g_autofree char *text = why ? weft_sentence_text(why) : NULL;
    g_assert_cmpstr(text, ==, golden);
    weft_sentence_free(why);
}

static void test_why(void)
{
    weft_model *model = fetches();
    assert_why(model, TASK(3), 0.5, "It did not exist yet.");
    assert_why(model, TASK(3), 2.5,
               "It has been in the ready queue for 900 µs, first in line; fetch-1 has run for "
               "500 µs.");
    assert_why(model, TASK(4), 2.5,
               "It has been in the ready queue for 800 µs, behind fetch-2; fetch-1 has run for "
               "500 µs.");
    assert_why(model, TASK(3), 3.5, NULL);
    assert_why(model, TASK(3), 20, "It waits for recv from :9082.");
    assert_why(model, TASK(3), 90,
               "It waits for recv from :9082. Whether it has come is not known: the loop has not "
               "polled for 60.0 ms: fetch-1 has run for 59.9 ms.");
    assert_why(model, TASK(4), 90,
               "Its sleep was over 36.0 ms ago, but the loop has not polled for 60.0 ms: fetch-1 "
               "has run for 59.9 ms.");
    assert_why(model, TASK(4), 20, "It sleeps: due in 34.0 ms.");
    assert_why(model, TASK(3), 150,
               "It waits for lock cache, which fetch-1 holds; fetch-1 waits for recv from :9081.");
    assert_why(model, TASK(1), 150,
               "It waits for gather of 2, of which 2 are not done; fetch-1 waits for recv from "
               ":9081.");
    assert_why(model, TASK(3), 250, "It had ended.");
    assert_why(model, TASK(9), 250, NULL);
    weft_model_free(model);
}

/* A controller pauses the loop: whoever is ready, or due, waits for him. */
static void test_why_paused(void)
{
    struct script s = script_with_main();
    script_add(&s, MS(1), WEFT_RECORD_TASK_NEW, 0, 0, TASK(2), TASK(1));
    script_add(&s, MS(1), WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(2), TASK(1));
    script_add(&s, MS(1), WEFT_RECORD_TIMER_SET, 0, 0, weft_id(WEFT_ENTITY_TIMER, 0, 1),
               (uint64_t)MS(10));
    script_add(&s, MS(1), WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, 0, TASK(1),
               weft_id(WEFT_ENTITY_TIMER, 0, 1));
    script_add(&s, MS(2), WEFT_RECORD_CONTROL, WEFT_CONTROL_PAUSED, 0, LOOP, 0);
    script_add(&s, MS(50), WEFT_RECORD_CONTROL, WEFT_CONTROL_RESUMED, 0, LOOP, 0);
    script_add(&s, MS(51), WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add(&s, MS(52), WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(2), 0);
    weft_model *model = script_model(&s);
    assert_why(model, TASK(2), 1.5,
               "It has been in the ready queue for 500 µs, first in line; the loop is about to "
               "take the next.");
    assert_why(model, TASK(2), 30,
               "It has been in the ready queue for 29.0 ms, first in line; the loop was paused for "
               "28.0 ms.");
    assert_why(model, TASK(1), 30,
               "Its sleep was over 20.0 ms ago, but the loop was paused for 28.0 ms.");
    struct weft_segment_view pause;
    guint loop = weft_model_lane_of(model, LOOP);
    g_assert_true(weft_model_segment_at(model, loop, MS(30), &pause));
    g_assert_true(weft_segment_is_pause(&pause));
    g_assert_cmpint(pause.from_ns, ==, MS(2));
    g_assert_cmpint(pause.to_ns, ==, MS(50));
    g_auto(GStrv) words = weft_model_segment_words(model, loop, &pause);
    g_assert_cmpstr(words[0], ==, "paused 48.0 ms");
    g_assert_true(weft_model_segment_at(model, loop, MS(50.5), &pause));
    g_assert_false(weft_segment_is_pause(&pause));
    struct weft_totals totals;
    weft_model_totals(model, loop, &totals);
    g_assert_cmpint(totals.poll_ns, ==, MS(48)); /* no work of the loop's */
    weft_model_free(model);
}

static void test_lost(void)
{
    struct script s = script_with_main();
    script_add(&s, 50, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, 0, TASK(1), 0);
    script_lose(&s, 12);
    script_add(&s, 90, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 95, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(1), 0);
    weft_model *model = script_model(&s);
    struct weft_sentence *why = weft_model_why(model, TASK(1), 70);
    g_autofree char *text = weft_sentence_text(why);
    g_assert_cmpstr(text, ==, "What it did is unknown: events were lost.");
    weft_sentence_free(why);
    g_autofree char *story = story_text(model, TASK(1), 70e-6, 3);
    g_assert_cmpstr(story, ==,
                    "50 ns: main steps back to the end of the ready queue: it is next again.\n"
                    "> 50 ns: 12 events are lost here: what happened until each task is next seen "
                    "is unknown.\n"
                    "90 ns: main runs: since when it was ready is unknown (events lost).\n");
    weft_model_free(model);
}

/* What the program says itself. */
static void test_said(void)
{
    struct script s = script_with_main();
    uint64_t span = weft_id(WEFT_ENTITY_SPAN, 0, 1), counter = weft_id(WEFT_ENTITY_COUNTER, 0, 1);
    uint32_t parse = script_string(&s, "parse");
    script_add(&s, 30, WEFT_RECORD_SPAN_BEGIN, 0, 1, span, parse);
    script_add(&s, 40, WEFT_RECORD_MARK, 0, 1, TASK(1), script_string(&s, "half"));
    script_name(&s, 45, counter, "lines");
    script_add(&s, 45, WEFT_RECORD_COUNTER, 0, 1, counter, (uint64_t)-3);
    script_add(&s, 50, WEFT_RECORD_SPAN_END, 0, 1, span, parse);
    script_add(&s, 60, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(1), 0);
    weft_model *model = script_model(&s);
    g_autofree char *story = story_text(model, TASK(1), 25e-6, 20);
    g_assert_nonnull(strstr(story, "30 ns: main begins “parse”.\n"
                                   "40 ns: main says “half”.\n"
                                   "45 ns: lines = -3.\n"
                                   "50 ns: main ends “parse”, which took 20 ns.\n"));
    weft_model_free(model);
}

static void test_export(void)
{
    weft_model *model = fetches();
    g_autofree char *text = weft_export_text(model, 0, weft_model_end_ns(model), 100);
    const char *golden =
        "            0 ms                      100 ms                     200 ms                   "
        " 300 ms\n"
        "            "
        "├─────────────────────────┬──────────────────────────┬─────────────────────────┬─\n"
        "loop        ▆▂      ████████████████████▂                         ███▄        ▁▁▁         "
        " ▅\n"
        "                    ▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔ fetch-1 held it 74.0 ms  ▔▔▔▔ fetch-2 held it "
        "12.4 ms\n"
        "ready       31     1                   1                          1           11          "
        " 1\n"
        "main        │╌gather(fetch-1, "
        "fetch-2)╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌│┤ done\n"
        "├ fetch-1   █───────████████████████████─recv "
        ":9081───────────────────────────││─recv──────│┤ done\n"
        "├ fetch-2   ▒│─recv :9082──────────────││═lock \"cache\"════════════▚▚▚▚┤ ETIMEDOUT\n"
        "└ heartbeat ▒│┄sleep 49.5 ms┄┄┄┄┄┄┄┄┄┄┄│┄sleep 1.0 "
        "s┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄\n"
        "\n"
        "█ runs  │ briefly  ▒ ready  ▚ cancelling  ┤ end  waits for: ┄ timer  ─ I/O  ═ lock, queue "
        " ╌ task\n"
        "┅ thread  ? lost\n";
    g_assert_cmpstr(text, ==, golden);
    weft_model_free(model);
}

static void test_export_lost(void)
{
    struct script s = script_with_main();
    script_lose(&s, 3);
    script_add(&s, 90, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    weft_model *model = script_model(&s);
    weft_model_set_now(model, 100);
    g_autofree char *text = weft_export_text(model, 0, 100, 60);
    const char *golden = "       0 ns                      50 ns\n"
                         "       ├─────────────────────────┬──────────────────────────\n"
                         "loop              ?????????????????????????????????????█████\n"
                         "ready       111111??????????????????????????????????????????\n"
                         "main        ▒▒▒▒▒??????????????????????????????????????█████\n"
                         "3 events are lost from 20 ns on (ring 0).\n"
                         "\n"
                         "█ runs  │ briefly  ▒ ready  ▚ cancelling  ┤ end\n"
                         "waits for: ┄ timer  ─ I/O  ═ lock, queue  ╌ task  ┅ thread\n"
                         "? lost\n";
    g_assert_cmpstr(text, ==, golden);
    weft_model_free(model);
}

/* Wide characters keep the columns in line; what a terminal must not get does not reach it. */
static void test_export_names(void)
{
    struct script s = script_with_main();
    script_name(&s, 21, STREAM(1), "\xe7\xb9\x94\xe6\xa9\x9f"); /* 2 wide characters */
    script_name(&s, 21, STREAM(2), "a\x1b[2Jb");
    script_add(&s, 30, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(1), STREAM(1));
    script_add(&s, 60, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 70, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(1), STREAM(2));
    weft_model *model = script_model(&s);
    weft_model_set_now(model, 100);
    g_autofree char *text = weft_export_text(model, 0, 100, 67);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_assert_cmpstr(
        lines[4], ==,
        "main         ▒▒▒▒▒▒██████─recv 織機────────██████─recv a\xef\xbf\xbd[2Jb──────");
    g_assert_null(strchr(text, '\x1b'));
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/story/task", test_story);
    g_test_add_func("/story/creations", test_creations);
    g_test_add_func("/story/merged", test_merged);
    g_test_add_func("/story/late", test_late);
    g_test_add_func("/story/jobs", test_jobs);
    g_test_add_func("/story/turns", test_turns);
    g_test_add_func("/story/runs", test_runs);
    g_test_add_func("/story/whole", test_whole);
    g_test_add_func("/story/whole-is-not-guessed", test_whole_is_not_guessed);
    g_test_add_func("/story/last-slice", test_last_slice);
    g_test_add_func("/story/resources", test_resources);
    g_test_add_func("/story/why", test_why);
    g_test_add_func("/story/why-paused", test_why_paused);
    g_test_add_func("/story/lost", test_lost);
    g_test_add_func("/story/said", test_said);
    g_test_add_func("/export/text", test_export);
    g_test_add_func("/export/text-lost", test_export_lost);
    g_test_add_func("/export/names", test_export_names);
    return g_test_run();
}
