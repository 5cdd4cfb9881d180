/* edges.h: the way of an edge through the window. Inside render/ only. */
#ifndef WEFT_RENDER_EDGES_H
#define WEFT_RENDER_EDGES_H

#include "app/viewer/render/draw.h"

struct weft_edge_path { /* px of the lanes area */
    double x0, y0, x1, y1;
    gboolean down;
    char chevron; /* an end lies outside, or in another's row: '<' '>' '^' 'v'; 0: both are seen */
    gboolean chevron_at_source;
    gboolean outside; /* both ends lie beyond the same side: nothing but a named chevron is drawn */
};

/* FALSE: an end has no lane here, or nothing of it is in the window. */
gboolean weft_edge_path(const struct weft_scene *scene, const struct weft_edge *edge,
                        struct weft_edge_path *path);
/* Its upright parts, of the lanes area. */
void weft_edge_uprights(const struct weft_edge_path *path, graphene_rect_t uprights[2]);
void weft_edge_draw(struct weft_render *render, GtkSnapshot *snapshot, const struct weft_edge *edge,
                    const struct weft_edge_path *path);
/* "fetch-1 wakes fetch-2", "‹ main creates fetch-1" when it lies outside. g_free it. */
char *weft_edge_words(const struct weft_scene *scene, const struct weft_edge *edge,
                      const struct weft_edge_path *path);

#endif
