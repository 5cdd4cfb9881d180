/* trace_test.c: a trace in memory: what is appended is what is decoded. */
#include "tracer/trace/state.h"
#include "tracer/trace/trace.h"

static uint64_t task(unsigned n)
{
    return weft_id(WEFT_ENTITY_TASK, 0, n);
}

static void test_empty(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    g_assert_cmpuint(weft_trace_n_chunks(trace), ==, 0);
    g_assert_cmpuint(weft_trace_events(trace), ==, 0);
    g_assert_cmpint(weft_trace_end_ns(trace), ==, 0);
    g_assert_null(weft_trace_path(trace));
    g_assert_null(weft_trace_damage(trace));
    guint from = 7;
    g_autoptr(weft_state) state = weft_trace_state_before(trace, 0, &from);
    g_assert_nonnull(state);
    g_assert_cmpuint(from, ==, 0);
}

static void test_names(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    weft_trace_define_string(trace, 3, "fetch");
    weft_trace_define_string(trace, 4, "bad \xff utf-8");
    weft_trace_define_site(trace, 1, "hello.c", "main", 12);
    g_assert_cmpstr(weft_trace_string(trace, 0), ==, "");
    g_assert_cmpstr(weft_trace_string(trace, 3), ==, "fetch");
    g_assert_true(g_utf8_validate(weft_trace_string(trace, 4), -1, NULL));
    g_assert_null(weft_trace_string(trace, 5));
    g_assert_cmpuint(weft_trace_site(trace, 1)->line, ==, 12);
    g_assert_cmpstr(weft_trace_site(trace, 1)->func, ==, "main");
    g_assert_null(weft_trace_site(trace, 2));
}

/* Appends `n` switches between two tasks and checks what comes back. */
static void test_append(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    g_autofree struct weft_record *records = g_new0(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    g_autofree struct weft_record *back = g_new0(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    enum { CHUNKS = 40, SLOTS = 1000 };
    uint64_t time = 5;
    for (guint c = 0; c < CHUNKS; c++) {
        for (guint i = 0; i < SLOTS; i++, time += 3)
            records[i] = (struct weft_record){
                .time = time,
                .kind = i % 2 ? WEFT_RECORD_SUSPEND : WEFT_RECORD_RESUME,
                .detail = i % 2 ? WEFT_AWAIT_YIELD : 0,
                .site = i % 7,
                .subject = task(1 + i / 2 % 2),
            };
        if (c == 30)
            weft_trace_append_loss(trace, 0, 12);
        weft_trace_append(trace, 0, records, SLOTS);
    }
    weft_trace_append_loss(trace, 0, 5);
    g_assert_cmpuint(weft_trace_n_chunks(trace), ==, CHUNKS);
    g_assert_cmpuint(weft_trace_events(trace), ==, CHUNKS * SLOTS);
    g_assert_cmpuint(weft_trace_lost(trace), ==, 17);
    g_assert_cmpuint(weft_trace_lost_at_end(trace, 0), ==, 5);
    g_assert_cmpint(weft_trace_end_ns(trace), ==, (gint64)time - 3);
    g_autoptr(GError) error = NULL;
    g_assert_cmpuint(weft_trace_decode(trace, CHUNKS - 1, back, &error), ==, SLOTS);
    g_assert_no_error(error);
    g_assert_cmpmem(back, SLOTS * sizeof *back, records, SLOTS * sizeof *records);
    const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, 30);
    g_assert_cmpuint(chunk->lost_before, ==, 12);
    g_assert_cmpuint(chunk->first_ordinal, ==, 30 * SLOTS + 12);
    g_assert_cmpint(chunk->first_ns, ==, 5 + 30 * SLOTS * 3);
    g_assert_cmpint(chunk->last_ns, ==, 5 + 31 * SLOTS * 3 - 3);
    guint from = 0;
    g_autoptr(weft_state) state = weft_trace_state_before(trace, 20, &from);
    g_assert_cmpuint(from, >=, 16);
    g_assert_cmpuint(from, <=, 20);
    g_assert_cmpuint(weft_state_task(state, task(1))->state, ==, WEFT_STATE_READY);
}

static void test_process(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    weft_trace_define_string(trace, 9, "./hello --fast");
    uint64_t process = weft_id(WEFT_ENTITY_PROCESS, 0, 1);
    struct weft_record records[] = {
        { .time = 1, .kind = WEFT_RECORD_PROCESS, .subject = process, .object = 9 },
        { .time = 2, .kind = WEFT_RECORD_PROCESS_EXIT, .subject = process, .object = 3 },
    };
    weft_trace_append(trace, 0, records, 1);
    g_assert_cmpstr(weft_trace_source(trace)->program, ==, "./hello --fast");
    g_assert_false(weft_trace_source(trace)->ended);
    weft_trace_append(trace, 0, records + 1, 1);
    g_assert_true(weft_trace_source(trace)->ended);
    g_assert_cmpint(weft_trace_source(trace)->exit_code, ==, 3);
}

/* An EXT counts as a slot, not as an event; a time that goes back is held. */
static void test_ext_and_times(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    struct weft_ext_error error = { .code = -110, .name = 4, .site = 2 };
    struct weft_record records[4] = {
        { .time = 10, .kind = WEFT_RECORD_RESUME, .subject = task(1) },
        { .time = 20,
          .kind = WEFT_RECORD_TASK_DONE,
          .detail = WEFT_OUTCOME_ERROR,
          .flags = WEFT_RECORD_EXT,
          .subject = task(1) },
        { 0 },
        { .time = 15, .kind = WEFT_RECORD_TASK_FREE, .subject = task(1) },
    };
    memcpy(&records[2], &error, sizeof error);
    weft_trace_append(trace, 0, records, G_N_ELEMENTS(records));
    g_assert_cmpuint(weft_trace_events(trace), ==, 3);
    struct weft_record *back = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    g_assert_cmpuint(weft_trace_decode(trace, 0, back, NULL), ==, 4);
    g_assert_cmpmem(&back[2], sizeof error, &error, sizeof error);
    g_assert_cmpuint(back[3].time, ==, 20);
    g_free(back);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trace/empty", test_empty);
    g_test_add_func("/trace/names", test_names);
    g_test_add_func("/trace/append", test_append);
    g_test_add_func("/trace/process", test_process);
    g_test_add_func("/trace/ext-and-times", test_ext_and_times);
    return g_test_run();
}
