/* file_test.c: trace files: what is written is read; a file cut or changed anywhere is read as far
 * as it is whole, or refused; never a crash. */
#include "tests/valgrind.h"
#include "tracer/trace/chunk.h"
#include "tracer/trace/state.h"
#include "tracer/trace/writer.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MS UINT64_C(1000000)

struct fixture {
    char *directory, *path;
    struct weft_record *records, *back;
};

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->directory = g_dir_make_tmp("weft-file-XXXXXX", NULL);
    g_assert_nonnull(f->directory);
    f->path = g_build_filename(f->directory, "test.weft", NULL);
    f->records = g_new0(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    f->back = g_new0(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_unlink(f->path);
    g_rmdir(f->directory);
    g_free(f->directory);
    g_free(f->path);
    g_free(f->records);
    g_free(f->back);
}

/* A new file each time (an old one may still be open), and without g_file_set_contents' fsync:
 * these tests write thousands. */
static gboolean put_contents(const char *path, const char *bytes, gssize size)
{
    g_unlink(path);
    FILE *file = g_fopen(path, "wbx");
    gsize n = size < 0 ? strlen(bytes) : (gsize)size;
    return file && fwrite(bytes, 1, n, file) == n && fclose(file) == 0;
}

static uint64_t task(guint ring, guint n)
{
    return weft_id(WEFT_ENTITY_TASK, ring, n);
}

/* A clock of 2 ticks a nanosecond that began at tick 1,000. */
static struct weft_clock_anchor anchor_at(uint64_t ns)
{
    return (struct weft_clock_anchor){ 1000 + 2 * ns, 777 * MS + ns, 1000000 * MS + ns };
}

static weft_filewriter *begin_file(struct fixture *f)
{
    GError *error = NULL;
    weft_filewriter *writer = weft_filewriter_new(f->path, &error);
    g_assert_no_error(error);
    struct weft_file_process process = { .pid = 42,
                                         .start_time = 4711,
                                         .clock_kind = WEFT_CLOCK_COUNTER,
                                         .start = anchor_at(0),
                                         .program = "./hello --fast",
                                         .host = "loom" };
    g_assert_true(weft_filewriter_process(writer, &process, NULL));
    for (uint64_t ns = 0; ns < 1000 * MS; ns += 200 * MS) {
        struct weft_clock_anchor anchor = anchor_at(ns);
        weft_filewriter_anchor(writer, &anchor);
    }
    weft_filewriter_string(writer, 5, "hello", 5);
    weft_filewriter_string(writer, 6, "hello.c", 7);
    weft_filewriter_string(writer, 7, "m\xff", 2);
    weft_filewriter_site(writer, 1, 99, 6, 5);
    return writer;
}

/* n slots of a ring, from `*ns` on, now and then with an EXT. */
static void fill(struct weft_record *records, guint n, guint ring, uint64_t *ns)
{
    for (guint i = 0; i < n; i++, *ns += 50) {
        gboolean ext = i + 1 < n && g_test_rand_int_range(0, 9) == 0;
        records[i] = (struct weft_record){
            .time = anchor_at(*ns).ticks,
            .kind = (uint8_t)(ext ? WEFT_RECORD_TASK_DONE
                                  : g_test_rand_int_range(1, WEFT_RECORD_KIND_END)),
            .detail = (uint8_t)g_test_rand_int_range(0, 4),
            .flags = ext ? WEFT_RECORD_EXT : 0,
            .site = (uint32_t)g_test_rand_int_range(0, 9),
            .subject = task(ring, (guint)g_test_rand_int_range(1, 30)),
            .object = (uint64_t)g_test_rand_int_range(0, 1000),
        };
        struct weft_ext_error error = { .code = -(gint32)i, .message = 5, .site = 1 };
        if (ext)
            memcpy(&records[++i], &error, sizeof error);
    }
}

static weft_trace *open_whole(const char *path)
{
    GError *error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    return trace;
}

/* ---- Round trips ---- */

/* 60 chunks of three rings with losses between; everything comes back, times in nanoseconds. */
static void test_round_trip(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    enum { CHUNKS = 60, RINGS = 3 };
    weft_filewriter *writer = begin_file(f);
    uint64_t ns[RINGS] = { 0 }, next[RINGS] = { 0 }, lost[RINGS] = { 0 }, all_lost = 0;
    struct weft_record *written[CHUNKS];
    struct weft_trace_chunk expected[CHUNKS] = { 0 };
    for (guint c = 0; c < CHUNKS; c++) {
        guint ring = (guint)g_test_rand_int_range(0, RINGS);
        guint n = c == 7 ? WEFT_TRACE_CHUNK_SLOTS : (guint)g_test_rand_int_range(1, 400);
        if (g_test_rand_int_range(0, 4) == 0) {
            guint64 unread = (guint64)g_test_rand_int_range(0, 9);
            guint64 dropped = (guint64)g_test_rand_int_range(0, 9);
            g_assert_true(weft_filewriter_loss(writer, ring, unread, dropped, NULL));
            next[ring] += unread;
            lost[ring] += unread + dropped;
            all_lost += unread + dropped;
        }
        expected[c] = (struct weft_trace_chunk){ .ring = ring,
                                                 .slots = n,
                                                 .first_ns = (gint64)ns[ring],
                                                 .first_ordinal = next[ring],
                                                 .lost_before = lost[ring],
                                                 .current_task = task(ring, c + 1) };
        fill(f->records, n, ring, &ns[ring]);
        written[c] = g_memdup2(f->records, n * sizeof *f->records);
        g_assert_true(weft_filewriter_events(writer, ring, f->records, n, task(ring, c + 1), NULL));
        next[ring] += n;
        lost[ring] = 0;
    }
    g_assert_true(weft_filewriter_loss(writer, 1, 3, 4, NULL));
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);

    g_autoptr(weft_trace) trace = open_whole(f->path);
    g_assert_cmpuint(weft_trace_n_chunks(trace), ==, CHUNKS);
    g_assert_cmpuint(weft_trace_lost(trace), ==, all_lost + 7);
    g_assert_cmpuint(weft_trace_lost_at_end(trace, 1), ==, lost[1] + 7);
    g_assert_cmpstr(weft_trace_path(trace), ==, f->path);
    for (guint c = 0; c < CHUNKS; c++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, c);
        g_assert_cmpuint(chunk->ring, ==, expected[c].ring);
        g_assert_cmpuint(chunk->slots, ==, expected[c].slots);
        g_assert_cmpuint(chunk->first_ordinal, ==, expected[c].first_ordinal);
        g_assert_cmpuint(chunk->lost_before, ==, expected[c].lost_before);
        g_assert_cmpuint(chunk->current_task, ==, expected[c].current_task);
        g_assert_cmpint(ABS(chunk->first_ns - expected[c].first_ns), <=, 1);
        g_autoptr(GError) error = NULL;
        guint n = weft_trace_decode(trace, c, f->back, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(n, ==, expected[c].slots);
        for (guint i = 0; i < n; i++) {
            uint64_t exact = (written[c][i].time - 1000) / 2;
            g_assert_cmpint(ABS((gint64)(f->back[i].time - exact)), <=, 1);
            f->back[i].time = written[c][i].time;
            if (f->back[i].flags & WEFT_RECORD_EXT)
                i++;
        }
        g_assert_cmpmem(f->back, n * sizeof *f->back, written[c], n * sizeof *f->back);
        g_free(written[c]);
    }
}

