/* queue_test.c: Queue, LifoQueue and PriorityQueue: who gets what, and in which iteration. The
 * orders are those that CPython 3.13 prints for the same steps; a dot is an iteration. */
#include "ticks.h"
#include <stdlib.h>
#include <string.h>

/* What a failed operation is called in the journal. */
static const char *word(int rc)
{
    return rc == WEFT_EEMPTY      ? "empty"
           : rc == WEFT_EFULL     ? "full"
           : rc == WEFT_ESHUTDOWN ? "shut"
           : rc == WEFT_ENOTHELD  ? "many"
                                  : weft_err_name(rc);
}

static int tell(char name, int rc)
{
    if (rc < 0)
        note("%c%s", name, rc == WEFT_ECANCELED ? "!" : rc == WEFT_ESHUTDOWN ? "#" : word(rc));
    return rc == WEFT_ESHUTDOWN ? 0 : rc;
}

/* Items are characters: digits, or the putter's name. */
WEFT_ASYNC(void, gets, weft_queue *, queue, char, name)
{
    char item;
    int rc = weft_await(weft_queue_get(queue, &item));
    if (rc == 0)
        note("%c%c", name, item);
    return tell(name, rc);
}

WEFT_ASYNC(void, puts_own, weft_queue *, queue, char, name)
{
    int rc = weft_await(weft_queue_put(queue, &name));
    if (rc == 0)
        note("%c+", name);
    return tell(name, rc);
}

WEFT_ASYNC(void, joins, weft_queue *, queue, char, name)
{
    int rc = weft_await(weft_queue_join(queue));
    if (rc == 0)
        note("%cj", name);
    return tell(name, rc);
}

static int by_value(const void *a, const void *b)
{
    return *(const char *)a - *(const char *)b;
}

/* A letter a step: a digit is put and g gets, without waiting; a to d are tasks that get, p to r
 * put their name, j and k join; their capitals cancel them. t is task_done, s shuts down, i at
 * once, = looks, a dot is an iteration. */
enum kind {
    FIFO,
    LIFO,
    PRIORITY,
};
struct scenario {
    const char *steps;
    enum kind kind;
    int maxsize, ticks;
    const char *wanted;
};
static const struct scenario scenarios[] = {
    { "ab.12..", FIFO, 0, 9, ". +1 +2 . a1 b2 . . . . . . ." },
    { "ab.1g..2..", FIFO, 0, 12, ". +1 g1 . . +2 . b2 . . . . . a! . . ." },
    { "ab.1A..", FIFO, 0, 9, ". +1 xA . a! . b1 . . . . . ." },
    { "ab.12A..", FIFO, 0, 10, ". +1 +2 xA . a! b1 . . . . . . . ." },
    { "ab.1AB..", FIFO, 0, 10, ". +1 xA xB . a! b! . . . . . . . ." },
    { "ab.A1..", FIFO, 0, 9, ". xA +1 . a! b1 . . . . . . ." },
    { "abc.1gA..", FIFO, 0, 11, ". +1 g1 xA . a! . . . . . b! c! . . . ." },
    { "ab.1.A2.", FIFO, 0, 10, ". +1 . a1 xA +2 . b2 . . . . . . ." },
    { "ab.1gB.2..", FIFO, 0, 12, ". +1 g1 xB . b! +2 . a2 . . . . . . . . ." },
    { "1pq.g..g..", FIFO, 1, 12, "+1 . g1 . p+ . gp . q+ . . . . . . . ." },
    { "1pq.gP..", FIFO, 1, 10, "+1 . g1 xP . p! . q+ . . . . . . ." },
    { "1pq.g2..g.", FIFO, 1, 12, "+1 . g1 +2 . . g2 . q+ . . . . p! . . . ." },
    { "1pq.gPQ..", FIFO, 1, 11, "+1 . g1 xP xQ . p! q! . . . . . . . . ." },
    { "1pq.P.g..", FIFO, 1, 11, "+1 . xP . p! g1 . q+ . . . . . . . ." },
    { "1pq.g2P..g..", FIFO, 1, 14, "+1 . g1 +2 xP . p! . g2 . q+ . . . . . . . . . ." },
    { "12pqr.gg..g..", FIFO, 2, 15, "+1 +2 . g1 g2 . p+ q+ . gp . r+ . . . . . . . . . . ." },
    { "12pqr.ggP.g..", FIFO, 2, 15, "+1 +2 . g1 g2 xP . p! q+ gq . r+ . . . . . . . . . . . ." },
    { "12g2g=", FIFO, 1, 7, "+1 full g1 +2 g2 =001 . . . . . . ." },
    { "g=", FIFO, 0, 3, "empty =001 . . ." },
    { "1=p.s..g..", FIFO, 1, 11, "+1 =110 . s . p# . g1 . . . . . . . ." },
    { "ab.s..1", FIFO, 0, 9, ". s . a# b# . shut . . . . . ." },
    { "12s=ggg", FIFO, 0, 8, "+1 +2 s =200 g1 g2 shut . . . . . . . ." },
    { "12jk.gt.gt..", FIFO, 0, 14, "+1 +2 . g1 t . g2 t . jj kj . . . . . . . . . . ." },
    { "12j.g.i..t..", FIFO, 0, 14, "+1 +2 . g1 . i . . t . jj . . . . . . . . ." },
    { "12j.i..", FIFO, 0, 9, "+1 +2 . i . jj . . . . . . ." },
    { "t1tt", FIFO, 0, 6, "many +1 t many . . . . . ." },
    { "1j.J.t", FIFO, 0, 8, "+1 . xJ . j! t . . . . . ." },
    { "j.", FIFO, 0, 4, ". jj . . ." },
    { "1jgt.1..", FIFO, 0, 10, "+1 g1 t . jj +1 . . . . . . . . ." },
    { "1j.gt2..k.gt..", FIFO, 0, 16, "+1 . g1 t +2 . jj . . g2 t . kj . . . . . . . . . . ." },
    { "1pq.i..=", FIFO, 1, 9, "+1 . i . p# q# . =001 . . . . . ." },
    { "ab.1s...", FIFO, 0, 10, ". +1 s . a1 b# . . . . . . . ." },
    { "1p.gs..", FIFO, 1, 9, "+1 . g1 s . p# . . . . . . ." },
    { "1p.gi..", FIFO, 1, 9, "+1 . g1 i . p# . . . . . . ." },
    { "ab.i1", FIFO, 0, 7, ". i shut . a# b# . . . . ." },
    { "12ti..=", FIFO, 0, 8, "+1 +2 t i . . =001 . . . . . ." },
    { "12ttji=.", FIFO, 0, 9, "+1 +2 t t i =001 . jj . . . . . . . ." },
    { "1p.s.P.", FIFO, 1, 9, "+1 . s . p# xP . . . . . . ." },
    { "ab.1A.s..", FIFO, 0, 11, ". +1 xA . a! s . b1 . . . . . . . ." },
    { "123ggab.4.5g..", LIFO, 0, 6, "+1 +2 +3 g3 g2 . a1 +4 . b4 +5 g5 . . . ." },
    { "5219gga.g7b6..gg", PRIORITY, 0, 6, "+5 +2 +1 +9 g1 g2 . a5 g9 +7 +6 . b6 . g7 empty . . ." },
};

