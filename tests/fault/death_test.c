/* death_test.c: the program dies before every single store of opening a chunk, of emitting and of
 * appending a string; what is recovered is what was committed, exactly.
 *
 * The writer's own sources are built into this test with every store passing a hook (see
 * hooked_atomics.h). A child process runs a scenario and kills itself before its n-th store, for
 * n = 0, 1, 2 … until it survives. What was committed is known from the stores themselves: an event
 * is, once the `committed` of its chunk is stored behind it. */
#include "tests/child.h"
#include "tracer/trace/heapreader.h"
#include "tracer/trace/ringreader.h"
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CHUNKS = 2, HEAP_SIZE = 4096 };

static struct shared {
    struct weft_segment segment;
    uint64_t committed, refused; /* slots, by the stores that happened */
    uint64_t calls;              /* emits that returned */
    uint64_t strings;            /* whose state was stored */
    _Alignas(WEFT_PAGE) unsigned char ring[WEFT_PAGE];
    _Alignas(WEFT_PAGE) unsigned char area[CHUNKS * WEFT_CHUNK_SIZE];
    _Alignas(WEFT_PAGE) unsigned char heap[HEAP_SIZE];
} * shared;

static struct weft_ring *ring(void)
{
    return (struct weft_ring *)(void *)shared->ring;
}

static struct weft_heap *heap(void)
{
    return (struct weft_heap *)(void *)shared->heap;
}

/* ---- The hooks ---- */

static uint64_t stores, fatal; /* counted from when the scenario begins; dies before this one */
static gboolean armed;
static void (*meanwhile)(void); /* what another thread had done when it died */
static guint slots_of_call;

void hook_before_load(const volatile void *address)
{
    (void)address;
}

void hook_before_store(const volatile void *address)
{
    (void)address;
    if (!armed || stores++ != fatal)
        return;
    armed = FALSE;
    if (meanwhile)
        meanwhile();
    kill(getpid(), SIGKILL);
}

void hook_after_store(const volatile void *address, uint64_t value)
{
    gsize offset = (gsize)((const volatile unsigned char *)address - shared->area);
    if (offset < sizeof shared->area &&
        offset % WEFT_CHUNK_SIZE == offsetof(struct weft_chunk, committed) &&
        value > WEFT_CHUNK_HEADER)
        shared->committed += slots_of_call;
    else if (address == &ring()->dropped || address == &ring()->nested)
        shared->refused += slots_of_call;
    else if (value == WEFT_HEAP_STRING && (const volatile unsigned char *)address > shared->heap &&
             (const volatile unsigned char *)address < shared->heap + HEAP_SIZE &&
             (gsize)address % 8 == offsetof(struct weft_heap_entry, state))
        shared->strings++;
}

/* ---- The writer: call i says so in every word ---- */

static struct weft_writer writer;

