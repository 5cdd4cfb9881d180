/* The session: environment, files, rings taken over. Each case is a child process of its
 * own, since a process has one session in its life. */
#include "tests/probe/session.h"
#include "tracer/probe/publish.h"
#include <sys/resource.h>
#include <sys/stat.h>

static char *segment_path(void)
{
    return file_path(".ring");
}

static void body_off(void)
{
    g_assert_cmpint(weft_probe_start(), ==, WEFT_MODE_OFF);
    struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
    g_assert_null(w->ring);
    g_assert_cmpuint(weft_new_id(w, WEFT_ENTITY_TASK), ==, weft_id(WEFT_ENTITY_TASK, 0, 1));
    weft_emit(w, WEFT_RECORD_RESUME, 0, 0, 1, 2);
    weft_probe_close_ring(w, 0);
    g_assert_null(segment_path());
}

static void body_flight(void)
{
    g_assert_cmpint(weft_probe_start(), ==, WEFT_MODE_FLIGHT);
    g_autofree char *path = segment_path();
    g_assert_nonnull(path);
    struct stat st;
    g_assert_cmpint(g_stat(path, &st), ==, 0);
    g_assert_cmpuint(st.st_mode & 0777, ==, 0600);
    struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
    g_assert_nonnull(w->ring);
    const struct weft_record *r = (const void *)((char *)w->chunk + WEFT_CHUNK_HEADER);
    g_assert_cmpuint(r[0].kind, ==, WEFT_RECORD_PROCESS);
    g_assert_cmpuint(r[1].kind, ==, WEFT_RECORD_LOOP_OPEN);
    g_assert_cmpuint(r[1].subject, ==, w->owner);
    weft_probe_close_ring(w, 0);
    g_assert_cmpuint(r[2].kind, ==, WEFT_RECORD_LOOP_CLOSE);
    /* The next loop takes the ring over: ordinals and ids go on. */
    struct weft_writer *again = weft_probe_open_ring(WEFT_RING_LOOP);
    g_assert_true(again == w);
    g_assert_cmpuint(weft_id_counter(again->owner), ==, 2);
    g_assert_cmpuint(r[3].kind, ==, WEFT_RECORD_LOOP_OPEN);
    /* A second one at the same time gets its own. */
    struct weft_writer *other = weft_probe_open_ring(WEFT_RING_LOOP);
    g_assert_true(other != again);
    g_assert_cmpuint(other->index, ==, 1);
    weft_probe_stop(0);
    g_assert_null(segment_path());
    weft_emit(w, WEFT_RECORD_RESUME, 0, 0, 1, 2); /* harmless */
}

static void body_session_token(void)
{
    g_assert_cmpint(weft_probe_start(), ==, WEFT_MODE_STREAM);
    weft_probe_close_ring(weft_probe_open_ring(WEFT_RING_LOOP), 0);
    weft_probe_stop(3);
    g_autofree char *path = segment_path();
    g_assert_nonnull(path); /* its recorder unlinks it */
    g_autofree char *bytes = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    const struct weft_segment *segment = (const void *)bytes;
    g_assert_cmpuint(segment->magic, ==, WEFT_SEGMENT_MAGIC);
    g_assert_cmpuint(segment->pid, ==, (guint64)getpid());
    g_assert_cmpuint(segment->start_time, ==, weft_process_start_time(segment->pid));
    g_assert_cmpstr(segment->session, ==, "token-1");
    g_assert_cmpuint(segment->exit_state, ==, 1);
    g_assert_cmpuint(segment->rings, ==, 1);
    g_unlink(path);
}

/* A recorder that had found it and was killed does not come back: nobody else would unlink it. */
static void body_reader_gone(void)
{
    g_assert_cmpint(weft_probe_start(), ==, WEFT_MODE_STREAM);
    struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
    pid_t reader = fork();
    if (reader == 0)
        _exit(0);
    g_assert_cmpint(waitpid(reader, NULL, 0), ==, reader);
    atomic_store(&w->segment->lease.expires_mono_ns, UINT64_MAX);
    atomic_store(&w->segment->lease.pid, (uint64_t)reader);
    weft_probe_stop(0);
    g_assert_null(segment_path());
}

