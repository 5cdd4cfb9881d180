/* edges_test.c: where the selection's edges lead: to locks and to a group's members, to what a
 * fold, the filter or a crowd hides, and whom a click on their ends goes to. How they are drawn:
 * golden/waits.txt. No display. */
#include "app/viewer/render/edges.h"
#include "tests/viewer/sample.h"
#include "tests/viewer/sample_tracks.h"
#include <string.h>

#define MS INT64_C(1000000)

struct fixture {
    weft_model *model;
    weft_tracks *tracks;
    struct weft_scene *scene;
    struct weft_render *render;
    PangoContext *context;
    struct weft_view view;
    GHashTable *set; /* of ids: what is folded, or shown of a folded crowd */
};

static void set_up(struct fixture *f, gconstpointer of_tracks)
{
    g_autoptr(weft_trace) trace = of_tracks ? weft_sample_tracks(FALSE)
                                            : weft_sample_fetch_three(FALSE);
    f->model = weft_model_new(trace);
    weft_model_advance(f->model, 0);
    f->tracks = weft_tracks_new(f->model);
    weft_tracks_advance(f->tracks, 0);
    f->scene = weft_scene_new(f->model);
    f->context = weft_render_context_new();
    f->render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), f->context, 1.0);
    f->set = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    weft_view_init(&f->view);
    f->view.viewport.width = 1200;
    f->view.viewport.height = 800;
    weft_viewport_show(&f->view.viewport, 0, weft_model_end_ns(f->model));
}

static void tear_down(struct fixture *f, gconstpointer data)
{
    weft_render_free(f->render);
    g_object_unref(f->context);
    weft_scene_free(f->scene);
    weft_tracks_free(f->tracks);
    weft_model_free(f->model);
    g_hash_table_unref(f->set);
    (void)data;
}

static uint64_t id_of(struct fixture *f, const char *name)
{
    return weft_model_lane(f->model, weft_sample_lane(f->model, name))->id;
}

static void put_into_set(struct fixture *f, const char *name)
{
    uint64_t id = id_of(f, name);
    g_hash_table_add(f->set, g_memdup2(&id, sizeof id));
    weft_scene_forget_rows(f->scene);
}

static void select_at(struct fixture *f, const char *name, double ms)
{
    f->view.selected_lane = weft_sample_lane(f->model, name);
    f->view.selected_ns = (gint64)(ms * 1e6);
    weft_scene_build(f->scene, &f->view);
    weft_render_begin(f->render, f->scene);
}

/* "b awaits lock "db", a creates b": those that are drawn. */
static char *drawn(struct fixture *f)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < f->scene->n_edges; i++) {
        struct weft_edge_path path;
        if (!weft_edge_path(f->scene, &f->scene->edges[i], &path))
            continue;
        g_autofree char *words = weft_edge_words(f->scene, &f->scene->edges[i], &path);
        g_string_append_printf(text, "%s%s", text->len ? ", " : "", words);
    }
    return g_string_free(text, FALSE);
}

static const struct weft_edge *edge_between(struct fixture *f, const char *from, const char *to,
                                            struct weft_edge_path *path)
{
    for (guint i = 0; i < f->scene->n_edges; i++)
        if (f->scene->edges[i].from == id_of(f, from) && f->scene->edges[i].to == id_of(f, to)) {
            g_assert_true(weft_edge_path(f->scene, &f->scene->edges[i], path));
            return &f->scene->edges[i];
        }
    g_assert_not_reached();
}

/* Who waits for a lock is led to it, as soon as the lock's row is there. */
static void test_lock(struct fixture *f, gconstpointer data)
{
    select_at(f, "b", 20);
    g_autofree char *before = drawn(f);
    g_assert_cmpstr(before, ==, "a wakes b");
    f->view.tracks = f->tracks;
    select_at(f, "b", 20);
    g_autofree char *text = drawn(f);
    g_assert_cmpstr(text, ==, "a wakes b, b awaits lock \"db\"");
    struct weft_edge_path path;
    const struct weft_edge *edge = &f->scene->edges[1];
    guint row = weft_scene_row_of(f->scene, edge->to_lane);
    g_assert_true(weft_edge_path(f->scene, edge, &path));
    g_assert_cmpint(path.chevron, ==, 0);
    g_assert_true(path.down);
    g_assert_cmpfloat(path.y1, >=, weft_scene_y(f->scene, row));
    g_assert_cmpfloat(path.y1, <, weft_scene_y(f->scene, row) + 42);
    uint64_t entity;
    gint64 ns;
    const graphene_rect_t *tag = &f->render->edge_tags[1].box;
    g_assert_true(weft_render_chevron_at(f->render, f->scene, tag->origin.x + 2, tag->origin.y + 2,
                                         &entity, &ns));
    g_assert_cmpuint(entity, ==, edge->to);
    g_assert_cmpint(ns, ==, 10 * MS);
    (void)data;
}

