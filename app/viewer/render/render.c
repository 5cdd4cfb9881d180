/* render.c: the render's life, a frame's beginning, and the picture as a whole. See render.h. */
#include "app/viewer/render/draw.h"
#include <math.h>
#include <pango/pangocairo.h>

struct weft_render *weft_render_new(const struct weft_palette *palette, PangoContext *context,
                                    double text_scale)
{
    struct weft_render *render = g_new0(struct weft_render, 1);
    render->palette = palette;
    render->context = g_object_ref(context);
    render->scale = text_scale > 0 ? text_scale : 1;
    render->glyph = round(WEFT_METRIC_GLYPH * render->scale);
    render->losses = g_array_new(FALSE, FALSE, sizeof(graphene_rect_t));
    render->triangles = g_hash_table_new_full(NULL, NULL, NULL,
                                              (GDestroyNotify)gsk_render_node_unref);
    render->device_scale = 1;
    weft_text_init(render);
    return render;
}

void weft_render_free(struct weft_render *render)
{
    if (!render)
        return;
    weft_text_finish(render);
    weft_pattern_finish(render);
    g_clear_pointer(&render->density, gsk_render_node_unref);
    g_hash_table_unref(render->triangles);
    g_array_unref(render->losses);
    g_object_unref(render->context);
    g_free(render);
}

double weft_render_scale(const struct weft_render *render)
{
    return render->scale;
}

const struct weft_palette *weft_render_palette(const struct weft_render *render)
{
    return render->palette;
}

void weft_render_set_device_scale(struct weft_render *render, int scale)
{
    if (scale != render->device_scale)
        weft_pattern_finish(render);
    render->device_scale = scale;
}

void weft_render_set_log(struct weft_render *render, GString *log)
{
    render->log = log;
}

void weft_render_frame_cost(const struct weft_render *render, struct weft_render_cost *cost)
{
    *cost = render->cost;
}

PangoContext *weft_render_context_new(void)
{
    PangoContext *context = pango_font_map_create_context(pango_cairo_font_map_get_default());
    g_autoptr(PangoFontDescription) font = pango_font_description_from_string("Cantarell");
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    pango_cairo_context_set_resolution(context, 96);
    pango_context_set_font_description(context, font);
    pango_context_set_round_glyph_positions(context, FALSE);
    cairo_font_options_destroy(options);
    return context;
}

static void find_losses(struct weft_render *render, const struct weft_scene *scene)
{
    guint n;
    const struct weft_loss *losses = weft_model_losses(scene->model, &n);
    double width = scene->view.viewport.width;
    g_array_set_size(render->losses, 0);
    for (guint i = 0; i < n; i++) {
        double x0, x1;
        weft_span(scene, losses[i].from_ns, losses[i].to_ns, &x0, &x1);
        if (x1 < 0 || x0 > width)
            continue;
        graphene_rect_t box = GRAPHENE_RECT_INIT((float)x0, 0, (float)MAX(x1 - x0, 3),
                                                 (float)scene->view.viewport.height);
        g_array_append_val(render->losses, box);
    }
}

static void begin(struct weft_render *render, double windows)
{
    render->cost = (struct weft_render_cost){ 0 };
    render->label_budget = (guint)(WEFT_BUDGET_LABELS * windows);
    render->pattern_budget = (guint)(WEFT_BUDGET_PATTERNS * windows);
    weft_text_trim(render);
}

void weft_render_begin_still(struct weft_render *render)
{
    begin(render, 1);
}

void weft_render_begin(struct weft_render *render, const struct weft_scene *scene)
{
    double windows = MAX(scene->view.viewport.height / WEFT_BUDGET_HEIGHT, 1);
    begin(render, windows);
    find_losses(render, scene);
    weft_render_place_tags(render, scene);
}

void weft_render_lane(struct weft_render *render, GtkSnapshot *snapshot,
                      const struct weft_scene *scene, guint row)
{
    if (!weft_scene_visible(scene, row))
        return;
    switch (weft_scene_row(scene, row)->kind) {
    case WEFT_ROW_TASK:
        weft_render_task_lane(render, snapshot, scene, row);
        break;
    case WEFT_ROW_READY:
        weft_render_ready_lane(render, snapshot, scene, row);
        break;
    case WEFT_ROW_CROWD:
        weft_render_crowd_lane(render, snapshot, scene, row);
        break;
    case WEFT_ROW_RESOURCE:
    case WEFT_ROW_POOL:
    case WEFT_ROW_COUNTER:
        weft_render_track_lane(render, snapshot, scene, row);
        break;
    default:
        weft_render_loop_lane(render, snapshot, scene, row);
    }
}

