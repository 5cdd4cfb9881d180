/* session_rows_test.c: which rows a tab shows: folded, filtered, crowded, pinned, also of very many
 * tasks. Without a display. */
#include "tests/viewer/sample.h"
#include "tests/viewer/sample_session.h"
#include "tests/viewer/sample_tracks.h"

#define MS INT64_C(1000000)

static void test_fold_and_filter(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    guint main_lane = lane_named(session, "main"), child = lane_named(session, "fetch-1");
    guint all = weft_session_scene(session)->rows->len;
    weft_session_fold(session, main_lane, TRUE);
    g_assert_cmpuint(heard, ==, WEFT_CHANGE_ROWS);
    g_assert_cmpuint(weft_session_scene(session)->rows->len, <, all);
    g_assert_cmpuint(weft_scene_row_of(weft_session_scene(session), child), ==, WEFT_NO_LANE);
    weft_session_scroll_to(session, child); /* unfolds what hides it */
    g_assert_cmpuint(weft_session_scene(session)->rows->len, ==, all);
    weft_session_filter(session, "fetch-2");
    g_assert_cmpuint(weft_scene_row_of(weft_session_scene(session), child), ==, WEFT_NO_LANE);
    g_assert_cmpuint(weft_scene_row_of(weft_session_scene(session), lane_named(session, "fetch-2")),
                     !=, WEFT_NO_LANE);
    weft_session_filter(session, "");
    g_assert_cmpuint(weft_session_scene(session)->rows->len, ==, all);
}

static guint row_of(WeftSession *session, const char *name)
{
    return weft_scene_row_of(weft_session_scene(session), lane_named(session, name));
}

static guint loop_lane(WeftSession *session)
{
    weft_model *model = weft_session_model(session);
    for (guint lane = 0; lane < weft_model_n_lanes(model); lane++)
        if (weft_model_lane(model, lane)->kind == WEFT_LANE_LOOP)
            return lane;
    g_assert_not_reached();
}

/* Who goes to what the filter hides is shown it, by a link as by a finding; a filter that shows it
 * stays. */
static void test_go_to_hidden(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    guint lane = lane_named(session, "fetch-1"), loop = loop_lane(session);
    guint64 id = weft_model_lane(weft_session_model(session), lane)->id;
    weft_session_filter(session, "fetch-1");
    heard = 0;
    g_assert_true(weft_session_jump(session, id, 200 * MS));
    g_assert_cmpstr(weft_session_view(session)->filter, ==, "fetch-1");
    g_assert_cmpuint(heard & WEFT_CHANGE_FILTER, ==, 0);
    weft_session_filter(session, "fetch-2");
    weft_session_fold(session, loop, TRUE);
    g_assert_true(weft_session_jump(session, id, 300 * MS));
    g_assert_null(weft_session_view(session)->filter);
    g_assert_cmpuint(heard & WEFT_CHANGE_FILTER, !=, 0);
    g_assert_cmpuint(row_of(session, "fetch-1"), !=, WEFT_NO_LANE);
    weft_session_filter(session, "fetch-2");
    struct weft_finding finding = { .subject = id, .from_ns = 200 * MS, .to_ns = 300 * MS };
    weft_session_show_finding(session, &finding);
    g_assert_null(weft_session_view(session)->filter);
    g_assert_cmpuint(row_of(session, "fetch-1"), !=, WEFT_NO_LANE);
}

/* Of a lock, the loop is unfolded that it is below. */
static void test_go_to_hidden_lock(void)
{
    g_autoptr(weft_trace) trace = weft_sample_tracks(FALSE);
    g_autoptr(WeftSession) session = weft_session_new(trace);
    struct weft_track what = { .id = 0 };
    while (weft_session_load(session, 1000))
        continue;
    weft_session_track(session);
    const struct weft_view *view = weft_session_view(session);
    while (!view->tracks || weft_tracks_n(view->tracks) == 0)
        g_main_context_iteration(NULL, TRUE);
    guint lock = 0;
    while (weft_tracks_get(view->tracks, lock, &what) && what.kind != WEFT_TRACK_RESOURCE)
        lock++;
    g_assert_cmpint(what.kind, ==, WEFT_TRACK_RESOURCE);
    weft_session_filter(session, "nobody");
    weft_session_fold(session, loop_lane(session), TRUE);
    g_assert_true(weft_session_jump(session, what.id, what.first_ns));
    g_assert_cmpuint(weft_scene_row_of(weft_session_scene(session), WEFT_TRACK_LANE + lock), !=,
                     WEFT_NO_LANE);
    /* Of a job, to its thread. */
    g_assert_true(weft_session_jump(session, weft_id(WEFT_ENTITY_JOB, 0, 1), 8 * MS));
    g_assert_cmpuint(view->selected_track, ==,
                     WEFT_TRACK_LANE +
                         weft_tracks_of(view->tracks, weft_id(WEFT_ENTITY_THREAD, 1, 1)));
    g_assert_cmpint(view->playhead_ns, ==, 10 * MS);
}

