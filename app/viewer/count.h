/* count.h: counts as they are read: 2,914. */
#ifndef WEFT_VIEWER_COUNT_H
#define WEFT_VIEWER_COUNT_H

#include <glib.h>

/* With a comma every three digits, whatever the locale: as the timeline's own words have it.
 * g_free it. Any thread. */
char *weft_count(guint64 n);

#endif
