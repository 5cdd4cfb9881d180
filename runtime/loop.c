/* loop.c: the iteration, and the loop's life.
 *
 *      poll libuv -> I/O entries join `ready` -> due timers join -> ITERATION -> run that batch
 *
 * Every libuv callback runs inside the poll, on the main stack, and only puts its entry into the
 * queue: programs run in the batch alone. While something is ready the poll may be left out, as
 * long as one is made every 50 us, or every 256 iterations if that is sooner; timers and
 * call_soon_threadsafe are looked at in each. WEFT_STRICT=1 polls in each. A loop that a controller
 * pauses (pace.h) is held before a poll, behind it, and before each entry of the batch.
 *
 * Thread: the loop's own; others reach it through its mailbox. */
#include "runtime/loop.h"
#include "runtime/control.h"
#include "runtime/debug.h"
#include "runtime/foreign.h"
#include "runtime/generator.h"
#include "runtime/mailbox.h"
#include "runtime/overflow.h"
#include "runtime/pace.h"
#include "runtime/pool.h"
#include "runtime/process.h"
#include "runtime/signals.h"
#include "runtime/task.h"
#include "runtime/watch.h"
#include "tracer/probe/user.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
    POLL_EVERY = 256, /* iterations: some microseconds of the shortest ones      */
    LOOK_EVERY = 8,
    POLL_EVERY_NS = 50000, /* and time: see ticks_between_polls                       */
    NS_PER_MS = 1000000,
};

__thread weft_loop *weft__loop;

/* ---- One iteration ---- */

/* 50 us in ticks. A time stamp counter runs at 1 GHz or more: then it is somewhat less. */
static uint64_t ticks_between_polls(void)
{
#if defined(__aarch64__)
    if (weft_clock_kind == WEFT_CLOCK_COUNTER) {
        uint64_t hz;
        __asm__("mrs %0, cntfrq_el0" : "=r"(hz));
        return hz / (1000000000 / POLL_EVERY_NS);
    }
#endif
    return POLL_EVERY_NS;
}

/* Asking the clock costs as much as a switch: while iterations are short it is asked only every
 * LOOK_EVERY of them. A recorded loop has just asked, and knows. */
static bool poll_is_due(weft_loop *loop)
{
    if (++loop->unpolled >= POLL_EVERY || loop->strict)
        return true;
    if (loop->unpolled < loop->look_again && !loop->stamp)
        return false;
    uint64_t now = loop->stamp ? loop->stamp : weft_clock_now();
    loop->writer->coarse_ticks = now;
    bool quick = now - loop->looked_at_clock < ticks_between_polls() / LOOK_EVERY;
    loop->looked_at_clock = now;
    loop->look_again = loop->unpolled + (quick ? LOOK_EVERY : 1);
    return now >= loop->poll_due_ticks;
}

static inline bool nothing_to_do(weft_loop *loop)
{
    return weft__list_empty(&loop->ready) && !loop->stopping &&
           !(loop->timers.count > 0 && loop->timers.heap[1].when <= weft__now());
}

static void on_wake(uv_timer_t *timer)
{
    (void)timer; /* it only ends the poll: our own timers are looked at next */
}

/* Sets the libuv timer that ends this poll when our first timer is due: libuv counts milliseconds,
 * so it is rounded up. Only here, behind uv_run's own timers and pending callbacks: one set before
 * could fire among them, and what they make ready must not wait for the poll either.
 * Returns how long it may take, in nanoseconds; the program's own libuv timers may end it too.
 * libuv says 0 also when it does not know, until the poll itself begins to watch a new handle. */
