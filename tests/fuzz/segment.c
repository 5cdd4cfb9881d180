/* segment.c: the segment of a killed program, some of its words overwritten, recovered into a trace
 * that then must open: pairs of a place and a value. */
#include "tests/fuzz/fuzz.h"
#include "tracer/probe/session.h"
#include "tracer/probe/strings.h"
#include "tracer/trace/recover.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    guint8 *bytes; /* of the segment, as it was left behind */
    gsize size;
    char *directory, *out;
    int fd;
} f;

static void clean_up(void)
{
    g_unlink(f.out);
    g_rmdir(f.directory);
}

/* The program: two rings, one that went round; then it is killed. */
static void live_and_die(void)
{
    g_setenv("XDG_RUNTIME_DIR", f.directory, TRUE);
    g_setenv("WEFT_TRACE", "flight", TRUE);
    g_setenv("WEFT_RING_SIZE", "128K", TRUE);
    g_unsetenv("WEFT_SESSION");
    weft_probe_start();
    struct weft_writer *a = weft_probe_open_ring(WEFT_RING_LOOP);
    struct weft_writer *b = weft_probe_open_ring(WEFT_RING_LOOP);
    uint64_t task = weft_new_id(a, WEFT_ENTITY_TASK);
    weft_emit(a, WEFT_RECORD_TASK_NEW, 0, weft_site_id(WEFT_HERE), task, 0);
    weft_emit(a, WEFT_RECORD_TASK_NAME, 0, 0, task, weft_string_add("task", 4));
    for (guint i = 0; i < 5000; i++) {
        weft_emit(a, WEFT_RECORD_RESUME, 0, 0, task, 0);
        weft_emit(a, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, 0, task, 0);
    }
    weft_emit(b, WEFT_RECORD_MARK, 0, 0, task, 0);
    kill(getpid(), SIGKILL);
}

static void set_up(void)
{
    f.directory = g_dir_make_tmp("weft-fuzz-XXXXXX", NULL);
    f.out = g_build_filename(f.directory, "out.weft", NULL);
    f.fd = memfd_create("weft-fuzz", MFD_CLOEXEC);
    pid_t pid = fork();
    if (pid == 0)
        live_and_die();
    waitpid(pid, NULL, 0);
    g_setenv("XDG_RUNTIME_DIR", f.directory, TRUE);
    g_autofree char *segment = weft_recover_find((guint64)pid, NULL);
    if (!segment || !g_file_get_contents(segment, (char **)&f.bytes, &f.size, NULL))
        abort();
    g_unlink(segment);
    g_autofree char *rings = g_build_filename(f.directory, "weft", NULL);
    g_rmdir(rings);
    atexit(clean_up);
}

/* Where it matters: the first pages, then pages' and chunks' beginnings, then anywhere. */
static gsize place(struct fuzz_input *in)
{
    guint how = (guint)fuzz_take(in, 1);
    gsize offset = (gsize)fuzz_take(in, 2);
    gsize pages = f.size / WEFT_PAGE;
    if (how % 4 == 0)
        return offset % WEFT_PAGE;
    if (how % 4 == 1)
        return (offset >> 4) % pages * WEFT_PAGE + (offset & 15) * 8;
    return ((gsize)(how >> 2) << 16 | offset) * 8 % f.size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!f.bytes)
        set_up();
    struct fuzz_input in = { data, data + size };
    if (ftruncate(f.fd, 0) < 0)
        return 0;
    gsize left = fuzz_take(&in, 1) & 1 ? (gsize)fuzz_take(&in, 3) % (f.size + 1) : f.size;
    if (pwrite(f.fd, f.bytes, left, 0) < 0)
        return 0;
    while (in.at < in.end) {
        gsize at = place(&in);
        guint width = 1u << fuzz_take(&in, 1) % 4;
        uint64_t value = fuzz_take(&in, width);
        if (at + width <= left && pwrite(f.fd, &value, width, (off_t)at) < 0)
            return 0;
    }
    g_autofree char *segment = g_strdup_printf("/proc/self/fd/%d", f.fd);
    struct weft_recovered recovered;
    g_autoptr(GError) error = NULL;
    if (weft_recover(segment, f.out, &recovered, &error)) {
        g_autoptr(weft_trace) trace = weft_trace_open(f.out, &error);
        if (!trace || weft_trace_events(trace) != recovered.events ||
            weft_trace_lost(trace) != recovered.lost - recovered.before)
            abort();
        weft_recovered_clear(&recovered);
    } else if (!error) {
        abort();
    }
    return 0;
}

void fuzz_seeds(fuzz_seed *seed)
{
    seed("as-it-was", "\0", 1);
    seed("cut", "\1\0\0\x12\0\0\0\0\1", 9);
    seed("page", "\0\0\x10\0\3\1\2\3\4\5\6\7\10\0\0\1\2\xff\xff\xff\xff", 21);
    seed("rings", "\0\1\x10\0\3\1\0\0\0\0\0\0\0\1\x20\x11\3\xff\xff\0\0\0\0\0\0", 25);
    seed("anywhere", "\0\2\x10\0\3\1\0\0\0\0\0\0\0\xfe\x20\x11\3\xff\xff\0\0\0\0\0\0", 25);
}
