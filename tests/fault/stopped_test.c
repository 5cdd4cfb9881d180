/* stopped_test.c: who stops, and who does not come back. A stopped program is read to what it has
 * committed; a stopped or dead reader never holds the program up. emitted = read + lost, exactly.
 */
#include "tests/child.h"
#include "tests/trace/emitter.h"
#include "tests/trace/slots.h"
#include "tracer/trace/attach.h"
#include "tracer/trace/live.h"
#include "tracer/trace/recorder.h"
#include "tracer/trace/recover.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
    struct emitter emitter;
    char *path;
};

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    emitter_set_up(&f->emitter);
    f->path = g_build_filename(f->emitter.directory, "out.weft", NULL);
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_unlink(f->path);
    g_free(f->path);
    g_autofree char *rings = g_build_filename(f->emitter.directory, "weft", NULL);
    g_autoptr(GDir) dir = g_dir_open(rings, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(rings, name, NULL);
        g_unlink(path);
    }
    emitter_tear_down(&f->emitter);
}

/* An event under way is in or not; those before are. */
static void assert_emitted(const struct fixture *f, guint64 emitted)
{
    g_assert_cmpuint(emitted, >=, f->emitter.counters->completed);
    g_assert_cmpuint(emitted, <=, f->emitter.counters->started);
}

static void wait_for(const struct fixture *f, guint64 slots)
{
    while (f->emitter.counters->completed < slots)
        g_usleep(1000);
}

/* ---- The program is stopped, wherever it is ---- */

static void stop(pid_t pid)
{
    int status;
    g_assert_cmpint(kill(pid, SIGSTOP), ==, 0);
    g_assert_cmpint(waitpid(pid, &status, WUNTRACED), ==, pid);
    g_assert_true(WIFSTOPPED(status));
}

static void test_writer(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    emitter_start(&f->emitter, "flight", "", 0, "flood", "256K");
    wait_for(f, 1000);
    g_autoptr(GError) error = NULL;
    weft_live *live = weft_live_attach((guint64)f->emitter.pid, &error);
    g_assert_no_error(error);
    const weft_trace *trace = weft_live_trace(live);
    for (guint round = 0; round < 20; round++) {
        wait_for(f, f->emitter.counters->completed + (guint64)g_test_rand_int_range(0, 50000));
        weft_live_poll(live);
        stop(f->emitter.pid);
        while (weft_live_poll(live) > 0)
            continue;
        assert_emitted(f, weft_trace_chunk(trace, 0)->first_ordinal + slots_of(trace) +
                              weft_trace_lost(trace));
        g_assert_false(weft_live_ended(live));
        g_assert_cmpint(kill(f->emitter.pid, SIGCONT), ==, 0);
    }
    kill(f->emitter.pid, SIGKILL);
    emitter_wait(&f->emitter);
    weft_live_free(live);
}

/* ---- The recorder is stopped ---- */

/* Until the test says that the program was killed. */
static pid_t record_in_child(const struct fixture *f)
{
    pid_t pid = child_fork();
    if (pid > 0)
        return pid;
    struct weft_recorder_options options = { .path = f->path, .session = "stopped" };
    weft_recorder *recorder = weft_recorder_new(&options, NULL);
    gboolean ok = recorder != NULL;
    while (ok && !f->emitter.counters->done) {
        guint drained;
        ok = weft_recorder_drain(recorder, &drained, NULL);
        if (!drained)
            g_usleep(1000);
    }
    _exit(ok && weft_recorder_finish(recorder, 0, SIGKILL, NULL) ? 0 : 1);
}

static void wait_for_file(const struct fixture *f, gint64 size)
{
    struct stat st;
    while (stat(f->path, &st) < 0 || st.st_size < size)
        g_usleep(1000);
}

static void test_reader(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    pid_t recorder = record_in_child(f);
    emitter_start(&f->emitter, "stream", "stopped", 0, "flood", "256K");
    wait_for_file(f, 2000);
    stop(recorder);
    wait_for(f, f->emitter.counters->completed + 1000000); /* it goes on */
    kill(f->emitter.pid, SIGKILL);
    emitter_wait(&f->emitter);
    f->emitter.counters->done = 1;
    int status;
    g_assert_cmpint(kill(recorder, SIGCONT), ==, 0);
    g_assert_cmpint(waitpid(recorder, &status, 0), ==, recorder);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(f->path, &error);
    g_assert_no_error(error);
    assert_emitted(f, slots_of(trace) + weft_trace_lost(trace));
    g_assert_cmpuint(weft_trace_lost(trace), >, 0);
}

/* ---- Whoever drained a stream is gone ---- */

static uint64_t of_ring(const _Atomic uint64_t *word)
{
    return atomic_load_explicit(word, memory_order_relaxed);
}

/* Until its lease runs out the program drops what has no room; then it writes on as in flight. */
static void test_reader_gone(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    emitter_start(&f->emitter, "stream", "gone", 0, "flood", "256K");
    g_autoptr(GHashTable) rejected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GError) error = NULL;
    struct weft_attachment *attachment = NULL;
    while (!attachment) {
        attachment = weft_attach_session("gone", rejected, &error);
        g_assert_no_error(error);
    }
    weft_attachment_lease(attachment, G_GINT64_CONSTANT(3600) * 1000000000);
    while (attachment->rings->len == 0)
        g_assert_true(weft_attachment_update(attachment));
    const struct weft_attached_ring *attached = attachment->rings->pdata[0];
    const struct weft_ring *ring = attached->reader.ring;
    while (of_ring(&ring->dropped) == 0)
        g_usleep(1000);
    uint64_t chunks = weft_area_chunks(of_ring(&ring->area));
    g_assert_cmpuint(of_ring(&ring->current), ==, chunks);
    weft_attachment_lease(attachment, 1);
    uint64_t far = 5 * chunks, dropped = 0;
    while (of_ring(&ring->current) < far)
        g_usleep(1000);
    dropped = of_ring(&ring->dropped);
    while (of_ring(&ring->current) < 2 * far)
        g_usleep(1000);
    g_assert_cmpuint(of_ring(&ring->dropped), ==, dropped);
    kill(f->emitter.pid, SIGKILL);
    emitter_wait(&f->emitter);
    g_autofree char *segment = g_strdup(attachment->path);
    weft_attachment_free(attachment);
    struct weft_recovered recovered;
    g_assert_true(weft_recover(segment, f->path, &recovered, &error));
    g_assert_no_error(error);
    assert_emitted(f, recovered.slots + recovered.lost);
    g_assert_cmpuint(recovered.lost, >, dropped); /* and what was overwritten */
    weft_recovered_clear(&recovered);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/stopped/" name, struct fixture, NULL, set_up, function, tear_down)
    ADD("writer", test_writer);
    ADD("reader", test_reader);
    ADD("reader-gone", test_reader_gone);
    return g_test_run();
}
