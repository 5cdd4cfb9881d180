/* text.c: measured words, kept between frames. See draw.h.
 *
 * A label is laid out once per (style, text), and becomes one text node per colour: drawing it
 * again is appending a node. Pan moves labels, it does not make new ones; the cache is emptied when
 * it has grown far beyond a frame's budget. */
#include "app/viewer/render/draw.h"
#include <math.h>
#include <string.h>

#define LABELS_KEPT 6000

static const struct {
    int size;
    double projected; /* px at WEFT_PROJECTOR_SCALE: sizes are closer to each other there */
    gboolean bold, code;
} styles[WEFT_STYLES] = {
    [WEFT_STYLE_WORDS] = { WEFT_FONT_WORDS, 20, FALSE },
    [WEFT_STYLE_STRONG] = { WEFT_FONT_WORDS, 20, TRUE },
    [WEFT_STYLE_SECONDARY] = { WEFT_FONT_SECONDARY, 20, FALSE },
    [WEFT_STYLE_SMALL] = { WEFT_FONT_FLOOR, 18, FALSE },
    [WEFT_STYLE_SMALL_STRONG] = { WEFT_FONT_FLOOR, 18, TRUE },
    [WEFT_STYLE_HEADER] = { WEFT_FONT_HEADER, 24, FALSE },
    [WEFT_STYLE_HEADER_STRONG] = { WEFT_FONT_HEADER, 24, TRUE },
    [WEFT_STYLE_TITLE] = { WEFT_FONT_TITLE, 26, TRUE },
    [WEFT_STYLE_CODE] = { WEFT_FONT_WORDS, 22, FALSE, TRUE },
    [WEFT_STYLE_CODE_STRONG] = { WEFT_FONT_WORDS, 22, TRUE, TRUE },
};

static guint label_hash(gconstpointer data)
{
    const struct weft_label *label = data;
    return g_str_hash(label->text) ^ (guint)label->style << 24 ^ (guint)label->max;
}

static gboolean label_equal(gconstpointer a, gconstpointer b)
{
    const struct weft_label *x = a, *y = b;
    return x->style == y->style && x->max == y->max && strcmp(x->text, y->text) == 0;
}

static void label_free(gpointer data)
{
    struct weft_label *label = data;
    g_free(label->text);
    g_object_unref(label->layout);
    for (guint i = 0; i < WEFT_ROLES; i++)
        g_clear_pointer(&label->nodes[i], gsk_render_node_unref);
    g_free(label);
}

static void set_size(struct weft_render *render, guint style, double px)
{
    pango_font_description_set_absolute_size(render->fonts[style],
                                             round(MAX(px, WEFT_FONT_FLOOR)) * PANGO_SCALE);
}

void weft_render_project(struct weft_render *render)
{
    for (guint i = 0; i < WEFT_STYLES; i++)
        set_size(render, i, styles[i].projected * render->scale / WEFT_PROJECTOR_SCALE);
    g_hash_table_remove_all(render->drawn);
    g_hash_table_remove_all(render->labels);
}

