/* relocate_test.c: the numbers of several processes in one file. */
#include "tracer/probe/strings.h"
#include "tracer/trace/relocate.h"
#include <string.h>

#define TASK(ring, n)  weft_id(WEFT_ENTITY_TASK, ring, n)
#define TIMER(ring, n) weft_id(WEFT_ENTITY_TIMER, ring, n)

static guint places(weft_relocation *r, guint32 theirs[8], guint32 rings[8])
{
    guint n = 0;
    while (weft_relocation_next_place(r, &theirs[n], &rings[n]))
        n++;
    return n;
}

/* A process alone keeps its ring numbers, in whatever order they are seen. */
static void test_alone(void)
{
    struct weft_filenumbers file = { 0 };
    g_autoptr(weft_relocation) a = weft_relocation_new(&file, NULL);
    const guint32 seen[] = { 3, 0, 7, 4095, 2, 3 };
    for (guint i = 0; i < G_N_ELEMENTS(seen); i++)
        g_assert_cmpuint(weft_relocate_ring(a, seen[i]), ==, seen[i]);
    guint32 theirs[8], rings[8];
    g_assert_cmpuint(places(a, theirs, rings), ==, 1);
    g_assert_cmpuint(rings[0], ==, 0);
    g_assert_cmpuint(theirs[0], ==, 3);
    g_assert_false(weft_relocation_overflowed(a));
}

static void test_two(void)
{
    struct weft_filenumbers file = { 0 };
    g_autoptr(weft_relocation) a = weft_relocation_new(&file, NULL),
                               b = weft_relocation_new(&file, NULL);
    guint32 theirs[8], rings[8];
    g_assert_cmpuint(weft_relocate_ring(a, 0), ==, 0);
    g_assert_cmpuint(weft_relocate_ring(a, 2), ==, 2);
    g_assert_cmpuint(weft_relocate_ring(b, 0), ==, 3);
    g_assert_cmpuint(weft_relocate_ring(b, 1), ==, 4);
    g_assert_cmpuint(weft_relocate_ring(a, 1), ==, 1); /* there it would be looked for */
    g_assert_cmpuint(weft_relocate_ring(a, 3), ==, 5); /* taken */
    g_assert_cmpuint(weft_relocate_ring(a, 4), ==, 6);
    g_assert_cmpuint(weft_relocate_ring(b, 2), ==, 7);
    g_assert_cmpuint(weft_relocate_ring(b, 0), ==, 3);
    g_assert_cmpuint(places(a, theirs, rings), ==, 2);
    g_assert_cmpuint(rings[1], ==, 5);
    g_assert_cmpuint(theirs[1], ==, 3);
    g_assert_cmpuint(places(b, theirs, rings), ==, 2);
    g_assert_cmpuint(rings[0], ==, 3);
    g_assert_cmpuint(rings[1], ==, 7);
    /* Every ring's number is in the ids. */
    g_assert_cmphex(weft_relocate_id(b, TASK(1, 99)), ==, TASK(4, 99));
    g_assert_cmphex(weft_relocate_id(a, TASK(3, 1)), ==, TASK(5, 1));
    g_assert_cmphex(weft_relocate_id(a, 0), ==, 0);
}

static void test_overflow(void)
{
    struct weft_filenumbers file = { 0 };
    g_autoptr(weft_relocation) a = weft_relocation_new(&file, NULL),
                               b = weft_relocation_new(&file, NULL);
    for (guint ring = 0; ring < 4096; ring++)
        g_assert_cmpuint(weft_relocate_ring(a, ring), ==, ring);
    g_assert_cmpuint(weft_relocate_ring(b, 0), ==, WEFT_NO_RING);
    g_assert_cmphex(weft_relocate_id(b, TASK(0, 5)), ==, 0);
    g_assert_true(weft_relocation_overflowed(b));
    g_assert_false(weft_relocation_overflowed(a));
    g_assert_cmpuint(weft_relocate_ring(a, 4096), ==, WEFT_NO_RING);
}