static void plain_step(weft_queue *queue, char step)
{
    char item = step;
    int rc = 0;
    if (g_ascii_isdigit(step) && (rc = weft_queue_put_nowait(queue, &step)) == 0)
        note("+%c", step);
    else if (step == 'g' && (rc = weft_queue_get_nowait(queue, &item)) == 0)
        note("g%c", item);
    else if (step == 't' && (rc = weft_queue_task_done(queue)) == 0)
        note("t");
    else if ((step == 's' || step == 'i') && (rc = weft_queue_shutdown(queue, step == 'i')) == 0)
        note("%c", step);
    else if (step == '=')
        note("=%zu%d%d", weft_queue_size(queue), weft_queue_full(queue), weft_queue_empty(queue));
    if (rc < 0)
        note("%s", word(rc));
}

WEFT_ASYNC(void, plays, const struct scenario *, s)
{
    weft_queue queue;
    weft_queue_init(&queue, char, .maxsize = (size_t)s->maxsize, .name = "jobs",
                    .lifo = s->kind == LIFO, .compare = s->kind == PRIORITY ? by_value : NULL);
    weft_task *tasks['z'] = { [0] = weft_create_task(ticks(s->ticks)) };
    for (const char *step = s->steps; *step; step++) {
        weft_task **task = &tasks[(int)g_ascii_tolower(*step)];
        if (*step == '.') {
            WEFT_TRY(weft_sleep(0));
        } else if (g_ascii_isupper(*step)) {
            weft_cancel(*task);
            note("x%c", *step);
        } else if (strchr("abcd", *step)) {
            *task = weft_create_task(gets(&queue, *step));
        } else if (strchr("pqr", *step)) {
            *task = weft_create_task(puts_own(&queue, *step));
        } else if (strchr("jk", *step)) {
            *task = weft_create_task(joins(&queue, *step));
        } else {
            plain_step(&queue, *step);
        }
    }
    for (int i = 0; i < 3; i++)
        WEFT_TRY(weft_sleep(0));
    for (int name = 'a'; name < 'z'; name++)
        weft_cancel(tasks[name]);
    wait_all(tasks, 'z');
    weft_queue_finish(&queue);
    return 0;
}

