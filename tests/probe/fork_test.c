/* fork, vfork, posix_spawn, daemon: whose events go where, and what a child may not touch. */
#include "tests/probe/session.h"
#include "tests/valgrind.h"
#include "tracer/probe/control.h"
#include "tracer/probe/publish.h"
#include "tracer/probe/weft-probe.h"
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>

extern char **environ;

/* The record of this kind that the writer has in its open chunk; NULL: none. */
static const struct weft_record *find_record(const struct weft_writer *w, unsigned kind)
{
    g_assert_nonnull(w->chunk);
    for (const char *at = (const char *)w->chunk + WEFT_CHUNK_HEADER; at < w->position;
         at += WEFT_SLOT_SIZE) {
        const struct weft_record *r = (const void *)at;
        if (r->kind == kind)
            return r;
        if (r->flags & WEFT_RECORD_EXT)
            at += WEFT_SLOT_SIZE;
    }
    return NULL;
}

static struct weft_writer *start(void)
{
    weft_probe_start();
    return weft_probe_open_ring(WEFT_RING_LOOP);
}

static void body_silent(void)
{
    struct weft_writer *w = start();
    struct weft_ring *ring = w->ring;
    char *before = w->position;
    pid_t pid = fork();
    if (pid == 0) {
        weft_emit(w, WEFT_RECORD_RESUME, 0, 0, 1, 2);
        weft_set_current_task(w, 7);
        atomic_store(&ring->iteration, 99); /* the child's own memory is there */
        weft_probe_close_ring(w, 0);
        exit(w->position ? 1 : 0);
    }
    g_assert_cmpint(exit_code_of(pid), ==, 0);
    g_assert_cmpuint(atomic_load(&ring->iteration), ==, 0);
    g_assert_cmpuint(atomic_load(&ring->running), ==, 0);
    g_assert_cmpuint(count_files(".ring", NULL), ==, 1); /* and its exit removes nothing */
    g_assert_cmpuint(count_files(".sock", NULL), ==, 1);
    /* The parent has FORK, and goes on. */
    const struct weft_record *fork_record = find_record(w, WEFT_RECORD_FORK);
    g_assert_true((const char *)fork_record == before);
    g_assert_cmpuint(fork_record->object, ==, (guint64)pid);
    g_assert_cmpuint(weft_id_kind(fork_record->subject), ==, WEFT_ENTITY_PROCESS);
    g_assert_cmpuint((guint64)(w->position - before), ==, WEFT_SLOT_SIZE);
    weft_emit(w, WEFT_RECORD_RESUME, 0, 0, 1, 2);
    g_assert_cmpuint((guint64)(w->position - before), ==, 2 * WEFT_SLOT_SIZE);
}

/* As _Fork: no handler sees it. */
static void body_unseen(void)
{
    struct weft_writer *w = start();
    struct weft_ring *ring = w->ring;
    weft_emit(w, WEFT_RECORD_ITERATION, 0, 0, w->owner, 5);
    weft_set_current_task(w, 7);
    char *before = w->position;
    uint64_t committed = w->chunk->committed;
    pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == 0) {
        weft_emit(w, WEFT_RECORD_ITERATION, 0, 0, w->owner, 99);
        weft_set_current_task(w, 8);
        weft_mark("nobody hears it");
        weft_probe_serve();
        weft_probe_close_ring(w, 0);
        weft_probe_stop(0);
        _exit(w->position == before && weft_probe_open() == -1 ? 0 : 1);
    }
    g_assert_cmpint(exit_code_of(pid), ==, 0);
    g_assert_cmpuint(w->chunk->committed, ==, committed);
    g_assert_cmpuint(atomic_load(&ring->iteration), ==, 5);
    g_assert_cmpuint(atomic_load(&ring->running), ==, 7);
    g_assert_cmpuint(count_files(".ring", NULL), ==, 1);
    g_assert_cmpuint(atomic_load(&w->segment->exit_state), ==, WEFT_SEGMENT_OPEN);
    weft_emit(w, WEFT_RECORD_ITERATION, 0, 0, w->owner, 6);
    g_assert_cmpuint(atomic_load(&ring->iteration), ==, 6);
}

