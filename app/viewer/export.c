/* export.c: the same drawing as the window's, onto pages of a cairo surface. See export.h.
 *
 *     lanes, in rows:  |0 .......|9 .......|...     a page: as many whole rows as it has room for,
 *                       page 1    page 2            between minimap and ruler, names and legend
 *
 * PNG and SVG have one page; only with all lanes a PDF has more. */
#include "app/viewer/export.h"
#include "app/viewer/svg.h"
#include "tracer/trace/freshfile.h"
#include <cairo-pdf.h>
#include <string.h>

enum {
    ALL_LANES_AIM =
        2000, /* px: lanes are made lower, not below one line of words, to stay within */
    ALL_LANES_MAX = 30000, /* px: cairo's images end at 32767 */
    HEIGHT_MIN = 120,
    REFINED_ROWS = 2000, /* rows built again: beyond, a long trace stays merged where it is */
    OTHERS = WEFT_METRIC_MINIMAP + WEFT_METRIC_RULER + WEFT_METRIC_BOTTOM,
};

static const char *const format_names[WEFT_PICTURE_FORMATS] = { "png", "svg", "pdf" };

const char *weft_picture_format_name(enum weft_picture_format format)
{
    return format_names[format];
}

gboolean weft_picture_format_named(const char *name, enum weft_picture_format *format)
{
    for (guint i = 0; i < WEFT_PICTURE_FORMATS; i++)
        if (strcmp(name, format_names[i]) == 0) {
            *format = i;
            return TRUE;
        }
    return FALSE;
}

void weft_picture_init(struct weft_picture *picture)
{
    *picture = (struct weft_picture){
        .palette = weft_palette(WEFT_PALETTE_LIGHT),
        .width = 1440,
        .playhead_ns = WEFT_NO_TIME,
    };
}

/* ---- Pages ---- */

struct pages {
    const struct weft_picture *picture;
    struct weft_scene *scene;
    struct weft_render *render;
    struct weft_view view;
    double height; /* px of a page */
};

static gboolean find_task(weft_model *model, const char *name, guint *lane)
{
    for (guint i = 0; i < weft_model_n_lanes(model); i++) {
        const struct weft_lane *what = weft_model_lane(model, i);
        g_autofree char *called = weft_model_name(model, what->id);
        char id[48];
        weft_format_id(what->id, id);
        if (what->kind == WEFT_LANE_TASK && (strcmp(called, name) == 0 || strcmp(id, name) == 0)) {
            *lane = i;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean init_view(struct pages *pages, GError **error)
{
    const struct weft_picture *picture = pages->picture;
    weft_model *model = pages->scene->model;
    struct weft_view *view = &pages->view;
    double slide = picture->width * 9.0 / 16;
    weft_view_init(view);
    view->playhead_ns = picture->playhead_ns;
    view->viewport.width = picture->width - WEFT_METRIC_NAMES;
    view->viewport.height = MAX((picture->all_lanes ? ALL_LANES_AIM : slide) - OTHERS, HEIGHT_MIN);
    view->end_signal = (guint8)weft_trace_source(weft_model_trace(model))->exit_signal;
    gboolean whole = picture->from_ns == picture->to_ns;
    gint64 begin = weft_trace_begin_ns(weft_model_trace(model));
    gint64 end = weft_model_end_ns(model), span = end - begin;
    weft_viewport_show(&view->viewport, whole ? begin - span / 200 : picture->from_ns,
                       whole ? end + span / 10 : picture->to_ns); /* room for the last words */
    if (picture->select && !find_task(model, picture->select, &view->selected_lane)) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED,
                    "no task \"%s\" in this trace", picture->select);
        return FALSE;
    }
    if (picture->select)
        view->selected_ns = picture->playhead_ns;
    return TRUE;
}

/* px of whole rows from `first` on that fit into room: at least one row's. */
static double whole_rows(const struct weft_scene *scene, guint first, double room)
{
    double from = weft_scene_row(scene, first)->y, height = 0;
    for (guint i = first; i < scene->rows->len; i++) {
        const struct weft_row *row = weft_scene_row(scene, i);
        if (height > 0 && row->y + row->height - from > room)
            break;
        height = row->y + row->height - from;
    }
    return height;
}

/* The rows decide how high a page is: built once to have them. */
static void lay_out(struct pages *pages)
{
    const struct weft_picture *picture = pages->picture;
    struct weft_scene *scene = pages->scene;
    struct weft_viewport *viewport = &pages->view.viewport;
    double slide = viewport->height, content;
    weft_scene_build(scene, &pages->view);
    content = scene->content_height;
    for (guint i = 0; i < scene->rows->len; i++) {
        const struct weft_row *row = weft_scene_row(scene, i);
        if (row->kind != WEFT_ROW_TASK)
            continue;
        pages->view.lane_height = MIN(row->height, WEFT_LANE_HEIGHT_FULL); /* no window to fill */
        content -= row->height - pages->view.lane_height;
    }
    if (picture->all_lanes && picture->format == WEFT_PICTURE_PDF)
        slide = picture->width * 9.0 / 16 - OTHERS;
    else if (picture->all_lanes)
        slide = ALL_LANES_MAX - OTHERS;
    viewport->height = CLAMP(content + WEFT_METRIC_BOTTOM, HEIGHT_MIN, MAX(slide, HEIGHT_MIN));
    weft_scene_build(scene, &pages->view);
    pages->height = viewport->height + OTHERS;
}

/* The page that begins with row `first`; *next is the row that the next one begins with. */
static GskRenderNode *draw_page(struct pages *pages, guint first, guint *next)
{
    struct weft_scene *scene = pages->scene;
    struct weft_viewport *viewport = &pages->view.viewport;
    double room = pages->height - OTHERS;
    viewport->height = room;
    *next = first;
    if (first < scene->rows->len) {
        viewport->scroll_y = weft_scene_row(scene, first)->y;
        double rows = whole_rows(scene, first, room);
        while (*next < scene->rows->len &&
               weft_scene_row(scene, *next)->y < viewport->scroll_y + rows)
            (*next)++;
        if (*next < scene->rows->len) /* no row is cut in two */
            viewport->height = MIN(rows, room);
    }
    weft_scene_build(scene, &pages->view);
    for (guint rows = 0; scene->coarse && rows < REFINED_ROWS; rows += scene->n_visible + 1)
        weft_scene_build(scene, &pages->view);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    weft_render_picture(pages->render, snapshot, scene, pages->picture->width,
                        viewport->height + OTHERS);
    viewport->height = room;
    return gtk_snapshot_free_to_node(snapshot);
}

/* ---- Formats ---- */

static cairo_status_t collect(void *closure, const unsigned char *data, unsigned length)
{
    g_byte_array_append(closure, data, length);
    return CAIRO_STATUS_SUCCESS;
}

static cairo_status_t write_png(GskRenderNode *node, double width, double height, GByteArray *bytes)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)width,
                                                          (int)height);
    cairo_t *cr = cairo_create(surface);
    gsk_render_node_draw(node, cr);
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_write_to_png_stream(surface, collect, bytes);
    cairo_surface_destroy(surface);
    return status;
}

