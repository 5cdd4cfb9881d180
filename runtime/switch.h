/* switch.h: leaving one stack and going on with another.
 *
 * A suspended stack is a pointer to its lowest used byte; all it needs to go on lies above that.
 * One of switch-x86_64.S, switch-aarch64.S and switch-ucontext.c is built. */
#ifndef WEFT_SWITCH_H
#define WEFT_SWITCH_H

#include <stddef.h>
#include <stdint.h>

/* The floating point control words of this stack (mxcsr and x87's; fpcr): how it rounds, what
 * traps. They are callee-saved, so each stack has its own; reading them is half the cost of a
 * switch, so who knows that they have not changed passes what they were. */
static inline uint64_t weft__fp_control(void)
{
#if defined(__x86_64__)
    uint32_t mxcsr;
    uint16_t x87;
    __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(mxcsr), "=m"(x87));
    return (uint64_t)x87 << 32 | mxcsr;
#elif defined(__aarch64__)
    uint64_t fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    return fpcr;
#else
    return 0; /* ucontext keeps them itself */
#endif
}

/* Suspends the running stack into *from and goes on with `to`, where the switch that suspended it
 * returns `value`. Callee-saved registers are kept; the floating point control words become
 * fp_control. Returns when somebody switches back to *from, with what they passed.
 *
 * It comes back by a jump. Who calls it last (`return weft__switch(...)`) has no return left to
 * execute, which the processor would predict wrongly: it expects the calls of the stack it left. */
int weft__switch(void **from, void *to, uint64_t fp_control, int value);

/* Prepares a fresh stack, [low, low + size), on which entry(arg) runs at the first switch to it.
 * entry never returns. */
void *weft__switch_prepare(void *low, size_t size, void (*entry)(void *), void *arg);

#endif
