/* trace_laws_test.c: the laws that every sequence of the runtime's events keeps, whatever ran; and
 * what is said of how deep a task's stack went. */
#include "ring.h"
#include "runtime/weft.h"

WEFT_ASYNC(void, sleeps, double, seconds)
{
    return weft_await(weft_sleep(seconds));
}

WEFT_ASYNC(void, fails)
{
    return weft_raise(UV_EIO, "broken");
}

/* ---- Laws ---- */

/* What a reader may rely on, whatever ran: time does not go back; a RESUME is explained by a WAKE,
 * a yield or an eager start; a callback that runs was READY; each ITERATION says how many entries
 * its batch has, and they run in the order they became ready. */
struct replay {
    GArray *queue; /* ids, in order */
    guint batch;   /* of them, left in this batch */
    uint64_t time;
    uint64_t running[8];
    int depth;
    guint iterations;
};

static void take(struct replay *replay, uint64_t id, bool may_be_new)
{
    if (replay->batch == 0 || g_array_index(replay->queue, uint64_t, 0) != id) {
        g_assert_true(may_be_new);
        return;
    }
    g_array_remove_index(replay->queue, 0);
    replay->batch--;
}

static void withdraw(struct replay *replay, uint64_t id)
{
    for (guint i = 0; i < replay->queue->len; i++) {
        if (g_array_index(replay->queue, uint64_t, i) != id)
            continue;
        g_array_remove_index(replay->queue, i);
        if (i < replay->batch)
            replay->batch--;
        return;
    }
    g_assert_not_reached();
}

static void replay_event(struct replay *replay, const struct weft_record *r)
{
    g_assert_cmpuint(r->time, >=, replay->time);
    replay->time = r->time;
    switch (r->kind) {
    case WEFT_RECORD_WAKE:
    case WEFT_RECORD_READY:
        g_array_append_val(replay->queue, r->subject);
        break;
    case WEFT_RECORD_READY_CANCEL:
        withdraw(replay, r->subject);
        break;
    case WEFT_RECORD_ITERATION:
        g_assert_cmpuint(replay->batch, ==, 0);
        g_assert_cmpuint(r->site, ==, replay->queue->len);
        replay->batch = replay->queue->len;
        replay->iterations++;
        break;
    case WEFT_RECORD_RESUME:
        take(replay, r->subject, replay->depth > 0);
        replay->running[replay->depth++] = r->subject;
        break;
    case WEFT_RECORD_SUSPEND:
    case WEFT_RECORD_TASK_DONE:
        g_assert_cmpint(replay->depth, >, 0);
        g_assert_cmpuint(replay->running[--replay->depth], ==, r->subject);
        if (r->kind == WEFT_RECORD_SUSPEND && r->detail == WEFT_AWAIT_YIELD)
            g_array_append_val(replay->queue, r->subject);
        break;
    case WEFT_RECORD_CALLBACK_BEGIN:
        take(replay, r->subject, false);
        break;
    case WEFT_RECORD_POLL_BEGIN:
        g_assert_cmpuint(replay->batch, ==, 0);
        break;
    default:
        break;
    }
}

static int echoes(weft_stream *stream, void *arg)
{
    (void)arg;
    for (;;) {
        weft_bytes line;
        WEFT_TRY(weft_readline(stream, &line));
        if (line.len == 0)
            return 0;
        weft_write(stream, line.data, line.len);
    }
}

WEFT_ASYNC(void, does_all_kinds, int, port, unsigned, seed)
{
    for (int i = 0; i < 4; i++) {
        seed = seed * 1103515245 + 12345;
        unsigned what = seed >> 16;
        int rc = 0;
        if (what % 5 == 0) {
            rc = weft_await(weft_sleep(what % 3 * 0.0005));
        } else if (what % 5 == 1) {
            weft_own weft_stream *stream = NULL;
            WEFT_TRY(weft_open_connection("127.0.0.1", port, &stream));
            weft_printf(stream, "line\n");
            weft_bytes line;
            rc = weft_await(weft_readline(stream, &line));
        } else if (what % 5 == 2) {
            rc = weft_wait_for(sleeps(3600), what % 2 * 0.0005);
        } else if (what % 5 == 3) {
            weft_own weft_future *all = weft_gather((sleeps(0.0001), sleeps(0), fails()));
            rc = weft_await(all);
        } else {
            weft_own weft_task *task = weft_create_task(sleeps(3600), .eager = what % 2);
            weft_cancel(task);
            rc = weft_await(task);
        }
        if (rc == WEFT_ECANCELED && weft_cancelling(weft_current_task()))
            return rc;
    }
    return 0;
}

