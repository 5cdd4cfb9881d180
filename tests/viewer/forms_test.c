/* forms_test.c: form carries state: with every hue taken away, and in every palette, any two states
 * still look different, by box, hatch, glyph or dash. Needs no display. */
#include "app/viewer/render/draw.h"
#include "tests/viewer/sample.h"
#include <string.h>

#define MS 1e6

enum { WIDTH = 1400, HEIGHT = 480, PATCH = 18, LEAST = 12 /* px of a patch that differ */ };

/* Where a stay in a state begins: a box, or a bar with its glyph, without the words. */
static const struct {
    const char *state, *lane;
    double ms;
} stays[] = {
    { "running", "fetch-1", 127.1 },    { "ready", "heartbeat", 237.4 },
    { "cancelling", "fetch-3", 410.2 }, { "waiting: timer", "heartbeat", 261.4 },
    { "waiting: I/O", "fetch-2", 376 }, { "waiting: sync", "fetch-2", 291.6 },
    { "waiting: task", "main", 2.4 },   { "waiting: thread", "fetch-1", 237 },
    { "unknown", "main", 463.4 },
};

struct patch {
    guint32 pixels[WEFT_LANE_HEIGHT_FULL][PATCH];
};

static cairo_surface_t *draw(const struct weft_palette *palette, struct weft_scene *scene)
{
    PangoContext *context = weft_render_context_new();
    struct weft_render *render = weft_render_new(palette, context, 1.0);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    weft_render_begin(render, scene);
    weft_render_lanes(render, snapshot, scene);
    GskRenderNode *node = gtk_snapshot_free_to_node(snapshot);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
    cairo_t *cr = cairo_create(surface);
    gsk_render_node_draw(node, cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    gsk_render_node_unref(node);
    weft_render_free(render);
    g_object_unref(context);
    return surface;
}

static void take(cairo_surface_t *surface, double x, double y, struct patch *patch)
{
    const guint8 *pixels = cairo_image_surface_get_data(surface);
    gsize stride = (gsize)cairo_image_surface_get_stride(surface);
    for (guint row = 0; row < WEFT_LANE_HEIGHT_FULL; row++)
        memcpy(patch->pixels[row], pixels + ((gsize)y + row) * stride + (gsize)x * 4,
               sizeof patch->pixels[row]);
}

static guint difference(const struct patch *a, const struct patch *b)
{
    guint n = 0;
    for (guint row = 0; row < WEFT_LANE_HEIGHT_FULL; row++)
        for (guint column = 0; column < PATCH; column++)
            n += (a->pixels[row][column] ^ b->pixels[row][column]) != 0;
    return n;
}

static void test_without_hue(gconstpointer data)
{
    struct weft_palette grey = *(const struct weft_palette *)data;
    for (guint role = WEFT_ROLE_RUNNING; role <= WEFT_ROLE_UNKNOWN; role++)
        grey.color[role] = grey.color[WEFT_ROLE_TICK];
    g_autoptr(weft_trace) trace = weft_sample_fetch_three(TRUE);
    weft_model *model = weft_model_new(trace);
    weft_model_advance(model, 0);
    struct weft_scene *scene = weft_scene_new(model);
    struct weft_view view;
    weft_view_init(&view);
    view.viewport.width = WIDTH;
    view.viewport.height = HEIGHT;
    view.lane_height = WEFT_LANE_HEIGHT_FULL;
    weft_viewport_show(&view.viewport, 0, (gint64)(540 * MS));
    weft_scene_build(scene, &view);
    cairo_surface_t *surface = draw(&grey, scene);
    struct patch patches[G_N_ELEMENTS(stays)];
    for (guint i = 0; i < G_N_ELEMENTS(stays); i++) {
        guint row = weft_scene_row_of(scene, weft_sample_lane(model, stays[i].lane));
        double x = weft_viewport_x(&view.viewport, (gint64)(stays[i].ms * MS));
        take(surface, (double)(int)(x + 0.5), weft_scene_y(scene, row), &patches[i]);
        for (guint j = 0; j < i; j++) {
            guint found = difference(&patches[i], &patches[j]);
            if (found < LEAST)
                g_test_message("%s: %s looks like %s: %u px differ", grey.name, stays[i].state,
                               stays[j].state, found);
            g_assert_cmpuint(found, >=, LEAST);
        }
    }
    cairo_surface_destroy(surface);
    weft_scene_free(scene);
    weft_model_free(model);
}

/* Where bars have dashes, these alone are enough: a low lane has no glyphs. */
static void test_dashes(gconstpointer data)
{
    enum { BAR_WIDTH = 60 };
    struct weft_palette grey = *(const struct weft_palette *)data;
    PangoContext *context = weft_render_context_new();
    guint8 *pixels[WEFT_WAIT_CLASSES];
    for (guint wait = 0; wait < WEFT_WAIT_CLASSES; wait++)
        grey.color[weft_role_of_wait(wait)] = grey.color[WEFT_ROLE_TEXT];
    struct weft_render *render = weft_render_new(&grey, context, 1.0);
    for (guint wait = 0; wait < WEFT_WAIT_CLASSES; wait++) {
        GtkSnapshot *snapshot = gtk_snapshot_new();
        weft_bar(render, snapshot, wait, 0, 0, BAR_WIDTH, WEFT_METRIC_BAR, 0);
        GskRenderNode *node = gtk_snapshot_free_to_node(snapshot);
        pixels[wait] = g_malloc0(BAR_WIDTH * WEFT_METRIC_BAR * 4);
        cairo_surface_t *surface = cairo_image_surface_create_for_data(
            pixels[wait], CAIRO_FORMAT_RGB24, BAR_WIDTH, WEFT_METRIC_BAR, BAR_WIDTH * 4);
        cairo_t *cr = cairo_create(surface);
        gsk_render_node_draw(node, cr);
        cairo_destroy(cr);
        cairo_surface_destroy(surface);
        gsk_render_node_unref(node);
        for (guint other = 0; other < wait; other++)
            g_assert_true(memcmp(pixels[wait], pixels[other], BAR_WIDTH * WEFT_METRIC_BAR * 4));
    }
    for (guint wait = 0; wait < WEFT_WAIT_CLASSES; wait++)
        g_free(pixels[wait]);
    weft_render_free(render);
    g_object_unref(context);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gtk_init_check();
    for (guint i = 0; i < WEFT_PALETTES; i++) {
        g_autofree char *path = g_strdup_printf("/forms/%s/lanes", weft_palette(i)->name);
        g_autofree char *dashes = g_strdup_printf("/forms/%s/dashes", weft_palette(i)->name);
        g_test_add_data_func(path, weft_palette(i), test_without_hue);
        if (weft_palette(i)->dashes)
            g_test_add_data_func(dashes, weft_palette(i), test_dashes);
    }
    return g_test_run();
}
