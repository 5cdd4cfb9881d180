/* look.h: what the command says of a process that it looks at (tracer/model/look.h). */
#ifndef WEFT_CLI_LOOK_H
#define WEFT_CLI_LOOK_H

#include "tracer/model/look.h"

const struct weft_trace_source *look_source(const struct weft_look *look);
/* A program's own name and what follows it: without the directory that it lies in. g_free it. */
char *look_program_text(const char *program);

/* Since the process began; -1: it has ended. */
gint64 look_age_ns(const struct weft_look *look);

/* How it is in a word: "waiting", "held"; in *why a sentence about it, or NULL: g_free it. */
const char *look_word(const struct weft_look *look, char **why);

/* "3 tasks: 1 running, 2 waiting"; those that found no place in the tables are said. g_free it. */
char *look_counts_text(const struct weft_look *look);
/* "server (123), for 2 min: 3 tasks: …", or how it ended: what a look at it begins with. g_free it.
 */
char *look_head_text(const struct weft_look *look);

#endif
