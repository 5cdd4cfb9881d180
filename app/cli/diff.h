/* diff.h: two runs of a program, side by side.
 *
 *      model A, model B --diff_match()--> rows: a site's tasks, or those of one name, in both
 *                            --diff_judge()--> changes that are significant --> text | JSON */
#ifndef WEFT_CLI_DIFF_H
#define WEFT_CLI_DIFF_H

#include "app/cli/findings.h"

enum { DIFF_A, DIFF_B, DIFF_RUNS };

enum diff_measure { /* of each task */
                    DIFF_RUNNING,
                    DIFF_READY,
                    DIFF_WAITING,
                    DIFF_SLICE, /* its longest */
                    DIFF_MEASURES
};

struct diff_side {                 /* what one run has of a row */
    guint64 tasks;                 /* 0: the run has none of them */
    guint32 line;                  /* of the site; 0: several, or not known */
    gint64 sums[DIFF_MEASURES];    /* of all tasks; of the longest slices the greatest */
    GArray *values[DIFF_MEASURES]; /* gint64, one for each task that is known from birth to end */
};

struct diff_row {
    char *name; /* of its tasks, "conn-#" when they differ in their numbers; NULL: none */
    const char *file, *function; /* NULL: not known. Borrowed from a trace */
    guint site;                  /* the row of its site: its own number, when it is one */
    struct diff_side sides[DIFF_RUNS];
};

enum diff_kind { /* what has changed */
                 DIFF_MORE,
                 DIFF_LESS,
                 DIFF_NEW,
                 DIFF_GONE,
};

struct diff_change {
    enum diff_kind kind;
    int measure; /* enum diff_measure; DIFF_MEASURES: how many tasks there are */
    const struct diff_row *row;
    guint quantile;        /* of the tasks' times: 50, 95; 0: their mean, or the longest slice */
    gint64 was, is;        /* ns of a typical task, or a number of tasks */
    guint64 of[DIFF_RUNS]; /* so many tasks were looked at */
    double p;              /* how likely it is by chance; -1: too few tasks to say */
};

struct diff {
    weft_model *models[DIFF_RUNS];
    GPtrArray *sites; /* of struct diff_row * */
    GPtrArray *tasks; /* … of those of one name and lineage, where a site has others too */
    GArray *changes;  /* of struct diff_change, the greatest first */
    weft_findings *findings[DIFF_RUNS];
    GPtrArray *only[DIFF_RUNS]; /* of const struct weft_finding *: warnings and errors of which the
                                   other run has none like it */
    gboolean part[DIFF_RUNS];   /* the trace does not hold all of its run: nor all its tasks */
    guint64 unknown;            /* tasks left out, since events of theirs were lost */
};

/* Fills all but the changes. The models must stay until diff_finish(). */
void diff_match(struct diff *diff, weft_model *a, weft_model *b);
void diff_finish(struct diff *diff);

/* Fills the changes: see weft-diff(1) for what is significant. */
struct diff_limits {
    double share;    /* a typical task must have changed by this part of what it was */
    gint64 least_ns; /* and all of them together by this much */
};
void diff_judge(struct diff *diff, const struct diff_limits *limits);

/* The chance that two samples like these come from one distribution (Mann-Whitney U, two-sided).
 * Sorts both. */
double diff_mann_whitney(GArray *a, GArray *b);
/* The chance that the slowest 5 % of both are so unevenly of one of them (binomial, two-sided).
 * Both are sorted. */
double diff_chance_of_tail(const GArray *a, const GArray *b);

/* At most `top` rows (0: all). */
void diff_print_text(const struct diff *diff, guint64 top, gboolean colour);
void diff_print_json(const struct diff *diff);

#endif
