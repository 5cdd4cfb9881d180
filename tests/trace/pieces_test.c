/* pieces_test.c: traces that hold parts of one process, put together: each slot once, what is in
 * none of them is lost, and what contradicts is refused. */
#include "tests/trace/merging.h"
#include "tracer/trace/repair.h"
#include "tracer/trace/state.h"
#include <glib/gstdio.h>

/* Slots [begin, end) of a ring, one a millisecond, in chunks of 100; a piece that begins amid the
 * run has a state. An EXT is every tenth slot. */
static void write_piece(const char *path, const struct origin *o, guint64 begin, guint64 end)
{
    weft_filewriter *writer = begin_trace(path, o);
    g_autoptr(weft_state) state = weft_state_new();
    weft_filewriter_begin_ring(writer, 0, begin);
    if (begin > 0)
        g_assert_true(weft_filewriter_state(writer, state, NULL));
    for (guint64 at = begin; at < end;) {
        struct weft_record records[100] = { { 0 } };
        guint n = (guint)MIN(100 - at % 100, end - at);
        for (guint i = 0; i < n; i++, at++)
            records[i] = (struct weft_record){ .time = anchor_at(o, at * MS).ticks,
                                               .kind = WEFT_RECORD_CANCEL_REQUEST,
                                               .flags = at % 10 == 8 ? WEFT_RECORD_EXT : 0,
                                               .subject = weft_id(WEFT_ENTITY_TASK, 0, 1 + at) };
        for (guint i = 1; i < n; i++)
            if (records[i - 1].flags & WEFT_RECORD_EXT)
                records[i] = (struct weft_record){ 0 };
        g_assert_true(weft_filewriter_events(writer, 0, records, n, 0, NULL));
    }
    end_trace(writer);
}

/* Merges the two, in both orders: one process, with these slots, each once. */
static void assert_joined(struct merging *f, guint64 begin, guint64 end, guint64 missing)
{
    for (guint order = 0; order < 2; order++) {
        const char *const paths[] = { order ? f->b : f->a, order ? f->a : f->b };
        struct weft_merge_result result;
        g_autoptr(GError) error = NULL;
        weft_merge(paths, 2, f->c, &result, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(result.processes, ==, 1);
        g_assert_cmpuint(result.lost, ==, missing);
        g_assert_cmpuint(result.notes->len, ==, missing > 0);
        weft_merge_result_clear(&result);
        g_autoptr(weft_trace) c = open_whole(f->c);
        g_assert_cmpuint(weft_trace_n_sources(c), ==, 1);
        g_assert_cmpuint(weft_trace_lost(c), ==, missing);
        g_assert_cmpint(weft_trace_source(c)->start_ns, ==, 0);
        guint64 at = begin;
        for (guint i = 0; i < weft_trace_n_chunks(c); i++) {
            const struct weft_trace_chunk *chunk = weft_trace_chunk(c, i);
            g_assert_cmpuint(chunk->first_ordinal, ==, at + chunk->lost_before);
            at = chunk->first_ordinal;
            guint n = weft_trace_decode(c, i, f->records, NULL);
            for (guint k = 0; k < n; k++, at++)
                if (at % 10 != 9) {
                    g_assert_cmpuint(weft_id_counter(f->records[k].subject), ==, 1 + at);
                    g_assert_cmpint((gint64)f->records[k].time, ==, (gint64)(at * MS));
                }
        }
        g_assert_cmpuint(at, ==, end);
    }
}

static void test_pieces(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin o = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    write_piece(f->a, &o, 0, 500);
    write_piece(f->b, &o, 500, 800); /* one behind the other */
    assert_joined(f, 0, 800, 0);
    write_piece(f->b, &o, 330, 800); /* they overlap, amid chunks */
    assert_joined(f, 0, 800, 0);
    write_piece(f->b, &o, 330, 410); /* one is within the other */
    assert_joined(f, 0, 500, 0);
    write_piece(f->b, &o, 0, 500); /* both hold all */
    assert_joined(f, 0, 500, 0);
    write_piece(f->b, &o, 620, 800); /* what is in neither is lost */
    assert_joined(f, 0, 800, 120);
    write_piece(f->a, &o, 450, 700); /* neither holds the beginning */
    assert_joined(f, 450, 800, 0);
}

/* One that was killed before its first chunk says all the same where it began. */
static void test_piece_without_chunks(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin o = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    write_piece(f->a, &o, 0, 500);
    write_piece(f->b, &o, 620, 620);
    assert_joined(f, 0, 500, 120);
    write_piece(f->b, &o, 500, 500);
    assert_joined(f, 0, 500, 0);
    write_piece(f->a, &o, 100, 100);
    write_piece(f->b, &o, 620, 800);
    assert_joined(f, 100, 800, 520);
}

static guint64 between(const weft_trace *trace)
{
    guint64 slots = weft_trace_between_at_end(trace, 0);
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++)
        slots += weft_trace_chunk(trace, i)->between;
    return slots;
}

