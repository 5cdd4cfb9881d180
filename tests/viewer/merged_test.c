/* merged_test.c: runs of segments too short to be seen alone, and what must be seen of them all the
 * same; the minimap's marks. Compares logs of roles and pixels; needs no display. */
#include "app/viewer/render/draw.h"
#include "tests/viewer/sample.h"
#include <string.h>

enum { NS_PER_PX = 1000, TOP = 7, BAR = 6, BASE = 47 };

struct fixture {
    weft_model *model;
    struct weft_scene *scene;
    struct weft_render *render;
    GtkSnapshot *snapshot;
    GString *log;
};

static void set_up(struct fixture *f, gconstpointer data)
{
    (void)data;
    g_autoptr(weft_trace) trace = weft_sample_fetch_three(FALSE);
    PangoContext *context = weft_render_context_new();
    f->model = weft_model_new(trace);
    weft_model_advance(f->model, 0);
    f->scene = weft_scene_new(f->model);
    f->render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), context, 1.0);
    f->snapshot = gtk_snapshot_new();
    f->log = g_string_new(NULL);
    struct weft_view view;
    weft_view_init(&view);
    view.viewport = (struct weft_viewport){ 0, NS_PER_PX, 600, 300, 0 };
    weft_scene_build(f->scene, &view);
    weft_render_begin(f->render, f->scene);
    weft_render_set_log(f->render, f->log);
    g_object_unref(context);
}

static void tear_down(struct fixture *f, gconstpointer data)
{
    (void)data;
    g_clear_pointer(&f->snapshot, g_object_unref);
    weft_render_free(f->render);
    weft_scene_free(f->scene);
    weft_model_free(f->model);
    g_string_free(f->log, TRUE);
}

/* Pieces of `px` each, one after the other, in these states; each runs and is ready for these
 * shares. Returns the log of what is drawn. */
static const char *draw(struct fixture *f, guint n, const guint8 *states, gint64 px, double runs,
                        double ready)
{
    g_autoptr(GArray) pieces = g_array_new(FALSE, TRUE, sizeof(struct weft_segment_view));
    gint64 lasts = px * NS_PER_PX;
    for (guint i = 0; i < n; i++) {
        struct weft_segment_view piece = {
            .from_ns = i * lasts,
            .to_ns = (i + 1) * lasts,
            .state = states[i],
            .flags = WEFT_SEGMENT_MERGED,
            .count = 8,
            .running_ns = (gint64)(runs * (double)lasts),
            .ready_ns = (gint64)(ready * (double)lasts),
        };
        g_array_append_val(pieces, piece);
    }
    g_string_truncate(f->log, 0);
    weft_render_merged(f->render, f->snapshot, f->scene, pieces, TOP, BAR, BASE);
    return f->log->str;
}

/* As high as the share of time that it ran, above the bar of what it waits for; alike are one. */
static void test_running_share(struct fixture *f, gconstpointer data)
{
    (void)data;
    const guint8 waits[] = { WEFT_SEGMENT_WAITING, WEFT_SEGMENT_WAITING };
    g_assert_cmpstr(draw(f, 2, waits, 10, 0.5, 0.1), ==,
                    "fill RUNNING 0.28 0.0,24.0 20.0x17.0\n"
                    "fill RUNNING 1.00 0.0,24.0 20.0x1.5\n");
}

/* A task that mostly stood in the queue is not drawn as one that did nothing. */
static void test_ready_share(struct fixture *f, gconstpointer data)
{
    (void)data;
    const guint8 ready[] = { WEFT_SEGMENT_READY };
    g_assert_cmpstr(draw(f, 1, ready, 20, 0.1, 0.8), ==,
                    "fill RUNNING 0.28 0.0,43.0 20.0x4.0\n"
                    "fill RUNNING 1.00 0.0,43.0 20.0x1.5\n"
                    "fill READY 0.35 0.0,11.0 20.0x32.0\n"
                    "fill READY 1.00 0.0,11.0 20.0x1.5\n");
}

/* What is most important is seen in a run of a px or two: cancelling before unknown, before what
 * took more time. */
static void test_contested_pixel(struct fixture *f, gconstpointer data)
{
    (void)data;
    const guint8 waits[] = { WEFT_SEGMENT_WAITING, WEFT_SEGMENT_WAITING };
    const guint8 lost[] = { WEFT_SEGMENT_UNKNOWN, WEFT_SEGMENT_WAITING };
    const guint8 cancelled[] = { WEFT_SEGMENT_CANCELLING, WEFT_SEGMENT_UNKNOWN };
    g_assert_cmpstr(draw(f, 2, waits, 1, 0, 0), ==, "");
    g_assert_cmpstr(draw(f, 2, waits, 1, 0.5, 0.2), ==, "fill RUNNING 1.00 0.0,7.0 2.0x40.0\n");
    g_assert_cmpstr(draw(f, 2, waits, 1, 0.1, 0.8), ==, "fill READY 0.55 0.0,7.0 2.0x40.0\n");
    g_assert_cmpstr(draw(f, 2, lost, 1, 0.5, 0.2), ==, "fill UNKNOWN 0.55 0.0,7.0 2.0x40.0\n");
    g_assert_cmpstr(draw(f, 2, cancelled, 1, 0.5, 0.2), ==,
                    "fill CANCELLING 1.00 0.0,7.0 2.0x40.0\n");
}

