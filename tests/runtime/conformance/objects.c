/* objects.c: the names of a run, and what they stand for. */
#include "interpreter.h"
#include <stdlib.h>
#include <string.h>

struct object *find_object(struct run *run, const char *name)
{
    for (guint i = 0; i < run->objects->len; i++) {
        struct object *object = run->objects->pdata[i];
        if (strcmp(object->name, name) == 0)
            return object->gone ? NULL : object;
    }
    return NULL;
}

struct object *need_object(struct run *run, const char *name, enum kind kind)
{
    struct object *object = find_object(run, name);
    if (!object || object->kind != kind)
        g_error("%s: %s is %s", run->scenario->name, name, object ? "something else" : "not there");
    return object;
}

static void let_go(struct object *object)
{
    if (object->books.items)
        g_array_free(object->books.items, TRUE);
    object->books = (struct books){ 0 };
    switch (object->kind) {
    case FUTURE:
        weft_unref(object->future);
        break;
    case HANDLE:
        weft_unref(object->handle);
        break;
    case GENERATOR:
        weft_unref(object->generator);
        break;
    case QUEUE:
        finish_queue(object);
        break;
    case LOCAL:
        finish_local(object);
        break;
    default:
        finish_sync(object);
    }
}

struct object *put_object(struct run *run, const char *name, enum kind kind)
{
    struct object *object = NULL;
    for (guint i = 0; i < run->objects->len && !object; i++)
        if (strcmp(((struct object *)run->objects->pdata[i])->name, name) == 0)
            object = run->objects->pdata[i];
    if (!object) {
        object = g_new0(struct object, 1);
        object->name = g_strdup(name);
        g_ptr_array_add(run->objects, object);
    } else if (!object->gone) {
        let_go(object);
    }
    object->kind = kind;
    object->gone = false;
    return object;
}

void drop_object(struct object *object)
{
    object->gone = true;
    let_go(object);
}

void free_object(void *pointer)
{
    struct object *object = pointer;
    if (!object->gone)
        let_go(object);
    g_free(object->name);
    g_free(object);
}

weft_future *need_future(struct run *run, const char *name)
{
    if (strcmp(name, "self") == 0)
        return weft_current_task();
    return need_object(run, name, FUTURE)->future;
}

long number(struct run *run, const char *word)
{
    char *end;
    long value = strtol(word, &end, 10);
    return *end == '\0' ? value : need_object(run, word, NUMBER)->number;
}
