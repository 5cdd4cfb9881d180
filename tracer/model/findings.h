/* findings.h: what Weft says without being asked: deadlocks, calls that block the loop, failures
 * that nobody looked at.
 *
 *   trace --a pass of its own, behind the model's--> state --told of--> rules --> findings
 *                                                                        |
 *   now: what still lasts (a deadlock, a slice that runs) <--------------+
 *
 * A finding is a rule, one sentence that names tasks and sites, a way to mend it, and the range of
 * time that proves it. What is proved and what is guessed are told apart: a guess says "may". No
 * rule speaks of what a loss made unknown, and time for which a controller paused the loop counts
 * for nothing. Findings that are alike, by rule and by place in the program, are one: counted, with
 * the worst of them named.
 *
 * The same pass serves a file, a live trace and a recovered one; what was found does not depend on
 * how it was cut into steps. All times are nanoseconds since the trace's start.
 *
 * Thread: that which advances the model, or any while nobody advances it. */
#ifndef WEFT_MODEL_FINDINGS_H
#define WEFT_MODEL_FINDINGS_H

#include "tracer/model/model.h"

G_BEGIN_DECLS

/* ---- Rules ---- */

enum weft_severity {
    WEFT_SEVERITY_NONE,
    WEFT_SEVERITY_HINT,
    WEFT_SEVERITY_WARNING,
    WEFT_SEVERITY_ERROR,
    WEFT_SEVERITIES
};
/* "hint", "warning", "error"; "none". Static. */
const char *weft_severity_name(enum weft_severity severity);

struct weft_finding_rule {
    const char *id;              /* "blocking-call" */
    const char *meaning;         /* one line: when it speaks */
    enum weft_severity severity; /* the gravest that a finding of it has */
};
/* All there are, *n of them. Static. */
const struct weft_finding_rule *weft_finding_rules(guint *n);
/* NULL: there is none with this id. */
const struct weft_finding_rule *weft_finding_rule(const char *id);

/* ---- Thresholds ---- */

enum weft_threshold_unit {
    WEFT_THRESHOLD_NS,
    WEFT_THRESHOLD_COUNT,
    WEFT_THRESHOLD_PERCENT,
};

/* X(NAME, name, unit, default, meaning); names begin with their rule's id. */
#define WEFT_THRESHOLDS_OF_RULES(X)                                                                \
    X(BLOCKING_SLICE, "blocking-call.slice", NS, 100 * 1000000,                                    \
      "a slice as long as this is a warning")                                                      \
    X(BLOCKING_HINT, "blocking-call.hint", NS, 10 * 1000000, "a slice as long as this is a hint")  \
    X(STARVED_READY, "starved.ready", NS, 100 * 1000000, "ready for as long as this")              \
    X(LATE_TIMER, "late-timer.late", NS, 50 * 1000000, "fired as long as this after its deadline") \
    X(CANCEL_SLOW, "cancel-slow.took", NS, 1000 * 1000000, "ended as long as this after")          \
    X(STUCK_WAIT, "stuck.wait", NS, 1000 * 1000000, "waited in vain for as long as this")          \
    X(SELF_WAKE_WAKES, "self-wake.wakes", COUNT, 100, "woken as often as this")                    \
    X(SELF_WAKE_SHARE, "self-wake.share", PERCENT, 50, "more than this by itself")                 \
    X(SELF_WAKE_SLICE, "self-wake.slice", NS, 1000000, "ran for less than this each time")         \
    X(POOL_SATURATED, "pool-saturated.wait", NS, 100 * 1000000, "waited for as long as this")      \
    X(CONVOY_WAITERS, "lock-convoy.waiters", COUNT, 4, "wanted by as many as this at once")        \
    X(CONVOY_SHARE, "lock-convoy.share", PERCENT, 50, "for this part of the time")                 \
    X(CONVOY_WINDOW, "lock-convoy.window", NS, 100 * 1000000, "over as long as this")              \
    X(QUEUE_FULL_SHARE, "queue-full.share", PERCENT, 50, "waited for this part of its life")       \
    X(QUEUE_FULL_ITEMS, "queue-full.items", COUNT, 100, "as many items as this went through")      \
    X(QUEUE_EMPTY_SHARE, "queue-empty.share", PERCENT, 50, "waited for this part of its life")     \
    X(QUEUE_EMPTY_ITEMS, "queue-empty.items", COUNT, 100, "as many items as this went through")    \
    X(SERIAL_TASKS, "accidental-serial.tasks", COUNT, 3, "as many tasks as this in a row")         \
    X(SERIAL_IDLE, "accidental-serial.idle", PERCENT, 90, "the loop idle for this part of it")     \
    X(LEAK_TASKS, "task-leak.tasks", COUNT, 1000, "as many more than at half of the run")          \
    X(LEAK_RUN, "task-leak.run", NS, 1000 * 1000000, "once the run is as long as this")            \
    X(HERD_WOKEN, "thundering-herd.woken", COUNT, 8, "woke as many tasks as this at once")

