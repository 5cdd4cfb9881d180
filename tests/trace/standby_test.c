/* standby_test.c: programs that nobody prepared, looked at: idle, stuck in a slice, stopped,
 * killed; and followed while somebody looks. */
#include "tests/child.h"
#include "tests/trace/standby.h"
#include "tracer/probe/process.h"
#include "tracer/trace/attach.h"
#include "tracer/trace/controller.h"
#include "tracer/trace/live.h"
#include "tracer/trace/recover.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND G_GINT64_CONSTANT(1000000000)

/* ---- Looking ---- */

static const struct weft_task_at *task_called(weft_live *live, const char *name)
{
    guint n;
    const struct weft_task_at **tasks = weft_state_tasks(weft_live_state(live), &n);
    for (guint i = 0; i < n; i++)
        if (g_strcmp0(weft_trace_string(weft_live_trace(live), tasks[i]->name), name) == 0)
            return tasks[i];
    return NULL;
}

static const struct weft_object_at *object_called(weft_live *live, const char *name)
{
    guint n;
    const struct weft_object_at **objects = weft_state_objects(weft_live_state(live), &n);
    for (guint i = 0; i < n; i++)
        if (g_strcmp0(weft_trace_string(weft_live_trace(live), objects[i]->name), name) == 0)
            return objects[i];
    return NULL;
}

static const struct weft_object_at *object_of(weft_live *live, enum weft_entity kind)
{
    guint n;
    const struct weft_object_at **objects = weft_state_objects(weft_live_state(live), &n);
    for (guint i = 0; i < n; i++)
        if (weft_id_kind(objects[i]->id) == kind)
            return objects[i];
    return NULL;
}

static const struct weft_task_at *assert_waits(weft_live *live, const char *name,
                                               enum weft_await_kind kind, const char *func)
{
    const struct weft_task_at *task = task_called(live, name);
    g_assert_nonnull(task);
    g_assert_cmpuint(task->state, ==, WEFT_STATE_WAITING);
    g_assert_cmpuint(task->detail, ==, kind);
    g_assert_cmpint(task->since_ns, <=, weft_live_now_ns(live));
    const struct weft_trace_site *site = weft_trace_site(weft_live_trace(live), task->site);
    g_assert_nonnull(site);
    g_assert_cmpstr(site->func, ==, func);
    return task;
}

static void assert_locks(weft_live *live)
{
    const struct weft_task_at *keeper = assert_waits(live, "keeper", WEFT_AWAIT_EVENT, "keep");
    const struct weft_task_at *waiter = assert_waits(live, "waiter", WEFT_AWAIT_LOCK, "want");
    const struct weft_object_at *lock = object_called(live, "the lock");
    g_assert_nonnull(lock);
    g_assert_cmpuint(lock->owner, ==, keeper->id);
    g_assert_cmpuint(waiter->other, ==, lock->id);
    g_assert_cmpuint(keeper->other, ==, object_called(live, "never")->id);
    const struct weft_object_at *pair = object_called(live, "a pair");
    g_assert_cmpint(pair->value, ==, 1);
    g_assert_cmpuint(pair->owner, ==, keeper->id);
}

static void assert_queue(weft_live *live)
{
    const struct weft_task_at *putter = assert_waits(live, "putter", WEFT_AWAIT_QUEUE_PUT, "put");
    const struct weft_object_at *queue = object_of(live, WEFT_ENTITY_QUEUE);
    g_assert_cmpuint(putter->other, ==, queue->id);
    g_assert_cmpint(queue->value, ==, 2);
    g_assert_cmpuint(queue->capacity, ==, 2);
}

static void assert_times(weft_live *live)
{
    const struct weft_task_at *sleeper = assert_waits(live, "sleeper", WEFT_AWAIT_TIMER, "rest");
    const struct weft_object_at *timer = weft_state_object(weft_live_state(live), sleeper->other);
    const struct weft_object_at *timeout = object_of(live, WEFT_ENTITY_TIMEOUT);
    g_assert_cmpuint(timer->owner, ==, sleeper->id);
    g_assert_cmpuint(timeout->owner, ==, sleeper->id);
    gint64 apart = timeout->deadline_mono_ns - timer->deadline_mono_ns;
    g_assert_cmpint(apart, >, 1790 * SECOND);
    g_assert_cmpint(apart, <, 1810 * SECOND);
}

