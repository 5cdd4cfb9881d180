/* conditionparser.c: the text of a condition to its terms. condition.h has the grammar. Total: any
 * bytes give terms or an error with the column, counted in characters from 1. */
#include "tracer/trace/conditionterm.h"
#include "tracer/trace/trace.h"
#include <string.h>

struct parser {
    const char *begin, *at, *end;
    const struct weft_condition_rule *rules; /* NULL: none */
    GError **error;
};

/* What follows a term's word. */
enum shape {
    SHAPE_ALONE,
    SHAPE_SPAN,
    SHAPE_NUMBER,
    SHAPE_TEXT,
    SHAPE_NAME_NUMBER,
    SHAPE_SEVERITY,
    SHAPE_RULE
};

static const struct {
    const char *word;
    enum shape shape;
} words[WEFT_TERM_RULE] = {
    [WEFT_TERM_SLICE] = { "slice", SHAPE_SPAN },
    [WEFT_TERM_READY] = { "ready", SHAPE_SPAN },
    [WEFT_TERM_WAIT] = { "wait", SHAPE_SPAN },
    [WEFT_TERM_ITERATION] = { "iteration", SHAPE_SPAN },
    [WEFT_TERM_TASKS] = { "tasks", SHAPE_NUMBER },
    [WEFT_TERM_LOST] = { "lost", SHAPE_NUMBER },
    [WEFT_TERM_ERROR] = { "error", SHAPE_ALONE },
    [WEFT_TERM_MARK] = { "mark", SHAPE_TEXT },
    [WEFT_TERM_COUNTER] = { "counter", SHAPE_NAME_NUMBER },
    [WEFT_TERM_FINDING] = { "finding", SHAPE_SEVERITY },
};

/* ---- Characters ---- */

static gboolean expected(struct parser *p, const char *at, const char *what)
{
    guint column = 1;
    for (const char *c = p->begin; c < at; c++)
        column += ((guchar)*c & 0xc0) != 0x80; /* UTF-8: what continues a character is none */
    g_set_error(p->error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED, "expected %s at column %u",
                what, column);
    return FALSE;
}

static gboolean is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static void skip_blanks(struct parser *p)
{
    while (p->at < p->end && is_blank(*p->at))
        p->at++;
}

/* Takes this character, and the blanks around it. */
static gboolean take(struct parser *p, char c)
{
    skip_blanks(p);
    if (p->at == p->end || *p->at != c)
        return FALSE;
    p->at++;
    skip_blanks(p);
    return TRUE;
}

/* The letters from here on. */
static gsize letters(const struct parser *p)
{
    gsize n = 0;
    while (p->at + n < p->end && g_ascii_isalpha(p->at[n]))
        n++;
    return n;
}

static gboolean is_word(const struct parser *p, gsize length, const char *word)
{
    return strlen(word) == length && memcmp(p->at, word, length) == 0;
}

/* ---- Values ---- */

static gboolean take_digits(struct parser *p, guint64 *value)
{
    const char *from = p->at;
    for (*value = 0; p->at < p->end && g_ascii_isdigit(*p->at); p->at++)
        if (!g_uint64_checked_mul(value, *value, 10) ||
            !g_uint64_checked_add(value, *value, (guint64)(*p->at - '0')))
            return FALSE;
    return p->at > from;
}

/* The digits behind the point, as a part of `scale`; those too fine for it are dropped. */
static guint64 take_fraction(struct parser *p, guint64 *scale)
{
    guint64 value = 0;
    for (*scale = 1; p->at < p->end && g_ascii_isdigit(*p->at); p->at++) {
        if (*scale == 1000000000)
            continue;
        value = value * 10 + (guint64)(*p->at - '0');
        *scale *= 10;
    }
    return value;
}