#define X(name, text, unit, value, meaning) WEFT_THRESHOLD_##name,
enum weft_threshold_id { WEFT_THRESHOLDS_OF_RULES(X) WEFT_THRESHOLDS };
#undef X

struct weft_threshold {
    const char *name; /* "blocking-call.slice" */
    enum weft_threshold_unit unit;
    gint64 value; /* the default */
    const char *meaning;
};
/* All there are, by enum weft_threshold_id. Static. */
const struct weft_threshold *weft_thresholds(guint *n);

struct weft_threshold_set {
    gint64 values[WEFT_THRESHOLDS];
};
void weft_threshold_set_defaults(struct weft_threshold_set *set);

/* ---- Findings ---- */

struct weft_finding {
    const struct weft_finding_rule *rule;
    enum weft_severity severity;
    gboolean proved;    /* FALSE: its message says "may" */
    gboolean lasts;     /* it still holds at the end of what was read */
    char *key;          /* stable: the same whenever the same trace is read, live or not */
    char *message;      /* one plain sentence that names tasks and sites */
    char *fix;          /* what to do about it */
    uint64_t subject;   /* the task that it is about; 0: none */
    uint64_t *entities; /* all that it names and those that suffer from it; the subject first */
    guint n_entities;
    guint count;           /* how many like ones it stands for: 1 mostly */
    guint32 site;          /* where in the program; 0: unknown */
    gint64 from_ns, to_ns; /* the range that proves it, in the trace; of several, the worst one's */
    gint64 since_ns;       /* when it began: from_ns, or earlier, before the trace */
};

typedef struct weft_findings weft_findings;

/* Borrows the model. NULL: the defaults. */
weft_findings *weft_findings_new(weft_model *model, const struct weft_threshold_set *thresholds);
void weft_findings_free(weft_findings *findings); /* NULL is fine */

/* Goes on over at most max_chunks chunks (0: all) of those that the model went over; returns TRUE
 * while more are left. Call it after weft_model_advance(). What weft_findings_now() said before is
 * withdrawn when anything was read. */
gboolean weft_findings_advance(weft_findings *findings, guint max_chunks);

/* Judges what still lasts at now_ns (of a process that ended before, or was seen last: at its end):
 * a slice that runs, tasks that nothing wakes any more. Such findings come and go with each call;
 * their keys stay those of what is found once it is over. ended: nothing will follow. */
void weft_findings_now(weft_findings *findings, gint64 now_ns, gboolean ended);

/* In order of from_ns. Borrowed until the next call of advance or now. */
guint weft_findings_n(weft_findings *findings);
const struct weft_finding *weft_findings_get(weft_findings *findings, guint i);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_findings, weft_findings_free)

G_END_DECLS

#endif
