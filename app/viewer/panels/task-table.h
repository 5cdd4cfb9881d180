/* task-table.h: all tasks as a table: sorted by any column, filtered; a row selected is the task
 * selected, a row activated is gone to in the timeline. */
#ifndef WEFT_VIEWER_TASK_TABLE_H
#define WEFT_VIEWER_TASK_TABLE_H

#include "app/viewer/render/render.h"
#include "app/viewer/session.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define WEFT_TYPE_TASK_TABLE weft_task_table_get_type()
G_DECLARE_FINAL_TYPE(WeftTaskTable, weft_task_table, WEFT, TASK_TABLE, AdwBin)

/* Columns are as wide as the text is large. */
void weft_task_table_set_text_scale(WeftTaskTable *table, double scale);
void weft_task_table_set(WeftTaskTable *table, WeftSession *session); /* NULL: none */
/* Borrowed, until it is given another: it draws the states' signs. */
void weft_task_table_set_render(WeftTaskTable *table, struct weft_render *render);
/* The keyboard's focus goes to its search. */
void weft_task_table_find(WeftTaskTable *table);

G_END_DECLS

#endif
