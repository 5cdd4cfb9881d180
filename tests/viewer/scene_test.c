/* scene_test.c: rows, hits, words, merging, viewport: everything before a colour. No display. */
#include "app/viewer/render/scene.h"
#include "tests/viewer/sample.h"
#include "tracer/trace/writer.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define MS INT64_C(1000000)

struct fixture {
    weft_model *model;
    struct weft_scene *scene;
    struct weft_view view;
};

static void set_up(struct fixture *f, gconstpointer data)
{
    (void)data;
    g_autoptr(weft_trace) trace = weft_sample_fetch_three(FALSE);
    f->model = weft_model_new(trace);
    weft_model_advance(f->model, 0);
    f->scene = weft_scene_new(f->model);
    weft_view_init(&f->view);
    f->view.viewport.width = 1200;
    f->view.viewport.height = 600;
    weft_viewport_show(&f->view.viewport, 0, weft_model_end_ns(f->model));
}

static void tear_down(struct fixture *f, gconstpointer data)
{
    (void)data;
    weft_scene_free(f->scene);
    weft_model_free(f->model);
}

/* "loop/ready queue/main/ fetch-1 ...": a blank per depth. */
static char *rows(struct fixture *f)
{
    GString *text = g_string_new(NULL);
    weft_scene_build(f->scene, &f->view);
    for (guint i = 0; i < f->scene->rows->len; i++) {
        const struct weft_row *row = weft_scene_row(f->scene, i);
        const struct weft_visible_row *visible = weft_scene_visible(f->scene, i);
        g_string_append_printf(text, "%s%*s%s", i ? "/" : "", row->depth, "",
                               visible ? visible->name : "?");
    }
    return g_string_free(text, FALSE);
}

static guint row_named(const struct fixture *f, const char *name)
{
    for (guint i = 0; i < f->scene->rows->len; i++) {
        const struct weft_visible_row *visible = weft_scene_visible(f->scene, i);
        if (visible && strcmp(visible->name, name) == 0)
            return i;
    }
    g_assert_not_reached();
}

static void test_tree(struct fixture *f, gconstpointer data)
{
    (void)data;
    g_autofree char *all = rows(f);
    g_assert_cmpstr(all, ==, "loop/ready queue/main/ fetch-1/ fetch-2/ fetch-3/ heartbeat");
    const struct weft_row *last = weft_scene_row(f->scene, 6);
    g_assert_true(last->last_child);
    g_assert_false(weft_scene_row(f->scene, 5)->last_child);
    g_assert_cmpuint(last->parent, ==, 2);
    g_assert_cmpuint(last->loop, ==, 0);
    g_assert_cmpfloat(last->y + last->height, ==, f->scene->content_height);
}

static void test_fold_and_filter(struct fixture *f, gconstpointer data)
{
    (void)data;
    g_autoptr(GHashTable) folded = g_hash_table_new(g_int64_hash, g_int64_equal);
    weft_scene_build(f->scene, &f->view);
    guint64 id = weft_model_lane(f->model, weft_scene_row(f->scene, 2)->lane)->id;
    f->view.folded = folded;
    g_hash_table_add(folded, &id);
    weft_scene_forget_rows(f->scene);
    g_autofree char *main_folded = rows(f);
    g_assert_cmpstr(main_folded, ==, "loop/ready queue/main");
    g_assert_cmpuint(weft_scene_row(f->scene, 2)->hidden, ==, 4);
    g_assert_true(weft_scene_row(f->scene, 2)->folded);
    g_hash_table_remove_all(folded);
    weft_scene_forget_rows(f->scene);
    f->view.filter = "FETCH-3"; /* whatever its case; its parent comes along */
    g_autofree char *filtered = rows(f);
    g_assert_cmpstr(filtered, ==, "loop/ready queue/main/ fetch-3");
}

