/* scene-crowd.c: a row of many tasks: what it is called, and what share of them did what, column by
 * column.
 *
 * To add up very many tasks takes longer than a frame may. A patient scene draws what was prepared
 * before, for another range or for another set of tasks, and says that it is late; any other
 * prepares at once. */
#include "app/viewer/render/rows.h"
#include <math.h>
#include <string.h>

/* The columns that cover the window. */
static guint columns_of(const struct weft_viewport *viewport, gint64 *to_ns)
{
    guint columns = (guint)ceil(viewport->width / WEFT_CROWD_COLUMN);
    *to_ns = viewport->from_ns + (gint64)(columns * WEFT_CROWD_COLUMN * viewport->ns_per_px);
    return columns;
}

weft_crowd *weft_scene_ask_crowd(struct weft_scene *scene, gint64 *from_ns, gint64 *to_ns,
                                 guint *columns)
{
    *from_ns = scene->view.viewport.from_ns;
    *columns = columns_of(&scene->view.viewport, to_ns);
    return scene->made->crowd;
}

/* Cells of the crowd that has the lane; FALSE: they are not exact. */
static gboolean cells_of(weft_crowd *crowd, guint lane, const struct weft_viewport *viewport,
                         GArray *cells)
{
    gint64 to_ns;
    guint columns = columns_of(viewport, &to_ns), row = weft_crowd_row_of(crowd, lane);
    g_array_set_size(cells, columns);
    if (row == G_MAXUINT32) {
        memset(cells->data, 0, columns * sizeof(struct weft_crowd_cell));
        return FALSE;
    }
    return weft_crowd_cells(crowd, row, viewport->from_ns, to_ns, columns,
                            (struct weft_crowd_cell *)(void *)cells->data);
}

/* The largest share first; what is less than a thousandth is not told. */
char *weft_scene_crowd_words(const struct weft_scene *scene, const struct weft_visible_row *visible,
                             gint64 t_ns, gboolean most_only)
{
    static const char *const words[WEFT_CROWD_STATES] = {
        [WEFT_CROWD_RUNNING] = "run",     [WEFT_CROWD_READY] = "ready",
        [WEFT_CROWD_WAITING] = "wait",    [WEFT_CROWD_CANCELLING] = "cancelling",
        [WEFT_CROWD_UNKNOWN] = "unknown",
    };
    GString *text = g_string_new(NULL);
    double x = weft_viewport_x(&scene->view.viewport, t_ns);
    gboolean told[WEFT_CROWD_STATES] = { FALSE };
    if (t_ns == WEFT_NO_TIME || x < 0 || x / WEFT_CROWD_COLUMN >= visible->cells->len)
        return g_string_free(text, FALSE);
    const struct weft_crowd_cell *cell = &g_array_index(visible->cells, struct weft_crowd_cell,
                                                        (guint)(x / WEFT_CROWD_COLUMN));
    for (guint n = 0; n < (most_only ? 1 : WEFT_CROWD_STATES); n++) {
        guint most = WEFT_CROWD_STATES;
        for (guint i = 0; i < WEFT_CROWD_STATES; i++)
            if (!told[i] && cell->share[i] >= 0.001F &&
                (most == WEFT_CROWD_STATES || cell->share[i] > cell->share[most]))
                most = i;
        if (most == WEFT_CROWD_STATES)
            break;
        told[most] = TRUE;
        g_string_append_printf(text, "%s%.*f %% %s", n ? ", " : "", cell->share[most] < 0.01F,
                               100.0 * (double)cell->share[most], words[most]);
    }
    return g_string_free(text, FALSE);
}

/* What there is to be drawn: of the rows' own tasks, or, until those are prepared once, of others.
 */
static weft_crowd *drawn_crowd(const struct weft_scene *scene, weft_crowd *before)
{
    weft_crowd *crowd = scene->made->crowd;
    return before && !weft_crowd_prepared(crowd) ? before : crowd;
}

static void empty_rest(struct weft_visible_row *visible)
{
    if (!visible->segments)
        visible->segments = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    g_array_set_size(visible->segments, 0);
    g_clear_pointer(&visible->iterations, g_array_unref);
    g_clear_pointer(&visible->steps, g_array_unref);
}

void weft_rows_show_crowd(struct weft_scene *scene, const struct weft_row *row, weft_crowd *before,
                          struct weft_visible_row *visible)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    weft_crowd *crowd = scene->made->crowd;
    guint first = row->lane - WEFT_CROWD_LANE, number = weft_crowd_row_of(crowd, first), columns;
    gint64 from_ns, to_ns;
    g_free(visible->name);
    visible->name = g_strdup(scene->made->crowd_names->pdata[number]);
    empty_rest(visible);
    if (!visible->cells)
        visible->cells = g_array_new(FALSE, FALSE, sizeof(struct weft_crowd_cell));
    weft_crowd *drawn = drawn_crowd(scene, before);
    if (cells_of(drawn, first, viewport, visible->cells) && drawn == crowd)
        return;
    scene->cells_late = scene->patient;
    if (scene->patient)
        return;
    weft_scene_ask_crowd(scene, &from_ns, &to_ns, &columns);
    weft_crowd_prepare(crowd, from_ns, to_ns, columns, NULL);
    cells_of(crowd, first, viewport, visible->cells);
}
