/* twin.c: see twin.h. The best pairing in order, as a longest common subsequence is found, where
 * two lines are worth as much as they share words. */
#include "app/lessons/twin.h"

#include <string.h>

enum { LINES_MAX = 300, WORDS_MAX = 40 }; /* each line is compared with each, on the main thread */
#define ALIKE 0.4 /* below that two lines have nothing to do with each other */

/* What is said otherwise in C; "" is said in one of them only. */
static const char *const meanings[][2] = {
    { "try", "await" }, { "break", "await" }, { "puts", "print" }, { "printf", "print" },
    { "weft", "" },     { "asyncio", "" },    { "own", "" },       { "rc", "" },
    { "void", "" },     { "int", "" },        { "char", "" },      { "const", "" },
    { "double", "" },   { "n", "" },          { "f", "" },         { "def", "" },
};

static const char *meaning(const char *word)
{
    for (gsize i = 0; i < G_N_ELEMENTS(meanings); i++)
        if (strcmp(word, meanings[i][0]) == 0)
            return meanings[i][1];
    return word;
}

/* "weft_create_task(boil("egg", 0.6))" → create task boil egg 0 6. */
static GPtrArray *words_of(const char *line)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    while (*line && words->len < WORDS_MAX) {
        gsize length = 0;
        while (g_ascii_isalnum(line[length]))
            length++;
        if (length > 0) {
            g_autofree char *word = g_ascii_strdown(line, (gssize)length);
            const char *said = meaning(word);
            if (*said)
                g_ptr_array_add(words, g_strdup(said));
        }
        line += MAX(length, 1);
    }
    return words;
}

static gboolean has(const GPtrArray *words, const char *word)
{
    for (guint i = 0; i < words->len; i++)
        if (strcmp(words->pdata[i], word) == 0)
            return TRUE;
    return FALSE;
}

/* 0 … 1: the share of their words that both have. */
static double likeness(const GPtrArray *a, const GPtrArray *b)
{
    guint shared = 0;
    if (a->len == 0 || b->len == 0)
        return 0;
    for (guint i = 0; i < a->len; i++)
        shared += has(b, a->pdata[i]);
    for (guint i = 0; i < b->len; i++)
        shared += has(a, b->pdata[i]);
    double share = shared / (double)(a->len + b->len);
    return share >= ALIKE ? share : 0;
}

static GPtrArray *lines_of(const char *text)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    g_auto(GStrv) split = g_strsplit(text, "\n", -1);
    for (char **line = split; *line; line++)
        g_ptr_array_add(lines, words_of(*line));
    return lines;
}

/* best[i][j]: of the first i lines and the first j. */
static void pair_up(const GPtrArray *c, const GPtrArray *python, double *best, GArray *twins)
{
    guint wide = python->len + 1;
    for (guint i = 1; i <= c->len; i++)
        for (guint j = 1; j <= python->len; j++) {
            double like = likeness(c->pdata[i - 1], python->pdata[j - 1]);
            double apart = MAX(best[(i - 1) * wide + j], best[i * wide + j - 1]);
            best[i * wide + j] = like > 0 ? MAX(apart, best[(i - 1) * wide + j - 1] + like) : apart;
        }
    for (guint i = c->len, j = python->len; i > 0 && j > 0;) {
        double here = best[i * wide + j];
        if (here <= best[(i - 1) * wide + j])
            i--;
        else if (here <= best[i * wide + j - 1])
            j--;
        else
            g_array_index(twins, guint, --i) = j--;
    }
}

GArray *lesson_twins(const char *c, const char *python)
{
    GArray *twins = g_array_new(FALSE, TRUE, sizeof(guint));
    g_autoptr(GPtrArray) ours = lines_of(c), theirs = lines_of(python);
    if (ours->len > LINES_MAX || theirs->len > LINES_MAX)
        return twins;
    g_autofree double *best = g_new0(double, (ours->len + 1) * (theirs->len + 1));
    g_array_set_size(twins, ours->len);
    pair_up(ours, theirs, best, twins);
    return twins;
}

guint lesson_twin_of(const GArray *twins, guint line)
{
    for (guint i = MIN(line, twins->len); i > 0; i--)
        if (g_array_index(twins, guint, i - 1))
            return g_array_index(twins, guint, i - 1);
    return 0;
}
