/* question.h: a question of a lesson: a place to say something, then the answer; where the trace
 * knows it, it is computed from there, in a worker, and compared. "settled" (gboolean right): it
 * was answered, or given up. Thread: main. */
#ifndef WEFT_VIEWER_LESSONS_QUESTION_H
#define WEFT_VIEWER_LESSONS_QUESTION_H

#include "app/lessons/lesson.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFT_TYPE_LESSON_QUESTION weft_lesson_question_get_type()
G_DECLARE_FINAL_TYPE(WeftLessonQuestion, weft_lesson_question, WEFT, LESSON_QUESTION, GtkWidget)

/* The lesson's question of this place, from 0; the lesson is not kept. */
WeftLessonQuestion *weft_lesson_question_new(const struct lesson *lesson, guint place);

G_END_DECLS

#endif
