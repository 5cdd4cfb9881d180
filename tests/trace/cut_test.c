/* cut_test.c: windows of random traces: their events, ordinals, losses and states are those of the
 * whole, in a trace that opens alone. */
#include "tests/valgrind.h"
#include "tracer/trace/cut.h"
#include "tracer/trace/notes.h"
#include "tracer/trace/state.h"
#include "tracer/trace/writer.h"
#include <glib/gstdio.h>
#include <string.h>

enum { CHUNKS = 60, RINGS = 3, STRINGS = 40, START = 5000 };

struct fixture {
    char *directory, *path, *window;
    struct weft_record *records;
    guint64 written[RINGS]; /* slots, lost ones too */
    gint64 end_ns;
};

/* ---- The whole trace ---- */

static struct weft_record random_record(guint ring, gint64 ns)
{
    static const uint8_t kinds[] = { WEFT_RECORD_TASK_NEW,  WEFT_RECORD_WAKE,
                                     WEFT_RECORD_RESUME,    WEFT_RECORD_SUSPEND,
                                     WEFT_RECORD_TASK_NAME, WEFT_RECORD_CANCEL_REQUEST,
                                     WEFT_RECORD_TASK_DONE, WEFT_RECORD_TASK_FREE,
                                     WEFT_RECORD_MARK,      WEFT_RECORD_POLL_BEGIN };
    uint8_t kind = kinds[g_test_rand_int_range(0, G_N_ELEMENTS(kinds))];
    gboolean text = kind == WEFT_RECORD_TASK_NAME || kind == WEFT_RECORD_MARK;
    return (struct weft_record){
        .time = START + (uint64_t)ns,
        .kind = kind,
        .detail = kind == WEFT_RECORD_SUSPEND ? WEFT_AWAIT_TIMER : 1,
        .site = (uint32_t)g_test_rand_int_range(0, 4),
        .subject = weft_id(WEFT_ENTITY_TASK, ring, (uint64_t)g_test_rand_int_range(1, 12)),
        .object = text ? (uint64_t)g_test_rand_int_range(1, STRINGS)
                       : (uint64_t)g_test_rand_int_range(0, 100),
    };
}

static guint fill(struct fixture *f, guint ring, gint64 *ns)
{
    guint n = (guint)g_test_rand_int_range(1, 300);
    for (guint i = 0; i < n; i++) {
        *ns += g_test_rand_int_range(0, 9);
        f->records[i] = random_record(ring, *ns);
        if (f->records[i].kind == WEFT_RECORD_TASK_DONE && i + 1 < n) {
            struct weft_ext_error error = { .code = -5, .name = 3, .message = 4, .site = 2 };
            f->records[i].flags = WEFT_RECORD_EXT;
            memcpy(&f->records[++i], &error, sizeof error);
        }
    }
    return n;
}

static void write_file(struct fixture *f)
{
    gint64 ns[RINGS] = { 0 };
    weft_filewriter *writer = weft_filewriter_new(f->path, NULL);
    struct weft_file_process process = { .pid = 42,
                                         .clock_kind = WEFT_CLOCK_MONOTONIC,
                                         .start = { START, START, 100000 },
                                         .program = "p",
                                         .host = "h",
                                         .ended = TRUE,
                                         .exit_code = 3 };
    weft_filewriter_process(writer, &process, NULL);
    for (guint32 id = 1; id < STRINGS; id++) {
        g_autofree char *text = g_strdup_printf("string %u", id);
        weft_filewriter_string(writer, id, text, strlen(text));
    }
    for (guint32 id = 1; id < 4; id++)
        weft_filewriter_site(writer, id, id * 10, id, id + 1);
    for (guint c = 0; c < CHUNKS; c++) {
        guint ring = (guint)g_test_rand_int_range(0, RINGS);
        if (g_test_rand_int_range(0, 5) == 0) {
            guint64 unread = (guint64)g_test_rand_int_range(0, 3);
            guint64 dropped = (guint64)g_test_rand_int_range(0, 2); /* 0 and 0: not recorded */
            weft_filewriter_loss(writer, ring, unread, dropped, NULL);
            f->written[ring] += unread;
            ns[ring] += 500;
        }
        guint n = fill(f, ring, &ns[ring]);
        g_assert_true(weft_filewriter_events(writer, ring, f->records, n, 0, NULL));
        f->written[ring] += n;
    }
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
}

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->directory = g_dir_make_tmp("weft-cut-XXXXXX", NULL);
    f->path = g_build_filename(f->directory, "whole.weft", NULL);
    f->window = g_build_filename(f->directory, "window.weft", NULL);
    f->records = g_new0(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    write_file(f);
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_unlink(f->path);
    g_unlink(f->window);
    g_assert_cmpint(g_rmdir(f->directory), ==, 0);
    g_free(f->directory);
    g_free(f->path);
    g_free(f->window);
    g_free(f->records);
}

