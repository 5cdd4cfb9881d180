/* diff_test.c: what two runs have to do with each other: tasks found again, what is significant,
 * what is not, golden text and JSON; and the statistics alone. */
#include "app/cli/diff.h"
#include "command.h"
#include "fixture.h"

#include <json-glib/json-glib.h>
#include <string.h>

static void write_server(struct command *weft, const char *name, guint n, guint percent,
                         gboolean newer)
{
    char *path = command_path(weft, name);
    fixture_write_server(path, n, percent, newer);
    g_free(path);
}

static void diff(struct command *weft, const char *line, int code)
{
    command_run(weft, line);
    g_assert_cmpstr(weft->err, ==, "");
    g_assert_cmpint(weft->code, ==, code);
}

static void test_text(void)
{
    struct command weft;
    command_start(&weft);
    write_server(&weft, "a.weft", 40, 100, FALSE);
    write_server(&weft, "b.weft", 41, 130, TRUE);
    diff(&weft, "diff a.weft b.weft", 1);
    command_assert_golden(weft.out, "server.diff.txt");
    diff(&weft, "diff a.weft b.weft --json", 1);
    command_assert_golden(weft.out, "server.diff.json");
    command_finish(&weft);
}

static void test_the_same(void)
{
    struct command weft;
    command_start(&weft);
    write_server(&weft, "a.weft", 40, 100, FALSE);
    diff(&weft, "diff a.weft a.weft", 0);
    g_assert_nonnull(strstr(weft.out, "\nNothing significant has changed.\n"));
    char *path = command_path(&weft, "nothing.weft");
    fixture_write_empty(path);
    g_free(path);
    diff(&weft, "diff nothing.weft nothing.weft", 0);
    diff(&weft, "diff nothing.weft nothing.weft --json", 0);
    command_finish(&weft);
}

/* So many tasks that a small change is known to be one; but it must matter, too. */
static void test_what_is_significant(void)
{
    struct command weft;
    command_start(&weft);
    write_server(&weft, "a.weft", 100, 100, FALSE);
    write_server(&weft, "slower.weft", 100, 115, FALSE);
    write_server(&weft, "hardly.weft", 100, 108, FALSE);
    write_server(&weft, "few.weft", 7, 100, FALSE);
    write_server(&weft, "few-slower.weft", 7, 130, FALSE);
    diff(&weft, "diff a.weft slower.weft", 1);
    g_assert_nonnull(strstr(weft.out, "median of 100 and 100 tasks, p < 0.0001"));
    diff(&weft, "diff a.weft hardly.weft", 0);
    diff(&weft, "diff a.weft hardly.weft --percent 5 --least 500us", 1);
    diff(&weft, "diff a.weft slower.weft --least 100ms", 0);
    diff(&weft, "diff few.weft few-slower.weft --least 1us", 0); /* chance, for all we know */
    diff(&weft, "diff few.weft few-slower.weft --least 1us --percent 5", 1);
    g_assert_null(strstr(weft.out, "p <"));
    command_finish(&weft);
}

/* Most are as fast as ever; one of ten is not. */
static void test_the_slowest(void)
{
    struct command weft;
    command_start(&weft);
    write_server(&weft, "a.weft", 200, 100, FALSE);
    char *path = command_path(&weft, "slow.weft");
    fixture_write_slow_server(path, 200, 10);
    diff(&weft, "diff a.weft slow.weft --fail-on slower", 1);
    g_assert_nonnull(strstr(weft.out, "  more running"));
    g_assert_nonnull(strstr(weft.out, "  95 % of 200 and 200 tasks, p < 0.0001  conn-#"));
    g_assert_null(strstr(weft.out, "median"));
    fixture_write_slow_server(path, 200, 100); /* two of them: by chance */
    diff(&weft, "diff a.weft slow.weft --fail-on slower", 0);
    g_free(path);
    command_finish(&weft);
}

