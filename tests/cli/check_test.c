/* check_test.c: weft check as a person and as a CI job use it: words, exit codes, and what other
 * programs make of its JUnit XML and SARIF. */
#include "command.h"
#include "fixture.h"

#include <json-glib/json-glib.h>
#include <string.h>

static void start(struct command *weft, void (*write)(const char *path))
{
    command_start(weft);
    char *path = command_path(weft, "t.weft");
    write(path);
    g_free(path);
}

static void check(struct command *weft, const char *line, int code)
{
    command_run(weft, line);
    g_assert_cmpstr(weft->err, ==, "");
    g_assert_cmpint(weft->code, ==, code);
}

static void test_text(void)
{
    struct command weft;
    start(&weft, fixture_write_blocked);
    check(&weft, "check t.weft", 0);
    command_assert_golden(weft.out, "blocked.check.txt");
    char *plain = g_strdup(weft.out);
    check(&weft, "check t.weft --color always", 0);
    g_assert_true(g_str_has_prefix(weft.out, "\033[1;33mwarning\033[0m blocking-call"));
    check(&weft, "check t.weft --fail-on blocking-call", 1);
    g_assert_nonnull(strstr(weft.out, "\n2 warnings; the check fails for some of them\n"));
    g_free(plain);
    command_finish(&weft);
}

static void test_nothing(void)
{
    struct command weft;
    start(&weft, fixture_write_two_loops);
    check(&weft, "check t.weft --fail-on hint", 0);
    g_assert_true(g_str_has_prefix(weft.out, "Nothing found by "));
    check(&weft, "check t.weft --json", 0);
    g_assert_nonnull(strstr(weft.out, "\"findings\" : []"));
    command_finish(&weft);
}

static void test_exit_codes(void)
{
    static const struct {
        const char *options;
        int code;
    } cases[] = {
        { "", 0 },
        { " --fail-on error", 0 },
        { " --fail-on warning", 1 },
        { " --fail-on hint", 1 }, /* or graver */
        { " --fail-on late-timer", 1 },
        { " --fail-on late-timer:hint", 1 },
        { " --fail-on late-timer:warning", 1 },
        /* Then it is a hint: */
        { " --threshold blocking-call.slice=1s --fail-on blocking-call", 1 },
        { " --threshold blocking-call.slice=1s --fail-on blocking-call:warning", 0 },
        { " --threshold blocking-call.slice=1s --fail-on blocking-call:warning,late-timer", 1 },
        { " --fail-on events-lost", 0 },
        { " --fail-on events-lost,late-timer", 1 },
        { " --fail-on events-lost --fail-on late-timer", 1 },
        { " --fail-on warning --ignore late-timer", 1 },
        { " --fail-on warning --ignore late-timer,blocking-call,starved", 0 },
        { " --fail-on late-timer --threshold late-timer.late=1s", 0 },
        { " --fail-on late-timer --threshold late-timer.late=99ms,blocking-call.slice=1s", 1 },
    };
    struct command weft;
    start(&weft, fixture_write_blocked);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *line = g_strconcat("check t.weft", cases[i].options, NULL);
        check(&weft, line, cases[i].code);
        g_free(line);
    }
    command_shell(&weft, "$WEFT check t.weft --fail-on warning >/dev/null || echo failed");
    g_assert_cmpstr(weft.out, ==, "failed\n");
    command_finish(&weft);
}

