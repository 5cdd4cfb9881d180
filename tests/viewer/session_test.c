/* session_test.c: the shared truth of a tab's widgets, without a display. */
#include "app/viewer/session-private.h"
#include "tests/viewer/sample.h"
#include "tests/viewer/sample_session.h"
#include "tests/viewer/sample_tracks.h"

#define MS INT64_C(1000000)

static gint64 from_ns(WeftSession *session)
{
    return weft_session_view(session)->viewport.from_ns;
}

static gint64 to_ns(WeftSession *session)
{
    return weft_viewport_to_ns(&weft_session_view(session)->viewport);
}

static void test_fit_shows_all(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    g_assert_true(weft_session_loaded(session));
    g_assert_cmpint(from_ns(session), <=, 0);
    g_assert_cmpint(to_ns(session), >=, weft_session_end_ns(session));
    g_assert_cmpstr(weft_session_title(session), ==, "fetch-three");
}

static void test_landing(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    const struct weft_view *view = weft_session_view(session);
    g_assert_cmpint(view->playhead_ns, ==, weft_session_end_ns(session) / 2);
    g_assert_cmpuint(view->selected_lane, ==, lane_named(session, "main"));
}

static void test_zoom_keeps_the_point(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    const struct weft_viewport *viewport = &weft_session_view(session)->viewport;
    gint64 at = weft_viewport_ns(viewport, 300);
    for (guint i = 0; i < 12; i++)
        weft_session_zoom(session, 1.5, 300);
    g_assert_cmpint(ABS(weft_viewport_ns(viewport, 300) - at), <=,
                    (gint64)(2 * viewport->ns_per_px) + 1);
    g_assert_cmpuint(heard, ==, WEFT_CHANGE_VISIBLE);
}

static void test_reach(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    gint64 end = weft_session_end_ns(session);
    weft_session_show(session, 10 * MS, 20 * MS, WEFT_MOVE_JUMP);
    weft_session_pan(session, -1e9);
    g_assert_cmpint(from_ns(session), >=, -2 * MS);
    weft_session_pan(session, 1e9);
    g_assert_cmpint(from_ns(session), <, end);
    for (guint i = 0; i < 200; i++)
        weft_session_zoom(session, 0.5, 10);
    g_assert_cmpint(to_ns(session) - from_ns(session), <=, end * 2);
    g_assert_cmpint(to_ns(session), >=, end);
    for (guint i = 0; i < 200; i++)
        weft_session_zoom(session, 2, 10);
    g_assert_cmpfloat(weft_session_view(session)->viewport.ns_per_px, >=, 0.01);
}

static void test_size_keeps_the_range(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    weft_session_show(session, 100 * MS, 200 * MS, WEFT_MOVE_JUMP);
    weft_session_set_size(session, WIDTH / 2, HEIGHT, 1);
    g_assert_cmpint(ABS(from_ns(session) - 100 * MS), <=, MS);
    g_assert_cmpint(ABS(to_ns(session) - 200 * MS), <=, MS);
}

static void test_history(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    gint64 from = from_ns(session), to = to_ns(session);
    weft_session_pan(session, 40);
    weft_session_pan(session, 40);
    weft_session_show(session, 100 * MS, 200 * MS, WEFT_MOVE_JUMP);
    g_assert_true(weft_session_navigate(session, -1));
    g_assert_true(weft_session_navigate(session, -1));
    g_assert_cmpint(ABS(from_ns(session) - from), <=, 2);
    g_assert_cmpint(ABS(to_ns(session) - to), <=, 1000);
    g_assert_true(weft_session_navigate(session, 1));
    g_assert_true(weft_session_navigate(session, 1));
    g_assert_cmpint(ABS(from_ns(session) - 100 * MS), <=, 1000);
    g_assert_false(weft_session_navigate(session, 1));
    from = from_ns(session);
    to = to_ns(session);
    weft_session_show(session, from, to, WEFT_MOVE_JUMP); /* where it is: back leads elsewhere */
    g_assert_true(weft_session_navigate(session, -1));
    g_assert_cmpint(ABS(from_ns(session) - from), >, MS);
}

