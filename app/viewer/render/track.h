/* track.h: what locks, queues, threads and counters say of themselves. Inside render/ only.
 */
#ifndef WEFT_RENDER_TRACK_H
#define WEFT_RENDER_TRACK_H

#include "app/viewer/render/scene.h"

/* Names the row and finds its steps in the window; the word is the caller's. */
void weft_track_show(const struct weft_scene *scene, const struct weft_row *row,
                     struct weft_visible_row *visible);

/* The words of a step that is not merged as a ladder, longest first: "held by fetch-1 · 2 wait",
 * "held by fetch-1", "fetch-1". Empty where there is nothing to say. NULL-terminated; g_strfreev
 * it. */
char **weft_track_step_words(weft_model *model, weft_tracks *tracks, guint track,
                             const struct weft_track_step *step);

#endif
