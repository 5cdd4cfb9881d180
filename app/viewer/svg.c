/* svg.c: see svg.h. A walk over the render nodes: containers, transforms and clips are entered,
 * words are noted with the transform that holds there, all else is drawn by GSK. Words lie above
 * all shapes then: nothing is ever drawn over a word. */
#include "app/viewer/svg.h"
#include <cairo-svg.h>
#include <math.h>
#include <string.h>

struct writer {
    cairo_t *cr;
    const struct weft_render *render;
    GString *words;
};

/* Where a label's end is cut, the words as they are seen. */
static char *shown_text(PangoLayout *layout)
{
    const char *text = pango_layout_get_text(layout);
    GString *shown = g_string_new(NULL);
    PangoLayoutLine *line = pango_layout_get_line_readonly(layout, 0);
    if (!line || !pango_layout_is_ellipsized(layout)) {
        g_string_append(shown, text);
        return g_string_free(shown, FALSE);
    }
    for (GSList *at = line->runs; at; at = at->next) {
        const PangoItem *item = ((PangoLayoutRun *)at->data)->item;
        if (item->analysis.flags & PANGO_ANALYSIS_FLAG_IS_ELLIPSIS)
            g_string_append(shown, "…");
        else
            g_string_append_len(shown, text + item->offset, item->length);
    }
    return g_string_free(shown, FALSE);
}

/* As XML takes it: without control characters, escaped. */
static char *escaped(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *clean = g_string_new(NULL);
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        gboolean plain = g_unichar_isdefined(c) && !g_unichar_iscntrl(c) && (c & 0xfffe) != 0xfffe;
        g_string_append_unichar(clean, plain ? c : 0xfffd);
    }
    char *result = g_markup_escape_text(clean->str, (gssize)clean->len);
    g_string_free(clean, TRUE);
    return result;
}

static void append_number(GString *to, const char *name, double value)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(number, sizeof number, "%.2f", value);
    g_string_append_printf(to, " %s=\"%s\"", name, number);
}

static void append_transform(GString *to, const cairo_matrix_t *matrix)
{
    const double parts[] = {
        matrix->xx, matrix->yx, matrix->xy, matrix->yy, matrix->x0, matrix->y0
    };
    g_string_append(to, " transform=\"matrix(");
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        char number[G_ASCII_DTOSTR_BUF_SIZE];
        g_ascii_formatd(number, sizeof number, "%.2f", parts[i]);
        g_string_append_printf(to, "%s%s", i ? " " : "", number);
    }
    g_string_append(to, ")\"");
}

/* Its length is said, so that another font does not make it longer. */
static void note_words(struct writer *writer, const struct weft_drawn_words *words)
{
    double x0, y0, x1, y1;
    int width, height;
    pango_layout_get_pixel_size(words->layout, &width, &height);
    cairo_clip_extents(writer->cr, &x0, &y0, &x1, &y1);
    if (x0 > 1 || y0 > height / 4.0 || x1 < width - 1 || y1 < height * 0.75) /* no word is cut */
        return;
    const PangoFontDescription *font = pango_layout_get_font_description(words->layout);
    const char *family = pango_font_description_get_family(font);
    double baseline = (double)pango_layout_get_baseline(words->layout) / PANGO_SCALE;
    cairo_matrix_t matrix;
    cairo_get_matrix(writer->cr, &matrix);
    double x = 0, y = baseline;
    g_autofree char *shown = shown_text(words->layout);
    g_autofree char *text = escaped(shown);
    g_autofree char *name = escaped(family ? family : "Cantarell");
    g_string_append(writer->words, "<text");
    if (matrix.xx == 1 && matrix.xy == 0)
        cairo_matrix_transform_point(&matrix, &x, &y);
    else
        append_transform(writer->words, &matrix);
    append_number(writer->words, "x", x);
    append_number(writer->words, "y", y);
    append_number(writer->words, "textLength", width);
    append_number(writer->words, "font-size",
                  (double)pango_font_description_get_size(font) / PANGO_SCALE);
    g_string_append_printf(
        writer->words,
        " font-family=\"%s, sans-serif\" font-weight=\"%d\" fill=\"#%02x%02x%02x\">%s</text>\n",
        name, (int)pango_font_description_get_weight(font), (guint)lround(words->color.red * 255.0),
        (guint)lround(words->color.green * 255.0), (guint)lround(words->color.blue * 255.0), text);
}

static void draw(struct writer *writer, GskRenderNode *node);

static void draw_transformed(struct writer *writer, GskRenderNode *node)
{
    float xx, yx, xy, yy, dx, dy;
    gsk_transform_to_2d(gsk_transform_node_get_transform(node), &xx, &yx, &xy, &yy, &dx, &dy);
    cairo_matrix_t matrix;
    cairo_matrix_init(&matrix, (double)xx, (double)yx, (double)xy, (double)yy, (double)dx,
                      (double)dy);
    cairo_save(writer->cr);
    cairo_transform(writer->cr, &matrix);
    draw(writer, gsk_transform_node_get_child(node));
    cairo_restore(writer->cr);
}

static void draw(struct writer *writer, GskRenderNode *node)
{
    struct weft_drawn_words words;
    if (weft_render_words_of(writer->render, node, &words)) {
        note_words(writer, &words);
        return;
    }
    switch (gsk_render_node_get_node_type(node)) {
    case GSK_CONTAINER_NODE:
        for (guint i = 0; i < gsk_container_node_get_n_children(node); i++)
            draw(writer, gsk_container_node_get_child(node, i));
        break;
    case GSK_TRANSFORM_NODE:
        draw_transformed(writer, node);
        break;
    case GSK_CLIP_NODE:
        cairo_save(writer->cr);
        const graphene_rect_t *clip = gsk_clip_node_get_clip(node);
        cairo_rectangle(writer->cr, (double)clip->origin.x, (double)clip->origin.y,
                        (double)clip->size.width, (double)clip->size.height);
        cairo_clip(writer->cr);
        draw(writer, gsk_clip_node_get_child(node));
        cairo_restore(writer->cr);
        break;
    default:
        gsk_render_node_draw(node, writer->cr);
    }
}

static cairo_status_t collect(void *closure, const unsigned char *data, unsigned length)
{
    g_byte_array_append(closure, data, length);
    return CAIRO_STATUS_SUCCESS;
}

cairo_status_t weft_svg_write(GskRenderNode *node, const struct weft_render *render, double width,
                              double height, GByteArray *bytes)
{
    static const char end[] = "</svg>\n";
    cairo_surface_t *surface = cairo_svg_surface_create_for_stream(collect, bytes, width, height);
    cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
    struct writer writer = { cairo_create(surface), render, g_string_new(NULL) };
    draw(&writer, node);
    cairo_status_t status = cairo_status(writer.cr);
    cairo_destroy(writer.cr);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    gsize size = strlen(end);
    if (status == CAIRO_STATUS_SUCCESS && bytes->len > size &&
        memcmp(bytes->data + bytes->len - size, end, size) == 0) {
        g_byte_array_set_size(bytes, bytes->len - (guint)size);
        g_byte_array_append(bytes, (const guint8 *)writer.words->str, (guint)writer.words->len);
        g_byte_array_append(bytes, (const guint8 *)end, (guint)size);
    } else if (status == CAIRO_STATUS_SUCCESS) {
        status = CAIRO_STATUS_WRITE_ERROR;
    }
    g_string_free(writer.words, TRUE);
    return status;
}
