/* summary_test.c: a model restored from a file's SUMMARY is the model that the pass makes: of
 * random runs, of lessons, of garbage; and a summary that is damaged, old, of other events, or a
 * lie, is left alone. */
#include "tests/model/garbage.h"
#include "tests/model/random_trace.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"
#include "tracer/model/model_private.h"
#include "tracer/model/narrative.h"
#include "tracer/trace/extend.h"
#include "tracer/trace/writer.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { STRINGS_MAX = 2000, SITE_TEXTS = 100000 };

static char *directory; /* of the test's own, with the cache in it */

static char *file_path(void)
{
    return g_build_filename(directory, "trace.weft", NULL);
}

/* ---- Files ---- */

static void write_names(weft_filewriter *writer, const weft_trace *trace)
{
    for (guint32 id = 1; id < STRINGS_MAX; id++) {
        const char *text = weft_trace_string(trace, id);
        if (text)
            weft_filewriter_string(writer, id, text, strlen(text));
        const struct weft_trace_site *site = weft_trace_site(trace, id);
        if (!site)
            continue;
        guint32 file = SITE_TEXTS + 2 * id;
        weft_filewriter_string(writer, file, site->file, strlen(site->file));
        weft_filewriter_string(writer, file + 1, site->func, strlen(site->func));
        weft_filewriter_site(writer, id, site->line, file, file + 1);
    }
}

/* Writes a chunk of the trace as chunks of about `slots`. */
static void write_chunk(weft_filewriter *writer, const weft_trace *trace, guint index, guint slots)
{
    static struct weft_record records[WEFT_TRACE_CHUNK_SLOTS];
    const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, index);
    guint n = weft_trace_decode(trace, index, records, NULL);
    g_assert_cmpuint(n, >, 0);
    if (chunk->lost_before)
        g_assert_true(weft_filewriter_loss(writer, chunk->ring, chunk->lost_before, 0, NULL));
    for (guint from = 0, to; from < n; from = to) {
        to = MIN(n, from + slots);
        to += to < n && records[to - 1].flags & WEFT_RECORD_EXT;
        uint64_t current = from == 0 ? chunk->current_task
                                     : weft_filewriter_running(writer, chunk->ring);
        g_assert_true(
            weft_filewriter_events(writer, chunk->ring, records + from, to - from, current, NULL));
    }
}

/* Writes the trace into a file, in chunks of about `slots`. */
static void write_file(const weft_trace *trace, guint slots)
{
    g_autofree char *path = file_path();
    g_autoptr(weft_filewriter) writer = weft_filewriter_new(path, NULL);
    struct weft_file_process process = {
        .clock_kind = WEFT_CLOCK_MONOTONIC, .program = "x", .host = "", .ended = TRUE
    };
    g_assert_true(weft_filewriter_process(writer, &process, NULL));
    write_names(writer, trace);
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++)
        write_chunk(writer, trace, i, slots);
    for (guint32 ring = 0; ring < 8; ring++)
        if (weft_trace_lost_at_end(trace, ring))
            g_assert_true(
                weft_filewriter_loss(writer, ring, weft_trace_lost_at_end(trace, ring), 0, NULL));
    g_assert_true(weft_filewriter_finish(writer, NULL));
}

static weft_model *open_file(guint step)
{
    g_autofree char *path = file_path();
    g_autoptr(weft_trace) trace = weft_trace_open(path, NULL);
    g_assert_nonnull(trace);
    weft_model *model = weft_model_new(trace);
    while (weft_model_advance(model, step))
        g_assert_cmpfloat(weft_model_progress(model), <=, 1);
    return model;
}

