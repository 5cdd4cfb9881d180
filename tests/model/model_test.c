/* model_test.c: what events come to: each state, wake cause, nesting, loss, cancellation. */
#include "tests/model/script.h"

static void test_empty(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    weft_model *model = weft_model_new(trace);
    g_assert_false(weft_model_advance(model, 0));
    g_assert_cmpuint(weft_model_n_lanes(model), ==, 0);
    g_assert_cmpint(weft_model_end_ns(model), ==, 0);
    g_assert_cmpfloat(weft_model_progress(model), ==, 1.0);
    weft_state *state = weft_model_state_at(model, 5);
    g_assert_nonnull(state);
    weft_state_free(state);
    weft_model_free(model);
}

/* main makes a task that sleeps, and awaits it. */
static weft_model *sleeping_child(void)
{
    struct script s = script_with_main();
    script_add(&s, 30, WEFT_RECORD_TASK_NEW, 0, 7, TASK(2), TASK(1));
    script_add(&s, 31, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(2), TASK(1));
    script_add(&s, 40, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TASK, 8, TASK(1), TASK(2));
    script_add(&s, 40, WEFT_RECORD_ITERATION, 0, 1, LOOP, 2);
    script_add(&s, 40, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add(&s, 45, WEFT_RECORD_TIMER_SET, 0, 0, TIMER(1), 50000045);
    script_add(&s, 50, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, 9, TASK(2), TIMER(1));
    script_add(&s, 60, WEFT_RECORD_POLL_BEGIN, 0, 0, LOOP, 50000000);
    script_add(&s, 50000060, WEFT_RECORD_POLL_END, 0, 0, LOOP, 0);
    script_add(&s, 50000065, WEFT_RECORD_TIMER_FIRE, 0, 0, TIMER(1), 0);
    script_add(&s, 50000070, WEFT_RECORD_WAKE, WEFT_WAKE_TIMER, 0, TASK(2), TIMER(1));
    script_add(&s, 50000080, WEFT_RECORD_ITERATION, 0, 1, LOOP, 3);
    script_add(&s, 50000080, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add(&s, 50000090, WEFT_RECORD_WAKE, WEFT_WAKE_TASK, 0, TASK(1), TASK(2));
    script_add(&s, 50000100, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(2), 0);
    script_add(&s, 50000100, WEFT_RECORD_ITERATION, 0, 1, LOOP, 4);
    script_add(&s, 50000100, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 50000110, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(1), 0);
    script_add(&s, 50000120, WEFT_RECORD_LOOP_CLOSE, 0, 0, LOOP, 0);
    return script_model(&s);
}

static void test_states(void)
{
    weft_model *model = sleeping_child();
    assert_lane(model, TASK(1),
                "10-20 ready created; 20-40 running; 40-50000090 waiting task Task-2; "
                "50000090-50000100 ready task Task-2; 50000100-50000110 running");
    assert_lane(model, TASK(2),
                "30-40 ready created main; 40-50 running; 50-50000070 waiting timer timer 1; "
                "50000070-50000080 ready timer timer 1; 50000080-50000100 running");
    assert_lane(model, LOOP,
                "0-20 loop; 20-40 running main; 40-50 running Task-2; 50-60 loop; "
                "60-50000060 poll; 50000060-50000080 loop; 50000080-50000100 running Task-2; "
                "50000100-50000110 running main; 50000110-50000120 loop");
    guint loop = weft_model_lane_of(model, LOOP);
    g_autofree char *iterations = lane_text(model, loop + 1);
    g_assert_cmpstr(iterations, ==,
                    "20-40 count 1; 40-50000080 count 2; 50000080-50000100 count 3; "
                    "50000100-50000120 count 4");
    g_autofree char *ready = lane_text(model, loop + 2);
    g_assert_cmpstr(ready, ==,
                    "0-10 count 0; 10-20 count 1; 20-31 count 0; 31-40 count 1; "
                    "40-50000070 count 0; 50000070-50000080 count 1; 50000080-50000090 count 0; "
                    "50000090-50000100 count 1; 50000100-50000120 count 0");
    weft_model_free(model);
}

static void test_lanes(void)
{
    weft_model *model = sleeping_child();
    guint loop = weft_model_lane_of(model, LOOP), main = weft_model_lane_of(model, TASK(1)),
          child = weft_model_lane_of(model, TASK(2));
    g_assert_cmpuint(weft_model_n_lanes(model), ==, 5);
    g_assert_cmpint(weft_model_lane(model, loop)->kind, ==, WEFT_LANE_LOOP);
    g_assert_cmpint(weft_model_lane(model, loop + 1)->kind, ==, WEFT_LANE_ITERATIONS);
    g_assert_cmpint(weft_model_lane(model, loop + 2)->kind, ==, WEFT_LANE_READY);
    const struct weft_lane *lane = weft_model_lane(model, child);
    g_assert_cmpint(lane->kind, ==, WEFT_LANE_TASK);
    g_assert_cmpuint(lane->parent, ==, main);
    g_assert_cmpuint(weft_model_lane(model, main)->parent, ==, G_MAXUINT32);
    g_assert_cmpuint(lane->site, ==, 7);
    g_assert_cmpuint(lane->resumes, ==, 2);
    g_assert_cmpint(lane->first_ns, ==, 30);
    g_assert_cmpint(lane->last_ns, ==, 50000100);
    g_assert_cmpint(lane->outcome, ==, WEFT_OUTCOME_RESULT);
    g_assert_cmpuint(weft_model_lane_of(model, TASK(3)), ==, G_MAXUINT32);
    g_assert_null(weft_model_lane(model, 5));
    weft_model_free(model);
}

static gint64 sum(const struct weft_totals *t)
{
    gint64 ns = t->running_ns + t->ready_ns + t->cancelling_ns + t->unknown_ns + t->poll_ns +
                t->callback_ns + t->loop_ns;
    for (guint i = 0; i < WEFT_WAIT_CLASSES; i++)
        ns += t->waiting_ns[i];
    return ns;
}

static void test_totals(void)
{
    weft_model *model = sleeping_child();
    struct weft_totals t;
    guint child = weft_model_lane_of(model, TASK(2)), loop = weft_model_lane_of(model, LOOP);
    weft_model_totals(model, child, &t);
    g_assert_cmpint(t.running_ns, ==, 30);
    g_assert_cmpint(t.ready_ns, ==, 20);
    g_assert_cmpint(t.waiting_ns[WEFT_WAIT_TIMER], ==, 50000020);
    g_assert_cmpint(t.longest_slice_ns, ==, 20);
    g_assert_cmpint(t.longest_slice_at_ns, ==, 50000080);
    g_assert_cmpint(sum(&t), ==, 50000070);
    weft_model_totals(model, loop, &t);
    g_assert_cmpint(t.poll_ns, ==, 50000000);
    g_assert_cmpint(t.running_ns, ==, 60);
    g_assert_cmpint(sum(&t), ==, 50000120);
    weft_model_totals(model, loop + 1, &t);
    g_assert_cmpuint(t.count, ==, 4);
    weft_model_free(model);
}

static void test_open_end(void)
{
    struct script s = script_with_main();
    script_add(&s, 50, WEFT_RECORD_MARK, 0, 0, TASK(1), 0);
    weft_model *model = script_model(&s);
    assert_lane(model, TASK(1), "10-20 ready created; 20-50 running");
    weft_model_set_now(model, 90);
    assert_lane(model, TASK(1), "10-20 ready created; 20-90 running");
    struct weft_segment_view v;
    g_assert_true(weft_model_segment_at(model, weft_model_lane_of(model, TASK(1)), 70, &v));
    g_assert_cmpint(v.flags, ==, WEFT_SEGMENT_OPEN);
    g_assert_cmpint(weft_model_lane(model, weft_model_lane_of(model, TASK(1)))->last_ns, ==, 90);
    weft_model_free(model);
}

/* A child started eagerly runs inside main's slice. */
static void test_eager(void)
{
    struct script s = script_with_main();
    script_add(&s, 30, WEFT_RECORD_TASK_NEW, 0, 0, TASK(2), TASK(1));
    script_add(&s, 30, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add(&s, 40, WEFT_RECORD_SUSPEND, WEFT_AWAIT_FUTURE, 0, TASK(2), 0);
    script_add(&s, 50, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, 0, TASK(1), 0);
    script_add(&s, 55, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 60, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(1), 0);
    weft_model *model = script_model(&s);
    assert_lane(model, TASK(1),
                "10-20 ready created; 20-50 running; 50-55 ready task main; 55-60 running");
    assert_lane(model, TASK(2), "30-40 running; 40-60 waiting future");
    assert_lane(model, LOOP,
                "0-20 loop; 20-30 running main; 30-40 running Task-2; 40-50 running main; "
                "50-55 loop; 55-60 running main");
    g_autofree char *ready = lane_text(model, weft_model_lane_of(model, LOOP) + 2);
    g_assert_cmpstr(ready, ==,
                    "0-10 count 0; 10-20 count 1; 20-50 count 0; 50-55 count 1; "
                    "55-60 count 0");
    weft_model_free(model);
}

/* Slices are counted as far as 32 bits go; one that begins inside another then is no first. */
static void test_many_slices(void)
{
    struct script s = script_with_main();
    script_add(&s, 20, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 25, WEFT_RECORD_TASK_NEW, 0, 0, TASK(2), TASK(1));
    script_add(&s, 25, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(2), TASK(1));
    script_add(&s, 30, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, 0, TASK(1), 0);
    script_add(&s, 40, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add(&s, 50, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, 0, TASK(2), 0);
    weft_trace *trace = weft_trace_ref(s.trace);
    weft_model *model = script_model(&s);
    guint lane = weft_model_lane_of(model, TASK(2));
    g_assert_cmpuint(weft_model_lane(model, lane)->resumes, ==, 1);
    ((struct weft_lane *)(gsize)weft_model_lane(model, lane))->resumes = G_MAXUINT32 - 1;
    for (gint64 t = 60; t < 120; t += 20) {
        const struct weft_record more[] = {
            { .time = (uint64_t)t, .kind = WEFT_RECORD_RESUME, .subject = TASK(1) },
            { .time = (uint64_t)t + 5, .kind = WEFT_RECORD_RESUME, .subject = TASK(2) },
            { .time = (uint64_t)t + 9, .kind = WEFT_RECORD_SUSPEND, 1, .subject = TASK(2) },
            { .time = (uint64_t)t + 15, .kind = WEFT_RECORD_SUSPEND, 1, .subject = TASK(1) },
        };
        weft_trace_append(trace, 0, more, G_N_ELEMENTS(more));
    }
    while (weft_model_advance(model, 0))
        continue;
    g_assert_cmpuint(weft_model_lane(model, lane)->resumes, ==, G_MAXUINT32);
    g_assert_cmpuint(weft_model_lane(model, lane)->flags & WEFT_LANE_EAGER, ==, 0);
    weft_model_free(model);
    weft_trace_unref(trace);
}

static void test_cancel(void)
{
    struct script s = script_with_main();
    struct weft_ext_text text = { .text = script_string(&s, "enough") };
    struct weft_ext_error error = { .code = -110, .name = script_string(&s, "ETIMEDOUT") };
    script_add(&s, 30, WEFT_RECORD_TIMEOUT_ENTER, 0, 0, weft_id(WEFT_ENTITY_TIMEOUT, 0, 1), 100);
    script_add(&s, 40, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(1), 0);
    script_add(&s, 100, WEFT_RECORD_TIMEOUT_EXPIRE, 0, 0, weft_id(WEFT_ENTITY_TIMEOUT, 0, 1),
               TASK(1));
    script_add_ext(&s, 100, WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(1), LOOP, &text);
    script_add(&s, 101, WEFT_RECORD_WAKE, WEFT_WAKE_CANCEL, 0, TASK(1), LOOP);
    script_add(&s, 110, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 111, WEFT_RECORD_CANCEL_DELIVER, 0, 0, TASK(1), 0);
    script_add(&s, 120, WEFT_RECORD_SUSPEND, WEFT_AWAIT_LOCK, 0, TASK(1),
               weft_id(WEFT_ENTITY_LOCK, 0, 1));
    script_add(&s, 130, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, 0, TASK(1), 0);
    script_add(&s, 131, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 140, WEFT_RECORD_UNCANCEL, 0, 0, TASK(1), 0);
    script_add(&s, 150, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(1), 0);
    script_add_ext(&s, 160, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_ERROR, 0, TASK(1), 0, &error);
    weft_model *model = script_model(&s);
    assert_lane(model, TASK(1),
                "10-20 ready created; 20-40 running; 40-101 waiting read; 101-110 ready cancel "
                "loop; 110-111 running; 111-120 cancelling; 120-130 cancelling lock lock 1; "
                "130-131 ready resource; 131-140 cancelling; 140-150 running; "
                "150-160 waiting read");
    struct weft_edge edges[4];
    guint main = weft_model_lane_of(model, TASK(1));
    g_assert_cmpuint(weft_model_edges(model, main, 115, edges), ==, 1);
    g_assert_cmpint(edges[0].kind, ==, WEFT_EDGE_CANCEL);
    g_assert_cmpint(edges[0].from_ns, ==, 100);
    g_assert_cmpuint(edges[0].from, ==, LOOP);
    g_autofree char *outcome = weft_model_outcome_words(model, main);
    g_assert_cmpstr(outcome, ==, "ETIMEDOUT");
    weft_model_free(model);
}

static void test_loss(void)
{
    struct script s = script_with_main();
    script_add(&s, 30, WEFT_RECORD_TASK_NEW, 0, 0, TASK(2), TASK(1));
    script_add(&s, 30, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(2), TASK(1));
    script_add(&s, 40, WEFT_RECORD_TASK_NEW, 0, 0, TASK(3), TASK(1));
    script_add(&s, 50, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(3), 0);
    script_lose(&s, 4);
    script_add(&s, 90, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(2), 0);
    script_add(&s, 95, WEFT_RECORD_ITERATION, 0, 1, LOOP, 9);
    script_add(&s, 100, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    weft_model *model = script_model(&s);
    assert_lane(model, TASK(1), "10-20 ready created; 20-50 running; 50-100 unknown");
    assert_lane(model, TASK(2), "30-50 ready created main; 50-90 unknown; 90-100 waiting read");
    assert_lane(model, TASK(3), "40-50 ready created main");
    assert_lane(model, LOOP, "0-20 loop; 20-50 running main; 50-90 unknown; 90-100 loop");
    g_autofree char *ready = lane_text(model, weft_model_lane_of(model, LOOP) + 2);
    g_assert_cmpstr(ready, ==,
                    "0-10 count 0; 10-20 count 1; 20-30 count 0; 30-50 count 1; 50-95 unknown; "
                    "95-100 count 1");
    guint n;
    const struct weft_loss *losses = weft_model_losses(model, &n);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpint(losses[0].from_ns, ==, 50);
    g_assert_cmpint(losses[0].to_ns, ==, 90);
    g_assert_cmpuint(losses[0].slots, ==, 4);
    g_assert_cmpuint(weft_model_lost(model), ==, 4);
    float busy[10];
    gboolean lost[10];
    weft_model_density(model, 0, 100, 10, busy, lost);
    g_assert_cmpfloat(busy[0], ==, 0);
    g_assert_cmpfloat(busy[3], ==, 1);
    g_assert_true(lost[6]);
    g_assert_false(lost[3]);
    weft_model_free(model);
}

/* What was lost after the last event is known once the process has ended. */
static void test_lost_end(void)
{
    struct script s = script_with_main();
    script_add(&s, 60, WEFT_RECORD_PROCESS_EXIT, WEFT_EXIT_SIGNAL, 0,
               weft_id(WEFT_ENTITY_PROCESS, 0, 1), 9);
    script_lose(&s, 7);
    struct weft_record later = { .time = 100, .kind = WEFT_RECORD_MARK };
    weft_trace_append(s.trace, 1, &later, 1); /* of another thread */
    weft_model *model = script_model(&s);
    guint n;
    const struct weft_loss *losses = weft_model_losses(model, &n);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpuint(losses[0].slots, ==, 7);
    g_assert_cmpuint(weft_model_lost(model), ==, 7);
    assert_lane(model, TASK(1), "10-20 ready created; 20-60 running; 60-100 unknown");
    weft_state *state = weft_model_state_at(model, 80);
    g_assert_cmpint(weft_state_task(state, TASK(1))->state, ==, WEFT_STATE_UNKNOWN);
    weft_state_free(state);
    weft_model_free(model);
}

/* Of a trace that grows: what is known to be lost hides at once what comes, and is counted when it
 * is known how much it is. */
static void test_lost_lately(void)
{
    struct script s = script_with_main();
    script_lose(&s, 3);
    struct weft_record later = { .time = 60, .kind = WEFT_RECORD_MARK };
    weft_trace_append(s.trace, 1, &later, 1); /* of another thread */
    weft_model *model = weft_model_new(s.trace);
    weft_model_advance(model, 0);
    assert_lane(model, TASK(1), "10-20 ready created; 20-60 unknown");
    weft_state *state = weft_model_state_at(model, 40);
    g_assert_cmpint(weft_state_task(state, TASK(1))->state, ==, WEFT_STATE_UNKNOWN);
    weft_state_free(state);
    g_assert_cmpuint(weft_model_lost(model), ==, 0);
    script_lose(&s, 2);
    script_add(&s, 90, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(1), 0);
    script_add(&s, 95, WEFT_RECORD_WAKE, WEFT_WAKE_IO, 0, TASK(1), 0);
    script_cut(&s);
    weft_model_advance(model, 0);
    assert_lane(model, TASK(1), "10-20 ready created; 20-90 unknown; 90-95 waiting read");
    g_assert_cmpuint(weft_model_lost(model), ==, 5);
    weft_model_free(model);
    g_array_unref(s.records);
    weft_trace_unref(s.trace);
}

/* What is lost begins a lane's 65th segment, or the first of its second leaf, when no chunk is
 * there yet for it, and another ring's comes first. */
static void test_lost_leaf(void)
{
    struct script s = script_with_main();
    for (gint64 t = 21; t < 83; t += 2) { /* 2 segments were before */
        script_add(&s, t, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(1), 0);
        script_add(&s, t + 1, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    }
    script_lose(&s, 3);
    weft_model *model = weft_model_new(s.trace);
    weft_model_advance(model, 0);
    guint lane = weft_model_lane_of(model, TASK(1));
    struct weft_segment_view view;
    g_assert_true(weft_model_segment_at(model, lane, 15, &view));
    g_assert_cmpuint(view.state, ==, WEFT_SEGMENT_READY);
    struct weft_record later = { .time = 90, .kind = WEFT_RECORD_MARK };
    weft_trace_append(s.trace, 1, &later, 1);
    weft_model_advance(model, 0);
    for (gint64 t = 100; t < 400; t += 2) {
        script_add(&s, t, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(1), 0);
        script_add(&s, t + 1, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    }
    script_cut(&s);
    weft_model_advance(model, 0);
    g_assert_true(weft_model_segment_at(model, lane, 95, &view));
    g_assert_cmpuint(view.state, ==, WEFT_SEGMENT_UNKNOWN);
    g_assert_cmpint(view.to_ns, ==, 100);
    g_assert_true(weft_model_segment_at(model, lane, 111, &view));
    g_assert_cmpuint(view.state, ==, WEFT_SEGMENT_RUNNING);
    weft_model_free(model);
    g_array_unref(s.records);
    weft_trace_unref(s.trace);
}

/* Of a task whose beginning was lost its name is heard first, or that it is to be cancelled. */
static void test_heard_of(void)
{
    struct script s = script_with_main();
    script_lose(&s, 3);
    script_name(&s, 30, TASK(2), "late");
    script_add(&s, 35, WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(3), TASK(1));
    script_add(&s, 40, WEFT_RECORD_WAKE, WEFT_WAKE_IO, 0, TASK(2), 0);
    script_add(&s, 50, WEFT_RECORD_RESUME, 0, 0, TASK(3), 0);
    script_add(&s, 60, WEFT_RECORD_MARK, 0, 0, 0, 0);
    weft_model *model = script_model(&s);
    assert_lane(model, TASK(2), "30-40 unknown; 40-60 ready io");
    assert_lane(model, TASK(3), "35-50 unknown; 50-60 running");
    weft_model_free(model);
}

/* After a loss a task runs inside another's slice; the next chunk says whose. */
static void test_outer(void)
{
    struct script s = script_with_main();
    script_lose(&s, 3);
    script_add(&s, 30, WEFT_RECORD_TASK_NEW, 0, 0, TASK(2), 0);
    script_add(&s, 30, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add(&s, 40, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(2), 0);
    script_cut(&s);
    struct weft_record records[] = {
        { .time = 50, .kind = WEFT_RECORD_MARK },
        { .time = 60, .kind = WEFT_RECORD_SUSPEND, .detail = WEFT_AWAIT_READ, .subject = TASK(1) },
        { .time = 70, .kind = WEFT_RECORD_MARK },
    };
    weft_trace_append_chunk(s.trace, 0, records, G_N_ELEMENTS(records), TASK(1));
    weft_model *model = script_model(&s);
    assert_lane(model, TASK(1),
                "10-20 ready created; 20-50 unknown; 50-60 running; 60-70 waiting read");
    weft_state *state = weft_model_state_at(model, 55);
    g_assert_cmpint(weft_state_task(state, TASK(1))->state, ==, WEFT_STATE_RUNNING);
    weft_state_free(state);
    weft_model_free(model);
}

/* A trace that begins amid the run: tasks begin where they are first seen. */
static void test_midrun(void)
{
    struct script s = script_new();
    script_add(&s, 500, WEFT_RECORD_WAKE, WEFT_WAKE_IO, 0, TASK(900001), 0);
    script_add(&s, 510, WEFT_RECORD_RESUME, 0, 0, TASK(900001), 0);
    script_add(&s, 520, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(900001), 0);
    script_add(&s, 530, WEFT_RECORD_RESUME, 0, 0, TASK(17), 0);
    script_add(&s, 540, WEFT_RECORD_ITERATION, 0, 0, weft_id(WEFT_ENTITY_LOOP, 0, 3), 4);
    weft_model *model = script_model(&s);
    assert_lane(model, TASK(900001), "500-510 ready io; 510-520 running; 520-540 waiting read");
    assert_lane(model, TASK(17), "530-540 running");
    guint loop = weft_model_lane_of(model, weft_id(WEFT_ENTITY_LOOP, 0, 3));
    g_assert_cmpuint(weft_model_lane(model, loop)->id, ==, weft_id(WEFT_ENTITY_LOOP, 0, 3));
    weft_model_free(model);
}

/* Callbacks and, in a source without tasks, lanes of handles. */
static void test_callbacks(void)
{
    struct script s = script_new();
    uint64_t handle = weft_id(WEFT_ENTITY_HANDLE, 0, 1), call = weft_id(WEFT_ENTITY_CALLBACK, 0, 1);
    script_add(&s, 0, WEFT_RECORD_LOOP_OPEN, 0, 0, LOOP, 1);
    script_name(&s, 0, handle, ":80");
    script_add(&s, 5, WEFT_RECORD_READY, WEFT_HANDLE_CALL_SOON, 0, call, 0);
    script_add(&s, 10, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_CALL_SOON, 0, call, 0);
    script_add(&s, 20, WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_CALL_SOON, 0, call, 0);
    script_add(&s, 30, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_IO, 0, handle, 0);
    script_add(&s, 40, WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_IO, 0, handle, 0);
    script_add(&s, 50, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_IO, 0, handle, 0);
    weft_model *model = script_model(&s);
    assert_lane(model, LOOP,
                "0-10 loop; 10-20 callback call_soon callback 1; 20-30 loop; "
                "30-40 callback io :80; 40-50 loop");
    assert_lane(model, handle, "30-40 callback io :80; 40-50 waiting other");
    g_autofree char *ready = lane_text(model, weft_model_lane_of(model, LOOP) + 2);
    g_assert_cmpstr(ready, ==, "0-5 count 0; 5-10 count 1; 10-50 count 0");
    weft_model_free(model);
}

static void test_edges(void)
{
    weft_model *model = sleeping_child();
    guint main = weft_model_lane_of(model, TASK(1)), child = weft_model_lane_of(model, TASK(2));
    struct weft_edge e[4];
    g_assert_cmpuint(weft_model_edges(model, main, 45, e), ==, 2);
    g_assert_cmpint(e[0].kind, ==, WEFT_EDGE_WAKE);
    g_assert_cmpuint(e[0].from_lane, ==, child);
    g_assert_cmpuint(e[0].to_lane, ==, main);
    g_assert_cmpint(e[0].from_ns, ==, 50000090);
    g_assert_cmpint(e[0].detail, ==, WEFT_WAKE_TASK);
    g_assert_cmpint(e[1].kind, ==, WEFT_EDGE_AWAIT);
    g_assert_cmpuint(e[1].to_lane, ==, child);
    g_assert_cmpint(e[1].from_ns, ==, 40);
    g_assert_cmpuint(weft_model_edges(model, child, 50000095, e), ==, 2);
    g_assert_cmpint(e[0].kind, ==, WEFT_EDGE_WAKE);
    g_assert_cmpuint(e[0].from_lane, ==, G_MAXUINT32);
    g_assert_cmpuint(e[0].from, ==, TIMER(1));
    g_assert_cmpint(e[1].kind, ==, WEFT_EDGE_PARENT);
    g_assert_cmpuint(e[1].from_lane, ==, main);
    g_assert_cmpint(e[1].to_ns, ==, 30);
    weft_model_free(model);
}

/* The members of a group of n, all but the last of which end at 60 ns, that one at 70, so; and
 * main, whom the group lets go on at 80. */
static weft_model *group_of(guint n, unsigned outcome)
{
    struct script s = script_with_main();
    uint64_t group = weft_id(WEFT_ENTITY_GROUP, 0, 1);
    script_add(&s, 30, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    for (guint i = 2; i < n + 2; i++) {
        script_add(&s, 35, WEFT_RECORD_TASK_NEW, 0, 0, TASK(i), TASK(1));
        script_add(&s, 36, WEFT_RECORD_GROUP_ADD, 0, 0, group, TASK(i));
    }
    script_add(&s, 40, WEFT_RECORD_SUSPEND, WEFT_AWAIT_GROUP, 0, TASK(1), group);
    for (guint i = 2; i < n + 2; i++)
        script_add(&s, i <= n ? 60 : 70, WEFT_RECORD_TASK_DONE,
                   i <= n ? WEFT_OUTCOME_RESULT : outcome, 0, TASK(i), 0);
    script_add(&s, 80, WEFT_RECORD_WAKE, WEFT_WAKE_GROUP, 0, TASK(1), group);
    script_add(&s, 90, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    return script_model(&s);
}

/* Whom a group's member lets go on, and whom it awaits, is said of the member where it is known
 * which; of the group where one of several failed, or it is very large. */
static void test_edges_of_groups(void)
{
    static const struct {
        guint n;
        unsigned outcome;
        uint64_t wake, await; /* numbers of tasks; 0: the group itself */
    } groups[] = {
        { 3, WEFT_OUTCOME_RESULT, 4, 4 },    { 3, WEFT_OUTCOME_ERROR, 0, 4 },
        { 1, WEFT_OUTCOME_ERROR, 2, 2 },     { 4096, WEFT_OUTCOME_RESULT, 4097, 4097 },
        { 4097, WEFT_OUTCOME_RESULT, 0, 0 },
    };
    const uint64_t group = weft_id(WEFT_ENTITY_GROUP, 0, 1);
    for (guint i = 0; i < G_N_ELEMENTS(groups); i++) {
        weft_model *model = group_of(groups[i].n, groups[i].outcome);
        struct weft_edge e[4];
        g_assert_cmpuint(weft_model_edges(model, weft_model_lane_of(model, TASK(1)), 65, e), ==, 2);
        g_assert_cmpint(e[0].kind, ==, WEFT_EDGE_WAKE);
        g_assert_cmpuint(e[0].from, ==, groups[i].wake ? TASK(groups[i].wake) : group);
        g_assert_cmpint(e[1].kind, ==, WEFT_EDGE_AWAIT);
        g_assert_cmpuint(e[1].to, ==, groups[i].await ? TASK(groups[i].await) : group);
        weft_model_free(model);
    }
}

static void test_steps(void)
{
    weft_model *model = sleeping_child();
    guint child = weft_model_lane_of(model, TASK(2));
    struct weft_segment_view v;
    g_assert_true(weft_model_segment_step(model, child, 0, 1, FALSE, &v));
    g_assert_cmpint(v.from_ns, ==, 30);
    g_assert_true(weft_model_segment_step(model, child, 40, 1, TRUE, &v));
    g_assert_cmpint(v.from_ns, ==, 50000080);
    g_assert_false(weft_model_segment_step(model, child, 50000080, 1, TRUE, &v));
    g_assert_true(weft_model_segment_step(model, child, 50000080, -1, TRUE, &v));
    g_assert_cmpint(v.from_ns, ==, 40);
    g_assert_false(weft_model_segment_step(model, child, 40, -1, TRUE, &v));
    g_assert_true(weft_model_segment_at(model, child, 60, &v));
    g_assert_cmpint(v.state, ==, WEFT_SEGMENT_WAITING);
    g_assert_cmpuint(v.site, ==, 9);
    g_assert_false(weft_model_segment_at(model, child, 29, &v));
    g_assert_false(weft_model_segment_at(model, child, 50000100, &v));
    weft_model_free(model);
}

struct visited {
    GString *text;
    guint stop_after;
};

static gboolean note_event(const struct weft_event_view *event, gpointer data)
{
    struct visited *visited = data;
    g_string_append_printf(visited->text, "%" G_GUINT64_FORMAT " %s %u; ", event->record.time,
                           weft_event_info(event->record.kind)->name,
                           (unsigned)weft_id_counter(event->actor));
    return --visited->stop_after > 0;
}

static void test_visit(void)
{
    weft_model *model = sleeping_child();
    struct visited visited = { g_string_new(NULL), 99 };
    weft_model_visit(model, 31, 50, note_event, &visited);
    g_assert_cmpstr(visited.text->str, ==,
                    "31 WAKE 1; 40 SUSPEND 1; 40 ITERATION 1; 40 RESUME 1; 45 TIMER_SET 2; "
                    "50 SUSPEND 2; ");
    g_string_set_size(visited.text, 0);
    visited.stop_after = 1;
    weft_model_visit(model, 0, G_MAXINT64, note_event, &visited);
    g_assert_cmpstr(visited.text->str, ==, "0 LOOP_OPEN 0; ");
    g_string_free(visited.text, TRUE);
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/empty", test_empty);
    g_test_add_func("/model/states", test_states);
    g_test_add_func("/model/lanes", test_lanes);
    g_test_add_func("/model/totals", test_totals);
    g_test_add_func("/model/open-end", test_open_end);
    g_test_add_func("/model/eager", test_eager);
    g_test_add_func("/model/many-slices", test_many_slices);
    g_test_add_func("/model/cancel", test_cancel);
    g_test_add_func("/model/loss", test_loss);
    g_test_add_func("/model/lost-end", test_lost_end);
    g_test_add_func("/model/lost-lately", test_lost_lately);
    g_test_add_func("/model/lost-leaf", test_lost_leaf);
    g_test_add_func("/model/heard-of", test_heard_of);
    g_test_add_func("/model/outer", test_outer);
    g_test_add_func("/model/midrun", test_midrun);
    g_test_add_func("/model/callbacks", test_callbacks);
    g_test_add_func("/model/edges", test_edges);
    g_test_add_func("/model/edges-of-groups", test_edges_of_groups);
    g_test_add_func("/model/steps", test_steps);
    g_test_add_func("/model/visit", test_visit);
    return g_test_run();
}