static int64_t arm(weft_loop *loop)
{
    int64_t wait = 0;
    if (nothing_to_do(loop)) {
        wait = loop->timers.count > 0 ? (int64_t)loop->timers.heap[1].when : WEFT__NEVER;
        if (wait == WEFT__NEVER) {
            uv_timer_stop(&loop->wake_timer);
            int ms = uv_backend_timeout(loop->uv);
            return ms > 0 ? (int64_t)ms * NS_PER_MS : WEFT__NEVER;
        }
        wait -= (int64_t)weft__now();
        wait = wait > 0 ? wait : 0;
    }
    uv_update_time(loop->uv); /* which the timer is relative to */
    uv_timer_start(&loop->wake_timer, on_wake, (uint64_t)(wait + NS_PER_MS - 1) / NS_PER_MS, 0);
    int64_t until = (int64_t)uv_backend_timeout(loop->uv) * NS_PER_MS;
    return until > 0 && until < wait ? until : wait;
}

static void on_prepare(uv_prepare_t *prepare)
{
    weft_loop *loop = prepare->data;
    loop->polling = true;
    loop->poll_events = 0;
    int64_t timeout = loop->blocking ? arm(loop) : 0;
    if (!weft_probe_on())
        return;
    if (timeout == WEFT__NEVER && weft_probe_recording())
        weft__foreign_look(loop);
    if (loop->blocking &&
        !weft_probe_recording()) /* it may be for long: let it be known since when */
        loop->writer->coarse_ticks = weft_clock_now();
    weft__emit(loop, 0, WEFT_RECORD_POLL_BEGIN, 0, NULL, loop->id, (uint64_t)timeout);
}

static enum weft_handle_kind handle_kind(const struct weft__io *io)
{
    return io->kind ? io->kind : WEFT_HANDLE_IO;
}

static void on_check(uv_check_t *check)
{
    weft_loop *loop = check->data;
    loop->polling = false;
    loop->polled_at = weft_clock_now();
    if (weft_probe_on() && weft_probe_turn(loop->writer, loop->polled_at))
        loop->polled_at = weft_clock_now();
    uint64_t time = weft__trace_at(loop, loop->polled_at, WEFT_RECORD_POLL_END, 0, NULL, loop->id,
                                   loop->poll_events);
    for (struct weft__entry *entry; (entry = weft__list_pop(&loop->arrived));) {
        struct weft__io *io = weft__container(entry, struct weft__io, entry);
        weft__ready(loop, entry);
        weft__trace_at(loop, time, WEFT_RECORD_READY, handle_kind(io), NULL, io->id, 0);
    }
    loop->stamp = time;
}

void weft__io_ready(struct weft__io *io)
{
    weft_loop *loop = io->loop;
    loop->poll_events++;
    if (weft__linked(&io->entry))
        return;
    if (loop->polling)
        weft__list_append(&loop->arrived, &io->entry);
    else
        weft__ready_callback(loop, &io->entry, handle_kind(io), NULL, io->id, 0);
}

void weft__ready_callback(weft_loop *loop, struct weft__entry *entry, enum weft_handle_kind kind,
                          weft_site *site, uint64_t subject, uint64_t by)
{
    weft__ready(loop, entry);
    weft__trace(loop, WEFT_RECORD_READY, kind, site, subject, by);
}

/* For the probe: there is a mode to adopt, or a pace. From any thread. */
static void end_poll(void *loop)
{
    uv_async_send(&((weft_loop *)loop)->wake_async);
    weft__pace_wake(loop);
}

static void on_post(uv_async_t *async)
{
    weft_loop *loop = async->data;
    loop->poll_events++;
}

/* Of virtual time: nothing is ready before the next deadline. */
static void skip_ahead(weft_loop *loop)
{
    if (loop->timers.count > 0)
        loop->virtual_time = loop->timers.heap[1].when;
    else
        weft_loop_stop(loop);
}