static guint64 take_unit(struct parser *p)
{
    static const struct {
        const char *name;
        guint64 ns;
    } units[] = { { "ns", 1 },
                  { "us", 1000 },
                  { "ms", 1000000 },
                  { "s", 1000000000 },
                  { "m", 60 * G_GUINT64_CONSTANT(1000000000) },
                  { "h", 3600 * G_GUINT64_CONSTANT(1000000000) } };
    gsize length = letters(p);
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++)
        if (is_word(p, length, units[i].name)) {
            p->at += length;
            return units[i].ns;
        }
    return 0;
}

static gboolean take_duration(struct parser *p, gint64 *ns)
{
    const char *from = p->at;
    guint64 whole, part = 0, scale = 1, total;
    gboolean number = take_digits(p, &whole);
    if (number && p->at < p->end && *p->at == '.') {
        p->at++;
        part = take_fraction(p, &scale);
        number = scale > 1;
    }
    guint64 unit = number ? take_unit(p) : 0;
    guint64 rest = (guint64)((unsigned __int128)part * unit / scale);
    if (unit == 0 || !g_uint64_checked_mul(&total, whole, unit) ||
        !g_uint64_checked_add(&total, total, rest) || total > G_MAXINT64)
        return expected(p, from, "a duration like 100ms");
    *ns = (gint64)total;
    return TRUE;
}

static gboolean take_number(struct parser *p, gboolean may_be_negative, gint64 *number)
{
    const char *from = p->at;
    gboolean negative = may_be_negative && p->at < p->end && *p->at == '-';
    p->at += negative;
    guint64 value;
    if (!take_digits(p, &value) || value > G_MAXINT64)
        return expected(p, from, "a number like 1000");
    *number = negative ? -(gint64)value : (gint64)value;
    return TRUE;
}

/* Up to the quote that ends it. */
static gboolean take_quoted(struct parser *p, char **text)
{
    const char *from = p->at;
    char quote = *p->at++;
    GString *plain = g_string_new(NULL);
    for (; p->at < p->end && *p->at != quote; p->at++) {
        if (*p->at == '\\' && p->at + 1 < p->end)
            p->at++;
        g_string_append_c(plain, *p->at);
    }
    gboolean ended = p->at < p->end;
    p->at += ended;
    *text = g_string_free(plain, FALSE);
    return ended || expected(p, from, "a text whose quote is closed");
}

/* A word up to a blank, or to `until`; or a text in quotes. */
static gboolean take_text(struct parser *p, char until, const char *what, char **text)
{
    const char *from = p->at;
    if (p->at < p->end && (*p->at == '"' || *p->at == '\''))
        return take_quoted(p, text) && (**text || expected(p, from, what));
    while (p->at < p->end && !is_blank(*p->at) && *p->at != until)
        p->at++;
    if (p->at == from)
        return expected(p, from, what);
    *text = g_strndup(from, (gsize)(p->at - from));
    return TRUE;
}

/* ---- Terms ---- */

static void clear_term(gpointer data)
{
    struct weft_term *term = data;
    g_free(term->text);
    g_free(term->name);
    g_clear_pointer(&term->strings, g_hash_table_unref);
    g_clear_pointer(&term->counters, g_hash_table_unref);
}

static gboolean take_severity(struct parser *p, char **name)
{
    static const char *const severities[] = { "hint", "warning", "error" };
    if (!take(p, '='))
        return expected(p, p->at, "'='");
    gsize length = letters(p);
    for (gsize i = 0; i < G_N_ELEMENTS(severities); i++)
        if (is_word(p, length, severities[i])) {
            *name = g_strdup(severities[i]);
            p->at += length;
            return TRUE;
        }
    return expected(p, p->at, "hint, warning or error");
}

/* Its threshold, when one is given. */
static gboolean take_limit_of_rule(struct parser *p, const struct weft_condition_rule *rule,
                                   struct weft_term *term)
{
    const char *behind = p->at;
    term->name = g_strdup(rule->id);
    term->limit = -1;
    if (rule->takes != WEFT_RULE_ALONE && take(p, '>'))
        return rule->takes == WEFT_RULE_SPAN ? take_duration(p, &term->limit)
                                             : take_number(p, FALSE, &term->limit);
    p->at = behind;
    return TRUE;
}

