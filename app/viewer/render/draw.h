/* draw.h: what the drawing files share: a frame's brush. Inside render/ and dispatch/ only.
 *
 *     weft_render ── labels: (style, text) → measured layout, its text node per colour
 *                 ├─ tiles: hatch and chequer, one texture each
 *                 ├─ glyphs: one node per kind of waiting
 *                 ├─ triangles: one node per size, direction and colour
 *                 └─ this frame's cost, and the places reserved for tags
 *
 * Everything that is drawn goes through here, so that a frame's budget is counted in one place, and
 * the log (for golden tests: roles and whole pixels, not fonts' outlines) sees all of it. */
#ifndef WEFT_RENDER_DRAW_H
#define WEFT_RENDER_DRAW_H

#include "app/viewer/render/render.h"

enum weft_style {
    WEFT_STYLE_WORDS,     /* 13 */
    WEFT_STYLE_STRONG,    /* 13 bold */
    WEFT_STYLE_SECONDARY, /* 12 */
    WEFT_STYLE_SMALL,     /* 11 */
    WEFT_STYLE_SMALL_STRONG,
    WEFT_STYLE_HEADER, /* 14 */
    WEFT_STYLE_HEADER_STRONG,
    WEFT_STYLE_TITLE, /* 17 bold */
    WEFT_STYLE_CODE,  /* 13, of one width */
    WEFT_STYLE_CODE_STRONG,
    WEFT_STYLES
};

struct weft_label { /* measured text; belongs to the render's cache */
    char *text;
    enum weft_style style;
    int max; /* px it is cut at; < 0: it is not */
    PangoLayout *layout;
    int width, height;
    GskRenderNode *nodes[WEFT_ROLES]; /* drawn at (0,0) in that role's colour */
};

enum weft_tile {
    WEFT_TILE_READY,      /* 15 % tint and / hatch */
    WEFT_TILE_CANCELLING, /* 15 % tint and \ hatch */
    WEFT_TILE_UNKNOWN,    /* 6 px chequer */
    WEFT_TILES
};

struct weft_tag { /* words in a box over the lanes: the selection's, an edge's verb */
    struct weft_label *label;
    gboolean filled; /* accent; else canvas with an accent frame */
    graphene_rect_t box;
};

struct weft_render {
    const struct weft_palette *palette;
    PangoContext *context;
    double scale; /* of text, and of what stands beside it */
    double glyph; /* px */
    PangoFontDescription *fonts[WEFT_STYLES];
    PangoAttrList *tabular; /* figures of one width */
    GHashTable *labels;     /* set of struct weft_label, by text, style and max */
    GHashTable *drawn;      /* the labels' nodes → struct weft_label */
    GdkTexture *tiles[WEFT_TILES];
    GskRenderNode *glyphs[2][WEFT_WAIT_CLASSES]; /* 12 px, and as large as the text */
    GHashTable *triangles;  /* by colour, direction and size → GskRenderNode: GSK sees the same in
                             * the next frame, and paints nothing there anew */
    int device_scale;       /* device pixels a px, for what is kept as pixels; 0: nothing is */
    GskRenderNode *density; /* the minimap's columns, while the model stays the same */
    guint64 density_events;
    gint64 density_end_ns, density_whole_ns;
    double density_width, density_height;
    struct weft_render_cost cost;
    guint label_budget, pattern_budget; /* of this frame: a picture higher than a window has more */
    GString *log;
    GArray *losses; /* of graphene_rect_t: this frame's, which no word crosses */
    /* This frame's tags: placed by weft_render_begin(), before any label. */
    struct weft_tag selection_tag, edge_tags[4];
    gboolean has_selection_tag;
    graphene_rect_t uprights[8]; /* of this frame's edges: two each */
    guint n_uprights;
};

/* A frame without a timeline begins: the budgets begin anew. */
void weft_render_begin_still(struct weft_render *render);

/* ---- Primitives ---- */

void weft_fill(struct weft_render *render, GtkSnapshot *snapshot, enum weft_role role, float alpha,
               double x, double y, double width, double height);
/* Very many of one colour within width × height, none upon another: one node, whatever their
 * number, where each weft_fill() is one that every frame goes through. */
void weft_fill_many(struct weft_render *render, GtkSnapshot *snapshot, enum weft_role role,
                    float alpha, const graphene_rect_t *boxes, guint n, double width,
                    double height);
void weft_frame(struct weft_render *render, GtkSnapshot *snapshot, enum weft_role role, float alpha,
                double x, double y, double width, double height, float thick, float radius);
void weft_round(struct weft_render *render, GtkSnapshot *snapshot, enum weft_role role, float alpha,
                double x, double y, double width, double height, float radius);
