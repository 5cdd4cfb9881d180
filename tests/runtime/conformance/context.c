/* context.c: verbs of task-local values, and of the loop itself. */
#include "interpreter.h"
#include <string.h>

struct local {
    weft_local local;
    GArray *tokens; /* what set saved, for reset */
};

/* ---- Task-local values: numbers ---- */

/* NAME = local N */
static int local(struct step *step)
{
    struct local *made = g_new0(struct local, 1);
    made->local.name = "local";
    made->local.fallback = GINT_TO_POINTER(number(step->run, step->word[1]));
    made->tokens = g_array_new(FALSE, FALSE, sizeof(weft_local_token));
    put_object(step->run, step->statement->target, LOCAL)->local = made;
    return 0;
}

static int get(struct step *step)
{
    int value = GPOINTER_TO_INT(weft_local_get(&step->object->local->local));
    g_string_append_printf(step->said, "%d", value);
    return 0;
}

static int set(struct step *step)
{
    struct local *local = step->object->local;
    weft_local_token token;
    int rc = weft_local_save(&local->local, &token);
    g_array_append_val(local->tokens, token);
    if (rc == 0)
        rc = weft_local_set(&local->local, GINT_TO_POINTER(number(step->run, step->word[1])), NULL);
    return rc;
}

static int reset(struct step *step)
{
    GArray *tokens = step->object->local->tokens;
    weft_local_token token = g_array_index(tokens, weft_local_token, tokens->len - 1);
    g_array_set_size(tokens, tokens->len - 1);
    return weft_local_reset(&token);
}

void finish_local(struct object *object)
{
    GArray *tokens = object->local->tokens;
    for (guint i = 0; i < tokens->len; i++)
        weft_local_forget(&g_array_index(tokens, weft_local_token, i));
    g_array_free(object->local->tokens, TRUE);
    g_free(object->local);
}

/* ---- The loop ---- */

static int debug(struct step *step)
{
    weft_loop_set_debug(step->run->loop, true);
    return 0;
}

static int report(struct step *step)
{
    weft_loop_call_exception_handler(step->run->loop, step->word[1], NULL, NULL);
    return 0;
}

const struct function context_functions[] = {
    { "local", local },
    { "debug", debug },
    { "report", report },
    { NULL, NULL },
};

const struct method context_methods[] = {
    { LOCAL, "get", get },
    { LOCAL, "set", set },
    { LOCAL, "reset", reset },
    { 0, NULL, NULL },
};
