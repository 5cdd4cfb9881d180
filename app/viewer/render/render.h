/* render.h: (scene, palette, Pango context) → GtkSnapshot. Pure: no widget, no display, no clock;
 * the screen, pictures in files, and tests draw through the same functions.
 *
 * Layers of the lanes area, from back to front:
 *     backdrop   canvas, grid, lines between lanes, the selected lane's tint, blocked veils
 *     lane       a lane's own segments and words: one call a row, so that its node can be kept
 *     losses     the chequer of what was lost, through all lanes of its loop
 *     overlay    range, edges, rings, tags, the playhead
 *
 * A weft_render keeps what is costly and depends on no frame: measured PangoLayouts by text and
 * style, pattern textures, glyph nodes. It belongs to one palette and one Pango context.
 *
 * Thread: the main one. */
#ifndef WEFT_RENDER_RENDER_H
#define WEFT_RENDER_RENDER_H

#include "app/viewer/render/palette.h"
#include "app/viewer/render/scene.h"
#include "tracer/model/crowd.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

struct weft_render;

/* The context gives the font family and resolution: a widget's, or one from
 * weft_render_context_new() where there is no widget. text_scale multiplies the font sizes. */
struct weft_render *weft_render_new(const struct weft_palette *palette, PangoContext *context,
                                    double text_scale);
void weft_render_free(struct weft_render *render); /* NULL is fine */
/* For a projector, of 900 px at this text scale: sizes are closer to each other, since from afar
 * the small ones must be read, too. Before anything is drawn. */
#define WEFT_PROJECTOR_SCALE 1.5
void weft_render_project(struct weft_render *render);
double weft_render_scale(const struct weft_render *render); /* of its text */
const struct weft_palette *weft_render_palette(const struct weft_render *render);

/* A Pango context without a display: Cantarell, 96 dpi, no hinting of metrics. */
PangoContext *weft_render_context_new(void);

/* How many device pixels a px has, so that the small drawings kept as pixels (hatches, glyphs) are
 * sharp: gtk_widget_get_scale_factor(). 1 at first; 0 keeps glyphs as outlines, for SVG. */
void weft_render_set_device_scale(struct weft_render *render, int scale);

/* Call once before the calls below for a frame: the budgets begin anew. */
void weft_render_begin(struct weft_render *render, const struct weft_scene *scene);

/* The lanes area: (0,0) is its top left. Each clips itself to the viewport. */
void weft_render_backdrop(struct weft_render *render, GtkSnapshot *snapshot,
                          const struct weft_scene *scene);
/* One row, at (0,0) … (width, row height): the caller translates by weft_scene_y(). What it draws
 * depends on the viewport's times and width, the row's segments, and for LOOP rows the selection.
 */
void weft_render_lane(struct weft_render *render, GtkSnapshot *snapshot,
                      const struct weft_scene *scene, guint row);
/* A row of very many tasks, from its cells (tracer/model/crowd.h), at (0,0): columns of
 * column_width px each, `height` px high. */
void weft_render_crowd(struct weft_render *render, GtkSnapshot *snapshot,
                       const struct weft_crowd_cell *cells, guint columns, double column_width,
                       double height);
void weft_render_losses(struct weft_render *render, GtkSnapshot *snapshot,
                        const struct weft_scene *scene);
void weft_render_overlay(struct weft_render *render, GtkSnapshot *snapshot,
                         const struct weft_scene *scene);
/* The words of what the pointer rests on, as the overlay's tip says them; NULL: there is no tip.
 * g_free it. */
char *weft_render_tip(const struct weft_scene *scene);
/* backdrop, all visible lanes in their places, losses: what is under the overlay. */
void weft_render_lanes(struct weft_render *render, GtkSnapshot *snapshot,
                       const struct weft_scene *scene);

/* The ruler above the lanes, with the playhead's time: viewport width × weft_render_ruler_height().
 */
double weft_render_ruler_height(const struct weft_render *render);
void weft_render_ruler(struct weft_render *render, GtkSnapshot *snapshot,
                       const struct weft_scene *scene);
/* The minimap of the whole trace. */
void weft_render_minimap(struct weft_render *render, GtkSnapshot *snapshot,
                         const struct weft_scene *scene, double width, double height);
/* The names column as a picture, `width` wide, as high as the viewport; a window uses widgets. */
void weft_render_names(struct weft_render *render, GtkSnapshot *snapshot,
                       const struct weft_scene *scene, double width);
/* The legend in lines that are `width` long at most and `line` high; returns how many they are.
 * Without a snapshot nothing is drawn. */
guint weft_render_legend(struct weft_render *render, GtkSnapshot *snapshot, double x, double y,
                         double width, double line);
/* How wide it is where every entry has a line of its own, and in one line. */
void weft_render_legend_width(struct weft_render *render, double *least, double *one_line);
/* Everything: minimap, ruler, names, lanes, overlay, legend. The lanes area must be width −
 * WEFT_METRIC_NAMES wide and height − minimap − ruler − bottom high. */
void weft_render_picture(struct weft_render *render, GtkSnapshot *snapshot,
                         const struct weft_scene *scene, double width, double height);

/* The 12 px glyph of a kind of waiting, in its colour, at (x, y): for the legend, chips, lists. */
void weft_render_glyph(struct weft_render *render, GtkSnapshot *snapshot, enum weft_wait_class wait,
                       double x, double y);
/* What stands beside a state's word, as large as the text: the form that it has in a lane, or its
 * glyph. state: RUNNING, READY, CANCELLING, UNKNOWN or WAITING. */
int weft_render_sign_size(const struct weft_render *render); /* px */
void weft_render_sign(struct weft_render *render, GtkSnapshot *snapshot, guint state,
                      enum weft_wait_class wait, double x, double y);

/* Where an edge of the selection leaves the window, or ends in what a folded row hides, the overlay
 * draws a named chevron: the time, and whom it leads to; as an edge's words lead to its other end.
 * FALSE: (x, y) is on none. */
gboolean weft_render_chevron_at(struct weft_render *render, const struct weft_scene *scene,
                                double x, double y, uint64_t *entity, gint64 *ns);

/* The words that a node is, when this render drew it since its last weft_render_begin(): what
 * makes words again of what GSK has as glyphs. layout is borrowed. FALSE: it is something else. */
struct weft_drawn_words {
    PangoLayout *layout; /* a single line; drawn with its top left at (0,0) */
    GdkRGBA color;
};
gboolean weft_render_words_of(const struct weft_render *render, GskRenderNode *node,
                              struct weft_drawn_words *words);

/* Writes a line to log (borrowed; NULL ends it) for everything drawn from now on, by role and
 * pixel: what golden tests compare, since it holds no font's outline. */
void weft_render_set_log(struct weft_render *render, GString *log);

/* What the last frame cost, for benches and tests. */
struct weft_render_cost {
    guint rectangles, labels, patterns;
};
void weft_render_frame_cost(const struct weft_render *render, struct weft_render_cost *cost);

G_END_DECLS

#endif