/* The last numbers of a file are given; what comes then is unknown, and nobody else's. */
static void test_numbers_run_out(void)
{
    struct weft_filenumbers file = { .strings = G_MAXUINT32 - 2, .sites = G_MAXUINT32 - 2 };
    g_autoptr(weft_relocation) a = weft_relocation_new(&file, NULL);
    g_assert_cmpuint(weft_relocate_string(a, 5), ==, G_MAXUINT32 - 1);
    g_assert_cmpuint(weft_relocate_site(a, 5), ==, G_MAXUINT32 - 1);
    for (guint round = 0; round < 2; round++) {
        for (guint32 id = 6; id < G_MAXUINT32 / 2; id *= 100) {
            g_assert_cmpuint(weft_relocate_string(a, id), ==, WEFT_STRING_FULL);
            g_assert_cmpuint(weft_relocate_site(a, id), ==, 0);
        }
        g_assert_cmpuint(weft_relocate_string(a, 5), ==, G_MAXUINT32 - 1);
    }
}

static void test_texts(void)
{
    struct weft_filenumbers file = { 0 };
    g_autoptr(weft_relocation) a = weft_relocation_new(&file, NULL),
                               b = weft_relocation_new(&file, NULL);
    g_assert_cmpuint(weft_relocate_string(a, 17), ==, 1);
    g_assert_cmpuint(weft_relocate_string(b, 17), ==, 2);
    g_assert_cmpuint(weft_relocate_string(a, G_MAXUINT32 - 1), ==, 3);
    g_assert_cmpuint(weft_relocate_string(b, 3), ==, 4);
    g_assert_cmpuint(weft_relocate_string(a, 17), ==, 1);
    g_assert_cmpuint(weft_relocate_string(a, G_MAXUINT32 - 1), ==, 3);
    g_assert_cmpuint(weft_relocate_string(b, 0), ==, 0);
    g_assert_cmpuint(weft_relocate_string(b, WEFT_STRING_FULL), ==, WEFT_STRING_FULL);
    g_assert_cmpuint(weft_relocate_site(b, 1), ==, 1);
    g_assert_cmpuint(weft_relocate_site(a, 1), ==, 2);
}

/* ---- Records: every kind of the table, every field by its type ---- */

static uint64_t object_of(enum weft_field field)
{
    switch (field) {
    case WEFT_FIELD_ENTITY:
        return TIMER(1, 6);
    case WEFT_FIELD_STRING:
    case WEFT_FIELD_SITE:
        return 9;
    default:
        return 1000; /* a plain number */
    }
}

static void assert_object(enum weft_field field, uint64_t object)
{
    switch (field) {
    case WEFT_FIELD_ENTITY:
        g_assert_cmphex(object, ==, TIMER(2, 6));
        break;
    case WEFT_FIELD_STRING:
    case WEFT_FIELD_SITE:
        g_assert_cmpuint(object, ==, 2);
        break;
    case WEFT_FIELD_DEADLINE:
        g_assert_cmpuint(object, ==, 1500);
        break;
    default:
        g_assert_cmpuint(object, ==, 1000);
    }
}

static uint64_t later(uint64_t time, const void *by)
{
    return time + *(const uint64_t *)by;
}

static void test_every_kind(void)
{
    static const uint64_t by = 70;
    for (unsigned kind = 1; kind < WEFT_RECORD_KIND_END; kind++) {
        const struct weft_event_info *info = weft_event_info(kind);
        struct weft_filenumbers file = { .strings = 1, .sites = 1 };
        g_autoptr(weft_relocation) first = weft_relocation_new(&file, NULL);
        g_autoptr(weft_relocation) r = weft_relocation_new(&file, NULL);
        weft_relocate_ring(first, 0);
        weft_relocate_ring(r, 0);
        weft_relocation_set_clock(r, later, &by, 500);
        struct weft_record record = { .time = 5,
                                      .kind = (uint8_t)kind,
                                      .detail = 1,
                                      .site = 4,
                                      .subject = TASK(1, 3),
                                      .object = object_of(info->object) };
        weft_relocate_records(r, &record, 1);
        g_assert_cmpuint(record.time, ==, 75);
        g_assert_cmpuint(record.detail, ==, 1);
        g_assert_cmphex(record.subject, ==, TASK(2, 3));
        g_assert_cmpuint(record.site, ==, info->site == WEFT_FIELD_SITE ? 2 : 4);
        assert_object(info->object, record.object);
    }
}

