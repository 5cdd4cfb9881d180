/* histogram.c: two buckets a decade, from 1 µs to 10 s; shorter and longer ones are in the first
 * and the last. Heights are logarithmic too: one slice of 100 ms among 10,000 short ones shows. */
#include "app/viewer/panels/histogram.h"

#include <math.h>

enum { BUCKETS = 14, HEIGHT = 48, LABELS = 18 };
static const double FIRST_NS = 1e3;

struct _WeftHistogram {
    GtkWidget parent_instance;
    struct weft_render *render; /* borrowed */
    guint counts[BUCKETS], most;
};
G_DEFINE_FINAL_TYPE(WeftHistogram, weft_histogram, GTK_TYPE_WIDGET)

static guint bucket_of(gint64 ns)
{
    double bucket = floor(log10(MAX((double)ns, 1) / FIRST_NS) * 2);
    return (guint)CLAMP(bucket, 0, BUCKETS - 1);
}

guint weft_histogram_show(WeftHistogram *histogram, struct weft_render *render,
                          const GArray *segments)
{
    guint counted = 0;
    histogram->render = render;
    histogram->most = 0;
    memset(histogram->counts, 0, sizeof histogram->counts);
    for (guint i = 0; i < segments->len; i++) {
        const struct weft_segment_view *segment = &g_array_index(segments, struct weft_segment_view,
                                                                 i);
        if (segment->state != WEFT_SEGMENT_RUNNING)
            continue;
        guint *count = &histogram->counts[bucket_of(segment->to_ns - segment->from_ns)];
        histogram->most = MAX(histogram->most, ++*count);
        counted++;
    }
    gtk_widget_queue_draw(GTK_WIDGET(histogram));
    return counted;
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
    *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT + LABELS : 100;
    (void)widget, (void)for_size, (void)minimum_baseline, (void)natural_baseline;
}

static void draw_axis(GtkWidget *widget, GtkSnapshot *into, const struct weft_palette *palette)
{
    static const struct {
        guint bucket;
        const char *text;
    } marks[] = { { 0, "1 µs" }, { 4, "100 µs" }, { 8, "10 ms" }, { 12, "1 s" } };
    float step = (float)gtk_widget_get_width(widget) / BUCKETS;
    gtk_snapshot_append_color(into, &palette->color[WEFT_ROLE_TICK],
                              &GRAPHENE_RECT_INIT(0, HEIGHT, step * BUCKETS, 1));
    for (guint i = 0; i < G_N_ELEMENTS(marks); i++) {
        g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, marks[i].text);
        gtk_snapshot_save(into);
        gtk_snapshot_translate(into,
                               &GRAPHENE_POINT_INIT((float)marks[i].bucket * step, HEIGHT + 2));
        gtk_snapshot_append_layout(into, layout, &palette->color[WEFT_ROLE_DIM]);
        gtk_snapshot_restore(into);
    }
}

static void snapshot(GtkWidget *widget, GtkSnapshot *into)
{
    WeftHistogram *histogram = WEFT_HISTOGRAM(widget);
    if (!histogram->render || histogram->most == 0)
        return;
    const struct weft_palette *palette = weft_render_palette(histogram->render);
    float step = (float)gtk_widget_get_width(widget) / BUCKETS;
    for (guint i = 0; i < BUCKETS; i++) {
        if (histogram->counts[i] == 0)
            continue;
        float share = (float)(log1p(histogram->counts[i]) / log1p(histogram->most));
        float high = MAX(share * (HEIGHT - 2), 2);
        gtk_snapshot_append_color(
            into, &palette->color[WEFT_ROLE_RUNNING],
            &GRAPHENE_RECT_INIT((float)i * step, HEIGHT - high, step - 1, high));
    }
    draw_axis(widget, into, palette);
}

static void weft_histogram_class_init(WeftHistogramClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    widget->measure = measure;
    widget->snapshot = snapshot;
    gtk_widget_class_set_css_name(widget, "histogram");
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_IMG);
}

static void weft_histogram_init(WeftHistogram *histogram)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(histogram), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   "Lengths of the slices", -1);
}
