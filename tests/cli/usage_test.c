/* usage_test.c: the command line itself: help, versions, and what makes no sense. */
#include "command.h"

#include <string.h>

static const char *const verbs[] = { "ctl",    "record", "view",    "report", "dump",
                                     "export", "diff",   "recover", "repair", "cut",
                                     "merge",  "ps",     "top",     "tree",   "check" };

static void test_help(void)
{
    struct command weft;
    command_start(&weft);
    command_run(&weft, "--help");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_cmpstr(weft.err, ==, "");
    for (guint i = 0; i < G_N_ELEMENTS(verbs); i++)
        g_assert_nonnull(strstr(weft.out, verbs[i]));
    char *help = g_strdup(weft.out);
    command_run(&weft, "-h");
    g_assert_cmpstr(weft.out, ==, help);
    g_free(help);
    command_finish(&weft);
}

static void test_help_of_verbs(void)
{
    struct command weft;
    command_start(&weft);
    for (guint i = 0; i < G_N_ELEMENTS(verbs); i++) {
        char *line = g_strconcat(verbs[i], " --help", NULL);
        char *usage = g_strconcat("Usage: weft ", verbs[i], " ", NULL);
        command_run(&weft, line);
        g_assert_cmpint(weft.code, ==, 0);
        g_assert_cmpstr(weft.err, ==, "");
        g_assert_true(g_str_has_prefix(weft.out, usage));
        g_free(usage);
        g_free(line);
    }
    command_finish(&weft);
}

static void test_help_fits_a_terminal(void)
{
    struct command weft;
    command_start(&weft);
    for (guint i = 0; i < G_N_ELEMENTS(verbs); i++) {
        char *line = g_strconcat(verbs[i], " --help", NULL);
        command_run(&weft, line);
        char **lines = g_strsplit(weft.out, "\n", -1);
        for (char **l = lines; *l; l++)
            g_assert_cmpint(g_utf8_strlen(*l, -1), <=, 100);
        g_strfreev(lines);
        g_free(line);
    }
    command_finish(&weft);
}

static void test_version(void)
{
    struct command weft;
    command_start(&weft);
    command_run(&weft, "--version");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_cmpstr(weft.out, ==, "weft " WEFT_VERSION "\n");
    for (guint i = 0; i < G_N_ELEMENTS(verbs); i++) {
        char *line = g_strconcat(verbs[i], " --version", NULL);
        command_run(&weft, line);
        g_assert_cmpint(weft.code, ==, 0);
        g_assert_cmpstr(weft.out, ==, "weft " WEFT_VERSION "\n");
        g_free(line);
    }
    command_finish(&weft);
}

static void test_what_makes_no_sense(void)
{
    static const struct {
        const char *line, *part;
    } cases[] = {
        { "", "A verb is missing (see 'weft --help')" },
        { "recrod", "there is no verb 'recrod'; did you mean 'record'?" },
        { "help", "there is no verb 'help'; did you mean '--help'?" },
        { "--hlep", "there is no option '--hlep'; did you mean '--help'?" },
        { "frobnicate", "there is no verb 'frobnicate' (see" },
        { "check", "check: which trace? FILE is missing" },
        { "check x --json --format junit", "--json or --format junit, not both" },
        { "check x --fail-on late-timer --ignore late-timer", "both name 'late-timer'" },
        { "report --help=1", "--help takes no value" },
        { "--frobnicate", "there is no option '--frobnicate'" },
        { "report", "report: which trace? FILE is missing" },
        { "report --jsn x", "there is no option '--jsn'; did you mean '--json'?" },
        { "report a b", "'b' is one too many" },
        { "report --color", "--color needs a value: auto|always|never" },
        { "report --color blue x", "--color 'blue': expected auto|always|never" },
        { "report --top many x", "--top 'many': expected a whole number" },
        { "report --json=yes x", "--json takes no value" },
        { "dump", "dump: which trace?" },
        { "dump x --from soon", "--from 'soon': expected a time such as 10ms" },
        { "dump x --from 2s --to 1s", "--from is later than --to" },
        { "export x", "--to is missing: text, png, svg, pdf, csv or sqlite" },
        { "export x --to gif", "--to 'gif': expected text|png|svg|pdf|csv|sqlite" },
        { "export x --to png", "A picture needs -o FILE" },
        { "export x --to text --palette dark", "text has no colours" },
        { "export x --to text --all-lanes", "--all-lanes is for pictures" },
        { "export x --to text --width 5", "--width 5: text can be 40 to 2000 wide" },
        { "export x --to text --from 2s --until 2s", "--from is not before --until" },
        { "record", "what to record? PROGRAM is missing" },
        { "record -o", "-o needs a value: FILE" },
        { "recover", "what to recover? PID or RING is missing" },
        { "recover 1", "where to? -o FILE is missing" },
        { "record --ring-size 1 true", "--ring-size: expected 128K to 64G" },
        { "record --duration never true", "--duration 'never': expected a time" },
        { "record --duration=0 true", "--duration '0': expected more than 0" },
        { "record -d0 true", "-d '0': expected more than 0" },
        { "record --max-size=0 true", "--max-size '0': expected more than 0" },
        { "record --max-size 1M --keep=0 true", "--keep '0': expected more than 0" },
        { "record --ring-size 0K true", "--ring-size '0K': expected more than 0" },
        { "record --pid 0", "--pid '0': expected more than 0" },
        { "record --flight --window 0s true", "--window '0s': expected a time" },
        { "record --fsync 0 true", "--fsync '0': expected never" },
        { "export x --to text --width 0", "--width '0': expected more than 0" },
        { "export x --to text --until 0", "--from is not before --until" },
        { "view a b", "'b' is one too many" },
    };
    struct command weft;
    command_start(&weft);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        command_run(&weft, cases[i].line);
        command_assert_fails(&weft, 2, cases[i].part);
    }
    command_finish(&weft);
}

