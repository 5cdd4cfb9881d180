/* condition_test.c: conditions parsed (every text gives terms or an error with its column) and
 * asked of events. */
#include "tracer/trace/condition.h"
#include <string.h>

/* ---- Parsing ---- */

static const struct weft_condition_rule *rules; /* NULL: none */

static void assert_parses(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_condition) condition = weft_condition_parse(text, strlen(text), rules, &error);
    if (error)
        g_error("'%s': %s", text, error->message);
    g_assert_nonnull(condition);
}

static void assert_refused(const char *text, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(weft_condition_parse(text, strlen(text), rules, &error));
    g_assert_nonnull(error);
    g_assert_cmpstr(error->message, ==, message);
}

static void test_accepted(void)
{
    assert_parses("slice>100ms");
    assert_parses("  slice > 1.5s\tor\nready>50us");
    assert_parses("wait>2m or iteration>1h or tasks>1000 or lost>0 or error");
    assert_parses("mark=checkout");
    assert_parses("mark=\"check out\" or mark='it\\'s' or mark=or");
    assert_parses("counter depth>5");
    assert_parses("counter 'queue depth' > -3 or slice>0ns");
    assert_parses("slice>0.000000001s");
}

#define TERMS "slice, ready, wait, iteration, tasks, lost, error, mark or counter"

static void test_refused(void)
{
    assert_refused("", "expected " TERMS " at column 1");
    assert_refused("   ", "expected " TERMS " at column 4");
    assert_refused("slices>1ms", "expected " TERMS " at column 1");
    assert_refused("slice", "expected '>' at column 6");
    assert_refused("slice<1ms", "expected '>' at column 6");
    assert_refused("slice>", "expected a duration like 100ms at column 7");
    assert_refused("slice>=1ms", "expected a duration like 100ms at column 7");
    assert_refused("slice>100", "expected a duration like 100ms at column 7");
    assert_refused("slice>1.ms", "expected a duration like 100ms at column 7");
    assert_refused("slice>100 ms", "expected a duration like 100ms at column 7");
    assert_refused("slice>9999999999h", "expected a duration like 100ms at column 7");
    assert_refused("slice>99999999999999999999ns", "expected a duration like 100ms at column 7");
    assert_refused("slice>1msx", "expected a duration like 100ms at column 7");
    assert_refused("slice>1ms ready>1ms", "expected 'or' or the end at column 11");
    assert_refused("slice>1ms and error", "expected 'or' or the end at column 11");
    assert_refused("slice>1ms or", "expected " TERMS " at column 13");
    assert_refused("tasks>", "expected a number like 1000 at column 7");
    assert_refused("tasks>-1", "expected a number like 1000 at column 7");
    assert_refused("tasks>99999999999999999999", "expected a number like 1000 at column 7");
    assert_refused("error>1", "expected 'or' or the end at column 6");
    assert_refused("mark", "expected '=' at column 5");
    assert_refused("mark=", "expected the text of a mark at column 6");
    assert_refused("mark=\"\"", "expected the text of a mark at column 6");
    assert_refused("error or mark=''", "expected the text of a mark at column 15");
    assert_refused("counter \"\">1", "expected the name of a counter at column 9");
    assert_refused("mark='x", "expected a text whose quote is closed at column 6");
    assert_refused("mark=ä slice>1ms", "expected 'or' or the end at column 8");
    assert_refused("counter >1", "expected the name of a counter at column 9");
    assert_refused("counter depth", "expected '>' at column 14");
    assert_refused("counter depth>x", "expected a number like 1000 at column 15");
}

static const struct weft_condition_rule some_rules[] = {
    { "deadlock", WEFT_RULE_ALONE },
    { "blocking-call", WEFT_RULE_SPAN },
    { "task-leak", WEFT_RULE_NUMBER },
    { NULL, WEFT_RULE_ALONE },
};

