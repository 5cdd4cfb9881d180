/* tell_wake.h: the part of tell.c about why a task goes on: what it waited for, who did it, how
 * late it is. */
#ifndef WEFT_MODEL_TELL_WAKE_H
#define WEFT_MODEL_TELL_WAKE_H

#include "tracer/model/narrator.h"

void tell_wake(struct weft_sentence *s, const struct narrator *n, const struct weft_record *record);

/* ", 51 ms late": how long ago a timer was due, when that is worth a clause; else nothing is said,
 * and FALSE. */
gboolean say_late(struct weft_sentence *s, const struct narrator *n, uint64_t timer, gint64 t_ns);

/* " released ", " put an item into ": what a task did to what another awaited, which it used so
 * (enum weft_resource_op; 0: unknown). NULL: that is not known. */
const char *say_deed(unsigned await_kind, unsigned used_how);

#endif
