/* export.h: a trace in other formats; one file per format (text.c, ...). */
#ifndef WEFT_EXPORT_EXPORT_H
#define WEFT_EXPORT_EXPORT_H

#include "tracer/model/model.h"

G_BEGIN_DECLS

/* The timeline as text, `columns` wide: a ruler, the loop's lane, a lane per task with its states
 * and words. UTF-8, no escapes: what weft_export_is_unsafe() is drawn as U+FFFD. Returns a new
 * string. */
char *weft_export_text(weft_model *model, gint64 from_ns, gint64 to_ns, guint columns);

/* Whether a character of a name must not reach a terminal as it is: it would move the cursor, or
 * have text read in another order than it is in. */
gboolean weft_export_is_unsafe(gunichar c);

G_END_DECLS

#endif