static guint summaries(void)
{
    g_autofree char *path = file_path();
    g_autoptr(weft_trace) trace = weft_trace_open(path, NULL);
    g_assert_true(weft_trace_whole(trace));
    g_assert_null(weft_trace_damage(trace));
    guint n = 0;
    for (guint i = 0; i < weft_trace_n_additions(trace); i++) {
        g_autoptr(GBytes) bytes = weft_trace_addition(trace, i, WEFT_CHUNK_SUMMARY);
        n += bytes != NULL;
    }
    return n;
}

/* ---- Alike ---- */

static void assert_same_view(const struct weft_segment_view *x, const struct weft_segment_view *y)
{
    g_assert_cmpint(x->from_ns, ==, y->from_ns);
    g_assert_cmpint(x->to_ns, ==, y->to_ns);
    g_assert_cmpuint(x->state, ==, y->state);
    g_assert_cmpuint(x->detail, ==, y->detail);
    g_assert_cmpuint(x->flags, ==, y->flags);
    g_assert_cmpuint(x->site, ==, y->site);
    g_assert_cmpuint(x->other, ==, y->other);
    g_assert_cmpuint(x->count, ==, y->count);
    g_assert_cmpuint(x->value_max, ==, y->value_max);
    g_assert_cmpint(x->running_ns, ==, y->running_ns);
    g_assert_cmpint(x->ready_ns, ==, y->ready_ns);
    g_assert_cmpint(x->unknown_ns, ==, y->unknown_ns);
    g_assert_cmpint(x->longest_ns, ==, y->longest_ns);
    g_assert_cmpuint(x->note, ==, y->note);
}

static void assert_same_lane(weft_model *a, weft_model *b, guint lane)
{
    const struct weft_lane *x = weft_model_lane(a, lane), *y = weft_model_lane(b, lane);
    g_assert_cmpuint(x->id, ==, y->id);
    g_assert_cmpuint(x->parent, ==, y->parent);
    g_assert_cmpuint(x->name, ==, y->name);
    g_assert_cmpuint(x->site, ==, y->site);
    g_assert_cmpuint(x->resumes, ==, y->resumes);
    g_assert_cmpint(x->first_ns, ==, y->first_ns);
    g_assert_cmpint(x->last_ns, ==, y->last_ns);
    g_assert_cmpuint(x->ring, ==, y->ring);
    g_assert_cmpuint(x->flags, ==, y->flags);
    g_assert_cmpuint(x->kind, ==, y->kind);
    g_assert_cmpuint(x->outcome, ==, y->outcome);
    g_assert_cmpuint(weft_model_lane_segments(a, lane), ==, weft_model_lane_segments(b, lane));
    struct weft_totals s, t;
    weft_model_totals(a, lane, &s);
    weft_model_totals(b, lane, &t);
    g_assert_cmpmem(&s, sizeof s, &t, sizeof t);
    gint64 end = weft_model_end_ns(a);
    for (gint64 min_ns = 1; min_ns < end; min_ns *= 40) {
        g_autoptr(GArray) p = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
        g_autoptr(GArray) q = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
        g_assert_true(weft_model_segments(a, lane, G_MININT64, G_MAXINT64, min_ns, NULL, p));
        g_assert_true(weft_model_segments(b, lane, G_MININT64, G_MAXINT64, min_ns, NULL, q));
        g_assert_cmpuint(p->len, ==, q->len);
        for (guint i = 0; i < p->len; i++) {
            const struct weft_segment_view *u = &g_array_index(p, struct weft_segment_view, i),
                                           *v = &g_array_index(q, struct weft_segment_view, i);
            assert_same_view(u, v);
            g_assert_cmpint(weft_model_since(a, lane, u), ==, weft_model_since(b, lane, v));
        }
    }
    g_autofree char *name = weft_model_name(a, x->id), *other = weft_model_name(b, x->id);
    g_assert_cmpstr(name, ==, other);
    g_autofree char *outcome = weft_model_outcome_words(a, lane);
    g_autofree char *same_outcome = weft_model_outcome_words(b, lane);
    g_assert_cmpstr(outcome, ==, same_outcome);
}

