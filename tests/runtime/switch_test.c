/* switch_test.c: one switch implementation, alone: stacks, callee-saved registers, floating point
 * control. Without GLib, so that it runs statically linked under qemu for aarch64 too. */
#include "runtime/switch.h"
#include <fenv.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { STACK = 64 * 1024, TASKS = 100, ROUNDS = 50 };

static int number, failed;

static void check(int ok, const char *what)
{
    printf("%sok %d %s\n", ok ? "" : "not ", ++number, what);
    failed |= !ok;
}

static void *main_sp;

struct task {
    void *sp;
    int id, rounds;
    double sum;
    uint64_t mixed;
};

/* Keeps many values alive across each switch, in whatever registers the compiler chose. */
static void body(void *arg)
{
    struct task *task = arg;
    uint64_t a = (uint64_t)task->id, b = a + 1, c = a + 2, d = a + 3, e = a + 4, f = a + 5;
    double x = task->id, y = x / 3, z = x / 7;
    for (int i = 0; i < ROUNDS; i++) {
        task->rounds++;
        weft__switch(&task->sp, main_sp, weft__fp_control(), 0);
        a += b, b += c, c += d, d += e, e += f, f += 1;
        x += y, y += z;
    }
    task->mixed = a ^ b ^ c ^ d ^ e ^ f;
    task->sum = x;
    weft__switch(&task->sp, main_sp, weft__fp_control(), 0);
    abort();
}

static uint64_t mixed_alone(int id)
{
    uint64_t a = (uint64_t)id, b = a + 1, c = a + 2, d = a + 3, e = a + 4, f = a + 5;
    for (int i = 0; i < ROUNDS; i++)
        a += b, b += c, c += d, d += e, e += f, f += 1;
    return a ^ b ^ c ^ d ^ e ^ f;
}

static void many(void)
{
    static struct task tasks[TASKS];
    char *stacks = malloc((size_t)STACK * TASKS);
    for (int i = 0; i < TASKS; i++) {
        tasks[i].id = i;
        tasks[i].sp = weft__switch_prepare(stacks + (size_t)i * STACK, STACK, body, &tasks[i]);
    }
    for (int round = 0; round <= ROUNDS; round++)
        for (int i = 0; i < TASKS; i++)
            weft__switch(&main_sp, tasks[i].sp, weft__fp_control(), 0);
    int ok = 1;
    for (int i = 0; i < TASKS; i++)
        ok &= tasks[i].rounds == ROUNDS && tasks[i].mixed == mixed_alone(i);
    check(ok, "a hundred coroutines keep their registers");
    free(stacks);
}

static uintptr_t alignment = 1;

static void look_at_alignment(void *arg)
{
    struct task *task = arg;
    _Alignas(16) volatile char here[16];
    alignment = (uintptr_t)here % 16;
    here[0] = 0;
    weft__switch(&task->sp, main_sp, weft__fp_control(), 0);
    abort();
}

static void aligned(void)
{
    struct task task = { 0 };
    char *stack = malloc(STACK);
    for (size_t odd = 0; odd < 32; odd += 8) {
        task.sp = weft__switch_prepare(stack + odd, STACK - 32, look_at_alignment, &task);
        weft__switch(&main_sp, task.sp, weft__fp_control(), 0);
    }
    check(alignment == 0, "stacks begin aligned");
    free(stack);
}

static int inside_at_first, inside_later;

static void rounding(void *arg)
{
    struct task *task = arg;
    inside_at_first = fegetround();
    fesetround(FE_UPWARD);
    weft__switch(&task->sp, main_sp, weft__fp_control(), 0);
    inside_later = fegetround();
    weft__switch(&task->sp, main_sp, weft__fp_control(), 0);
    abort();
}

static void float_control(void)
{
    struct task task = { 0 };
    char *stack = malloc(STACK);
    fesetround(FE_DOWNWARD);
    task.sp = weft__switch_prepare(stack, STACK, rounding, &task);
    weft__switch(&main_sp, task.sp, weft__fp_control(), 0);
    int outside = fegetround();
    fesetround(FE_TONEAREST);
    weft__switch(&main_sp, task.sp, weft__fp_control(), 0);
    check(inside_at_first == FE_DOWNWARD, "a coroutine begins with its maker's rounding mode");
    check(outside == FE_DOWNWARD && inside_later == FE_UPWARD, "each stack has its own after that");
    free(stack);
}

static void adds(void *arg)
{
    struct task *task = arg;
    for (int sum = 0;;)
        sum += weft__switch(&task->sp, main_sp, weft__fp_control(), sum);
}

static void values(void)
{
    struct task task = { 0 };
    char *stack = malloc(STACK);
    task.sp = weft__switch_prepare(stack, STACK, adds, &task);
    int sum = weft__switch(&main_sp, task.sp, weft__fp_control(), -1);
    for (int i = 1; i <= 10; i++)
        sum = weft__switch(&main_sp, task.sp, weft__fp_control(), i);
    check(sum == 55, "values go both ways");
    free(stack);
}

int main(void)
{
    values();
    many();
    aligned();
    float_control();
    printf("1..%d\n", number);
    return failed;
}
