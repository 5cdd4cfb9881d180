/* coroutine.c: see coroutine.h. Without sanitizers enter and leave are one switch each, inline. */
#include "runtime/coroutine.h"

#ifdef WEFT__ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define ASAN_START(fake, low, size)  __sanitizer_start_switch_fiber(fake, low, size)
#define ASAN_FINISH(fake, low, size) __sanitizer_finish_switch_fiber(fake, low, size)
#define ASAN_FRESH(low, size)        __asan_unpoison_memory_region(low, size)
#else
#define ASAN_START(fake, low, size)  ((void)(fake))
#define ASAN_FINISH(fake, low, size) ((void)(fake))
#define ASAN_FRESH(low, size)        ((void)0)
#endif
#ifdef WEFT__TSAN
#include <sanitizer/tsan_interface.h>
#endif

void weft__coroutine_start(struct weft__coroutine *co, struct weft__stack *stack,
                           void (*entry)(void *), void *arg)
{
    co->stack = stack;
#if defined(WEFT__ASAN) || defined(WEFT__TSAN)
    co->within = NULL;
#endif
    ASAN_FRESH(stack->low, stack->size); /* the frames that ended its last use are still marked */
    co->sp = weft__switch_prepare(stack->low, stack->size - stack->color, entry, arg);
#ifdef WEFT__TSAN
    co->fiber = __tsan_create_fiber(0);
#endif
}

#if defined(WEFT__ASAN) || defined(WEFT__TSAN)
void weft__coroutine_enter(struct weft__coroutine *co, uint64_t fp_control, int value)
{
    void *fake = NULL;
    struct weft__coroutine *top = co;
    while (top->within)
        top = top->within;
    ASAN_START(&fake, top->stack->low, top->stack->size);
#ifdef WEFT__TSAN
    co->caller_fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(top->fiber, 0);
#endif
    weft__switch(&co->caller, co->sp, fp_control, value);
    ASAN_FINISH(fake, NULL, NULL);
}

int weft__coroutine_leave(struct weft__coroutine *co)
{
    void *fake = NULL;
    ASAN_START(&fake, co->caller_low, co->caller_size);
#ifdef WEFT__TSAN
    __tsan_switch_to_fiber(co->caller_fiber, 0);
#endif
    int value = weft__switch(&co->sp, co->caller, weft__fp_control(), 0);
    ASAN_FINISH(fake, &co->caller_low, &co->caller_size);
    return value;
}

void weft__coroutine_enter_within(struct weft__coroutine *caller, struct weft__coroutine *co)
{
    caller->within = co;
    weft__coroutine_enter(co, weft__fp_control(), 0);
    caller->within = NULL;
}
#endif

void weft__coroutine_began(struct weft__coroutine *co)
{
#ifdef WEFT__ASAN
    __sanitizer_finish_switch_fiber(NULL, &co->caller_low, &co->caller_size);
#else
    (void)co;
#endif
}

void weft__coroutine_end(struct weft__coroutine *co)
{
    ASAN_START(NULL, co->caller_low, co->caller_size);
#ifdef WEFT__TSAN
    __tsan_switch_to_fiber(co->caller_fiber, 0);
#endif
    weft__switch(&co->sp, co->caller, weft__fp_control(), 0);
}

struct weft__stack *weft__coroutine_finish(struct weft__coroutine *co)
{
    struct weft__stack *stack = co->stack;
#ifdef WEFT__TSAN
    if (stack)
        __tsan_destroy_fiber(co->fiber);
#endif
    co->stack = NULL;
    return stack;
}
