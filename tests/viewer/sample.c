/* sample.c: see sample.h. Times are milliseconds, as one would tell the story. */
#include "tests/viewer/sample.h"
#include <math.h>
#include <string.h>

enum {
    LOOP_NAME = 1,
    MAIN,
    FETCH_1,
    FETCH_2,
    FETCH_3,
    HEARTBEAT,
    CACHE,
    PEER_1,
    PEER_2,
    PEER_3,
    TIMEOUT_ERROR,
    PROGRAM,
};
enum { SITE_MAIN = 1, SITE_FETCH, SITE_CONNECT, SITE_RECV, SITE_PARSE, SITE_CACHE, SITE_BEAT };

struct tape {
    weft_trace *trace;
    GArray *records;
    guint64 iteration, timers;
};

static const guint64 loop = (guint64)WEFT_ENTITY_LOOP << 56 | 1;

static guint64 id(enum weft_entity kind, guint64 n)
{
    return weft_id(kind, 0, n);
}

static guint64 task(guint string)
{
    return id(WEFT_ENTITY_TASK, string - MAIN + 1);
}

static void put(struct tape *tape, double ms, guint kind, guint detail, guint64 subject,
                guint64 object, guint site)
{
    struct weft_record record = {
        .time = (guint64)llround(ms * 1e6),
        .kind = (guint8)kind,
        .detail = (guint8)detail,
        .site = site,
        .subject = subject,
        .object = object,
    };
    g_array_append_val(tape->records, record);
}

static void flush(struct tape *tape)
{
    weft_trace_append(tape->trace, 0, (const struct weft_record *)(void *)tape->records->data,
                      tape->records->len);
    g_array_set_size(tape->records, 0);
}

static void iteration(struct tape *tape, double ms, guint64 ready)
{
    put(tape, ms, WEFT_RECORD_ITERATION, 0, loop, ++tape->iteration, (guint)ready);
}

static void poll(struct tape *tape, double from, double to, guint64 events)
{
    put(tape, from, WEFT_RECORD_POLL_BEGIN, 0, loop, (guint64)llround((to - from) * 1e6), 0);
    put(tape, to, WEFT_RECORD_POLL_END, 0, loop, events, 0);
}

static void wake(struct tape *tape, double ms, guint who, enum weft_wake_cause cause, guint64 by)
{
    put(tape, ms, WEFT_RECORD_WAKE, cause, task(who), by, 0);
}

static void slice(struct tape *tape, double from, double to, guint who, enum weft_await_kind kind,
                  guint64 what, guint site)
{
    put(tape, from, WEFT_RECORD_RESUME, 0, task(who), 0, 0);
    put(tape, to, WEFT_RECORD_SUSPEND, kind, task(who), what, site);
}

static void done(struct tape *tape, double from, double to, guint who)
{
    put(tape, from, WEFT_RECORD_RESUME, 0, task(who), 0, 0);
    put(tape, to, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, task(who), 0, 0);
}

static guint64 sleep_timer(struct tape *tape, double ms, double due)
{
    guint64 timer = id(WEFT_ENTITY_TIMER, ++tape->timers);
    put(tape, ms, WEFT_RECORD_TIMER_SET, 0, timer, (guint64)llround(due * 1e6), SITE_BEAT);
    return timer;
}

/* The heartbeat: its timer fires at `from`, it runs shortly and sleeps 50 ms more. */
static void beat(struct tape *tape, double from)
{
    put(tape, from, WEFT_RECORD_TIMER_FIRE, 0, id(WEFT_ENTITY_TIMER, tape->timers), 0, 0);
    wake(tape, from, HEARTBEAT, WEFT_WAKE_TIMER, id(WEFT_ENTITY_TIMER, tape->timers));
    iteration(tape, from, 1);
    put(tape, from + 0.02, WEFT_RECORD_RESUME, 0, task(HEARTBEAT), 0, 0);
    guint64 timer = sleep_timer(tape, from + 0.3, from + 50);
    put(tape, from + 0.4, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, task(HEARTBEAT), timer, SITE_BEAT);
}

