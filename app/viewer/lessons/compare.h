/* compare.h: the same program, differently: a lesson's variants below one another on one time axis,
 * stepped side by side: a step is the next one of any of them, and each says what it did last. A
 * window of its own. Thread: main; the traces are read in a worker. */
#ifndef WEFT_VIEWER_LESSONS_COMPARE_H
#define WEFT_VIEWER_LESSONS_COMPARE_H

#include "app/lessons/lesson.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define WEFT_TYPE_COMPARE weft_compare_get_type()
G_DECLARE_FINAL_TYPE(WeftCompare, weft_compare, WEFT, COMPARE, AdwWindow)

/* Shows them over the window. */
WeftCompare *weft_compare_show(GtkWindow *over, const struct lesson *lesson);

/* Where all of them are; -1: they are not read yet, or cannot be. */
gint64 weft_compare_moment(WeftCompare *compare);
/* What one of them did last, NULL: there is none of that place; for tests. */
const char *weft_compare_said(WeftCompare *compare, guint variant);

G_END_DECLS

#endif
