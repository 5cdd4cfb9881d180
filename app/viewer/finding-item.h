/* finding-item.h: a finding as lists hold it: a copy, which outlives the pass that found it. */
#ifndef WEFT_VIEWER_FINDING_ITEM_H
#define WEFT_VIEWER_FINDING_ITEM_H

#include "app/viewer/render/scene.h"
#include "tracer/model/findings.h"
#include <glib-object.h>

G_BEGIN_DECLS

#define WEFT_TYPE_FINDING_ITEM weft_finding_item_get_type()
G_DECLARE_FINAL_TYPE(WeftFindingItem, weft_finding_item, WEFT, FINDING_ITEM, GObject)

/* Copies it. Any thread. */
WeftFindingItem *weft_finding_item_new(const struct weft_finding *finding);

/* Borrowed until the next update. */
const struct weft_finding *weft_finding_item_get(WeftFindingItem *item);

/* Says what `newer` says, which is of the same key; emits "changed" when that is another. */
void weft_finding_item_update(WeftFindingItem *item, WeftFindingItem *newer);

/* The gravest first, then what still lasts, then in order of time. A GCompareFunc of arrays of
 * WeftFindingItem *. */
int weft_finding_item_order(gconstpointer a, gconstpointer b);

/* "201.3 ms to 601.4 ms", as the view counts time; g_free it. */
char *weft_finding_item_when(WeftFindingItem *item, const struct weft_view *view);
/* All of it as text: severity, rule, when, sentence, fix; g_free it. */
char *weft_finding_item_text(WeftFindingItem *item, const struct weft_view *view);

G_END_DECLS

#endif
