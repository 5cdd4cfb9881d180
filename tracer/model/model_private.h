/* model_private.h: the model's own insides: what its files share, and nobody else sees. */
#ifndef WEFT_MODEL_MODEL_PRIVATE_H
#define WEFT_MODEL_MODEL_PRIVATE_H

#include "tracer/model/facts.h"
#include "tracer/model/idmap.h"
#include "tracer/model/lane.h"
#include "tracer/model/turnlock.h"

struct ring {
    struct machine machine;
    uint32_t first_chunk, last_chunk; /* G_MAXUINT32: none yet */
    gboolean damaged;                 /* its last chunk could not be decoded */
    gboolean unknown_at_end; /* what its lanes do after its last chunk: events are missing */
    gboolean lost_at_end;    /* … and are counted in losses */
    uint32_t end_chunk;      /* unknown_at_end: the place that its lanes were given for it */
};

/* A chunk that the pass went over: what is needed to run it again alone. */
struct chunk_entry {
    struct machine machine; /* as it was just before it */
    uint32_t next;          /* the ring's next chunk; G_MAXUINT32: none yet */
    gboolean lost_before;   /* slots are missing between the one before and this */
    gint64 lost_ns;         /* … since here */
};

/* Who wants to know of every segment as it gets its end, while a pass makes them
 * (visit_segments.c). */
struct watch {
    void (*segment)(const struct watch *watch, uint32_t lane, const struct segment *segment,
                    gint64 to_ns, guint16 flags); /* NULL: nobody */
    gpointer data;
};

struct weft_model {
    weft_trace *trace;
    struct watch watch;
    weft_state *beginning; /* beginning.h; NULL: the trace begins with its program */
    struct turn_lock lock; /* of the caches below: queries may come from several threads */

    struct lane *lanes;
    guint n_lanes, lanes_capacity, trimmed; /* trimmed: so many have given back their room */
    GArray *loops;        /* their first lanes, ascending: a loop is called by its place in it */
    struct idmap lane_of; /* task, loop, handle → lane + 1 */
    GPtrArray *rings;     /* by index; of struct ring *, NULL where there is none */
    struct chunk_entry *chunks;
    guint n_chunks, chunks_capacity; /* that the pass went over */
    GArray *losses;                  /* of struct weft_loss */
    struct facts facts;

    gint64 last_ns, end_ns; /* of the last event; of the trace, or now */
    guint64 events, lost;
    gsize kept_bytes;            /* in leaves that keep their segments */
    struct weft_record *records; /* what the pass decodes a chunk into; NULL: none yet */

    struct restoring *restoring; /* restore.c: what a summary says, while it is read */
    gboolean begun, restored;    /* it was looked for; it was found and held */

    struct level0 *level0;          /* level0.c: decoded leaves and chunks */
    struct leaf_block *leaf_blocks; /* cursor.c: unpacked leaves */
    struct record_cache *decoded;   /* record_cache.c: chunks as records */
    struct state_cache *states;     /* state_at.c: states to go on from */
    struct follow_cache *follow;    /* follow.c: which edges a chunk may have; NULL: none yet */
};

/* The ring, made when it is missing. */
struct ring *model_ring(weft_model *model, uint32_t index);

/* Visits a chunk's events in order, from those decoded already where it is among them; stops when
 * `visit` returns FALSE. Under the model's lock: it is to be brief. */
void model_visit_chunk(weft_model *model, guint chunk, weft_event_visitor *visit, gpointer data);

/* Whether events of a ring were lost from from_ns to to_ns. Where it is unknown what it did, and
 * none were, it was not recorded. */
gboolean model_lost_any(const weft_model *model, uint32_t ring, gint64 from_ns, gint64 to_ns);

static inline const char *model_missing_words(gboolean lost)
{
    return lost ? "events lost" : "not recorded";
}

/* The operations of a loss before `chunk` are implied: LOSS for every lane of its ring. */
struct operation loss_operation(const struct chunk_entry *chunk, uint32_t lane);

#endif
