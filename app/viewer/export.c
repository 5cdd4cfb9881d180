/* export.c: the same drawing as the window's, onto a cairo surface. See export.h. */
#include "app/viewer/export.h"
#include "tracer/trace/freshfile.h"
#include <cairo-svg.h>
#include <stdio.h>
#include <string.h>

enum {
    HEIGHT_AIM = 2000, /* px: lanes are made lower, not below one line of words, to stay within */
    HEIGHT_MAX = 8000,
    WIDTH_MIN = 480,
    WIDTH_MAX = 16000,
    REFINED_ROWS = 2000, /* rows built again: beyond, a long trace stays merged where it is */
    OTHERS = WEFT_METRIC_MINIMAP + WEFT_METRIC_RULER + WEFT_METRIC_BOTTOM,
};

void weft_picture_init(struct weft_picture *picture)
{
    *picture = (struct weft_picture){
        .palette = weft_palette(WEFT_PALETTE_LIGHT),
        .width = 1440,
        .playhead_ns = WEFT_NO_TIME,
    };
}

static cairo_status_t collect(void *closure, const unsigned char *data, unsigned length)
{
    g_byte_array_append(closure, data, length);
    return CAIRO_STATUS_SUCCESS;
}

/* Draws the node; returns the file's bytes. */
static GByteArray *draw(GskRenderNode *node, enum weft_picture_format format, double width,
                        double height, GError **error)
{
    GByteArray *bytes = g_byte_array_new();
    gboolean svg = format == WEFT_PICTURE_SVG;
    cairo_surface_t *surface = svg ? cairo_svg_surface_create_for_stream(collect, bytes, width,
                                                                         height)
                                   : cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)width,
                                                                (int)height);
    cairo_t *cr = cairo_create(surface);
    gsk_render_node_draw(node, cr);
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    if (!svg && status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_write_to_png_stream(surface, collect, bytes);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        return bytes;
    g_byte_array_unref(bytes);
    g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED,
                "cannot draw a picture of %.0f × %.0f px: %s", width, height,
                cairo_status_to_string(status));
    return NULL;
}

static gboolean find_task(weft_model *model, const char *name, guint *lane)
{
    for (guint i = 0; i < weft_model_n_lanes(model); i++) {
        const struct weft_lane *what = weft_model_lane(model, i);
        g_autofree char *called = weft_model_name(model, what->id);
        const char *kind = weft_entity_name(weft_id_kind(what->id));
        g_autofree char *id = g_strdup_printf("%s:%u:%" G_GUINT64_FORMAT, kind ? kind : "",
                                              weft_id_ring(what->id), weft_id_counter(what->id));
        if (what->kind == WEFT_LANE_TASK && (strcmp(called, name) == 0 || strcmp(id, name) == 0)) {
            *lane = i;
            return TRUE;
        }
    }
    return FALSE;
}

/* The rows decide the height: built once to have them, and again to draw them all. */
static gboolean build(struct weft_scene *scene, const struct weft_picture *picture, double *height,
                      guint *lanes_left, GError **error)
{
    struct weft_view view;
    weft_view_init(&view);
    view.playhead_ns = picture->playhead_ns;
    view.viewport.width = picture->width - WEFT_METRIC_NAMES;
    view.viewport.height = HEIGHT_AIM - OTHERS;
    gboolean whole = picture->from_ns == picture->to_ns;
    view.end_signal = (guint8)weft_trace_source(weft_model_trace(scene->model))->exit_signal;
    gint64 begin = weft_trace_begin_ns(weft_model_trace(scene->model));
    gint64 end = weft_model_end_ns(scene->model), span = end - begin;
    weft_viewport_show(&view.viewport, whole ? begin - span / 200 : picture->from_ns,
                       whole ? end + span / 10 : picture->to_ns); /* room for the last words */
    if (picture->select && !find_task(scene->model, picture->select, &view.selected_lane)) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED,
                    "no task \"%s\" in this trace", picture->select);
        return FALSE;
    }
    if (picture->select)
        view.selected_ns = picture->playhead_ns;
    weft_scene_build(scene, &view);

    double content = scene->content_height;
    for (guint i = 0; i < scene->rows->len; i++) {
        const struct weft_row *row = weft_scene_row(scene, i);
        if (row->kind != WEFT_ROW_TASK)
            continue;
        view.lane_height = MIN(row->height, WEFT_LANE_HEIGHT_FULL); /* no window to fill */
        content -= row->height - view.lane_height;
    }
    view.viewport.height = CLAMP(content + WEFT_METRIC_BOTTOM, 120, HEIGHT_MAX - OTHERS);
    weft_scene_build(scene, &view);
    for (guint rows = 0; scene->coarse && rows < REFINED_ROWS; rows += scene->n_visible + 1)
        weft_scene_build(scene, &view);
    *height = view.viewport.height + OTHERS;
    if (lanes_left)
        *lanes_left = scene->rows->len - scene->n_visible;
    return TRUE;
}