static void test_exit_codes(void)
{
    struct command weft;
    command_start(&weft);
    write_server(&weft, "a.weft", 100, 100, FALSE);
    write_server(&weft, "slower.weft", 100, 150, FALSE);
    diff(&weft, "diff a.weft slower.weft --fail-on slower", 1);
    diff(&weft, "diff slower.weft a.weft --fail-on slower", 0);
    diff(&weft, "diff slower.weft a.weft", 1);
    diff(&weft, "diff slower.weft a.weft --fail-on never", 0);
    command_run(&weft, "diff a.weft");
    command_assert_fails(&weft, 2, "two traces are needed");
    command_run(&weft, "diff a.weft b.weft");
    command_assert_fails(&weft, 4, "b.weft: No such file");
    command_shell(&weft, "head -c 3000 a.weft >cut.weft; exec $WEFT diff a.weft cut.weft");
    g_assert_cmpint(weft.code, ==, 3);
    g_assert_nonnull(strstr(weft.err, "cut at byte 3000"));
    command_finish(&weft);
}

/* What is not known is not compared, and not taken for a change. */
static void test_losses(void)
{
    struct command weft;
    command_start(&weft);
    char *path = command_path(&weft, "a.weft");
    fixture_write_lossy(path);
    g_free(path);
    write_server(&weft, "b.weft", 1, 100, FALSE);
    command_run(&weft, "diff a.weft b.weft --json");
    JsonNode *root = json_from_string(weft.out, NULL);
    JsonObject *object = json_node_get_object(root);
    g_assert_cmpint(json_object_get_int_member(object, "unknown_tasks"), ==, 1);
    JsonArray *changes = json_object_get_array_member(object, "significant");
    for (guint i = 0; i < json_array_get_length(changes); i++) {
        JsonObject *change = json_array_get_object_element(changes, i);
        const char *kind = json_object_get_string_member(change, "change");
        g_assert_true(strcmp(kind, "new") == 0 || strcmp(kind, "gone") == 0);
    }
    json_node_unref(root);
    command_finish(&weft);
}

static void test_findings(void)
{
    struct command weft;
    command_start(&weft);
    char *path = command_path(&weft, "blocked.weft");
    fixture_write_blocked(path);
    g_free(path);
    path = command_path(&weft, "idle.weft");
    fixture_write_two_loops(path);
    g_free(path);
    diff(&weft, "diff idle.weft blocked.weft --fail-on findings", 1);
    g_assert_nonnull(strstr(weft.out, "\nNew findings (2)\n"));
    g_assert_nonnull(strstr(weft.out, "  warning   late-timer     A timer of heartbeat fired"));
    diff(&weft, "diff blocked.weft idle.weft", 1);
    g_assert_nonnull(strstr(weft.out, "\nVanished findings (2)\n"));
    g_assert_null(strstr(weft.out, "New findings"));
    diff(&weft, "diff blocked.weft idle.weft --fail-on findings", 0);
    diff(&weft, "diff blocked.weft blocked.weft", 0);
    diff(&weft, "diff idle.weft blocked.weft --json", 1);
    JsonNode *root = json_from_string(weft.out, NULL);
    JsonObject *findings = json_object_get_object_member(json_node_get_object(root), "findings");
    JsonArray *fresh = json_object_get_array_member(findings, "new");
    g_assert_cmpuint(json_array_get_length(fresh), ==, 2);
    g_assert_cmpstr(json_object_get_string_member(json_array_get_object_element(fresh, 0), "id"),
                    ==, "blocking-call");
    json_node_unref(root);
    command_finish(&weft);
}

static gboolean is_said_to_be_part(struct command *weft, const char *run)
{
    JsonNode *root = json_from_string(weft->out, NULL);
    JsonObject *object = json_object_get_object_member(json_node_get_object(root), run);
    gboolean part = json_object_get_boolean_member(object, "part");
    json_node_unref(root);
    return part;
}

/* How long a task that was there before, or is there still, would have taken, nobody knows; nor
 * which others there were. */
