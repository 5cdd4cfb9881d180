/* completion_test.c: what bash, zsh and fish offer after a few words. */
#include "command.h"

#include <string.h>

/* The words that bash would offer for the last one of `words`, separated by spaces. */
static void assert_offers(struct command *weft, const char *words, const char *expected)
{
    char *script = g_strdup_printf("exec bash -c 'source $WEFT_COMPLETIONS/weft;"
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
    assert_offers(&weft, "\"\"",
                  "check ctl cut diff dump export lessons merge ps record recover repair report "
                  "top tree view "
                  "--help --version");
    assert_offers(&weft, "re", "record recover repair report");
    assert_offers(&weft, "ctl 17 \"\"", "dump pause resume step slow cancel");
    assert_offers(&weft, "ctl 17 s", "step slow");
    assert_offers(&weft, "dump --",
                  "--from --grep --head --help --json --kind --loop --ring --tail --task "
                  "--to --version");
    assert_offers(&weft, "dump x.weft --j", "--json");
    assert_offers(&weft, "export x.weft --to \"\"", "text png svg pdf csv sqlite");
    assert_offers(&weft, "report --color a", "auto always");
    assert_offers(&weft, "ps --sort s", "state since");
    assert_offers(&weft, "ps \"\"", "");
    assert_offers(&weft, "lessons \"\"", "list show tell run open quiz check");
    assert_offers(&weft, "lessons tell ga", "gather-or-not");
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

/* ---- zsh ---- */

/* What zsh's completion system is given: here its functions only print that. */
static const char zsh[] = "compdef() { :; }\n"
                          "_describe() { print -r -- ${${(@P)2}%%:*}; }\n"
                          "_files() { print -r -- files $*; }\n"
                          "_command_names() { print commands; }\n"
                          "compadd() { [[ $1 == -a ]] && print -r -- ${(P)2} || print -r -- $*; }\n"
                          "source $WEFT_COMPLETIONS/_weft\n"
                          "words=($WEFT \"$@\") CURRENT=$#words\n"
                          "_weft\n";

static void assert_zsh(struct command *weft, const char *words, const char *expected)
{
    char *script = g_strdup_printf("exec zsh -f zsh %s", words);
    command_shell(weft, script);
    g_assert_cmpstr(weft->err, ==, "");
    g_assert_cmpstr(g_strchomp(weft->out), ==, expected);
    g_free(script);
}

static gboolean is_missing(const char *shell)
{
    char *path = g_find_program_in_path(shell);
    if (!path)
        g_test_skip("this shell is not installed: ./dev deps does it");
    g_free(path);
    return path == NULL;
}

static void test_zsh(void)
{
    if (is_missing("zsh"))
        return;
    struct command weft;
    command_start(&weft);
    char *path = command_path(&weft, "zsh");
    g_assert_true(g_file_set_contents(path, zsh, -1, NULL));
    g_free(path);
    command_shell(&weft, "$WEFT --help | grep -oE '^  [a-z]+' | tr -d '\\n'");
    char *verbs = g_strconcat(weft.out + 2, " --help --version", NULL);
    char **words = g_strsplit(verbs, "  ", -1);
    char *expected = g_strjoinv(" ", words);
    assert_zsh(&weft, "''", expected);
    g_free(expected);
    g_strfreev(words);
    g_free(verbs);
    assert_zsh(&weft, "repair --", "--output --json --help --version");
    assert_zsh(&weft, "export x.weft --to ''", "text png svg pdf csv sqlite");
    assert_zsh(&weft, "report x.weft", "files -g *.weft");
    assert_zsh(&weft, "recover ''", "files -g *.ring");
    assert_zsh(&weft, "ctl 17 ''", "dump pause resume step slow cancel");
    assert_zsh(&weft, "record -- l", "commands\nfiles");
    assert_zsh(&weft, "lessons ''", "list show tell run open quiz check");
    assert_zsh(&weft, "lessons check ''", "files -/");
    command_finish(&weft);
}

/* ---- fish ---- */

/* fish offers words in an order of its own, each with what it means behind a tab. */
static void assert_fish(struct command *weft, const char *line, const char *expected)
{
    char *script = g_strdup_printf(
        "HOME=$PWD exec fish --no-config -c '"
        "set PATH (path dirname $WEFT) $PATH\n"
        "source $WEFT_COMPLETIONS/weft.fish\n"
        "string join -- \" \" (complete -C \"%s\" | string split -f1 \\t)'",
        line);
    command_shell(weft, script);
    g_assert_cmpstr(weft->err, ==, "");
    g_assert_cmpstr(g_strchomp(weft->out), ==, expected);
    g_free(script);
}

static void test_fish(void)
{
    if (is_missing("fish"))
        return;
    struct command weft;
    command_start(&weft);
    command_shell(&weft, "mkdir d; touch d/a.weft d/b.ring");
    assert_fish(&weft, "weft re", "record recover repair report");
    assert_fish(&weft, "weft repair --", "--help --json --output --version");
    assert_fish(&weft, "weft export x.weft --to ", "csv pdf png sqlite svg text");
    assert_fish(&weft, "weft report --color a", "always auto");
    assert_fish(&weft, "weft report d/a", "d/a.weft");
    assert_fish(&weft, "weft recover d/b", "d/b.ring");
    assert_fish(&weft, "weft ctl 17 ", "cancel dump pause resume slow step");
    assert_fish(&weft, "weft lessons t", "tell");
    assert_fish(&weft, "weft lessons quiz ga", "gather-or-not");
    command_finish(&weft);
}

/* A program that stands by, in every shell. */
static void test_pids(void)
{
    struct command weft;
    command_start(&weft);
    char *path = command_path(&weft, "zsh");
    g_assert_true(g_file_set_contents(path, zsh, -1, NULL));
    g_free(path);
    command_shell(&weft, "mkfifo says; $WEFT_WAITS abba >says 2>&1 & read word <says; echo $!");
    char *pid = g_strdup(g_strchomp(weft.out));
    assert_offers(&weft, "ps \"\"", pid);
    if (!is_missing("zsh"))
        assert_zsh(&weft, "ps ''", pid);
    if (!is_missing("fish"))
        assert_fish(&weft, "weft ps ", pid);
    char *both = g_strconcat(pid, "\nfiles -g *.weft", NULL);
    if (!is_missing("zsh"))
        assert_zsh(&weft, "tree ''", both);
    g_free(both);
    char *script = g_strdup_printf("kill -9 %s", pid);
    command_shell(&weft, script);
    g_free(script);
    g_free(pid);
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/completion/words", test_words);
    g_test_add_func("/cli/completion/files", test_files);
    g_test_add_func("/cli/completion/zsh", test_zsh);
    g_test_add_func("/cli/completion/fish", test_fish);
    g_test_add_func("/cli/completion/pids", test_pids);
    return g_test_run();
}
