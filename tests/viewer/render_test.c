/* render_test.c: what is drawn, against golden logs (golden/NAME.txt: roles, whole pixels, words),
 * and that the nodes' pixels have the palette's colours. Needs no display. After a wanted change:
 * WEFT_UPDATE_GOLDEN=1 meson test -C build --suite viewer, and read the difference. */
#include "app/viewer/render/draw.h"
#include "app/viewer/render/render.h"
#include "tests/viewer/golden.h"
#include "tests/viewer/sample.h"
#include "tests/viewer/sample_tracks.h"
#include <string.h>

#define MS 1e6

struct golden {
    const char *name;
    double from_ms, to_ms;
    enum weft_palette_id palette;
    double lane_height;
    const char *select;
    double select_ms;
    gboolean whole;  /* the picture around the lanes, too */
    gboolean tracks; /* of the other sample: locks, threads, counters */
    gboolean by_site;
};

static const struct golden goldens[] = {
    { "waits", 75, 540, WEFT_PALETTE_LIGHT, 0, "fetch-2", 315, TRUE },
    { "waits-dashed", 75, 540, WEFT_PALETTE_PRINT, 0, NULL, 0, FALSE },
    { "waits-contrast", 75, 540, WEFT_PALETTE_CONTRAST_DARK, 54, "fetch-3", 420, FALSE },
    { "waits-36", 75, 540, WEFT_PALETTE_DARK, 36, NULL, 0, FALSE },
    { "waits-24", 75, 540, WEFT_PALETTE_DARK, 24, NULL, 0, FALSE },
    { "waits-12", 75, 540, WEFT_PALETTE_LIGHT, 12, NULL, 0, FALSE },
    { "waits-6", 75, 540, WEFT_PALETTE_LIGHT, 6, NULL, 0, FALSE },
    { "overview", 0, 14000, WEFT_PALETTE_LIGHT, 0, NULL, 0, FALSE },
    { "slices", 260, 264, WEFT_PALETTE_PRESENTER, 0, "fetch-2", 262.5, FALSE },
    { "events", 261, 261.6, WEFT_PALETTE_LIGHT, 0, "heartbeat", 261.3, FALSE },
    { "clock", 261.299, 261.303, WEFT_PALETTE_LIGHT, 0, NULL, 0, FALSE },
    { "clock-grid", 261.39998, 261.40002, WEFT_PALETTE_DARK, 0, NULL, 0, FALSE },
    { "tracks", -1, 101, WEFT_PALETTE_LIGHT, 36, NULL, 0, FALSE, TRUE },
    { "tracks-far", -1, 3000, WEFT_PALETTE_DARK, 36, NULL, 0, FALSE, TRUE },
    { "tracks-near", 59.9, 60.5, WEFT_PALETTE_CONTRAST_DARK, 36, NULL, 0, FALSE, TRUE },
    { "crowd", 75, 540, WEFT_PALETTE_LIGHT, 54, NULL, 0, FALSE, FALSE, TRUE },
    { "crowd-dashed", 75, 540, WEFT_PALETTE_PRINT, 54, NULL, 0, FALSE, FALSE, TRUE },
    /* Where bars have dashes: the same, at every zoom. */
    { "overview-dashed", 0, 14000, WEFT_PALETTE_CONTRAST_LIGHT, 0, NULL, 0, FALSE },
    { "slices-dashed", 260, 264, WEFT_PALETTE_PRINT, 0, "fetch-2", 262.5, FALSE },
    { "events-dashed", 261, 261.6, WEFT_PALETTE_CONTRAST_LIGHT, 0, "heartbeat", 261.3, FALSE },
    { "clock-dashed", 261.299, 261.303, WEFT_PALETTE_PRINT, 0, NULL, 0, FALSE },
};

/* Takes the trace. */
static weft_model *open_trace(weft_trace *trace)
{
    weft_model *model = weft_model_new(trace);
    weft_model_advance(model, 0);
    weft_trace_unref(trace);
    return model;
}

static weft_model *open_sample(gboolean lossy)
{
    return open_trace(weft_sample_fetch_three(lossy));
}

/* ---- Golden logs ---- */

