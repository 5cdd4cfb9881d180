/* pattern.c: fills, frames, hatches and the glyphs of waiting. See draw.h.
 *
 * A hatch is a 12 px texture, repeated; its phase is that of time zero, so that it stands still on
 * what it fills while that pans. Measured with GSK's cairo renderer: a rectangle 0.36 µs, a
 * repeated texture 2.6-3 µs: hence the budget. */
#include "app/viewer/render/draw.h"
#include <math.h>

enum { TILE = 12 };

static GskRoundedRect rounded(double x, double y, double width, double height, float radius)
{
    GskRoundedRect rect;
    gsk_rounded_rect_init_from_rect(
        &rect, &GRAPHENE_RECT_INIT((float)x, (float)y, (float)width, (float)height), radius);
    return rect;
}

static void log_shape(const struct weft_render *render, const char *shape, enum weft_role role,
                      float alpha, double x, double y, double width, double height)
{
    if (render->log)
        g_string_append_printf(render->log, "%s %s %.2f %.1f,%.1f %.1fx%.1f\n", shape,
                               weft_role_name(role), (double)alpha, x, y, width, height);
}

void weft_fill(struct weft_render *render, GtkSnapshot *snapshot, enum weft_role role, float alpha,
               double x, double y, double width, double height)
{
    if (width <= 0 || height <= 0)
        return;
    GdkRGBA color = weft_palette_tint(render->palette, role, alpha);
    render->cost.rectangles++;
    log_shape(render, "fill", role, alpha, x, y, width, height);
    gtk_snapshot_append_color(snapshot, &color,
                              &GRAPHENE_RECT_INIT((float)x, (float)y, (float)width, (float)height));
}

void weft_fill_many(struct weft_render *render, GtkSnapshot *snapshot, enum weft_role role,
                    float alpha, const graphene_rect_t *boxes, guint n, double width, double height)
{
    GdkRGBA color = weft_palette_tint(render->palette, role, alpha);
    cairo_t *cr = gtk_snapshot_append_cairo(snapshot,
                                            &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
    for (guint i = 0; i < n; i++) {
        double x = (double)boxes[i].origin.x, y = (double)boxes[i].origin.y;
        double wide = (double)boxes[i].size.width, high = (double)boxes[i].size.height;
        log_shape(render, "fill", role, alpha, x, y, wide, high);
        cairo_rectangle(cr, x, y, wide, high);
    }
    gdk_cairo_set_source_rgba(cr, &color);
    cairo_fill(cr);
    cairo_destroy(cr);
    render->cost.rectangles += n;
}

void weft_frame(struct weft_render *render, GtkSnapshot *snapshot, enum weft_role role, float alpha,
                double x, double y, double width, double height, float thick, float radius)
{
    GdkRGBA color = weft_palette_tint(render->palette, role, alpha);
    GskRoundedRect rect = rounded(x, y, width, height, radius);
    log_shape(render, "frame", role, alpha, x, y, width, height);
    gtk_snapshot_append_border(snapshot, &rect, (float[4]){ thick, thick, thick, thick },
                               (GdkRGBA[4]){ color, color, color, color });
}

void weft_round(struct weft_render *render, GtkSnapshot *snapshot, enum weft_role role, float alpha,
                double x, double y, double width, double height, float radius)
{
    GskRoundedRect rect = rounded(x, y, width, height, radius);
    gtk_snapshot_push_rounded_clip(snapshot, &rect);
    weft_fill(render, snapshot, role, alpha, x, y, width, height);
    gtk_snapshot_pop(snapshot);
}

/* Its tip at (size, size): a recording that begins before (0,0) gets lost in SVG. */
static GskRenderNode *make_triangle(const GdkRGBA *color, double size, char direction)
{
    double half = size / 2 + 1, back = direction == 'v' || direction == '>' ? 0 : 2 * size;
    GskRenderNode *node = gsk_cairo_node_new(
        &GRAPHENE_RECT_INIT(0, 0, (float)(2 * size), (float)(2 * size)));
    cairo_t *cr = gsk_cairo_node_get_draw_context(node);
    cairo_move_to(cr, size, size);
    if (direction == 'v' || direction == '^') {
        cairo_line_to(cr, size - half, back);
        cairo_line_to(cr, size + half, back);
    } else {
        cairo_line_to(cr, back, size - half);
        cairo_line_to(cr, back, size + half);
    }
    cairo_close_path(cr);
    gdk_cairo_set_source_rgba(cr, color);
    cairo_fill(cr);
    cairo_destroy(cr);
    return node;
}

void weft_triangle(struct weft_render *render, GtkSnapshot *snapshot, enum weft_role role, double x,
                   double y, double size, char direction)
{
    gint key = (gint)role << 16 | (gint)direction << 8 | (gint)size;
    GskRenderNode *node = g_hash_table_lookup(render->triangles, GINT_TO_POINTER(key));
    log_shape(render, "triangle", role, 1, x, y, size, size);
    if (!node) {
        node = make_triangle(&render->palette->color[role], size, direction);
        g_hash_table_insert(render->triangles, GINT_TO_POINTER(key), node);
    }
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT((float)(x - size), (float)(y - size)));
    gtk_snapshot_append_node(snapshot, node);
    gtk_snapshot_restore(snapshot);
}

