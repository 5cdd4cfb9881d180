/* state-sign.c: see state-sign.h. The word beside it says all: assistive technology is not told. */
#include "app/viewer/panels/state-sign.h"

struct _WeftStateSign {
    GtkWidget parent_instance;
    struct weft_render *render; /* borrowed */
    enum weft_task_is is;
    enum weft_wait_class wait;
};
G_DEFINE_FINAL_TYPE(WeftStateSign, weft_state_sign, GTK_TYPE_WIDGET)

void weft_state_sign_show(WeftStateSign *sign, struct weft_render *render, enum weft_task_is is,
                          enum weft_wait_class wait)
{
    if (sign->render == render && sign->is == is && sign->wait == wait)
        return;
    if (sign->render != render)
        gtk_widget_queue_resize(GTK_WIDGET(sign));
    sign->render = render;
    sign->is = is;
    sign->wait = wait;
    gtk_widget_queue_draw(GTK_WIDGET(sign));
}

static void snapshot(GtkWidget *widget, GtkSnapshot *into)
{
    static const guint8 states[WEFT_TASK_IS_END] = {
        [WEFT_TASK_IS_RUNNING] = WEFT_SEGMENT_RUNNING,
        [WEFT_TASK_IS_CANCELLING] = WEFT_SEGMENT_CANCELLING,
        [WEFT_TASK_IS_READY] = WEFT_SEGMENT_READY,
        [WEFT_TASK_IS_WAITING] = WEFT_SEGMENT_WAITING,
        [WEFT_TASK_IS_UNKNOWN] = WEFT_SEGMENT_UNKNOWN,
    };
    WeftStateSign *sign = WEFT_STATE_SIGN(widget);
    if (!sign->render || sign->is > WEFT_TASK_IS_UNKNOWN) /* it does nothing */
        return;
    int y = (gtk_widget_get_height(widget) - weft_render_sign_size(sign->render)) / 2;
    weft_render_sign(sign->render, into, states[sign->is], sign->wait, 0, y);
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
    WeftStateSign *sign = WEFT_STATE_SIGN(widget);
    *minimum = *natural = sign->render ? weft_render_sign_size(sign->render) : WEFT_METRIC_GLYPH;
    (void)orientation, (void)for_size, (void)minimum_baseline, (void)natural_baseline;
}

static void weft_state_sign_class_init(WeftStateSignClass *class)
{
    GTK_WIDGET_CLASS(class)->snapshot = snapshot;
    GTK_WIDGET_CLASS(class)->measure = measure;
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void weft_state_sign_init(WeftStateSign *sign)
{
    (void)sign;
}