static void poll(weft_loop *loop)
{
    if (__builtin_expect(loop->paced, 0))
        weft__pace_hold(loop);
    if (loop->virtual_time && nothing_to_do(loop))
        skip_ahead(loop);
    loop->blocking = nothing_to_do(loop);
    if (__builtin_expect(loop->paced && loop->blocking, 0))
        weft__pace_waits(loop);
    loop->stamp = 0;
    uv_run(loop->uv, loop->blocking ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    loop->fp_control = weft__fp_control();
    uint64_t now = loop->polled_at;
    loop->unpolled = 0;
    loop->look_again = LOOK_EVERY;
    loop->looked_at_clock = loop->writer->coarse_ticks = now;
    loop->poll_due_ticks = now + ticks_between_polls();
    weft__pace_look(loop);
}

static void run_batch(weft_loop *loop)
{
    weft__list_move(&loop->ready, &loop->batch);
    uint64_t count = loop->ready_count;
    loop->ready_count = 0;
    loop->batch_number++;
    loop->iteration++;
    if (weft_probe_recording()) {
        uint64_t time = loop->stamp ? loop->stamp : weft_clock_now();
        loop->stamp = weft_emit_shared(loop->writer, time, WEFT_RECORD_ITERATION, 0,
                                       (uint32_t)count, loop->id, loop->iteration);
    } else if (weft_probe_on()) {
        weft_table_iteration(loop->writer, loop->iteration);
    }
    if (__builtin_expect(loop->debug | loop->paced, 0)) {
        weft__pace_run_batch(loop);
        return;
    }
    for (struct weft__entry *entry; (entry = weft__list_pop(&loop->batch));)
        weft__run_entry(loop, entry);
    weft_set_current_task(loop->writer, 0);
}

static void run_once(weft_loop *loop)
{
    if (weft__mailbox_full(loop->mailbox))
        weft__mailbox_take(loop);
    if (weft__list_empty(&loop->ready) || poll_is_due(loop)) {
        poll(loop);
        if (weft__mailbox_full(loop->mailbox))
            weft__mailbox_take(loop);
    }
    if (loop->timers.count > 0)
        weft__timers_run(loop);
    if (!weft__list_empty(&loop->ready))
        run_batch(loop);
}

/* ---- Life ---- */

static void uv_closed(uv_handle_t *handle)
{
    weft_loop *loop = handle->data;
    loop->uv_handles--;
}

static void close_uv_handle(weft_loop *loop, void *handle)
{
    ((uv_handle_t *)handle)->data = loop;
    uv_close(handle, uv_closed);
}

static int open_uv_handles(weft_loop *loop)
{
    int rc = uv_async_init(loop->uv, &loop->wake_async, on_post);
    if (rc < 0)
        return rc;
    uv_timer_init(loop->uv, &loop->wake_timer);
    uv_prepare_init(loop->uv, &loop->prepare);
    uv_check_init(loop->uv, &loop->check);
    loop->wake_async.data = loop->wake_timer.data = loop->prepare.data = loop->check.data = loop;
    uv_prepare_start(&loop->prepare, on_prepare);
    uv_check_start(&loop->check, on_check);
    uv_unref((uv_handle_t *)&loop->prepare);
    uv_unref((uv_handle_t *)&loop->check);
    loop->uv_handles = 4;
    weft__control_watch(loop);
    return 0;
}

/* The child of a fork has the parent's memory but none of its threads or descriptors' meaning: no
 * loop of the parent's may run in it. */
static void forget_loop(void)
{
    weft__signals_forget(weft__loop);
    weft__children_forget(weft__loop);
    weft__loop = NULL;
    weft__top = NULL;
}

/* A program's marks, spans and counters go where its tasks' events go. */
static struct weft_writer *writer_of_this_thread(void)
{
    weft_loop *loop = weft__loop;
    return loop && pthread_equal(loop->thread, pthread_self()) ? loop->writer : NULL;
}

static void init_once(void)
{
    weft_clock_init();
    weft_probe_find_loop_by(writer_of_this_thread);
    pthread_atfork(NULL, NULL, forget_loop);
}

static int open_uv(weft_loop *loop, uv_loop_t *existing)
{
    loop->uv = existing ? existing : &loop->own;
    int rc = existing ? 0 : uv_loop_init(&loop->own);
    if (rc < 0)
        return rc;
    rc = open_uv_handles(loop);
    if (rc < 0 && !existing)
        uv_loop_close(&loop->own);
    return rc;
}

weft_loop *weft_loop_new(weft_run_options options)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_once);
    weft_probe_start();
    weft_loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return NULL;
    atomic_init(&loop->pace.wake_fd, -1);
    loop->pace.told = WEFT_CONTROL_RESUMED;
    loop->mailbox = weft__mailbox_new(&loop->wake_async);
    loop->writer = weft_probe_open_ring(WEFT_RING_LOOP);
    if (!loop->mailbox || !loop->writer || open_uv(loop, options.uv) < 0) {
        weft_probe_close_ring(loop->writer, 0);
        weft__loop_free(loop);
        return NULL;
    }
    loop->id = loop->mailbox->loop_id = loop->writer->owner;
    weft_writer_set_wake(loop->writer, end_poll, loop);
    loop->refs = 1;
    weft__list_init(&loop->ready);
    weft__list_init(&loop->batch);
    weft__list_init(&loop->arrived);
    weft__list_init(&loop->tasks);
    weft__list_init(&loop->abandoned);
    weft__list_init(&loop->kept);
    weft__list_init(&loop->open);
    weft__list_init(&loop->generators);
    weft__list_init(&loop->jobs);
    loop->pool_threads = options.threads;
    weft__stack_pool_init(&loop->stacks,
                          options.stack_size ? options.stack_size : WEFT__STACK_SIZE);
    weft__blocks_init(&loop->futures);
    weft__blocks_init(&loop->task_blocks);
    const char *strict = secure_getenv("WEFT_STRICT");
    loop->strict = strict && strcmp(strict, "1") == 0;
    const char *debug = secure_getenv("WEFT_DEBUG");
    loop->debug = options.debug || (debug && strcmp(debug, "1") == 0);
    loop->slow_ns = WEFT__SLOW_NS;
    loop->thread = pthread_self();
    /* A write to a peer that closed must be an error code, not the end of the process. */
    if (signal(SIGPIPE, SIG_IGN) != SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
    weft__watch_overflows();
    loop->outer = weft__loop;
    weft__loop = loop;
    return loop;
}

