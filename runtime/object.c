/* object.c: the one reference count. Not atomic, since an object belongs to its loop's thread: but
 * for those that threads share. */
#include "runtime/object.h"
#include "runtime/weft.h"

static inline bool shared(const struct weft__object *object)
{
    return __builtin_expect(object->type == WEFT__CONCURRENT, 0);
}

void *weft_ref(void *object)
{
    struct weft__object *o = object;
    if (!o || !shared(o))
        return weft__ref(o);
    __atomic_fetch_add(&o->refs, 1, __ATOMIC_RELAXED);
    return o;
}

void weft_unref(void *object)
{
    struct weft__object *o = object;
    if (!o || !shared(o))
        weft__unref(o);
    else if (__atomic_fetch_sub(&o->refs, 1, __ATOMIC_ACQ_REL) == 1)
        o->destroy(o);
}
