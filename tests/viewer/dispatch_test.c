/* dispatch_test.c: the loop as a diagram, against golden logs (golden/dispatch-NAME.txt), in every
 * palette; and that it costs the same with ten thousand tasks as with ten. No display. After a
 * wanted change: WEFT_UPDATE_GOLDEN=1, and read the difference. */
#include "app/viewer/dispatch/drawing.h"
#include "app/viewer/render/draw.h"
#include "tests/viewer/golden.h"
#include "tests/viewer/sample.h"
#include <string.h>

#define MS INT64_C(1000000)

struct golden {
    const char *name;
    double ms;      /* or, 0: */
    gboolean woken; /* the first place where one runs and another was woken; else where two are
                       ready */
    enum weft_palette_id palette;
    gboolean lossy;
    double scale;
    gboolean hidden; /* the queue's order is asked for */
};

/* What is drawn is the same in every palette: the log says roles. */
static const struct golden goldens[] = {
    { "dispatch", 0, FALSE, WEFT_PALETTE_LIGHT, FALSE, 1 },
    { "dispatch", 0, FALSE, WEFT_PALETTE_DARK, FALSE, 1 },
    { "dispatch", 0, FALSE, WEFT_PALETTE_PRESENTER, FALSE, 1 },
    { "dispatch", 0, FALSE, WEFT_PALETTE_PRINT, FALSE, 1 },
    { "dispatch", 0, FALSE, WEFT_PALETTE_CONTRAST_LIGHT, FALSE, 1 },
    { "dispatch", 0, FALSE, WEFT_PALETTE_CONTRAST_DARK, FALSE, 1 },
    { "dispatch-woken", 0, TRUE, WEFT_PALETTE_PRESENTER, FALSE, 1 },
    { "dispatch-lossy", 500, FALSE, WEFT_PALETTE_LIGHT, TRUE, 1 },
    { "dispatch-hidden", 0, FALSE, WEFT_PALETTE_LIGHT, FALSE, 1, TRUE },
    { "dispatch-large", 0, TRUE, WEFT_PALETTE_DARK, FALSE, 1.5 },
};

static guint first_loop(weft_model *model)
{
    guint lane = 0;
    while (weft_model_lane(model, lane)->kind != WEFT_LANE_LOOP)
        lane++;
    return lane;
}

static weft_model *open_trace(weft_trace *trace)
{
    weft_model *model = weft_model_new(trace);
    while (weft_model_advance(model, 0))
        ;
    weft_trace_unref(trace);
    return model;
}

static struct weft_dispatch_view *view_of(weft_model *model, gint64 t_ns)
{
    g_autoptr(weft_replay) replay = weft_replay_new(model, first_loop(model));
    g_autoptr(GHashTable) sources = weft_source_cache_new();
    return weft_dispatch_view_new(replay, model,
                                  (struct weft_replay_place){ t_ns, WEFT_WHOLE_MOMENT }, sources);
}

/* The scene that the golden is of. */
static struct weft_dispatch_view *find_view(weft_model *model, const struct golden *golden)
{
    if (golden->ms > 0)
        return view_of(model, (gint64)(golden->ms * (double)MS));
    g_autoptr(weft_replay) replay = weft_replay_new(model, first_loop(model));
    g_autoptr(GHashTable) sources = weft_source_cache_new();
    struct weft_replay_place place = { 0, WEFT_WHOLE_MOMENT };
    while (weft_replay_step(replay, place, WEFT_REPLAY_EVENT, 1, &place)) {
        struct weft_dispatch_view *view = weft_dispatch_view_new(replay, model, place, sources);
        if (view->running.n_shown && view->ran &&
            (golden->woken ? view->woken.n_shown > 0 : view->ready.n > 1))
            return view;
        weft_dispatch_view_free(view);
    }
    g_assert_not_reached();
}

