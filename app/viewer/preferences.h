/* preferences.h: the window in which settings are chosen. */
#ifndef WEFT_VIEWER_PREFERENCES_H
#define WEFT_VIEWER_PREFERENCES_H

#include <adwaita.h>

G_BEGIN_DECLS

/* Over `parent`; NULL: none. Without settings (settings.h) there is nothing to choose, and nothing
 * is shown. */
void weft_preferences_show(GtkWindow *parent);

G_END_DECLS

#endif
