/* rows.h: the row list of a scene. Inside render/ only. */
#ifndef WEFT_RENDER_ROWS_H
#define WEFT_RENDER_ROWS_H

#include "app/viewer/render/scene.h"

/* Fills rows (of struct weft_row); returns their height. *by_range: they depend on the visible
 * range, too: not everything fits. */
double weft_rows_make(GArray *rows, weft_model *model, const struct weft_view *view,
                      gboolean *by_range);

#endif
