/* scenario.h: the scenario language's files, as trees of statements. README.md describes it.
 *
 *      statement -> body -> statement -> next ...      what is indented under a line is its body */
#ifndef WEFT_CONFORMANCE_SCENARIO_H
#define WEFT_CONFORMANCE_SCENARIO_H

#include <glib.h>
#include <stdbool.h>

enum { WORDS_MAX = 16 };

struct statement {
    char *text;            /* the line, without indentation and colon */
    char *target;          /* NAME =, or NULL                         */
    bool awaits;           /* await …                                 */
    char *object;          /* of OBJECT.METHOD, else NULL             */
    char *word[WORDS_MAX]; /* the verb and its arguments, then NULL   */
    struct statement *next, *body;
    int indent;
};

struct scenario {
    char *name;
    bool real;             /* over real input and output: the clock's time, no iterations */
    char *since;           /* the Python from which the log holds, "weft", or NULL: no log */
    GString *text, *log;   /* as written, each line with its newline                       */
    struct statement main; /* its body is the scenario                                     */
    char *own_log;         /* what libweft did, once it ran                                */
};

/* The scenarios of a file, which may be compressed (.gz); a file that is not there is an error. */
GPtrArray *scenarios_load(const char *path);
/* The same of text that is in memory. */
GPtrArray *scenarios_read(const char *text);
/* The next line of the text, without its newline; moves on to the one behind it. NULL: there is
 * none. Free it with g_free. */
char *next_line(const char **text);
/* The `def NAME():` of that name; NULL: none. */
struct statement *scenario_find(struct scenario *scenario, const char *name);

#endif
