/* emitter.c: a traced program for record_test.c, of nothing but the probe.
 *
 *      emitter events N     N slices, then ends with 0
 *      emitter noise N      N values that do not compress, then ends with 0
 *      emitter exit CODE    a slice, then ends with CODE
 *      emitter kill SIGNAL  a slice, then kills itself
 *      emitter wait         a slice, says "ready", waits for SIGINT or SIGTERM, and ends with how
 *                           many of them came within the time that a second one would take
 *      emitter laps N       N slices, then as wait
 *      emitter flood        slices without end, once it has said "ready"
 *      emitter fork         a slice; then a child of fork() does the same, and ends with 5
 *      emitter become MODE  a slice; then it becomes emitter MODE 3, by exec()
 *      emitter hang         the same, but in the midst of a slice */
#include "tracer/probe/session.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
    (void)number;
    signals++;
}

static void emit_slices(struct weft_writer *w, uint64_t task, long n)
{
    for (long i = 0; i < n; i++) {
        weft_emit(w, WEFT_RECORD_RESUME, 0, 0, task, 0);
        weft_set_current_task(w, task);
        weft_emit(w, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, weft_site_id(WEFT_HERE), task, 0);
        weft_set_current_task(w, 0);
    }
}

static void emit_noise(struct weft_writer *w, long n)
{
    uint64_t counter = weft_new_id(w, WEFT_ENTITY_COUNTER);
    uint64_t value = 88172645463325252; /* xorshift */
    for (long i = 0; i < n; i++) {
        value ^= value << 13;
        value ^= value >> 7;
        value ^= value << 17;
        weft_emit(w, WEFT_RECORD_COUNTER, 0, 0, counter, value);
    }
}

/* Waits for a signal, and a moment more for a second one that must not come. */
static int wait_for_signals(void)
{
    struct sigaction action = { .sa_handler = count_signal };
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigset_t both, before;
    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGTERM);
    sigprocmask(SIG_BLOCK, &both, &before);
    puts("ready");
    fflush(stdout);
    while (signals == 0)
        sigsuspend(&before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    poll(NULL, 0, 100);
    return signals;
}

/* One slice of a task, in a ring of this process's own. */
static struct weft_writer *begin(uint64_t *task)
{
    weft_probe_start();
    struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
    *task = weft_new_id(w, WEFT_ENTITY_TASK);
    weft_emit(w, WEFT_RECORD_TASK_NEW, 0, weft_site_id(WEFT_HERE), *task, 0);
    weft_emit(w, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, *task, 0);
    emit_slices(w, *task, 1);
    return w;
}

static void fork_one(void)
{
    uint64_t task;
    pid_t child = fork();
    if (child > 0) {
        waitpid(child, NULL, 0);
    } else if (child == 0) {
        weft_probe_close_ring(begin(&task), 0);
        exit(5);
    }
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    long number = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    uint64_t task;
    struct weft_writer *w = begin(&task);
    if (strcmp(mode, "events") == 0)
        emit_slices(w, task, number - 1);
    if (strcmp(mode, "fork") == 0)
        fork_one();
    if (strcmp(mode, "become") == 0 && argc > 2)
        execl(argv[0], argv[0], argv[2], "3", (char *)NULL);
    if (strcmp(mode, "noise") == 0)
        emit_noise(w, number);
    int code = strcmp(mode, "exit") == 0 ? (int)number : 0;
    if (strcmp(mode, "kill") == 0)
        raise((int)number);
    if (strcmp(mode, "hang") == 0) {
        weft_emit(w, WEFT_RECORD_RESUME, 0, 0, task, 0);
        code = wait_for_signals();
    }
    if (strcmp(mode, "laps") == 0)
        emit_slices(w, task, number);
    if (strcmp(mode, "flood") == 0) {
        puts("ready");
        fflush(stdout);
        for (;;)
            emit_slices(w, task, 1000);
    }
    if (strcmp(mode, "wait") == 0 || strcmp(mode, "laps") == 0) {
        code = wait_for_signals();
        emit_slices(w, task, 1);
    }
    weft_emit(w, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, task, 0);
    weft_probe_close_ring(w, 0);
    return code;
}
