/* scene.c: builds what is to be drawn. See scene.h.
 *
 * The cache outlives a frame and belongs to a state of the model (lanes, events, end): words at the
 * playhead by lane; ladders of words by (lane, segment); outcomes by lane; the edges
 * of the selected segment. When a live model grows, words are made anew. */
#include "app/viewer/render/scene.h"
#include "app/viewer/render/rows.h"
#include "app/viewer/render/track.h"
#include <math.h>
#include <string.h>

enum {
    LADDERS_KEPT = 8192,
    WORDS_KEPT = 4096,
    CHUNKS_A_BUILD = 64,
    TICKS_MAX = 4000,
    LANES_AT_ONCE = 4000, /* whose rows are made within a frame */
};

struct ladder_key {
    guint lane;
    guint64 other;
    gint64 from_ns, to_ns;
    guint8 state;
};

struct kept_word {
    char *word;
    guint stamp;
};

struct weft_scene_cache {
    guint generation;   /* of the view's sets: rows of another are not current */
    weft_crowd *before; /* drawn until that of the rows is prepared; NULL: none */

    /* The model's state, and the view, that words were made for. */
    guint64 events;
    gint64 end_ns;
    gint64 word_ns;
    GHashTable *words;    /* lane → struct kept_word: true where its stamp is word_stamp */
    guint word_stamp;     /* of that state, at word_ns */
    gint64 words_until;   /* when this build ends looking for them; 0: it has not begun */
    GHashTable *ladders;  /* ladder_key → char ** */
    GHashTable *outcomes; /* lane → its last word */
    GArray *loop;         /* a build's, of struct weft_segment_view: its room is kept */
    guint edges_lane;
    gint64 edges_ns;
    gboolean edges_known;
};

static guint ladder_hash(gconstpointer data)
{
    const struct ladder_key *key = data;
    guint64 hash = (guint64)key->from_ns * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
    hash ^= (guint64)key->lane << 32 ^ (guint64)key->to_ns ^ key->other ^ key->state;
    return (guint)(hash ^ hash >> 32);
}

static gboolean ladder_equal(gconstpointer a, gconstpointer b)
{
    const struct ladder_key *x = a, *y = b;
    return x->lane == y->lane && x->other == y->other && x->from_ns == y->from_ns &&
           x->to_ns == y->to_ns && x->state == y->state;
}

void weft_view_init(struct weft_view *view)
{
    *view = (struct weft_view){
        .viewport = { .ns_per_px = 1e6 },
        .playhead_ns = WEFT_NO_TIME,
        .selected_lane = WEFT_NO_LANE,
        .selected_ns = WEFT_NO_TIME,
        .selected_track = WEFT_NO_LANE,
        .hover_lane = WEFT_NO_LANE,
        .text_scale = 1.0,
        .max_chunks = CHUNKS_A_BUILD,
    };
}

static void kept_word_free(gpointer data)
{
    struct kept_word *kept = data;
    g_free(kept->word);
    g_free(kept);
}

static void clear_visible_row(gpointer data)
{
    struct weft_visible_row *row = data;
    g_free(row->name);
    g_free(row->word);
    g_clear_pointer(&row->segments, g_array_unref);
    g_clear_pointer(&row->iterations, g_array_unref);
    g_clear_pointer(&row->steps, g_array_unref);
    g_clear_pointer(&row->cells, g_array_unref);
}

/* The scene's rows are these from here on. */
static void take(struct weft_scene *scene, struct weft_rows *rows)
{
    struct weft_rows *before = scene->made;
    if (before && before->crowd && before->crowd != rows->crowd &&
        weft_crowd_prepared(before->crowd)) {
        weft_crowd_unref(scene->cache->before);
        scene->cache->before = weft_crowd_ref(before->crowd);
    }
    weft_rows_free(before);
    scene->made = rows;
    scene->rows = rows->rows;
    scene->content_height = rows->height;
}