static void assert_same_edges(weft_model *a, weft_model *b, guint lane)
{
    for (guint i = 0; i < 30; i++) {
        struct weft_edge e[4], f[4];
        memset(e, 0, sizeof e);
        memset(f, 0, sizeof f);
        gint64 t = weft_model_end_ns(a) / 30 * i;
        guint n = weft_model_edges(a, lane, t, e);
        g_assert_cmpuint(n, ==, weft_model_edges(b, lane, t, f));
        for (guint k = 0; k < n; k++) {
            g_assert_cmpuint(e[k].kind, ==, f[k].kind);
            g_assert_cmpuint(e[k].from, ==, f[k].from);
            g_assert_cmpuint(e[k].to, ==, f[k].to);
            g_assert_cmpint(e[k].from_ns, ==, f[k].from_ns);
        }
    }
}

static void assert_same_moments(weft_model *a, weft_model *b)
{
    for (guint i = 0; i <= 10; i++) {
        gint64 t = weft_model_end_ns(a) / 10 * i;
        g_autoptr(weft_state) x = weft_model_state_at(a, t);
        g_autoptr(weft_state) y = weft_model_state_at(b, t);
        g_autoptr(GBytes) p = weft_state_serialize(x);
        g_autoptr(GBytes) q = weft_state_serialize(y);
        g_assert_true(g_bytes_equal(p, q));
    }
}

static void assert_same(weft_model *a, weft_model *b)
{
    g_assert_cmpuint(weft_model_n_lanes(a), ==, weft_model_n_lanes(b));
    g_assert_cmpuint(weft_model_events(a), ==, weft_model_events(b));
    g_assert_cmpuint(weft_model_lost(a), ==, weft_model_lost(b));
    g_assert_cmpint(weft_model_end_ns(a), ==, weft_model_end_ns(b));
    for (guint i = 0; i < weft_model_n_lanes(a); i++) {
        assert_same_lane(a, b, i);
        assert_same_edges(a, b, i);
        uint64_t id = weft_model_lane(a, i)->id;
        g_assert_cmpuint(weft_model_lane_of(a, id), ==, weft_model_lane_of(b, id));
        g_assert_cmpint(facts_grouped(&a->facts, id), ==, facts_grouped(&b->facts, id));
    }
    guint n, m;
    const struct weft_loss *losses = weft_model_losses(a, &n);
    const struct weft_loss *others = weft_model_losses(b, &m);
    g_assert_cmpuint(n, ==, m);
    for (guint i = 0; i < n; i++) {
        g_assert_cmpuint(losses[i].ring, ==, others[i].ring);
        g_assert_cmpuint(losses[i].slots, ==, others[i].slots);
        g_assert_cmpint(losses[i].from_ns, ==, others[i].from_ns);
        g_assert_cmpint(losses[i].to_ns, ==, others[i].to_ns);
    }
    assert_same_moments(a, b);
}

/* The file as it is, kept, and opened again: at once, and little by little. */
static void check_keeping(void)
{
    g_autoptr(GError) error = NULL;
    weft_model *passed = open_file(0);
    g_assert_cmpuint(summaries(), ==, 0);
    g_assert_true(weft_model_keep(passed, &error));
    g_assert_no_error(error);
    guint n = summaries();
    g_assert_cmpuint(n, >=, 2);
    for (guint step = 0; step < 2; step++) {
        weft_model *restored = open_file(step);
        assert_same(passed, restored);
        g_assert_true(weft_model_keep(restored, NULL)); /* it is kept already */
        g_assert_cmpuint(summaries(), ==, n);
        weft_model_free(restored);
    }
    weft_model_free(passed);
}

/* ---- What is kept is what was found ---- */

