/* recover_test.c: the black box of a program that was killed: everything it committed is in the
 * file or counted as lost, wherever it died; and a segment that lies is found out. */
#include "tests/trace/emitter.h"
#include "tests/trace/slots.h"
#include "tests/valgrind.h"
#include "tracer/probe/session.h"
#include "tracer/probe/stale.h"
#include "tracer/probe/strings.h"
#include "tracer/trace/recover.h"
#include "tracer/trace/state.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    struct emitter emitter;
    char *path;    /* of the trace */
    char *segment; /* of the program, once it is dead */
    char *copy;    /* to spoil */
};

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    emitter_set_up(&f->emitter);
    f->path = g_build_filename(f->emitter.directory, "out.weft", NULL);
    f->copy = g_build_filename(f->emitter.directory, "copy.ring", NULL);
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_unlink(f->path);
    g_unlink(f->copy);
    if (f->segment)
        weft_segment_remove(f->segment);
    g_free(f->path);
    g_free(f->copy);
    g_free(f->segment);
    emitter_tear_down(&f->emitter);
}

static void find_segment(struct fixture *f)
{
    g_autoptr(GError) error = NULL;
    f->segment = weft_recover_find((guint64)f->emitter.pid, &error);
    g_assert_no_error(error);
}

/* A program that is killed when it has emitted `enough`. */
static void run_and_kill(struct fixture *f, const char *mode, guint64 enough, const char *ring_size)
{
    emitter_start(&f->emitter, mode, "", 0, "flood", ring_size);
    while (f->emitter.counters->completed < enough)
        continue;
    g_assert_cmpint(kill(f->emitter.pid, SIGKILL), ==, 0);
    emitter_wait(&f->emitter);
    find_segment(f);
}

