/* tracks.h: what is no task, over time: who holds a lock, how many wait for it, how full a queue
 * is, what a thread of the pool does, a counter's value; and operations, jobs and spans, one by
 * one.
 *
 *   trace --a pass of its own, behind the model's--> tracks:     | change | change | ...  packed
 *                                               \--> operations: | from submission to end | ...
 *
 * The pass is for who wants to see such things: the model itself does not keep them. It is
 * incremental, for files and live traces alike, and costs some 4 bytes a change and 20 an
 * operation. Its answers come from memory: O(log n) for a moment, O(log n + pixels) for a range.
 *
 * After a loss what is not told again is unknown: a value until it is told, a lock's holder until
 * it is taken or let go, how many wait until the end (as many as are known do, at least). A
 * resource is its loop's: what other rings say of it is not put in the order of time. A counter is
 * its process's: all rings' changes are.
 *
 * All times are nanoseconds since the trace's start.
 *
 * Thread: one thread advances, while nobody advances the model; queries from any thread, also
 * meanwhile. They take a lock of their own, not the model's, and never for long. */
#ifndef WEFT_MODEL_TRACKS_H
#define WEFT_MODEL_TRACKS_H

#include "tracer/model/model.h"
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct weft_tracks weft_tracks;

/* Borrows the model. Reads nothing yet. */
weft_tracks *weft_tracks_new(weft_model *model);
void weft_tracks_free(weft_tracks *tracks); /* NULL is fine */

/* Goes on over at most max_chunks chunks (0: all) of those that the model went over; returns TRUE
 * while more are left. Call it again after weft_model_advance(). */
gboolean weft_tracks_advance(weft_tracks *tracks, guint max_chunks);
gsize weft_tracks_memory(weft_tracks *tracks); /* bytes held */

/* ---- Tracks ---- */

enum weft_track_kind {
    WEFT_TRACK_RESOURCE, /* lock, semaphore, event, condition, barrier, queue, group: its id says */
    WEFT_TRACK_THREAD,   /* of a pool; what it holds is the job that it does */
    WEFT_TRACK_COUNTER,
};

struct weft_track {
    uint64_t id; /* weft_model_name() has its name */
    guint8 kind; /* enum weft_track_kind */
    gboolean ended;
    guint32 site;     /* where it was created; 0: unknown */
    guint64 capacity; /* as OBJECT_NEW says it */
    gboolean used; /* something became of it, or it is held or waited for from the beginning on */
    gint64 first_ns, last_ns; /* last_ns: its end; else its process's, or the model's */
    gint64 since_ns; /* since when it is as its first step shows it: first_ns; of a resource that
                        was there before: earlier, G_MININT64 where it is not known when */
};

guint weft_tracks_n(weft_tracks *tracks); /* by first appearance; only ever grows */
gboolean weft_tracks_get(weft_tracks *tracks, guint track, struct weft_track *out);
guint weft_tracks_of(weft_tracks *tracks, uint64_t id); /* G_MAXUINT32: none */

enum { /* of a step */
       WEFT_TRACK_VALUE_UNKNOWN = 1,
       WEFT_TRACK_OWNER_UNKNOWN = 2,
       WEFT_TRACK_WAITERS_UNKNOWN = 4, /* there may be more of them */
       WEFT_TRACK_UNKNOWN = 7,
       WEFT_TRACK_MERGED = 8, /* several, drawn as one */
       WEFT_TRACK_OPEN = 16,  /* still lasts: to_ns is only the model's end */
};

struct weft_track_step {
    gint64 from_ns, to_ns;
    /* Queue: items. Semaphore: units that are free. Lock, event: 1 when taken, set. Barrier: who is
     * there. Group: members that joined. Thread: 1 when it does a job. Merged: least and greatest
     * of what is known; min > max: nothing is. */
    gint64 value_min, value_max;
    guint32 waiters_min, waiters_max; /* tasks that await it */
    guint32 count;                    /* changes in it: 1 unless merged */
    guint16 flags;                    /* merged: UNKNOWN where any of them is */
    uint64_t owner;                   /* lock: its holder; thread: its job. 0: none. Merged: 0 */
    gint64 held_ns;    /* for how long it had an owner, or, what has none, a value other than 0 */
    gint64 unknown_ns; /* for how long anything of it was unknown */
};

/* Since when it is as the step shows it; G_MININT64: before it, it is not known when. */
static inline gint64 weft_track_since(const struct weft_track *track,
                                      const struct weft_track_step *step)
{
    return step->from_ns == track->first_ns ? track->since_ns : step->from_ns;
}

/* The step at t, exact. FALSE: it has none there. */
gboolean weft_tracks_at(weft_tracks *tracks, guint track, gint64 t_ns, struct weft_track_step *out);

/* Appends to `out` (of struct weft_track_step) the track from from_ns to to_ns when min_ns (≥ 1) is
 * one pixel: in order, without gaps, first and last not clipped. What is shorter than min_ns is
 * merged with its neighbours, at most two pixels wide; what is longer stands alone. */
void weft_tracks_view(weft_tracks *tracks, guint track, gint64 from_ns, gint64 to_ns, gint64 min_ns,
                      GArray *out);

/* Who they are: appends to `holders` (of struct weft_party: a lock's or semaphore's, a group's
 * members) and `waiters` (of uint64_t: tasks) what is known at t. Either may be NULL. Costs a
 * weft_model_state_at(). */
void weft_model_parties(weft_model *model, uint64_t id, gint64 t_ns, GArray *holders,
                        GArray *waiters);

/* ---- Operations, jobs and spans ---- */

enum { /* what is known of one, by its own events */
       WEFT_OPERATION_SUBMITTED = 1,
       WEFT_OPERATION_STARTED = 2, /* job: a thread began with it */
       WEFT_OPERATION_ENDED = 4,
       WEFT_OPERATION_LOST = 8, /* its end may be among lost events: from ended_ns on unknown */
};

struct weft_operation {
    uint64_t id;       /* op, job or span: weft_id_kind() */
    uint64_t task;     /* that asked for it; 0: none, or unknown */
    uint64_t on;       /* op: the handle; job: the thread that did it; 0: unknown */
    gint64 result;     /* op: status or bytes; job: enum weft_outcome */
    guint32 site;      /* where it was asked for */
    guint32 text;      /* span: its name's string id */
    guint8 detail;     /* op: enum weft_op_kind */
    guint8 known;      /* WEFT_OPERATION_… */
    gint64 begin_ns;   /* submitted; where that is unknown, the first that was seen of it */
    gint64 started_ns; /* job: when a thread began; else begin_ns */
    gint64 ended_ns;   /* not ENDED: its process's end, or the model's; not before begin_ns */
};

/* Which: 0 in a field is any. */
struct weft_operation_filter {
    enum weft_entity kind; /* WEFT_ENTITY_OP, _JOB, _SPAN */
    uint64_t task, on;
};

/* Appends to `out` (of struct weft_operation) those that are under way at any time from from_ns to
 * just before to_ns, at most `max` of them (0: all), by begin_ns. FALSE: there are more, or it was
 * cancelled. */
gboolean weft_tracks_operations(weft_tracks *tracks, gint64 from_ns, gint64 to_ns,
                                const struct weft_operation_filter *filter, guint max,
                                GCancellable *cancellable, GArray *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_tracks, weft_tracks_free)

G_END_DECLS

#endif
