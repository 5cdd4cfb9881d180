/* gpu_test.c: with a GPU or without. */
#include "app/viewer/gpu.h"
#include "tests/remove_all.h"

#include <glib/gstdio.h>

static gboolean any_with(const char *dev, const char *directory, const char *name, int mode)
{
    g_autofree char *path = g_build_filename(dev, directory, NULL);
    g_autofree char *device = g_build_filename(path, name, NULL);
    g_mkdir_with_parents(path, 0755);
    g_assert_true(g_file_set_contents(device, "", 0, NULL));
    g_assert_cmpint(g_chmod(device, mode), ==, 0);
    gboolean any = weft_gpu_any(dev);
    g_unlink(device);
    return any;
}

static void test_devices(void)
{
    g_autofree char *dev = g_dir_make_tmp("weft-gpu-XXXXXX", NULL);
    g_assert_false(weft_gpu_any(dev));
    g_assert_false(any_with(dev, "dri", "card0", 0600)); /* a screen that cannot render */
    g_assert_true(any_with(dev, "dri", "renderD128", 0600));
    g_assert_true(any_with(dev, ".", "nvidiactl", 0600));
    if (g_access("/proc/1/mem", R_OK) != 0) /* root may do anything */
        g_assert_false(any_with(dev, "dri", "renderD128", 0));
    g_assert_false(weft_gpu_any(dev));
    remove_all(dev);
}

/* What the environment says stays; what is chosen is remembered as such. */
static void test_choice(void)
{
    g_setenv("GSK_RENDERER", "ngl", TRUE);
    g_unsetenv("GDK_DEBUG");
    weft_gpu_choose();
    g_assert_cmpstr(g_getenv("GSK_RENDERER"), ==, "ngl");
    g_assert_null(g_getenv("GDK_DEBUG"));
    g_assert_null(weft_gpu_variables()[0]);
    g_setenv("GSK_RENDERER", "cairo", TRUE);
    weft_gpu_choose();
    g_assert_cmpstr(g_getenv("GDK_DEBUG"), ==, "gl-disable");
    g_assert_cmpstr(weft_gpu_variables()[0], ==, "GDK_DEBUG");
    g_assert_null(weft_gpu_variables()[1]);
    g_unsetenv("GSK_RENDERER");
    weft_gpu_choose();
    g_assert_cmpstr(g_getenv("GSK_RENDERER"), ==, weft_gpu_any("/dev") ? NULL : "cairo");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gpu/devices", test_devices);
    g_test_add_func("/gpu/choice", test_choice);
    return g_test_run();
}
