/* The writer's side of the ring, in plain memory: chunks, ordinals, both modes, what is dropped. */
#include "tracer/probe/ring.h"
#include <glib.h>
#include <stdlib.h>

struct fixture {
    struct weft_segment *segment;
    struct weft_ring *ring;
    void *area;
    struct weft_writer w;
};

static void *zeroed_area(uint64_t n)
{
    void *area = aligned_alloc(WEFT_PAGE, n * WEFT_CHUNK_SIZE);
    memset(area, 0, n * WEFT_CHUNK_SIZE);
    return area;
}

static void set_up(struct fixture *f, gconstpointer mode)
{
    memset(f, 0, sizeof *f);
    uint64_t n = 3;
    f->segment = g_malloc0(sizeof *f->segment);
    f->segment->mode = GPOINTER_TO_UINT(mode);
    f->segment->lease.expires_mono_ns = UINT64_MAX;
    f->ring = aligned_alloc(WEFT_PAGE, WEFT_PAGE);
    memset(f->ring, 0, WEFT_PAGE);
    f->area = zeroed_area(n);
    weft_ring_format(f->ring, 5, WEFT_RING_LOOP, weft_id(WEFT_ENTITY_LOOP, 5, 1));
    weft_writer_init(&f->w, f->segment, f->ring);
    weft_writer_set_area(&f->w, f->area, n, WEFT_PAGE);
    weft_probe_page.mask = WEFT_PROBE_ALL;
}

static void tear_down(struct fixture *f, gconstpointer mode)
{
    (void)mode;
    weft_probe_page.mask = 0;
    free(f->ring);
    free(f->area);
    g_free(f->segment);
}

static void emit(struct fixture *f, uint64_t value)
{
    weft_emit(&f->w, WEFT_RECORD_COUNTER, 1, 2, 3, value);
}

static void chunk_is(struct fixture *f, uint64_t k, uint64_t first, uint64_t slots,
                     uint64_t dropped)
{
    struct weft_chunk *chunk = weft_chunk_slot(f->w.area, f->w.n, k);
    g_assert_cmpuint(chunk->seq, ==, k);
    g_assert_cmpuint(chunk->first_event, ==, first);
    g_assert_cmpuint(chunk->committed, ==, WEFT_CHUNK_HEADER + slots * WEFT_SLOT_SIZE);
    g_assert_cmpuint(chunk->dropped_total, ==, dropped);
}

static void nothing_is_written_while_off(struct fixture *f, gconstpointer mode)
{
    (void)mode;
    weft_probe_page.mask = 0;
    emit(f, 1);
    g_assert_cmpuint(f->ring->current, ==, 0);
    g_assert_null(f->w.chunk);
}

static void a_record_is_laid_out_as_the_abi_says(struct fixture *f, gconstpointer mode)
{
    (void)mode;
    weft_emit(&f->w, WEFT_RECORD_WAKE, WEFT_WAKE_IO, 77, 0x1111, 0x2222);
    const struct weft_record *r = (const void *)((char *)weft_chunk_slot(f->area, 3, 1) +
                                                 WEFT_CHUNK_HEADER);
    g_assert_cmpuint(r->kind, ==, WEFT_RECORD_WAKE);
    g_assert_cmpuint(r->detail, ==, WEFT_WAKE_IO);
    g_assert_cmpuint(r->flags, ==, 0);
    g_assert_cmpuint(r->site, ==, 77);
    g_assert_cmpuint(r->subject, ==, 0x1111);
    g_assert_cmpuint(r->object, ==, 0x2222);
    g_assert_cmpuint(r->time, >=, weft_chunk_slot(f->area, 3, 1)->base_ticks);
}

static void chunks_follow_each_other(struct fixture *f, gconstpointer mode)
{
    (void)mode;
    for (uint64_t i = 0; i < WEFT_CHUNK_SLOTS + 10; i++)
        emit(f, i);
    g_assert_cmpuint(f->ring->current, ==, 2);
    chunk_is(f, 1, 0, WEFT_CHUNK_SLOTS, 0);
    chunk_is(f, 2, WEFT_CHUNK_SLOTS, 10, 0);
}

