/* rules.h: all rules and their families: the one list. A rule is a row of WEFT_FINDING_RULES; the
 * code that looks for it is a family in a file of its own, named in WEFT_FINDING_FAMILIES
 * (engine.h says what a family is).
 *
 * To add a rule: its row here, its thresholds in findings.h, its family's file in meson.build. */
#ifndef WEFT_MODEL_FINDINGS_RULES_H
#define WEFT_MODEL_FINDINGS_RULES_H

/* X(NAME, id, gravest severity, meaning) */
#define WEFT_FINDING_RULES(X)                                                                      \
    X(CRASHED, "crashed", ERROR, "a signal ended the program, or it ended with a failure")         \
    X(DEADLOCK, "deadlock", ERROR, "tasks wait for each other in a circle")                        \
    X(STUCK, "stuck", ERROR, "a task awaits what nothing live can bring about any more")           \
    X(EXCEPTION_NEVER_RETRIEVED, "exception-never-retrieved", ERROR,                               \
      "a failure that nobody looked at")                                                           \
    X(DESTROYED_PENDING, "destroyed-pending", ERROR,                                               \
      "a task was freed, or its loop closed, before it was done")                                  \
    X(NEVER_STARTED, "never-started", WARNING, "a task's loop closed before the task ever ran")    \
    X(BLOCKING_CALL, "blocking-call", WARNING,                                                     \
      "a task or a callback ran for long without letting the loop go on")                          \
    X(STARVED, "starved", WARNING, "a task was ready for long while others ran")                   \
    X(LATE_TIMER, "late-timer", WARNING,                                                           \
      "a timer fired long after its deadline, because the loop was held")                          \
    X(CANCEL_SWALLOWED, "cancel-swallowed", WARNING,                                               \
      "a task was cancelled and ended as if it had not been")                                      \
    X(CANCEL_SLOW, "cancel-slow", WARNING, "a task took long to end once it was cancelled")        \
    X(TIMEOUT_FIRED, "timeout-fired", HINT, "a timeout was over before what it was for")           \
    X(SELF_WAKE, "self-wake", WARNING,                                                             \
      "a task is woken mostly by itself: it asks instead of waiting")                              \
    X(POOL_SATURATED, "pool-saturated", WARNING,                                                   \
      "a job waited for long until a thread of the pool began it")                                 \
    X(LOCK_CONVOY, "lock-convoy", WARNING, "many tasks wait for a lock, much of the time")         \
    X(QUEUE_FULL, "queue-full", HINT,                                                              \
      "a queue's producers wait for its consumers most of the time")                               \
    X(QUEUE_EMPTY, "queue-empty", HINT,                                                            \
      "a queue's consumers wait for its producers most of the time")                               \
    X(ACCIDENTAL_SERIAL, "accidental-serial", HINT,                                                \
      "tasks were awaited one after the other while the loop was idle")                            \
    X(ORPHANED_WORK, "orphaned-work", WARNING,                                                     \
      "a gather or wait returned, and a task of it went on that nobody awaited")                   \
    X(TASK_LEAK, "task-leak", WARNING, "ever more tasks of one place in the program live")         \
    X(THUNDERING_HERD, "thundering-herd", WARNING,                                                 \
      "many tasks were woken at once, and all but one waited again for the same")                  \
    X(EVENTS_LOST, "events-lost", WARNING, "the trace has holes: events were lost")

/* The files that look: struct family NAME_family. */
#define WEFT_FINDING_FAMILIES(X)                                                                   \
    X(cancels)                                                                                     \
    X(convoy)                                                                                      \
    X(crashes)                                                                                     \
    X(deadlocks)                                                                                   \
    X(ends)                                                                                        \
    X(herd)                                                                                        \
    X(leaks)                                                                                       \
    X(losses)                                                                                      \
    X(orphans)                                                                                     \
    X(pool)                                                                                        \
    X(queues)                                                                                      \
    X(selfwake)                                                                                    \
    X(serial)                                                                                      \
    X(slices)                                                                                      \
    X(stuck)

#define X(name, id, severity, meaning) RULE_##name,
enum rule { WEFT_FINDING_RULES(X) RULES };
#undef X

#endif
