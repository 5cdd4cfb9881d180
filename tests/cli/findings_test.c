/* findings_test.c: real programs with a fault each (troubles.c), recorded by the real `weft`: the
 * fault is found, and in a program that only looks like it, it is not. */
#include "command.h"
#include "tracer/model/findings.h"
#include <string.h>

static const struct {
    const char *mode, *id; /* id: the rule that speaks; or may not: "-…" */
    const char *part;      /* of what it says */
} troubles[] = {
    { "deadlock", "deadlock",
      "Ada and Bob waited for each other for * Ada for lock knife, which Bob held; Bob for lock "
      "fork, which Ada held." },
    { "no-deadlock", "-deadlock", NULL },
    { "never-retrieved", "exception-never-retrieved",
      "fetch failed with ECONNREFUSED at troubles.c:* (no answer from loom), and nobody ever "
      "looked at that." },
    { "retrieved", "-exception-never-retrieved", NULL },
    { "destroyed", "destroyed-pending",
      "waiter was pending when its loop closed: it waited for event ready at troubles.c:*." },
    { "not-destroyed", "-destroyed-pending", NULL },
    { "never-started", "never-started",
      "fetch was created at troubles.c:* and never ran: its loop ended before." },
    { "started", "-never-started", NULL },
    { "hold", "blocking-call",
      "parse ran for * without letting the loop go on from troubles.c:*; meanwhile next was ready "
      "and did not run, and a timer was late by *." },
    { "hold", "starved", "next was ready for * while parse held the loop from troubles.c:*." },
    { "hold", "late-timer",
      "A timer of Task-1 fired * after its deadline, since parse held the loop from "
      "troubles.c:*." },
    { "hold-thread", "-late-timer", NULL },
    { "swallow", "cancel-swallowed",
      "server was cancelled by Task-1 at troubles.c:*, and ended as if it had not been." },
    { "obey", "-cancel-swallowed", NULL },
    { "time-out", "-cancel-swallowed", NULL }, /* a timeout takes its request back */
    { "linger", "cancel-slow",
      "server was asked to cancel and took * s to end: its cleanup waited for a timer at "
      "troubles.c:* for * s." },
    { "obey", "-cancel-slow", NULL },
    { "time-out", "timeout-fired",
      "A timeout at troubles.c:* was over while Task-1 waited for a timer at troubles.c:*, "
      "for * by then." },
    { "in-time", "-timeout-fired", NULL },
    { "orphan", "orphaned-work",
      "slow went on for * after gather of 2 at troubles.c:* had returned, and nobody awaited it "
      "any "
      "more." },
    { "no-orphan", "-orphaned-work", NULL },
    { "serial", "accidental-serial",
      "Task-1 made 4 tasks at troubles.c:*, each once the one before was done, while the loop was "
      "idle for * of *: they may as well run at the same time." },
    { "at-once", "-accidental-serial", NULL },
    { "ask", "self-wake",
      "poller woke itself 150 of 15* times at troubles.c:*, after * each on average: it keeps the "
      "loop busy "
      "by asking." },
    { "work", "-self-wake", NULL },
    { "one-thread", "pool-saturated",
      "A job of * at * waited * ms for a thread of the pool, behind *" },
    { "three-threads", "-pool-saturated", NULL },
    { "convoy", "lock-convoy",
      "The lock knife had 4 and more waiters for * of *, up to 11; they waited * in all, while it "
      "was "
      "held * times, * each on average." },
    { "no-convoy", "-lock-convoy", NULL },
    { "full", "queue-full",
      "Producers waited for room in queue orders for *: its consumers are the slow side." },
    { "full", "-queue-empty", NULL },
    { "empty", "queue-empty",
      "Consumers waited for items of queue orders for *: its producers are the slow side." },
    { "empty", "-queue-full", NULL },
    { "herd", "thundering-herd",
      "12 tasks were woken at once by Task-1 for condition baked; only * went on, and 11 waited "
      "for it again: they may have been woken for nothing." },
    { "no-herd", "-thundering-herd", NULL },
    { "leak", "task-leak",
      "Ever more tasks made at troubles.c:* live: *, which is * more than at half of the run, and "
      "never fewer in between." },
    { "no-leak", "-task-leak", NULL },
    { "flood", "events-lost", "* events were lost *" },
    { "deadlock", "-events-lost", NULL },
    { "crash", "crashed", "cli-troubles was killed by signal 6 (*) while parse ran from *." },
    { "leave", "crashed", "cli-troubles ended with 3." },
    { "obey", "-crashed", NULL },
    { "started", "-crashed", NULL },
    /* These hang: whoever records them ends them. */
    { "stuck", "-crashed", NULL },
    { "stuck", "stuck",
      "waiter waits in vain for event ready at troubles.c:*: its loop has no ready task, timer, "
      "handle, operation or job left that could bring it about." },
    { "not-stuck", "-stuck", NULL },
    { "stuck-with-handle", "stuck", "waiter waits in vain for event ready at troubles.c:*." },
    { "not-stuck-with-handle", "-stuck", NULL },
};