static guint tasks_shown(WeftSession *session)
{
    const struct weft_scene *scene = weft_session_scene(session);
    guint n = 0;
    for (guint i = 0; i < scene->rows->len; i++)
        n += weft_scene_row(scene, i)->kind == WEFT_ROW_TASK;
    return n;
}

/* Until workers have made what is to be drawn. */
static void settle(WeftSession *session)
{
    const struct weft_scene *scene;
    while ((scene = weft_session_scene(session))->rows_late || scene->cells_late)
        g_main_context_iteration(NULL, TRUE);
}

static WeftSession *session_of_many(guint n)
{
    g_autoptr(weft_trace) trace = weft_sample_many(n);
    WeftSession *session = weft_session_new(trace);
    while (weft_session_load(session, 1000))
        continue;
    settle(session);
    return session;
}

/* What it landed on is in sight, however low the window, until somebody scrolls. */
static void test_landed_in_sight(void)
{
    g_autoptr(WeftSession) session = session_of_many(400);
    weft_model *model = weft_session_model(session);
    guint lane = weft_session_view(session)->selected_lane, height = 60;
    g_assert_cmpuint(lane, !=, WEFT_NO_LANE);
    g_assert_cmpint(weft_model_lane(model, lane)->kind, ==, WEFT_LANE_TASK);
    weft_session_set_size(session, WIDTH, height, 1);
    const struct weft_scene *scene = weft_session_scene(session);
    const struct weft_row *row = weft_scene_row(scene, weft_scene_row_of(scene, lane));
    g_assert_cmpfloat(row->y + row->height, >, height);
    g_assert_cmpfloat(row->y + row->height, <=, scene->view.viewport.scroll_y + height);
    weft_session_scroll(session, 0);
    weft_session_set_size(session, WIDTH, height - 6, 1);
    g_assert_cmpfloat(weft_session_view(session)->viewport.scroll_y, ==, 0);
}

/* The rows of very many tasks are made in a worker; the last filter asked for counts. */
static void test_filter_many(void)
{
    g_autoptr(WeftSession) session = session_of_many(6000);
    g_assert_cmpuint(tasks_shown(session), ==, 6000);
    weft_session_filter(session, "nobody");
    weft_session_filter(session, "JOB-59");
    g_assert_cmpstr(weft_session_view(session)->filter, ==, "JOB-59");
    g_assert_cmpuint(tasks_shown(session), ==, 6000); /* the last picture stays */
    g_assert_false(weft_scene_idle(weft_session_scene(session)));
    settle(session);
    g_assert_cmpuint(weft_scene_found(weft_session_scene(session)), ==, 111);
    g_assert_cmpuint(tasks_shown(session), ==, 111); /* 59, 590 ... 599, 5900 ... 5999 */
    weft_session_filter(session, "job-4242");
    g_assert_true(weft_session_find(session)); /* it will, once the names are looked at */
    settle(session);
    g_assert_cmpuint(weft_session_view(session)->selected_lane, ==,
                     lane_named(session, "job-4242"));
    g_assert_cmpuint(tasks_shown(session), ==, 1);
    weft_session_set_size(session, WIDTH, HEIGHT, 1);
    settle(session);
    weft_session_set_size(session, WIDTH, 300, 1); /* and back while its rows are being made */
    weft_session_scene(session);
    weft_session_set_size(session, WIDTH, HEIGHT, 1);
    g_assert_true(weft_session_find(session));
    settle(session);
    g_assert_cmpuint(tasks_shown(session), ==, 1);
    /* Gone to before the names were looked at: it is shown once they are. */
    weft_session_filter(session, "job-1");
    weft_session_jump(session, weft_id(WEFT_ENTITY_TASK, 0, 77), 80000);
    settle(session);
    g_assert_cmpuint(tasks_shown(session), ==, 6000);
    weft_session_filter(session, "job-1");
    weft_session_filter(session, NULL);
    settle(session);
    g_assert_cmpuint(tasks_shown(session), ==, 6000);
    weft_session_set_size(session, WIDTH, 300, 1);
    weft_session_scroll_to(session, lane_named(session, "job-5000")); /* once there are rows */
    settle(session);
    g_assert_nonnull(weft_scene_visible(
        weft_session_scene(session),
        weft_scene_row_of(weft_session_scene(session), lane_named(session, "job-5000"))));
}