static void test_names_and_source(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_filewriter *writer = begin_file(f);
    struct weft_file_process end = { .pid = 42,
                                     .start_time = 4711,
                                     .clock_kind = WEFT_CLOCK_COUNTER,
                                     .start = anchor_at(0),
                                     .program = "./hello --fast",
                                     .executable = "/opt/hello",
                                     .host = "loom",
                                     .ended = TRUE,
                                     .exit_signal = 9 };
    g_assert_true(weft_filewriter_process(writer, &end, NULL));
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
    g_autoptr(weft_trace) trace = open_whole(f->path);
    const struct weft_trace_source *source = weft_trace_source(trace);
    g_assert_cmpuint(source->pid, ==, 42);
    g_assert_cmpstr(source->executable, ==, "/opt/hello");
    g_assert_cmpstr(source->program, ==, "./hello --fast");
    g_assert_cmpstr(source->host, ==, "loom");
    g_assert_true(source->ended);
    g_assert_cmpint(source->exit_signal, ==, 9);
    g_assert_cmpint(source->start_realtime_ns, ==, 1000000 * MS);
    g_assert_cmpint(weft_trace_from_monotonic(trace, 780 * MS), ==, 3 * MS);
    g_assert_cmpstr(weft_trace_string(trace, 5), ==, "hello");
    g_assert_true(g_utf8_validate(weft_trace_string(trace, 7), -1, NULL));
    g_assert_null(weft_trace_string(trace, 8));
    const struct weft_trace_site *site = weft_trace_site(trace, 1);
    g_assert_cmpstr(site->file, ==, "hello.c");
    g_assert_cmpstr(site->func, ==, "hello");
    g_assert_cmpuint(site->line, ==, 99);
    g_assert_cmpuint(weft_trace_n_chunks(trace), ==, 0);
}

