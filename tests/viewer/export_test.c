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
    g_assert_null(strstr(text, "glyph")); /* words are words, not outlines */
    g_assert_nonnull(strstr(text, ">recv :9082</text>"));
    g_assert_nonnull(strstr(text, ">lock &quot;cache&quot; · 29.4 ms</text>"));  /* the tag's */
    g_assert_nonnull(strstr(text, " transform=\"matrix(0.00 -1.00 1.00 0.00 ")); /* upward */
    g_assert_nonnull(strstr(text, ">1,204 events lost</text>"));
    g_assert_nonnull(strstr(text, ">fetch-three · "));
    GMarkupParser parser = { 0 };
    GMarkupParseContext *xml = g_markup_parse_context_new(&parser, 0, NULL, NULL);
    g_assert_true(g_markup_parse_context_parse(xml, text, -1, &error));
    g_assert_true(g_markup_parse_context_end_parse(xml, &error));
    g_markup_parse_context_free(xml);
    g_remove(path);
    weft_model_free(model);
}

/* ---- Many lanes ---- */

/* A loop with n tasks, of names that are hard on XML. */
static weft_model *open_many(guint n)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    g_autoptr(GArray) records = g_array_new(FALSE, TRUE, sizeof(struct weft_record));
    guint64 loop = (guint64)WEFT_ENTITY_LOOP << 56 | 1;
    struct weft_record open = { .kind = WEFT_RECORD_LOOP_OPEN, .subject = loop, .object = 1 };
    g_array_append_val(records, open);
    weft_trace_define_string(trace, 1, "<a & b>\x01 of a name that is too long for its column");
    for (guint i = 1; i <= n; i++) {
        guint64 task = weft_id(WEFT_ENTITY_TASK, 0, i);
        struct weft_record born = {
            .time = i * 1000, .kind = WEFT_RECORD_TASK_NEW, .subject = task, .object = loop
        };
        struct weft_record named = {
            .time = i * 1000, .kind = WEFT_RECORD_TASK_NAME, .subject = task, .object = 1
        };
        g_array_append_val(records, born);
        g_array_append_val(records, named);
    }
    weft_trace_append(trace, 0, (const struct weft_record *)(void *)records->data, records->len);
    weft_model *model = weft_model_new(trace);
    weft_model_advance(model, 0);
    return model;
}

static char *draw(weft_model *model, const struct weft_picture *picture, guint *left)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = weft_picture_draw(model, picture, left, &error);
    g_assert_no_error(error);
    gsize size;
    const char *data = g_bytes_get_data(bytes, &size);
    char *copy = g_malloc0(size + 1);
    memcpy(copy, data, size);
    for (gsize i = 0; i < size; i++) /* a string, for strstr() */
        copy[i] = copy[i] ? copy[i] : ' ';
    return copy;
}

static guint count(const char *text, const char *what)
{
    guint n = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

static guint count_pages(const char *pdf)
{
    return count(pdf, "/Type /Page") - count(pdf, "/Type /Pages");
}

static double height_of(const char *svg)
{
    const char *at = strstr(svg, " height=\"");
    return g_ascii_strtod(at + strlen(" height=\""), NULL);
}

/* A picture is a slide unless all lanes are asked for: whole ones, and it says how many are left.
 */
static void test_slide_or_all_lanes(void)
{
    enum { TASKS = 100 };
    weft_model *model = open_many(TASKS);
    struct weft_picture picture;
    guint left, all_left;
    weft_picture_init(&picture);
    picture.format = WEFT_PICTURE_SVG;
    g_autofree char *slide = draw(model, &picture, &left);
    picture.all_lanes = TRUE;
    g_autofree char *all = draw(model, &picture, &all_left);
    static const char name[] = ">&lt;a &amp; b&gt;\uFFFD of a name that";
    g_assert_cmpfloat(height_of(slide), <=, 1440 * 9.0 / 16);
    g_assert_cmpfloat(height_of(slide), >, 1440 * 9.0 / 16 - 60);
    g_assert_cmpuint(count(slide, name), >, 10);
    g_assert_cmpuint(count(slide, name) + left, ==, TASKS);
    g_assert_nonnull(strstr(slide, "…</text>")); /* cut where the column ends */
    g_assert_cmpuint(count(all, name), ==, TASKS);
    g_assert_cmpuint(all_left, ==, 0);
    weft_model_free(model);
}

/* A PDF of all lanes has as many pages as they need, each a slide, with words as words. */
static void test_pdf(void)
{
    weft_model *model = open_many(100);
    struct weft_picture picture;
    guint left;
    weft_picture_init(&picture);
    picture.format = WEFT_PICTURE_PDF;
    g_autofree char *slide = draw(model, &picture, &left);
    g_assert_true(g_str_has_prefix(slide, "%PDF-"));
    g_assert_cmpuint(count_pages(slide), ==, 1);
    g_assert_nonnull(strstr(slide, "/ToUnicode"));
    g_assert_cmpuint(left, >, 0);
    picture.all_lanes = TRUE;
    g_autofree char *all = draw(model, &picture, &left);
    g_assert_cmpuint(count_pages(all), ==, 4);
    g_assert_cmpuint(left, ==, 0);
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
    g_test_add_func("/export/slide-or-all-lanes", test_slide_or_all_lanes);
    g_test_add_func("/export/pdf", test_pdf);
    g_test_add_func("/export/errors", test_errors);
    g_test_add_func("/export/command-line", test_command_line);
    int failed = g_test_run();
    g_rmdir(directory);
    g_free(directory);
    return failed;
}