static char *draw(gconstpointer data, PangoContext *context)
{
    const struct golden *golden = data;
    weft_model *model = open_trace(weft_sample_fetch_three(golden->lossy));
    struct weft_dispatch_view *view = find_view(model, golden);
    const struct weft_prediction asked = { .said = (char *)"It waits." };
    if (golden->hidden)
        weft_dispatch_view_hide(view, &asked);
    struct weft_render *render = weft_render_new(weft_palette(golden->palette), context,
                                                 golden->scale);
    GString *log = g_string_new(NULL);
    weft_render_set_log(render, log);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    weft_dispatch_draw(render, snapshot, view, 1440, 640, 0, NULL, NULL);
    GskRenderNode *node = gtk_snapshot_free_to_node(snapshot);
    g_assert_nonnull(node);
    gsk_render_node_unref(node);
    weft_render_free(render);
    weft_dispatch_view_free(view);
    weft_model_free(model);
    return g_string_free(log, FALSE);
}

static void test_golden(gconstpointer data)
{
    golden_check(((const struct golden *)data)->name, draw, data);
}

/* ---- Ten thousand tasks ---- */

static void add(GArray *records, gint64 t, unsigned kind, unsigned detail, uint64_t subject,
                uint64_t object)
{
    struct weft_record r = { .time = (uint64_t)t,
                             .kind = (uint8_t)kind,
                             .detail = (uint8_t)detail,
                             .subject = subject,
                             .object = object };
    g_array_append_val(records, r);
}

/* A third of them is ready, the others read and sleep. */
static weft_model *crowd(guint n)
{
    weft_trace *trace = weft_trace_new();
    g_autoptr(GArray) records = g_array_new(FALSE, FALSE, sizeof(struct weft_record));
    gint64 t = 0;
    add(records, t++, WEFT_RECORD_LOOP_OPEN, 0, weft_id(WEFT_ENTITY_LOOP, 0, 1), 1);
    for (guint i = 1; i <= n; i++) {
        uint64_t task = weft_id(WEFT_ENTITY_TASK, 0, i);
        add(records, t++, WEFT_RECORD_TASK_NEW, 0, task, 0);
        add(records, t++, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, task, 0);
        if (i % 3 == 0)
            continue;
        add(records, t++, WEFT_RECORD_RESUME, 0, task, 0);
        add(records, t++, WEFT_RECORD_SUSPEND, i % 3 == 1 ? WEFT_AWAIT_READ : WEFT_AWAIT_TIMER,
            task, 0);
    }
    for (guint i = 0; i < records->len; i += 8192)
        weft_trace_append(trace, 0, &g_array_index(records, struct weft_record, i),
                          MIN(8192, records->len - i));
    return open_trace(trace);
}

/* Rows fold to counts: what is drawn does not grow. */
static void test_crowd(void)
{
    PangoContext *context = weft_render_context_new();
    struct weft_render_cost costs[2];
    const guint sizes[] = { 60, 10000 };
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        weft_model *model = crowd(sizes[i]);
        struct weft_dispatch_view *view = view_of(model, weft_model_end_ns(model));
        struct weft_render *render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), context, 1);
        g_autoptr(GArray) hits = g_array_new(FALSE, FALSE, sizeof(struct weft_dispatch_hit));
        GtkSnapshot *snapshot = gtk_snapshot_new();
        weft_dispatch_draw(render, snapshot, view, 1440, 640, 0, NULL, hits);
        weft_render_frame_cost(render, &costs[i]);
        g_assert_cmpuint(view->ready.n, ==, sizes[i] / 3);
        g_assert_cmpuint(hits->len, >, 6);
        g_assert_cmpuint(hits->len, <=, (2 + WEFT_WAIT_CLASSES) * WEFT_TOKENS_SHOWN);
        GskRenderNode *node = gtk_snapshot_free_to_node(snapshot);
        gsk_render_node_unref(node);
        weft_render_free(render);
        weft_dispatch_view_free(view);
        weft_model_free(model);
    }
    g_assert_cmpuint(costs[1].rectangles, <=, costs[0].rectangles + 60);
    g_assert_cmpuint(costs[1].labels, <=, costs[0].labels + 20);
    g_object_unref(context);
}

