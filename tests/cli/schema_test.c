/* schema_test.c: what --json prints is what data/schemas says, to the last key: of traces written
 * by hand, of the lessons', which real programs made, and of processes. */
#include "command.h"
#include "fixture.h"

static guint n_printed;

/* Keeps what "weft VERB OPTIONS" prints, for the validator. */
static void print(struct command *weft, const char *verb, const char *options)
{
    char *script = g_strdup_printf("exec $WEFT %s %s --json >%u.$(echo %s | cut -d' ' -f1)", verb,
                                   options, n_printed++, verb);
    command_shell(weft, script);
    g_assert_cmpint(weft->code, <=, 3);
    g_free(script);
}

/* Has all that was printed validated: one interpreter for all of it. */
static void validate(struct command *weft)
{
    command_shell(weft, "exec /usr/bin/python3 $WEFT_VALIDATE $WEFT_SCHEMAS [0-9]*.*");
    g_assert_cmpstr(weft->err, ==, "");
    g_assert_cmpint(weft->code, ==, 0);
}

static gboolean start(struct command *weft)
{
    command_start(weft);
    command_shell(weft, "/usr/bin/python3 -c 'import jsonschema'");
    if (weft->code == 0)
        return TRUE;
    g_test_skip("python3-jsonschema is not installed: ./dev deps does it");
    command_finish(weft);
    return FALSE;
}

static void test_fixtures(void)
{
    static void (*const write[])(const char *path) = {
        fixture_write_gather,  fixture_write_lossy,     fixture_write_dropped,
        fixture_write_blocked, fixture_write_two_loops, fixture_write_empty,
    };
    struct command weft;
    if (!start(&weft))
        return;
    char *path = command_path(&weft, "t.weft");
    for (guint i = 0; i < G_N_ELEMENTS(write); i++) {
        write[i](path);
        print(&weft, "report", "t.weft");
        print(&weft, "check", "t.weft --fail-on hint");
        print(&weft, "diff", "t.weft t.weft");
        print(&weft, "dump", "t.weft");
        print(&weft, "repair", "t.weft -o r.weft");
    }
    validate(&weft);
    g_free(path);
    command_finish(&weft);
}

static void test_changes(void)
{
    struct command weft;
    if (!start(&weft))
        return;
    char *a = command_path(&weft, "a.weft");
    char *b = command_path(&weft, "b.weft");
    fixture_write_server(a, 40, 100, FALSE);
    fixture_write_server(b, 41, 130, TRUE);
    print(&weft, "diff", "a.weft b.weft");
    fixture_write_blocked(b);
    print(&weft, "diff", "a.weft b.weft");
    command_shell(&weft, "head -c 1000 a.weft >cut.weft");
    print(&weft, "repair", "cut.weft -o r.weft");
    print(&weft, "report", "cut.weft");
    validate(&weft);
    g_free(b);
    g_free(a);
    command_finish(&weft);
}

static void test_lessons(void)
{
    struct command weft;
    if (!start(&weft))
        return;
    const char *const lessons = g_getenv("WEFT_LESSONS");
    GDir *directory = g_dir_open(lessons, 0, NULL);
    guint n = 0;
    for (const char *name; (name = g_dir_read_name(directory));) {
        char *trace = g_build_filename(lessons, name, "trace.weft", NULL);
        char *dump = g_strconcat(trace, " --head 200", NULL);
        char *tree = g_strconcat(trace, " --at 10ms", NULL);
        if (g_file_test(trace, G_FILE_TEST_EXISTS)) {
            print(&weft, "report", trace);
            print(&weft, "check", trace);
            print(&weft, "dump", dump);
            print(&weft, "tree", tree);
            if (n++ < 4) /* they are alike, and long */
                print(&weft, "lessons tell", name);
        }
        g_free(tree);
        g_free(dump);
        g_free(trace);
    }
    g_dir_close(directory);
    print(&weft, "lessons", "list");
    print(&weft, "lessons", "check .");
    g_assert_cmpuint(n, >=, 20);
    validate(&weft);
    command_finish(&weft);
}

/* Of processes that wait, and that hold their loop. */
static void test_processes(void)
{
    static const char *const modes[] = { "abba", "rescued", "held" };
    struct command weft;
    if (!start(&weft))
        return;
    for (guint i = 0; i < G_N_ELEMENTS(modes); i++) {
        char *script = g_strdup_printf("mkfifo says%u; $WEFT_WAITS %s >says%u & p=$!;"
                                       "read word <says%u; $WEFT ps --json >%u.ps;"
                                       "$WEFT ps $p --json >1%u.ps;"
                                       "$WEFT tree $p --json >%u.tree;"
                                       "$WEFT tree $p --by parent --json >1%u.tree;"
                                       "$WEFT top $p --json --count 2 --delay 0.01 >%u.top;"
                                       "kill -9 $p; wait",
                                       i, modes[i], i, i, i, i, i, i, i);
        command_shell(&weft, script);
        g_assert_cmpstr(weft.err, ==, "");
        g_free(script);
    }
    validate(&weft);
    command_finish(&weft);
}

/* The validator does refuse what is not so. */
static void test_refusals(void)
{
    struct command weft;
    if (!start(&weft))
        return;
    char *path = command_path(&weft, "t.weft");
    fixture_write_gather(path);
    g_free(path);
    static const char *const spoils[] = {
        "s/\"lost\"/\"lots\"/", "s/\"events\" : 45/\"events\" : \"45\"/",
        "s/\"name\" : \"main\",/\"name\" : \"main\", \"age\" : 1,/"
    };
    for (guint i = 0; i < G_N_ELEMENTS(spoils); i++) {
        char *script = g_strdup_printf(
            "$WEFT report t.weft --json | sed '%s' >1.report;"
            "exec /usr/bin/python3 $WEFT_VALIDATE $WEFT_SCHEMAS 1.report",
            spoils[i]);
        command_shell(&weft, script);
        g_assert_cmpint(weft.code, ==, 1);
        g_assert_true(g_str_has_prefix(weft.err, "1.report: "));
        g_free(script);
    }
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/schema/fixtures", test_fixtures);
    g_test_add_func("/cli/schema/changes", test_changes);
    g_test_add_func("/cli/schema/lessons", test_lessons);
    g_test_add_func("/cli/schema/processes", test_processes);
    g_test_add_func("/cli/schema/refusals", test_refusals);
    return g_test_run();
}
