/* diskfull_test.c: a disk that is really full: a tmpfs of a few hundred kilobytes, mounted in a
 * namespace of its own; and a limit on the size of files. The recording ends with one clear error,
 * what was written stays readable, and the program goes on. */
#include "tests/trace/emitter.h"
#include "tracer/trace/recorder.h"
#include "tracer/trace/writer.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANNOT_MOUNT = 77 };

/* ---- A small disk of one's own ---- */

static gboolean write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    gboolean ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* Mounts a tmpfs of this size on `directory`, for this process and its children only. Ends the
 * process with CANNOT_MOUNT where the kernel does not allow it. */
static void mount_small(const char *directory, const char *size)
{
    g_autofree char *map = g_strdup_printf("0 %u 1", (unsigned)getuid());
    g_autofree char *options = g_strdup_printf("size=%s,mode=0700", size);
    gboolean root = geteuid() == 0;
    if (unshare(root ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) < 0 ||
        (!root && !write_text("/proc/self/uid_map", map)) ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", directory, "tmpfs", 0, options) < 0)
        _exit(CANNOT_MOUNT);
}

/* Runs `body` in a child, since a namespace cannot be left again. */
static void in_child(void (*body)(const char *directory))
{
    g_autofree char *directory = g_dir_make_tmp("weft-disk-XXXXXX", NULL);
    g_assert_nonnull(directory);
    pid_t pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        body(directory);
        _exit(0);
    }
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_MOUNT)
        g_test_skip("this kernel does not let this user mount a tmpfs in a namespace");
    else
        g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* ---- What must hold ---- */

static void assert_readable(const char *path)
{
    GError *error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(weft_trace_damage(trace), "cut"));
    g_assert_cmpuint(weft_trace_n_chunks(trace), >, 0);
    g_assert_cmpuint(weft_trace_file_size(trace) % 8, ==, 0);
    struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++) {
        g_assert_cmpuint(weft_trace_decode(trace, i, records, &error), >, 0);
        g_assert_no_error(error);
    }
    g_free(records);
    weft_trace_unref(trace);
}

