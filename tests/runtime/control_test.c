/* A running loop serves the control socket, and adopts what is switched there: idle, busy, in
 * another thread, on a libuv loop of the program's own. */
#include "runtime/loop.h"
#include "runtime/weft.h"
#include "tests/runtime/controller.h"
#include "tracer/probe/mode.h"

/* Waits until every ring of these has begun another chunk since. */
static void wait_for_chunks(struct weft_ring *const *rings, guint n, const uint64_t *since)
{
    for (guint i = 0; i < n; i++)
        while (atomic_load_explicit(&rings[i]->current, memory_order_acquire) <= since[i])
            g_thread_yield();
}

static void nothing(void *arg)
{
    (void)arg;
}

struct controlled {
    weft_loop *loops[2];
    struct weft_ring *rings[2];
    guint n;
    guint rounds;
};

static void stop(void *loop)
{
    weft_loop_stop(loop);
}

/* The controller's thread: every loop gets a chunk of its own each time it is switched on, with
 * SNAPSHOT in it, whether anything happens or not. */
static gpointer control(gpointer data)
{
    struct controlled *c = data;
    int fd = controller_connect();
    controller_ask(fd, "ping", "ok standby");
    for (guint round = 0; round < c->rounds; round++) {
        uint64_t since[2] = { 0 };
        for (guint i = 0; i < c->n; i++)
            since[i] = atomic_load(&c->rings[i]->current);
        controller_ask(fd, "mode flight 256K", "ok");
        controller_ask(fd, "ping", "ok flight");
        wait_for_chunks(c->rings, c->n, since);
        controller_ask(fd, "mode standby", "ok");
    }
    close(fd);
    for (guint i = 0; i < c->n; i++)
        g_assert_cmpint(weft_call_soon_threadsafe(c->loops[i], stop, c->loops[i]), ==, 0);
    return NULL;
}

static void test_idle(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    struct controlled c = { { loop }, { loop->writer->ring }, 1, 20 };
    GThread *thread = g_thread_new("control", control, &c);
    g_assert_cmpint(weft_loop_run_forever(loop), ==, 0);
    g_thread_join(thread);
    weft_loop_close(loop);
}

static void again(void *arg)
{
    weft_call_soon(again, arg);
}

/* One that never waits polls now and then. */
static void test_busy(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    struct controlled c = { { loop }, { loop->writer->ring }, 1, 20 };
    weft_call_soon(again, NULL);
    GThread *thread = g_thread_new("control", control, &c);
    g_assert_cmpint(weft_loop_run_forever(loop), ==, 0);
    g_thread_join(thread);
    weft_loop_close(loop);
}

static _Atomic(weft_loop *) second_loop;

static gpointer run_second(gpointer data)
{
    (void)data;
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    atomic_store(&second_loop, loop);
    g_assert_cmpint(weft_loop_run_forever(loop), ==, 0);
    weft_loop_close(loop);
    return NULL;
}

/* Whichever serves, both adopt. */
static void test_two(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    GThread *second = g_thread_new("second", run_second, NULL);
    weft_loop *other;
    while (!(other = atomic_load(&second_loop)))
        g_thread_yield();
    struct controlled c = { { loop, other }, { loop->writer->ring, other->writer->ring }, 2, 20 };
    GThread *thread = g_thread_new("control", control, &c);
    g_assert_cmpint(weft_loop_run_forever(loop), ==, 0);
    g_thread_join(thread);
    g_thread_join(second);
    weft_loop_close(loop);
}

static void test_existing_uv_loop(void)
{
    uv_loop_t uv;
    uv_loop_init(&uv);
    weft_loop *loop = weft_loop_new((weft_run_options){ .uv = &uv });
    struct controlled c = { { loop }, { loop->writer->ring }, 1, 3 };
    GThread *thread = g_thread_new("control", control, &c);
    g_assert_cmpint(weft_loop_run_forever(loop), ==, 0);
    g_thread_join(thread);
    weft_loop_close(loop);
    g_assert_cmpint(uv_loop_close(&uv), ==, 0);
}

static gpointer run_here(gpointer loop)
{
    g_assert_cmpint(weft_loop_run_forever(loop), ==, 0);
    return NULL;
}

/* Made in one thread, run in another, one after the other: as asyncio has it. */
static void test_handed_over(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    struct controlled c = { { loop }, { loop->writer->ring }, 1, 3 };
    g_assert_cmpint(weft_call_soon_threadsafe(loop, nothing, NULL), ==, 0);
    GThread *runs = g_thread_new("runs", run_here, loop);
    GThread *thread = g_thread_new("control", control, &c);
    g_thread_join(thread);
    g_thread_join(runs);
    weft_loop_close(loop);
}

int main(int argc, char **argv)
{
    controller_begin();
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/control/idle", test_idle);
    g_test_add_func("/runtime/control/busy", test_busy);
    g_test_add_func("/runtime/control/two", test_two);
    g_test_add_func("/runtime/control/existing-uv-loop", test_existing_uv_loop);
    g_test_add_func("/runtime/control/handed-over", test_handed_over);
    return controller_end(g_test_run());
}
