/* raster.h: a node as pixels, where no GPU draws. GSK's cairo renderer takes some 10,000
 * instructions for a plain box, however small; a dense timeline has thousands. Here a box is filled
 * at once, and only what else the node holds is drawn by GSK.
 *
 * A weft_raster keeps the room of its pictures: of the last, which is on the screen, and of the one
 * before, which the next is drawn into.
 *
 * Thread: the main one. */
#ifndef WEFT_RENDER_RASTER_H
#define WEFT_RENDER_RASTER_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

struct weft_raster;

struct weft_raster *weft_raster_new(void);
void weft_raster_free(struct weft_raster *raster); /* NULL is fine */
/* What looks like `node` from (0, 0) to (width, height), at `scale` device pixels a px, where
 * `node` is opaque. For the screen: it stays so until the next but one is drawn. */
GskRenderNode *weft_raster_draw(struct weft_raster *raster, GskRenderNode *node, int width,
                                int height, int scale);

G_END_DECLS

#endif
