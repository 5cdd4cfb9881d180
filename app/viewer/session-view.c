/* session-view.c: moves of the view: pan, zoom, select, mark, fold.
 *
 * Reach: a view shorter than the trace may leave it by a tenth of its own length; a longer one
 * holds it whole. */
#include "app/viewer/session-private.h"

#include <math.h>
#include <string.h>

static const double MIN_NS_PER_PX = 0.01;
static const double REACH = 0.1;
static const double END_MARGIN = 0.03; /* of the view's length, right of now, while following */

static struct weft_place here(WeftSession *session)
{
    const struct weft_viewport *viewport = &session->view.viewport;
    return (struct weft_place){ viewport->from_ns, weft_viewport_to_ns(viewport) };
}

/* With what is selected: a jump takes that along. */
static struct weft_place here_selected(WeftSession *session)
{
    const struct weft_view *view = &session->view;
    struct weft_place place = here(session);
    gboolean track = view->selected_track != WEFT_NO_LANE;
    place.jumped = TRUE;
    place.lane = track ? view->selected_track : view->selected_lane;
    place.lane_ns = track ? view->track_ns : view->selected_ns;
    place.playhead_ns = view->playhead_ns;
    return place;
}

static gboolean same_place(const struct weft_place *a, const struct weft_place *b)
{
    return a->from_ns == b->from_ns && a->to_ns == b->to_ns &&
           (!a->jumped || !b->jumped ||
            (a->lane == b->lane && a->lane_ns == b->lane_ns && a->playhead_ns == b->playhead_ns));
}

/* Puts the view within reach of the trace: its scale first, then its place. */
static void keep_in_reach(WeftSession *session)
{
    struct weft_viewport *viewport = &session->view.viewport;
    double end = (double)weft_session_end_ns(session);
    double longest = session->live ? MAX(end, WEFT_LIVE_SPAN_NS) : end;
    double widest = MAX(longest * (1 + 2 * REACH) / viewport->width, MIN_NS_PER_PX);
    viewport->ns_per_px = CLAMP(viewport->ns_per_px, MIN_NS_PER_PX, widest);
    double span = viewport->ns_per_px * viewport->width;
    double lowest = MIN(-REACH * span, end - span);
    double highest = MAX(end - (1 - REACH) * span, 0);
    viewport->from_ns = (gint64)CLAMP((double)viewport->from_ns, lowest, highest);
}

static void moved(WeftSession *session)
{
    enum weft_change what = WEFT_CHANGE_VISIBLE;
    session->touched = TRUE;
    if (session->following) {
        session->following = FALSE;
        what |= WEFT_CHANGE_STATUS;
    }
    keep_in_reach(session);
    weft_session_changed(session, what);
}

void weft_session_show(WeftSession *session, gint64 from_ns, gint64 to_ns, enum weft_move move)
{
    weft_history_leave(&session->history, here(session), move == WEFT_MOVE_DRIFT);
    weft_viewport_show(&session->view.viewport, from_ns, MAX(to_ns, from_ns + 1));
    moved(session);
}

void weft_session_pan(WeftSession *session, double by_px)
{
    struct weft_viewport *viewport = &session->view.viewport;
    weft_history_leave(&session->history, here(session), TRUE);
    viewport->from_ns += (gint64)llround(by_px * viewport->ns_per_px);
    moved(session);
}

void weft_session_zoom(WeftSession *session, double factor, double x)
{
    weft_history_leave(&session->history, here(session), TRUE);
    weft_viewport_zoom(&session->view.viewport, x, factor);
    moved(session);
}

/* The whole trace, with air on its right for the words of what is done. */
static void show_all(WeftSession *session)
{
    gint64 begin = weft_trace_begin_ns(session->trace), end = weft_session_end_ns(session);
    gint64 span = MAX(end - begin, 1);
    weft_viewport_show(&session->view.viewport, begin - span / 100, end + MAX(span / 7, 1));
}

void weft_session_refine(WeftSession *session)
{
    weft_session_changed(session, WEFT_CHANGE_VISIBLE);
}

void weft_session_show_first(WeftSession *session)
{
    show_all(session);
    moved(session);
    session->touched = FALSE;
}

void weft_session_fit(WeftSession *session)
{
    weft_history_leave(&session->history, here(session), FALSE);
    show_all(session);
    moved(session);
}

