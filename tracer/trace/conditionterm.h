/* conditionterm.h: what conditionparser.c makes and condition.c asks: the terms. */
#ifndef WEFT_TRACE_CONDITIONTERM_H
#define WEFT_TRACE_CONDITIONTERM_H

#include "tracer/trace/condition.h"

enum weft_term_kind { /* as in the table of conditionparser.c */
                      WEFT_TERM_SLICE,
                      WEFT_TERM_READY,
                      WEFT_TERM_WAIT,
                      WEFT_TERM_ITERATION,
                      WEFT_TERM_TASKS,
                      WEFT_TERM_LOST,
                      WEFT_TERM_ERROR,
                      WEFT_TERM_MARK,
                      WEFT_TERM_COUNTER,
                      WEFT_TERM_FINDING,
                      WEFT_TERM_RULE,
                      WEFT_TERMS
};

enum { WEFT_CONDITION_TERMS_MAX = 64 };

struct weft_term {
    enum weft_term_kind kind;
    char *text;           /* as it was written */
    gint64 limit;         /* ns, or a number; -1: none is given */
    uint64_t limit_ticks; /* of a span */
    char *name;           /* the mark's text, the counter's name; a severity, a rule's id */
    GHashTable *strings;  /* ids of strings that are `name`; mark, counter */
    GHashTable *counters; /* uint64_t ids of counters of that name */
    gboolean above;       /* it held last time: tasks, counter */
};

/* The terms, an array of struct weft_term; NULL and an error. */
GArray *weft_condition_parse_terms(const char *text, gsize size,
                                   const struct weft_condition_rule *rules, GError **error);

#endif