static void test_scenario(gconstpointer data)
{
    const struct scenario *s = data;
    g_assert_cmpint(weft_run(plays(s)), ==, 0);
    expect(s->wanted);
}

/* ---- Order ---- */

struct job {
    int priority;
    char name[20];
};

static int by_priority(const void *a, const void *b)
{
    return ((const struct job *)a)->priority - ((const struct job *)b)->priority;
}

/* Equals come first in, first out; so many that the heap and the ring grow. */
WEFT_ASYNC(void, many, enum kind, kind)
{
    enum { N = 1000 };
    weft_queue queue;
    weft_queue_init(&queue, struct job, .lifo = kind == LIFO,
                    .compare = kind == PRIORITY ? by_priority : NULL);
    struct job job = { 0, "" };
    for (int i = 0; i < 2 * N; i++) {
        job.priority = i * 7919 % 10;
        snprintf(job.name, sizeof job.name, "%d", i);
        g_assert_cmpint(weft_queue_put_nowait(&queue, &job), ==, 0);
        if (kind == FIFO && i % 2) /* the ring goes round */
            g_assert_cmpint(weft_queue_get_nowait(&queue, &job), ==, 0);
    }
    int last = -1, number = kind == LIFO ? 2 * N : -1;
    while (weft_queue_get_nowait(&queue, &job) == 0) {
        if (kind == PRIORITY && job.priority != last) {
            g_assert_cmpint(job.priority, >, last);
            number = -1;
        }
        last = job.priority;
        if (kind == LIFO)
            g_assert_cmpint(atoi(job.name), ==, number - 1);
        else
            g_assert_cmpint(atoi(job.name), >, number);
        number = atoi(job.name);
    }
    g_assert_true(weft_queue_empty(&queue));
    weft_queue_finish(&queue);
    return 0;
}

static void test_order(void)
{
    for (int kind = FIFO; kind <= PRIORITY; kind++)
        g_assert_cmpint(weft_run(many((enum kind)kind)), ==, 0);
}

/* ---- Items that own memory: each is freed once, whatever is cancelled when ---- */

WEFT_ASYNC(void, takes, weft_queue *, queue, int *, taken)
{
    for (;;) {
        char *item = NULL;
        WEFT_TRY(weft_queue_get(queue, &item));
        g_assert_nonnull(item);
        free(item);
        ++*taken;
        weft_queue_task_done(queue);
    }
}

WEFT_ASYNC(void, gives, weft_queue *, queue, int, n, int *, kept)
{
    for (int i = 0; i < n; i++) {
        char *item = strdup("owned");
        int rc = weft_await(weft_queue_put(queue, &item));
        if (rc == 0)
            continue;
        free(item); /* still ours */
        ++*kept;
        return rc;
    }
    return 0;
}

enum { TASKS = 6 };

WEFT_ASYNC(void, races, unsigned, seed)
{
    int taken = 0, kept = 0;
    weft_queue queue;
    weft_queue_init(&queue, char *, .maxsize = 2, .free_item = free);
    weft_task *takers[TASKS], *givers[TASKS];
    for (int i = 0; i < TASKS; i++) {
        takers[i] = weft_create_task(takes(&queue, &taken));
        givers[i] = weft_create_task(gives(&queue, 5, &kept));
    }
    for (int i = 0; i < TASKS; i++) {
        seed = seed * 1103515245 + 12345;
        for (unsigned j = 0; j < (seed >> 16 & 3); j++)
            WEFT_TRY(weft_sleep(0));
        weft_cancel((seed >> 20 & 1) ? takers[i] : givers[i]);
        if ((seed >> 21 & 1))
            weft_cancel((seed >> 20 & 1) ? givers[i] : takers[i]);
    }
    if ((seed >> 22 & 1))
        weft_queue_shutdown(&queue, (seed >> 23 & 1));
    for (int i = 0; i < TASKS; i++) {
        weft_cancel(takers[i]);
        weft_cancel(givers[i]);
    }
    wait_all(takers, TASKS);
    wait_all(givers, TASKS);
    weft_queue_finish(&queue); /* frees what is left */
    return 0;
}

static void test_races(void)
{
    for (unsigned seed = 0; seed < 200; seed++)
        g_assert_cmpint(weft_run(races(seed)), ==, 0);
}

/* A timeout and an item together: either it is got, or it stays. */
WEFT_ASYNC(void, times_out)
{
    int item = 0;
    weft_queue queue;
    weft_queue_init(&queue, int);
    note("%s", weft_err_name(weft_wait_for(weft_queue_get(&queue, &item), 0.01)));
    weft_own weft_task *task = weft_create_task(gets(&queue, 'a'));
    weft_queue_put_nowait(&queue, &(int){ 7 });
    note("%s", weft_err_name(weft_wait_for(weft_queue_get(&queue, &item), 3600)));
    note("%d", item);
    weft_cancel(task);
    note("%s", weft_err_name(weft_await(task)));
    weft_queue_finish(&queue);
    return 0;
}

