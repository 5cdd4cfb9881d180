/* emitter.c: the traced program of the tests: emits through the probe, and counts what it emits in
 * a file that it shares with the test.
 *
 *      emitter COUNTERS EVENTS exit|kill|wait|flood
 *
 * Two tasks take turns; every 50th turn emits an EXT. Then it ends with exit code 3, kills itself,
 * waits for the end of its standard input and ends, or goes on emitting for ever. */
#include "tests/trace/emitter.h"
#include "tracer/probe/session.h"
#include "tracer/probe/strings.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct emitter_counters *counters;
static struct weft_writer *writer;

static void started(unsigned slots)
{
    atomic_fetch_add_explicit(&counters->started, slots, memory_order_relaxed);
}

static void completed(unsigned slots)
{
    atomic_fetch_add_explicit(&counters->completed, slots, memory_order_relaxed);
}

static void emit(enum weft_record_kind kind, unsigned detail, uint32_t site, uint64_t subject,
                 uint64_t object)
{
    started(1);
    weft_emit(writer, kind, detail, site, subject, object);
    completed(1);
}

static uint64_t create_task(const char *name)
{
    uint32_t site = weft_site_id(WEFT_HERE);
    uint64_t task = weft_new_id(writer, WEFT_ENTITY_TASK);
    emit(WEFT_RECORD_TASK_NEW, 0, site, task, 0);
    emit(WEFT_RECORD_TASK_NAME, 0, site, task, weft_string_add(name, SIZE_MAX));
    emit(WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, task, 0);
    return task;
}

static void take_turn(uint64_t task, unsigned turn)
{
    weft_set_current_task(writer, task);
    emit(WEFT_RECORD_RESUME, 0, 0, task, 0);
    if (turn % 50 == 0) {
        struct weft_ext_text text = { .text = weft_string_add("enough", SIZE_MAX) };
        started(2);
        weft_emit_ext(writer, WEFT_RECORD_CANCEL_REQUEST, 0, 0, task, task, &text);
        completed(2);
    }
    emit(WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, weft_site_id(WEFT_HERE), task, 0);
    weft_set_current_task(writer, 0);
}

static void wait_for_end_of_input(void)
{
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    int fd = open(argv[1], O_RDWR | O_CLOEXEC);
    counters = mmap(NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd < 0 || counters == MAP_FAILED)
        return 2;
    unsigned long events = strtoul(argv[2], NULL, 10);
    const char *how = argv[3];
    weft_probe_start();
    started(2); /* PROCESS and LOOP_OPEN */
    writer = weft_probe_open_ring(WEFT_RING_LOOP);
    completed(2);
    uint64_t tasks[2] = { create_task("ping"), create_task("pong") };
    for (unsigned turn = 0; counters->completed < events || strcmp(how, "flood") == 0; turn++) {
        take_turn(tasks[turn % 2], turn + 1);
        weft_probe_turn(writer, weft_clock_now());
    }
    atomic_store(&counters->done, 1);
    if (strcmp(how, "kill") == 0)
        raise(SIGKILL);
    if (strcmp(how, "wait") == 0)
        wait_for_end_of_input();
    started(2); /* LOOP_CLOSE and PROCESS_EXIT */
    weft_probe_close_ring(writer, 2);
    weft_probe_stop(3);
    completed(2);
    return 3;
}
