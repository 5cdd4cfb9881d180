/* raster.c: see raster.h. Pixels are cairo's: premultiplied, alpha in the highest byte. */
#include "app/viewer/render/raster.h"

#include <math.h>

enum { MANY = 6 }; /* boxes: fewer cost less than a picture of them */

struct raster {
    cairo_t *cr;
    cairo_surface_t *surface;
    guint32 *pixels;
    int width, height, stride; /* device pixels */
    int scale;
    gboolean written; /* pixels that cairo has not been told of */
};

/* ---- Whether it is worth it ---- */

/* How many boxes it holds, counted up to MANY. */
static guint count_boxes(GskRenderNode *node)
{
    guint n = 0;
    switch (gsk_render_node_get_node_type(node)) {
    case GSK_COLOR_NODE:
        return 1;
    case GSK_TRANSFORM_NODE:
        return count_boxes(gsk_transform_node_get_child(node));
    case GSK_CONTAINER_NODE:
        for (guint i = 0; i < gsk_container_node_get_n_children(node) && n < MANY; i++)
            n += count_boxes(gsk_container_node_get_child(node, i));
        return n;
    default:
        return 0;
    }
}

/* ---- Boxes ---- */

/* An edge in device pixels; FALSE: it is between two. */
static gboolean edge(const struct raster *raster, double at, int *pixel)
{
    double exact = at * raster->scale, whole = round(exact);
    *pixel = (int)CLAMP(whole, -1e6, 1e6);
    return fabs(exact - whole) < 1.0 / 256;
}

/* As cairo rounds a channel, which was premultiplied. */
static guint32 channel(double value)
{
    guint32 fine = (guint32)(value * 65536.0);
    return (fine - (fine >> 16)) >> 8;
}

static guint32 pixel_of(const GdkRGBA *color)
{
    double alpha = (double)color->alpha;
    return channel(alpha) << 24 | channel((double)color->red * alpha) << 16 |
           channel((double)color->green * alpha) << 8 | channel((double)color->blue * alpha);
}

/* Each of four channels times part / 255, rounded. */
static guint32 scaled(guint32 pixel, guint32 part)
{
    guint32 even = (pixel & 0xff00ff) * part + 0x800080;
    guint32 odd = (pixel >> 8 & 0xff00ff) * part + 0x800080;
    even = (even + (even >> 8 & 0xff00ff)) >> 8 & 0xff00ff;
    odd = (odd + (odd >> 8 & 0xff00ff)) & 0xff00ff00;
    return even | odd;
}

static void fill(guint32 *row, int n, guint32 over)
{
    guint32 shows = 255 - (over >> 24);
    if (shows == 0)
        for (int i = 0; i < n; i++)
            row[i] = over;
    else
        for (int i = 0; i < n; i++)
            row[i] = over + scaled(row[i], shows);
}

/* FALSE: its edges are not those of pixels. */
static gboolean draw_box(struct raster *raster, GskRenderNode *node, double x, double y)
{
    graphene_rect_t box;
    int left, top, right, bottom;
    gsk_render_node_get_bounds(node, &box);
    x += (double)box.origin.x;
    y += (double)box.origin.y;
    if (!edge(raster, x, &left) || !edge(raster, y, &top) ||
        !edge(raster, x + (double)box.size.width, &right) ||
        !edge(raster, y + (double)box.size.height, &bottom))
        return FALSE;
    left = MAX(left, 0);
    right = MIN(right, raster->width);
    guint32 pixel = pixel_of(gsk_color_node_get_color(node));
    if (!raster->written)
        cairo_surface_flush(raster->surface);
    raster->written = TRUE;
    for (int row = MAX(top, 0); row < MIN(bottom, raster->height) && left < right; row++)
        fill(raster->pixels + (gsize)row * (gsize)raster->stride + left, right - left, pixel);
    return TRUE;
}

/* ---- A node ---- */

static void draw_by_gsk(struct raster *raster, GskRenderNode *node, double x, double y)
{
    if (raster->written)
        cairo_surface_mark_dirty(raster->surface);
    raster->written = FALSE;
    cairo_save(raster->cr);
    cairo_translate(raster->cr, x, y);
    gsk_render_node_draw(node, raster->cr);
    cairo_restore(raster->cr);
}

/* At (x, y). */
static void draw(struct raster *raster, GskRenderNode *node, double x, double y)
{
    GskTransform *transform;
    float dx, dy;
    switch (gsk_render_node_get_node_type(node)) {
    case GSK_CONTAINER_NODE:
        for (guint i = 0; i < gsk_container_node_get_n_children(node); i++)
            draw(raster, gsk_container_node_get_child(node, i), x, y);
        return;
    case GSK_TRANSFORM_NODE:
        transform = gsk_transform_node_get_transform(node);
        if (gsk_transform_get_category(transform) < GSK_TRANSFORM_CATEGORY_2D_TRANSLATE)
            break;
        gsk_transform_to_translate(transform, &dx, &dy);
        draw(raster, gsk_transform_node_get_child(node), x + (double)dx, y + (double)dy);
        return;
    case GSK_COLOR_NODE:
        if (draw_box(raster, node, x, y))
            return;
        break;
    default:
        break;
    }
    draw_by_gsk(raster, node, x, y);
}

GskRenderNode *weft_raster_all(GskRenderNode *node, int top, int width, int height, int scale)
{
    struct raster raster = { .width = width * scale, .height = height * scale, .scale = scale };
    raster.surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, raster.width, raster.height);
    cairo_surface_set_device_scale(raster.surface, scale, scale);
    raster.pixels = (guint32 *)(void *)cairo_image_surface_get_data(raster.surface);
    raster.stride = cairo_image_surface_get_stride(raster.surface) / (int)sizeof(guint32);
    raster.cr = cairo_create(raster.surface);
    draw(&raster, node, 0, -top);
    cairo_destroy(raster.cr);
    cairo_surface_mark_dirty(raster.surface);
    /* No texture: GTK 4.8 turns each of its pixels into floats and back. */
    GskRenderNode *drawn = gsk_cairo_node_new(
        &GRAPHENE_RECT_INIT(0, (float)top, (float)width, (float)height));
    cairo_t *cr = gsk_cairo_node_get_draw_context(drawn);
    cairo_set_source_surface(cr, raster.surface, 0, top);
    cairo_paint(cr);
    cairo_destroy(cr);
    cairo_surface_destroy(raster.surface);
    return drawn;
}

GskRenderNode *weft_raster(GskRenderNode *node, int width, int scale)
{
    graphene_rect_t bounds;
    if (!node || count_boxes(node) < MANY)
        return node ? gsk_render_node_ref(node) : NULL;
    gsk_render_node_get_bounds(node, &bounds);
    int top = (int)floor((double)bounds.origin.y);
    int height = (int)ceil((double)(bounds.origin.y + bounds.size.height)) - top;
    if (width <= 0 || height <= 0)
        return gsk_render_node_ref(node);
    return weft_raster_all(node, top, width, height, scale);
}
