/* lessons_test.c: `weft lessons` where something is wrong: lessons with missing and broken parts,
 * traces without sites, tasks or whole chunks, programs that fail, never end or print without end;
 * and what is kept of what was done. What it says otherwise: golden_test.c, and tests/lessons. */
#include "command.h"
#include "fixture.h"

#include <string.h>

/* A lesson of a user's own, `mine/`, made from one that came with Weft. */
static void start(struct command *weft)
{
    command_start(weft);
    command_shell(weft, "mkdir -p .home/weft/lessons; cp -r $WEFT_LESSONS/01-hello-world "
                        ".home/weft/lessons/77-mine; ln -s .home/weft/lessons/77-mine mine");
    g_assert_cmpint(weft->code, ==, 0);
}

static void test_own_lessons(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "lessons check mine");
    g_assert_cmpint(weft.code, ==, 0);
    command_shell(&weft,
                  "$WEFT lessons | grep mine; $WEFT lessons tell 77 | head -1;"
                  "cp -rL mine .home/weft/lessons/99-lock; $WEFT lessons | grep -c '^  99  lock '");
    g_assert_cmpstr(
        weft.out, ==,
        "  77  mine             Hello, world\nHello, world\n1\n"); /* it hides the other */
    command_finish(&weft);
}

/* Each is a change of the lesson, and what check says of it. */
static void test_broken_parts(void)
{
    static const struct {
        const char *change, *says;
    } cases[] = {
        { "rm lesson.c", "mine/lesson.c: there is no such file" },
        { "rm lesson.py", "mine/lesson.py: there is no such file" },
        { "rm trace.weft", "mine/trace.weft: there is no such file" },
        { "rm lesson.md; touch lesson.md", "mine/lesson.md: no text below its title" },
        { "rm lesson.md", "mine/lesson.md: there is no such file" },
        { "rm lesson.md; mkfifo lesson.md", "mine/lesson.md: there is no such file" },
        { "rm trace.weft; mkfifo trace.weft", "mine/trace.weft: there is no such file" },
        { "printf '\\377' >>lesson.md", "mine/lesson.md: it is not UTF-8 from byte " },
        { "head -c 2000000 /dev/zero >lesson.md", "mine/lesson.md: it is larger than 1 MiB" },
        { "sed -i 1d lesson.md", "mine/lesson.md:2: it does not begin with '# ' and a title" },
        { "sed -i 's/^# .*/# /' lesson.md", "mine/lesson.md:1: " },
        { "echo '# Twice' >>lesson.md", "mine/lesson.md:25: a second title" },
        { "sed -i 's/^## What/## Whatever/' lesson.md",
          "mine/lesson.md:6: there is no part 'Whatever to watch': What to watch, Variants and "
          "Questions are" },
        { "sed -i '/^## Questions/,$d' lesson.md",
          "mine/lesson.md: no questions below '## Questions'" },
        { "sed -i '/^## What/,/^## Q/{/^-/d;/^ /d}' lesson.md",
          "mine/lesson.md: nothing below '## What to watch'" },
        { "sed -i '/^   \\*1 s: it/d' lesson.md",
          "mine/lesson.md:19: this question has no answer: below it, *between stars*" },
        { "sed -i 's/^1\\. //' lesson.md",
          "mine/lesson.md:16: this belongs to nothing: a question begins with '1. '" },
        { "sed -i 's/` = 2/` 2/' lesson.md",
          "mine/lesson.md:18: what the trace says is written `query` = value" },
        { "sed -i 's/` = 2/` = 3/' lesson.md", "mine/lesson.md:18: the trace says 2, not 3" },
        { "sed -i 's/count RESUME/count RESUMED/' lesson.md",
          "mine/lesson.md:18: there is no kind of event 'RESUMED'" },
        { "sed -i 's/count RESUME of/count RESUME slowly of/' lesson.md",
          "mine/lesson.md:18: RESUME has no detail 'slowly'" },
        { "sed -i 's/count RESUME of/time waiting for/' lesson.md",
          "mine/lesson.md:18: a time is written: time waiting of NAME" },
        { "sed -i 's/count RESUME of Task-1/time waiting of Task-9/' lesson.md",
          "mine/lesson.md:18: the trace has no task 'Task-9'" },
        { "sed -i 's/count RESUME/guess RESUME/' lesson.md",
          "mine/lesson.md:18: there is no query 'guess'" },
        { "sed -i 's/Task-1` = /Task-1 in other` = /' lesson.md",
          "mine/lesson.md:18: there is no variant 'other'" },
        { "sed -i 's/^## Questions/## Variants\\n\\n- `other`: it\\n\\n&/' lesson.md",
          "mine/lesson.md:16: there is no file 'other.c'" },
        { "sed -i 's/^## Questions/## Variants\\n\\n- `..\\/x`: it\\n\\n&/' lesson.md",
          "mine/lesson.md:16: a variant is written - `name-of-it`: what is different" },
        { "echo words >trace.weft", "mine/trace.weft: it cannot be read: " },
        { "head -c 1500 trace.weft >t; mv t trace.weft", "mine/trace.weft: it is damaged: " },
        { "printf 'one\\ntwo\\nthree' >lesson.c",
          "mine/trace.weft: something happened at line 13 of lesson.c, "
          "which has 3: record it anew" },
        { "cp $WEFT_LESSONS/09-lock/same-order.weft trace.weft",
          "mine/trace.weft: nothing in it happened at a line of lesson.c: record it anew" },
    };
    struct command weft;
    start(&weft);
    command_shell(&weft, "cp -rL mine whole");
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *script = g_strdup_printf("rm -rf mine; cp -r whole mine; cd mine; %s",
                                                  cases[i].change);
        command_shell(&weft, script);
        command_run(&weft, "lessons check mine");
        if (weft.code != 1 || !strstr(weft.out, cases[i].says))
            g_error("%s: %d, %s", cases[i].change, weft.code, weft.out);
        g_assert_cmpstr(weft.err, ==, "");
        /* Whatever is wrong, the other verbs come to an end, without a crash. */
        command_shell(&weft, "exec $WEFT lessons tell ./mine");
        g_assert_cmpint(weft.code, <=, 4);
        command_shell(&weft, "yes | $WEFT lessons quiz ./mine; exit $?");
        g_assert_cmpint(weft.code, <=, 4);
    }
    command_finish(&weft);
}

