/* rows-crowd.c: tasks grouped by where they were created: a row for each site, and below it, where
 * it is unfolded, its tasks; where it is folded, those that somebody went to. A task that is alone
 * at its site has a row of its own.
 *
 *     fetch ×9,812      |::::::::::::::::
 *       fetch-17        |==    ====
 *     accept            |    ==
 */
#include "app/viewer/count.h"
#include "app/viewer/render/rows.h"
#include <string.h>

enum { CROWDS_MAX = 256 };

/* "fetch" of "fetch-17"; "" of "Task-17", the name that nobody gave it. */
static char *stem_of(weft_model *model, guint lane)
{
    const struct weft_lane *task = weft_model_lane(model, lane);
    g_autofree char *name = weft_model_name(model, task->id);
    gsize length = strcspn(name, "0123456789");
    if (!task->name)
        return g_strdup("");
    while (length > 0 && strchr(" -_#:/([", name[length - 1]))
        length--;
    return g_strndup(name, length);
}

/* What they are called, where the first, the last and the one in the middle are called alike; else
 * where they were created. */
static char *name_of(weft_model *model, const struct weft_crowd_row *row, const guint *lanes)
{
    g_autofree char *first = stem_of(model, lanes[0]);
    g_autofree char *middle = stem_of(model, lanes[row->n_lanes / 2]);
    g_autofree char *last = stem_of(model, lanes[row->n_lanes - 1]);
    const struct weft_trace_site *site = weft_trace_site(weft_model_trace(model), row->site);
    if (row->others)
        return g_strdup("others");
    if (first[0] && strcmp(first, middle) == 0 && strcmp(first, last) == 0)
        return g_steal_pointer(&first);
    if (!site || !site->file || !site->file[0])
        return g_strdup("tasks");
    g_autofree char *base = g_path_get_basename(site->file);
    return site->line ? g_strdup_printf("%s:%u", base, site->line) : g_strdup(base);
}

void weft_rows_find_crowds(struct weft_rows *rows, const GArray *lanes)
{
    rows->crowd = weft_crowd_new(rows->model, WEFT_CROWD_BY_SITE, CROWDS_MAX,
                                 (const guint *)(const void *)lanes->data, lanes->len);
    rows->crowd_names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < weft_crowd_n_rows(rows->crowd); i++) {
        guint n;
        const guint *of = weft_crowd_lanes(rows->crowd, i, &n);
        g_autofree char *name = name_of(rows->model, weft_crowd_row(rows->crowd, i), of);
        g_autofree char *count = weft_count(n);
        g_ptr_array_add(rows->crowd_names, g_strdup_printf("%s ×%s", name, count));
    }
}

static gboolean lives(const struct weft_rows *rows, guint lane)
{
    const struct weft_viewport *viewport = &rows->view.viewport;
    const struct weft_lane *task = weft_model_lane(rows->model, lane);
    return !rows->by_range ||
           (task->last_ns >= viewport->from_ns && task->first_ns <= weft_viewport_to_ns(viewport));
}

static gboolean any_lives(const struct weft_rows *rows, const guint *lanes, guint n)
{
    gboolean any = FALSE;
    for (guint i = 0; i < n && !any; i++)
        any = lives(rows, lanes[i]);
    return any;
}

static void append_task(struct weft_rows *rows, guint lane, guint loop_row, guint crowd_row)
{
    struct weft_row row = { .lane = lane,
                            .iterations = WEFT_NO_LANE,
                            .loop = loop_row,
                            .parent = crowd_row,
                            .kind = WEFT_ROW_TASK,
                            .depth = crowd_row == WEFT_NO_LANE ? 0 : 1 };
    g_array_append_val(rows->rows, row);
}

static gboolean is_in(const struct weft_rows *rows, guint lane, GHashTable *set)
{
    guint64 id = weft_model_lane(rows->model, lane)->id;
    return g_hash_table_contains(set, &id);
}

/* What is pinned is shown elsewhere. */
static gboolean is_shown(const struct weft_rows *rows, guint lane, gboolean unfolded)
{
    return (unfolded ? lives(rows, lane) : is_in(rows, lane, rows->view.singled)) &&
           !is_in(rows, lane, rows->view.pinned);
}

/* A site's row, and what is below it. */
static void append_crowd(struct weft_rows *rows, const guint *lanes, guint n, guint loop_row)
{
    guint crowd_row = rows->rows->len;
    gboolean unfolded = is_in(rows, lanes[0], rows->view.unfolded);
    struct weft_row row = { .lane = WEFT_CROWD_LANE + lanes[0],
                            .iterations = WEFT_NO_LANE,
                            .loop = loop_row,
                            .parent = WEFT_NO_LANE,
                            .kind = WEFT_ROW_CROWD,
                            .has_children = TRUE,
                            .folded = !unfolded };
    g_array_append_val(rows->rows, row);
    for (guint i = 0; i < n; i++)
        if (is_shown(rows, lanes[i], unfolded))
            append_task(rows, lanes[i], loop_row, crowd_row);
    if (rows->rows->len > crowd_row + 1)
        g_array_index(rows->rows, struct weft_row, rows->rows->len - 1).last_child = TRUE;
}

void weft_rows_append_crowds(struct weft_rows *rows, guint32 ring, guint loop_row)
{
    for (guint i = 0; i < weft_crowd_n_rows(rows->crowd); i++) {
        guint n;
        const guint *lanes = weft_crowd_lanes(rows->crowd, i, &n);
        if (weft_model_lane(rows->model, lanes[0])->ring != ring || !any_lives(rows, lanes, n))
            continue;
        if (n == 1 && is_in(rows, lanes[0], rows->view.pinned))
            continue;
        if (n == 1)
            append_task(rows, lanes[0], loop_row, WEFT_NO_LANE);
        else
            append_crowd(rows, lanes, n, loop_row);
    }
}
