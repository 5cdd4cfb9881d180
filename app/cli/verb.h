/* verb.h: what a verb of `weft` is: one table entry, from which its parsing, its --help and its
 * tests are made, and one function, in a file of the verb's own name.
 *
 *      main.c: verbs[] --argv--> options.c: settings, operands --> verb->run() --> exit code */
#ifndef WEFT_CLI_VERB_H
#define WEFT_CLI_VERB_H

#include <glib.h>

/* Exit codes: scripts depend on them. */
enum {
    EXIT_DONE = 0,
    EXIT_FOUND = 1,  /* a check or a comparison found something */
    EXIT_USAGE = 2,  /* the command line makes no sense */
    EXIT_INPUT = 3,  /* the input is bad */
    EXIT_SYSTEM = 4, /* the system refused */
};

enum option_kind {
    OPTION_FLAG,    /* gboolean */
    OPTION_TEXT,    /* const char *, as given */
    OPTION_LIST,    /* char *: words with commas between them; given again, more of them */
    OPTION_CHOICE,  /* const char *, one of the words in `value`: "auto|always|never" */
    OPTION_COUNT,   /* guint64 */
    OPTION_SIZE,    /* guint64: bytes; 64K, 16M, 2G */
    OPTION_SECONDS, /* gint64: ns; a plain number is seconds, 500ms is 500 ms */
    OPTION_MOMENT,  /* gint64: ns since the trace's start; a plain number is ns */
};

struct option {
    const char *name; /* "output": --output */
    char letter;      /* 'o': -o; 0: none */
    enum option_kind kind;
    const char *value; /* "FILE"; NULL for a flag */
    const char *help;
    gsize offset;          /* of its field in the verb's settings */
    gboolean positive;     /* 0 is refused: in the settings it stands for "not given" */
    const char *otherwise; /* the value when only the name is given; else it comes behind a '=' */
};

/* --color, of a verb whose text has colours: its settings have a `color` for output_has_colour().
 */
#define OPTION_COLOR(settings)                                                                     \
    {                                                                                              \
        "color", 0, OPTION_CHOICE, "auto|always|never",                                            \
            "auto, the default: on a terminal, unless NO_COLOR is set",                            \
            G_STRUCT_OFFSET(settings, color)                                                       \
    }

struct verb {
    const char *name;
    const char *usage;            /* what follows the name: "FILE [--json]" */
    const char *summary;          /* one line */
    const char *details;          /* the paragraphs of --help below the summary */
    const struct option *options; /* ends with a NULL name */
    gsize settings_size;
    const void *defaults; /* the settings when no option is given */
    guint min_operands, max_operands;
    const char *missing;  /* what to say when there are too few operands */
    gboolean passes_rest; /* the first operand ends the options: the rest belongs to a program */

    /* Does it; returns the exit code. `operands` ends with NULL. */
    int (*run)(const void *settings, char **operands);
};

extern const struct verb record_verb, view_verb, ps_verb, tree_verb, top_verb, report_verb,
    dump_verb, export_verb, check_verb, diff_verb, recover_verb, repair_verb, cut_verb, merge_verb,
    ctl_verb, lessons_verb;

#endif