/* Findings are conditions where somebody looks for them. */
static void test_findings(void)
{
    assert_refused("deadlock", "expected " TERMS " at column 1");
    assert_refused("finding=error", "expected " TERMS " at column 1");
    rules = some_rules;
    assert_parses("deadlock or blocking-call>20ms or task-leak > 5 or finding = warning");
#define ALL                                                                                        \
    "slice, ready, wait, iteration, tasks, lost, error, mark, counter, finding or a finding's "    \
    "rule"
    assert_refused("deadlocks", "expected " ALL " at column 1");
    assert_refused("error or blocking", "expected " ALL " at column 10");
    assert_refused("blocking-call-", "expected " ALL " at column 1");
    assert_refused("deadlock>1s", "expected 'or' or the end at column 9");
    assert_refused("blocking-call>5", "expected a duration like 100ms at column 15");
    assert_refused("task-leak>5ms", "expected 'or' or the end at column 12");
    assert_refused("finding", "expected '=' at column 8");
    assert_refused("finding=bad", "expected hint, warning or error at column 9");
    const char *text = "slice>1ms or blocking-call > 20ms or finding=error or deadlock";
    g_autoptr(weft_condition) condition = weft_condition_parse(text, strlen(text), rules, NULL);
    struct weft_condition_finding finding;
    g_assert_true(weft_condition_finding(condition, 0, &finding));
    g_assert_cmpstr(finding.term, ==, "blocking-call > 20ms");
    g_assert_cmpstr(finding.rule, ==, "blocking-call");
    g_assert_cmpint(finding.limit, ==, 20000000);
    g_assert_true(weft_condition_finding(condition, 1, &finding));
    g_assert_null(finding.rule);
    g_assert_cmpstr(finding.severity, ==, "error");
    g_assert_true(weft_condition_finding(condition, 2, &finding));
    g_assert_cmpstr(finding.rule, ==, "deadlock");
    g_assert_cmpint(finding.limit, ==, -1);
    g_assert_false(weft_condition_finding(condition, 3, &finding));
    rules = NULL;
}

/* As many terms as one may write, and one more. */
static void test_many(void)
{
    GString *text = g_string_new("error");
    for (guint i = 1; i < 64; i++)
        g_string_append(text, " or error");
    assert_parses(text->str);
    g_string_append(text, " or error");
    assert_refused(text->str, "expected the end: 64 terms are the most at column 577");
    g_string_free(text, TRUE);
}

/* Bytes of any kind, mostly such as the grammar knows. */
static void test_any_bytes(void)
{
    static const char *const pieces[] = { "slice", "ready", "wait",  "iteration", "tasks",
                                          "lost",  "error", "mark",  "counter",   "or",
                                          ">",     "=",     " ",     "\"",        "'",
                                          "\\",    "1",     "99999", ".",         "ms",
                                          "s",     "\xff",  "\xc3",  "-" };
    for (guint round = 0; round < 50000; round++) {
        GString *text = g_string_new(NULL);
        for (gint n = g_test_rand_int_range(0, 12); n > 0; n--) {
            gint piece = g_test_rand_int_range(0, (gint)G_N_ELEMENTS(pieces) + 1);
            if (piece == (gint)G_N_ELEMENTS(pieces))
                g_string_append_c(text, (char)g_test_rand_int_range(0, 256));
            else
                g_string_append(text, pieces[piece]);
        }
        /* Exactly as long as it is: a byte read behind it is seen by AddressSanitizer. */
        char *bytes = g_memdup2(text->str, text->len);
        GError *error = NULL;
        weft_condition *condition = weft_condition_parse(bytes, text->len, rules, &error);
        g_assert_true((condition == NULL) == (error != NULL));
        if (error)
            g_assert_nonnull(strstr(error->message, " at column "));
        g_clear_error(&error);
        weft_condition_free(condition);
        g_free(bytes);
        g_string_free(text, TRUE);
    }
}

/* ---- Asking ---- */

struct asked {
    weft_condition *condition;
    struct weft_condition_hit hit;
    guint hits; /* of the last call */
};

