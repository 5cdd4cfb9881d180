/* inspector.h: the selected lane in words: its state, creation, totals, why it is not running, its
 * story, the source at the line, how long its slices are. */
#ifndef WEFT_VIEWER_INSPECTOR_H
#define WEFT_VIEWER_INSPECTOR_H

#include "app/viewer/render/render.h"
#include "app/viewer/session.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define WEFT_TYPE_INSPECTOR weft_inspector_get_type()
G_DECLARE_FINAL_TYPE(WeftInspector, weft_inspector, WEFT, INSPECTOR, AdwBin)

/* 1: text of the usual size. With a larger one name and state are one above the other. */
void weft_inspector_set_text_scale(WeftInspector *inspector, double scale);
/* What it says of why the selected task is not running, question and answer; NULL: nothing. g_free
 * it. */
char *weft_inspector_why(WeftInspector *inspector);
/* The render is borrowed: set another, or NULL, before it is freed. */
void weft_inspector_set(WeftInspector *inspector, WeftSession *session, struct weft_render *render);

G_END_DECLS

#endif
