/* What a frame costs while a trace is panned: weft-bench-frame TRACE.weft. Every frame is built
 * from the model, drawn by the viewer's own code and rendered by GSK onto a cairo surface of
 * 1920×1080, as GSK_RENDERER=cairo does. Pans at several zooms, across the trace; prints NAME VALUE
 * UNIT: the median and the 95th percentile of all frames, and the median of each part. */
#include "app/viewer/render/render.h"
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 1920, HEIGHT = 1080, FRAMES = 120, STEP_PX = 24 };

static const double zooms[] = { 0, 5e6, 1e6, 200e3, 20e3, 2e3 }; /* ns per px; 0: the whole */
enum { ZOOMS = sizeof zooms / sizeof zooms[0] };

struct times { /* ms, of all frames */
    double all[ZOOMS * FRAMES], build[ZOOMS * FRAMES], nodes[ZOOMS * FRAMES], draw[ZOOMS * FRAMES];
    guint n;
    double slowest; /* median of the slowest zoom */
};

static double now_ms(void)
{
    return (double)g_get_monotonic_time() / 1000.0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *values, guint n, double q)
{
    double *sorted = g_memdup2(values, n * sizeof *values);
    qsort(sorted, n, sizeof *sorted, by_value);
    double found = sorted[(guint)(q * (n - 1))];
    g_free(sorted);
    return found;
}

static void frame(struct weft_scene *scene, struct weft_render *render, cairo_surface_t *surface,
                  const struct weft_view *view, struct times *times)
{
    double begin = now_ms();
    weft_scene_build(scene, view);
    double built = now_ms();
    GtkSnapshot *snapshot = gtk_snapshot_new();
    weft_render_picture(render, snapshot, scene, WIDTH, HEIGHT);
    GskRenderNode *node = gtk_snapshot_free_to_node(snapshot);
    double noded = now_ms();
    cairo_t *cr = cairo_create(surface);
    gsk_render_node_draw(node, cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    double drawn = now_ms();
    gsk_render_node_unref(node);
    times->all[times->n] = drawn - begin;
    times->build[times->n] = built - begin;
    times->nodes[times->n] = noded - built;
    times->draw[times->n++] = drawn - noded;
}

static void pan(weft_model *model, struct times *times)
{
    struct weft_scene *scene = weft_scene_new(model);
    PangoContext *context = weft_render_context_new();
    struct weft_render *render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), context, 1.0);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
    struct weft_view view;
    weft_view_init(&view);
    view.viewport.width = WIDTH - WEFT_METRIC_NAMES;
    view.viewport.height = HEIGHT - WEFT_METRIC_MINIMAP - WEFT_METRIC_RULER - WEFT_METRIC_BOTTOM;
    gint64 end = weft_model_end_ns(model);
    for (guint zoom = 0; zoom < ZOOMS; zoom++) {
        weft_viewport_show(&view.viewport, 0, end);
        if (zooms[zoom] > 0)
            view.viewport.ns_per_px = zooms[zoom];
        view.viewport.from_ns = zooms[zoom] > 0 ? end / 3 : 0;
        guint before = times->n;
        for (guint i = 0; i < FRAMES; i++) {
            frame(scene, render, surface, &view, times);
            view.viewport.from_ns += (gint64)(STEP_PX * view.viewport.ns_per_px);
        }
        double median = quantile(times->all + before, FRAMES, 0.5);
        times->slowest = MAX(times->slowest, median);
        struct weft_render_cost cost;
        weft_render_frame_cost(render, &cost);
        fprintf(stderr, "%10.0f ns/px: %5.1f ms a frame; %u rectangles, %u labels, %u patterns\n",
                view.viewport.ns_per_px, median, cost.rectangles, cost.labels, cost.patterns);
    }
    cairo_surface_destroy(surface);
    weft_render_free(render);
    g_object_unref(context);
    weft_scene_free(scene);
}

int main(int argc, char **argv)
{
    static struct times times;
    g_autoptr(GError) error = NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: weft-bench-frame TRACE.weft\n");
        return 2;
    }
    gtk_init_check();
    g_autoptr(weft_trace) trace = weft_trace_open(argv[1], &error);
    if (!trace) {
        fprintf(stderr, "weft-bench-frame: %s\n", error->message);
        return 3;
    }
    weft_model *model = weft_model_new(trace);
    weft_model_advance(model, 0);
    pan(model, &times);
    weft_model_free(model);
    printf("frame.pan_10M %.1f ms\n", times.slowest);
    printf("frame.pan_10M.p95 %.1f ms\n", quantile(times.all, times.n, 0.95));
    printf("frame.pan_10M.build %.1f ms\n", quantile(times.build, times.n, 0.5));
    printf("frame.pan_10M.nodes %.1f ms\n", quantile(times.nodes, times.n, 0.5));
    printf("frame.pan_10M.draw %.1f ms\n", quantile(times.draw, times.n, 0.5));
    return 0;
}