/* What the child of a fork does that traces by itself. */
static void be_traced(struct weft_writer *inherited, weft_site *site, uint32_t site_id)
{
    uint64_t pid = (uint64_t)getpid();
    struct weft_writer *own = start();
    g_assert_true(own != inherited);
    g_assert_nonnull(own->ring);
    g_assert_cmpuint(own->index, ==, 0);
    g_assert_cmpuint(own->segment->pid, ==, pid);
    g_assert_cmpuint(count_files(".ring", NULL), >=, 2);
    g_assert_cmpint(weft_control_fd(), >=, 0);
    g_assert_nonnull(find_record(own, WEFT_RECORD_PROCESS));
    /* The site has its number here too. */
    g_assert_cmpuint(weft_site_id(site), ==, site_id);
    const struct weft_heap *heap = weft_probe_heap();
    gboolean published = FALSE;
    for (uint64_t at = sizeof *heap; at < heap->used;) {
        const struct weft_heap_entry *entry = (const void *)((const char *)heap + at);
        published |= entry->state == WEFT_HEAP_SITE &&
                     ((const struct weft_heap_site *)(entry + 1))->id == site_id;
        at += (sizeof *entry + entry->size + 7) & ~7u;
    }
    g_assert_true(published);
    /* What it inherited stays mute. */
    weft_emit(inherited, WEFT_RECORD_RESUME, 0, 0, 1, 2);
    g_assert_null(inherited->ring);
    char *before = own->position;
    weft_emit(own, WEFT_RECORD_RESUME, 0, 0, 1, 2);
    g_assert_cmpuint((guint64)(own->position - before), ==, WEFT_SLOT_SIZE);
    g_assert_true(weft_probe_thread_writer() != inherited);
    g_assert_nonnull(weft_probe_thread_writer()->ring);
}

static void body_own(void)
{
    struct weft_writer *w = start();
    struct weft_writer *thread = weft_probe_thread_writer();
    weft_site *site = WEFT_HERE;
    uint32_t id = weft_site_id(site);
    pid_t pid = fork();
    if (pid == 0) {
        be_traced(w, site, id);
        pid_t grandchild = fork();
        if (grandchild == 0) {
            be_traced(w, site, id);
            exit(0);
        }
        exit(exit_code_of(grandchild));
    }
    g_assert_cmpint(exit_code_of(pid), ==, 0);
    g_assert_cmpuint(count_files(".ring", NULL), ==, 1);
    g_assert_true(thread == weft_probe_thread_writer());
}

/* A child without a loop gets a session by saying something. */
static void body_marks(void)
{
    start();
    pid_t pid = fork();
    if (pid == 0) {
        weft_mark("a child");
        const struct weft_record *r = find_record(weft_probe_thread_writer(), WEFT_RECORD_MARK);
        exit(r && count_files(".ring", NULL) == 2 ? 0 : 1);
    }
    g_assert_cmpint(exit_code_of(pid), ==, 0);
}

/* ---- Threads ---- */

static gint ending;

static gpointer opens_and_closes(gpointer data)
{
    (void)data;
    for (guint i = 0; !g_atomic_int_get(&ending); i++) {
        struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
        weft_emit(w, WEFT_RECORD_ITERATION, 0, 1, w->owner, i);
        weft_string_add("a string", 8);
        weft_site site = { __FILE__, "opens_and_closes", i, 0, NULL };
        static weft_site sites[1000];
        sites[i % 1000] = i < 1000 ? site : sites[i % 1000];
        weft_site_register(&sites[i % 1000]);
        weft_control_serve();
        weft_probe_close_ring(w, 0);
    }
    return NULL;
}

/* Whatever another thread holds just then, the child can open a ring. */
static void body_threads(void)
{
    struct weft_writer *w = start();
    GThread *thread = g_thread_new("opens", opens_and_closes, NULL);
    for (guint i = 0; i < (SLOW ? 30 : 200); i++) {
        pid_t pid = fork();
        g_assert_cmpint(pid, >=, 0);
        if (pid == 0) {
            struct weft_writer *own = start();
            static weft_site site = { __FILE__, "child", 1, 0, NULL };
            weft_site_register(&site);
            weft_control_serve();
            weft_probe_stop(0);
            _exit(own->ring ? 0 : 1);
        }
        g_assert_cmpint(exit_code_of(pid), ==, 0);
    }
    g_atomic_int_set(&ending, 1);
    g_thread_join(thread);
    g_assert_cmpuint(weft_probe_thread_writer()->index, !=, w->index);
    g_assert_cmpuint(count_files(".ring", NULL), ==, 1);
}

/* ---- Other ways ---- */

/* None of the probe's descriptors gets into another program. */
static char *const program[] = { (char *)(gsize) "/bin/sh", (char *)(gsize) "-c",
                                 (char *)(gsize) "! ls -l /proc/$$/fd | grep -E "
                                                 "'ring|socket|eventpoll'",
                                 NULL };

