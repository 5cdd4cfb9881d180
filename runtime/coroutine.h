/* coroutine.h: one stack's way in and out, with what sanitizers want to be told about it.
 *
 * Asymmetric: `enter` goes to the coroutine, from the main stack or, for an eager task, from
 * another coroutine; `leave` goes back to whoever entered last. */
#ifndef WEFT_COROUTINE_H
#define WEFT_COROUTINE_H

#include "runtime/stack.h"
#include "runtime/switch.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEFT__ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define WEFT__TSAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define WEFT__ASAN 1
#endif
#ifdef __SANITIZE_THREAD__
#define WEFT__TSAN 1
#endif

struct weft__coroutine {
    void *sp;                  /* while suspended                    */
    void *caller;              /* while running: who entered         */
    struct weft__stack *stack; /* NULL: not started, or ended        */
#ifdef WEFT__ASAN
    const void *caller_low;
    size_t caller_size;
#endif
#ifdef WEFT__TSAN
    void *fiber, *caller_fiber;
#endif
#if defined(WEFT__ASAN) || defined(WEFT__TSAN)
    struct weft__coroutine *within; /* runs on top of it: where it goes on when it is entered */
#endif
};

/* Puts the coroutine on a stack: the first `enter` will call entry(arg), which must begin with
 * `began` and end with `end`. */
void weft__coroutine_start(struct weft__coroutine *co, struct weft__stack *stack,
                           void (*entry)(void *), void *arg);
void weft__coroutine_began(struct weft__coroutine *co);
/* The last leave: never returns. (Not said to the compiler: sanitizers would clean the stack up.)
 */
void weft__coroutine_end(struct weft__coroutine *co);
/* After `end`, or to abandon it where it is suspended: its stack, to be given back. */
struct weft__stack *weft__coroutine_finish(struct weft__coroutine *co);

#if defined(WEFT__ASAN) || defined(WEFT__TSAN)
/* Runs it until it leaves or ends; its `leave` returns value. fp_control: see switch.h. */
void weft__coroutine_enter(struct weft__coroutine *co, uint64_t fp_control, int value);
/* Suspends; returns, with the value given to `enter`, when it is entered again. */
int weft__coroutine_leave(struct weft__coroutine *co);
/* Runs a generator until it leaves or ends. Meanwhile it may suspend the caller, whose stack
 * pointer is then the generator's. */
void weft__coroutine_enter_within(struct weft__coroutine *caller, struct weft__coroutine *co);
#else
static inline void weft__coroutine_enter(struct weft__coroutine *co, uint64_t fp_control, int value)
{
    weft__switch(&co->caller, co->sp, fp_control, value);
}
static inline int weft__coroutine_leave(struct weft__coroutine *co)
{
    return weft__switch(&co->sp, co->caller, weft__fp_control(), 0);
}
static inline void weft__coroutine_enter_within(struct weft__coroutine *caller,
                                                struct weft__coroutine *co)
{
    (void)caller;
    weft__coroutine_enter(co, weft__fp_control(), 0);
}
#endif

#endif
