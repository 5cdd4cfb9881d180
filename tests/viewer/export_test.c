/* export_test.c: pictures without a display, and what export says to bad input. */
#include "app/viewer/export.h"
#include "tests/viewer/sample.h"
#include <glib/gstdio.h>
#include <string.h>

static char *directory; /* of this run alone */

static char *scratch(const char *name)
{
    return g_build_filename(directory, name, NULL);
}

static weft_model *open_sample(void)
{
    g_autoptr(weft_trace) trace = weft_sample_fetch_three(TRUE);
    weft_model *model = weft_model_new(trace);
    weft_model_advance(model, 0);
    return model;
}

static void test_png(void)
{
    weft_model *model = open_sample();
    struct weft_picture picture;
    g_autofree char *path = scratch("picture.png");
    g_autoptr(GError) error = NULL;
    guint left = 99;
    weft_picture_init(&picture);
    picture.width = 1000;
    g_assert_true(weft_viewer_export(model, &picture, path, &left, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(left, ==, 0);
    cairo_surface_t *surface = cairo_image_surface_create_from_png(path);
    g_assert_cmpint(cairo_surface_status(surface), ==, CAIRO_STATUS_SUCCESS);
    g_assert_cmpint(cairo_image_surface_get_width(surface), ==, 1000);
    g_assert_cmpint(cairo_image_surface_get_height(surface), >, 300);
    cairo_surface_destroy(surface);
    g_remove(path);
    weft_model_free(model);
}

static void test_svg(void)
{
    weft_model *model = open_sample();
    struct weft_picture picture;
    g_autofree char *path = scratch("picture.svg"), *text = NULL;
    g_autoptr(GError) error = NULL;
    weft_picture_init(&picture);
    picture.format = WEFT_PICTURE_SVG;
    picture.palette = weft_palette(WEFT_PALETTE_PRINT);
    picture.select = "fetch-2";
    picture.playhead_ns = 315000000;
    g_assert_true(weft_viewer_export(model, &picture, path, NULL, &error));
    g_assert_no_error(error);
    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(g_str_has_prefix(text, "<?xml"));
    g_assert_nonnull(strstr(text, "</svg>"));
    g_assert_nonnull(strstr(text, "<use xlink:href=\"#glyph")); /* words are outlines */
    g_remove(path);
    weft_model_free(model);
}

static void test_errors(void)
{
    weft_model *model = open_sample();
    struct weft_picture picture;
    g_autoptr(GError) error = NULL;
    weft_picture_init(&picture);
    g_assert_false(weft_viewer_export(model, &picture, "/nonexistent/picture.png", NULL, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    g_assert_cmpstr(error->message, ==,
                    "cannot write '/nonexistent/picture.png': No such file or directory");
    g_clear_error(&error);
    g_assert_false(weft_viewer_export(model, &picture, directory, NULL, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
    g_clear_error(&error);
    g_assert_false(weft_viewer_export(model, &picture, "/dev/full", NULL, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
    g_clear_error(&error);
    picture.select = "nobody";
    picture.playhead_ns = 0;
    g_assert_false(weft_viewer_export(model, &picture, "/nonexistent", NULL, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED);
    g_assert_nonnull(strstr(error->message, "nobody"));
    weft_model_free(model);
}

static int run(const char *const *arguments)
{
    char **argv = g_strdupv((char **)arguments);
    char *spare[32]; /* parsing moves pointers about */
    int argc = (int)g_strv_length(argv);
    memcpy(spare, argv, sizeof *argv * (gsize)(argc + 1));
    int code = weft_viewer_export_main(argc, spare);
    g_strfreev(argv);
    return code;
}

static void test_command_line(void)
{
    g_autofree char *text = scratch("no-trace.txt");
    g_assert_true(g_file_set_contents(text, "hello", -1, NULL));
    const char *const none[] = { "weft-viewer", "--export", NULL };
    const char *const format[] = { "weft-viewer", "--export", "gif", text, "x.gif", NULL };
    const char *const palette[] = { "weft-viewer", "--export",  "png",   text,
                                    "x.png",       "--palette", "mauve", NULL };
    const char *const order[] = { "weft-viewer", "--export", "png",  text, "x.png",
                                  "--from",      "5",        "--to", "4",  NULL };
    const char *const no_trace[] = { "weft-viewer", "--export", "png", text, "x.png", NULL };
    const char *const missing[] = {
        "weft-viewer", "--export", "png", "/nonexistent", "x.png", NULL
    };
    g_assert_cmpint(run(none), ==, 2);
    g_assert_cmpint(run(format), ==, 2);
    g_assert_cmpint(run(palette), ==, 2);
    g_assert_cmpint(run(order), ==, 2);
    g_assert_cmpint(run(no_trace), ==, 3);
    g_assert_cmpint(run(missing), ==, 4);
    g_assert_false(g_file_test("x.png", G_FILE_TEST_EXISTS));
    g_remove(text);
}

int main(int argc, char **argv)
{
    g_unsetenv("DISPLAY");
    g_unsetenv("WAYLAND_DISPLAY");
    g_test_init(&argc, &argv, NULL);
    directory = g_dir_make_tmp("weft-export-XXXXXX", NULL);
    g_assert_nonnull(directory);
    g_assert_false(gtk_init_check());
    g_test_add_func("/export/png", test_png);
    g_test_add_func("/export/svg", test_svg);
    g_test_add_func("/export/errors", test_errors);
    g_test_add_func("/export/command-line", test_command_line);
    int failed = g_test_run();
    g_rmdir(directory);
    g_free(directory);
    return failed;
}