static const struct weft_row *crowd_row(WeftSession *session)
{
    const struct weft_scene *scene = weft_session_scene(session);
    const struct weft_row *found = NULL;
    for (guint i = 0; i < scene->rows->len; i++)
        if (weft_scene_row(scene, i)->kind == WEFT_ROW_CROWD)
            found = weft_scene_row(scene, i);
    return found;
}

/* More than 10,000 tasks are grouped by where they were created, and those looked for shown alone;
 * who wants to has them all, or their tree. */
static void test_crowd(void)
{
    g_autoptr(WeftSession) session = session_of_many(10001);
    const struct weft_row *crowd = crowd_row(session);
    const struct weft_scene *scene = weft_session_scene(session);
    g_assert_nonnull(crowd);
    g_assert_true(crowd->folded);
    const struct weft_visible_row *visible = weft_scene_visible(
        scene, weft_scene_row_of(scene, crowd->lane));
    g_assert_cmpstr(visible->name, ==, "job ×10,001");
    const struct weft_crowd_cell *last = &g_array_index(
        visible->cells, struct weft_crowd_cell,
        (guint)weft_viewport_x(&scene->view.viewport, scene->end_ns) / WEFT_CROWD_COLUMN - 1);
    g_assert_cmpfloat(last->share[WEFT_CROWD_READY], >, 0.9);
    g_assert_cmpuint(tasks_shown(session), ==, 0);
    weft_session_jump(session, weft_id(WEFT_ENTITY_TASK, 0, 77), 80000);
    settle(session);
    g_assert_cmpuint(tasks_shown(session), ==, 1);
    g_assert_cmpuint(row_of(session, "job-77"), !=, WEFT_NO_LANE);
    weft_session_fold(session, crowd_row(session)->lane,
                      TRUE); /* it is; now that one is not shown */
    settle(session);
    g_assert_cmpuint(tasks_shown(session), ==, 0);
    weft_session_fold(session, crowd_row(session)->lane, FALSE);
    settle(session);
    g_assert_cmpuint(tasks_shown(session), ==, 10001);
    weft_session_jump(session, weft_id(WEFT_ENTITY_TASK, 0, 77), 80000);
    settle(session);
    /* Whoever looks at once does not see it alone, either. */
    gulong looks = g_signal_connect(session, "changed", G_CALLBACK(weft_session_scene), NULL);
    weft_session_fold(session, crowd_row(session)->lane, TRUE);
    g_signal_handler_disconnect(session, looks);
    settle(session);
    g_assert_cmpuint(tasks_shown(session), ==, 0);
    weft_session_filter(session, "job-99");
    settle(session);
    scene = weft_session_scene(session);
    visible = weft_scene_visible(scene, weft_scene_row_of(scene, crowd_row(session)->lane));
    g_assert_cmpstr(visible->name, ==, "job ×111");
    weft_session_pin(session, lane_named(session, "job-990"), TRUE);
    settle(session);
    g_assert_cmpuint(tasks_shown(session), ==, 1);
    weft_session_group(session, FALSE);
    settle(session);
    g_assert_null(crowd_row(session));
    g_assert_cmpuint(tasks_shown(session), ==, 111);
}

/* What many do is said where the pointer is, and at the playhead. */
static void test_crowd_words(void)
{
    g_autoptr(WeftSession) session = session_of_many(10001);
    struct weft_hit what;
    gint64 late = weft_session_end_ns(session) - 1;
    weft_session_set_playhead(session, late);
    const struct weft_scene *scene = weft_session_scene(session);
    guint row = weft_scene_row_of(scene, crowd_row(session)->lane);
    const struct weft_viewport *viewport = &weft_session_view(session)->viewport;
    g_assert_true(g_str_has_suffix(weft_scene_visible(scene, row)->word, " ready"));
    g_assert_true(weft_scene_hit(scene, weft_viewport_x(viewport, late),
                                 weft_scene_y(scene, row) + 3, &what));
    g_assert_cmpuint(what.crowd, ==, crowd_row(session)->lane);
    g_assert_cmpuint(what.lane, ==, WEFT_NO_LANE);
    weft_session_hover(session, what.crowd, late, TRUE);
    g_assert_nonnull(strstr(weft_session_scene(session)->hover_crowd, " ready"));
    g_assert_null(strchr(weft_session_scene(session)->hover_crowd, '%'));
    weft_session_hover(session, what.crowd, viewport->from_ns, TRUE); /* nobody lives there */
    g_assert_cmpstr(weft_session_scene(session)->hover_crowd, ==, "");
    weft_session_hover(session, WEFT_NO_LANE, WEFT_NO_TIME, FALSE);
    g_assert_null(weft_session_scene(session)->hover_crowd);
}

