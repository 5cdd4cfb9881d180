/* names.c: the names column and the legend as pictures: for export. A window uses widgets, so that
 * they can be reached by keyboard and screen readers. See render.h. */
#include "app/viewer/render/draw.h"
#include <math.h>

enum { NAME_X = 26, EDGE = 12, ARROW = 6, TREE_X = 16 };

/* The lines of the tree: down along the parent's children, and a stub to each. */
static void draw_tree(struct weft_render *render, GtkSnapshot *snapshot,
                      const struct weft_scene *scene, guint row_index)
{
    const struct weft_row *row = weft_scene_row(scene, row_index);
    double y = weft_scene_y(scene, row_index), middle = round(y + row->height / 2);
    if (row->kind != WEFT_ROW_TASK || row->depth == 0)
        return;
    double x = TREE_X + (row->depth - 1) * WEFT_METRIC_INDENT;
    weft_fill(render, snapshot, WEFT_ROLE_LINE, 1, x, y, 1,
              row->last_child ? middle - y : row->height);
    weft_fill(render, snapshot, WEFT_ROLE_LINE, 1, x, middle, WEFT_METRIC_INDENT - 2, 1);
    guint up = row->parent; /* ancestors that have more children below */
    while (up != WEFT_NO_LANE && weft_scene_row(scene, up)->depth > 0) {
        const struct weft_row *ancestor = weft_scene_row(scene, up);
        if (!ancestor->last_child)
            weft_fill(render, snapshot, WEFT_ROLE_LINE, 1,
                      TREE_X + (ancestor->depth - 1) * WEFT_METRIC_INDENT, y, 1, row->height);
        up = ancestor->parent;
    }
}

static void draw_name(struct weft_render *render, GtkSnapshot *snapshot,
                      const struct weft_scene *scene, guint row_index, double width)
{
    const struct weft_row *row = weft_scene_row(scene, row_index);
    const struct weft_visible_row *visible = weft_scene_visible(scene, row_index);
    double y = weft_scene_y(scene, row_index);
    gboolean selected = row->lane == scene->view.selected_lane ||
                        row->lane == scene->view.selected_track;
    double x = NAME_X + row->depth * WEFT_METRIC_INDENT;
    if (selected)
        weft_fill(render, snapshot, WEFT_ROLE_ACCENT, 0.15f, 0, y, width, row->height);
    if (row->height >= WEFT_LANE_HEIGHT_LINE)
        weft_fill(render, snapshot, WEFT_ROLE_LINE, 1, 0, y + row->height - 1, width, 1);
    draw_tree(render, snapshot, scene, row_index);
    if (row->height < 20) /* no room for words */
        return;
    double middle = round(y + row->height / 2);
    if (row->has_children)
        weft_triangle(render, snapshot, WEFT_ROLE_DIM, row->folded ? x - 7 : x - 10,
                      row->folded ? middle : middle + 3, ARROW, row->folded ? '>' : 'v');
    enum weft_style style = row->height < WEFT_LANE_HEIGHT_SMALL     ? WEFT_STYLE_SECONDARY
                            : row->kind == WEFT_ROW_LOOP || selected ? WEFT_STYLE_HEADER_STRONG
                                                                     : WEFT_STYLE_HEADER;
    g_autofree char *hidden = row->folded && row->hidden
                                  ? g_strdup_printf("%s +%u", visible->name, row->hidden)
                                  : NULL;
    struct weft_label *name = weft_text_cut(render, style, hidden ? hidden : visible->name,
                                            MAX(width - x - EDGE, 20));
    struct weft_label *word = weft_text_cut(render, WEFT_STYLE_SECONDARY, visible->word,
                                            MAX(width - x - name->width - EDGE - 8, 0));
    weft_text_draw(render, snapshot, name, WEFT_ROLE_TEXT, x, middle - floor(name->height / 2.0));
    if (width - x - name->width - EDGE - 8 >= 24)
        weft_text_draw(render, snapshot, word, WEFT_ROLE_DIM, width - EDGE - word->width,
                       middle - floor(word->height / 2.0));
}

void weft_render_names(struct weft_render *render, GtkSnapshot *snapshot,
                       const struct weft_scene *scene, double width)
{
    double height = scene->view.viewport.height;
    weft_fill(render, snapshot, WEFT_ROLE_CANVAS, 1, 0, 0, width, height);
    for (guint i = 0; i < scene->n_visible; i++)
        draw_name(render, snapshot, scene, scene->first + i, width);
    weft_fill(render, snapshot, WEFT_ROLE_LINE, 1, width - 1, 0, 1, height);
}

/* ---- The legend ---- */

enum { LEGEND_GAP = 18, LEGEND_GAP_LEAST = 9, LEGEND_BOX = 18, LEGEND_BOX_HEIGHT = 14 };

