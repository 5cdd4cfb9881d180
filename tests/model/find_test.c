/* find_test.c: what a text is found in, against a list of all that there is, on random programs
 * with losses; from matches and from moments, forth and back; in a trace that begins amid the run;
 * and cancelled. */
#include "tests/model/random_program.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"
#include "tracer/model/find.h"
#include <stdlib.h>
#include <string.h>

enum { NAMES = 50, MOMENTS = 300 };

static const struct program_options programs[] = {
    { .seed = 21, .loops = 1, .tasks = 6, .steps = 2000 },
    { .seed = 22, .loops = 3, .tasks = 30, .steps = 12000, .losses = 20 },
};

struct fixture {
    GArray *program;
    weft_trace *trace;
    weft_model *model;
    GRand *rand;
};

static char *name_of(guint id)
{
    return g_strdup_printf("%s-%u", id % 2 ? "Überfall" : "fetch", id);
}

static void define_texts(weft_trace *trace)
{
    for (guint id = 1; id <= NAMES; id++) {
        g_autofree char *name = name_of(id);
        weft_trace_define_string(trace, id, name);
    }
    for (guint id = 1; id < PROGRAM_SITES; id++)
        weft_trace_define_site(trace, id, id < 3 ? "server.c" : "client.c", "serve", id * 10);
}

static void setup(struct fixture *f, gconstpointer options)
{
    f->program = random_program(*(const struct program_options *)options);
    f->rand = g_rand_new_with_seed(3);
    f->trace = weft_trace_new();
    define_texts(f->trace);
    program_append(f->trace, f->program, 0, f->program->len);
    f->model = open_model(f->trace);
}

static void teardown(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    weft_model_free(f->model);
    weft_trace_unref(f->trace);
    g_rand_free(f->rand);
    g_array_unref(f->program);
}

/* ---- All that there is ---- */

struct place {
    gint64 time_ns;
    guint32 ring;
    guint64 ordinal;
    guint8 in;
    uint64_t id;
};

static const struct program_event *event_at(const GArray *program, guint i)
{
    return &g_array_index(program, struct program_event, i);
}

static gboolean is_name(const struct weft_record *r)
{
    return r->kind == WEFT_RECORD_TASK_NAME || r->kind == WEFT_RECORD_OBJECT_NAME;
}

static gboolean ever_named(const GArray *program, uint64_t id)
{
    for (guint i = 0; i < program->len; i++) {
        const struct program_event *event = event_at(program, i);
        if (!event->lost && is_name(&event->record) && event->record.subject == id)
            return TRUE;
    }
    return FALSE;
}

/* The program has "fetch-2", "Überfall-1", "Task-7"; server.c:10, :20; client.c:30 to :80. */
static guint8 true_match(const GArray *program, const struct weft_record *r, const char *text)
{
    if (is_name(r)) {
        g_autofree char *name = name_of((guint)r->object);
        g_autofree char *folded = g_utf8_casefold(name, -1), *needle = g_utf8_casefold(text, -1);
        if (strstr(folded, needle))
            return WEFT_MATCH_NAME;
    }
    if (r->kind == WEFT_RECORD_TASK_NEW && !ever_named(program, r->subject)) {
        g_autofree char *name = g_strdup_printf("Task-%" G_GUINT64_FORMAT,
                                                (guint64)weft_id_counter(r->subject));
        if (strstr(name, text))
            return WEFT_MATCH_NAME;
    }
    if (weft_event_info(r->kind)->site == WEFT_FIELD_SITE && r->site) {
        g_autofree char *site = g_strdup_printf("%s.c:%u0 serve", r->site < 3 ? "server" : "client",
                                                r->site);
        if (strstr(site, text))
            return WEFT_MATCH_SITE;
    }
    return WEFT_MATCH_NOTHING;
}

