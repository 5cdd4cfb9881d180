/* merge_test.c: several traces as one: every event and every loss is there, in order, on one axis,
 * whose events and names are told apart. */
#include "tracer/trace/cut.h"
#include "tracer/trace/merge.h"
#include "tracer/trace/notes.h"
#include "tracer/trace/state.h"
#include "tracer/trace/writer.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MS UINT64_C(1000000)

struct fixture {
    char *directory, *a, *b, *c;
    struct weft_record *records;
};

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->directory = g_dir_make_tmp("weft-merge-XXXXXX", NULL);
    f->a = g_build_filename(f->directory, "a.weft", NULL);
    f->b = g_build_filename(f->directory, "b.weft", NULL);
    f->c = g_build_filename(f->directory, "c.weft", NULL);
    f->records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_unlink(f->a);
    g_unlink(f->b);
    g_unlink(f->c);
    g_assert_cmpint(g_rmdir(f->directory), ==, 0);
    g_free(f->directory);
    g_free(f->a);
    g_free(f->b);
    g_free(f->c);
    g_free(f->records);
}

/* ---- Traces to merge ---- */

struct origin {
    guint64 pid;
    const char *boot;
    guint64 mono_ms, real_ms; /* at the start */
    enum weft_clock_kind clock;
};

/* Ticks of a counter of 3 ticks in 2 ns. */
static struct weft_clock_anchor anchor_at(const struct origin *o, guint64 ns)
{
    guint64 mono = o->mono_ms * MS + ns;
    guint64 ticks = o->clock == WEFT_CLOCK_COUNTER ? mono / 2 * 3 : mono;
    return (struct weft_clock_anchor){ ticks, mono, o->real_ms ? o->real_ms * MS + ns : 0 };
}

static weft_filewriter *begin_trace(const char *path, const struct origin *o)
{
    weft_filewriter *writer = weft_filewriter_new(path, NULL);
    g_assert_nonnull(writer);
    g_autofree char *program = g_strdup_printf("program %u", (guint)o->pid);
    struct weft_file_process process = { .pid = o->pid,
                                         .start_time = 1,
                                         .clock_kind = o->clock,
                                         .start = anchor_at(o, 0),
                                         .program = program,
                                         .host = "loom",
                                         .ended = TRUE };
    g_strlcpy((char *)process.boot_id, o->boot, sizeof process.boot_id);
    g_assert_true(weft_filewriter_process(writer, &process, NULL));
    for (guint64 ns = 0; ns < 1000 * MS; ns += 200 * MS) {
        struct weft_clock_anchor anchor = anchor_at(o, ns);
        weft_filewriter_anchor(writer, &anchor);
    }
    weft_filewriter_string(writer, 5, program, strlen(program));
    weft_filewriter_string(writer, 6, "same.c", 6);
    weft_filewriter_site(writer, 1, (guint32)o->pid, 6, 5);
    return writer;
}

static void end_trace(weft_filewriter *writer)
{
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
}

/* n marks of `ring`, one every `step_ns` from `from_ns` on; their values count from `first`. */
static void put_marks(weft_filewriter *writer, const struct origin *o, guint32 ring,
                      guint64 from_ns, guint64 step_ns, guint n)
{
    g_autofree struct weft_record *records = g_new0(struct weft_record, n);
    for (guint i = 0; i < n; i++)
        records[i] = (struct weft_record){ .time = anchor_at(o, from_ns + i * step_ns).ticks,
                                           .kind = WEFT_RECORD_TASK_NAME,
                                           .site = 1,
                                           .subject = weft_id(WEFT_ENTITY_TASK, ring, i + 1),
                                           .object = 5 };
    g_assert_true(weft_filewriter_events(writer, ring, records, n, 0, NULL));
}

static void write_trace(const char *path, const struct origin *o, guint rings, guint chunks)
{
    weft_filewriter *writer = begin_trace(path, o);
    for (guint i = 0; i < chunks; i++)
        for (guint32 ring = 0; ring < rings; ring++)
            put_marks(writer, o, ring, (i + 1) * 10 * MS + ring * MS, 1000, 40);
    end_trace(writer);
}

static weft_trace *open_whole(const char *path)
{
    GError *error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    return trace;
}