/* One entry: a kind of waiting, as its glyph and underlined words, or a state, as a box. */
static const struct legend_entry {
    const char *text;
    gboolean is_box;
    guint kind; /* enum weft_wait_class; a box's enum weft_segment_state */
} legend[] = {
    { "timer", FALSE, WEFT_WAIT_TIMER },       { "I/O", FALSE, WEFT_WAIT_IO },
    { "lock, queue", FALSE, WEFT_WAIT_SYNC },  { "task", FALSE, WEFT_WAIT_TASK },
    { "thread", FALSE, WEFT_WAIT_THREAD },     { "runs", TRUE, WEFT_SEGMENT_RUNNING },
    { "ready", TRUE, WEFT_SEGMENT_READY },     { "cancelling", TRUE, WEFT_SEGMENT_CANCELLING },
    { "unknown", TRUE, WEFT_SEGMENT_UNKNOWN },
};

/* From the entry's left to its words. */
static double legend_indent(const struct weft_render *render, const struct legend_entry *entry)
{
    return (entry->is_box ? LEGEND_BOX : render->glyph) + WEFT_METRIC_PAD;
}

static double legend_width(struct weft_render *render, const struct legend_entry *entry)
{
    return legend_indent(render, entry) +
           weft_text(render, WEFT_STYLE_SECONDARY, entry->text)->width;
}

static void draw_state(struct weft_render *render, GtkSnapshot *snapshot, guint state, double x,
                       double y, double width, double height)
{
    if (state == WEFT_SEGMENT_RUNNING)
        weft_fill(render, snapshot, WEFT_ROLE_RUNNING, 1, x, y, width, height);
    else
        weft_pattern(render, snapshot,
                     state == WEFT_SEGMENT_READY        ? WEFT_TILE_READY
                     : state == WEFT_SEGMENT_CANCELLING ? WEFT_TILE_CANCELLING
                                                        : WEFT_TILE_UNKNOWN,
                     x, y, width, height, x);
    if (state == WEFT_SEGMENT_CANCELLING)
        weft_frame(render, snapshot, WEFT_ROLE_CANCELLING, 1, x, y, width, height,
                   render->palette->frame, 0);
}

int weft_render_sign_size(const struct weft_render *render)
{
    return (int)render->glyph;
}

void weft_render_sign(struct weft_render *render, GtkSnapshot *snapshot, guint state,
                      enum weft_wait_class wait, double x, double y)
{
    weft_render_begin_still(render);
    if (state == WEFT_SEGMENT_WAITING)
        weft_glyph(render, snapshot, wait, x, y);
    else
        draw_state(render, snapshot, state, x, y, render->glyph, render->glyph);
}

static void draw_legend_entry(struct weft_render *render, GtkSnapshot *snapshot,
                              const struct legend_entry *entry, double x, double y, double height)
{
    struct weft_label *label = weft_text(render, WEFT_STYLE_SECONDARY, entry->text);
    double middle = y + floor(height / 2), words = x + legend_indent(render, entry);
    if (entry->is_box)
        draw_state(render, snapshot, entry->kind, x, middle - LEGEND_BOX_HEIGHT / 2, LEGEND_BOX,
                   LEGEND_BOX_HEIGHT);
    else
        weft_glyph(render, snapshot, entry->kind, x, middle - floor(render->glyph / 2));
    weft_text_draw(render, snapshot, label, WEFT_ROLE_TEXT, words,
                   y + floor((height - 2 - label->height) / 2));
    if (!entry->is_box)
        weft_bar(render, snapshot, entry->kind, words, middle + 8, label->width, 3, words);
}

guint weft_render_legend(struct weft_render *render, GtkSnapshot *snapshot, double x, double y,
                         double width, double line)
{
    double left = x, least, one_line, gap = LEGEND_GAP;
    guint lines = 1;
    weft_render_legend_width(render, &least, &one_line);
    if (one_line > width) /* closer together before it takes another line */
        gap = MAX(LEGEND_GAP - ceil((one_line - width) / (G_N_ELEMENTS(legend) - 1)),
                  LEGEND_GAP_LEAST);
    for (guint i = 0; i < G_N_ELEMENTS(legend); i++) {
        double wide = legend_width(render, &legend[i]);
        if (x > left && x + wide > left + width) {
            x = left;
            y += line;
            lines++;
        }
        if (snapshot)
            draw_legend_entry(render, snapshot, &legend[i], x, y, line);
        x += wide + gap;
    }
    return lines;
}

void weft_render_legend_width(struct weft_render *render, double *least, double *one_line)
{
    *least = 0;
    *one_line = -LEGEND_GAP;
    for (guint i = 0; i < G_N_ELEMENTS(legend); i++) {
        double wide = legend_width(render, &legend[i]);
        *least = MAX(*least, wide);
        *one_line += wide + LEGEND_GAP;
    }
}
