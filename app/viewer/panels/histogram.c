/* histogram.c: two buckets a decade, from 1 µs to 10 s; shorter and longer ones are in the first
 * and the last. Heights are logarithmic too: one slice of 100 ms among 10,000 short ones shows. */
#include "app/viewer/panels/histogram.h"

#include <math.h>

enum { BUCKETS = 14, HEIGHT = 48, LABELS = 18 };
static const double FIRST_NS = 1e3;
static const double DRAG_MIN = 4; /* px: less is a click */

struct _WeftHistogram {
    GtkWidget parent_instance;
    struct weft_render *render; /* borrowed */
    guint counts[BUCKETS], most;
    guint first, end; /* the buckets chosen; none when equal */
    double drag_x;
};
G_DEFINE_FINAL_TYPE(WeftHistogram, weft_histogram, GTK_TYPE_WIDGET)

static guint chosen_signal;

static guint bucket_of(gint64 ns)
{
    double bucket = floor(log10(MAX((double)ns, 1) / FIRST_NS) * 2);
    return (guint)CLAMP(bucket, 0, BUCKETS - 1);
}

/* Where a bucket begins: the first holds what is shorter, too. */
static gint64 bucket_ns(guint bucket)
{
    return bucket == 0         ? 0
           : bucket == BUCKETS ? G_MAXINT64
                               : (gint64)ceil(FIRST_NS * pow(10, bucket / 2.0));
}

gboolean weft_histogram_chosen(WeftHistogram *histogram, gint64 *least_ns, gint64 *most_ns,
                               guint *slices)
{
    *slices = 0;
    for (guint i = histogram->first; i < histogram->end; i++)
        *slices += histogram->counts[i];
    *least_ns = bucket_ns(histogram->first);
    *most_ns = bucket_ns(histogram->end);
    return histogram->end > histogram->first;
}

void weft_histogram_choose(WeftHistogram *histogram, double x0, double x1)
{
    double step = MAX((double)gtk_widget_get_width(GTK_WIDGET(histogram)) / BUCKETS, 1);
    guint first = 0, end = 0;
    if (x0 != x1 && histogram->most > 0) {
        first = (guint)CLAMP(floor(MIN(x0, x1) / step), 0, BUCKETS - 1);
        end = (guint)CLAMP(ceil(MAX(x0, x1) / step), first + 1, BUCKETS);
    }
    if (first == histogram->first && end == histogram->end)
        return;
    histogram->first = first;
    histogram->end = end;
    gtk_widget_queue_draw(GTK_WIDGET(histogram));
    g_signal_emit(histogram, chosen_signal, 0);
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
        GdkRGBA color = palette->color[WEFT_ROLE_RUNNING];
        if (histogram->end > histogram->first && (i < histogram->first || i >= histogram->end))
            color.alpha *= 0.35F;
        gtk_snapshot_append_color(
            into, &color, &GRAPHENE_RECT_INIT((float)i * step, HEIGHT - high, step - 1, high));
    }
    draw_axis(widget, into, palette);
}

static void drag_begin(GtkGestureDrag *drag, double x, double y, WeftHistogram *histogram)
{
    histogram->drag_x = x;
    (void)drag, (void)y;
}

static void drag_update(GtkGestureDrag *drag, double dx, double dy, WeftHistogram *histogram)
{
    if (fabs(dx) >= DRAG_MIN)
        weft_histogram_choose(histogram, histogram->drag_x, histogram->drag_x + dx);
    (void)drag, (void)dy;
}

static void drag_end(GtkGestureDrag *drag, double dx, double dy, WeftHistogram *histogram)
{
    if (fabs(dx) < DRAG_MIN)
        weft_histogram_choose(histogram, 0, 0);
    (void)drag, (void)dy;
}

static void weft_histogram_class_init(WeftHistogramClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    widget->measure = measure;
    widget->snapshot = snapshot;
    chosen_signal = g_signal_new("chosen", WEFT_TYPE_HISTOGRAM, G_SIGNAL_RUN_FIRST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
    gtk_widget_class_set_css_name(widget, "histogram");
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_IMG);
}

static void weft_histogram_init(WeftHistogram *histogram)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(histogram), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   "Lengths of the slices", -1);
    GtkGesture *drag = gtk_gesture_drag_new();
    g_signal_connect(drag, "drag-begin", G_CALLBACK(drag_begin), histogram);
    g_signal_connect(drag, "drag-update", G_CALLBACK(drag_update), histogram);
    g_signal_connect(drag, "drag-end", G_CALLBACK(drag_end), histogram);
    gtk_widget_add_controller(GTK_WIDGET(histogram), GTK_EVENT_CONTROLLER(drag));
    gtk_widget_set_tooltip_text(GTK_WIDGET(histogram),
                                "Drag to choose lengths: , and . go to slices of these only");
}