/* Every stored state is what a replay from the beginning gives. */
static void test_states(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    enum { CHUNKS = 100 };
    weft_filewriter *writer = begin_file(f);
    uint64_t ns = 0;
    for (guint c = 0; c < CHUNKS; c++) {
        fill(f->records, 800, 0, &ns);
        g_assert_true(weft_filewriter_events(writer, 0, f->records, 800,
                                             weft_filewriter_running(writer, 0), NULL));
    }
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
    g_autoptr(weft_trace) trace = open_whole(f->path);
    g_autoptr(weft_state) replayed = weft_state_new();
    guint states = 0, last_from = 0;
    for (guint c = 0; c < CHUNKS; c++) {
        guint from;
        g_autoptr(weft_state) state = weft_trace_state_before(trace, c, &from);
        g_assert_cmpuint(from, <=, c);
        g_assert_cmpuint(c - from, <, 64); /* a window decodes without the whole */
        if (from == c && c > 0) {
            g_autoptr(GBytes) a = weft_state_serialize(state);
            g_autoptr(GBytes) b = weft_state_serialize(replayed);
            g_assert_true(g_bytes_equal(a, b));
        }
        states += from != last_from;
        last_from = from;
        guint n = weft_trace_decode(trace, c, f->back, NULL);
        weft_state_apply_chunk(replayed, 0, weft_trace_chunk(trace, c)->current_task,
                               weft_trace_chunk(trace, c)->first_ns);
        for (guint i = 0; i < n; i++) {
            gboolean ext = f->back[i].flags & WEFT_RECORD_EXT;
            weft_state_apply(replayed, 0, &f->back[i], ext ? &f->back[i + 1] : NULL);
            i += (guint)ext;
        }
    }
    g_assert_cmpuint(states, >=, 3);
}

/* Several threads decode at once. */
static gpointer decode_chunks(gpointer data)
{
    const weft_trace *trace = data;
    struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    guint64 slots = 0;
    for (guint round = 0; round < 20; round++)
        for (guint i = 0; i < weft_trace_n_chunks(trace); i++)
            slots += weft_trace_decode(trace, i, records, NULL);
    g_free(records);
    return GSIZE_TO_POINTER(slots);
}

static void test_threads(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_filewriter *writer = begin_file(f);
    uint64_t ns = 0;
    for (guint c = 0; c < 8; c++) {
        fill(f->records, 500, 0, &ns);
        g_assert_true(weft_filewriter_events(writer, 0, f->records, 500, 0, NULL));
    }
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
    g_autoptr(weft_trace) trace = open_whole(f->path);
    GThread *threads[3];
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("decode", decode_chunks, trace);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        g_assert_cmpuint(GPOINTER_TO_SIZE(g_thread_join(threads[i])), ==, 20 * 8 * 500);
}

/* A new recording of the same name does not pull the file away from under an open trace. */
static void test_overwrite(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_filewriter *writer = begin_file(f);
    uint64_t ns = 0;
    fill(f->records, 300, 0, &ns);
    g_assert_true(weft_filewriter_events(writer, 0, f->records, 300, 0, NULL));
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
    g_autoptr(weft_trace) trace = open_whole(f->path);
    writer = begin_file(f);
    g_assert_cmpuint(weft_trace_decode(trace, 0, f->back, NULL), ==, 300);
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
    g_autoptr(weft_trace) other = open_whole(f->path);
    g_assert_cmpuint(weft_trace_n_chunks(other), ==, 0);
}

