/* window.h: the last seconds or bytes of a recording, as encoded chunks in memory: a flight
 * recorder.
 *
 *      oldest                                              newest
 *      [ STATE EVENTS EVENTS LOSS ... ] [ STATE EVENTS ... ] [ STATE EVENTS ...
 *      ^ let go as a whole, when what is behind it is enough
 *
 * A group begins with the state that its events go on from, so that what is left opens alone. What
 * is let go is counted, and is no loss:  emitted = in the window + lost + evicted.
 *
 * A picture is the window at one moment: it shares the chunks, so that taking it costs next to
 * nothing, and it may be written by another thread while the recording goes on. */
#ifndef WEFT_TRACE_WINDOW_H
#define WEFT_TRACE_WINDOW_H

#include "tracer/trace/definitions.h"

G_BEGIN_DECLS

struct weft_tracewindow_limits {
    guint64 ns;    /* at least the last so many; 0: no limit */
    guint64 bytes; /* at most so many, but for the newest group; 0: no limit */
};

typedef struct weft_tracewindow weft_tracewindow;
typedef struct weft_tracepicture weft_tracepicture;

weft_tracewindow *weft_tracewindow_new(const struct weft_tracewindow_limits *limits);
void weft_tracewindow_free(weft_tracewindow *window); /* NULL is fine */

/* Adds a chunk: EVENTS, LOSS or STATE, which begins a group. `now`: CLOCK_MONOTONIC. */
void weft_tracewindow_add(weft_tracewindow *window, const struct weft_chunk_header *header,
                          const guint8 *payload, guint64 now);

/* Whether the newest group is as large as one should be: a STATE should come. */
gboolean weft_tracewindow_wants_state(const weft_tracewindow *window, guint64 now);

/* The first tick of what it holds; 0 while it holds everything from the beginning. */
uint64_t weft_tracewindow_begin(const weft_tracewindow *window);

struct weft_tracewindow_stats {
    guint64 bytes;
    guint64 ns;                            /* from its oldest group until now */
    guint64 evicted_slots, evicted_events; /* let go: counted as read before */
    guint64 evicted_lost; /* of the slots counted as lost, those let go with them */
};
struct weft_tracewindow_stats weft_tracewindow_stats(const weft_tracewindow *window, guint64 now);

/* ---- Pictures ---- */

weft_tracepicture *weft_tracepicture_new(const weft_tracewindow *window,
                                         const struct weft_definitions *with);
void weft_tracepicture_free(weft_tracepicture *picture); /* NULL is fine */

guint64 weft_tracepicture_events(const weft_tracepicture *picture);

/* Writes it as a trace, under its name only when it is whole. sync_ns: a WEFT_SYNC. *size: bytes.
 * Any thread. */
gboolean weft_tracepicture_write(weft_tracepicture *picture, const char *path, gint64 sync_ns,
                                 guint64 *size, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_tracepicture, weft_tracepicture_free)

G_END_DECLS

#endif