static void test_random(gconstpointer data)
{
    guint seed = GPOINTER_TO_UINT(data);
    struct random_options options = { .seed = seed,
                                      .tasks = 1 + seed * 7 % 60,
                                      .steps = 3000 * (1 + seed % 4),
                                      .chunk_slots = 50 + seed * 31 % 300,
                                      .losses = seed % 3 * 5 };
    struct random_trace *random = random_trace_new(options);
    write_file(random->trace, WEFT_TRACE_CHUNK_SLOTS);
    check_keeping();
    random_trace_free(random);
}

static void test_garbage(gconstpointer data)
{
    GRand *rand = g_rand_new_with_seed(GPOINTER_TO_UINT(data));
    gint64 end;
    g_autoptr(weft_trace) trace = garbage_trace(rand, &end);
    write_file(trace, WEFT_TRACE_CHUNK_SLOTS);
    check_keeping();
    g_rand_free(rand);
}

static void test_lessons(void)
{
    const char *lessons = g_getenv("WEFT_TEST_LESSONS");
    g_assert_nonnull(lessons);
    GDir *dir = g_dir_open(lessons, 0, NULL);
    g_assert_nonnull(dir);
    guint n = 0;
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(lessons, name, "trace.weft", NULL);
        g_autoptr(weft_trace) trace = weft_trace_open(path, NULL);
        if (!trace || weft_trace_events(trace) < 64)
            continue;
        write_file(trace, MAX(2, (guint)(weft_trace_events(trace) / 32)));
        check_keeping();
        n++;
    }
    g_dir_close(dir);
    g_assert_cmpuint(n, >=, 10);
}

/* Recording begins amid what 1,000 tasks do. */
static void test_amid(void)
{
    struct script s = script_with_main();
    script_add(&s, 1000, WEFT_RECORD_SNAPSHOT, 0, 0, LOOP, 1000);
    for (guint i = 2; i < 1002; i++) {
        const struct weft_ext_task ext = { .why = WEFT_AWAIT_EVENT, .age = 700 * i };
        script_add_ext(&s, 1000, WEFT_RECORD_TASK_IS, WEFT_TOLD_WAITING, 0, TASK(i), 0, &ext);
    }
    for (guint i = 2; i < 1002; i++)
        script_add(&s, 1000 + i, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, 0, TASK(i), 0);
    weft_model *model = script_model(&s);
    g_assert_cmpuint(model->facts.amid->len, ==, 1000);
    write_file(weft_model_trace(model), 64);
    check_keeping();
    weft_model_free(model);
}

/* ---- What is not believed ---- */

static char *file_bytes(gsize *size)
{
    g_autofree char *path = file_path();
    char *bytes;
    g_assert_true(g_file_get_contents(path, &bytes, size, NULL));
    return bytes;
}

static void set_file_bytes(const char *bytes, gsize size)
{
    g_autofree char *path = file_path();
    FILE *file = g_fopen(path, "w"); /* g_file_set_contents() would wait for the disk */
    g_assert_nonnull(file);
    g_assert_cmpuint(fwrite(bytes, 1, size, file), ==, size);
    g_assert_cmpint(fclose(file), ==, 0);
}

static struct random_trace *some_run(void)
{
    return random_trace_new((struct random_options){
        .seed = 5, .tasks = 12, .steps = 5000, .chunk_slots = 200, .losses = 2 });
}

/* One bit of the kept part flipped, anywhere: the pass is made, and finds the same. */
static void test_damaged(void)
{
    struct random_trace *random = some_run();
    write_file(random->trace, WEFT_TRACE_CHUNK_SLOTS);
    gsize before, size;
    g_free(file_bytes(&before));
    weft_model *passed = open_file(0);
    g_assert_true(weft_model_keep(passed, NULL));
    g_autofree char *bytes = file_bytes(&size);
    for (gsize at = before; at < size; at += SLOW ? 1597 : 197) {
        bytes[at] ^= 4;
        set_file_bytes(bytes, size);
        weft_model *model = open_file(0);
        g_assert_cmpuint(weft_model_n_lanes(model), ==, weft_model_n_lanes(passed));
        assert_same_lane(model, passed, 0);
        weft_model_free(model);
        bytes[at] ^= 4;
    }
    weft_model_free(passed);
    random_trace_free(random);
}

