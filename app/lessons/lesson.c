/* lesson.c: see lesson.h. lesson.md line by line: a heading opens a part, a mark at the beginning
 * of a line an item of it, and what is indented below goes on with the item. */
#include "app/lessons/lesson.h"

#include <glib/gstdio.h>
#include <string.h>

enum { TEXT_MAX = 1024 * 1024 };

enum part { PART_NONE, PART_TEXT, PART_WATCH, PART_VARIANTS, PART_QUESTIONS, PART_UNKNOWN };

struct reader {
    struct lesson *lesson;
    enum part part;
    guint line;
    char **open; /* the text that an indented line goes on with; NULL: none */
};

void lesson_problem(struct lesson *lesson, const char *file, guint line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *path = g_build_filename(lesson->folder, file, NULL);
    g_ptr_array_add(lesson->problems, line ? g_strdup_printf("%s:%u: %s", path, line, what)
                                           : g_strdup_printf("%s: %s", path, what));
}

#define PROBLEM(reader, ...)                                                                       \
    lesson_problem((reader)->lesson, "lesson.md", (reader)->line, __VA_ARGS__)

/* ---- Items ---- */

static void go_on(struct reader *r, char **text, const char *more)
{
    char *longer = *text && **text ? g_strconcat(*text, " ", more, NULL) : g_strdup(more);
    g_free(*text);
    *text = longer;
    r->open = text;
}

static struct lesson_question *last_question(const struct reader *r)
{
    GPtrArray *questions = r->lesson->questions;
    return questions->len ? questions->pdata[questions->len - 1] : NULL;
}

/* "`NAME`: TEXT". A name becomes the name of files. */
static void add_variant(struct reader *r, const char *item)
{
    const char *end = *item == '`' ? strstr(item + 1, "`: ") : NULL;
    g_autofree char *name = end ? g_strndup(item + 1, (gsize)(end - item - 1)) : g_strdup("");
    if (*name == '\0' || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name)) {
        PROBLEM(r, "a variant is written - `name-of-it`: what is different");
        r->open = NULL;
        return;
    }
    if (lesson_has_variant(r->lesson, name) || strcmp(name, "lesson") == 0 ||
        strcmp(name, "trace") == 0)
        PROBLEM(r, "the name '%s' is taken", name);
    struct lesson_variant *variant = g_new0(struct lesson_variant, 1);
    variant->name = g_steal_pointer(&name);
    variant->line = r->line;
    go_on(r, &variant->text, end + 3);
    g_ptr_array_add(r->lesson->variants, variant);
}

#define GIVEN "given "

/* "`QUERY` = VALUE", the answer; or "given `QUERY` = VALUE". */
static void add_fact(struct reader *r, struct lesson_question *question, const char *text)
{
    gboolean given = g_str_has_prefix(text, GIVEN);
    struct lesson_fact *fact = given ? &question->given : &question->said;
    text += given ? strlen(GIVEN) : 0;
    const char *end = strstr(text + 1, "` = ");
    if (!end || end == text + 1 || end[4] == '\0')
        PROBLEM(r, "what the trace says is written `query` = value");
    else if (fact->query)
        PROBLEM(r, "this question has a query already");
    else
        *fact = (struct lesson_fact){ g_strndup(text + 1, (gsize)(end - text - 1)),
                                      g_strdup(end + 4), r->line };
    r->open = NULL;
}

static void add_question(struct reader *r, const char *text)
{
    struct lesson_question *question = g_new0(struct lesson_question, 1);
    question->line = r->line;
    g_ptr_array_add(r->lesson->questions, question);
    go_on(r, &question->text, text);
}

/* What is indented below a question: more of it, its answer, what the trace says. */
static void read_below_question(struct reader *r, const char *text)
{
    struct lesson_question *question = last_question(r);
    if (question && *text == '*' && !question->answer)
        go_on(r, &question->answer, text);
    else if (question && (*text == '`' || g_str_has_prefix(text, GIVEN "`")) && question->answer &&
             g_str_has_suffix(question->answer, "*"))
        add_fact(r, question, text);
    else if (r->open)
        go_on(r, r->open, text);
    else
        PROBLEM(r, "this belongs to nothing: a question begins with '1. '");
}

/* ---- Lines ---- */