static gint by_place(gconstpointer a, gconstpointer b)
{
    const struct place *x = a, *y = b;
    if (x->time_ns != y->time_ns)
        return x->time_ns < y->time_ns ? -1 : 1;
    if (x->ring != y->ring)
        return x->ring < y->ring ? -1 : 1;
    return x->ordinal < y->ordinal ? -1 : x->ordinal > y->ordinal;
}

static GArray *all_places(const GArray *program, const char *text)
{
    GArray *places = g_array_new(FALSE, FALSE, sizeof(struct place));
    guint64 ordinals[PROGRAM_RINGS] = { 0 };
    for (guint i = 0; i < program->len; i++) {
        const struct program_event *event = event_at(program, i);
        const struct weft_record *r = &event->record;
        struct place place = { (gint64)r->time, event->ring, ordinals[event->ring],
                               event->lost ? 0 : true_match(program, r, text), r->subject };
        if (place.in)
            g_array_append_val(places, place);
        ordinals[event->ring] += r->flags & WEFT_RECORD_EXT ? 2 : 1;
    }
    g_array_sort(places, by_place);
    return places;
}

static void assert_is(const struct weft_match *match, const struct place *place)
{
    g_assert_cmpint(match->time_ns, ==, place->time_ns);
    g_assert_cmpuint(match->ring, ==, place->ring);
    g_assert_cmpuint(match->ordinal, ==, place->ordinal);
    g_assert_cmpuint(match->in, ==, place->in);
    g_assert_cmpuint(match->id, ==, place->id);
}

/* ---- Tests ---- */

/* From one match to the next, and back. */
static void check_chain(struct fixture *f, const char *text, const GArray *places)
{
    struct weft_match match = { .time_ns = G_MININT64 };
    for (guint i = 0; i < places->len; i++) {
        g_assert_true(weft_model_find(f->model, text, &match, 1, NULL, &match));
        assert_is(&match, &g_array_index(places, struct place, i));
    }
    struct weft_match none;
    g_assert_false(weft_model_find(f->model, text, &match, 1, NULL, &none));
    for (guint i = places->len; i > 1; i--) {
        g_assert_true(weft_model_find(f->model, text, &match, -1, NULL, &match));
        assert_is(&match, &g_array_index(places, struct place, i - 2));
    }
    g_assert_false(places->len && weft_model_find(f->model, text, &match, -1, NULL, &none));
}

static void check_moment(struct fixture *f, const char *text, const GArray *places, gint64 t_ns)
{
    guint first = 0; /* of those at t or later */
    while (first < places->len && g_array_index(places, struct place, first).time_ns < t_ns)
        first++;
    struct weft_match match, from = { .time_ns = t_ns };
    g_assert_cmpint(weft_model_find(f->model, text, &from, 1, NULL, &match), ==,
                    first < places->len);
    if (first < places->len)
        assert_is(&match, &g_array_index(places, struct place, first));
    g_assert_cmpint(weft_model_find(f->model, text, &from, -1, NULL, &match), ==, first > 0);
    if (first > 0)
        assert_is(&match, &g_array_index(places, struct place, first - 1));
}

static void check_count(const struct fixture *f, const char *text, const GArray *places)
{
    guint64 total, place;
    struct weft_match match = { .time_ns = G_MININT64 };
    for (guint i = 0; i < MIN(places->len, SLOW ? 3 : 20); i++) {
        g_assert_true(weft_model_find(f->model, text, &match, 1, NULL, &match));
        g_assert_true(weft_model_find_count(f->model, text, &match, NULL, &total, &place));
        g_assert_cmpuint(total, ==, places->len);
        g_assert_cmpuint(place, ==, i + 1);
    }
}

static void test_find(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    static const char *const texts[] = { "fetch-48", "ÜBERFALL-3", "Task-1", "server.c:20",
                                         "nope" };
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GArray) places = all_places(f->program, texts[i]);
        g_assert_cmpint(places->len > 0, ==, strcmp(texts[i], "nope") != 0);
        if (places->len < (SLOW ? 100 : 400))
            check_chain(f, texts[i], places);
        check_count(f, texts[i], places);
        for (guint k = 0; k < (SLOW ? 4 : MOMENTS / G_N_ELEMENTS(texts)); k++) {
            guint event = (guint)g_rand_int_range(f->rand, 0, (gint32)f->program->len);
            check_moment(f, texts[i], places,
                         (gint64)event_at(f->program, event)->record.time + (k % 3) - 1);
        }
    }
}

