/* code-pane.h: a C source at a line; and where a Python file of the same name lies beside it, that
 * one, at the line that says the same (app/lessons/twin.h). Thread: main. */
#ifndef WEFT_VIEWER_DISPATCH_CODE_PANE_H
#define WEFT_VIEWER_DISPATCH_CODE_PANE_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFT_TYPE_CODE_PANE weft_code_pane_get_type()
G_DECLARE_FINAL_TYPE(WeftCodePane, weft_code_pane, WEFT, CODE_PANE, GtkWidget)

/* source NULL: the file shown stays, no line of it lit. */
void weft_code_pane_show(WeftCodePane *pane, const char *source, unsigned line);
/* The line of the Python that is lit; 0: none, or there is none. */
guint weft_code_pane_twin(WeftCodePane *pane);

G_END_DECLS

#endif
