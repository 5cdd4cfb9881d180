/* jobs.h: calls for threads: they wait at a gate, and what they own is counted when it is freed. */
#ifndef WEFT_TEST_JOBS_H
#define WEFT_TEST_JOBS_H

#include "gate.h"
#include "runtime/weft.h"
#include <glib.h>
#include <stdlib.h>
#include <string.h>

WEFT_ASYNC(int, adds, int, a, int, b)
{
    *result = a + b;
    return 0;
}

WEFT_ASYNC(int, passes, struct gate *, gate, int, value)
{
    gate_pass(gate);
    *result = value;
    return 0;
}

static int freed; /* atomic */

static void count_free(void *memory)
{
    free(memory);
    __atomic_fetch_add(&freed, 1, __ATOMIC_SEQ_CST);
}

/* An owned result, made of owned arguments. */
WEFT_ASYNC(char *, owns, struct gate *, gate, const char *, text)
{
    gate_pass(gate);
    *result = strdup(text);
    return 0;
}

static weft_future *start_owns(weft_executor *executor, struct gate *gate)
{
    char *text = strdup("text");
    return weft_run_in_executor(executor, owns(gate, text), .free_result = count_free,
                                .on_free = count_free, .on_free_arg = text);
}

static void expect_freed(int wanted)
{
    g_assert_cmpint(__atomic_exchange_n(&freed, 0, __ATOMIC_SEQ_CST), ==, wanted);
}

#endif
