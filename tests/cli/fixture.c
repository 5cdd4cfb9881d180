/* fixture.c: hand-written traces. Ticks are nanoseconds from START on. */
#include "fixture.h"
#include "tracer/trace/writer.h"

#include <string.h>

#define START     G_GUINT64_CONSTANT(1000000000)
#define REAL_TIME G_GUINT64_CONSTANT(1700000000000000000) /* 2023-11-14 22:13:20 UTC */
#define US        G_GUINT64_CONSTANT(1000)

enum { MAX_SLOTS = 256 };

struct script {
    weft_filewriter *writer;
    struct weft_record records[MAX_SLOTS];
    guint n;
    guint32 next_string;
    guint32 file, functions[2]; /* strings: "app.c", "main", "fetch" */
};

static guint32 string(struct script *s, const char *text)
{
    weft_filewriter_string(s->writer, ++s->next_string, text, strlen(text));
    return s->next_string;
}

/* The site app.c:LINE; lines below 40 are in fetch(), the others in main(). */
static guint32 site(struct script *s, guint32 line)
{
    weft_filewriter_site(s->writer, line, line, s->file, s->functions[line < 40]);
    return line;
}

static guint64 id(enum weft_entity kind, guint64 counter)
{
    return weft_id(kind, 0, counter);
}

static void begin(struct script *s, const char *path, const char *program, int exit_code,
                  int exit_signal)
{
    GError *error = NULL;
    *s = (struct script){ 0 };
    s->writer = weft_filewriter_new(path, &error);
    g_assert_no_error(error);
    struct weft_file_process process = {
        .pid = 1234,
        .start_time = 1,
        .clock_kind = WEFT_CLOCK_MONOTONIC,
        .start = { START, START, REAL_TIME },
        .program = program,
        .host = "loom",
        .ended = TRUE,
        .exit_code = exit_code,
        .exit_signal = exit_signal,
    };
    weft_filewriter_process(s->writer, &process, &error);
    g_assert_no_error(error);
    weft_filewriter_anchor(s->writer, &process.start);
    s->file = string(s, "app.c");
    s->functions[0] = string(s, "main");
    s->functions[1] = string(s, "fetch");
}

static void flush(struct script *s, guint64 current_task)
{
    GError *error = NULL;
    if (s->n > 0)
        weft_filewriter_events(s->writer, 0, s->records, s->n, current_task, &error);
    g_assert_no_error(error);
    s->n = 0;
}

static void end(struct script *s)
{
    GError *error = NULL;
    flush(s, 0);
    weft_filewriter_finish(s->writer, &error);
    g_assert_no_error(error);
    weft_filewriter_free(s->writer);
}

static void emit(struct script *s, guint64 time_ns, enum weft_record_kind kind, unsigned detail,
                 guint32 site_id, guint64 subject, guint64 object)
{
    g_assert_cmpuint(s->n, <, MAX_SLOTS);
    s->records[s->n++] = (struct weft_record){
        .time = START + time_ns,
        .kind = (uint8_t)kind,
        .detail = (uint8_t)detail,
        .site = site_id,
        .subject = subject,
        .object = object,
    };
}

/* The 32 bytes that belong to the last event. */
static void emit_ext(struct script *s, const void *ext)
{
    g_assert_cmpuint(s->n, <, MAX_SLOTS);
    s->records[s->n - 1].flags |= WEFT_RECORD_EXT;
    memcpy(&s->records[s->n++], ext, WEFT_SLOT_SIZE);
}

/* ---- The gather ---- */

enum { MAIN = 1, FETCH = 2, NASTY = 3 };

static guint64 task(guint64 counter)
{
    return id(WEFT_ENTITY_TASK, counter);
}

static void emit_birth(struct script *s, guint64 time_ns, guint64 counter, guint64 parent,
                       const char *name, guint32 line)
{
    emit(s, time_ns, WEFT_RECORD_TASK_NEW, 0, site(s, line), task(counter), parent);
    if (name)
        emit(s, time_ns, WEFT_RECORD_TASK_NAME, 0, 0, task(counter), string(s, name));
    emit(s, time_ns, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, task(counter), parent);
}

static void emit_start(struct script *s, const char *program)
{
    emit(s, 0, WEFT_RECORD_PROCESS, 0, 0, id(WEFT_ENTITY_PROCESS, 1), string(s, program));
    emit(s, 1 * US, WEFT_RECORD_LOOP_OPEN, 0, 0, id(WEFT_ENTITY_LOOP, 1), 1234);
}

