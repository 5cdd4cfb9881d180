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
    WEFT__HANDLE,
    WEFT__STREAM,
    WEFT__SERVER,
    WEFT__ERROR,
};

struct weft__object {
    void (*destroy)(void *object); /* at the last unref: frees */
    uint32_t refs;
    uint8_t type; /* enum weft__type */
};

/* Zeroed; NULL: out of memory. Not calloc, which does without glibc's per-thread cache; nor may the
 * compiler, which would, make it that. */
static inline void *weft__object_new(size_t size)
{
    void *object = malloc(size);
    __asm__("" : "+r"(object));
    return object ? memset(object, 0, size) : NULL;
}

static inline void weft__object_init(struct weft__object *object, enum weft__type type,
                                     void (*destroy)(void *))
{
    object->destroy = destroy;
    object->refs = 1;
    object->type = (uint8_t)type;
}

#endif
