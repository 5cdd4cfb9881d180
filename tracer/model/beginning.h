/* beginning.h: lanes of a trace that begins with a STATE, amid its program's run.
 *
 *   STATE --> lanes of what was alive then, each with one segment     |  events of the first chunks
 *             since it was so: running, ready, waiting, polling       |  go on from there
 *
 * Such a segment belongs to no chunk: its place is CHUNK_BEGINNING, and it is made again from the
 * state, which the model keeps. The ring's first chunk follows it. */
#ifndef WEFT_MODEL_BEGINNING_H
#define WEFT_MODEL_BEGINNING_H

#include "tracer/model/lane.h"

#define CHUNK_BEGINNING G_MAXUINT32

/* Makes these lanes, once, before the first chunk; nothing for a trace that begins with its
 * program. */
void begin_lanes(weft_model *model);

/* Has the state at hand, for lanes that are there already; likewise. */
void begin_known(weft_model *model);

/* The operation that began the lane's first segment, when that is of the beginning. FALSE: it is
 * not. */
gboolean begin_lane(const weft_model *model, guint lane, struct operation *op);

#endif