/* Who waits for a job is led to the thread that does it, where that began. */
static void test_thread(struct fixture *f, gconstpointer data)
{
    f->view.tracks = f->tracks;
    select_at(f, "a", 20);
    g_autofree char *text = drawn(f);
    g_assert_cmpstr(text, ==, "a awaits pool 10");
    for (guint i = 0; i < f->scene->n_edges; i++)
        if (f->scene->edges[i].kind == WEFT_EDGE_AWAIT)
            g_assert_cmpint(f->scene->edges[i].to_ns, ==, 10 * MS);
    (void)data;
}

/* Who waits for a group is led to those of its members that are not done. One of them failed: which
 * of them woke it is not known, and the group itself has no row. */
static void test_group(struct fixture *f, gconstpointer data)
{
    f->view.tracks = f->tracks;
    select_at(f, "main", 300);
    g_autofree char *all = drawn(f);
    g_assert_cmpstr(all, ==, "main awaits fetch-1, main awaits fetch-2, main awaits fetch-3");
    select_at(f, "main", 400); /* fetch-1 was done at 324 ms */
    g_autofree char *rest = drawn(f);
    g_assert_cmpstr(rest, ==, "main awaits fetch-2, main awaits fetch-3");
    (void)data;
}

static guint tags(struct fixture *f)
{
    guint n = 0;
    for (guint i = 0; i < f->scene->n_edges; i++)
        n += f->render->edge_tags[i].label != NULL;
    return n;
}

/* Of three that are awaited at once the lanes say who they are; of two their tags do. */
static void test_fan(struct fixture *f, gconstpointer data)
{
    select_at(f, "main", 300);
    g_assert_cmpuint(tags(f), ==, 1);
    select_at(f, "main", 400);
    g_assert_cmpuint(tags(f), ==, 2);
    (void)data;
}

/* A wait that began before the window is one in it, too. */
static void test_long_wait(struct fixture *f, gconstpointer data)
{
    struct weft_edge_path path;
    weft_viewport_show(&f->view.viewport, 290 * MS, 310 * MS);
    select_at(f, "main", 300);
    edge_between(f, "main", "fetch-1", &path);
    g_assert_false(path.outside);
    g_assert_cmpint(path.chevron, ==, 0);
    (void)data;
}

/* The end of an edge that a row hides: a chevron there, and a click on it goes to whom it hides. */
static void assert_leads(struct fixture *f, double x, double y, const char *name)
{
    uint64_t entity = 0;
    gint64 ns;
    g_assert_true(weft_render_chevron_at(f->render, f->scene, x, y, &entity, &ns));
    g_assert_cmpuint(entity, ==, id_of(f, name));
}

static void test_folded(struct fixture *f, gconstpointer data)
{
    struct weft_edge_path path;
    f->view.folded = f->set;
    put_into_set(f, "main");
    select_at(f, "main", 400);
    edge_between(f, "main", "fetch-2", &path);
    double y = weft_scene_y(f->scene, weft_scene_row_of(f->scene, f->view.selected_lane));
    g_assert_cmpint(path.chevron, ==, 'v');
    g_assert_false(path.chevron_at_source);
    g_assert_cmpfloat(path.y0, >, y);
    g_assert_cmpfloat(path.y1, >, path.y0);
    assert_leads(f, path.x1, path.y1, "fetch-2");
    g_assert_cmpuint(tags(f), ==, 1); /* fetch-3's would lead to the same place */
    (void)data;
}

static void test_filtered(struct fixture *f, gconstpointer data)
{
    struct weft_edge_path path;
    f->view.filter = "fetch-2"; /* its parent is shown, too: what it hides lies there */
    select_at(f, "fetch-2", 322);
    edge_between(f, "fetch-1", "fetch-2", &path);
    guint parent = weft_scene_row_of(f->scene, weft_sample_lane(f->model, "main"));
    g_assert_cmpint(path.chevron, ==, '^');
    g_assert_true(path.chevron_at_source);
    g_assert_cmpfloat(path.y0, <=,
                      weft_scene_y(f->scene, parent) + weft_scene_row(f->scene, parent)->height);
    assert_leads(f, path.x0, path.y0, "fetch-1");
    (void)data;
}

/* What no row hides is beyond the border on its side. */
static void test_filtered_lock(struct fixture *f, gconstpointer data)
{
    struct weft_edge_path path;
    f->view.tracks = f->tracks;
    f->view.filter = "b"; /* the name of no lock that it waits for, but for "db" */
    select_at(f, "b", 20);
    g_assert_true(weft_edge_path(f->scene, &f->scene->edges[1], &path));
    g_assert_cmpint(path.chevron, ==, 0);
    f->view.pinned = f->set;
    put_into_set(f, "b");
    f->view.filter = "nobody";
    select_at(f, "b", 20);
    g_assert_true(weft_edge_path(f->scene, &f->scene->edges[1], &path));
    g_assert_cmpint(path.chevron, ==, 'v');
    g_assert_cmpfloat(path.y1, ==, f->view.viewport.height);
    (void)data;
}

