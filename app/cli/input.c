/* input.c: a trace, opened and read through. */
#include "app/cli/input.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"

/* What the first chunk that cannot be decoded has to say. */
static char *find_damaged_chunk(const weft_trace *trace)
{
    struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    GError *error = NULL;
    guint n = weft_trace_n_chunks(trace);
    for (guint i = 0; i < n && !error; i++)
        weft_trace_decode(trace, i, records, &error);
    char *damage = error ? g_strdup(error->message) : NULL;
    g_clear_error(&error);
    g_free(records);
    return damage;
}

char *input_damage(const weft_model *model)
{
    const weft_trace *trace = weft_model_trace(model);
    const char *damage = weft_trace_damage(trace);
    if (damage)
        return g_strdup_printf("%s: %s", weft_trace_path(trace), damage);
    /* Payloads are looked at when they are decoded: the model counts a damaged one as lost. */
    return weft_model_lost(model) > weft_trace_lost(trace) ? find_damaged_chunk(trace) : NULL;
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

gboolean input_is_pid(const char *operand, guint64 *pid)
{
    return quantity_parse_count(operand, pid) && !g_file_test(operand, G_FILE_TEST_EXISTS);
}
