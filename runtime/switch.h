/* switch.h: leaving one stack and going on with another.
 *
 * A suspended stack is a pointer to its lowest used byte; all it needs to go on lies above that.
 * One of switch-x86_64.S, switch-aarch64.S and switch-ucontext.c is built. */
#ifndef WEFT_SWITCH_H
#define WEFT_SWITCH_H

#include <stddef.h>

/* Suspends the running stack into *from and goes on with `to`; returns when somebody switches back
 * to *from. Callee-saved registers and the floating point control words are kept. */
void weft__switch(void **from, void *to);

/* Prepares a fresh stack, [low, low + size), on which entry(arg) runs at the first switch to it.
 * entry never returns. */
void *weft__switch_prepare(void *low, size_t size, void (*entry)(void *), void *arg);

#endif
