/* summarise.c: see summarise.h. */
#include "app/cli/summarise.h"
#include "tracer/model/model.h"

void summarise(const char *path)
{
    g_autoptr(weft_trace) trace = weft_trace_open(path, NULL);
    if (!trace)
        return;
    weft_model *model = weft_model_new(trace);
    weft_model_advance(model, 0);
    weft_model_keep(model, NULL);
    weft_model_free(model);
}
