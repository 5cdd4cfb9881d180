/* run.h: a lesson's program, run and recorded now, and watched in a tab; one that never ends is
 * ended after half a minute, and nobody reads what it prints. Thread: main. */
#ifndef WEFT_VIEWER_LESSONS_RUN_H
#define WEFT_VIEWER_LESSONS_RUN_H

#include "app/lessons/lesson.h"
#include "app/viewer/window.h"

/* variant: NULL: the lesson's own. FALSE: it cannot be run; a toast says why. */
gboolean weft_lesson_run(WeftWindow *window, const struct lesson *lesson, const char *variant);

#endif
