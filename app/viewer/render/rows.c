/* rows.c: which lanes are shown, in which order and how high.
 *
 *     loop 0                   one group per loop (by ring), in order of appearance
 *     ready queue
 *     heartbeat                its pinned tasks, with what is below them
 *     main                     its tasks as a tree: children under their parent, in order of birth
 *       fetch-1
 *       fetch-2
 *     lock "cache"             its locks and queues
 *     loop 1 ...
 *     pool 1 ...               threads of the pool; counters are under the first ready queue
 *
 * Only when not everything fits the window are tasks hidden that do not live in the visible range;
 * an ancestor of what is shown is shown. One pass over the lanes, another over the shown. */
#include "app/viewer/render/rows.h"
#include <math.h>
#include <string.h>

enum { TRACKS_MAX = 100 }; /* rows of resources a loop, of threads, of counters */

static const double fit_heights[] = { WEFT_LANE_HEIGHT_FULL, WEFT_LANE_HEIGHT_SMALL,
                                      WEFT_LANE_HEIGHT_LINE };

/* The tree, as first child and next sibling: indexed by lane. */
struct family {
    guint n;
    guint32 *child, *last, *next;
    guint8 *shown, *pinned;
    const struct weft_view *view;
    weft_model *model;
    const GArray *tracks; /* of struct weft_row_track */
    struct weft_matches *matches;
    gboolean in_range_only; /* not everything fits the window */
};

static void family_init(struct family *family, weft_model *model, const struct weft_view *view)
{
    guint n = weft_model_n_lanes(model), room = MAX(n, 1);
    *family = (struct family){
        .n = n,
        .child = g_new(guint32, room),
        .last = g_new(guint32, room),
        .next = g_new(guint32, room),
        .shown = g_new0(guint8, room),
        .pinned = g_new0(guint8, room),
        .view = view,
        .model = model,
    };
    memset(family->child, 0xff, n * sizeof *family->child);
    memset(family->last, 0xff, n * sizeof *family->last);
    memset(family->next, 0xff, n * sizeof *family->next);
    for (guint i = 0; i < n; i++) {
        const struct weft_lane *lane = weft_model_lane(model, i);
        guint64 id = lane->id;
        if (lane->kind != WEFT_LANE_TASK)
            continue;
        family->pinned[i] = view->pinned && g_hash_table_contains(view->pinned, &id);
        if (lane->parent >= n || lane->parent == i)
            continue;
        if (family->child[lane->parent] == G_MAXUINT32)
            family->child[lane->parent] = i;
        else
            family->next[family->last[lane->parent]] = i;
        family->last[lane->parent] = i;
    }
}

static void family_finish(struct family *family)
{
    g_free(family->child);
    g_free(family->last);
    g_free(family->next);
    g_free(family->shown);
    g_free(family->pinned);
}

/* Marks what is shown, and its ancestors; returns how many tasks that makes. */
static guint family_mark(struct family *family, gboolean in_range_only)
{
    const struct weft_viewport *viewport = &family->view->viewport;
    gint64 from = viewport->from_ns, to = weft_viewport_to_ns(viewport);
    guint shown = 0;
    memset(family->shown, 0, family->n);
    for (guint i = 0; i < family->n; i++) {
        const struct weft_lane *lane = weft_model_lane(family->model, i);
        if (lane->kind != WEFT_LANE_TASK || family->shown[i])
            continue;
        if (!family->pinned[i] && in_range_only && (lane->last_ns < from || lane->first_ns > to))
            continue;
        if (!family->pinned[i] && !weft_matches_lane(family->matches, family->model, i))
            continue;
        for (guint up = i; up < family->n && !family->shown[up];
             up = weft_model_lane(family->model, up)->parent) {
            if (weft_model_lane(family->model, up)->kind != WEFT_LANE_TASK)
                break;
            family->shown[up] = 1;
            shown++;
        }
    }
    return shown;
}

static gboolean is_folded(const struct weft_view *view, guint64 id)
{
    return view->folded && g_hash_table_contains(view->folded, &id);
}

/* What is pinned is shown elsewhere. */
static guint next_shown(const struct family *family, guint lane)
{
    while (lane < family->n && (!family->shown[lane] || family->pinned[lane]))
        lane = family->next[lane];
    return lane;
}

static guint count_below(const struct family *family, guint lane)
{
    guint count = 0, at = next_shown(family, family->child[lane]);
    while (at < family->n) {
        guint down = next_shown(family, family->child[at]);
        count++;
        if (down < family->n) {
            at = down;
            continue;
        }
        while (at != lane && next_shown(family, family->next[at]) >= family->n)
            at = weft_model_lane(family->model, at)->parent;
        if (at == lane)
            break;
        at = next_shown(family, family->next[at]);
    }
    return count;
}

