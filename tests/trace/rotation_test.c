/* rotation_test.c: a recording in segments: each keeps its limit and opens alone, all of them
 * together hold everything, and only the last of them stay when that is asked for. */
#include "tests/trace/steady.h"
#include "tests/valgrind.h"
#include <glib/gstdio.h>
#include <string.h>

struct fixture {
    char *directory, *path;
    struct steady steady;
};

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->directory = g_dir_make_tmp("weft-rotation-XXXXXX", NULL);
    g_assert_nonnull(f->directory);
    f->path = g_build_filename(f->directory, "t.weft", NULL);
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    guint n;
    const char *const *paths = weft_numbering_paths(weft_filewriter_segments(f->steady.writer), &n);
    for (guint i = 0; i < n; i++)
        g_assert_cmpint(g_unlink(paths[i]), ==, 0);
    g_assert_cmpint(g_rmdir(f->directory), ==, 0); /* the others are gone */
    weft_filewriter_free(f->steady.writer);
    steady_finish(&f->steady);
    g_free(f->path);
    g_free(f->directory);
}

static void begin(struct fixture *f, guint64 max_size, guint keep)
{
    GError *error = NULL;
    weft_filewriter *writer = weft_filewriter_new_segments(f->path, max_size, keep, &error);
    g_assert_no_error(error);
    steady_begin(&f->steady, writer);
}

static weft_trace *open_segment(const char *path, guint64 max_size)
{
    GError *error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(weft_trace_file_size(trace), <=, max_size);
    g_assert_cmpuint(weft_trace_events(trace), >, 0);
    g_assert_cmpuint(weft_trace_n_sources(trace), ==, 1);
    return trace;
}

/* Opens all that stay; returns what is in them together. */
static struct steady_found check_segments(struct fixture *f, guint64 max_size)
{
    GError *error = NULL;
    g_assert_true(weft_filewriter_finish(f->steady.writer, &error));
    g_assert_no_error(error);
    guint n;
    const struct weft_numbering *segments = weft_filewriter_segments(f->steady.writer);
    const char *const *paths = weft_numbering_paths(segments, &n);
    struct steady_found all = { 0 };
    gint64 end = 0;
    for (guint i = 0; i < n; i++) {
        g_autoptr(weft_trace) trace = open_segment(paths[i], max_size);
        gboolean first = i == 0 && weft_numbering_removed(segments) == 0;
        g_assert_true(weft_trace_begins_with_state(trace) == !first);
        struct steady_found found = i + 1 < n ? steady_check_part(trace)
                                              : steady_check(&f->steady, trace);
        for (guint ring = 0; ring < 2; ring++) {
            if (found.next[ring] == 0)
                continue;
            if (all.next[ring]) /* one goes on where another ended; a loss may lie between */
                g_assert_cmpuint(found.first[ring], >=, all.next[ring]);
            else
                all.first[ring] = found.first[ring];
            all.next[ring] = found.next[ring];
        }
        all.slots += found.slots;
        all.lost += found.lost;
        /* In time too. */
        gint64 start = weft_trace_source(trace)->start_realtime_ns;
        g_assert_cmpint(start, ==, i > 0 ? end : start); /* what lies between is in neither */
        g_assert_cmpint(weft_trace_chunk(trace, 0)->first_ns, ==, first ? STEADY_FIRST : 0);
        end = start + weft_trace_end_ns(trace);
    }
    return all;
}

static void test_all(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    const guint64 max_size = 96 << 10;
    begin(f, max_size, 0);
    for (guint i = 0; i < 600; i++) {
        steady_write(&f->steady, 300 + i % 200);
        if (i % 50 == 10)
            steady_lose(&f->steady, i, 0);
    }
    struct steady_found all = check_segments(f, max_size);
    g_assert_cmpuint(all.slots, ==, f->steady.slots);
    g_assert_cmpuint(all.lost, ==, f->steady.lost);
    g_assert_cmpuint(all.first[0] + all.first[1], ==, 0);
    guint n;
    const char *const *paths = weft_numbering_paths(weft_filewriter_segments(f->steady.writer), &n);
    g_assert_cmpuint(n, >, 3);
    g_assert_cmpstr(paths[0], ==, f->path);
    g_assert_true(g_str_has_suffix(paths[1], "/t.2.weft"));
}