/* ---- What a window must hold ---- */

/* A ring's slots with times in the window; an EXT belongs to its record. */
static GArray *slots_of(struct fixture *f, const weft_trace *trace, guint ring, gint64 from,
                        gint64 to, GArray *ordinals)
{
    GArray *slots = g_array_new(FALSE, FALSE, sizeof(struct weft_record));
    for (guint c = 0; c < weft_trace_n_chunks(trace); c++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, c);
        guint n = chunk->ring == ring ? weft_trace_decode(trace, c, f->records, NULL) : 0;
        for (guint i = 0; i < n; i++) {
            guint size = f->records[i].flags & WEFT_RECORD_EXT ? 2 : 1;
            if ((gint64)f->records[i].time >= from && (gint64)f->records[i].time <= to) {
                guint64 ordinal = chunk->first_ordinal + i;
                g_array_append_vals(slots, &f->records[i], size);
                g_array_append_val(ordinals, ordinal);
            }
            i += size - 1;
        }
    }
    return slots;
}

static void assert_same_slots(struct fixture *f, const weft_trace *whole, const weft_trace *window,
                              gint64 from, gint64 to)
{
    for (guint ring = 0; ring < RINGS; ring++) {
        g_autoptr(GArray) at = g_array_new(FALSE, FALSE, sizeof(guint64));
        g_autoptr(GArray) at_in_window = g_array_new(FALSE, FALSE, sizeof(guint64));
        g_autoptr(GArray) expected = slots_of(f, whole, ring, from, to, at);
        g_autoptr(GArray) got = slots_of(f, window, ring, 0, G_MAXINT64, at_in_window);
        g_assert_cmpmem(got->data, got->len * sizeof(struct weft_record), expected->data,
                        expected->len * sizeof(struct weft_record));
        g_assert_cmpmem(at_in_window->data, at_in_window->len * 8, at->data, at->len * 8);
        for (guint i = 0; i < got->len; i++) {
            const struct weft_record *r = &g_array_index(got, struct weft_record, i);
            if (r->kind == WEFT_RECORD_MARK)
                g_assert_cmpstr(weft_trace_string(window, (uint32_t)r->object), ==,
                                weft_trace_string(whole, (uint32_t)r->object));
            if (r->site)
                g_assert_cmpstr(weft_trace_site(window, r->site)->file, ==,
                                weft_trace_site(whole, r->site)->file);
            i += r->flags & WEFT_RECORD_EXT ? 1 : 0;
        }
    }
}

/* Everything before `t` applied, and what was lost from before `t` on. */
static weft_state *state_before(struct fixture *f, const weft_trace *trace, gint64 t)
{
    guint from;
    gint64 last_ns[RINGS] = { 0 };
    gboolean past[RINGS] = { FALSE };
    weft_state *state = weft_trace_state_before(trace, 0, &from);
    for (guint c = 0; c < weft_trace_n_chunks(trace); c++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, c);
        if ((chunk->lost_before || chunk->gap) && last_ns[chunk->ring] < t && !past[chunk->ring])
            weft_state_apply_loss(state, chunk->ring, last_ns[chunk->ring]);
        past[chunk->ring] |= chunk->last_ns >= t;
        if (chunk->first_ns >= t)
            continue;
        guint n = weft_trace_decode(trace, c, f->records, NULL);
        weft_state_apply_chunk(state, chunk->ring, chunk->current_task, chunk->first_ns);
        for (guint i = 0; i < n && (gint64)f->records[i].time < t; i++) {
            weft_state_apply(state, chunk->ring, &f->records[i], NULL);
            last_ns[chunk->ring] = (gint64)f->records[i].time;
            i += f->records[i].flags & WEFT_RECORD_EXT ? 1 : 0;
        }
    }
    for (guint32 ring = 0; ring < RINGS; ring++)
        if (weft_trace_unknown_at_end(trace, ring) && last_ns[ring] < t && !past[ring])
            weft_state_apply_loss(state, ring, last_ns[ring]);
    return state;
}

