/* lesson.h: a lesson: a folder of plain files, read and looked through.
 *
 *      NN-name/   lesson.c lesson.py lesson.md trace.weft
 *                 NAME.c NAME.py NAME.weft     of each variant that lesson.md lists
 *
 *      lesson.md: # TITLE
 *                 TEXT …
 *                 ## What to watch
 *                 - ITEM …
 *                 ## Variants                  may be missing
 *                 - `NAME`: TEXT …
 *                 ## Questions
 *                 1. QUESTION …
 *                    *ANSWER …*
 *                    `QUERY` = VALUE           what the trace says of it, fact.h: may be missing
 *                    given `QUERY` = VALUE     or what the question takes for granted
 *
 * A lesson that is not whole is read all the same: what is wrong with it is in its problems. Any
 * thread. */
#ifndef WEFT_LESSONS_LESSON_H
#define WEFT_LESSONS_LESSON_H

#include <glib.h>

struct lesson_variant {
    char *name, *text;
    guint line; /* of lesson.md */
};

struct lesson_fact {     /* what a trace says (fact.h), and what that is to be */
    char *query, *value; /* NULL: nothing */
    guint line;
};

struct lesson_question {
    char *text, *answer; /* NULL: it has none */
    guint line;
    struct lesson_fact said;  /* the answer, computed */
    struct lesson_fact given; /* what it takes for granted: asks "why", or "what if" */
};

struct lesson {
    char *folder;         /* its path */
    char *name;           /* "gather-or-not" of "03-gather-or-not" */
    guint number;         /* 3; 0: the folder's name has none */
    char *title, *text;   /* never NULL */
    GPtrArray *watch;     /* of char * */
    GPtrArray *variants;  /* of struct lesson_variant * */
    GPtrArray *questions; /* of struct lesson_question * */
    GPtrArray *problems;  /* of char *: "FOLDER/lesson.md:7: what is wrong there" */
};

/* Reads lesson.md and looks whether the other files are there. lesson_free() it. */
struct lesson *lesson_read(const char *folder);
void lesson_free(struct lesson *lesson); /* NULL is fine */

/* Whether it lists this variant. */
gboolean lesson_has_variant(const struct lesson *lesson, const char *variant);

/* FOLDER/lesson.c, or the variant's, for ".c"; ".py" and ".weft" likewise. `variant`: NULL for the
 * lesson itself. g_free it. */
char *lesson_file(const struct lesson *lesson, const char *variant, const char *ending);

/* Notes a problem: of a file of the folder, at a line; 0: of all of it. */
void lesson_problem(struct lesson *lesson, const char *file, guint line, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

#endif