static struct asked ask(const char *text)
{
    GError *error = NULL;
    struct asked asked = { .condition = weft_condition_parse(text, strlen(text), rules, &error) };
    g_assert_no_error(error);
    weft_condition_set_rate(asked.condition, 1);
    return asked;
}

static guint emit_detail(struct asked *a, enum weft_record_kind kind, guint detail, uint64_t time,
                         uint64_t subject, uint64_t object)
{
    struct weft_record record = { .time = time,
                                  .kind = (uint8_t)kind,
                                  .detail = (uint8_t)detail,
                                  .subject = subject,
                                  .object = object };
    return a->hits = weft_condition_events(a->condition, 0, &record, 1, &a->hit);
}

static guint emit(struct asked *a, enum weft_record_kind kind, uint64_t time, uint64_t subject)
{
    return emit_detail(a, kind, 0, time, subject, 0);
}

static void assert_says(const struct asked *a, const char *expected)
{
    g_assert_cmpuint(a->hits, ==, 1);
    g_autofree char *text = weft_condition_describe(&a->hit);
    g_assert_cmpstr(text, ==, expected);
}

#define TASK(n) weft_id(WEFT_ENTITY_TASK, 0, n)

static void test_slice(void)
{
    struct asked a = ask("slice>100ns");
    g_assert_cmpuint(emit(&a, WEFT_RECORD_RESUME, 1000, TASK(1)), ==, 0);
    g_assert_cmpuint(emit(&a, WEFT_RECORD_SUSPEND, 1100, TASK(1)), ==, 0);
    emit(&a, WEFT_RECORD_RESUME, 2000, TASK(1));
    emit(&a, WEFT_RECORD_SUSPEND, 2101, TASK(1));
    assert_says(&a, "slice>100ns: task:0:1 ran for 101 ns");
    g_assert_cmpuint(a.hit.time, ==, 2101);
    /* An eager start nests: both slices are measured, the outer one with the inner. */
    emit(&a, WEFT_RECORD_RESUME, 3000, TASK(1));
    emit(&a, WEFT_RECORD_RESUME, 3050, TASK(2));
    g_assert_cmpuint(emit(&a, WEFT_RECORD_TASK_DONE, 3100, TASK(2)), ==, 0);
    g_assert_cmpuint(emit(&a, WEFT_RECORD_SUSPEND, 3160, TASK(1)), ==, 1);
    weft_condition_free(a.condition);
}

/* A task that hangs in its slice is found, once. */
static void test_slice_that_lasts(void)
{
    struct asked a = ask("slice>100ns");
    emit(&a, WEFT_RECORD_RESUME, 1000, TASK(1));
    g_assert_cmpuint(weft_condition_now(a.condition, 1100, &a.hit), ==, 0);
    a.hits = weft_condition_now(a.condition, 1700, &a.hit);
    assert_says(&a, "slice>100ns: task:0:1 has been running for 700 ns");
    g_assert_cmpuint(weft_condition_now(a.condition, 1800, &a.hit), ==, 0);
    g_assert_cmpuint(emit(&a, WEFT_RECORD_SUSPEND, 1900, TASK(1)), ==, 0);
    weft_condition_free(a.condition);
}

static void test_ready_and_wait(void)
{
    struct asked a = ask("ready>1us or wait>5us");
    emit_detail(&a, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 1000, TASK(1), 0);
    emit(&a, WEFT_RECORD_RESUME, 2500, TASK(1));
    assert_says(&a, "ready>1us: task:0:1 was ready for 1.5 us");
    emit_detail(&a, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, 3000, TASK(1), 0);
    emit_detail(&a, WEFT_RECORD_WAKE, WEFT_WAKE_TIMER, 9000, TASK(1), 0);
    assert_says(&a, "wait>5us: task:0:1 waited for 6 us");
    emit(&a, WEFT_RECORD_RESUME, 9500, TASK(1));
    /* A yield is ready at once; what still waits is found too, once. */
    emit_detail(&a, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, 10000, TASK(1), 0);
    emit_detail(&a, WEFT_RECORD_SUSPEND, WEFT_AWAIT_LOCK, 10000, TASK(2), 0);
    g_assert_cmpuint(weft_condition_now(a.condition, 10500, &a.hit), ==, 0);
    g_assert_cmpuint(weft_condition_now(a.condition, 200000000, &a.hit), ==, 2);
    g_assert_cmpuint(weft_condition_now(a.condition, 400000000, &a.hit), ==, 0);
    emit(&a, WEFT_RECORD_TASK_FREE, 500000000, TASK(1));
    g_assert_cmpuint(a.hits, ==, 0);
    weft_condition_free(a.condition);
}