void weft_dashes(struct weft_render *render, GtkSnapshot *snapshot, enum weft_role role, double x,
                 double y, double length, gboolean vertical, double thick, double on, double off)
{
    for (double at = 0; at < length; at += on + off) {
        double dash = MIN(on, length - at);
        if (vertical)
            weft_fill(render, snapshot, role, 1, x, y + at, thick, dash);
        else
            weft_fill(render, snapshot, role, 1, x + at, y, dash, thick);
    }
}

/* The dash of each kind, on and off: dotted, solid, double, long, dash-dot. */
void weft_bar(struct weft_render *render, GtkSnapshot *snapshot, enum weft_wait_class wait,
              double x, double y, double width, double height, double phase)
{
    static const double dashes[WEFT_WAIT_CLASSES][4] = {
        [WEFT_WAIT_TIMER] = { 3, 3, 3, 3 },
        [WEFT_WAIT_TASK] = { 18, 6, 18, 6 },
        [WEFT_WAIT_THREAD] = { 12, 3, 3, 3 },
    };
    enum weft_role role = weft_role_of_wait(wait);
    const double *dash = dashes[wait];
    double period = dash[0] + dash[1] + dash[2] + dash[3], right = x + width;
    gboolean plain = !render->palette->dashes || wait == WEFT_WAIT_IO || width < 8 || height < 3;
    if (!plain && wait == WEFT_WAIT_SYNC) {
        double line = floor(height / 3);
        weft_fill(render, snapshot, role, 1, x, y, width, line);
        weft_fill(render, snapshot, role, 1, x, y + height - line, width, line);
    } else if (plain) {
        weft_fill(render, snapshot, role, 1, x, y, width, height);
    } else {
        for (double at = x - fmod(fmod(x - phase, period) + period, period); at < right;
             at += period) {
            double first = MAX(at, x), second = MAX(at + dash[0] + dash[1], x);
            weft_fill(render, snapshot, role, 1, first, y, MIN(at + dash[0], right) - first,
                      height);
            weft_fill(render, snapshot, role, 1, second, y,
                      MIN(at + dash[0] + dash[1] + dash[2], right) - second, height);
        }
    }
}

/* ---- Tiles ---- */

static void draw_hatch(cairo_t *cr, const GdkRGBA *color, gboolean falling)
{
    cairo_set_source_rgba(cr, color->red, color->green, color->blue, 0.15);
    cairo_paint(cr);
    cairo_set_source_rgba(cr, color->red, color->green, color->blue, 0.62);
    cairo_set_line_width(cr, 1.7);
    for (int i = -2; i <= 4; i++) { /* lines 6 px apart, reaching over the tile's edges */
        double x = i * TILE / 2.0;
        cairo_move_to(cr, falling ? x - 2 : x - 2, falling ? -2 : TILE + 2);
        cairo_line_to(cr, x + TILE + 2, falling ? TILE + 2 : -2);
    }
    cairo_stroke(cr);
}

