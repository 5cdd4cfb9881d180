/* svg.h: a drawn picture as SVG whose words are words.
 *
 * cairo writes every shape, but words as outlines: so the words are left out of what it draws, and
 * follow as <text> elements, of the same font, size, colour and length, in their places. */
#ifndef WEFT_VIEWER_SVG_H
#define WEFT_VIEWER_SVG_H

#include "app/viewer/render/render.h"

G_BEGIN_DECLS

/* Appends the whole file to bytes. The words are those that render drew, which must not have begun
 * another frame since. */
cairo_status_t weft_svg_write(GskRenderNode *node, const struct weft_render *render, double width,
                              double height, GByteArray *bytes);

G_END_DECLS

#endif
