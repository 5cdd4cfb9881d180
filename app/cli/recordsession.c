/* recordsession.c: see recordsession.h. */
#include "app/cli/recordsession.h"

#include <string.h>

/* The environment that a process began with: texts, each with its NUL. One that has ended, and was
 * not waited for yet, has none. */
static gboolean has_session(const char *pid, const char *session)
{
    g_autofree char *path = g_build_filename("/proc", pid, "environ", NULL);
    g_autofree char *environment = NULL;
    gsize size;
    if (!g_file_get_contents(path, &environment, &size, NULL))
        return FALSE;
    for (const char *at = environment; at < environment + size; at += strlen(at) + 1)
        if (g_str_has_prefix(at, "WEFT_SESSION=") &&
            strcmp(at + strlen("WEFT_SESSION="), session) == 0)
            return TRUE;
    return FALSE;
}

guint recordsession_count(const char *session)
{
    guint n = 0;
    g_autoptr(GDir) proc = g_dir_open("/proc", 0, NULL);
    for (const char *name; proc && (name = g_dir_read_name(proc));)
        n += g_ascii_isdigit(*name) && has_session(name, session);
    return n;
}
