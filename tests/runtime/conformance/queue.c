/* queue.c: verbs of queues. Their items are numbers. */
#include "ledger.h"
#include <limits.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    long x = *(const long *)a, y = *(const long *)b;
    return (x > y) - (x < y);
}

/* queue, priority_queue, lifo_queue [MAXSIZE] */
static int queue(struct step *step)
{
    weft_queue_options options = { 0 };
    if (step->word[1])
        options.maxsize = (size_t)number(step->run, step->word[1]);
    options.lifo = strcmp(step->word[0], "lifo_queue") == 0;
    options.compare = strcmp(step->word[0], "priority_queue") == 0 ? compare : NULL;
    struct object *object = put_object(step->run, step->statement->target, QUEUE);
    object->queue = g_new0(weft_queue, 1);
    object->books.items = g_array_new(FALSE, FALSE, sizeof(long));
    object->books.order = options.lifo ? LAST_FIRST : options.compare ? LEAST_FIRST : FIRST_FIRST;
    return weft_queue_init_at(WEFT_HERE, object->queue, sizeof(long), options);
}

static int got(struct step *step, int rc)
{
    ledger_moved(step->run, step->object, GETTERS, rc, step->got);
    if (rc == 0)
        g_string_append_printf(step->said, "%ld", step->got);
    return rc;
}

static int put(struct step *step)
{
    long item = number(step->run, step->word[1]);
    ledger_wait(step->object, PUTTERS);
    int rc = weft_await(weft_queue_put(step->object->queue, &item));
    ledger_moved(step->run, step->object, PUTTERS, rc, item);
    return rc;
}

static int put_nowait(struct step *step)
{
    long item = number(step->run, step->word[1]);
    ledger_wait(step->object, PUTTERS);
    int rc = weft_queue_put_nowait(step->object->queue, &item);
    ledger_moved(step->run, step->object, PUTTERS, rc, item);
    return rc;
}

static int get(struct step *step)
{
    ledger_wait(step->object, GETTERS);
    return got(step, weft_await(weft_queue_get(step->object->queue, &step->got)));
}

static int get_nowait(struct step *step)
{
    ledger_wait(step->object, GETTERS);
    return got(step, weft_queue_get_nowait(step->object->queue, &step->got));
}

static int task_done(struct step *step)
{
    return weft_queue_task_done(step->object->queue);
}

static int join(struct step *step)
{
    return weft_await(weft_queue_join(step->object->queue));
}

static int shut_down(struct step *step)
{
    bool immediate = step->word[1] != NULL;
    if (immediate)
        ledger_empty(step->object);
    return weft_queue_shutdown(step->object->queue, immediate);
}

static int qsize(struct step *step)
{
    g_string_append_printf(step->said, "%zu", weft_queue_size(step->object->queue));
    return 0;
}

static int empty(struct step *step)
{
    g_string_append(step->said, weft_queue_empty(step->object->queue) ? "true" : "false");
    return 0;
}

static int full(struct step *step)
{
    g_string_append(step->said, weft_queue_full(step->object->queue) ? "true" : "false");
    return 0;
}

void finish_queue(struct object *object)
{
    weft_queue_finish(object->queue);
    g_free(object->queue);
}

const struct function queue_functions[] = {
    { "queue", queue },
    { "priority_queue", queue },
    { "lifo_queue", queue },
    { NULL, NULL },
};

const struct method queue_methods[] = {
    { QUEUE, "put", put },
    { QUEUE, "put_nowait", put_nowait },
    { QUEUE, "get", get },
    { QUEUE, "get_nowait", get_nowait },
    { QUEUE, "task_done", task_done },
    { QUEUE, "join", join },
    { QUEUE, "shutdown", shut_down },
    { QUEUE, "qsize", qsize },
    { QUEUE, "empty", empty },
    { QUEUE, "full", full },
    { 0, NULL, NULL },
};
