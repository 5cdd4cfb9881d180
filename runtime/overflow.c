/* overflow.c: see overflow.h. The handler only reads what the faulting thread itself owns, and only
 * calls what is async-signal-safe. */
#include "runtime/overflow.h"
#include "runtime/generator.h"
#include "runtime/loop.h"
#include "runtime/task.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ALTERNATE_STACK = 64 * 1024 };

#if !defined(WEFT__ASAN) && !defined(WEFT__TSAN)
static void say(const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t n = write(STDERR_FILENO, text, left);
        if (n <= 0)
            return;
        text += n;
        left -= (size_t)n;
    }
}

static void say_number(uint64_t n)
{
    char digits[24], *at = digits + sizeof digits - 1;
    *at = 0;
    do
        *--at = (char)('0' + n % 10);
    while (n /= 10);
    say(at);
}

static void on_fault(int signal_number, siginfo_t *info, void *context)
{
    (void)context;
    struct weft__task *task = weft__current();
    const struct weft__stack *stack = task ? weft__task_stack(task) : NULL;
    if (stack && weft__stack_guards(stack, info->si_addr)) {
        say("weft: stack overflow in task ");
        if (task->future.name) {
            say(task->future.name);
        } else {
            say("Task-");
            say_number(weft_id_counter(task->future.id));
        }
        if (task->future.site) {
            say(" (created at ");
            say(task->future.site->file);
            say(":");
            say_number(task->future.site->line);
            say(")");
        }
        say(": its stack has ");
        say_number(stack->size);
        say(" bytes; .stack_size gives it more\n");
    }
    /* Once more, with the default action: the fault is repeated when the handler returns. */
    signal(signal_number, SIG_DFL);
    if (info->si_code <= 0) /* no fault: kill(2) or raise(3) sent it, and nothing repeats that */
        raise(signal_number);
}

void weft__watch_overflows(void)
{
    static __thread bool have_stack;
    struct sigaction action;
    if (sigaction(SIGSEGV, NULL, &action) < 0 ||
        (action.sa_handler != SIG_DFL && action.sa_sigaction != on_fault))
        return;
    if (!have_stack) {
        stack_t stack;
        if (sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_DISABLE)) {
            stack = (stack_t){ .ss_size = ALTERNATE_STACK };
            stack.ss_sp = mmap(NULL, ALTERNATE_STACK, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (stack.ss_sp == MAP_FAILED || sigaltstack(&stack, NULL) < 0)
                return;
        }
        have_stack = true; /* it lasts as long as the thread */
    }
    action = (struct sigaction){ .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, NULL);
}
#else
void weft__watch_overflows(void)
{
}
#endif