static void test_what_makes_no_sense(void)
{
    static const struct {
        const char *options, *part;
    } cases[] = {
        { "--fail-on late-tiemr",
          "--fail-on: there is no 'late-tiemr'; did you mean 'late-timer'?" },
        { "--fail-on warnings", "did you mean 'warning'?" },
        { "--fail-on late-tiemr:hint", "there is no 'late-tiemr'; did you mean 'late-timer'?" },
        { "--fail-on late-timer:odd", "expected late-timer:hint, warning or error" },
        { "--fail-on late-timer:error", "this rule finds nothing graver than warning" },
        { "--ignore everything", "--ignore: there is no 'everything'; 'weft check --rules' lists" },
        { "--ignore error", "--ignore: there is no 'error'; 'weft check --rules' lists" },
        { "--rules", "--rules goes without FILE" },
        { "--threshold late-timer.later=1s", "did you mean 'late-timer.late'?" },
        { "--threshold late-timer.late", "expected late-timer.late=VALUE, a time such as 10ms" },
        { "--threshold late-timer.late=soon", "expected late-timer.late=VALUE, a time" },
    };
    struct command weft;
    start(&weft, fixture_write_blocked);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *line = g_strconcat("check t.weft ", cases[i].options, NULL);
        command_run(&weft, line);
        command_assert_fails(&weft, 2, cases[i].part);
        g_free(line);
    }
    command_finish(&weft);
}

static void test_rules(void)
{
    struct command weft;
    command_start(&weft);
    check(&weft, "check --rules", 0);
    g_assert_true(g_regex_match_simple("^  late-timer +warning  a timer fired", weft.out,
                                       G_REGEX_MULTILINE, 0));
    g_assert_true(
        g_regex_match_simple("^  late-timer.late +50.0 ms  ", weft.out, G_REGEX_MULTILINE, 0));
    command_finish(&weft);
}

static void test_json(void)
{
    struct command weft;
    start(&weft, fixture_write_blocked);
    check(&weft, "check t.weft --json --fail-on late-timer", 1);
    char *json = g_strdup(weft.out);
    check(&weft, "check t.weft --format json --fail-on late-timer", 1);
    g_assert_cmpstr(weft.out, ==, json);
    JsonNode *root = json_from_string(json, NULL);
    JsonArray *findings = json_object_get_array_member(json_node_get_object(root), "findings");
    g_assert_cmpuint(json_array_get_length(findings), ==, 2);
    JsonObject *first = json_array_get_object_element(findings, 0);
    g_assert_cmpstr(json_object_get_string_member(first, "id"), ==, "blocking-call");
    g_assert_cmpstr(json_object_get_string_member(first, "severity"), ==, "warning");
    g_assert_cmpstr(json_object_get_string_member(first, "task"), ==, "task:0:2");
    g_assert_cmpint(json_object_get_int_member(first, "from_ns"), ==, 30000);
    g_assert_cmpint(json_object_get_int_member(first, "to_ns"), ==, 150000000);
    g_assert_false(json_object_get_boolean_member(first, "fails"));
    JsonObject *second = json_array_get_object_element(findings, 1);
    g_assert_cmpstr(json_object_get_string_member(second, "id"), ==, "late-timer");
    g_assert_true(json_object_get_boolean_member(second, "fails"));
    json_node_unref(root);
    g_free(json);
    command_finish(&weft);
}

/* As a CI server reads it. */
static void test_junit(void)
{
    struct command weft;
    start(&weft, fixture_write_blocked);
    command_shell(&weft,
                  "$WEFT check t.weft --format junit --fail-on late-timer --ignore events-lost |"
                  "/usr/bin/python3 -c '\n"
                  "import xml.etree.ElementTree as tree\n"
                  "suites = tree.parse(open(0)).getroot()\n"
                  "cases = {c.get(\"name\"): c for c in suites.iter(\"testcase\")}\n"
                  "suite = suites.find(\"testsuite\")\n"
                  "assert len(cases) == int(suite.get(\"tests\")), len(cases)\n"
                  "print(suite.get(\"failures\"), suite.get(\"skipped\"))\n"
                  "for name in (\"blocking-call\", \"late-timer\", \"events-lost\"):\n"
                  "    print(name, *(child.tag for child in cases[name]))\n"
                  "print(cases[\"late-timer\"].find(\"failure\").get(\"type\"))'");
    g_assert_cmpstr(weft.err, ==, "");
    g_assert_cmpstr(weft.out, ==,
                    "1 1\nblocking-call system-out\nlate-timer failure\nevents-lost skipped\n"
                    "warning\n");
    command_finish(&weft);
}

