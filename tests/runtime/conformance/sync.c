/* sync.c: verbs of locks, events, conditions, semaphores and barriers. */
#include "ledger.h"
#include <stdlib.h>

static void say(struct step *step, bool value)
{
    g_string_append(step->said, value ? "true" : "false");
}

/* A new object of the statement's name. */
static struct object *made(struct step *step, enum kind kind, void *thing)
{
    struct object *object = put_object(step->run, step->statement->target, kind);
    object->lock = thing; /* all of them are pointers */
    return object;
}

static long argument(struct step *step, long otherwise)
{
    return step->word[1] ? number(step->run, step->word[1]) : otherwise;
}

/* ---- Lock ---- */

static int lock(struct step *step)
{
    return weft_lock_init(made(step, LOCK, g_new0(weft_lock, 1))->lock, NULL);
}

static int lock_acquire(struct step *step)
{
    long ticket = ledger_ask(step->object);
    int rc = weft_await(weft_lock_acquire(step->object->lock));
    ledger_answer(step->run, step->object, ticket, rc);
    return rc;
}

static int lock_release(struct step *step)
{
    int rc = weft_lock_release(step->object->lock);
    if (rc == 0)
        ledger_release(step->object);
    return rc;
}

static int lock_locked(struct step *step)
{
    say(step, weft_lock_locked(step->object->lock));
    return 0;
}

/* ---- Event ---- */

static int event(struct step *step)
{
    return weft_event_init(made(step, EVENT, g_new0(weft_event, 1))->event, NULL);
}

static int event_set(struct step *step)
{
    return weft_event_set(step->object->event);
}

static int event_clear(struct step *step)
{
    return weft_event_clear(step->object->event);
}

static int event_is_set(struct step *step)
{
    say(step, weft_event_is_set(step->object->event));
    return 0;
}

static int event_wait(struct step *step)
{
    long ticket = ledger_ask(step->object);
    int rc = weft_await(weft_event_wait(step->object->event));
    ledger_answer(step->run, step->object, ticket, rc);
    return rc;
}

/* ---- Condition ---- */

/* NAME = condition [LOCK] */
static int condition(struct step *step)
{
    weft_lock *shared = step->word[1] ? need_object(step->run, step->word[1], LOCK)->lock : NULL;
    struct object *object = made(step, CONDITION, g_new0(weft_condition, 1));
    return weft_condition_init(object->condition, shared, NULL);
}

static int condition_acquire(struct step *step)
{
    return weft_await(weft_condition_acquire(step->object->condition));
}

static int condition_release(struct step *step)
{
    return weft_condition_release(step->object->condition);
}

static int condition_locked(struct step *step)
{
    say(step, weft_condition_locked(step->object->condition));
    return 0;
}

static int condition_wait(struct step *step)
{
    return weft_await(weft_condition_wait(step->object->condition));
}

static bool is_there(void *step)
{
    const struct step *asking = step;
    return find_object(asking->run, asking->word[1]) != NULL;
}

/* await c.wait_for NAME: until there is something of that name. */
static int condition_wait_for(struct step *step)
{
    return weft_await(weft_condition_wait_for(step->object->condition, is_there, step));
}

static int condition_notify(struct step *step)
{
    return weft_condition_notify(step->object->condition, (size_t)argument(step, 1));
}

static int condition_notify_all(struct step *step)
{
    return weft_condition_notify_all(step->object->condition);
}

/* ---- Semaphore ---- */

static int semaphore(struct step *step)
{
    struct object *object = made(step, SEMAPHORE, g_new0(weft_semaphore, 1));
    return weft_semaphore_init(object->semaphore, argument(step, 1), NULL);
}

static int bounded_semaphore(struct step *step)
{
    struct object *object = made(step, SEMAPHORE, g_new0(weft_semaphore, 1));
    return weft_bounded_semaphore_init(object->semaphore, argument(step, 1), NULL);
}

static int semaphore_acquire(struct step *step)
{
    long ticket = ledger_ask(step->object);
    int rc = weft_await(weft_semaphore_acquire(step->object->semaphore));
    ledger_answer(step->run, step->object, ticket, rc);
    return rc;
}

static int semaphore_release(struct step *step)
{
    return weft_semaphore_release(step->object->semaphore);
}

static int semaphore_locked(struct step *step)
{
    say(step, weft_semaphore_locked(step->object->semaphore));
    return 0;
}

static int semaphore_value(struct step *step)
{
    g_string_append_printf(step->said, "%ld", weft_semaphore_value(step->object->semaphore));
    return 0;
}

/* ---- Barrier ---- */

static int barrier(struct step *step)
{
    struct object *object = made(step, BARRIER, g_new0(weft_barrier, 1));
    return weft_barrier_init(object->barrier, (int)argument(step, 1), NULL);
}

static int barrier_wait(struct step *step)
{
    int position = 0;
    int rc = weft_await(weft_barrier_wait(step->object->barrier, &position));
    g_string_append_printf(step->said, "%d", position);
    return rc;
}

static int barrier_reset(struct step *step)
{
    return weft_await(weft_barrier_reset(step->object->barrier));
}

static int barrier_abort(struct step *step)
{
    return weft_await(weft_barrier_abort(step->object->barrier));
}

static int barrier_n_waiting(struct step *step)
{
    g_string_append_printf(step->said, "%d", weft_barrier_n_waiting(step->object->barrier));
    return 0;
}

static int barrier_broken(struct step *step)
{
    say(step, weft_barrier_broken(step->object->barrier));
    return 0;
}

void finish_sync(struct object *object)
{
    switch (object->kind) {
    case LOCK:
        weft_lock_finish(object->lock);
        break;
    case EVENT:
        weft_event_finish(object->event);
        break;
    case CONDITION:
        weft_condition_finish(object->condition);
        break;
    case SEMAPHORE:
        weft_semaphore_finish(object->semaphore);
        break;
    case BARRIER:
        weft_barrier_finish(object->barrier);
        break;
    default:
        return;
    }
    g_free(object->lock);
}

const struct function sync_functions[] = {
    { "lock", lock },
    { "event", event },
    { "condition", condition },
    { "semaphore", semaphore },
    { "bounded_semaphore", bounded_semaphore },
    { "barrier", barrier },
    { NULL, NULL },
};

const struct method sync_methods[] = {
    { LOCK, "acquire", lock_acquire },
    { LOCK, "release", lock_release },
    { LOCK, "locked", lock_locked },
    { EVENT, "set", event_set },
    { EVENT, "clear", event_clear },
    { EVENT, "is_set", event_is_set },
    { EVENT, "wait", event_wait },
    { CONDITION, "acquire", condition_acquire },
    { CONDITION, "release", condition_release },
    { CONDITION, "locked", condition_locked },
    { CONDITION, "wait", condition_wait },
    { CONDITION, "wait_for", condition_wait_for },
    { CONDITION, "notify", condition_notify },
    { CONDITION, "notify_all", condition_notify_all },
    { SEMAPHORE, "acquire", semaphore_acquire },
    { SEMAPHORE, "release", semaphore_release },
    { SEMAPHORE, "locked", semaphore_locked },
    { SEMAPHORE, "value", semaphore_value },
    { BARRIER, "wait", barrier_wait },
    { BARRIER, "reset", barrier_reset },
    { BARRIER, "abort", barrier_abort },
    { BARRIER, "n_waiting", barrier_n_waiting },
    { BARRIER, "broken", barrier_broken },
    { 0, NULL, NULL },
};
