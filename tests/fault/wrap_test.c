/* wrap_test.c: the writer overtakes a reader amid its copy, at every load that the reader makes of
 * a chunk's header and at many of its slots: nothing torn is handed over, and what was overwritten
 * is counted, exactly.
 *
 * The reader's own source is built into this test with every load passing a hook (see
 * hooked_atomics.h), which lets the writer write on for so many chunks in between. */
#include "tracer/trace/ringreader.h"
#include <stdlib.h>

enum { CHUNKS = 3, HEADER_LOADS = 40, STEP = 61 };

static struct {
    struct weft_segment segment;
    struct weft_ring *ring;
    char *area;
    struct weft_writer w;
    uint64_t emitted;  /* slots */
    guint64 loads, at; /* of this read; the writer cuts in before this one */
    guint cut_in;      /* with so many slots; 0: not at all */
} f;

static uint64_t mix(uint64_t i)
{
    return (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static void emit_slots(guint slots)
{
    for (guint end = slots; end > 0;) {
        uint64_t i = f.emitted, words[4] = { mix(i), ~i, i, mix(i) };
        gboolean ext = i % 5 == 2 && end > 1;
        uint64_t refused = f.ring->dropped;
        weft_ring_emit(&f.w, i, WEFT_RECORD_COUNTER, 0, (uint32_t)i, i, mix(i), ext ? words : NULL);
        g_assert_cmpuint(f.ring->dropped, ==, refused);
        f.emitted += ext ? 2 : 1;
        end -= ext ? 2 : 1;
    }
}

void hook_before_store(const volatile void *address)
{
    (void)address;
}

void hook_after_store(const volatile void *address, uint64_t value)
{
    (void)address, (void)value;
}

void hook_before_load(const volatile void *address)
{
    (void)address;
    if (f.cut_in && f.loads++ == f.at) {
        guint slots = f.cut_in;
        f.cut_in = 0;
        emit_slots(slots);
    }
}

static void check(const struct weft_record *records, guint slots)
{
    for (guint i = 0; i < slots; i++) {
        const struct weft_record *r = &records[i];
        g_assert_cmpuint(r->kind, ==, WEFT_RECORD_COUNTER);
        g_assert_cmpuint(r->object, ==, mix(r->subject));
        g_assert_cmpuint(r->site, ==, (uint32_t)r->subject);
        if (r->flags & WEFT_RECORD_EXT) {
            uint64_t words[4];
            g_assert_cmpuint(++i, <, slots);
            memcpy(words, &records[i], sizeof words);
            g_assert_cmpuint(words[1], ==, ~r->subject);
            g_assert_cmpuint(words[3], ==, mix(r->subject));
        }
    }
}

/* One run: something is there, the reader reads, and before its load number `at` the writer writes
 * `cut_in` slots. FALSE when the reader made fewer loads. */
static gboolean run(guint before, guint64 at, guint cut_in)
{
    static struct weft_record records[WEFT_CHUNK_SLOTS];
    memset(f.ring, 0, WEFT_PAGE);
    memset(f.area, 0, CHUNKS * WEFT_CHUNK_SIZE);
    weft_ring_format(f.ring, 3, WEFT_RING_LOOP, weft_id(WEFT_ENTITY_LOOP, 3, 1));
    f.w = (struct weft_writer){ .index = 3 };
    weft_writer_init(&f.w, &f.segment, f.ring);
    weft_writer_set_area(&f.w, f.area, CHUNKS, WEFT_PAGE);
    f.emitted = f.loads = 0;
    f.cut_in = 0;
    emit_slots(before);
    struct weft_ringreader reader;
    g_assert_true(weft_ringreader_init(&reader, f.ring, 3, NULL));
    weft_ringreader_set_area(&reader, f.area, CHUNKS);
    f.at = at;
    f.cut_in = cut_in;
    struct weft_ring_read got;
    uint64_t read = 0, lost = 0;
    for (gboolean more = TRUE; more || f.cut_in;) {
        more = weft_ringreader_read(&reader, records, &got);
        g_assert_false(reader.corrupt);
        check(records, got.slots);
        read += got.slots;
        lost += got.unread + got.dropped;
        if (!more && f.cut_in)
            return FALSE;
    }
    while (weft_ringreader_read(&reader, records, &got)) {
        check(records, got.slots);
        read += got.slots;
        lost += got.unread + got.dropped;
    }
    g_assert_false(reader.corrupt);
    g_assert_cmpuint(weft_ringreader_dropped_at_end(&reader), ==, 0);
    g_assert_cmpuint(read + lost, ==, f.emitted);
    return TRUE;
}

static void test_wrap(gconstpointer data)
{
    guint cut_in = GPOINTER_TO_UINT(data);
    guint befores[] = { 5, WEFT_CHUNK_SLOTS - 2, 2 * WEFT_CHUNK_SLOTS + 7,
                        (CHUNKS + 2) * WEFT_CHUNK_SLOTS + 3 };
    for (guint i = 0; i < G_N_ELEMENTS(befores); i++)
        for (guint64 at = 0; run(befores[i], at, cut_in); at += at < HEADER_LOADS ? 1 : STEP)
            continue;
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    f.segment.mode = WEFT_MODE_FLIGHT;
    f.ring = aligned_alloc(WEFT_PAGE, WEFT_PAGE);
    f.area = aligned_alloc(WEFT_PAGE, CHUNKS * WEFT_CHUNK_SIZE);
    g_test_add_data_func("/wrap/one-event", GUINT_TO_POINTER(1), test_wrap);
    g_test_add_data_func("/wrap/one-chunk", GUINT_TO_POINTER(WEFT_CHUNK_SLOTS), test_wrap);
    g_test_add_data_func("/wrap/a-lap", GUINT_TO_POINTER(CHUNKS * WEFT_CHUNK_SLOTS), test_wrap);
    g_test_add_data_func("/wrap/two-laps", GUINT_TO_POINTER(2 * CHUNKS * WEFT_CHUNK_SLOTS + 9),
                         test_wrap);
    int failed = g_test_run();
    free(f.ring);
    free(f.area);
    return failed;
}
