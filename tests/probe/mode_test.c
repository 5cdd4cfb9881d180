/* Recording switched on and off amid the run, by a controller. */
#include "tests/probe/session.h"
#include "tracer/probe/control.h"
#include "tracer/probe/intern.h"
#include "tracer/probe/mode.h"
#include "tracer/probe/segment.h"
#include <sys/socket.h>

static struct weft_writer *w;
static int controller;

static void start(void)
{
    weft_probe_start();
    w = weft_probe_open_ring(WEFT_RING_LOOP);
    g_assert_nonnull(w->ring);
    g_autofree char *segment = file_path(".ring");
    controller = weft_control_connect(segment);
    g_assert_cmpint(controller, >=, 0);
}

static void is_answered(int fd, const char *command, const char *expected)
{
    g_assert_cmpint(send(fd, command, strlen(command), MSG_NOSIGNAL), ==, (gssize)strlen(command));
    weft_control_serve();
    weft_control_serve();
    char text[WEFT_CONTROL_MESSAGE + 1] = "";
    g_assert_cmpint(recv(fd, text, sizeof text - 1, MSG_DONTWAIT), >, 0);
    g_assert_cmpstr(text, ==, expected);
}

/* As at the end of a loop's poll. */
static void turn(void)
{
    weft_probe_turn(w, weft_clock_now());
}

/* The i-th of the open chunk. */
static const struct weft_record *record(guint i)
{
    return (const void *)((char *)w->chunk + WEFT_CHUNK_HEADER + i * WEFT_SLOT_SIZE);
}

static const struct weft_record *last_record(void)
{
    return (const void *)(w->position - WEFT_SLOT_SIZE);
}

static void emit(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        weft_emit(w, WEFT_RECORD_COUNTER, 0, 0, 1, i);
}

static void body_switch(void)
{
    start();
    emit(10);
    g_assert_null(w->area);
    is_answered(controller, "ping", "ok standby");
    is_answered(controller, "mode stream 256K", "ok");
    is_answered(controller, "ping", "ok stream");
    emit(10);
    g_assert_null(w->area); /* it has not had its turn */
    weft_emit(w, WEFT_RECORD_TASK_NEW, 0, 0, weft_new_id(w, WEFT_ENTITY_TASK), 0);
    turn();
    g_assert_cmpuint(w->n, ==, 4);
    g_assert_cmpuint(record(0)->kind, ==, WEFT_RECORD_SNAPSHOT);
    g_assert_cmpuint(record(0)->subject, ==, w->owner);
    g_assert_cmpuint(record(0)->object, ==, 1);
    g_assert_cmpuint(w->segment->mode, ==, WEFT_MODE_STREAM);
    char *before = w->position;
    turn();
    g_assert_true(w->position == before);
    /* Another mode that records too needs no snapshot; a ring that has more chunks keeps them. */
    is_answered(controller, "mode flight 128K", "ok");
    turn();
    g_assert_true(w->position == before);
    g_assert_cmpuint(w->n, ==, 4);
    is_answered(controller, "mode standby", "ok");
    emit(10);
    g_assert_true(w->position == before); /* at once, for everybody */
    turn();
    g_assert_null(w->chunk);
    /* More than before. */
    is_answered(controller, "mode flight 512K", "ok");
    turn();
    g_assert_cmpuint(w->n, ==, 8);
    g_assert_cmpuint(record(0)->kind, ==, WEFT_RECORD_SNAPSHOT);
}

/* Off and on again between two turns: what happened in between is unknown all the same. */
static void body_quick(void)
{
    start();
    is_answered(controller, "mode flight", "ok");
    turn();
    emit(1);
    is_answered(controller, "mode standby", "ok");
    is_answered(controller, "mode flight", "ok");
    turn();
    g_assert_cmpuint(record(0)->kind, ==, WEFT_RECORD_SNAPSHOT);
}

