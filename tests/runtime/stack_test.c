/* stack_test.c: stacks: the pool, the three kinds of guard, and what an overflow says. Each case is
 * a child process, since a process settles on a kind of guard once. */
#include "runtime/coroutine.h"
#include "runtime/stack.h"
#include "runtime/weft.h"
#include "tests/valgrind.h"
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(WEFT__ASAN) || defined(WEFT__TSAN)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* Runs `body` in a child with WEFT_GUARD; what it wrote to stderr, and how it ended. */
static char *in_child(void (*body)(void), const char *guard, int *status)
{
    int out[2];
    g_assert_cmpint(pipe(out), ==, 0);
    pid_t pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
        dup2(out[1], STDERR_FILENO);
        close(out[0]);
        g_setenv("WEFT_GUARD", guard, TRUE);
        body();
        _exit(0);
    }
    close(out[1]);
    GString *text = g_string_new(NULL);
    char buffer[4096];
    for (ssize_t n; (n = read(out[0], buffer, sizeof buffer)) > 0;)
        g_string_append_len(text, buffer, n);
    close(out[0]);
    g_assert_cmpint(waitpid(pid, status, 0), ==, pid);
    return g_string_free(text, FALSE);
}

static void expect_ok(void (*body)(void), const char *guard)
{
    int status;
    g_autofree char *text = in_child(body, guard, &status);
    if (status != 0)
        g_test_message("%s", text);
    g_assert_cmpint(status, ==, 0);
}

/* ---- The pool ---- */

static void fill(struct weft__stack *stack)
{
    memset(stack->low + 4096, 1, stack->size - 4096);
}

static void body_pool(void)
{
    struct weft__stack_pool pool;
    weft__stack_pool_init(&pool, 100000);
    struct weft__stack *stacks[200];
    for (int i = 0; i < 200; i++) {
        stacks[i] = weft__stack_take(&pool, 0);
        if (!stacks[i] || stacks[i]->size < 100000)
            _exit(1);
        fill(stacks[i]);
        for (int j = 0; j < i; j++)
            if (stacks[j] == stacks[i])
                _exit(2);
    }
    for (int i = 0; i < 200; i++) {
        if (!weft__stack_intact(stacks[i]))
            _exit(3);
        weft__stack_give(&pool, stacks[i]);
    }
    /* The last in is the first out, its deep pages are gone and its top is warm. */
    struct weft__stack *again = weft__stack_take(&pool, 0);
    unsigned char resident[64] = { 0 };
    if (again != stacks[199])
        _exit(4);
    mincore(again->low + 4096, 16 * 4096, resident);
    for (int i = 0; i < 16; i++)
        if (resident[i] & 1)
            _exit(5);
    /* One of its own size. */
    struct weft__stack *large = weft__stack_take(&pool, 1 << 20);
    if (!large || large->size != 1 << 20)
        _exit(6);
    fill(large);
    weft__stack_give(&pool, large);
    weft__stack_pool_finish(&pool);
}

static void test_pool(void)
{
    expect_ok(body_pool, "madvise");
    expect_ok(body_pool, "mprotect");
    expect_ok(body_pool, "none");
}

/* ---- Guards ---- */

static void body_touch_guard(void)
{
    struct weft__stack_pool pool;
    weft__stack_pool_init(&pool, WEFT__STACK_SIZE);
    struct weft__stack *stack = weft__stack_take(&pool, 0);
    volatile char *edge = stack->low;
    edge[0] = 1;
    signal(SIGSEGV, SIG_DFL);
    edge[-1] = 1;
    weft__stack_give(&pool, stack); /* no guard: still here */
    weft__stack_pool_finish(&pool);
}

static void test_guard(void)
{
    int status;
    const char *kinds[] = { "madvise", "mprotect" };
    for (int i = 0; i < 2; i++) {
        g_free(in_child(body_touch_guard, kinds[i], &status));
        g_assert_true(WIFSIGNALED(status));
        g_assert_cmpint(WTERMSIG(status), ==, SIGSEGV);
    }
    /* None: a canary, and one warning. */
    g_autofree char *text = in_child(body_touch_guard, "none", &status);
    g_assert_cmpint(status, ==, 0);
    g_assert_nonnull(strstr(text, "stacks are no longer guarded"));
}