static void test_parts_of_a_run(void)
{
    static const char *const cuts[] = { "--from 12ms", "--to 8ms" };
    struct command weft;
    command_start(&weft);
    write_server(&weft, "a.weft", 200, 100, FALSE);
    for (guint i = 0; i < G_N_ELEMENTS(cuts); i++) {
        char *line = g_strdup_printf("cut a.weft %s -o cut.weft", cuts[i]);
        command_run(&weft, line);
        g_assert_cmpint(weft.code, ==, 0);
        diff(&weft, "diff a.weft cut.weft", 0);
        g_assert_nonnull(strstr(weft.out,
                                "\nB holds a part of its run: tasks that only A has may be "
                                "gone, or lie outside it\n"));
        g_assert_null(strstr(weft.out, "less waiting")); /* main's would be */
        diff(&weft, "diff cut.weft a.weft", 0);
        g_assert_nonnull(strstr(weft.out,
                                "\nA holds a part of its run: tasks that only B has may be "
                                "new, or lie outside it\n"));
        diff(&weft, "diff cut.weft a.weft --json", 0);
        g_assert_true(is_said_to_be_part(&weft, "a"));
        g_assert_false(is_said_to_be_part(&weft, "b"));
        g_free(line);
    }
    command_finish(&weft);
}

/* ---- Lineage ---- */

enum { WORKER_LINE = 5 };

static void add_task(GArray *records, guint64 n, guint64 parent, guint32 line, guint32 name)
{
    guint64 id = weft_id(WEFT_ENTITY_TASK, 0, n);
    guint64 by = parent ? weft_id(WEFT_ENTITY_TASK, 0, parent) : 0;
    struct weft_record more[] = {
        { .time = 10 * n, .kind = WEFT_RECORD_TASK_NEW, .site = line, .subject = id, .object = by },
        { .time = 10 * n, .kind = WEFT_RECORD_TASK_NAME, .subject = id, .object = name },
        { .time = 10 * n, .kind = WEFT_RECORD_WAKE, .detail = WEFT_WAKE_CREATED, .subject = id },
    };
    g_array_append_vals(records, more, G_N_ELEMENTS(more));
}

/* Two services, web-N and mail-N, and a worker of the web's, or of the mail's. */
static weft_model *services(guint n, gboolean of_mail)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    g_autoptr(GArray) records = g_array_new(FALSE, FALSE, sizeof(struct weft_record));
    const char *names[] = { "web-%u", "mail-%u", "worker" };
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        char *name = g_strdup_printf(names[i], n);
        weft_trace_define_string(trace, i + 1, name);
        g_free(name);
    }
    weft_trace_define_site(trace, 1, "app.c", "main", 1);
    weft_trace_define_site(trace, WORKER_LINE, "app.c", "serve", WORKER_LINE);
    add_task(records, 1, 0, 1, 1);
    add_task(records, 2, 0, 1, 2);
    add_task(records, 3, 1 + of_mail, WORKER_LINE, 3);
    add_task(records, 4, 1, WORKER_LINE, 3);
    weft_trace_append(trace, 0, (const struct weft_record *)(void *)records->data, records->len);
    weft_model *model = weft_model_new(trace);
    weft_model_advance(model, 0);
    return model;
}

/* "NAME a/b": how many tasks of each row the runs have. */
static char *rows_of(const GPtrArray *rows)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < rows->len; i++) {
        const struct diff_row *row = rows->pdata[i];
        g_string_append_printf(text, "%s%s %u/%u", text->len ? ", " : "", row->name,
                               (guint)row->sides[DIFF_A].tasks, (guint)row->sides[DIFF_B].tasks);
    }
    return g_string_free(text, FALSE);
}

static void assert_rows(gboolean of_mail, const char *expected)
{
    weft_model *a = services(1, FALSE), *b = services(2, of_mail);
    struct diff diff_of;
    diff_match(&diff_of, a, b);
    char *rows = rows_of(diff_of.tasks);
    g_assert_cmpstr(rows, ==, expected);
    g_free(rows);
    diff_finish(&diff_of);
    weft_model_free(a);
    weft_model_free(b);
}

/* Of one name and one site, but of other parents: not the same; of web-1 and web-2: the same. */
static void test_lineage(void)
{
    assert_rows(FALSE, "web-# 1/1, mail-# 1/1"); /* workers: as all of their site */
    assert_rows(TRUE, "web-# 1/1, mail-# 1/1, worker 2/1, worker 0/1");
}