/* With many tasks a STATE is large: the events between two of them weigh twice as much, not more.
 */
static void test_states_of_many(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    enum { CHUNKS = 200, TASKS = 3000, SLOTS = 500 };
    weft_filewriter *writer = begin_file(f);
    for (guint i = 0; i < CHUNKS * SLOTS; i++) {
        f->records[i % SLOTS] = (struct weft_record){
            .time = anchor_at(i * 50).ticks,
            .kind = WEFT_RECORD_SUSPEND,
            .detail = WEFT_AWAIT_FUTURE,
            .subject = task(0, 1 + i % TASKS),
            .object = (uint64_t)g_test_rand_int_range(1, G_MAXINT32),
        };
        if (i % SLOTS == SLOTS - 1)
            g_assert_true(weft_filewriter_events(writer, 0, f->records, SLOTS, 0, NULL));
    }
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
    g_autofree char *bytes = NULL;
    gsize size, at = sizeof(struct weft_file_header), events = 0, chunk = 0, state = 0;
    guint states = 0;
    g_assert_true(g_file_get_contents(f->path, &bytes, &size, NULL));
    for (struct weft_chunk_header header; states < 4;
         at += sizeof header + ((gsize)header.stored + 7) / 8 * 8) {
        g_assert_cmpuint(at + sizeof header, <, size);
        memcpy(&header, bytes + at, sizeof header);
        if (header.kind == WEFT_CHUNK_EVENTS) {
            chunk = MAX(chunk, weft_chunk_size(header.stored));
            events += weft_chunk_size(header.stored);
        } else if (header.kind == WEFT_CHUNK_STATE) {
            g_assert_cmpuint(events, >=, state * 2);
            g_assert_cmpuint(events, <=, MAX(state * 2, 8 * chunk) + 2 * chunk);
            state = weft_chunk_size(header.stored);
            events = 0;
            states++;
        }
    }
    g_assert_cmpuint(state * 2, >, 8 * chunk); /* so that it matters */
}

/* ---- Damage ---- */

static char *write_small(struct fixture *f, gsize *size)
{
    weft_filewriter *writer = begin_file(f);
    uint64_t ns = 0;
    for (guint c = 0; c < 4; c++) {
        fill(f->records, 20, 0, &ns);
        g_assert_true(weft_filewriter_events(writer, 0, f->records, 20, 0, NULL));
        if (c == 1)
            g_assert_true(weft_filewriter_loss(writer, 0, 3, 2, NULL));
    }
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
    char *bytes;
    g_assert_true(g_file_get_contents(f->path, &bytes, size, NULL));
    return bytes;
}

/* Where chunks end, padding included, of a file's bytes; and which are EVENTS. */
static guint whole_events_before(const char *bytes, gsize n)
{
    guint events = 0;
    gsize at = sizeof(struct weft_file_header);
    struct weft_chunk_header header;
    while (at + sizeof header <= n) {
        memcpy(&header, bytes + at, sizeof header);
        if (header.magic != WEFT_CHUNK_MAGIC)
            break;
        at += sizeof header + ((gsize)header.stored + 7) / 8 * 8;
        if (at <= n)
            events += header.kind == WEFT_CHUNK_EVENTS;
    }
    return events;
}

static void decode_all(const weft_trace *trace, struct weft_record *back, guint *whole)
{
    *whole = 0;
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++) {
        g_autoptr(GError) error = NULL;
        guint n = weft_trace_decode(trace, i, back, &error);
        g_assert_true((n == 0) == (error != NULL));
        *whole += n > 0;
        guint from;
        g_autoptr(weft_state) state = weft_trace_state_before(trace, i, &from);
        g_assert_nonnull(state);
    }
}

