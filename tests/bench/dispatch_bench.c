/* dispatch_bench.c: weft-bench-dispatch TRACE SUFFIX: what it takes until the Dispatch view shows
 * one step forward, or back, anywhere in the trace's first loop: the step, the scene in words, the
 * frame. Lines: NAME_SUFFIX VALUE UNIT. */
#include "app/viewer/dispatch/drawing.h"
#include <cairo.h>
#include <stdio.h>
#include <time.h>

enum { PLACES = 300, WIDTH = 1440, HEIGHT = 640 };

static double milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void print(const char *name, GArray *figures, double share)
{
    qsort(figures->data, figures->len, sizeof(double), by_size);
    printf("%s %.2f ms\n", name,
           g_array_index(figures, double, (guint)((double)(figures->len - 1) * share)));
}

struct bench {
    weft_model *model;
    weft_replay *replay;
    GHashTable *sources;
    struct weft_render *render;
    cairo_surface_t *surface;
    GArray *hits;           /* of the frame before */
    GArray *steps, *frames; /* of double: ms */
};

/* Drawn amid a motion: all tokens on their way, which costs most. */
static void draw(struct bench *b, const struct weft_dispatch_view *view)
{
    const struct weft_dispatch_motion motion = { b->hits, 0.5 };
    cairo_t *cr = cairo_create(b->surface);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    weft_dispatch_draw(b->render, snapshot, view, WIDTH, HEIGHT, 0, &motion, NULL);
    g_autoptr(GskRenderNode) node = gtk_snapshot_free_to_node(snapshot);
    gsk_render_node_draw(node, cr);
    cairo_destroy(cr);
}

static void step(struct bench *b, struct weft_replay_place *place, int direction)
{
    double begin = milliseconds();
    if (!weft_replay_step(b->replay, *place, WEFT_REPLAY_STEP, direction, place))
        return;
    struct weft_dispatch_view *view = weft_dispatch_view_new(b->replay, b->model, *place,
                                                             b->sources);
    double read = milliseconds();
    draw(b, view);
    double end = milliseconds(), whole = end - begin, frame = end - read;
    g_array_append_val(b->steps, whole);
    g_array_append_val(b->frames, frame);
    g_array_set_size(b->hits, 0);
    GtkSnapshot *still = gtk_snapshot_new();
    weft_dispatch_draw(b->render, still, view, WIDTH, HEIGHT, 0, NULL, b->hits);
    gsk_render_node_unref(gtk_snapshot_free_to_node(still));
    weft_dispatch_view_free(view);
}

static weft_model *open_trace(const char *path)
{
    g_autoptr(GError) error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    if (!trace) {
        fprintf(stderr, "dispatch_bench: %s\n", error->message);
        return NULL;
    }
    weft_model *model = weft_model_new(trace);
    weft_trace_unref(trace);
    while (weft_model_advance(model, 0))
        ;
    return model;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: weft-bench-dispatch TRACE SUFFIX\n");
        return 2;
    }
    gtk_init_check(); /* types; no display is needed */
    struct bench b = { .model = open_trace(argv[1]) };
    guint loop = 0;
    if (!b.model)
        return 2;
    while (loop < weft_model_n_lanes(b.model) &&
           weft_model_lane(b.model, loop)->kind != WEFT_LANE_LOOP)
        loop++;
    PangoContext *context = weft_render_context_new();
    b.replay = weft_replay_new(b.model, loop);
    b.sources = weft_source_cache_new();
    b.render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), context, 1);
    b.surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
    b.hits = g_array_new(FALSE, FALSE, sizeof(struct weft_dispatch_hit));
    b.steps = g_array_new(FALSE, FALSE, sizeof(double));
    b.frames = g_array_new(FALSE, FALSE, sizeof(double));
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    gint64 end = weft_model_end_ns(b.model);
    for (guint i = 0; i < PLACES; i++) {
        struct weft_replay_place place = { (gint64)(g_rand_double(random) * (double)end),
                                           WEFT_WHOLE_MOMENT };
        step(&b, &place, 1);
        place.time_ns = (gint64)(g_rand_double(random) * (double)end);
        step(&b, &place, -1);
    }
    g_autofree char *median = g_strdup_printf("replay.step_%s", argv[2]);
    g_autofree char *slow = g_strdup_printf("replay.step.p99_%s", argv[2]);
    g_autofree char *frame = g_strdup_printf("replay.frame_%s", argv[2]);
    print(median, b.steps, 0.5);
    print(slow, b.steps, 0.99);
    print(frame, b.frames, 0.99);
    fprintf(stderr, "worst %.2f ms\n", g_array_index(b.steps, double, b.steps->len - 1));
    g_array_unref(b.steps);
    g_array_unref(b.frames);
    g_array_unref(b.hits);
    cairo_surface_destroy(b.surface);
    weft_render_free(b.render);
    g_object_unref(context);
    g_hash_table_unref(b.sources);
    weft_replay_free(b.replay);
    weft_model_free(b.model);
    return 0;
}