static void assert_group(weft_live *live)
{
    const struct weft_task_at *family = assert_waits(live, "family", WEFT_AWAIT_GROUP,
                                                     "gather_round");
    const struct weft_object_at *group = weft_state_object(weft_live_state(live), family->other);
    g_assert_cmpuint(group->capacity, ==, 2);
    guint n, found = 0;
    gboolean all;
    const struct weft_party *members = weft_state_parties(weft_live_state(live), group->id, &n,
                                                          &all);
    for (guint i = 0; i < n; i++)
        found += members[i].id == task_called(live, "older")->id ||
                 members[i].id == task_called(live, "younger")->id;
    g_assert_cmpuint(found, ==, 2);
    g_assert_true(all);
    g_assert_cmpuint(task_called(live, "older")->parent, ==, family->id);
}

static void assert_all(weft_live *live)
{
    assert_locks(live);
    assert_queue(live);
    assert_times(live);
    assert_group(live);
    guint64 tasks, objects;
    weft_live_unlisted(live, &tasks, &objects);
    g_assert_cmpuint(tasks + objects, ==, 0);
    g_assert_cmpuint(weft_live_tables(live)->torn + weft_live_tables(live)->wrong, ==, 0);
    g_assert_true(weft_trace_begins_with_state(weft_live_trace(live)));
}

static weft_live *look(struct standby *f)
{
    g_autoptr(GError) error = NULL;
    weft_live *live = weft_live_look((guint64)f->pid, &error);
    g_assert_no_error(error);
    return live;
}

static weft_live *attach(struct standby *f)
{
    g_autoptr(GError) error = NULL;
    weft_live *live = weft_live_attach((guint64)f->pid, &error);
    g_assert_no_error(error);
    return live;
}

/* ---- Programs ---- */

static void test_idle(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "idle");
    g_free(standby_ask(f, "ping")); /* its loop polls: hog waits too */
    weft_live *live = look(f);
    assert_all(live);
    assert_waits(live, "hog", WEFT_AWAIT_EVENT, "be_a_hog");
    g_assert_cmpuint(weft_state_running(weft_live_state(live), 0), ==, 0);
    gint64 since;
    g_assert_true(weft_state_polling(weft_live_state(live), 0, &since));
    g_assert_cmpint(since, <=, weft_live_now_ns(live));
    g_assert_cmpuint(weft_trace_events(weft_live_trace(live)), ==, 0);
    weft_live_free(live);
    /* Nothing was asked of it. */
    g_autofree char *mode = standby_ask(f, "ping");
    g_assert_cmpstr(mode, ==, "standby");
    g_autoptr(GArray) processes = weft_live_processes();
    g_assert_cmpuint(processes->len, ==, 1);
    g_assert_true(g_array_index(processes, struct weft_live_process, 0).alive);
    standby_kill(f);
}

static void assert_held(weft_live *live)
{
    assert_all(live);
    const struct weft_task_at *hog = task_called(live, "hog");
    g_assert_cmpuint(weft_state_running(weft_live_state(live), 0), ==, hog->id);
    g_assert_cmpuint(hog->state, ==, WEFT_STATE_RUNNING);
    g_assert_cmpint(hog->since_ns, <=, weft_live_now_ns(live));
    g_assert_false(weft_state_polling(weft_live_state(live), 0, NULL));
}

static void assert_saved(struct standby *f, weft_live *live, gint64 seen)
{
    g_autofree char *path = g_build_filename(f->directory, "saved.weft", NULL);
    g_autoptr(GError) error = NULL;
    weft_live_save(live, path, &error);
    g_assert_no_error(error);
    g_autoptr(weft_trace) saved = weft_trace_open(path, &error);
    g_assert_no_error(error);
    weft_trace *trace = weft_live_trace(live);
    g_assert_cmpstr(weft_trace_damage(saved), ==, NULL);
    g_assert_true(weft_trace_begins_with_state(saved));
    g_assert_cmpuint(weft_trace_events(saved), ==, weft_trace_events(trace));
    g_assert_cmpuint(weft_trace_lost(saved), ==, weft_trace_lost(trace));
    g_assert_cmpint(weft_trace_end_ns(saved), >=, seen);
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++)
        g_assert_cmpint(weft_trace_chunk(saved, i)->gap, ==, weft_trace_chunk(trace, i)->gap);
    g_unlink(path);
}

