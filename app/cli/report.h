/* report.h: what a report says, gathered from the model once, printed as text or as JSON.
 *
 *      model --report_gather()--> struct report --> report_print_text() | report_print_json() */
#ifndef WEFT_CLI_REPORT_H
#define WEFT_CLI_REPORT_H

#include "app/cli/spread.h"
#include "tracer/model/findings.h"

struct report_loop {
    guint64 id;
    char *name;
    guint64 iterations;
    gint64 busy_ns; /* tasks, callbacks and its own work: all but polling */
    gint64 poll_ns, unknown_ns, max_iteration_ns;
    gboolean
        recorded;   /* FALSE: its process only stood by, and how often it did what is not known */
    gboolean known; /* FALSE: nor what it did at the end */
};

struct report_task {
    guint64 id, parent; /* parent: 0 = none, or not known */
    char *name;
    const char *state;   /* at the trace's end: "running" … "done", "unknown" */
    const char *outcome; /* NULL: not done */
    gint64 created_ns, done_ns;
    gboolean born;     /* FALSE: it was there when the trace began, and created_ns is that */
    gboolean recorded; /* as its loop's */
    gint64 waiting_ns; /* the sum of its classes */
    guint32 site, resumes;
    struct weft_totals totals;
};

struct report_site { /* where tasks are created: what all of one place did together */
    guint32 site;    /* its id, 0 = not known */
    guint64 tasks, resumes;
    gint64 running_ns, ready_ns, waiting_ns, longest_slice_ns, first_ns;
    gboolean recorded; /* that of one of its tasks */
};

struct report {
    weft_model *model;
    weft_trace *trace;
    gboolean *recorded;                      /* by source: weft_model_recorded() */
    GArray *loops;                           /* struct report_loop, by first appearance */
    GArray *tasks;                           /* struct report_task, by first appearance */
    GArray *sites;                           /* struct report_site, most running time first */
    struct spread slices, ready, iterations; /* of all tasks and loops, ns */
    struct spread waits[WEFT_WAIT_CLASSES];
    guint findings[WEFT_SEVERITIES]; /* how many of each severity */
    GArray *only; /* ids of the tasks that it is about, sorted; NULL: all of them */
};

enum report_sort {                  /* what comes first */
                   REPORT_AS_FOUND, /* tasks by first appearance, sites by running time */
                   REPORT_BY_RUNNING,
                   REPORT_BY_READY,
                   REPORT_BY_WAITING,
                   REPORT_BY_SLICE,
                   REPORT_BY_RESUMES,
                   REPORT_BY_CREATED,
                   REPORT_BY_NAME,
};
#define REPORT_SORTS "running|ready|waiting|slice|resumes|created|name"

/* Takes `only`. */
void report_gather(struct report *report, weft_model *model, GArray *only);
void report_finish(struct report *report);

/* Sorts tasks and sites. A name is the task's, or the site's place; a site is as old as its first
 * task. */
void report_sort(struct report *report, enum report_sort by);

/* Fills the spreads, and the loops' max_iteration_ns, in one walk over all events. What a
 * loss cuts is left out. */
void report_measure(struct report *report);

/* At most `top` tasks and sites (0: all). */
void report_print_text(const struct report *report, guint64 top, gboolean colour);
void report_print_histograms(const struct report *report, gboolean colour);
void report_print_json(const struct report *report);

#endif
