/* top_test.c: `weft top` in a terminal of its own: keys go in, what is on the screen is read. */
#include "app/cli/topsample.h"
#include "command.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE = 200 }; /* looks at the screen until a test that waits in vain fails */

struct terminal {
    struct command weft; /* for its private directory */
    GPid program;        /* that is looked at */
    int says;
    int fd; /* the terminal's master */
    pid_t top;
};

static void start_program(struct terminal *t, const char *mode)
{
    char *argv[] = { (char *)g_getenv("WEFT_WAITS"), (char *)mode, NULL };
    GError *error = NULL;
    g_spawn_async_with_pipes(NULL, argv, t->weft.environment, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                             &t->program, NULL, &t->says, NULL, &error);
    g_assert_no_error(error);
    char byte;
    g_assert_cmpint(read(t->says, &byte, 1), ==, 1); /* "ready" */
}

static void start_top(struct terminal *t, gboolean with_pid)
{
    struct winsize size = { .ws_row = 30, .ws_col = 150 };
    char *pid = g_strdup_printf("%d", (int)t->program);
    char **environment = g_environ_setenv(g_strdupv(t->weft.environment), "TERM", "xterm", TRUE);
    char *argv[] = { (char *)g_getenv("WEFT"), (char *)"top", (char *)"--delay=0.05",
                     with_pid ? pid : NULL, NULL };
    t->top = forkpty(&t->fd, NULL, NULL, &size);
    if (t->top == 0) {
        execve(argv[0], argv, environment);
        _exit(127);
    }
    g_assert_cmpint(t->top, >, 0);
    g_strfreev(environment);
    g_free(pid);
}

static void start(struct terminal *t, const char *mode)
{
    command_start(&t->weft);
    start_program(t, mode);
    start_top(t, TRUE);
}

/* Keys, as a terminal sends them. */
static void type(struct terminal *t, const char *keys)
{
    g_assert_cmpint(write(t->fd, keys, strlen(keys)), ==, (gssize)strlen(keys));
}

/* What comes until nothing more does for a tenth of a second. Escape sequences become a space. */
static char *read_screen(struct terminal *t)
{
    GString *text = g_string_new(NULL);
    struct pollfd poll_fd = { .fd = t->fd, .events = POLLIN };
    char bytes[4096];
    gssize n;
    while (poll(&poll_fd, 1, 100) > 0 && (n = read(t->fd, bytes, sizeof bytes)) > 0)
        g_string_append_len(text, bytes, n);
    GRegex *escapes = g_regex_new("\033\\[[0-9;?]*[A-Za-z]|\033[()][A-Z0-9]|\033.|[\\r\\n\\x0f]| ",
                                  G_REGEX_RAW, 0, NULL);
    char *plain = g_regex_replace_literal(escapes, text->str, (gssize)text->len, 0, " ", 0, NULL);
    GRegex *spaces = g_regex_new(" +", G_REGEX_RAW, 0, NULL);
    char *screen = g_regex_replace_literal(spaces, plain, -1, 0, " ", 0, NULL);
    g_regex_unref(spaces);
    g_regex_unref(escapes);
    g_free(plain);
    g_string_free(text, TRUE);
    return screen;
}

/* Whether `part` comes to stand on the screen; or, when `gone`, no longer does. */
static void wait_for(struct terminal *t, const char *part, gboolean gone)
{
    char *screen = NULL;
    gboolean so = FALSE;
    for (guint i = 0; i < PATIENCE && !so; i++) {
        type(t, "\f"); /* all of it anew */
        g_free(screen);
        screen = read_screen(t);
        so = *screen && (strstr(screen, part) == NULL) == gone;
    }
    if (!so)
        g_error("'%s' is %s the screen: %s", part, gone ? "still on" : "not on", screen);
    g_free(screen);
}

static void end_program(struct terminal *t)
{
    kill(t->program, SIGKILL);
    waitpid(t->program, NULL, 0);
    close(t->says);
}

/* It leaves with 0, and leaves the terminal as it was. */
static void finish(struct terminal *t)
{
    int status;
    type(t, "q");
    g_free(read_screen(t));
    while (waitpid(t->top, &status, 0) < 0)
        g_assert_cmpint(errno, ==, EINTR);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
    close(t->fd);
    command_finish(&t->weft);
}

static void test_tasks(void)
{
    struct terminal t;
    start(&t, "abba");
    wait_for(&t, "running", FALSE);
    wait_for(&t, "6 tasks: 6 waiting; 0 events lost", FALSE);
    wait_for(&t, "deadlock: reader waits for lock \"b\", held by writer", FALSE);
    wait_for(&t, "writer waiting 0.0 0.0", FALSE);
    wait_for(&t, "polling 100.0 %", FALSE);
    wait_for(&t, ">RUN %", FALSE);
    end_program(&t);
    wait_for(&t, "killed by a signal", FALSE); /* and stays shown */
    wait_for(&t, "writer waiting", FALSE);
    finish(&t);
}

