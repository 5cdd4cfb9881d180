/* condition.h: what `weft record --when` waits for: parsed once, then asked of every event as it is
 * read.
 *
 *      CONDITION := TERM { "or" TERM }
 *      TERM      := ("slice" | "ready" | "wait" | "iteration") ">" DURATION
 *                 | ("tasks" | "lost") ">" NUMBER
 *                 | "error"
 *                 | "mark" "=" TEXT
 *                 | "counter" TEXT ">" NUMBER
 *                 | "finding" "=" ("hint" | "warning" | "error")
 *                 | RULE [ ">" (DURATION | NUMBER) ]     a finding's, of a list that is given
 *      DURATION  := DIGITS [ "." DIGITS ] ("ns" | "us" | "ms" | "s" | "m" | "h")
 *      TEXT      := WORD | '"' … '"' | "'" … "'"      in quotes, \ makes the next character plain
 *
 * A span of time holds as soon as it is long enough, also while it still lasts: a task that hangs
 * in its slice is found by weft_condition_now(). What stays true (tasks>1000) holds once, and again
 * after it was false. After a loss, what it hid is not guessed: spans begin anew. Findings are not
 * looked for here: who looks for them (watcher.h) asks which are meant.
 * Thread: one. */
#ifndef WEFT_TRACE_CONDITION_H
#define WEFT_TRACE_CONDITION_H

#include "tracer/trace/state.h"

G_BEGIN_DECLS

typedef struct weft_condition weft_condition;

/* What may be said of findings: their rules, and in what a rule's threshold is given. */
struct weft_condition_rule {
    const char *id;
    enum { WEFT_RULE_ALONE, WEFT_RULE_SPAN, WEFT_RULE_NUMBER } takes;
};

/* Any `size` bytes; NULL and an error that says what was expected at which column. `rules` ends
 * with one whose id is NULL; NULL: nobody looks for findings. */
weft_condition *weft_condition_parse(const char *text, gsize size,
                                     const struct weft_condition_rule *rules, GError **error);
void weft_condition_free(weft_condition *condition); /* NULL is fine */

/* The i-th term about findings; FALSE: there are no more. */
struct weft_condition_finding {
    const char *term;     /* as it was written; all borrowed */
    const char *rule;     /* NULL: any */
    const char *severity; /* that, or worse; NULL: any */
    gint64 limit;         /* of the rule's threshold: ns, or a number; -1: its own */
};
gboolean weft_condition_finding(const weft_condition *condition, guint i,
                                struct weft_condition_finding *finding);

/* How long a nanosecond is in ticks; before it is known, no span of time is long enough. */
void weft_condition_set_rate(weft_condition *condition, double ticks_per_ns);

/* Whether it must be told the program's strings, before the events that name them. */
gboolean weft_condition_needs_strings(const weft_condition *condition);
void weft_condition_string(weft_condition *condition, guint32 id, const char *text, gsize size);

/* When and why it held. */
struct weft_condition_hit {
    const char *term; /* as it was written; borrowed */
    uint64_t time;    /* ticks */
    uint64_t subject; /* the task, loop or counter; 0 = none */
    gint64 value;     /* ns, or a number */
    gboolean lasts;   /* the span was not over yet */
};

/* What is so when the recording begins amid a run, before any event: slices and waits that are open
 * have been since their time in `state` (ticks), also before the beginning. At `time`; returns and
 * *hit as below. */
guint weft_condition_begin(weft_condition *condition, const weft_state *state, uint64_t time,
                           struct weft_condition_hit *hit);

/* Each returns how often it held, and the first time in *hit (else untouched). Events: n slots of a
 * ring, in order. Now: all events of all rings before this tick were given. */
guint weft_condition_events(weft_condition *condition, guint32 ring,
                            const struct weft_record *records, guint n,
                            struct weft_condition_hit *hit);
guint weft_condition_loss(weft_condition *condition, guint32 ring, guint64 lost, uint64_t time,
                          struct weft_condition_hit *hit);
guint weft_condition_now(weft_condition *condition, uint64_t time, struct weft_condition_hit *hit);

/* "slice>100ms: task:0:17 ran for 132 ms". g_free it. */
char *weft_condition_describe(const struct weft_condition_hit *hit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_condition, weft_condition_free)

G_END_DECLS

#endif
