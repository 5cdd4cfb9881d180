/* topsample.h: what `weft top` shows: a running program followed, and summed up once an interval.
 *
 *      live --poll--> trace --advance--> model: time per state and lane
 *                        \--> state: who waits for what       both --sample--> head, rows
 *
 * A share is of the time between two samples. A trace that has grown large is begun anew: top may
 * run for days. Thread: one. */
#ifndef WEFT_CLI_TOPSAMPLE_H
#define WEFT_CLI_TOPSAMPLE_H

#include "tracer/model/model.h"
#include "tracer/model/taskline.h"
#include "tracer/trace/live.h"

struct top_row {
    uint64_t id;
    char *name, *awaits, *where; /* NULL until they are needed: top_describe() */
    const char *state;
    double running, ready, waiting; /* 0 … 1 of the interval */
    double resumes;                 /* a second */
    gint64 for_ns;
};

enum top_order { TOP_RUNNING, TOP_READY, TOP_WAITING, TOP_NAME, TOP_SINCE };

struct top_sample {
    GArray *rows; /* of struct top_row: those that the filter lets through, in order */
    gint64 now_ns, interval_ns;   /* when it was taken, and how long after the one before */
    guint tasks;                  /* alive */
    double busy, polling;         /* of the loops' time */
    double iterations;            /* a second */
    guint ready;                  /* in the queues */
    guint64 lost;                 /* events */
    char *counts, *held, *circle; /* sentences; NULL: nobody holds a loop; there is no deadlock */
};

typedef struct top top;

/* Attaches: up to half a second. Errors: weft_live_attach()'s. */
top *top_new(guint64 pid, GError **error);
void top_free(top *t);

/* Reads what is new; call it often. FALSE: it had to begin anew and could not. */
gboolean top_poll(top *t);

/* What it does now, since the sample before. Owned by the top, valid until the next. */
const struct top_sample *top_take(top *t, enum top_order order, const char *filter);

/* Says of n rows of the sample, from `first` on, what their names are, what they await and where,
 * as it is now: of all tasks it would take long. */
void top_describe(top *t, guint first, guint n);

weft_model *top_model(const top *t);
const weft_live *top_live(const top *t);

/* Prints `count` samples as JSON, 0: until it ends. Returns the exit code. (top-json.c) */
int top_print_json(top *t, gint64 delay_ns, guint64 count);

#endif