/* The same from its black box, as a file: no event, and all that was known. */
static void assert_recovered(struct standby *f)
{
    g_autofree char *path = g_build_filename(f->directory, "recovered.weft", NULL);
    g_autofree char *segment = weft_find_segment((guint64)f->pid, NULL);
    struct weft_recovered recovered;
    g_autoptr(GError) error = NULL;
    weft_recover(segment, path, &recovered, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(recovered.damage, ==, NULL);
    g_assert_cmpuint(recovered.events + recovered.lost, ==, 0);
    weft_recovered_clear(&recovered);
    g_autoptr(weft_trace) trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    guint from, n;
    g_autoptr(weft_state) state = weft_trace_state_before(trace, 0, &from);
    const struct weft_task_at *runs = weft_state_task(state, weft_state_running(state, 0));
    g_assert_nonnull(runs);
    g_assert_cmpstr(weft_trace_string(trace, runs->name), ==, "hog");
    g_assert_cmpint(runs->since_ns, >, 0); /* others waited before */
    const struct weft_task_at **tasks = weft_state_tasks(state, &n);
    g_assert_cmpuint(n, ==, 9); /* main, and those of standby.c */
    for (guint i = 0; i < n; i++)
        g_assert_cmpint(tasks[i]->since_ns, >=, 0);
    const struct weft_trace_source *source = weft_trace_source(trace);
    g_assert_true(source->ended);
    g_assert_true(source->ended_unseen);
    g_assert_cmpint(source->begin_ns, ==, 0);
    g_assert_cmpint(source->end_ns, >=, runs->since_ns);
    g_unlink(path);
}

/* Time begins with the first of the waits: none is cut short. */
static void assert_whole_waits(weft_live *live)
{
    guint n;
    const struct weft_task_at **tasks = weft_state_tasks(weft_live_state(live), &n);
    gint64 earliest = G_MAXINT64;
    for (guint i = 0; i < n; i++)
        earliest = MIN(earliest, tasks[i]->since_ns);
    g_assert_cmpint(earliest, ==, 0);
    g_assert_cmpint(task_called(live, "hog")->since_ns, >, task_called(live, "keeper")->since_ns);
}

static void test_stuck(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "stuck");
    weft_live *live = attach(f);
    assert_held(live);
    assert_whole_waits(live);
    g_assert_cmpstr(weft_live_status(live), ==, "does not answer: hog holds its loop");
    gint64 seen = weft_live_now_ns(live);
    g_assert_cmpint(seen, >, 0);
    weft_live_poll(live);
    assert_held(live);
    assert_saved(f, live, seen);
    g_autoptr(weft_controller) controller = weft_controller_open((guint64)f->pid, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(weft_controller_command(controller, "ping", SECOND / 100, NULL, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_ANSWER);
    standby_kill(f);
    while (!weft_live_ended(live))
        weft_live_poll(live);
    g_assert_cmpstr(weft_live_status(live), ==, "killed by a signal, or ended by _exit()");
    assert_held(live);
    /* It held the loop as long as it was seen. */
    g_assert_cmpint(weft_trace_source(weft_live_trace(live))->end_ns, >=, seen);
    g_assert_cmpint(weft_trace_end_ns(weft_live_trace(live)), >=, seen);
    weft_live_free(live);

    /* It is dead, and its black box says the same. */
    live = look(f);
    weft_live_poll(live);
    g_assert_true(weft_live_ended(live));
    assert_held(live);
    weft_live_free(live);
    assert_recovered(f);
}

static void test_stopped(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "idle");
    g_free(standby_ask(f, "ping"));
    kill(f->pid, SIGSTOP);
    int status;
    g_assert_cmpint(waitpid(f->pid, &status, WUNTRACED), ==, f->pid);
    weft_live *live = attach(f);
    assert_all(live);
    g_assert_cmpstr(weft_live_status(live), ==, "stopped by a signal");
    g_assert_false(weft_live_ended(live));
    weft_live_free(live);
    standby_kill(f);
}

static guint64 events_of_kind(weft_trace *trace, enum weft_record_kind kind)
{
    g_autofree struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    guint64 found = 0;
    for (guint c = 0; c < weft_trace_n_chunks(trace); c++) {
        guint n = weft_trace_decode(trace, c, records, NULL);
        for (guint i = 0; i < n; i++) {
            found += records[i].kind == kind;
            i += records[i].flags & WEFT_RECORD_EXT;
        }
    }
    return found;
}

static void poll_for_timers(weft_live *live, guint64 more)
{
    more += events_of_kind(weft_live_trace(live), WEFT_RECORD_TIMER_FIRE);
    while (events_of_kind(weft_live_trace(live), WEFT_RECORD_TIMER_FIRE) < more)
        weft_live_poll(live);
}

/* Recorded while somebody looks; what went before is known as far as it matters. */
static void test_follow(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "tick");
    weft_live *live = attach(f);
    g_assert_cmpstr(weft_live_status(live), ==, "running");
    poll_for_timers(live, 20);
    assert_all(live);
    weft_trace *trace = weft_live_trace(live);
    g_assert_cmpuint(weft_trace_lost(trace), ==, 0);
    g_assert_cmpuint(events_of_kind(trace, WEFT_RECORD_SNAPSHOT), ==, 1);
    g_assert_false(weft_trace_chunk(trace, 0)->gap);
    g_assert_cmpuint(task_called(live, "hog")->state, !=, WEFT_STATE_UNKNOWN);
    assert_saved(f, live, weft_trace_end_ns(trace));

    /* A second one looks, and leaves: the first goes on. */
    weft_live *other = attach(f);
    poll_for_timers(other, 5);
    assert_all(other);
    weft_live_free(other);
    poll_for_timers(live, 5);
    weft_live_free(live);
    g_autofree char *mode = standby_ask(f, "ping");
    g_assert_cmpstr(mode, ==, "standby");
    standby_kill(f);
}

