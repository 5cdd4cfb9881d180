/* object.c: the one reference count. Not atomic: an object belongs to its loop's thread. */
#include "runtime/object.h"
#include "runtime/weft.h"

void *weft_ref(void *object)
{
    return weft__ref(object);
}

void weft_unref(void *object)
{
    weft__unref(object);
}