static gboolean take_rest(struct parser *p, enum shape shape,
                          const struct weft_condition_rule *rule, struct weft_term *term)
{
    switch (shape) {
    case SHAPE_SEVERITY:
        return take_severity(p, &term->name);
    case SHAPE_RULE:
        return take_limit_of_rule(p, rule, term);
    case SHAPE_ALONE:
        return TRUE;
    case SHAPE_TEXT:
        if (!take(p, '='))
            return expected(p, p->at, "'='");
        return take_text(p, '\0', "the text of a mark", &term->name);
    case SHAPE_NAME_NUMBER:
        skip_blanks(p);
        if (!take_text(p, '>', "the name of a counter", &term->name))
            return FALSE;
        break;
    case SHAPE_SPAN:
    case SHAPE_NUMBER:
        break;
    }
    if (!take(p, '>'))
        return expected(p, p->at, "'>'");
    return shape == SHAPE_SPAN ? take_duration(p, &term->limit)
                               : take_number(p, shape == SHAPE_NAME_NUMBER, &term->limit);
}

/* Takes the word that a term begins with. */
static gboolean take_word(struct parser *p, enum weft_term_kind *kind,
                          const struct weft_condition_rule **rule)
{
    gsize length = letters(p);
    for (guint i = 0; i < WEFT_TERM_RULE - (p->rules ? 0 : 1); i++)
        if (is_word(p, length, words[i].word)) {
            p->at += length;
            *kind = (enum weft_term_kind)i;
            return TRUE;
        }
    while (p->at + length < p->end && (g_ascii_isalpha(p->at[length]) || p->at[length] == '-'))
        length++;
    for (*rule = p->rules; *rule && (*rule)->id; ++*rule)
        if (is_word(p, length, (*rule)->id)) {
            p->at += length;
            *kind = WEFT_TERM_RULE;
            return TRUE;
        }
    return expected(p, p->at,
                    p->rules ? "slice, ready, wait, iteration, tasks, lost, error, mark, counter, "
                               "finding or a finding's rule"
                             : "slice, ready, wait, iteration, tasks, lost, error, mark or "
                               "counter");
}

static gboolean take_term(struct parser *p, GArray *terms)
{
    enum weft_term_kind kind = WEFT_TERM_FINDING;
    const struct weft_condition_rule *rule = NULL;
    skip_blanks(p);
    const char *from = p->at;
    if (!take_word(p, &kind, &rule))
        return FALSE;
    if (terms->len == WEFT_CONDITION_TERMS_MAX)
        return expected(p, from, "the end: 64 terms are the most");
    struct weft_term none = { .kind = kind, .limit_ticks = UINT64_MAX };
    g_array_append_val(terms, none); /* freed with the array, whatever comes */
    struct weft_term *term = &g_array_index(terms, struct weft_term, terms->len - 1);
    gboolean ok = take_rest(p, rule ? SHAPE_RULE : words[kind].shape, rule, term);
    term->text = g_strndup(from, (gsize)(p->at - from));
    return ok;
}

static gboolean take_terms(struct parser *p, GArray *terms)
{
    for (;;) {
        if (!take_term(p, terms))
            return FALSE;
        const char *behind = p->at;
        skip_blanks(p);
        if (p->at == p->end)
            return TRUE;
        if (behind == p->at || !is_word(p, letters(p), "or"))
            return expected(p, p->at, "'or' or the end");
        p->at += 2;
    }
}

GArray *weft_condition_parse_terms(const char *text, gsize size,
                                   const struct weft_condition_rule *rules, GError **error)
{
    text = size ? text : ""; /* NULL has no end */
    struct parser p = { text, text, text + size, rules, error };
    GArray *terms = g_array_new(FALSE, TRUE, sizeof(struct weft_term));
    g_array_set_clear_func(terms, clear_term);
    if (take_terms(&p, terms))
        return terms;
    g_array_unref(terms);
    return NULL;
}
