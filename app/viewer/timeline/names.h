/* names.h: the names column: one header widget for each row in the window, beside its lane. */
#ifndef WEFT_VIEWER_NAMES_H
#define WEFT_VIEWER_NAMES_H

#include "app/viewer/session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFT_TYPE_NAMES weft_names_get_type()
G_DECLARE_FINAL_TYPE(WeftNames, weft_names, WEFT, NAMES, GtkWidget)

void weft_names_set(WeftNames *names, WeftSession *session);

G_END_DECLS

#endif