/* Far from what the programs do on either side, so that a slow or busy machine changes nothing. */
static const struct {
    enum weft_threshold_id id;
    gint64 value;
} thresholds_here[] = {
    { WEFT_THRESHOLD_STUCK_WAIT, 0 },
    { WEFT_THRESHOLD_LATE_TIMER, 200 * 1000000 },
    { WEFT_THRESHOLD_POOL_SATURATED, 250 * 1000000 },
    { WEFT_THRESHOLD_SERIAL_IDLE, 10 },
    { WEFT_THRESHOLD_LEAK_RUN, 0 },
    { WEFT_THRESHOLD_LEAK_TASKS, 200 },
};

static weft_findings *find(weft_model *model)
{
    struct weft_threshold_set thresholds;
    weft_threshold_set_defaults(&thresholds);
    for (guint i = 0; i < G_N_ELEMENTS(thresholds_here); i++)
        thresholds.values[thresholds_here[i].id] = thresholds_here[i].value;
    weft_findings *findings = weft_findings_new(model, &thresholds);
    while (weft_model_advance(model, 0))
        ;
    while (weft_findings_advance(findings, 0))
        ;
    weft_findings_now(findings, weft_model_end_ns(model), TRUE);
    return findings;
}

static void check(const char *path, const char *id, const char *part)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    weft_model *model = weft_model_new(trace);
    weft_findings *findings = find(model);
    const struct weft_finding *found = NULL;
    for (guint i = 0; i < weft_findings_n(findings); i++) {
        const struct weft_finding *finding = weft_findings_get(findings, i);
        g_test_message("%s: %s", finding->rule->id, finding->message);
        if (strcmp(finding->rule->id, part ? id : id + 1) == 0)
            found = finding;
    }
    if (!found != !part)
        g_error("%s %s", part ? id : id + 1, part ? "was not found" : found->message);
    if (found && !g_pattern_match_simple(part, found->message))
        g_error("\"%s\" is not like \"%s\"", found->message, part);
    weft_findings_free(findings);
    weft_model_free(model);
}

static void test_trouble(gconstpointer data)
{
    guint i = GPOINTER_TO_UINT(data);
    struct command command;
    command_start(&command);
    gboolean hangs = strstr(troubles[i].mode, "stuck") != NULL;
    gboolean floods = strcmp(troubles[i].mode, "flood") == 0;
    g_autofree char *line = g_strdup_printf(
        "record %s%s-o trace.weft -- %s %s", hangs ? "--duration 500ms " : "",
        floods ? "--ring-size 256K " : "", g_getenv("WEFT_TROUBLES"), troubles[i].mode);
    command_run(&command, line);
    if (!hangs && !strstr(troubles[i].id, "crashed"))
        g_assert_cmpint(command.code, ==, 0);
    g_autofree char *path = command_path(&command, "trace.weft");
    check(path, troubles[i].id, troubles[i].part);
    command_finish(&command);
}

/* A process that died in a slice, in one trace with another that lived on: what was not over when
 * it died is judged up to its end, not to the other's. */
static void test_end_of_one(void)
{
    struct command command;
    command_start(&command);
    const char *troubles_program = g_getenv("WEFT_TROUBLES");
    g_autofree char *first = g_strdup_printf("record -o a.weft -- %s die", troubles_program);
    g_autofree char *second = g_strdup_printf("record -o b.weft -- %s hold", troubles_program);
    command_run(&command, first);
    command_run(&command, second);
    command_run(&command, "merge a.weft b.weft -o both.weft");
    g_assert_cmpint(command.code, ==, 0);
    g_autofree char *path = command_path(&command, "both.weft");
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(weft_trace_n_sources(trace), ==, 2);
    struct weft_threshold_set thresholds;
    weft_threshold_set_defaults(&thresholds);
    thresholds.values[WEFT_THRESHOLD_BLOCKING_HINT] = 0; /* however soon it died */
    weft_model *model = weft_model_new(trace);
    while (weft_model_advance(model, 0))
        ;
    weft_findings *findings = weft_findings_new(model, &thresholds);
    weft_findings_advance(findings, 0);
    weft_findings_now(findings, weft_model_end_ns(model), TRUE);
    guint lasting = 0;
    for (guint i = 0; i < weft_findings_n(findings); i++) {
        const struct weft_finding *finding = weft_findings_get(findings, i);
        if (!finding->lasts)
            continue;
        lasting++;
        g_assert_cmpint(finding->to_ns, <=, weft_trace_source_at(trace, 0)->end_ns);
        g_assert_cmpint(finding->to_ns, <, weft_model_end_ns(model));
    }
    g_assert_cmpuint(lasting, ==, 1);
    weft_findings_free(findings);
    weft_model_free(model);
    command_finish(&command);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(troubles); i++) {
        g_autofree char *path = g_strdup_printf("/cli/findings/%s/%s", troubles[i].mode,
                                                troubles[i].id);
        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_trouble);
    }
    g_test_add_func("/cli/findings/end-of-one", test_end_of_one);
    return g_test_run();
}
