/* kill_test.c: kill -9 at random moments: while a recorder drains the program, and with nobody
 * looking; from the first instruction on. What is recovered is what was committed, exactly: the
 * words of the segment say how much that was, and the program's own counts, before and after each
 * event, that it can be no other.
 *
 * WEFT_TEST_KILLS says how often, in all; else 40 times. */
#include "tests/trace/emitter.h"
#include "tests/trace/slots.h"
#include "tracer/probe/ring.h"
#include "tracer/trace/recorder.h"
#include "tracer/trace/recover.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>

static guint kills(void)
{
    const char *text = g_getenv("WEFT_TEST_KILLS");
    return text ? (guint)g_ascii_strtoull(text, NULL, 10) : 40;
}

/* Slots that a dead program's ring counts as written, by its last chunk, and as refused. */
static guint64 emitted_by(const char *bytes, const struct weft_ring *ring)
{
    guint64 n = weft_area_chunks(ring->area), last = 0, written = ring->retired;
    for (guint64 i = 0; i < n; i++) {
        const struct weft_chunk *chunk = (const void *)(bytes + weft_area_offset(ring->area) +
                                                        i * WEFT_CHUNK_SIZE);
        if (chunk->seq <= last)
            continue;
        last = chunk->seq;
        written = chunk->first_event + (chunk->committed - WEFT_CHUNK_HEADER) / WEFT_SLOT_SIZE;
    }
    return written + ring->dropped + ring->nested;
}

static guint64 committed_in(const char *segment)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *bytes = NULL;
    g_file_get_contents(segment, &bytes, NULL, &error);
    g_assert_no_error(error);
    const struct weft_segment *page = (const void *)bytes;
    const struct weft_directory_entry *rings = (const void *)(bytes + page->directory_offset);
    guint64 committed = 0;
    for (guint i = 0; i < page->rings; i++)
        committed += emitted_by(bytes, (const void *)(bytes + rings[i].offset));
    return committed;
}

/* Every event that was committed, and no other. */
static void check(const struct emitter *e, const char *path, guint64 before, guint64 committed)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    g_assert_cmpuint(before + decoded_slots_of(trace) + weft_trace_lost(trace), ==, committed);
    g_assert_cmpuint(committed, >=, e->counters->completed);
    g_assert_cmpuint(committed, <=, e->counters->started);
    g_assert_cmpuint(e->counters->started, <=, e->counters->completed + 2); /* an EXT is two */
}

/* A moment: after so many slots, or soon after the program was started, which then may not have
 * come to tracing yet. */
struct moment {
    guint64 slots;
    gint64 us;
};

static struct moment any_moment(void)
{
    if (g_test_rand_int_range(0, 3) == 0)
        return (struct moment){ 0, g_test_rand_int_range(0, 8000) };
    return (struct moment){ (guint64)g_test_rand_int_range(1, 120000), 0 };
}

static gboolean has_come(const struct emitter *e, struct moment moment, gint64 since)
{
    return moment.slots ? e->counters->completed >= moment.slots
                        : g_get_monotonic_time() - since >= moment.us;
}

static void end(struct emitter *e)
{
    g_assert_cmpint(kill(e->pid, SIGKILL), ==, 0);
    int status = emitter_wait(e);
    g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void kill_recorded(struct emitter *e, const char *path, const char *ring_size)
{
    struct weft_recorder_options options = { .path = path, .session = "killed" };
    g_autoptr(GError) error = NULL;
    weft_recorder *recorder = weft_recorder_new(&options, &error);
    g_assert_no_error(error);
    struct moment moment = any_moment();
    gint64 since = g_get_monotonic_time();
    emitter_start(e, "stream", "killed", 0, "flood", ring_size);
    while (!has_come(e, moment, since)) {
        guint drained;
        g_assert_true(weft_recorder_drain(recorder, &drained, &error));
    }
    end(e);
    g_autofree char *segment = weft_recover_find((guint64)e->pid, NULL);
    guint64 committed = segment ? committed_in(segment) : 0;
    g_assert_true(weft_recorder_finish(recorder, 0, SIGKILL, &error));
    g_assert_no_error(error);
    gboolean attached = weft_recorder_stats(recorder).attached;
    weft_recorder_free(recorder);
    if (attached)
        check(e, path, 0, committed);
    else /* it had not come so far as to have a segment */
        g_assert_cmpuint(e->counters->completed, ==, 0);
}

static void kill_unseen(struct emitter *e, const char *path, const char *mode,
                        const char *ring_size)
{
    struct moment moment = any_moment();
    gint64 since = g_get_monotonic_time();
    emitter_start(e, mode, "", 0, "flood", ring_size);
    while (!has_come(e, moment, since))
        continue;
    end(e);
    g_autoptr(GError) error = NULL;
    g_autofree char *segment = weft_recover_find((guint64)e->pid, &error);
    if (!segment) {
        g_assert_cmpuint(e->counters->completed, ==, 0);
        return;
    }
    guint64 committed = committed_in(segment);
    struct weft_recovered recovered;
    g_assert_true(weft_recover(segment, path, &recovered, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(recovered.damage, ==, NULL);
    guint64 before = recovered.before; /* the trace begins behind what was overwritten */
    weft_recovered_clear(&recovered);
    check(e, path, before, committed);
}

static void remove_rings(const struct emitter *e)
{
    g_autofree char *rings = g_build_filename(e->directory, "weft", NULL);
    g_autoptr(GDir) dir = g_dir_open(rings, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(rings, name, NULL);
        g_unlink(path);
    }
}

static void test_kill(gconstpointer how)
{
    for (guint round = 0; round < kills() / (how ? 4 : 2); round++) {
        struct emitter e;
        emitter_set_up(&e);
        g_autofree char *path = g_build_filename(e.directory, "out.weft", NULL);
        g_autofree char *ring_size = g_strdup_printf("%uK", 64 * (2 + round % 7));
        if (how)
            kill_unseen(&e, path, how, ring_size);
        else
            kill_recorded(&e, path, ring_size);
        g_unlink(path);
        remove_rings(&e);
        emitter_tear_down(&e);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/kill/recorded", NULL, test_kill);
    g_test_add_data_func("/kill/flight", "flight", test_kill);
    g_test_add_data_func("/kill/stream", "stream", test_kill);
    return g_test_run();
}
