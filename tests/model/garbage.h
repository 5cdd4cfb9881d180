/* garbage.h: records that no program would emit, as a trace in memory. */
#ifndef TESTS_MODEL_GARBAGE_H
#define TESTS_MODEL_GARBAGE_H

#include "tracer/model/model.h"

/* 60 chunks of three rings, with losses. *end_ns: about where it ends. */
weft_trace *garbage_trace(GRand *rand, gint64 *end_ns);

/* Asks all there is to ask about a lane; the answers must not contradict each other. */
void ask_about_lane(weft_model *model, guint lane, GRand *rand);

#endif
