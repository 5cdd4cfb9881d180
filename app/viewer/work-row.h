/* work-row.h: says of work that takes long what is done and how far it is, with a button that gives
 * it up: signal "cancelled". It is not seen before the work has lasted for half a second.
 *
 * Thread: main. */
#ifndef WEFT_VIEWER_WORK_ROW_H
#define WEFT_VIEWER_WORK_ROW_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFT_TYPE_WORK_ROW weft_work_row_get_type()
G_DECLARE_FINAL_TYPE(WeftWorkRow, weft_work_row, WEFT, WORK_ROW, GtkBox)

/* what: "Opening fetch.weft". */
WeftWorkRow *weft_work_row_new(const char *what);
/* 0 … 1; until it is told, the bar only moves. */
void weft_work_row_set(WeftWorkRow *row, double fraction);
/* The work is over: takes the row out of the box that it is in. NULL is fine. */
void weft_work_row_end(WeftWorkRow *row);

G_END_DECLS

#endif
