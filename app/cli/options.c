/* options.c: parsing and printing a verb's table. Long options take --name VALUE and --name=VALUE,
 * short ones -x VALUE and -xVALUE; options and operands mix, until "--". A value that may be left
 * out ("[=SECONDS]") takes only --name=VALUE and -xVALUE. */
#include "app/cli/options.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"

#include <string.h>

/* ---- "Did you mean" ---- */

/* Edits (insert, delete, replace, swap two neighbours) between two words. */
static guint edit_distance(const char *a, const char *b)
{
    gsize la = strlen(a);
    gsize lb = strlen(b);
    guint *rows = g_new(guint, 3 * (lb + 1));
    guint *before = rows;
    guint *last = rows + lb + 1;
    guint *row = rows + 2 * (lb + 1);
    for (gsize j = 0; j <= lb; j++)
        last[j] = (guint)j;
    for (gsize i = 1; i <= la; i++) {
        row[0] = (guint)i;
        for (gsize j = 1; j <= lb; j++) {
            guint edits = last[j - 1] + (a[i - 1] != b[j - 1]);
            edits = MIN(edits, MIN(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                edits = MIN(edits, before[j - 2] + 1);
            row[j] = edits;
        }
        guint *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    guint distance = last[lb];
    g_free(rows);
    return distance;
}

const char *options_nearest(const char *typed, const char *const *words)
{
    gsize length = strlen(typed);
    if (length < 2 || length > 64)
        return NULL;
    const char *nearest = NULL;
    guint best = length <= 4 ? 2 : 3; /* fewer edits than this are a slip of the finger */
    for (; *words; words++) {
        guint distance = g_str_has_prefix(*words, typed) ? 1 : edit_distance(typed, *words);
        if (distance < best) {
            best = distance;
            nearest = *words;
        }
    }
    return nearest;
}

/* ---- Parsing ---- */

static const struct option *find_long(const struct verb *verb, const char *name, gsize length)
{
    for (const struct option *option = verb->options; option->name; option++)
        if (strlen(option->name) == length && memcmp(option->name, name, length) == 0)
            return option;
    return NULL;
}

static const struct option *find_short(const struct verb *verb, char letter)
{
    for (const struct option *option = verb->options; option->name; option++)
        if (option->letter == letter)
            return option;
    return NULL;
}

static int unknown_long(const struct verb *verb, const char *name, gsize length)
{
    GPtrArray *names = g_ptr_array_new();
    for (const struct option *option = verb->options; option->name; option++)
        g_ptr_array_add(names, (gpointer)option->name);
    g_ptr_array_add(names, (gpointer) "help");
    g_ptr_array_add(names, (gpointer) "version");
    g_ptr_array_add(names, NULL);
    char *typed = g_strndup(name, length);
    const char *nearest = options_nearest(typed, (const char *const *)names->pdata);
    int code = nearest ? failure_usage(verb, "there is no option '--%s'; did you mean '--%s'?",
                                       typed, nearest)
                       : failure_usage(verb, "there is no option '--%s'", typed);
    g_free(typed);
    g_ptr_array_free(names, TRUE);
    return code;
}

static gboolean is_choice(const char *choices, const char *value)
{
    char **words = g_strsplit(choices, "|", -1);
    gboolean found = g_strv_contains((const char *const *)words, value);
    g_strfreev(words);
    return found;
}

/* What an option's value should have looked like. */
static const char *expected(const struct option *option)
{
    switch (option->kind) {
    case OPTION_COUNT:
        return "a whole number";
    case OPTION_SIZE:
        return "a size such as 64K, 16M or 2G";
    case OPTION_SECONDS:
        return "a time such as 10, 1.5s or 500ms (a plain number is seconds)";
    case OPTION_MOMENT:
        return "a time such as 10ms, 1.5s or 1500000 (a plain number is ns)";
    case OPTION_CHOICE:
        return option->value;
    case OPTION_FLAG:
    case OPTION_TEXT:
    case OPTION_LIST:
        break;
    }
    return "a text that is not empty";
}

static void append_word(char **list, const char *word)
{
    char *longer = *list ? g_strconcat(*list, ",", word, NULL) : g_strdup(word);
    g_free(*list);
    *list = longer;
}

/* Stores `value` (NULL for a flag) in the option's field. FALSE: that is no value of its kind. */
static gboolean store(const struct option *option, const char *value, void *settings)
{
    void *field = (char *)settings + option->offset;
    switch (option->kind) {
    case OPTION_FLAG:
        *(gboolean *)field = TRUE;
        return TRUE;
    case OPTION_TEXT:
        *(const char **)field = value;
        return *value != '\0';
    case OPTION_LIST:
        append_word(field, value);
        return *value != '\0';
    case OPTION_CHOICE:
        *(const char **)field = value;
        return is_choice(option->value, value);
    case OPTION_COUNT:
        return quantity_parse_count(value, field);
    case OPTION_SIZE:
        return quantity_parse_size(value, field);
    case OPTION_SECONDS:
        return quantity_parse_time(value, 1000000000, field);
    case OPTION_MOMENT:
        return quantity_parse_time(value, 1, field);
    }
    return FALSE;
}

static gboolean is_zero(const struct option *option, const void *settings)
{
    return *(const guint64 *)(const void *)((const char *)settings + option->offset) == 0;
}

struct parser {
    const struct verb *verb;
    char **next; /* what is not yet read of argv */
    void *settings;
    GPtrArray *operands;
    const struct option *bare; /* the last one whose value was left out */
};

/* One option whose name was read; `value` is what was attached to it, or NULL. */
static int take_option(struct parser *parser, const struct option *option, const char *spelled,
                       const char *value)
{
    if (option->kind == OPTION_FLAG) {
        if (value)
            return failure_usage(parser->verb, "%s takes no value, but got '%s'", spelled, value);
    } else if (value == NULL && option->otherwise) {
        value = option->otherwise;
        parser->bare = option;
    } else if (value == NULL) {
        value = *parser->next;
        if (value == NULL)
            return failure_usage(parser->verb, "%s needs a value: %s", spelled, option->value);
        parser->next++;
    }
    if (!store(option, value, parser->settings))
        return failure_usage(parser->verb, "%s '%s': expected %s", spelled, value,
                             expected(option));
    if (option->positive && is_zero(option, parser->settings))
        return failure_usage(parser->verb, "%s '%s': expected more than 0", spelled, value);
    return -1;
}

static int take_long(struct parser *parser, const char *name)
{
    const struct verb *verb = parser->verb;
    gsize length = strcspn(name, "=");
    const char *value = name[length] == '=' ? name + length + 1 : NULL;
    const struct option *option = find_long(verb, name, length);
    if (option) {
        char *spelled = g_strdup_printf("--%s", option->name);
        int code = take_option(parser, option, spelled, value);
        g_free(spelled);
        return code;
    }
    if (value && (strncmp(name, "help=", 5) == 0 || strncmp(name, "version=", 8) == 0))
        return failure_usage(verb, "--%.*s takes no value", (int)length, name);
    if (strcmp(name, "help") == 0) {
        char *help = options_help(verb);
        fputs(help, stdout);
        g_free(help);
        return EXIT_DONE;
    }
    if (strcmp(name, "version") == 0) {
        puts("weft " WEFT_VERSION);
        return EXIT_DONE;
    }
    return unknown_long(verb, name, length);
}

/* "-qo FILE", "-oFILE": flags, and at the end an option with its value. */
static int take_short(struct parser *parser, const char *letters)
{
    for (; *letters; letters++) {
        if (*letters == 'h')
            return take_long(parser, "help");
        const struct option *option = find_short(parser->verb, *letters);
        if (!option)
            return failure_usage(parser->verb, "there is no option '-%s'", letters);
        char spelled[] = { '-', *letters, '\0' };
        gboolean attached = option->kind != OPTION_FLAG && letters[1] != '\0';
        int code = take_option(parser, option, spelled, attached ? letters + 1 : NULL);
        if (code >= 0 || attached)
            return code;
    }
    return -1;
}

static int parse_all(struct parser *parser)
{
    gboolean only_operands = FALSE;
    while (*parser->next) {
        const char *argument = *parser->next++;
        int code = -1;
        if (!only_operands && strcmp(argument, "--") == 0) {
            only_operands = TRUE;
        } else if (!only_operands && g_str_has_prefix(argument, "--")) {
            code = take_long(parser, argument + 2);
        } else if (!only_operands && argument[0] == '-' && argument[1] != '\0') {
            code = take_short(parser, argument + 1);
        } else {
            g_ptr_array_add(parser->operands, (gpointer)argument);
            only_operands |= parser->verb->passes_rest;
        }
        if (code >= 0)
            return code;
    }
    return -1;
}

static int one_too_many(const struct parser *parser)
{
    const struct verb *verb = parser->verb;
    const struct option *bare = parser->bare;
    const char *operand = parser->operands->pdata[verb->max_operands];
    if (bare)
        return failure_usage(verb, "'%s' is one too many; a value of --%s is attached: --%s%s",
                             operand, bare->name, bare->name, bare->value);
    return failure_usage(verb, "'%s' is one too many: the usage is 'weft %s %s'", operand,
                         verb->name, verb->usage);
}

int options_parse(const struct verb *verb, char **argv, void *settings, char ***operands)
{
    struct parser parser = { verb, argv, settings, g_ptr_array_new(), NULL };
    *operands = NULL;
    int code = parse_all(&parser);
    guint n = parser.operands->len;
    if (code < 0 && n < verb->min_operands)
        code = failure_usage(verb, "%s", verb->missing);
    else if (code < 0 && n > verb->max_operands)
        code = one_too_many(&parser);
    g_ptr_array_add(parser.operands, NULL);
    if (code < 0)
        *operands = (char **)g_ptr_array_free(parser.operands, FALSE);
    else
        g_ptr_array_free(parser.operands, TRUE);
    return code;
}

void options_finish(const struct verb *verb, void *settings)
{
    for (const struct option *option = verb->options; option->name; option++)
        if (option->kind == OPTION_LIST)
            g_free(*(char **)(void *)((char *)settings + option->offset));
    g_free(settings);
}

/* ---- Help ---- */

enum { TEXT_COLUMN = 30 };

static void append_option(GString *help, const char *letter, const char *name, const char *value,
                          const char *text)
{
    gsize start = help->len;
    g_string_append_printf(help, "  %s--%s%s%s", letter, name, value && *value != '[' ? " " : "",
                           value ? value : "");
    gsize width = help->len - start;
    if (width + 2 > TEXT_COLUMN) { /* too long to stand beside its text */
        g_string_append_c(help, '\n');
        width = 0;
    }
    g_string_append_printf(help, "%*s%s\n", (int)(TEXT_COLUMN - width), "", text);
}

char *options_help(const struct verb *verb)
{
    GString *help = g_string_new(NULL);
    g_string_append_printf(help, "Usage: weft %s %s\n\n%s.\n", verb->name, verb->usage,
                           verb->summary);
    if (verb->details)
        g_string_append_printf(help, "\n%s\n", verb->details);
    g_string_append(help, "\nOptions:\n");
    for (const struct option *option = verb->options; option->name; option++) {
        char letter[] = { '-', option->letter, ',', ' ', '\0' };
        append_option(help, option->letter ? letter : "    ", option->name, option->value,
                      option->help);
    }
    append_option(help, "-h, ", "help", NULL, "print this");
    append_option(help, "    ", "version", NULL, "print the version");
    g_string_append_printf(help, "\nManual: man weft-%s\n", verb->name);
    return g_string_free(help, FALSE);
}
