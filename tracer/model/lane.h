/* lane.h: the lanes while they are built: their records, and the pass's way of adding to them.
 *
 *   struct lane: | public record | tail | pyramid, or NULL |
 *   struct tail: | what the fold knows, where it begins | the open segment | those before, packed |
 *
 * The tail is a lane's last <= 64 segments. When a 65th begins, the 64 before it become a leaf of
 * the pyramid. Most lanes never get there: they are a record and a tail. When a lane is done its
 * last segment is packed too, and the tail shrinks to what it needs. The three lanes of a loop, few
 * but with most of the segments, have the whole tail unpacked.
 *
 * Thread: the one that advances. */
#ifndef WEFT_MODEL_LANE_H
#define WEFT_MODEL_LANE_H

#include "tracer/model/machine.h"
#include "tracer/model/pyramid.h"

/* A loop has three lanes, one after the other. */
enum { LANE_LOOP, LANE_ITERATIONS, LANE_READY, LANES_OF_LOOP };

struct tail {
    struct place place;     /* of the first segment */
    gint64 from_ns;         /* where that begins */
    uint64_t other;         /* the last one packed that was not 0 */
    guint16 used, capacity; /* of the packed bytes; the slack counts as room */
    guint8 n;               /* segments, the open one included */
    guint8 done;
    struct fold fold;
    guint8 raw;                /* a loop's lane: all n are in segments, none is packed */
    struct segment segments[]; /* the open one, unless done; the packed bytes follow */
};

struct lane {
    struct weft_lane pub;
    struct tail *tail;
    struct pyramid *pyramid;
};
_Static_assert(sizeof(struct lane) == 64, "a lane's record is a cache line");

/* The last segment, which still lasts; NULL: it has none, or is done. */
static inline struct segment *lane_open(const struct lane *lane)
{
    struct tail *tail = lane->tail;
    return tail->n && !tail->done ? &tail->segments[tail->raw ? tail->n - 1 : 0] : NULL;
}

/* Unpacks the tail. Returns how many. */
guint lane_raw(const struct lane *lane, struct segment raw[LEAF_SEGMENTS]);
/* Where segment i of those ends. */
gint64 lane_raw_end(const struct lane *lane, const struct segment *raw, guint i);

/* The lane of an entity on a ring, made when `create`; NO_LANE: it has none there. Of a loop: the
 * first of its three. Of a task: also where it is not among `only` (NULL: all are). */
uint32_t lanes_of_loop(weft_model *model, gboolean create, uint32_t ring, uint64_t id);
uint32_t lanes_of_task(weft_model *model, gboolean create, const uint32_t *only, uint32_t ring,
                       uint64_t id);
uint32_t lanes_of_handle(weft_model *model, gboolean create, uint32_t ring, uint64_t id,
                         uint32_t site);

/* One more lane, the last. Returns its number. */
uint32_t lanes_add(weft_model *model, guint8 kind, uint32_t ring, uint64_t id);

/* A loop whose birth was lost gets its true id. */
void lanes_loop_is(weft_model *model, uint32_t lane, uint64_t id);
/* What TASK_NEW says (seen), or somebody who has known it. */
void lanes_created(weft_model *model, uint32_t lane, uint64_t parent, uint32_t site, gboolean seen);

/* Folds an operation into its lane. `chunk` is where its record is. */
void lane_apply(weft_model *model, uint32_t chunk, const struct operation *op);

/* The ring's tasks that are unknown have ended: all that live were told of. But `except` was not,
 * yet: NO_LANE: none. */
void lanes_end_unknown(weft_model *model, uint32_t ring, gint64 time_ns, uint16_t index,
                       uint32_t except);

/* Fetches the tails of lanes that will soon be added to, all together. */
void lanes_fetch(const weft_model *model, const uint32_t *lanes, guint n);

/* Gives back the room that lanes do not need, when they will hardly grow any more: of so many at
 * most. TRUE: there are more. */
gboolean lanes_trim(weft_model *model, guint most);

/* The same for one lane. */
void lane_trim(struct lane *lane);
gsize lane_memory(const struct lane *lane); /* beside the record */

/* All of the tail but the open segment as bytes. Returns how many. And a tail from those: FALSE
 * when they are not its segments; *open: the open one, whose beginning they say. */
enum { TAIL_MAX = LEAF_SEGMENTS * PACKED_SEGMENT_MAX };
guint lane_packed(const struct lane *lane, guint8 bytes[TAIL_MAX + PACKED_SLACK]);
gboolean lane_restore(struct lane *lane, const struct tail *tail, const guint8 *bytes, guint size,
                      const struct segment *open);

/* Whether its segments are values. */
static inline gboolean lane_counts(const struct lane *lane)
{
    return lane->pub.kind == WEFT_LANE_ITERATIONS || lane->pub.kind == WEFT_LANE_READY;
}

/* What its ids are packed against: packed.h. */
static inline uint32_t lane_packing(const struct lane *lane)
{
    return lane_counts(lane) ? 0 : lane->pub.ring;
}

void lane_finish(struct lane *lane);

#endif