static void test_keys(void)
{
    struct terminal t;
    start(&t, "abba");
    type(&t, "N");
    wait_for(&t, ">TASK STATE RUN % READY% WAIT %", FALSE);
    type(&t, "S");
    wait_for(&t, ">FOR", FALSE);
    type(&t, "/lock \"a\"");
    wait_for(&t, "filter: lock \"a\"_", FALSE);
    wait_for(&t, "gatherer waiting", TRUE);
    type(&t, "\r\r"); /* ends typing; the story of the one that is left */
    wait_for(&t, "the story of writer", FALSE);
    wait_for(&t, "It waits for lock a", FALSE);
    type(&t, "q/\033");
    wait_for(&t, "gatherer waiting", FALSE);
    type(&t, "?");
    wait_for(&t, "weft top: keys", FALSE);
    type(&t, "qp");
    wait_for(&t, "(paused: p goes on)", FALSE);
    type(&t, "p");
    wait_for(&t, "(paused", TRUE);
    type(&t, "N\033[B\033[B\033[6~\033[5~\033OB\r"); /* the second by name */
    wait_for(&t, "the story of Task-5", FALSE);
    type(&t, "q");
    end_program(&t);
    finish(&t);
}

/* A terminal that becomes small, too small, and large again. */
static void test_resize(void)
{
    struct terminal t;
    start(&t, "abba");
    wait_for(&t, "gatherer waiting", FALSE);
    const struct winsize sizes[] = { { .ws_row = 9, .ws_col = 40 },
                                     { .ws_row = 2, .ws_col = 5 },
                                     { .ws_row = 20, .ws_col = 60 },
                                     { .ws_row = 60, .ws_col = 200 } };
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        ioctl(t.fd, TIOCSWINSZ, &sizes[i]);
        kill(t.top, SIGWINCH);
        wait_for(&t, i == 1 ? "cli" : "cli-waits", FALSE);
        if (i == 2) /* what it awaits is worth more than the shares */
            wait_for(&t, "TASK >RUN % FOR AWAITS", FALSE);
    }
    wait_for(&t, "gatherer waiting", FALSE);
    end_program(&t);
    finish(&t);
}

/* It does not hear that it is looked at; it is shown all the same. Without PID: the newest. */
static void test_held(void)
{
    struct terminal t;
    command_start(&t.weft);
    start_program(&t, "held");
    start_top(&t, FALSE);
    wait_for(&t, "does not answer: hog holds its loop", FALSE);
    wait_for(&t, "hog holds its loop, which has not polled for", FALSE);
    wait_for(&t, "2 tasks are ready behind it", FALSE);
    end_program(&t);
    wait_for(&t, "killed by a signal", FALSE);
    wait_for(&t, "hog holds its loop, which has not polled for", FALSE); /* as it was then */
    finish(&t);
}

static void test_refused(void)
{
    struct command weft;
    command_start(&weft);
    command_run(&weft, "top");
    command_assert_fails(&weft, 4, "top needs a terminal: weft top --json and weft ps --watch do");
    command_run(&weft, "top --count 3");
    command_assert_fails(&weft, 2, "--count is for --json");
    command_run(&weft, "top --json --count 0");
    command_assert_fails(&weft, 2, "expected more than 0");
    command_run(&weft, "top --json");
    command_assert_fails(&weft, 4, "no process is traced");
    command_run(&weft, "top --json 4194305");
    command_assert_fails(&weft, 4, "there is no process 4194305");
    command_run(&weft, "top me");
    command_assert_fails(&weft, 2, "'me' is no process");
    command_run(&weft, "top --delay 0");
    command_assert_fails(&weft, 2, "expected more than 0");
    command_finish(&weft);
}

/* Runs what `abba` does, and `script` once all of its tasks wait; $p is the program's number. */
static char **lines_of(struct command *weft, const char *script)
{
    char *whole = g_strconcat(
        "mkfifo says; $WEFT_WAITS abba >says & p=$!; read word <says;"
        "until $WEFT ps $p --json | grep -q '\"does\":\"polls\"'; do :; done;",
        script, NULL);
    command_shell(weft, whole);
    g_assert_cmpstr(weft->err, ==, "");
    g_free(whole);
    return g_strsplit(weft->out, "\n", -1);
}

