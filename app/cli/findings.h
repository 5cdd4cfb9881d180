/* findings.h: what was found in a whole trace, for the verbs that tell of it. */
#ifndef WEFT_CLI_FINDINGS_H
#define WEFT_CLI_FINDINGS_H

#include "tracer/model/findings.h"

/* All findings of a model that was read through, judged at its end. weft_findings_free() them.
 * NULL: the default thresholds. */
weft_findings *findings_of(weft_model *model, const struct weft_threshold_set *thresholds);

/* How many there are of each severity. */
void findings_count(weft_findings *findings, guint counts[WEFT_SEVERITIES]);
/* "1 error, 2 warnings, 5 hints"; NULL: none. g_free it. */
char *findings_describe(const guint counts[WEFT_SEVERITIES]);

/* What a finding has in common with those of the same fault in other runs: its rule, the function,
 * and the task's name without the numbers in it. g_free it. */
char *findings_likeness(const weft_model *model, const struct weft_finding *finding);

/* "conn-17" → "conn-#". g_free it. */
char *findings_plain_name(const char *name);

#endif