gboolean weft_viewer_export(weft_model *model, const struct weft_picture *picture, const char *path,
                            guint *lanes_left, GError **error)
{
    double height;
    struct weft_scene *scene = weft_scene_new(model);
    gboolean done = FALSE;
    if (build(scene, picture, &height, lanes_left, error)) {
        PangoContext *context = weft_render_context_new();
        struct weft_render *render = weft_render_new(picture->palette, context, 1.0);
        weft_render_set_device_scale(render, picture->format == WEFT_PICTURE_PNG);
        GtkSnapshot *snapshot = gtk_snapshot_new();
        weft_render_picture(render, snapshot, scene, picture->width, height);
        GskRenderNode *node = gtk_snapshot_free_to_node(snapshot);
        GByteArray *bytes = draw(node, picture->format, picture->width, height, error);
        if (bytes) {
            done = weft_freshfile_write(path, bytes->data, bytes->len, error);
            g_byte_array_unref(bytes);
        }
        gsk_render_node_unref(node);
        weft_render_free(render);
        g_object_unref(context);
    }
    weft_scene_free(scene);
    return done;
}

/* ---- The command line ---- */

enum { USAGE = 2, BAD_INPUT = 3, REFUSED = 4 };

static int usage(const char *what)
{
    if (what)
        fprintf(stderr, "weft-viewer: %s\n", what);
    fprintf(stderr,
            "usage: weft-viewer --export png|svg FILE OUT [--from NS] [--to NS]\n"
            "           [--palette light|dark|presenter|print|contrast-light|contrast-dark]\n"
            "           [--width PX] [--playhead NS] [--select TASK]\n");
    return USAGE;
}

static int exit_code(const GError *error)
{
    gboolean bad = error->domain == WEFT_TRACE_ERROR &&
                   (error->code == WEFT_TRACE_ERROR_NOT_A_TRACE ||
                    error->code == WEFT_TRACE_ERROR_VERSION ||
                    error->code == WEFT_TRACE_ERROR_CORRUPT);
    return bad ? BAD_INPUT : REFUSED;
}

/* The options after OUT; 0 or USAGE. */
static int parse(int argc, char **argv, struct weft_picture *picture, char **selected_task,
                 gboolean *to_given)
{
    g_autofree char *palette = NULL, *selected = NULL;
    gint64 from = 0, to = 0, playhead = WEFT_NO_TIME;
    int width = (int)picture->width;
    const GOptionEntry options[] = {
        { "from", 0, 0, G_OPTION_ARG_INT64, &from, NULL, NULL },
        { "to", 0, 0, G_OPTION_ARG_INT64, &to, NULL, NULL },
        { "palette", 0, 0, G_OPTION_ARG_STRING, &palette, NULL, NULL },
        { "width", 0, 0, G_OPTION_ARG_INT, &width, NULL, NULL },
        { "playhead", 0, 0, G_OPTION_ARG_INT64, &playhead, NULL, NULL },
        { "select", 0, 0, G_OPTION_ARG_STRING, &selected, NULL, NULL },
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;
    g_option_context_add_main_entries(context, options, NULL);
    g_option_context_set_help_enabled(context, FALSE);
    if (!g_option_context_parse(context, &argc, &argv, &error))
        return usage(error->message);
    if (argc > 1)
        return usage("one FILE and one OUT are enough");
    if (palette && !(picture->palette = weft_palette_named(palette)))
        return usage("no palette of that name");
    if (width < WIDTH_MIN || width > WIDTH_MAX)
        return usage("--width takes 480 … 16000");
    if (from < 0 || to < 0 || (to && to <= from))
        return usage("--from and --to take nanoseconds since the start, --to the greater");
    if (selected && playhead == WEFT_NO_TIME)
        return usage("--select needs --playhead: what the task does then is selected");
    *picture = (struct weft_picture){ picture->format, picture->palette, from, to,
                                      (guint)width,    playhead,         NULL };
    picture->select = *selected_task = g_steal_pointer(&selected);
    *to_given = to != 0;
    return 0;
}

int weft_viewer_export_main(int argc, char **argv)
{
    struct weft_picture picture;
    gboolean to_given = FALSE;
    guint left = 0;
    g_autoptr(GError) error = NULL;
    weft_picture_init(&picture);
    if (argc < 5)
        return usage(NULL);
    if (strcmp(argv[2], "svg") == 0)
        picture.format = WEFT_PICTURE_SVG;
    else if (strcmp(argv[2], "png") != 0)
        return usage("the format is png or svg");
    const char *file = argv[3], *out = argv[4];
    g_autofree char *selected = NULL;
    int code = parse(argc - 4, argv + 4, &picture, &selected, &to_given);
    if (code != 0)
        return code;

    gtk_init_check(); /* without a display this fails, and drawing works all the same */
    g_autoptr(weft_trace) trace = weft_trace_open(file, &error);
    if (!trace) {
        fprintf(stderr, "weft-viewer: %s\n", error->message);
        return exit_code(error);
    }
    weft_model *model = weft_model_new(trace);
    weft_model_advance(model, 0);
    if (!to_given && picture.from_ns)
        picture.to_ns = MAX(weft_model_end_ns(model), picture.from_ns + 1);
    gboolean done = weft_viewer_export(model, &picture, out, &left, &error);
    weft_model_free(model);
    if (!done) {
        fprintf(stderr, "weft-viewer: %s\n", error->message);
        return exit_code(error);
    }
    if (left > 0)
        fprintf(stderr, "weft-viewer: %s: %u lanes found no room in the picture\n", out, left);
    return 0;
}