static gboolean is_well_inside(WeftSession *session, gint64 t_ns)
{
    const struct weft_viewport *viewport = &session->view.viewport;
    double x = weft_viewport_x(viewport, t_ns);
    return x >= viewport->width * REACH && x <= viewport->width * (1 - REACH);
}

static void centre(WeftSession *session, gint64 t_ns)
{
    struct weft_viewport *viewport = &session->view.viewport;
    viewport->from_ns = t_ns - (gint64)(viewport->width / 2 * viewport->ns_per_px);
    moved(session);
}

void weft_session_reveal(WeftSession *session, gint64 t_ns)
{
    if (is_well_inside(session, t_ns))
        return;
    weft_history_leave(&session->history, here(session), FALSE);
    centre(session, t_ns);
}

gboolean weft_session_navigate(WeftSession *session, int direction)
{
    struct weft_place from = here_selected(session), there;
    do /* not to where it is already */
        if (!weft_history_step(&session->history, direction, from, &there))
            return FALSE;
    while (same_place(&from, &there));
    if (there.from_ns != from.from_ns || there.to_ns != from.to_ns) {
        weft_viewport_show(&session->view.viewport, there.from_ns, there.to_ns);
        moved(session);
    }
    if (!there.jumped)
        return TRUE;
    if (there.playhead_ns != WEFT_NO_TIME)
        weft_session_set_playhead(session, there.playhead_ns);
    weft_session_select(session, there.lane, there.lane_ns);
    if (there.lane != WEFT_NO_LANE)
        weft_session_bring(session, there.lane, TRUE);
    return TRUE;
}

void weft_session_show_end(WeftSession *session)
{
    struct weft_viewport *viewport = &session->view.viewport;
    gint64 end = weft_session_end_ns(session);
    double span = viewport->ns_per_px * viewport->width;
    viewport->from_ns = MAX(end - (gint64)(span * (1 - END_MARGIN)), (gint64)(-END_MARGIN * span));
    session->view.playhead_ns = end;
}

static double compact_height(WeftSession *session)
{
    return session->compact ? round(WEFT_LANE_HEIGHT_STRIP * session->view.text_scale) : 0;
}

void weft_session_set_compact(WeftSession *session, gboolean compact)
{
    guint selected = session->view.selected_lane;
    session->compact = compact;
    session->view.lane_height = compact_height(session);
    weft_session_changed(session, WEFT_CHANGE_ROWS);
    weft_session_keep_scroll(session);
    if (selected != WEFT_NO_LANE)
        weft_session_scroll_to(session, selected);
}

gboolean weft_session_compact(WeftSession *session)
{
    return session->compact;
}

void weft_session_set_size(WeftSession *session, double width, double height, double text_scale)
{
    struct weft_view *view = &session->view;
    struct weft_place place = here(session);
    width = MAX(width, 1);
    if (view->viewport.width == width && view->viewport.height == height &&
        view->text_scale == text_scale)
        return;
    gboolean wider = view->viewport.width != width;
    view->viewport.width = width;
    view->viewport.height = height;
    view->text_scale = text_scale;
    view->lane_height = compact_height(session);
    if (wider && !session->following)
        weft_viewport_show(&view->viewport, place.from_ns, MAX(place.to_ns, place.from_ns + 1));
    weft_session_changed(session, WEFT_CHANGE_VISIBLE | WEFT_CHANGE_ROWS);
    weft_session_show_landed(session);
}

/* ---- Rows ---- */

static void scroll(WeftSession *session, double y)
{
    struct weft_viewport *viewport = &session->view.viewport;
    double most = weft_session_scene(session)->content_height - viewport->height;
    y = round(CLAMP(y, 0, MAX(most, 0)));
    if (y == viewport->scroll_y)
        return;
    viewport->scroll_y = y;
    weft_session_changed(session, WEFT_CHANGE_ROWS);
}

void weft_session_scroll(WeftSession *session, double y)
{
    session->touched = TRUE;
    scroll(session, y);
}

void weft_session_keep_scroll(WeftSession *session)
{
    scroll(session, session->view.viewport.scroll_y);
}

/* What they are made from is another. */
static void rows_changed(WeftSession *session)
{
    weft_scene_forget_rows(session->scene);
    weft_session_changed(session, WEFT_CHANGE_ROWS);
}

/* Puts a lane's entity into a set that the rows are made from, or takes it out. FALSE: it was so.
 */