struct weft_scene *weft_scene_new(weft_model *model)
{
    struct weft_scene *scene = g_new0(struct weft_scene, 1);
    scene->model = model;
    scene->visible = g_array_new(FALSE, TRUE, sizeof(struct weft_visible_row));
    g_array_set_clear_func(scene->visible, clear_visible_row);
    scene->blocked = g_array_new(FALSE, FALSE, sizeof(struct weft_blocked));
    scene->ticks = g_array_new(FALSE, FALSE, sizeof(struct weft_tick));
    scene->asked = g_array_new(FALSE, FALSE, sizeof(struct weft_asked));
    scene->cache = g_new0(struct weft_scene_cache, 1);
    scene->cache->words = g_hash_table_new_full(NULL, NULL, NULL, kept_word_free);
    scene->cache->outcomes = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    scene->cache->loop = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    scene->cache->ladders = g_hash_table_new_full(ladder_hash, ladder_equal, g_free,
                                                  (GDestroyNotify)g_strfreev);
    weft_view_init(&scene->view);
    take(scene, weft_rows_new(model, &scene->view, 0, NULL));
    return scene;
}

void weft_scene_free(struct weft_scene *scene)
{
    if (!scene)
        return;
    struct weft_scene_cache *cache = scene->cache;
    g_hash_table_unref(cache->words);
    g_hash_table_unref(cache->outcomes);
    g_hash_table_unref(cache->ladders);
    g_array_unref(cache->loop);
    weft_crowd_unref(cache->before);
    g_free(cache);
    g_free(scene->hover_crowd);
    weft_rows_free(scene->made);
    g_array_unref(scene->visible);
    g_array_unref(scene->blocked);
    g_array_unref(scene->ticks);
    g_array_unref(scene->asked);
    g_free(scene);
}

void weft_scene_forget_rows(struct weft_scene *scene)
{
    scene->cache->generation++;
    scene->cache->word_stamp++;
}

/* ---- Rows ---- */

struct weft_rows *weft_scene_ask_rows(struct weft_scene *scene)
{
    return weft_rows_new(scene->model, &scene->view, scene->cache->generation, scene->made);
}

void weft_scene_take_rows(struct weft_scene *scene, struct weft_rows *rows)
{
    take(scene, rows);
}

gboolean weft_scene_matches(const struct weft_scene *scene, guint lane)
{
    return weft_matches_lane(scene->made->matches, scene->model, lane);
}

guint weft_scene_found(const struct weft_scene *scene)
{
    return weft_matches_found(scene->made->matches);
}

gboolean weft_scene_idle(const struct weft_scene *scene)
{
    gint64 from = scene->view.viewport.from_ns, to = weft_viewport_to_ns(&scene->view.viewport);
    if (to < 0 || from > scene->end_ns)
        return TRUE;
    if (scene->rows_late)
        return FALSE;
    gboolean hidden = scene->made->by_range && weft_scene_found(scene) > 0;
    for (guint i = 0; i < scene->rows->len; i++) {
        const struct weft_row *row = weft_scene_row(scene, i);
        if (row->kind == WEFT_ROW_CROWD || row->folded) /* who is below it is not looked at */
            return FALSE;
        if (row->kind != WEFT_ROW_TASK)
            continue;
        const struct weft_lane *task = weft_model_lane(scene->model, row->lane);
        if (task->last_ns >= from && task->first_ns <= to)
            return FALSE;
        hidden = TRUE;
    }
    return hidden;
}

