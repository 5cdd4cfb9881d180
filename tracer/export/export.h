/* export.h: a trace in other formats; one file per format (text.c, ...). */
#ifndef WEFT_EXPORT_EXPORT_H
#define WEFT_EXPORT_EXPORT_H

#include "tracer/model/model.h"

G_BEGIN_DECLS

/* The timeline as text, `columns` wide: a ruler, the loop's lane, a lane per task with its states
 * and words. UTF-8, no escapes: what weft_export_is_unsafe() is drawn as U+FFFD. Returns a new
 * string. */
char *weft_export_text(weft_model *model, gint64 from_ns, gint64 to_ns, guint columns);

/* What a table of a trace has rows of. */
enum weft_export_table { WEFT_EXPORT_TASKS, WEFT_EXPORT_SEGMENTS, WEFT_EXPORT_EVENTS };

/* A table as CSV (RFC 4180, with a line of titles) into `fd`: of what is in the range. Times are
 * nanoseconds. What weft_export_is_unsafe() is written as U+FFFD. FALSE: it could not be written,
 * and errno says why. */
gboolean weft_export_csv(weft_model *model, enum weft_export_table table, gint64 from_ns,
                         gint64 to_ns, int fd);

/* Everything as an SQLite database of the range: see weft-export(1) for its tables. The file is
 * whole or not there; one that was there is replaced. The error, a G_FILE_ERROR, says `path`. */
gboolean weft_export_sqlite(weft_model *model, gint64 from_ns, gint64 to_ns, const char *path,
                            GError **error);

/* Whether a character of a name must not reach a terminal as it is: it would move the cursor, or
 * have text read in another order than it is in. */
gboolean weft_export_is_unsafe(gunichar c);

G_END_DECLS

#endif
