/* weft_probe_test.c: marks, spans and counters of a program without a loop, as its rings show them.
 * Each case is a child process of its own, since a process has one session in its life. */
#include "tracer/probe/control.h"
#include "tracer/probe/intern.h"
#include "tracer/probe/publish.h"
#include "tracer/probe/session.h"
#include "tracer/probe/user.h"
#include "tracer/probe/weft-probe.h"
#include <glib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static char *runtime; /* a private runtime directory */

/* Runs `body` in a child under this WEFT_TRACE; fails unless it exits with 0. */
static void in_child(void (*body)(void), const char *trace)
{
    pid_t pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        g_setenv("XDG_RUNTIME_DIR", runtime, TRUE);
        g_setenv("WEFT_TRACE", trace, TRUE);
        g_unsetenv("WEFT_SESSION");
        body();
        exit(0);
    }
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

static char *string_of(uint32_t id)
{
    if (id == WEFT_STRING_NONE)
        return g_strdup("-");
    if (id == WEFT_STRING_FULL)
        return g_strdup("(full)");
    const struct weft_heap_entry *entry = (const void *)((const char *)weft_probe_heap() +
                                                         (gsize)id * 8);
    return g_strndup((const char *)(entry + 1), entry->size);
}

/* The user events in the writer's open chunk: KIND SUBJECT OBJECT, and a line where there is a
 * site. */
static char *events_of(const struct weft_writer *w)
{
    GString *out = g_string_new(NULL);
    for (char *at = (char *)w->chunk + WEFT_CHUNK_HEADER; at < w->position; at += WEFT_SLOT_SIZE) {
        const struct weft_record *r = (const void *)at;
        const struct weft_event_info *info = weft_event_info(r->kind);
        if (strcmp(info->group, "user") != 0 && r->kind != WEFT_RECORD_OBJECT_NAME)
            continue;
        g_string_append_printf(out, "%s %s:%u ", info->name,
                               weft_entity_name(weft_id_kind(r->subject)),
                               (unsigned)weft_id_counter(r->subject));
        g_autofree char *text = info->object == WEFT_FIELD_STRING
                                    ? string_of((uint32_t)r->object)
                                    : g_strdup_printf("%d", (int)(int64_t)r->object);
        g_string_append_printf(out, "%s%s\n", text, r->site ? "" : " nowhere");
    }
    return g_string_free(out, FALSE);
}

#define EXPECT(wanted)                                                                             \
    do {                                                                                           \
        g_autofree char *events__ = events_of(weft_probe_thread_writer());                         \
        g_assert_cmpstr(events__, ==, wanted);                                                     \
    } while (0)

static void body_marks(void)
{
    g_assert_true(weft_is_recording()); /* until somebody has looked */
    weft_mark("begin");
    weft_mark_format("%d of %s", 3, "seven");
    weft_mark(NULL);
    g_assert_true(weft_is_recording());
    EXPECT("MARK thread:1 begin\nMARK thread:1 3 of seven\nMARK thread:1 -\n");
}

static int leaves_early(int n)
{
    WEFT_SPAN("outer");
    for (int i = 0; i < 2; i++) {
        WEFT_SPAN("inner");
        if (n == i)
            return i;
    }
    return -1;
}

static void body_spans(void)
{
    g_assert_cmpint(leaves_early(1), ==, 1);
    weft_span by_hand = weft_span_begin("by hand");
    weft_span_end(by_hand);
    EXPECT("SPAN_BEGIN span:1 outer\n"
           "SPAN_BEGIN span:2 inner\nSPAN_END span:2 inner\n"
           "SPAN_BEGIN span:3 inner\nSPAN_END span:3 inner\n"
           "SPAN_END span:1 outer\n"
           "SPAN_BEGIN span:4 by hand\nSPAN_END span:4 by hand\n");
}

