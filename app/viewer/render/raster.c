/* raster.c: see raster.h. Pixels are cairo's: premultiplied, alpha in the highest byte. */
#include "app/viewer/render/raster.h"

#include <math.h>
#include <string.h>

/* One picture. */
struct picture {
    guint32 *pixels;
    int width, height; /* device pixels */
    int scale;
    /* Of these pixels. cairo is not told that what is shown changes: it would keep a copy. */
    cairo_surface_t *shown, *drawn;
    cairo_t *cr;      /* on `drawn` */
    gboolean written; /* pixels that `drawn` has not been told of */
};

struct weft_raster {
    struct picture pictures[2];
    guint last; /* which of them was drawn into */
};

/* ---- Boxes ---- */

/* From one edge to another in 256ths of a device pixel, as cairo counts them, within the picture.
 */
struct stretch {
    int from, to;
};

static struct stretch stretch(double from, double length, int scale, int most)
{
    double fine = 256.0 * scale, end = 256.0 * most;
    return (struct stretch){ (int)round(CLAMP(from * fine, 0, end)),
                             (int)round(CLAMP((from + length) * fine, 0, end)) };
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

static void fill_opaque(guint32 *row, int n, guint32 pixel)
{
    int done = MIN(n, 16);
    for (int i = 0; i < done; i++)
        row[i] = pixel;
    for (int more; done < n; done += more) {
        more = MIN(done, n - done);
        memcpy(row + done, row, (gsize)more * sizeof *row);
    }
}

static void fill(guint32 *row, int n, guint32 over)
{
    guint32 shows = 255 - (over >> 24);
    if (shows == 0)
        fill_opaque(row, n, over);
    else
        for (int i = 0; i < n; i++)
            row[i] = over + scaled(row[i], shows);
}

/* A pixel of which the box covers `part` of 256 * 256. */
static void fill_part(guint32 *at, guint32 pixel, int part)
{
    fill(at, 1, scaled(pixel, (guint32)(part * 255 + 0x8000) >> 16));
}

/* One row of a box's pixels; it covers `part` of 256 of their height. */
static void fill_row(guint32 *row, const struct stretch *across, guint32 pixel, int part)
{
    int first = across->from / 256, whole = (across->from + 255) / 256, end = across->to / 256;
    if (whole > end) {
        fill_part(row + first, pixel, (across->to - across->from) * part);
        return;
    }
    if (first < whole)
        fill_part(row + first, pixel, (whole * 256 - across->from) * part);
    fill(row + whole, end - whole,
         part == 256 ? pixel : scaled(pixel, (guint32)(part * 255 + 0x80) >> 8));
    if (end * 256 < across->to)
        fill_part(row + end, pixel, (across->to - end * 256) * part);
}

static void draw_box(struct picture *picture, GskRenderNode *node, double x, double y)
{
    graphene_rect_t box;
    gsk_render_node_get_bounds(node, &box);
    struct stretch across = stretch(x + (double)box.origin.x, (double)box.size.width,
                                    picture->scale, picture->width);
    struct stretch down = stretch(y + (double)box.origin.y, (double)box.size.height, picture->scale,
                                  picture->height);
    guint32 pixel = pixel_of(gsk_color_node_get_color(node));
    if (across.from >= across.to)
        return;
    if (!picture->written)
        cairo_surface_flush(picture->drawn);
    picture->written = TRUE;
    for (int row = down.from / 256; row * 256 < down.to; row++)
        fill_row(picture->pixels + (gsize)row * (gsize)picture->width, &across, pixel,
                 MIN(down.to, (row + 1) * 256) - MAX(down.from, row * 256));
}

/* ---- A node ---- */

static void draw_by_gsk(struct picture *picture, GskRenderNode *node, double x, double y)
{
    if (picture->written)
        cairo_surface_mark_dirty(picture->drawn);
    picture->written = FALSE;
    cairo_save(picture->cr);
    cairo_translate(picture->cr, x, y);
    gsk_render_node_draw(node, picture->cr);
    cairo_restore(picture->cr);
}

/* At (x, y). */
static void draw(struct picture *picture, GskRenderNode *node, double x, double y)
{
    GskTransform *transform;
    float dx, dy;
    switch (gsk_render_node_get_node_type(node)) {
    case GSK_CONTAINER_NODE:
        for (guint i = 0; i < gsk_container_node_get_n_children(node); i++)
            draw(picture, gsk_container_node_get_child(node, i), x, y);
        return;
    case GSK_TRANSFORM_NODE:
        transform = gsk_transform_node_get_transform(node);
        if (gsk_transform_get_category(transform) < GSK_TRANSFORM_CATEGORY_2D_TRANSLATE)
            break;
        gsk_transform_to_translate(transform, &dx, &dy);
        draw(picture, gsk_transform_node_get_child(node), x + (double)dx, y + (double)dy);
        return;
    case GSK_COLOR_NODE:
        draw_box(picture, node, x, y);
        return;
    default:
        break;
    }
    draw_by_gsk(picture, node, x, y);
}

/* ---- Pictures ---- */

static void picture_finish(struct picture *picture)
{
    g_clear_pointer(&picture->shown,
                    cairo_surface_destroy); /* what still shows it has a copy now */
    g_clear_pointer(&picture->drawn, cairo_surface_destroy);
    g_clear_pointer(&picture->pixels, g_free);
}

static cairo_surface_t *surface_of(const struct picture *picture)
{
    cairo_surface_t *surface = cairo_image_surface_create_for_data(
        (guchar *)picture->pixels, CAIRO_FORMAT_RGB24, picture->width, picture->height,
        picture->width * (int)sizeof *picture->pixels);
    cairo_surface_set_device_scale(surface, picture->scale, picture->scale);
    return surface;
}

/* Room for a picture of that size: what it has, where it is as large. */
static void picture_fit(struct picture *picture, int width, int height, int scale)
{
    if (picture->pixels && picture->width == width && picture->height == height &&
        picture->scale == scale)
        return;
    picture_finish(picture);
    picture->width = width;
    picture->height = height;
    picture->scale = scale;
    picture->pixels = g_new0(guint32, (gsize)width * (gsize)height);
    picture->shown = surface_of(picture);
    picture->drawn = surface_of(picture);
}

struct weft_raster *weft_raster_new(void)
{
    return g_new0(struct weft_raster, 1);
}

void weft_raster_free(struct weft_raster *raster)
{
    for (guint i = 0; raster && i < G_N_ELEMENTS(raster->pictures); i++)
        picture_finish(&raster->pictures[i]);
    g_free(raster);
}

GskRenderNode *weft_raster_draw(struct weft_raster *raster, GskRenderNode *node, int width,
                                int height, int scale)
{
    graphene_rect_t bounds = GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height);
    raster->last = !raster->last;
    struct picture *picture = &raster->pictures[raster->last];
    picture_fit(picture, width * scale, height * scale, scale);
    picture->cr = cairo_create(picture->drawn);
    draw(picture, node, 0, 0);
    cairo_destroy(picture->cr);
    /* No texture: GTK 4.8 turns each of its pixels into floats and back. */
    GskRenderNode *drawn = gsk_cairo_node_new(&bounds);
    cairo_t *cr = gsk_cairo_node_get_draw_context(drawn);
    cairo_set_source_surface(cr, picture->shown, 0, 0);
    cairo_paint(cr);
    cairo_destroy(cr);
    return drawn;
}