/* When not everything fits, tasks that do not live in the visible range are hidden. */
static void test_done_elsewhere(struct fixture *f, gconstpointer data)
{
    (void)data;
    f->view.viewport.height = 110;
    weft_viewport_show(&f->view.viewport, 400 * MS, 440 * MS); /* fetch-1 was done at 324 ms */
    weft_scene_build(f->scene, &f->view);
    g_assert_cmpuint(f->scene->rows->len, ==, 6);
    /* They stay as long as no task comes into sight or leaves it, and not longer. */
    const struct weft_rows *rows = f->scene->made;
    weft_viewport_show(&f->view.viewport, 390 * MS, 435 * MS);
    weft_scene_build(f->scene, &f->view);
    g_assert_true(f->scene->made == rows);
    weft_viewport_show(&f->view.viewport, 325 * MS, 365 * MS);
    weft_scene_build(f->scene, &f->view);
    guint before = f->scene->rows->len;
    weft_viewport_show(&f->view.viewport, 323 * MS, 363 * MS);
    weft_scene_build(f->scene, &f->view);
    g_assert_true(f->scene->made != rows);
    g_assert_cmpuint(f->scene->rows->len, ==, before + 1);
    f->view.viewport.height = 600;
    weft_scene_build(f->scene, &f->view);
    g_assert_cmpuint(f->scene->rows->len, ==, 7);
}

static void test_heights(struct fixture *f, gconstpointer data)
{
    static const struct {
        double window, lane;
    } fits[] = { { 700, WEFT_LANE_HEIGHT_MOST }, { 450, WEFT_LANE_HEIGHT_GROWN },
                 { 380, WEFT_LANE_HEIGHT_FULL }, { 300, WEFT_LANE_HEIGHT_SMALL },
                 { 220, WEFT_LANE_HEIGHT_LINE }, { 100, WEFT_LANE_HEIGHT_LINE } };
    (void)data;
    for (guint i = 0; i < G_N_ELEMENTS(fits); i++) {
        f->view.viewport.height = fits[i].window;
        weft_scene_build(f->scene, &f->view);
        g_assert_cmpfloat(weft_scene_row(f->scene, 2)->height, ==, fits[i].lane);
        g_assert_true(f->scene->content_height <= fits[i].window ||
                      fits[i].lane == WEFT_LANE_HEIGHT_LINE);
        g_assert_cmpfloat(
            weft_scene_row(f->scene, 0)->height, ==,
            round(WEFT_LANE_HEIGHT_LOOP * CLAMP(fits[i].lane / WEFT_LANE_HEIGHT_FULL, 1, 1.5)));
    }
    f->view.lane_height = 12;
    weft_scene_build(f->scene, &f->view);
    g_assert_cmpfloat(weft_scene_row(f->scene, 2)->height, ==, 12);
}

static void test_hit(struct fixture *f, gconstpointer data)
{
    (void)data;
    struct weft_hit hit;
    weft_scene_build(f->scene, &f->view);
    guint row = row_named(f, "fetch-1");
    double y = weft_scene_y(f->scene, row) + 20;
    double x = weft_viewport_x(&f->view.viewport, 180 * MS);
    g_assert_true(weft_scene_hit(f->scene, x, y, &hit));
    g_assert_cmpuint(hit.row, ==, row);
    g_assert_true(hit.on_segment);
    g_assert_cmpint(hit.segment.state, ==, WEFT_SEGMENT_RUNNING);
    g_assert_cmpint(ABS(hit.ns - 180 * MS), <, (gint64)f->view.viewport.ns_per_px + 1);
    x = weft_viewport_x(&f->view.viewport, 500 * MS); /* it is done */
    g_assert_true(weft_scene_hit(f->scene, x, y, &hit));
    g_assert_false(hit.on_segment);
    g_assert_false(weft_scene_hit(f->scene, x, f->scene->content_height + 1, &hit));
    /* The heartbeat's slice of 0.4 ms is less than a pixel: it is met where it is drawn. */
    x = floor(weft_viewport_x(&f->view.viewport, 361 * MS)) + 1;
    row = row_named(f, "heartbeat");
    g_assert_true(weft_scene_hit(f->scene, x, weft_scene_y(f->scene, row) + 20, &hit));
    g_assert_true(hit.on_segment);
    g_assert_cmpint(hit.segment.state, !=, WEFT_SEGMENT_WAITING);
}

