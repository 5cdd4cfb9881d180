/* export_test.c: text made by weft; pictures handed to weft-viewer, with the right arguments. */
#include "command.h"
#include "fixture.h"

#include <glib/gstdio.h>
#include <string.h>

static void start(struct command *weft)
{
    command_start(weft);
    char *path = command_path(weft, "t.weft");
    fixture_write_gather(path);
    g_free(path);
}

static void test_text(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "export t.weft --to text --width 100");
    g_assert_cmpstr(weft.err, ==, "");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.out, "fetch-1"));
    g_assert_null(strchr(weft.out, '\033'));
    char *text = g_strdup(weft.out);
    command_run(&weft, "export t.weft --to text --width 100 -o -");
    g_assert_cmpstr(weft.out, ==, text);
    command_run(&weft, "export t.weft --to text --width 100 -o out.txt");
    g_assert_cmpstr(weft.out, ==, "");
    g_assert_cmpint(weft.code, ==, 0);
    char *path = command_path(&weft, "out.txt");
    char *written;
    g_assert_true(g_file_get_contents(path, &written, NULL, NULL));
    g_assert_cmpstr(written, ==, text);
    g_free(written);
    g_free(path);
    g_free(text);
    command_finish(&weft);
}

static void test_text_has_its_width(void)
{
    struct command weft;
    start(&weft);
    for (guint width = 40; width <= 200; width += 40) {
        char *line = g_strdup_printf("export t.weft --to text --width %u", width);
        command_run(&weft, line);
        char **lines = g_strsplit(weft.out, "\n", -1);
        for (char **l = lines; *l; l++)
            g_assert_cmpint(g_utf8_strlen(*l, -1), <=, width);
        g_strfreev(lines);
        g_free(line);
    }
    command_finish(&weft);
}

/* The task that ends with the trace says how, and what is behind the end is blank. */
static void test_ends_are_told(void)
{
    struct command weft;
    start(&weft);
    for (guint width = 60; width <= 200; width += 20) {
        char *line = g_strdup_printf("export t.weft --to text --width %u", width);
        command_run(&weft, line);
        g_assert_nonnull(strstr(weft.out, "┤ ETIMEDOUT"));
        g_assert_true(g_regex_match_simple("^main .*┤ done$", weft.out, G_REGEX_MULTILINE, 0));
        g_free(line);
    }
    command_run(&weft, "export t.weft --to text --width 80 --until 20ms");
    g_assert_false(g_regex_match_simple("^main .*┤ done$", weft.out, G_REGEX_MULTILINE, 0));
    command_finish(&weft);
}

static void test_losses_are_told(void)
{
    struct command weft;
    command_start(&weft);
    char *path = command_path(&weft, "t.weft");
    fixture_write_lossy(path);
    g_free(path);
    command_run(&weft, "export t.weft --to text --width 80");
    g_assert_cmpint(weft.code, ==, 0);
    const char *const lanes[] = { "loop", "ready", "main" };
    for (guint i = 0; i < G_N_ELEMENTS(lanes); i++) {
        char *pattern = g_strdup_printf("^%s .*\\?{50}", lanes[i]);
        g_assert_true(g_regex_match_simple(pattern, weft.out, G_REGEX_MULTILINE, 0));
        g_free(pattern);
    }
    g_assert_nonnull(strstr(weft.out, "1000 events are lost"));
    command_finish(&weft);
}

static void test_what_cannot_be_written(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "export t.weft --to text -o nowhere/out.txt");
    command_assert_fails(&weft, 4, "cannot write 'nowhere/out.txt': No such file or directory");
    command_run(&weft, "export t.weft --to text -o /dev/full");
    command_assert_fails(&weft, 4, "cannot write '/dev/full': No space left on device");
    command_run(&weft, "export t.weft --to text -o t.weft");
    command_assert_fails(&weft, 2, "is the trace itself");
    command_run(&weft, "export t.weft --to text --from 1h");
    command_assert_fails(&weft, 2,
                         "--from 3600.000000000s is outside the trace, which goes from "
                         "0.000000000s to 0.041000000s");
    command_finish(&weft);
}