static struct weft_merge_result merge(struct fixture *f)
{
    const char *const paths[] = { f->a, f->b };
    struct weft_merge_result result;
    GError *error = NULL;
    g_assert_true(weft_merge(paths, 2, f->c, &result, &error));
    g_assert_no_error(error);
    return result;
}

/* The law, and what is true of any merged trace. */
static weft_trace *merge_whole(struct fixture *f, guint notes)
{
    struct weft_merge_result result = merge(f);
    g_assert_cmpuint(result.notes->len, ==, notes);
    g_autoptr(weft_trace) a = open_whole(f->a), b = open_whole(f->b);
    weft_trace *c = open_whole(f->c);
    g_assert_cmpstr(weft_trace_damage(c), ==, NULL);
    g_assert_cmpuint(weft_trace_events(c), ==, weft_trace_events(a) + weft_trace_events(b));
    g_assert_cmpuint(weft_trace_lost(c), ==, weft_trace_lost(a) + weft_trace_lost(b));
    g_assert_cmpuint(result.events, ==, weft_trace_events(c));
    g_assert_cmpuint(result.lost, ==, weft_trace_lost(c));
    g_assert_cmpuint(result.bytes, ==, weft_trace_file_size(c));
    g_assert_cmpuint(result.processes, ==, weft_trace_n_sources(c));
    weft_merge_result_clear(&result);
    return c;
}

/* Every record is its own process's: ring, name, site; times never go back in a ring. */
static void assert_told_apart(struct fixture *f, const weft_trace *trace)
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
static void test_one_boot(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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

static void test_other_boot(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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
static void test_deadlines(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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

static void test_no_wall_clock(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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

static void test_losses(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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

static void test_begins_with_state(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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
static void test_again(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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

static void test_empty(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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
static void test_notes(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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

/* ---- Pieces of a process ---- */

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
static void assert_joined(struct fixture *f, guint64 begin, guint64 end, guint64 missing)
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

static void test_pieces(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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
static void test_piece_without_chunks(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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
static void test_loss_between_pieces(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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
static void test_loss_at_end_of_both(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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
static void test_pieces_again(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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

static void assert_refused(const char *const *paths, guint n, const char *output, int code,
                           const char *part);

static void test_contradiction(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    struct origin a = { 10, "boot", 1000, 5000, WEFT_CLOCK_MONOTONIC };
    struct origin b = { 10, "boot", 9000, 13000, WEFT_CLOCK_MONOTONIC };
    const char *const both[] = { f->a, f->b };
    write_piece(f->a, &a, 0, 500);
    write_piece(f->b, &b, 300, 800);
    assert_refused(both, 2, f->c, WEFT_TRACE_ERROR_CONFLICT, "contradict each other");
}

/* The process is the second one in a trace of several. */
static void test_beside_others(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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

static void assert_refused(const char *const *paths, guint n, const char *output, int code,
                           const char *part)
{
    struct weft_merge_result result;
    g_autoptr(GError) error = NULL;
    g_assert_false(weft_merge(paths, n, output, &result, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, code);
    g_assert_nonnull(strstr(error->message, part));
    g_assert_false(g_file_test(output, G_FILE_TEST_EXISTS));
}

static void test_twice(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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

static void test_too_many_rings(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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

static void test_cut(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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
static void test_damaged_chunk(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
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
    g_test_add("/merge/" name, struct fixture, NULL, set_up, function, tear_down)
    ADD("one-boot", test_one_boot);
    ADD("other-boot", test_other_boot);
    ADD("deadlines", test_deadlines);
    ADD("no-wall-clock", test_no_wall_clock);
    ADD("losses", test_losses);
    ADD("begins-with-state", test_begins_with_state);
    ADD("again", test_again);
    ADD("empty", test_empty);
    ADD("notes", test_notes);
    ADD("pieces", test_pieces);
    ADD("pieces-again", test_pieces_again);
    ADD("piece-without-chunks", test_piece_without_chunks);
    ADD("loss-between-pieces", test_loss_between_pieces);
    ADD("loss-at-end-of-both", test_loss_at_end_of_both);
    ADD("contradiction", test_contradiction);
    ADD("beside-others", test_beside_others);
    ADD("twice", test_twice);
    ADD("too-many-rings", test_too_many_rings);
    ADD("cut", test_cut);
    ADD("damaged-chunk", test_damaged_chunk);
    return g_test_run();
}