/* However little room there is, nothing is drawn outside of it that has a size below zero. */
static void test_small(void)
{
    PangoContext *context = weft_render_context_new();
    weft_model *model = open_trace(weft_sample_fetch_three(FALSE));
    struct weft_dispatch_view *view = view_of(model, 262 * MS);
    struct weft_render *render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), context, 2);
    for (int size = 1; size < 400; size += 37) {
        GtkSnapshot *snapshot = gtk_snapshot_new();
        weft_dispatch_draw(render, snapshot, view, size, size, 0, NULL, NULL);
        GskRenderNode *node = gtk_snapshot_free_to_node(snapshot);
        g_clear_pointer(&node, gsk_render_node_unref);
    }
    weft_render_free(render);
    weft_dispatch_view_free(view);
    weft_model_free(model);
    g_object_unref(context);
}

/* ---- Before a class ---- */

static int font_px(const struct weft_render *render, enum weft_style style)
{
    return pango_font_description_get_size(render->fonts[style]) / PANGO_SCALE;
}

/* What is read from afar, at 900 px. */
static void test_projected(void)
{
    PangoContext *context = weft_render_context_new();
    struct weft_render *render = weft_render_new(weft_palette(WEFT_PALETTE_PRESENTER), context,
                                                 WEFT_PROJECTOR_SCALE);
    weft_render_project(render);
    g_assert_cmpint(font_px(render, WEFT_STYLE_SECONDARY), ==, 20);
    g_assert_cmpint(font_px(render, WEFT_STYLE_CODE_STRONG), ==, 22);
    g_assert_cmpint(font_px(render, WEFT_STYLE_HEADER_STRONG), ==, 24); /* tokens */
    g_assert_cmpint(font_px(render, WEFT_STYLE_TITLE), ==, 26);
    weft_render_free(render);
    g_object_unref(context);
}

/* Rather fewer words and a second line than a name that is not said. */
static void test_rows(void)
{
    PangoContext *context = weft_render_context_new();
    struct weft_render *render = weft_render_new(weft_palette(WEFT_PALETTE_PRESENTER), context,
                                                 WEFT_PROJECTOR_SCALE);
    weft_render_project(render);
    weft_model *model = crowd(12);
    struct weft_dispatch_view *view = view_of(model, weft_model_end_ns(model));
    g_autoptr(GArray) hits = g_array_new(FALSE, FALSE, sizeof(struct weft_dispatch_hit));
    GtkSnapshot *snapshot = gtk_snapshot_new();
    weft_dispatch_draw(render, snapshot, view, 1440, 760, 0, NULL, hits);
    gsk_render_node_unref(gtk_snapshot_free_to_node(snapshot));
    g_assert_cmpuint(hits->len, ==, 12);
    for (guint i = 0; i < hits->len; i++) {
        const graphene_rect_t *box = &g_array_index(hits, struct weft_dispatch_hit, i).box;
        for (guint j = 0; j < i; j++)
            g_assert_false(graphene_rect_intersection(
                box, &g_array_index(hits, struct weft_dispatch_hit, j).box, NULL));
    }
    weft_dispatch_view_free(view);
    weft_model_free(model);
    weft_render_free(render);
    g_object_unref(context);
}

static void assert_drawn(const char *log, const char *text)
{
    g_autofree char *quoted = g_strdup_printf(" \"%s\"\n", text);
    if (!strstr(log, quoted))
        g_error("\"%s\" is not in:\n%s", text, log);
}

/* The line is said whole, in however many rows the fonts make of it, but for spaces. */
static void assert_whole(const char *log, const char *line)
{
    g_autoptr(GString) all = g_string_new(NULL);
    g_auto(GStrv) drawn = g_strsplit(log, "\n", -1);
    for (char **row = drawn; *row; row++)
        if (g_str_has_prefix(*row, "text "))
            g_string_append(all, strchr(*row, '"') + 1);
    g_string_replace(all, "\"", "", 0);
    g_string_replace(all, " ", "", 0);
    g_auto(GStrv) words = g_strsplit_set(line, " \"", -1);
    g_autofree char *wanted = g_strjoinv("", words);
    if (!strstr(all->str, wanted))
        g_error("\"%s\" is not whole in:\n%s", line, log);
}

