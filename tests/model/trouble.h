/* trouble.h: traces with a fault in them, written by hand, and what Weft finds there. */
#ifndef TESTS_MODEL_TROUBLE_H
#define TESTS_MODEL_TROUBLE_H

#include "tests/model/script.h"
#include "tracer/model/findings.h"

#define MS(x) ((gint64)((x)*1000000.0))

/* Records of the usual kinds, at times in milliseconds. Sites are lines of app.c. */
void make_task(struct script *s, double ms, unsigned task, const char *name); /* ready, by main */
void resume(struct script *s, double ms, unsigned task);
void suspend(struct script *s, double ms, unsigned task, unsigned kind, uint64_t what, guint line);
void wake(struct script *s, double ms, unsigned task, unsigned cause, uint64_t by);
void done(struct script *s, double ms, unsigned task, unsigned outcome);
void poll(struct script *s, double from, double to);
void poll_for_ever(struct script *s, double ms);
void iterate(struct script *s, double ms, unsigned number, unsigned ready);
void make_object(struct script *s, double ms, uint64_t id, const char *name, guint capacity);
void use(struct script *s, double ms, uint64_t resource, unsigned op, gint64 value);

/* What is said of Ada and Bob, who each want what the other has: LOCK(1), the fork, and LOCK(2),
 * the knife. */
#define LOCKED_UP                                                                                  \
    "Ada and Bob wait for each other: Ada for lock knife, which Bob holds; Bob for lock fork, "    \
    "which Ada holds"
#define LOCK(n) weft_id(WEFT_ENTITY_LOCK, 0, n)
void lay_table(struct script *s); /* Ada, Task-2, has the fork, Bob the knife; main waits, too */
void want_both(struct script *s); /* each wants the other's */

/* What a test writes: a loop that opens at 0 with main (Task-1) in its first slice is there. */
typedef void write_trouble(struct script *s);

/* Whether the findings of what it writes, judged at `now_ms` (less than 0: at its end), are as
 * `expected`: lines "id severity[, lasts][, may]: message". The same, with the same keys, however
 * the trace is cut and read: at once; record by record, judged after each; as a live one grows. */
void assert_findings_at(write_trouble *write, double now_ms, gboolean ended, const char *expected);
#define assert_findings(write, expected) assert_findings_at(write, -1, FALSE, expected)

#endif
