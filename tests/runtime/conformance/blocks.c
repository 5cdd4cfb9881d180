/* blocks.c: a scenario's control flow: bodies, try and loops. (Scopes: scopes.c.)
 *
 * A failure travels as in Python: it is kept in the actor while blocks are left, and given back to
 * libweft where a coroutine returns its code. */
#include "interpreter.h"
#include "runtime/error.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- Failures ---- */

/* Of the await that just failed. */
static struct failure failure_of(int code)
{
    const weft_error *error = weft_current_error();
    bool its_own = error && weft_error_code(error) == code;
    return (struct failure){ code, its_own ? weft_ref((void *)error) : NULL };
}

static void forget(struct failure *failure)
{
    weft_unref(failure->error);
    *failure = (struct failure){ 0 };
}

int give_back(struct actor *actor)
{
    int code = actor->failure.code;
    weft__error_put(weft__error_slot(), actor->failure.error);
    actor->failure = (struct failure){ 0 };
    return code;
}

enum flow fail(struct actor *actor, int code)
{
    forget(&actor->failure);
    actor->failure = failure_of(code);
    return RAISE;
}

enum flow conclude(struct actor *actor, struct statement *statement, int rc, const char *said)
{
    GString *outcome = g_string_new(said);
    enum flow flow = NEXT;
    if (rc < 0) {
        flow = fail(actor, rc);
        g_string_truncate(outcome, 0);
        write_failure(outcome, rc, actor->failure.error);
    }
    run_log(actor->run, actor->who, "%s -> %s", statement->text,
            outcome->len > 0 ? outcome->str : "ok");
    g_string_free(outcome, TRUE);
    return flow;
}

/* ---- Bodies ---- */

int execute_body(struct actor *actor, struct statement *block)
{
    actor->value = NONE;
    enum flow flow = execute(actor, block);
    forget(&actor->handling);
    return flow == RAISE ? give_back(actor) : 0;
}

int call_in_place(struct actor *actor, const char *call, long *value)
{
    struct statement *definition = scenario_find(actor->run->scenario, call);
    if (!definition)
        g_error("%s: no def %s", actor->run->scenario->name, call);
    struct actor inner = { .run = actor->run, .who = actor->who };
    int rc = execute_body(&inner, definition->body);
    *value = inner.value;
    return rc;
}

static void log_end(struct run *run, const char *who, int rc, long value)
{
    GString *outcome = g_string_new(NULL);
    if (rc < 0)
        write_failure(outcome, rc, weft_current_error());
    else
        write_value(outcome, value);
    run_log(run, who, "ends -> %s", outcome->str);
    g_string_free(outcome, TRUE);
}

WEFT_ASYNC_DEFINE(long, run_body, struct body *, body)
{
    body->began = true;
    run_log(body->run, body->label, "begins");
    struct actor actor = { .run = body->run, .who = body->label };
    int rc = execute_body(&actor, body->block);
    log_end(body->run, body->label, rc, actor.value);
    body->ended = true;
    *result = actor.value;
    return rc;
}

void run_callback(void *pointer)
{
    struct body *body = pointer;
    run_log(body->run, body->label, "runs");
    struct actor actor = { .run = body->run, .who = body->label };
    execute_body(&actor, body->block);
}

struct body *body_new(struct run *run, const char *label, struct statement *block)
{
    struct body *body = g_new0(struct body, 1);
    body->run = run;
    body->label = g_strdup(label);
    body->block = block;
    g_ptr_array_add(run->bodies, body);
    return body;
}

struct body *body_of_call(struct run *run, const char *call)
{
    struct statement *definition = scenario_find(run->scenario, call);
    if (!definition)
        g_error("%s: no def %s", run->scenario->name, call);
    int count = GPOINTER_TO_INT(g_hash_table_lookup(run->labels, definition)) + 1;
    g_hash_table_insert(run->labels, definition, GINT_TO_POINTER(count));
    int length = (int)strlen(call) - 2;
    char *label = count == 1 ? g_strdup_printf("%.*s", length, call)
                             : g_strdup_printf("%.*s.%d", length, call, count);
    struct body *body = body_new(run, label, definition->body);
    g_free(label);
    return body;
}

/* ---- try ---- */

static bool is(const struct statement *statement, const char *word)
{
    return statement && strcmp(statement->word[0], word) == 0;
}

static struct statement *find_handler(struct statement *try, int code)
{
    struct statement *at = try->next;
    for (; is(at, "except"); at = at->next)
        for (int i = 1; at->word[i]; i++)
            if (catches(at->word[i], code))
                return at;
    return NULL;
}