/* The line that runs is said whole, in some rows where the column is narrow. */
static void test_long_line(void)
{
    PangoContext *context = weft_render_context_new();
    struct weft_render *render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), context, 1.0);
    weft_model *model = open_trace(weft_sample_fetch_three(FALSE));
    struct weft_dispatch_view *view = view_of(model, 200 * MS);
    g_autoptr(GArray) hits = g_array_new(FALSE, FALSE, sizeof(struct weft_dispatch_hit));
    const char *const code[] = { "int rc = 0;", "    WEFT_BREAK(rc, weft_sleep(0.25, seconds));",
                                 "return rc;" };
    for (guint i = 0; i < view->n_code; i++)
        g_clear_pointer(&view->code[i].text, g_free);
    view->n_code = G_N_ELEMENTS(code);
    view->current = 1;
    for (guint i = 0; i < view->n_code; i++)
        view->code[i] = (struct weft_code_line){ .number = 7 + i, .text = g_strdup(code[i]) };
    for (int width = 930; width <= 1900; width += 970) {
        g_autoptr(GString) log = g_string_new(NULL);
        weft_render_set_log(render, log);
        GtkSnapshot *snapshot = gtk_snapshot_new();
        weft_dispatch_draw(render, snapshot, view, width, 640, 0, NULL, hits);
        gsk_render_node_unref(gtk_snapshot_free_to_node(snapshot));
        weft_render_set_log(render, NULL);
        gboolean whole = strstr(log->str, "\"    WEFT_BREAK(rc, weft_sleep(0.25, seconds));\"") !=
                         NULL;
        g_assert_cmpint(whole, ==, width > 1000);
        g_assert_cmpint(strstr(log->str, "seconds));\"") != NULL, ==, TRUE);
        g_assert_nonnull(strstr(log->str, "\"return rc;\""));
    }
    const char *longer =
        "weft_own weft_task *one = weft_create_task(fetch(&client, \"slow\", port), "
        ".name = \"fetch-1\");";
    g_free(view->code[1].text);
    view->code[1].text = g_strdup(longer);
    g_autoptr(GString) log = g_string_new(NULL);
    weft_render_set_log(render, log);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    weft_dispatch_draw(render, snapshot, view, 930, 640, 0, NULL, hits);
    gsk_render_node_unref(gtk_snapshot_free_to_node(snapshot));
    weft_render_set_log(render, NULL);
    assert_whole(log->str, longer);
    assert_drawn(log->str, "return rc;");
    g_string_set_size(log, 0);
    weft_render_set_log(render, log);
    snapshot = gtk_snapshot_new();
    weft_dispatch_draw(render, snapshot, view, 930, 300, 0, NULL, hits); /* two rows */
    gsk_render_node_unref(gtk_snapshot_free_to_node(snapshot));
    weft_render_set_log(render, NULL);
    g_assert_nonnull(strstr(log->str, "…\"")); /* there is more of it */
    weft_dispatch_view_free(view);
    weft_render_free(render);
    weft_model_free(model);
    g_object_unref(context);
}

/* ---- Recorded lessons ---- */

static weft_model *open_lesson(const char *folder)
{
    g_autofree char *path = g_build_filename(g_getenv("WEFT_TEST_LESSONS"), folder, "trace.weft",
                                             NULL);
    GError *error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    return open_trace(trace);
}

