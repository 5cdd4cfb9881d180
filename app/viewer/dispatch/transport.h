/* transport.h: the bar below the loop: step back, play, step forward; how fast, in steps or in the
 * trace's time; the slider over the whole trace; the moment; and which loop, where there are
 * several. Its buttons activate the page's "dispatch.*" actions. Thread: main. */
#ifndef WEFT_VIEWER_DISPATCH_TRANSPORT_H
#define WEFT_VIEWER_DISPATCH_TRANSPORT_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFT_TYPE_TRANSPORT weft_transport_get_type()
G_DECLARE_FINAL_TYPE(WeftTransport, weft_transport, WEFT, TRANSPORT, GtkWidget)

/* "sought" (gint64 ns): the slider was moved. "pace-changed": speed or unit are others.
 * "loop-chosen" (guint): the place of the loop in the list. */

/* The playhead, and what is said of it: its moment in words. */
void weft_transport_show(WeftTransport *transport, gint64 t_ns, gint64 end_ns, const char *moment);
void weft_transport_show_playing(WeftTransport *transport, gboolean playing);

enum weft_slider_mark_kind {
    WEFT_SLIDER_NOTE,
    WEFT_SLIDER_HINT,
    WEFT_SLIDER_WARNING,
    WEFT_SLIDER_ERROR
};

struct weft_slider_mark {
    gint64 t_ns;
    enum weft_slider_mark_kind kind; /* its form and colour */
};

/* Moments that are marked on the slider: the first hundred. */
void weft_transport_set_marks(WeftTransport *transport, const struct weft_slider_mark *marks,
                              guint n);
/* For a projector: only what is worth seeing from afar; the rest is keys. */
void weft_transport_present(WeftTransport *transport, gboolean present);
void weft_transport_show_times(WeftTransport *transport, gboolean times);
void weft_transport_show_predicting(WeftTransport *transport, gboolean predicting);
/* Seen where there is more than one. */
void weft_transport_set_loops(WeftTransport *transport, GtkStringList *names);

gboolean weft_transport_by_steps(WeftTransport *transport); /* else by the trace's time */
/* Steps a second, or seconds of the trace a second: 0.1 … 10. */
double weft_transport_speed(WeftTransport *transport);
void weft_transport_change_speed(WeftTransport *transport, int by);

G_END_DECLS

#endif
