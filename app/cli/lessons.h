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
};

/* Each returns the exit code. A lesson's trace is told: `path` is another recording of it, or NULL.
 */
int lessons_tell(const struct lesson *lesson, const struct lessons_settings *settings,
                 const char *path);
int lessons_run(const struct lesson *lesson, const struct lessons_settings *settings);
int lessons_quiz(const struct lesson *lesson);

/* Says it when what was done could not be kept. */
struct learned;
void lessons_keep(const struct lesson *lesson, const struct learned *learned);

#endif
