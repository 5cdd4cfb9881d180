/* learned.h: what a user has done of the lessons, kept in $XDG_STATE_HOME/weft/lessons.ini. */
#ifndef WEFT_LESSONS_LEARNED_H
#define WEFT_LESSONS_LEARNED_H

#include <glib.h>

struct learned {
    gboolean ran, told;
    guint right, asked; /* the last quiz; asked 0: none yet */
};

/* Nothing where nothing can be read. */
struct learned learned_load(const char *lesson);

/* "run · 2 of 3 right"; "" where nothing was done. g_free it. */
char *learned_text(const struct learned *learned);

/* FALSE: it could not be written, and why. */
gboolean learned_store(const char *lesson, const struct learned *learned, GError **error);

#endif