/* That the loop polls is said only where it does so next; who is done may have callbacks yet. */
static void test_nobody(void)
{
    weft_model *model = open_lesson("14-fetch-three");
    g_autoptr(weft_replay) replay = weft_replay_new(model, first_loop(model));
    g_autoptr(GHashTable) sources = weft_source_cache_new();
    const struct weft_replay_wanted poll = { .kinds = WEFT_REPLAY_KIND(POLL_BEGIN) };
    struct weft_replay_place place = { 0, WEFT_WHOLE_MOMENT }, next, polls;
    guint n_polls = 0, n_done = 0;
    while (weft_replay_step(replay, place, WEFT_REPLAY_STEP, 1, &place)) {
        struct weft_dispatch_view *view = weft_dispatch_view_new(replay, model, place, sources);
        if (g_strcmp0(view->nobody, "Nobody is ready: poll is next") == 0) {
            g_assert_true(weft_replay_step(replay, place, WEFT_REPLAY_EVENT, 1, &next));
            g_assert_true(weft_replay_find(replay, place, &poll, 1, NULL, &polls));
            g_assert_cmpint(next.time_ns, ==, polls.time_ns);
            n_polls++;
        } else if (view->left.n_shown > 0 && view->ready.n == 0) {
            g_assert_cmpstr(view->nobody, ==, "Nobody is ready");
            n_done++;
        }
        weft_dispatch_view_free(view);
    }
    g_assert_cmpuint(n_polls, >=, 10); /* heartbeat */
    g_assert_cmpuint(n_done, >=, 3);   /* fetch-1, fetch-2, fetch-3 */
    weft_model_free(model);
}

/* The loop of a lesson after so many steps, drawn at a size; what was. */
static char *draw_after(const char *lesson, guint steps, struct weft_render *render, int width,
                        int height, GskRenderNode **drawn)
{
    weft_model *model = open_lesson(lesson);
    g_autoptr(weft_replay) replay = weft_replay_new(model, first_loop(model));
    g_autoptr(GHashTable) sources = weft_source_cache_new();
    struct weft_replay_place place = { 0, WEFT_WHOLE_MOMENT };
    for (guint i = 0; i < steps; i++)
        g_assert_true(weft_replay_step(replay, place, WEFT_REPLAY_STEP, 1, &place));
    struct weft_dispatch_view *view = weft_dispatch_view_new(replay, model, place, sources);
    GString *log = g_string_new(NULL);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    weft_render_set_log(render, log);
    weft_dispatch_draw(render, snapshot, view, width, height, 0, NULL, NULL);
    weft_render_set_log(render, NULL);
    *drawn = gtk_snapshot_free_to_node(snapshot);
    weft_dispatch_view_free(view);
    weft_model_free(model);
    return g_string_free(log, FALSE);
}

static char *drawn_after(const char *lesson, guint steps, struct weft_render *render, int width,
                         int height)
{
    GskRenderNode *node = NULL;
    char *log = draw_after(lesson, steps, render, width, height, &node);
    gsk_render_node_unref(node);
    return log;
}

/* Who holds what Eve and Max wait for; the last line of who is done; before a class the line that
 * runs is said whole, and of four in one row what each waits for; a line that is aligned far right
 * is seen; the first iteration has a number. */
static void test_said(void)
{
    PangoContext *context = weft_render_context_new();
    struct weft_render *near = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), context, 1);
    struct weft_render *far = weft_render_new(weft_palette(WEFT_PALETTE_PRESENTER), context,
                                              WEFT_PROJECTOR_SCALE);
    weft_render_project(far);
    g_autofree char *circle = drawn_after("09-lock", 22, near, 1440, 640);
    assert_drawn(circle, "knife, held by Max");
    assert_drawn(circle, "fork, held by Eve");
    g_autofree char *low = drawn_after("09-lock", 3, near, 1000, 250);
    assert_drawn(low, "Ada"); /* in the queue, both of them */
    assert_drawn(low, "Bob");
    g_assert_null(strstr(low, "\"+2\""));
    g_autofree char *ended = drawn_after("09-lock", 9, near, 1440, 640);
    assert_whole(ended, "WEFT_WITH_LOCK(first, rc) {");
    assert_drawn(ended, "Last seen at this line: it has ended");
    g_autofree char *class = drawn_after("14-fetch-three", 7, far, 1440, 760);
    assert_whole(class, "int rc = weft_await(done);");
    static const char *const tokens[] = {
        "main",    "fetch-1",          "await GET :9081/", "fetch-2",
        "fetch-3", "await GET :9082/", "await GET :9083/"
    };
    for (guint i = 0; i < G_N_ELEMENTS(tokens); i++)
        assert_drawn(class, tokens[i]);
    g_autofree char *first = drawn_after("14-fetch-three", 1, near, 1440, 640);
    assert_drawn(first, "Iteration 1");
    g_autofree char *aligned = drawn_after("14-fetch-three", 2, near, 1440, 640);
    assert_drawn(aligned, "        .return_errors = true);");
    weft_render_free(near);
    weft_render_free(far);
    g_object_unref(context);
}