/* ---- Overflow ---- */

static __attribute__((noinline)) int deep(int depth)
{
    volatile char room[2000];
    room[0] = (char)depth;
    room[1999] = 1;
    return depth == 0 ? room[0] : deep(depth - 1) + room[1999];
}

WEFT_ASYNC(void, overflows)
{
    g_assert_cmpint(deep(100000), >, 0);
    return 0;
}

WEFT_ASYNC(void, runs_it)
{
    weft_own weft_task *task = weft_create_task(overflows(), .name = "digger");
    return weft_await(task);
}

static void body_overflow(void)
{
    _exit(weft_run(runs_it()) == 0 ? 0 : 9);
}

WEFT_ASYNC(void, is_sent_one)
{
    return raise(SIGSEGV);
}

static void body_sent(void)
{
    weft_run(is_sent_one());
}

/* One that is sent, and not a fault, ends the program as well. */
static void test_sent(void)
{
    if (SANITIZED) {
        g_test_skip("the sanitizer handles SIGSEGV itself");
        return;
    }
    int status;
    g_free(in_child(body_sent, "madvise", &status));
    g_assert_true(WIFSIGNALED(status));
    g_assert_cmpint(WTERMSIG(status), ==, SIGSEGV);
}

static void test_overflow(void)
{
    if (SANITIZED) {
        g_test_skip("the sanitizer handles SIGSEGV itself");
        return;
    }
    int status;
    const char *kinds[] = { "madvise", "mprotect" };
    for (int i = 0; i < 2; i++) {
        g_autofree char *text = in_child(body_overflow, kinds[i], &status);
        g_assert_true(WIFSIGNALED(status));
        g_assert_cmpint(WTERMSIG(status), ==, SIGSEGV);
        g_assert_true(g_str_has_prefix(text, "weft: stack overflow in task digger (created at "));
    }
}

/* Without a guard the canary tells, when the task suspends. */
WEFT_ASYNC(void, overwrites_canary)
{
    char *here = __builtin_frame_address(0);
    memset(here - WEFT__STACK_SIZE, 0, 64 * 1024);
    WEFT_TRY(weft_sleep(0));
    return 0;
}

WEFT_ASYNC(void, runs_canary)
{
    weft_own weft_task *task = weft_create_task(overwrites_canary(), .name = "digger");
    return weft_await(task);
}

static void body_canary(void)
{
    weft_run(runs_canary());
}

static void test_canary(void)
{
    if (SANITIZED || RUNNING_ON_VALGRIND) {
        g_test_skip("the sanitizer or valgrind would find the overwriting itself");
        return;
    }
    int status;
    g_autofree char *text = in_child(body_canary, "none", &status);
    g_assert_true(WIFSIGNALED(status));
    g_assert_cmpint(WTERMSIG(status), ==, SIGABRT);
    g_assert_nonnull(strstr(text, "stack overflow in task digger: its stack has 262144 bytes"));
}

/* ---- fork ---- */

WEFT_ASYNC(void, forks)
{
    pid_t pid = fork();
    if (pid == 0) {
        if (weft_current_task() || weft_running_loop())
            _exit(1);
        if (weft_sleep(0) != WEFT_ENOTASK)
            _exit(2);
        _exit(0);
    }
    int status = -1;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
    return 0;
}

static void test_fork(void)
{
    g_assert_cmpint(weft_run(forks()), ==, 0);
}

int main(int argc, char **argv)
{
    g_setenv("WEFT_TRACE", "off", TRUE); /* its children die, and would leave their segments */
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/stack/pool", test_pool);
    g_test_add_func("/runtime/stack/guard", test_guard);
    g_test_add_func("/runtime/stack/sent", test_sent);
    g_test_add_func("/runtime/stack/overflow", test_overflow);
    g_test_add_func("/runtime/stack/canary", test_canary);
    g_test_add_func("/runtime/stack/fork", test_fork);
    return g_test_run();
}