static void body_counters(void)
{
    weft_counter *queued = weft_counter_new("queued"), *open = weft_counter_new("open");
    weft_counter_add(queued, 2);
    weft_counter_add(queued, -3);
    weft_counter_set(open, 7);
    weft_counter_add(NULL, 1);
    g_assert_cmpint(weft_counter_value(queued), ==, -1);
    g_assert_cmpint(weft_counter_value(NULL), ==, 0);
    EXPECT("OBJECT_NAME counter:1 queued\nCOUNTER counter:1 2\nCOUNTER counter:1 -1\n"
           "OBJECT_NAME counter:2 open\nCOUNTER counter:2 7\n");
    weft_counter_free(queued);
    weft_counter_free(open);
    weft_counter_free(NULL);
}

/* A ring that goes round always holds the name of a counter that it holds values of. */
static void body_counter_is_named_again(void)
{
    weft_counter *turns = weft_counter_new("turns");
    weft_counter_add(turns, 1);
    struct weft_writer *w = weft_probe_thread_writer();
    uint64_t k = w->k, named_at = k;
    while (w->k < k + 3 * w->n) {
        weft_counter_add(turns, 1);
        const struct weft_record *before_it = (const void *)(w->position - 2 * WEFT_SLOT_SIZE);
        if (before_it->kind == WEFT_RECORD_OBJECT_NAME)
            named_at = w->k;
        g_assert_cmpuint(w->k - named_at, <=, w->n / 2);
    }
    weft_counter_free(turns);
}

static void body_off(void)
{
    weft_counter *kept = weft_counter_new("kept");
    weft_mark("nobody listens");
    g_assert_false(weft_is_recording());
    weft_span span = weft_span_begin("nothing");
    g_assert_cmpuint(span.id, ==, 0);
    weft_span_end(span);
    weft_counter_add(kept, 4);
    g_assert_cmpint(weft_counter_value(kept), ==, 4);
    weft_counter_free(kept);
    weft_mark_from_signal(NULL);
    g_assert_null(weft_probe_thread_writer_if_any());
}

static gpointer says_its_own(gpointer name)
{
    weft_mark(name);
    EXPECT("MARK thread:1 there\n");
    return weft_probe_thread_writer();
}

static void body_threads(void)
{
    weft_mark("here");
    struct weft_writer *other = g_thread_join(g_thread_new("t", says_its_own, (gpointer) "there"));
    g_assert_true(other != weft_probe_thread_writer());
    EXPECT("MARK thread:1 here\n");
}

static weft_prepared_mark *caught;
static weft_counter *signals;

static void on_signal(int number)
{
    (void)number;
    weft_mark_from_signal(caught);
    weft_counter_add_from_signal(signals, 1);
}

static gpointer is_interrupted_first(gpointer data)
{
    raise(SIGUSR1); /* this thread has no ring yet */
    g_assert_null(weft_probe_thread_writer_if_any());
    return data;
}

static void body_signal(void)
{
    caught = weft_mark_prepare("caught");
    signals = weft_counter_new("signals");
    signal(SIGUSR1, on_signal);
    g_thread_join(g_thread_new("t", is_interrupted_first, NULL));
    weft_counter_set(signals, 1);
    raise(SIGUSR1);
    EXPECT("OBJECT_NAME counter:1 signals\nCOUNTER counter:1 1\n"
           "MARK thread:1 caught\nCOUNTER counter:1 2 nowhere\n");
    /* In the middle of another event. */
    struct weft_writer *w = weft_probe_thread_writer();
    atomic_store(&w->busy, 1);
    raise(SIGUSR1);
    atomic_store(&w->busy, 0);
    g_assert_cmpuint(w->ring->nested, ==, 2);
    g_assert_cmpint(weft_counter_value(signals), ==, 3);
    weft_counter_free(signals);
}

static struct weft_writer a_loop;

static struct weft_writer *find_loop(void)
{
    return &a_loop;
}

/* A runtime says where the calling thread's loop writes, and who runs. */
static void body_loop(void)
{
    weft_probe_start();
    a_loop = *weft_probe_open_ring(WEFT_RING_LOOP);
    weft_probe_find_loop_by(find_loop);
    weft_mark("outside");
    a_loop.current_task = weft_id(WEFT_ENTITY_TASK, 0, 4);
    weft_mark("inside");
    g_autofree char *events = events_of(&a_loop);
    g_assert_cmpstr(events, ==, "MARK loop:1 outside\nMARK task:4 inside\n");
    g_assert_null(weft_probe_thread_writer_if_any());
}

