/* export.h: the timeline as a picture in a file, drawn without a display. */
#ifndef WEFT_VIEWER_EXPORT_H
#define WEFT_VIEWER_EXPORT_H

#include "app/viewer/render/render.h"

G_BEGIN_DECLS

enum weft_picture_format { WEFT_PICTURE_PNG, WEFT_PICTURE_SVG };

struct weft_picture {
    enum weft_picture_format format;
    const struct weft_palette *palette;
    gint64 from_ns, to_ns; /* equal: the whole trace */
    guint width;           /* px */
    gint64 playhead_ns;    /* WEFT_NO_TIME: none */
    const char *select; /* a task's name, or its id as text; NULL: none. Selected at playhead_ns */
};

/* The whole trace in the light palette, 1440 px wide. */
void weft_picture_init(struct weft_picture *picture);

/* Draws the model, whose pass is done, into file `path`, which is replaced only when all is drawn.
 * As high as its lanes need, up to what a picture can hold: *lanes_left (or NULL) is how many found
 * no room. Needs no display. Errors: G_FILE_ERROR, and WEFT_TRACE_ERROR_FAILED when there is
 * nothing of that name to select or the picture is too large. */
gboolean weft_viewer_export(weft_model *model, const struct weft_picture *picture, const char *path,
                            guint *lanes_left, GError **error);

/* weft-viewer --export png|svg FILE OUT [--from NS] [--to NS] [--palette NAME] [--width PX]
 *                                       [--playhead NS] [--select TASK]
 * Returns the exit code: 0, 2 usage, 3 the input is bad, 4 the system refused. Speaks on stderr. */
int weft_viewer_export_main(int argc, char **argv);

G_END_DECLS

#endif
