/* picture_test.c: what a window shows, as a picture in a file: drawn by another process, which here
 * is this test itself (`--export`), as it is weft-viewer itself where that runs. */
#include "app/viewer/export.h"
#include "app/viewer/window-private.h"
#include "tests/viewer/sample_window.h"

#include <glib/gstdio.h>
#include <string.h>

static char *exported(WeftWindow *window, const char *name, enum weft_palette_id palette)
{
    g_autofree char *path = g_build_filename(window_tests_directory(), name, NULL);
    char *content = NULL;
    g_autoptr(GError) error = NULL;
    weft_window_export_to(window, path, weft_palette(palette), FALSE);
    while (!g_file_test(path, G_FILE_TEST_EXISTS))
        g_main_context_iteration(NULL, TRUE);
    wait_for_text(window, path);
    g_file_get_contents(path, &content, NULL, &error);
    g_assert_no_error(error);
    g_remove(path);
    return content;
}

/* The visible range, the selection and the playhead are those of the window. */
static void test_what_is_shown(void)
{
    WeftWindow *window = window_with_sample();
    wait_for_text(window, "heartbeat");
    WeftSession *session = weft_trace_page_session(weft_window_page(window));
    guint lane = weft_model_n_lanes(weft_session_model(session)) - 1;
    while (weft_model_lane(weft_session_model(session), lane)->kind != WEFT_LANE_TASK)
        lane--;
    weft_session_show(session, 300000000, 310000000, WEFT_MOVE_JUMP);
    weft_session_set_playhead(session, 305000000);
    weft_session_select(session, lane, 305000000);
    g_autofree char *svg = exported(window, "a.svg", WEFT_PALETTE_PRESENTER);
    g_assert_nonnull(strstr(svg, ">305.0"));
    g_assert_nonnull(strstr(svg, "fetch-three · 10.0 ms shown"));
    g_assert_nonnull(strstr(svg, ">sleep 49.8 ms<"));
    g_assert_nonnull(strstr(svg, "fill=\"#f6f5f4\"")); /* the presenter palette's words */
    window_close(window);
}

static void test_refused(void)
{
    WeftWindow *window = window_with_sample();
    weft_window_export_to(window, "/nonexistent/a.png", weft_palette(WEFT_PALETTE_LIGHT), FALSE);
    wait_for_text(window, "Not exported: cannot write '/nonexistent/a.png': No such file");
    window_close(window);
}

/* A name without its ending becomes another's: that is not replaced unasked. */
static void test_there_already(void)
{
    WeftWindow *window = window_with_sample();
    g_autofree char *name = g_build_filename(window_tests_directory(), "precious", NULL),
                    *content = NULL;
    g_autofree char *there = g_strconcat(name, ".png", NULL);
    g_assert_true(g_file_set_contents(there, "precious", -1, NULL));
    weft_window_export_to(window, name, weft_palette(WEFT_PALETTE_LIGHT), FALSE);
    wait_for_text(window, "is there already");
    g_assert_true(g_file_get_contents(there, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "precious");
    g_remove(there);
    window_close(window);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--export") == 0)
        return weft_viewer_export_main(argc, argv);
    window_tests_init(&argc, &argv);
    g_test_add_func("/picture/what-is-shown", test_what_is_shown);
    g_test_add_func("/picture/refused", test_refused);
    g_test_add_func("/picture/there-already", test_there_already);
    return window_tests_run();
}
