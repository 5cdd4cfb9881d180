/* switch-ucontext.c: the switch where no assembly fits: POSIX ucontext, some 300 ns a switch (it
 * saves the signal mask, a system call).
 *
 * The ucontext_t of a suspended stack lies on that stack itself, in weft__switch's own frame; that
 * of a fresh one at its top. */
#include "runtime/switch.h"
#include <stdlib.h>
#include <ucontext.h>

struct fresh {
    ucontext_t context;
    void (*entry)(void *);
    void *arg;
};

/* makecontext passes ints only: the pointer travels in two halves. */
static void start(unsigned high, unsigned low)
{
    struct fresh *fresh = (struct fresh *)((uintptr_t)high << 32 | low);
    fresh->entry(fresh->arg);
    abort();
}

static __thread int passed; /* value, from one stack to the other */

int weft__switch(void **from, void *to, uint64_t fp_control, int value)
{
    ucontext_t here;
    (void)fp_control;
    *from = &here;
    passed = value;
    swapcontext(&here, to);
    return passed;
}

void *weft__switch_prepare(void *low, size_t size, void (*entry)(void *), void *arg)
{
    uintptr_t top = ((uintptr_t)low + size - sizeof(struct fresh)) & ~(uintptr_t)63;
    struct fresh *fresh = (struct fresh *)top;
    fresh->entry = entry;
    fresh->arg = arg;
    getcontext(&fresh->context);
    fresh->context.uc_stack.ss_sp = low;
    fresh->context.uc_stack.ss_size = top - (uintptr_t)low;
    fresh->context.uc_link = NULL;
    makecontext(&fresh->context, (void (*)(void))start, 2, (unsigned)((uint64_t)top >> 32),
                (unsigned)top);
    return &fresh->context;
}