static void test_iteration(void)
{
    uint64_t loop = weft_id(WEFT_ENTITY_LOOP, 0, 1);
    struct asked a = ask("iteration>1us");
    emit(&a, WEFT_RECORD_ITERATION, 1000, loop);
    g_assert_cmpuint(emit(&a, WEFT_RECORD_ITERATION, 2000, loop), ==, 0);
    emit(&a, WEFT_RECORD_POLL_BEGIN, 3100, loop);
    assert_says(&a, "iteration>1us: loop:0:1 took for its iteration 1.1 us");
    g_assert_cmpuint(emit(&a, WEFT_RECORD_ITERATION, 9000, loop), ==, 0); /* polling is none */
    g_assert_cmpuint(weft_condition_now(a.condition, 11000, &a.hit), ==, 1);
    g_assert_true(a.hit.lasts);
    weft_condition_free(a.condition);
}

/* A number holds when it goes above, and again after it was below. */
static void test_tasks(void)
{
    struct asked a = ask("tasks>2");
    for (guint i = 1; i <= 2; i++)
        g_assert_cmpuint(emit(&a, WEFT_RECORD_TASK_NEW, i, TASK(i)), ==, 0);
    emit(&a, WEFT_RECORD_TASK_NEW, 3, TASK(3));
    assert_says(&a, "tasks>2: 3");
    g_assert_cmpuint(emit(&a, WEFT_RECORD_TASK_NEW, 4, TASK(4)), ==, 0);
    emit(&a, WEFT_RECORD_TASK_DONE, 5, TASK(4));
    emit(&a, WEFT_RECORD_TASK_DONE, 6, TASK(3));
    g_assert_cmpuint(emit(&a, WEFT_RECORD_TASK_NEW, 7, TASK(5)), ==, 1);
    emit_detail(&a, WEFT_RECORD_SNAPSHOT, 0, 8, 0, 1);
    g_assert_cmpuint(emit(&a, WEFT_RECORD_TASK_NEW, 9, TASK(6)), ==, 0);
    g_assert_cmpuint(emit(&a, WEFT_RECORD_TASK_NEW, 10, TASK(7)), ==, 1);
    weft_condition_free(a.condition);
}

static void test_error(void)
{
    struct asked a = ask("error");
    g_assert_cmpuint(emit_detail(&a, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 1, TASK(1), 0), ==,
                     0);
    g_assert_cmpuint(emit_detail(&a, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_CANCELLED, 2, TASK(2), 0),
                     ==, 0);
    emit_detail(&a, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_ERROR, 3, TASK(3), 0);
    assert_says(&a, "error: task:0:3");
    g_assert_cmpuint(emit(&a, WEFT_RECORD_ERROR_UNRETRIEVED, 4, TASK(3)), ==, 1);
    weft_condition_free(a.condition);
}

static void test_mark(void)
{
    struct asked a = ask("mark='check out'");
    g_assert_true(weft_condition_needs_strings(a.condition));
    weft_condition_string(a.condition, 7, "check", 5);
    weft_condition_string(a.condition, 8, "check out", 9);
    g_assert_cmpuint(emit_detail(&a, WEFT_RECORD_MARK, 0, 1, 0, 7), ==, 0);
    emit_detail(&a, WEFT_RECORD_MARK, 0, 2, 0, 8);
    assert_says(&a, "mark='check out'");
    weft_condition_free(a.condition);
}

