/* strip.h: the timeline of a small trace, all of it, on a time axis that is given: lanes with their
 * names, and a playhead. Thread: main. */
#ifndef WEFT_VIEWER_LESSONS_STRIP_H
#define WEFT_VIEWER_LESSONS_STRIP_H

#include "tracer/model/model.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFT_TYPE_STRIP weft_strip_get_type()
G_DECLARE_FINAL_TYPE(WeftStrip, weft_strip, WEFT, STRIP, GtkWidget)

/* From 0 to end_ns. The model is borrowed, its pass is done: weft_strip_forget() it before it is
 * freed. */
WeftStrip *weft_strip_new(weft_model *model, const char *name, gint64 end_ns);
void weft_strip_set_playhead(WeftStrip *strip, gint64 t_ns);
void weft_strip_forget(WeftStrip *strip);

G_END_DECLS

#endif
