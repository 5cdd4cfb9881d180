/* growing_test.c: files that are being written: who follows one sees what is whole in it, in order
 * and once, and at the end what who opens it then sees. */
#include "tracer/trace/live.h"
#include "tracer/trace/writer.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)

enum { SLOTS = 40, CHUNKS = 30 };

static char *directory;

static char *path_of(const char *name)
{
    return g_build_filename(directory, name, NULL);
}

/* ---- Writing ---- */

static weft_filewriter *begin_file(const char *path)
{
    weft_filewriter *writer = weft_filewriter_new(path, NULL);
    struct weft_file_process process = { .pid = 7,
                                         .clock_kind = WEFT_CLOCK_COUNTER,
                                         .start = { 1000, SECOND, 3 * SECOND },
                                         .program = "grows",
                                         .host = "here" };
    g_assert_true(weft_filewriter_process(writer, &process, NULL));
    return writer;
}

/* Two ticks are a nanosecond, nearly; a chunk a second. */
static void write_chunk(weft_filewriter *writer, guint i)
{
    struct weft_record records[SLOTS];
    uint64_t begin = 1000 + i * 2 * SECOND;
    struct weft_clock_anchor anchor = { begin, SECOND + i * (SECOND + i * 10), 0 };
    weft_filewriter_anchor(writer, &anchor);
    g_autofree char *name = g_strdup_printf("task %u", i);
    weft_filewriter_string(writer, 100 + i, name, strlen(name));
    weft_filewriter_string(writer, 500 + i, "file.c", 6);
    weft_filewriter_site(writer, 1 + i, 10 + i, 500 + i, 100 + i);
    for (guint k = 0; k < SLOTS; k++)
        records[k] = (struct weft_record){ .time = begin + k * 1000,
                                           .kind = k % 2 ? WEFT_RECORD_SUSPEND : WEFT_RECORD_RESUME,
                                           .site = 1 + i,
                                           .subject = weft_id(WEFT_ENTITY_TASK, i % 2, 1) };
    if (i % 7 == 3)
        g_assert_true(weft_filewriter_loss(writer, i % 2, 5, 3, NULL));
    g_assert_true(weft_filewriter_events(writer, i % 2, records, SLOTS, 0, NULL));
}

static void end_file(weft_filewriter *writer)
{
    struct weft_file_process process = { .pid = 7,
                                         .clock_kind = WEFT_CLOCK_COUNTER,
                                         .start = { 1000, SECOND, 3 * SECOND },
                                         .program = "grows",
                                         .host = "here",
                                         .ended = TRUE,
                                         .exit_code = 4 };
    g_assert_true(weft_filewriter_loss(writer, 0, 2, 1, NULL));
    g_assert_true(weft_filewriter_process(writer, &process, NULL));
    g_assert_true(weft_filewriter_finish(writer, NULL));
}

/* ---- Comparing ---- */

/* `a` has what `b` has, up to where it ends; times may differ by what the clock did not know yet.
 */
static void assert_begins_like(const weft_trace *a, const weft_trace *b)
{
    static struct weft_record x[WEFT_TRACE_CHUNK_SLOTS], y[WEFT_TRACE_CHUNK_SLOTS];
    guint n = weft_trace_n_chunks(a);
    g_assert_cmpuint(n, <=, weft_trace_n_chunks(b));
    for (guint i = 0; i < n; i++) {
        const struct weft_trace_chunk *p = weft_trace_chunk(a, i), *q = weft_trace_chunk(b, i);
        g_assert_cmpuint(p->ring, ==, q->ring);
        g_assert_cmpuint(p->slots, ==, q->slots);
        g_assert_cmpuint(p->first_ordinal, ==, q->first_ordinal);
        g_assert_cmpuint(p->lost_before, ==, q->lost_before);
        g_assert_cmpint(ABS(p->first_ns - q->first_ns), <, 10000);
        g_assert_cmpuint(weft_trace_decode(a, i, x, NULL), ==, p->slots);
        g_assert_cmpuint(weft_trace_decode(b, i, y, NULL), ==, p->slots);
        for (guint k = 0; k < p->slots; k++) {
            g_assert_cmpuint(x[k].kind, ==, y[k].kind);
            g_assert_cmpuint(x[k].subject, ==, y[k].subject);
            const struct weft_trace_site *site = weft_trace_site(a, x[k].site);
            g_assert_nonnull(site);
            g_assert_cmpstr(site->func, ==, weft_trace_site(b, x[k].site)->func);
        }
    }
}