/* A jump, near or far, is undone with what was selected; a pan leaves that alone. */
static void test_back_to_selection(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    const struct weft_view *view = weft_session_view(session);
    g_assert_false(weft_session_navigate(session, -1)); /* nobody was anywhere yet */
    guint first = lane_named(session, "fetch-1"), second = lane_named(session, "fetch-2");
    uint64_t second_id = weft_model_lane(weft_session_model(session), second)->id;
    weft_session_set_playhead(session, 200 * MS);
    weft_session_select(session, first, 200 * MS);
    g_assert_true(weft_session_jump(session, second_id, 210 * MS));
    g_assert_cmpuint(view->selected_lane, ==, second);
    g_assert_true(weft_session_navigate(session, -1));
    g_assert_cmpuint(view->selected_lane, ==, first);
    g_assert_cmpint(view->selected_ns, ==, 200 * MS);
    g_assert_cmpint(view->playhead_ns, ==, 200 * MS);
    g_assert_true(weft_session_navigate(session, 1));
    g_assert_cmpuint(view->selected_lane, ==, second);
    g_assert_cmpint(view->playhead_ns, ==, 210 * MS);
    weft_session_go(session, 240 * MS);
    g_assert_cmpint(view->playhead_ns, ==, 240 * MS);
    g_assert_true(weft_session_navigate(session, -1));
    g_assert_cmpint(view->playhead_ns, ==, 210 * MS);
    weft_session_pan(session, 40);
    weft_session_select(session, first, 200 * MS);
    g_assert_true(weft_session_navigate(session, -1));
    g_assert_cmpuint(view->selected_lane, ==, first);
    weft_session_select(session, WEFT_NO_LANE, WEFT_NO_TIME);
    g_assert_true(weft_session_jump(session, second_id, 210 * MS));
    g_assert_true(weft_session_navigate(session, -1));
    g_assert_cmpuint(view->selected_lane, ==, WEFT_NO_LANE);
}

static void test_select(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    guint lane = lane_named(session, "fetch-2");
    struct weft_segment_view segment;
    weft_session_select(session, lane, 300 * MS);
    g_assert_cmpuint(heard, ==, WEFT_CHANGE_SELECTION);
    g_assert_true(weft_session_selected_segment(session, &segment));
    g_assert_cmpint(segment.from_ns, <=, 300 * MS);
    g_assert_cmpint(segment.to_ns, >, 300 * MS);
    heard = 0;
    weft_session_select(session, lane, 300 * MS);
    g_assert_cmpuint(heard, ==, 0);
    weft_session_select(session, WEFT_NO_LANE, WEFT_NO_TIME);
    g_assert_false(weft_session_selected_segment(session, &segment));
}

static void test_jump(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    guint lane = lane_named(session, "fetch-3");
    uint64_t id = weft_model_lane(weft_session_model(session), lane)->id;
    weft_session_show(session, 0, 10 * MS, WEFT_MOVE_JUMP);
    g_assert_true(weft_session_jump(session, id, 400 * MS));
    const struct weft_view *view = weft_session_view(session);
    g_assert_cmpuint(view->selected_lane, ==, lane);
    g_assert_cmpint(view->playhead_ns, ==, 400 * MS);
    g_assert_cmpint(from_ns(session), <, 400 * MS);
    g_assert_cmpint(to_ns(session), >, 400 * MS);
    g_assert_false(weft_session_jump(session, weft_id(WEFT_ENTITY_TASK, 9, 99), 0));
}

static void test_playhead_stays_in_the_trace(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    weft_session_set_playhead(session, -5);
    g_assert_cmpint(weft_session_view(session)->playhead_ns, ==, 0);
    weft_session_set_playhead(session, G_MAXINT64);
    g_assert_cmpint(weft_session_view(session)->playhead_ns, ==, weft_session_end_ns(session));
    g_assert_cmpuint(heard, ==, WEFT_CHANGE_PLAYHEAD);
}

/* When words at the playhead that were late are known, it is not the playhead that moved. */
static void test_late_words(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    const struct weft_scene *scene = weft_session_scene(session);
    session->scene->words_us = 1;
    weft_session_set_playhead(session, 315 * MS);
    g_assert_true(weft_session_scene(session)->words_late);
    heard = 0;
    while (weft_session_scene(session)->words_late)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(heard, ==, WEFT_CHANGE_WORDS);
    g_assert_cmpstr(
        weft_scene_visible(scene, weft_scene_row_of(scene, lane_named(session, "main")))->word, !=,
        "");
}

struct followed {
    gboolean over, found, cancelled;
    guint64 total, place;
};

static void follow_over(GObject *session, GAsyncResult *result, gpointer data)
{
    struct followed *followed = data;
    g_autoptr(GError) error = NULL;
    followed->found = weft_session_follow_finish(WEFT_SESSION(session), result, &error);
    followed->cancelled = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    followed->over = TRUE;
}

