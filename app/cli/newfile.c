/* newfile.c: see newfile.h. */
#include "app/cli/newfile.h"
#include "app/cli/failure.h"
#include "tracer/trace/numbering.h"

#include <glib/gstdio.h>

gboolean newfile_may_replace(const char *path)
{
    return weft_may_replace(path);
}

int newfile_refuse(const struct verb *verb, const char *path)
{
    return failure_usage(verb, "'%s' exists and is no trace: remove it, or name another with -o",
                         path);
}

gboolean newfile_is(const char *path, const char *other)
{
    GStatBuf a, b;
    return g_stat(path, &a) == 0 && g_stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}
