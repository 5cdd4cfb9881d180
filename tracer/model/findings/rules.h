/* rules.h: all rules and their families: the one list. A rule is a row of WEFT_FINDING_RULES; the
 * code that looks for it is a family in a file of its own, named in WEFT_FINDING_FAMILIES
 * (engine.h says what a family is).
 *
 * To add a rule: its row here, its thresholds in findings.h, its family's file in meson.build. */
#ifndef WEFT_MODEL_FINDINGS_RULES_H
#define WEFT_MODEL_FINDINGS_RULES_H

/* X(NAME, id, gravest severity, meaning) */
#define WEFT_FINDING_RULES(X)                                                                      \
    X(BLOCKING_CALL, "blocking-call", WARNING,                                                     \
      "a task or a callback ran for long without letting the loop go on")                          \
    X(STARVED, "starved", WARNING, "a task was ready for long while others ran")                   \
    X(LATE_TIMER, "late-timer", WARNING,                                                           \
      "a timer fired long after its deadline, because the loop was held")                          \
    X(EVENTS_LOST, "events-lost", WARNING, "the trace has holes: events were lost")

/* The files that look: struct family NAME_family. */
#define WEFT_FINDING_FAMILIES(X)                                                                   \
    X(losses)                                                                                      \
    X(slices)

#define X(name, id, severity, meaning) RULE_##name,
enum rule { WEFT_FINDING_RULES(X) RULES };
#undef X

#endif
