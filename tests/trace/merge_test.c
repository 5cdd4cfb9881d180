/* merge_test.c: several traces as one: every event and every loss is there, in order, on one axis,
 * whose events and names are told apart. */
#include "tests/trace/merging.h"
#include "tracer/trace/notes.h"
#include "tracer/trace/state.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Every record is its own process's: ring, name, site; times never go back in a ring. */
static void assert_told_apart(struct merging *f, const weft_trace *trace)
{
    gint64 last[64] = { 0 }, last_chunk = 0;
    for (guint c = 0; c < weft_trace_n_chunks(trace); c++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, c);
        const struct weft_trace_source *source = weft_trace_source_at(
            trace, weft_trace_source_of(trace, chunk->ring));
        g_assert_cmpint(chunk->first_ns, >=, last_chunk);
        last_chunk = chunk->first_ns;
        guint n = weft_trace_decode(trace, c, f->records, NULL);
        g_assert_cmpuint(n, ==, 40);
        for (guint i = 0; i < n; i++) {
            const struct weft_record *r = &f->records[i];
            g_assert_cmpuint(weft_id_ring(r->subject), ==, chunk->ring);
            g_assert_cmpuint(weft_id_counter(r->subject), ==, i + 1);
            g_assert_cmpstr(weft_trace_string(trace, (uint32_t)r->object), ==, source->program);
            g_assert_cmpuint(weft_trace_site(trace, r->site)->line, ==, source->pid);
            g_assert_cmpstr(weft_trace_site(trace, r->site)->file, ==, "same.c");
            g_assert_cmpstr(weft_trace_site(trace, r->site)->func, ==, source->program);
            g_assert_cmpint((gint64)r->time, >=, last[chunk->ring]);
            last[chunk->ring] = (gint64)r->time;
        }
    }
}

/* ---- One boot ---- */

/* B began 5 ms before A; one has a counter, the other the fallback clock. */
static void test_one_boot(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin a = { 10, "boot", 1005, 5000, WEFT_CLOCK_COUNTER };
    struct origin b = { 20, "boot", 1000, 9000, WEFT_CLOCK_MONOTONIC }; /* whatever its wall says */
    write_trace(f->a, &a, 2, 20);
    write_trace(f->b, &b, 3, 30);
    g_autoptr(weft_trace) c = merge_whole(f, 0);
    g_assert_cmpuint(weft_trace_n_sources(c), ==, 2);
    g_assert_cmpuint(weft_trace_source(c)->pid, ==, 10);
    g_assert_cmpint(weft_trace_source(c)->start_ns, ==, 5 * MS);
    g_assert_cmpint(weft_trace_source_at(c, 1)->start_ns, ==, 0);
    g_assert_cmpuint(weft_trace_source_at(c, 1)->first_ring, ==, 2);
    assert_told_apart(f, c);
    /* B's first event is 10 ms after its start, A's 15 ms. */
    const struct weft_trace_chunk *first = weft_trace_chunk(c, 0);
    g_assert_cmpuint(first->ring, ==, 2);
    g_assert_cmpint(first->first_ns, ==, 10 * MS);
    for (guint i = 0; i < weft_trace_n_chunks(c); i++)
        if (weft_trace_chunk(c, i)->ring == 0) {
            g_assert_cmpint(ABS(weft_trace_chunk(c, i)->first_ns - (gint64)(15 * MS)), <=, 1);
            break;
        }
}

/* ---- Another boot ---- */

static void test_other_boot(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin a = { 10, "boot", 500000, 7000, WEFT_CLOCK_MONOTONIC };
    struct origin b = { 10, "other", 30, 6900, WEFT_CLOCK_MONOTONIC };
    write_trace(f->a, &a, 1, 5);
    write_trace(f->b, &b, 1, 5);
    g_autoptr(weft_trace) c = merge_whole(f, 1);
    g_assert_cmpint(weft_trace_source(c)->start_ns, ==, 100 * MS);
    g_assert_cmpint(weft_trace_source_at(c, 1)->start_ns, ==, 0);
    g_assert_cmpint(weft_trace_source(c)->start_realtime_ns, ==, 6900 * MS);
    g_assert_cmpint(weft_trace_source_at(c, 1)->start_realtime_ns, ==, 6900 * MS);
    /* A deadline of A's boot is a moment of the axis. */
    g_assert_cmpint(weft_trace_from_monotonic(c, 30 * MS), ==, 0);
    assert_told_apart(f, c);
}

