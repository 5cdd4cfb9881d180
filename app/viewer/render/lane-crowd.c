/* lane-crowd.c: very many tasks as one row: what share of them did what, column by column. See
 * render.h.
 *
 *     +--------------------+
 *     |                    |   did not live
 *     |    ______          |
 *     |___|      |_________|   waiting: a tint, up to how many lived
 *     |::::::::::::::::::::|   cancelling, unknown, ready, running: each as high as its share, from
 *     +--------------------+   the base up in the order in which the eye may lose them
 *
 * Neighbouring columns that look the same are one rectangle. */
#include "app/viewer/render/draw.h"
#include <math.h>

/* From the base up. A state that somebody is in is at least 1 px high. */
static const struct layer {
    enum weft_crowd_state state;
    enum weft_role role;
    float alpha;
} layers[] = {
    { WEFT_CROWD_RUNNING, WEFT_ROLE_RUNNING, 1 },
    { WEFT_CROWD_READY, WEFT_ROLE_READY, 0.85f },
    { WEFT_CROWD_CANCELLING, WEFT_ROLE_CANCELLING, 1 },
    { WEFT_CROWD_UNKNOWN, WEFT_ROLE_UNKNOWN, 1 },
    { WEFT_CROWD_WAITING, WEFT_ROLE_WAIT_TASK, 0.22f },
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
    double top = 2, room = height - 2 * top;
    for (guint i = 0; i < columns;) {
        struct stack stack = stack_of(&cells[i], room), next;
        guint end = i + 1;
        while (end < columns && (next = stack_of(&cells[end], room), same(&stack, &next)))
            end++;
        draw_stack(render, snapshot, &stack, i * column_width, (end - i) * column_width,
                   height - top);
        i = end;
    }
}