static void test_cancelled(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_cancellable_cancel(cancellable);
    struct weft_match match, from = { .time_ns = 0 };
    g_assert_false(weft_model_find(f->model, "client.c", &from, 1, cancellable, &match));
    g_assert_false(weft_model_find(f->model, "", &from, 1, NULL, &match));
    guint64 total, place;
    g_assert_false(weft_model_find_count(f->model, "client.c", &from, cancellable, &total, &place));
}

/* What a trace begins with is found at its beginning; what is told later, later. */
static void test_amid(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    define_texts(trace);
    g_autoptr(weft_state) state = weft_state_new();
    uint64_t id = weft_id(WEFT_ENTITY_TASK, 0, 7), other = weft_id(WEFT_ENTITY_TASK, 0, 8);
    struct weft_task_at task = { .id = id, .name = 2, .state = WEFT_STATE_WAITING };
    weft_state_put_task(state, &task);
    weft_trace_append_state(trace, state);
    const struct weft_record records[] = {
        { .time = 100, .kind = WEFT_RECORD_TASK_NEW, .subject = other },
        { .time = 200, .kind = WEFT_RECORD_TASK_NAME, .subject = other, .object = 2 },
    };
    weft_trace_append(trace, 0, records, G_N_ELEMENTS(records));
    weft_model *model = open_model(trace);
    struct weft_match match = { .time_ns = G_MININT64 };
    g_assert_true(weft_model_find(model, "fetch", &match, 1, NULL, &match));
    g_assert_cmpuint(match.id, ==, id);
    g_assert_cmpuint(match.event, ==, 0);
    g_assert_cmpuint(match.lane, ==, weft_model_lane_of(model, id));
    g_assert_true(weft_model_find(model, "fetch", &match, 1, NULL, &match));
    g_assert_cmpuint(match.id, ==, other);
    g_assert_cmpint(match.time_ns, ==, 200);
    g_assert_true(weft_model_find(model, "fetch", &match, -1, NULL, &match));
    g_assert_cmpuint(match.id, ==, id);
    g_assert_false(weft_model_find(model, "fetch", &match, -1, NULL, &match));
    weft_model_free(model);
}

/* While a worker searches, the main thread goes on to draw. */
static gpointer search_all(gpointer data)
{
    const struct fixture *f = data;
    struct weft_match match = { .time_ns = G_MININT64 };
    for (guint i = 0; i < 50 && weft_model_find(f->model, "e", &match, 1, NULL, &match); i++)
        ;
    return NULL;
}

static void test_threads(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    GThread *worker = g_thread_new("find", search_all, f);
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    for (guint lane = 0; lane < weft_model_n_lanes(f->model); lane++) {
        g_array_set_size(out, 0);
        weft_model_segments(f->model, lane, 0, G_MAXINT64, 1, NULL, out);
    }
    weft_state_free(weft_model_state_at(f->model, weft_model_end_ns(f->model) / 2));
    g_thread_join(worker);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(struct fixture *f, gconstpointer options);
    } tests[] = { { "matches", test_find },
                  { "cancelled", test_cancelled },
                  { "threads", test_threads } };
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/find/amid", test_amid);
    for (guint i = 0; i < G_N_ELEMENTS(programs); i++)
        for (guint k = 0; k < G_N_ELEMENTS(tests); k++) {
            g_autofree char *path = g_strdup_printf("/find/%s/%u", tests[k].name, programs[i].seed);
            g_test_add(path, struct fixture, &programs[i], setup, tests[k].test, teardown);
        }
    return g_test_run();
}
