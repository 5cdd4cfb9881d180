/* histogram.c: two buckets a decade, from 1 µs to 10 s; shorter and longer ones are in the first
 * and the last. Heights are logarithmic too: one slice of 100 ms among 10,000 short ones shows. */
#include "app/viewer/panels/histogram.h"

#include "app/viewer/count.h"
#include <math.h>

enum { BUCKETS = 14, LINES = 3 /* of text, high */, GAP = 2 };
static const double FIRST_NS = 1e3;
static const double DRAG_MIN = 4; /* px: less is a click */

struct counts {
    guint of[BUCKETS], most, all;
    gint64 longest_ns;
};

struct _WeftHistogram {
    GtkWidget parent_instance;
    struct weft_render *render;   /* borrowed */
    struct counts running, ready; /* one of them is shown */
    gboolean of_ready;
    guint first, end; /* the buckets chosen; none when equal */
    double drag_x;
};
G_DEFINE_FINAL_TYPE(WeftHistogram, weft_histogram, GTK_TYPE_WIDGET)

static guint chosen_signal;

static const struct counts *shown(const WeftHistogram *histogram)
{
    return histogram->of_ready ? &histogram->ready : &histogram->running;
}

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

/* "1.00 µs to 3.16 µs", "from 3.16 s on". */
static char *lengths(guint first, guint end)
{
    g_autofree char *least = weft_format_duration(bucket_ns(first));
    g_autofree char *most = weft_format_duration(bucket_ns(end));
    if (first == 0 && end == BUCKETS)
        return g_strdup("all lengths");
    return first == 0       ? g_strdup_printf("below %s", most)
           : end == BUCKETS ? g_strdup_printf("from %s on", least)
                            : g_strdup_printf("%s to %s", least, most);
}

/* What is seen, for who does not see it: "2 from 10.0 µs to 31.6 µs, 1 ...". */
static void describe(WeftHistogram *histogram)
{
    const struct counts *counts = shown(histogram);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < BUCKETS; i++) {
        if (!counts->of[i])
            continue;
        g_autofree char *n = weft_count(counts->of[i]), *how_long = lengths(i, i + 1);
        g_string_append_printf(text, "%s%s %s", text->len ? ", " : "", n, how_long);
    }
    if (histogram->end > histogram->first) {
        g_autofree char *chosen = lengths(histogram->first, histogram->end);
        g_string_append_printf(text, "; chosen: %s", chosen);
    }
    gtk_accessible_update_property(GTK_ACCESSIBLE(histogram), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   histogram->of_ready ? "Times in the ready queue"
                                                       : "Lengths of the slices",
                                   GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text->str, -1);
    g_string_free(text, TRUE);
}

gboolean weft_histogram_chosen(WeftHistogram *histogram, gint64 *least_ns, gint64 *most_ns,
                               guint *n)
{
    *n = 0;
    for (guint i = histogram->first; i < histogram->end; i++)
        *n += shown(histogram)->of[i];
    *least_ns = bucket_ns(histogram->first);
    *most_ns = bucket_ns(histogram->end);
    return histogram->end > histogram->first;
}

static void choose_buckets(WeftHistogram *histogram, guint first, guint end)
{
    if (first == histogram->first && end == histogram->end)
        return;
    histogram->first = first;
    histogram->end = end;
    describe(histogram);
    gtk_widget_queue_draw(GTK_WIDGET(histogram));
    g_signal_emit(histogram, chosen_signal, 0);
}

void weft_histogram_choose(WeftHistogram *histogram, double x0, double x1)
{
    double step = MAX((double)gtk_widget_get_width(GTK_WIDGET(histogram)) / BUCKETS, 1);
    guint first = 0, end = 0;
    if (x0 != x1 && shown(histogram)->most > 0) {
        first = (guint)CLAMP(floor(MIN(x0, x1) / step), 0, BUCKETS - 1);
        end = (guint)CLAMP(ceil(MAX(x0, x1) / step), first + 1, BUCKETS);
    }
    choose_buckets(histogram, first, end);
}

static void count(struct counts *counts, gint64 ns)
{
    guint *bucket = &counts->of[bucket_of(ns)];
    counts->most = MAX(counts->most, ++*bucket);
    counts->longest_ns = MAX(counts->longest_ns, ns);
    counts->all++;
}

void weft_histogram_show(WeftHistogram *histogram, struct weft_render *render,
                         const GArray *segments)
{
    histogram->render = render;
    histogram->running = histogram->ready = (struct counts){ 0 };
    for (guint i = 0; i < segments->len; i++) {
        const struct weft_segment_view *segment = &g_array_index(segments, struct weft_segment_view,
                                                                 i);
        if (segment->state == WEFT_SEGMENT_RUNNING)
            count(&histogram->running, segment->to_ns - segment->from_ns);
        else if (segment->state == WEFT_SEGMENT_READY)
            count(&histogram->ready, segment->to_ns - segment->from_ns);
    }
    describe(histogram);
    gtk_widget_queue_draw(GTK_WIDGET(histogram));
}

