/* machine.h: a ring's own state, and what each of its records means for the lanes.
 *
 *   record --machine_apply--> 0 ... OPERATIONS_MAX operations (segment.h)
 *
 * The state is small and copied at every chunk's beginning: from there a chunk can be run again
 * alone, which is how level 0 is decoded on demand (level0.c). The pass and the decoding run the
 * same code; only the pass creates lanes.
 *
 *   frames:  | main's slice | a child started eagerly |   innermost last; empty: the loop itself
 */
#ifndef WEFT_MODEL_MACHINE_H
#define WEFT_MODEL_MACHINE_H

#include "tracer/model/segment.h"

#define NO_LANE G_MAXUINT32

enum { FRAMES_MAX = 8, OPERATIONS_MAX = 8 };
#define READY_UNKNOWN G_MAXUINT32

struct frame { /* what runs: a task's slice, or a callback */
    uint64_t id;
    uint32_t site;
    uint8_t state, detail; /* of the loop lane's segment */
};

struct machine {
    gint64 last_ns; /* of the last record */
    uint32_t ring;
    uint32_t loop_lane; /* ITERATIONS and READY are the next two; NO_LANE: no loop seen yet */
    uint32_t ready;     /* length of the ready queue; READY_UNKNOWN after a loss */
    uint32_t ready_shown;
    uint64_t timer, op, op_object; /* the last timer set; the last operation and what it is on */
    uint16_t timer_plan;
    uint8_t depth, has_tasks;
    uint64_t untold; /* behind a SNAPSHOT: tasks that are to be told of yet; 0: none */
    struct frame frames[FRAMES_MAX];
    const uint32_t *only; /* level 0: a bit for each lane, of others nobody asks; NULL: of all */
};

static inline gboolean machine_wants(const uint32_t *only, uint32_t lane)
{
    return only[lane / 32] >> lane % 32 & 1;
}

void machine_init(struct machine *m, uint32_t ring);

/* Operations are numbered within their chunk: 0 a loss before it, 1 its beginning, 2 … its records,
 * then its end. */
enum { INDEX_LOSS, INDEX_BEGIN, INDEX_RECORDS };

/* A chunk begins. `lost`: slots are missing before it; then its current_task is all that is known.
 */
guint machine_begin_chunk(weft_model *model, struct machine *m, gboolean building, gboolean lost,
                          gint64 first_ns, uint64_t current_task,
                          struct operation out[OPERATIONS_MAX]);

/* One record; ext: NULL, when it has none. building: lanes may be created. Returns how many
 * operations. */
guint machine_apply(weft_model *model, struct machine *m, gboolean building,
                    const struct weft_record *record, const struct weft_record *ext, uint16_t index,
                    struct operation out[OPERATIONS_MAX]);

/* A chunk ends: what is pending comes out. */
guint machine_end_chunk(struct machine *m, uint16_t index, struct operation out[OPERATIONS_MAX]);

/* The ring's actor: the task that runs; else the loop. 0: unknown. */
uint64_t machine_actor(const weft_model *model, const struct machine *m);

#endif