static void test_words_at_playhead(struct fixture *f, gconstpointer data)
{
    static const struct {
        const char *row, *word;
    } words[] = { { "loop", "iteration 160" },     { "main", "gather of 3" },
                  { "fetch-1", "awaits thread" },  { "fetch-2", "awaits lock \"cache\"" },
                  { "fetch-3", "awaits connect" }, { "heartbeat", "awaits sleep" } };
    (void)data;
    f->view.playhead_ns = 315 * MS;
    weft_scene_build(f->scene, &f->view);
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        g_assert_cmpstr(weft_scene_visible(f->scene, row_named(f, words[i].row))->word, ==,
                        words[i].word);
    f->view.playhead_ns = 500 * MS;
    weft_scene_look(f->scene, &f->view);
    g_assert_cmpstr(weft_scene_visible(f->scene, row_named(f, "fetch-3"))->word, ==, "failed");
    g_assert_cmpstr(weft_scene_visible(f->scene, row_named(f, "fetch-1"))->word, ==, "done");
}

/* A build that has no time for all words at the playhead says so; the next ones have the rest. */
static void test_words_in_time(struct fixture *f, gconstpointer data)
{
    (void)data;
    struct weft_scene *whole = weft_scene_new(f->model);
    guint looks = 0;
    f->view.playhead_ns = 315 * MS;
    weft_scene_build(whole, &f->view);
    g_assert_false(whole->words_late);
    f->scene->words_us = 1;
    weft_scene_build(f->scene, &f->view);
    g_assert_true(f->scene->words_late);
    for (; f->scene->words_late; looks++)
        weft_scene_look(f->scene, &f->view);
    g_assert_cmpuint(looks, <=, f->scene->n_visible); /* each has one at least */
    for (guint i = 0; i < whole->n_visible; i++)
        g_assert_cmpstr(weft_scene_visible(f->scene, i)->word, ==,
                        weft_scene_visible(whole, i)->word);
    weft_scene_free(whole);
}

static void test_blocked(struct fixture *f, gconstpointer data)
{
    (void)data;
    weft_scene_build(f->scene, &f->view);
    g_assert_cmpuint(f->scene->blocked->len, ==, 1);
    const struct weft_blocked *blocked = &g_array_index(f->scene->blocked, struct weft_blocked, 0);
    g_assert_cmpint(blocked->to_ns - blocked->from_ns, >, 100 * MS);
    f->view.viewport.scroll_y = 200; /* the loop's own row is out of the window: still veiled */
    f->view.viewport.height = 100;
    weft_scene_build(f->scene, &f->view);
    g_assert_cmpuint(f->scene->blocked->len, ==, 1);
}

/* Merging keeps time: segments follow each other without gaps, and shares add up. */
static void test_merging(struct fixture *f, gconstpointer data)
{
    static const gint64 spans[] = { 2 * MS, 20 * MS, 200 * MS, 560 * MS, 40000 * MS };
    (void)data;
    for (guint i = 0; i < G_N_ELEMENTS(spans); i++) {
        weft_viewport_show(&f->view.viewport, 262 * MS, 262 * MS + spans[i]);
        weft_scene_build(f->scene, &f->view);
        guint row = row_named(f, "fetch-2");
        const GArray *segments = weft_scene_visible(f->scene, row)->segments;
        for (guint j = 0; j < segments->len; j++) {
            const struct weft_segment_view *s = &g_array_index(segments, struct weft_segment_view,
                                                               j);
            g_assert_cmpint(s->running_ns + s->ready_ns, <=, s->to_ns - s->from_ns);
            if (j > 0)
                g_assert_cmpint(s->from_ns, ==, s[-1].to_ns);
            if (s->count > 1)
                g_assert_true(s->flags & WEFT_SEGMENT_MERGED);
        }
    }
}