/* Records it for a while; then it stands by, and goes on: hog is seen in two sleeps. */
static void record_and_stand_by(struct standby *f)
{
    weft_live *live = attach(f);
    poll_for_timers(live, 20);
    weft_live_free(live);
    g_autofree char *mode = standby_ask(f, "ping");
    g_assert_cmpstr(mode, ==, "standby");
    uint64_t before = 0, timer = 0;
    while (timer == before || before == 0) {
        live = look(f);
        g_assert_cmpuint(weft_trace_events(weft_live_trace(live)), ==, 0);
        assert_all(live);
        const struct weft_task_at *hog = task_called(live, "hog");
        g_assert_cmpuint(hog->state, !=, WEFT_STATE_UNKNOWN);
        timer = hog->state == WEFT_STATE_WAITING ? hog->other : before;
        before = before ? before : timer;
        weft_live_free(live);
    }
}

/* Once it was recorded, and is not any more: what it did since is in its tables only. */
static void test_again(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "tick");
    record_and_stand_by(f);
    weft_live *live = attach(f);
    poll_for_timers(live, 5);
    assert_all(live);
    weft_trace *trace = weft_live_trace(live);
    g_assert_cmpuint(events_of_kind(trace, WEFT_RECORD_SNAPSHOT), ==, 1);
    g_assert_cmpuint(weft_trace_lost(trace), ==, 0);
    g_assert_false(weft_trace_chunk(trace, 0)->gap);
    weft_live_free(live);
    standby_kill(f);
}

