/* canvas.c: see canvas.h. */
#include "app/viewer/dispatch/canvas.h"

#include "app/viewer/render/draw.h"

#include <adwaita.h>

enum {
    MOVE_MS = 180,
    PROJECTED_WIDTH = 800, /* that a projected drawing has at least, at text scale 1 */
};

struct _WeftDispatchCanvas {
    GtkWidget parent_instance;
    struct weft_render *render;
    struct weft_render *fitted; /* the same, smaller; NULL: that one fits */
    gboolean projected;
    double scale; /* that "fitted" was said of */
    guint saying;
    const struct weft_dispatch_view *view;
    uint64_t selected;
    GArray *hits; /* of struct weft_dispatch_hit: of the last frame */
    GArray *from; /* the same, of the one before tokens began to move */
    AdwAnimation *motion;
};
G_DEFINE_FINAL_TYPE(WeftDispatchCanvas, weft_dispatch_canvas, GTK_TYPE_WIDGET)

static guint picked_signal, fitted_signal;

static void snapshot(GtkWidget *widget, GtkSnapshot *into)
{
    WeftDispatchCanvas *canvas = WEFT_DISPATCH_CANVAS(widget);
    struct weft_dispatch_motion motion = { canvas->from, adw_animation_get_value(canvas->motion) };
    gboolean moves = weft_dispatch_canvas_moves(canvas);
    if (canvas->render && canvas->view)
        weft_dispatch_draw(canvas->fitted ? canvas->fitted : canvas->render, into, canvas->view,
                           gtk_widget_get_width(widget), gtk_widget_get_height(widget),
                           canvas->selected, moves ? &motion : NULL, canvas->hits);
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

/* ---- Its size, and that of its text ---- */

/* width < 0: at any. */
static double scale_at(const WeftDispatchCanvas *canvas, int width)
{
    double scale = canvas->render ? weft_render_scale(canvas->render) : 0;
    if (!canvas->projected)
        return scale;
    return MIN(scale, width < 0 ? 1 : MAX((double)width / PROJECTED_WIDTH, 0.5));
}

double weft_dispatch_canvas_scale(WeftDispatchCanvas *canvas)
{
    return gtk_widget_get_width(GTK_WIDGET(canvas)) > 0
               ? scale_at(canvas, gtk_widget_get_width(GTK_WIDGET(canvas)))
               : 0;
}

/* Later: who hears it may ask for another layout. */
static gboolean say_fitted(gpointer data)
{
    WeftDispatchCanvas *canvas = data;
    canvas->saying = 0;
    g_signal_emit(canvas, fitted_signal, 0);
    return G_SOURCE_REMOVE;
}

static void fit(WeftDispatchCanvas *canvas, int width)
{
    double scale = scale_at(canvas, width);
    g_clear_pointer(&canvas->fitted, weft_render_free);
    if (canvas->render && width > 0 && scale < weft_render_scale(canvas->render)) {
        canvas->fitted = weft_render_new(canvas->render->palette, canvas->render->context, scale);
        weft_render_project(canvas->fitted);
        weft_render_set_device_scale(canvas->fitted, canvas->render->device_scale);
    }
    if (width > 0 && scale > 0 && scale != canvas->scale && !canvas->saying)
        canvas->saying = g_idle_add_full(G_PRIORITY_HIGH_IDLE, say_fitted, canvas, NULL);
    canvas->scale = scale;
}

static void size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
    WeftDispatchCanvas *canvas = WEFT_DISPATCH_CANVAS(widget);
    if (scale_at(canvas, width) != canvas->scale)
        fit(canvas, width);
    (void)height, (void)baseline;
}

void weft_dispatch_canvas_project(WeftDispatchCanvas *canvas, gboolean project)
{
    canvas->projected = project;
    fit(canvas, gtk_widget_get_width(GTK_WIDGET(canvas)));
    gtk_widget_queue_resize(GTK_WIDGET(canvas));
}

static GtkSizeRequestMode get_request_mode(GtkWidget *widget)
{
    (void)widget;
    return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *least,
                    int *natural, int *least_baseline, int *natural_baseline)
{
    WeftDispatchCanvas *canvas = WEFT_DISPATCH_CANVAS(widget);
    double width = 0, height = 0;
    weft_dispatch_least_size(
        scale_at(canvas, orientation == GTK_ORIENTATION_HORIZONTAL ? -1 : for_size), &width,
        &height);
    *natural = (int)(orientation == GTK_ORIENTATION_HORIZONTAL ? width : height);
    /* A small window cuts words; lower than this, tokens would lie outside of their boxes. */
    *least = orientation == GTK_ORIENTATION_HORIZONTAL ? *natural / 2 : *natural * 5 / 8;
    *least_baseline = *natural_baseline = -1;
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
    gboolean other = render != canvas->render;
    canvas->render = render;
    if (other) {
        fit(canvas, gtk_widget_get_width(GTK_WIDGET(canvas)));
        gtk_widget_queue_resize(GTK_WIDGET(canvas));
    }
    if (view != canvas->view)
        adw_animation_reset(canvas->motion);
    canvas->view = view;
    canvas->selected = selected;
    gtk_accessible_update_property(GTK_ACCESSIBLE(canvas), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                   view ? view->plain : "", -1);
    gtk_widget_queue_draw(GTK_WIDGET(canvas));
}

static void dispose(GObject *object)
{
    g_clear_handle_id(&WEFT_DISPATCH_CANVAS(object)->saying, g_source_remove);
    adw_animation_reset(WEFT_DISPATCH_CANVAS(object)->motion);
    G_OBJECT_CLASS(weft_dispatch_canvas_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    WeftDispatchCanvas *canvas = WEFT_DISPATCH_CANVAS(object);
    weft_render_free(canvas->fitted);
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
    widget->get_request_mode = get_request_mode;
    widget->size_allocate = size_allocate;
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_IMG);
    picked_signal = g_signal_new("picked", WEFT_TYPE_DISPATCH_CANVAS, G_SIGNAL_RUN_FIRST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);
    fitted_signal = g_signal_new("fitted", WEFT_TYPE_DISPATCH_CANVAS, G_SIGNAL_RUN_FIRST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
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
