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

/* Whether it records, for anybody; one that is dead: until its end. */
gboolean weft_liveasking_records(const struct weft_attachment *attachment);

/* Waits for the answer, and then until every loop that is alive has opened a chunk behind those
 * that were `passed` (livebegin.h): up to half a second. NULL: the program records already, and is
 * only asked to go on. */
void weft_liveasking_ask(struct weft_liveasking *asking, struct weft_attachment *attachment,
                         const GArray *passed);

/* Looks for the answer; TRUE: it has come just now, or never will. */
gboolean weft_liveasking_hear(struct weft_liveasking *asking);

/* It need not record for us any more. */
void weft_liveasking_leave(struct weft_liveasking *asking);

#endif
