/* lane.h: the lanes while they are built: their records, and the pass's way of adding to them.
 *
 *   struct lane: | public record | raw -> the last <= 64 segments, open one included | pyramid, or
 * NULL |
 *
 * When a 65th segment begins, the 64 before it become a leaf of the pyramid. Most lanes never get
 * there: they are a record and a few segments.
 *
 * Thread: the one that advances. */
#ifndef WEFT_MODEL_LANE_H
#define WEFT_MODEL_LANE_H

#include "tracer/model/machine.h"
#include "tracer/model/pyramid.h"

/* A loop has three lanes, one after the other. */
enum { LANE_LOOP, LANE_ITERATIONS, LANE_READY, LANES_OF_LOOP };

struct lane {
    struct weft_lane pub;
    struct segment *raw; /* the last one is open unless done */
    struct pyramid *pyramid;
    struct place place; /* of raw[0] */
    struct fold fold;
    guint8 n, capacity; /* of raw */
    guint8 done;
};
_Static_assert(sizeof(struct lane) <= 80, "a lane's record stays small");

/* The lane of an entity on a ring, made when `create`; NO_LANE: it has none there. Of a loop: the
 * first of its three. */
uint32_t lanes_of_loop(weft_model *model, gboolean create, uint32_t ring, uint64_t id);
uint32_t lanes_of_task(weft_model *model, gboolean create, uint32_t ring, uint64_t id);
uint32_t lanes_of_handle(weft_model *model, gboolean create, uint32_t ring, uint64_t id,
                         uint32_t site);

/* One more lane, the last. Returns its number. */
uint32_t lanes_add(weft_model *model, guint8 kind, uint32_t ring, uint64_t id);

/* A loop whose birth was lost gets its true id. */
void lanes_loop_is(weft_model *model, uint32_t lane, uint64_t id);
/* What TASK_NEW says. */
void lanes_created(weft_model *model, uint32_t lane, uint64_t parent, uint32_t site);

/* Folds an operation into its lane. `chunk` is where its record is. */
void lane_apply(weft_model *model, uint32_t chunk, const struct operation *op);

/* Where the lane's segment i of the raw ones ends. */
gint64 lane_raw_end(const struct lane *lane, guint i);

/* Room for n raw segments, at most 64. */
void lane_reserve(struct lane *lane, guint n);

/* Gives back the room that lanes do not need, when they will hardly grow any more. */
void lanes_trim(weft_model *model);

/* Whether its segments are values. */
static inline gboolean lane_counts(const struct lane *lane)
{
    return lane->pub.kind == WEFT_LANE_ITERATIONS || lane->pub.kind == WEFT_LANE_READY;
}

void lane_finish(struct lane *lane);

#endif