void weft_histogram_set_of_ready(WeftHistogram *histogram, gboolean of_ready)
{
    choose_buckets(histogram, 0, 0); /* lengths of others */
    histogram->of_ready = of_ready;
    describe(histogram);
    gtk_widget_queue_draw(GTK_WIDGET(histogram));
}

gboolean weft_histogram_of_ready(WeftHistogram *histogram)
{
    return histogram->of_ready;
}

guint weft_histogram_counted(WeftHistogram *histogram, gint64 *longest_ns)
{
    *longest_ns = shown(histogram)->longest_ns;
    return shown(histogram)->all;
}

static int line_height(GtkWidget *widget)
{
    int height;
    g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, "1");
    pango_layout_get_pixel_size(layout, NULL, &height);
    return height;
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
    *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL
                              ? (LINES + 1) * line_height(widget) + GAP
                              : 100;
    (void)for_size, (void)minimum_baseline, (void)natural_baseline;
}

static void draw_axis(GtkWidget *widget, GtkSnapshot *into, const struct weft_palette *palette,
                      float base)
{
    static const struct {
        guint bucket;
        const char *text;
    } marks[] = { { 0, "1 µs" }, { 4, "100 µs" }, { 8, "10 ms" }, { 12, "1 s" } };
    float step = (float)gtk_widget_get_width(widget) / BUCKETS;
    gtk_snapshot_append_color(into, &palette->color[WEFT_ROLE_TICK],
                              &GRAPHENE_RECT_INIT(0, base, step * BUCKETS, 1));
    for (guint i = 0; i < G_N_ELEMENTS(marks); i++) {
        g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(widget, marks[i].text);
        gtk_snapshot_save(into);
        gtk_snapshot_translate(into,
                               &GRAPHENE_POINT_INIT((float)marks[i].bucket * step, base + GAP));
        gtk_snapshot_append_layout(into, layout, &palette->color[WEFT_ROLE_DIM]);
        gtk_snapshot_restore(into);
    }
}

static void snapshot(GtkWidget *widget, GtkSnapshot *into)
{
    WeftHistogram *histogram = WEFT_HISTOGRAM(widget);
    const struct counts *counts = shown(histogram);
    if (!histogram->render || counts->most == 0)
        return;
    const struct weft_palette *palette = weft_render_palette(histogram->render);
    float step = (float)gtk_widget_get_width(widget) / BUCKETS;
    float base = (float)(LINES * line_height(widget));
    for (guint i = 0; i < BUCKETS; i++) {
        if (counts->of[i] == 0)
            continue;
        float share = (float)(log1p(counts->of[i]) / log1p(counts->most));
        float high = MAX(share * (base - 2), 2);
        GdkRGBA color = palette->color[histogram->of_ready ? WEFT_ROLE_READY : WEFT_ROLE_RUNNING];
        if (histogram->end > histogram->first && (i < histogram->first || i >= histogram->end))
            color.alpha *= 0.35F;
        gtk_snapshot_append_color(
            into, &color, &GRAPHENE_RECT_INIT((float)i * step, base - high, step - 1, high));
    }
    draw_axis(widget, into, palette, base);
}

/* Left and Right choose one bucket after the other, with Shift as many as are passed; Escape lets
 * go of them. */
static gboolean key_pressed(GtkEventControllerKey *controller, guint key, guint code,
                            GdkModifierType modifiers, WeftHistogram *histogram)
{
    guint first = histogram->first, end = histogram->end;
    gboolean any = end > first, more = any && modifiers & GDK_SHIFT_MASK;
    if (shown(histogram)->most == 0 || modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK))
        return GDK_EVENT_PROPAGATE;
    if (key == GDK_KEY_Right) {
        end = any ? MIN(end + 1, BUCKETS) : 1;
        choose_buckets(histogram, more ? first : end - 1, end);
    } else if (key == GDK_KEY_Left) {
        first = any ? MAX(first, 1) - 1 : BUCKETS - 1;
        choose_buckets(histogram, first, more ? end : first + 1);
    } else if (key == GDK_KEY_Escape && any) {
        choose_buckets(histogram, 0, 0);
    } else {
        return GDK_EVENT_PROPAGATE;
    }
    (void)controller, (void)code;
    return GDK_EVENT_STOP;
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
    GtkWidget *widget = GTK_WIDGET(histogram);
    GtkGesture *drag = gtk_gesture_drag_new();
    g_signal_connect(drag, "drag-begin", G_CALLBACK(drag_begin), histogram);
    g_signal_connect(drag, "drag-update", G_CALLBACK(drag_update), histogram);
    g_signal_connect(drag, "drag-end", G_CALLBACK(drag_end), histogram);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(drag));
    GtkEventController *keys = gtk_event_controller_key_new();
    g_signal_connect(keys, "key-pressed", G_CALLBACK(key_pressed), histogram);
    gtk_widget_add_controller(widget, keys);
    gtk_widget_set_focusable(widget, TRUE);
    gtk_widget_set_tooltip_text(widget, "Drag, or press Left and Right, to choose lengths: , and . "
                                        "go to those only");
    describe(histogram); /* a tooltip becomes the description */
}
