/* restore.h: a model from the SUMMARY of its trace, step by step, before the pass begins.
 *
 *   SUMMARY chunks of the file, else of its cache --a piece a step--> another model
 *   EVENTS chunks --checksums, some a step--> all unharmed?     --all there, all fits--> this one
 *
 * Thread: the one that advances. */
#ifndef WEFT_MODEL_RESTORE_H
#define WEFT_MODEL_RESTORE_H

#include "tracer/model/model_private.h"

struct restoring;

/* NULL: there is no summary of this trace. */
struct restoring *restoring_new(weft_model *model);
void restoring_free(struct restoring *r); /* NULL is fine */

/* One step. TRUE: there are more. At the end the model has what the summary says; or nothing, when
 * it cannot be believed. */
gboolean restoring_step(struct restoring *r);
double restoring_progress(const struct restoring *r);

#endif
