/* examine.h: whether a lesson is whole: its traces open, are of its sources, and say what its
 * answers say. */
#ifndef WEFT_LESSONS_EXAMINE_H
#define WEFT_LESSONS_EXAMINE_H

#include "app/lessons/lesson.h"

/* Adds what is wrong to the lesson's problems. Reads its traces. */
void lesson_examine(struct lesson *lesson);

#endif
