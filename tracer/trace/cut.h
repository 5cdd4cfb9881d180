/* cut.h: a window of a trace -> a trace of its own.
 *
 *      chunks   |----------|=====[####|##########|####]-----|
 *               ^          ^     ^ from           to ^
 *               not read   STATE, replayed up to `from`: the STATE that the new trace begins with
 *
 * Times stay what they are: nanoseconds since the start of the recording, so that a moment, a
 * report or a note about the one trace holds for the other; the new trace's first event is just not
 * at its beginning. What was so before the window is in its STATE, with the time since when. Losses
 * that reach into the window are in it, whole. Only chunks of the window and those since the STATE
 * before it are read; only strings and sites that occur in it are kept. Thread: one. */
#ifndef WEFT_TRACE_CUT_H
#define WEFT_TRACE_CUT_H

#include "tracer/trace/trace.h"

G_BEGIN_DECLS

struct weft_cut_report {
    guint64 events, lost; /* in the window */
    guint64 damaged;      /* events among the lost whose bytes could not be read */
};

/* Writes the events of `trace` at from_ns ... to_ns, both included, to a new file. Returns FALSE
 * and an error when the system refuses. */
gboolean weft_cut(weft_trace *trace, gint64 from_ns, gint64 to_ns, const char *output,
                  struct weft_cut_report *report, GError **error);

G_END_DECLS

#endif