/* ---- Large text in a small window ---- */

static gboolean is_words(GskRenderNode *node)
{
    if (gsk_render_node_get_node_type(node) == GSK_CONTAINER_NODE)
        return gsk_container_node_get_n_children(node) > 0 &&
               is_words(gsk_container_node_get_child(node, 0));
    return gsk_render_node_get_node_type(node) == GSK_TEXT_NODE;
}

/* Where words are drawn. */
static void find_words(GskRenderNode *node, GArray *boxes)
{
    graphene_rect_t box;
    if (gsk_render_node_get_node_type(node) == GSK_CONTAINER_NODE) {
        for (guint i = 0; i < gsk_container_node_get_n_children(node); i++)
            find_words(gsk_container_node_get_child(node, i), boxes);
    } else if (gsk_render_node_get_node_type(node) == GSK_TRANSFORM_NODE &&
               is_words(gsk_transform_node_get_child(node))) {
        gsk_render_node_get_bounds(node, &box);
        g_array_append_val(boxes, box);
    }
}

/* Between words that do not touch each other and the frames around some of them. */
static void assert_apart(const GArray *words, const char *log, const graphene_rect_t *whole)
{
    g_auto(GStrv) drawn = g_strsplit(log, "\n", -1);
    for (guint i = 0; i < words->len; i++) {
        const graphene_rect_t *box = &g_array_index(words, graphene_rect_t, i), *other = box + 1;
        gboolean apart = graphene_rect_contains_rect(whole, box);
        for (guint j = i + 1; j < words->len; j++)
            apart = apart && !graphene_rect_intersection(box, other++, NULL);
        for (char **line = drawn; *line; line++) {
            graphene_rect_t frame;
            if (sscanf(*line, "frame LINE 1.00 %f,%f %fx%f", &frame.origin.x, &frame.origin.y,
                       &frame.size.width, &frame.size.height) == 4)
                apart = apart && (graphene_rect_contains_rect(&frame, box) ||
                                  !graphene_rect_intersection(&frame, box, NULL));
        }
        if (!apart)
            g_error("at %.0f,%.0f words cross something:\n%s", (double)box->origin.x,
                    (double)box->origin.y, log);
    }
}

/* No words over others or over a column's border, and it is said where the loop is. */
static void test_tight(void)
{
    static const struct {
        double scale;
        int width, height;
        gboolean projected;
    } sizes[] = { { 1, 790, 269, FALSE },  { 1, 790, 320, FALSE }, { 2, 1088, 538, FALSE },
                  { 2, 860, 538, FALSE },  { 1, 430, 269, FALSE }, { 1.8, 1440, 720, TRUE },
                  { 1.8, 1440, 484, TRUE } };
    static const char *const lessons[] = { "04-create-task", "09-lock", "14-fetch-three" };
    PangoContext *context = weft_render_context_new();
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
        for (guint k = 0; k < G_N_ELEMENTS(lessons); k++)
            for (guint steps = 1; steps < 12; steps++) {
                struct weft_render *render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT),
                                                             context, sizes[i].scale);
                if (sizes[i].projected)
                    weft_render_project(render);
                g_autoptr(GArray) words = g_array_new(FALSE, FALSE, sizeof(graphene_rect_t));
                const graphene_rect_t whole = GRAPHENE_RECT_INIT(0, 0, (float)sizes[i].width,
                                                                 (float)sizes[i].height);
                GskRenderNode *node = NULL;
                g_autofree char *log = draw_after(lessons[k], steps, render, sizes[i].width,
                                                  sizes[i].height, &node);
                find_words(node, words);
                g_assert_cmpuint(words->len, >, 10);
                assert_apart(words, log, &whole);
                g_assert_nonnull(strstr(log, "text ON_RUNNING"));
                gsk_render_node_unref(node);
                weft_render_free(render);
            }
    g_object_unref(context);
}

