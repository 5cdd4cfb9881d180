/* scope_test.c: how scopes are left, whatever they are: with one of the test's own that suspends
 * while it is left, and makes another code of the body's. */
#include "journal.h"
#include "runtime/scope.h"

struct step { /* a scope: each one makes the code one less */
    struct weft__scope scope;
    const char *name;
};

static void leave(struct weft__scope *scope)
{
    struct step *step = (struct step *)scope;
    int slept = weft_await(weft_sleep(0));
    note("%s:%d%s", step->name, *scope->rc, slept < 0 ? "!" : "");
    if (*scope->rc < 0)
        --*scope->rc;
}

static struct step *enter(struct step *step, const char *name, const char *func, int *rc)
{
    if (!name)
        return NULL;
    step->name = name;
    weft__scope_enter(&step->scope, weft__current(), func, rc, leave);
    return step;
}
#define STEP(name, text, rc) WEFT__SCOPE(struct step, name, enter(&name, text, __func__, &(rc)))

WEFT_ASYNC(void, tries)
{
    int rc = 0;
    STEP(outer, "outer", rc)
    {
        STEP(middle, "middle", rc)
        {
            STEP(inner, "inner", rc)
            {
                WEFT_TRY(-5);
                note("not reached");
            }
        }
    }
    return 0;
}

WEFT_ASYNC(void, calls)
{
    int rc = 0;
    STEP(caller, "caller", rc)
    {
        rc = weft_await(tries());
        note("%d", rc);
        WEFT_TRY(rc);
    }
    return 0;
}

/* Innermost first, each once, each with the code that the one inside it made. */
static void test_try(void)
{
    g_assert_cmpint(weft_run(tries()), ==, -8);
    expect("inner:-5 middle:-6 outer:-7");
    g_assert_cmpint(weft_run(calls()), ==, -9);
    expect("inner:-5 middle:-6 outer:-7 -8 caller:-8");
}

WEFT_ASYNC(void, breaks)
{
    int outer_rc = 0, rc = 0;
    STEP(outer, "outer", outer_rc)
    {
        STEP(inner, "inner", rc)
        {
            WEFT_BREAK(rc, weft_sleep(0));
            WEFT_BREAK(rc, -5);
            note("not reached");
        }
        /* The inner one was left: nothing is reported here. */
        WEFT_BREAK(outer_rc, weft_sleep(0));
        note("%d", rc);
    }
    note("%d", outer_rc);
    return 0;
}

static char *logged;
static void log_to(const char *message)
{
    g_free(logged);
    logged = g_strdup(message);
}
void weft_set_log_function(void (*function)(const char *message));

static void test_break(void)
{
    weft_set_log_function(log_to);
    g_assert_cmpint(weft_run(breaks()), ==, 0);
    weft_set_log_function(NULL);
    g_assert_cmpstr(logged, ==, NULL);
    expect("inner:-5 -6 outer:0 0");
}

WEFT_ASYNC(int, returns, int, how)
{
    int rc = 0;
    STEP(outer, "outer", rc)
    {
        STEP(inner, "inner", rc)
        {
            if (how == 1) {
                *result = 7;
                return 0;
            }
            if (how == 2)
                break;
            if (how == 3)
                goto out;
            if (how == 4)
                continue;
        }
        note("between");
    }
out:
    *result = how;
    return rc;
}

WEFT_ASYNC(void, returning)
{
    for (int how = 0; how <= 4; how++) {
        int value = 0;
        WEFT_TRY(returns(how, &value));
        note("%d", value);
    }
    return 0;
}

/* A bare return, break, goto: by the cleanup attribute, innermost first. */
static void test_return(void)
{
    g_assert_cmpint(weft_run(returning()), ==, 0);
    expect("inner:0 between outer:0 0 inner:0 outer:0 7 inner:0 between outer:0 2 "
           "inner:0 outer:0 3 inner:0 between outer:0 4");
}

WEFT_ASYNC(void, refused)
{
    int rc = 0;
    STEP(outer, "outer", rc)
    {
        STEP(inner, NULL, rc)
        note("not reached");
        WEFT_BREAK(rc, -5);
    }
    return rc;
}

/* A scope that was not entered is not left, nor does the one around it suffer. */
static void test_not_entered(void)
{
    g_assert_cmpint(weft_run(refused()), ==, -6);
    expect("outer:-5");
}

WEFT_ASYNC(void, recurses, int, depth)
{
    int rc = 0;
    STEP(scope, "scope", rc)
    {
        if (depth > 0) {
            rc = weft_await(recurses(depth - 1));
            break;
        }
        WEFT_TRY(-5);
    }
    return rc;
}

/* WEFT_TRY leaves those of its own call, not those of the same function further out. */
static void test_recursion(void)
{
    g_assert_cmpint(weft_run(recurses(2)), ==, -8);
    expect("scope:-5 scope:-6 scope:-7");
}

/* The task is cancelled while a scope is left: what leaves it sees that. */
static void test_cancelled_while_left(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_task *task = weft_create_task(tries());
    weft_loop_stop(loop);
    g_assert_cmpint(weft_loop_run_forever(loop), ==, 0); /* it is leaving the innermost now */
    weft_cancel(task);
    g_assert_cmpint(weft_loop_run_until_complete(loop, task), ==, -8);
    expect("inner:-5! middle:-6 outer:-7");
    weft_unref(task);
    weft_loop_close(loop);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/scope/try", test_try);
    g_test_add_func("/runtime/scope/break", test_break);
    g_test_add_func("/runtime/scope/return", test_return);
    g_test_add_func("/runtime/scope/not-entered", test_not_entered);
    g_test_add_func("/runtime/scope/recursion", test_recursion);
    g_test_add_func("/runtime/scope/cancelled-while-left", test_cancelled_while_left);
    return g_test_run();
}
