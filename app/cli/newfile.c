/* newfile.c: see newfile.h. */
#include "app/cli/newfile.h"
#include "app/cli/failure.h"
#include "tracer/trace/trace.h"

#include <glib/gstdio.h>

gboolean newfile_may_replace(const char *path)
{
    GStatBuf status;
    if (g_stat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0)
        return TRUE;
    GError *error = NULL;
    weft_trace_unref(weft_trace_open(path, &error));
    gboolean other = g_error_matches(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NOT_A_TRACE);
    g_clear_error(&error);
    return !other;
}

int newfile_refuse(const struct verb *verb, const char *path)
{
    return failure_usage(verb, "'%s' exists and is no trace: remove it, or name another with -o",
                         path);
}