static void test_cut_anywhere(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    gsize size;
    g_autofree char *bytes = write_small(f, &size);
    for (gsize n = 0; n < size; n += SLOW ? 7 : 1) {
        g_assert_true(put_contents(f->path, bytes, (gssize)n));
        g_autoptr(GError) error = NULL;
        g_autoptr(weft_trace) trace = weft_trace_open(f->path, &error);
        if (n < sizeof(struct weft_file_header)) {
            g_assert_null(trace);
            g_assert_true(
                g_error_matches(error, WEFT_TRACE_ERROR,
                                n ? WEFT_TRACE_ERROR_CORRUPT : WEFT_TRACE_ERROR_NOT_A_TRACE));
            g_assert_nonnull(strstr(error->message, f->path));
            continue;
        }
        g_assert_no_error(error);
        guint whole;
        decode_all(trace, f->back, &whole);
        g_assert_cmpuint(whole, ==, whole_events_before(bytes, n));
        g_assert_cmpuint(weft_trace_n_chunks(trace), ==, whole);
        const char *damage = weft_trace_damage(trace);
        g_assert_nonnull(damage);
        if (strstr(damage, "is cut at")) /* what came before is spoken of where there is any */
            g_assert_true((strstr(damage, "before is shown") != NULL) == (whole > 0));
    }
}

/* Detected, or harmless: then everything reads as before. */
static void test_flip_anywhere(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    gsize size;
    g_autofree char *bytes = write_small(f, &size);
    g_autoptr(weft_trace) good = open_whole(f->path);
    g_assert_cmpuint(weft_trace_n_chunks(good), ==, 4);
    g_autofree struct weft_record *expected = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    for (gsize n = 0; n < size; n += SLOW ? 7 : 1) {
        char bit = (char)(1 << g_test_rand_int_range(0, 8));
        bytes[n] ^= bit;
        g_assert_true(put_contents(f->path, bytes, (gssize)size));
        g_autoptr(GError) error = NULL;
        g_autoptr(weft_trace) trace = weft_trace_open(f->path, &error);
        g_assert_true((trace == NULL) == (error != NULL));
        guint whole = 0;
        if (trace)
            decode_all(trace, f->back, &whole);
        if (whole == 4 && !weft_trace_damage(trace)) {
            g_assert_cmpuint(weft_trace_lost(trace), ==, weft_trace_lost(good));
            for (guint i = 0; i < 4; i++) {
                guint a = weft_trace_decode(good, i, expected, NULL);
                guint b = weft_trace_decode(trace, i, f->back, NULL);
                g_assert_cmpmem(expected, a * sizeof *expected, f->back, b * sizeof *expected);
            }
        }
        bytes[n] ^= bit;
    }
}

/* A damaged header in the middle of a file without an index: the chunks after it are found. */
static void test_resynchronise(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    gsize size;
    g_autofree char *bytes = write_small(f, &size);
    size -= sizeof(struct weft_trailer);
    gsize second = 0, at = sizeof(struct weft_file_header);
    for (guint events = 0; events < 2;) {
        struct weft_chunk_header header;
        memcpy(&header, bytes + at, sizeof header);
        if (header.kind == WEFT_CHUNK_EVENTS && ++events == 2)
            second = at;
        at += sizeof header + ((gsize)header.stored + 7) / 8 * 8;
    }
    memset(bytes + second, 0, 30);
    g_assert_true(put_contents(f->path, bytes, (gssize)size));
    g_autoptr(weft_trace) trace = weft_trace_open(f->path, NULL);
    g_assert_nonnull(trace);
    g_assert_cmpuint(weft_trace_n_chunks(trace), ==, 3);
    g_assert_nonnull(strstr(weft_trace_damage(trace), "damaged"));
    /* What the damaged chunk held counts as lost, with the loss that was recorded behind it. */
    g_assert_cmpuint(weft_trace_chunk(trace, 1)->lost_before, ==, 20 + 3 + 2);
}

/* ---- Not traces ---- */

static void assert_refused(struct fixture *f, enum weft_trace_error code, const char *says)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(f->path, &error);
    g_assert_null(trace);
    g_assert_error(error, WEFT_TRACE_ERROR, (int)code);
    g_assert_nonnull(strstr(error->message, says));
    g_assert_nonnull(strstr(error->message, f->path));
}

/* `cat a.weft b.weft`: a's events must not get b's clock and names, nor b's be taken for a's. */
static void test_concatenated(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    gsize size;
    g_autofree char *bytes = write_small(f, &size);
    g_autofree char *both = g_malloc(2 * size);
    memcpy(both, bytes, size);
    memcpy(both + size, bytes, size);
    g_assert_true(put_contents(f->path, both, (gssize)(2 * size)));
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(f->path, &error);
    g_assert_no_error(error);
    guint whole;
    decode_all(trace, f->back, &whole);
    g_assert_cmpuint(whole, ==, whole_events_before(bytes, size));
    g_assert_cmpuint(weft_trace_n_chunks(trace), ==, whole);
    g_autofree char *said = g_strdup_printf("another trace begins at byte %" G_GSIZE_FORMAT, size);
    g_assert_nonnull(strstr(weft_trace_damage(trace), said));
}