/* Two pieces that tell of one loss; what is in neither of them is told from it, also when that is
 * merged, or cut, again. */
static void test_loss_between_pieces(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin o = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    struct weft_merge_result result;
    struct weft_cut_report report;
    weft_filewriter *writer = begin_trace(f->a, &o);
    put_marks(writer, &o, 0, 1 * MS, 1000, 40);
    g_assert_true(weft_filewriter_loss(writer, 0, 7, 5, NULL));
    put_marks(writer, &o, 0, 100 * MS, 1000, 40);
    end_trace(writer);
    g_autofree char *first = g_build_filename(f->directory, "first", NULL);
    g_autofree char *second = g_build_filename(f->directory, "second", NULL);
    g_autofree char *third = g_build_filename(f->directory, "third", NULL);
    g_autoptr(weft_trace) whole = open_whole(f->a);
    gint64 begin = weft_trace_chunk(whole, 0)->first_ns, last = weft_trace_end_ns(whole);
    gint64 hole = weft_trace_chunk(whole, 0)->last_ns, after = weft_trace_chunk(whole, 1)->first_ns;
    g_assert_true(weft_cut(whole, 0, (hole + after) / 2, first, &report, NULL));
    g_assert_true(weft_cut(whole, (hole + after) / 2, last, second, &report, NULL));
    g_assert_true(weft_merge((const char *const[]){ second, first }, 2, f->c, &result, NULL));
    g_assert_cmpuint(result.lost, ==, 12);
    weft_merge_result_clear(&result);
    g_autoptr(weft_trace) same = open_whole(f->c);
    g_assert_cmpuint(between(same), ==, 0);
    g_assert_true(weft_cut(whole, 0, begin, third, &report, NULL));
    g_assert_true(weft_merge((const char *const[]){ second, third }, 2, f->c, &result, NULL));
    guint64 missing = weft_trace_chunk(whole, 0)->slots - report.events;
    g_assert_cmpuint(result.lost, ==, missing + 12);
    weft_merge_result_clear(&result);
    g_autoptr(weft_trace) holed = open_whole(f->c);
    g_assert_cmpuint(between(holed), ==, missing);
    g_assert_true(weft_cut(holed, begin, last, first, &report, NULL));
    g_autoptr(weft_trace) window = open_whole(first);
    g_assert_cmpuint(between(window), ==, missing);
    g_assert_no_errno(g_unlink(first));
    g_assert_no_errno(g_unlink(second));
    g_assert_no_errno(g_unlink(third));
}

/* Both pieces know of the loss behind a ring that ended before the cut: it is one. */
static void test_loss_at_end_of_both(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin o = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    struct weft_merge_result result;
    struct weft_cut_report report;
    weft_filewriter *writer = begin_trace(f->c, &o);
    put_marks(writer, &o, 1, 1 * MS, 1000, 40);
    g_assert_true(weft_filewriter_loss(writer, 1, 2, 5, NULL));
    put_marks(writer, &o, 0, 1 * MS, 10 * MS, 40);
    end_trace(writer);
    g_autoptr(weft_trace) whole = open_whole(f->c);
    gint64 end = weft_trace_end_ns(whole);
    g_assert_true(weft_cut(whole, 0, end / 2, f->a, &report, NULL));
    g_assert_true(weft_cut(whole, end / 2 + 1, end, f->b, &report, NULL));
    g_assert_true(weft_merge((const char *const[]){ f->b, f->a }, 2, f->c, &result, NULL));
    g_assert_cmpuint(result.lost, ==, 7);
    g_assert_cmpuint(result.events, ==, weft_trace_events(whole));
    weft_merge_result_clear(&result);
}

