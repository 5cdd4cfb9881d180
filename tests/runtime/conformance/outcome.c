/* outcome.c: what things came to, in the words that both interpreters use. */
#include "interpreter.h"
#include "runtime/error.h"
#include "runtime/future.h"
#include <limits.h>

/* What scenarios fail with of their own, and what libweft does. */
enum { FAILURE_A = -31001, FAILURE_B, FAILURE_C, FAILURE_D };

static const struct {
    const char *word;
    int code;
} failures[] = {
    { "A", FAILURE_A },
    { "B", FAILURE_B },
    { "C", FAILURE_C },
    { "D", FAILURE_D },
    { "cancelled", WEFT_ECANCELED },
    { "timeout", WEFT_ETIMEDOUT },
    { "invalid-state", WEFT_EINVALSTATE },
    { "empty", WEFT_EEMPTY },
    { "full", WEFT_EFULL },
    { "shutdown", WEFT_ESHUTDOWN },
    { "broken", WEFT_EBROKEN },
    { "group", WEFT_EGROUP },
    { "stop", WEFT_ESTOPITER },
    { "incomplete", WEFT_EINCOMPLETE },
    { "limit", WEFT_ELIMIT },
    { "closed", WEFT_ECLOSED },
    /* RuntimeError and ValueError. */
    { "misuse", UV_EINVAL },
    { "misuse", UV_EBUSY },
    { "misuse", WEFT_ENOTASK },
    { "misuse", WEFT_EDEADLOCK },
    { "misuse", WEFT_ELOOP },
    { "misuse", WEFT_ENOTHELD },
};

static const char *word_of(int code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(failures); i++)
        if (failures[i].code == code)
            return failures[i].word;
    return weft_err_name(code);
}

int code_of(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(failures); i++)
        if (g_str_equal(failures[i].word, word))
            return failures[i].code;
    g_error("no such failure: %s", word);
}

bool catches(const char *word, int code)
{
    if (g_str_equal(word, "any"))
        return code != WEFT_ECANCELED && code != WEFT_ECLOSED;
    return g_str_equal(word, word_of(code));
}

void write_failure(GString *to, int code, const weft_error *error)
{
    g_string_append(to, code < 0 ? word_of(code) : "ok");
    if (code == WEFT_ECANCELED && error && error->message)
        g_string_append_printf(to, " \"%s\"", error->message);
    const weft_error *const *children;
    size_t n = weft_error_children(error, &children);
    for (size_t i = 0; i < n; i++) {
        g_string_append(to, i > 0 ? ", " : "(");
        write_failure(to, weft_error_code(children[i]), children[i]);
    }
    g_string_append(to, n > 0 ? ")" : "");
}

void write_value(GString *to, long value)
{
    if (value == NONE)
        g_string_append(to, "ok");
    else
        g_string_append_printf(to, "%ld", value);
}

long value_of(weft_future *future)
{
    bool has_value = future->state == WEFT__RESULT && future->result_size == sizeof(long);
    return has_value ? weft_result(future, long) : NONE;
}

void write_state(GString *to, weft_future *future)
{
    if (future->state == WEFT__PENDING) {
        g_string_append(to, "pending");
    } else if (future->state != WEFT__RESULT) {
        const weft_error *error = future->state == WEFT__CANCELLED ? NULL : future->error;
        write_failure(to, future->code, error);
    } else if (future->object.type == WEFT__GATHER) {
        g_string_append_c(to, '[');
        for (size_t i = 0; i < weft_gather_count(future); i++) {
            g_string_append(to, i > 0 ? ", " : "");
            weft_future *child = weft_gather_child(future, i);
            if (child->state == WEFT__RESULT)
                write_state(to, child);
            else
                write_failure(to, child->code, child->error);
        }
        g_string_append_c(to, ']');
    } else {
        write_value(to, value_of(future));
    }
}
