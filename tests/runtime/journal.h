/* journal.h: what happened, in order, as one string: the tests' way to compare with asyncio. */
#ifndef WEFT_TEST_JOURNAL_H
#define WEFT_TEST_JOURNAL_H

#include <glib.h>
#include <stdarg.h>

static GString *journal;

/* "word word word" */
static inline void G_GNUC_PRINTF(1, 2) note(const char *format, ...)
{
    va_list args;
    if (!journal)
        journal = g_string_new(NULL);
    if (journal->len > 0)
        g_string_append_c(journal, ' ');
    va_start(args, format);
    g_string_append_vprintf(journal, format, args);
    va_end(args);
}

/* Compares and begins anew. */
static inline void expect(const char *wanted)
{
    char *was = journal ? g_string_free(journal, FALSE) : g_strdup("");
    journal = NULL;
    g_assert_cmpstr(was, ==, wanted);
    g_free(was);
}

#endif
