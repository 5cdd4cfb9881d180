/* widget-work.c: see widget-work.h. A task whose source is the widget would let go of it last,
 * maybe in the worker. */
#include "app/viewer/widget-work.h"

struct asking {
    GWeakRef widget;
    GCancellable *destroyed;
    weft_widget_answer answer;
};

static void answered(GObject *source, GAsyncResult *result, gpointer data)
{
    struct asking *asking = data;
    g_autoptr(GtkWidget) widget = g_weak_ref_get(&asking->widget);
    if (widget && !g_cancellable_is_cancelled(asking->destroyed))
        asking->answer(widget, G_TASK(result));
    g_weak_ref_clear(&asking->widget);
    g_object_unref(asking->destroyed);
    g_free(asking);
    (void)source;
}

static void destroyed(GtkWidget *widget, GCancellable *cancellable)
{
    g_cancellable_cancel(cancellable);
    (void)widget;
}

void weft_widget_work(GtkWidget *widget, gpointer data, GDestroyNotify free_data,
                      GTaskThreadFunc work, weft_widget_answer answer)
{
    struct asking *asking = g_new0(struct asking, 1);
    g_weak_ref_init(&asking->widget, widget);
    asking->destroyed = g_cancellable_new();
    asking->answer = answer;
    g_signal_connect_object(widget, "destroy", G_CALLBACK(destroyed), asking->destroyed, 0);
    g_autoptr(GTask) task = g_task_new(NULL, asking->destroyed, answered, asking);
    g_task_set_task_data(task, data, free_data);
    g_task_run_in_thread(task, work);
}