static void test_counter(void)
{
    uint64_t depth = weft_id(WEFT_ENTITY_COUNTER, 0, 1), other = depth + 1;
    struct asked a = ask("counter depth>-5");
    weft_condition_string(a.condition, 9, "depth", 5);
    emit_detail(&a, WEFT_RECORD_OBJECT_NAME, 0, 1, depth, 9);
    emit_detail(&a, WEFT_RECORD_OBJECT_NAME, 0, 1, other, 10);
    g_assert_cmpuint(emit_detail(&a, WEFT_RECORD_COUNTER, 0, 2, depth, (uint64_t)-5), ==, 0);
    g_assert_cmpuint(emit_detail(&a, WEFT_RECORD_COUNTER, 0, 3, other, 100), ==, 0);
    emit_detail(&a, WEFT_RECORD_COUNTER, 0, 4, depth, (uint64_t)-4);
    assert_says(&a, "counter depth>-5: -4");
    g_assert_cmpuint(emit_detail(&a, WEFT_RECORD_COUNTER, 0, 5, depth, 100), ==, 0);
    weft_condition_free(a.condition);
}

/* What a loss hid is not guessed. */
static void test_loss(void)
{
    struct asked a = ask("lost>10 or slice>1us or wait>1us");
    emit(&a, WEFT_RECORD_RESUME, 1000, TASK(1));
    emit_detail(&a, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, 1001, TASK(2), 0);
    g_assert_cmpuint(weft_condition_loss(a.condition, 0, 10, 2000, &a.hit), ==, 0);
    g_assert_cmpuint(emit(&a, WEFT_RECORD_SUSPEND, 9000, TASK(1)), ==, 0);
    g_assert_cmpuint(emit(&a, WEFT_RECORD_WAKE, 9000, TASK(2)), ==, 0);
    a.hits = weft_condition_loss(a.condition, 0, 1, 10000, &a.hit);
    assert_says(&a, "lost>10: 11");
    weft_condition_free(a.condition);
}

/* ---- Amid a run ---- */

static void put_task(weft_state *state, guint n, enum weft_task_state how, gint64 since)
{
    weft_state_put_task(
        state, &(struct weft_task_at){ .id = TASK(n), .state = (uint8_t)how, .since_ns = since });
}

/* Task 1 runs, and 2 in its slice; 3 waits, 4 is ready, 5 is done. */
static weft_state *state_amid(void)
{
    weft_state *state = weft_state_new();
    put_task(state, 1, WEFT_STATE_WAITING, 100);
    put_task(state, 2, WEFT_STATE_READY, 200);
    put_task(state, 3, WEFT_STATE_WAITING, 300);
    put_task(state, 4, WEFT_STATE_READY, 400);
    put_task(state, 5, WEFT_STATE_DONE, 500);
    weft_state_put_running(state, 0, TASK(1), 600);
    weft_state_put_running(state, 0, TASK(2), 700);
    return state;
}

/* What is open when the recording begins is so since its own time. */
static void test_beginning(void)
{
    g_autoptr(weft_state) state = state_amid();
    struct asked a = ask("slice>1us");
    g_assert_cmpuint(weft_condition_begin(a.condition, state, 10000, &a.hit), ==, 0);
    emit(&a, WEFT_RECORD_SUSPEND, 11700, TASK(2));
    assert_says(&a, "slice>1us: task:0:2 ran for 11 us");
    a.hits = weft_condition_now(a.condition, 12600, &a.hit);
    assert_says(&a, "slice>1us: task:0:1 has been running for 12 us");
    weft_condition_free(a.condition);

    a = ask("wait>1us");
    weft_condition_begin(a.condition, state, 10000, &a.hit);
    a.hits = weft_condition_now(a.condition, 10300, &a.hit);
    assert_says(&a, "wait>1us: task:0:3 has been waiting for 10 us");
    weft_condition_free(a.condition);

    a = ask("ready>1us");
    weft_condition_begin(a.condition, state, 10000, &a.hit);
    emit(&a, WEFT_RECORD_RESUME, 10400, TASK(4));
    assert_says(&a, "ready>1us: task:0:4 was ready for 10 us");
    weft_condition_free(a.condition);
}

