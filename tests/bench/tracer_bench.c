/* tracer_bench.c: what an event costs the program: back to back, sharing a timestamp, amid work,
 * disabled, in a ring that was never touched before, and while two readers poll the ring.
 * One line each: NAME VALUE UNIT, the least of several rounds. Run with WEFT_TRACE=flight.
 *
 * An event is compared with an empty call, as a tracepoint sits in a function that does something
 * else; amid work, with the work alone. */
#include "tracer/probe/session.h"
#include "tracer/probe/user.h"
#include "tracer/trace/attach.h"
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 9, EVENTS = 4000000, PIECES = 500000, PIECE_SIZE = 256, READERS = 2 };

/* This thread's, in ns: what else runs on the machine is not counted. */
static double cpu_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* What disturbs a round only ever adds. */
static double least(double (*measure)(struct weft_writer *), struct weft_writer *w)
{
    double best = measure(w);
    for (int i = 0; i < ROUNDS; i++) {
        double round = measure(w);
        best = round < best ? round : best;
    }
    return best;
}

/* ---- Calls back to back ---- */

#define MEASURE(name, statement)                                                                   \
    __attribute__((noinline)) static void name##_call(struct weft_writer *w, uint64_t i)           \
    {                                                                                              \
        __asm__ volatile("" ::"r"(w), "r"(i) : "memory");                                          \
        statement;                                                                                 \
    }                                                                                              \
    static double name(struct weft_writer *w)                                                      \
    {                                                                                              \
        double begin = cpu_time();                                                                 \
        for (uint64_t i = 0; i < EVENTS; i++)                                                      \
            name##_call(w, i);                                                                     \
        return (cpu_time() - begin) / EVENTS;                                                      \
    }

MEASURE(empty_call, (void)0)
MEASURE(one_event, weft_emit(w, WEFT_RECORD_POST, 0, 1, w->owner, i))
MEASURE(clock_alone, {
    uint64_t now = weft_clock_now();
    __asm__ volatile("" ::"r"(now));
})
MEASURE(three_events, {
    uint64_t t = weft_clock_now();
    t = weft_emit_shared(w, t, WEFT_RECORD_POST, 0, 1, w->owner, i);
    t = weft_emit_shared(w, t, WEFT_RECORD_POST, 0, 1, w->owner, i);
    weft_emit_shared(w, t, WEFT_RECORD_POST, 0, 1, w->owner, i);
})
MEASURE(one_mark, weft_mark("a mark"))
MEASURE(one_counter, weft_counter_set((weft_counter *)(void *)w, (int64_t)i))

static void back_to_back(struct weft_writer *w)
{
    double empty = least(empty_call, w);
    double enabled = least(one_event, w);
    printf("tracer.clock %.2f ns\n", least(clock_alone, w) - empty);
    printf("tracer.event %.2f ns\n", enabled - empty);
    printf("tracer.shared %.2f ns\n", (least(three_events, w) - enabled) / 2);
    uint64_t mask = atomic_exchange(&weft_probe_page.mask, 0);
    double disabled = least(one_event, w) - empty;
    atomic_store(&weft_probe_page.mask, mask);
    printf("tracer.disabled %.2f ns\n", disabled > 0 ? disabled : 0);
}

/* ---- What programs say ---- */

static double said_counter(struct weft_writer *w)
{
    (void)w;
    static weft_counter *counter;
    if (!counter)
        counter = weft_counter_new("counter");
    return one_counter((struct weft_writer *)(void *)counter);
}

static void said(struct weft_writer *w)
{
    double empty = least(empty_call, w);
    printf("tracer.mark %.2f ns\n", least(one_mark, w) - empty);
    printf("tracer.counter %.2f ns\n", least(said_counter, w) - empty);
    uint32_t recording = __atomic_exchange_n(&weft__recording, 0, __ATOMIC_RELAXED);
    double disabled = least(one_mark, w) - empty;
    __atomic_store_n(&weft__recording, recording, __ATOMIC_RELAXED);
    printf("tracer.mark_disabled %.2f ns\n", disabled > 0 ? disabled : 0);
}

/* ---- Amid work: what else a task would do between two events ---- */