void weft_text_init(struct weft_render *render)
{
    const PangoFontDescription *base = pango_context_get_font_description(render->context);
    for (guint i = 0; i < WEFT_STYLES; i++) {
        render->fonts[i] = pango_font_description_copy(base);
        if (styles[i].code)
            pango_font_description_set_family_static(render->fonts[i], "monospace");
        set_size(render, i, styles[i].size * render->scale);
        pango_font_description_set_weight(render->fonts[i],
                                          styles[i].bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    }
    render->tabular = pango_attr_list_new();
    pango_attr_list_insert(render->tabular, pango_attr_font_features_new("tnum=1"));
    render->labels = g_hash_table_new_full(label_hash, label_equal, NULL, label_free);
    render->drawn = g_hash_table_new(NULL, NULL);
}

void weft_text_finish(struct weft_render *render)
{
    g_hash_table_unref(render->drawn);
    g_hash_table_unref(render->labels);
    pango_attr_list_unref(render->tabular);
    for (guint i = 0; i < WEFT_STYLES; i++)
        pango_font_description_free(render->fonts[i]);
}

/* max < 0: not cut. */
static struct weft_label *find(struct weft_render *render, enum weft_style style, const char *text,
                               int max)
{
    struct weft_label key = { .text = (char *)text, .style = style, .max = max };
    struct weft_label *label = g_hash_table_lookup(render->labels, &key);
    if (!label) {
        label = g_new0(struct weft_label, 1);
        label->text = g_strdup(text);
        label->style = style;
        label->max = max;
        g_autofree char *line = g_strdelimit(g_strdup(text), "\n\r",
                                             ' '); /* one line, whatever it is */
        label->layout = pango_layout_new(render->context);
        pango_layout_set_font_description(label->layout, render->fonts[style]);
        pango_layout_set_attributes(label->layout, render->tabular);
        pango_layout_set_single_paragraph_mode(label->layout, TRUE);
        pango_layout_set_text(label->layout, line, -1);
        if (max >= 0) {
            pango_layout_set_width(label->layout, max * PANGO_SCALE);
            pango_layout_set_ellipsize(label->layout, PANGO_ELLIPSIZE_END);
        }
        pango_layout_get_pixel_size(label->layout, &label->width, &label->height);
        g_hash_table_insert(render->labels, label, label);
    }
    return label;
}

struct weft_label *weft_text(struct weft_render *render, enum weft_style style, const char *text)
{
    return find(render, style, text, -1);
}

struct weft_label *weft_text_cut(struct weft_render *render, enum weft_style style,
                                 const char *text, double max)
{
    struct weft_label *label = find(render, style, text, -1);
    return label->width <= max ? label : find(render, style, text, MAX((int)max, 0));
}

gboolean weft_text_budget(const struct weft_render *render)
{
    return render->cost.labels < render->label_budget;
}

void weft_text_draw(struct weft_render *render, GtkSnapshot *snapshot, struct weft_label *label,
                    enum weft_role role, double x, double y)
{
    render->cost.labels++;
    if (!label->nodes[role]) {
        GtkSnapshot *once = gtk_snapshot_new();
        gtk_snapshot_append_layout(once, label->layout, &render->palette->color[role]);
        label->nodes[role] = gtk_snapshot_free_to_node(once);
        if (label->nodes[role])
            g_hash_table_insert(render->drawn, label->nodes[role], label);
    }
    if (render->log)
        g_string_append_printf(render->log, "text %s %.0f,%.0f \"%s\"\n", weft_role_name(role),
                               round(x), round(y), pango_layout_get_text(label->layout));
    if (!label->nodes[role]) /* nothing but spaces */
        return;
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT((float)round(x), (float)round(y)));
    gtk_snapshot_append_node(snapshot, label->nodes[role]);
    gtk_snapshot_restore(snapshot);
}

gboolean weft_render_words_of(const struct weft_render *render, GskRenderNode *node,
                              struct weft_drawn_words *words)
{
    const struct weft_label *label = g_hash_table_lookup(render->drawn, node);
    for (guint role = 0; label && role < WEFT_ROLES; role++)
        if (label->nodes[role] == node) {
            *words = (struct weft_drawn_words){ label->layout, render->palette->color[role] };
            return TRUE;
        }
    return FALSE;
}

char *weft_text_count(guint64 n)
{
    g_autofree char *plain = g_strdup_printf("%" G_GUINT64_FORMAT, n);
    GString *text = g_string_new(plain);
    for (gssize at = (gssize)text->len - 3; at > 0; at -= 3)
        g_string_insert_c(text, at, ',');
    return g_string_free(text, FALSE);
}

/* Called between frames. */
void weft_text_trim(struct weft_render *render)
{
    if (g_hash_table_size(render->labels) > LABELS_KEPT) {
        g_hash_table_remove_all(render->drawn);
        g_hash_table_remove_all(render->labels);
    }
}
