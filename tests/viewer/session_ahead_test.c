/* session_ahead_test.c: what a worker decodes for the view: what was drawn merged is drawn exactly
 * once it is there, step by step, and who pans finds what is beside decoded already. */
#include "app/viewer/session-private.h"
#include "tests/viewer/sample_session.h"

enum { TASKS = 4, CHUNKS = 60, TURNS = 100, TURN_NS = 3000, SHOWN = 8 /* chunks */ };

/* Tasks that take turns: each is woken, runs for a microsecond, and awaits a timer. */
static weft_trace *turns(void)
{
    weft_trace *trace = weft_trace_new();
    guint64 loop = (guint64)WEFT_ENTITY_LOOP << 56 | 1;
    const struct weft_record open = { .time = 0, .kind = WEFT_RECORD_LOOP_OPEN, .subject = loop };
    weft_trace_append(trace, 0, &open, 1);
    for (guint chunk = 0; chunk < CHUNKS; chunk++) {
        struct weft_record records[TURNS][3];
        for (guint i = 0; i < TURNS; i++) {
            guint64 turn = (guint64)chunk * TURNS + i, at = (turn + 1) * TURN_NS;
            guint64 task = weft_id(WEFT_ENTITY_TASK, 0, turn % TASKS + 1);
            records[i][0] = (struct weft_record){
                .time = at, .kind = WEFT_RECORD_WAKE, .detail = WEFT_WAKE_TIMER, .subject = task
            };
            records[i][1] = (struct weft_record){ .time = at + TURN_NS / 3,
                                                  .kind = WEFT_RECORD_RESUME,
                                                  .subject = task };
            records[i][2] = (struct weft_record){ .time = at + 2 * TURN_NS / 3,
                                                  .kind = WEFT_RECORD_SUSPEND,
                                                  .detail = WEFT_AWAIT_TIMER,
                                                  .subject = task };
        }
        weft_trace_append(trace, 0, records[0], 3 * TURNS);
    }
    return trace;
}

/* In the middle of it. */
static WeftSession *session_of_turns(void)
{
    g_autoptr(weft_trace) trace = turns();
    WeftSession *session = weft_session_new(trace);
    while (weft_session_load(session, 1000))
        continue;
    weft_session_set_size(session, WIDTH, HEIGHT, 1);
    gint64 from = (gint64)CHUNKS / 2 * TURNS * TURN_NS;
    weft_session_show(session, from, from + (gint64)SHOWN * TURNS * TURN_NS, WEFT_MOVE_JUMP);
    return session;
}

static void wait_for_worker(WeftSession *session)
{
    while (weft_session_scene(session)->coarse || session->read_soon || session->reading)
        g_main_context_iteration(NULL, TRUE);
}

static void gone(gpointer thread, GObject *session)
{
    *(GThread **)thread = g_thread_self();
    (void)session;
}

static void nothing(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    g_task_return_boolean(task, TRUE);
    (void)session, (void)data, (void)cancellable;
}

static gpointer let_go(gpointer task)
{
    g_object_unref(task);
    return NULL;
}

/* A worker may let go of its task after it was told to be over, and nobody else may have it. */
static void test_the_last(void)
{
    WeftSession *session = session_of_turns();
    GThread *freed = NULL;
    wait_for_worker(session);
    GTask *task = g_task_new(session, NULL, NULL, NULL);
    weft_session_work(session, task, nothing);
    while (!g_task_get_completed(task))
        g_main_context_iteration(NULL, TRUE);
    g_object_weak_ref(G_OBJECT(session), gone, &freed);
    g_object_unref(session);
    g_thread_join(g_thread_new("worker", let_go, task));
    while (!freed)
        g_main_context_iteration(NULL, TRUE);
    g_assert_true(freed == g_thread_self());
}

static void assert_exact(WeftSession *session)
{
    const struct weft_scene *scene = weft_session_scene(session);
    struct weft_scene *exact = weft_scene_new(weft_session_model(session));
    struct weft_view view = *weft_session_view(session);
    view.max_chunks = 0;
    weft_scene_build(exact, &view);
    g_assert_cmpuint(scene->n_visible, ==, exact->n_visible);
    for (guint i = 0; i < exact->n_visible; i++) {
        const GArray *is = weft_scene_visible(scene, scene->first + i)->segments;
        const GArray *should = weft_scene_visible(exact, exact->first + i)->segments;
        g_assert_cmpuint(is->len, ==, should->len);
        for (guint k = 0; k < is->len; k++) {
            const struct weft_segment_view *a = &g_array_index(is, struct weft_segment_view, k);
            const struct weft_segment_view *b = &g_array_index(should, struct weft_segment_view, k);
            g_assert_cmpint(a->from_ns, ==, b->from_ns);
            g_assert_cmpint(a->to_ns, ==, b->to_ns);
            g_assert_cmpuint(a->state, ==, b->state);
        }
    }
    weft_scene_free(exact);
}

static void count_redrawn(WeftSession *session, guint what, guint *n)
{
    g_assert_cmpuint(what & WEFT_CHANGE_MODEL, ==, 0); /* what tells of that does nothing anew */
    *n += (what & WEFT_CHANGE_EXACT) != 0;
    (void)session;
}

