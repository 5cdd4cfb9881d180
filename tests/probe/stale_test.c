/* What dead processes left behind: what goes, what is kept and for how long, and what is never
 * touched. */
#include "tests/probe/session.h"
#include "tracer/probe/control.h"
#include "tracer/probe/segment.h"
#include "tracer/probe/stale.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

static const char *own_path; /* of this program */

/* A process that started a session and was killed. */
static pid_t leave_black_box(void)
{
    pid_t pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        weft_probe_start();
        weft_emit(weft_probe_open_ring(WEFT_RING_LOOP), WEFT_RECORD_MARK, 0, 0, 1, 2);
        raise(SIGKILL);
    }
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFSIGNALED(status));
    return pid;
}

static struct weft_segment *map_page(const char *path)
{
    int fd = open(path, O_RDWR);
    g_assert_cmpint(fd, >=, 0);
    struct weft_segment *page = mmap(NULL, WEFT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    g_assert_true(page != MAP_FAILED);
    close(fd);
    return page;
}

static void leaves(guint rings, guint sockets)
{
    g_assert_cmpuint(count_files(".ring", NULL), ==, rings);
    g_assert_cmpuint(count_files(".sock", NULL), ==, sockets);
}

/* Renames the only segment to what this process's would be called. */
static char *rename_segment(uint64_t pid, uint64_t start_time)
{
    g_autofree char *path = file_path(".ring");
    g_autofree char *directory = g_path_get_dirname(path);
    char *renamed = g_strdup_printf("%s/%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "-1.ring",
                                    directory, pid, start_time);
    g_assert_cmpint(g_rename(path, renamed), ==, 0);
    return renamed;
}

static void clean_all(void)
{
    g_assert_cmpint(weft_probe_clean_stale(0), >=, 0);
}

static void body_killed(void)
{
    leave_black_box();
    leaves(1, 1);
    g_autofree char *path = file_path(".ring");
    struct weft_segment *page = map_page(path);
    g_assert_cmpuint(page->exit_state, ==, WEFT_SEGMENT_OPEN);
    g_assert_cmpint(weft_probe_clean_stale(WEFT_STALE_AGE), ==, 0);
    leaves(1, 1); /* a black box, which nobody had time to look at */
    g_assert_cmpuint(page->exit_state, ==, WEFT_SEGMENT_KILLED);
    /* A day later. */
    struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = time(NULL) - 86401 } };
    g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
    g_assert_cmpint(weft_probe_clean_stale(WEFT_STALE_AGE), ==, 1);
    leaves(0, 0);
}

/* In standby nothing was recorded: such a one is not kept for long. */
static void body_standby(void)
{
    leave_black_box();
    g_autofree char *path = file_path(".ring");
    map_page(path)->mode = WEFT_MODE_STANDBY;
    g_assert_cmpint(weft_probe_clean_stale(WEFT_STALE_AGE), ==, 0);
    struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = time(NULL) - 601 } };
    g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
    g_assert_cmpint(weft_probe_clean_stale(WEFT_STALE_AGE), ==, 1);
    leaves(0, 0);
}

static void body_count(void)
{
    g_setenv("WEFT_RING_SIZE", "128K", TRUE);
    for (guint i = 0; i < 40; i++)
        leave_black_box();
    weft_probe_clean_stale(WEFT_STALE_AGE);
    leaves(32, 32);
    clean_all();
}

static void body_living(void)
{
    weft_probe_start();
    weft_probe_open_ring(WEFT_RING_LOOP);
    pid_t pid = fork();
    if (pid == 0)
        _exit(weft_probe_clean_stale(0) == 0 ? 0 : 1);
    g_assert_cmpint(exit_code_of(pid), ==, 0);
    g_assert_cmpint(weft_probe_clean_stale(0), ==, 0);
    leaves(1, 1);
}

