/* statements.c: one statement: finds its verb and logs what came of it. */
#include "interpreter.h"
#include <limits.h>
#include <string.h>

static const struct method *const methods[] = { task_methods, generator_methods, sync_methods,
                                                queue_methods, context_methods };
static const struct function *const functions[] = { task_functions,      combine_functions,
                                                    generator_functions, sync_functions,
                                                    queue_functions,     context_functions };

static verb_function *method_of(struct step *step, const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++)
        for (const struct method *at = methods[i]; at->name; at++)
            if (at->kind == step->object->kind && strcmp(at->name, name) == 0)
                return at->verb;
    g_error("%s: no such method: %s", step->run->scenario->name, step->statement->text);
}

static verb_function *function_of(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(functions); i++)
        for (const struct function *at = functions[i]; at->name; at++)
            if (strcmp(at->name, name) == 0)
                return at->verb;
    return NULL;
}

/* await NAME, await work(), await gather a b, await shield a */
static int await_something(struct step *step)
{
    if (g_str_has_suffix(step->word[0], "()")) {
        int rc = weft_await(call_in_place(step->actor, step->word[0], &step->got));
        if (rc == 0)
            write_value(step->said, step->got);
        return rc;
    }
    weft_own weft_future *future = create_future(step->run, step->word);
    if (!future)
        future = weft_ref(need_future(step->run, step->word[0]));
    int rc = weft_await(future);
    if (rc == 0) {
        write_state(step->said, future);
        step->got = value_of(future);
    }
    return rc;
}

/* NAME = 3, NAME = future, NAME = gather a b … */
static int create_something(struct step *step)
{
    if (g_ascii_isdigit(step->word[0][0]) && step->statement->target) {
        step->got = number(step->run, step->word[0]);
        g_string_append(step->said, step->word[0]);
        return 0;
    }
    weft_future *future = create_future(step->run, step->word);
    if (!future || !step->statement->target)
        g_error("%s: not a statement: %s", step->run->scenario->name, step->statement->text);
    put_object(step->run, step->statement->target, FUTURE)->future = future;
    return 0;
}

static verb_function *verb_of(struct step *step)
{
    if (step->object)
        return method_of(step, step->word[0]);
    verb_function *function = function_of(step->word[0]);
    if (function)
        return function;
    return step->statement->awaits ? await_something : create_something;
}

static struct object *object_of(struct step *step, struct object *self)
{
    const char *name = step->statement->object;
    if (!name)
        return NULL;
    if (strcmp(name, "self") == 0) {
        *self = (struct object){ .kind = FUTURE, .future = weft_current_task() };
        return self;
    }
    struct object *object = find_object(step->run, name);
    if (!object)
        g_error("%s: not there: %s", step->run->scenario->name, step->statement->text);
    return object;
}

enum flow execute_statement(struct actor *actor, struct statement *statement)
{
    struct step step = { .run = actor->run,
                         .actor = actor,
                         .statement = statement,
                         .word = statement->word,
                         .got = NONE };
    struct object self;
    step.object = object_of(&step, &self);
    step.said = g_string_new(NULL);
    int rc = verb_of(&step)(&step);
    /* Who makes something has nothing to say, unless it fails. */
    bool quiet = statement->target && !statement->awaits && step.got == NONE;
    enum flow flow = rc < 0 || !quiet ? conclude(actor, statement, rc, step.said->str) : NEXT;
    if (rc == 0 && statement->target && step.got != NONE)
        put_object(step.run, statement->target, NUMBER)->number = step.got;
    g_string_free(step.said, TRUE);
    return flow;
}