/* Its black box as a trace. */
static weft_trace *recover(struct standby *f, gboolean recorded, struct weft_recovered *recovered)
{
    g_autofree char *path = g_build_filename(f->directory, "recovered.weft", NULL);
    g_autofree char *segment = weft_find_segment((guint64)f->pid, NULL);
    g_autoptr(GError) error = NULL;
    if (recorded)
        weft_recover_recorded(segment, path, recovered, &error);
    else
        weft_recover(segment, path, recovered, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(recovered->damage, ==, NULL);
    weft_trace *trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(weft_trace_lost(trace) + recovered->before, ==, recovered->lost);
    g_unlink(path);
    return trace;
}

/* Killed when it stood by again: the recording before is not mixed with how it ended. */
static void test_recorded_before(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "tick");
    record_and_stand_by(f);
    standby_kill(f);
    struct weft_recovered ended, recorded;
    g_autoptr(weft_trace) end = recover(f, FALSE, &ended);
    g_assert_cmpuint(ended.events, ==, 0);
    g_assert_cmpuint(ended.lost, ==, ended.before);
    g_assert_true(weft_trace_source(end)->ended_unseen);
    guint from, n;
    g_autoptr(weft_state) state = weft_trace_state_before(end, 0, &from);
    const struct weft_task_at **tasks = weft_state_tasks(state, &n);
    g_assert_cmpuint(n, ==, 9);
    for (guint i = 0; i < n; i++)
        g_assert_cmpuint(tasks[i]->state, !=, WEFT_STATE_UNKNOWN);

    g_autoptr(weft_trace) events = recover(f, TRUE, &recorded);
    g_assert_cmpuint(recorded.events, ==, ended.left_out);
    g_assert_cmpuint(recorded.events, >, 0);
    g_assert_cmpuint(recorded.slots + recorded.lost, ==, ended.lost);
    g_assert_cmpuint(recorded.left_out, ==, 0);
    g_assert_false(weft_trace_source(events)->ended);
    g_assert_cmpint(weft_trace_source(events)->end_ns, >, 0);
    g_assert_cmpint(weft_trace_end_ns(events), <, weft_trace_end_ns(end));
    weft_recovered_clear(&ended);
    weft_recovered_clear(&recorded);
}

/* What its tables hold at its end is not of the recording before: children were born since. */
static void test_born_after(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "bear");
    record_and_stand_by(f);
    standby_kill(f);
    struct weft_recovered recovered;
    g_autoptr(weft_trace) trace = recover(f, TRUE, &recovered);
    guint from, n;
    g_autoptr(weft_state) state = weft_trace_state_before(trace, 0, &from);
    weft_state_tasks(state, &n);
    g_assert_cmpuint(n, ==, 0);
    weft_state_objects(state, &n);
    g_assert_cmpuint(n, ==, 0);
    g_assert_cmpuint(recovered.events, >, 0);
    weft_recovered_clear(&recovered);
}

/* Killed when it was recorded again: between the two recordings nothing is known. */
static void test_recorded_twice(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "tick");
    record_and_stand_by(f);
    weft_live *live = attach(f);
    poll_for_timers(live, 5);
    standby_kill(f);
    weft_live_free(live);
    struct weft_recovered recovered;
    g_autoptr(weft_trace) trace = recover(f, FALSE, &recovered);
    g_assert_cmpuint(recovered.left_out, ==, 0);
    g_assert_cmpuint(events_of_kind(trace, WEFT_RECORD_SNAPSHOT), ==, 2);
    guint gaps = 0;
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++)
        gaps += weft_trace_chunk(trace, i)->gap;
    g_assert_cmpuint(gaps, ==, 1);
    g_assert_false(weft_trace_chunk(trace, 0)->gap);
    weft_recovered_clear(&recovered);
}

/* A viewer in a process of its own; it is killed while it looks. */
static void look_and_be_killed(struct standby *f)
{
    int said[2];
    char byte;
    g_assert_cmpint(pipe(said), ==, 0);
    pid_t child = fork();
    if (child == 0) {
        attach(f);
        if (write(said[1], "l", 1) == 1)
            for (;;)
                pause();
        _exit(1);
    }
    g_assert_cmpint(child, >, 0);
    g_assert_cmpint(read(said[0], &byte, 1), ==, 1);
    g_autofree char *mode = standby_ask(f, "ping");
    g_assert_cmpstr(mode, ==, "flight");
    kill(child, SIGKILL);
    g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
    close(said[0]);
    close(said[1]);
}

