/* tell_around.h: the part of tell.c about what is around tasks: the process and its threads, timers
 * and callbacks, the lives of objects, operations. */
#ifndef WEFT_MODEL_TELL_AROUND_H
#define WEFT_MODEL_TELL_AROUND_H

#include "tracer/model/narrative.h"

/* Each: FALSE, and nothing said, when the event is not of its kind, or there is nothing to say. */
gboolean tell_process(struct weft_sentence *s, weft_model *model,
                      const struct weft_event_view *event);
gboolean tell_queued(struct weft_sentence *s, weft_model *model,
                     const struct weft_event_view *event);
gboolean tell_life(struct weft_sentence *s, weft_model *model, const struct weft_event_view *event);
gboolean tell_operation(struct weft_sentence *s, weft_model *model,
                        const struct weft_event_view *event);

#endif
