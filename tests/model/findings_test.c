/* findings_test.c: the list of findings: of the lessons, live as from a file, with thresholds, of
 * garbage; and the rule about what is lost. */
#include "tests/model/garbage.h"
#include "tests/model/trouble.h"
#include "tests/valgrind.h"

/* ---- events-lost ---- */

static void lose_some(struct script *s)
{
    suspend(s, 1, 1, WEFT_AWAIT_EVENT, 0, 10);
    script_lose(s, 40);
    poll(s, 5, 6);
    script_lose(s, 2);
    poll(s, 7, 8);
}

static void lose_none(struct script *s)
{
    suspend(s, 1, 1, WEFT_AWAIT_EVENT, 0, 10);
    script_cut(s);
    weft_trace_append_gap(s->trace, 0); /* not recorded, but not lost either */
    poll(s, 5, 6);
}

static void test_events_lost(void)
{
    assert_findings(lose_some,
                    "events-lost warning: 42 events were lost in 2 places, most of them between "
                    "1.0 ms and 5.0 ms: what happened there is not known.\n");
    assert_findings(lose_none, "");
}

/* ---- The lessons ---- */

/* Each lesson's recorded trace, and the rules that speak of it, by time. Seven of them are about a
 * fault, or have one: in 06, 09 and 14 a timeout expires, 05 blocks its loop to show it, 09 has a
 * deadlock, in 18 a task works with the loop in its hand for 11 ms, in 19 a greedy task keeps it,
 * 20 shows what debug mode says of it. */
static const struct {
    const char *name, *rules;
} lessons[] = {
    { "01-hello-world", "" },
    { "02-two-tasks", "" },
    { "03-gather-or-not", "" },
    { "04-create-task", "" },
    { "05-blocking", "blocking-call warning, late-timer warning, " },
    { "06-timeout", "timeout-fired hint, " },
    { "07-cancel", "" },
    { "08-first-completed", "" },
    { "09-lock", "timeout-fired hint, deadlock error, " },
    { "10-semaphore", "" },
    { "11-queue", "" },
    { "12-event", "" },
    { "13-tcp-echo", "" },
    { "14-fetch-three", "timeout-fired hint, " },
    { "15-wget", "" },
    { "16-subprocess", "" },
    { "17-generator", "" },
    { "18-file", "blocking-call hint, " },
    { "19-starvation", "blocking-call warning, late-timer warning, " },
    { "20-debug-mode", "blocking-call warning, " },
};

static void test_lesson(gconstpointer data)
{
    guint i = GPOINTER_TO_UINT(data);
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(g_getenv("WEFT_TEST_LESSONS"), lessons[i].name,
                                             "trace.weft", NULL);
    g_autoptr(weft_trace) trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    weft_model *model = weft_model_new(trace);
    g_autoptr(weft_findings) findings = weft_findings_new(model, NULL);
    while (weft_model_advance(model, 0))
        ;
    weft_findings_advance(findings, 0);
    weft_findings_now(findings, weft_model_end_ns(model), TRUE);
    g_autoptr(GString) rules = g_string_new(NULL);
    for (guint k = 0; k < weft_findings_n(findings); k++) {
        const struct weft_finding *finding = weft_findings_get(findings, k);
        g_string_append_printf(rules, "%s %s, ", finding->rule->id,
                               weft_severity_name(finding->severity));
    }
    g_assert_cmpstr(rules->str, ==, lessons[i].rules);
    g_clear_pointer(&findings, weft_findings_free);
    weft_model_free(model);
}

/* The keys and ranges of what is found in a trace, the model advanced and asked for each chunk. */
static char *keys_of(weft_trace *trace)
{
    weft_model *model = weft_model_new(trace);
    weft_findings *findings = weft_findings_new(model, NULL);
    GString *keys = g_string_new(NULL);
    gboolean more = TRUE;
    while (more) {
        more = weft_model_advance(model, 1);
        weft_findings_advance(findings, 0);
        weft_findings_now(findings, weft_model_end_ns(model), FALSE);
    }
    for (guint i = 0; i < weft_findings_n(findings); i++) {
        const struct weft_finding *finding = weft_findings_get(findings, i);
        g_string_append_printf(keys, "%s %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "\n", finding->key,
                               finding->from_ns, finding->to_ns);
    }
    weft_findings_free(findings);
    weft_model_free(model);
    return g_string_free(keys, FALSE);
}

