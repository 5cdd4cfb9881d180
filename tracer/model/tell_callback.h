/* tell_callback.h: the part of tell.c that says what a callback is called: the same wherever it is
 * told of, when it is put in the ready queue, called, withdrawn, or next. */
#ifndef WEFT_MODEL_TELL_CALLBACK_H
#define WEFT_MODEL_TELL_CALLBACK_H

#include "tracer/model/narrator.h"

/* "the done callback of Ada", "the timer callback of fetch-1", "callback 3 (call_soon)".
 * kind: enum weft_handle_kind; 0: unknown, then its id says what it may. object: whose end it is
 * about, or who handed it over; 0: unknown. */
void say_callback(struct weft_sentence *s, const struct narrator *narrator, unsigned kind,
                  uint64_t subject, uint64_t object);

#endif