static char *draw(gconstpointer data, PangoContext *context)
{
    const struct golden *golden = data;
    enum { WIDTH = 1440, HEIGHT = 600 };
    gboolean lossy = golden->palette != WEFT_PALETTE_CONTRAST_DARK;
    weft_model *model = golden->tracks ? open_trace(weft_sample_tracks(lossy)) : open_sample(lossy);
    g_autoptr(weft_tracks) tracks = weft_tracks_new(model);
    struct weft_scene *scene = weft_scene_new(model);
    struct weft_render *render = weft_render_new(weft_palette(golden->palette), context, 1.0);
    GString *log = g_string_new(NULL);
    struct weft_view view;
    weft_view_init(&view);
    view.viewport.width = WIDTH - WEFT_METRIC_NAMES;
    view.viewport.height = HEIGHT - WEFT_METRIC_MINIMAP - WEFT_METRIC_RULER - WEFT_METRIC_BOTTOM;
    view.max_chunks = 0;
    view.lane_height = golden->lane_height;
    view.by_site = golden->by_site;
    weft_tracks_advance(tracks, 0);
    view.tracks = golden->tracks ? tracks : NULL;
    if (golden->select) {
        view.selected_lane = weft_sample_lane(model, golden->select);
        view.playhead_ns = view.selected_ns = (gint64)(golden->select_ms * MS);
    }
    weft_viewport_show(&view.viewport, (gint64)(golden->from_ms * MS),
                       (gint64)(golden->to_ms * MS));
    weft_scene_build(scene, &view);
    weft_render_set_log(render, log);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    if (golden->whole) {
        weft_render_picture(render, snapshot, scene, WIDTH, HEIGHT);
    } else {
        weft_render_begin(render, scene);
        weft_render_lanes(render, snapshot, scene);
        weft_render_overlay(render, snapshot, scene);
        weft_render_ruler(render, snapshot, scene);
    }
    GskRenderNode *node = gtk_snapshot_free_to_node(snapshot);
    g_assert_nonnull(node);
    gsk_render_node_unref(node);
    weft_render_free(render);
    weft_scene_free(scene);
    weft_model_free(model);
    return g_string_free(log, FALSE);
}

static void test_golden(gconstpointer data)
{
    golden_check(((const struct golden *)data)->name, draw, data);
}

/* ---- Colours ---- */

/* At (x, y), or a little right of it: a dash may be a gap just there. */
static void assert_pixel(const guint8 *pixels, gsize stride, double x, double y,
                         const GdkRGBA *color, const char *what)
{
    enum { DASH = 24 };
    const guint8 *at = pixels + (gsize)y * stride + (gsize)x * 4; /* B G R X */
    int least = 3 * 255;
    for (guint i = 0; i < DASH; i++, at += 4)
        least = MIN(least, ABS(at[2] - (int)(color->red * 255 + 0.5F)) +
                               ABS(at[1] - (int)(color->green * 255 + 0.5F)) +
                               ABS(at[0] - (int)(color->blue * 255 + 0.5F)));
    if (least > 3)
        g_test_message("%s is not drawn at %.0f,%.0f", what, x, y);
    g_assert_cmpint(least, <=, 3);
}

/* A state's pixel in a lane: at this moment, so far below the lane's top (its height is 54). */
static const struct {
    const char *lane;
    double ms, y;
    enum weft_role role;
} probes[] = {
    { "fetch-1", 180, 36, WEFT_ROLE_RUNNING }, { "fetch-1", 280, 44, WEFT_ROLE_WAIT_THREAD },
    { "fetch-2", 140, 44, WEFT_ROLE_WAIT_IO }, { "fetch-2", 300, 42, WEFT_ROLE_WAIT_SYNC },
    { "main", 300, 44, WEFT_ROLE_WAIT_TASK },  { "heartbeat", 290, 44, WEFT_ROLE_WAIT_TIMER },
    { "heartbeat", 200, 39, WEFT_ROLE_READY }, { "fetch-3", 430, 7, WEFT_ROLE_CANCELLING },
    { "fetch-3", 447, 30, WEFT_ROLE_ERROR },   { "fetch-1", 400, 30, WEFT_ROLE_CANVAS },
};

