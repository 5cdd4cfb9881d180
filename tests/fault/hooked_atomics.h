/* hooked_atomics.h: included before a source of the probe or of a reader (-include), it lets every
 * atomic load and store, and every memcpy, pass a hook of the test: to die there, or to do
 * something in between. The code itself is the one that is always built. */
#ifndef WEFT_TESTS_HOOKED_ATOMICS_H
#define WEFT_TESTS_HOOKED_ATOMICS_H

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

/* The test's. */
void hook_before_load(const volatile void *address);
void hook_before_store(const volatile void *address);
void hook_after_store(const volatile void *address, uint64_t value);

static inline void hooked_store32(_Atomic uint32_t *at, uint32_t value, memory_order order)
{
    hook_before_store(at);
    atomic_store_explicit(at, value, order);
    hook_after_store(at, value);
}
static inline void hooked_store64(_Atomic uint64_t *at, uint64_t value, memory_order order)
{
    hook_before_store(at);
    atomic_store_explicit(at, value, order);
    hook_after_store(at, value);
}
static inline uint64_t hooked_add64(_Atomic uint64_t *at, uint64_t value, memory_order order)
{
    hook_before_store(at);
    uint64_t before = atomic_fetch_add_explicit(at, value, order);
    hook_after_store(at, before + value);
    return before;
}
static inline uint64_t hooked_sub64(_Atomic uint64_t *at, uint64_t value, memory_order order)
{
    return hooked_add64(at, -value, order);
}
static inline uint32_t hooked_load32(const _Atomic uint32_t *at, memory_order order)
{
    hook_before_load(at);
    return atomic_load_explicit((_Atomic uint32_t *)(uintptr_t)at, order);
}
static inline uint64_t hooked_load64(const _Atomic uint64_t *at, memory_order order)
{
    hook_before_load(at);
    return atomic_load_explicit((_Atomic uint64_t *)(uintptr_t)at, order);
}
/* Eight bytes at a time, as processors do. */
static inline void *hooked_memcpy(void *to, const void *from, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (i % 8 == 0)
            hook_before_store((char *)to + i);
        ((char *)to)[i] = ((const char *)from)[i];
    }
    return to;
}

#undef atomic_store_explicit
#undef atomic_fetch_add_explicit
#undef atomic_fetch_sub_explicit
#undef atomic_load_explicit
#define atomic_store_explicit(at, value, order)                                                    \
    _Generic((at), _Atomic uint32_t * : hooked_store32, _Atomic uint64_t * : hooked_store64)(      \
        at, value, order)
#define atomic_fetch_add_explicit(at, value, order) hooked_add64(at, value, order)
#define atomic_fetch_sub_explicit(at, value, order) hooked_sub64(at, value, order)
#define atomic_load_explicit(at, order)                                                            \
    _Generic((at), _Atomic uint32_t * : hooked_load32, const _Atomic uint32_t * : hooked_load32,   \
             _Atomic uint64_t * : hooked_load64, const _Atomic uint64_t * : hooked_load64)(at,     \
                                                                                          order)

/* What the heap of strings uses. */
#define __atomic_store_n(at, value, order)                                                         \
    (hook_before_store(at), __atomic_store_n(at, value, order), hook_after_store(at, value))
#define __atomic_compare_exchange_n(at, expected, value, weak, success, failure)                   \
    (hook_before_store(at),                                                                        \
     __atomic_compare_exchange_n(at, expected, value, weak, success, failure))
#undef memcpy
#define memcpy(to, from, size) hooked_memcpy(to, from, size)

#endif
