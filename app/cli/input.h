/* input.h: the trace that a verb reads, opened and read through. */
#ifndef WEFT_CLI_INPUT_H
#define WEFT_CLI_INPUT_H

#include "app/cli/verb.h"
#include "tracer/model/model.h"

/* In the table of a verb that reads one trace: its operand. */
#define INPUT_OPERAND                                                                              \
    .min_operands = 1, .max_operands = 1, .missing = "which trace? FILE is missing"

/* Opens the trace file and makes the whole model. NULL when nothing can be read: that was said, and
 * *code is the exit code. A damaged file's whole part is read: the damage is said, and *code is
 * EXIT_INPUT, for after the work; else it is EXIT_DONE. weft_model_free() it. */
weft_model *input_open(const char *path, int *code);

/* What is wrong with the file of a model that was read through, a sentence with the place; NULL:
 * nothing is. g_free it. */
char *input_damage(const weft_model *model);

/* TRUE when an operand that may be a process or a file is a process: a number, unless there is a
 * file of this name. */
gboolean input_is_pid(const char *operand, guint64 *pid);
/* Says that it is none. Returns the exit code. */
int input_no_pid(const struct verb *verb, const char *operand);

#endif