static void an_ext_does_not_straddle_chunks(struct fixture *f, gconstpointer mode)
{
    (void)mode;
    for (uint64_t i = 0; i < WEFT_CHUNK_SLOTS - 1; i++)
        emit(f, i);
    struct weft_ext_text ext = { .text = 9 };
    weft_emit_ext(&f->w, WEFT_RECORD_CANCEL_REQUEST, 0, 0, 1, 2, &ext);
    chunk_is(f, 1, 0, WEFT_CHUNK_SLOTS - 1, 0);
    chunk_is(f, 2, WEFT_CHUNK_SLOTS - 1, 2, 0);
    const struct weft_record *r = (const void *)((char *)weft_chunk_slot(f->area, 3, 2) +
                                                 WEFT_CHUNK_HEADER);
    g_assert_cmpuint(r->flags, ==, WEFT_RECORD_EXT);
    g_assert_cmpmem(r + 1, sizeof ext, &ext, sizeof ext);
}

static void flight_overwrites_the_oldest(struct fixture *f, gconstpointer mode)
{
    (void)mode;
    for (uint64_t i = 0; i < 5 * WEFT_CHUNK_SLOTS; i++)
        emit(f, i);
    g_assert_cmpuint(f->ring->current, ==, 5);
    g_assert_cmpuint(f->ring->dropped, ==, 0);
    chunk_is(f, 5, 4 * WEFT_CHUNK_SLOTS, WEFT_CHUNK_SLOTS, 0);
    chunk_is(f, 3, 2 * WEFT_CHUNK_SLOTS, WEFT_CHUNK_SLOTS, 0);
}

static void stream_drops_what_does_not_fit(struct fixture *f, gconstpointer mode)
{
    (void)mode;
    for (uint64_t i = 0; i < 3 * WEFT_CHUNK_SLOTS + 7; i++)
        emit(f, i);
    struct weft_ext_text ext = { 0 };
    weft_emit_ext(&f->w, WEFT_RECORD_CANCEL_REQUEST, 0, 0, 1, 2, &ext);
    g_assert_cmpuint(f->ring->current, ==, 3);
    g_assert_cmpuint(f->ring->dropped, ==, 9); /* in slots */
    f->ring->consumed = 1;
    emit(f, 1);
    g_assert_cmpuint(f->ring->current, ==, 4);
    chunk_is(f, 4, 3 * WEFT_CHUNK_SLOTS, 1, 9);
    chunk_is(f, 2, WEFT_CHUNK_SLOTS, WEFT_CHUNK_SLOTS, 0);
}

static void a_lost_lease_turns_stream_into_flight(struct fixture *f, gconstpointer mode)
{
    (void)mode;
    f->segment->lease.expires_mono_ns = 1;
    for (uint64_t i = 0; i < 4 * WEFT_CHUNK_SLOTS; i++)
        emit(f, i);
    g_assert_cmpuint(f->ring->dropped, ==, 0);
    g_assert_cmpuint(f->ring->current, ==, 4);
}

static void a_hostile_consumed_does_no_harm(struct fixture *f, gconstpointer mode)
{
    (void)mode;
    f->ring->consumed = UINT64_MAX - 1;
    for (uint64_t i = 0; i < 7 * WEFT_CHUNK_SLOTS; i++)
        emit(f, i);
    g_assert_cmpuint(f->ring->current + f->ring->dropped / WEFT_CHUNK_SLOTS, ==, 7);
}

static void a_nested_emit_is_counted(struct fixture *f, gconstpointer mode)
{
    (void)mode;
    emit(f, 1);
    f->w.busy = 1; /* as a signal handler finds it in the middle of an emit */
    emit(f, 2);
    struct weft_ext_text ext = { 0 };
    weft_emit_ext(&f->w, WEFT_RECORD_CANCEL_REQUEST, 0, 0, 1, 2, &ext);
    f->w.busy = 0;
    g_assert_cmpuint(f->ring->nested, ==, 3);
    chunk_is(f, 1, 0, 1, 0);
}

static void shared_times_do_not_go_back(struct fixture *f, gconstpointer mode)
{
    (void)mode;
    for (uint64_t i = 0; i < WEFT_CHUNK_SLOTS - 1; i++)
        emit(f, i);
    uint64_t t = weft_clock_now();
    uint64_t first = weft_emit_shared(&f->w, t, WEFT_RECORD_SUSPEND, 0, 0, 1, 0);
    uint64_t second = weft_emit_shared(&f->w, first, WEFT_RECORD_RESUME, 0, 0, 2, 0);
    g_assert_cmpuint(first, ==, t);
    g_assert_cmpuint(second, >=, weft_chunk_slot(f->area, 3, 2)->base_ticks);
}