/* So many lines, or until the program ends: the last line says so. */
static void test_json(void)
{
    static const char deadlock[] = "\"deadlock\":\"reader waits for lock \\\"b\\\", held by ";
    struct command weft;
    command_start(&weft);
    char **lines = lines_of(&weft,
                            "$WEFT top --json --count 2 --delay 0.05; echo $?; kill $p; wait");
    g_assert_cmpuint(g_strv_length(lines), ==, 4);
    g_assert_nonnull(strstr(lines[0], deadlock));
    g_assert_nonnull(strstr(lines[0], "\"ended\":false,"));
    g_assert_nonnull(strstr(lines[1], "\"name\":\"reader\""));
    g_assert_cmpstr(lines[2], ==, "0");
    g_strfreev(lines);
    command_finish(&weft);

    command_start(&weft);
    lines = lines_of(&weft, "mkfifo seen; $WEFT top $p --json --delay 0.05 >seen & w=$!;"
                            "{ read one; kill -9 $p; cat; } <seen | tail -n 1; wait $w; echo $?");
    g_assert_cmpuint(g_strv_length(lines), ==, 3);
    g_assert_nonnull(strstr(lines[0], deadlock));
    g_assert_nonnull(strstr(lines[0], "\"ended\":true,"));
    g_assert_cmpstr(lines[1], ==, "0");
    g_strfreev(lines);
    command_finish(&weft);
}

static void assert_says(const char *argument, const char *text)
{
    struct terminal t;
    struct winsize size = { .ws_row = 30, .ws_col = 150 };
    command_start(&t.weft);
    char *argv[] = { (char *)g_getenv("WEFT"), (char *)"top", (char *)argument, NULL };
    t.top = forkpty(&t.fd, NULL, NULL, &size);
    if (t.top == 0) {
        execve(argv[0], argv, t.weft.environment);
        _exit(127);
    }
    int status;
    char *screen = read_screen(&t);
    while (!strstr(screen, text) && waitpid(t.top, &status, WNOHANG) == 0) {
        g_free(screen);
        screen = read_screen(&t);
    }
    g_assert_nonnull(strstr(screen, text));
    g_free(screen);
    waitpid(t.top, &status, 0);
    close(t.fd);
    command_finish(&t.weft);
}

static void test_nobody(void)
{
    assert_says(NULL, "no process is traced");
    assert_says("4194305", "there is no process 4194305");
}

static const struct top_row *row_at(const struct top_sample *sample, guint i)
{
    g_assert_cmpuint(i, <, sample->rows->len);
    return &g_array_index(sample->rows, struct top_row, i);
}

static const struct top_sample *next_sample(top *t, enum top_order order, const char *filter)
{
    g_usleep(2000);
    g_assert_true(top_poll(t));
    return top_take(t, order, filter);
}

/* Texts are made of those rows only that are looked at; numbers of all: who waited all the time
 * did nothing else. */
static void test_samples(void)
{
    struct terminal program = { 0 };
    command_start(&program.weft);
    start_program(&program, "abba");
    g_setenv("XDG_RUNTIME_DIR", g_environ_getenv(program.weft.environment, "XDG_RUNTIME_DIR"),
             TRUE);
    g_autoptr(GError) error = NULL;
    top *t = top_new((guint64)program.program, &error);
    g_assert_no_error(error);
    next_sample(t, TOP_RUNNING, "");
    const struct top_sample *sample = next_sample(t, TOP_WAITING, "");
    g_assert_cmpuint(sample->rows->len, >=, 3);
    for (guint i = 0; i < sample->rows->len; i++) {
        g_assert_null(row_at(sample, i)->name);
        g_assert_null(row_at(sample, i)->where);
        g_assert_cmpfloat(row_at(sample, i)->waiting, ==, 1);
        g_assert_cmpfloat(row_at(sample, i)->running, ==, 0);
        g_assert_cmpfloat(row_at(sample, i)->resumes, ==, 0);
    }
    top_describe(t, 1, 1);
    g_assert_null(row_at(sample, 0)->where);
    g_assert_nonnull(row_at(sample, 1)->name);
    g_assert_nonnull(row_at(sample, 1)->where);
    top_describe(t, 0, G_MAXUINT);
    top_describe(t, sample->rows->len + 1, 1);
    for (guint i = 0; i < sample->rows->len; i++)
        g_assert_cmpstr(row_at(sample, i)->awaits, !=, "");
    sample = next_sample(t, TOP_NAME, "");
    for (guint i = 1; i < sample->rows->len; i++)
        g_assert_cmpstr(row_at(sample, i - 1)->name, <=, row_at(sample, i)->name);
    sample = next_sample(t, TOP_RUNNING, "writer");
    g_assert_cmpuint(sample->rows->len, >=, 1);
    g_assert_cmpuint(sample->rows->len, <, sample->tasks);
    top_free(t);
    kill(program.program, SIGKILL);
    waitpid(program.program, NULL, 0);
    g_spawn_close_pid(program.program);
    close(program.says);
    command_finish(&program.weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/top/tasks", test_tasks);
    g_test_add_func("/cli/top/keys", test_keys);
    g_test_add_func("/cli/top/resize", test_resize);
    g_test_add_func("/cli/top/held", test_held);
    g_test_add_func("/cli/top/json", test_json);
    g_test_add_func("/cli/top/samples", test_samples);
    g_test_add_func("/cli/top/refused", test_refused);
    g_test_add_func("/cli/top/nobody", test_nobody);
    return g_test_run();
}
