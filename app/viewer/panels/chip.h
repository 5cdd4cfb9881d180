/* chip.h: a state in a word on a tint of its colour, with its kind's glyph. */
#ifndef WEFT_VIEWER_CHIP_H
#define WEFT_VIEWER_CHIP_H

#include "app/viewer/render/render.h"

G_BEGIN_DECLS

#define WEFT_TYPE_CHIP weft_chip_get_type()
G_DECLARE_FINAL_TYPE(WeftChip, weft_chip, WEFT, CHIP, GtkWidget)

/* wait: the glyph's kind; WEFT_WAIT_CLASSES: no glyph. The render is borrowed. */
void weft_chip_show(WeftChip *chip, struct weft_render *render, const char *text,
                    enum weft_role role, enum weft_wait_class wait);

G_END_DECLS

#endif