static void define_names(weft_trace *trace)
{
    static const char *const strings[] = {
        [LOOP_NAME] = "loop",  [MAIN] = "main",           [FETCH_1] = "fetch-1",
        [FETCH_2] = "fetch-2", [FETCH_3] = "fetch-3",     [HEARTBEAT] = "heartbeat",
        [CACHE] = "cache",     [PEER_1] = ":9081",        [PEER_2] = ":9082",
        [PEER_3] = ":9083",    [PROGRAM] = "fetch-three", [TIMEOUT_ERROR] = "TimeoutError",
    };
    static const char *const functions[] = {
        [SITE_MAIN] = "main",     [SITE_FETCH] = "fetch", [SITE_CONNECT] = "connect",
        [SITE_RECV] = "read_all", [SITE_PARSE] = "parse", [SITE_CACHE] = "store",
        [SITE_BEAT] = "heartbeat"
    };
    for (guint i = 1; i < G_N_ELEMENTS(strings); i++)
        weft_trace_define_string(trace, i, strings[i]);
    for (guint i = 1; i < G_N_ELEMENTS(functions); i++)
        weft_trace_define_site(trace, i, "fetch.c", functions[i], 20 + 7 * i);
}

static void name_object(struct tape *tape, double ms, guint64 object, guint string)
{
    put(tape, ms, WEFT_RECORD_OBJECT_NEW, 0, object, 1, 0);
    put(tape, ms, WEFT_RECORD_OBJECT_NAME, 0, object, string, 0);
}

static void create(struct tape *tape, double ms, guint who, guint64 parent, guint site)
{
    put(tape, ms, WEFT_RECORD_TASK_NEW, 0, task(who), parent, site);
    put(tape, ms, WEFT_RECORD_TASK_NAME, 0, task(who), who, 0);
    put(tape, ms, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, task(who), parent, 0);
}