static gboolean follow(WeftSession *session, int direction)
{
    struct followed followed = { 0 };
    weft_session_follow_edge(session, direction, follow_over, &followed);
    while (!followed.over)
        g_main_context_iteration(NULL, TRUE);
    return followed.found;
}

static void step_over(GObject *session, GAsyncResult *result, gpointer data)
{
    struct followed *followed = data;
    g_autoptr(GError) error = NULL;
    followed->found = weft_session_step_finish(WEFT_SESSION(session), result, &error);
    followed->cancelled = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    followed->over = TRUE;
}

static guint count_slices(WeftSession *session, guint lane)
{
    struct followed followed;
    guint n = 0;
    weft_session_select(session, lane, 0);
    weft_session_set_playhead(session, 0);
    for (;; n++) {
        followed = (struct followed){ 0 };
        weft_session_step_slice(session, 1, step_over, &followed);
        while (!followed.over)
            g_main_context_iteration(NULL, TRUE);
        if (!followed.found)
            return n;
    }
}

/* Of the slices chosen by their length, only those are gone to. */
static void test_step_slices(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    guint lane = lane_named(session, "fetch-2");
    guint all = count_slices(session, lane);
    weft_session_choose_slices(session, WEFT_SEGMENT_RUNNING, 10 * MS, G_MAXINT64);
    guint longer = count_slices(session, lane);
    weft_session_choose_slices(session, WEFT_SEGMENT_RUNNING, 0, 10 * MS);
    g_assert_cmpuint(longer, >, 0);
    g_assert_cmpuint(count_slices(session, lane), ==, all - longer);
    weft_session_choose_slices(session, WEFT_SEGMENT_READY, 0, G_MAXINT64);
    guint ready = count_slices(session, lane); /* it was woken before each slice */
    struct weft_segment_view last;
    g_assert_true(weft_session_selected_segment(session, &last));
    g_assert_cmpuint(last.state, ==, WEFT_SEGMENT_READY);
    g_assert_cmpuint(ready, >, 0);
    weft_session_choose_slices(session, WEFT_SEGMENT_RUNNING, 0, 0);
    g_assert_cmpuint(count_slices(session, lane), ==, all);
}

/* The next key takes the place of the one before, which is told so, not that there is nothing. */
static void test_step_again(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    struct followed first = { 0 }, second = { 0 };
    weft_session_select(session, lane_named(session, "fetch-2"), 0);
    weft_session_set_playhead(session, 0);
    weft_session_choose_slices(session, WEFT_SEGMENT_RUNNING, 10 * MS, G_MAXINT64);
    weft_session_step_slice(session, 1, step_over, &first);
    weft_session_step_slice(session, 1, step_over, &second);
    while (!first.over || !second.over)
        g_main_context_iteration(NULL, TRUE);
    g_assert_true(first.cancelled);
    g_assert_false(first.found);
    g_assert_true(second.found);
    while (second.found) {
        second = (struct followed){ 0 };
        weft_session_step_slice(session, 1, step_over, &second);
        while (!second.over)
            g_main_context_iteration(NULL, TRUE);
    }
    g_assert_false(second.cancelled); /* here is the end */
}

/* Where no edge is drawn, the nearest one in the trace is followed. */
static void test_follow(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    guint main_lane = lane_named(session, "main"), child = lane_named(session, "fetch-1");
    const struct weft_view *view = weft_session_view(session);
    weft_session_select(session, main_lane,
                        weft_model_lane(weft_session_model(session), main_lane)->first_ns);
    g_assert_true(follow(session, 1)); /* it runs, and creates its first child */
    g_assert_cmpuint(view->selected_lane, ==, child);
    g_assert_true(follow(session, -1));
    g_assert_cmpuint(view->selected_lane, ==, main_lane);
    gint64 last = weft_session_end_ns(session);
    weft_session_select(session, lane_named(session, "fetch-2"), last); /* long done */
    g_assert_true(follow(session, -1));
    g_assert_cmpint(view->selected_ns, <, last);
    weft_session_select(session, WEFT_NO_LANE, WEFT_NO_TIME);
    g_assert_false(follow(session, -1));
}

/* To the lock that it waits for, and from there to who has it. */
static void test_follow_to_a_lock(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    const struct weft_view *view = weft_session_view(session);
    weft_session_track(session);
    while (!view->tracks)
        g_main_context_iteration(NULL, TRUE);
    weft_session_select(session, lane_named(session, "fetch-2"), 300 * MS);
    g_assert_true(follow(session, 1));
    g_assert_cmpuint(view->selected_lane, ==, WEFT_NO_LANE);
    g_assert_true(weft_is_track_lane(view->selected_track));
    g_assert_true(follow(session, 1));
    g_assert_cmpuint(view->selected_lane, ==, lane_named(session, "fetch-1"));
}