static void test_selection(struct fixture *f, gconstpointer data)
{
    (void)data;
    weft_scene_build(f->scene, &f->view);
    f->view.selected_lane = weft_scene_row(f->scene, row_named(f, "fetch-2"))->lane;
    f->view.selected_ns = 322 * MS; /* ready: fetch-1 released the lock */
    weft_scene_build(f->scene, &f->view);
    g_assert_true(f->scene->selected_known);
    g_assert_cmpint(f->scene->selected.state, ==, WEFT_SEGMENT_READY);
    g_assert_cmpuint(f->scene->n_edges, >=, 1);
    g_autofree char *text = weft_scene_segment_text(f->model, f->view.selected_lane,
                                                    &f->scene->selected);
    g_assert_cmpstr(text, ==, "ready · woken by fetch-1 · 3.10 ms");
    f->view.selected_lane = WEFT_NO_LANE;
    weft_scene_build(f->scene, &f->view);
    g_assert_false(f->scene->selected_known);
    g_assert_cmpuint(f->scene->n_edges, ==, 0);
}

static void test_ticks(struct fixture *f, gconstpointer data)
{
    (void)data;
    weft_scene_build(f->scene, &f->view);
    g_assert_cmpuint(f->scene->ticks->len, ==, 0); /* too many to be told apart */
    weft_viewport_show(&f->view.viewport, 261 * MS, 261 * MS + MS / 2);
    weft_scene_build(f->scene, &f->view);
    g_assert_cmpuint(f->scene->ticks->len, ==, 4); /* suspend, resume, timer set, suspend */
}

static void test_viewport(void)
{
    struct weft_viewport viewport = { .width = 1000 };
    weft_viewport_show(&viewport, 100 * MS, 1100 * MS);
    g_assert_cmpfloat(viewport.ns_per_px, ==, 1e6);
    gint64 under = weft_viewport_ns(&viewport, 300);
    weft_viewport_zoom(&viewport, 300, 8);
    g_assert_cmpint(ABS(weft_viewport_ns(&viewport, 300) - under), <=, 1);
    g_assert_cmpfloat(viewport.ns_per_px, ==, 1e6 / 8);
    for (int i = 0; i < 100; i++)
        weft_viewport_zoom(&viewport, 300, 2);
    g_assert_cmpfloat(viewport.ns_per_px, ==, 0.01);
    /* A year after the start a nanosecond is still a nanosecond. */
    viewport.from_ns = G_GINT64_CONSTANT(31557600000000000);
    viewport.ns_per_px = 0.5;
    g_assert_cmpfloat(weft_viewport_x(&viewport, viewport.from_ns + 1), ==, 2);
    g_assert_cmpint(weft_zoom_class(20e6), ==, WEFT_ZOOM_OVERVIEW);
    g_assert_cmpint(weft_zoom_class(1e6), ==, WEFT_ZOOM_WAITS);
    g_assert_cmpint(weft_zoom_class(10e3), ==, WEFT_ZOOM_SLICES);
    g_assert_cmpint(weft_zoom_class(100), ==, WEFT_ZOOM_EVENTS);
    g_assert_cmpint(weft_zoom_class(1), ==, WEFT_ZOOM_CLOCK);
}