static void body_bad(void)
{
    start();
    const char *usage = "error mode standby|flight|stream [RING_SIZE, at most 4G]";
    const char *commands[] = { "mode",           "mode off",       "mode on",
                               "mode stream x",  "mode stream -1", "mode stream 1 2",
                               "mode stream 5G", "mode  ",         "mode streams" };
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
        is_answered(controller, commands[i], usage);
    g_assert_cmpuint(weft_probe_mode(), ==, WEFT_MODE_STANDBY);
}

/* A loop that is held in a slice meanwhile: what it does before it says SNAPSHOT is not recorded.
 */
static void body_held(void)
{
    start();
    is_answered(controller, "mode flight", "ok");
    turn();
    emit(1);
    char *before = w->position;
    is_answered(controller, "mode standby", "ok");
    is_answered(controller, "mode flight", "ok");
    emit(10);
    g_assert_true(w->position == before);
    g_assert_cmpuint(w->ring->dropped + w->ring->nested, ==, 0);
    turn();
    g_assert_cmpuint(record(0)->kind, ==, WEFT_RECORD_SNAPSHOT);
    emit(1);
    g_assert_cmpuint(last_record()->kind, ==, WEFT_RECORD_COUNTER);
}

/* ---- What lives is told ---- */

static const struct weft_record *told_of(uint64_t subject, uint64_t object)
{
    for (guint i = 1; record(i) < (const struct weft_record *)(const void *)w->position; i += 2) {
        g_assert_cmpuint(record(i)->flags, ==, WEFT_RECORD_EXT);
        if (record(i)->subject == subject && (!object || record(i)->object == object))
            return record(i);
    }
    return NULL;
}

static struct weft_ext_task task_told(uint64_t task)
{
    struct weft_ext_task ext;
    g_assert_nonnull(told_of(task, 0));
    memcpy(&ext, told_of(task, 0) + 1, sizeof ext);
    return ext;
}

static struct weft_ext_object object_told(uint64_t object, uint64_t owner)
{
    struct weft_ext_object ext;
    g_assert_nonnull(told_of(object, owner));
    memcpy(&ext, told_of(object, owner) + 1, sizeof ext);
    return ext;
}

static uint64_t make_task(uint64_t parent)
{
    uint64_t task = weft_new_id(w, WEFT_ENTITY_TASK);
    weft_emit(w, WEFT_RECORD_TASK_NEW, 0, 7, task, parent);
    return task;
}

static void run(uint64_t task)
{
    weft_emit(w, WEFT_RECORD_RESUME, 0, 0, task, 0);
    weft_set_current_task(w, task);
}

static void wait_for(uint64_t task, enum weft_await_kind kind, uint64_t object)
{
    weft_emit(w, WEFT_RECORD_SUSPEND, kind, 9, task, object);
    weft_set_current_task(w, 0);
}

static uint64_t make_object(enum weft_entity kind, uint64_t capacity, const char *name)
{
    uint64_t object = weft_new_id(w, kind);
    weft_emit(w, WEFT_RECORD_OBJECT_NEW, 0, 3, object, capacity);
    weft_emit_name(w, WEFT_RECORD_OBJECT_NAME, object, name);
    return object;
}

