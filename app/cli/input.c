/* input.c: a trace, opened and read through. */
#include "app/cli/input.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"

weft_model *input_open(const char *path, int *code)
{
    GError *error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    if (!trace) {
        *code = failure_error(error);
        return NULL;
    }
    weft_model *model = weft_model_new(trace);
    weft_trace_unref(trace); /* the model holds it */
    weft_model_advance(model, 0);
    const char *damage = weft_trace_damage(trace);
    if (damage)
        output_message("%s: %s", path, damage);
    *code = damage ? EXIT_INPUT : EXIT_DONE;
    return model;
}