static void read_heading(struct reader *r, const char *heading)
{
    static const char *const parts[] = {
        [PART_WATCH] = "What to watch", [PART_VARIANTS] = "Variants", [PART_QUESTIONS] = "Questions"
    };
    r->open = NULL;
    r->part = PART_UNKNOWN;
    for (enum part part = PART_WATCH; part <= PART_QUESTIONS; part++)
        if (strcmp(heading, parts[part]) == 0)
            r->part = part;
    if (r->part == PART_UNKNOWN)
        PROBLEM(r, "there is no part '%s': What to watch, Variants and Questions are", heading);
}

static void read_title(struct reader *r, const char *title)
{
    if (r->part != PART_NONE)
        PROBLEM(r, "a second title");
    if (*title == '\0')
        PROBLEM(r, "the title is empty");
    g_free(r->lesson->title);
    r->lesson->title = g_strdup(title);
    r->part = PART_TEXT;
}

static void read_text(struct reader *r, const char *line)
{
    char *longer = g_strconcat(r->lesson->text, line, "\n", NULL);
    g_free(r->lesson->text);
    r->lesson->text = longer;
}

static void read_item(struct reader *r, const char *line)
{
    gsize digits = strspn(line, "0123456789");
    gboolean dash = g_str_has_prefix(line, "- ");
    if (r->part == PART_QUESTIONS && digits > 0 && g_str_has_prefix(line + digits, ". ")) {
        add_question(r, line + digits + 2);
    } else if (r->part == PART_WATCH && dash) {
        g_ptr_array_add(r->lesson->watch, NULL);
        go_on(r, (char **)&r->lesson->watch->pdata[r->lesson->watch->len - 1], line + 2);
    } else if (r->part == PART_VARIANTS && dash) {
        add_variant(r, line + 2);
    } else if (r->part != PART_UNKNOWN) {
        PROBLEM(r, r->part == PART_NONE ? "it does not begin with '# ' and a title"
                   : r->part == PART_QUESTIONS
                       ? "this belongs to nothing: a question begins with '1. '"
                       : "this belongs to nothing: an item begins with '- '");
        r->part = r->part == PART_NONE ? PART_UNKNOWN : r->part;
    }
}

static void read_line(struct reader *r, const char *line)
{
    const char *text = line + strspn(line, " ");
    if (g_str_has_prefix(line, "# "))
        read_title(r, line + 2);
    else if (g_str_has_prefix(line, "## "))
        read_heading(r, line + 3);
    else if (r->part == PART_TEXT)
        read_text(r, line);
    else if (*text == '\0')
        r->open = r->part == PART_QUESTIONS ? r->open : NULL;
    else if (text > line && r->part == PART_QUESTIONS)
        read_below_question(r, text);
    else if (text > line && r->open)
        go_on(r, r->open, text);
    else
        read_item(r, line);
}

/* ---- All of it ---- */

static void end_question(struct lesson *lesson, struct lesson_question *question)
{
    gsize length = question->answer ? strlen(question->answer) : 0;
    if (length < 3 || question->answer[length - 1] != '*') {
        lesson_problem(lesson, "lesson.md", question->line,
                       "this question has no answer: below it, *between stars*");
        return;
    }
    char *answer = g_strndup(question->answer + 1, length - 2);
    g_free(question->answer);
    question->answer = answer;
}

static void end(struct lesson *lesson)
{
    g_strstrip(lesson->text);
    if (*lesson->text == '\0')
        lesson_problem(lesson, "lesson.md", 0, "no text below its title");
    if (lesson->watch->len == 0)
        lesson_problem(lesson, "lesson.md", 0, "nothing below '## What to watch'");
    if (lesson->questions->len == 0)
        lesson_problem(lesson, "lesson.md", 0, "no questions below '## Questions'");
    for (guint i = 0; i < lesson->questions->len; i++)
        end_question(lesson, lesson->questions->pdata[i]);
}

