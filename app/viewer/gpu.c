/* gpu.c: see gpu.h. GTK reads its choice from the environment. */
#include "app/viewer/gpu.h"

#include <glib/gstdio.h>
#include <unistd.h>

static const char *variables[3]; /* set here */

static void set(const char *name, const char *value)
{
    guint n = 0;
    if (g_getenv(name))
        return;
    while (variables[n])
        n++;
    variables[n] = name;
    g_setenv(name, value, FALSE);
}

static gboolean any_in(const char *dev, const char *directory, const char *prefix)
{
    g_autofree char *path = g_build_filename(dev, directory, NULL);
    g_autoptr(GDir) devices = g_dir_open(path, 0, NULL);
    gboolean any = FALSE;
    for (const char *name; devices && !any && (name = g_dir_read_name(devices));) {
        g_autofree char *device = g_build_filename(path, name, NULL);
        any = g_str_has_prefix(name, prefix) && g_access(device, R_OK | W_OK) == 0;
    }
    return any;
}

gboolean weft_gpu_any(const char *dev)
{
    return any_in(dev, "dri", "renderD") || any_in(dev, "", "nvidia") || any_in(dev, "", "dxg");
}

void weft_gpu_choose(void)
{
    if (!g_getenv("GSK_RENDERER") && !weft_gpu_any("/dev"))
        set("GSK_RENDERER", "cairo");
    if (g_strcmp0(g_getenv("GSK_RENDERER"), "cairo") == 0)
        set("GDK_DEBUG", "gl-disable");
}

const char *const *weft_gpu_variables(void)
{
    return variables;
}