/* ---- Statistics ---- */

static GArray *values_of(const gint64 *values, guint n)
{
    GArray *array = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_array_append_vals(array, values, n);
    return array;
}

/* Counted pair by pair: U is 38, 10, and half of all. */
static void test_mann_whitney(void)
{
    static const gint64 low[] = { 19, 22, 16, 29, 24, 18, 20, 21, 23, 17 };
    static const gint64 high[] = { 20, 11, 17, 12, 30, 31, 25, 26, 27, 28 };
    static const gint64 ties[] = { 1, 1, 2, 2, 2, 3, 3, 4 };
    static const gint64 more[] = { 2, 3, 3, 4, 4, 4, 5, 5 };
    struct {
        const gint64 *a, *b;
        guint na, nb;
        double p;
    } cases[] = {
        { low, high, 10, 10, 0.3843 },
        { ties, more, 8, 8, 0.0207 },
        { ties, ties, 8, 8, 1 },
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GArray) a = values_of(cases[i].a, cases[i].na);
        g_autoptr(GArray) b = values_of(cases[i].b, cases[i].nb);
        g_assert_cmpfloat_with_epsilon(diff_mann_whitney(a, b), cases[i].p, 0.0005);
        g_assert_cmpfloat_with_epsilon(diff_mann_whitney(b, a), cases[i].p, 0.0005);
    }
}

static void test_tail(void)
{
    static gint64 a[40], b[40];
    for (gint i = 0; i < 40; i++) {
        a[i] = i;
        b[i] = i < 36 ? i : 100 + i; /* the slowest four of eighty */
    }
    g_autoptr(GArray) few = values_of(a, 40);
    g_autoptr(GArray) slow = values_of(b, 40);
    g_assert_cmpfloat_with_epsilon(diff_chance_of_tail(few, slow), 2.0 / 16, 1e-9);
    g_assert_cmpfloat_with_epsilon(diff_chance_of_tail(slow, few), 2.0 / 16, 1e-9);
    g_assert_cmpfloat(diff_chance_of_tail(few, few), ==, 1);
}

/* Two runs of the same thing are told apart as often as it is promised, and no more. */
static void test_chance(void)
{
    enum { RUNS = 2000, TASKS = 30 };
    GRand *random = g_rand_new_with_seed(3);
    guint alarms = 0;
    for (guint run = 0; run < RUNS; run++) {
        g_autoptr(GArray) a = g_array_new(FALSE, FALSE, sizeof(gint64));
        g_autoptr(GArray) b = g_array_new(FALSE, FALSE, sizeof(gint64));
        for (guint i = 0; i < 2 * TASKS; i++) { /* few tasks take much longer than the others */
            double one = g_rand_double(random);
            gint64 value = (gint64)(1000 / (1.001 - one));
            g_array_append_val(i % 2 ? a : b, value);
        }
        alarms += diff_mann_whitney(a, b) < 0.01 || diff_chance_of_tail(a, b) < 0.01;
    }
    g_assert_cmpuint(alarms, <, RUNS / 50);
    g_assert_cmpuint(alarms, >, 0);
    g_rand_free(random);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/diff/text", test_text);
    g_test_add_func("/cli/diff/the-same", test_the_same);
    g_test_add_func("/cli/diff/what-is-significant", test_what_is_significant);
    g_test_add_func("/cli/diff/the-slowest", test_the_slowest);
    g_test_add_func("/cli/diff/exit-codes", test_exit_codes);
    g_test_add_func("/cli/diff/losses", test_losses);
    g_test_add_func("/cli/diff/findings", test_findings);
    g_test_add_func("/cli/diff/parts-of-a-run", test_parts_of_a_run);
    g_test_add_func("/cli/diff/lineage", test_lineage);
    g_test_add_func("/cli/diff/mann-whitney", test_mann_whitney);
    g_test_add_func("/cli/diff/tail", test_tail);
    g_test_add_func("/cli/diff/chance", test_chance);
    return g_test_run();
}
