/* stack.c: see stack.h for the drawing. Slabs are mapped whole; their descriptors live off-stack,
 * so that an unused stack has no touched page at all. */
#include "runtime/stack.h"
#include "tracer/probe/session.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(low, high) 0
#define VALGRIND_STACK_DEREGISTER(id)      ((void)(id))
#define RUNNING_ON_VALGRIND                0
#endif

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

enum {
    WARM = 16 * 1024,      /* bytes below the top that a pooled stack keeps         */
    ASK_EVERY = 16,        /* stacks used once, of which one is asked about         */
    LOOK = 256,            /* bytes there that tell whether it ever went deeper     */
    TRIM_EVERY = 1024,     /* uses after which deep pages are given back regardless */
    COLORS = 16,           /* see color_of */
    COLOR_STEP = 128,      /* two cache lines                                       */
    CANARY_WORDS = 8,      /* one cache line                                        */
    DEFAULT_MAPS = 65530,  /* vm.max_map_count, where it cannot be read             */
    MAPS_PERCENT = 45,     /* of them may become guards                             */
    MAPPINGS_PER_GUARD = 2 /* the guard, and the stack it splits off                */
};
#define CANARY UINT64_C(0x5745465443414e41)

struct weft__slab {
    struct weft__slab *next, **link; /* in the pool's list */
    char *base;
    size_t size;
    unsigned n;
    struct weft__stack stacks[];
};

enum guard {
    GUARD_MADVISE,
    GUARD_MPROTECT,
    GUARD_NONE,
};

/* What this process found out about its kernel; every thread finds the same. */
static _Atomic int guard_kind = -1;
static _Atomic long guard_mappings;
static atomic_flag warned = ATOMIC_FLAG_INIT;

static enum guard guard_wanted(void)
{
    int kind = atomic_load(&guard_kind);
    if (kind >= 0)
        return (enum guard)kind;
    const char *forced = secure_getenv("WEFT_GUARD");
    kind = GUARD_MADVISE;
    if (forced && strcmp(forced, "mprotect") == 0)
        kind = GUARD_MPROTECT;
    else if (forced && strcmp(forced, "none") == 0)
        kind = GUARD_NONE;
    atomic_store(&guard_kind, kind);
    return (enum guard)kind;
}

static long guard_mappings_allowed(void)
{
    long maps = DEFAULT_MAPS;
    FILE *file = fopen("/proc/sys/vm/max_map_count", "re");
    if (file) {
        if (fscanf(file, "%ld", &maps) != 1)
            maps = DEFAULT_MAPS;
        fclose(file);
    }
    return maps / 100 * MAPS_PERCENT;
}

static bool guard_by_mprotect(char *guard)
{
    static _Atomic long allowed;
    if (atomic_load(&allowed) == 0)
        atomic_store(&allowed, guard_mappings_allowed());
    if (atomic_fetch_add(&guard_mappings, MAPPINGS_PER_GUARD) < atomic_load(&allowed) &&
        mprotect(guard, WEFT__STACK_GUARD, PROT_NONE) == 0)
        return true;
    atomic_fetch_sub(&guard_mappings, MAPPINGS_PER_GUARD);
    return false;
}

/* Makes the 64 KiB at `guard` fault; false: only a canary can tell. */
static bool install_guard(char *guard)
{
    enum guard kind = guard_wanted();
    if (kind == GUARD_MADVISE) {
        if (madvise(guard, WEFT__STACK_GUARD, MADV_GUARD_INSTALL) == 0)
            return true;
        atomic_store(&guard_kind, GUARD_MPROTECT);
        kind = GUARD_MPROTECT;
    }
    if (kind == GUARD_MPROTECT && guard_by_mprotect(guard))
        return true;
    if (!atomic_flag_test_and_set(&warned))
        weft_log("stacks are no longer guarded: an overflow is noticed only when its task "
                 "suspends (%s)",
                 kind == GUARD_NONE ? "WEFT_GUARD=none" : "vm.max_map_count is nearly used up");
    return false;
}

/* Stacks lie a multiple of 64 KiB apart: without this, the tops of all of them would share the same
 * few sets of the first-level cache. */
static uint16_t color_of(unsigned i)
{
    return (uint16_t)(i % COLORS * COLOR_STEP);
}

