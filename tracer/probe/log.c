/* log.c: see log.h. */
#include "tracer/probe/log.h"
#include <stdarg.h>
#include <stdio.h>

static weft_log_function *log_function;

void weft_set_log_function(weft_log_function *function)
{
    __atomic_store_n(&log_function, function, __ATOMIC_RELEASE);
}

void weft_log(const char *format, ...)
{
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    weft_log_function *function = __atomic_load_n(&log_function, __ATOMIC_ACQUIRE);
    if (function)
        function(message);
    else
        fprintf(stderr, "weft: %s\n", message);
}
