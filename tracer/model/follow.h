/* follow.h: from one edge to the next: who woke it before that, whom it wakes next, whom it let its
 * lock go to, what it created, whom it cancelled; of one task or object, or of all.
 *
 *      chunks:  | . | . | decoded: an edge of it | filter: none of it | filter: none | decoded ...
 *
 * Edges are not kept. A chunk that was searched once leaves a filter, a few bits for each end of an
 * edge in it: the next search decodes it only where it may have what is wanted. What was lost is
 * not found.
 *
 * Thread: any, while nobody advances the model; its lock is held for moments only. */
#ifndef WEFT_MODEL_FOLLOW_H
#define WEFT_MODEL_FOLLOW_H

#include "tracer/model/model.h"
#include <gio/gio.h>

G_BEGIN_DECLS

enum {                       /* which end of the edge the entity is at */
       WEFT_FOLLOW_FROM = 1, /* those that it woke, created, cancelled; what it awaits */
       WEFT_FOLLOW_TO = 2,   /* what woke, created, cancelled it; who awaits it */
};

struct weft_follow {
    uint64_t id; /* a task, a lock ...; 0: any */
    guint ends;  /* WEFT_FOLLOW_FROM, _TO; 0: either */
    guint kinds; /* 1 << enum weft_edge_kind each; 0: all */
    guint cause; /* wakes: enum weft_wake_cause, WEFT_WAKE_RESOURCE is who let go of a lock to
                    who has it now; 0: all */
};

struct weft_followed {
    struct weft_edge edge;
    gint64 time_ns; /* with ring and ordinal: the order of edges */
    guint32 ring;
    guint64 ordinal; /* of the event's slot in its ring */
    guint8 event;    /* enum weft_record_kind; 0: none, a moment to begin at */
};

/* The first such edge after `from` (direction > 0), or the last before it (< 0). `from` is an edge
 * that was found, or a moment: { .time_ns = t }, then edges at t come after it. FALSE: there is
 * none, or it was cancelled. */
gboolean weft_model_follow(weft_model *model, const struct weft_follow *follow,
                           const struct weft_followed *from, int direction,
                           GCancellable *cancellable, struct weft_followed *found);

G_END_DECLS

#endif