/* A trace is a file that can be read back; nobody waits for whoever reads a pipe. */
static void test_a_trace_needs_a_file(void)
{
    static const char *const lines[] = {
        "record -o %s -- touch started", "cut t.weft -o %s", "merge a.weft b.weft -o %s",
        "repair t.weft -o %s",           "recover 1 -o %s",  "ctl 1 dump -o %s"
    };
    struct command weft;
    command_start(&weft);
    command_shell(&weft, "mkfifo pipe; mkdir directory");
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        static const char *const paths[] = { "pipe", "directory", "/dev/null" };
        for (guint p = 0; p < G_N_ELEMENTS(paths); p++) {
            char **around = g_strsplit(lines[i], "%s", 2);
            char *line = g_strconcat(around[0], paths[p], around[1], NULL);
            command_run(&weft, line);
            command_assert_fails(&weft, 2, "is no regular file: a trace needs one");
            g_free(line);
            line = g_strconcat(around[0], "-", around[1], NULL);
            command_run(&weft, line);
            command_assert_fails(&weft, 2, "-o -: a trace needs a file, it cannot go to stdout");
            g_free(line);
            g_strfreev(around);
        }
    }
    command_shell(&weft, "ls");
    g_assert_cmpstr(weft.out, ==, "directory\npipe\n");
    command_finish(&weft);
}

static void test_odd_words_are_escaped(void)
{
    struct command weft;
    command_start(&weft);
    command_run(&weft, "\033[31mred");
    command_assert_fails(&weft, 2, "there is no verb '\\x1b[31mred'");
    command_run(&weft, "report caf\xe9.weft");
    command_assert_fails(&weft, 4, "caf\\xe9.weft");
    command_finish(&weft);
}

static void test_output_that_cannot_be_written(void)
{
    struct command weft;
    command_start(&weft);
    command_shell(&weft, "exec $WEFT --help >/dev/full");
    command_assert_fails(&weft, 4, "cannot write the output: No space left on device");
    command_shell(&weft, "exec $WEFT --help >&-");
    command_assert_fails(&weft, 4, "cannot write the output: Bad file descriptor");
    command_shell(&weft, "$WEFT --help | true");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_cmpstr(weft.err, ==, "");
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/usage/help", test_help);
    g_test_add_func("/cli/usage/help-of-verbs", test_help_of_verbs);
    g_test_add_func("/cli/usage/help-fits-a-terminal", test_help_fits_a_terminal);
    g_test_add_func("/cli/usage/version", test_version);
    g_test_add_func("/cli/usage/what-makes-no-sense", test_what_makes_no_sense);
    g_test_add_func("/cli/usage/a-trace-needs-a-file", test_a_trace_needs_a_file);
    g_test_add_func("/cli/usage/odd-words-are-escaped", test_odd_words_are_escaped);
    g_test_add_func("/cli/usage/output-that-cannot-be-written", test_output_that_cannot_be_written);
    return g_test_run();
}
