/* oracle_text.h: a state, the model's or the oracle's, as text: a line a task, an object, a ring.
 */
#ifndef TESTS_MODEL_ORACLE_TEXT_H
#define TESTS_MODEL_ORACLE_TEXT_H

#include "tests/model/oracle.h"

/* g_free it. `trace`: whose names and sites the state has. */
char *state_text(const weft_state *state, const weft_trace *trace);
char *oracle_text(const struct oracle *oracle);

/* Whether it is a group or a semaphore; whether all its members or holders are known. */
gboolean has_parties(uint64_t id);
gboolean all_known(const struct weft_object_at *object, const struct oracle_parties *parties);

#endif
