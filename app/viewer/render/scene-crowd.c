/* scene-crowd.c: a row of many tasks: what it is called, and what share of them did what, column by
 * column.
 *
 * To add up very many tasks takes longer than a frame may. A patient scene draws what was prepared
 * before, for another range or for another set of tasks, and says that it is late; any other
 * prepares at once. */
#include "app/viewer/count.h"
#include "app/viewer/render/rows.h"
#include <math.h>
#include <string.h>

static const double LEAST = 0.05; /* of a task: less is not told */

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

static const struct {
    const char *one, *more;
    const char *mostly; /* where they do other things, too, but this the longest at a stretch */
} sayings[WEFT_CROWD_STATES] = {
    [WEFT_CROWD_RUNNING] = { "runs", "run", NULL },
    [WEFT_CROWD_READY] = { "ready", "ready", NULL },
    [WEFT_CROWD_WAITING +
        WEFT_WAIT_TIMER] = { "waits for a timer", "wait for timers", "longest for a timer" },
    [WEFT_CROWD_WAITING + WEFT_WAIT_IO] = { "waits for I/O", "wait for I/O", "longest for I/O" },
    [WEFT_CROWD_WAITING + WEFT_WAIT_SYNC] = { "waits for a lock or queue",
                                              "wait for locks or queues",
                                              "longest for a lock or queue" },
    [WEFT_CROWD_WAITING +
        WEFT_WAIT_TASK] = { "waits for a task", "wait for tasks", "longest for a task" },
    [WEFT_CROWD_WAITING +
        WEFT_WAIT_THREAD] = { "waits for a thread", "wait for threads", "longest for a thread" },
    [WEFT_CROWD_CANCELLING] = { "cancelling", "cancelling", "longest cancelling" },
    [WEFT_CROWD_UNKNOWN] = { "unknown", "unknown", NULL },
};

/* A column's counts are means: "0.3 run". */
static char *say(double count, const char *one, const char *more)
{
    if (count < 0.95)
        return g_strdup_printf("%.1f %s", count, more);
    g_autofree char *number = weft_count((guint64)(count + 0.5));
    return g_strdup_printf("%s %s", number, count < 1.5 ? one : more);
}

char *weft_scene_crowd_state_words(const struct weft_crowd_cell *cell, guint state, guint n)
{
    double count = (double)cell->share[state] * n;
    gboolean kindless = state == WEFT_CROWD_WAITING + WEFT_WAIT_TASK &&
                        (double)cell->share[WEFT_CROWD_OF_NO_KIND] * n >= LEAST;
    gboolean longest = sayings[state].mostly &&
                       (double)cell->share[WEFT_CROWD_BY_LONGEST] * n >= LEAST;
    if (!kindless && !longest)
        return say(count, sayings[state].one, sayings[state].more);
    g_autofree char *waits = say(count, "waits", "wait");
    return kindless ? g_steal_pointer(&waits)
                    : g_strdup_printf("%s, %s", waits, sayings[state].mostly);
}

/* The most first. */
static char *all_words(const struct weft_crowd_cell *cell, guint n)
{
    GString *text = g_string_new(NULL);
    struct weft_crowd_cell left = *cell;
    for (;;) {
        guint most = 0;
        for (guint i = 1; i < WEFT_CROWD_STATES; i++)
            if (left.share[i] > left.share[most])
                most = i;
        double count = (double)left.share[most] * n;
        if (count < LEAST)
            return g_string_free(text, FALSE);
        g_autofree char *words = weft_scene_crowd_state_words(&left, most, n);
        g_string_append_printf(text, "%s%s", text->len ? " · " : "", words);
        left.share[most] = 0;
    }
}

static char *most_words(const struct weft_crowd_cell *cell, guint n)
{
    double waiting = 0;
    guint most = WEFT_CROWD_RUNNING;
    for (guint i = 0; i < WEFT_CROWD_STATES; i++)
        if (i >= WEFT_CROWD_WAITING && i < WEFT_CROWD_CANCELLING)
            waiting += (double)cell->share[i];
        else if (cell->share[i] > cell->share[most])
            most = i;
    double count = MAX(waiting, (double)cell->share[most]) * n;
    return count < LEAST                          ? g_strdup("")
           : waiting >= (double)cell->share[most] ? say(count, "waits", "wait")
                                                  : weft_scene_crowd_state_words(cell, most, n);
}

char *weft_scene_crowd_words(const struct weft_scene *scene, const struct weft_visible_row *visible,
                             gint64 t_ns, gboolean most_only)
{
    if (t_ns == WEFT_NO_TIME)
        return g_strdup("");
    double x = weft_viewport_x(&scene->view.viewport, t_ns);
    if (x < 0 || x / WEFT_CROWD_COLUMN >= visible->cells->len)
        return g_strdup("");
    const struct weft_crowd_cell *cell = &g_array_index(visible->cells, struct weft_crowd_cell,
                                                        (guint)(x / WEFT_CROWD_COLUMN));
    return most_only ? most_words(cell, visible->crowd_tasks)
                     : all_words(cell, visible->crowd_tasks);
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
    guint of = weft_crowd_row_of(drawn, first); /* shares are of its tasks */
    visible->crowd_tasks = of == G_MAXUINT32 ? 0 : weft_crowd_row(drawn, of)->n_lanes;
    if (cells_of(drawn, first, viewport, visible->cells) && drawn == crowd)
        return;
    scene->cells_late = scene->patient;
    if (scene->patient)
        return;
    weft_scene_ask_crowd(scene, &from_ns, &to_ns, &columns);
    weft_crowd_prepare(crowd, from_ns, to_ns, columns, NULL);
    visible->crowd_tasks = weft_crowd_row(crowd, number)->n_lanes;
    cells_of(crowd, first, viewport, visible->cells);
}