/* Recovers; what the file holds is what was said. */
static weft_trace *recover(struct fixture *f, const char *segment, struct weft_recovered *recovered)
{
    g_autoptr(GError) error = NULL;
    weft_recover(segment, f->path, recovered, &error);
    g_assert_no_error(error);
    weft_trace *trace = weft_trace_open(f->path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    g_assert_cmpuint(decoded_slots_of(trace), ==, recovered->slots);
    g_assert_cmpuint(weft_trace_events(trace), ==, recovered->events);
    g_assert_cmpuint(weft_trace_lost(trace) + recovered->before, ==, recovered->lost);
    return trace;
}

/* Nobody saw when, or how: it is known up to its last sign, which is not in the future. */
static void assert_killed(const weft_trace *trace)
{
    const struct weft_trace_source *source = weft_trace_source(trace);
    g_assert_true(source->ended);
    g_assert_true(source->ended_unseen);
    g_assert_cmpint(source->exit_code, ==, WEFT_EXIT_UNKNOWN);
    g_assert_cmpint(source->end_ns, ==, weft_trace_end_ns(trace));
    g_assert_cmpint(source->start_realtime_ns + source->end_ns, <=,
                    g_get_real_time() * 1000 + 1000000);
}

/* ---- Programs ---- */

static void test_exit(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    gint64 before = g_get_real_time() * 1000;
    emitter_start(&f->emitter, "flight", "a-session", 20000, "exit", NULL);
    emitter_wait(&f->emitter);
    find_segment(f);
    struct weft_recovered recovered;
    g_autoptr(weft_trace) trace = recover(f, f->segment, &recovered);
    g_assert_cmpstr(recovered.damage, ==, NULL);
    g_assert_nonnull(strstr(recovered.program, "emitter"));
    g_assert_cmpuint(recovered.slots, ==, f->emitter.counters->completed);
    g_assert_cmpuint(recovered.lost, ==, 0);
    const struct weft_trace_source *source = weft_trace_source(trace);
    g_assert_cmpuint(source->pid, ==, (guint64)f->emitter.pid);
    g_assert_true(source->ended);
    g_assert_false(source->ended_unseen);
    g_assert_cmpint(source->exit_code, ==, 3);
    g_assert_cmpint(source->start_realtime_ns, >=, before - 1000000);
    g_assert_cmpint(source->start_realtime_ns + weft_trace_end_ns(trace), <=,
                    g_get_real_time() * 1000 + 1000000);
    g_assert_nonnull(weft_trace_site(trace, 1));
    g_assert_cmpstr(weft_trace_site(trace, 1)->func, ==, "create_task");
    weft_recovered_clear(&recovered);
}

static void test_kill(struct fixture *f, gconstpointer mode)
{
    for (guint round = 0; round < 12; round++) {
        g_autofree char *ring_size = g_strdup_printf("%uK", 64 * (2 + round % 5));
        run_and_kill(f, mode, (guint64)g_test_rand_int_range(1, 60000), ring_size);
        struct weft_recovered recovered;
        g_autoptr(weft_trace) trace = recover(f, f->segment, &recovered);
        g_assert_cmpstr(recovered.damage, ==, NULL);
        g_assert_cmpuint(recovered.slots + recovered.lost, >=, f->emitter.counters->completed);
        g_assert_cmpuint(recovered.slots + recovered.lost, <=, f->emitter.counters->started);
        assert_killed(trace);
        weft_recovered_clear(&recovered);
        weft_segment_remove(f->segment);
        g_clear_pointer(&f->segment, g_free);
    }
}

/* What was overwritten is known as far as it matters: the trace begins with a state. */
static void test_overwritten(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    run_and_kill(f, "flight", 60000, "128K");
    struct weft_recovered recovered;
    g_autoptr(weft_trace) trace = recover(f, f->segment, &recovered);
    g_assert_cmpuint(recovered.before, >, 0);
    g_assert_true(weft_trace_begins_with_state(trace));
    g_assert_cmpuint(weft_trace_chunk(trace, 0)->first_ordinal, ==, recovered.before);
    g_assert_cmpint(weft_trace_chunk(trace, 0)->first_ns, ==, 0);
    guint from, n;
    g_autoptr(weft_state) state = weft_trace_state_before(trace, 0, &from);
    const struct weft_task_at **tasks = weft_state_tasks(state, &n);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpstr(weft_trace_string(trace, tasks[0]->name), ==, "ping");
    g_assert_cmpstr(weft_trace_string(trace, tasks[1]->name), ==, "pong");
    weft_recovered_clear(&recovered);
}

static void test_running(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    emitter_start(&f->emitter, "flight", "", 1000, "wait", NULL);
    while (!f->emitter.counters->done)
        g_usleep(1000);
    g_autofree char *segment = weft_recover_find((guint64)f->emitter.pid, NULL);
    struct weft_recovered recovered;
    g_autoptr(GError) error = NULL;
    g_assert_false(weft_recover(segment, f->path, &recovered, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED);
    g_autofree char *hint = g_strdup_printf("weft view %d", f->emitter.pid);
    g_assert_nonnull(strstr(error->message, hint));
    g_assert_false(g_file_test(f->path, G_FILE_TEST_EXISTS));
    close(f->emitter.input);
    f->emitter.input = -1;
    emitter_wait(&f->emitter);
    /* It ended by itself and took its ring with it. */
    g_autoptr(GError) none = NULL;
    g_assert_null(weft_recover_find((guint64)f->emitter.pid, &none));
    g_assert_error(none, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_PROCESS);
    g_assert_nonnull(strstr(none->message, f->emitter.directory));
}

/* ---- A copy, mapped, to be changed ---- */

struct spoilt {
    struct weft_segment *page;
    struct weft_directory_entry *directory;
    struct weft_ring *ring;
    guint64 ring_offset, area_offset;
    gsize size;
};

static struct spoilt open_copy(struct fixture *f)
{
    char *bytes;
    gsize size;
    g_autoptr(GError) error = NULL;
    g_file_get_contents(f->segment, &bytes, &size, &error);
    g_assert_no_error(error);
    g_unlink(f->copy);
    int fd = open(f->copy, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, bytes, size), ==, (gssize)size);
    g_free(bytes);
    struct spoilt s = { .size = size };
    s.page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    g_assert_true(s.page != MAP_FAILED);
    close(fd);
    s.directory = (void *)((char *)s.page + s.page->directory_offset);
    s.ring_offset = s.directory[0].offset;
    s.ring = (void *)((char *)s.page + s.ring_offset);
    s.area_offset = weft_area_offset(s.ring->area);
    return s;
}

static struct weft_chunk *chunk_of(const struct spoilt *s, guint64 k)
{
    return weft_chunk_slot((char *)s->page + s->area_offset, weft_area_chunks(s->ring->area), k);
}

/* Killed after `steps` of the stores that open the next chunk (ring.c). */
static void open_chunk_partly(const struct spoilt *s, guint steps)
{
    guint64 k = s->ring->current + 1;
    const struct weft_chunk *last = chunk_of(s, k - 1);
    guint64 ordinal = last->first_event + (last->committed - WEFT_CHUNK_HEADER) / WEFT_SLOT_SIZE;
    struct weft_chunk *chunk = chunk_of(s, k);
    const struct {
        _Atomic uint64_t *word;
        uint64_t value;
    } stores[] = {
        { &chunk->seq, 0 },
        { &chunk->base_mono_ns, last->base_mono_ns + 1 },
        { &chunk->base_ticks, last->base_ticks + 1 },
        { &chunk->first_event, ordinal },
        { &chunk->dropped_total, s->ring->dropped },
        { &chunk->current_task, 0 },
        { &chunk->owner, last->owner },
        { &chunk->committed, WEFT_CHUNK_HEADER },
        { &chunk->seq, k },
        { &s->ring->current, k },
    };
    for (guint i = 0; i < MIN(steps, G_N_ELEMENTS(stores)); i++)
        atomic_store(stores[i].word, stores[i].value);
    /* And of the four that write an event, then the one that commits it. */
    for (guint i = G_N_ELEMENTS(stores); i < steps; i++) {
        guint word = i - G_N_ELEMENTS(stores);
        if (word < 4)
            ((uint64_t *)(void *)(chunk + 1))[word] = WEFT_RECORD_MARK;
        else
            atomic_store(&chunk->committed, WEFT_CHUNK_HEADER + WEFT_SLOT_SIZE);
    }
}

static void test_killed_while_opening(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    run_and_kill(f, "flight", 30000, "256K");
    struct weft_recovered before;
    weft_trace_unref(recover(f, f->segment, &before));
    for (guint steps = 0; steps <= 15; steps++) {
        struct spoilt s = open_copy(f);
        open_chunk_partly(&s, steps);
        struct weft_recovered after;
        weft_trace_unref(recover(f, f->copy, &after));
        g_assert_cmpstr(after.damage, ==, NULL);
        guint64 committed = before.slots + before.lost + (steps == 15);
        g_assert_cmpuint(after.slots + after.lost, ==, committed);
        if (steps > 0)
            g_assert_cmpuint(after.slots, <, before.slots); /* the oldest is being rewritten */
        weft_recovered_clear(&after);
        munmap(s.page, s.size);
    }
    weft_recovered_clear(&before);
}

/* ---- Segments that lie ---- */

static void assert_damaged(struct fixture *f, const struct spoilt *s, const char *part)
{
    struct weft_recovered recovered;
    weft_trace_unref(recover(f, f->copy, &recovered));
    g_assert_nonnull(recovered.damage);
    if (!strstr(recovered.damage, part))
        g_test_message("%s", recovered.damage);
    g_assert_nonnull(strstr(recovered.damage, part));
    weft_recovered_clear(&recovered);
    munmap(s->page, s->size);
}

static char *at_byte(const char *format, guint64 byte)
{
    g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, byte);
    char **parts = g_strsplit(format, "%", 2);
    char *text = g_strconcat(parts[0], number, parts[1], NULL);
    g_strfreev(parts);
    return text;
}

