/* newfile.c: see newfile.h. */
#include "app/cli/newfile.h"
#include "app/cli/failure.h"
#include "tracer/trace/numbering.h"

#include <glib/gstdio.h>
#include <string.h>

int newfile_check(const struct verb *verb, const char *path)
{
    GStatBuf status;
    if (strcmp(path, "-") == 0)
        return failure_usage(verb, "-o -: a trace needs a file, it cannot go to stdout (a file "
                                   "of that name is './-')");
    if (weft_may_replace(path))
        return -1;
    if (g_stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return failure_usage(verb, "'%s' is no regular file: a trace needs one", path);
    return failure_usage(verb, "'%s' exists and is no trace: remove it, or name another with -o",
                         path);
}

gboolean newfile_is(const char *path, const char *other)
{
    GStatBuf a, b;
    return g_stat(path, &a) == 0 && g_stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}