static void body_text(void)
{
    g_autofree char *long_text = g_strnfill(70000, 'x');
    uint64_t used = 0;
    for (guint i = 0; i < 100; i++) {
        WEFT_SPAN("the same");
        weft_mark("and\nthe same \xff");
        used = i == 0 ? weft_probe_heap()->used : used;
    }
    g_assert_cmpuint(weft_probe_heap()->used, ==, used);
    weft_mark_format("%s", long_text);
    g_assert_cmpuint(weft_probe_heap()->used, <, used + WEFT_STRING_MAX + 64);
}

/* Every mark is there, with or without its text. */
static void body_full(void)
{
    struct weft_heap *heap = NULL;
    guint marks = 0;
    do {
        weft_mark_format("number %u", marks++);
        heap = weft_probe_heap();
    } while (heap->refused == 0);
    struct weft_writer *w = weft_probe_thread_writer();
    const struct weft_record *last = (const void *)(w->position - WEFT_SLOT_SIZE);
    g_assert_cmpuint(last->kind, ==, WEFT_RECORD_MARK);
    g_assert_cmpuint(last->object, ==, WEFT_STRING_FULL);
    g_assert_cmpuint(w->ordinal + (uint64_t)(w->position - (char *)w->chunk) / WEFT_SLOT_SIZE, ==,
                     2 /* PROCESS and THREAD */ + marks + WEFT_CHUNK_HEADER / WEFT_SLOT_SIZE);
}

/* ---- Being looked at ---- */

static char *file_ending(const char *ending)
{
    g_autofree char *directory = g_build_filename(runtime, "weft", NULL);
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));)
        if (g_str_has_suffix(name, ending))
            return g_build_filename(directory, name, NULL);
    return NULL;
}

/* Nothing is said yet, and it is there: ready to be read, and to be asked. */
static int open_and_connect(struct weft_writer **w)
{
    struct pollfd asked = { weft_probe_open(), POLLIN, 0 };
    g_assert_cmpint(asked.fd, >=, 0);
    g_assert_cmpint(weft_probe_open(), ==, asked.fd);
    *w = weft_probe_thread_writer_if_any();
    g_assert_nonnull((*w)->ring);
    g_assert_cmpuint((*w)->segment->magic, ==, WEFT_SEGMENT_MAGIC);
    g_assert_cmpuint((*w)->segment->rings, ==, 1);
    weft_probe_serve(); /* nobody asks */
    g_assert_cmpint(poll(&asked, 1, 0), ==, 0);
    g_autofree char *segment = file_ending(".ring");
    return weft_control_connect(segment);
}

static void ask(int controller, const char *command)
{
    struct pollfd asked = { weft_probe_open(), POLLIN, 0 };
    char answer[WEFT_CONTROL_MESSAGE] = "";
    g_assert_cmpint(send(controller, command, strlen(command), 0), >, 0);
    while (recv(controller, answer, sizeof answer - 1, MSG_DONTWAIT) < 0) {
        g_assert_cmpint(poll(&asked, 1, -1), ==, 1);
        weft_probe_serve();
    }
    g_assert_cmpstr(answer, ==, "ok");
}

static void body_open(void)
{
    struct weft_writer *w;
    int controller = open_and_connect(&w);
    weft_mark("before");
    g_assert_null(w->chunk);
    ask(controller, "mode flight");
    g_assert_nonnull(w->chunk); /* at once */
    const struct weft_record *first = (const void *)((char *)w->chunk + WEFT_CHUNK_HEADER);
    g_assert_cmpuint(first->kind, ==, WEFT_RECORD_SNAPSHOT);
    g_assert_cmpuint(w->n, ==, 4); /* 256 KiB */
    weft_mark("during");
    EXPECT("MARK thread:1 during\n");
    close(controller);
    weft_probe_serve();
    g_assert_false(weft_is_recording());
    weft_mark("after");
    g_assert_null(w->chunk);
}