/* What was lost across the beginning of the trace that was cut, known_ns, is unknown since then. */
static void assert_same_state(const weft_state *a, const weft_state *b, const weft_trace *whole,
                              const weft_trace *window, gint64 known_ns)
{
    guint n, m;
    const struct weft_task_at **x = weft_state_tasks(a, &n), **y = weft_state_tasks(b, &m);
    g_assert_cmpuint(n, ==, m);
    for (guint i = 0; i < n; i++) {
        g_assert_cmpuint(x[i]->id, ==, y[i]->id);
        g_assert_cmpuint(x[i]->state, ==, y[i]->state);
        gint64 since = x[i]->since_ns;
        if (x[i]->state == WEFT_STATE_UNKNOWN && y[i]->since_ns != since)
            since = MAX(since, known_ns);
        g_assert_cmpint(since, ==, y[i]->since_ns);
        g_assert_cmpuint(x[i]->other, ==, y[i]->other);
        g_assert_cmpuint(x[i]->detail, ==, y[i]->detail);
        g_assert_cmpstr(weft_trace_string(whole, x[i]->name), ==,
                        weft_trace_string(window, y[i]->name));
    }
    for (guint ring = 0; ring < RINGS; ring++) {
        g_assert_cmpuint(weft_state_running(a, ring), ==, weft_state_running(b, ring));
        const uint64_t *p = weft_state_ready(a, ring, &n), *q = weft_state_ready(b, ring, &m);
        g_assert_cmpmem(p, n * sizeof *p, q, m * sizeof *q);
    }
}

static weft_trace *cut(struct fixture *f, weft_trace *whole, gint64 from, gint64 to)
{
    struct weft_cut_report report;
    g_assert_true(weft_cut(whole, from, to, f->window, &report, NULL));
    weft_trace *window = weft_trace_open(f->window, NULL);
    g_assert_nonnull(window);
    g_assert_cmpstr(weft_trace_damage(window), ==, NULL);
    g_assert_cmpuint(weft_trace_events(window), ==, report.events);
    g_assert_cmpuint(weft_trace_lost(window), ==, report.lost);
    return window;
}

static void test_random_windows(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(weft_trace) whole = weft_trace_open(f->path, NULL);
    gint64 end = weft_trace_end_ns(whole);
    for (guint round = 0; round < (SLOW ? 30 : 150); round++) {
        gint64 from = g_test_rand_int_range(0, (gint32)end);
        gint64 to = from + g_test_rand_int_range(0, (gint32)end / 2);
        g_autoptr(weft_trace) window = cut(f, whole, from, to);
        assert_same_slots(f, whole, window, from, to);
        g_autoptr(weft_state) expected = state_before(f, whole, from);
        g_autoptr(weft_state) got = state_before(f, window, 0);
        assert_same_state(expected, got, whole, window, 0);
        g_autoptr(weft_state) later = state_before(f, whole, to + 1);
        g_autoptr(weft_state) at_end = state_before(f, window, to + 1);
        g_assert_cmpuint(weft_state_running(later, 0), ==, weft_state_running(at_end, 0));
    }
}

/* All of it is the trace that it was. */
static void test_all(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(weft_trace) whole = weft_trace_open(f->path, NULL);
    g_autoptr(weft_trace) copy = cut(f, whole, 0, G_MAXINT64 - START);
    assert_same_slots(f, whole, copy, 0, G_MAXINT64);
    g_assert_false(weft_trace_begins_with_state(copy));
    g_assert_cmpuint(weft_trace_lost(copy), ==, weft_trace_lost(whole));
    const struct weft_trace_source *source = weft_trace_source(copy);
    g_assert_true(source->ended);
    g_assert_cmpint(source->exit_code, ==, 3);
    g_assert_cmpuint(source->pid, ==, 42);
    g_assert_cmpint(source->start_realtime_ns, ==, 100000);
}

