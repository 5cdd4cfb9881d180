/* fed.h: what comes out of a feed (feed.h) as traces in memory, one for each process.
 *
 *      EVENTS --clock--> pending, by ring --full, or asked for--> chunk of the process's trace
 *
 * Until the clock is known, a tenth of a second at most, what needs it waits here. Thread: that
 * which takes from the feed. */
#ifndef WEFT_TRACE_FED_H
#define WEFT_TRACE_FED_H

#include "tracer/trace/feed.h"
#include "tracer/trace/trace.h"

G_BEGIN_DECLS

struct weft_fed_process {
    guint number;
    weft_trace *trace;
    guint64 slots;       /* in it, without those that are pending */
    gint64 shift_ns;     /* its start, since the first process's */
    GHashTable *pending; /* ring → struct weft_fed_pending * */
};

typedef struct weft_fed weft_fed;

weft_fed *weft_fed_new(weft_feed *feed); /* borrows it */
void weft_fed_free(weft_fed *fed);       /* NULL is fine */

/* Takes the next item that can be, waits for it; returns it once it is in the process's trace, or
 * pending. NULL: there is no more. Borrowed until the next call. */
const struct weft_feed_item *weft_fed_next(weft_fed *fed);

/* All processes, by number; NULL: never seen, or left. Borrowed. */
guint weft_fed_n(const weft_fed *fed);
struct weft_fed_process *weft_fed_process(const weft_fed *fed, guint number);

/* Puts what is pending into its trace. */
void weft_fed_flush(struct weft_fed_process *process);
/* A time of the file on the process's trace. */
gint64 weft_fed_ns(const weft_fed *fed, const struct weft_fed_process *process, uint64_t ticks);

/* From here on the process has another trace, which begins with the state that this one ends in. */
void weft_fed_continue(struct weft_fed_process *process);
/* No more of the process is wanted. */
void weft_fed_leave(weft_fed *fed, guint number);

G_END_DECLS

#endif