int weft_loop_run_forever(weft_loop *loop)
{
    if (!loop)
        return UV_EINVAL;
    if (loop->closed)
        return WEFT_ECLOSED;
    if (loop->running || (weft__loop && weft__loop->running))
        return UV_EBUSY;
    weft_loop *before = weft__loop;
    weft__loop = loop;
    loop->thread = pthread_self();
    weft_writer_bind(loop->writer);
    loop->running = true;
    loop->stamp = 0;
    loop->fp_control = weft__fp_control();
    do
        run_once(loop);
    while (!loop->stopping);
    loop->stopping = false;
    loop->running = false;
    weft__loop = before;
    return 0;
}

static void stop_when_done(weft_future *future, void *arg)
{
    (void)future;
    weft_loop_stop(arg);
}

int weft_loop_run_until_complete(weft_loop *loop, weft_future *future)
{
    if (!loop || !future)
        return UV_EINVAL;
    weft_loop *its_loop = weft_get_loop(future);
    if (its_loop && its_loop != loop)
        return WEFT_ELOOP;
    if (!weft_done(future)) {
        int rc = weft_add_done_callback(future, stop_when_done, loop);
        if (rc == 0)
            rc = weft_loop_run_forever(loop);
        weft_remove_done_callback(future, stop_when_done, loop);
        if (rc < 0)
            return rc;
    }
    return weft_status(future);
}

void weft_loop_stop_at(weft_site *site, weft_loop *loop)
{
    if (loop && !weft__foreign_thread(loop, site, "weft_loop_stop"))
        loop->stopping = true;
}

static void close_io(weft_loop *loop)
{
    for (struct weft__links *at = loop->open.next, *next; at != &loop->open; at = next) {
        next = at->next;
        struct weft__io *io = weft__container(at, struct weft__io, open);
        io->close(io);
    }
    weft__watchers_close(loop);
}