static void test_exts(void)
{
    struct weft_filenumbers file = { .strings = 100, .sites = 100 };
    g_autoptr(weft_relocation) first = weft_relocation_new(&file, NULL);
    weft_relocate_ring(first, 0);
    g_autoptr(weft_relocation) r = weft_relocation_new(&file, NULL);
    struct weft_record records[7] = {
        { .kind = WEFT_RECORD_CANCEL_REQUEST, .flags = WEFT_RECORD_EXT, .subject = TASK(0, 1) },
        { 0 },
        { .kind = WEFT_RECORD_TASK_DONE, .flags = WEFT_RECORD_EXT, .subject = TASK(0, 1) },
        { 0 },
        { .kind = WEFT_RECORD_OP_START, .flags = WEFT_RECORD_EXT, .subject = TASK(0, 1) },
        { 0 },
        { .kind = WEFT_RECORD_RESUME, .flags = WEFT_RECORD_EXT, .subject = TASK(0, 1) }, /* cut */
    };
    struct weft_ext_text text = { .text = 1 };
    struct weft_ext_error error = { .code = -5, .name = 2, .message = 3, .site = 1, .cause = -6 };
    error.cause_message = 1;
    struct weft_ext_op op = { .handle = TASK(0, 7), .fd = 3, .size = 9, .offset = 11 };
    memcpy(&records[1], &text, sizeof text);
    memcpy(&records[3], &error, sizeof error);
    memcpy(&records[5], &op, sizeof op);
    weft_relocate_records(r, records, G_N_ELEMENTS(records));
    memcpy(&text, &records[1], sizeof text);
    memcpy(&error, &records[3], sizeof error);
    memcpy(&op, &records[5], sizeof op);
    g_assert_cmpuint(text.text, ==, 101);
    g_assert_cmpint(error.code, ==, -5);
    g_assert_cmpuint(error.name, ==, 102);
    g_assert_cmpuint(error.message, ==, 103);
    g_assert_cmpuint(error.site, ==, 101);
    g_assert_cmpint(error.cause, ==, -6);
    g_assert_cmpuint(error.cause_message, ==, 101);
    g_assert_cmphex(op.handle, ==, TASK(1, 7));
    g_assert_cmpint(op.fd, ==, 3);
    g_assert_cmpuint(op.size, ==, 9);
    g_assert_cmpuint(op.offset, ==, 11);
    for (guint i = 0; i < G_N_ELEMENTS(records); i += 2)
        g_assert_cmphex(records[i].subject, ==, TASK(1, 1));
}

/* "For ever" stays, whatever is added. */
static void test_deadlines(void)
{
    struct weft_filenumbers file = { 0 };
    g_autoptr(weft_relocation) r = weft_relocation_new(&file, NULL);
    weft_relocation_set_clock(r, NULL, NULL, -300);
    struct weft_record records[] = {
        { .kind = WEFT_RECORD_TIMER_SET, .subject = TIMER(0, 1), .object = 1000 },
        { .kind = WEFT_RECORD_TIMER_SET, .subject = TIMER(0, 2), .object = INT64_MAX },
    };
    weft_relocate_records(r, records, 2);
    g_assert_cmpuint(records[0].object, ==, 700);
    g_assert_cmpuint(records[1].object, ==, INT64_MAX);
    g_assert_cmpuint(records[0].time, ==, 0);
}

/* An event of a later version: what all events have in common. */
static void test_unknown_kind(void)
{
    struct weft_filenumbers file = { .sites = 8 };
    g_autoptr(weft_relocation) first = weft_relocation_new(&file, NULL);
    weft_relocate_ring(first, 0);
    g_autoptr(weft_relocation) r = weft_relocation_new(&file, NULL);
    struct weft_record record = { .kind = 250, .site = 1, .subject = TASK(0, 1), .object = 77 };
    weft_relocate_records(r, &record, 1);
    g_assert_cmphex(record.subject, ==, TASK(1, 1));
    g_assert_cmpuint(record.site, ==, 9);
    g_assert_cmpuint(record.object, ==, 77);
}

/* ---- States ---- */

static void apply(weft_state *state, uint64_t time, unsigned kind, unsigned detail,
                  uint64_t subject, uint64_t object)
{
    struct weft_record r = { .time = time,
                             .kind = (uint8_t)kind,
                             .detail = (uint8_t)detail,
                             .site = 5,
                             .subject = subject,
                             .object = object };
    weft_state_apply(state, weft_id_ring(subject), &r, NULL);
}

