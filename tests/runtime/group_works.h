/* group_works.h: what the groups of the tests do, and what came of them. */
#ifndef WEFT_TEST_GROUP_WORKS_H
#define WEFT_TEST_GROUP_WORKS_H

#include "journal.h"
#include "runtime/weft.h"

/* Steps back `yields` times; then, or when it is cancelled, fails with what is not 0. */
WEFT_ASYNC(void, works, const char *, name, int, yields, int, error, int, late)
{
    for (int i = 0; i < yields; i++) {
        int rc = weft_await(weft_sleep(0));
        if (rc < 0) {
            note("%s-%s", name, weft_err_name(rc));
            return late < 0 ? late : rc;
        }
    }
    note("%s", name);
    return error;
}

/* Until it is cancelled, then cleans up that many iterations long. */
WEFT_ASYNC(void, cleans_up, const char *, name, int, yields, int, error)
{
    int rc = weft_await(weft_sleep(3600));
    for (int i = 0; i < yields; i++)
        weft_await(weft_sleep(0));
    note("%s-cleaned", name);
    return error ? error : rc;
}

WEFT_ASYNC(void, swallows, const char *, name)
{
    int rc = weft_await(weft_sleep(3600));
    note("%s-swallows-%s", name, weft_err_name(rc));
    return 0;
}

WEFT_ASYNC(void, nothing)
{
    return 0;
}

static inline void append_error(const weft_error *error, GString *text)
{
    const weft_error *const *children;
    size_t n = weft_error_children(error, &children);
    g_string_append(text, weft_err_name(weft_error_code(error)));
    for (size_t i = 0; i < n; i++) {
        g_string_append_c(text, i == 0 ? '[' : ' ');
        append_error(children[i], text);
    }
    if (n > 0)
        g_string_append_c(text, ']');
}

/* "EGROUP[EIO EPERM]" */
static inline void note_error(int rc)
{
    if (rc != WEFT_EGROUP) {
        note("%s", weft_err_name(rc));
        return;
    }
    g_assert_cmpint(weft_error_code(weft_current_error()), ==, rc);
    GString *text = g_string_new(NULL);
    append_error(weft_current_error(), text);
    note("%s", text->str);
    g_string_free(text, TRUE);
}

static inline int cancelling(void)
{
    return weft_cancelling(weft_current_task());
}

#endif
