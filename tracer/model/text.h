/* text.h: small pieces of text that words, stories and exports share. */
#ifndef WEFT_MODEL_TEXT_H
#define WEFT_MODEL_TEXT_H

#include "tracer/model/model.h"

/* A planned duration, without needless zeros: "1.0 s", "50 ms". g_free it. */
char *format_planned(gint64 ns);

/* Whether weft_model_name() says more than a kind and a number. */
gboolean model_is_named(const weft_model *model, uint64_t id);

/* What a wait for `other` is called, longest first: "recv :9082", "recv". Appends to `rungs`. */
void wait_rungs(const weft_model *model, unsigned await_kind, uint64_t other, gint64 planned_ns,
                GPtrArray *rungs);

#endif
