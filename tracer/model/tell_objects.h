/* tell_objects.h: the part of tell.c about cancellations and timeouts, locks, queues, marks. */
#ifndef WEFT_MODEL_TELL_OBJECTS_H
#define WEFT_MODEL_TELL_OBJECTS_H

#include "tracer/model/narrator.h"

/* Each: FALSE, and nothing said, when the event is not of its kind. */
gboolean tell_cancel(struct weft_sentence *s, const struct narrator *narrator,
                     const struct weft_event_view *event);
gboolean tell_object(struct weft_sentence *s, const struct narrator *narrator,
                     const struct weft_event_view *event);

#endif
