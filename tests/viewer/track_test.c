/* track_test.c: rows of locks, queues, threads and counters: which, in which order, what they say,
 * and that they are no lanes of the model. How they are drawn: golden/tracks*.txt. No display. */
#include "app/viewer/render/scene.h"
#include "tests/viewer/sample_tracks.h"
#include <string.h>

#define MS INT64_C(1000000)

struct fixture {
    weft_model *model;
    weft_tracks *tracks;
    struct weft_scene *scene;
    struct weft_view view;
};

static void set_up(struct fixture *f, gconstpointer data)
{
    (void)data;
    g_autoptr(weft_trace) trace = weft_sample_tracks(FALSE);
    f->model = weft_model_new(trace);
    weft_model_advance(f->model, 0);
    f->tracks = weft_tracks_new(f->model);
    weft_tracks_advance(f->tracks, 0);
    f->scene = weft_scene_new(f->model);
    weft_view_init(&f->view);
    f->view.tracks = f->tracks;
    f->view.viewport.width = 1200;
    f->view.viewport.height = 800;
    weft_viewport_show(&f->view.viewport, 0, 100 * MS);
}

static void tear_down(struct fixture *f, gconstpointer data)
{
    (void)data;
    weft_scene_free(f->scene);
    weft_tracks_free(f->tracks);
    weft_model_free(f->model);
}

/* "loop: ..., a: runs": all rows, and their words. */
static char *rows(struct fixture *f)
{
    GString *text = g_string_new(NULL);
    weft_scene_build(f->scene, &f->view);
    for (guint i = 0; i < f->scene->rows->len; i++) {
        const struct weft_visible_row *visible = weft_scene_visible(f->scene, i);
        g_string_append_printf(text, "%s%s: %s", i ? ", " : "", visible->name, visible->word);
    }
    return g_string_free(text, FALSE);
}

static void test_order_and_words(struct fixture *f, gconstpointer data)
{
    (void)data;
    f->view.playhead_ns = 20 * MS;
    g_autofree char *all = rows(f);
    g_assert_nonnull(strstr(all, ", depth: 6, a: awaits thread"));
    g_assert_nonnull(
        strstr(all, "b: awaits lock \"db\", lock \"db\": a holds, "
                    "queue \"orders\": 4 items, event \"open\": not set, "
                    "semaphore \"slots\": 3 of 3 taken, pool 2: hash_all, pool 10: hash_all"));
    f->view.playhead_ns = 59 * MS;
    g_autofree char *later = rows(f);
    g_assert_nonnull(strstr(later, "depth: -2"));
    g_assert_nonnull(strstr(later, "lock \"db\": free, queue \"orders\": 2 items, "
                                   "event \"open\": not set, semaphore \"slots\": 1 of 3 taken"));
    g_assert_nonnull(strstr(later, "pool 10: idle"));
    f->view.playhead_ns = 70 * MS; /* who waits is beside it, in the lane */
    g_autofree char *last = rows(f);
    g_assert_nonnull(strstr(last, "b: awaits join \"orders\""));
    g_assert_nonnull(strstr(last, "queue \"orders\": 2 items, "));
}

/* Folding a loop hides what is its; a filter looks for names of locks as well as of tasks. */
static void test_hidden(struct fixture *f, gconstpointer data)
{
    (void)data;
    f->view.filter = "ORD";
    g_autofree char *found = rows(f);
    g_assert_nonnull(strstr(found, "queue \"orders\""));
    g_assert_null(strstr(found, "slots"));
    f->view.filter = NULL;
    guint64 loop = weft_model_lane(f->model, weft_scene_row(f->scene, 0)->lane)->id;
    f->view.folded = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_hash_table_add(f->view.folded, &loop);
    weft_scene_forget_rows(f->scene);
    g_autofree char *folded = rows(f);
    g_assert_null(strstr(folded, "lock"));
    g_hash_table_unref(f->view.folded);
    f->view.folded = NULL;
    f->view.tracks = NULL;
    weft_scene_forget_rows(f->scene);
    g_autofree char *without = rows(f);
    g_assert_null(strstr(without, "lock \"db\":"));
}