/* A task that is found is seen: its row, and its time where none of it was in sight. */
static void test_find(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    guint lane = lane_named(session, "fetch-1");
    const struct weft_lane *task = weft_model_lane(weft_session_model(session), lane);
    weft_session_set_size(session, WIDTH, 100, 1);
    gint64 from = from_ns(session), to = to_ns(session);
    weft_session_filter(session, "FETCH-1");
    g_assert_true(weft_session_find(session));
    g_assert_cmpuint(weft_session_view(session)->selected_lane, ==, lane);
    g_assert_cmpint(from_ns(session), ==, from);
    g_assert_cmpint(to_ns(session), ==, to);
    const struct weft_scene *scene = weft_session_scene(session);
    g_assert_nonnull(weft_scene_visible(scene, weft_scene_row_of(scene, lane)));

    weft_session_select(session, WEFT_NO_LANE, WEFT_NO_TIME);
    weft_session_show(session, task->last_ns + 50 * MS, task->last_ns + 90 * MS, WEFT_MOVE_JUMP);
    g_assert_true(weft_session_find(session));
    g_assert_cmpuint(weft_session_view(session)->selected_lane, ==, lane);
    g_assert_cmpint(weft_session_view(session)->playhead_ns, ==, task->first_ns);
    g_assert_cmpint(from_ns(session), <=, task->first_ns);
    g_assert_cmpint(to_ns(session), >, task->first_ns);
    g_assert_cmpint(ABS(to_ns(session) - from_ns(session) - 40 * MS), <=, MS); /* not zoomed */
    scene = weft_session_scene(session);
    g_assert_nonnull(weft_scene_visible(scene, weft_scene_row_of(scene, lane)));

    weft_session_filter(session, "nobody");
    g_assert_false(weft_session_find(session));
    g_assert_cmpuint(weft_session_view(session)->selected_lane, ==, lane);
}

struct search {
    gboolean over, found;
    struct weft_match match;
    guint64 total, place;
    GError *error;
};

static void searched(GObject *session, GAsyncResult *result, gpointer data)
{
    struct search *search = data;
    search->found = weft_session_find_finish(WEFT_SESSION(session), result, &search->match,
                                             &search->error);
    search->over = TRUE;
}

static struct search find_next(WeftSession *session, const char *text, int direction)
{
    struct search search = { 0 };
    weft_session_find_next(session, text, direction, searched, &search);
    while (!search.over)
        g_main_context_iteration(NULL, TRUE);
    g_assert_no_error(search.error);
    return search;
}

static void counted(GObject *session, GAsyncResult *result, gpointer data)
{
    struct search *search = data;
    search->found = weft_session_count_finish(WEFT_SESSION(session), result, &search->total,
                                              &search->place);
    search->over = TRUE;
}

/* From match to match, each gone to; back again; and past the last nothing is found. */
static void test_find_next(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    const struct weft_view *view = weft_session_view(session);
    weft_session_set_playhead(session, 0);
    guint n = 0;
    gint64 last = -1, before_last = -1;
    for (struct search search; (search = find_next(session, "READ_ALL", 1)).found; n++) {
        g_assert_cmpint(search.match.time_ns, >=, last);
        g_assert_cmpint(view->playhead_ns, ==, search.match.time_ns);
        before_last = last;
        last = search.match.time_ns;
    }
    g_assert_cmpuint(n, >, 2);
    struct search count = { 0 };
    weft_session_count_matches(session, "READ_ALL", counted, &count);
    while (!count.over)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(count.total, ==, n);
    g_assert_cmpuint(count.place, ==, n); /* the last */
    g_assert_true(find_next(session, "READ_ALL", -1).found);
    g_assert_cmpint(view->playhead_ns, ==, before_last);
    g_assert_false(find_next(session, "no such text", 1).found);
    g_assert_cmpint(view->playhead_ns, ==, before_last);
}

static void test_scroll_is_bounded(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    weft_session_set_size(session, WIDTH, 100, 1);
    weft_session_scroll(session, 1e9);
    double most = weft_session_scene(session)->content_height - 100;
    g_assert_cmpfloat(ABS(weft_session_view(session)->viewport.scroll_y - most), <=, 1);
    weft_session_scroll(session, -5);
    g_assert_cmpfloat(weft_session_view(session)->viewport.scroll_y, ==, 0);
}