void weft_render_lanes(struct weft_render *render, GtkSnapshot *snapshot,
                       const struct weft_scene *scene)
{
    weft_render_backdrop(render, snapshot, scene);
    for (guint i = 0; i < scene->n_visible; i++) {
        guint row = scene->first + i;
        if (render->log)
            g_string_append_printf(render->log, "-- %s\n", weft_scene_visible(scene, row)->name);
        gtk_snapshot_save(snapshot);
        gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT(0, (float)weft_scene_y(scene, row)));
        weft_render_lane(render, snapshot, scene, row);
        gtk_snapshot_restore(snapshot);
    }
    weft_render_losses(render, snapshot, scene);
}

static void enter(GtkSnapshot *snapshot, double x, double y, double width, double height)
{
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT((float)x, (float)y));
    gtk_snapshot_push_clip(snapshot, &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
}

static void leave(GtkSnapshot *snapshot)
{
    gtk_snapshot_pop(snapshot);
    gtk_snapshot_restore(snapshot);
}

static void draw_corner(struct weft_render *render, GtkSnapshot *snapshot,
                        const struct weft_view *view)
{
    double width = WEFT_METRIC_NAMES, height = weft_render_ruler_height(render);
    g_autofree char *text = weft_view_clock(view, FALSE);
    struct weft_label *label = weft_text(render, WEFT_STYLE_SECONDARY, text);
    weft_fill(render, snapshot, WEFT_ROLE_SIDEBAR, 1, 0, 0, width, height);
    weft_fill(render, snapshot, WEFT_ROLE_LINE, 1, 0, height - 1, width, 1);
    weft_fill(render, snapshot, WEFT_ROLE_LINE, 1, width - 1, 0, 1, height);
    weft_text_draw(render, snapshot, label, WEFT_ROLE_DIM, 12, floor((height - label->height) / 2));
}

/* The legend, and at the right, where there is room, what is shown: "fetch-three · 465 ms". */
static void draw_bottom(struct weft_render *render, GtkSnapshot *snapshot,
                        const struct weft_scene *scene, double width)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    double least, one_line, edge = 12, inner = width - 2 * edge;
    gint64 lasts = weft_viewport_to_ns(viewport) - viewport->from_ns;
    g_autofree char *title = weft_scene_title(weft_model_trace(scene->model));
    g_autofree char *shown = weft_format_duration(lasts);
    g_autofree char *text = g_strdup_printf("%s · %s shown", title, shown);
    weft_render_legend_width(render, &least, &one_line);
    struct weft_label *label = weft_text_cut(render, WEFT_STYLE_SECONDARY, text,
                                             MAX(inner - one_line - WEFT_METRIC_BOTTOM, 0));
    guint lines = weft_render_legend(render, NULL, 0, 0, inner, 0);
    weft_render_legend(render, snapshot, edge, 0, inner, floor(WEFT_METRIC_BOTTOM / lines));
    if (inner - one_line >= WEFT_METRIC_NAMES / 2)
        weft_text_draw(render, snapshot, label, WEFT_ROLE_DIM, width - edge - label->width,
                       floor((WEFT_METRIC_BOTTOM - label->height) / 2));
}

void weft_render_picture(struct weft_render *render, GtkSnapshot *snapshot,
                         const struct weft_scene *scene, double width, double height)
{
    double names = WEFT_METRIC_NAMES, ruler = weft_render_ruler_height(render);
    double top = WEFT_METRIC_MINIMAP + ruler;
    double lanes = height - top - WEFT_METRIC_BOTTOM;
    weft_render_begin(render, scene);
    enter(snapshot, names, top, width - names, lanes);
    weft_render_lanes(render, snapshot, scene);
    weft_render_overlay(render, snapshot, scene);
    leave(snapshot);
    enter(snapshot, 0, top, names, lanes);
    weft_render_names(render, snapshot, scene, names);
    leave(snapshot);
    enter(snapshot, 0, 0, width, WEFT_METRIC_MINIMAP);
    weft_render_minimap(render, snapshot, scene, width, WEFT_METRIC_MINIMAP);
    leave(snapshot);
    enter(snapshot, 0, WEFT_METRIC_MINIMAP, names, ruler);
    draw_corner(render, snapshot, &scene->view);
    leave(snapshot);
    enter(snapshot, names, WEFT_METRIC_MINIMAP, width - names, ruler);
    weft_render_ruler(render, snapshot, scene);
    leave(snapshot);
    enter(snapshot, 0, height - WEFT_METRIC_BOTTOM, width, WEFT_METRIC_BOTTOM);
    weft_fill(render, snapshot, WEFT_ROLE_SIDEBAR, 1, 0, 0, width, WEFT_METRIC_BOTTOM);
    weft_fill(render, snapshot, WEFT_ROLE_LINE, 1, 0, 0, width, 1);
    draw_bottom(render, snapshot, scene, width);
    leave(snapshot);
}
