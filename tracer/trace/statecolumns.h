/* statecolumns.h: the tasks and the objects of a state as bytes, and back, column by column: see
 * format.h, STATE. */
#ifndef WEFT_TRACE_STATECOLUMNS_H
#define WEFT_TRACE_STATECOLUMNS_H

#include "tracer/trace/replayer.h"
#include "tracer/trace/varint.h"

void weft_state_put_columns(GByteArray *out, const weft_state *state, gint64 base);
/* Into an empty state. FALSE: they make no sense, or `in` has ended. */
gboolean weft_state_get_columns(struct weft_varints *in, weft_state *state, gint64 base);

#endif