static void write_until_full(const char *path, int expected)
{
    GError *error = NULL;
    weft_filewriter *writer = weft_filewriter_new(path, &error);
    g_assert_no_error(error);
    struct weft_record *records = g_new0(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    gboolean ok = TRUE;
    for (uint64_t n = 0; ok; n++) {
        for (guint i = 0; i < WEFT_TRACE_CHUNK_SLOTS; i++)
            records[i] = (struct weft_record){ .time = n * WEFT_TRACE_CHUNK_SLOTS + i,
                                               .kind = WEFT_RECORD_COUNTER,
                                               .subject = (guint64)g_test_rand_int(),
                                               .object = (guint64)g_test_rand_int() };
        ok = weft_filewriter_events(writer, 0, records, WEFT_TRACE_CHUNK_SLOTS, 0, &error);
    }
    g_free(records);
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO);
    g_assert_nonnull(strstr(error->message, path));
    g_assert_nonnull(strstr(error->message, g_strerror(expected)));
    g_clear_error(&error);
    g_assert_false(weft_filewriter_finish(writer, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO);
    g_clear_error(&error);
    weft_filewriter_free(writer);
    assert_readable(path);
}

/* ---- Cases ---- */

static void fill_tmpfs(const char *directory)
{
    mount_small(directory, "512k");
    g_autofree char *path = g_build_filename(directory, "full.weft", NULL);
    write_until_full(path, ENOSPC);
}

static void test_writer(void)
{
    in_child(fill_tmpfs);
}

static void fill_limit(const char *directory)
{
    g_autofree char *path = g_build_filename(directory, "limit.weft", NULL);
    struct rlimit limit = { 400000, 400000 };
    signal(SIGXFSZ, SIG_IGN);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    write_until_full(path, EFBIG);
    g_unlink(path);
}

static void test_size_limit(void)
{
    in_child(fill_limit);
}

/* The recorder meets the full disk; the program does not notice. */
static void record_on_full(const char *directory)
{
    mount_small(directory, "256k");
    struct emitter emitter;
    emitter_set_up(&emitter);
    g_autofree char *path = g_build_filename(directory, "full.weft", NULL);
    struct weft_recorder_options options = { .path = path, .session = "full" };
    GError *error = NULL;
    weft_recorder *recorder = weft_recorder_new(&options, &error);
    g_assert_no_error(error);
    emitter_start(&emitter, "stream", "full", 0, "flood", NULL);
    guint drained;
    while (weft_recorder_drain(recorder, &drained, &error))
        if (drained == 0)
            g_usleep(1000);
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO);
    g_assert_nonnull(strstr(error->message, g_strerror(ENOSPC)));
    g_clear_error(&error);
    uint64_t then = emitter.counters->completed;
    while (emitter.counters->completed < then + 200000)
        g_usleep(1000);
    kill(emitter.pid, SIGKILL);
    emitter_wait(&emitter);
    g_assert_false(weft_recorder_finish(recorder, 0, SIGKILL, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO);
    g_clear_error(&error);
    weft_recorder_free(recorder);
    assert_readable(path);
    emitter_tear_down(&emitter); /* no ring file is left */
}

static void test_recorder(void)
{
    in_child(record_on_full);
}

/* ---- A full runtime directory ---- */

/* Records a program whose rings lie on a tmpfs of this size; returns what the recorder found. */
static struct weft_recorder_stats record_in_small_runtime(const char *directory, const char *size)
{
    struct emitter emitter;
    emitter_set_up(&emitter);
    mount_small(directory, size);
    g_setenv("XDG_RUNTIME_DIR", directory, TRUE);
    g_autofree char *path = g_build_filename(emitter.directory, "out.weft", NULL);
    struct weft_recorder_options options = { .path = path, .session = "small" };
    GError *error = NULL;
    weft_recorder *recorder = weft_recorder_new(&options, &error);
    g_assert_no_error(error);
    emitter_start(&emitter, "stream", "small", 20000, "exit", NULL);
    int status;
    guint drained;
    while (!emitter_ended(&emitter, &status)) {
        g_assert_true(weft_recorder_drain(recorder, &drained, &error));
        g_usleep(1000);
    }
    g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    g_assert_true(weft_recorder_finish(recorder, 3, 0, &error));
    struct weft_recorder_stats stats = weft_recorder_stats(recorder);
    weft_recorder_free(recorder);
    weft_trace *trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    guint64 slots = 0;
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++)
        slots += weft_trace_chunk(trace, i)->slots;
    if (slots)
        g_assert_cmpuint(slots + weft_trace_lost(trace), ==, emitter.counters->completed);
    weft_trace_unref(trace);
    g_unlink(path);
    emitter_tear_down(&emitter);
    return stats;
}

static void halved_ring(const char *directory)
{
    struct weft_recorder_stats stats = record_in_small_runtime(directory, "2m");
    g_assert_true(stats.attached);
    g_assert_cmpuint(stats.events, >, 0);
}

static void test_halved_ring(void)
{
    in_child(halved_ring);
}

static void no_segment(const char *directory)
{
    struct weft_recorder_stats stats = record_in_small_runtime(directory, "64k");
    g_assert_false(stats.attached);
    g_assert_cmpuint(stats.events, ==, 0);
}

static void test_no_segment(void)
{
    in_child(no_segment);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/diskfull/writer", test_writer);
    g_test_add_func("/diskfull/size-limit", test_size_limit);
    g_test_add_func("/diskfull/recorder", test_recorder);
    g_test_add_func("/diskfull/halved-ring", test_halved_ring);
    g_test_add_func("/diskfull/no-segment", test_no_segment);
    return g_test_run();
}