/* 0 – 100 ms: everybody is born and connects. */
static void beginning(struct tape *tape)
{
    guint64 group = id(WEFT_ENTITY_GROUP, 1);
    put(tape, 0, WEFT_RECORD_PROCESS, 0, id(WEFT_ENTITY_PROCESS, 1), PROGRAM, 0);
    put(tape, 0, WEFT_RECORD_LOOP_OPEN, 0, loop, 1, 0);
    for (guint i = 0; i < 3; i++)
        name_object(tape, 0, id(WEFT_ENTITY_STREAM, i + 1), PEER_1 + i);
    name_object(tape, 0, id(WEFT_ENTITY_LOCK, 1), CACHE);
    create(tape, 0.1, MAIN, loop, SITE_MAIN);
    iteration(tape, 0.2, 1);
    put(tape, 0.3, WEFT_RECORD_RESUME, 0, task(MAIN), 0, 0);
    put(tape, 0.4, WEFT_RECORD_OBJECT_NEW, 0, group, 3, SITE_MAIN);
    for (guint who = FETCH_1; who <= FETCH_3; who++) {
        create(tape, 1 + 0.1 * who, who, task(MAIN), SITE_FETCH);
        put(tape, 1 + 0.1 * who, WEFT_RECORD_GROUP_ADD, 0, group, task(who), SITE_MAIN);
    }
    create(tape, 2, HEARTBEAT, task(MAIN), SITE_BEAT);
    put(tape, 2.4, WEFT_RECORD_SUSPEND, WEFT_AWAIT_GROUP, task(MAIN), group, SITE_MAIN);
    iteration(tape, 2.4, 4);
    slice(tape, 2.5, 3.4, FETCH_1, WEFT_AWAIT_DNS, id(WEFT_ENTITY_JOB, 1), SITE_CONNECT);
    slice(tape, 3.5, 4.4, FETCH_2, WEFT_AWAIT_DNS, id(WEFT_ENTITY_JOB, 2), SITE_CONNECT);
    slice(tape, 4.5, 5.4, FETCH_3, WEFT_AWAIT_DNS, id(WEFT_ENTITY_JOB, 3), SITE_CONNECT);
    put(tape, 5.5, WEFT_RECORD_RESUME, 0, task(HEARTBEAT), 0, 0);
    guint64 timer = sleep_timer(tape, 5.6, 50);
    put(tape, 5.9, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, task(HEARTBEAT), timer, SITE_BEAT);
    poll(tape, 6, 46, 1);
    wake(tape, 46, FETCH_1, WEFT_WAKE_THREAD, id(WEFT_ENTITY_JOB, 1));
    iteration(tape, 46, 1);
    slice(tape, 46.1, 48, FETCH_1, WEFT_AWAIT_CONNECT, id(WEFT_ENTITY_STREAM, 1), SITE_CONNECT);
    poll(tape, 48, 50, 0);
    beat(tape, 50);
    poll(tape, 50.5, 62, 1);
    wake(tape, 62, FETCH_2, WEFT_WAKE_THREAD, id(WEFT_ENTITY_JOB, 2));
    iteration(tape, 62, 1);
    slice(tape, 62.1, 63, FETCH_2, WEFT_AWAIT_CONNECT, id(WEFT_ENTITY_STREAM, 2), SITE_CONNECT);
    poll(tape, 63, 74, 1);
    wake(tape, 74, FETCH_3, WEFT_WAKE_THREAD, id(WEFT_ENTITY_JOB, 3));
    iteration(tape, 74, 1);
    slice(tape, 74.1, 75, FETCH_3, WEFT_AWAIT_CONNECT, id(WEFT_ENTITY_STREAM, 3), SITE_CONNECT);
    poll(tape, 75, 78, 1);
    wake(tape, 78, FETCH_1, WEFT_WAKE_IO, loop);
    iteration(tape, 78, 1);
    slice(tape, 78.1, 79, FETCH_1, WEFT_AWAIT_READ, id(WEFT_ENTITY_STREAM, 1), SITE_RECV);
    poll(tape, 79, 100, 0);
    beat(tape, 100);
    poll(tape, 100.5, 107, 1);
    wake(tape, 107, FETCH_2, WEFT_WAKE_IO, loop);
    iteration(tape, 107, 1);
    slice(tape, 107.1, 108, FETCH_2, WEFT_AWAIT_READ, id(WEFT_ENTITY_STREAM, 2), SITE_RECV);
}

/* 108 – 330 ms: fetch-1 parses without letting go, fetch-2 reads 148 times, then wants the lock. */
static void middle(struct tape *tape)
{
    guint64 cache = id(WEFT_ENTITY_LOCK, 1);
    poll(tape, 108, 127, 1);
    wake(tape, 127, FETCH_1, WEFT_WAKE_IO, loop);
    iteration(tape, 127, 1);
    put(tape, 127.1, WEFT_RECORD_RESUME, 0, task(FETCH_1), 0, 0);
    put(tape, 236, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, cache, 0, SITE_CACHE);
    put(tape, 237, WEFT_RECORD_SUSPEND, WEFT_AWAIT_JOB, task(FETCH_1), id(WEFT_ENTITY_JOB, 4),
        SITE_CACHE);
    poll(tape, 237.1, 237.2, 2);
    put(tape, 237.2, WEFT_RECORD_TIMER_FIRE, 0, id(WEFT_ENTITY_TIMER, tape->timers), 0, 0);
    wake(tape, 237.3, FETCH_2, WEFT_WAKE_IO, loop);
    wake(tape, 237.4, HEARTBEAT, WEFT_WAKE_TIMER, id(WEFT_ENTITY_TIMER, tape->timers));
    iteration(tape, 237.5, 2);
    slice(tape, 237.5, 261, FETCH_2, WEFT_AWAIT_READ, id(WEFT_ENTITY_STREAM, 2), SITE_RECV);
    put(tape, 261.1, WEFT_RECORD_RESUME, 0, task(HEARTBEAT), 0, 0);
    guint64 timer = sleep_timer(tape, 261.2, 311);
    put(tape, 261.4, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, task(HEARTBEAT), timer, SITE_BEAT);
    for (guint i = 0; i < 148; i++) {
        double at = 262 + 0.2 * i;
        poll(tape, at, at + 0.1, 1);
        wake(tape, at + 0.1, FETCH_2, WEFT_WAKE_IO, loop);
        iteration(tape, at + 0.1, 1);
        slice(tape, at + 0.12, at + 0.19, FETCH_2, i < 147 ? WEFT_AWAIT_READ : WEFT_AWAIT_LOCK,
              i < 147 ? id(WEFT_ENTITY_STREAM, 2) : cache, i < 147 ? SITE_RECV : SITE_CACHE);
    }
    poll(tape, 291.6, 311, 0);
    beat(tape, 311);
    poll(tape, 311.5, 316, 1);
    wake(tape, 316, FETCH_1, WEFT_WAKE_THREAD, id(WEFT_ENTITY_JOB, 4));
    iteration(tape, 316, 1);
    put(tape, 318, WEFT_RECORD_RESUME, 0, task(FETCH_1), 0, 0);
    put(tape, 321, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_RELEASE, cache, 1, SITE_CACHE);
    wake(tape, 321, FETCH_2, WEFT_WAKE_RESOURCE, task(FETCH_1));
    put(tape, 324, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, task(FETCH_1), 0, 0);
    iteration(tape, 324, 1);
    slice(tape, 324.1, 328, FETCH_2, WEFT_AWAIT_JOB, id(WEFT_ENTITY_JOB, 5), SITE_CACHE);
}

