/* object.c: the one reference count. Not atomic: an object belongs to its loop's thread. */
#include "runtime/object.h"
#include "runtime/weft.h"

void *weft_ref(void *object)
{
    if (object)
        ((struct weft__object *)object)->refs++;
    return object;
}

void weft_unref(void *object)
{
    struct weft__object *o = object;
    if (o && --o->refs == 0)
        o->destroy(o);
}