/* Appends a task and what is below it, without recursion: a chain of parents may be long. */
static void append_tree(GArray *rows, const struct family *family, guint root, guint loop_row)
{
    guint lane = root, parent_row = WEFT_NO_LANE, depth = 0;
    for (;;) {
        const struct weft_lane *task = weft_model_lane(family->model, lane);
        guint child = next_shown(family, family->child[lane]);
        struct weft_row row = {
            .lane = lane,
            .iterations = WEFT_NO_LANE,
            .loop = loop_row,
            .parent = parent_row,
            .kind = WEFT_ROW_TASK,
            .depth = (guint8)MIN(depth, 200),
            .has_children = child < family->n,
            .pinned = family->pinned[lane],
        };
        row.folded = row.has_children && is_folded(family->view, task->id);
        row.last_child = lane == root || next_shown(family, family->next[lane]) >= family->n;
        if (row.folded)
            row.hidden = count_below(family, lane);
        g_array_append_val(rows, row);
        if (row.has_children && !row.folded) {
            parent_row = rows->len - 1;
            lane = child;
            depth++;
            continue;
        }
        while (lane != root && next_shown(family, family->next[lane]) >= family->n) {
            lane = weft_model_lane(family->model, lane)->parent;
            parent_row = g_array_index(rows, struct weft_row, parent_row).parent;
            depth--;
        }
        if (lane == root)
            return;
        lane = next_shown(family, family->next[lane]);
    }
}

static gboolean is_root(const struct family *family, guint lane)
{
    guint parent = weft_model_lane(family->model, lane)->parent;
    return parent >= family->n || weft_model_lane(family->model, parent)->kind != WEFT_LANE_TASK ||
           parent == lane;
}

/* ---- Tracks ---- */

static enum weft_row_kind kind_of_track(const struct weft_track *track)
{
    return track->kind == WEFT_TRACK_RESOURCE ? WEFT_ROW_RESOURCE
           : track->kind == WEFT_TRACK_THREAD ? WEFT_ROW_POOL
                                              : WEFT_ROW_COUNTER;
}

/* Groups are in their tasks' words already; what never changed says nothing. */
void weft_rows_find_tracks(weft_tracks *tracks, GArray *found)
{
    guint n = tracks ? weft_tracks_n(tracks) : 0;
    g_array_set_size(found, 0);
    for (guint i = 0; i < n; i++) {
        struct weft_row_track track = { .number = i };
        if (weft_tracks_get(tracks, i, &track.what) && track.what.changes >= 2 &&
            weft_id_kind(track.what.id) != WEFT_ENTITY_GROUP)
            g_array_append_val(found, track);
    }
}

static gboolean is_shown(const struct family *family, const struct weft_track *track)
{
    const struct weft_viewport *viewport = &family->view->viewport;
    if (family->in_range_only &&
        (track->last_ns < viewport->from_ns || track->first_ns > weft_viewport_to_ns(viewport)))
        return FALSE;
    g_autofree char *name = weft_model_name(family->model, track->id);
    return weft_matches_name(family->matches, name);
}

/* The rows of all tracks of this kind, and, of resources, of this ring. */
static void append_tracks(GArray *rows, const struct family *family, enum weft_row_kind kind,
                          guint32 ring, guint loop_row)
{
    for (guint i = 0, shown = 0; i < family->tracks->len && shown < TRACKS_MAX; i++) {
        const struct weft_row_track *track = &g_array_index(family->tracks, struct weft_row_track,
                                                            i);
        if (kind_of_track(&track->what) != kind ||
            (kind == WEFT_ROW_RESOURCE && weft_id_ring(track->what.id) != ring) ||
            !is_shown(family, &track->what))
            continue;
        struct weft_row row = { .lane = WEFT_TRACK_LANE + track->number,
                                .iterations = WEFT_NO_LANE,
                                .loop = loop_row,
                                .parent = WEFT_NO_LANE,
                                .kind = kind };
        g_array_append_val(rows, row);
        shown++;
    }
}

