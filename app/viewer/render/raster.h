/* raster.h: a node as pixels, where no GPU draws. GSK's cairo renderer takes some 10,000
 * instructions for a plain box, however small; a dense lane has hundreds. Here a box is filled at
 * once, and only what else the node holds is drawn by GSK.
 *
 * Thread: the main one. */
#ifndef WEFT_RENDER_RASTER_H
#define WEFT_RENDER_RASTER_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What looks like `node` between 0 and `width` px, at `scale` device pixels a px: pixels, where
 * it holds so many boxes that they are cheaper; else a reference to itself. NULL stays NULL. */
GskRenderNode *weft_raster(GskRenderNode *node, int width, int scale);
/* The same between `top` and `height` px below it, as pixels in any case. */
GskRenderNode *weft_raster_all(GskRenderNode *node, int top, int width, int height, int scale);

G_END_DECLS

#endif