/* RLIMIT_FSIZE is a lack of room, not the program's death. */
static void body_file_limit(void)
{
    struct rlimit limit = { 3 << 20, 3 << 20 };
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    g_assert_cmpint(weft_probe_start(), ==, WEFT_MODE_FLIGHT);
    struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
    g_assert_nonnull(w->ring);
    g_assert_cmpuint(w->n, <, 64);
    g_assert_nonnull(strstr(logged->str, "no room"));
}

static void body_no_file(void)
{
    struct rlimit limit = { 10240, 10240 };
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    g_assert_cmpint(weft_probe_start(), ==, WEFT_MODE_OFF);
    g_assert_null(segment_path());
}

static void body_bad_environment(void)
{
    g_setenv("WEFT_RING_SIZE", "lots", TRUE);
    g_assert_cmpint(weft_probe_start(), ==, WEFT_MODE_FLIGHT);
    g_assert_nonnull(strstr(logged->str, "WEFT_RING_SIZE=lots"));
    struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
    g_assert_cmpuint(w->n, ==, 64); /* 4 MiB */
}

static void body_small_ring(void)
{
    g_setenv("WEFT_RING_SIZE", "256K", TRUE);
    weft_probe_start();
    g_assert_cmpuint(weft_probe_open_ring(WEFT_RING_LOOP)->n, ==, 4);
}

/* A ring has two chunks at least. */
static void body_tiny_ring(void)
{
    g_setenv("WEFT_RING_SIZE", "1K", TRUE);
    weft_probe_start();
    g_assert_cmpuint(weft_probe_open_ring(WEFT_RING_LOOP)->n, ==, 2);
    g_assert_nonnull(strstr(logged->str, "WEFT_RING_SIZE=1K is less"));
}

static void body_bad_mode(void)
{
    g_assert_cmpint(weft_probe_start(), ==, WEFT_MODE_OFF);
    g_assert_nonnull(strstr(logged->str, "WEFT_TRACE=loud"));
}

/* Runs the loop, fills its chunk to the end, and closes it. */
static gpointer ends(gpointer data)
{
    struct weft_writer *w = data;
    weft_writer_bind(w);
    do
        weft_emit(w, WEFT_RECORD_COUNTER, 0, 0, 1, 1);
    while (w->end - w->position > WEFT_SLOT_SIZE);
    weft_probe_close_ring(w, 0);
    return NULL;
}

/* The last event is PROCESS_EXIT, though the only loop was another thread's. */
static void body_exit_event(void)
{
    weft_probe_start();
    struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
    g_thread_join(g_thread_new("ends", ends, w));
    g_assert_true(w->position == w->end);
    weft_probe_stop(3);
    const struct weft_record *r = (const void *)(w->position - WEFT_SLOT_SIZE);
    g_assert_cmpuint(r->kind, ==, WEFT_RECORD_PROCESS_EXIT);
    g_assert_cmpuint(r->detail, ==, WEFT_EXIT_CODE);
    g_assert_cmpuint(r->object, ==, 3);
    g_assert_cmpuint(w->ring->nested, ==, 0);
}

static void body_unwritable(void)
{
    g_setenv("XDG_RUNTIME_DIR", "/proc/nowhere", TRUE);
    g_assert_cmpint(weft_probe_start(), ==, WEFT_MODE_OFF);
    g_assert_nonnull(strstr(logged->str, "/proc/nowhere/weft"));
}