static void test_colours(gconstpointer data)
{
    enum { WIDTH = 1204, HEIGHT = 430 };
    const struct weft_palette *palette = data;
    weft_model *model = open_sample(FALSE);
    struct weft_scene *scene = weft_scene_new(model);
    PangoContext *context = weft_render_context_new();
    struct weft_render *render = weft_render_new(palette, context, 1.0);
    g_object_unref(context);
    struct weft_view view;
    weft_view_init(&view);
    view.viewport.width = WIDTH;
    view.viewport.height = HEIGHT;
    view.lane_height = WEFT_LANE_HEIGHT_FULL;
    weft_viewport_show(&view.viewport, (gint64)(75 * MS), (gint64)(540 * MS));
    weft_scene_build(scene, &view);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    weft_render_begin(render, scene);
    weft_render_lanes(render, snapshot, scene);
    GskRenderNode *node = gtk_snapshot_free_to_node(snapshot);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
    cairo_t *cr = cairo_create(surface);
    gsk_render_node_draw(node, cr);
    cairo_surface_flush(surface);
    for (guint i = 0; i < G_N_ELEMENTS(probes); i++) {
        guint row = weft_scene_row_of(scene, weft_sample_lane(model, probes[i].lane));
        assert_pixel(cairo_image_surface_get_data(surface),
                     (gsize)cairo_image_surface_get_stride(surface),
                     weft_viewport_x(&view.viewport, (gint64)(probes[i].ms * MS)),
                     weft_scene_y(scene, row) + probes[i].y, &palette->color[probes[i].role],
                     weft_role_name(probes[i].role));
    }
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    gsk_render_node_unref(node);
    weft_render_free(render);
    weft_scene_free(scene);
    weft_model_free(model);
}

/* ---- Panning ---- */

/* Panning by whole pixels moves what is drawn, and changes nothing else: no rung, no merging. */
static void test_pan_keeps_words(void)
{
    weft_model *model = open_sample(FALSE);
    struct weft_scene *scene = weft_scene_new(model);
    PangoContext *context = weft_render_context_new();
    struct weft_render *render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), context, 1.0);
    g_object_unref(context);
    GString *words[2] = { g_string_new(NULL), g_string_new(NULL) };
    struct weft_view view;
    weft_view_init(&view);
    view.viewport.width = 3000;
    view.viewport.height = 500;
    view.viewport.ns_per_px = 250000;
    for (int i = 0; i < 2; i++) {
        GtkSnapshot *snapshot = gtk_snapshot_new();
        GString *log = g_string_new(NULL);
        view.viewport.from_ns = (gint64)(-20 * MS) - i * 40 * 250000;
        weft_scene_build(scene, &view);
        weft_render_set_log(render, log);
        weft_render_begin(render, scene);
        weft_render_lanes(render, snapshot, scene);
        g_auto(GStrv) lines = g_strsplit(log->str, "\n", -1);
        for (guint j = 0; lines[j]; j++)
            if (g_str_has_prefix(lines[j], "text"))
                g_string_append(words[i], strchr(lines[j], '"'));
        g_string_free(log, TRUE);
        gsk_render_node_unref(gtk_snapshot_free_to_node(snapshot));
    }
    g_assert_cmpstr(words[0]->str, ==, words[1]->str);
    g_assert_nonnull(strstr(words[0]->str, "connect :9083"));
    g_string_free(words[0], TRUE);
    g_string_free(words[1], TRUE);
    weft_render_free(render);
    weft_scene_free(scene);
    weft_model_free(model);
}

/* ---- Nothing is cut, nothing is covered ---- */

/* What is drawn for a view, as a log. */
static char *drawn_log(weft_model *model, const struct weft_view *view)
{
    struct weft_scene *scene = weft_scene_new(model);
    PangoContext *context = weft_render_context_new();
    struct weft_render *render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), context, 1.0);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    GString *log = g_string_new(NULL);
    g_object_unref(context);
    weft_scene_build(scene, view);
    weft_render_set_log(render, log);
    weft_render_begin(render, scene);
    weft_render_lanes(render, snapshot, scene);
    g_string_append(log, "-- overlay\n");
    weft_render_overlay(render, snapshot, scene);
    g_string_append(log, "-- ruler\n");
    weft_render_ruler(render, snapshot, scene);
    gsk_render_node_unref(gtk_snapshot_free_to_node(snapshot));
    weft_render_free(render);
    weft_scene_free(scene);
    return g_string_free(log, FALSE);
}