WEFT_ASYNC(void, all_kinds, struct mark *, mark)
{
    *mark = mark_now();
    weft_own weft_server *server = NULL;
    WEFT_TRY(weft_start_server("127.0.0.1", 0, echoes, NULL, &server));
    weft_task *tasks[10];
    for (unsigned i = 0; i < 10; i++)
        tasks[i] = weft_create_task(does_all_kinds(weft_server_port(server), i * 77 + 1));
    WEFT_TRY(weft_sleep(0.0005));
    weft_cancel(tasks[9]);
    weft_own weft_future *all = weft_gather_all(tasks, 10, .return_errors = true);
    for (int i = 0; i < 10; i++)
        weft_unref(tasks[i]);
    return weft_await(all);
}

static void test_laws(void)
{
    struct mark mark;
    g_assert_cmpint(weft_run(all_kinds(&mark)), ==, 0);
    struct replay replay = { .queue = g_array_new(FALSE, FALSE, sizeof(uint64_t)) };
    /* From RESUME on, the main task runs. */
    replay.running[replay.depth++] = weft_id(WEFT_ENTITY_TASK, 0, mark.writer->counters[0]);
    const struct weft_record *first = (const void *)mark.position;
    bool begun = false;
    for (const struct weft_record *r = first;
         (const char *)r < (const char *)mark.chunk + mark.chunk->committed;
         r += r->flags & WEFT_RECORD_EXT ? 2 : 1) {
        if (!begun && r->kind == WEFT_RECORD_SUSPEND)
            replay.running[0] = r->subject;
        begun |= r->kind == WEFT_RECORD_SUSPEND;
        replay_event(&replay, r);
    }
    g_assert_cmpuint(replay.iterations, >, 20);
    g_assert_cmpint(replay.depth, ==, 0);
    g_array_free(replay.queue, TRUE);
}

/* ---- How deep a stack went ---- */

static uint64_t stack_used_since(struct mark mark)
{
    uint64_t used = 0;
    for (char *at = mark.position; at < mark.writer->position; at += WEFT_SLOT_SIZE) {
        const struct weft_record *r = (const void *)at;
        if (r->kind == WEFT_RECORD_TASK_FREE)
            used = r->object;
        if (r->flags & WEFT_RECORD_EXT)
            at += WEFT_SLOT_SIZE;
    }
    return used;
}

static __attribute__((noinline)) int goes_down(size_t depth, bool suspends)
{
    volatile char room[1000];
    for (size_t i = 0; i < sizeof room; i++)
        room[i] = 1;
    if (depth > sizeof room)
        return goes_down(depth - sizeof room, suspends) + room[0] - room[999];
    return suspends ? weft_sleep(0) : 0;
}

WEFT_ASYNC(void, digs, int, depth, bool, suspends)
{
    return goes_down((size_t)depth, suspends);
}

static const size_t shallow = 6000, deep = 100000;

WEFT_ASYNC(void, dig)
{
    struct {
        size_t depth;
        bool suspends;
        size_t at_least, stack_size;
    } cases[] = {
        { shallow, true, shallow / 2, 0 }, { deep, true, deep / 2, 0 },
        { deep, false, deep / 2, 0 },      { deep, false, deep / 2, 1 << 20 },
        { shallow, false, 0, 0 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct mark mark = mark_now();
        weft_task *task = weft_create_task(digs((int)cases[i].depth, cases[i].suspends),
                                           .stack_size = cases[i].stack_size);
        int rc = weft_await(task);
        weft_unref(task);
        g_assert_cmpint(rc, ==, 0);
        uint64_t used = stack_used_since(mark);
        g_assert_cmpuint(used, >=, cases[i].at_least);
        /* Sanitizers' frames are larger; the next task's stack tells nothing of this one's. */
        g_assert_cmpuint(used, <=, 2 * cases[i].depth + 16 * 1024);
    }
    return 0;
}

static void test_stack_used(void)
{
    g_assert_cmpint(weft_run(dig()), ==, 0);
}

int main(int argc, char **argv)
{
    char *directory = begin_recording(&argc, &argv);
    g_test_add_func("/runtime/trace_laws/laws", test_laws);
    g_test_add_func("/runtime/trace_laws/stack-used", test_stack_used);
    return end_recording(directory, g_test_run());
}