static void test_damaged_rings(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    run_and_kill(f, "flight", 30000, "256K");
    struct spoilt s = open_copy(f);
    g_autofree char *ring = at_byte("ring 0 cannot be at byte %", s.page->directory_offset);
    s.directory[0].offset = s.page->directory_offset; /* the ring is the directory */
    assert_damaged(f, &s, ring);
    s = open_copy(f);
    s.directory[0].offset += 8;
    assert_damaged(f, &s, "cannot be");
    s = open_copy(f);
    s.directory[5] = s.directory[0]; /* two rings in one place */
    assert_damaged(f, &s, "ring 5 cannot be");
    s = open_copy(f);
    s.directory[5].offset = s.area_offset; /* chunks that are a ring */
    assert_damaged(f, &s, "ring 5 cannot be");
    s = open_copy(f);
    s.ring->index = 7;
    assert_damaged(f, &s, "is another's");
    s = open_copy(f);
    s.ring->area = weft_area(s.size - WEFT_PAGE, 4);
    assert_damaged(f, &s, "4 chunks cannot be at byte");
    s = open_copy(f);
    s.ring->area = weft_area(s.ring_offset, 4); /* a ring that is its own chunks */
    assert_damaged(f, &s, "4 chunks cannot be at byte");
    s = open_copy(f);
    s.ring->area = UINT64_MAX;
    assert_damaged(f, &s, "chunks cannot be at byte");
    s = open_copy(f);
    s.page->strings_offset = s.ring_offset;
    assert_damaged(f, &s, "the strings");
    s = open_copy(f);
    struct weft_heap_entry *entry = (void *)((char *)s.page + s.page->strings_offset +
                                             sizeof(struct weft_heap));
    entry->size = 1 << 20;
    g_autofree char *strings = at_byte("the strings are damaged at byte %",
                                       s.page->strings_offset + sizeof(struct weft_heap));
    assert_damaged(f, &s, strings);
}

