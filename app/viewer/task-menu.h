/* task-menu.h: what may be done with a task, as a menu where it is shown: on its lane, its name,
 * its row in the table. Its actions are the tab's, about the task that is selected; of a live
 * program's task, Cancel is among them.
 *
 *      secondary button --> the widget selects what is there --> the menu, at the pointer
 *      Menu, Shift+F10  --> what has the focus in it         --> the menu, where that is
 */
#ifndef WEFT_VIEWER_TASK_MENU_H
#define WEFT_VIEWER_TASK_MENU_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Selects what is at (x, y) of the widget; (-1, -1): it was asked for by a key, and may say where
 * its menu is to be, or leave that: in the widget's middle. FALSE: there is nothing to show a menu
 * of. */
typedef gboolean weft_task_menu_select(GtkWidget *widget, double *x, double *y, gpointer data);

/* Gives the widget the menu; select NULL: it shows what is selected. */
void weft_task_menu_add(GtkWidget *widget, weft_task_menu_select *select, gpointer data);

G_END_DECLS

#endif
