/* tracks_private.h: what the pass over the events (tracks_pass.c) and the answers (tracks.c) share.
 */
#ifndef WEFT_MODEL_TRACKS_PRIVATE_H
#define WEFT_MODEL_TRACKS_PRIVATE_H

#include "tracer/model/idmap.h"
#include "tracer/model/model_private.h"
#include "tracer/model/operations.h"
#include "tracer/model/series.h"

struct track {
    uint64_t id;
    guint64 capacity;
    gint64 end_ns;   /* when it has ended */
    gint64 since_ns; /* G_MAXINT64: its first step begins with it */
    guint32 ring;    /* where it is told of; of a counter: first */
    guint32 site;
    guint8 kind;
    gboolean ended;
    struct series series;
    GArray *later; /* of struct change: a counter's, to be put behind what another ring says */
};

struct tracks_loss { /* nothing is known of what a ring told between */
    gint64 from_ns, to_ns;
};

struct tracks_ring {
    guint32 index;
    gboolean whole; /* nothing of it was lost so far */
    gboolean lost_at_end;
    gint64 last_ns;
    GArray *running; /* of uint64_t: tasks, outermost first */
    GArray *live;    /* of guint: tracks told of here; some have ended */
    GArray *losses;  /* of struct tracks_loss, in order */
    guint thread;    /* the track of the ring's thread; G_MAXUINT32: none */
};

struct wait { /* begins with its task's id, for the table */
    uint64_t task;
    guint track;
};

struct weft_tracks {
    weft_model *model;
    struct turn_lock lock; /* of all below but `records` */
    guint n_chunks;
    gboolean begun;
    GPtrArray *rings;          /* by index; of struct tracks_ring *, NULL where there is none */
    GArray *tracks;            /* of struct track */
    GArray *counters;          /* of guint */
    struct idmap track_of;     /* id -> track + 1 */
    struct weft_idtable waits; /* of struct wait: tasks that await a track's resource */
    struct operations operations;
    struct weft_record *records; /* of who advances */
};

static inline struct track *track_at(const weft_tracks *tracks, guint i)
{
    return &g_array_index(tracks->tracks, struct track, i);
}

/* Times that no program reaches would not fit when added up. */
static inline gint64 tracks_time(gint64 time_ns)
{
    return CLAMP(time_ns, -(G_GINT64_CONSTANT(1) << 61), G_GINT64_CONSTANT(1) << 61);
}

/* The state that the trace begins with. */
void tracks_begin(weft_tracks *tracks, const weft_state *state);
/* A chunk's n slots, decoded; 0 although it has some: it is damaged. */
void tracks_pass_chunk(weft_tracks *tracks, const struct weft_trace_chunk *chunk,
                       const struct weft_record *records, guint n);
/* What the model knows to be lost behind the last chunks. */
void tracks_lose_ends(weft_tracks *tracks);
void tracks_ring_free(gpointer ring);

#endif