/* The rows of one ring: its loop, its ready queue, its handles, its tasks. */
static void append_ring(GArray *rows, const struct family *family, guint32 ring, gboolean first)
{
    guint loop_row = WEFT_NO_LANE, iterations = WEFT_NO_LANE, ready = WEFT_NO_LANE;
    guint loop = WEFT_NO_LANE;
    for (guint i = 0; i < family->n; i++) {
        const struct weft_lane *lane = weft_model_lane(family->model, i);
        if (lane->ring != ring)
            continue;
        if (lane->kind == WEFT_LANE_LOOP)
            loop = i;
        else if (lane->kind == WEFT_LANE_ITERATIONS)
            iterations = i;
        else if (lane->kind == WEFT_LANE_READY)
            ready = i;
    }
    gboolean folded = FALSE;
    if (loop != WEFT_NO_LANE) {
        loop_row = rows->len;
        folded = is_folded(family->view, weft_model_lane(family->model, loop)->id);
        struct weft_row row = { .lane = loop,
                                .iterations = iterations,
                                .loop = loop_row,
                                .parent = WEFT_NO_LANE,
                                .kind = WEFT_ROW_LOOP,
                                .has_children = TRUE,
                                .folded = folded };
        g_array_append_val(rows, row);
    }
    if (ready != WEFT_NO_LANE && !folded) {
        struct weft_row row = { .lane = ready,
                                .iterations = WEFT_NO_LANE,
                                .loop = loop_row,
                                .parent = WEFT_NO_LANE,
                                .kind = WEFT_ROW_READY };
        g_array_append_val(rows, row);
    }
    if (first && !folded)
        append_tracks(rows, family, WEFT_ROW_COUNTER, ring, loop_row);
    for (guint i = 0; i < family->n; i++)
        if (family->pinned[i] && weft_model_lane(family->model, i)->ring == ring)
            append_tree(rows, family, i, loop_row);
    guint hidden = 0;
    for (guint i = 0; i < family->n; i++) {
        const struct weft_lane *lane = weft_model_lane(family->model, i);
        if (lane->ring != ring)
            continue;
        if (lane->kind == WEFT_LANE_TASK && family->shown[i]) {
            if (folded)
                hidden++;
            else if (is_root(family, i) && !family->pinned[i])
                append_tree(rows, family, i, loop_row);
        } else if (lane->kind == WEFT_LANE_HANDLE && !folded) {
            struct weft_row row = { .lane = i,
                                    .iterations = WEFT_NO_LANE,
                                    .loop = loop_row,
                                    .parent = WEFT_NO_LANE,
                                    .kind = WEFT_ROW_HANDLE };
            g_array_append_val(rows, row);
        }
    }
    if (loop_row != WEFT_NO_LANE)
        g_array_index(rows, struct weft_row, loop_row).hidden = hidden;
    if (!folded)
        append_tracks(rows, family, WEFT_ROW_RESOURCE, ring, loop_row);
}

static double row_height(const struct weft_row *row, double task_height, double scale)
{
    switch (row->kind) {
    case WEFT_ROW_LOOP:
        return round(WEFT_LANE_HEIGHT_LOOP * scale);
    case WEFT_ROW_READY:
    case WEFT_ROW_COUNTER:
        return round(WEFT_LANE_HEIGHT_COUNTER * scale);
    case WEFT_ROW_RESOURCE:
        return round(WEFT_LANE_HEIGHT_RESOURCE * scale);
    case WEFT_ROW_POOL:
        return round(WEFT_LANE_HEIGHT_POOL * scale);
    case WEFT_ROW_HANDLE:
        return round(WEFT_LANE_HEIGHT_HANDLE * scale);
    default:
        return task_height;
    }
}

/* The largest height of task lanes at which everything fits; else the smallest that holds words. */
static double fit_height(const GArray *rows, const struct weft_view *view)
{
    double others = 0, scale = view->text_scale;
    guint tasks = 0;
    if (view->lane_height > 0)
        return view->lane_height;
    for (guint i = 0; i < rows->len; i++) {
        const struct weft_row *row = &g_array_index(rows, struct weft_row, i);
        if (row->kind == WEFT_ROW_TASK)
            tasks++;
        else
            others += row_height(row, 0, scale);
    }
    double room = (view->viewport.height - others) / MAX(tasks, 1) / scale;
    if (room >= WEFT_LANE_HEIGHT_FULL) {
        double grown = floor(room / WEFT_METRIC_GRID) * WEFT_METRIC_GRID;
        return floor(MIN(grown, WEFT_LANE_HEIGHT_MOST) * scale);
    }
    for (guint i = 0; i < G_N_ELEMENTS(fit_heights); i++)
        if (tasks * round(fit_heights[i] * scale) + others <= view->viewport.height)
            return round(fit_heights[i] * scale);
    return round(WEFT_LANE_HEIGHT_LINE * scale);
}

double weft_rows_make(GArray *rows, weft_model *model, const GArray *tracks,
                      struct weft_matches *matches, const struct weft_view *view,
                      gboolean *by_range)
{
    struct family family;
    family_init(&family, model, view);
    family.tracks = tracks;
    family.matches = matches;
    guint tasks = family_mark(&family, FALSE);
    *by_range = tasks * WEFT_LANE_HEIGHT_LINE * view->text_scale > view->viewport.height;
    if (*by_range)
        family_mark(&family, TRUE);
    family.in_range_only = *by_range;

    g_array_set_size(rows, 0);
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < family.n; i++) {
        guint32 ring = weft_model_lane(model, i)->ring;
        if (g_hash_table_add(seen, GUINT_TO_POINTER(ring)))
            append_ring(rows, &family, ring, rows->len == 0);
    }
    append_tracks(rows, &family, WEFT_ROW_POOL, 0, WEFT_NO_LANE);
    family_finish(&family);

    double y = 0, task_height = fit_height(rows, view);
    for (guint i = 0; i < rows->len; i++) {
        struct weft_row *row = &g_array_index(rows, struct weft_row, i);
        row->y = y;
        row->height = row_height(row, task_height, view->text_scale);
        y += row->height;
    }
    return y;
}