/* Low lanes: more tasks are in the window, and back. */
static void test_compact(void)
{
    g_autoptr(WeftSession) session = session_of_many(400);
    weft_session_set_size(session, WIDTH, HEIGHT, 1);
    guint before = weft_session_scene(session)->n_visible;
    weft_session_set_compact(session, TRUE);
    g_assert_cmpuint(weft_session_scene(session)->n_visible, >, before * 3 / 2);
    weft_session_set_size(session, WIDTH, HEIGHT, 2); /* text twice as large, lanes too */
    g_assert_cmpfloat(weft_scene_row(weft_session_scene(session), row_of(session, "job-7"))->height,
                      ==, 2 * WEFT_LANE_HEIGHT_STRIP);
    weft_session_set_size(session, WIDTH, HEIGHT, 1);
    weft_session_set_compact(session, FALSE);
    g_assert_cmpuint(weft_session_scene(session)->n_visible, ==, before);
}

/* Where a worker makes the rows, too, lower lanes leave the window over some. */
static void test_compact_many(void)
{
    g_autoptr(WeftSession) session = session_of_many(6000);
    weft_session_set_size(session, WIDTH, HEIGHT, 1);
    settle(session);
    weft_session_select(session, WEFT_NO_LANE, WEFT_NO_TIME);
    weft_session_scroll(session, G_MAXINT);
    weft_session_set_compact(session, TRUE);
    settle(session);
    const struct weft_scene *scene = weft_session_scene(session);
    g_assert_cmpuint(scene->n_visible, >, 0);
    g_assert_cmpfloat(weft_session_view(session)->viewport.scroll_y, ==,
                      scene->content_height - HEIGHT);
}

/* Pinned, a task comes before all others, once, whatever is filtered or folded. */
static void test_pin(void)
{
    g_autoptr(WeftSession) session = loaded_session();
    guint lane = lane_named(session, "fetch-3"), rows = weft_session_scene(session)->rows->len;
    g_assert_cmpuint(row_of(session, "fetch-3"), >, row_of(session, "main"));
    weft_session_pin(session, lane, TRUE);
    g_assert_true(weft_session_pinned(session, lane));
    g_assert_cmpuint(row_of(session, "fetch-3"), <, row_of(session, "main"));
    g_assert_cmpuint(weft_session_scene(session)->rows->len, ==, rows);
    weft_session_fold(session, lane_named(session, "main"), TRUE);
    g_assert_cmpuint(row_of(session, "fetch-3"), !=, WEFT_NO_LANE);
    g_assert_cmpuint(row_of(session, "fetch-1"), ==, WEFT_NO_LANE);
    weft_session_filter(session, "heartbeat");
    g_assert_cmpuint(row_of(session, "fetch-3"), !=, WEFT_NO_LANE);
    weft_session_filter(session, NULL);
    weft_session_fold(session, lane_named(session, "main"), FALSE);
    weft_session_pin(session, lane, FALSE);
    g_assert_cmpuint(row_of(session, "fetch-3"), >, row_of(session, "main"));
    g_assert_cmpuint(weft_session_scene(session)->rows->len, ==, rows);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session-rows/fold-and-filter", test_fold_and_filter);
    g_test_add_func("/session-rows/go-to-hidden", test_go_to_hidden);
    g_test_add_func("/session-rows/go-to-hidden-lock", test_go_to_hidden_lock);
    g_test_add_func("/session-rows/landed-in-sight", test_landed_in_sight);
    g_test_add_func("/session-rows/filter-many", test_filter_many);
    g_test_add_func("/session-rows/crowd", test_crowd);
    g_test_add_func("/session-rows/crowd-words", test_crowd_words);
    g_test_add_func("/session-rows/compact", test_compact);
    g_test_add_func("/session-rows/compact-many", test_compact_many);
    g_test_add_func("/session-rows/pin", test_pin);
    return g_test_run();
}