static void test_no_viewer(void)
{
    struct command weft;
    start(&weft);
    command_copy_weft(&weft);
    command_shell(&weft, "PATH=/nowhere; exec $WEFT_COPY export t.weft --to png -o out.png");
    command_assert_fails(&weft, 4, "weft-viewer is not installed");
    command_finish(&weft);
}

static void test_viewer_is_told(void)
{
    struct command weft;
    start(&weft);
    command_copy_weft(&weft);
    command_fake_viewer(&weft);
    command_shell(&weft, "exec $WEFT_COPY export t.weft --to png -o out.png");
    g_assert_cmpstr(weft.out, ==, "--export png t.weft out.png\n");
    g_assert_cmpint(weft.code, ==, 9);
    command_shell(&weft, "exec $WEFT_COPY export t.weft --to svg -o out.svg --from 1ms "
                         "--until 2ms --width 800 --palette dark");
    g_assert_cmpstr(weft.out, ==,
                    "--export svg t.weft out.svg --from 1000000 --to 2000000 --width 800 "
                    "--palette dark\n");
    command_finish(&weft);
}

/* The real one, where it is built. */
static void test_picture(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "test -x ${WEFT%/*}/weft-viewer");
    if (weft.code != 0) {
        g_test_skip("weft-viewer is not built here");
        command_finish(&weft);
        return;
    }
    weft.environment = g_environ_unsetenv(weft.environment, "DISPLAY");
    weft.environment = g_environ_unsetenv(weft.environment, "WAYLAND_DISPLAY");
    command_run(&weft, "export t.weft --to png -o out.png");
    g_assert_cmpint(weft.code, ==, 0);
    command_run(&weft, "export t.weft --to svg -o out.svg --palette dark --width 800");
    g_assert_cmpint(weft.code, ==, 0);
    command_shell(&weft, "head -c 4 out.png | tail -c 3; grep -o '<svg' out.svg");
    g_assert_cmpstr(weft.out, ==, "PNG<svg\n");
    command_shell(&weft, "head -c 1000 t.weft >cut.weft;"
                         "exec $WEFT export cut.weft --to png -o cut.png");
    g_assert_cmpint(weft.code, ==, 3);
    g_assert_nonnull(strstr(weft.err, "cut at byte 1000"));
    command_run(&weft, "export t.weft --to png -o nowhere/out.png");
    g_assert_cmpint(weft.code, ==, 4);
    command_finish(&weft);
}

/* What was there before stays whole, and nothing else is left. */
static void test_full_disk(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "mkdir small; unshare -rm mount -t tmpfs -o size=4k none small");
    if (weft.code != 0) {
        g_test_skip("no user namespaces here: no small file system can be mounted");
    } else {
        command_shell(&weft, "exec unshare -rm sh -c 'mount -t tmpfs -o size=8k none small;"
                             "echo before >small/out.txt; head -c 4096 /dev/zero >small/fill;"
                             "$WEFT export t.weft --to text -o small/out.txt; code=$?;"
                             "cat small/out.txt; ls -A small; exit $code'");
        g_assert_cmpint(weft.code, ==, 4);
        g_assert_cmpstr(weft.err, ==,
                        "weft: cannot write 'small/out.txt': No space left on device\n");
        g_assert_cmpstr(weft.out, ==, "before\nfill\nout.txt\n");
    }
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/export/text", test_text);
    g_test_add_func("/cli/export/text-has-its-width", test_text_has_its_width);
    g_test_add_func("/cli/export/ends-are-told", test_ends_are_told);
    g_test_add_func("/cli/export/losses-are-told", test_losses_are_told);
    g_test_add_func("/cli/export/what-cannot-be-written", test_what_cannot_be_written);
    g_test_add_func("/cli/export/full-disk", test_full_disk);
    g_test_add_func("/cli/export/no-viewer", test_no_viewer);
    g_test_add_func("/cli/export/viewer-is-told", test_viewer_is_told);
    g_test_add_func("/cli/export/picture", test_picture);
    return g_test_run();
}
