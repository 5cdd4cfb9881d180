/* settings.h: what the viewer remembers between two runs: data/settings/org.weft.Weft.gschema.xml
 * lists it. */
#ifndef WEFT_VIEWER_SETTINGS_H
#define WEFT_VIEWER_SETTINGS_H

#include <gio/gio.h>

G_BEGIN_DECLS

/* NULL: the schema is neither installed nor beside the program, and nothing is remembered.
 * Borrowed; main thread. */
GSettings *weft_settings(void);

G_END_DECLS

#endif