/* A timer's deadline moves with its boot's clock. */
static void test_deadlines(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin a = { 10, "boot", 500000, 7000, WEFT_CLOCK_MONOTONIC };
    struct origin b = { 20, "other", 30, 6900, WEFT_CLOCK_MONOTONIC };
    struct weft_record set = { .time = 500001 * MS,
                               .kind = WEFT_RECORD_TIMER_SET,
                               .subject = weft_id(WEFT_ENTITY_TIMER, 0, 1),
                               .object = 500011 * MS };
    weft_filewriter *writer = begin_trace(f->a, &a);
    g_assert_true(weft_filewriter_events(writer, 0, &set, 1, 0, NULL));
    end_trace(writer);
    write_trace(f->b, &b, 1, 1);
    g_autoptr(weft_trace) c = merge_whole(f, 1);
    for (guint i = 0; i < weft_trace_n_chunks(c); i++) {
        weft_trace_decode(c, i, f->records, NULL);
        if (f->records[0].kind != WEFT_RECORD_TIMER_SET)
            continue;
        g_assert_cmpint((gint64)f->records[0].time, ==, 101 * MS);
        g_assert_cmpint(weft_trace_from_monotonic(c, f->records[0].object), ==, 111 * MS);
        return;
    }
    g_assert_not_reached();
}

static void test_no_wall_clock(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin a = { 10, "boot", 500000, 7000, WEFT_CLOCK_MONOTONIC };
    struct origin b = { 20, "", 30, 0, WEFT_CLOCK_MONOTONIC };
    write_trace(f->a, &a, 1, 5);
    write_trace(f->b, &b, 1, 5);
    g_autoptr(weft_trace) c = merge_whole(f, 1);
    g_assert_cmpint(weft_trace_source(c)->start_ns, ==, 0);
    g_assert_cmpint(weft_trace_source_at(c, 1)->start_ns, ==, 0);
    assert_told_apart(f, c);
}

/* ---- Losses, and beginnings amid a run ---- */

static void test_losses(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin a = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    struct origin b = { 20, "boot", 1001, 5001, WEFT_CLOCK_MONOTONIC };
    write_trace(f->a, &a, 1, 3);
    weft_filewriter *writer = begin_trace(f->b, &b);
    put_marks(writer, &b, 0, 1 * MS, 1000, 40);
    g_assert_true(weft_filewriter_loss(writer, 0, 7, 5, NULL));
    put_marks(writer, &b, 0, 2 * MS, 1000, 40);
    g_assert_true(weft_filewriter_loss(writer, 0, 3, 0, NULL));
    g_assert_true(weft_filewriter_loss(writer, 1, 0, 2, NULL)); /* of a ring without events */
    end_trace(writer);
    g_autoptr(weft_trace) c = merge_whole(f, 0);
    g_assert_cmpuint(weft_trace_lost(c), ==, 17);
    g_assert_cmpuint(weft_trace_lost_at_end(c, 0), ==, 0);
    g_assert_cmpuint(weft_trace_lost_at_end(c, 1), ==, 3);
    g_assert_cmpuint(weft_trace_lost_at_end(c, 2), ==, 2);
    assert_told_apart(f, c);
}

static void test_begins_with_state(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin a = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    struct origin b = { 20, "boot", 1001, 5001, WEFT_CLOCK_MONOTONIC };
    write_trace(f->a, &a, 2, 3);
    weft_filewriter *writer = begin_trace(f->b, &b);
    g_autoptr(weft_state) state = weft_state_new();
    const uint64_t task = weft_id(WEFT_ENTITY_TASK, 0, 99);
    struct weft_record suspend = { .time = 1002 * MS,
                                   .kind = WEFT_RECORD_SUSPEND,
                                   .detail = WEFT_AWAIT_READ,
                                   .site = 1,
                                   .subject = task,
                                   .object = weft_id(WEFT_ENTITY_OP, 0, 4) };
    weft_state_apply(state, 0, &suspend, NULL);
    weft_filewriter_begin_ring(writer, 0, 123456);
    g_assert_true(weft_filewriter_state(writer, state, NULL));
    put_marks(writer, &b, 0, 5 * MS, 1000, 40);
    end_trace(writer);
    g_autoptr(weft_trace) c = merge_whole(f, 0);
    g_assert_true(weft_trace_begins_with_state(c));
    g_assert_cmpuint(weft_trace_lost(c), ==, 0);
    guint from;
    g_autoptr(weft_state) begins = weft_trace_state_before(c, 0, &from);
    const struct weft_task_at *at = weft_state_task(begins, weft_id(WEFT_ENTITY_TASK, 2, 99));
    g_assert_nonnull(at);
    g_assert_cmpuint(at->state, ==, WEFT_STATE_WAITING);
    g_assert_cmphex(at->other, ==, weft_id(WEFT_ENTITY_OP, 2, 4));
    g_assert_cmpint(at->since_ns, ==, 2 * MS);
    g_assert_cmpuint(weft_trace_site(c, at->site)->line, ==, 20);
    assert_told_apart(f, c);
}