static void assert_alike(const weft_trace *a, const weft_trace *b)
{
    g_assert_cmpuint(weft_trace_n_chunks(a), ==, weft_trace_n_chunks(b));
    assert_begins_like(a, b);
    g_assert_cmpuint(weft_trace_events(a), ==, weft_trace_events(b));
    g_assert_cmpuint(weft_trace_lost(a), ==, weft_trace_lost(b));
    g_assert_cmpuint(weft_trace_lost_at_end(a, 0), ==, weft_trace_lost_at_end(b, 0));
    g_assert_cmpuint(weft_trace_n_sources(a), ==, weft_trace_n_sources(b));
    const struct weft_trace_source *s = weft_trace_source(a), *t = weft_trace_source(b);
    g_assert_cmpuint(s->pid, ==, t->pid);
    g_assert_cmpint(s->start_realtime_ns, ==, t->start_realtime_ns);
    g_assert_cmpint(s->ended, ==, t->ended);
    g_assert_cmpint(s->exit_code, ==, t->exit_code);
    g_assert_cmpstr(weft_trace_damage(a), ==, weft_trace_damage(b));
}

/* ---- Following a writer ---- */

static void test_follow(void)
{
    g_autofree char *path = path_of("followed.weft");
    g_autoptr(weft_filewriter) writer = begin_file(path);
    g_autoptr(weft_trace) followed = weft_trace_open(path, NULL);
    g_assert_true(weft_trace_growing(followed));
    g_assert_cmpint(weft_trace_refresh(followed), ==, WEFT_GROWTH_NONE);
    gint64 end = 0;
    for (guint i = 0; i < CHUNKS; i++) {
        write_chunk(writer, i);
        g_assert_cmpint(weft_trace_refresh(followed), ==, WEFT_GROWTH_MORE);
        g_assert_cmpuint(weft_trace_n_chunks(followed), ==, i + 1);
        g_assert_null(weft_trace_damage(followed));
        g_assert_cmpint(weft_trace_end_ns(followed), >, end);
        end = weft_trace_end_ns(followed);
        g_autoptr(weft_trace) opened = weft_trace_open(path, NULL);
        g_assert_null(weft_trace_damage(opened)); /* a prefix, and nothing wrong with it */
        assert_alike(followed, opened);
    }
    end_file(writer);
    g_assert_cmpint(weft_trace_refresh(followed), ==, WEFT_GROWTH_ENDED);
    g_assert_cmpint(weft_trace_refresh(followed), ==, WEFT_GROWTH_ENDED);
    g_assert_true(weft_trace_whole(followed));
    g_assert_false(weft_trace_growing(followed));
    g_autoptr(weft_trace) opened = weft_trace_open(path, NULL);
    assert_alike(followed, opened);
    g_assert_true(weft_trace_source(followed)->ended);
}

