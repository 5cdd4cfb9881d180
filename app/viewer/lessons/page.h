/* page.h: one lesson: its text, what to watch, its C and its Python side by side, its variants, and
 * its questions (question.h). Compares variants (compare.h), opens its recorded traces, and runs it
 * now (run.h). Thread: main. */
#ifndef WEFT_VIEWER_LESSONS_PAGE_H
#define WEFT_VIEWER_LESSONS_PAGE_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFT_TYPE_LESSON_PAGE weft_lesson_page_get_type()
G_DECLARE_FINAL_TYPE(WeftLessonPage, weft_lesson_page, WEFT, LESSON_PAGE, GtkWidget)

/* The lesson of this folder. */
void weft_lesson_page_set(WeftLessonPage *page, const char *folder);

G_END_DECLS

#endif