/* A merged trace is one that can be merged. */
static void test_again(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin one = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    struct origin two = { 20, "boot", 1001, 5001, WEFT_CLOCK_COUNTER };
    struct origin three = { 30, "boot", 990, 4990, WEFT_CLOCK_MONOTONIC };
    write_trace(f->a, &one, 2, 4);
    write_trace(f->b, &two, 2, 4);
    weft_trace_unref(merge_whole(f, 0));
    g_assert_cmpint(g_rename(f->c, f->a), ==, 0);
    write_trace(f->b, &three, 2, 4);
    g_autoptr(weft_trace) c = merge_whole(f, 0);
    g_assert_cmpuint(weft_trace_n_sources(c), ==, 3);
    g_assert_cmpint(weft_trace_source_at(c, 0)->start_ns, ==, 10 * MS);
    g_assert_cmpint(weft_trace_source_at(c, 1)->start_ns, ==, 11 * MS);
    g_assert_cmpint(weft_trace_source_at(c, 2)->start_ns, ==, 0);
    assert_told_apart(f, c);
}

static void test_empty(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin a = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    struct origin b = { 20, "boot", 1001, 5001, WEFT_CLOCK_MONOTONIC };
    end_trace(begin_trace(f->a, &a));
    write_trace(f->b, &b, 1, 2);
    g_autoptr(weft_trace) c = merge_whole(f, 0);
    g_assert_cmpuint(weft_trace_n_sources(c), ==, 2);
    assert_told_apart(f, c);
}

/* ---- Notes ---- */

static void add_note(const char *path, gint64 time_ns, guint32 ring, const char *text)
{
    g_autoptr(weft_trace) trace = open_whole(path);
    struct weft_note note = { .time_ns = time_ns,
                              .entity = ring == WEFT_NOTE_NO_RING
                                            ? 0
                                            : weft_id(WEFT_ENTITY_TASK, ring, 7),
                              .ring = ring,
                              .text = (char *)text };
    g_assert_true(weft_notes_append(trace, &note, NULL));
}

static void assert_note(const struct weft_note *note, gint64 time_ns, guint32 ring,
                        const char *text)
{
    g_assert_cmpint(note->time_ns, ==, time_ns);
    g_assert_cmpuint(note->ring, ==, ring);
    g_assert_cmphex(note->entity, ==,
                    ring == WEFT_NOTE_NO_RING ? 0 : weft_id(WEFT_ENTITY_TASK, ring, 7));
    g_assert_cmpstr(note->text, ==, text);
}