/* Whatever is wrong with it, that is a line and no page. */
static void test_much_damage(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    run_and_kill(f, "flight", 30000, "256K");
    struct spoilt s = open_copy(f);
    for (guint i = 1; i < WEFT_RINGS_MAX; i++)
        s.directory[i].offset = i;
    struct weft_recovered recovered;
    weft_trace_unref(recover(f, f->copy, &recovered));
    g_assert_nonnull(strstr(recovered.damage, "ring 1 cannot be at byte 1: it is left out; "));
    g_autofree char *more = g_strdup_printf("; and %u more such faults", WEFT_RINGS_MAX - 1 - 4);
    g_assert_true(g_str_has_suffix(recovered.damage, more));
    g_assert_cmpuint(strlen(recovered.damage), <, 500);
    weft_recovered_clear(&recovered);
    munmap(s.page, s.size);
}

static void test_damaged_chunks(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    run_and_kill(f, "flight", 30000, "256K");
    struct spoilt s = open_copy(f);
    guint64 k = s.ring->current - 1;
    guint64 at = (guint64)((char *)chunk_of(&s, k) - (char *)s.page);
    g_autofree char *senseless = at_byte("the chunk at byte % makes no sense", at);
    g_autofree char *misfit = at_byte("the chunk at byte % does not fit", at);
    g_autofree char *unwritten = at_byte("the event at byte % was never written",
                                         at + WEFT_CHUNK_HEADER + 100 * WEFT_SLOT_SIZE);
    chunk_of(&s, k)->committed = 65;
    assert_damaged(f, &s, senseless);
    s = open_copy(f);
    chunk_of(&s, k)->committed = UINT64_MAX;
    assert_damaged(f, &s, senseless);
    s = open_copy(f);
    chunk_of(&s, k)->seq++;
    assert_damaged(f, &s, senseless);
    s = open_copy(f);
    chunk_of(&s, k)->first_event += 1000000;
    assert_damaged(f, &s, misfit);
    s = open_copy(f);
    chunk_of(&s, k)->dropped_total = UINT64_MAX / 8;
    assert_damaged(f, &s, "counts more dropped events");
    s = open_copy(f);
    memset((char *)chunk_of(&s, k) + WEFT_CHUNK_HEADER + 100 * WEFT_SLOT_SIZE, 0, WEFT_SLOT_SIZE);
    assert_damaged(f, &s, unwritten);
    /* What the ring says about itself is not looked at: its chunks know. */
    s = open_copy(f);
    s.ring->current = UINT64_MAX;
    s.ring->consumed = 12;
    struct weft_recovered recovered;
    weft_trace_unref(recover(f, f->copy, &recovered));
    g_assert_cmpstr(recovered.damage, ==, NULL);
    weft_recovered_clear(&recovered);
    munmap(s.page, s.size);
}

