/* fact.h: what a question's answer says of the trace, computed from it. A query is one of
 *
 *  count KIND [DETAIL] [of NAME] [by NAME] how many events; of whom, by whom
 *  order KIND [DETAIL]                     to which tasks it happens, by first time
 *  next EVENT after EVENT                  whom it happens to, next after the first
 *  who EVENT                               which tasks do it, by first time; or the loop
 *  whether EVENT [before EVENT]            it happens; before the other, if that does
 *  time from EVENT to EVENT                from the first such to the next such
 *  time polling                            of the loop, in all
 *  time STATE of NAME                      running, ready, waiting, cancelling: in all
 *  longest slice of NAME
 *  duration                                of the trace
 *  most tasks                              how many there were at once
 *
 * and then may say "in VARIANT", whose trace is asked then. EVENT is what count says. KIND and
 * DETAIL are those of weft dump; a name of several words stands between '"'. */
#ifndef WEFT_LESSONS_FACT_H
#define WEFT_LESSONS_FACT_H

#include "tracer/model/model.h"

enum fact_kind { FACT_COUNT, FACT_TIME, FACT_NAMES, FACT_TRUTH };

struct fact {
    enum fact_kind kind;
    gint64 number; /* ns, of a time */
    char *text;    /* "2", "1.00 s", "Task-1, hello, world", "the loop", "yes" */
};

/* The variant whose trace the query asks for, g_free it; NULL: the lesson's own. */
char *fact_variant(const char *query);

/* NULL, and fact_clear() it; or what is wrong with the query, g_free it: it makes no sense, or
 * names what the trace does not have. */
char *fact_compute(weft_model *model, const char *query, struct fact *fact);
void fact_clear(struct fact *fact);

/* Whether somebody who says `text` means the same: the number, or its word up to twelve; a time
 * that is right to a tenth of it (a plain number is seconds); the names in their order; "yes", "no"
 * or its first letter. */
gboolean fact_is(const struct fact *fact, const char *text);

#endif