static void test_mark(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    const struct weft_view *view = weft_session_view(session);
    weft_session_mark(session, 200 * MS, 100 * MS);
    g_assert_cmpint(view->range_from, ==, 100 * MS);
    g_assert_cmpint(view->range_to, ==, 200 * MS);
    weft_session_mark(session, 0, 0);
    g_assert_cmpint(view->range_from, ==, view->range_to);
}

/* Locks, threads and counters come to the rows once they are read; none is ever selected. */
static guint lane_of_lock(WeftSession *session)
{
    const struct weft_scene *scene = weft_session_scene(session);
    for (guint i = 0; i < scene->rows->len; i++) {
        guint lane = weft_scene_row(scene, i)->lane;
        struct weft_track track;
        if (weft_is_track_lane(lane) &&
            weft_tracks_get(scene->view.tracks, lane - WEFT_TRACK_LANE, &track) &&
            weft_id_kind(track.id) == WEFT_ENTITY_LOCK)
            return lane;
    }
    g_assert_not_reached();
}

static void test_tracks(void)
{
    g_autoptr(weft_trace) trace = weft_sample_tracks(FALSE);
    g_autoptr(WeftSession) session = weft_session_new(trace);
    weft_session_track(session); /* nothing is loaded yet */
    while (weft_session_load(session, 1000))
        continue;
    weft_session_set_size(session, WIDTH, HEIGHT, 1);
    guint before = weft_session_scene(session)->rows->len;
    weft_session_track(session);
    while (!weft_session_view(session)->tracks)
        g_main_context_iteration(NULL, TRUE);
    const struct weft_scene *scene = weft_session_scene(session);
    g_assert_cmpuint(scene->rows->len, ==, before + 7);
    guint lane = weft_scene_row(scene, scene->rows->len - 1)->lane;
    g_assert_true(weft_is_track_lane(lane));
    const struct weft_view *view = weft_session_view(session);
    weft_session_select(session, lane, 0); /* instead of a task */
    weft_session_scroll_to(session, lane);
    g_assert_cmpuint(view->selected_lane, ==, WEFT_NO_LANE);
    g_assert_cmpuint(view->selected_track, ==, lane);
    guint lock = lane_of_lock(session);
    struct weft_track_step held;
    for (gint64 t = 0;
         !weft_tracks_at(view->tracks, lock - WEFT_TRACK_LANE, t, &held) || !held.owner; t += MS)
        g_assert_cmpint(t, <, weft_session_end_ns(session));
    struct weft_track what;
    g_assert_true(weft_tracks_get(view->tracks, lock - WEFT_TRACK_LANE, &what));
    g_assert_true(weft_session_jump(session, what.id, held.from_ns)); /* as a link does */
    g_assert_cmpuint(view->selected_track, ==, lock);
    g_assert_cmpint(view->playhead_ns, ==, held.from_ns);
    g_assert_true(follow(session, -1)); /* to who has it */
    g_assert_cmpuint(view->selected_lane, ==,
                     weft_model_lane_of(weft_session_model(session), held.owner));
    g_assert_cmpuint(view->selected_track, ==, WEFT_NO_LANE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session/fit-shows-all", test_fit_shows_all);
    g_test_add_func("/session/landing", test_landing);
    g_test_add_func("/session/zoom-keeps-the-point", test_zoom_keeps_the_point);
    g_test_add_func("/session/reach", test_reach);
    g_test_add_func("/session/size-keeps-the-range", test_size_keeps_the_range);
    g_test_add_func("/session/history", test_history);
    g_test_add_func("/session/back-to-selection", test_back_to_selection);
    g_test_add_func("/session/select", test_select);
    g_test_add_func("/session/jump", test_jump);
    g_test_add_func("/session/playhead-stays-in-the-trace", test_playhead_stays_in_the_trace);
    g_test_add_func("/session/follow", test_follow);
    g_test_add_func("/session/follow-to-a-lock", test_follow_to_a_lock);
    g_test_add_func("/session/step-slices", test_step_slices);
    g_test_add_func("/session/step-again", test_step_again);
    g_test_add_func("/session/find", test_find);
    g_test_add_func("/session/find-next", test_find_next);
    g_test_add_func("/session/scroll-is-bounded", test_scroll_is_bounded);
    g_test_add_func("/session/mark", test_mark);
    g_test_add_func("/session/late-words", test_late_words);
    g_test_add_func("/session/tracks", test_tracks);
    return g_test_run();
}