static void emit_iteration(struct script *s, guint64 time_ns, guint64 number, guint32 ready)
{
    emit(s, time_ns, WEFT_RECORD_ITERATION, 0, ready, id(WEFT_ENTITY_LOOP, 1), number);
}

static void emit_first_iterations(struct script *s)
{
    const guint64 group = id(WEFT_ENTITY_GROUP, 1);
    emit_birth(s, 10 * US, MAIN, 0, "main", 40);
    emit_iteration(s, 20 * US, 1, 1);
    emit(s, 20 * US, WEFT_RECORD_RESUME, 0, 0, task(MAIN), 0);
    emit_birth(s, 30 * US, FETCH, task(MAIN), "fetch-1", 42);
    emit_birth(s, 35 * US, NASTY, task(MAIN), "evil\033[31m\n\u202ename", 42);
    emit(s, 40 * US, WEFT_RECORD_OBJECT_NEW, 0, site(s, 42), group, 2);
    emit(s, 41 * US, WEFT_RECORD_GROUP_ADD, 0, 0, group, task(FETCH));
    emit(s, 42 * US, WEFT_RECORD_GROUP_ADD, 0, 0, group, task(NASTY));
    emit(s, 50 * US, WEFT_RECORD_SUSPEND, WEFT_AWAIT_GROUP, site(s, 42), task(MAIN), group);

    emit_iteration(s, 55 * US, 2, 2);
    emit(s, 55 * US, WEFT_RECORD_RESUME, 0, 0, task(FETCH), 0);
    emit(s, 60 * US, WEFT_RECORD_TIMER_SET, 0, site(s, 21), id(WEFT_ENTITY_TIMER, 1),
         START + 10060 * US);
    emit(s, 70 * US, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, site(s, 21), task(FETCH),
         id(WEFT_ENTITY_TIMER, 1));
    emit(s, 70 * US, WEFT_RECORD_RESUME, 0, 0, task(NASTY), 0);
    struct weft_ext_op op = { .handle = id(WEFT_ENTITY_STREAM, 1), .fd = 7, .size = 512 };
    emit(s, 75 * US, WEFT_RECORD_OP_START, WEFT_OP_CONNECT, site(s, 23), id(WEFT_ENTITY_OP, 1),
         id(WEFT_ENTITY_STREAM, 1));
    emit_ext(s, &op);
    emit(s, 80 * US, WEFT_RECORD_SUSPEND, WEFT_AWAIT_CONNECT, site(s, 23), task(NASTY),
         id(WEFT_ENTITY_OP, 1));
}

/* The timer fires; fetch-1 works, is done, and asks to cancel the other. */
static void emit_after_sleep(struct script *s)
{
    const guint64 loop = id(WEFT_ENTITY_LOOP, 1);
    emit(s, 90 * US, WEFT_RECORD_POLL_BEGIN, 0, 0, loop, 9970 * US);
    emit(s, 10070 * US, WEFT_RECORD_POLL_END, 0, 0, loop, 0);
    emit(s, 10080 * US, WEFT_RECORD_TIMER_FIRE, 0, 0, id(WEFT_ENTITY_TIMER, 1), 0);
    emit(s, 10080 * US, WEFT_RECORD_WAKE, WEFT_WAKE_TIMER, 0, task(FETCH),
         id(WEFT_ENTITY_TIMER, 1));
    emit_iteration(s, 10090 * US, 3, 1);
    emit(s, 10090 * US, WEFT_RECORD_RESUME, 0, 0, task(FETCH), 0);
    struct weft_ext_text why = { .text = string(s, "too \"slow\"") };
    emit(s, 12080 * US, WEFT_RECORD_CANCEL_REQUEST, 0, site(s, 25), task(NASTY), task(FETCH));
    emit_ext(s, &why);
    emit(s, 12080 * US, WEFT_RECORD_WAKE, WEFT_WAKE_CANCEL, 0, task(NASTY), task(FETCH));
    emit(s, 12090 * US, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, task(FETCH), 0);
}