static void body_told(void)
{
    start();
    uint64_t began_ns = weft_clock_monotonic_ns();
    uint64_t first = make_task(0), second = make_task(first), third = make_task(0);
    uint64_t lock = make_object(WEFT_ENTITY_LOCK, 0, "cache");
    uint64_t pair = make_object(WEFT_ENTITY_SEMAPHORE, 2, NULL);
    weft_emit_name(w, WEFT_RECORD_TASK_NAME, second, "second");
    run(first);
    weft_emit(w, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, 0, lock, 1);
    weft_emit(w, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, 0, pair, 1);
    wait_for(first, WEFT_AWAIT_YIELD, 0);
    run(second);
    weft_emit(w, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, 0, pair, 0);
    weft_emit(w, WEFT_RECORD_CANCEL_REQUEST, 0, 0, second, 0);
    weft_emit(w, WEFT_RECORD_CANCEL_DELIVER, 0, 0, second, 0);
    wait_for(second, WEFT_AWAIT_LOCK, lock);
    run(third);
    weft_emit(w, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, third, 0);
    weft_set_current_task(w, 0);
    g_usleep(2000);
    is_answered(controller, "mode flight", "ok");
    turn();
    uint64_t most_ns = weft_clock_monotonic_ns() - began_ns + 1000000; /* two clocks */
    struct weft_ext_task aged = task_told(first);
    g_assert_cmpint(weft_age(&aged), >=, 1000000);
    g_assert_cmpint(weft_age(&aged), <=, most_ns);
    g_assert_cmpuint(object_told(lock, first).deadline_mono_ns, >=, 1000000);
    g_assert_cmpuint(object_told(lock, first).deadline_mono_ns, <=, most_ns);
    g_assert_cmpuint(told_of(first, 0)->detail, ==, WEFT_TOLD_READY);
    g_assert_cmpuint(task_told(first).why, ==, WEFT_WAKE_TASK);
    g_assert_cmpuint(task_told(first).made, ==, 7);
    g_assert_cmpuint(told_of(second, 0)->detail, ==, WEFT_TOLD_CANCELLING);
    g_assert_cmpuint(told_of(second, 0)->object, ==, lock);
    g_assert_cmpuint(told_of(second, 0)->site, ==, 9);
    struct weft_ext_task ext = task_told(second);
    g_assert_cmpuint(ext.why, ==, WEFT_AWAIT_LOCK);
    g_assert_cmpuint(ext.parent, ==, first);
    g_assert_cmpuint(ext.cancels, ==, 1);
    g_assert_true(ext.delivered);
    g_assert_cmpuint(ext.name, ==, weft_string_intern("second"));
    g_assert_cmpuint(told_of(third, 0)->detail, ==, WEFT_TOLD_DONE);
    g_assert_cmpuint(task_told(third).why, ==, WEFT_OUTCOME_RESULT);
    g_assert_cmpuint(told_of(lock, first)->detail, ==, WEFT_TOLD_OBJECT_NONE);
    g_assert_cmpuint(object_told(lock, first).name, ==, weft_string_intern("cache"));
    g_assert_cmpint(object_told(lock, first).value, ==, 1);
    g_assert_cmpuint(object_told(pair, 0).capacity, ==, 2);
    g_assert_cmpuint(told_of(pair, second)->detail, ==, WEFT_TOLD_OBJECT_HOLDER);
    g_assert_cmpuint(object_told(pair, second).units, ==, 1);
    g_assert_cmpuint(record(0)->time, ==, told_of(second, 0)->time);
}

/* What would fill much of the ring is not told: it is there for what happens. */
static void body_many(void)
{
    enum { FEW = 2 * WEFT_CHUNK_SLOTS / 8 };
    start();
    for (guint i = 0; i < FEW; i++)
        make_task(0);
    is_answered(controller, "mode flight 128K", "ok");
    turn();
    g_assert_cmpuint(w->ordinal + (uint64_t)(w->position - (char *)w->chunk - WEFT_CHUNK_HEADER) /
                                      WEFT_SLOT_SIZE,
                     ==, 1 + 2 * FEW);
    is_answered(controller, "mode standby", "ok");
    make_task(0);
    is_answered(controller, "mode flight 128K", "ok");
    turn();
    g_assert_true(last_record() == record(0));
}

static int another_controller(void)
{
    g_autofree char *segment = file_path(".ring");
    int fd = weft_control_connect(segment);
    g_assert_cmpint(fd, >=, 0);
    return fd;
}

static void end(int fd)
{
    close(fd);
    weft_control_serve();
}