static void test_not_a_trace(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    assert_refused(f, WEFT_TRACE_ERROR_IO, g_strerror(ENOENT));
    g_assert_true(put_contents(f->path, "", 0));
    assert_refused(f, WEFT_TRACE_ERROR_NOT_A_TRACE, "empty");
    g_assert_true(put_contents(f->path, "#!/bin/sh\necho hello\n", -1));
    assert_refused(f, WEFT_TRACE_ERROR_NOT_A_TRACE, "not a Weft trace");
    g_assert_true(put_contents(f->path, "WEFT\n\x1a\n and so on, as FTP leaves it", -1));
    assert_refused(f, WEFT_TRACE_ERROR_NOT_A_TRACE, "transfer");
    g_unlink(f->path);
    g_assert_cmpint(mkfifo(f->path, 0600), ==, 0);
    assert_refused(f, WEFT_TRACE_ERROR_NOT_A_TRACE, "regular file");
    g_unlink(f->path);
    g_assert_cmpint(g_mkdir(f->path, 0700), ==, 0);
    assert_refused(f, WEFT_TRACE_ERROR_IO, g_strerror(EISDIR));
    g_rmdir(f->path);
}

static void test_newer_version(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    gsize size;
    g_autofree char *bytes = write_small(f, &size);
    struct weft_file_header header;
    memcpy(&header, bytes, sizeof header);
    header.major = 7;
    header.minor = 3;
    header.checksum = weft_checksum(&header, sizeof header - sizeof header.checksum);
    memcpy(bytes, &header, sizeof header);
    g_assert_true(put_contents(f->path, bytes, (gssize)size));
    assert_refused(f, WEFT_TRACE_ERROR_VERSION, "7.3");
    assert_refused(f, WEFT_TRACE_ERROR_VERSION, "format 1");
}

/* A kind that this reader does not know, from a newer minor version. */
static void test_unknown_kind(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    gsize size;
    g_autofree char *bytes = write_small(f, &size);
    struct weft_chunk_header header = { .magic = WEFT_CHUNK_MAGIC, .kind = 99, .stored = 8 };
    header.checksum = weft_checksum(&header, sizeof header - sizeof header.checksum);
    g_autoptr(GByteArray) file = g_byte_array_new();
    const gsize start = sizeof(struct weft_file_header);
    g_byte_array_append(file, (guint8 *)bytes, start);
    g_byte_array_append(file, (guint8 *)&header, sizeof header);
    g_byte_array_append(file, (const guint8 *)"whatever", 8);
    g_byte_array_append(file, (guint8 *)bytes + start, (guint)(size - start));
    g_assert_true(put_contents(f->path, (char *)file->data, file->len));
    g_autoptr(weft_trace) trace = weft_trace_open(f->path, NULL);
    g_assert_nonnull(trace);
    g_assert_cmpuint(weft_trace_n_chunks(trace), ==, 4);
}

static void test_unwritable(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *path = g_build_filename(f->directory, "missing", "x.weft", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_null(weft_filewriter_new(path, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO);
    g_assert_nonnull(strstr(error->message, path));
    g_assert_nonnull(strstr(error->message, g_strerror(ENOENT)));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/file/" name, struct fixture, NULL, set_up, function, tear_down)
    ADD("round-trip", test_round_trip);
    ADD("names-and-source", test_names_and_source);
    ADD("states", test_states);
    ADD("states-of-many", test_states_of_many);
    ADD("threads", test_threads);
    ADD("overwrite", test_overwrite);
    ADD("cut-anywhere", test_cut_anywhere);
    ADD("flip-anywhere", test_flip_anywhere);
    ADD("resynchronise", test_resynchronise);
    ADD("concatenated", test_concatenated);
    ADD("not-a-trace", test_not_a_trace);
    ADD("newer-version", test_newer_version);
    ADD("unknown-kind", test_unknown_kind);
    ADD("unwritable", test_unwritable);
    return g_test_run();
}