/* An addition that was cut off: the file is as it was before it. */
static void test_cut(void)
{
    struct random_trace *random = some_run();
    write_file(random->trace, WEFT_TRACE_CHUNK_SLOTS);
    gsize before, size;
    g_free(file_bytes(&before));
    weft_model *passed = open_file(0);
    g_assert_true(weft_model_keep(passed, NULL));
    g_autofree char *bytes = file_bytes(&size);
    for (gsize at = before; at < size; at += SLOW ? 8009 : 501) {
        set_file_bytes(bytes, at);
        weft_model *model = open_file(0);
        g_assert_cmpuint(weft_model_events(model), ==, weft_model_events(passed));
        assert_same_lane(model, passed, 0);
        weft_model_free(model);
    }
    weft_model_free(passed);
    random_trace_free(random);
}

/* Events that are damaged under a good summary count as lost, as they do without one. */
static void test_damaged_events(void)
{
    struct random_trace *random = some_run();
    write_file(random->trace, WEFT_TRACE_CHUNK_SLOTS);
    gsize size, plain_size;
    g_autofree char *plain = file_bytes(&plain_size);
    weft_model *passed = open_file(0);
    g_assert_true(weft_model_keep(passed, NULL));
    g_autofree char *kept = file_bytes(&size);
    plain[plain_size / 2] ^= 1;
    kept[plain_size / 2] ^= 1;
    set_file_bytes(plain, plain_size);
    weft_model *truth = open_file(0);
    set_file_bytes(kept, size);
    weft_model *model = open_file(0);
    g_assert_cmpuint(weft_model_lost(model), >, weft_model_lost(passed));
    assert_same(model, truth);
    weft_model_free(model);
    weft_model_free(truth);
    weft_model_free(passed);
    random_trace_free(random);
}

/* The pieces of the file's summary, of GBytes *. */
static GPtrArray *pieces_of_file(void)
{
    g_autofree char *path = file_path();
    g_autoptr(weft_trace) trace = weft_trace_open(path, NULL);
    GPtrArray *pieces = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    for (guint i = 0; i < weft_trace_n_additions(trace); i++)
        g_ptr_array_add(pieces, weft_trace_addition(trace, i, WEFT_CHUNK_SUMMARY));
    return pieces;
}

static void add_pieces(GPtrArray *pieces)
{
    g_autofree char *path = file_path();
    g_autoptr(weft_trace) trace = weft_trace_open(path, NULL);
    struct weft_addition additions[8] = { 0 };
    g_assert_cmpuint(pieces->len, <=, G_N_ELEMENTS(additions));
    for (guint i = 0; i < pieces->len; i++) {
        additions[i].kind = WEFT_CHUNK_SUMMARY;
        additions[i].n = 1;
        additions[i].bytes = g_bytes_get_data(pieces->pdata[i], &additions[i].size);
    }
    g_autoptr(GError) error = NULL;
    weft_file_extend(path, weft_trace_uuid(trace), additions, pieces->len, &error);
    g_assert_no_error(error);
}

/* Another run's summary, rightly made: it is of other events. */
static void test_of_another(void)
{
    struct random_trace *random = some_run();
    write_file(random->trace, WEFT_TRACE_CHUNK_SLOTS);
    weft_model *other = open_file(0);
    g_assert_true(weft_model_keep(other, NULL));
    g_autoptr(GPtrArray) pieces = pieces_of_file();
    weft_model_free(other);
    random_trace_free(random);
    random = random_trace_new((struct random_options){
        .seed = 6, .tasks = 12, .steps = 5000, .chunk_slots = 200, .losses = 2 });
    write_file(random->trace, WEFT_TRACE_CHUNK_SLOTS);
    weft_model *passed = open_file(0);
    add_pieces(pieces);
    weft_model *model = open_file(0);
    assert_same(model, passed);
    weft_model_free(model);
    weft_model_free(passed);
    random_trace_free(random);
}

