/* options_test.c: a table of every kind of option, parsed; and what a typed word may have meant.
 * The messages are tested through the command, in usage_test.c. */
#include "app/cli/options.h"

#include <glib.h>
#include <string.h>

struct settings {
    gboolean flag;
    const char *text;
    const char *choice;
    guint64 count, size, most;
    gint64 seconds, moment, every;
    char *list;
};
static const struct settings defaults = { .choice = "red", .moment = 7 };

static const struct option options[] = {
    { "flag", 'f', OPTION_FLAG, NULL, "a flag", G_STRUCT_OFFSET(struct settings, flag) },
    { "text", 't', OPTION_TEXT, "TEXT", "a text", G_STRUCT_OFFSET(struct settings, text) },
    { "choice", 0, OPTION_CHOICE, "red|green", "one", G_STRUCT_OFFSET(struct settings, choice) },
    { "count", 'n', OPTION_COUNT, "N", "a number", G_STRUCT_OFFSET(struct settings, count) },
    { "size", 0, OPTION_SIZE, "N", "a size", G_STRUCT_OFFSET(struct settings, size) },
    { "seconds", 0, OPTION_SECONDS, "S", "a span", G_STRUCT_OFFSET(struct settings, seconds) },
    { "moment", 0, OPTION_MOMENT, "T", "a moment", G_STRUCT_OFFSET(struct settings, moment) },
    { "list", 0, OPTION_LIST, "WORD[,WORD]", "words", G_STRUCT_OFFSET(struct settings, list) },
    { "most", 'm', OPTION_COUNT, "N", "a limit", G_STRUCT_OFFSET(struct settings, most), TRUE },
    { "every", 'e', OPTION_SECONDS, "[=S]", "a span", G_STRUCT_OFFSET(struct settings, every),
      .otherwise = "2" },
    { 0 },
};
static const struct verb verb = {
    .name = "try",
    .usage = "FILE [FILE]",
    .summary = "Try",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    .min_operands = 1,
    .max_operands = 2,
    .missing = "FILE is missing",
};

/* Parses a line of words; the operands joined by spaces, NULL when it did not go well. */
static char *parse_with(const struct verb *v, const char *line, struct settings *settings)
{
    char **argv = g_strsplit(line, " ", -1);
    char **operands;
    *settings = defaults;
    int code = options_parse(v, argv, settings, &operands);
    char *joined = code < 0 ? g_strjoinv(" ", operands) : NULL;
    if (code >= 0)
        g_assert_cmpint(code, ==, EXIT_USAGE);
    /* Settings point into argv: keep what the tests look at. */
    settings->text = g_intern_string(settings->text);
    settings->choice = g_intern_string(settings->choice);
    g_free(operands);
    g_strfreev(argv);
    return joined;
}

static void assert_operands(const struct verb *v, const char *line, struct settings *settings,
                            const char *expected)
{
    char *operands = parse_with(v, line, settings);
    g_assert_cmpstr(operands, ==, expected);
    g_free(operands);
}

static void test_defaults(void)
{
    struct settings s;
    assert_operands(&verb, "a b", &s, "a b");
    g_assert_false(s.flag);
    g_assert_cmpstr(s.choice, ==, "red");
    g_assert_cmpint(s.moment, ==, 7);
}

static void test_every_kind(void)
{
    struct settings s;
    assert_operands(&verb,
                    "--flag --text=x --choice green a --count 12 --size 1K --seconds 2 "
                    "--moment=1ms",
                    &s, "a");
    g_assert_true(s.flag);
    g_assert_cmpstr(s.text, ==, "x");
    g_assert_cmpstr(s.choice, ==, "green");
    g_assert_cmpuint(s.count, ==, 12);
    g_assert_cmpuint(s.size, ==, 1024);
    g_assert_cmpint(s.seconds, ==, 2000000000);
    g_assert_cmpint(s.moment, ==, 1000000);
}

static void test_list(void)
{
    struct settings s;
    assert_operands(&verb, "a", &s, "a");
    g_assert_null(s.list);
    assert_operands(&verb, "--list one,two --flag --list=three a", &s, "a");
    g_assert_cmpstr(s.list, ==, "one,two,three");
    g_free(s.list);
}

static void test_zero(void)
{
    struct settings s;
    assert_operands(&verb, "--most=1 --count=0 --moment 0 a", &s, "a");
    g_assert_cmpuint(s.most, ==, 1);
    g_assert_cmpint(s.moment, ==, 0);
    static const char *const refused[] = { "--most=0 a", "-m0 a", "--most 00 a" };
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++)
        g_assert_null(parse_with(&verb, refused[i], &s));
}