static cairo_status_t write_pdf(struct pages *pages, GskRenderNode *node, guint next,
                                GByteArray *bytes)
{
    /* A px of the screen is 1/96 inch, a point 1/72. */
    double scale = 72.0 / 96, width = pages->picture->width;
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(collect, bytes, width * scale,
                                                                   pages->height * scale);
    cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_4);
    cairo_t *cr = cairo_create(surface);
    cairo_scale(cr, scale, scale);
    gsk_render_node_draw(node, cr);
    cairo_show_page(cr);
    while (pages->picture->all_lanes && next < pages->scene->rows->len) {
        GskRenderNode *page = draw_page(pages, next, &next);
        gsk_render_node_draw(page, cr);
        gsk_render_node_unref(page);
        cairo_show_page(cr);
    }
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    return status;
}

static GBytes *write_pages(struct pages *pages, guint *lanes_left, GError **error)
{
    const struct weft_picture *picture = pages->picture;
    GByteArray *bytes = g_byte_array_new();
    cairo_status_t status;
    guint next;
    GskRenderNode *node = draw_page(pages, 0, &next);
    double height = next < pages->scene->rows->len ? pages->scene->view.viewport.height + OTHERS
                                                   : pages->height;
    gboolean all = picture->format == WEFT_PICTURE_PDF && picture->all_lanes;
    if (lanes_left)
        *lanes_left = all ? 0 : pages->scene->rows->len - next;
    if (picture->format == WEFT_PICTURE_PNG)
        status = write_png(node, picture->width, height, bytes);
    else if (picture->format == WEFT_PICTURE_SVG)
        status = weft_svg_write(node, pages->render, picture->width, height, bytes);
    else
        status = write_pdf(pages, node, next, bytes);
    gsk_render_node_unref(node);
    if (status == CAIRO_STATUS_SUCCESS)
        return g_byte_array_free_to_bytes(bytes);
    g_byte_array_unref(bytes);
    g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED,
                "cannot draw a picture of %u × %.0f px: %s", picture->width, height,
                cairo_status_to_string(status));
    return NULL;
}

GBytes *weft_picture_draw(weft_model *model, const struct weft_picture *picture, guint *lanes_left,
                          GError **error)
{
    struct pages pages = { .picture = picture, .scene = weft_scene_new(model) };
    GBytes *bytes = NULL;
    g_autoptr(weft_tracks) tracks = weft_tracks_new(model);
    if (init_view(&pages, error)) {
        weft_tracks_advance(tracks, 0);
        pages.view.tracks = tracks;
        PangoContext *context = weft_render_context_new();
        pages.render = weft_render_new(picture->palette, context, 1.0);
        weft_render_set_device_scale(pages.render, picture->format == WEFT_PICTURE_PNG);
        lay_out(&pages);
        bytes = write_pages(&pages, lanes_left, error);
        weft_render_free(pages.render);
        g_object_unref(context);
    }
    weft_scene_free(pages.scene);
    return bytes;
}

gboolean weft_viewer_export(weft_model *model, const struct weft_picture *picture, const char *path,
                            guint *lanes_left, GError **error)
{
    g_autoptr(GBytes) bytes = weft_picture_draw(model, picture, lanes_left, error);
    gsize size;
    gconstpointer data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    return bytes && weft_freshfile_write(path, data, size, error);
}