static uint64_t mix(uint64_t i)
{
    return (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static void emit(gboolean ext)
{
    uint64_t i = shared->calls, words[4] = { mix(i), ~i, i, mix(i) };
    slots_of_call = ext ? 2 : 1;
    weft_ring_emit(&writer, i, WEFT_RECORD_COUNTER, 0, (uint32_t)i, i, mix(i), ext ? words : NULL);
    shared->calls++;
}

static void emit_many(guint slots)
{
    for (guint i = 0; i < slots; i++)
        emit(FALSE);
}

/* ---- Scenarios: what was there before, and what is died in ---- */

struct scenario {
    const char *name;
    enum weft_mode mode;
    guint before; /* slots that are emitted in peace */
    guint events, exts;
    gboolean nested;
    guint consumed;
};

static const struct scenario scenarios[] = {
    { "first-event", WEFT_MODE_FLIGHT, 0, 3, 0, FALSE, 0 },
    { "first-ext", WEFT_MODE_FLIGHT, 0, 0, 2, FALSE, 0 },
    { "amid-chunk", WEFT_MODE_FLIGHT, 10, 2, 2, FALSE, 0 },
    { "second-chunk", WEFT_MODE_FLIGHT, WEFT_CHUNK_SLOTS - 1, 3, 1, FALSE, 0 },
    { "short-chunk", WEFT_MODE_FLIGHT, WEFT_CHUNK_SLOTS - 1, 0, 2, FALSE, 0 },
    { "overwrite", WEFT_MODE_FLIGHT, 2 * WEFT_CHUNK_SLOTS - 1, 3, 2, FALSE, 0 },
    { "overwrite-short", WEFT_MODE_FLIGHT, 5 * WEFT_CHUNK_SLOTS - 1, 0, 3, FALSE, 0 },
    { "stream-refused", WEFT_MODE_STREAM, 2 * WEFT_CHUNK_SLOTS - 1, 3, 2, FALSE, 0 },
    { "stream-consumed", WEFT_MODE_STREAM, 2 * WEFT_CHUNK_SLOTS - 1, 3, 2, FALSE, 1 },
    { "signal", WEFT_MODE_FLIGHT, 4, 1, 1, TRUE, 0 },
};

static void run(const struct scenario *s)
{
    if (s->nested)
        atomic_store(&writer.busy, 1);
    emit_many(s->events);
    for (guint i = 0; i < s->exts; i++)
        emit(TRUE);
    emit_many(s->events);
}

static void prepare(const struct scenario *s)
{
    memset(shared, 0, sizeof *shared);
    shared->segment.mode = s->mode;
    shared->segment.lease.expires_mono_ns = UINT64_MAX;
    weft_ring_format(ring(), 3, WEFT_RING_LOOP, weft_id(WEFT_ENTITY_LOOP, 3, 1));
    writer = (struct weft_writer){ .index = 3 };
    weft_writer_init(&writer, &shared->segment, ring());
    weft_writer_set_area(&writer, shared->area, CHUNKS, WEFT_PAGE);
    emit_many(s->before);
    ring()->consumed = s->consumed;
}

/* Runs `body` in a child that dies before its n-th store; FALSE when it survived. */
static gboolean dies(void (*body)(const void *), const void *data, uint64_t n)
{
    pid_t pid = child_fork();
    if (pid == 0) {
        stores = 0;
        fatal = n;
        armed = TRUE;
        body(data);
        _exit(0);
    }
    return child_was_killed(pid);
}

/* ---- What is recovered ---- */

static void check_records(const struct weft_record *records, guint slots, uint64_t *last)
{
    for (guint i = 0; i < slots; i++) {
        const struct weft_record *r = &records[i];
        g_assert_cmpuint(r->kind, ==, WEFT_RECORD_COUNTER);
        g_assert_cmpuint(r->object, ==, mix(r->subject));
        g_assert_cmpuint(r->site, ==, (uint32_t)r->subject);
        g_assert_true(*last == UINT64_MAX || r->subject > *last);
        *last = r->subject;
        if (!(r->flags & WEFT_RECORD_EXT))
            continue;
        uint64_t words[4];
        g_assert_cmpuint(++i, <, slots);
        memcpy(words, &records[i], sizeof words);
        g_assert_cmpuint(words[0], ==, mix(r->subject));
        g_assert_cmpuint(words[1], ==, ~r->subject);
    }
}

/* `reader` has read what was there before, or nothing yet. */
static void recover(struct weft_ringreader *reader, uint64_t read)
{
    static struct weft_record records[WEFT_CHUNK_SLOTS];
    struct weft_ring_read got;
    uint64_t lost = 0, last = UINT64_MAX;
    while (weft_ringreader_read(reader, records, &got)) {
        check_records(records, got.slots, &last);
        read += got.slots;
        lost += got.unread + got.dropped;
    }
    g_assert_false(reader->corrupt);
    lost += weft_ringreader_dropped_at_end(reader);
    g_assert_cmpuint(read + lost, ==, shared->committed + shared->refused);
    g_assert_cmpuint(lost, >=, shared->refused);
    g_assert_cmpuint(shared->committed + shared->refused, >=, shared->calls);
}

static struct weft_ringreader new_reader(void)
{
    struct weft_ringreader reader;
    g_assert_true(weft_ringreader_init(&reader, ring(), 3, NULL));
    weft_ringreader_set_area(&reader, shared->area, CHUNKS);
    return reader;
}

static void run_scenario(const void *data)
{
    run(data);
}

static void test_scenario(gconstpointer data)
{
    static struct weft_record records[WEFT_CHUNK_SLOTS];
    const struct scenario *s = data;
    for (uint64_t n = 0;; n++) {
        prepare(s);
        /* One reader was there all the time, the other comes after the death. */
        struct weft_ringreader early = new_reader();
        struct weft_ring_read got;
        uint64_t read = 0;
        while (weft_ringreader_read(&early, records, &got))
            read += got.slots + got.unread + got.dropped;
        g_assert_cmpuint(read, ==, s->before);
        gboolean died = dies(run_scenario, s, n);
        recover(&early, read);
        struct weft_ringreader late = new_reader();
        recover(&late, 0);
        if (!died) {
            g_assert_cmpuint(n, >, s->events + s->exts);
            g_test_message("%s: %" G_GUINT64_FORMAT " stores", s->name, n);
            return;
        }
    }
}

/* ---- Strings ---- */

static const char *const texts[] = { "one", "", "a string that is longer than eight bytes",
                                     "last" };
static const char *const others[] = { "", "another thread's", "and its last" };

static void append_strings(const void *data)
{
    (void)data;
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        weft_heap_add(heap(), WEFT_HEAP_STRING, texts[i], strlen(texts[i]));
}

/* Behind what the first thread had reserved, and never came to fill. */
static void append_others(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        weft_heap_add(heap(), WEFT_HEAP_STRING, others[i], strlen(others[i]));
}

static void take_string(void *data, guint32 id, const char *text, gsize size)
{
    (void)id;
    g_assert_cmpuint(strlen(text), ==, size);
    g_ptr_array_add(data, g_strdup(text));
}

static void no_site(void *data, guint32 id, guint32 line, guint32 file, guint32 func)
{
    (void)data, (void)id, (void)line, (void)file, (void)func;
    g_assert_not_reached();
}

/* What one thread had appended when it died in the middle of it, then what another had. */
static void test_strings(gconstpointer another)
{
    meanwhile = another ? append_others : NULL;
    for (uint64_t n = 0;; n++) {
        memset(shared, 0, sizeof *shared);
        heap()->size = HEAP_SIZE;
        heap()->used = sizeof(struct weft_heap);
        gboolean died = dies(append_strings, NULL, n);
        g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
        struct weft_heap_definitions to = { take_string, no_site, found };
        struct weft_heapreader reader;
        weft_heapreader_init(&reader, heap(), HEAP_SIZE);
        weft_heapreader_read(&reader, TRUE, &to);
        g_assert_false(reader.corrupt);
        g_assert_cmpuint(reader.at, ==, heap()->used);
        guint mine = (guint)shared->strings, theirs = died && another ? G_N_ELEMENTS(others) : 0;
        g_assert_cmpuint(found->len, ==, mine);
        for (guint i = 0; i < found->len; i++)
            g_assert_cmpstr(found->pdata[i], ==,
                            i < mine - theirs ? texts[i] : others[i - (mine - theirs)]);
        if (!died) {
            g_assert_cmpuint(found->len, ==, G_N_ELEMENTS(texts));
            break;
        }
    }
    meanwhile = NULL;
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    g_assert_true(shared != MAP_FAILED);
    for (guint i = 0; i < G_N_ELEMENTS(scenarios); i++) {
        g_autofree char *path = g_strdup_printf("/death/%s", scenarios[i].name);
        g_test_add_data_func(path, &scenarios[i], test_scenario);
    }
    g_test_add_data_func("/death/strings", NULL, test_strings);
    g_test_add_data_func("/death/strings-of-another-thread", "another", test_strings);
    return g_test_run();
}