/* A window of a window is a window. */
static void test_again(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(weft_trace) whole = weft_trace_open(f->path, NULL);
    gint64 end = weft_trace_end_ns(whole), from = end * 2 / 5, to = end / 2;
    g_autoptr(weft_trace) half = cut(f, whole, end / 3, end * 2 / 3);
    g_assert_false(weft_trace_source(half)->ended);
    g_assert_true(weft_trace_begins_with_state(half));
    g_autoptr(weft_trace) window = cut(f, half, from, to);
    assert_same_slots(f, whole, window, from, to);
    g_autoptr(weft_state) expected = state_before(f, whole, from);
    g_autoptr(weft_state) got = state_before(f, window, 0);
    assert_same_state(expected, got, whole, window, end / 3);
}

/* Nothing happens in it: what was so before is there all the same. */
static void test_nothing(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(weft_trace) whole = weft_trace_open(f->path, NULL);
    gint64 end = weft_trace_end_ns(whole);
    g_autoptr(weft_trace) window = cut(f, whole, end + 100, end + 200);
    g_assert_cmpuint(weft_trace_n_chunks(window), ==, 0);
    g_autoptr(weft_state) expected = state_before(f, whole, G_MAXINT64);
    g_autoptr(weft_state) got = state_before(f, window, 0);
    assert_same_state(expected, got, whole, window, 0);
}

/* What cannot be read is lost, and counted. */
static void test_damaged(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(weft_trace) whole = weft_trace_open(f->path, NULL);
    guint events = weft_trace_chunk_events(whole, 30);
    char *bytes;
    gsize size;
    g_assert_true(g_file_get_contents(f->path, &bytes, &size, NULL));
    guint chunk = 0;
    for (gsize at = 64; chunk <= 30; at += 8) {
        if (memcmp(bytes + at, "CHNK\1", 5) == 0 && chunk++ == 30)
            bytes[at + 64 + 16] ^= 1;
    }
    g_unlink(f->path);
    g_assert_true(g_file_set_contents(f->path, bytes, (gssize)size, NULL));
    g_free(bytes);
    g_autoptr(weft_trace) damaged = weft_trace_open(f->path, NULL);
    struct weft_cut_report report;
    g_assert_true(weft_cut(damaged, 0, G_MAXINT64 - START, f->window, &report, NULL));
    g_assert_cmpuint(report.damaged, ==, events);
    g_assert_cmpuint(report.lost, ==, weft_trace_lost(whole) + events);
    g_autoptr(weft_trace) window = weft_trace_open(f->window, NULL);
    g_assert_cmpstr(weft_trace_damage(window), ==, NULL);
    g_assert_cmpuint(weft_trace_lost(window), ==, report.lost);
    g_autoptr(weft_trace) again = cut(f, window, 0, G_MAXINT64 - START);
    g_assert_cmpuint(weft_trace_lost(again), ==, report.lost);
}

#define ADD(name, function)                                                                        \
    g_test_add("/cut/" name, struct fixture, NULL, set_up, function, tear_down)

/* Those of the window go with it; they are about the same moments and tasks. */
static void test_notes(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(weft_trace) trace = weft_trace_open(f->path, NULL);
    const gint64 times[] = { 99, 100, 150, 200, 201 };
    for (guint i = 0; i < G_N_ELEMENTS(times); i++) {
        struct weft_note note = { .time_ns = times[i],
                                  .entity = weft_id(WEFT_ENTITY_TASK, 1, 3),
                                  .ring = 1,
                                  .text = (char *)"noted" };
        g_assert_true(weft_notes_append(trace, &note, NULL));
    }
    struct weft_cut_report report;
    g_assert_true(weft_cut(trace, 100, 200, f->window, &report, NULL));
    g_autoptr(weft_trace) window = weft_trace_open(f->window, NULL);
    g_autoptr(GPtrArray) notes = weft_notes_read(window);
    g_assert_cmpuint(notes->len, ==, 3);
    for (guint i = 0; i < notes->len; i++) {
        const struct weft_note *note = notes->pdata[i];
        g_assert_cmpint(note->time_ns, ==, times[1 + i]);
        g_assert_cmphex(note->entity, ==, weft_id(WEFT_ENTITY_TASK, 1, 3));
        g_assert_cmpuint(note->ring, ==, 1);
        g_assert_cmpstr(note->text, ==, "noted");
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("random-windows", test_random_windows);
    ADD("all", test_all);
    ADD("again", test_again);
    ADD("notes", test_notes);
    ADD("nothing", test_nothing);
    ADD("damaged", test_damaged);
    return g_test_run();
}
