/* tell.h: one event, as a sentence: SUBJECT verb OBJECT [, REASON] [: CONSEQUENCE].
 *
 * Reasons and consequences come from the lanes around the event; where they do not say, the clause
 * is left out. Under the model's lock. */
#ifndef WEFT_MODEL_TELL_H
#define WEFT_MODEL_TELL_H

#include "tracer/model/narrative.h"

/* NULL for events that have no sentence: their part is told by another (the WAKE of a new task by
 * its TASK_NEW), or this build does not know their kind. */
struct weft_sentence *tell(weft_model *model, const struct weft_event_view *event);

#endif
