/* lessons.h: what the parts of `weft lessons` share. */
#ifndef WEFT_CLI_LESSONS_H
#define WEFT_CLI_LESSONS_H

#include "app/cli/verb.h"
#include "app/lessons/catalogue.h"

struct lessons_settings {
    gint64 at_ns; /* less than 0: all of it */
    gint64 limit_ns;
    const char *variant; /* NULL: the lesson itself */
    gboolean json;
    gboolean terse;
};

/* Each returns the exit code. `path`: of another recording than the lesson's own, NULL: that one.
 */
int lessons_tell(const struct lesson *lesson, const struct lessons_settings *settings,
                 const char *path);
int lessons_show(const struct lesson *lesson);
int lessons_run(const struct lesson *lesson, const struct lessons_settings *settings);
int lessons_quiz(const struct lesson *lesson);

/* Says it when what was done could not be kept. */
struct learned;
void lessons_keep(const struct lesson *lesson, const struct learned *learned);

#endif
