/* twin.h: which line of a lesson's Python says what a line of its C says: the lines are compared by
 * their words, in order, so that nothing has to be written beside them. Any thread. */
#ifndef WEFT_LESSONS_TWIN_H
#define WEFT_LESSONS_TWIN_H

#include <glib.h>

/* The Python's line, from 1, of each line of the C, place 0 being line 1; 0: none says the same. Of
 * guint; empty where one of the two is too long. g_array_unref() it. */
GArray *lesson_twins(const char *c, const char *python);

/* The line of the Python for a line of the C: its own, or that of the nearest before it that has
 * one; 0: none. */
guint lesson_twin_of(const GArray *twins, guint line);

#endif