static void test_killed_viewer(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "tick");
    look_and_be_killed(f);
    g_autofree char *mode = standby_ask(f, "ping");
    g_assert_cmpstr(mode, ==, "standby");
    /* Another looks all the while: for that one it goes on. */
    weft_live *live = attach(f);
    poll_for_timers(live, 5); /* it records by now */
    guint64 begun = events_of_kind(weft_live_trace(live), WEFT_RECORD_SNAPSHOT);
    look_and_be_killed(f);
    g_autofree char *still = standby_ask(f, "ping");
    g_assert_cmpstr(still, ==, "flight");
    poll_for_timers(live, 5);
    g_assert_cmpuint(events_of_kind(weft_live_trace(live), WEFT_RECORD_SNAPSHOT), ==, begun);
    weft_live_free(live);
    standby_kill(f);
}

static void assert_none_unknown(weft_live *live)
{
    guint n;
    const struct weft_task_at **tasks = weft_state_tasks(weft_live_state(live), &n);
    for (guint i = 0; i < n; i++)
        g_assert_cmpuint(tasks[i]->state, !=, WEFT_STATE_UNKNOWN);
}

/* Held at first; when it polls again it is recorded: what happened between is not known, but how
 * all of them are is told at once. */
static void test_unstick(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "unstick");
    weft_live *live = attach(f);
    assert_held(live);
    close(f->input);
    f->input = -1;
    gint64 seen = weft_live_now_ns(live);
    poll_for_timers(live, 5);
    assert_all(live);
    assert_none_unknown(live);
    g_assert_cmpstr(weft_live_status(live), ==, "running");
    g_assert_true(weft_trace_chunk(weft_live_trace(live), 0)->gap);
    g_assert_cmpuint(weft_trace_lost(weft_live_trace(live)), ==, 0);
    assert_saved(f, live, seen);
    weft_live_free(live);
    standby_kill(f);
}

static void test_refused(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "idle");
    g_autoptr(weft_controller) controller = weft_controller_open((guint64)f->pid, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(weft_controller_command(controller, "dance", 60 * SECOND, NULL, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED);
    g_assert_nonnull(strstr(error->message, "the commands are"));
    standby_kill(f);
    g_autoptr(GError) ended = NULL;
    g_assert_false(weft_controller_command(controller, "ping", 60 * SECOND, NULL, &ended));
    g_assert_error(ended, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_PROCESS);
}

/* One that would hold its loop for ever ends when its test dies. */
static void test_ends_with_its_test(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    int said[2];
    g_assert_cmpint(pipe(said), ==, 0);
    pid_t test = child_fork();
    if (test == 0) {
        standby_start(f, "stuck");
        guint64 program[] = { (guint64)f->pid, weft_process_start_time((guint64)f->pid) };
        if (write(said[1], program, sizeof program) == sizeof program)
            raise(SIGKILL);
        _exit(1);
    }
    guint64 program[2];
    g_assert_cmpint(read(said[0], program, sizeof program), ==, sizeof program);
    int status;
    g_assert_cmpint(waitpid(test, &status, 0), ==, test);
    g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    while (!weft_process_ended(program[0], program[1]))
        g_usleep(1000);
    close(said[0]);
    close(said[1]);
    f->pid = (pid_t)program[0]; /* whose segment is left */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/standby/" name, struct standby, NULL, standby_set_up, function, standby_tear_down)
    ADD("idle", test_idle);
    ADD("stuck", test_stuck);
    ADD("stopped", test_stopped);
    ADD("follow", test_follow);
    ADD("again", test_again);
    ADD("recorded-before", test_recorded_before);
    ADD("born-after", test_born_after);
    ADD("recorded-twice", test_recorded_twice);
    ADD("killed-viewer", test_killed_viewer);
    ADD("unstick", test_unstick);
    ADD("refused", test_refused);
    ADD("ends-with-its-test", test_ends_with_its_test);
    return g_test_run();
}
