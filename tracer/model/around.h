/* around.h: what the loop did around a moment: who ran, who held it, when it last polled. Reads the
 * loop's lane, never guesses: what is not in the trace is not answered. Any thread; the model's
 * lock is held for moments only. */
#ifndef WEFT_MODEL_AROUND_H
#define WEFT_MODEL_AROUND_H

#include "tracer/model/cursor.h"

/* The loop lane of a ring; NO_LANE: none. */
guint loop_lane_of(const weft_model *model, guint32 ring);

/* The longest slice or callback that overlaps from … to. */
gboolean loop_longest(weft_model *model, guint loop, gint64 from_ns, gint64 to_ns,
                      struct weft_segment_view *out);

/* When the last poll before t ended; FALSE when that is not known, or too far back to look. A poll
 * under way at t ends at t. */
gboolean loop_polled(weft_model *model, guint loop, gint64 t_ns, gint64 *at_ns);

#endif
