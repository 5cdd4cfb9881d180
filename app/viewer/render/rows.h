/* rows.h: the row list of a scene. Inside render/ only. */
#ifndef WEFT_RENDER_ROWS_H
#define WEFT_RENDER_ROWS_H

#include "app/viewer/render/matches.h"
#include "app/viewer/render/scene.h"

struct weft_row_track { /* a track that is worth a row */
    guint number;
    struct weft_track what;
};

/* Fills found (of struct weft_row_track). Looks at all tracks, which may be very many. */
void weft_rows_find_tracks(weft_tracks *tracks, GArray *found);

/* Fills rows (of struct weft_row) with what the filter of `matches` looks for; returns their
 * height. *by_range: they depend on the visible range, too: not everything fits. */
double weft_rows_make(GArray *rows, weft_model *model, const GArray *tracks,
                      struct weft_matches *matches, const struct weft_view *view,
                      gboolean *by_range);

#endif
