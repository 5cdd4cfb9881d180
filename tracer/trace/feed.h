/* feed.h: what a recorder reads, handed on to another thread as it is read: to who runs the model
 * on it meanwhile (watcher.h).
 *
 *      recorder --copies, never waits--> | PROCESS | STRING | EVENTS | ... | NOW | --> the other
 *                                        at most `capacity` bytes of events
 *
 * Events for which there is no room are left out, and a GAP of their ring says so: the recording
 * has them all the same. Ids, times and rings are the file's. The order is that of the recording;
 * ANCHOR tells the file's clock. Threads: one puts, one takes. */
#ifndef WEFT_TRACE_FEED_H
#define WEFT_TRACE_FEED_H

#include "tracer/probe/clock.h"
#include "tracer/trace/state.h"

G_BEGIN_DECLS

enum weft_feed_kind {
    WEFT_FEED_PROCESS, /* one begins, at `anchor` */
    WEFT_FEED_STRING,
    WEFT_FEED_SITE,
    WEFT_FEED_ANCHOR, /* of all processes */
    WEFT_FEED_STATE,  /* what a process begins with: `state`, times in ticks */
    WEFT_FEED_EVENTS,
    WEFT_FEED_LOSS, /* `lost` slots of the ring, before what follows */
    WEFT_FEED_GAP,  /* the ring's events were not recorded, or left out here */
    WEFT_FEED_NOW,  /* all before `time` was read, of all processes; 0: the recorder is behind */
    WEFT_FEED_END,  /* nothing of this process follows; seen until `time` */
};

struct weft_feed_item {
    struct weft_feed_item *next;
    enum weft_feed_kind kind;
    guint process; /* its number: 0, 1, 2 … */
    guint32 ring;
    guint32 id, line, file, func; /* of a string or a site */
    enum weft_clock_kind clock_kind;
    struct weft_clock_anchor anchor;
    guint64 lost;
    uint64_t time;
    uint64_t actor; /* who runs when the events begin */
    gboolean actor_known;
    gboolean ended; /* the process has ended, not only its recording */
    weft_state *state;
    guint n;       /* slots */
    gsize size;    /* of the payload */
    void *payload; /* its records, to be changed at will; its text; NULL */
};

typedef struct weft_feed weft_feed;

weft_feed *weft_feed_new(gsize capacity);
void weft_feed_free(weft_feed *feed); /* with all that was not taken; NULL is fine */

/* ---- Putting ---- */

/* Copies what it is given. Feed NULL: nobody listens. */
void weft_feed_process(weft_feed *feed, guint process, enum weft_clock_kind file_clock,
                       const struct weft_clock_anchor *start);
void weft_feed_string(weft_feed *feed, guint process, guint32 id, const char *text, gsize size);
void weft_feed_site(weft_feed *feed, guint process, guint32 id, guint32 line, guint32 file,
                    guint32 func);
void weft_feed_anchor(weft_feed *feed, const struct weft_clock_anchor *anchor);
void weft_feed_state(weft_feed *feed, guint process, const weft_state *state);
/* `actor`: NULL, not known. */
void weft_feed_events(weft_feed *feed, guint process, guint32 ring, const uint64_t *actor,
                      const struct weft_record *records, guint n);
/* LOSS; or GAP, when nothing was lost. */
void weft_feed_hole(weft_feed *feed, guint process, guint32 ring, guint64 lost);
void weft_feed_now(weft_feed *feed, uint64_t time);
void weft_feed_end(weft_feed *feed, guint process, gboolean ended, uint64_t seen);
/* Nothing follows. */
void weft_feed_close(weft_feed *feed);

/* ---- Taking ---- */

/* The next item, when there is enough to be worth it: waits. NULL: it is closed, and all was taken.
 * weft_feed_done() it. */
struct weft_feed_item *weft_feed_take(weft_feed *feed);
void weft_feed_done(weft_feed *feed, struct weft_feed_item *item);

/* Slots that found no room, so far. Any thread. */
guint64 weft_feed_left_out(weft_feed *feed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_feed, weft_feed_free)

G_END_DECLS

#endif