/* ---- Tokens that move ---- */

/* What is drawn, byte for byte. */
static GBytes *nodes_of(struct weft_render *render, const struct weft_dispatch_view *view,
                        const struct weft_dispatch_motion *motion, GArray *hits)
{
    GtkSnapshot *snapshot = gtk_snapshot_new();
    weft_dispatch_draw(render, snapshot, view, 1440, 640, 0, motion, hits);
    g_autoptr(GskRenderNode) node = gtk_snapshot_free_to_node(snapshot);
    return gsk_render_node_serialize(node);
}

static const graphene_rect_t *place_of(const GArray *hits, uint64_t id)
{
    for (guint i = 0; i < hits->len; i++)
        if (g_array_index(hits, struct weft_dispatch_hit, i).id == id)
            return &g_array_index(hits, struct weft_dispatch_hit, i).box;
    return NULL;
}

/* On the way a picture is neither the one nor the other; there it is what it would be at once; and
 * where tokens can be clicked is where they will be. */
static void test_motion(void)
{
    PangoContext *context = weft_render_context_new();
    weft_model *model = open_trace(weft_sample_fetch_three(FALSE));
    const struct golden two_ready = { 0 };
    struct weft_dispatch_view *view = find_view(model, &two_ready);
    g_autoptr(weft_replay) replay = weft_replay_new(model, first_loop(model));
    g_autoptr(GHashTable) sources = weft_source_cache_new();
    struct weft_replay_place next;
    g_assert_true(weft_replay_step(replay, view->place, WEFT_REPLAY_STEP, 1, &next));
    struct weft_dispatch_view *then = weft_dispatch_view_new(replay, model, next, sources);
    struct weft_render *render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), context, 1);
    g_autoptr(GArray) from = g_array_new(FALSE, FALSE, sizeof(struct weft_dispatch_hit));
    g_autoptr(GArray) to = g_array_new(FALSE, FALSE, sizeof(struct weft_dispatch_hit));
    g_autoptr(GArray) hits = g_array_new(FALSE, FALSE, sizeof(struct weft_dispatch_hit));
    g_autoptr(GBytes) before = nodes_of(render, view, NULL, from);
    g_autoptr(GBytes) after = nodes_of(render, then, NULL, to);
    uint64_t runner = view->running.shown[0].id;
    g_assert_false(
        graphene_rect_equal(place_of(from, runner), place_of(to, runner))); /* it waits now */
    struct weft_dispatch_motion motion = { from, 0.5 };
    g_autoptr(GBytes) between = nodes_of(render, then, &motion, hits);
    g_assert_false(g_bytes_equal(between, before));
    g_assert_false(g_bytes_equal(between, after));
    g_assert_cmpmem(hits->data, hits->len, to->data, to->len);
    g_array_set_size(from, 0); /* nobody was anywhere: nothing moves */
    g_autoptr(GBytes) still = nodes_of(render, then, &motion, hits);
    g_assert_true(g_bytes_equal(still, after));
    weft_render_free(render);
    weft_dispatch_view_free(view);
    weft_dispatch_view_free(then);
    weft_model_free(model);
    g_object_unref(context);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gtk_init_check();
    for (guint i = 0; i < G_N_ELEMENTS(goldens); i++) {
        g_autofree char *path = g_strdup_printf("/dispatch/%s/%s", goldens[i].name,
                                                weft_palette(goldens[i].palette)->name);
        g_test_add_data_func(path, &goldens[i], test_golden);
    }
    g_test_add_func("/dispatch/crowd", test_crowd);
    g_test_add_func("/dispatch/small", test_small);
    g_test_add_func("/dispatch/projected", test_projected);
    g_test_add_func("/dispatch/rows", test_rows);
    g_test_add_func("/dispatch/motion", test_motion);
    g_test_add_func("/dispatch/long-line", test_long_line);
    g_test_add_func("/dispatch/nobody", test_nobody);
    g_test_add_func("/dispatch/said", test_said);
    g_test_add_func("/dispatch/tight", test_tight);
    return g_test_run();
}