static void test_sarif(void)
{
    struct command weft;
    start(&weft, fixture_write_blocked);
    command_shell(
        &weft,
        "$WEFT check t.weft --format sarif | /usr/bin/python3 -c '\n"
        "import json\n"
        "sarif = json.load(open(0))\n"
        "run, = sarif[\"runs\"]\n"
        "rules = run[\"tool\"][\"driver\"][\"rules\"]\n"
        "print(sarif[\"version\"], run[\"tool\"][\"driver\"][\"name\"])\n"
        "for result in run[\"results\"]:\n"
        "    assert rules[result[\"ruleIndex\"]][\"id\"] == result[\"ruleId\"]\n"
        "    assert result[\"message\"][\"text\"]\n"
        "    location, = result[\"locations\"]\n"
        "    place = location[\"physicalLocation\"]\n"
        "    print(result[\"ruleId\"], result[\"level\"], place[\"artifactLocation\"][\"uri\"],\n"
        "          place[\"region\"][\"startLine\"],\n"
        "          *result[\"partialFingerprints\"].values(), sep=\"|\")'");
    g_assert_cmpstr(weft.err, ==, "");
    g_assert_cmpstr(weft.out, ==,
                    "2.1.0 weft\n"
                    "blocking-call|warning|app.c|41|blocking-call app.c main parse\n"
                    "late-timer|warning|app.c|21|late-timer app.c fetch heartbeat\n");
    command_finish(&weft);
}

/* What is whole of it is checked all the same, and the damage goes before what was found. */
static void test_damage(void)
{
    struct command weft;
    start(&weft, fixture_write_blocked);
    command_shell(&weft, "head -c 1000 t.weft >cut.weft;"
                         "exec $WEFT check cut.weft --fail-on warning");
    g_assert_cmpint(weft.code, ==, 3);
    g_assert_nonnull(strstr(weft.err, "cut at byte"));
    command_run(&weft, "check cut.weft --format junit");
    g_assert_cmpint(weft.code, ==, 3);
    g_assert_nonnull(strstr(weft.out, " errors=\"1\""));
    g_assert_nonnull(strstr(weft.out, "<error message=\"cut.weft: it is cut at byte"));
    command_run(&weft, "check t.weft --format junit");
    g_assert_null(strstr(weft.out, "<error"));
    command_shell(&weft, "mv cut.weft $(printf 'caf\\351.weft');"
                         "exec $WEFT check --format junit $(printf 'caf\\351.weft')");
    g_assert_cmpint(weft.code, ==, 3);
    g_assert_true(g_utf8_validate(weft.out, -1, NULL));
    g_assert_nonnull(strstr(weft.out, "weft check caf\357\277\275.weft"));
    command_shell(&weft, "exec $WEFT check --json $(printf 'caf\\351.weft')");
    g_assert_true(g_utf8_validate(weft.out, -1, NULL));
    g_assert_nonnull(strstr(weft.out, "\"damage\" : \"caf\357\277\275.weft: it is cut at"));
    command_run(&weft, "check nowhere.weft");
    command_assert_fails(&weft, 4, "nowhere.weft: No such file");
    command_finish(&weft);
}

/* Whoever reads the report alone must learn that it does not know all. */
static void test_losses(void)
{
    static const char said[] = "1,000 events were lost: nothing is said of what they hide";
    struct command weft;
    start(&weft, fixture_write_lossy);
    check(&weft, "check t.weft --ignore events-lost", 0);
    g_assert_nonnull(strstr(weft.out, said));
    check(&weft, "check t.weft --json", 0);
    g_assert_nonnull(strstr(weft.out, "\n  \"lost\" : 1000,\n"));
    check(&weft, "check t.weft --format junit", 0);
    g_assert_nonnull(strstr(weft.out, "<property name=\"lost\" value=\"1000\"/>"));
    g_assert_nonnull(strstr(weft.out, said));
    check(&weft, "check t.weft --format sarif", 0);
    g_assert_nonnull(strstr(weft.out, "\"executionSuccessful\" : true"));
    g_assert_nonnull(strstr(weft.out, said));
    command_shell(&weft, "head -c 1000 t.weft >cut.weft; $WEFT check cut.weft --format sarif");
    g_assert_nonnull(strstr(weft.out, "\"executionSuccessful\" : false"));
    g_assert_nonnull(strstr(weft.out, "\"text\" : \"cut.weft: it is cut at byte"));
    command_finish(&weft);
}

