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
 * an ancestor of what is shown is shown. One pass over the lanes, another over the shown. Grouped
 * by creation site, tasks are in rows-crowd.c. */
#include "app/viewer/render/rows.h"
#include "app/viewer/render/track.h"
#include <math.h>
#include <string.h>

enum { TRACKS_MAX = 100 }; /* rows of resources a loop, of threads, of counters */

/* The tree, as first child and next sibling: indexed by lane. */
struct family {
    guint n;
    guint32 *child, *last, *next;
    guint8 *shown, *pinned;
    const struct weft_view *view;
    weft_model *model;
    struct weft_rows *rows;
};

static void family_init(struct family *family, struct weft_rows *rows)
{
    weft_model *model = rows->model;
    const struct weft_view *view = &rows->view;
    guint n = rows->n_lanes, room = MAX(n, 1);
    *family = (struct family){
        .n = n,
        .child = g_new(guint32, room),
        .last = g_new(guint32, room),
        .next = g_new(guint32, room),
        .shown = g_new0(guint8, room),
        .pinned = g_new0(guint8, room),
        .view = view,
        .model = model,
        .rows = rows,
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
        if (view->by_site || lane->parent >= n || lane->parent == i)
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
static guint family_mark(struct family *family)
{
    const struct weft_viewport *viewport = &family->view->viewport;
    gint64 from = viewport->from_ns, to = weft_viewport_to_ns(viewport);
    guint shown = 0;
    memset(family->shown, 0, family->n);
    for (guint i = 0; i < family->n; i++) {
        const struct weft_lane *lane = weft_model_lane(family->model, i);
        if (lane->kind != WEFT_LANE_TASK || family->shown[i])
            continue;
        if (!family->pinned[i] && family->rows->by_range &&
            (lane->last_ns < from || lane->first_ns > to))
            continue;
        if (!family->pinned[i] && !weft_matches_lane(family->rows->matches, family->model, i))
            continue;
        for (guint up = i; up < family->n && !family->shown[up];
             up = weft_model_lane(family->model, up)->parent) {
            if (weft_model_lane(family->model, up)->kind != WEFT_LANE_TASK)
                break;
            family->shown[up] = 1;
            shown++;
            if (family->view->by_site)
                break;
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

struct thread {
    struct weft_row_track track;
    char *key;
};

static void thread_clear(gpointer thread)
{
    g_free(((struct thread *)thread)->key);
}

/* "worker 2" before "worker 10". */
static int by_name(gconstpointer a, gconstpointer b)
{
    const struct thread *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order ? order
                 : (x->track.number > y->track.number) - (x->track.number < y->track.number);
}

/* Fills found: threads by name, behind all else. Looks at all tracks, which may be very many. */
static void find_tracks(weft_model *model, weft_tracks *tracks, GArray *found)
{
    guint n = tracks ? weft_tracks_n(tracks) : 0;
    g_autoptr(GArray) threads = g_array_new(FALSE, FALSE, sizeof(struct thread));
    g_array_set_clear_func(threads, thread_clear);
    g_array_set_size(found, 0);
    for (guint i = 0; i < n; i++) {
        struct weft_row_track track = { .number = i };
        if (!weft_tracks_get(tracks, i, &track.what) || !weft_track_has_row(&track.what))
            continue;
        if (track.what.kind != WEFT_TRACK_THREAD) {
            g_array_append_val(found, track);
            continue;
        }
        g_autofree char *name = weft_model_name(model, track.what.id);
        struct thread thread = { track, g_utf8_collate_key_for_filename(name, -1) };
        g_array_append_val(threads, thread);
    }
    g_array_sort(threads, by_name);
    for (guint i = 0; i < threads->len; i++)
        g_array_append_val(found, g_array_index(threads, struct thread, i).track);
}

static gboolean is_shown(const struct family *family, const struct weft_track *track)
{
    const struct weft_viewport *viewport = &family->view->viewport;
    if (family->rows->by_range &&
        (track->last_ns < viewport->from_ns || track->first_ns > weft_viewport_to_ns(viewport)))
        return FALSE;
    g_autofree char *name = weft_model_name(family->model, track->id);
    return weft_matches_name(family->rows->matches, name);
}

/* The rows of all tracks of this kind, and, of resources, of this ring. */
static void append_tracks(struct weft_rows *rows, const struct family *family,
                          enum weft_row_kind kind, guint32 ring, guint loop_row)
{
    for (guint i = 0, shown = 0; i < rows->tracks->len && shown < TRACKS_MAX; i++) {
        const struct weft_row_track *track = &g_array_index(rows->tracks, struct weft_row_track, i);
        if (kind_of_track(&track->what) != kind ||
            (kind == WEFT_ROW_RESOURCE && weft_id_ring(track->what.id) != ring) ||
            !is_shown(family, &track->what))
            continue;
        struct weft_row row = { .lane = WEFT_TRACK_LANE + track->number,
                                .iterations = WEFT_NO_LANE,
                                .loop = loop_row,
                                .parent = WEFT_NO_LANE,
                                .kind = kind };
        g_array_append_val(rows->rows, row);
        shown++;
    }
}

/* The lanes of one ring that are no tasks: WEFT_NO_LANE where it has none. */
struct ring_lanes {
    guint loop, iterations, ready;
};

static struct ring_lanes lanes_of_ring(const struct family *family, guint32 ring)
{
    struct ring_lanes of = { WEFT_NO_LANE, WEFT_NO_LANE, WEFT_NO_LANE };
    for (guint i = 0; i < family->n; i++) {
        const struct weft_lane *lane = weft_model_lane(family->model, i);
        if (lane->ring != ring)
            continue;
        if (lane->kind == WEFT_LANE_LOOP)
            of.loop = i;
        else if (lane->kind == WEFT_LANE_ITERATIONS)
            of.iterations = i;
        else if (lane->kind == WEFT_LANE_READY)
            of.ready = i;
    }
    return of;
}

static void append_lane(struct weft_rows *rows, enum weft_row_kind kind, guint lane, guint loop_row)
{
    struct weft_row row = { .lane = lane,
                            .iterations = WEFT_NO_LANE,
                            .loop = loop_row,
                            .parent = WEFT_NO_LANE,
                            .kind = kind };
    g_array_append_val(rows->rows, row);
}

/* A ring's handles, its tasks as a tree where they are not grouped; returns how many of its tasks a
 * folded loop hides. */
static guint append_lanes(struct weft_rows *rows, const struct family *family, guint32 ring,
                          guint loop_row, gboolean folded)
{
    guint hidden = 0;
    for (guint i = 0; i < family->n; i++) {
        const struct weft_lane *lane = weft_model_lane(family->model, i);
        if (lane->ring != ring)
            continue;
        if (lane->kind == WEFT_LANE_TASK && family->shown[i]) {
            if (folded)
                hidden++;
            else if (!rows->view.by_site && is_root(family, i) && !family->pinned[i])
                append_tree(rows->rows, family, i, loop_row);
        } else if (lane->kind == WEFT_LANE_HANDLE && !folded) {
            append_lane(rows, WEFT_ROW_HANDLE, i, loop_row);
        }
    }
    return hidden;
}

/* The rows of one ring: its loop, its ready queue, its handles, its tasks. */
static void append_ring(struct weft_rows *rows, const struct family *family, guint32 ring,
                        gboolean first)
{
    struct ring_lanes of = lanes_of_ring(family, ring);
    guint loop_row = WEFT_NO_LANE;
    gboolean folded = FALSE;
    if (of.loop != WEFT_NO_LANE) {
        loop_row = rows->rows->len;
        folded = is_folded(family->view, weft_model_lane(family->model, of.loop)->id);
        append_lane(rows, WEFT_ROW_LOOP, of.loop, loop_row);
        struct weft_row *loop = &g_array_index(rows->rows, struct weft_row, loop_row);
        loop->iterations = of.iterations;
        loop->has_children = TRUE;
        loop->folded = folded;
    }
    if (of.ready != WEFT_NO_LANE && !folded)
        append_lane(rows, WEFT_ROW_READY, of.ready, loop_row);
    if (first && !folded)
        append_tracks(rows, family, WEFT_ROW_COUNTER, ring, loop_row);
    for (guint i = 0; i < family->n; i++)
        if (family->pinned[i] && weft_model_lane(family->model, i)->ring == ring)
            append_tree(rows->rows, family, i, loop_row);
    if (rows->view.by_site && !folded)
        weft_rows_append_crowds(rows, ring, loop_row);
    guint hidden = append_lanes(rows, family, ring, loop_row, folded);
    if (loop_row != WEFT_NO_LANE)
        g_array_index(rows->rows, struct weft_row, loop_row).hidden = hidden;
    if (!folded)
        append_tracks(rows, family, WEFT_ROW_RESOURCE, ring, loop_row);
}

/* Where tasks' lanes are higher than FULL, a loop's and its counters are, too, up to half again. */
static double row_height(enum weft_row_kind kind, double task_height, double scale)
{
    double grown = CLAMP(task_height / WEFT_LANE_HEIGHT_FULL, scale, scale * 1.5);
    switch (kind) {
    case WEFT_ROW_LOOP:
        return round(WEFT_LANE_HEIGHT_LOOP * grown);
    case WEFT_ROW_READY:
    case WEFT_ROW_COUNTER:
        return round(WEFT_LANE_HEIGHT_COUNTER * grown);
    case WEFT_ROW_RESOURCE:
        return round(WEFT_LANE_HEIGHT_RESOURCE * scale);
    case WEFT_ROW_POOL:
        return round(WEFT_LANE_HEIGHT_POOL * scale);
    case WEFT_ROW_HANDLE:
        return round(WEFT_LANE_HEIGHT_HANDLE * scale);
    case WEFT_ROW_CROWD:
        return MAX(task_height, round(WEFT_LANE_HEIGHT_CROWD * scale));
    default:
        return task_height;
    }
}

/* The largest height of task lanes at which everything fits; else the smallest that holds words. */
static double fit_height(const GArray *rows, const struct weft_view *view)
{
    static const double below[] = { WEFT_LANE_HEIGHT_SMALL, WEFT_LANE_HEIGHT_LINE };
    double scale = view->text_scale, height = WEFT_LANE_HEIGHT_MOST;
    guint of[WEFT_ROW_COUNTER + 1] = { 0 };
    if (view->lane_height > 0)
        return view->lane_height;
    for (guint i = 0; i < rows->len; i++)
        of[g_array_index(rows, struct weft_row, i).kind]++;
    for (guint step = 0; step < G_N_ELEMENTS(below);) {
        double all = 0;
        for (guint kind = 0; kind < G_N_ELEMENTS(of); kind++)
            all += of[kind] * row_height(kind, round(height * scale), scale);
        if (all <= view->viewport.height)
            return round(height * scale);
        height = height > WEFT_LANE_HEIGHT_FULL ? height - WEFT_METRIC_GRID : below[step++];
    }
    return round(WEFT_LANE_HEIGHT_LINE * scale);
}

/* ---- The list ---- */

static GHashTable *copy_set(GHashTable *set)
{
    GHashTable *copy = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    GHashTableIter at;
    gpointer id;
    if (set)
        for (g_hash_table_iter_init(&at, set); g_hash_table_iter_next(&at, &id, NULL);)
            g_hash_table_add(copy, g_memdup2(id, sizeof(guint64)));
    return copy;
}

static guint n_tracks(const struct weft_view *view)
{
    return view->tracks ? weft_tracks_n(view->tracks) : 0;
}

static gboolean same_filter(const struct weft_view *a, const struct weft_view *b)
{
    return strcmp(a->filter ? a->filter : "", b->filter ? b->filter : "") == 0;
}

/* What is looked at once and stays right. */
static void inherit(struct weft_rows *rows, struct weft_rows *before)
{
    if (same_filter(&before->view, &rows->view))
        rows->matches = g_steal_pointer(&before->matches);
    rows->find_tracks = before->n_tracks != rows->n_tracks ||
                        before->generation != rows->generation;
    if (!rows->find_tracks)
        rows->tracks = g_array_ref(before->tracks);
    if (before->crowd && before->n_lanes == rows->n_lanes &&
        same_filter(&before->view, &rows->view)) {
        rows->crowd = weft_crowd_ref(before->crowd);
        rows->crowd_names = g_ptr_array_ref(before->crowd_names);
    }
}

struct weft_rows *weft_rows_new(weft_model *model, const struct weft_view *view, guint generation,
                                struct weft_rows *before)
{
    struct weft_rows *rows = g_new0(struct weft_rows, 1);
    rows->model = model;
    rows->view = *view;
    rows->view.filter = g_strdup(view->filter ? view->filter : "");
    rows->view.folded = copy_set(view->folded);
    rows->view.pinned = copy_set(view->pinned);
    rows->view.unfolded = copy_set(view->unfolded);
    rows->view.singled = copy_set(view->singled);
    rows->n_lanes = weft_model_n_lanes(model);
    rows->n_tracks = n_tracks(view);
    rows->generation = generation;
    rows->end_ns = weft_model_end_ns(model);
    rows->find_tracks = TRUE;
    rows->rows = g_array_new(FALSE, FALSE, sizeof(struct weft_row));
    rows->index = g_hash_table_new(NULL, NULL);
    if (before)
        inherit(rows, before);
    if (!rows->matches)
        rows->matches = weft_matches_new(view->filter);
    if (!rows->tracks)
        rows->tracks = g_array_new(FALSE, FALSE, sizeof(struct weft_row_track));
    return rows;
}

void weft_rows_free(struct weft_rows *rows)
{
    if (!rows)
        return;
    g_free((char *)rows->view.filter);
    g_hash_table_unref(rows->view.folded);
    g_hash_table_unref(rows->view.pinned);
    g_hash_table_unref(rows->view.unfolded);
    g_hash_table_unref(rows->view.singled);
    weft_matches_free(rows->matches);
    g_array_unref(rows->tracks);
    weft_crowd_unref(rows->crowd);
    g_clear_pointer(&rows->crowd_names, g_ptr_array_unref);
    g_array_unref(rows->rows);
    g_hash_table_unref(rows->index);
    g_free(rows);
}

gboolean weft_rows_current(const struct weft_rows *rows, const struct weft_view *view,
                           guint generation)
{
    const struct weft_view *made = &rows->view;
    if (rows->generation != generation || rows->n_lanes != weft_model_n_lanes(rows->model) ||
        rows->n_tracks != n_tracks(view) || made->by_site != view->by_site ||
        made->viewport.height != view->viewport.height || made->text_scale != view->text_scale ||
        made->lane_height != view->lane_height || !same_filter(made, view))
        return FALSE;
    gint64 from = view->viewport.from_ns, to = weft_viewport_to_ns(&view->viewport);
    return !rows->by_range ||
           (from >= rows->from_least && from <= rows->from_most && to >= rows->to_least &&
            to <= rows->to_most && rows->end_ns == weft_model_end_ns(rows->model));
}

/* What lives from first to last is in the visible range, or is not, as long as this holds. */
static void note_life(struct weft_rows *rows, gint64 first_ns, gint64 last_ns)
{
    const struct weft_viewport *viewport = &rows->view.viewport;
    if (last_ns < viewport->from_ns)
        rows->from_least = MAX(rows->from_least, last_ns + 1);
    else
        rows->from_most = MIN(rows->from_most, last_ns);
    if (first_ns > weft_viewport_to_ns(viewport))
        rows->to_most = MIN(rows->to_most, first_ns - 1);
    else
        rows->to_least = MAX(rows->to_least, first_ns);
}

static void note_lives(struct weft_rows *rows)
{
    rows->from_least = rows->to_least = G_MININT64;
    rows->from_most = rows->to_most = G_MAXINT64;
    for (guint i = 0; i < rows->n_lanes; i++) {
        const struct weft_lane *lane = weft_model_lane(rows->model, i);
        if (lane->kind == WEFT_LANE_TASK)
            note_life(rows, lane->first_ns, lane->last_ns);
    }
    for (guint i = 0; i < rows->tracks->len; i++) {
        const struct weft_track *track =
            &g_array_index(rows->tracks, struct weft_row_track, i).what;
        note_life(rows, track->first_ns, track->last_ns);
    }
}

static void place_rows(struct weft_rows *rows)
{
    double task_height = fit_height(rows->rows, &rows->view);
    rows->height = 0;
    g_hash_table_remove_all(rows->index);
    for (guint i = 0; i < rows->rows->len; i++) {
        struct weft_row *row = &g_array_index(rows->rows, struct weft_row, i);
        row->y = rows->height;
        row->height = row_height(row->kind, task_height, rows->view.text_scale);
        rows->height += row->height;
        g_hash_table_insert(rows->index, GUINT_TO_POINTER(row->lane), GUINT_TO_POINTER(i + 1));
    }
}

/* What the filter looks for, all over the trace. */
static void find_crowds(struct weft_rows *rows)
{
    g_autoptr(GArray) lanes = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < rows->n_lanes; i++)
        if (weft_model_lane(rows->model, i)->kind == WEFT_LANE_TASK &&
            weft_matches_lane(rows->matches, rows->model, i))
            g_array_append_val(lanes, i);
    weft_rows_find_crowds(rows, lanes);
}

static void append_all(struct weft_rows *rows, struct family *family)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_array_set_size(rows->rows, 0);
    for (guint i = 0; i < family->n; i++) {
        guint32 ring = weft_model_lane(rows->model, i)->ring;
        if (g_hash_table_add(seen, GUINT_TO_POINTER(ring)))
            append_ring(rows, family, ring, rows->rows->len == 0);
    }
    append_tracks(rows, family, WEFT_ROW_POOL, 0, WEFT_NO_LANE);
    place_rows(rows);
}

gboolean weft_rows_make(struct weft_rows *rows, GCancellable *cancellable)
{
    struct family family;
    const struct weft_view *view = &rows->view;
    if (!weft_matches_look(rows->matches, rows->model, cancellable))
        return FALSE;
    if (rows->find_tracks)
        find_tracks(rows->model, view->tracks, rows->tracks);
    if (view->by_site && !rows->crowd)
        find_crowds(rows);
    family_init(&family, rows);
    rows->by_range = FALSE;
    guint tasks = family_mark(&family);
    if (view->by_site) {
        append_all(rows, &family);
        rows->by_range = rows->height > view->viewport.height;
    } else {
        double least = view->lane_height > 0 ? view->lane_height
                                             : WEFT_LANE_HEIGHT_LINE * view->text_scale;
        rows->by_range = tasks * least > view->viewport.height;
    }
    if (rows->by_range) {
        note_lives(rows);
        family_mark(&family);
    }
    if (rows->by_range || !view->by_site)
        append_all(rows, &family);
    family_finish(&family);
    return TRUE;
}