static void nothing_happened(const struct weft_writer *w, const char *before)
{
    g_assert_true(w->position == before);
    g_assert_true(weft_probe_recording());
    g_assert_cmpuint(count_files(".ring", NULL), ==, 1);
    g_assert_cmpuint(count_files(".sock", NULL), ==, 1);
}

G_GNUC_UNUSED static void body_vfork(void)
{
    struct weft_writer *w = start();
    char *before = w->position;
    pid_t pid = vfork();
    if (pid == 0) {
        execv(program[0], program);
        _exit(127);
    }
    g_assert_cmpint(exit_code_of(pid), ==, 0);
    nothing_happened(w, before);
    pid = vfork();
    if (pid == 0)
        _exit(3);
    g_assert_cmpint(exit_code_of(pid), ==, 3);
    nothing_happened(w, before);
}

static void body_spawn(void)
{
    struct weft_writer *w = start();
    char *before = w->position;
    pid_t pid;
    g_assert_cmpint(posix_spawn(&pid, program[0], NULL, NULL, program, environ), ==, 0);
    g_assert_cmpint(exit_code_of(pid), ==, 0);
    nothing_happened(w, before);
}

static void body_exec(void)
{
    start();
    pid_t pid = fork();
    if (pid == 0) {
        start();
        execv(program[0], program);
        _exit(127);
    }
    g_assert_cmpint(exit_code_of(pid), ==, 0);
}

/* The parent of a daemon ends by _exit; the daemon traces by itself. */
static void body_daemon(void)
{
    int done[2];
    g_assert_cmpint(pipe(done), ==, 0);
    pid_t pid = fork();
    if (pid == 0) {
        start();
        if (daemon(1, 1) < 0)
            _exit(1);
        struct weft_writer *own = start();
        char byte = own->ring && own->segment->pid == (uint64_t)getpid() ? 'y' : 'n';
        weft_probe_stop(0);
        if (write(done[1], &byte, 1) != 1)
            _exit(1);
        _exit(0);
    }
    g_assert_cmpint(exit_code_of(pid), ==, 0);
    char byte = 0;
    g_assert_cmpint(read(done[0], &byte, 1), ==, 1);
    g_assert_cmpint(byte, ==, 'y');
}

/* In standby there is nothing to say, and a child is as free. */
static void body_standby(void)
{
    struct weft_writer *w = start();
    g_assert_null(w->area);
    pid_t pid = fork();
    if (pid == 0) {
        struct weft_writer *own = start();
        exit(own->ring && !own->area && count_files(".ring", NULL) == 2 ? 0 : 1);
    }
    g_assert_cmpint(exit_code_of(pid), ==, 0);
    g_assert_null(w->area);
}

static void removes_rest(void (*body)(void), const char *mode)
{
    in_child(body, mode, NULL);
    /* Those that ended by _exit or exec are what a killed process leaves. */
    char *path;
    while ((path = file_path("")) != NULL) {
        g_assert_cmpint(g_unlink(path), ==, 0);
        g_free(path);
    }
}

static void case_exec(void)
{
    removes_rest(body_exec, "flight");
}

static void case_daemon(void)
{
    removes_rest(body_daemon, "flight");
}

CASE(silent, "flight", NULL)
CASE(unseen, "flight", NULL)
CASE(own, "flight", NULL)
CASE(marks, "flight", NULL)
CASE(threads, "flight", NULL)

static void case_vfork(void)
{
#ifdef __SANITIZE_THREAD__
    g_test_skip("ThreadSanitizer makes vfork a fork");
#else
    in_child(body_vfork, "flight", NULL);
    g_assert_cmpuint(count_files("", NULL), ==, 0);
#endif
}

CASE(spawn, "flight", NULL)
CASE(standby, NULL, NULL)

int main(int argc, char **argv)
{
    begin_tests(&argc, &argv);
    g_test_add_func("/probe/fork/silent", case_silent);
    g_test_add_func("/probe/fork/unseen", case_unseen);
    g_test_add_func("/probe/fork/own", case_own);
    g_test_add_func("/probe/fork/marks", case_marks);
    g_test_add_func("/probe/fork/threads", case_threads);
    g_test_add_func("/probe/fork/vfork", case_vfork);
    g_test_add_func("/probe/fork/spawn", case_spawn);
    g_test_add_func("/probe/fork/exec", case_exec);
    g_test_add_func("/probe/fork/daemon", case_daemon);
    g_test_add_func("/probe/fork/standby", case_standby);
    return run_tests();
}
