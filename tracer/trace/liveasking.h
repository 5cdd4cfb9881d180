/* liveasking.h: asks a running program to record while somebody looks, and hears its answer.
 *
 * What is asked lasts as long as the connection: probe/mode.h. A program whose loops are all held
 * by slices answers later. Thread: one. */
#ifndef WEFT_TRACE_LIVEASKING_H
#define WEFT_TRACE_LIVEASKING_H

#include "tracer/trace/attach.h"
#include "tracer/trace/controller.h"

struct weft_liveasking {
    weft_controller *controller; /* NULL: nothing was asked of the program */
    gboolean waiting;            /* it has not answered yet */
};

/* Waits for the answer, and then until every loop that is alive records: up to half a second. Not
 * when the program records already: then it is asked to go on. */
void weft_liveasking_ask(struct weft_liveasking *asking, struct weft_attachment *attachment);

/* Looks for the answer; TRUE: it has come just now, or never will. */
gboolean weft_liveasking_hear(struct weft_liveasking *asking);

/* It need not record for us any more. */
void weft_liveasking_leave(struct weft_liveasking *asking);

#endif