static void body_foreign_directory(void)
{
    g_autofree char *directory = g_build_filename(runtime, "open", NULL);
    g_autofree char *weft = g_build_filename(directory, "weft", NULL);
    g_assert_cmpint(g_mkdir_with_parents(weft, 0700), ==, 0);
    g_assert_cmpint(g_chmod(weft, 0777), ==, 0); /* anybody could plant files in it */
    g_setenv("XDG_RUNTIME_DIR", directory, TRUE);
    g_assert_cmpint(weft_probe_start(), ==, WEFT_MODE_OFF);
    g_assert_nonnull(strstr(logged->str, "not tracing"));
    g_rmdir(weft);
    g_rmdir(directory);
}

static void body_sites(void)
{
    static weft_site early = { __FILE__, "early", 1, 0, NULL };
    uint32_t first = weft_site_register(&early);
    weft_probe_start();
    weft_site *here = WEFT_HERE;
    g_assert_cmpuint(weft_site_id(here), ==, first + 1);
    g_assert_cmpuint(weft_site_id(here), ==, first + 1);
    g_assert_cmpuint(weft_site_id(NULL), ==, 0);
    struct weft_heap *heap = weft_probe_heap();
    guint sites = 0;
    for (uint64_t at = sizeof *heap; at < heap->used;) {
        const struct weft_heap_entry *entry = (const void *)((const char *)heap + at);
        if (entry->state == WEFT_HEAP_SITE)
            g_assert_cmpuint(((const struct weft_heap_site *)(entry + 1))->id, ==, first + sites++);
        at += (sizeof *entry + entry->size + 7) & ~7u;
    }
    g_assert_cmpuint(sites, ==, 2);
}

static gpointer thread_emits(gpointer data)
{
    (void)data;
    struct weft_writer *w = weft_probe_thread_writer();
    g_assert_true(w == weft_probe_thread_writer());
    weft_emit(w, WEFT_RECORD_POST, 0, 0, 1, 2);
    return w;
}

static void body_threads(void)
{
    weft_probe_start();
    struct weft_writer *a = g_thread_join(g_thread_new("a", thread_emits, NULL));
    struct weft_writer *b = g_thread_join(g_thread_new("b", thread_emits, NULL));
    g_assert_true(a == b); /* the ended thread's ring is taken over */
    g_assert_cmpuint(a->generation, ==, 2);
}

CASE(off, "off", NULL)
CASE(flight, "flight", NULL)
CASE(session_token, "stream", "token-1")
CASE(reader_gone, "stream", "token-2")
CASE(file_limit, "flight", NULL)
CASE(no_file, "flight", NULL)
CASE(bad_environment, "flight", NULL)
CASE(small_ring, "flight", NULL)
CASE(tiny_ring, "flight", NULL)
CASE(bad_mode, "loud", NULL)
CASE(exit_event, "flight", NULL)
CASE(unwritable, "flight", NULL)
CASE(foreign_directory, "flight", NULL)
CASE(sites, "flight", NULL)
CASE(threads, "flight", NULL)

int main(int argc, char **argv)
{
    begin_tests(&argc, &argv);
    g_test_add_func("/probe/session/off", case_off);
    g_test_add_func("/probe/session/flight", case_flight);
    g_test_add_func("/probe/session/token", case_session_token);
    g_test_add_func("/probe/session/reader-gone", case_reader_gone);
    g_test_add_func("/probe/session/file-limit", case_file_limit);
    g_test_add_func("/probe/session/no-file", case_no_file);
    g_test_add_func("/probe/session/environment", case_bad_environment);
    g_test_add_func("/probe/session/ring-size", case_small_ring);
    g_test_add_func("/probe/session/tiny-ring", case_tiny_ring);
    g_test_add_func("/probe/session/bad-mode", case_bad_mode);
    g_test_add_func("/probe/session/exit-event", case_exit_event);
    g_test_add_func("/probe/session/unwritable", case_unwritable);
    g_test_add_func("/probe/session/foreign-directory", case_foreign_directory);
    g_test_add_func("/probe/session/sites", case_sites);
    g_test_add_func("/probe/session/threads", case_threads);
    return run_tests();
}
