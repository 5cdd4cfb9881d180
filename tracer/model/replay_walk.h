/* replay_walk.h: where a replay stands among its loop's events: the model's own part of replay.h,
 * which dispatch.c reads on with. */
#ifndef WEFT_MODEL_REPLAY_WALK_H
#define WEFT_MODEL_REPLAY_WALK_H

#include "tracer/model/replay.h"

struct weft_replay {
    weft_model *model;
    guint loop; /* lane */
    guint32 ring;
    GArray *chunks;  /* of guint: the ring's, ascending */
    guint n_known;   /* the model's chunks when they were listed */
    guint chunk;     /* place in `chunks` of what is in `events` */
    GArray *events;  /* of struct weft_event_view: the chunk's */
    guint at;        /* so many of them are before where it stands */
    gboolean loaded; /* `chunk` and `events` are */
};

/* Stands at a place. FALSE: there is no event at all. */
gboolean replay_seek(weft_replay *replay, struct weft_replay_place place);
/* Goes over one event. *lost: that many slots are missing just before it (0: none). NULL: there is
 * none, and it stays. Valid until it moves into another chunk. */
const struct weft_event_view *replay_next(weft_replay *replay, guint64 *lost);
const struct weft_event_view *replay_previous(weft_replay *replay, guint64 *lost);

/* The place where it stands, which is after an event at t. It stands elsewhere afterwards. */
struct weft_replay_place replay_place_here(weft_replay *replay, gint64 t_ns);

static inline gboolean replay_ends_step(const struct weft_event_view *e)
{
    return e->record.kind == WEFT_RECORD_SUSPEND || e->record.kind == WEFT_RECORD_TASK_DONE ||
           e->record.kind == WEFT_RECORD_POLL_BEGIN;
}

#endif