static void test_crowd(struct fixture *f, gconstpointer data)
{
    struct weft_edge_path path;
    f->view.by_site = TRUE;
    f->view.singled = f->set;
    f->view.unfolded = f->view.pinned = NULL;
    put_into_set(f, "fetch-2");
    select_at(f, "fetch-2", 322);
    edge_between(f, "fetch-1", "fetch-2", &path);
    guint crowd = WEFT_CROWD_LANE + weft_sample_lane(f->model, "fetch-1");
    guint row = weft_scene_row_of(f->scene, crowd);
    g_assert_cmpuint(row, !=, WEFT_NO_LANE);
    g_assert_true(path.chevron_at_source);
    g_assert_cmpfloat(path.y0, >=, weft_scene_y(f->scene, row));
    g_assert_cmpfloat(path.y0, <=,
                      weft_scene_y(f->scene, row) + weft_scene_row(f->scene, row)->height);
    assert_leads(f, path.x0, path.y0, "fetch-1");
    (void)data;
}

/* Where a lane draws these words; FALSE: it does not. */
static gboolean words_at(struct fixture *f, const char *lane, const char *words, double *x)
{
    g_autofree char *quoted = g_strdup_printf("\"%s", words);
    GString *log = g_string_new(NULL);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    weft_render_set_log(f->render, log);
    weft_render_lane(f->render, snapshot, f->scene,
                     weft_scene_row_of(f->scene, weft_sample_lane(f->model, lane)));
    weft_render_set_log(f->render, NULL);
    GskRenderNode *node = gtk_snapshot_free_to_node(snapshot);
    g_clear_pointer(&node, gsk_render_node_unref);
    g_auto(GStrv) lines = g_strsplit(log->str, "\n", -1);
    g_string_free(log, TRUE);
    for (guint i = 0; lines[i]; i++)
        if (g_str_has_prefix(lines[i], "text ") && strstr(lines[i], quoted)) {
            *x = g_ascii_strtod(strchr(lines[i] + strlen("text "), ' '), NULL);
            return TRUE;
        }
    return FALSE;
}

/* An edge runs between a box's border and its words; words that it would cross give way. */
static void test_beside_words(struct fixture *f, gconstpointer data)
{
    struct weft_edge_path path;
    double x;
    f->view.tracks = f->tracks;
    select_at(f, "b", 20);
    g_assert_true(weft_edge_path(f->scene, &f->scene->edges[1], &path));
    double begins = weft_viewport_x(&f->view.viewport, 10 * MS);
    g_assert_cmpfloat(path.x0, >, begins);
    g_assert_cmpfloat(path.x0 + 1, <, begins + WEFT_METRIC_PAD);
    double y = (path.y0 + path.y1) / 2;
    graphene_rect_t there = GRAPHENE_RECT_INIT((float)path.x0, (float)y, 1, 1);
    g_assert_null(weft_render_tag_at(f->render, &there));
    x = path.x0 - 10;
    g_assert_true(weft_render_find_place(f->render, y, 2, 20, f->view.viewport.width, &x));
    g_assert_cmpfloat(x, >, path.x0);
    x = path.x0 - 10;
    g_assert_false(weft_render_find_place(f->render, y, 2, 20, path.x0 + 10, &x));
    (void)data;
}

/* A task's last word stands beside its end, or nowhere: not behind a tag that lies there. */
static void test_beside_the_end(struct fixture *f, gconstpointer data)
{
    guint fetch = weft_sample_lane(f->model, "fetch-2");
    gint64 end = weft_model_lane(f->model, fetch)->last_ns;
    double x;
    weft_render_free(f->render);
    f->render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), f->context, 2);
    f->view.text_scale = 2;
    f->view.lane_height = 48;
    weft_viewport_show(&f->view.viewport, 0, 5000 * MS);
    select_at(f, "heartbeat", 1000);
    g_assert_true(words_at(f, "fetch-2", "done", &x));
    g_assert_cmpfloat(x - weft_viewport_x(&f->view.viewport, end), <, 20);
    select_at(f, "main", 400);
    double y = weft_scene_y(f->scene, weft_scene_row_of(f->scene, fetch));
    graphene_rect_t there = GRAPHENE_RECT_INIT((float)x, (float)y, 40, 48);
    g_assert_nonnull(weft_render_tag_at(f->render, &there));
    g_assert_false(words_at(f, "fetch-2", "done", &x));
    (void)data;
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gtk_init_check();
#define ADD(path, of_tracks, test)                                                                 \
    g_test_add(path, struct fixture, GINT_TO_POINTER(of_tracks), set_up, test, tear_down)
    ADD("/edges/lock", TRUE, test_lock);
    ADD("/edges/thread", TRUE, test_thread);
    ADD("/edges/group", FALSE, test_group);
    ADD("/edges/fan", FALSE, test_fan);
    ADD("/edges/long-wait", FALSE, test_long_wait);
    ADD("/edges/folded", FALSE, test_folded);
    ADD("/edges/filtered", FALSE, test_filtered);
    ADD("/edges/filtered-lock", TRUE, test_filtered_lock);
    ADD("/edges/crowd", FALSE, test_crowd);
    ADD("/edges/beside-words", TRUE, test_beside_words);
    ADD("/edges/beside-the-end", FALSE, test_beside_the_end);
#undef ADD
    return g_test_run();
}
