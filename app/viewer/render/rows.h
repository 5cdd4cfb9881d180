/* rows.h: the row list of a scene, and what it is made from. Inside render/ and the session only.
 *
 *     weft_rows_new() --what is asked, copied--> weft_rows_make() --rows, by lane--> the scene's
 *                       \-- from the list before: names looked at, tracks found, crowds
 *
 * To make it takes as long as there are tasks: a worker may do so, while the scene draws the list
 * before.
 *
 * Thread: one at a time; nobody advances the model while it is made. */
#ifndef WEFT_RENDER_ROWS_H
#define WEFT_RENDER_ROWS_H

#include "app/viewer/render/matches.h"
#include "app/viewer/render/scene.h"
#include "tracer/model/crowd.h"

struct weft_row_track { /* a track that is worth a row */
    guint number;
    struct weft_track what;
};

struct weft_rows {
    /* What was asked. */
    weft_model *model;     /* borrowed */
    struct weft_view view; /* its sets and filter are the list's own; of the rest, what rows are
                              made from */
    guint n_lanes, n_tracks, generation;
    gint64 end_ns;
    gboolean find_tracks; /* `tracks` is not of now */
    /* What it is made from. */
    struct weft_matches *matches;
    GArray *tracks;         /* of struct weft_row_track: those worth a row; shared */
    weft_crowd *crowd;      /* by site: tasks that the filter looks for; else NULL */
    GPtrArray *crowd_names; /* of char *, by row of the crowd; shared, likewise */
    /* What came of it. */
    GArray *rows;      /* of struct weft_row */
    GHashTable *index; /* lane -> row + 1 */
    double height;     /* of all rows */
    gboolean by_range; /* they depend on the visible range, too: not everything fits */
    gint64 from_least, from_most, to_least, to_most; /* by_range: no task or track begins or ends
                                                        while it begins, and ends, within these */
};

/* What is asked of a view; generation: of its sets. Takes from the list before (NULL: none) what
 * serves again: that looks no name up any more. */
struct weft_rows *weft_rows_new(weft_model *model, const struct weft_view *view, guint generation,
                                struct weft_rows *before);
void weft_rows_free(struct weft_rows *rows); /* NULL is fine */
/* Makes the list. FALSE: it was cancelled, and is good for nothing. */
gboolean weft_rows_make(struct weft_rows *rows, GCancellable *cancellable);
/* Whether the list is what would be made now. */
gboolean weft_rows_current(const struct weft_rows *rows, const struct weft_view *view,
                           guint generation);

/* ---- rows-crowd.c ---- */

/* Groups the tasks (lanes, ascending) by where they were created, and names the groups. */
void weft_rows_find_crowds(struct weft_rows *rows, const GArray *lanes);
/* Appends the groups of a ring, and those of their tasks that are shown. */
void weft_rows_append_crowds(struct weft_rows *rows, guint32 ring, guint loop_row);

/* ---- scene-crowd.c ---- */

/* Names a group's row and finds its cells in the window: of `before`, until those of its own were
 * prepared once. */
void weft_rows_show_crowd(struct weft_scene *scene, const struct weft_row *row, weft_crowd *before,
                          struct weft_visible_row *visible);

#endif
