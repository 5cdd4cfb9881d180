/* input.c: a trace, opened and read through. */
#include "app/cli/input.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"

/* What the first chunk that cannot be decoded has to say, how many others there are, and the last.
 */
static char *find_damaged_chunks(const weft_trace *trace)
{
    struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    g_autofree char *first = NULL, *last = NULL;
    guint damaged = 0, n = weft_trace_n_chunks(trace);
    for (guint i = 0; i < n; i++) {
        g_autoptr(GError) error = NULL;
        weft_trace_decode(trace, i, records, &error);
        if (!error)
            continue;
        char **text = damaged++ == 0 ? &first : &last;
        g_free(*text);
        *text = g_strdup(error->message);
    }
    g_free(records);
    if (damaged > 2)
        return g_strdup_printf("%s; so %s %u more chunk%s; %s", first,
                               damaged == 3 ? "is that of" : "are those of", damaged - 2,
                               damaged == 3 ? "" : "s", last);
    return last ? g_strdup_printf("%s; %s", first, last) : g_steal_pointer(&first);
}

/* What is wrong, where, and what helps. */
char *input_damage(const weft_model *model)
{
    const weft_trace *trace = weft_model_trace(model);
    const char *damage = weft_trace_damage(trace);
    /* Payloads are looked at when they are decoded: the model counts a damaged one as lost. */
    g_autofree char *chunks = weft_model_lost(model) > weft_trace_lost(trace)
                                  ? find_damaged_chunks(trace)
                                  : NULL;
    if (!damage && !chunks)
        return NULL;
    return g_strdup_printf("%s: %s%s%s (weft repair makes a whole trace of it)",
                           weft_trace_path(trace), damage ? damage : "",
                           damage && chunks ? "; " : "", chunks ? chunks : "");
}

weft_model *input_open(const char *path, int *code)
{
    GError *error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    if (!trace) {
        *code = failure_error(error);
        return NULL;
    }
    gboolean growing = weft_trace_growing(trace);
    weft_model *model = weft_model_new(trace);
    weft_model_advance(model, 0);
    char *damage = input_damage(model);
    if (damage)
        output_message("%s", damage);
    else if (growing)
        output_message("%s is still being recorded: this is what it holds so far", path);
    else
        weft_model_keep(model, NULL); /* or it takes as long the next time */
    *code = damage ? EXIT_INPUT : EXIT_DONE;
    g_free(damage);
    weft_trace_unref(trace); /* the model holds it */
    return model;
}

int input_no_pid(const struct verb *verb, const char *operand)
{
    return failure_usage(verb, "'%s' is no process: its number is needed", operand);
}

gboolean input_is_pid(const char *operand, guint64 *pid)
{
    return quantity_parse_count(operand, pid) && !g_file_test(operand, G_FILE_TEST_EXISTS);
}