static void assert_refused(struct fixture *f, gint code, const char *part)
{
    struct weft_recovered recovered;
    g_autoptr(GError) error = NULL;
    g_assert_false(weft_recover(f->copy, f->path, &recovered, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, code);
    g_assert_nonnull(strstr(error->message, part));
    g_assert_nonnull(strstr(error->message, f->copy));
    g_assert_false(g_file_test(f->path, G_FILE_TEST_EXISTS));
}

static void test_no_segment(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    assert_refused(f, WEFT_TRACE_ERROR_IO, "No such file");
    g_assert_true(g_file_set_contents(f->copy, "short", -1, NULL));
    assert_refused(f, WEFT_TRACE_ERROR_NOT_A_TRACE, "smaller");
    run_and_kill(f, "flight", 1000, "256K");
    struct spoilt s = open_copy(f);
    s.page->magic = 0;
    assert_refused(f, WEFT_TRACE_ERROR_NOT_A_TRACE, "holds nothing");
    s.page->magic = 12345;
    assert_refused(f, WEFT_TRACE_ERROR_NOT_A_TRACE, "no ring file");
    s.page->magic = WEFT_SEGMENT_MAGIC;
    s.page->abi = 99;
    assert_refused(f, WEFT_TRACE_ERROR_VERSION, "version 99");
    s.page->abi = WEFT_ABI_VERSION;
    s.page->directory_offset = UINT64_MAX - 4095;
    assert_refused(f, WEFT_TRACE_ERROR_CORRUPT, "directory");
    s.page->directory_offset = 0;
    assert_refused(f, WEFT_TRACE_ERROR_CORRUPT, "at byte");
    munmap(s.page, s.size);
    g_unlink(f->copy);
    g_assert_cmpint(g_mkdir(f->copy, 0700), ==, 0);
    assert_refused(f, WEFT_TRACE_ERROR_NOT_A_TRACE, "no file");
    g_rmdir(f->copy);
}

/* A copy from another machine, or from before a restart, of a process number that somebody else
 * has now. */
static void test_other_boot(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    run_and_kill(f, "flight", 5000, "256K");
    struct spoilt s = open_copy(f);
    s.page->boot_id[3] ^= 1;
    s.page->pid = (guint64)getpid();
    s.page->start_time = weft_process_start_time(s.page->pid);
    struct weft_recovered recovered;
    g_autoptr(weft_trace) trace = recover(f, f->copy, &recovered);
    g_assert_cmpstr(weft_trace_source(trace)->host, ==, "");
    g_assert_cmpuint(recovered.events, >, 0);
    g_assert_cmpint(weft_trace_end_ns(trace), >, 0);
    weft_recovered_clear(&recovered);
    munmap(s.page, s.size);
}

/* Cut anywhere: an error, or a trace of what is left. */
static void test_cut(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    run_and_kill(f, "flight", 5000, "128K");
    for (guint round = 0; round < (SLOW ? 60 : 200); round++) {
        struct spoilt s = open_copy(f);
        gsize size = round < 20 ? round * 8192 : (gsize)g_test_rand_int_range(0, (gint32)s.size);
        munmap(s.page, s.size);
        g_assert_cmpint(truncate(f->copy, (off_t)size), ==, 0);
        struct weft_recovered recovered;
        g_autoptr(GError) error = NULL;
        if (weft_recover(f->copy, f->path, &recovered, &error)) {
            g_assert_nonnull(recovered.damage);
            weft_recovered_clear(&recovered);
        } else {
            g_assert_nonnull(error);
        }
    }
}

/* Anything may be in it. */
static void test_random(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    run_and_kill(f, "flight", 20000, "192K");
    for (guint round = 0; round < (SLOW ? 60 : 200); round++) {
        struct spoilt s = open_copy(f);
        void *places[] = {
            (char *)s.page + 8, s.directory,     s.ring,
            chunk_of(&s, 1),    chunk_of(&s, 2), (char *)s.page + s.page->strings_offset
        };
        const guint words[] = { 200, 8, 32, 24, 24, 64 };
        for (gint lies = g_test_rand_int_range(1, 8); lies > 0; lies--) {
            guint place = (guint)g_test_rand_int_range(0, G_N_ELEMENTS(places));
            uint64_t *word = (uint64_t *)places[place] +
                             g_test_rand_int_range(0, (gint32)words[place]);
            uint64_t value = (uint64_t)(guint32)g_test_rand_int() << g_test_rand_int_range(0, 33);
            *word = g_test_rand_int_range(0, 2) ? value : *word ^ 1ull << (value % 64);
        }
        munmap(s.page, s.size);
        struct weft_recovered recovered;
        g_autoptr(GError) error = NULL;
        if (weft_recover(f->copy, f->path, &recovered, &error)) {
            g_autoptr(weft_trace) trace = weft_trace_open(f->path, &error);
            g_assert_no_error(error);
            g_assert_cmpuint(decoded_slots_of(trace), ==, recovered.slots);
            g_assert_cmpuint(weft_trace_lost(trace) + recovered.before, ==, recovered.lost);
            weft_recovered_clear(&recovered);
        } else {
            g_assert_nonnull(error);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, data, function)                                                                  \
    g_test_add("/recover/" name, struct fixture, data, set_up, function, tear_down)
    ADD("exit", NULL, test_exit);
    ADD("kill/flight", "flight", test_kill);
    ADD("kill/stream", "stream", test_kill);
    ADD("overwritten", NULL, test_overwritten);
    ADD("running", NULL, test_running);
    ADD("killed-while-opening", NULL, test_killed_while_opening);
    ADD("damaged/rings", NULL, test_damaged_rings);
    ADD("damaged/much", NULL, test_much_damage);
    ADD("damaged/chunks", NULL, test_damaged_chunks);
    ADD("no-segment", NULL, test_no_segment);
    ADD("other-boot", NULL, test_other_boot);
    ADD("cut", NULL, test_cut);
    ADD("random", NULL, test_random);
    return g_test_run();
}
