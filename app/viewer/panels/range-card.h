/* range-card.h: the marked range in numbers: how long, how busy its loops were, who ran most. */
#ifndef WEFT_VIEWER_RANGE_CARD_H
#define WEFT_VIEWER_RANGE_CARD_H

#include "app/viewer/session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFT_TYPE_RANGE_CARD weft_range_card_get_type()
G_DECLARE_FINAL_TYPE(WeftRangeCard, weft_range_card, WEFT, RANGE_CARD, GtkWidget)

/* Sums the session's marked range up; hides itself when none is marked. */
void weft_range_card_show(WeftRangeCard *card, WeftSession *session);

G_END_DECLS

#endif