static void build_rows(struct weft_scene *scene)
{
    const struct weft_view *view = &scene->view;
    scene->rows_late = !scene->made->matches || /* those that are being made have them */
                       !weft_rows_current(scene->made, view, scene->cache->generation);
    if (scene->rows_late && !(scene->patient && weft_model_n_lanes(scene->model) > LANES_AT_ONCE)) {
        struct weft_rows *rows = weft_scene_ask_rows(scene);
        weft_rows_make(rows, NULL);
        take(scene, rows);
        scene->rows_late = FALSE;
    }
    double top = view->viewport.scroll_y, bottom = top + view->viewport.height;
    guint low = 0, high = scene->rows->len; /* the first row that ends below the top */
    while (low < high) {
        guint middle = low + (high - low) / 2;
        const struct weft_row *row = weft_scene_row(scene, middle);
        if (row->y + row->height <= top)
            low = middle + 1;
        else
            high = middle;
    }
    scene->first = low;
    scene->n_visible = 0;
    while (low + scene->n_visible < scene->rows->len &&
           weft_scene_row(scene, low + scene->n_visible)->y < bottom)
        scene->n_visible++;
}

/* ---- Words, kept ---- */

static void forget_words(struct weft_scene *scene)
{
    struct weft_scene_cache *cache = scene->cache;
    guint64 events = weft_model_events(scene->model);
    gboolean grown = events != cache->events || cache->end_ns != scene->end_ns;
    if (grown || cache->word_ns != scene->view.playhead_ns)
        cache->word_stamp++;
    if (g_hash_table_size(cache->words) > WORDS_KEPT)
        g_hash_table_remove_all(cache->words);
    cache->words_until = 0;
    scene->words_late = FALSE;
    if (events != cache->events || g_hash_table_size(cache->ladders) > LADDERS_KEPT)
        g_hash_table_remove_all(cache->ladders);
    if (events != cache->events)
        g_hash_table_remove_all(cache->outcomes);
    if (grown)
        cache->edges_known = FALSE;
    cache->events = events;
    cache->end_ns = scene->end_ns;
    cache->word_ns = scene->view.playhead_ns;
}

static char *find_word(const struct weft_scene *scene, const struct weft_row *row)
{
    gint64 t_ns = scene->view.playhead_ns;
    return weft_is_track_lane(row->lane) ? weft_scene_track_word(scene->model, scene->view.tracks,
                                                                 row->lane - WEFT_TRACK_LANE, t_ns)
                                         : weft_scene_word(scene->model, row, t_ns);
}

/* Or a part of it: while there is time, and once in any case. */
static gboolean may_find_word(struct weft_scene *scene)
{
    struct weft_scene_cache *cache = scene->cache;
    gint64 now = g_get_monotonic_time();
    if (cache->words_until == 0)
        cache->words_until = now + scene->words_us;
    else if (scene->words_us > 0 && now >= cache->words_until)
        scene->words_late = TRUE;
    return !scene->words_late;
}

static const char *playhead_word(struct weft_scene *scene, const struct weft_row *row)
{
    gpointer key = GUINT_TO_POINTER(row->lane);
    struct kept_word *kept = g_hash_table_lookup(scene->cache->words, key);
    char *word = NULL;
    while (!word && (!kept || kept->stamp != scene->cache->word_stamp) && may_find_word(scene))
        word = find_word(scene, row);
    if (word) {
        kept = g_new(struct kept_word, 1);
        *kept = (struct kept_word){ word, scene->cache->word_stamp };
        g_hash_table_insert(scene->cache->words, key, kept);
    }
    return kept ? kept->word : "";
}

char *const *weft_scene_ladder(const struct weft_scene *scene, guint lane,
                               const struct weft_segment_view *segment)
{
    struct ladder_key key = { lane, segment->other, segment->from_ns, segment->to_ns,
                              segment->state };
    char **ladder = g_hash_table_lookup(scene->cache->ladders, &key);
    if (!ladder) {
        ladder = weft_model_segment_words(scene->model, lane, segment);
        g_hash_table_insert(scene->cache->ladders, g_memdup2(&key, sizeof key), ladder);
    }
    return ladder;
}

