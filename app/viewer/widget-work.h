/* widget-work.h: a worker's answer to a widget that may be gone by then: it is not kept alive for
 * it, and a widget that was destroyed hears nothing. Thread: main. */
#ifndef WEFT_VIEWER_WIDGET_WORK_H
#define WEFT_VIEWER_WIDGET_WORK_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What the task's worker returned; the widget is alive. */
typedef void (*weft_widget_answer)(GtkWidget *widget, GTask *task);

/* Runs `work` in a worker thread, its source NULL, with this data, which the task frees; what it is
 * for being destroyed cancels it. */
void weft_widget_work(GtkWidget *widget, gpointer data, GDestroyNotify free_data,
                      GTaskThreadFunc work, weft_widget_answer answer);

G_END_DECLS

#endif