/* While somebody drains the stream, nobody else does; whoever only looks disturbs nobody. */
static void body_busy(void)
{
    start();
    uint64_t parent = (uint64_t)getppid();
    w->segment->lease.start_time = weft_process_start_time(parent);
    w->segment->lease.expires_mono_ns = UINT64_MAX;
    w->segment->lease.pid = parent;
    is_answered(controller, "mode stream", "error another process reads the stream");
    is_answered(controller, "mode flight", "ok");
    is_answered(controller, "mode standby", "ok");
    w->segment->lease.start_time++; /* it is another process of that number */
    is_answered(controller, "mode stream", "ok");
}

/* Nobody reads any more: the program does not go on recording for nobody. */
static void vanish_from(const char *command)
{
    start();
    is_answered(controller, command, "ok");
    turn();
    g_assert_cmpuint(w->mask, !=, 0);
    end(controller);
    g_assert_cmpuint(weft_probe_mode(), ==, WEFT_MODE_STANDBY);
    turn();
    g_assert_cmpuint(w->mask, ==, 0);
}

static void body_vanished_viewer(void)
{
    vanish_from("mode flight");
}

static void body_vanished_recorder(void)
{
    vanish_from("mode stream");
}

/* It is in the highest mode that any of them wants, in whatever order they come and go. */
static void body_several(void)
{
    start();
    int other = another_controller(), recorder = another_controller();
    is_answered(controller, "mode flight", "ok");
    is_answered(other, "mode flight", "ok");
    is_answered(recorder, "mode stream", "ok");
    is_answered(other, "mode flight", "ok");
    g_assert_cmpuint(weft_probe_mode(), ==, WEFT_MODE_STREAM);
    turn();
    char *before = w->position;
    end(other);
    g_assert_cmpuint(weft_probe_mode(), ==, WEFT_MODE_STREAM);
    end(recorder);
    g_assert_cmpuint(weft_probe_mode(), ==, WEFT_MODE_FLIGHT);
    turn();
    g_assert_true(w->position == before); /* it has recorded all the time */
    end(controller);
    g_assert_cmpuint(weft_probe_mode(), ==, WEFT_MODE_STANDBY);
    /* Whoever wants nothing takes nothing from others. */
    recorder = another_controller(), other = another_controller();
    is_answered(recorder, "mode stream", "ok");
    is_answered(other, "mode standby", "ok");
    end(other);
    g_assert_cmpuint(weft_probe_mode(), ==, WEFT_MODE_STREAM);
}

/* What it was started in it stays in, at least. */
static void body_from_the_start(void)
{
    start();
    w->segment->lease.expires_mono_ns = 1;
    is_answered(controller, "mode standby", "ok");
    int viewer = another_controller();
    is_answered(viewer, "mode flight", "ok");
    end(viewer);
    end(controller);
    weft_probe_turn(w, UINT64_MAX);
    g_assert_cmpuint(weft_probe_mode(), ==, WEFT_MODE_STREAM);
}

CASE(switch, NULL, NULL)
CASE(quick, NULL, NULL)
CASE(bad, NULL, NULL)
CASE(busy, NULL, NULL)
CASE(held, NULL, NULL)
CASE(told, NULL, NULL)
CASE(many, NULL, NULL)
CASE(vanished_viewer, NULL, NULL)
CASE(vanished_recorder, NULL, NULL)
CASE(several, NULL, NULL)
CASE(from_the_start, "stream", NULL)

int main(int argc, char **argv)
{
    begin_tests(&argc, &argv);
    g_test_add_func("/probe/mode/switch", case_switch);
    g_test_add_func("/probe/mode/quick", case_quick);
    g_test_add_func("/probe/mode/bad", case_bad);
    g_test_add_func("/probe/mode/busy", case_busy);
    g_test_add_func("/probe/mode/held", case_held);
    g_test_add_func("/probe/mode/told", case_told);
    g_test_add_func("/probe/mode/many", case_many);
    g_test_add_func("/probe/mode/vanished-viewer", case_vanished_viewer);
    g_test_add_func("/probe/mode/vanished-recorder", case_vanished_recorder);
    g_test_add_func("/probe/mode/several", case_several);
    g_test_add_func("/probe/mode/from-the-start", case_from_the_start);
    return run_tests();
}