char *const *weft_scene_step_ladder(const struct weft_scene *scene, guint row,
                                    const struct weft_track_step *step)
{
    guint lane = weft_scene_row(scene, row)->lane;
    struct ladder_key key = { lane, step->owner, step->from_ns, step->to_ns, 0 };
    char **ladder = g_hash_table_lookup(scene->cache->ladders, &key);
    if (!ladder) {
        ladder = weft_track_step_words(scene->model, scene->view.tracks, lane - WEFT_TRACK_LANE,
                                       step);
        g_hash_table_insert(scene->cache->ladders, g_memdup2(&key, sizeof key), ladder);
    }
    return ladder;
}

const char *weft_scene_outcome(const struct weft_scene *scene, guint lane)
{
    gpointer key = GUINT_TO_POINTER(lane);
    char *word = g_hash_table_lookup(scene->cache->outcomes, key);
    if (!word) {
        word = weft_model_outcome_words(scene->model, lane);
        word = word ? word : g_strdup("");
        char *details = strstr(word, ": "); /* "ETIMEDOUT: no answer": the name is enough */
        if (details)
            *details = '\0';
        g_hash_table_insert(scene->cache->outcomes, key, word);
    }
    return word;
}

/* ---- Segments ---- */

/* What one segment adds to a merged one. */
static gint64 share(const struct weft_segment_view *segment, guint state, gint64 merged_ns)
{
    if (segment->flags & WEFT_SEGMENT_MERGED)
        return merged_ns;
    return segment->state == state ? segment->to_ns - segment->from_ns : 0;
}

static void join(struct weft_segment_view *to, const struct weft_segment_view *from)
{
    struct weft_segment_view both = *to;
    if (from->to_ns - from->from_ns > to->to_ns - to->from_ns) { /* the longer gives its name */
        both.state = from->state;
        both.detail = from->detail;
        both.other = from->other;
        both.site = from->site;
    }
    both.flags = WEFT_SEGMENT_MERGED | (from->flags & (WEFT_SEGMENT_OPEN | WEFT_SEGMENT_LAST));
    both.running_ns = share(to, WEFT_SEGMENT_RUNNING, to->running_ns) +
                      share(from, WEFT_SEGMENT_RUNNING, from->running_ns);
    both.ready_ns = share(to, WEFT_SEGMENT_READY, to->ready_ns) +
                    share(from, WEFT_SEGMENT_READY, from->ready_ns);
    both.unknown_ns = share(to, WEFT_SEGMENT_UNKNOWN, to->unknown_ns) +
                      share(from, WEFT_SEGMENT_UNKNOWN, from->unknown_ns);
    both.longest_ns = MAX(
        MAX(to->longest_ns, from->longest_ns),
        MAX(share(to, WEFT_SEGMENT_RUNNING, 0), share(from, WEFT_SEGMENT_RUNNING, 0)));
    both.value_max = MAX(to->value_max, from->value_max);
    both.count += from->count;
    both.to_ns = from->to_ns;
    *to = both;
}

/* ---- What is too short to be seen alone ---- */

static gboolean is_short(const struct weft_segment_view *segment, gint64 min_ns)
{
    return segment->flags & WEFT_SEGMENT_MERGED || segment->to_ns - segment->from_ns < min_ns;
}

/* A pause hardly wider than the slices beside it are drawn. */
static gboolean is_gap(const struct weft_segment_view *segments, guint i, guint n, gint64 min_ns)
{
    guint8 state = segments[i].state;
    return (state == WEFT_SEGMENT_WAITING || state == WEFT_SEGMENT_POLL) && i > 0 && i + 1 < n &&
           segments[i].to_ns - segments[i].from_ns < min_ns * WEFT_GAP_SLICES &&
           is_short(&segments[i - 1], min_ns) && is_short(&segments[i + 1], min_ns);
}

/* Of two short neighbours, one would take what must not vanish from the other. */
static gboolean stay_apart(const struct weft_segment_view *a, const struct weft_segment_view *b)
{
    return a->state != b->state &&
           (a->state == WEFT_SEGMENT_CANCELLING || b->state == WEFT_SEGMENT_CANCELLING ||
            a->state == WEFT_SEGMENT_UNKNOWN || b->state == WEFT_SEGMENT_UNKNOWN);
}

