/* engine.h: the pass behind findings.h, and what a family of rules is told by it.
 *
 *   chunk --> [loss: the state forgets, families forget]
 *         \-> record --> before_record of those that asked --> state --> after_record of those
 *
 * A family keeps what it needs in a struct of its own, never something per event. It is told of
 * the kinds of records that it asked for, with the state as it is before or after the record; what
 * it finds it puts into the list (found.h), from any of its functions. What it puts there from
 * `now` is withdrawn before the next judgement. Times within a ring never go back.
 *
 * Thread: one at a time. */
#ifndef WEFT_MODEL_FINDINGS_ENGINE_H
#define WEFT_MODEL_FINDINGS_ENGINE_H

#include "tracer/model/findings.h"
#include "tracer/model/findings/rules.h"
#include "tracer/model/model_private.h"
#include "tracer/model/sentence.h"
#include "tracer/trace/idtable.h"

struct pause { /* a controller had the loop stand still, or go slowly */
    gint64 from_ns, to_ns;
};

struct watched_ring {
    uint32_t index;
    uint64_t loop;     /* 0: it has none, or none was seen; stays after it closed */
    gboolean open;     /* the loop has not closed */
    gint64 last_ns;    /* of its last event; G_MININT64: none was seen: findings_last() */
    gint64 now_ns;     /* while judging: now, or when its process ended or was seen last */
    gboolean damaged;  /* its last chunk could not be read */
    guint64 between;   /* of what is lost before this one, in no trace that was merged */
    GArray *pauses;    /* of struct pause, in order; the last may last (to_ns G_MAXINT64) */
    guint callbacks;   /* that run now, one within the other */
    gint64 polling_ns; /* POLL_BEGIN's limit; G_MAXINT64: for ever; -1: not known */
};

struct happening {                          /* one record */
    const struct weft_record *record, *ext; /* ext: NULL, when it has none */
    struct watched_ring *ring;
    gint64 time_ns;
};

struct family {
    guint64 before, after; /* kinds of records, a bit each: KIND() */
    guint64 lazy;          /* those of them that are told only while *awake(self) is not 0 */
    const guint *(*awake)(gpointer self); /* NULL: none is lazy. Stays where it is */
    gpointer (*new)(weft_findings *findings);
    void (*free)(gpointer self);
    /* Each of the following may be NULL. */
    void (*begin)(gpointer self); /* the state is the one that the trace begins with */
    void (*before_record)(gpointer self, const struct happening *h);
    void (*after_record)(gpointer self, const struct happening *h);
    /* Events of this ring are missing from from_ns on: forget what they might have changed. The
     * state knows already. slots: how many; 0: that is not known. */
    void (*lose)(gpointer self, struct watched_ring *ring, guint64 slots, gint64 from_ns,
                 gint64 to_ns);
    /* What lasts, at now_ns; of a ring, at the ring's, which is earlier when its process ended. */
    void (*now)(gpointer self, gint64 now_ns, gboolean ended);
};
#define KIND(name) (G_GUINT64_CONSTANT(1) << WEFT_RECORD_##name)

#define X(name) extern const struct family name##_family;
WEFT_FINDING_FAMILIES(X)
#undef X

#define X(name) +1
enum { FAMILIES = 0 WEFT_FINDING_FAMILIES(X) };
#undef X

struct told { /* one function to be called for a kind of record */
    void (*tell)(gpointer self, const struct happening *h);
    gpointer self;
    const guint *awake;
};
struct told_list {
    guint n;
    struct told told[FAMILIES];
};

struct weft_findings {
    weft_model *model;
    weft_trace *trace; /* the model's */
    struct weft_threshold_set thresholds;

    weft_state *state; /* after the last record read; before it, in before_record */
    GPtrArray *rings;  /* by index; of struct watched_ring *, NULL where nothing was seen */
    guint n_chunks;    /* read */
    gboolean begun;
    struct weft_record *records; /* the decode buffer */

    gpointer selves[FAMILIES];
    struct told_list before[WEFT_RECORD_KIND_END], after[WEFT_RECORD_KIND_END];

    GPtrArray *found;    /* of struct found *, all, those withdrawn by others too */
    GHashTable *by_fold; /* the same, but provisional ones */
    GPtrArray *listed;   /* those that are shown, in order; emptied when they change */
    gboolean judging;    /* what is put now is provisional */
};

/* NULL: nothing is known of this ring, neither an event nor a task that the trace begins with. */
const struct watched_ring *findings_ring(const weft_findings *f, uint32_t index);

/* Whether the end of what was read of the ring is known: nothing was lost behind it. FALSE for
 * NULL, a ring of which nothing is known. */
gboolean findings_end_known(const weft_findings *f, const struct watched_ring *ring);

/* When the ring's last event was; before its first, the beginning, which is not after `then`. */
static inline gint64 findings_last(const struct watched_ring *ring, gint64 then_ns)
{
    return ring->last_ns == G_MININT64 ? MIN(0, then_ns) : ring->last_ns;
}

/* How long it is from one moment to the other, without pauses of the ring; 0: not later at all. */
gint64 findings_span(const struct watched_ring *ring, gint64 from_ns, gint64 to_ns);

/* Removes the entries of this ring's entities (whose id each entry begins with): what they were may
 * have changed. */
void findings_forget(struct weft_idtable *table, const struct watched_ring *ring);

/* A time from a trace, which may lie: within some 70 years, so that differences are numbers. The
 * times of happenings, and `now`, are so already. */
static inline gint64 findings_time(gint64 ns)
{
    return CLAMP(ns, -(G_MAXINT64 / 4), G_MAXINT64 / 4);
}

/* When a timer or a timeout is due. */
static inline gint64 findings_due(const weft_findings *f, const struct weft_object_at *timer)
{
    return findings_time(weft_trace_from_monotonic(f->trace, (uint64_t)timer->deadline_mono_ns));
}

static inline gint64 findings_threshold(const weft_findings *f, enum weft_threshold_id id)
{
    return f->thresholds.values[id];
}

#endif