/* A click on a lock selects no lane, and none is selected where none is. */
static void test_no_lane_of_the_model(struct fixture *f, gconstpointer data)
{
    (void)data;
    g_free(rows(f)); /* lays them out */
    guint tracks = 0;
    for (guint i = 0; i < f->scene->rows->len; i++) {
        const struct weft_row *row = weft_scene_row(f->scene, i);
        struct weft_hit hit;
        g_assert_true(weft_scene_hit(f->scene, 300, weft_scene_y(f->scene, i) + 9, &hit));
        g_assert_cmpuint(weft_scene_row_of(f->scene, row->lane), ==, i);
        if (!weft_is_track_lane(row->lane))
            continue;
        tracks++;
        g_assert_cmpuint(hit.lane, ==, WEFT_NO_LANE);
        g_assert_cmpuint(hit.track, ==, row->lane);
        g_assert_false(hit.on_segment);
        g_assert_null(weft_model_lane(f->model, row->lane));
    }
    g_assert_cmpuint(tracks, ==, 7);
    g_assert_false(weft_is_track_lane(WEFT_NO_LANE));
}

/* What the pointer is over, and what is selected, is told of a lock as of a task. */
static void test_steps(struct fixture *f, gconstpointer data)
{
    (void)data;
    g_free(rows(f)); /* lays them out */
    guint lane = WEFT_NO_LANE;
    struct weft_track what;
    for (guint i = 0; i < f->scene->rows->len && lane == WEFT_NO_LANE; i++)
        if (weft_is_track_lane(weft_scene_row(f->scene, i)->lane) &&
            weft_tracks_get(f->view.tracks, weft_scene_row(f->scene, i)->lane - WEFT_TRACK_LANE,
                            &what) &&
            weft_id_kind(what.id) == WEFT_ENTITY_LOCK)
            lane = weft_scene_row(f->scene, i)->lane;
    g_autofree char *name = weft_scene_track_name(f->model, &what);
    g_assert_cmpstr(name, ==, "lock \"db\"");
    struct weft_track_step held;
    gint64 t = 0;
    while (!weft_tracks_at(f->view.tracks, lane - WEFT_TRACK_LANE, t, &held) || !held.owner)
        t += MS;
    g_autofree char *owner = weft_model_name(f->model, held.owner);
    g_autofree char *text = weft_scene_step_text(f->model, f->view.tracks, lane - WEFT_TRACK_LANE,
                                                 &held);
    g_assert_nonnull(strstr(text, owner));
    g_assert_nonnull(strstr(text, "held by"));
    f->view.selected_track = lane;
    f->view.track_ns = t;
    g_free(rows(f));
    g_assert_true(f->scene->selected_step_known);
    g_assert_cmpuint(f->scene->selected_step.owner, ==, held.owner);
    weft_scene_set_hover(f->scene, lane, t, TRUE);
    g_assert_true(f->scene->hover_step_known);
    g_assert_false(f->scene->hover_known);
    weft_scene_set_hover(f->scene, WEFT_NO_LANE, WEFT_NO_TIME, FALSE);
    g_assert_false(f->scene->hover_step_known);
}

/* A counter's place is between the least and the greatest that it ever was, whatever is seen. */
static void test_counter_range(struct fixture *f, gconstpointer data)
{
    (void)data;
    weft_viewport_show(&f->view.viewport, 40 * MS, 50 * MS);
    g_free(rows(f)); /* lays them out */
    for (guint i = 0; i < f->scene->rows->len; i++) {
        const struct weft_visible_row *visible = weft_scene_visible(f->scene, i);
        if (weft_scene_row(f->scene, i)->kind != WEFT_ROW_COUNTER)
            continue;
        g_assert_cmpint(visible->least, ==, -2);
        g_assert_cmpint(visible->most, ==, 6);
        g_assert_cmpuint(visible->steps->len, ==, 1);
        return;
    }
    g_assert_not_reached();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, test) g_test_add(path, struct fixture, NULL, set_up, test, tear_down)
    ADD("/track/order-and-words", test_order_and_words);
    ADD("/track/hidden", test_hidden);
    ADD("/track/no-lane-of-the-model", test_no_lane_of_the_model);
    ADD("/track/steps", test_steps);
    ADD("/track/counter-range", test_counter_range);
#undef ADD
    return g_test_run();
}
