/* strip.c: see strip.h. A picture of the timeline's (app/viewer/render) in a widget. */
#include "app/viewer/lessons/strip.h"

#include "app/viewer/render/render.h"
#include <adwaita.h>

enum { NAMES = 160, HEIGHT_MOST = 300 };

struct _WeftStrip {
    GtkWidget parent_instance;
    struct weft_scene *scene; /* NULL: forgotten */
    struct weft_view view;
    struct weft_render *render;
    gint64 end_ns;
};
G_DEFINE_FINAL_TYPE(WeftStrip, weft_strip, GTK_TYPE_WIDGET)

static void build(WeftStrip *strip, int width, int height)
{
    strip->view.viewport.width = MAX(width - NAMES, 1);
    strip->view.viewport.height = MAX(height, 1);
    weft_viewport_show(&strip->view.viewport, -strip->end_ns / 100,
                       strip->end_ns + strip->end_ns / 10); /* room for the last words */
    weft_scene_build(strip->scene, &strip->view);
}

static void snapshot(GtkWidget *widget, GtkSnapshot *into)
{
    WeftStrip *strip = WEFT_STRIP(widget);
    int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
    if (!strip->scene || width <= NAMES || height <= 0)
        return;
    build(strip, width, height);
    double ruler = weft_render_ruler_height(strip->render);
    weft_render_begin(strip->render, strip->scene);
    gtk_snapshot_save(into);
    gtk_snapshot_translate(into, &GRAPHENE_POINT_INIT(NAMES, 0));
    weft_render_ruler(strip->render, into, strip->scene);
    gtk_snapshot_translate(into, &GRAPHENE_POINT_INIT(0, (float)ruler));
    weft_render_lanes(strip->render, into, strip->scene);
    weft_render_overlay(strip->render, into, strip->scene);
    gtk_snapshot_restore(into);
    gtk_snapshot_save(into);
    gtk_snapshot_translate(into, &GRAPHENE_POINT_INIT(0, (float)ruler));
    weft_render_names(strip->render, into, strip->scene, NAMES);
    gtk_snapshot_restore(into);
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *least,
                    int *natural, int *least_baseline, int *natural_baseline)
{
    WeftStrip *strip = WEFT_STRIP(widget);
    *least = *natural = 400;
    if (orientation == GTK_ORIENTATION_VERTICAL && strip->scene) {
        build(strip, 1000, HEIGHT_MOST);
        *least = *natural = (int)(MIN(strip->scene->content_height, HEIGHT_MOST) +
                                  weft_render_ruler_height(strip->render));
    }
    *least_baseline = *natural_baseline = -1;
    (void)for_size;
}

static void restyle(WeftStrip *strip)
{
    AdwStyleManager *style = adw_style_manager_get_default();
    const struct weft_palette *palette = weft_palette_for(
        adw_style_manager_get_dark(style), adw_style_manager_get_high_contrast(style));
    weft_render_free(strip->render);
    strip->render = weft_render_new(palette, gtk_widget_get_pango_context(GTK_WIDGET(strip)), 1);
    weft_render_set_device_scale(strip->render, gtk_widget_get_scale_factor(GTK_WIDGET(strip)));
    gtk_widget_queue_draw(GTK_WIDGET(strip));
}

void weft_strip_set_playhead(WeftStrip *strip, gint64 t_ns)
{
    strip->view.playhead_ns = t_ns;
    gtk_widget_queue_draw(GTK_WIDGET(strip));
}

void weft_strip_forget(WeftStrip *strip)
{
    g_clear_pointer(&strip->scene, weft_scene_free);
}

WeftStrip *weft_strip_new(weft_model *model, const char *name, gint64 end_ns)
{
    WeftStrip *strip = g_object_new(WEFT_TYPE_STRIP, NULL);
    strip->scene = weft_scene_new(model);
    strip->end_ns = MAX(end_ns, 1);
    gtk_accessible_update_property(GTK_ACCESSIBLE(strip), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    return strip;
}

static void finalize(GObject *object)
{
    weft_strip_forget(WEFT_STRIP(object));
    weft_render_free(WEFT_STRIP(object)->render);
    G_OBJECT_CLASS(weft_strip_parent_class)->finalize(object);
}

static void weft_strip_class_init(WeftStripClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->finalize = finalize;
    widget->snapshot = snapshot;
    widget->measure = measure;
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_IMG);
}

static void weft_strip_init(WeftStrip *strip)
{
    weft_view_init(&strip->view);
    strip->view.max_chunks = 0;
    gtk_widget_set_overflow(GTK_WIDGET(strip), GTK_OVERFLOW_HIDDEN);
    gtk_widget_set_direction(GTK_WIDGET(strip), GTK_TEXT_DIR_LTR);
    restyle(strip);
    g_signal_connect_object(adw_style_manager_get_default(), "notify::dark", G_CALLBACK(restyle),
                            strip, G_CONNECT_SWAPPED);
}
