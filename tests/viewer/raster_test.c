/* raster_test.c: a node as pixels looks as GSK draws it. */
#include "app/viewer/render/raster.h"

#include <math.h>

enum { WIDTH = 120, HEIGHT = 40, MANY = 60 };

static double part(GRand *random)
{
    return g_rand_double(random);
}

/* On white: boxes upon each other, opaque or not, of whole pixels or not, in and out of sight,
 * moved; and what is no box. */
static GskRenderNode *random_node(GRand *random, guint n, int scale)
{
    GtkSnapshot *snapshot = gtk_snapshot_new();
    gtk_snapshot_append_color(snapshot, &(GdkRGBA){ 1, 1, 1, 1 },
                              &GRAPHENE_RECT_INIT(0, 0, WIDTH, HEIGHT));
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT(3, -2));
    for (guint i = 0; i < n; i++) {
        gboolean whole = g_rand_int_range(random, 0, 4) > 0;
        double x = part(random) * (WIDTH + 40) - 20, y = part(random) * HEIGHT;
        double width = 0.05 + part(random) * (i % 3 ? 30 : 2), height = 0.1 + part(random) * 20;
        if (whole) {
            x = floor(x * scale) / scale;
            y = floor(y * scale) / scale;
            width = ceil(width * scale) / scale;
            height = ceil(height * scale) / scale;
        }
        GdkRGBA color = { (float)part(random), (float)part(random), (float)part(random),
                          g_rand_boolean(random) ? 1 : (float)part(random) };
        graphene_rect_t box = GRAPHENE_RECT_INIT((float)x, (float)y, (float)width, (float)height);
        switch (g_rand_int_range(random, 0, 12)) {
        case 0:
            gtk_snapshot_push_clip(snapshot, &GRAPHENE_RECT_INIT(10, 10, 40, 12));
            gtk_snapshot_append_color(snapshot, &color, &box);
            gtk_snapshot_pop(snapshot);
            break;
        case 1: {
            GtkSnapshot *inner = gtk_snapshot_new();
            gtk_snapshot_append_color(inner, &color, &box);
            gtk_snapshot_append_color(inner, &color, &GRAPHENE_RECT_INIT(1, 1, 9, 9));
            g_autoptr(GskRenderNode) node = gtk_snapshot_free_to_node(inner);
            gtk_snapshot_save(snapshot);
            gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT(7, 5));
            gtk_snapshot_append_node(snapshot, node);
            gtk_snapshot_restore(snapshot);
            break;
        }
        case 2: {
            cairo_t *cr = gtk_snapshot_append_cairo(snapshot, &GRAPHENE_RECT_INIT(20, 8, 20, 20));
            gdk_cairo_set_source_rgba(cr, &color);
            cairo_arc(cr, 30, 18, part(random) * 9, 0, 6);
            cairo_fill(cr);
            cairo_destroy(cr);
            break;
        }
        default:
            gtk_snapshot_append_color(snapshot, &color, &box);
        }
    }
    return gtk_snapshot_free_to_node(snapshot);
}

/* From (0, 0) to WIDTH, as a canvas shows it. */
static cairo_surface_t *drawn(GskRenderNode *node, int scale)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, WIDTH * scale,
                                                          HEIGHT * scale);
    cairo_surface_set_device_scale(surface, scale, scale);
    cairo_t *cr = cairo_create(surface);
    gsk_render_node_draw(node, cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    return surface;
}

/* Each of them rounds a little otherwise, and many lie upon each other. */
static void assert_alike(cairo_surface_t *a, cairo_surface_t *b)
{
    int stride = cairo_image_surface_get_stride(a), height = cairo_image_surface_get_height(a);
    const guchar *x = cairo_image_surface_get_data(a), *y = cairo_image_surface_get_data(b);
    for (int i = 0; i < stride * height; i++)
        g_assert_cmpint(abs(x[i] - y[i]), <=, 3);
}

static void assert_shows(GskRenderNode *pixels, GskRenderNode *node, int scale)
{
    cairo_surface_t *wanted = drawn(node, scale), *got = drawn(pixels, scale);
    assert_alike(wanted, got);
    cairo_surface_destroy(wanted);
    cairo_surface_destroy(got);
}

static void test_alike(gconstpointer data)
{
    int scale = GPOINTER_TO_INT(data);
    struct weft_raster *raster = weft_raster_new();
    for (guint seed = 0; seed < 200; seed++) {
        g_autoptr(GRand) random = g_rand_new_with_seed(seed);
        g_autoptr(GskRenderNode) node = random_node(random, MANY, scale);
        g_autoptr(GskRenderNode) pixels = weft_raster_draw(raster, node, WIDTH, HEIGHT, scale);
        assert_shows(pixels, node, scale);
    }
    weft_raster_free(raster);
}

/* What is on the screen stays so while the next is drawn, and when its room is given up. */
static void test_stays(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(7);
    g_autoptr(GskRenderNode) a = random_node(random, MANY, 1), b = random_node(random, MANY, 1);
    struct weft_raster *raster = weft_raster_new();
    g_autoptr(GskRenderNode) first = weft_raster_draw(raster, a, WIDTH, HEIGHT, 1);
    g_autoptr(GskRenderNode) second = weft_raster_draw(raster, b, WIDTH, HEIGHT, 1);
    assert_shows(first, a, 1);
    assert_shows(second, b, 1);
    g_autoptr(GskRenderNode) smaller = weft_raster_draw(raster, b, WIDTH / 2, HEIGHT, 1);
    assert_shows(first, a, 1);
    weft_raster_free(raster);
    assert_shows(second, b, 1);
    g_assert_nonnull(smaller);
    weft_raster_free(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gtk_init_check();
    g_test_add_data_func("/raster/alike", GINT_TO_POINTER(1), test_alike);
    g_test_add_data_func("/raster/alike-on-a-fine-screen", GINT_TO_POINTER(2), test_alike);
    g_test_add_func("/raster/stays", test_stays);
    return g_test_run();
}