/* Summaries with right checksums and wrong numbers: whatever they say, every question has an answer
 * that can be; and one of another version is not looked at. */
static void test_lies(void)
{
    struct random_trace *random = random_trace_new((struct random_options){
        .seed = 5, .tasks = 4, .steps = 1500, .chunk_slots = 200, .losses = 2 });
    write_file(random->trace, WEFT_TRACE_CHUNK_SLOTS);
    gsize size;
    g_autofree char *plain = file_bytes(&size);
    weft_model *passed = open_file(0);
    g_assert_true(weft_model_keep(passed, NULL));
    g_autoptr(GPtrArray) pieces = pieces_of_file();
    GRand *rand = g_rand_new_with_seed(1);
    for (guint round = 0; round < (SLOW ? 14 : 200); round++) {
        g_autoptr(GPtrArray) lies = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
        guint wrong = round % pieces->len;
        for (guint i = 0; i < pieces->len; i++) {
            gsize length;
            const guint8 *bytes = g_bytes_get_data(pieces->pdata[i], &length);
            guint8 *copy = g_memdup2(bytes, length);
            for (guint k = 0; i == wrong && k <= round % 3; k++)
                copy[g_rand_int_range(rand, 0, (gint)length)] = (guint8)g_rand_int(rand);
            if (i == wrong && round % 7 == 0)
                length = (gsize)g_rand_int_range(rand, 0, (gint)length);
            g_ptr_array_add(lies, g_bytes_new_take(copy, length));
        }
        set_file_bytes(plain, size);
        add_pieces(lies);
        weft_model *model = open_file(0);
        for (guint lane = 0; lane < weft_model_n_lanes(model); lane++)
            ask_about_lane(model, lane, rand);
        weft_model_free(model);
    }
    g_rand_free(rand);
    weft_model_free(passed);
    random_trace_free(random);
}

/* ---- The cache ---- */

static guint cached_files(void)
{
    g_autofree char *cache = g_build_filename(g_get_user_cache_dir(), "weft", NULL);
    GDir *dir = g_dir_open(cache, 0, NULL);
    guint n = 0;
    while (dir && g_dir_read_name(dir))
        n++;
    g_clear_pointer(&dir, g_dir_close);
    return n;
}

static void test_read_only(void)
{
    guint cached = cached_files();
    struct random_trace *random = some_run();
    write_file(random->trace, WEFT_TRACE_CHUNK_SLOTS);
    /* Cut by its trailer: it will not be added to. */
    gsize size, again;
    g_autofree char *bytes = file_bytes(&size);
    set_file_bytes(bytes, size - 32);
    weft_model *passed = open_file(0);
    g_assert_true(weft_model_keep(passed, NULL));
    g_free(file_bytes(&again));
    g_assert_cmpuint(again, ==, size - 32);
    g_assert_cmpuint(cached_files(), ==, cached + 1);
    weft_model *restored = open_file(3);
    assert_same(passed, restored);
    weft_model_free(restored);
    weft_model_free(passed);
    random_trace_free(random);
}