static void body_leased(void)
{
    leave_black_box();
    g_autofree char *path = file_path(".ring");
    struct weft_segment *page = map_page(path);
    page->lease.start_time = weft_process_start_time((uint64_t)getpid());
    page->lease.expires_mono_ns = UINT64_MAX;
    page->lease.pid = (uint64_t)getpid();
    g_assert_cmpint(weft_probe_clean_stale(0), ==, 0);
    g_assert_cmpuint(page->exit_state, ==, WEFT_SEGMENT_OPEN);
    page->lease.expires_mono_ns = 1;
    g_assert_cmpint(weft_probe_clean_stale(0), ==, 1);
}

static void body_reused_pid(void)
{
    leave_black_box();
    g_free(rename_segment((uint64_t)getppid(), 1));
    g_assert_cmpint(weft_probe_clean_stale(0), ==, 1);
    clean_all(); /* the socket, which has no segment now */
    leaves(0, 0);
}

static void body_another_boot(void)
{
    leave_black_box();
    uint64_t pid = (uint64_t)getppid();
    g_autofree char *path = rename_segment(pid, weft_process_start_time(pid));
    g_assert_cmpint(weft_probe_clean_stale(0), ==, 0); /* it could be that process's */
    map_page(path)->boot_id[3] ^= 1;
    g_assert_cmpint(weft_probe_clean_stale(0), ==, 1);
}

/* Its process is in another pid namespace: there is none of this number here. */
static void body_locked(void)
{
    leave_black_box();
    g_autofree char *path = file_path(".ring");
    int fd = open(path, O_RDWR);
    weft_segment_hold(fd);
    g_assert_true(weft_segment_is_held(fd) == false); /* one's own does not count */
    g_assert_cmpint(weft_probe_clean_stale(0), ==, 0);
    close(fd);
    g_assert_cmpint(weft_probe_clean_stale(0), ==, 1);
}

/* The socket of a `weft record` that was killed; one that still runs keeps its own. */
static void body_recorders(void)
{
    g_autofree char *directory = g_build_filename(runtime, "weft", NULL);
    g_autofree char *own = g_strdup_printf("%d-%" G_GUINT64_FORMAT ".recorder", getpid(),
                                           weft_process_start_time((uint64_t)getpid()));
    g_assert_cmpint(g_mkdir_with_parents(directory, 0700), ==, 0);
    const char *names[] = { own, "1-1.recorder", "1-2.recorder.txt" };
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(directory, names[i], NULL);
        g_assert_true(g_file_set_contents(path, "", 0, NULL));
    }
    weft_probe_clean_some();
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(directory, names[i], NULL);
        g_assert_cmpint(g_file_test(path, G_FILE_TEST_EXISTS), ==, i != 1);
        g_unlink(path);
    }
}

static void body_strangers(void)
{
    g_autofree char *directory = g_build_filename(runtime, "weft", NULL);
    g_assert_cmpint(g_mkdir_with_parents(directory, 0700), ==, 0);
    const char *names[] = { "notes.txt", "1-1.ring", "x-1-1.ring", "1--1.ring", "1-1-1.txt" };
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(directory, names[i], NULL);
        g_assert_true(g_file_set_contents(path, "mine", 4, NULL));
    }
    g_autofree char *link = g_build_filename(directory, "1-2-3.ring", NULL);
    g_autofree char *inside = g_build_filename(directory, "1-2-4.ring", NULL);
    g_autofree char *cut = g_build_filename(directory, "1-2-5.ring", NULL);
    g_assert_cmpint(symlink("notes.txt", link), ==, 0);
    g_assert_cmpint(g_mkdir(inside, 0700), ==, 0);
    g_assert_true(g_file_set_contents(cut, "WEFTRING", 8, NULL));
    g_assert_cmpint(weft_probe_clean_stale(0), ==, 1); /* what never became a segment */
    g_assert_cmpuint(count_files("", NULL), ==, G_N_ELEMENTS(names) + 2);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(directory, names[i], NULL);
        g_unlink(path);
    }
    g_unlink(link);
    g_rmdir(inside);
}

