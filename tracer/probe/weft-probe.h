/* weft-probe.h: what a program itself says in its trace: marks, spans and counters.
 *
 *      weft_mark("cache is warm");                      a moment
 *      weft_mark_format("%d clients", n);
 *
 *      WEFT_SPAN("parse");                              from here to the end of the block
 *      weft_span span = weft_span_begin("request");     by hand, over callbacks or threads
 *      weft_span_end(span);
 *
 *      weft_counter *queued = weft_counter_new("n");    a number that changes
 *      weft_counter_add(queued, 1);
 *
 * Programs of libweft get it with weft.h. Others include only this and link libweft-probe
 * (`pkg-config weft-probe`), which needs nothing but libc and threads; not both libraries: libweft
 * has the whole of libweft-probe in it.
 *
 * Each call is recorded with its place in the source, and as the doing of the task that makes it;
 * of the loop outside a task; or of the thread, in a thread without a loop, which gets a ring of
 * its own the first time. While nothing is recorded a call costs a load and a branch. The first
 * call in a process looks at the environment: WEFT_TRACE=off|standby|flight|stream, WEFT_RING_SIZE
 * (bytes of each ring; else 256K for a thread's), or run the program under `weft record`. Unasked
 * it is in standby, and records nothing until somebody asks it to: see weft_probe_open.
 *
 * Any thread, any time; not from a signal handler, but for the two functions that say so. Texts are
 * copied: the same text is kept once, at most 4 KiB of it, and UTF-8 is what readers expect. Text
 * that is new each time fills the trace's table of strings: what has a value is a counter. */
#ifndef WEFT_PROBE_H
#define WEFT_PROBE_H

#include "tracer/probe/log.h"  /* weft_set_log_function */
#include "tracer/probe/site.h" /* weft_site, WEFT_HERE */
#include <stdbool.h>
#include <stdint.h>

#pragma GCC visibility push(default)

/* Whether events are being recorded: to leave out what only serves a mark. */
static inline bool weft_is_recording(void);

/* ---- Being looked at ----
 * `weft view PID` and `weft record --pid` find a running program that has made its first call of
 * these, and ask it to record. A loop of libweft hears them by itself; any other program in its own
 * main loop, or in a thread that does nothing else:
 *
 *      struct pollfd asked = { weft_probe_open(), POLLIN, 0 };
 *      while (poll(&asked, 1, -1) > 0)
 *          weft_probe_serve();
 *
 * Who looks is gone when its connection is, and a program that serves no more goes on as it is. */

/* The first call of all, for a program that may have nothing to say for long; again, it does
 * nothing. Returns the descriptor to poll for reading, the process's own for its whole life; -1: it
 * is not traced (WEFT_TRACE=off, no room) or not to be asked (WEFT_CONTROL=0). The child of a fork
 * calls it anew, and has another. */
int weft_probe_open(void);

/* Does what is asked, if anything is, and never blocks: without the descriptor, call it now and
 * then (a system call). What the calling thread does is recorded from here on; other threads' from
 * their next mark, span or counter. Any thread. */
void weft_probe_serve(void);

/* ---- Marks ---- */

#define weft_mark(text) (weft_is_recording() ? weft_mark_at(WEFT_HERE, text) : (void)0)
void weft_mark_at(weft_site *site, const char *text);

#define weft_mark_format(...)                                                                      \
    (weft_is_recording() ? weft_mark_format_at(WEFT_HERE, __VA_ARGS__) : (void)0)