static enum flow handle(struct actor *actor, struct statement *handler)
{
    struct failure outer = actor->handling;
    actor->handling = actor->failure;
    actor->failure = (struct failure){ 0 };
    GString *outcome = g_string_new(NULL);
    write_failure(outcome, actor->handling.code, actor->handling.error);
    run_log(actor->run, actor->who, "caught -> %s", outcome->str);
    g_string_free(outcome, TRUE);
    enum flow flow = execute(actor, handler->body);
    forget(&actor->handling);
    actor->handling = outer;
    return flow;
}

static enum flow execute_try(struct actor *actor, struct statement *try)
{
    enum flow flow = execute(actor, try->body);
    struct statement *handler = flow == RAISE ? find_handler(try, actor->failure.code) : NULL;
    if (handler)
        flow = handle(actor, handler);
    struct statement *last = try->next;
    while (is(last, "except"))
        last = last->next;
    if (!is(last, "finally"))
        return flow;
    struct failure passing = actor->failure;
    actor->failure = (struct failure){ 0 };
    enum flow other = execute(actor, last->body);
    if (other != NEXT) {
        forget(&passing);
        return other;
    }
    actor->failure = passing;
    return flow;
}

/* ---- Statements ---- */

static enum flow repeat(struct actor *actor, struct statement *statement)
{
    long times = number(actor->run, statement->word[1]);
    for (long i = 0; i < times; i++) {
        enum flow flow = execute(actor, statement->body);
        if (flow == BREAK)
            break;
        if (flow == RETURN || flow == RAISE)
            return flow;
    }
    return NEXT;
}

static enum flow note(struct actor *actor, struct statement *statement)
{
    run_log(actor->run, actor->who, "%s", statement->text);
    return NEXT;
}

static enum flow say_time(struct actor *actor, struct statement *statement)
{
    GString *said = g_string_new(NULL);
    write_moment(actor->run, said, weft_time());
    enum flow flow = conclude(actor, statement, 0, said->str);
    g_string_free(said, TRUE);
    return flow;
}

static enum flow say_cause(struct actor *actor, struct statement *statement)
{
    const weft_error *cause = weft_error_cause(actor->handling.error);
    GString *said = g_string_new(NULL);
    if (cause)
        write_failure(said, weft_error_code(cause), cause);
    enum flow flow = conclude(actor, statement, 0, cause ? said->str : "none");
    g_string_free(said, TRUE);
    return flow;
}

static enum flow drop(struct actor *actor, struct statement *statement)
{
    drop_object(find_object(actor->run, statement->word[1]));
    return NEXT;
}

static enum flow eager_tasks(struct actor *actor, struct statement *statement)
{
    (void)statement;
    weft_loop_set_eager_tasks(actor->run->loop, true);
    return NEXT;
}

static enum flow stop(struct actor *actor, struct statement *statement)
{
    (void)statement;
    weft_loop_stop(actor->run->loop);
    return NEXT;
}

static enum flow return_value(struct actor *actor, struct statement *statement)
{
    actor->value = statement->word[1] ? number(actor->run, statement->word[1]) : NONE;
    return RETURN;
}

static enum flow raise_word(struct actor *actor, struct statement *statement)
{
    forget(&actor->failure);
    actor->failure.code = code_of(statement->word[1]);
    return RAISE;
}

static enum flow reraise(struct actor *actor, struct statement *statement)
{
    (void)statement;
    forget(&actor->failure);
    actor->failure = actor->handling;
    weft_ref(actor->failure.error);
    return RAISE;
}

static enum flow leave_loop(struct actor *actor, struct statement *statement)
{
    (void)actor;
    return is(statement, "break") ? BREAK : CONTINUE;
}

static enum flow pass(struct actor *actor, struct statement *statement)
{
    (void)actor, (void)statement;
    return NEXT; /* a def, or what its try has executed */
}

static const struct {
    const char *word;
    enum flow (*execute)(struct actor *actor, struct statement *statement);
} keywords[] = {
    { "def", pass },
    { "except", pass },
    { "finally", pass },
    { "try", execute_try },
    { "repeat", repeat },
    { "timeout", timeout_scope },
    { "note", note },
    { "timeout_at", timeout_scope },
    { "time", say_time },
    { "drop", drop },
    { "cause", say_cause },
    { "stop", stop },
    { "raise", raise_word },
    { "reraise", reraise },
    { "return", return_value },
    { "break", leave_loop },
    { "continue", leave_loop },
    { "group", group_scope },
    { "with", with_scope },
    { "for", for_scope },
    { "yield", yield },
    { "eager_tasks", eager_tasks },
};

enum flow execute(struct actor *actor, struct statement *statement)
{
    enum flow flow = NEXT;
    for (; statement && flow == NEXT; statement = statement->next) {
        enum flow (*keyword)(struct actor *, struct statement *) = execute_statement;
        for (size_t i = 0; i < G_N_ELEMENTS(keywords); i++)
            if (!statement->awaits && !statement->object && is(statement, keywords[i].word))
                keyword = keywords[i].execute;
        flow = keyword(actor, statement);
    }
    return flow;
}