static double text_width(const char *text)
{
    PangoContext *context = weft_render_context_new();
    PangoLayout *layout = pango_layout_new(context);
    PangoFontDescription *font = pango_font_description_copy(
        pango_context_get_font_description(context));
    int width;
    pango_font_description_set_absolute_size(font, WEFT_FONT_WORDS * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_layout_set_text(layout, text, -1);
    pango_layout_get_pixel_size(layout, &width, NULL);
    pango_font_description_free(font);
    g_object_unref(layout);
    g_object_unref(context);
    return width;
}

/* However the view is panned, no word begins left of the window, and no time of the ruler ends
 * right of it. */
static void test_no_word_is_cut(void)
{
    weft_model *model = open_sample(FALSE);
    struct weft_view view;
    weft_view_init(&view);
    view.viewport.width = 700;
    view.viewport.height = 500;
    view.viewport.ns_per_px = 500000;
    for (int i = 0; i < 60; i++) {
        view.viewport.from_ns = i * 7 * 500000;
        g_autofree char *log = drawn_log(model, &view);
        g_auto(GStrv) lines = g_strsplit(log, "\n", -1);
        gboolean ruler = FALSE;
        for (guint j = 0; lines[j]; j++) {
            double x;
            char words[100];
            ruler |= g_str_equal(lines[j], "-- ruler");
            if (sscanf(lines[j], "text %*s %lf,%*f \"%99[^\"]", &x, words) != 2)
                continue;
            g_assert_cmpfloat(x, >=, 0);
            if (ruler)
                g_assert_cmpfloat(x + text_width(words), <=, view.viewport.width);
        }
    }
    weft_model_free(model);
}

/* Of the day, a ruler says "14:03:07" once and counts on from there, or says it at each of its
 * ticks, which are on round times of a clock. */
static void test_time_of_day(void)
{
    static const struct {
        gint64 ns_per_px;
        const char *words[4];
    } at[] = {
        { 100000, { "\"14:03:07\"", "\"+260 ms\"", "\"+300 ms\"", "\"14:03:07.28000\"" } },
        { 100, { "\"14:03:07.250\"", "\"+10 µs\"", "\"+20 µs\"", NULL } },
        { 20000000, { "\"14:03:10\"", "\"14:03:12\"", NULL, NULL } },
        { 2000000000, { "\"14:10:00\"", "\"14:15:00\"", NULL, NULL } },
    };
    weft_model *model = open_sample(FALSE);
    struct weft_view view;
    weft_view_init(&view);
    view.viewport.width = 700;
    view.viewport.height = 500;
    view.of_day = TRUE;
    view.origin_ns = (gint64)(-((14 * 3600 + 3 * 60 + 7) * 1000 + 250) * MS);
    view.playhead_ns = 30 * MS;
    for (guint i = 0; i < G_N_ELEMENTS(at); i++) {
        view.viewport.ns_per_px = (double)at[i].ns_per_px;
        g_autofree char *log = drawn_log(model, &view);
        const char *ruler = strstr(log, "-- ruler");
        for (guint j = 0; j < G_N_ELEMENTS(at[i].words) && at[i].words[j]; j++)
            if (!strstr(ruler, at[i].words[j]))
                g_error("no %s in %s", at[i].words[j], ruler);
    }
    g_autofree char *said = weft_view_time(&view, (gint64)(315 * MS));
    g_assert_cmpstr(said, ==, "14:03:07.565000");
    g_autofree char *wraps = weft_time_of_day((gint64)(25 * 3600 * 1000 * MS) - 1, 3);
    g_assert_cmpstr(wraps, ==, "00:59:59.999");
    /* As far as one can zoom out, large words are not over each other either. */
    view.viewport.ns_per_px = 1e12;
    view.text_scale = 3;
    const struct weft_scene scene = { .view = view };
    gint64 first;
    g_assert_cmpint(weft_ruler_step(&scene, &first), ==, (gint64)(4 * 24 * 3600 * 1000 * MS));
    weft_model_free(model);
}

static guint count(const char *log, const char *what)
{
    guint n = 0;
    for (const char *at = log; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

/* A value's words are said once while they hold, whatever happened in between that nobody sees; a
 * value's line that runs through them has a plate, and no other. */
static void test_value_is_said_once(void)
{
    weft_model *model = open_trace(weft_sample_tracks(FALSE));
    g_autoptr(weft_tracks) tracks = weft_tracks_new(model);
    struct weft_view view;
    weft_view_init(&view);
    weft_tracks_advance(tracks, 0);
    view.tracks = tracks;
    view.viewport.width = 1224;
    view.viewport.height = 600;
    weft_viewport_show(&view.viewport, (gint64)(60 * MS), (gint64)(100 * MS));
    g_autofree char *log = drawn_log(model, &view);
    g_assert_cmpuint(count(log, "\"2 items · 1 waits\""), ==, 1);
    weft_viewport_show(&view.viewport, (gint64)(84.999 * MS), (gint64)(85.003 * MS));
    g_autofree char *near = drawn_log(model, &view);
    g_assert_cmpuint(count(near, "\"2 items · 1 waits\""), ==, 2);
    g_assert_cmpuint(count(near, "\"3 items · 1 waits\""), ==, 1);
    weft_model_free(model);
}

/* However high a lane is, its waiting bar is not. */
static void test_bar_height(void)
{
    weft_model *model = open_sample(FALSE);
    struct weft_view view;
    weft_view_init(&view);
    view.viewport.width = 1224;
    view.viewport.height = 900;
    view.lane_height = WEFT_LANE_HEIGHT_MOST;
    weft_viewport_show(&view.viewport, (gint64)(75 * MS), (gint64)(540 * MS));
    g_autofree char *log = drawn_log(model, &view);
    g_auto(GStrv) lines = g_strsplit(log, "\n", -1);
    guint bars = 0;
    for (guint i = 0; lines[i]; i++)
        if (g_str_has_prefix(lines[i], "fill WAIT_") && strchr(lines[i], 'x')) {
            g_assert_true(g_str_has_suffix(lines[i], "x6.0"));
            bars++;
        }
    g_assert_cmpuint(bars, >, 4);
    weft_model_free(model);
}

/* The selection has a tag with its words, but where its lane says all of them. */
static void test_selection_tag(void)
{
    weft_model *model = open_sample(FALSE);
    struct weft_view view;
    weft_view_init(&view);
    view.viewport.width = 1224;
    view.viewport.height = 600;
    weft_viewport_show(&view.viewport, 0, (gint64)(600 * MS));
    view.selected_ns = (gint64)(300 * MS);
    view.selected_lane = weft_sample_lane(model, "main");
    g_autofree char *wide = drawn_log(model, &view);
    g_assert_null(strstr(wide, "text ON_ACCENT"));
    g_assert_nonnull(strstr(wide, "\"gather(fetch-1, fetch-2, fetch-3)\""));
    view.selected_lane = weft_sample_lane(model, "heartbeat");
    g_autofree char *narrow = drawn_log(model, &view);
    g_assert_nonnull(strstr(narrow, "text ON_ACCENT"));
    view.selected_lane = weft_sample_lane(model, "main");
    view.lane_height = WEFT_LANE_HEIGHT_STRIP; /* says nothing */
    g_autofree char *low = drawn_log(model, &view);
    g_assert_nonnull(strstr(low, "text ON_ACCENT"));
    weft_model_free(model);
}

/* The words of the selection reach over a loss: both can be read. */
static void test_loss_beside_the_selection(void)
{
    weft_model *model = open_sample(TRUE);
    struct weft_view view;
    weft_view_init(&view);
    view.viewport.width = 1224;
    view.viewport.height = 480;
    view.lane_height = WEFT_LANE_HEIGHT_FULL;
    weft_viewport_show(&view.viewport, (gint64)(455 * MS), (gint64)(955 * MS));
    double loss_x, loss_y, loss_width, loss_height, x, y, width, height;
    static const char plate[] = "fill CANVAS 0.88 %lf,%lf %lfx%lf";
    g_autofree char *without = drawn_log(model, &view);
    g_assert_cmpint(sscanf(strstr(without, "fill CANVAS 0.88"), plate, &loss_x, &loss_y,
                           &loss_width, &loss_height),
                    ==, 4);
    /* What main awaits is seen until it is lost: its tag needs more room than is left of that. */
    view.selected_lane = weft_sample_lane(model, "main");
    view.playhead_ns = view.selected_ns = (gint64)(300 * MS);
    g_autofree char *log = drawn_log(model, &view);
    const char *tag = strstr(log, "text ON_ACCENT");
    g_assert_nonnull(tag);
    while (*--tag != '\n' || tag[1] != 'f')
        continue;
    g_assert_cmpint(sscanf(tag, " fill ACCENT %*f %lf,%lf %lfx%lf", &x, &y, &width, &height), ==,
                    4);
    /* It would lie on them, where they were. */
    g_assert_cmpfloat(x, <, loss_x + loss_width);
    g_assert_cmpfloat(x + width, >, loss_x);
    g_assert_cmpfloat(y, <, loss_y + loss_height);
    g_assert_cmpfloat(y + height, >, loss_y);
    const char *moved = strstr(log, "fill CANVAS 0.88");
    g_assert_nonnull(moved);
    g_assert_cmpint(sscanf(moved, plate, &loss_x, &loss_y, &loss_width, &loss_height), ==, 4);
    g_assert_true(y >= loss_y + loss_height || y + height <= loss_y);
    weft_model_free(model);
}

/* Every entry is there in whatever width, and ends within it. */
static void test_legend(void)
{
    PangoContext *context = weft_render_context_new();
    struct weft_render *render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), context, 1.0);
    g_object_unref(context);
    double least, one_line;
    weft_render_legend_width(render, &least, &one_line);
    g_assert_cmpfloat(least, <, one_line);
    g_assert_cmpuint(weft_render_legend(render, NULL, 0, 0, one_line, 24), ==, 1);
    /* Closer together before it takes another line. */
    g_assert_cmpuint(weft_render_legend(render, NULL, 0, 0, one_line - 60, 24), ==, 1);
    g_assert_cmpuint(weft_render_legend(render, NULL, 0, 0, one_line - 80, 24), ==, 2);
    g_assert_cmpuint(weft_render_legend(render, NULL, 0, 0, least, 24), >, 4);
    for (double width = one_line; width >= least; width -= 20) {
        GtkSnapshot *snapshot = gtk_snapshot_new();
        guint lines = weft_render_legend(render, snapshot, 0, 0, width, 24);
        GskRenderNode *node = gtk_snapshot_free_to_node(snapshot);
        graphene_rect_t bounds;
        gsk_render_node_get_bounds(node, &bounds);
        g_assert_cmpfloat(bounds.origin.x + bounds.size.width, <=, width + 2);
        g_assert_cmpfloat(bounds.origin.y + bounds.size.height, <=, lines * 24);
        gsk_render_node_unref(node);
    }
    weft_render_free(render);
}

/* Where there is little to see it says so. */
static void test_emptiness(void)
{
    weft_model *model = open_sample(FALSE);
    struct weft_scene *scene = weft_scene_new(model);
    PangoContext *context = weft_render_context_new();
    struct weft_render *render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), context, 1.0);
    g_object_unref(context);
    static const struct {
        const char *filter;
        gint64 from_ns;
        const char *words;
    } cases[] = { { NULL, 0, NULL },
                  { "nobody", 0, "No task here is named like “nobody”" },
                  { NULL, G_GINT64_CONSTANT(9000000000), "Nothing happened in this range" } };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct weft_view view;
        GString *log = g_string_new(NULL);
        GtkSnapshot *snapshot = gtk_snapshot_new();
        weft_view_init(&view);
        view.viewport.width = 900;
        view.viewport.height = 500;
        view.viewport.from_ns = cases[i].from_ns;
        view.filter = cases[i].filter;
        weft_scene_build(scene, &view);
        weft_render_set_log(render, log);
        weft_render_begin(render, scene);
        weft_render_backdrop(render, snapshot, scene);
        gsk_render_node_unref(gtk_snapshot_free_to_node(snapshot));
        if (cases[i].words)
            g_assert_nonnull(strstr(log->str, cases[i].words));
        else
            g_assert_null(strstr(log->str, "text"));
        weft_render_set_log(render, NULL);
        g_string_free(log, TRUE);
    }
    weft_render_free(render);
    weft_scene_free(scene);
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gtk_init_check();
    for (guint i = 0; i < G_N_ELEMENTS(goldens); i++) {
        g_autofree char *path = g_strdup_printf("/render/golden/%s", goldens[i].name);
        g_test_add_data_func(path, &goldens[i], test_golden);
    }
    for (guint i = 0; i < WEFT_PALETTES; i++) {
        const struct weft_palette *palette = weft_palette(i);
        g_autofree char *path = g_strdup_printf("/render/colours/%s", palette->name);
        g_test_add_data_func(path, palette, test_colours);
    }
    g_test_add_func("/render/pan-keeps-words", test_pan_keeps_words);
    g_test_add_func("/render/no-word-is-cut", test_no_word_is_cut);
    g_test_add_func("/render/value-is-said-once", test_value_is_said_once);
    g_test_add_func("/render/bar-height", test_bar_height);
    g_test_add_func("/render/selection-tag", test_selection_tag);
    g_test_add_func("/render/time-of-day", test_time_of_day);
    g_test_add_func("/render/loss-beside-the-selection", test_loss_beside_the_selection);
    g_test_add_func("/render/legend", test_legend);
    g_test_add_func("/render/emptiness", test_emptiness);
    return g_test_run();
}
