/* tell.h: one event, as a sentence: SUBJECT verb OBJECT [, REASON] [: CONSEQUENCE].
 *
 * Each clause is computed from the state just before and just after the event: nothing that comes
 * later is told. A clause without evidence is left out; what a loss hides is said to be unknown. */
#ifndef WEFT_MODEL_TELL_H
#define WEFT_MODEL_TELL_H

#include "tracer/model/narrator.h"

/* Whether an event has a sentence. Some have none: their part is told by another (the WAKE of a new
 * task by its TASK_NEW), it was known before (TASK_IS), or this build does not know their kind. A
 * TASK_IS of a task that a loss hid may have one, too. */
gboolean tells(const weft_model *model, const struct weft_event_view *event);

/* Moves the narrator on to this event, and tells it; NULL: it has no sentence. */
struct weft_sentence *tell(struct narrator *narrator, const struct weft_event_view *event);

#endif
