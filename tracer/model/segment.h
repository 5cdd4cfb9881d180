/* segment.h: a lane's segments, and the operations that make them.
 *
 *   records --machine.c--> operations on lanes --fold--> segments
 *
 * An operation says what one record means for one lane, without knowing the lane's past; folding
 * the operations of a lane in order gives its segments. So the segments of one lane can be had
 * again from any place where its fold was noted (a leaf's start), by folding that lane's operations
 * only.
 *
 * Invariants: a segment is at least 1 ns long (what begins and ends in the same nanosecond is
 * dropped); it ends where the next one begins. */
#ifndef WEFT_MODEL_SEGMENT_H
#define WEFT_MODEL_SEGMENT_H

#include "tracer/model/model.h"

struct segment {
    gint64 from_ns;
    uint64_t other;
    uint32_t site;
    uint8_t state, detail; /* enum weft_segment_state; its detail */
    uint16_t note;         /* NOTE_… */
};

enum {
    NOTE_PLAN = 0x3fff,   /* plan.h: how long it is to last */
    NOTE_ARMED = 0x4000,  /* a timeout is open around it */
    NOTE_YIELD = 0x8000,  /* ready: by its own sleep(0) */
    NOTE_NESTED = 0x8000, /* running: inside another one's slice */
    NOTE_DELIVERED = 1,   /* OPERATION_IS_…: a cancellation was; no segment has it */
};

/* A task on the processor, cleaning up or not. */
static inline gboolean segment_runs(const struct segment *s)
{
    return s->state == WEFT_SEGMENT_RUNNING || (s->state == WEFT_SEGMENT_CANCELLING && !s->detail);
}

/* Below OPERATION_ARM: a segment in this enum weft_segment_state begins. */
enum operation_kind {
    OPERATION_ARM = WEFT_SEGMENT_STATES, /* a timeout opens */
    OPERATION_DISARM,                    /* … is left */
    OPERATION_DELIVER,                   /* a cancellation is delivered */
    OPERATION_CLEAR,                     /* … is taken back */
    OPERATION_MEET,                      /* something is heard of it: it is there */
    OPERATION_RUNS,                      /* it is seen to run: told when it was unknown */
    OPERATION_IS_READY,                  /* … to be ready, or to wait: the same */
    OPERATION_IS_WAITING,
    OPERATION_LOSS,
    OPERATION_DONE,
};

struct operation {
    gint64 time_ns;
    uint64_t other;
    uint32_t lane, site;
    uint16_t index; /* in its chunk: machine.h */
    uint16_t note;
    uint8_t what; /* enum operation_kind */
    uint8_t detail;
};

/* What a lane's fold must know besides its open segment. */
struct fold {
    uint8_t armed : 7;     /* timeouts open */
    uint8_t delivered : 1; /* a cancellation was delivered, and neither taken back nor ended */
};

enum folded { FOLD_NOTHING, FOLD_BEGIN, FOLD_END };

/* Folds one operation. `open` is the lane's open segment, NULL when it has none yet. FOLD_BEGIN:
 * *next begins. */
static inline enum folded fold(struct fold *f, const struct segment *open,
                               const struct operation *op, struct segment *next)
{
    *next = (struct segment){ .from_ns = op->time_ns,
                              .other = op->other,
                              .site = op->site,
                              .state = op->what,
                              .detail = op->detail,
                              .note = op->note };
    switch (op->what) {
    case WEFT_SEGMENT_READY: /* who woke it first counts; a running task is in no queue */
        if (open && !(op->note & NOTE_YIELD) &&
            (open->state == WEFT_SEGMENT_READY || segment_runs(open)))
            return FOLD_NOTHING;
        break;
    case WEFT_SEGMENT_WAITING:
        next->note |= f->armed ? NOTE_ARMED : 0;
        /* fallthrough */
    case WEFT_SEGMENT_RUNNING:
        if (f->delivered)
            next->state = WEFT_SEGMENT_CANCELLING;
        break;
    case OPERATION_ARM:
        f->armed += f->armed < INT8_MAX;
        return FOLD_NOTHING;
    case OPERATION_DISARM:
        f->armed -= f->armed > 0;
        return FOLD_NOTHING;
    case OPERATION_DELIVER:
        f->delivered = 1;
        if (!open || open->state != WEFT_SEGMENT_RUNNING)
            return FOLD_NOTHING;
        next->state = WEFT_SEGMENT_CANCELLING;
        return FOLD_BEGIN;
    case OPERATION_CLEAR:
        f->delivered = 0;
        if (!open || open->state != WEFT_SEGMENT_CANCELLING || !segment_runs(open))
            return FOLD_NOTHING;
        next->state = WEFT_SEGMENT_RUNNING;
        return FOLD_BEGIN;
    case OPERATION_RUNS:
        if (open && open->state != WEFT_SEGMENT_UNKNOWN)
            return FOLD_NOTHING;
        next->state = f->delivered ? WEFT_SEGMENT_CANCELLING : WEFT_SEGMENT_RUNNING;
        break;
    case OPERATION_IS_READY:
    case OPERATION_IS_WAITING:
        if (open && open->state != WEFT_SEGMENT_UNKNOWN)
            return FOLD_NOTHING;
        f->delivered = op->note == NOTE_DELIVERED;
        next->note = 0;
        next->state = op->what == OPERATION_IS_READY ? WEFT_SEGMENT_READY
                      : f->delivered                 ? WEFT_SEGMENT_CANCELLING
                                                     : WEFT_SEGMENT_WAITING;
        break;
    case OPERATION_MEET:
        if (open)
            return FOLD_NOTHING;
        next->state = WEFT_SEGMENT_UNKNOWN;
        break;
    case OPERATION_LOSS:
        *f = (struct fold){ 0 };
        if (!open)
            return FOLD_NOTHING;
        next->state = WEFT_SEGMENT_UNKNOWN;
        break;
    case OPERATION_DONE:
        return FOLD_END;
    }
    if (open && open->state == next->state && open->other == next->other &&
        open->detail == next->detail)
        return FOLD_NOTHING;
    return FOLD_BEGIN;
}

#endif
