/* tell_around.h: the part of tell.c about what is around tasks: the loop, its polls and callbacks;
 * the process and its threads, timers, the lives of objects, operations. */
#ifndef WEFT_MODEL_TELL_AROUND_H
#define WEFT_MODEL_TELL_AROUND_H

#include "tracer/model/narrator.h"

/* From here on a callback held the loop. */
#define WEFT_CALLBACK_LONG_NS (10 * G_GINT64_CONSTANT(1000000))

/* FALSE, and nothing said, when the event is not the loop's. */
gboolean tell_loop(struct weft_sentence *s, const struct narrator *narrator,
                   const struct weft_event_view *event);
/* `before`, and how long ago the subject of this record began with that kind of event, where that
 * is near. */
void say_since(struct weft_sentence *s, const struct narrator *narrator, unsigned began,
               const char *before, const struct weft_record *record);
/* Of the group that was done last: "fetch-2 failed first". */
void say_failed_first(struct weft_sentence *s, const struct narrator *narrator);
/* Whatever else there is. FALSE: there is nothing to say. */
gboolean tell_around(struct weft_sentence *s, const struct narrator *narrator,
                     const struct weft_event_view *event);

#endif