/* How the program ended is told by every verb; who was told to end by its recorder did not crash.
 */
static void test_crashed(void)
{
    struct command weft;
    command_start(&weft);
    command_shell(&weft, "$WEFT record -qo t.weft -- $WEFT_EMITTER kill 9;"
                         "exec $WEFT check --fail-on crashed t.weft");
    g_assert_cmpint(weft.code, ==, 1);
    g_assert_nonnull(strstr(weft.out, " was killed by signal 9 (Killed)"));
    command_run(&weft, "report t.weft");
    g_assert_nonnull(strstr(weft.out, "; killed by signal 9 (Killed)\n"));
    command_run(&weft, "tree t.weft");
    g_assert_nonnull(strstr(weft.out, "\nprocess "));
    g_assert_nonnull(strstr(weft.out, " was killed by signal 9 (Killed)\n"));
    command_run(&weft, "tree t.weft --at 0");
    g_assert_null(strstr(weft.out, "killed"));
    command_run(&weft, "dump t.weft --tail 1");
    g_assert_nonnull(strstr(weft.out, "s  (end)              process "));
    g_assert_nonnull(strstr(weft.out, " was killed by signal 9 (Killed)\n"));
    command_run(&weft, "dump t.weft --kind RESUME --json");
    g_assert_null(strstr(weft.out, "END"));
    command_run(&weft, "dump t.weft --tail 1 --json");
    g_assert_nonnull(strstr(weft.out, "\"kind\":\"END\""));

    command_shell(&weft, "$WEFT record -qo t.weft -- $WEFT_EMITTER exit 3;"
                         "exec $WEFT check --fail-on crashed t.weft");
    g_assert_cmpint(weft.code, ==, 1);
    g_assert_nonnull(strstr(weft.out, "warning crashed  "));

    /* It ends with how many signals came, one, the recorder's; once it is given the time to begin.
     */
    command_shell(&weft, "d=100; until $WEFT report t.weft | grep -q 'ended with 1, as its "
                         "recording.s time was over'; do d=$((d * 2));"
                         "$WEFT record -qd ${d}ms -o t.weft -- $WEFT_EMITTER wait >says; done;"
                         "exec $WEFT check --fail-on crashed t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_null(strstr(weft.out, "crashed"));
    command_run(&weft, "tree t.weft");
    g_assert_null(strstr(weft.out, "ended with 1"));
    command_shell(&weft, "$WEFT cut t.weft -o c.weft >/dev/null; exec $WEFT report c.weft --json");
    g_assert_nonnull(strstr(weft.out, "\"stopped\" : true"));
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/check/text", test_text);
    g_test_add_func("/cli/check/nothing", test_nothing);
    g_test_add_func("/cli/check/exit-codes", test_exit_codes);
    g_test_add_func("/cli/check/what-makes-no-sense", test_what_makes_no_sense);
    g_test_add_func("/cli/check/rules", test_rules);
    g_test_add_func("/cli/check/json", test_json);
    g_test_add_func("/cli/check/junit", test_junit);
    g_test_add_func("/cli/check/sarif", test_sarif);
    g_test_add_func("/cli/check/damage", test_damage);
    g_test_add_func("/cli/check/losses", test_losses);
    g_test_add_func("/cli/check/crashed", test_crashed);
    return g_test_run();
}