static void test_merged_becomes_exact(void)
{
    g_autoptr(WeftSession) session = session_of_turns();
    guint redrawn = 0;
    g_signal_connect(session, "changed", G_CALLBACK(count_redrawn), &redrawn);
    const struct weft_scene *scene = weft_session_scene(session);
    g_assert_true(scene->coarse);
    g_assert_true(scene->fetched);
    wait_for_worker(session);
    g_signal_handlers_disconnect_by_data(session, &redrawn); /* a worker may have it for longer */
    g_assert_cmpuint(redrawn, >, 0);
    assert_exact(session);
}

/* Whatever way one pans, a build decodes nothing. */
static void test_beside_is_there(void)
{
    g_autoptr(WeftSession) session = session_of_turns();
    for (int i = 0; i < 12; i++) {
        wait_for_worker(session);
        weft_session_pan(session, i < 4 ? WIDTH / 10 : -WIDTH / 10);
        const struct weft_scene *scene = weft_session_scene(session);
        g_assert_false(scene->coarse);
        g_assert_cmpuint(scene->chunks, ==, scene->view.max_chunks);
        assert_exact(session);
    }
    wait_for_worker(session);
}

/* A view that was moved while the worker was at another one is read, too. */
static void test_moved_meanwhile(void)
{
    g_autoptr(WeftSession) session = session_of_turns();
    weft_session_scene(session);
    while (!session->reading)
        g_main_context_iteration(NULL, TRUE);
    weft_session_show(session, 0, (gint64)SHOWN * TURNS * TURN_NS, WEFT_MOVE_JUMP);
    g_assert_true(weft_session_scene(session)->coarse);
    wait_for_worker(session);
    assert_exact(session);
}

enum { BUSY_TASKS = 10, BUSY_ROUNDS = 6, BUSY_SLICES = 32 };

/* Ten tasks, each of which runs 32 times within 640 us and then waits until it is its turn again:
 * six times, each turn in a chunk of its own. */
static weft_trace *turns_of_ten(void)
{
    weft_trace *trace = weft_trace_new();
    g_autoptr(GArray) records = g_array_new(FALSE, FALSE, sizeof(struct weft_record));
    struct weft_record record = { .kind = WEFT_RECORD_LOOP_OPEN,
                                  .subject = weft_id(WEFT_ENTITY_LOOP, 0, 1) };
    g_array_append_val(records, record);
    for (guint i = 0; i < BUSY_TASKS * BUSY_ROUNDS; i++) {
        record.subject = weft_id(WEFT_ENTITY_TASK, 0, 1 + i % BUSY_TASKS);
        record.kind = WEFT_RECORD_TASK_NEW;
        record.time = i * UINT64_C(640000);
        if (i < BUSY_TASKS)
            g_array_append_val(records, record);
        for (guint slice = 0; slice < BUSY_SLICES; slice++) {
            record.kind = WEFT_RECORD_RESUME;
            record.detail = 0;
            record.time += 10000;
            g_array_append_val(records, record);
            record.kind = WEFT_RECORD_SUSPEND;
            record.detail = WEFT_AWAIT_TIMER;
            record.time += 9000;
            g_array_append_val(records, record);
        }
        weft_trace_append(trace, 0, (const struct weft_record *)(void *)records->data,
                          records->len);
        g_array_set_size(records, 0);
    }
    return trace;
}

static guint segments_seen(const struct weft_scene *scene)
{
    guint n = 0;
    for (guint i = 0; i < scene->n_visible; i++)
        n += g_array_index(scene->visible, struct weft_visible_row, i).segments->len;
    return n;
}

/* What takes many chunks is drawn merged at first, and finer step by step while the view rests,
 * until it is as if all of them had been read at once. */
static void test_refined_in_steps(void)
{
    g_autoptr(weft_trace) trace = turns_of_ten();
    g_autoptr(WeftSession) session = weft_session_new(trace);
    guint steps = 0;
    while (weft_session_load(session, 1000))
        continue;
    weft_session_set_size(session, WIDTH, HEIGHT, 1);
    weft_session_fit(session);
    const struct weft_scene *scene = weft_session_scene(session);
    guint seen = segments_seen(scene), first = seen;
    g_assert_true(scene->coarse);
    g_signal_connect(session, "changed", G_CALLBACK(count_redrawn), &steps);
    while ((scene = weft_session_scene(session))->coarse) {
        g_assert_cmpuint(segments_seen(scene), >=, seen);
        seen = segments_seen(scene);
        g_main_context_iteration(NULL, TRUE);
    }
    g_signal_handlers_disconnect_by_data(session, &steps); /* a worker may have it for longer */
    g_assert_cmpuint(steps, >, 1);
    g_assert_cmpuint(segments_seen(scene), >, first);
    struct weft_scene *whole = weft_scene_new(weft_session_model(session));
    struct weft_view view = *weft_session_view(session);
    view.max_chunks = 0;
    weft_scene_build(whole, &view);
    g_assert_cmpuint(segments_seen(scene), ==, segments_seen(whole));
    weft_scene_free(whole);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session-ahead/merged-becomes-exact", test_merged_becomes_exact);
    g_test_add_func("/session-ahead/beside-is-there", test_beside_is_there);
    g_test_add_func("/session-ahead/moved-meanwhile", test_moved_meanwhile);
    g_test_add_func("/session-ahead/refined-in-steps", test_refined_in_steps);
    g_test_add_func("/session-ahead/the-last", test_the_last);
    return g_test_run();
}
