/* canvas.c: see canvas.h. */
#include "app/viewer/dispatch/canvas.h"

#include <adwaita.h>

enum { MOVE_MS = 180 };

struct _WeftDispatchCanvas {
    GtkWidget parent_instance;
    struct weft_render *render;
    const struct weft_dispatch_view *view;
    uint64_t selected;
    GArray *hits; /* of struct weft_dispatch_hit: of the last frame */
    GArray *from; /* the same, of the one before tokens began to move */
    AdwAnimation *motion;
};
G_DEFINE_FINAL_TYPE(WeftDispatchCanvas, weft_dispatch_canvas, GTK_TYPE_WIDGET)

static guint picked_signal;

static void snapshot(GtkWidget *widget, GtkSnapshot *into)
{
    WeftDispatchCanvas *canvas = WEFT_DISPATCH_CANVAS(widget);
    struct weft_dispatch_motion motion = { canvas->from, adw_animation_get_value(canvas->motion) };
    gboolean moves = weft_dispatch_canvas_moves(canvas);
    if (canvas->render && canvas->view)
        weft_dispatch_draw(canvas->render, into, canvas->view, gtk_widget_get_width(widget),
                           gtk_widget_get_height(widget), canvas->selected, moves ? &motion : NULL,
                           canvas->hits);
}

gboolean weft_dispatch_canvas_moves(WeftDispatchCanvas *canvas)
{
    return adw_animation_get_state(canvas->motion) == ADW_ANIMATION_PLAYING;
}

void weft_dispatch_canvas_move(WeftDispatchCanvas *canvas)
{
    g_array_set_size(canvas->from, 0);
    g_array_append_vals(canvas->from, canvas->hits->data, canvas->hits->len);
    adw_animation_play(canvas->motion);
}

static void moved(double passed, gpointer canvas)
{
    gtk_widget_queue_draw(canvas);
    (void)passed;
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *least,
                    int *natural, int *least_baseline, int *natural_baseline)
{
    WeftDispatchCanvas *canvas = WEFT_DISPATCH_CANVAS(widget);
    double width = 0, height = 0;
    if (canvas->render)
        weft_dispatch_least_size(canvas->render, &width, &height);
    *natural = (int)(orientation == GTK_ORIENTATION_HORIZONTAL ? width : height);
    /* A small window cuts words; lower than this, tokens would lie outside of their boxes. */
    *least = orientation == GTK_ORIENTATION_HORIZONTAL ? *natural / 2 : *natural * 5 / 8;
    *least_baseline = *natural_baseline = -1;
    (void)for_size;
}

static void pressed(GtkGestureClick *click, int n, double x, double y, WeftDispatchCanvas *canvas)
{
    graphene_point_t at = GRAPHENE_POINT_INIT((float)x, (float)y);
    for (guint i = 0; i < canvas->hits->len; i++) {
        const struct weft_dispatch_hit *hit = &g_array_index(canvas->hits, struct weft_dispatch_hit,
                                                             i);
        if (graphene_rect_contains_point(&hit->box, &at)) {
            g_signal_emit(canvas, picked_signal, 0, (guint64)hit->id);
            return;
        }
    }
    (void)click, (void)n;
}

void weft_dispatch_canvas_set(WeftDispatchCanvas *canvas, struct weft_render *render,
                              const struct weft_dispatch_view *view, uint64_t selected)
{
    if (render != canvas->render)
        gtk_widget_queue_resize(GTK_WIDGET(canvas));
    if (view != canvas->view)
        adw_animation_reset(canvas->motion);
    canvas->render = render;
    canvas->view = view;
    canvas->selected = selected;
    gtk_accessible_update_property(GTK_ACCESSIBLE(canvas), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                   view ? view->plain : "", -1);
    gtk_widget_queue_draw(GTK_WIDGET(canvas));
}

static void dispose(GObject *object)
{
    adw_animation_reset(WEFT_DISPATCH_CANVAS(object)->motion);
    G_OBJECT_CLASS(weft_dispatch_canvas_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    WeftDispatchCanvas *canvas = WEFT_DISPATCH_CANVAS(object);
    g_object_unref(canvas->motion);
    g_array_unref(canvas->hits);
    g_array_unref(canvas->from);
    G_OBJECT_CLASS(weft_dispatch_canvas_parent_class)->finalize(object);
}

static void weft_dispatch_canvas_class_init(WeftDispatchCanvasClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    G_OBJECT_CLASS(class)->finalize = finalize;
    widget->snapshot = snapshot;
    widget->measure = measure;
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_IMG);
    picked_signal = g_signal_new("picked", WEFT_TYPE_DISPATCH_CANVAS, G_SIGNAL_RUN_FIRST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);
}

static void weft_dispatch_canvas_init(WeftDispatchCanvas *canvas)
{
    canvas->hits = g_array_new(FALSE, FALSE, sizeof(struct weft_dispatch_hit));
    canvas->from = g_array_new(FALSE, FALSE, sizeof(struct weft_dispatch_hit));
    canvas->motion = adw_timed_animation_new(
        GTK_WIDGET(canvas), 0, 1, MOVE_MS, adw_callback_animation_target_new(moved, canvas, NULL));
    gtk_widget_set_overflow(GTK_WIDGET(canvas), GTK_OVERFLOW_HIDDEN);
    gtk_accessible_update_property(GTK_ACCESSIBLE(canvas), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   "The loop", -1);
    GtkGesture *click = gtk_gesture_click_new();
    g_signal_connect(click, "pressed", G_CALLBACK(pressed), canvas);
    gtk_widget_add_controller(GTK_WIDGET(canvas), GTK_EVENT_CONTROLLER(click));
}
