/* scopes.c: statements whose body is inside something: timeout, group, with.
 *
 * Each is libweft's own macro around the body. A return or break of the scenario's leaves the C
 * block at its end, with code 0, and goes on behind it. */
#include "ledger.h"
#include <string.h>

/* The body; its code is what the scope is left with. */
static enum flow execute_inside(struct actor *actor, struct statement *scope, int *rc)
{
    enum flow flow = execute(actor, scope->body);
    *rc = flow == RAISE ? give_back(actor) : 0;
    return flow;
}

/* What leaving a scope made of the flow that left its body. */
static enum flow leave(struct actor *actor, struct statement *scope, enum flow flow, int rc)
{
    enum flow after = conclude(actor, scope, rc, "");
    return after == RAISE ? RAISE : flow == RAISE ? NEXT : flow;
}

/* Python may still ask it: what it was when its body was left, unless the name has become another's
 * since. */
static void keep_timeout(struct object *object, const weft_timeout *timeout)
{
    if (object->timeout != timeout)
        return;
    object->left = *timeout;
    object->timeout = &object->left;
}

/* timeout NAME TICKS|none: …   timeout_at NAME TIME: … */
enum flow timeout_scope(struct actor *actor, struct statement *scope)
{
    const char *ticks = scope->word[2];
    struct object *object = put_object(actor->run, scope->word[1], TIMEOUT);
    enum flow flow = NEXT;
    int rc = 0;
    if (strcmp(scope->word[0], "timeout_at") == 0) {
        WEFT_TIMEOUT_AT(deadline, moment(actor->run, ticks), rc) {
            object->timeout = &deadline;
            flow = execute_inside(actor, scope, &rc);
            keep_timeout(object, &deadline);
        }
    } else {
        WEFT_TIMEOUT(deadline, duration(actor->run, ticks), rc) {
            object->timeout = &deadline;
            flow = execute_inside(actor, scope, &rc);
            keep_timeout(object, &deadline);
        }
    }
    return leave(actor, scope, flow, rc);
}

/* group NAME: … */
enum flow group_scope(struct actor *actor, struct statement *scope)
{
    struct object *object = put_object(actor->run, scope->word[1], GROUP);
    enum flow flow = NEXT;
    int rc = 0;
    WEFT_TASK_GROUP(group, rc) {
        object->group = &group;
        flow = execute_inside(actor, scope, &rc);
    }
    return leave(actor, scope, flow, rc);
}

/* with NAME: …, of a lock, condition or semaphore. Acquiring is logged, releasing is not. */
enum flow with_scope(struct actor *actor, struct statement *scope)
{
    struct object *object = find_object(actor->run, scope->word[1]);
    enum flow flow = NEXT;
    int rc = 0;
    bool entered = false;
    long ticket = ledger_ask(object);
#define WITH(macro, member)                                                                        \
    macro(object->member, rc)                                                                      \
    {                                                                                              \
        entered = true;                                                                            \
        ledger_answer(actor->run, object, ticket, 0);                                              \
        conclude(actor, scope, 0, "");                                                             \
        flow = execute_inside(actor, scope, &rc);                                                  \
        ledger_release(object);                                                                    \
    }
    if (object->kind == LOCK)
        WITH(WEFT_WITH_LOCK, lock)
    else if (object->kind == CONDITION)
        WITH(WEFT_WITH_CONDITION, condition)
    else
        WITH(WEFT_WITH_SEMAPHORE, semaphore)
#undef WITH
    if (!entered) {
        ledger_answer(actor->run, object, ticket, rc);
        return conclude(actor, scope, rc, "");
    }
    return rc < 0 ? fail(actor, rc) : flow;
}