static void emit_end(struct script *s)
{
    const guint64 loop = id(WEFT_ENTITY_LOOP, 1);
    const guint64 group = id(WEFT_ENTITY_GROUP, 1);
    emit_iteration(s, 12100 * US, 4, 1);
    emit(s, 12100 * US, WEFT_RECORD_RESUME, 0, 0, task(NASTY), 0);
    emit(s, 12101 * US, WEFT_RECORD_CANCEL_DELIVER, 0, site(s, 23), task(NASTY), 0);
    emit(s, 12110 * US, WEFT_RECORD_MARK, 0, site(s, 26), task(NASTY), string(s, "cleanup"));
    struct weft_ext_error error = {
        .code = -110,
        .name = string(s, "ETIMEDOUT"),
        .message = string(s, "connection timed out"),
        .site = site(s, 27),
    };
    emit(s, 12200 * US, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_ERROR, 0, task(NASTY), 0);
    emit_ext(s, &error);
    emit(s, 12200 * US, WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_ERROR, 0, group, 2);
    emit(s, 12200 * US, WEFT_RECORD_WAKE, WEFT_WAKE_GROUP, 0, task(MAIN), group);
    emit_iteration(s, 12210 * US, 5, 1);
    emit(s, 12210 * US, WEFT_RECORD_RESUME, 0, 0, task(MAIN), 0);
    emit(s, 40000 * US, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, task(MAIN), 0);
    emit(s, 40900 * US, WEFT_RECORD_LOOP_CLOSE, 0, 0, loop, 0);
    emit(s, 41000 * US, WEFT_RECORD_PROCESS_EXIT, WEFT_EXIT_CODE, 0, id(WEFT_ENTITY_PROCESS, 1), 0);
}

void fixture_write_gather(const char *path)
{
    struct script s;
    begin(&s, path, "./app --fast", 0, 0);
    emit_start(&s, "./app --fast");
    emit_first_iterations(&s);
    emit_after_sleep(&s);
    emit_end(&s);
    end(&s);
}

/* ---- The others ---- */

static void write_lossy(const char *path, guint64 unread, guint64 dropped)
{
    struct script s;
    GError *error = NULL;
    begin(&s, path, "./app", 0, 9);
    emit_start(&s, "./app");
    emit_birth(&s, 10 * US, MAIN, 0, "main", 40);
    emit_iteration(&s, 20 * US, 1, 1);
    emit(&s, 20 * US, WEFT_RECORD_RESUME, 0, 0, task(MAIN), 0);
    emit(&s, 30 * US, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, site(&s, 44), task(MAIN), 0);
    flush(&s, 0);
    weft_filewriter_loss(s.writer, 0, unread, dropped, &error);
    g_assert_no_error(error);
    emit_iteration(&s, 5000 * US, 90, 1);
    emit(&s, 5000 * US, WEFT_RECORD_RESUME, 0, 0, task(MAIN), 0);
    emit(&s, 5010 * US, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, site(&s, 44), task(MAIN), 0);
    end(&s);
}

void fixture_write_lossy(const char *path)
{
    write_lossy(path, 600, 400);
}

void fixture_write_dropped(const char *path)
{
    write_lossy(path, 0, 1000);
}

void fixture_write_workers(const char *path, guint n)
{
    struct script s;
    begin(&s, path, "./app", 0, 0);
    emit_start(&s, "./app");
    for (guint i = 1; i <= n; i++) {
        guint64 now = i * 100 * US;
        emit_birth(&s, now, i, 0, "worker", 40);
        emit_iteration(&s, now + 10 * US, i, 1);
        emit(&s, now + 10 * US, WEFT_RECORD_RESUME, 0, 0, task(i), 0);
        emit(&s, now + (10 + i % 50) * US, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, task(i),
             0);
        flush(&s, 0);
    }
    end(&s);
}

/* One of a server's tasks: ready, runs, done. */
static guint64 emit_served(struct script *s, guint64 now, guint64 counter, const char *name,
                           guint32 line, guint64 runs)
{
    emit_birth(s, now, counter, task(MAIN), name, line);
    emit_iteration(s, now + 5 * US, counter, 1);
    emit(s, now + 5 * US, WEFT_RECORD_RESUME, 0, 0, task(counter), 0);
    emit(s, now + 5 * US + runs, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, task(counter), 0);
    flush(s, 0);
    return now + 10 * US + runs;
}

