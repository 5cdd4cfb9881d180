/* lane-crowd.c: very many tasks as one row: what share of them did what, column by column. See
 * render.h.
 *
 *     +--------------------+
 *     |                    |   did not live
 *     |    ______          |
 *     |7 wait    |_________|   waiting: a tint for each kind, with its words
 *     |::::::::::::::::::::|   cancelling, unknown, ready, running: each as high as its share, from
 *     +--------------------+   the base up in the order in which the eye may lose them
 *
 * Neighbouring columns that look the same are one rectangle. Where as many do the same for long
 * enough, that is said. */
#include "app/viewer/render/draw.h"
#include <math.h>

enum { MARGIN = 2, LINE = 3 };

/* From the base up. A state that somebody is in is at least 1 px high. */
static const struct layer {
    guint state;
    enum weft_role role;
    float alpha;
} layers[] = {
    { WEFT_CROWD_RUNNING, WEFT_ROLE_RUNNING, 1 },
    { WEFT_CROWD_READY, WEFT_ROLE_READY, 0.85f },
    { WEFT_CROWD_CANCELLING, WEFT_ROLE_CANCELLING, 1 },
    { WEFT_CROWD_UNKNOWN, WEFT_ROLE_UNKNOWN, 1 },
#define WAITING(class)                                                                             \
    {                                                                                              \
        WEFT_CROWD_WAITING + WEFT_WAIT_##class, WEFT_ROLE_WAIT_##class, 0.4f                       \
    }
    WAITING(TIMER),
    WAITING(IO),
    WAITING(SYNC),
    WAITING(TASK),
    WAITING(THREAD),
};

struct stack { /* px of each layer */
    double heights[G_N_ELEMENTS(layers)];
};

static struct stack stack_of(const struct weft_crowd_cell *cell, double room)
{
    struct stack stack;
    double left = room;
    for (guint i = 0; i < G_N_ELEMENTS(layers); i++) {
        double share = CLAMP((double)cell->share[layers[i].state], 0, 1);
        double height = share > 0 ? MAX(round(room * share), 1) : 0;
        stack.heights[i] = MIN(height, left);
        left -= stack.heights[i];
    }
    return stack;
}

static gboolean same(const struct stack *a, const struct stack *b)
{
    for (guint i = 0; i < G_N_ELEMENTS(layers); i++)
        if (a->heights[i] != b->heights[i])
            return FALSE;
    return TRUE;
}

static void draw_stack(struct weft_render *render, GtkSnapshot *snapshot, const struct stack *stack,
                       double x, double width, double base)
{
    for (guint i = 0; i < G_N_ELEMENTS(layers); i++) {
        base -= stack->heights[i];
        if (stack->heights[i] > 0)
            weft_fill(render, snapshot, layers[i].role, layers[i].alpha, x, base, width,
                      stack->heights[i]);
    }
}

void weft_render_crowd(struct weft_render *render, GtkSnapshot *snapshot,
                       const struct weft_crowd_cell *cells, guint columns, double column_width,
                       double height)
{
    double room = height - 2 * MARGIN;
    for (guint i = 0; i < columns;) {
        struct stack stack = stack_of(&cells[i], room), next;
        guint end = i + 1;
        while (end < columns && (next = stack_of(&cells[end], room), same(&stack, &next)))
            end++;
        draw_stack(render, snapshot, &stack, i * column_width, (end - i) * column_width,
                   height - MARGIN);
        i = end;
    }
}

/* ---- Words ---- */

static gboolean as_many(const struct weft_crowd_cell *a, const struct weft_crowd_cell *b, guint n)
{
    for (guint i = 0; i < WEFT_CROWD_STATES; i++)
        if ((guint)((double)a->share[i] * n + 0.5) != (guint)((double)b->share[i] * n + 0.5))
            return FALSE;
    return TRUE;
}

/* Words at the left of what waits alike from x0 to x1. */
static void draw_words(struct weft_render *render, GtkSnapshot *snapshot,
                       const struct weft_scene *scene, guint row,
                       const struct weft_crowd_cell *cell, guint state, double x0, double x1,
                       double y, double room)
{
    double limit = MIN(x1, scene->view.viewport.width) - 2, x = x0 + WEFT_METRIC_PAD;
    if (!weft_text_budget(render))
        return;
    g_autofree char *text = weft_scene_crowd_state_words(
        cell, state, weft_scene_visible(scene, row)->crowd_tasks);
    struct weft_label *label = weft_text(render, WEFT_STYLE_SECONDARY, text);
    if (label->height <= room && x + label->width <= limit &&
        weft_render_find_place(render, weft_scene_y(scene, row) + y, label->height, label->width,
                               limit, &x))
        weft_text_draw(render, snapshot, label, WEFT_ROLE_TEXT, x, y);
}

/* On each kind's tint a line, dashed where grey must tell the kinds apart, and its words below it;
 * those of the topmost stand above it where there is no room below. */
static void draw_run(struct weft_render *render, GtkSnapshot *snapshot,
                     const struct weft_scene *scene, guint row, const struct weft_crowd_cell *cell,
                     double x0, double x1)
{
    double height = weft_scene_row(scene, row)->height, top = height - MARGIN, above = top;
    struct stack stack = stack_of(cell, height - 2 * MARGIN);
    for (guint i = 0; i < G_N_ELEMENTS(layers); i++)
        above -= stack.heights[i];
    for (guint i = 0; i < G_N_ELEMENTS(layers); i++) {
        double tall = stack.heights[i], line = round(WEFT_FONT_SECONDARY * render->scale) + 4;
        top -= tall;
        if (tall <= LINE || layers[i].state < WEFT_CROWD_WAITING ||
            layers[i].state >= WEFT_CROWD_CANCELLING)
            continue;
        weft_bar(render, snapshot, layers[i].state - WEFT_CROWD_WAITING, x0, top, x1 - x0, LINE,
                 weft_phase(scene));
        gboolean below = tall >= line + LINE || top > above;
        draw_words(render, snapshot, scene, row, cell, layers[i].state, x0, x1,
                   below ? top + LINE : top - line, below ? tall - LINE : top);
    }
}

void weft_render_crowd_lane(struct weft_render *render, GtkSnapshot *snapshot,
                            const struct weft_scene *scene, guint row)
{
    const struct weft_visible_row *visible = weft_scene_visible(scene, row);
    const struct weft_crowd_cell *cells = (const void *)visible->cells->data;
    guint columns = visible->cells->len, end;
    weft_render_crowd(render, snapshot, cells, columns, WEFT_CROWD_COLUMN,
                      weft_scene_row(scene, row)->height);
    for (guint i = 0; i < columns; i = end) {
        for (end = i + 1; end < columns && as_many(&cells[i], &cells[end], visible->crowd_tasks);)
            end++;
        if ((end - i) * WEFT_CROWD_COLUMN >= WEFT_METRIC_BOX_MIN)
            draw_run(render, snapshot, scene, row, &cells[(i + end) / 2], i * WEFT_CROWD_COLUMN,
                     end * WEFT_CROWD_COLUMN);
    }
}
