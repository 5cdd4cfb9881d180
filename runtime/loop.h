/* loop.h: the loop's inside, for the other files of the runtime. */
#ifndef WEFT_LOOP_H
#define WEFT_LOOP_H

#include "runtime/blocks.h"
#include "runtime/ready.h"
#include "runtime/stack.h"
#include "runtime/timers.h"
#include "runtime/trace.h"
#include "runtime/weft.h"
#include <pthread.h>
#include <stdatomic.h>

struct weft__mailbox;
struct weft__pool;
struct weft__task;
struct weft__watchers;
struct weft__signal;
struct weft__children;

/* Something that libuv calls back for: its entry joins the ready queue when anything happened. */
struct weft__io {
    struct weft__entry entry; /* run is the owner's to set */
    weft_loop *loop;
    uint64_t id;                      /* stream, server or handle, in the trace */
    void (*close)(struct weft__io *); /* the loop is closing: so must you */
    struct weft__links open;          /* in the loop's list of open ones */
    uint8_t kind;                     /* enum weft_handle_kind; 0: IO */
};

struct weft__pace {       /* pace.c */
    _Atomic int wake_fd;  /* ends its wait there; -1: not needed yet              */
    int64_t owed_ns;      /* how much longer slow motion makes what was run       */
    uint8_t told;         /* what CONTROL said last: enum weft_control_kind        */
    uint32_t told_factor; /* with it; and to whom                                  */
    uint64_t told_mask;
};

struct weft_loop {
    struct weft__links ready, batch;
    size_t ready_count;    /* in `ready`                                    */
    uint32_t batch_number; /* what an entry of `ready` has as its batch     */
    struct weft__task *current;
    uint64_t fp_control; /* of the main stack, since it last ran a program's code */
    struct weft_writer *writer;
    uint64_t stamp; /* the last event's time if only the loop ran since, else 0: read the clock */

    /* Polling: see loop.c. */
    unsigned unpolled;        /* iterations since the last poll */
    uint64_t poll_due_ticks;  /* a poll is due when the clock has come here */
    uint64_t looked_at_clock; /* ticks when it was last asked */
    unsigned look_again;      /* at the clock: when `unpolled` has come here */
    bool strict;              /* WEFT_STRICT=1: poll every iteration */
    bool polling;             /* between libuv's prepare and check */
    bool blocking;            /* the poll waits                    */
    uint64_t poll_events;
    uint64_t polled_at;         /* ticks when the last poll ended */
    struct weft__links arrived; /* I/O entries of this poll */

    struct weft__timers timers;
    uint64_t iteration;
    struct weft__stack_pool stacks;
    struct weft__blocks futures, task_blocks;
    struct weft__links tasks;      /* not done */
    struct weft__links abandoned;  /* tasks that would not end while the loop closed */
    struct weft__links open;       /* struct weft__io */
    struct weft__links kept;       /* entries of what keeps itself alive until a future is done: */
                                   /* it may never be, then closing the loop runs them           */
    struct weft__links generators; /* begun and not finished */
    struct weft__watchers *watchers;
    struct weft__signal *signals;
    struct weft__children *children;

    uv_loop_t *uv;
    uv_loop_t own;
    uv_timer_t wake_timer;
    uv_async_t wake_async;
    uv_prepare_t prepare;
    uv_check_t check;
    uv_poll_t control; /* the process's control socket */
    bool watches_control;
    uint64_t foreign;    /* stands for the program's own handles in the trace; 0: none is active */
    unsigned uv_handles; /* of ours, not closed yet */

    bool running, stopping, closing, closed;
    weft_loop *outer; /* this thread's loop before this one ran */
    uint64_t never_done;
    uint32_t gathers; /* made so far: gather.c's marks */
    uint32_t refs;    /* of objects that name it, and one until it is closed */

    struct weft__mailbox *mailbox; /* where other threads reach it */
    struct weft__pool *pool;       /* its own; NULL: not needed yet */
    struct weft__links jobs;       /* in whichever pool, and not ended */
    unsigned pool_threads;         /* at most; 0: as many as asyncio has */

    bool paced; /* a controller paused or slowed it, as of the last poll: pace.c */
    struct weft__pace pace;

    /* Debug mode: debug.c. */
    bool debug;
    uint64_t slow_ns;
    pthread_t thread;         /* that made it, or ran it last           */
    weft_site *callback_site; /* of the callback that runs, if it has one */

    weft_exception_handler *handler;
    void *handler_arg;
    bool reporting; /* the handler runs */
    bool eager;     /* every task starts at once */
    uint64_t id;

    /* For tests: what weft__now says, in ns; 0: the clock. Instead of waiting for a deadline the
     * loop goes on to it; with none to wait for, and nothing ready, it stops. */
    uint64_t virtual_time;
};

/* This thread's loop: the running one, else the newest made. NULL: none. */
extern __thread weft_loop *weft__loop __attribute__((tls_model("initial-exec")));

/* What deadlines are compared with: CLOCK_MONOTONIC, in ns. */
static inline uint64_t weft__now(void)
{
    weft_loop *loop = weft__loop;
    return __builtin_expect(loop && loop->virtual_time, 0) ? loop->virtual_time : uv_hrtime();
}

static inline void weft__loop_ref(weft_loop *loop)
{
    if (loop)
        loop->refs++;
}
void weft__loop_free(weft_loop *loop);
static inline void weft__loop_unref(weft_loop *loop)
{
    if (loop && --loop->refs == 0)
        weft__loop_free(loop);
}

/* Joins the ready queue. Emitting WAKE or READY is the caller's. */
static inline void weft__ready(weft_loop *loop, struct weft__entry *entry)
{
    entry->batch = loop->batch_number;
    loop->ready_count++;
    weft__list_append(&loop->ready, entry);
}

/* Leaves whichever queue it is in; nothing when it is in none. */
static inline void weft__unready(weft_loop *loop, struct weft__entry *entry)
{
    if (!weft__linked(entry))
        return;
    if (entry->batch == loop->batch_number)
        loop->ready_count--;
    weft__unlink(entry);
}

/* The same for a callback's entry, emitting READY. */
void weft__ready_callback(weft_loop *loop, struct weft__entry *entry, enum weft_handle_kind kind,
                          weft_site *site, uint64_t subject, uint64_t by);
/* From libuv's callback: something happened; once however often before it ran. */
void weft__io_ready(struct weft__io *io);

/* Around a callback: everything between is its doing. */
static inline void weft__callback_begin(weft_loop *loop, enum weft_handle_kind kind,
                                        weft_site *site, uint64_t subject, uint64_t object)
{
    loop->callback_site = site;
    weft__trace_at(loop, loop->stamp, WEFT_RECORD_CALLBACK_BEGIN, kind, site, subject, object);
    loop->stamp = 0;
}
static inline void weft__callback_end(weft_loop *loop, enum weft_handle_kind kind, uint64_t subject)
{
    loop->stamp = weft__trace(loop, WEFT_RECORD_CALLBACK_END, kind, NULL, subject, 0);
}

/* Registers an I/O object that weft_loop_close must close, and its libuv handles, each to be closed
 * by weft__uv_close. */
void weft__io_open(weft_loop *loop, struct weft__io *io, enum weft_entity kind);
void weft__io_closed(struct weft__io *io);

/* Tells the exception handler. */
void weft__report(weft_loop *loop, const char *message, const weft_error *error,
                  weft_future *future);

#endif