/* A program's start looks too, and says nothing of it. */
static void body_start(void)
{
    leave_black_box();
    g_autofree char *path = file_path(".ring");
    map_page(path)->mode = WEFT_MODE_STANDBY;
    map_page(path)->exit_state = WEFT_SEGMENT_KILLED;
    struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = time(NULL) - 601 } };
    g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
    weft_probe_start();
    weft_probe_open_ring(WEFT_RING_LOOP);
    leaves(1, 1);
    g_assert_cmpint(access(path, F_OK), ==, -1);
    g_assert_cmpstr(logged->str, ==, "");
}

/* ---- exec ---- */

static void body_exec(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        weft_probe_start();
        weft_probe_open_ring(WEFT_RING_LOOP);
        execl(own_path, own_path, "--become", NULL);
        _exit(1);
    }
    g_assert_cmpint(exit_code_of(pid), ==, 0);
    leaves(1, 1); /* the new program's own is closed and gone */
    g_autofree char *path = file_path(".ring");
    struct weft_segment *page = map_page(path);
    g_assert_cmpuint(page->pid, ==, (guint64)pid);
    g_assert_cmpuint(page->exit_state, ==, WEFT_SEGMENT_REPLACED);
    /* Behind what it recorded stands EXEC. */
    g_autofree char *bytes = NULL;
    g_assert_true(g_file_get_contents(path, &bytes, NULL, NULL));
    const struct weft_directory_entry *directory = (const void *)(bytes + page->directory_offset);
    const struct weft_ring *ring = (const void *)(bytes + directory[0].offset);
    const struct weft_chunk *chunk = (const void *)(bytes + weft_area_offset(ring->area));
    const struct weft_record *record = (const void *)((const char *)chunk + WEFT_CHUNK_HEADER);
    g_assert_cmpuint(chunk->committed, ==, WEFT_CHUNK_HEADER + 3 * WEFT_SLOT_SIZE);
    g_assert_cmpuint(record[0].kind, ==, WEFT_RECORD_PROCESS);
    g_assert_cmpuint(record[2].kind, ==, WEFT_RECORD_EXEC);
    g_assert_cmpuint(record[2].subject, ==, record[0].subject);
    g_assert_cmpuint(record[2].time, >=, record[1].time);
    const struct weft_heap_entry *entry = (const void *)(bytes + page->strings_offset +
                                                         8 * record[2].object);
    g_assert_cmpuint(entry->state, ==, WEFT_HEAP_STRING);
    g_assert_nonnull(g_strstr_len((const char *)(entry + 1), entry->size, "--become"));
    clean_all();
}

/* What the process becomes by exec: another program of the same pid and start time. */
static int become(void)
{
    weft_probe_start();
    if (!weft_probe_open_ring(WEFT_RING_LOOP)->ring)
        return 2;
    return 0;
}

CASE(killed, "flight", NULL)
CASE(standby, "flight", NULL)
CASE(count, "flight", NULL)
CASE(living, "flight", NULL)
CASE(leased, "stream", NULL)
CASE(reused_pid, "flight", NULL)
CASE(another_boot, "flight", NULL)
CASE(locked, "flight", NULL)
CASE(recorders, "flight", NULL)
CASE(strangers, "flight", NULL)
CASE(start, "flight", NULL)
CASE(exec, "flight", NULL)

int main(int argc, char **argv)
{
    own_path = argv[0];
    if (argc == 2 && strcmp(argv[1], "--become") == 0)
        return become();
    begin_tests(&argc, &argv);
    g_test_add_func("/probe/stale/killed", case_killed);
    g_test_add_func("/probe/stale/standby", case_standby);
    g_test_add_func("/probe/stale/count", case_count);
    g_test_add_func("/probe/stale/living", case_living);
    g_test_add_func("/probe/stale/leased", case_leased);
    g_test_add_func("/probe/stale/reused-pid", case_reused_pid);
    g_test_add_func("/probe/stale/another-boot", case_another_boot);
    g_test_add_func("/probe/stale/locked", case_locked);
    g_test_add_func("/probe/stale/recorders", case_recorders);
    g_test_add_func("/probe/stale/strangers", case_strangers);
    g_test_add_func("/probe/stale/start", case_start);
    g_test_add_func("/probe/stale/exec", case_exec);
    return run_tests();
}