/* The model merges to a pixel or two; what is drawn is merged further, or a fence of slices drawn
 * wider than they are would look like one that always runs. Neighbours, each too short to be seen
 * alone, are joined when they begin in the same cell of a grid fixed in time; so are the gaps
 * between them where there are several in a row. */
static void join_short(GArray *segments, gint64 min_ns, gint64 cell_ns)
{
    struct weft_segment_view *all = (struct weft_segment_view *)(void *)segments->data;
    guint n = segments->len, kept = 0;
    for (guint i = 0; i < n;) {
        guint end = i, gaps = 0;
        for (; end < n; end++) {
            gboolean gap = !is_short(&all[end], min_ns) && is_gap(all, end, n, min_ns);
            if (!gap && !is_short(&all[end], min_ns))
                break;
            if (end > i && all[end].from_ns != all[end - 1].to_ns)
                break;
            gaps += gap;
        }
        if (end == i) { /* it stands alone */
            all[kept++] = all[i++];
            continue;
        }
        guint first = kept;
        for (; i < end; i++) {
            struct weft_segment_view *last = kept > first ? &all[kept - 1] : NULL;
            gboolean joins = last && last->from_ns / cell_ns == all[i].from_ns / cell_ns &&
                             !stay_apart(last, &all[i]) &&
                             (gaps >= WEFT_GAPS_MIN ||
                              (is_short(last, min_ns) && is_short(&all[i], min_ns)));
            if (joins)
                join(last, &all[i]);
            else
                all[kept++] = all[i];
        }
    }
    g_array_set_size(segments, kept);
}

/* cell: px of the grid in which short neighbours are joined. Asks for a little more than the window
 * shows, so that what is joined at its edges does not depend on where they are. */
static GArray *query(struct weft_scene *scene, guint lane, double pixels, double cell, GArray *out)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    if (out)
        g_array_set_size(out, 0);
    else
        out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    gint64 min_ns = MAX(1, (gint64)ceil(viewport->ns_per_px * pixels));
    gint64 margin = (gint64)(viewport->ns_per_px * WEFT_QUERY_MARGIN);
    struct weft_asked asked = { lane, viewport->from_ns - margin,
                                weft_viewport_to_ns(viewport) + margin, min_ns };
    g_array_append_val(scene->asked, asked);
    if (!weft_model_segments(scene->model, lane, asked.from_ns, asked.to_ns, min_ns,
                             scene->view.max_chunks ? &scene->chunks : NULL, out))
        scene->coarse = TRUE;
    join_short(out, min_ns, MAX(min_ns, (gint64)ceil(viewport->ns_per_px * cell)));
    return out;
}

/* Its state at the playhead. */
static void show_word(struct weft_scene *scene, const struct weft_row *row,
                      struct weft_visible_row *visible)
{
    g_free(visible->word);
    visible->word = weft_is_crowd_lane(row->lane)
                        ? weft_scene_crowd_words(scene, visible, scene->view.playhead_ns, TRUE)
                        : g_strdup(playhead_word(scene, row));
}

