/* golden.h: what is drawn, against a log of it (golden/NAME.txt: roles, whole pixels, words). After
 * a wanted change: WEFT_UPDATE_GOLDEN=1, and read the difference. */
#ifndef WEFT_TESTS_VIEWER_GOLDEN_H
#define WEFT_TESTS_VIEWER_GOLDEN_H

#include <pango/pango.h>

/* Draws what `data` says, and returns the log. */
typedef char *golden_draw(gconstpointer data, PangoContext *context);

/* Skips the test where the font is not installed. */
void golden_check(const char *name, golden_draw *draw, gconstpointer data);

#endif