/* They are about the same moments and tasks, which have other times and numbers now. */
static void test_notes(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin a = { 10, "boot", 1005, 5005, WEFT_CLOCK_MONOTONIC };
    struct origin b = { 20, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    write_trace(f->a, &a, 2, 2);
    write_trace(f->b, &b, 2, 2);
    add_note(f->a, 10 * MS, 1, "of a");
    add_note(f->b, 11 * MS, 1, "of b");
    add_note(f->b, 12 * MS, WEFT_NOTE_NO_RING, "");
    g_autoptr(weft_trace) c = merge_whole(f, 0);
    g_autoptr(GPtrArray) notes = weft_notes_read(c);
    g_assert_cmpuint(notes->len, ==, 3);
    assert_note(notes->pdata[0], 11 * MS, 3, "of b");
    assert_note(notes->pdata[1], 12 * MS, WEFT_NOTE_NO_RING, "");
    assert_note(notes->pdata[2], 15 * MS, 1, "of a");
}

/* ---- What cannot be ---- */

static void test_twice(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin a = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    write_trace(f->a, &a, 1, 2);
    const char *const twice[] = { f->a, f->a };
    assert_refused(twice, 2, f->c, WEFT_TRACE_ERROR_CONFLICT, "are the same trace");
    struct origin unknown = { 10, "", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    write_trace(f->a, &unknown, 1, 2);
    write_trace(f->b, &unknown, 1, 2); /* another file of the same process, or of one like it */
    const char *const both[] = { f->a, f->b };
    assert_refused(both, 2, f->c, WEFT_TRACE_ERROR_CONFLICT, "both hold process 10 (program 10)");
    const char *const missing[] = { f->a, "/nowhere/x.weft" };
    assert_refused(missing, 2, f->c, WEFT_TRACE_ERROR_IO, "/nowhere/x.weft");
}

static void test_too_many_rings(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin a = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    struct origin b = { 20, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    write_trace(f->a, &a, 4095, 1);
    write_trace(f->b, &b, 1, 1);
    struct weft_merge_result result = merge(f);
    g_assert_cmpuint(result.events, ==, 4096 * 40);
    weft_merge_result_clear(&result);
    g_unlink(f->c);
    write_trace(f->b, &b, 2, 1);
    const char *const both[] = { f->a, f->b };
    assert_refused(both, 2, f->c, WEFT_TRACE_ERROR_CONFLICT, "4096 rings");
}

/* ---- Damaged ones ---- */

static void test_cut(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin a = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    struct origin b = { 20, "boot", 1001, 5001, WEFT_CLOCK_MONOTONIC };
    write_trace(f->a, &a, 2, 10);
    write_trace(f->b, &b, 2, 10);
    GStatBuf status;
    g_stat(f->b, &status);
    g_assert_cmpint(truncate(f->b, status.st_size * 2 / 3), ==, 0);
    struct weft_merge_result result = merge(f);
    g_assert_true(result.damaged);
    g_assert_cmpuint(result.notes->len, ==, 1);
    g_assert_nonnull(strstr(result.notes->pdata[0], "b.weft: it is cut at byte "));
    weft_merge_result_clear(&result);
    g_autoptr(weft_trace) cut = open_whole(f->b), c = open_whole(f->c);
    g_assert_cmpuint(weft_trace_events(c), ==, 20 * 40 + weft_trace_events(cut));
    assert_told_apart(f, c);
}

/* One bit in the events: they count as lost, and are said to. */
static void test_damaged_chunk(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin a = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    struct origin b = { 20, "boot", 1001, 5001, WEFT_CLOCK_MONOTONIC };
    write_trace(f->a, &a, 2, 10);
    write_trace(f->b, &b, 1, 1);
    char *bytes;
    gsize size, at = 64;
    g_assert_true(g_file_get_contents(f->a, &bytes, &size, NULL));
    struct weft_chunk_header header;
    for (guint events = 0;; at += sizeof header + ((header.stored + 7u) & ~7u)) {
        memcpy(&header, bytes + at, sizeof header);
        if (header.kind == WEFT_CHUNK_EVENTS && events++ == 4)
            break;
    }
    bytes[at + sizeof header + 40] ^= 4;
    g_assert_true(g_file_set_contents(f->a, bytes, (gssize)size, NULL));
    g_free(bytes);
    struct weft_merge_result result = merge(f);
    g_assert_true(result.damaged);
    g_assert_cmpuint(result.lost, ==, 40);
    g_assert_cmpuint(result.events, ==, 20 * 40);
    g_assert_cmpuint(result.notes->len, ==, 1);
    g_assert_nonnull(strstr(result.notes->pdata[0], "a.weft: the 40 events at byte "));
    weft_merge_result_clear(&result);
    g_autoptr(weft_trace) c = open_whole(f->c);
    g_assert_cmpuint(weft_trace_lost(c), ==, 40);
    assert_told_apart(f, c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/merge/" name, struct merging, NULL, merging_set_up, function, merging_tear_down)
    ADD("one-boot", test_one_boot);
    ADD("other-boot", test_other_boot);
    ADD("deadlines", test_deadlines);
    ADD("no-wall-clock", test_no_wall_clock);
    ADD("losses", test_losses);
    ADD("begins-with-state", test_begins_with_state);
    ADD("again", test_again);
    ADD("empty", test_empty);
    ADD("notes", test_notes);
    ADD("twice", test_twice);
    ADD("too-many-rings", test_too_many_rings);
    ADD("cut", test_cut);
    ADD("damaged-chunk", test_damaged_chunk);
    return g_test_run();
}
