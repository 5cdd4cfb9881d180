/* tasklist.h: the tasks of a moment: chosen, sorted, cut, and printed, as a table or as JSON. */
#ifndef WEFT_CLI_TASKLIST_H
#define WEFT_CLI_TASKLIST_H

#include "tracer/model/taskline.h"

struct tasklist {
    GPtrArray *tasks; /* of const struct weft_task_at *, in order; borrowed from the state */
    guint all;        /* how many there were before they were cut */
};

/* Of a comma-separated list ("waiting,ready"): a bit for each of WEFT_STATES. 0: `text` has a word
 * that is none, which *wrong is then; g_free it. */
guint tasklist_parse_states(const char *text, char **wrong);
/* All of them, for messages: "running, ready, …". */
extern const char *const tasklist_states;

/* How many tasks are in each state; and as text, "3 tasks: 1 running, 2 waiting": g_free it. */
void tasklist_count(const weft_state *state, guint64 counts[WEFT_STATES]);
char *tasklist_counts_text(const weft_state *state);

/* Those in one of `states` (bits), sorted by "state", "since" (longest first), "name" or
 * "created"; at most `top`, 0: all. */
struct tasklist tasklist_choose(const struct weft_moment *moment, guint states, const char *sort,
                                guint64 top);
void tasklist_clear(struct tasklist *list);

/* What it awaits, and until when: weft_moment_awaited() and its timeout. g_free it. */
char *tasklist_awaited(const struct weft_moment *moment, const struct weft_task_at *task);

/* `one_line`: what does not fit is cut, and each task stays on its line. */
void tasklist_print(const struct tasklist *list, const struct weft_moment *moment,
                    gboolean one_line, gboolean colour);

/* Opens an object and says all about the task; close it. Its keys: man weft-ps. */
void tasklist_open_json(GString *json, const struct weft_moment *moment,
                        const struct weft_task_at *task);
/* A whole object without a key: an array's. */
void tasklist_add_circle(GString *json, const struct weft_moment *moment,
                         const struct weft_waits_circle *circle);

#endif