static void build_visible(struct weft_scene *scene)
{
    guint had = scene->visible->len;
    for (guint i = scene->n_visible; i < had; i++)
        clear_visible_row(&g_array_index(scene->visible, struct weft_visible_row, i));
    if (had > scene->n_visible)
        memset(&g_array_index(scene->visible, struct weft_visible_row, scene->n_visible), 0,
               (had - scene->n_visible) * sizeof(struct weft_visible_row));
    g_array_set_size(scene->visible, scene->n_visible);
    for (guint i = 0; i < scene->n_visible; i++) {
        const struct weft_row *row = weft_scene_row(scene, scene->first + i);
        struct weft_visible_row *visible = &g_array_index(scene->visible, struct weft_visible_row,
                                                          i);
        if (weft_is_crowd_lane(row->lane)) {
            weft_rows_show_crowd(scene, row, scene->cache->before, visible);
            show_word(scene, row, visible);
            continue;
        }
        show_word(scene, row, visible);
        g_clear_pointer(&visible->cells, g_array_unref);
        if (weft_is_track_lane(row->lane)) {
            weft_track_show(scene, row, visible);
            continue;
        }
        g_clear_pointer(&visible->steps, g_array_unref);
        g_free(visible->name);
        visible->name = row->kind == WEFT_ROW_READY
                            ? g_strdup("ready queue")
                            : weft_model_name(scene->model,
                                              weft_model_lane(scene->model, row->lane)->id);
        gboolean counts = row->kind == WEFT_ROW_READY;
        visible->segments = query(scene, row->lane, WEFT_METRIC_SLICE_MIN,
                                  counts ? WEFT_METRIC_SLICE_MIN : WEFT_MERGED_CELL,
                                  visible->segments);
        if (row->iterations != WEFT_NO_LANE)
            visible->iterations = query(scene, row->iterations, WEFT_METRIC_BAND_MERGE,
                                        WEFT_MERGED_CELL, visible->iterations);
        else
            g_clear_pointer(&visible->iterations, g_array_unref);
    }
}

/* Slices that held a loop so long that its lanes are veiled, whether its own row is in the window
 * or not. */
static void build_blocked(struct weft_scene *scene)
{
    GArray *segments = scene->cache->loop;
    double pixels = (double)WEFT_BLOCKED_VEIL_NS / scene->view.viewport.ns_per_px;
    g_array_set_size(scene->blocked, 0);
    for (guint i = 0; i < scene->rows->len; i++) {
        const struct weft_row *row = weft_scene_row(scene, i);
        if (row->kind != WEFT_ROW_LOOP)
            continue;
        query(scene, row->lane, MAX(pixels, WEFT_METRIC_SLICE_MIN), WEFT_MERGED_CELL, segments);
        for (guint j = 0; j < segments->len; j++) {
            const struct weft_segment_view *segment = &g_array_index(segments,
                                                                     struct weft_segment_view, j);
            if ((segment->flags & WEFT_SEGMENT_MERGED) ||
                segment->to_ns - segment->from_ns < WEFT_BLOCKED_VEIL_NS ||
                (segment->state != WEFT_SEGMENT_RUNNING && segment->state != WEFT_SEGMENT_CALLBACK))
                continue;
            struct weft_blocked blocked = { i, segment->from_ns, segment->to_ns };
            g_array_append_val(scene->blocked, blocked);
        }
    }
}

/* An event belongs to the lane of its subject, or of who did it. */
static gboolean note_tick(const struct weft_event_view *event, gpointer data)
{
    struct weft_scene *scene = data;
    guint lane = weft_model_lane_of(scene->model, event->record.subject);
    if (lane == WEFT_NO_LANE)
        lane = weft_model_lane_of(scene->model, event->actor);
    struct weft_tick tick = { (gint64)event->record.time, lane, event->record.kind };
    if (lane != WEFT_NO_LANE)
        g_array_append_val(scene->ticks, tick);
    return scene->ticks->len < TICKS_MAX;
}

static void build_ticks(struct weft_scene *scene)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    g_array_set_size(scene->ticks, 0);
    if (weft_zoom_class(viewport->ns_per_px) >= WEFT_ZOOM_EVENTS)
        weft_model_visit(scene->model, viewport->from_ns, weft_viewport_to_ns(viewport), note_tick,
                         scene);
}

/* A lock or a queue is no lane of the model; its track may have been found since. A job's end is at
 * its thread. */
static guint32 end_of_edge(const struct weft_view *view, guint32 lane, uint64_t id, gint64 *t_ns)
{
    struct weft_track what;
    if (lane != G_MAXUINT32 || !view->tracks)
        return lane;
    if (weft_id_kind(id) == WEFT_ENTITY_JOB)
        return weft_scene_thread_of(view->tracks, id, t_ns);
    guint track = weft_tracks_of(view->tracks, id);
    return track != G_MAXUINT32 && weft_tracks_get(view->tracks, track, &what) &&
                   weft_track_has_row(&what)
               ? WEFT_TRACK_LANE + track
               : lane;
}