/* Whatever part of it is there, to the byte. */
static void test_bytes(void)
{
    g_autofree char *path = path_of("whole.weft"), *part = path_of("part.weft"), *bytes;
    gsize size;
    weft_filewriter *writer = begin_file(path);
    for (guint i = 0; i < 6; i++)
        write_chunk(writer, i);
    end_file(writer);
    weft_filewriter_free(writer);
    g_autoptr(weft_trace) opened = weft_trace_open(path, NULL);
    g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    int fd = g_open(part, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    g_assert_cmpint(flock(fd, LOCK_EX | LOCK_NB), ==, 0);
    g_assert_cmpint(write(fd, bytes, 64), ==, 64);
    g_autoptr(weft_trace) followed = weft_trace_open(part, NULL);
    for (gsize at = 64; at < size; at++) {
        g_assert_cmpint(write(fd, bytes + at, 1), ==, 1);
        g_assert_cmpint(weft_trace_refresh(followed), ==, WEFT_GROWTH_MORE);
        g_assert_null(weft_trace_damage(followed));
        g_assert_cmpuint(weft_trace_n_sources(followed), ==, 1);
        if (at % 50 == 0)
            assert_begins_like(followed, opened);
    }
    close(fd);
    g_assert_cmpint(weft_trace_refresh(followed), ==, WEFT_GROWTH_ENDED);
    assert_alike(followed, opened);
}

/* A recorder that dies leaves a file that is cut. */
static void test_recorder_dies(void)
{
    g_autofree char *path = path_of("orphan.weft");
    weft_filewriter *writer = begin_file(path);
    write_chunk(writer, 0);
    g_autoptr(weft_trace) followed = weft_trace_open(path, NULL);
    write_chunk(writer, 1);
    weft_filewriter_free(writer);
    g_assert_cmpint(weft_trace_refresh(followed), ==, WEFT_GROWTH_ENDED);
    g_assert_false(weft_trace_whole(followed));
    g_assert_cmpuint(weft_trace_n_chunks(followed), ==, 2);
    g_assert_nonnull(strstr(weft_trace_damage(followed), "cut at byte"));
}

static void test_truncated(void)
{
    g_autofree char *path = path_of("truncated.weft");
    g_autoptr(weft_filewriter) writer = begin_file(path);
    write_chunk(writer, 0);
    g_autoptr(weft_trace) followed = weft_trace_open(path, NULL);
    g_assert_cmpint(truncate(path, 100), ==, 0);
    g_assert_cmpint(weft_trace_refresh(followed), ==, WEFT_GROWTH_REPLACED);
    struct weft_record records[WEFT_TRACE_CHUNK_SLOTS];
    g_assert_cmpuint(weft_trace_decode(followed, 0, records, NULL), ==, 0);
}

/* Another recording into the same path: the first is read to its end. */
static void test_replaced(void)
{
    g_autofree char *path = path_of("replaced.weft");
    weft_filewriter *first = begin_file(path);
    write_chunk(first, 0);
    g_autoptr(weft_trace) followed = weft_trace_open(path, NULL);
    write_chunk(first, 1);
    weft_filewriter_free(first);
    weft_filewriter *second = begin_file(path);
    g_assert_cmpint(weft_trace_refresh(followed), ==, WEFT_GROWTH_REPLACED);
    g_assert_cmpuint(weft_trace_n_chunks(followed), ==, 2);
    g_autoptr(weft_trace) anew = weft_trace_open(path, NULL);
    g_assert_cmpuint(weft_trace_n_chunks(anew), ==, 0);
    g_assert_true(weft_trace_growing(anew));
    weft_filewriter_free(second);
}

/* As the viewer follows it. */
static void test_live(void)
{
    g_autofree char *path = path_of("live.weft");
    g_autoptr(weft_filewriter) writer = begin_file(path);
    g_autoptr(weft_trace) trace = weft_trace_open(path, NULL);
    weft_live *live = weft_live_follow(trace);
    g_assert_true(weft_live_is_file(live));
    g_assert_cmpuint(weft_live_poll(live), ==, 0);
    write_chunk(writer, 0);
    write_chunk(writer, 1);
    g_assert_cmpuint(weft_live_poll(live), ==, 2 * SLOTS);
    g_assert_cmpstr(weft_live_status(live), ==, "being recorded");
    g_assert_cmpint(weft_live_now_ns(live), ==, weft_trace_end_ns(trace));
    write_chunk(writer, 2);
    end_file(writer);
    g_assert_cmpuint(weft_live_poll(live), ==, SLOTS);
    g_assert_true(weft_live_ended(live));
    g_assert_cmpstr(weft_live_status(live), ==, "recorded");
    g_assert_cmpuint(weft_live_poll(live), ==, 0);
    weft_live_free(live);
}

static void remove_directory(void)
{
    GDir *dir = g_dir_open(directory, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = path_of(name);
        g_unlink(path);
    }
    g_dir_close(dir);
    g_rmdir(directory);
    g_free(directory);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    directory = g_dir_make_tmp("weft-growing-XXXXXX", NULL);
    g_test_add_func("/growing/follow", test_follow);
    g_test_add_func("/growing/bytes", test_bytes);
    g_test_add_func("/growing/recorder-dies", test_recorder_dies);
    g_test_add_func("/growing/truncated", test_truncated);
    g_test_add_func("/growing/replaced", test_replaced);
    g_test_add_func("/growing/live", test_live);
    int failed = g_test_run();
    remove_directory();
    return failed;
}
