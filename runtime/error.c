/* error.c: codes with names and messages, all from one table, and error objects for those who say
 * more than a code. */
#include "runtime/error.h"
#include "runtime/task.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *weft_strerror(int code)
{
    switch (code) {
    case 0:
        return "no error";
#define X(name, value, text)                                                                       \
    case WEFT_##name:                                                                              \
        return text;
        WEFT_ERRORS(X)
#undef X
#define X(name, text)                                                                              \
    case UV_##name:                                                                                \
        return text;
        UV_ERRNO_MAP(X)
#undef X
    default:
        return "unknown error";
    }
}

const char *weft_err_name(int code)
{
    switch (code) {
    case 0:
        return "OK";
#define X(name, value, text)                                                                       \
    case WEFT_##name:                                                                              \
        return #name;
        WEFT_ERRORS(X)
#undef X
#define X(name, text)                                                                              \
    case UV_##name:                                                                                \
        return #name;
        UV_ERRNO_MAP(X)
#undef X
    default:
        return "UNKNOWN";
    }
}

static void destroy(void *object)
{
    weft_error *error = object;
    for (size_t i = 0; i < error->n_children; i++)
        weft_unref((void *)(uintptr_t)error->children[i]);
    free(error->children);
    weft_unref(error->cause);
    free(error->message);
    free(error);
}

weft_error *weft__error_new(int code, const char *message, weft_site *site, weft_error *cause)
{
    weft_error *error = calloc(1, sizeof *error);
    if (!error) {
        weft_unref(cause);
        return NULL;
    }
    weft__object_init(&error->object, WEFT__ERROR, destroy);
    error->code = code;
    error->message = message ? strdup(message) : NULL;
    error->site = site;
    error->cause = cause;
    return error;
}

weft_error *weft__error_copy(const weft_error *error)
{
    if (!error)
        return NULL;
    weft_error *copy = weft__error_new(error->code, error->message, error->site,
                                       weft__error_copy(error->cause));
    if (!copy || error->n_children == 0)
        return copy;
    copy->children = calloc(error->n_children, sizeof *copy->children);
    for (size_t i = 0; i < error->n_children && copy->children; i++)
        if ((copy->children[copy->n_children] = weft__error_copy(error->children[i])))
            copy->n_children++;
    return copy;
}

/* Of this thread, for who fails outside any task: a done callback that sets an error, say. */
static __thread weft_error *outside;

weft_error **weft__error_slot(void)
{
    struct weft__task *task = weft__current();
    return task ? &task->error : &outside;
}

void weft__error_put(weft_error **slot, weft_error *error)
{
    weft_error *old = *slot;
    *slot = error;
    weft_unref(old);
}

weft_error *weft__error_claim(weft_error **slot, int code)
{
    weft_error *error = *slot;
    *slot = NULL;
    if (error && error->code == code)
        return error;
    weft_unref(error);
    return NULL;
}

int weft_raise_at(weft_site *site, int code, const char *format, ...)
{
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    weft_error **slot = weft__error_slot();
    /* What was being handled when this was raised is its cause, as in Python. */
    weft_error *cause = *slot;
    *slot = weft__error_new(code, message, site, cause);
    return code;
}

const weft_error *weft_current_error(void)
{
    return *weft__error_slot();
}

int weft_error_code(const weft_error *error)
{
    return error ? error->code : 0;
}

const char *weft_error_message(const weft_error *error)
{
    if (!error)
        return "";
    return error->message ? error->message : weft_strerror(error->code);
}

const weft_error *weft_error_cause(const weft_error *error)
{
    return error ? error->cause : NULL;
}

size_t weft_error_children(const weft_error *error, const weft_error *const **children)
{
    if (children)
        *children = error ? error->children : NULL;
    return error ? error->n_children : 0;
}

static void print_below(const weft_error *error, FILE *to, int depth)
{
    if (!error)
        return;
    print_below(error->cause, to, depth);
    fprintf(to, "%*s%s: %s", 2 * depth, "", weft_err_name(error->code), weft_error_message(error));
    if (error->site)
        fprintf(to, " (%s:%u, in %s)", error->site->file, error->site->line, error->site->func);
    fputc('\n', to);
    for (size_t i = 0; i < error->n_children; i++)
        print_below(error->children[i], to, depth + 1);
}

void weft_error_print(const weft_error *error, FILE *to)
{
    print_below(error, to, 0);
}
