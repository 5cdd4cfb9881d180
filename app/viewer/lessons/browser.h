/* browser.h: the lessons: a list on the left, with what the user has done, and the one that is
 * chosen on the right (page.h). The list is read anew each time it is shown, in a worker; the
 * lesson that is chosen stays as it is, with the answers given so far.
 * Thread: main. */
#ifndef WEFT_VIEWER_LESSONS_BROWSER_H
#define WEFT_VIEWER_LESSONS_BROWSER_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFT_TYPE_LESSONS weft_lessons_get_type()
G_DECLARE_FINAL_TYPE(WeftLessons, weft_lessons, WEFT, LESSONS, GtkWidget)

/* Whether they have been read; for tests. */
gboolean weft_lessons_ready(WeftLessons *lessons);
/* Chooses one by its name; FALSE: there is none of that name. */
gboolean weft_lessons_choose(WeftLessons *lessons, const char *name);

G_END_DECLS

#endif
