/* steps.h: a trace told step by step. A step is everything up to the next SUSPEND, TASK_DONE or
 * POLL_BEGIN; its headline is that change, what led to it are its other lines. */
#ifndef WEFT_LESSONS_STEPS_H
#define WEFT_LESSONS_STEPS_H

#include "tracer/model/model.h"

struct step_line {
    gint64 time_ns;
    char *text;
};
struct step {
    guint64 number; /* from 1 */
    gint64 from_ns, to_ns;
    struct step_line headline;
    GPtrArray *lines; /* of struct step_line *, by time */
};

/* FALSE: no more are wanted. */
typedef gboolean step_visitor(const struct step *step, gpointer data);

/* Tells the steps from the last one that has ended by from_ns on; from the first, if none has. */
void steps_tell(weft_model *model, gint64 from_ns, step_visitor *visit, gpointer data);

#endif