static void test_timeout(void)
{
    g_assert_cmpint(weft_run(times_out()), ==, 0);
    expect("ETIMEDOUT OK 7 ECANCELED");
}

/* ---- Bad use ---- */

static void report(weft_loop *loop, const char *message, const weft_error *error,
                   weft_future *future, void *arg)
{
    (void)loop, (void)error, (void)future, (void)arg;
    note("<%s>", message);
}

WEFT_ASYNC(void, gone)
{
    weft_loop_set_exception_handler(weft_running_loop(), report, NULL);
    weft_queue *full = g_new(weft_queue, 1), *empty = g_new(weft_queue, 1);
    weft_queue_init(full, char, .maxsize = 1, .name = "full");
    weft_queue_init(empty, char);
    weft_queue_put_nowait(full, &(char){ '1' });
    weft_task *tasks[] = { weft_create_task(puts_own(full, 'p')),
                           weft_create_task(joins(full, 'j')), weft_create_task(gets(empty, 'a')),
                           weft_create_task(gets(empty, 'b')) };
    WEFT_TRY(weft_sleep(0));
    weft_cancel(tasks[3]);
    weft_queue_finish(full);
    weft_queue_finish(empty);
    g_free(full);
    g_free(empty);
    wait_all(tasks, 4);
    return 0;
}

static void test_finish(void)
{
    g_assert_cmpint(weft_run(gone()), ==, 0);
    expect("<a queue full was finished while 2 tasks waited for it> "
           "<a queue was finished while 1 task waited for it> b! pECLOSED jECLOSED aECLOSED");
}

static void test_misuse(void)
{
    weft_queue queue = { { 0 } };
    int item = 0;
    char small = 0;
    g_assert_cmpint(weft_queue_init(NULL, int), ==, UV_EINVAL);
    g_assert_cmpint(weft_queue_init_at(WEFT_HERE, &queue, 0, (weft_queue_options){ 0 }), ==,
                    UV_EINVAL);
    g_assert_cmpint(weft_queue_init(&queue, int, .compare = by_value, .lifo = true), ==, UV_EINVAL);
    g_assert_cmpint(weft_queue_init(&queue, int, .free_item = free), ==, UV_EINVAL);
    g_assert_cmpint(weft_queue_put_nowait(&queue, &item), ==, UV_EINVAL);
    g_assert_cmpint(weft_queue_get(&queue, &item), ==, UV_EINVAL);
    g_assert_cmpint(weft_queue_join(NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_queue_task_done(NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_queue_shutdown(&queue, true), ==, UV_EINVAL);
    g_assert_cmpuint(weft_queue_size(NULL), ==, 0);
    g_assert_true(weft_queue_empty(NULL));
    g_assert_false(weft_queue_full(NULL));
    weft_queue_finish(NULL);

    weft_queue_init(&queue, int, .maxsize = 3);
    g_assert_cmpuint(weft_queue_maxsize(&queue), ==, 3);
    g_assert_cmpint(weft_queue_put_nowait(&queue, &small), ==, UV_EINVAL);
    g_assert_cmpint(weft_queue_get_nowait(&queue, (int *)NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_queue_get(&queue, &item), ==, WEFT_ENOTASK);
    g_assert_cmpint(weft_queue_put(&queue, &item), ==, WEFT_ENOTASK);
    g_assert_cmpint(weft_queue_join(&queue), ==, WEFT_ENOTASK);
    g_assert_cmpint(weft_queue_task_done(&queue), ==, WEFT_ENOTHELD);
    g_assert_cmpint(weft_queue_put_nowait(&queue, &(int){ 5 }), ==, 0);
    g_assert_cmpint(weft_queue_get_nowait(&queue, &item), ==, 0);
    g_assert_cmpint(item, ==, 5);
    weft_queue_finish(&queue);
    g_assert_cmpint(weft_queue_put_nowait(&queue, &item), ==, UV_EINVAL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(scenarios); i++) {
        static const char *const kinds[] = { "fifo", "lifo", "priority" };
        g_autofree char *path = g_strdup_printf("/runtime/queue/%s-%d-%s", kinds[scenarios[i].kind],
                                                scenarios[i].maxsize, scenarios[i].steps);
        g_test_add_data_func(path, &scenarios[i], test_scenario);
    }
    g_test_add_func("/runtime/queue/order", test_order);
    g_test_add_func("/runtime/queue/races", test_races);
    g_test_add_func("/runtime/queue/timeout", test_timeout);
    g_test_add_func("/runtime/queue/finish", test_finish);
    g_test_add_func("/runtime/queue/misuse", test_misuse);
    return g_test_run();
}