/* Every slow_every-th connection takes ten times as long; 0: none. */
static void write_server(const char *path, guint n, guint percent, guint slow_every, gboolean newer)
{
    struct script s;
    guint64 now = 100 * US;
    guint32 line = newer ? 3 : 0; /* somebody wrote a comment above */
    begin(&s, path, "./server", 0, 0);
    emit_start(&s, "./server");
    emit_birth(&s, 10 * US, MAIN, 0, "main", 60);
    emit_iteration(&s, 20 * US, 1, 1);
    emit(&s, 20 * US, WEFT_RECORD_RESUME, 0, 0, task(MAIN), 0);
    emit(&s, 30 * US, WEFT_RECORD_SUSPEND, WEFT_AWAIT_OTHER, 0, task(MAIN), 0);
    for (guint i = 0; i < n; i++) {
        char name[16];
        g_snprintf(name, sizeof name, "conn-%u", i + (newer ? 500 : 0));
        guint64 runs = (100 + i % 7) * US * percent / 100;
        if (slow_every && i % slow_every == 0)
            runs *= 10;
        now = emit_served(&s, now, 2 + i, name, 20 + line, runs);
    }
    now = emit_served(&s, now, 2 + n, newer ? "flusher" : "janitor", 40 + line, 50 * US);
    now = emit_served(&s, now, 3 + n, "logger", 40 + line, 50 * US);
    if (newer)
        now = emit_served(&s, now, 4 + n, NULL, 31, 20 * US);
    emit(&s, now, WEFT_RECORD_WAKE, WEFT_WAKE_UNKNOWN, 0, task(MAIN), 0);
    emit(&s, now, WEFT_RECORD_RESUME, 0, 0, task(MAIN), 0);
    emit(&s, now + 10 * US, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, task(MAIN), 0);
    end(&s);
}

void fixture_write_server(const char *path, guint n, guint percent, gboolean newer)
{
    write_server(path, n, percent, 0, newer);
}

void fixture_write_slow_server(const char *path, guint n, guint slow_every)
{
    write_server(path, n, 100, slow_every, FALSE);
}

void fixture_write_blocked(const char *path)
{
    const guint64 ms = 1000 * US, timer = id(WEFT_ENTITY_TIMER, 1), loop = id(WEFT_ENTITY_LOOP, 1);
    struct script s;
    begin(&s, path, "./app", 0, 0);
    emit_start(&s, "./app");
    emit_birth(&s, 10 * US, 1, 0, "heartbeat", 40);
    emit_birth(&s, 15 * US, 2, 0, "parse", 41);
    emit_iteration(&s, 20 * US, 1, 2);
    emit(&s, 20 * US, WEFT_RECORD_RESUME, 0, 0, task(1), 0);
    emit(&s, 25 * US, WEFT_RECORD_TIMER_SET, 0, site(&s, 21), timer, START + 50 * ms);
    emit(&s, 30 * US, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, site(&s, 21), task(1), timer);
    emit(&s, 30 * US, WEFT_RECORD_RESUME, 0, 0, task(2), 0);
    emit(&s, 150 * ms, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, site(&s, 45), task(2), 0);
    emit(&s, 150 * ms, WEFT_RECORD_POLL_BEGIN, 0, 0, loop, 0);
    emit(&s, 150 * ms + US, WEFT_RECORD_POLL_END, 0, 0, loop, 0);
    emit(&s, 150 * ms + US, WEFT_RECORD_TIMER_FIRE, 0, 0, timer, 0);
    emit(&s, 150 * ms + US, WEFT_RECORD_WAKE, WEFT_WAKE_TIMER, 0, task(1), timer);
    emit_iteration(&s, 150 * ms + 2 * US, 2, 1);
    emit(&s, 150 * ms + 2 * US, WEFT_RECORD_RESUME, 0, 0, task(1), 0);
    emit(&s, 150 * ms + 9 * US, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, task(1), 0);
    emit(&s, 151 * ms, WEFT_RECORD_LOOP_CLOSE, 0, 0, loop, 0);
    end(&s);
}

void fixture_write_two_loops(const char *path)
{
    struct script s;
    GError *error = NULL;
    begin(&s, path, "./app", 0, 0);
    emit_start(&s, "./app");
    emit_iteration(&s, 20 * US, 1, 0);
    flush(&s, 0);
    guint64 other = weft_id(WEFT_ENTITY_LOOP, 1, 1);
    emit(&s, 5 * US, WEFT_RECORD_LOOP_OPEN, 0, 0, other, 1235);
    emit(&s, 30 * US, WEFT_RECORD_ITERATION, 0, 0, other, 1);
    weft_filewriter_events(s.writer, 1, s.records, s.n, 0, &error);
    g_assert_no_error(error);
    s.n = 0;
    end(&s);
}

void fixture_write_empty(const char *path)
{
    struct script s;
    begin(&s, path, "./app", 0, 0);
    end(&s);
}
