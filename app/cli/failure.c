/* failure.c: errors → exit codes and messages. */
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "tracer/trace/trace.h"

#include <stdarg.h>

int failure_usage(const struct verb *verb, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (verb)
        output_message("%s: %s (see 'weft %s --help')", verb->name, what, verb->name);
    else
        output_message("%s (see 'weft --help')", what);
    g_free(what);
    return EXIT_USAGE;
}

int failure_exit_code(const GError *error)
{
    if (error->domain != WEFT_TRACE_ERROR)
        return EXIT_SYSTEM;
    switch ((enum weft_trace_error)error->code) {
    case WEFT_TRACE_ERROR_NOT_A_TRACE:
    case WEFT_TRACE_ERROR_VERSION:
    case WEFT_TRACE_ERROR_CORRUPT:
    case WEFT_TRACE_ERROR_CONFLICT:
        return EXIT_INPUT;
    case WEFT_TRACE_ERROR_IO:
    case WEFT_TRACE_ERROR_NO_PROCESS:
    case WEFT_TRACE_ERROR_FAILED:
    case WEFT_TRACE_ERROR_NO_ANSWER:
        break;
    }
    return EXIT_SYSTEM;
}

int failure_error(GError *error)
{
    int code = failure_exit_code(error);
    output_message("%s", error->message);
    g_error_free(error);
    return code;
}