static void a_ring_without_chunks_loses_nothing(struct fixture *f, gconstpointer mode)
{
    (void)mode;
    struct weft_writer w = { .index = 5 };
    weft_writer_init(&w, f->segment, f->ring);
    weft_emit(&w, WEFT_RECORD_COUNTER, 0, 0, 1, 2);
    g_assert_cmpuint(f->ring->current, ==, 0);
    g_assert_cmpuint(f->ring->dropped, ==, 0);
}

/* Numbers and ordinals go on in it, and all of it is free: nothing of the old one is in the way. */
static void a_larger_area_takes_over(struct fixture *f, gconstpointer mode)
{
    (void)mode;
    for (uint64_t i = 0; i < 2 * WEFT_CHUNK_SLOTS + 5; i++)
        emit(f, i);
    void *larger = zeroed_area(4);
    weft_writer_set_area(&f->w, larger, 4, 99 * WEFT_PAGE);
    g_assert_cmpuint(weft_area_chunks(f->ring->area), ==, 4);
    g_assert_cmpuint(weft_area_offset(f->ring->area), ==, 99 * WEFT_PAGE);
    g_assert_cmpuint(f->ring->retired, ==, 2 * WEFT_CHUNK_SLOTS + 5);
    for (uint64_t i = 0; i < 4 * WEFT_CHUNK_SLOTS + 3; i++)
        emit(f, i);
    g_assert_cmpuint(f->ring->current, ==, 7);
    g_assert_cmpuint(f->ring->dropped, ==, 3);
    chunk_is(f, 4, 2 * WEFT_CHUNK_SLOTS + 5, WEFT_CHUNK_SLOTS, 0);
    chunk_is(f, 7, 5 * WEFT_CHUNK_SLOTS + 5, WEFT_CHUNK_SLOTS, 0);
    struct weft_chunk *last = weft_chunk_slot(f->area, 3, 3);
    g_assert_cmpuint(last->seq, ==, 3);
    g_assert_cmpuint(last->committed, ==, WEFT_CHUNK_HEADER + 5 * WEFT_SLOT_SIZE);
    free(larger);
}

static void ids_count_by_kind(struct fixture *f, gconstpointer mode)
{
    (void)mode;
    g_assert_cmpuint(weft_new_id(&f->w, WEFT_ENTITY_TASK), ==, weft_id(WEFT_ENTITY_TASK, 5, 1));
    g_assert_cmpuint(weft_new_id(&f->w, WEFT_ENTITY_TIMER), ==, weft_id(WEFT_ENTITY_TIMER, 5, 1));
    g_assert_cmpuint(weft_new_id(&f->w, WEFT_ENTITY_TASK), ==, weft_id(WEFT_ENTITY_TASK, 5, 2));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(path, mode, function)                                                                 \
    g_test_add("/probe/ring/" path, struct fixture, GUINT_TO_POINTER(mode), set_up, function,      \
               tear_down)
    TEST("off", WEFT_MODE_FLIGHT, nothing_is_written_while_off);
    TEST("layout", WEFT_MODE_FLIGHT, a_record_is_laid_out_as_the_abi_says);
    TEST("chunks", WEFT_MODE_FLIGHT, chunks_follow_each_other);
    TEST("ext", WEFT_MODE_FLIGHT, an_ext_does_not_straddle_chunks);
    TEST("flight", WEFT_MODE_FLIGHT, flight_overwrites_the_oldest);
    TEST("stream", WEFT_MODE_STREAM, stream_drops_what_does_not_fit);
    TEST("lease", WEFT_MODE_STREAM, a_lost_lease_turns_stream_into_flight);
    TEST("hostile", WEFT_MODE_STREAM, a_hostile_consumed_does_no_harm);
    TEST("nested", WEFT_MODE_FLIGHT, a_nested_emit_is_counted);
    TEST("shared", WEFT_MODE_FLIGHT, shared_times_do_not_go_back);
    TEST("no-area", WEFT_MODE_STREAM, a_ring_without_chunks_loses_nothing);
    TEST("larger-area", WEFT_MODE_STREAM, a_larger_area_takes_over);
    TEST("ids", WEFT_MODE_FLIGHT, ids_count_by_kind);
    return g_test_run();
}