static gboolean put_into(WeftSession *session, GHashTable *set, guint lane, gboolean in)
{
    guint64 id = weft_model_lane(session->model, lane)->id;
    if (in == g_hash_table_contains(set, &id))
        return FALSE;
    if (in)
        g_hash_table_add(set, g_memdup2(&id, sizeof id));
    else
        g_hash_table_remove(set, &id);
    rows_changed(session);
    return TRUE;
}

/* The loop that has a lane's row below it, where it is folded; WEFT_NO_LANE: it is not. */
static guint folded_loop_of(WeftSession *session, guint lane)
{
    weft_model *model = session->model;
    struct weft_track track;
    guint32 ring;
    GHashTableIter at;
    gpointer id;
    if (weft_is_model_lane(lane))
        ring = weft_model_lane(model, lane)->ring;
    else if (!weft_is_track_lane(lane) ||
             !weft_tracks_get(session->view.tracks, lane - WEFT_TRACK_LANE, &track) ||
             track.kind == WEFT_TRACK_THREAD)
        return WEFT_NO_LANE;
    else /* counters are below the first */
        ring = track.kind == WEFT_TRACK_RESOURCE ? weft_id_ring(track.id)
                                                 : weft_model_lane(model, 0)->ring;
    for (g_hash_table_iter_init(&at, session->folded); g_hash_table_iter_next(&at, &id, NULL);) {
        guint loop = weft_model_lane_of(model, *(guint64 *)id);
        if (loop != G_MAXUINT32 && weft_model_lane(model, loop)->kind == WEFT_LANE_LOOP &&
            weft_model_lane(model, loop)->ring == ring)
            return loop;
    }
    return WEFT_NO_LANE;
}

/* Grouped by site, a task is shown below its group, alone, be that folded. */
static void unfold_to(WeftSession *session, guint lane)
{
    if (!weft_is_model_lane(lane))
        return;
    if (session->view.by_site && weft_model_lane(session->model, lane)->kind == WEFT_LANE_TASK)
        put_into(session, session->singled, lane, TRUE);
    for (guint up = weft_model_lane(session->model, lane)->parent; up != G_MAXUINT32;
         up = weft_model_lane(session->model, up)->parent)
        put_into(session, session->folded, up, FALSE);
}

static void scroll_to_row(WeftSession *session, const struct weft_row *row)
{
    const struct weft_viewport *viewport = &session->view.viewport;
    if (row->y < viewport->scroll_y)
        scroll(session, row->y);
    else if (row->y + row->height > viewport->scroll_y + viewport->height)
        scroll(session, row->y + row->height - viewport->height);
}

void weft_session_bring(WeftSession *session, guint lane, gboolean bare)
{
    guint loop = bare ? folded_loop_of(session, lane) : WEFT_NO_LANE;
    if (loop != WEFT_NO_LANE && loop != lane)
        put_into(session, session->folded, loop, FALSE);
    unfold_to(session, lane);
    const struct weft_scene *scene = weft_session_scene(session);
    guint index = weft_scene_row_of(scene, lane);
    if (index == WEFT_NO_LANE && bare && session->filter && !scene->rows_late) {
        weft_session_give_filter_up(session);
        scene = weft_session_scene(session);
        index = weft_scene_row_of(scene, lane);
    }
    session->scroll_lane = scene->rows_late ? lane : WEFT_NO_LANE;
    session->scroll_bares = bare;
    if (index != WEFT_NO_LANE)
        scroll_to_row(session, weft_scene_row(scene, index));
}

void weft_session_show_landed(WeftSession *session)
{
    const struct weft_scene *scene = weft_session_scene(session);
    guint lane = session->view.selected_lane;
    guint index = lane == WEFT_NO_LANE ? lane : weft_scene_row_of(scene, lane);
    if (!session->touched && session->loaded && index != WEFT_NO_LANE)
        scroll_to_row(session, weft_scene_row(scene, index));
}

void weft_session_scroll_to(WeftSession *session, guint lane)
{
    weft_session_bring(session, lane, FALSE);
}

void weft_session_fold(WeftSession *session, guint lane, gboolean folded)
{
    if (weft_is_crowd_lane(lane)) {
        gboolean fewer = weft_session_forget_singled(session, lane);
        if (!put_into(session, session->unfolded, lane - WEFT_CROWD_LANE, !folded) && fewer)
            rows_changed(session); /* it was folded, but for those */
    } else {
        put_into(session, session->folded, lane, folded);
    }
}

