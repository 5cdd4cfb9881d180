/* random_trace.h: a random but possible run, as a trace, and what its tasks did, by brute force. */
#ifndef TESTS_MODEL_RANDOM_TRACE_H
#define TESTS_MODEL_RANDOM_TRACE_H

#include "tracer/model/model.h"

struct true_segment {
    gint64 from_ns, to_ns;
    guint8 state, detail;
    uint64_t other;
};

struct random_trace {
    weft_trace *trace;
    guint n_tasks;
    GArray **tasks; /* per task, of struct true_segment */
    GArray *loop;   /* the loop lane's */
    gint64 end_ns;
};

struct random_options {
    guint32 seed;
    guint tasks, steps;
    guint chunk_slots; /* about how long a chunk is */
    guint losses;      /* about how many */
};

struct random_trace *random_trace_new(struct random_options options);
void random_trace_free(struct random_trace *random);

/* For g_test_add(): its data is a struct random_options; where tests are slow, fewer steps. */
struct random_model {
    struct random_trace *random;
    weft_model *model;
    GRand *rand;
};

void random_model_set_up(struct random_model *f, gconstpointer options);
void random_model_tear_down(struct random_model *f, gconstpointer options);

#endif
