/* crowd.h: very many tasks as a few rows: what share of a row's tasks did what, column by column.
 *
 *      row: "fetch x 9,812"    | running 2 %, ready 1 %, waiting for a timer 80 % | ... | ... |
 *
 *   weft_crowd_prepare():  lanes --added up--> cells of the range, and of as much on either side
 *   weft_crowd_cells():    those cells --------> columns
 *
 * To add up 100,000 lanes takes longer than a frame may: a worker thread does it, while the main
 * thread draws what was prepared before, wherever it is moved and zoomed to meanwhile.
 *
 * A lane's segments are added up exactly. Sixty-four of them that take less than a column count as
 * spread evenly over the time that they take; so do longer ones that would have to be decoded, once
 * enough were. The sums stay exact.
 *
 * Thread: prepare in one thread at a time, cells in any, also meanwhile; nobody advances the model.
 * The model's lock is held for moments only. */
#ifndef WEFT_MODEL_CROWD_H
#define WEFT_MODEL_CROWD_H

#include "tracer/model/model.h"
#include <gio/gio.h>

G_BEGIN_DECLS

enum weft_crowd_by {
    WEFT_CROWD_BY_ORDER,  /* of creation: as many in each row */
    WEFT_CROWD_BY_SITE,   /* where they were created, and in which ring */
    WEFT_CROWD_BY_PARENT, /* who created them */
};

struct weft_crowd_row {
    guint n_lanes;
    guint first_lane; /* the first of them by creation */
    guint32 site;     /* by site: theirs */
    guint parent;     /* by parent: theirs; G_MAXUINT32: none */
    gboolean others;  /* those of all groups that had no row left; by site: of its ring */
};

enum weft_crowd_state {
    WEFT_CROWD_RUNNING,
    WEFT_CROWD_READY,
    WEFT_CROWD_WAITING, /* + enum weft_wait_class. Where it is not added up segment by segment, all
                         * that wait or clean up count as the longest of them does: see below */
    WEFT_CROWD_CANCELLING = WEFT_CROWD_WAITING + WEFT_WAIT_CLASSES,
    WEFT_CROWD_UNKNOWN,
    WEFT_CROWD_STATES,
    /* Beside the states: of which share of what waits or cleans up only the longest is known; and
     * not even that: it counts as waiting for a task. */
    WEFT_CROWD_BY_LONGEST = WEFT_CROWD_STATES,
    WEFT_CROWD_OF_NO_KIND,
    WEFT_CROWD_SHARES
};

struct weft_crowd_cell { /* of the row's lanes, over the column; what is missing to 1 did not live
                          */
    float share[WEFT_CROWD_SHARES];
};

typedef struct weft_crowd weft_crowd;

/* Rows for n task lanes (NULL: all there are now), at most max_rows (≥ 1); by site one more for
 * each ring that would have none. Borrows the model. Lanes of other kinds count for nothing. */
weft_crowd *weft_crowd_new(weft_model *model, enum weft_crowd_by by, guint max_rows,
                           const guint *lanes, guint n);
weft_crowd *weft_crowd_ref(weft_crowd *crowd); /* in any thread */
void weft_crowd_unref(weft_crowd *crowd);      /* NULL is fine */

guint weft_crowd_n_rows(const weft_crowd *crowd);
const struct weft_crowd_row *weft_crowd_row(const weft_crowd *crowd, guint row);
/* A row's lanes, *n of them, ascending. Borrowed. */
const guint *weft_crowd_lanes(const weft_crowd *crowd, guint row, guint *n);
/* G_MAXUINT32: it is in none. */
guint weft_crowd_row_of(const weft_crowd *crowd, guint lane);

/* Adds up the lanes for `columns` (1 … 8,192) columns from from_ns to to_ns. FALSE: it was
 * cancelled, and what was prepared before stays. */
gboolean weft_crowd_prepare(weft_crowd *crowd, gint64 from_ns, gint64 to_ns, guint columns,
                            GCancellable *cancellable);

gboolean weft_crowd_prepared(weft_crowd *crowd); /* whether anything is */

/* Fills `cells`, columns of them, for one row from what is prepared: exactly when its columns are
 * those, or between those, that were prepared. FALSE: some of the range is not prepared, and its
 * cells are 0; or it is drawn at a coarser resolution than it is asked for; or the model has grown
 * since: prepare, and ask again. */
gboolean weft_crowd_cells(weft_crowd *crowd, guint row, gint64 from_ns, gint64 to_ns, guint columns,
                          struct weft_crowd_cell *cells);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_crowd, weft_crowd_unref)

G_END_DECLS

#endif
