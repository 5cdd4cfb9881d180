/* export.h: the timeline as a picture in a file, drawn without a display: for a slide, a report of
 * a fault, a printer. */
#ifndef WEFT_VIEWER_EXPORT_H
#define WEFT_VIEWER_EXPORT_H

#include "app/viewer/render/render.h"

G_BEGIN_DECLS

enum weft_picture_format {
    WEFT_PICTURE_PNG,
    WEFT_PICTURE_SVG, /* its words are words: they can be found, copied and edited */
    WEFT_PICTURE_PDF,
    WEFT_PICTURE_FORMATS
};
/* "png", "svg", "pdf". Static. */
const char *weft_picture_format_name(enum weft_picture_format format);
/* FALSE: there is none of that name. */
gboolean weft_picture_format_named(const char *name, enum weft_picture_format *format);

struct weft_picture {
    enum weft_picture_format format;
    const struct weft_palette *palette;
    gint64 from_ns, to_ns; /* equal: the whole trace */
    guint width;           /* px */
    gboolean all_lanes;    /* as high as they need, a PDF on as many pages; else a slide, 16:9 */
    gint64 playhead_ns;    /* WEFT_NO_TIME: none */
    const char *select; /* a task's name, or its id as text; NULL: none. Selected at playhead_ns */
};

/* The whole trace in the light palette, 1440 px wide, a slide. */
void weft_picture_init(struct weft_picture *picture);

/* Draws the model, whose pass is done, and returns the bytes of a file in the picture's format.
 * *lanes_left (or NULL) is how many lanes found no room. Needs no display. Errors:
 * WEFT_TRACE_ERROR_FAILED when there is nothing of that name to select or the picture is too large.
 * g_bytes_unref it. Thread: the model's. */
GBytes *weft_picture_draw(weft_model *model, const struct weft_picture *picture, guint *lanes_left,
                          GError **error);
/* As that, into file `path`, which is replaced only when all is drawn. Errors: G_FILE_ERROR, too.
 */
gboolean weft_viewer_export(weft_model *model, const struct weft_picture *picture, const char *path,
                            guint *lanes_left, GError **error);

/* weft-viewer --export png|svg|pdf FILE OUT [--from NS] [--to NS] [--palette NAME] [--width PX]
 *                                           [--all-lanes] [--playhead NS] [--select TASK]
 * Returns the exit code: 0, 2 usage, 3 the input is bad, 4 the system refused. Speaks on stderr. */
int weft_viewer_export_main(int argc, char **argv);

G_END_DECLS

#endif