static void test_cancelling_is_whole(struct fixture *f, gconstpointer data)
{
    (void)data;
    const guint8 states[] = { WEFT_SEGMENT_WAITING, WEFT_SEGMENT_CANCELLING };
    g_assert_cmpstr(draw(f, 2, states, 10, 0.5, 0), ==,
                    "pattern CANCELLING 1.00 10.0,7.0 10.0x40.0\n"
                    "fill RUNNING 0.28 0.0,24.0 10.0x17.0\n"
                    "fill RUNNING 1.00 0.0,24.0 10.0x1.5\n");
}

/* ---- The minimap ---- */

/* The part of the log that is not of columns of density, nor of what is around. */
static guint count(const char *log, const char *what)
{
    guint n = 0;
    for (const char *at = log; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

/* Square, triangle, circle; two in one px are one; the gravest is drawn last. */
static void test_marks(struct fixture *f, gconstpointer data)
{
    (void)data;
    gint64 middle = f->scene->end_ns / 2;
    const struct weft_mark marks[] = { { middle, WEFT_SEVERITY_ERROR },
                                       { middle, WEFT_SEVERITY_ERROR },
                                       { middle, WEFT_SEVERITY_WARNING },
                                       { middle / 2, WEFT_SEVERITY_HINT } };
    f->scene->view.marks = marks;
    f->scene->view.n_marks = G_N_ELEMENTS(marks);
    weft_render_minimap(f->render, f->snapshot, f->scene, 824, WEFT_METRIC_MINIMAP);
    const char *error = strstr(f->log->str, "fill ERROR 1.00 408.0,7.0 8.0x8.0\n");
    const char *warning = strstr(f->log->str, "triangle WARNING 1.00 412.0,7.0 8.0x8.0\n");
    g_assert_nonnull(error);
    g_assert_nonnull(warning);
    g_assert_true(warning < error);
    g_assert_cmpuint(count(f->log->str, "fill ERROR"), ==, 1);
    g_assert_nonnull(strstr(f->log->str, "fill HINT 1.00 208.0,7.0 8.0x8.0\n"));
}

/* However idle the loop was, where it ran is seen: the busiest column reaches the top. The window's
 * grips are whole at both ends. */
static void test_density(struct fixture *f, gconstpointer data)
{
    (void)data;
    f->scene->whole_ns = f->scene->end_ns;
    weft_viewport_show(&f->scene->view.viewport, f->scene->begin_ns - f->scene->end_ns,
                       2 * f->scene->end_ns);
    weft_render_minimap(f->render, f->snapshot, f->scene, 824, WEFT_METRIC_MINIMAP);
    g_auto(GStrv) lines = g_strsplit(f->log->str, "\n", -1);
    double highest = 0, x, y, width, height, least = 824, most = 0;
    for (guint i = 0; lines[i]; i++)
        if (sscanf(lines[i], "fill RUNNING 0.75 %lf,%lf %lfx%lf", &x, &y, &width, &height) == 4)
            highest = MAX(highest, height);
        else if (sscanf(lines[i], "fill ACCENT 1.00 %lf,%lf %lfx%lf", &x, &y, &width, &height) ==
                     4 &&
                 (int)width == WEFT_MINIMAP_GRIP) {
            least = MIN(least, x);
            most = MAX(most, x + width);
        }
    g_assert_cmpfloat(highest, ==, 33);
    g_assert_cmpfloat(least, >=, 0);
    g_assert_cmpfloat(least, <, 12);
    g_assert_cmpfloat(most, <=, 824);
    g_assert_cmpfloat(most, >, 812);
}

static guint count_nodes(GskRenderNode *node)
{
    guint n = 1;
    if (gsk_render_node_get_node_type(node) == GSK_CONTAINER_NODE)
        for (guint i = 0; i < gsk_container_node_get_n_children(node); i++)
            n += count_nodes(gsk_container_node_get_child(node, i));
    return n;
}

/* The minimap is part of every frame: its columns are not a node each. */
static void test_nodes(struct fixture *f, gconstpointer data)
{
    (void)data;
    weft_render_minimap(f->render, f->snapshot, f->scene, 824, WEFT_METRIC_MINIMAP);
    g_assert_cmpuint(count(f->log->str, "fill RUNNING 0.75"), >, 200);
    g_assert_cmpuint(count_nodes(f->render->density), <, 10);
}

/* The whole trace has its place from the beginning: the part that is not read yet is striped. */
static void test_unread(struct fixture *f, gconstpointer data)
{
    (void)data;
    weft_render_minimap(f->render, f->snapshot, f->scene, 824, WEFT_METRIC_MINIMAP);
    g_assert_null(strstr(f->log->str, "x33.0\nfill LINE"));
    g_string_truncate(f->log, 0);
    f->scene->whole_ns = 2 * f->scene->end_ns;
    weft_render_minimap(f->render, f->snapshot, f->scene, 824, WEFT_METRIC_MINIMAP);
    g_assert_nonnull(strstr(f->log->str, "fill LINE 1.00 412.0,16.0 4.0x33.0\n"
                                         "fill LINE 1.00 420.0,16.0 4.0x33.0\n"));
    g_assert_cmpfloat_with_epsilon(weft_minimap_x(f->scene, 824, f->scene->end_ns), 412, 1e-9);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gtk_init_check();
#define ADD(path, test) g_test_add(path, struct fixture, NULL, set_up, test, tear_down)
    ADD("/merged/running-share", test_running_share);
    ADD("/merged/ready-share", test_ready_share);
    ADD("/merged/contested-pixel", test_contested_pixel);
    ADD("/merged/cancelling-is-whole", test_cancelling_is_whole);
    ADD("/minimap/marks", test_marks);
    ADD("/minimap/density", test_density);
    ADD("/minimap/nodes", test_nodes);
    ADD("/minimap/unread", test_unread);
#undef ADD
    return g_test_run();
}