/* 328 – 560 ms: fetch-3 times out and fails, fetch-2 ends. */
static void end(struct tape *tape, gboolean lossy)
{
    poll(tape, 328, 361, 0);
    beat(tape, 361);
    poll(tape, 361.5, 372, 1);
    wake(tape, 372, FETCH_2, WEFT_WAKE_THREAD, id(WEFT_ENTITY_JOB, 5));
    iteration(tape, 372, 1);
    slice(tape, 372.1, 376, FETCH_2, WEFT_AWAIT_READ, id(WEFT_ENTITY_STREAM, 2), SITE_RECV);
    poll(tape, 376, 410, 0);
    put(tape, 410, WEFT_RECORD_CANCEL_REQUEST, 0, task(FETCH_3), loop, 0);
    wake(tape, 410, FETCH_3, WEFT_WAKE_TIMEOUT, loop);
    iteration(tape, 410, 1);
    put(tape, 410.1, WEFT_RECORD_RESUME, 0, task(FETCH_3), 0, 0);
    put(tape, 410.2, WEFT_RECORD_CANCEL_DELIVER, 0, task(FETCH_3), 0, SITE_CONNECT);
    guint64 cleanup = sleep_timer(tape, 411, 444);
    put(tape, 411, WEFT_RECORD_SUSPEND, WEFT_AWAIT_WRITE, task(FETCH_3), id(WEFT_ENTITY_STREAM, 3),
        SITE_CONNECT);
    poll(tape, 411.1, 411.3, 0);
    put(tape, 411.3, WEFT_RECORD_TIMER_CANCEL, 0, cleanup, 0, 0);
    poll(tape, 411.4, 412, 0);
    beat(tape, 412);
    poll(tape, 412.5, 444, 1);
    wake(tape, 444, FETCH_3, WEFT_WAKE_IO, loop);
    iteration(tape, 444, 1);
    put(tape, 444.1, WEFT_RECORD_RESUME, 0, task(FETCH_3), 0, 0);
    struct weft_record failed = {
        .time = 446000000,
        .kind = WEFT_RECORD_TASK_DONE,
        .detail = WEFT_OUTCOME_ERROR,
        .flags = WEFT_RECORD_EXT,
        .subject = task(FETCH_3),
    };
    struct weft_ext_error error = { .code = -110, .name = TIMEOUT_ERROR };
    struct weft_record ext;
    memcpy(&ext, &error, sizeof ext);
    g_array_append_val(tape->records, failed);
    g_array_append_val(tape->records, ext);
    poll(tape, 446.1, 456, 1);
    wake(tape, 456, FETCH_2, WEFT_WAKE_IO, loop);
    iteration(tape, 456, 1);
    done(tape, 456.1, 462, FETCH_2);
    poll(tape, 462.1, 463, 0);
    beat(tape, 463);
    if (lossy) {
        flush(tape);
        weft_trace_append_loss(tape->trace, 0, 1204);
        tape->iteration += 20;
        iteration(tape, 500, 0);
    }
    poll(tape, 500, 513, 0);
    beat(tape, 513);
    wake(tape, 514, MAIN, WEFT_WAKE_GROUP, id(WEFT_ENTITY_GROUP, 1));
    iteration(tape, 514, 1);
    done(tape, 515, 520, MAIN);
    poll(tape, 521, 560, 0);
    flush(tape);
}