/* A waiting bar; where grey must tell the kinds apart, with its kind's dash. */
void weft_bar(struct weft_render *render, GtkSnapshot *snapshot, enum weft_wait_class wait,
              double x, double y, double width, double height, double phase);
/* A patterned box, its phase fixed to time zero (phase: px of time zero). Narrow boxes, and those
 * over the frame's budget, get a flat tint. */
void weft_pattern(struct weft_render *render, GtkSnapshot *snapshot, enum weft_tile tile, double x,
                  double y, double width, double height, double phase);
/* A filled triangle of `size` whole px with its tip at (x, y); direction: 'v' '^' '<' '>'. */
void weft_triangle(struct weft_render *render, GtkSnapshot *snapshot, enum weft_role role, double x,
                   double y, double size, char direction);
/* A dashed line, horizontal or vertical. */
void weft_dashes(struct weft_render *render, GtkSnapshot *snapshot, enum weft_role role, double x,
                 double y, double length, gboolean vertical, double thick, double on, double off);

/* ---- Text (text.c) ---- */

struct weft_label *weft_text(struct weft_render *render, enum weft_style style, const char *text);
/* At most max px wide, its end cut with an ellipsis: for names that users gave. */
struct weft_label *weft_text_cut(struct weft_render *render, enum weft_style style,
                                 const char *text, double max);
void weft_text_draw(struct weft_render *render, GtkSnapshot *snapshot, struct weft_label *label,
                    enum weft_role role, double x, double y);
char *weft_text_count(guint64 n); /* "1,204"; g_free it */
gboolean weft_text_budget(const struct weft_render *render);
void weft_text_init(struct weft_render *render);
void weft_text_finish(struct weft_render *render);
void weft_text_trim(struct weft_render *render); /* between frames */

/* ---- Glyphs and tiles (pattern.c) ---- */

void weft_pattern_finish(struct weft_render *render);
/* weft_render_glyph() as large as the text: render->glyph px. */
void weft_glyph(struct weft_render *render, GtkSnapshot *snapshot, enum weft_wait_class wait,
                double x, double y);

/* ---- Pieces of the picture ---- */

double weft_phase(const struct weft_scene *scene); /* px of time zero, modulo a tile */
/* A span of time in whole px, kept near the window so that float stays exact. */
void weft_span(const struct weft_scene *scene, gint64 from_ns, gint64 to_ns, double *x0,
               double *x1);
void weft_render_task_lane(struct weft_render *render, GtkSnapshot *snapshot,
                           const struct weft_scene *scene, guint row);
void weft_render_loop_lane(struct weft_render *render, GtkSnapshot *snapshot,
                           const struct weft_scene *scene, guint row);
void weft_render_ready_lane(struct weft_render *render, GtkSnapshot *snapshot,
                            const struct weft_scene *scene, guint row);
void weft_render_crowd_lane(struct weft_render *render, GtkSnapshot *snapshot,
                            const struct weft_scene *scene, guint row);
void weft_render_track_lane(struct weft_render *render, GtkSnapshot *snapshot,
                            const struct weft_scene *scene, guint row);
/* How high a value is drawn that has no greatest one: slower and slower, so that one is seen, and a
 * thousand fit. */
double weft_value_height(guint64 value, double room);
/* All runs of merged segments: tint and line as high as the running share, above a waiting bar of
 * `bar` px where one is. */
void weft_render_merged(struct weft_render *render, GtkSnapshot *snapshot,
                        const struct weft_scene *scene, const GArray *segments, double top,
                        double bar, double base);
/* The last index of the run of merged segments that begins at `first`; and its "148×". */
guint weft_merged_end(const GArray *segments, guint first);
struct weft_label *weft_merged_label(struct weft_render *render, enum weft_style style,
                                     const GArray *segments, guint first, guint last);
/* Where a row's boxes stand, from the row's top. */
void weft_row_box(const struct weft_row *row, double scale, double *top, double *base);
void weft_render_place_tags(struct weft_render *render, const struct weft_scene *scene);
/* The tag that lies on this box of the lanes area; NULL: none does. */
const graphene_rect_t *weft_render_tag_at(const struct weft_render *render,
                                          const graphene_rect_t *box);
/* Moves *x right, past tags and edges, until words of this size lie on none; FALSE: not before
 * `limit`, their right end, or there is a loss. y is of the lanes area. */
gboolean weft_render_find_place(const struct weft_render *render, double y, double height,
                                double width, double limit, double *x);
/* The step between the ruler's labels, and the first tick at or before the left edge. */
gint64 weft_ruler_step(const struct weft_scene *scene, gint64 *first_ns);

#endif