static void build_selection(struct weft_scene *scene)
{
    const struct weft_view *view = &scene->view;
    struct weft_scene_cache *cache = scene->cache;
    gboolean same = cache->edges_known && cache->edges_lane == view->selected_lane &&
                    cache->edges_ns == view->selected_ns;
    if (!same) {
        gboolean any = view->selected_lane != WEFT_NO_LANE && view->selected_ns != WEFT_NO_TIME;
        scene->selected_known = any && weft_model_segment_at(scene->model, view->selected_lane,
                                                             view->selected_ns, &scene->selected);
        scene->n_edges = scene->selected_known ? weft_model_edges(scene->model, view->selected_lane,
                                                                  view->selected_ns, scene->edges)
                                               : 0;
        cache->edges_known = TRUE;
        cache->edges_lane = view->selected_lane;
        cache->edges_ns = view->selected_ns;
    }
    for (guint i = 0; i < scene->n_edges; i++) {
        struct weft_edge *edge = &scene->edges[i];
        edge->from_lane = end_of_edge(view, edge->from_lane, edge->from, &edge->from_ns);
        edge->to_lane = end_of_edge(view, edge->to_lane, edge->to, &edge->to_ns);
    }
    scene->selected_step_known = weft_is_track_lane(view->selected_track) && view->tracks &&
                                 weft_tracks_at(view->tracks,
                                                view->selected_track - WEFT_TRACK_LANE,
                                                view->track_ns, &scene->selected_step);
    weft_scene_set_hover(scene, view->hover_lane, view->hover_ns, view->hover_tip);
}

static void take_view(struct weft_scene *scene, const struct weft_view *view)
{
    scene->view = *view;
    if (scene->view.text_scale <= 0)
        scene->view.text_scale = 1.0;
}

void weft_scene_look(struct weft_scene *scene, const struct weft_view *view)
{
    take_view(scene, view);
    forget_words(scene);
    for (guint i = 0; i < scene->n_visible; i++)
        show_word(scene, weft_scene_row(scene, scene->first + i),
                  &g_array_index(scene->visible, struct weft_visible_row, i));
    build_selection(scene);
}

void weft_scene_build(struct weft_scene *scene, const struct weft_view *view)
{
    take_view(scene, view);
    scene->begin_ns = weft_trace_begin_ns(weft_model_trace(scene->model));
    scene->end_ns = weft_model_end_ns(scene->model);
    scene->whole_ns = MAX(scene->end_ns, weft_trace_end_ns(weft_model_trace(scene->model)));
    scene->coarse = FALSE;
    scene->chunks = scene->view.max_chunks;
    g_array_set_size(scene->asked, 0);
    scene->cells_late = FALSE;
    build_rows(scene);
    forget_words(scene);
    build_visible(scene);
    build_blocked(scene);
    build_ticks(scene);
    build_selection(scene);
}

/* ---- Looking ---- */

const struct weft_row *weft_scene_row(const struct weft_scene *scene, guint row)
{
    return &g_array_index(scene->rows, struct weft_row, row);
}

guint weft_scene_row_of(const struct weft_scene *scene, guint lane)
{
    guint found = GPOINTER_TO_UINT(g_hash_table_lookup(scene->made->index, GUINT_TO_POINTER(lane)));
    return found ? found - 1 : WEFT_NO_LANE;
}

const struct weft_visible_row *weft_scene_visible(const struct weft_scene *scene, guint row)
{
    if (row < scene->first || row - scene->first >= scene->n_visible)
        return NULL;
    return &g_array_index(scene->visible, struct weft_visible_row, row - scene->first);
}

double weft_scene_y(const struct weft_scene *scene, guint row)
{
    return weft_scene_row(scene, row)->y - scene->view.viewport.scroll_y;
}
