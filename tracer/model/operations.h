/* operations.h: operations, jobs and spans from their submission to their end.
 *
 *   level 1   |     node: 16 blocks     | ...            node: earliest begin, latest end
 *   level 0   | block | block | block | ...  | ended: the last < 64, raw |      open: by id
 *
 * One that has ended is packed, in the order in which ends are told: some 20 bytes each. What goes
 * on is in a table. Thread: as series.h. */
#ifndef WEFT_MODEL_OPERATIONS_H
#define WEFT_MODEL_OPERATIONS_H

#include "tracer/model/tracks.h"
#include "tracer/trace/idtable.h"

struct open_operation { /* begins with its id, for the table */
    struct weft_operation at;
    gint64 seen_ns;   /* its last event */
    guint32 ring;     /* job: whose thread began with it */
    gboolean gone_on; /* a thread began with it */
};

struct operations_node {
    gint64 begin_ns, end_ns;
    guint32 at; /* blocks: their first byte */
};

enum { OPERATIONS_BLOCK = 64, OPERATIONS_LEVELS = 6 };

struct operations {
    struct weft_idtable open; /* of struct open_operation */
    struct weft_operation ended[OPERATIONS_BLOCK];
    guint n_ended;
    guint8 *bytes;
    guint n_bytes, room;
    GArray *levels[OPERATIONS_LEVELS]; /* of struct operations_node; [0]: the blocks */
};

void operations_init(struct operations *operations);
void operations_finish(struct operations *operations);
gsize operations_memory(const struct operations *operations);

/* The one of this id that is open, made when it is missing: seen first at t. Valid until the next
 * call. */
struct open_operation *operations_open(struct operations *operations, uint64_t id, gint64 t_ns);
/* It has ended: packs it, and forgets it. */
void operations_end(struct operations *operations, struct open_operation *operation);

static inline guint operations_blocks(const struct operations *o)
{
    return o->levels[0] ? o->levels[0]->len : 0;
}
/* The first block from `block` on with one in it that is under way between the two times;
 * operations_blocks() without one. */
guint operations_next(const struct operations *operations, guint block, gint64 from_ns,
                      gint64 to_ns);
void operations_get(const struct operations *operations, guint block,
                    struct weft_operation out[OPERATIONS_BLOCK]);

#endif