void weft_mark_format_at(weft_site *site, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- Spans ----
 * A span begun while another of the same task, or thread without tasks, is open lies in that one.
 * Any task or thread may end it. */

typedef struct weft_span {
    uint64_t id;         /* 0: nothing was being recorded when it began, nor is its end */
    uint32_t name;       /* string id */
    uint32_t generation; /* of strings: a fork's child does not end its parent's span */
} weft_span;

#define weft_span_begin(name)                                                                      \
    (weft_is_recording() ? weft_span_begin_at(WEFT_HERE, name) : (weft_span){ 0, 0, 0 })
weft_span weft_span_begin_at(weft_site *site, const char *name);
#define weft_span_end(span) weft__span_end(WEFT_HERE, span)
void weft_span_end_at(weft_site *site, weft_span span);

/* A span from here until the block is left, however it is left. A declaration. */
#define WEFT_SPAN(name) WEFT__SPAN_SCOPE(__COUNTER__, name)

/* ---- Counters ----
 * A number with a name: how many, how much, how full. It is kept whether or not anybody records, so
 * that it is right when somebody begins to. */

typedef struct weft_counter {
    int64_t value; /* atomic: ask weft_counter_value */
} weft_counter;

/* Starts at 0. Yours to free. NULL: out of memory; a NULL counter may be used, and does nothing. */
#define weft_counter_new(name) weft_counter_new_at(WEFT_HERE, name)
weft_counter *weft_counter_new_at(weft_site *site, const char *name)
    __attribute__((warn_unused_result));
void weft_counter_free(weft_counter *counter);
#define weft_counter_set(counter, value) weft__counter_set(WEFT_HERE, counter, value)
#define weft_counter_add(counter, delta) weft__counter_add(WEFT_HERE, counter, delta)
static inline int64_t weft_counter_value(const weft_counter *counter);

/* ---- In signal handlers ----
 * Recorded when the interrupted thread has a ring already, which every loop's thread has, and every
 * thread that recorded anything before. In the middle of another event of that thread it is counted
 * as lost, exactly. Async-signal-safe. */

typedef struct weft_prepared_mark weft_prepared_mark;
/* Before the handler is installed. Kept for ever. NULL: out of memory, which the next one takes. */
#define weft_mark_prepare(text) weft_mark_prepare_at(WEFT_HERE, text)
weft_prepared_mark *weft_mark_prepare_at(weft_site *site, const char *text)
    __attribute__((warn_unused_result));
void weft_mark_from_signal(const weft_prepared_mark *mark);
void weft_counter_add_from_signal(weft_counter *counter, int64_t delta);

/* ---- What the macros stand on ---- */

/* Nonzero while events are recorded, and until somebody has looked at the environment. Atomic. */
extern uint32_t weft__recording;

static inline bool weft_is_recording(void)
{
    return __builtin_expect(__atomic_load_n(&weft__recording, __ATOMIC_RELAXED) != 0, 0);
}

static inline void weft__span_end(weft_site *site, weft_span span)
{
    if (__builtin_expect(span.id != 0, 0))
        weft_span_end_at(site, span);
}

struct weft__span_scope {
    weft_span span;
    weft_site *site;
};
static inline struct weft__span_scope weft__span_enter(weft_site *site, const char *name)
{
    struct weft__span_scope scope = { { 0, 0, 0 }, site };
    if (weft_is_recording())
        scope.span = weft_span_begin_at(site, name);
    return scope;
}
static inline void weft__span_leave(struct weft__span_scope *scope)
{
    weft__span_end(scope->site, scope->span);
}
#define WEFT__SPAN_SCOPE(unique, name) WEFT__SPAN_SCOPE_NAMED(unique, name)
#define WEFT__SPAN_SCOPE_NAMED(unique, name)                                                       \
    __attribute__((                                                                                \
        cleanup(weft__span_leave),                                                                 \
        unused)) struct weft__span_scope weft__span_##unique = weft__span_enter(WEFT_HERE, name)

void weft__counter_changed(weft_site *site, weft_counter *counter, int64_t value);

static inline void weft__counter_set(weft_site *site, weft_counter *counter, int64_t value)
{
    if (!counter)
        return;
    __atomic_store_n(&counter->value, value, __ATOMIC_RELAXED);
    if (weft_is_recording())
        weft__counter_changed(site, counter, value);
}
static inline void weft__counter_add(weft_site *site, weft_counter *counter, int64_t delta)
{
    if (!counter)
        return;
    int64_t value = __atomic_add_fetch(&counter->value, delta, __ATOMIC_RELAXED);
    if (weft_is_recording())
        weft__counter_changed(site, counter, value);
}
static inline int64_t weft_counter_value(const weft_counter *counter)
{
    return counter ? __atomic_load_n(&counter->value, __ATOMIC_RELAXED) : 0;
}

#pragma GCC visibility pop

#endif