/* A file that may still grow is not kept, nor one that is read at once anyway. */
static void test_not_worth_it(void)
{
    struct random_trace *random = some_run();
    write_file(random->trace, WEFT_TRACE_CHUNK_SLOTS);
    gsize size;
    g_autofree char *bytes = file_bytes(&size);
    set_file_bytes(bytes, size - 32);
    guint cached = cached_files();
    g_autofree char *path = file_path();
    int fd = g_open(path, O_RDONLY | O_CLOEXEC, 0);
    g_assert_cmpint(flock(fd, LOCK_EX | LOCK_NB), ==, 0);
    weft_model *growing = open_file(0);
    g_assert_true(weft_model_keep(growing, NULL));
    weft_model_free(growing);
    close(fd);
    g_assert_cmpuint(cached_files(), ==, cached);
    random_trace_free(random);
    random = random_trace_new(
        (struct random_options){ .seed = 1, .tasks = 3, .steps = 100, .chunk_slots = 4000 });
    write_file(random->trace, WEFT_TRACE_CHUNK_SLOTS);
    weft_model *small = open_file(0);
    g_assert_true(weft_model_keep(small, NULL));
    g_assert_cmpuint(summaries(), ==, 0);
    weft_model_free(small);
    random_trace_free(random);
}

static void remove_all(const char *path)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        remove_all(child);
    }
    g_clear_pointer(&dir, g_dir_close);
    g_remove(path);
}

/* Of a file that is whole, lanes have no room to grow. */
static void test_room(void)
{
    enum { TASKS = 2000, SEGMENTS = 7, GROWN = 8 };
    struct script s = script_with_main();
    for (guint i = 0; i < TASKS; i++) {
        uint64_t task = TASK(10 + i);
        gint64 t = 1000 + 100 * (gint64)i;
        script_add(&s, t, WEFT_RECORD_TASK_NEW, 0, 1, task, 0);
        script_add(&s, t, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, task, 0);
        for (guint k = 1; k < SEGMENTS; k += 3, t += 30) {
            script_add(&s, t + 10, WEFT_RECORD_RESUME, 0, 0, task, 0);
            script_add(&s, t + 20, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, 1, task, TIMER(i + 1));
            script_add(&s, t + 30, WEFT_RECORD_WAKE, WEFT_WAKE_TIMER, 0, task, TIMER(i + 1));
        }
        if (i % 1000 == 0)
            script_cut(&s);
    }
    weft_model *growing = script_model(&s);
    g_assert_cmpuint(weft_model_lane_segments(growing, weft_model_lane_of(growing, TASK(10))), ==,
                     SEGMENTS);
    write_file(weft_model_trace(growing), WEFT_TRACE_CHUNK_SLOTS);
    weft_model *whole = open_file(0);
    gsize room = (GROWN - SEGMENTS) * 24 * TASKS; /* bytes of a segment */
    g_assert_cmpuint(weft_model_memory(whole) + room, <=, weft_model_memory(growing));
    weft_model_free(whole);
    weft_model_free(growing);
}

int main(int argc, char **argv)
{
    directory = g_dir_make_tmp("weft-summary-XXXXXX", NULL);
    g_assert_nonnull(directory);
    g_setenv("XDG_CACHE_HOME", directory, TRUE);
    g_test_init(&argc, &argv, NULL);
    for (guint seed = 1; seed <= (SLOW ? 2 : 12); seed++) {
        g_autofree char *random = g_strdup_printf("/summary/random/%u", seed);
        g_test_add_data_func(random, GUINT_TO_POINTER(seed), test_random);
        g_autofree char *garbage = g_strdup_printf("/summary/garbage/%u", seed);
        g_test_add_data_func(garbage, GUINT_TO_POINTER(seed), test_garbage);
    }
    g_test_add_func("/summary/lessons", test_lessons);
    g_test_add_func("/summary/amid", test_amid);
    g_test_add_func("/summary/damaged", test_damaged);
    g_test_add_func("/summary/cut", test_cut);
    g_test_add_func("/summary/damaged-events", test_damaged_events);
    g_test_add_func("/summary/of-another", test_of_another);
    g_test_add_func("/summary/lies", test_lies);
    g_test_add_func("/summary/read-only", test_read_only);
    g_test_add_func("/summary/not-worth-it", test_not_worth_it);
    g_test_add_func("/summary/room", test_room);
    int failed = g_test_run();
    remove_all(directory);
    g_free(directory);
    return failed;
}