/* Task 1 waits for a timer, task 2 runs, task 3 and a callback are ready. */
static weft_state *busy_state(void)
{
    weft_state *state = weft_state_new();
    for (uint64_t n = 1; n <= 3; n++) {
        apply(state, n, WEFT_RECORD_TASK_NEW, 0, TASK(0, n), n == 1 ? 0 : TASK(0, 1));
        apply(state, n, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, TASK(0, n), 0);
    }
    apply(state, 4, WEFT_RECORD_TASK_NAME, 0, TASK(0, 1), 17);
    apply(state, 5, WEFT_RECORD_RESUME, 0, TASK(0, 1), 0);
    apply(state, 6, WEFT_RECORD_TIMER_SET, 0, TIMER(0, 1), 900);
    apply(state, 7, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, TASK(0, 1), TIMER(0, 1));
    apply(state, 8, WEFT_RECORD_RESUME, 0, TASK(0, 2), 0);
    apply(state, 9, WEFT_RECORD_READY, WEFT_HANDLE_CALL_SOON, weft_id(WEFT_ENTITY_CALLBACK, 0, 1),
          0);
    return state;
}

static void test_state(void)
{
    static const uint64_t by = 1000;
    struct weft_filenumbers file = { .strings = 10, .sites = 10 };
    g_autoptr(weft_state) from = busy_state();
    g_autoptr(weft_state) into = weft_state_new();
    g_autoptr(weft_relocation) a = weft_relocation_new(&file, NULL),
                               b = weft_relocation_new(&file, NULL);
    weft_relocate_state(a, from, into);
    weft_relocation_set_clock(b, later, &by, 100);
    weft_relocate_state(b, from, into);
    g_autoptr(GBytes) bytes = weft_state_serialize(into); /* and it is one that a file takes */
    g_autoptr(weft_state)
        both = weft_state_deserialize(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    g_assert_nonnull(both);
    guint n;
    weft_state_tasks(both, &n);
    g_assert_cmpuint(n, ==, 6);
    for (guint ring = 0; ring < 2; ring++) {
        const struct weft_task_at *waits = weft_state_task(both, TASK(ring, 1));
        g_assert_cmpuint(waits->state, ==, WEFT_STATE_WAITING);
        g_assert_cmphex(waits->other, ==, TIMER(ring, 1));
        g_assert_cmpint(waits->since_ns, ==, 7 + ring * 1000);
        g_assert_cmpint(waits->created_ns, ==, 1 + ring * 1000);
        g_assert_cmpuint(waits->name, ==, 11 + ring);
        g_assert_cmpuint(waits->created_site, ==, 11 + ring);
        g_assert_cmphex(weft_state_task(both, TASK(ring, 3))->parent, ==, TASK(ring, 1));
        g_assert_cmpint(weft_state_object(both, TIMER(ring, 1))->deadline_mono_ns, ==,
                        900 + ring * 100);
        g_assert_cmphex(weft_state_running(both, ring), ==, TASK(ring, 2));
        const uint64_t *ready = weft_state_ready(both, ring, &n);
        g_assert_cmpuint(n, ==, 2);
        g_assert_cmphex(ready[0], ==, TASK(ring, 3));
        g_assert_cmphex(ready[1], ==, weft_id(WEFT_ENTITY_CALLBACK, ring, 1));
    }
    /* It goes on. */
    apply(both, 2000, WEFT_RECORD_RESUME, 0, TASK(1, 3), 0);
    g_assert_cmpuint(weft_state_task(both, TASK(1, 3))->state, ==, WEFT_STATE_RUNNING);
    weft_state_ready(both, 1, &n);
    g_assert_cmpuint(n, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/relocate/alone", test_alone);
    g_test_add_func("/relocate/two", test_two);
    g_test_add_func("/relocate/overflow", test_overflow);
    g_test_add_func("/relocate/numbers-run-out", test_numbers_run_out);
    g_test_add_func("/relocate/texts", test_texts);
    g_test_add_func("/relocate/every-kind", test_every_kind);
    g_test_add_func("/relocate/exts", test_exts);
    g_test_add_func("/relocate/deadlines", test_deadlines);
    g_test_add_func("/relocate/unknown-kind", test_unknown_kind);
    g_test_add_func("/relocate/state", test_state);
    return g_test_run();
}