static void test_a_value_may_be_left_out(void)
{
    struct settings s;
    assert_operands(&verb, "--every 7", &s, "7");
    g_assert_cmpint(s.every, ==, 2000000000);
    assert_operands(&verb, "--every=10ms 7", &s, "7");
    g_assert_cmpint(s.every, ==, 10000000);
    assert_operands(&verb, "-fe 7", &s, "7");
    g_assert_cmpint(s.every, ==, 2000000000);
    g_assert_true(s.flag);
    assert_operands(&verb, "-fe10ms 7", &s, "7");
    g_assert_cmpint(s.every, ==, 10000000);
    char *help = options_help(&verb);
    g_assert_nonnull(strstr(help, "  -e, --every[=S] "));
    g_free(help);
}

static void test_short(void)
{
    struct settings s;
    assert_operands(&verb, "-fn3 -t x a", &s, "a");
    g_assert_true(s.flag);
    g_assert_cmpuint(s.count, ==, 3);
    g_assert_cmpstr(s.text, ==, "x");
}

static void test_end_of_options(void)
{
    struct settings s;
    assert_operands(&verb, "-- --flag -f", &s, "--flag -f");
    g_assert_false(s.flag);
    assert_operands(&verb, "-", &s, "-");
    assert_operands(&verb, "--text -- a", &s, "a");
    g_assert_cmpstr(s.text, ==, "--");
}

static void test_rest_belongs_to_a_program(void)
{
    struct verb passing = verb;
    passing.passes_rest = TRUE;
    passing.max_operands = G_MAXUINT;
    struct settings s;
    assert_operands(&passing, "-n 2 program --flag -- -x", &s, "program --flag -- -x");
    g_assert_false(s.flag);
    g_assert_cmpuint(s.count, ==, 2);
    assert_operands(&passing, "-- --odd-name --flag", &s, "--odd-name --flag");
}

static void test_refusals(void)
{
    static const char *const bad[] = {
        "",
        "a b c",
        "--falg a",
        "-z a",
        "--text",
        "--flag=1 a",
        "--choice blue a",
        "--choice re a",
        "--count x a",
        "--count -1 a",
        "--size 1T a",
        "--seconds soon a",
        "--moment 1y a",
        "--text= a",
        "--= a",
    };
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct settings s;
        assert_operands(&verb, bad[i], &s, NULL);
    }
}

static void test_nearest(void)
{
    static const char *const words[] = { "record", "report", "dump", "view", "export", NULL };
    g_assert_cmpstr(options_nearest("recrod", words), ==, "record");
    g_assert_cmpstr(options_nearest("repot", words), ==, "report");
    g_assert_cmpstr(options_nearest("rep", words), ==, "report");
    g_assert_cmpstr(options_nearest("expotr", words), ==, "export");
    g_assert_cmpstr(options_nearest("veiw", words), ==, "view");
    g_assert_null(options_nearest("frobnicate", words));
    g_assert_null(options_nearest("", words));
    g_assert_null(options_nearest("x", words));
}

static void test_help_names_every_option(void)
{
    char *help = options_help(&verb);
    for (const struct option *option = options; option->name; option++) {
        char *spelled = g_strdup_printf("--%s", option->name);
        g_assert_nonnull(strstr(help, spelled));
        g_assert_nonnull(strstr(help, option->help));
        g_free(spelled);
    }
    g_assert_nonnull(strstr(help, "Usage: weft try FILE [FILE]\n"));
    g_assert_nonnull(strstr(help, "--help"));
    g_assert_nonnull(strstr(help, "--version"));
    g_free(help);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/options/defaults", test_defaults);
    g_test_add_func("/cli/options/list", test_list);
    g_test_add_func("/cli/options/every-kind", test_every_kind);
    g_test_add_func("/cli/options/zero", test_zero);
    g_test_add_func("/cli/options/a-value-may-be-left-out", test_a_value_may_be_left_out);
    g_test_add_func("/cli/options/short", test_short);
    g_test_add_func("/cli/options/end-of-options", test_end_of_options);
    g_test_add_func("/cli/options/rest-belongs-to-a-program", test_rest_belongs_to_a_program);
    g_test_add_func("/cli/options/refusals", test_refusals);
    g_test_add_func("/cli/options/nearest", test_nearest);
    g_test_add_func("/cli/options/help-names-every-option", test_help_names_every_option);
    return g_test_run();
}
