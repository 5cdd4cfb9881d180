/* check.h: what `weft check` found, and in which words it says so.
 *
 *      findings --ignored?--> shown --fail-on?--> they fail --> exit code 1
 *                                |--> text | JSON | JUnit | SARIF */
#ifndef WEFT_CLI_CHECK_H
#define WEFT_CLI_CHECK_H

#include "app/cli/findings.h"

struct check {
    weft_model *model;
    weft_trace *trace;
    const struct weft_finding_rule *rules;
    guint n_rules;
    gboolean *ignored;         /* by rule */
    enum weft_severity *fails; /* by rule: one of this or a graver one fails the check */
    enum weft_severity least;  /* … of whatever rule. WEFT_SEVERITIES: none does */
    GPtrArray *shown;          /* of const struct weft_finding *, in order of time */
};

guint check_rule(const struct check *check, const struct weft_finding *finding); /* its index */
/* "1,000 events were lost: nothing is said of what they hide"; NULL: none were. g_free it. */
char *check_lost_text(const struct check *check);
char *check_since(const struct check *check, const struct weft_finding *finding); /* "12.2 ms" */
gboolean check_fails(const struct check *check, const struct weft_finding *finding);

void check_print_text(const struct check *check, gboolean colour);
void check_print_json(const struct check *check);
void check_print_junit(const struct check *check);
void check_print_sarif(const struct check *check);
/* All rules and thresholds. */
void check_print_rules(void);

#endif
