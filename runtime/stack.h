/* stack.h: guarded stacks for coroutines, pooled.
 *
 *      slab of 64:  | guard | stack, grows down <- top | guard | stack ... | ... |
 *                     64 KiB   256 KiB
 *
 * Address space, not memory: only touched pages count. A stack that goes back to the pool keeps its
 * first pages warm and gives deeper ones back. Last in, first out: the next task gets the warmest.
 *
 * Guards: MADV_GUARD_INSTALL costs no mapping (Linux >= 6.13); else mprotect, two mappings a stack,
 * up to 45 % of vm.max_map_count; past that a canary at the stack's low end, looked at whenever its
 * task suspends, and one warning. WEFT_GUARD=madvise|mprotect|none forces one.
 *
 * Thread: a pool belongs to its loop's. */
#ifndef WEFT_STACK_H
#define WEFT_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WEFT__STACK_SIZE = 256 * 1024, /* default; touched pages count                      */
    WEFT__STACK_MIN = 16 * 1024,   /* what a task may ask for at least                  */
    WEFT__STACK_GUARD = 64 * 1024, /* one page would be skipped by a large frame        */
    WEFT__SLAB_STACKS = 64,
};

struct weft__stack {
    char *low; /* lowest usable byte; the guard lies below it */
    size_t size;
    struct weft__slab *slab;
    struct weft__stack *next; /* in the pool */
    uint16_t color;           /* bytes left unused at the top: see take()  */
    uint16_t uses;            /* since deep pages were last given back     */
    bool canary;              /* no guard: the low end holds a known value */
    unsigned valgrind_id;
};

struct weft__stack_pool {
    struct weft__stack *free;
    struct weft__slab *slabs; /* all of them, to be unmapped at the end */
    size_t size;              /* of its stacks                          */
    unsigned unasked;         /* stacks used once that may stay so      */
};

void weft__stack_pool_init(struct weft__stack_pool *pool, size_t size);
/* Unmaps everything; no stack of it may be in use. */
void weft__stack_pool_finish(struct weft__stack_pool *pool);

/* A stack of `size` bytes (0: the pool's size). NULL: out of memory or mappings. */
struct weft__stack *weft__stack_take(struct weft__stack_pool *pool, size_t size);
/* Back to the pool. While something is recorded: how many bytes of it were used, to a page, if they
 * were more than a pooled stack keeps anyway; else 0. */
size_t weft__stack_give(struct weft__stack_pool *pool, struct weft__stack *stack);

/* False when a stack without a guard was overrun. */
bool weft__stack_intact(const struct weft__stack *stack);

/* Whether the address lies in the stack's guard (for the SIGSEGV handler). */
static inline bool weft__stack_guards(const struct weft__stack *stack, const void *address)
{
    const char *at = address;
    return at < stack->low && at >= stack->low - WEFT__STACK_GUARD;
}

#endif