/* The same events as a trace in memory, as a live view has them, one by one: the keys are those
 * that the file gives. */
static void test_live_as_from_file(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(g_getenv("WEFT_TEST_LESSONS"), "09-lock", "trace.weft",
                                             NULL);
    g_autoptr(weft_trace) file = weft_trace_open(path, &error);
    g_assert_no_error(error);
    g_autoptr(weft_trace) live = weft_trace_new();
    g_autofree struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    for (guint c = 0; c < weft_trace_n_chunks(file); c++) {
        guint n = weft_trace_decode(file, c, records, NULL);
        for (guint i = 0; i < n; i++) {
            gboolean ext = records[i].flags & WEFT_RECORD_EXT && i + 1 < n;
            weft_trace_append(live, weft_trace_chunk(file, c)->ring, &records[i], 1 + ext);
            i += ext;
        }
    }
    g_autofree char *from_file = keys_of(file), *from_live = keys_of(live);
    g_assert_cmpstr(from_live, ==, from_file);
    g_assert_cmpstr(from_file, ==,
                    "timeout-fired:task:0:1:1602040021 801080703-1602040021\n"
                    "deadlock:task:0:4:1001353883 1001353222-1602042615\n");
}

/* ---- The lists ---- */

static void test_thresholds(void)
{
    guint n;
    const struct weft_threshold *thresholds = weft_thresholds(&n);
    g_assert_cmpuint(n, ==, WEFT_THRESHOLDS);
    struct weft_threshold_set set;
    weft_threshold_set_defaults(&set);
    for (guint i = 0; i < n; i++) {
        g_assert_cmpint(set.values[i], ==, thresholds[i].value);
        g_auto(GStrv) parts = g_strsplit(thresholds[i].name, ".", 2);
        g_assert_nonnull(weft_finding_rule(parts[0]));
    }
    g_assert_null(weft_finding_rule("no-such-rule"));
}

/* Whatever the times in the trace, those of a finding can be reckoned with. */
static void check_each(weft_findings *findings)
{
    for (guint i = 0; i < weft_findings_n(findings); i++) {
        const struct weft_finding *finding = weft_findings_get(findings, i);
        g_assert_nonnull(finding->message);
        g_assert_cmpint(finding->from_ns, <=, finding->to_ns);
        g_assert_cmpint(finding->from_ns, >=, -(G_MAXINT64 / 4));
        g_assert_cmpint(finding->to_ns, <=, G_MAXINT64 / 4);
    }
}

static void test_garbage(gconstpointer data)
{
    GRand *rand = g_rand_new_with_seed(GPOINTER_TO_UINT(data));
    gint64 now;
    g_autoptr(weft_trace) trace = garbage_trace(rand, &now);
    weft_model *model = weft_model_new(trace);
    while (weft_model_advance(model, 7))
        ;
    g_autoptr(weft_findings) findings = weft_findings_new(model, NULL);
    while (weft_findings_advance(findings, 1)) {
        weft_findings_now(findings, g_rand_int(rand), g_rand_boolean(rand));
        check_each(findings);
    }
    weft_findings_now(findings, G_MAXINT64, TRUE);
    check_each(findings);
    for (guint i = 1; i < weft_findings_n(findings); i++)
        g_assert_cmpint(weft_findings_get(findings, i - 1)->from_ns, <=,
                        weft_findings_get(findings, i)->from_ns);
    g_assert_null(weft_findings_get(findings, weft_findings_n(findings)));
    g_clear_pointer(&findings, weft_findings_free);
    weft_model_free(model);
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/thresholds", test_thresholds);
    g_test_add_func("/findings/events-lost", test_events_lost);
    for (guint i = 0; i < G_N_ELEMENTS(lessons); i++) {
        g_autofree char *path = g_strdup_printf("/findings/lesson/%s", lessons[i].name);
        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_lesson);
    }
    g_test_add_func("/findings/live-as-from-file", test_live_as_from_file);
    for (guint seed = 1; seed <= (SLOW ? 3 : 40); seed++) {
        g_autofree char *path = g_strdup_printf("/findings/garbage/%u", seed);
        g_test_add_data_func(path, GUINT_TO_POINTER(seed), test_garbage);
    }
    return g_test_run();
}
