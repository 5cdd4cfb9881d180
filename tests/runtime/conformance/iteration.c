/* iteration.c: async generators: a `def` that yields, and what goes through it. */
#include "interpreter.h"
#include <limits.h>
#include <string.h>

/* A generator's body, in its consumer's task. */
WEFT_GENERATOR(long, generate, struct body *, body)
{
    struct actor actor = { .run = body->run, .who = body->label, .yields = result };
    return execute_body(&actor, body->block);
}

static struct body *generator_body(struct actor *actor, const char *call)
{
    struct statement *definition = scenario_find(actor->run->scenario, call);
    if (!definition)
        g_error("%s: no def %s", actor->run->scenario->name, call);
    return body_new(actor->run, actor->who, definition->body);
}

/* yield N */
enum flow yield(struct actor *actor, struct statement *statement)
{
    *actor->yields = number(actor->run, statement->word[1]);
    int rc = weft_await(weft_yield_at(WEFT_HERE));
    return rc < 0 ? fail(actor, rc) : NEXT;
}

static void log_item(struct actor *actor, struct statement *statement, long item)
{
    char *said = g_strdup_printf("%ld", item);
    conclude(actor, statement, 0, said);
    g_free(said);
}

/* for NAME in work(): … */
enum flow for_scope(struct actor *actor, struct statement *statement)
{
    if (strcmp(statement->word[2], "as_completed") == 0)
        return for_completed(actor, statement);
    struct body *body = generator_body(actor, statement->word[3]);
    enum flow flow = NEXT;
    bool left = false;
    int rc = 0;
    WEFT_FOR(long, item, generate(body), rc)
    {
        log_item(actor, statement, item);
        put_object(actor->run, statement->word[1], NUMBER)->number = item;
        flow = execute(actor, statement->body);
        if (flow == NEXT || flow == CONTINUE)
            continue;
        left = true;
        break;
    }
    if (left)
        return rc < 0 ? fail(actor, rc) : flow == BREAK ? NEXT : flow;
    return conclude(actor, statement, rc, "stop");
}

/* NAME = generator work() */
static int generator(struct step *step)
{
    struct body *body = generator_body(step->actor, step->word[1]);
    weft_generator *made = weft_generator_new(generate(body));
    put_object(step->run, step->statement->target, GENERATOR)->generator = made;
    return 0;
}

static int next(struct step *step)
{
    weft_own weft_generator *held = weft_ref(step->object->generator);
    int rc = weft_await(weft_next(held, &step->got));
    if (rc == 0)
        g_string_append_printf(step->said, "%ld", step->got);
    return rc;
}

static int close_generator(struct step *step)
{
    weft_own weft_generator *held = weft_ref(step->object->generator);
    return weft_await(weft_generator_close(held));
}

const struct function generator_functions[] = {
    { "generator", generator },
    { NULL, NULL },
};

const struct method generator_methods[] = {
    { GENERATOR, "next", next },
    { GENERATOR, "close", close_generator },
    { 0, NULL, NULL },
};