static void test_minimap(struct fixture *f, gconstpointer data)
{
    (void)data;
    double from, to;
    weft_viewport_show(&f->view.viewport, 100 * MS, 300 * MS);
    weft_scene_build(f->scene, &f->view);
    weft_minimap_window(f->scene, 1000, &from, &to);
    g_assert_cmpint(weft_minimap_hit(f->scene, 1000, from), ==, WEFT_MINIMAP_FROM);
    g_assert_cmpint(weft_minimap_hit(f->scene, 1000, to), ==, WEFT_MINIMAP_TO);
    g_assert_cmpint(weft_minimap_hit(f->scene, 1000, (from + to) / 2), ==, WEFT_MINIMAP_WINDOW);
    g_assert_cmpint(weft_minimap_hit(f->scene, 1000, to + 100), ==, WEFT_MINIMAP_OUTSIDE);
    gint64 ns = weft_minimap_ns(f->scene, 1000, weft_minimap_x(f->scene, 1000, 123 * MS));
    g_assert_cmpint(ABS(ns - 123 * MS), <=, 1);
    weft_viewport_show(&f->view.viewport, 100 * MS, 100 * MS + 10); /* still to be taken hold of */
    weft_scene_build(f->scene, &f->view);
    weft_minimap_window(f->scene, 1000, &from, &to);
    g_assert_cmpfloat(to - from, >=, WEFT_MINIMAP_GRIP);
}

/* A window of a trace: there is nothing before it to be shown. */
static void test_minimap_of_cut(void)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("weft-scene-XXXXXX", &path, NULL);
    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_autoptr(weft_filewriter) writer = weft_filewriter_new(path, NULL);
    struct weft_file_process process = { .clock_kind = WEFT_CLOCK_MONOTONIC,
                                         .from = (uint64_t)(300 * MS),
                                         .until = (uint64_t)(500 * MS),
                                         .program = "",
                                         .host = "" };
    g_assert_true(weft_filewriter_process(writer, &process, NULL));
    g_assert_true(weft_filewriter_finish(writer, NULL));
    g_autoptr(weft_trace) trace = weft_trace_open(path, NULL);
    g_unlink(path);
    weft_model *model = weft_model_new(trace);
    weft_model_advance(model, 0);
    struct weft_scene *scene = weft_scene_new(model);
    struct weft_view view;
    weft_view_init(&view);
    weft_scene_build(scene, &view);
    double first = weft_minimap_x(scene, 1000, 300 * MS);
    g_assert_cmpfloat(first, <, 20);
    g_assert_cmpfloat(first + weft_minimap_x(scene, 1000, 500 * MS), ==, 1000);
    gint64 ns = weft_minimap_ns(scene, 1000, 500);
    g_assert_cmpint(ns, ==, 400 * MS);
    weft_scene_free(scene);
    weft_model_free(model);
}

static void test_empty(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    weft_model *model = weft_model_new(trace);
    weft_model_advance(model, 0);
    struct weft_scene *scene = weft_scene_new(model);
    struct weft_view view;
    struct weft_hit hit;
    weft_view_init(&view);
    view.viewport.width = view.viewport.height = 100;
    weft_scene_build(scene, &view);
    g_assert_cmpuint(scene->rows->len, ==, 0);
    g_assert_false(weft_scene_hit(scene, 10, 10, &hit));
    weft_scene_free(scene);
    weft_model_free(model);
}

#define TEST(name, function)                                                                       \
    g_test_add("/scene/" name, struct fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST("tree", test_tree);
    TEST("fold-and-filter", test_fold_and_filter);
    TEST("done-elsewhere", test_done_elsewhere);
    TEST("heights", test_heights);
    TEST("hit", test_hit);
    TEST("words-at-playhead", test_words_at_playhead);
    TEST("words-in-time", test_words_in_time);
    TEST("blocked", test_blocked);
    TEST("merging", test_merging);
    TEST("selection", test_selection);
    TEST("ticks", test_ticks);
    TEST("minimap", test_minimap);
    g_test_add_func("/scene/minimap-of-cut", test_minimap_of_cut);
    g_test_add_func("/scene/viewport", test_viewport);
    g_test_add_func("/scene/empty", test_empty);
    return g_test_run();
}
