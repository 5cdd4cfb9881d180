/* replay_walk.h: where a replay stands among its loop's events: the model's own part of replay.h,
 * which dispatch.c reads on with. */
#ifndef WEFT_MODEL_REPLAY_WALK_H
#define WEFT_MODEL_REPLAY_WALK_H

#include "tracer/model/replay.h"

struct weft_replay {
    weft_model *model;
    struct narrator *narrator; /* NULL: nothing was told yet */
    guint loop;                /* lane; NO_LANE: all of the ring */
    guint32 ring;
    gint64 from_ns, to_ns; /* the events of it that are the loop's */
    GArray *chunks;        /* of guint: the ring's, ascending */
    guint n_known;         /* the model's chunks when they were listed */
    guint chunk;           /* place in `chunks` of what is in `events` */
    GArray *events;        /* of struct weft_event_view: the chunk's */
    guint at;              /* so many of them are before where it stands */
    gboolean loaded;       /* `chunk` and `events` are */
};

/* Of a ring, whatever loops it had. */
weft_replay *replay_new_of_ring(weft_model *model, guint32 ring);

/* Stands just before this event, which is one of them. */
void replay_stand_before(weft_replay *replay, const struct weft_event_view *event);
/* How many chunks the event is after this one: 0 in the same. */
int replay_chunks_between(weft_replay *replay, guint chunk, const struct weft_event_view *event);

/* Stands at a place. FALSE: there is no event at all. */
gboolean replay_seek(weft_replay *replay, struct weft_replay_place place);
/* Goes over one event. *lost: that many slots are missing just before it (0: none). NULL: there is
 * none, and it stays. Valid until it moves into another chunk. */
const struct weft_event_view *replay_next(weft_replay *replay, guint64 *lost);
const struct weft_event_view *replay_previous(weft_replay *replay, guint64 *lost);

/* The last such event of this subject before the one that it stands after, if it is in the same
 * chunk; NULL: it is not, or there is none. It stays. */
const struct weft_event_view *replay_before(const weft_replay *replay, unsigned kind,
                                            uint64_t subject);

/* Who tells its events; the replay stands elsewhere afterwards. */
struct narrator *replay_narrator(weft_replay *replay);

/* The place where it stands, which is after an event at t. It stands elsewhere afterwards. */
struct weft_replay_place replay_place_here(weft_replay *replay, gint64 t_ns);

static inline gboolean replay_ends_step(const struct weft_event_view *e)
{
    return e->record.kind == WEFT_RECORD_SUSPEND || e->record.kind == WEFT_RECORD_TASK_DONE ||
           e->record.kind == WEFT_RECORD_POLL_BEGIN;
}

#endif