static void draw_chequer(cairo_t *cr, const struct weft_palette *palette)
{
    gdk_cairo_set_source_rgba(cr, &palette->color[WEFT_ROLE_CANVAS]);
    cairo_paint(cr);
    gdk_cairo_set_source_rgba(cr, &palette->color[WEFT_ROLE_UNKNOWN]);
    cairo_rectangle(cr, 0, 0, TILE / 2, TILE / 2);
    cairo_rectangle(cr, TILE / 2, TILE / 2, TILE / 2, TILE / 2);
    cairo_fill(cr);
}

/* A surface's pixels as a texture; takes the surface. */
static GdkTexture *take_pixels(cairo_surface_t *surface)
{
    cairo_surface_flush(surface);
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface);
    gsize stride = (gsize)cairo_image_surface_get_stride(surface);
    g_autoptr(GBytes)
        bytes = g_bytes_new(cairo_image_surface_get_data(surface), stride * (gsize)height);
    cairo_surface_destroy(surface);
    return gdk_memory_texture_new(width, height, GDK_MEMORY_DEFAULT, bytes, stride);
}

static GdkTexture *make_tile(const struct weft_palette *palette, enum weft_tile tile, int scale)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, TILE * scale,
                                                          TILE * scale);
    cairo_t *cr = cairo_create(surface);
    cairo_scale(cr, scale, scale);
    if (tile == WEFT_TILE_UNKNOWN)
        draw_chequer(cr, palette);
    else if (tile == WEFT_TILE_READY)
        draw_hatch(cr, &palette->color[WEFT_ROLE_READY], FALSE);
    else
        draw_hatch(cr, &palette->color[WEFT_ROLE_CANCELLING], TRUE);
    cairo_destroy(cr);
    return take_pixels(surface);
}

static const enum weft_role tile_roles[WEFT_TILES] = {
    [WEFT_TILE_READY] = WEFT_ROLE_READY,
    [WEFT_TILE_CANCELLING] = WEFT_ROLE_CANCELLING,
    [WEFT_TILE_UNKNOWN] = WEFT_ROLE_UNKNOWN,
};

void weft_pattern(struct weft_render *render, GtkSnapshot *snapshot, enum weft_tile tile, double x,
                  double y, double width, double height, double phase)
{
    enum weft_role role = tile_roles[tile];
    if (width < WEFT_PATTERN_MIN_WIDTH || render->cost.patterns >= render->pattern_budget) {
        weft_fill(render, snapshot, role, tile == WEFT_TILE_CANCELLING ? 1.0f : 0.55f, x, y, width,
                  height);
        return;
    }
    if (!render->tiles[tile])
        render->tiles[tile] = make_tile(render->palette, tile, MAX(render->device_scale, 1));
    render->cost.patterns++;
    log_shape(render, "pattern", role, 1, x, y, width, height);
    double left = x - fmod(fmod(x - phase, TILE) + TILE, TILE);
    graphene_rect_t bounds = GRAPHENE_RECT_INIT((float)x, (float)y, (float)width, (float)height);
    graphene_rect_t child = GRAPHENE_RECT_INIT((float)round(left), (float)y, TILE, TILE);
    gtk_snapshot_push_repeat(snapshot, &bounds, &child);
    gtk_snapshot_append_texture(snapshot, render->tiles[tile], &child);
    gtk_snapshot_pop(snapshot);
}

void weft_pattern_finish(struct weft_render *render)
{
    for (guint i = 0; i < WEFT_TILES; i++)
        g_clear_object(&render->tiles[i]);
    for (guint i = 0; i < 2 * WEFT_WAIT_CLASSES; i++)
        g_clear_pointer(&render->glyphs[i / WEFT_WAIT_CLASSES][i % WEFT_WAIT_CLASSES],
                        gsk_render_node_unref);
}

/* ---- Glyphs: 12 px, on a grid of 1 px ---- */

static void draw_clock(cairo_t *cr)
{
    cairo_arc(cr, 6, 6, 5, 0, 2 * G_PI);
    cairo_move_to(cr, 6, 3);
    cairo_line_to(cr, 6, 6.3);
    cairo_line_to(cr, 8.3, 7.4);
    cairo_stroke(cr);
}

static void draw_arrows(cairo_t *cr)
{
    cairo_move_to(cr, 0.5, 3.75);
    cairo_line_to(cr, 11, 3.75);
    cairo_move_to(cr, 8, 0.75);
    cairo_line_to(cr, 11, 3.75);
    cairo_move_to(cr, 11.5, 8.25);
    cairo_line_to(cr, 1, 8.25);
    cairo_move_to(cr, 4, 11.25);
    cairo_line_to(cr, 1, 8.25);
    cairo_stroke(cr);
}

