/* source-panel.h: the source at a line, read-only, where the file is found. */
#ifndef WEFT_VIEWER_SOURCE_PANEL_H
#define WEFT_VIEWER_SOURCE_PANEL_H

#include "tracer/trace/trace.h"
#include <adwaita.h>

G_BEGIN_DECLS

/* The path of a source file as the compiler named it, around the trace's program or the trace;
 * NULL: it is in none of these places. Any thread. g_free it. */
char *weft_source_find(const char *file, const weft_trace *trace);

/* Whether this file was changed since the trace was recorded, and since the trace's own file: its
 * lines may be others. Those of one checkout are of one time, however late. Any thread. */
gboolean weft_source_changed(const char *path, const weft_trace *trace);

#define WEFT_TYPE_SOURCE_PANEL weft_source_panel_get_type()
G_DECLARE_FINAL_TYPE(WeftSourcePanel, weft_source_panel, WEFT, SOURCE_PANEL, AdwBin)

/* Shows the site's file at its line. FALSE, and hides itself, when there is no such file to
 * be found around the trace's program or the trace. */
gboolean weft_source_panel_show(WeftSourcePanel *panel, const struct weft_trace_site *site,
                                const weft_trace *trace);
/* Shows a file, with this line lit; 0: none is, and the one before stays in view. FALSE, and hides
 * itself: it cannot be read as text. */
gboolean weft_source_panel_show_file(WeftSourcePanel *panel, const char *path, unsigned line);
/* It is as high as its file, but no higher than so many lines; before this all are of one height.
 */
void weft_source_panel_set_most_lines(WeftSourcePanel *panel, guint lines);
/* The file shown; NULL: none. Borrowed. */
const char *weft_source_panel_path(WeftSourcePanel *panel);

G_END_DECLS

#endif
