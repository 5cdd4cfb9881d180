/* steady.c: see steady.h. */
#include "tests/trace/steady.h"
#include <string.h>

void steady_begin(struct steady *s, weft_filewriter *writer)
{
    *s = (struct steady){ .writer = writer, .state = weft_state_new(), .time = 1000000000 };
    GError *error = NULL;
    struct weft_file_process process = { .pid = 4711,
                                         .clock_kind = WEFT_CLOCK_MONOTONIC,
                                         .start = { s->time, s->time, s->time + 5000000000 },
                                         .program = "steady",
                                         .host = "here" };
    g_assert_true(weft_filewriter_process(writer, &process, &error));
    g_assert_no_error(error);
    weft_filewriter_string(writer, STEADY_STRING, "steady.c", 8);
    weft_filewriter_site(writer, STEADY_SITE, 12, STEADY_STRING, STEADY_STRING);
}

void steady_finish(struct steady *s)
{
    weft_state_free(s->state);
}

/* Every task goes through WAKE, RESUME, SUSPEND; which of them runs next is its number's. */
static struct weft_record next_record(struct steady *s, guint ring)
{
    guint64 turn = s->step / 3;
    uint64_t task = weft_id(WEFT_ENTITY_TASK, ring, 1 + turn % STEADY_TASKS);
    uint64_t lock = weft_id(WEFT_ENTITY_LOCK, ring, 1 + turn % 7);
    static const guint8 kinds[] = { WEFT_RECORD_WAKE, WEFT_RECORD_RESUME, WEFT_RECORD_SUSPEND };
    static const guint8 details[] = { WEFT_WAKE_RESOURCE, 0, WEFT_AWAIT_LOCK };
    guint kind = s->step++ % 3;
    s->time += 1000 + s->step * 7919 % 5000;
    return (struct weft_record){ .time = s->time,
                                 .kind = kinds[kind],
                                 .detail = details[kind],
                                 .site = kind == 2 ? STEADY_SITE : 0,
                                 .subject = task,
                                 .object = kind == 1 ? 0 : lock };
}

void steady_write(struct steady *s, guint slots)
{
    GError *error = NULL;
    guint ring = s->step / 3 % 2;
    slots -= slots % 3;
    g_autofree struct weft_record *records = g_new(struct weft_record, slots);
    uint64_t running = weft_state_running(s->state, ring);
    for (guint i = 0; i < slots; i++) {
        records[i] = next_record(s, ring);
        weft_state_apply(s->state, ring, &records[i], NULL);
    }
    g_assert_true(weft_filewriter_events(s->writer, ring, records, slots, running, &error));
    g_assert_no_error(error);
    s->slots += slots;
    s->step += 3 * (slots / 3 % 2 == 0); /* the other ring's turn */
}

void steady_lose(struct steady *s, guint64 unread, guint64 dropped)
{
    GError *error = NULL;
    g_assert_true(weft_filewriter_loss(s->writer, 0, unread, dropped, &error));
    g_assert_no_error(error);
    weft_state_apply_loss(s->state, 0, (gint64)s->time);
    s->lost += unread + dropped;
}

static void assert_same_state(const weft_state *found, const weft_state *expected)
{
    guint n, n_expected;
    const struct weft_task_at **tasks = weft_state_tasks(found, &n);
    const struct weft_task_at **others = weft_state_tasks(expected, &n_expected);
    g_assert_cmpuint(n, ==, n_expected);
    for (guint i = 0; i < n; i++) {
        g_assert_cmpuint(tasks[i]->id, ==, others[i]->id);
        g_assert_cmpuint(tasks[i]->state, ==, others[i]->state);
        g_assert_cmpuint(tasks[i]->other, ==, others[i]->other);
        g_assert_cmpuint(tasks[i]->site, ==, others[i]->site);
    }
}

static struct steady_found check(const weft_trace *trace, weft_state *state)
{
    struct steady_found found = { .lost = weft_trace_lost(trace) };
    g_autofree struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    guint64 last[2] = { 0, 0 };
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    for (guint c = 0; c < weft_trace_n_chunks(trace); c++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, c);
        GError *error = NULL;
        guint n = weft_trace_decode(trace, c, records, &error);
        g_assert_no_error(error);
        found.slots += n;
        if (found.next[chunk->ring] == 0)
            found.first[chunk->ring] = chunk->first_ordinal;
        found.next[chunk->ring] = chunk->first_ordinal + n;
        if (chunk->lost_before)
            weft_state_apply_loss(state, chunk->ring, chunk->first_ns);
        for (guint i = 0; i < n; i++) {
            g_assert_cmpuint(records[i].time, >=, last[chunk->ring]);
            last[chunk->ring] = records[i].time;
            weft_state_apply(state, chunk->ring, &records[i], NULL);
        }
    }
    for (guint ring = 0; ring < 2; ring++)
        if (weft_trace_lost_at_end(trace, ring))
            weft_state_apply_loss(state, ring, weft_trace_end_ns(trace));
    g_assert_cmpstr(weft_trace_string(trace, STEADY_STRING), ==, "steady.c");
    g_assert_cmpuint(weft_trace_site(trace, STEADY_SITE)->line, ==, 12);
    g_assert_cmpstr(weft_trace_source(trace)->program, ==, "steady");
    return found;
}

struct steady_found steady_check_part(const weft_trace *trace)
{
    guint from;
    g_autoptr(weft_state) state = weft_trace_state_before(trace, 0, &from);
    g_assert_cmpuint(from, ==, 0);
    return check(trace, state);
}

struct steady_found steady_check(const struct steady *s, const weft_trace *trace)
{
    guint from;
    g_autoptr(weft_state) state = weft_trace_state_before(trace, 0, &from);
    struct steady_found found = check(trace, state);
    assert_same_state(state, s->state);
    /* Time 0 is where the trace begins, and the clocks say the same. */
    g_assert_cmpint(weft_trace_source(trace)->start_realtime_ns + weft_trace_end_ns(trace), ==,
                    (gint64)s->time + 5000000000);
    return found;
}