void weft_session_pin(WeftSession *session, guint lane, gboolean pinned)
{
    put_into(session, session->pinned, lane, pinned);
}

gboolean weft_session_pinned(WeftSession *session, guint lane)
{
    guint64 id = weft_model_lane(session->model, lane)->id;
    return g_hash_table_contains(session->pinned, &id);
}

/* The first task that the filter looks for; WEFT_NO_LANE: there is none. */
static guint first_found(WeftSession *session, gboolean in_range_only)
{
    const struct weft_viewport *viewport = &session->view.viewport;
    for (guint i = 0; i < weft_model_n_lanes(session->model); i++) {
        const struct weft_lane *lane = weft_model_lane(session->model, i);
        gboolean in_range = lane->last_ns >= viewport->from_ns &&
                            lane->first_ns <= weft_viewport_to_ns(viewport);
        if (lane->kind == WEFT_LANE_TASK && (in_range || !in_range_only) &&
            weft_scene_matches(weft_session_scene(session), i))
            return i;
    }
    return WEFT_NO_LANE;
}

gboolean weft_session_find(WeftSession *session)
{
    session->find_awaited = weft_session_scene(session)->rows_late;
    if (session->find_awaited)
        return TRUE;
    guint lane = first_found(session, TRUE);
    if (lane != WEFT_NO_LANE) {
        weft_session_select(session, lane, session->view.playhead_ns);
        weft_session_scroll_to(session, lane);
        return TRUE;
    }
    lane = first_found(session, FALSE);
    if (lane == WEFT_NO_LANE)
        return FALSE;
    const struct weft_lane *task = weft_model_lane(session->model, lane);
    return weft_session_jump(session, task->id, task->first_ns);
}

/* ---- Playhead, selection, hover, marked range, origin ---- */

void weft_session_set_playhead(WeftSession *session, gint64 t_ns)
{
    t_ns = CLAMP(t_ns, 0, weft_session_end_ns(session));
    session->touched = TRUE;
    if (t_ns == session->view.playhead_ns)
        return;
    session->view.playhead_ns = t_ns;
    weft_session_changed(session, WEFT_CHANGE_PLAYHEAD);
}

void weft_session_select(WeftSession *session, guint lane, gint64 t_ns)
{
    struct weft_view *view = &session->view;
    session->touched = TRUE;
    session->select_awaited = 0;
    guint track = weft_is_track_lane(lane) ? lane : WEFT_NO_LANE;
    if (!weft_is_model_lane(lane))
        lane = WEFT_NO_LANE;
    if (lane == view->selected_lane && track == view->selected_track &&
        t_ns == (track == WEFT_NO_LANE ? view->selected_ns : view->track_ns))
        return;
    view->selected_lane = lane;
    view->selected_ns = lane == WEFT_NO_LANE ? WEFT_NO_TIME : t_ns;
    view->selected_track = track;
    view->track_ns = t_ns;
    weft_session_changed(session, WEFT_CHANGE_SELECTION);
}

/* From where a jump left. */
static void arrive(WeftSession *session, const struct weft_place *from, gint64 t_ns)
{
    struct weft_place to = here_selected(session);
    gboolean moves = !is_well_inside(session, t_ns);
    if (moves || !same_place(from, &to))
        weft_history_leave(&session->history, *from, FALSE);
    if (moves)
        centre(session, t_ns);
}

void weft_session_go(WeftSession *session, gint64 t_ns)
{
    struct weft_place from = here_selected(session);
    weft_session_set_playhead(session, t_ns);
    arrive(session, &from, t_ns);
}

gboolean weft_session_jump(WeftSession *session, uint64_t entity, gint64 t_ns)
{
    guint lane = weft_model_lane_of(session->model, entity);
    if (lane == G_MAXUINT32 && session->view.tracks && weft_id_kind(entity) == WEFT_ENTITY_JOB) {
        lane = weft_scene_thread_of(session->view.tracks, entity, &t_ns);
    } else if (lane == G_MAXUINT32 && session->view.tracks) {
        guint track = weft_tracks_of(session->view.tracks, entity);
        lane = track == G_MAXUINT32 ? track : WEFT_TRACK_LANE + track;
    }
    if (lane == G_MAXUINT32)
        return FALSE;
    struct weft_place from = here_selected(session);
    weft_session_set_playhead(session, t_ns);
    weft_session_select(session, lane, t_ns);
    arrive(session, &from, t_ns);
    weft_session_bring(session, lane, TRUE);
    return TRUE;
}