/* They are counted once, also when a SNAPSHOT follows. */
static void test_tasks_at_the_beginning(void)
{
    g_autoptr(weft_state) state = state_amid();
    struct asked a = ask("tasks>3");
    a.hits = weft_condition_begin(a.condition, state, 10000, &a.hit);
    assert_says(&a, "tasks>3: 4");
    g_assert_cmpuint(a.hit.time, ==, 10000);
    emit_detail(&a, WEFT_RECORD_SNAPSHOT, 0, 10001, 0, 4);
    g_assert_cmpuint(a.hits, ==, 0);
    emit(&a, WEFT_RECORD_TASK_DONE, 10002, TASK(4));
    emit(&a, WEFT_RECORD_TASK_NEW, 10003, TASK(6));
    assert_says(&a, "tasks>3: 4");
    weft_condition_free(a.condition);
}

/* An EXT is no event, whatever its bytes are. */
static void test_ext(void)
{
    struct asked a = ask("error");
    struct weft_record records[2] = {
        { .kind = WEFT_RECORD_CANCEL_REQUEST, .flags = WEFT_RECORD_EXT },
        { .kind = WEFT_RECORD_TASK_DONE, .detail = WEFT_OUTCOME_ERROR }
    };
    g_assert_cmpuint(weft_condition_events(a.condition, 0, records, 2, &a.hit), ==, 0);
    weft_condition_free(a.condition);
}

/* Ticks are not nanoseconds; before their rate is known, nothing is too long. */
static void test_rate(void)
{
    struct asked a = ask("slice>1ms");
    weft_condition_free(a.condition);
    a.condition = weft_condition_parse("slice>1ms", 9, NULL, NULL);
    emit(&a, WEFT_RECORD_RESUME, 0, TASK(1));
    g_assert_cmpuint(emit(&a, WEFT_RECORD_SUSPEND, G_MAXUINT64, TASK(1)), ==, 0);
    weft_condition_set_rate(a.condition, 2.5);
    emit(&a, WEFT_RECORD_RESUME, 10, TASK(1));
    g_assert_cmpuint(emit(&a, WEFT_RECORD_SUSPEND, 2500010, TASK(1)), ==, 0);
    emit(&a, WEFT_RECORD_RESUME, 10, TASK(1));
    emit(&a, WEFT_RECORD_SUSPEND, 5000010, TASK(1));
    assert_says(&a, "slice>1ms: task:0:1 ran for 2 ms");
    weft_condition_free(a.condition);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/condition/accepted", test_accepted);
    g_test_add_func("/condition/refused", test_refused);
    g_test_add_func("/condition/findings", test_findings);
    g_test_add_func("/condition/many", test_many);
    g_test_add_func("/condition/any-bytes", test_any_bytes);
    g_test_add_func("/condition/slice", test_slice);
    g_test_add_func("/condition/slice-that-lasts", test_slice_that_lasts);
    g_test_add_func("/condition/ready-and-wait", test_ready_and_wait);
    g_test_add_func("/condition/iteration", test_iteration);
    g_test_add_func("/condition/tasks", test_tasks);
    g_test_add_func("/condition/error", test_error);
    g_test_add_func("/condition/mark", test_mark);
    g_test_add_func("/condition/counter", test_counter);
    g_test_add_func("/condition/loss", test_loss);
    g_test_add_func("/condition/beginning", test_beginning);
    g_test_add_func("/condition/tasks-at-the-beginning", test_tasks_at_the_beginning);
    g_test_add_func("/condition/ext", test_ext);
    g_test_add_func("/condition/rate", test_rate);
    return g_test_run();
}