/* No program's callback runs any more, but what the runtime itself scheduled does: it holds
 * references. */
static void empty_queues(weft_loop *loop)
{
    for (struct weft__entry *entry; (entry = weft__list_pop(&loop->ready));)
        if (!weft__drop_handle(entry) && !weft__drop_done_callback(entry) && entry->run)
            entry->run(entry);
    while (loop->timers.count > 0) {
        struct weft__timer *timer = loop->timers.heap[1].timer;
        weft__timer_cancel(loop, timer);
        weft__drop_handle(&timer->entry);
    }
}

int weft_loop_close(weft_loop *loop)
{
    if (!loop || loop->closed)
        return 0;
    if (loop->running || (weft__loop && weft__loop->running))
        return UV_EBUSY;
    weft_loop *before = weft__loop == loop ? loop->outer : weft__loop;
    weft__loop = loop;
    loop->closing = true;
    weft__mailbox_take(loop);
    weft__tasks_close(loop);
    weft__jobs_close(loop);
    close_io(loop);
    weft_writer_set_wake(loop->writer, NULL, NULL);
    weft__pace_finish(loop);
    close_uv_handle(loop, &loop->wake_async);
    close_uv_handle(loop, &loop->wake_timer);
    close_uv_handle(loop, &loop->prepare);
    close_uv_handle(loop, &loop->check);
    if (loop->watches_control)
        close_uv_handle(loop, &loop->control);
    empty_queues(loop); /* a stream whose close came in a poll without a batch is there */
    while (loop->uv_handles > 0 || !weft__list_empty(&loop->open))
        uv_run(loop->uv, UV_RUN_ONCE);
    empty_queues(loop);
    weft__tasks_forget(loop);
    weft__generators_forget(loop);
    for (struct weft__entry *entry; (entry = weft__list_pop(&loop->kept));)
        entry->run(entry);
    weft__mailbox_close(loop->mailbox);
    int rc = loop->uv == &loop->own ? uv_loop_close(&loop->own) : 0;
    if (rc == UV_EBUSY)
        weft_log("a loop was closed while the program's own libuv handles on it were open");
    loop->closed = true;
    weft_probe_close_ring(loop->writer, loop->never_done);
    loop->writer = NULL;
    weft__timers_finish(&loop->timers);
    weft__stack_pool_finish(&loop->stacks);
    weft__blocks_finish(&loop->futures);
    weft__blocks_finish(&loop->task_blocks);
    weft__loop = before;
    weft__loop_unref(loop);
    return 0;
}

void weft__loop_free(weft_loop *loop)
{
    weft__mailbox_unref(loop->mailbox);
    free(loop);
}

weft_loop *weft_running_loop(void)
{
    return weft__loop && weft__loop->running ? weft__loop : NULL;
}

bool weft_loop_is_running(const weft_loop *loop)
{
    return loop && loop->running;
}

bool weft_loop_is_closed(const weft_loop *loop)
{
    return loop && loop->closing;
}

uv_loop_t *weft_loop_uv(weft_loop *loop)
{
    return loop ? loop->uv : NULL;
}

double weft_time(void)
{
    return (double)weft__now() / 1e9;
}

/* ---- I/O objects ---- */

void weft__io_open(weft_loop *loop, struct weft__io *io, enum weft_entity kind)
{
    io->loop = loop;
    weft__loop_ref(loop);
    io->id = weft_new_id(loop->writer, kind);
    struct weft__links *last = loop->open.prev;
    io->open = (struct weft__links){ &loop->open, last };
    last->next = loop->open.prev = &io->open;
}

void weft__io_closed(struct weft__io *io)
{
    weft__unready(io->loop, &io->entry);
    io->open.next->prev = io->open.prev;
    io->open.prev->next = io->open.next;
    io->open = (struct weft__links){ NULL, NULL };
}