static struct weft__slab *map_slab(struct weft__stack_pool *pool, size_t stack_size, unsigned n)
{
    size_t stride = stack_size + WEFT__STACK_GUARD;
    struct weft__slab *slab = calloc(1, sizeof *slab + n * sizeof slab->stacks[0]);
    if (!slab)
        return NULL;
    slab->size = n * stride;
    slab->n = n;
    slab->base = mmap(NULL, slab->size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (slab->base == MAP_FAILED) {
        free(slab);
        return NULL;
    }
    madvise(slab->base, slab->size, MADV_NOHUGEPAGE);
    for (unsigned i = 0; i < n; i++) {
        struct weft__stack *stack = &slab->stacks[i];
        stack->low = slab->base + i * stride + WEFT__STACK_GUARD;
        stack->size = stack_size;
        stack->slab = slab;
        stack->color = color_of(i);
        stack->valgrind_id = VALGRIND_STACK_REGISTER(stack->low, stack->low + stack_size);
        stack->canary = !install_guard(stack->low - WEFT__STACK_GUARD);
        if (stack->canary)
            for (int word = 0; word < CANARY_WORDS; word++)
                ((uint64_t *)(void *)stack->low)[word] = CANARY;
    }
    slab->next = pool->slabs;
    slab->link = &pool->slabs;
    if (slab->next)
        slab->next->link = &slab->next;
    pool->slabs = slab;
    return slab;
}

static void unmap_slab(struct weft__slab *slab)
{
    for (unsigned i = 0; i < slab->n; i++) {
        VALGRIND_STACK_DEREGISTER(slab->stacks[i].valgrind_id);
        if (!slab->stacks[i].canary && atomic_load(&guard_kind) == GUARD_MPROTECT)
            atomic_fetch_sub(&guard_mappings, MAPPINGS_PER_GUARD);
    }
    munmap(slab->base, slab->size);
    *slab->link = slab->next;
    if (slab->next)
        slab->next->link = slab->link;
    free(slab);
}

void weft__stack_pool_init(struct weft__stack_pool *pool, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    *pool = (struct weft__stack_pool){ .size = (size + page - 1) & ~(page - 1) };
}

void weft__stack_pool_finish(struct weft__stack_pool *pool)
{
    while (pool->slabs)
        unmap_slab(pool->slabs);
    pool->free = NULL;
}

struct weft__stack *weft__stack_take(struct weft__stack_pool *pool, size_t size)
{
    if (size != 0) {
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        size = (size + page - 1) & ~(page - 1);
        if (size != pool->size) {
            struct weft__slab *own = map_slab(pool, size, 1);
            return own ? &own->stacks[0] : NULL;
        }
    }
    if (!pool->free) {
        struct weft__slab *slab = map_slab(pool, pool->size, WEFT__SLAB_STACKS);
        if (!slab)
            return NULL;
        for (unsigned i = slab->n; i-- > 0;) {
            slab->stacks[i].next = pool->free;
            pool->free = &slab->stacks[i];
        }
    }
    struct weft__stack *stack = pool->free;
    pool->free = stack->next;
    return stack;
}

/* The kernel knows whether a stack went deeper than WARM, but asking costs as much as starting the
 * task did: until one went deep, only every ASK_EVERYth is asked about, unless it is recorded. */
static bool kernel_says_deep(struct weft__stack_pool *pool, char *mark)
{
    if (pool->unasked > 0 && !weft_probe_recording()) {
        pool->unasked--;
        return false;
    }
    unsigned char resident = 0;
    bool deep = mincore(mark, 1, &resident) < 0 || (resident & 1);
    pool->unasked = deep ? 0 : ASK_EVERY - 1;
    return deep;
}

/* After its first use the kernel is asked, later a look at the stack tells: one that went deeper
 * than WARM has most likely left something in the LOOK bytes there. (Looking maps the page, which a
 * stack used once can do without.) What jumped over them is found every TRIM_EVERY uses. */
static __attribute__((no_sanitize("address"))) bool went_deep(struct weft__stack_pool *pool,
                                                              struct weft__stack *stack)
{
    char *mark = stack->low + stack->size - WARM;
    if (++stack->uses == 1)
        return kernel_says_deep(pool, mark);
    if (stack->uses >= TRIM_EVERY || RUNNING_ON_VALGRIND) /* which minds our looking */
        return true;
    const uint64_t *words = (const void *)mark;
    uint64_t any = 0;
    for (size_t i = 0; i < LOOK / sizeof *words; i++)
        any |= words[i];
    return any != 0;
}

/* From the lowest page that the kernel has mapped for it to the top. */
static size_t touched(const struct weft__stack *stack)
{
    enum { AT_ONCE = 256 };
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char resident[AT_ONCE];
    size_t at = stack->canary ? page : 0; /* which we wrote ourselves */
    while (at < stack->size) {
        size_t length = stack->size - at < AT_ONCE * page ? stack->size - at : AT_ONCE * page;
        if (mincore(stack->low + at, length, resident) < 0)
            return 0;
        for (size_t i = 0; i * page < length; i++)
            if (resident[i] & 1)
                return stack->size - at - i * page;
        at += length;
    }
    return 0;
}

size_t weft__stack_give(struct weft__stack_pool *pool, struct weft__stack *stack)
{
    size_t used = 0;
    if (stack->slab->n == 1) {
        used = weft_probe_recording() ? touched(stack) : 0;
        unmap_slab(stack->slab);
        return used;
    }
    if (stack->size > 2 * WARM && went_deep(pool, stack)) {
        size_t page = stack->canary ? (size_t)sysconf(_SC_PAGESIZE) : 0;
        used = weft_probe_recording() ? touched(stack) : 0;
        madvise(stack->low + page, stack->size - WARM + LOOK - page, MADV_DONTNEED);
        stack->uses = 1;
    }
    stack->next = pool->free;
    pool->free = stack;
    return used > WARM ? used : 0;
}

bool weft__stack_intact(const struct weft__stack *stack)
{
    if (!stack->canary || RUNNING_ON_VALGRIND)
        return true;
    const uint64_t *words = (const void *)stack->low;
    for (int i = 0; i < CANARY_WORDS; i++)
        if (words[i] != CANARY)
            return false;
    return true;
}