gboolean weft_session_selected_segment(WeftSession *session, struct weft_segment_view *segment)
{
    const struct weft_view *view = &session->view;
    return view->selected_lane != WEFT_NO_LANE && view->selected_ns != WEFT_NO_TIME &&
           weft_model_segment_at(session->model, view->selected_lane, view->selected_ns, segment);
}

char *weft_session_selection_text(WeftSession *session)
{
    guint lane = session->view.selected_lane;
    struct weft_segment_view segment;
    if (lane == WEFT_NO_LANE)
        return NULL;
    g_autofree char *name = weft_model_name(session->model,
                                            weft_model_lane(session->model, lane)->id);
    if (!weft_session_selected_segment(session, &segment))
        return g_steal_pointer(&name);
    g_autofree char *words = weft_scene_segment_text(session->model, lane, &segment);
    g_autofree char *from = weft_view_time(&session->view, segment.from_ns);
    return g_strdup_printf("%s: %s, from %s", name, words, from);
}

void weft_session_hover(WeftSession *session, guint lane, gint64 t_ns, gboolean tip)
{
    struct weft_view *view = &session->view;
    if (lane == WEFT_NO_LANE && view->hover_lane == WEFT_NO_LANE)
        return;
    view->hover_lane = lane;
    view->hover_ns = t_ns;
    view->hover_tip = tip;
    weft_session_changed(session, WEFT_CHANGE_HOVER);
}

void weft_session_mark(WeftSession *session, gint64 a_ns, gint64 b_ns)
{
    gint64 end = weft_session_end_ns(session);
    session->view.range_from = CLAMP(MIN(a_ns, b_ns), 0, end);
    session->view.range_to = CLAMP(MAX(a_ns, b_ns), 0, end);
    weft_session_changed(session, WEFT_CHANGE_MARKED);
}

void weft_session_set_origin(WeftSession *session, gint64 t_ns)
{
    session->view.origin_ns = t_ns;
    session->view.of_day = FALSE;
    weft_session_changed(session, WEFT_CHANGE_ORIGIN);
}

gboolean weft_session_count_of_day(WeftSession *session)
{
    if (!weft_view_midnight(session->trace, &session->view.origin_ns))
        return FALSE;
    session->view.of_day = TRUE;
    weft_session_changed(session, WEFT_CHANGE_ORIGIN);
    return TRUE;
}

guint weft_session_holder(WeftSession *session)
{
    weft_model *model = session->model;
    gint64 end = weft_session_end_ns(session);
    for (guint lane = 0; lane < weft_model_n_lanes(model); lane++) {
        struct weft_segment_view last;
        if (weft_model_lane(model, lane)->kind == WEFT_LANE_LOOP &&
            weft_model_segment_at(model, lane, end - 1, &last) &&
            last.state == WEFT_SEGMENT_RUNNING && (last.flags & WEFT_SEGMENT_OPEN) &&
            last.to_ns - last.from_ns >= WEFT_BLOCKED_VEIL_NS)
            return weft_model_lane_of(model, last.other);
    }
    return WEFT_NO_LANE;
}

static guint first_task(WeftSession *session)
{
    for (guint lane = 0; lane < weft_model_n_lanes(session->model); lane++)
        if (weft_model_lane(session->model, lane)->kind == WEFT_LANE_TASK)
            return lane;
    return WEFT_NO_LANE;
}

void weft_session_land(WeftSession *session)
{
    struct weft_view *view = &session->view;
    gint64 begin = weft_trace_begin_ns(session->trace), end = weft_session_end_ns(session);
    guint culprit = weft_session_holder(session);
    if (view->playhead_ns == WEFT_NO_TIME)
        view->playhead_ns = culprit == WEFT_NO_LANE ? begin + (end - begin) / 2 : end - 1;
    if (view->selected_lane == WEFT_NO_LANE) {
        view->selected_lane = culprit == WEFT_NO_LANE ? first_task(session) : culprit;
        view->selected_ns = view->selected_lane == WEFT_NO_LANE ? WEFT_NO_TIME : view->playhead_ns;
    }
    weft_session_changed(session, WEFT_CHANGE_SELECTION | WEFT_CHANGE_PLAYHEAD);
    weft_session_show_landed(session);
}