static void body_size(void)
{
    struct weft_writer *w;
    int controller = open_and_connect(&w);
    ask(controller, "mode flight 1M");
    g_assert_cmpuint(w->n, ==, 16);
    ask(controller, "mode stream 2M");
    g_assert_cmpuint(w->n, ==, 32);
    close(controller);
}

static void body_size_given(void)
{
    g_setenv("WEFT_RING_SIZE", "512K", TRUE);
    weft_mark("the first");
    g_assert_cmpuint(weft_probe_thread_writer()->n, ==, 8);
}

/* Who only makes marks is there too, from the first on. */
static void body_marks_in_standby(void)
{
    weft_mark("nobody listens");
    g_assert_nonnull(weft_probe_thread_writer_if_any());
    g_autofree char *segment = file_ending(".ring");
    g_assert_nonnull(segment);
}

static void body_not_opened(void)
{
    g_assert_cmpint(weft_probe_open(), ==, -1);
    weft_probe_serve();
    g_assert_null(file_ending("ing"));
}

static void body_uncontrolled(void)
{
    g_setenv("WEFT_CONTROL", "0", TRUE);
    g_assert_cmpint(weft_probe_open(), ==, -1);
    weft_probe_serve();
    g_autofree char *segment = file_ending(".ring");
    g_assert_nonnull(segment);
}

static void body_opened_again(void)
{
    int fd = weft_probe_open();
    pid_t pid = fork();
    if (pid == 0) {
        g_assert_cmpint(weft_probe_open(), >=, 0);
        g_assert_cmpuint(weft_probe_thread_writer_if_any()->segment->pid, ==, (guint64)getpid());
        exit(0);
    }
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
    g_assert_cmpint(weft_probe_open(), ==, fd);
}

#define CASE(name, trace)                                                                          \
    static void case_##name(void)                                                                  \
    {                                                                                              \
        in_child(body_##name, trace);                                                              \
    }
CASE(marks, "flight")
CASE(spans, "flight")
CASE(counters, "flight")
CASE(counter_is_named_again, "flight")
CASE(off, "off")
CASE(threads, "flight")
CASE(signal, "flight")
CASE(loop, "flight")
CASE(text, "flight")
CASE(full, "flight")
CASE(open, "standby")
CASE(size, "standby")
CASE(size_given, "flight")
CASE(marks_in_standby, "standby")
CASE(not_opened, "off")
CASE(uncontrolled, "standby")
CASE(opened_again, "standby")

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    runtime = g_dir_make_tmp("weft-probe-XXXXXX", NULL);
    g_assert_nonnull(runtime);
    g_test_add_func("/weft-probe/marks", case_marks);
    g_test_add_func("/weft-probe/spans", case_spans);
    g_test_add_func("/weft-probe/counters", case_counters);
    g_test_add_func("/weft-probe/counter-is-named-again", case_counter_is_named_again);
    g_test_add_func("/weft-probe/off", case_off);
    g_test_add_func("/weft-probe/threads", case_threads);
    g_test_add_func("/weft-probe/signal", case_signal);
    g_test_add_func("/weft-probe/loop", case_loop);
    g_test_add_func("/weft-probe/text", case_text);
    g_test_add_func("/weft-probe/full", case_full);
    g_test_add_func("/weft-probe/open", case_open);
    g_test_add_func("/weft-probe/size", case_size);
    g_test_add_func("/weft-probe/size-given", case_size_given);
    g_test_add_func("/weft-probe/marks-in-standby", case_marks_in_standby);
    g_test_add_func("/weft-probe/not-opened", case_not_opened);
    g_test_add_func("/weft-probe/uncontrolled", case_uncontrolled);
    g_test_add_func("/weft-probe/opened-again", case_opened_again);
    int rc = g_test_run();
    g_autofree char *directory = g_build_filename(runtime, "weft", NULL);
    g_rmdir(directory);
    g_assert_cmpint(g_rmdir(runtime), ==, 0); /* nothing was left */
    return rc;
}