/* NULL, and a problem, when it is no text. */
static char *read_file(struct lesson *lesson)
{
    g_autofree char *path = g_build_filename(lesson->folder, "lesson.md", NULL);
    g_autofree char *text = NULL;
    gsize length;
    const char *bad;
    g_autoptr(GError) error = NULL;
    GStatBuf status;
    if (g_stat(path, &status) < 0 || !S_ISREG(status.st_mode)) /* a pipe's opening never returns */
        lesson_problem(lesson, "lesson.md", 0, "there is no such file");
    else if (status.st_size > TEXT_MAX)
        lesson_problem(lesson, "lesson.md", 0, "it is larger than 1 MiB");
    else if (!g_file_get_contents(path, &text, &length, &error))
        lesson_problem(lesson, "lesson.md", 0, "%s", error->message);
    else if (!g_utf8_validate_len(text, length, &bad))
        lesson_problem(lesson, "lesson.md", 0, "it is not UTF-8 from byte %zu on",
                       (size_t)(bad - text));
    else
        return g_steal_pointer(&text);
    return NULL;
}

static void look_for_files(struct lesson *lesson, const char *variant, guint line)
{
    static const char *const endings[] = { ".c", ".py", ".weft" };
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *path = lesson_file(lesson, variant, endings[i]);
        g_autofree char *base = g_path_get_basename(path);
        if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
            continue;
        if (variant)
            lesson_problem(lesson, "lesson.md", line, "there is no file '%s'", base);
        else
            lesson_problem(lesson, base, 0, "there is no such file");
    }
}

static void read_name(struct lesson *lesson)
{
    g_autofree char *base = g_path_get_basename(lesson->folder);
    gsize digits = strspn(base, "0123456789");
    gboolean numbered = digits > 0 && base[digits] == '-' && base[digits + 1];
    lesson->name = g_strdup(numbered ? base + digits + 1 : base);
    lesson->number = numbered && digits < 9 ? (guint)g_ascii_strtoull(base, NULL, 10) : 0;
}

static void free_variant(gpointer data)
{
    struct lesson_variant *variant = data;
    g_free(variant->name);
    g_free(variant->text);
    g_free(variant);
}

static void clear_fact(struct lesson_fact *fact)
{
    g_free(fact->query);
    g_free(fact->value);
}

static void free_question(gpointer data)
{
    struct lesson_question *question = data;
    g_free(question->text);
    g_free(question->answer);
    clear_fact(&question->said);
    clear_fact(&question->given);
    g_free(question);
}

struct lesson *lesson_read(const char *folder)
{
    struct lesson *lesson = g_new0(struct lesson, 1);
    lesson->folder = g_strdup(folder);
    read_name(lesson);
    lesson->title = g_strdup(lesson->name);
    lesson->text = g_strdup("");
    lesson->watch = g_ptr_array_new_with_free_func(g_free);
    lesson->variants = g_ptr_array_new_with_free_func(free_variant);
    lesson->questions = g_ptr_array_new_with_free_func(free_question);
    lesson->problems = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *text = read_file(lesson);
    if (text) {
        struct reader r = { .lesson = lesson };
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line; line++) {
            r.line++;
            read_line(&r, g_strchomp(*line));
        }
        end(lesson);
    }
    look_for_files(lesson, NULL, 0);
    for (guint i = 0; i < lesson->variants->len; i++) {
        const struct lesson_variant *variant = lesson->variants->pdata[i];
        look_for_files(lesson, variant->name, variant->line);
    }
    return lesson;
}

void lesson_free(struct lesson *lesson)
{
    if (!lesson)
        return;
    g_free(lesson->folder);
    g_free(lesson->name);
    g_free(lesson->title);
    g_free(lesson->text);
    g_ptr_array_unref(lesson->watch);
    g_ptr_array_unref(lesson->variants);
    g_ptr_array_unref(lesson->questions);
    g_ptr_array_unref(lesson->problems);
    g_free(lesson);
}

gboolean lesson_has_variant(const struct lesson *lesson, const char *variant)
{
    for (guint i = 0; i < lesson->variants->len; i++)
        if (strcmp(((struct lesson_variant *)lesson->variants->pdata[i])->name, variant) == 0)
            return TRUE;
    return FALSE;
}

char *lesson_file(const struct lesson *lesson, const char *variant, const char *ending)
{
    gboolean trace = !variant && strcmp(ending, ".weft") == 0;
    g_autofree char *base = g_strconcat(trace     ? "trace"
                                        : variant ? variant
                                                  : "lesson",
                                        ending, NULL);
    return g_build_filename(lesson->folder, base, NULL);
}