weft_trace *weft_sample_fetch_three(gboolean lossy)
{
    struct tape tape = {
        .trace = weft_trace_new(),
        .records = g_array_new(FALSE, TRUE, sizeof(struct weft_record)),
    };
    define_names(tape.trace);
    beginning(&tape);
    middle(&tape);
    end(&tape, lossy);
    g_array_unref(tape.records);
    return tape.trace;
}

weft_trace *weft_sample_held(void)
{
    enum { HOG = 1, PATIENT };
    const struct weft_record records[] = {
        { .time = 0, .kind = WEFT_RECORD_LOOP_OPEN, .subject = loop },
        { .time = 1000000, .kind = WEFT_RECORD_TASK_NEW, .subject = task(MAIN) },
        { .time = 1000000, .kind = WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, .subject = task(MAIN) },
        { .time = 1000000, .kind = WEFT_RECORD_TASK_NEW, .subject = task(FETCH_1) },
        { .time = 1000000,
          .kind = WEFT_RECORD_TASK_NAME,
          .subject = task(MAIN),
          .object = PATIENT },
        { .time = 1000000, .kind = WEFT_RECORD_TASK_NAME, .subject = task(FETCH_1), .object = HOG },
        { .time = 1000000, .kind = WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, .subject = task(FETCH_1) },
        { .time = 2000000, .kind = WEFT_RECORD_ITERATION, .subject = loop, .object = 1 },
        { .time = 2000000, .kind = WEFT_RECORD_RESUME, .subject = task(FETCH_1) },
    };
    weft_trace *trace = weft_trace_new();
    weft_trace_define_string(trace, HOG, "hog");
    weft_trace_define_string(trace, PATIENT, "patient");
    weft_trace_append(trace, 0, records, G_N_ELEMENTS(records));
    return trace;
}

weft_trace *weft_sample_many(guint n)
{
    struct tape tape = {
        .trace = weft_trace_new(),
        .records = g_array_new(FALSE, TRUE, sizeof(struct weft_record)),
    };
    struct weft_record open = { .time = 0, .kind = WEFT_RECORD_LOOP_OPEN, .subject = loop };
    g_array_append_val(tape.records, open);
    for (guint i = 1; i <= n; i++) {
        g_autofree char *name = g_strdup_printf("job-%u", i);
        guint64 its = id(WEFT_ENTITY_TASK, i), at = i * 1000;
        const struct weft_record new[] = {
            { .time = at, .kind = WEFT_RECORD_TASK_NEW, .subject = its },
            { .time = at, .kind = WEFT_RECORD_TASK_NAME, .subject = its, .object = i },
            { .time = at, .kind = WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, .subject = its },
        };
        weft_trace_define_string(tape.trace, i, name);
        g_array_append_vals(tape.records, new, G_N_ELEMENTS(new));
        if (i % 1000 == 0)
            flush(&tape);
    }
    flush(&tape);
    g_array_unref(tape.records);
    return tape.trace;
}

guint weft_sample_lane(const weft_model *model, const char *name)
{
    for (guint lane = 0; lane < weft_model_n_lanes(model); lane++) {
        g_autofree char *its = weft_model_name(model, weft_model_lane(model, lane)->id);
        if (weft_model_lane(model, lane)->kind == WEFT_LANE_TASK && g_str_equal(its, name))
            return lane;
    }
    g_assert_not_reached();
}
