/* look.h: a process as its live tables show it just now, or as they were when it died: asks nothing
 * of it, so that one that is stuck is seen too. */
#ifndef WEFT_CLI_LOOK_H
#define WEFT_CLI_LOOK_H

#include "tracer/model/taskline.h"
#include "tracer/trace/live.h"

struct look {
    weft_live *live;
    struct weft_moment moment;
    gboolean ended; /* it is a black box */
};

/* Errors: as weft_live_look(). look_clear() it. */
gboolean look_at(guint64 pid, struct look *look, GError **error);
void look_clear(struct look *look);

const struct weft_trace_source *look_source(const struct look *look);
/* A program's own name and what follows it: without the directory that it lies in. g_free it. */
char *look_program_text(const char *program);

/* Since the process began; -1: it has ended. */
gint64 look_age_ns(const struct look *look);

/* How it is in a word: "waiting", "running", "held" (a loop has not polled for 100 ms or more),
 * "deadlock", "stopped", "paused", "dead"; in *why a sentence about it, or NULL: g_free it. */
const char *look_word(const struct look *look, char **why);

/* "3 tasks: 1 running, 2 waiting"; those that found no place in the tables are said. g_free it. */
char *look_counts_text(const struct look *look);
/* "server (123), for 2 min: 3 tasks: …", or how it ended: what a look at it begins with. g_free it.
 */
char *look_head_text(const struct look *look);

#endif