/* Some 100 ns that keep the processor busy: four sums side by side. */
__attribute__((noinline)) static uint64_t work(const uint64_t *words, uint64_t sum)
{
    uint64_t sums[4] = { sum, sum + 1, sum + 2, sum + 3 };
    for (int i = 0; i < PIECE_SIZE; i += 4)
        for (int j = 0; j < 4; j++)
            sums[j] = (sums[j] ^ words[i + j]) * UINT64_C(0x9e3779b97f4a7c15) >> 1;
    return sums[0] ^ sums[1] ^ sums[2] ^ sums[3];
}

static double pieces(struct weft_writer *w, bool with_event)
{
    static uint64_t words[PIECE_SIZE];
    uint64_t sum = 1;
    double begin = cpu_time();
    for (uint64_t i = 0; i < PIECES; i++) {
        sum = work(words, sum);
        if (with_event)
            weft_emit(w, WEFT_RECORD_POST, 0, 1, w->owner, i);
    }
    __asm__ volatile("" ::"r"(sum));
    return (cpu_time() - begin) / PIECES;
}

/* In turns, since the difference is small against the work. */
static void amid_work(struct weft_writer *w)
{
    double alone = 1e9, with = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        double a = pieces(w, false), b = pieces(w, true);
        alone = a < alone ? a : alone;
        with = b < with ? b : with;
    }
    printf("tracer.amid_work %.2f ns\n", with > alone ? with - alone : 0);
}

/* ---- A ring that nobody wrote to yet ---- */

static void first_lap(void)
{
    double best = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
        uint64_t events = w->n * WEFT_CHUNK_SLOTS - 16;
        double begin = cpu_time();
        for (uint64_t e = 0; e < events; e++)
            one_event_call(w, e);
        double each = (cpu_time() - begin) / (double)events;
        best = each < best ? each : best;
    }
    printf("tracer.first_lap %.2f ns\n", best);
}

/* ---- Two readers ---- */

/* Reads all that is new every millisecond, on another processor than the writer's. */
static void read_for_ever(pid_t program)
{
    cpu_set_t others;
    sched_getaffinity(program, sizeof others, &others);
    int writers = sched_getcpu(), n = (int)sysconf(_SC_NPROCESSORS_ONLN);
    for (int i = 0; i < n; i++)
        CPU_SET(i, &others);
    if (n > 1)
        CPU_CLR(writers, &others);
    sched_setaffinity(0, sizeof others, &others);
    static struct weft_record records[WEFT_CHUNK_SLOTS];
    struct weft_ring_read read;
    struct weft_attachment *attachment = weft_attach_pid((guint64)program, NULL);
    while (attachment && weft_attachment_update(attachment)) {
        for (guint i = 0; i < attachment->rings->len; i++) {
            struct weft_attached_ring *ring = attachment->rings->pdata[i];
            while (ring && weft_ringreader_read(&ring->reader, records, &read))
                continue;
        }
        g_usleep(1000);
    }
    _exit(1);
}

static void polled(struct weft_writer *w)
{
    pid_t readers[READERS], program = getpid();
    for (int i = 0; i < READERS; i++) {
        readers[i] = fork();
        if (readers[i] == 0)
            read_for_ever(program);
    }
    double empty = least(empty_call, w);
    double enabled = least(one_event, w);
    int gone = 0;
    for (int i = 0; i < READERS; i++) {
        gone += readers[i] < 0 || waitpid(readers[i], NULL, WNOHANG) != 0;
        if (readers[i] < 0)
            continue;
        kill(readers[i], SIGKILL);
        waitpid(readers[i], NULL, 0);
    }
    if (gone)
        fprintf(stderr, "tracer_bench: a reader could not attach\n");
    else
        printf("tracer.polled %.2f ns\n", enabled - empty);
}

int main(void)
{
    if (weft_probe_start() != WEFT_MODE_FLIGHT) {
        fprintf(stderr, "run this with WEFT_TRACE=flight\n");
        return 2;
    }
    struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
    back_to_back(w);
    said(w);
    amid_work(w);
    polled(w);
    first_lap();
    weft_probe_close_ring(w, 0);
    return 0;
}
