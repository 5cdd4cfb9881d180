/* drain.h: one process on its way into a trace: its rings and its heap, read round by round.
 *
 *      ring 0 --read--> numbers of the file --> condition --> pending 0 --full, old, a loss-->
 * EVENTS ring 1 --read--> ...                                              heap --> STRINGS, SITES
 *
 * A recording has one sink, and one drain for each process in it. The numbers of a process are
 * turned into the file's (relocate.h) when there may be several. Thread: one. */
#ifndef WEFT_TRACE_DRAIN_H
#define WEFT_TRACE_DRAIN_H

#include "tracer/trace/attach.h"
#include "tracer/trace/clockmap.h"
#include "tracer/trace/condition.h"
#include "tracer/trace/feed.h"
#include "tracer/trace/relocate.h"
#include "tracer/trace/writer.h"

struct weft_sink {
    weft_filewriter *writer;
    weft_condition *condition; /* borrowed; NULL: none */
    weft_feed *feed;           /* gets all that is read; borrowed; NULL: none */
    guint hits;                /* since they were asked for */
    struct weft_condition_hit first_hit;
    gboolean several; /* processes may come */
    struct weft_filenumbers numbers;
    enum weft_clock_kind clock_kind; /* the file's: the first process's */
    struct weft_clockmap clock;      /* of the counter, for who has another clock than the file */
    uint64_t published;              /* the last tick that it was asked for */
    guint drains;                    /* so far */
    gboolean damaged, no_rings;      /* rings broke their rules; found no number in the file */
    guint64 events, lost, dropped;
};

/* How a process ended; what is not known is 0, or WEFT_EXIT_UNKNOWN. */
struct weft_drain_end {
    gboolean ended, stopped; /* the latter: who recorded it had it end */
    int exit_code, exit_signal;
};

struct weft_drain {
    struct weft_sink *sink;
    guint number; /* of the process: 0, 1, 2 … */
    struct weft_attachment *attachment;
    weft_relocation *relocation; /* NULL: the only process */
    GArray *places;              /* guint32: rings at which its PROCESS chunks are */
    GPtrArray *pending;          /* by ring; or NULL */
    guint64 last_lease;          /* CLOCK_MONOTONIC */
    uint64_t seen;               /* the file's ticks: it lived, and what was before is read */
    guint64 seen_mono_ns;        /* CLOCK_MONOTONIC then */
    gboolean dead;               /* is seen not to live any more */
    gboolean died_unseen;        /* long after `seen`: nobody looked */
    uint64_t exit_time;          /* the file's ticks of its PROCESS_EXIT; 0: none was read */
    struct weft_drain_end said;  /* what that says */
    gboolean gone;               /* the segment was cut short: touching it would be a SIGBUS */
    gboolean ended;              /* all of it is written */
    gboolean replaced;           /* its process became another program, which is recorded too */
};

void weft_sink_count_hits(struct weft_sink *sink, guint hits,
                          const struct weft_condition_hit *first);
void weft_sink_finish(struct weft_sink *sink); /* all but the writer */
/* The clocks of the programs and ours show the same moment; in order. */
void weft_sink_add_anchor(struct weft_sink *sink, const struct weft_clock_anchor *anchor);

/* Takes the attachment, whose lease it renews from now on. Says in the file whose it is. NULL and
 * an error when that cannot be written. */
struct weft_drain *weft_drain_new(struct weft_sink *sink, struct weft_attachment *attachment,
                                  GError **error);
void weft_drain_free(struct weft_drain *drain); /* gives up the lease; NULL is fine */

/* One round. FALSE and an error when the file cannot be written. */
gboolean weft_drain_round(struct weft_drain *drain, guint *drained, GError **error);
/* Takes in what was read from one of its rings elsewhere, as if it had been read in a round:
 * `slots` of it, WEFT_CHUNK_SLOTS at most. */
gboolean weft_drain_take(struct weft_drain *drain, guint32 ring, const struct weft_record *records,
                         const struct weft_ring_read *read, GError **error);
/* Puts into the file what has waited for `age` ns. */
gboolean weft_drain_flush(struct weft_drain *drain, guint64 age, GError **error);
/* Definitions so far; of a process that has ended, all. */
void weft_drain_heap(struct weft_drain *drain, gboolean ended);
/* Everything that is left, and how it ended. */
gboolean weft_drain_end(struct weft_drain *drain, const struct weft_drain_end *end, GError **error);
/* Nobody drains it any more: the program must not wait for that. */
void weft_drain_stop(struct weft_drain *drain);

/* Whether its program has ended, or has become another by exec(); *end how, as far as that can be
 * seen. */
gboolean weft_drain_has_ended(const struct weft_drain *drain, struct weft_drain_end *end);

/* Says in the file until when it was seen, while it goes on. */
gboolean weft_drain_describe(struct weft_drain *drain, GError **error);

/* The file's clock now; 0: it cannot be read here. */
uint64_t weft_sink_now(const struct weft_sink *sink);

#endif
