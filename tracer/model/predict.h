/* predict.h: what comes next? Asked at places of a replay where many would say something else than
 * what the loop does, answered by what the trace says.
 *
 *      event that somebody misunderstands -> question, choices      (what is seen until here)
 *      the events after it                -> which one is right     (hidden until then)
 *      ready queue, deadlines             -> the reason
 *
 * Nothing is asked where the answer is not recorded: before a loss, and before the trace's end. Nor
 * whether an await of what is done already waits: it does not, and so leaves no event to ask at.
 *
 * Thread: that of the replay. */
#ifndef WEFT_MODEL_PREDICT_H
#define WEFT_MODEL_PREDICT_H

#include "tracer/model/replay.h"

G_BEGIN_DECLS

enum weft_stake {                      /* what is believed */
                  WEFT_STAKE_CREATE,   /* create_task runs the task */
                  WEFT_STAKE_WAKE,     /* release, set, put, set_result switch to who waited */
                  WEFT_STAKE_CANCEL,   /* cancel() ends the task there and then */
                  WEFT_STAKE_GATHER,   /* when one of a gather fails, the others stop */
                  WEFT_STAKE_QUEUE,    /* who became ready just now is next */
                  WEFT_STAKE_EMPTY,    /* without a ready task the loop ends, or spins */
                  WEFT_STAKE_WAKER,    /* who slept first is woken first */
                  WEFT_STAKE_TIMERS,   /* of two timers that are due, the later set comes later */
                  WEFT_STAKE_BLOCKING, /* a timer interrupts who holds the loop */
                  WEFT_STAKES,
};

enum weft_next { WEFT_NEXT_TASK, WEFT_NEXT_SAME, WEFT_NEXT_POLL };

struct weft_choice {
    enum weft_next next;
    uint64_t task; /* 0: WEFT_NEXT_POLL */
    char *text;    /* "tea", "egg goes on", "nothing: poll" */
};

enum { WEFT_CHOICES_MAX = 4 };

struct weft_prediction {
    enum weft_stake stake;
    struct weft_replay_place place;
    char *said;     /* what happened, without what follows: "Task-1 creates tea." */
    char *question; /* "What runs next?" */
    struct weft_choice choices[WEFT_CHOICES_MAX]; /* in no order that tells: by id */
    guint n, right;
    char *reason; /* from the queue: "tea is 2nd of 3 in the ready queue ..." */
};

/* Goes to the next place that a step leads to, or that asks, whichever comes first; stakes whose
 * bit (1 << stake) is in left_out are not asked. *asked: what is asked there, NULL: nothing; free
 * it with weft_prediction_free(). FALSE: there is no next place. */
gboolean weft_replay_step_to_question(weft_replay *replay, struct weft_replay_place from,
                                      guint left_out, struct weft_replay_place *found,
                                      struct weft_prediction **asked);
void weft_prediction_free(struct weft_prediction *prediction); /* NULL is fine */

G_END_DECLS

#endif
