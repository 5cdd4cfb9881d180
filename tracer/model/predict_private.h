/* predict_private.h: a question as it is made: predict.c finds it, predict_words.c says it. */
#ifndef WEFT_MODEL_PREDICT_PRIVATE_H
#define WEFT_MODEL_PREDICT_PRIVATE_H

#include "tracer/model/dispatch.h"
#include "tracer/model/predict.h"

struct asking {
    weft_model *model;
    const struct weft_dispatch *scene;
    enum weft_stake stake;
    uint64_t who;   /* the running task, or who ran last; 0: nobody */
    uint64_t other; /* who was created, woken, cancelled, is late; the gather that failed */
    gint64 due_ns;  /* WEFT_STAKE_BLOCKING: other's deadline */
    gint64 end_ns;  /* … and when the slice ends */
    GArray *others; /* of uint64_t: WEFT_STAKE_GATHER: members that go on; TIMERS: who is due */
    enum weft_next next; /* the answer */
    uint64_t task;       /* … of WEFT_NEXT_TASK */
    guint8 cause;        /* WEFT_STAKE_WAKER: why that one was woken */
};

/* Fills in said, question, reason and the choices' texts. */
void predict_say(const struct asking *asking, struct weft_prediction *prediction);

#endif
