/* session_place_test.c: where somebody is in a trace, and is again when it is opened again. Without
 * a display. */
#include "tests/viewer/sample_session.h"
#include "tests/viewer/sample_tracks.h"

#define MS INT64_C(1000000)

static guint lock_lane(WeftSession *session)
{
    weft_tracks *tracks = weft_session_view(session)->tracks;
    struct weft_track track;
    for (guint i = 0; tracks && weft_tracks_get(tracks, i, &track); i++)
        if (weft_id_kind(track.id) == WEFT_ENTITY_LOCK)
            return WEFT_TRACK_LANE + i;
    return WEFT_NO_LANE;
}

/* Where one is, is where one is when the trace is opened again: also in what is read later. */
static void test_place(void)
{
    g_autoptr(weft_trace) trace = weft_sample_tracks(FALSE);
    g_autoptr(WeftSession) session = weft_session_new(trace);
    g_autoptr(WeftSession) again = weft_session_new(trace);
    while (weft_session_load(session, 1000) | weft_session_load(again, 1000))
        continue;
    weft_session_set_size(session, WIDTH, HEIGHT, 1);
    weft_session_set_size(again, WIDTH, HEIGHT, 1);
    weft_session_track(session);
    guint lock;
    while ((lock = lock_lane(session)) == WEFT_NO_LANE)
        g_main_context_iteration(NULL, TRUE);
    guint64 pinned = weft_model_lane(weft_session_model(session), 3)->id, folded = 0;
    for (guint i = 0; i < weft_model_n_lanes(weft_session_model(session)); i++)
        if (weft_model_lane(weft_session_model(session), i)->kind == WEFT_LANE_LOOP) {
            weft_session_fold(session, i, TRUE);
            folded = weft_model_lane(weft_session_model(session), i)->id;
        }
    weft_session_pin(session, 3, TRUE);
    weft_session_group(session, TRUE);
    weft_session_set_compact(session, TRUE);
    weft_session_show(session, 10 * MS, 20 * MS, WEFT_MOVE_JUMP);
    weft_session_set_origin(session, 5 * MS);
    weft_session_set_playhead(session, 12 * MS);
    weft_session_select(session, lock, 12 * MS);
    g_autoptr(GVariant) place = g_variant_ref_sink(weft_session_place(session));
    weft_session_return_to(again, place);
    const struct weft_view *view = weft_session_view(again);
    g_assert_cmpint(ABS(view->viewport.from_ns - 10 * MS), <=, 1);
    g_assert_cmpint(ABS(weft_viewport_to_ns(&view->viewport) - 20 * MS), <=, 1);
    g_assert_cmpint(view->playhead_ns, ==, 12 * MS);
    g_assert_cmpint(view->origin_ns, ==, 5 * MS);
    g_assert_true(view->by_site);
    g_assert_true(weft_session_compact(again));
    g_assert_true(g_hash_table_contains(view->pinned, &pinned));
    g_assert_true(g_hash_table_contains(view->folded, &folded));
    g_assert_cmpuint(view->selected_track, ==, WEFT_NO_LANE);
    weft_session_track(again);
    while (view->selected_track == WEFT_NO_LANE)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(view->selected_track, ==, lock);
    /* What somebody selects meanwhile stays. */
    g_autoptr(WeftSession) third = weft_session_new(trace);
    while (weft_session_load(third, 1000))
        continue;
    weft_session_return_to(third, place);
    weft_session_select(third, 3, 12 * MS);
    weft_session_track(third);
    while (!weft_session_view(third)->tracks)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(weft_session_view(third)->selected_lane, ==, 3);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session-place/again", test_place);
    return g_test_run();
}