static void test_keep(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    const guint64 max_size = 96 << 10;
    begin(f, max_size, 3);
    guint n;
    for (guint i = 0; i < 1000; i++) {
        steady_write(&f->steady, 300);
        weft_numbering_paths(weft_filewriter_segments(f->steady.writer), &n);
        g_assert_cmpuint(n, <=, 3);
    }
    struct steady_found all = check_segments(f, max_size);
    g_assert_cmpuint(weft_numbering_removed(weft_filewriter_segments(f->steady.writer)), >, 0);
    g_assert_cmpuint(all.first[0] + all.first[1] + all.slots, ==, f->steady.slots);
    g_assert_false(g_file_test(f->path, G_FILE_TEST_EXISTS));
}

/* Whatever the limit is, chunks of any size: none is larger. */
static void test_any_limit(struct fixture *f, gconstpointer number)
{
    guint64 max_size = (128 << 10) + GPOINTER_TO_UINT(number) * 27182;
    begin(f, max_size, 0);
    for (guint i = 0; i < 60; i++)
        steady_write(&f->steady, (guint)g_test_rand_int_range(3, WEFT_TRACE_CHUNK_SLOTS));
    struct steady_found all = check_segments(f, max_size);
    g_assert_cmpuint(all.slots, ==, f->steady.slots);
}

/* It never needs a second one. */
static void test_one(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    begin(f, 64 << 20, 0);
    for (guint i = 0; i < 20; i++)
        steady_write(&f->steady, 300);
    check_segments(f, 64 << 20);
    guint n;
    weft_numbering_paths(weft_filewriter_segments(f->steady.writer), &n);
    g_assert_cmpuint(n, ==, 1);
}

/* A name that is taken by something else is left out. */
static void test_others_stay(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *second = weft_numbered_path(f->path, 2);
    g_assert_true(g_file_set_contents(second, "precious", -1, NULL));
    begin(f, 96 << 10, 0);
    for (guint i = 0; i < 200; i++)
        steady_write(&f->steady, 300);
    check_segments(f, 96 << 10);
    guint n;
    const char *const *paths = weft_numbering_paths(weft_filewriter_segments(f->steady.writer), &n);
    g_assert_cmpuint(n, >, 1);
    g_assert_true(g_str_has_suffix(paths[1], "/t.3.weft"));
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(second, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "precious");
    g_assert_cmpint(g_unlink(second), ==, 0);
}

static void test_names(void)
{
    static const char *const cases[][3] = { { "t.weft", "t.weft", "t.2.weft" },
                                            { "a.b/t", "a.b/t", "a.b/t.2" },
                                            { "t.weft.old", "t.weft.old", "t.weft.old.2" } };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *first = weft_numbered_path(cases[i][0], 1);
        g_autofree char *second = weft_numbered_path(cases[i][0], 2);
        g_assert_cmpstr(first, ==, cases[i][1]);
        g_assert_cmpstr(second, ==, cases[i][2]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/rotation/" name, struct fixture, NULL, set_up, function, tear_down)
    ADD("all", test_all);
    ADD("keep", test_keep);
    for (guint i = 0; i < (SLOW ? 3 : 10); i++) {
        g_autofree char *path = g_strdup_printf("/rotation/any-limit/%u", i);
        g_test_add(path, struct fixture, GUINT_TO_POINTER(i), set_up, test_any_limit, tear_down);
    }
    ADD("one", test_one);
    ADD("others-stay", test_others_stay);
    g_test_add_func("/rotation/names", test_names);
    return g_test_run();
}
