/* catalogue.h: where lessons are: the user's own, in $XDG_DATA_HOME/weft/lessons, and those that
 * came with Weft; WEFT_LESSONS is the folder of the latter, if it is set. */
#ifndef WEFT_LESSONS_CATALOGUE_H
#define WEFT_LESSONS_CATALOGUE_H

#include "app/lessons/lesson.h"

/* All of them, of struct lesson *, in the order of their folders' names; an own one hides one of
 * the same name. g_ptr_array_unref() it. */
GPtrArray *catalogue_lessons(void);

/* The lesson that the folder is; or, if it holds some, those. g_ptr_array_unref() it. */
GPtrArray *catalogue_in(const char *folder);

/* "gather-or-not", "03-gather-or-not", "3"; or a folder, written with a '/'. NULL: there is none.
 * lesson_free() it. */
struct lesson *catalogue_find(const char *name);

/* The program that a lesson's source was built into: in the folder itself; or beside Weft, of one
 * that came with it. NULL: there is none. g_free it. */
char *catalogue_program(const struct lesson *lesson, const char *variant);

#endif