static void draw_padlock(cairo_t *cr)
{
    cairo_arc(cr, 6, 4.5, 2.8, G_PI, 0);
    cairo_line_to(cr, 8.8, 6);
    cairo_move_to(cr, 3.2, 4.5);
    cairo_line_to(cr, 3.2, 6);
    cairo_stroke(cr);
    cairo_rectangle(cr, 1.5, 5.5, 9, 6);
    cairo_fill(cr);
}

static void draw_link(cairo_t *cr)
{
    cairo_arc(cr, 2.5, 6, 2.2, 0, 2 * G_PI);
    cairo_fill(cr);
    cairo_move_to(cr, 4, 6);
    cairo_line_to(cr, 10.5, 6);
    cairo_move_to(cr, 8.3, 3.2);
    cairo_line_to(cr, 11, 6);
    cairo_line_to(cr, 8.3, 8.8);
    cairo_stroke(cr);
}

static void draw_threads(cairo_t *cr)
{
    for (int i = 0; i < 3; i++)
        cairo_rectangle(cr, 1, 1.5 + 4 * i, 10, 1.8);
    cairo_fill(cr);
}

static void draw_glyph(cairo_t *cr, enum weft_wait_class wait, const GdkRGBA *color, double size)
{
    static void (*const draw[WEFT_WAIT_CLASSES])(cairo_t *) = {
        [WEFT_WAIT_TIMER] = draw_clock,    [WEFT_WAIT_IO] = draw_arrows,
        [WEFT_WAIT_SYNC] = draw_padlock,   [WEFT_WAIT_TASK] = draw_link,
        [WEFT_WAIT_THREAD] = draw_threads,
    };
    cairo_scale(cr, size / WEFT_METRIC_GLYPH, size / WEFT_METRIC_GLYPH);
    gdk_cairo_set_source_rgba(cr, color);
    cairo_set_line_width(cr, 1.5);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    draw[wait](cr);
}

/* Pixels draw ten times faster than outlines, and a frame may have a hundred glyphs. */
static GskRenderNode *make_glyph(const struct weft_render *render, enum weft_wait_class wait,
                                 double size)
{
    const GdkRGBA *color = &render->palette->color[weft_role_of_wait(wait)];
    graphene_rect_t bounds = GRAPHENE_RECT_INIT(0, 0, (float)size, (float)size);
    if (render->device_scale == 0) {
        GskRenderNode *node = gsk_cairo_node_new(&bounds);
        cairo_t *cr = gsk_cairo_node_get_draw_context(node);
        draw_glyph(cr, wait, color, size);
        cairo_destroy(cr);
        return node;
    }
    int pixels = (int)size * render->device_scale;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, pixels, pixels);
    cairo_t *cr = cairo_create(surface);
    draw_glyph(cr, wait, color, pixels);
    cairo_destroy(cr);
    g_autoptr(GdkTexture) texture = take_pixels(surface);
    return gsk_texture_node_new(texture, &bounds);
}

static void place_glyph(struct weft_render *render, GtkSnapshot *snapshot,
                        enum weft_wait_class wait, double size, double x, double y)
{
    GskRenderNode **node = &render->glyphs[size != WEFT_METRIC_GLYPH][wait];
    if (!*node)
        *node = make_glyph(render, wait, size);
    log_shape(render, "glyph", weft_role_of_wait(wait), 1, x, y, size, size);
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT((float)round(x), (float)round(y)));
    gtk_snapshot_append_node(snapshot, *node);
    gtk_snapshot_restore(snapshot);
}

void weft_render_glyph(struct weft_render *render, GtkSnapshot *snapshot, enum weft_wait_class wait,
                       double x, double y)
{
    place_glyph(render, snapshot, wait, WEFT_METRIC_GLYPH, x, y);
}

void weft_glyph(struct weft_render *render, GtkSnapshot *snapshot, enum weft_wait_class wait,
                double x, double y)
{
    place_glyph(render, snapshot, wait, render->glyph, x, y);
}