/* What was joined is a piece again. */
static void test_pieces_again(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin o = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    write_piece(f->a, &o, 300, 500);
    write_piece(f->b, &o, 450, 800);
    assert_joined(f, 300, 800, 0);
    g_assert_cmpint(g_rename(f->c, f->a), ==, 0);
    write_piece(f->b, &o, 100, 410);
    assert_joined(f, 100, 800, 0);
}

/* ---- What cannot be ---- */

static void test_contradiction(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin a = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    struct origin b = { 10, "boot", 9000, 13000, WEFT_CLOCK_MONOTONIC };
    const char *const both[] = { f->a, f->b };
    write_piece(f->a, &a, 0, 500);
    write_piece(f->b, &b, 300, 800);
    assert_refused(both, 2, f->c, WEFT_TRACE_ERROR_CONFLICT, "contradict each other");
}

/* The process is the second one in a trace of several. */
static void test_beside_others(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin a = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    struct origin b = { 20, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    write_trace(f->a, &a, 1, 1);
    write_piece(f->b, &b, 0, 100);
    weft_trace_unref(merge_whole(f, 0));
    g_assert_cmpint(g_rename(f->c, f->a), ==, 0);
    const char *const both[] = { f->a, f->b };
    assert_refused(both, 2, f->c, WEFT_TRACE_ERROR_CONFLICT,
                   "both hold process 20 (program 20), but beside others");
}

/* Spoils the payload of the second EVENTS chunk. */
static void spoil_second_chunk(const char *path)
{
    char *bytes;
    gsize size, at = 64;
    g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    struct weft_chunk_header header;
    for (guint events = 0;; at += sizeof header + ((header.stored + 7u) & ~7u)) {
        memcpy(&header, bytes + at, sizeof header);
        if (header.kind == WEFT_CHUNK_EVENTS && events++ == 1)
            break;
    }
    bytes[at + sizeof header + 40] ^= 4;
    g_assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
    g_free(bytes);
}

static void assert_lost(const char *path, guint64 lost, guint64 end)
{
    g_autoptr(weft_trace) trace = open_whole(path);
    g_assert_null(weft_trace_damage(trace));
    g_assert_cmpuint(weft_trace_lost(trace), ==, lost);
    const struct weft_trace_chunk *last = weft_trace_chunk(trace, weft_trace_n_chunks(trace) - 1);
    g_assert_cmpuint(last->first_ordinal + last->slots, ==, end);
}

/* A damaged chunk of 100 slots had 90 events: so many are lost for whoever looks, at the damaged
 * trace or at what a merge, a repair or a cut makes of it, and of that again. */
static void test_damaged_events(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin o = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    struct weft_repair_report repaired;
    struct weft_cut_report report;
    write_piece(f->a, &o, 0, 500);
    spoil_second_chunk(f->a);
    g_assert_true(weft_repair(f->a, f->b, &repaired, NULL));
    g_assert_cmpuint(repaired.lost, ==, 90);
    weft_repair_report_clear(&repaired);
    assert_lost(f->b, 90, 500);
    g_assert_true(weft_repair(f->b, f->c, &repaired, NULL));
    weft_repair_report_clear(&repaired);
    assert_lost(f->c, 90, 500);
    write_piece(f->b, &o, 500, 800);
    struct weft_merge_result result = merge(f);
    g_assert_cmpuint(result.lost, ==, 90);
    weft_merge_result_clear(&result);
    assert_lost(f->c, 90, 800);
    g_autoptr(weft_trace) merged = open_whole(f->c);
    g_assert_true(weft_cut(merged, 0, 700 * MS, f->a, &report, NULL));
    g_assert_cmpuint(report.lost, ==, 90);
    assert_lost(f->a, 90, 701);
    result = merge(f); /* b goes on amid a */
    g_assert_cmpuint(result.lost, ==, 90);
    weft_merge_result_clear(&result);
    assert_lost(f->c, 90, 800);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/pieces/" name, struct merging, NULL, merging_set_up, function, merging_tear_down)
    ADD("pieces", test_pieces);
    ADD("pieces-again", test_pieces_again);
    ADD("piece-without-chunks", test_piece_without_chunks);
    ADD("loss-between-pieces", test_loss_between_pieces);
    ADD("damaged-events", test_damaged_events);
    ADD("loss-at-end-of-both", test_loss_at_end_of_both);
    ADD("contradiction", test_contradiction);
    ADD("beside-others", test_beside_others);
    return g_test_run();
}
