/* completion_test.c: what bash offers after a few words. */
#include "command.h"

#include <string.h>

/* The words that bash would offer for the last one of `words`, separated by spaces. */
static void assert_offers(struct command *weft, const char *words, const char *expected)
{
    char *script = g_strdup_printf("exec bash -c 'source $WEFT_COMPLETION;"
                                   "COMP_WORDS=($WEFT %s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));"
                                   "_weft; echo \"${COMPREPLY[*]}\"'",
                                   words);
    command_shell(weft, script);
    g_assert_cmpstr(weft->err, ==, "");
    g_assert_cmpstr(g_strchomp(weft->out), ==, expected);
    g_free(script);
}

static void test_words(void)
{
    struct command weft;
    command_start(&weft);
    assert_offers(
        &weft, "\"\"",
        "check ctl cut diff dump export merge record recover repair report view --help --version");
    assert_offers(&weft, "re", "record recover repair report");
    assert_offers(&weft, "ctl 17 \"\"", "dump");
    assert_offers(&weft, "dump --",
                  "--from --grep --head --help --json --kind --loop --ring --tail --task "
                  "--to --version");
    assert_offers(&weft, "dump x.weft --j", "--json");
    assert_offers(&weft, "export x.weft --to \"\"", "text png svg csv sqlite");
    assert_offers(&weft, "report --color a", "auto always");
    command_finish(&weft);
}

static void test_files(void)
{
    struct command weft;
    command_start(&weft);
    command_shell(&weft, "touch a.weft b.ring zz-no-program; mkdir c");
    assert_offers(&weft, "report \"\"", "a.weft c");
    assert_offers(&weft, "recover \"\"", "b.ring c");
    assert_offers(&weft, "recover b.ring -o \"\"", "a.weft c");
    assert_offers(&weft, "record -- zz-no", "zz-no-program");
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/completion/words", test_words);
    g_test_add_func("/cli/completion/files", test_files);
    return g_test_run();
}