/* Traces that say less than a lesson's. */
static void test_poor_traces(void)
{
    static const struct {
        void (*write)(const char *path);
        const char *check, *tell;
    } cases[] = {
        { fixture_write_empty, "no task is in it", "Nothing happened: the trace has no loop.\n" },
        { fixture_write_lossy, "events were lost: record it anew", "1,000 events are lost here" },
        { fixture_write_two_loops, "no task is in it", "\nloop " },
        { fixture_write_gather, "nothing in it happened at a line of lesson.c", " awaits " },
    };
    struct command weft;
    start(&weft);
    g_autofree char *path = command_path(&weft, "mine/trace.weft");
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        cases[i].write(path);
        command_run(&weft, "lessons check mine");
        g_assert_cmpint(weft.code, ==, 1);
        g_assert_nonnull(strstr(weft.out, cases[i].check));
        command_run(&weft, "lessons tell mine");
        g_assert_cmpint(weft.code, ==, 0);
        if (!strstr(weft.out, cases[i].tell))
            g_error("%s", weft.out);
    }
    command_finish(&weft);
}

/* ---- Running ---- */

static void write_program(struct command *weft, const char *text)
{
    g_autofree char *path = command_path(weft, "mine/lesson");
    g_autofree char *script = g_strconcat("#!/bin/sh\n", text, "\n", NULL);
    g_assert_true(g_file_set_contents_full(path, script, -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
}

static void test_runs(void)
{
    struct command weft;
    start(&weft);
    command_shell(
        &weft, "cp $WEFT_HELLO mine/lesson; $WEFT lessons run mine >said; code=$?;"
               "head -3 said; grep -c 'Task-1 is done' said; $WEFT lessons | grep mine | tr -s ' ';"
               "ls .home/weft/lessons/mine.weft; exit $code");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_cmpstr(weft.out, ==,
                    "Hello ...\n... World!\n\n1\n 77 mine Hello, world run\n"
                    ".home/weft/lessons/mine.weft\n");
    command_finish(&weft);
}

static void test_programs_that_fail(void)
{
    struct command weft;
    start(&weft);
    write_program(&weft, "echo so far; exit 3");
    command_run(&weft, "lessons run mine");
    g_assert_cmpint(weft.code, ==, 1);
    g_assert_true(g_str_has_prefix(weft.out, "so far\n"));
    g_assert_nonnull(strstr(weft.err, "the program failed: it ended with 3"));
    write_program(&weft, "kill -SEGV $$");
    command_run(&weft, "lessons run mine");
    g_assert_cmpint(weft.code, ==, 1);
    g_assert_nonnull(strstr(weft.out, "killed by signal 11"));
    command_shell(&weft, "$WEFT lessons | grep -q 'mine.*run'");
    g_assert_cmpint(weft.code, ==, 1); /* it has not been run until it ran well */
    command_finish(&weft);
}

static void test_programs_without_end(void)
{
    struct command weft;
    start(&weft);
    write_program(&weft, "exec sleep 600");
    command_run(&weft, "lessons run mine --limit 100ms");
    g_assert_cmpint(weft.code, ==, 1);
    g_assert_nonnull(strstr(weft.err, "its time of 100 ms was over (--limit)"));
    /* Somebody who is left behind with the output is not waited for. */
    write_program(&weft, "sleep 600 & echo $! >left; echo here");
    command_run(&weft, "lessons run mine");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_true(g_str_has_prefix(weft.out, "here\n"));
    command_shell(&weft, "kill $(cat left)");
    g_assert_cmpint(weft.code, ==, 0);
    command_finish(&weft);
}

static void test_programs_that_print_much(void)
{
    struct command weft;
    start(&weft);
    write_program(&weft, "head -c 5000000 /dev/zero | tr '\\0' x");
    command_run(&weft, "lessons run mine");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_cmpuint(strspn(weft.out, "x"), ==, 64 * 1024);
    g_assert_nonnull(strstr(weft.out, "x\n… and 4.71 MiB more\n"));
    write_program(&weft, "exec yes");
    command_run(&weft, "lessons run mine --limit 100ms");
    g_assert_cmpint(weft.code, ==, 1);
    g_assert_cmpuint(strlen(weft.out), <, 65 * 1024); /* however far it came */
    command_finish(&weft);
}

/* A lesson without a program is compiled, by what cc and pkg-config there are. */
static void test_compiles(void)
{
    static const char cc[] =
        "#!/bin/sh\n[ -f \"$1\" ] && [ $2 = -lweft ] && exec >\"$4\" && chmod +x \"$4\""
        " && echo '#!/bin/sh' && echo \"echo from ${1%/lesson.c}\"\n";
    struct command weft;
    start(&weft);
    command_shell(&weft, "mkdir bin; printf '#!/bin/sh\\necho -lweft\\n' >bin/pkg-config;"
                         "chmod +x bin/pkg-config");
    g_autofree char *path = command_path(&weft, "bin/cc");
    g_assert_true(g_file_set_contents_full(path, cc, -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
    command_shell(&weft, "PATH=$PWD/bin:$PATH exec $WEFT lessons run mine");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_true(g_str_has_prefix(weft.out, "from "));
    g_assert_nonnull(strstr(weft.out, "/77-mine\n"));
    /* One of one's own is not the one that came with Weft, whatever it is called. */
    command_shell(&weft, "cp -rL mine .home/weft/lessons/99-lock;"
                         "PATH=$PWD/bin:$PATH exec $WEFT lessons run lock");
    g_assert_nonnull(strstr(weft.out, "/99-lock\n"));
    command_shell(&weft, "echo 'exit 1' >bin/cc; PATH=$PWD/bin:$PATH exec $WEFT lessons run mine");
    command_assert_fails(&weft, 4, "lesson.c' does not compile: it needs cc, and pkg-config weft");
    command_finish(&weft);
}

/* The viewer is given the variant's trace; where there is none that is said before. */
static void test_opens(void)
{
    struct command weft;
    start(&weft);
    command_copy_weft(&weft);
    command_fake_viewer(&weft);
    command_shell(&weft, "exec $WEFT_COPY lessons open lock --variant same-order");
    g_assert_cmpint(weft.code, ==, 9);
    g_assert_nonnull(strstr(weft.out, "/09-lock/same-order.weft"));
    command_shell(&weft, "rm mine/trace.weft; exec $WEFT_COPY lessons open mine");
    command_assert_fails(&weft, 4, "77-mine/trace.weft");
    command_finish(&weft);
}

/* ---- What is kept ---- */

static void test_progress(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "printf '3\\n1 s\\n9\\n' | $WEFT lessons quiz mine >/dev/null;"
                         "$WEFT lessons | grep mine");
    g_assert_nonnull(strstr(weft.out, "  1 of 3 right\n"));
    /* A damaged file counts as none, and is written anew. */
    command_shell(&weft, "printf 'x\\0[[[' >.home/weft/lessons.ini; $WEFT lessons | grep mine;"
                         "$WEFT lessons tell mine >/dev/null; $WEFT lessons | grep mine");
    g_assert_null(strstr(weft.out, "right"));
    g_assert_nonnull(strstr(weft.out, "  seen\n"));
    /* A folder may be called anything. */
    command_shell(&weft, "cp -rL mine \"$(printf '.home/weft/lessons/[a]=\\377\\nb')\";"
                         "$WEFT lessons tell ./.home/weft/lessons/?a* >/dev/null;"
                         "$WEFT lessons | grep -c seen");
    g_assert_cmpstr(weft.out, ==, "2\n");
    g_assert_cmpstr(weft.err, ==, "");
    /* Where it cannot be kept that is said, and all else works. */
    command_shell(&weft, "XDG_STATE_HOME=/dev/null exec $WEFT lessons tell mine");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.err, "weft: what you have done is not kept: "));
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/lessons/own-lessons", test_own_lessons);
    g_test_add_func("/cli/lessons/broken-parts", test_broken_parts);
    g_test_add_func("/cli/lessons/poor-traces", test_poor_traces);
    g_test_add_func("/cli/lessons/runs", test_runs);
    g_test_add_func("/cli/lessons/programs-that-fail", test_programs_that_fail);
    g_test_add_func("/cli/lessons/programs-without-end", test_programs_without_end);
    g_test_add_func("/cli/lessons/programs-that-print-much", test_programs_that_print_much);
    g_test_add_func("/cli/lessons/compiles", test_compiles);
    g_test_add_func("/cli/lessons/opens", test_opens);
    g_test_add_func("/cli/lessons/progress", test_progress);
    return g_test_run();
}
