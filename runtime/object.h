/* object.h: what every reference-counted object begins with. */
#ifndef WEFT_OBJECT_H
#define WEFT_OBJECT_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum weft__type {
    WEFT__FUTURE = 1,
    WEFT__TASK,
    WEFT__GATHER,
    WEFT__JOB, /* the future of one */
    WEFT__HANDLE,
    WEFT__STREAM,
    WEFT__SERVER,
    WEFT__PROCESS,
    WEFT__DATAGRAM,
    WEFT__ERROR,
    WEFT__GENERATOR,
    WEFT__EXECUTOR,
    WEFT__FILE,
    WEFT__CONCURRENT, /* the one whose count is atomic: object.c */
};

struct weft__object {
    void (*destroy)(void *object); /* at the last unref: frees */
    uint32_t refs;
    uint8_t type; /* enum weft__type */
};

/* By the C library: of a size that it knows the compiler makes a string instruction, slow to begin.
 */
static inline void *weft__zeroed(void *memory, size_t size)
{
    __asm__("" : "+r"(memory), "+r"(size));
    return memset(memory, 0, size);
}

/* Zeroed; NULL: out of memory. Not calloc, which does without glibc's per-thread cache. */
static inline void *weft__object_new(size_t size)
{
    void *object = malloc(size);
    return object ? weft__zeroed(object, size) : NULL;
}

static inline void weft__object_init(struct weft__object *object, enum weft__type type,
                                     void (*destroy)(void *))
{
    object->destroy = destroy;
    object->refs = 1;
    object->type = (uint8_t)type;
}

static inline void *weft__ref(void *object)
{
    if (object)
        ((struct weft__object *)object)->refs++;
    return object;
}

static inline void weft__unref(void *object)
{
    struct weft__object *o = object;
    if (o && --o->refs == 0)
        o->destroy(o);
}

#endif
