/* beginning_test.c: lanes of traces that begin with a STATE. */
#include "tests/model/script.h"
#include "tracer/model/dispatch.h"
#include "tracer/model/tracks.h"

#define LOCK(n)    weft_id(WEFT_ENTITY_LOCK, 0, n)
#define TIMEOUT(n) weft_id(WEFT_ENTITY_TIMEOUT, 0, n)

static void apply(weft_state *state, gint64 time, unsigned kind, unsigned detail, uint64_t subject,
                  uint64_t object)
{
    struct weft_record r = { .time = (uint64_t)time,
                             .kind = (uint8_t)kind,
                             .detail = (uint8_t)detail,
                             .site = 5,
                             .subject = subject,
                             .object = object };
    weft_state_apply(state, 0, &r, NULL);
}

/* At 100: 1 ("first") waits for a lock since 10; 2 sleeps since 20 till 1000; 3 is ready since 30;
 * 4 cleans up, waiting, since 40; 5 is unknown; 6 is done; 7, its parent 1, has just been made. */
static weft_state *seven_tasks(struct script *s)
{
    weft_state *state = weft_state_new();
    apply(state, 1, WEFT_RECORD_RESUME, 0, TASK(5), 0);
    weft_state_apply_loss(state, 0, 2);
    apply(state, 3, WEFT_RECORD_TASK_NAME, 0, TASK(1), script_string(s, "first"));
    apply(state, 4, WEFT_RECORD_RESUME, 0, TASK(1), 0);
    apply(state, 5, WEFT_RECORD_TIMEOUT_ENTER, 0, TIMEOUT(1), 5000);
    apply(state, 10, WEFT_RECORD_SUSPEND, WEFT_AWAIT_LOCK, TASK(1), LOCK(1));
    apply(state, 11, WEFT_RECORD_OBJECT_NAME, 0, LOCK(1), script_string(s, "gate"));
    apply(state, 15, WEFT_RECORD_TIMER_SET, 0, TIMER(1), 1000);
    apply(state, 20, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, TASK(2), TIMER(1));
    apply(state, 30, WEFT_RECORD_WAKE, WEFT_WAKE_IO, TASK(3), 0);
    apply(state, 40, WEFT_RECORD_CANCEL_DELIVER, 0, TASK(4), 0);
    apply(state, 40, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, TASK(4), 0);
    apply(state, 50, WEFT_RECORD_TASK_DONE, 0, TASK(6), 0);
    apply(state, 60, WEFT_RECORD_TASK_NEW, 0, TASK(7), TASK(1));
    return state;
}

static struct script script_with_state(weft_state *(*make)(struct script *))
{
    struct script s = script_new();
    weft_state *state = make(&s);
    weft_trace_append_state(s.trace, state);
    weft_state_free(state);
    return s;
}

static void test_states(void)
{
    struct script s = script_with_state(seven_tasks);
    script_add(&s, 100, WEFT_RECORD_RESUME, 0, 0, TASK(3), 0);
    script_add(&s, 110, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, 0, TASK(1), LOCK(1));
    script_add(&s, 120, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(3), 0);
    weft_model *model = script_model(&s);
    assert_lane(model, TASK(1), "10-110 waiting lock gate; 110-120 ready resource gate");
    assert_lane(model, TASK(2), "20-120 waiting timer timer 1");
    assert_lane(model, TASK(3), "30-100 ready io; 100-120 running");
    assert_lane(model, TASK(4), "40-120 cancelling read");
    assert_lane(model, TASK(5), "2-120 unknown");
    assert_lane(model, TASK(7), "60-120 ready created first");
    g_assert_cmpuint(weft_model_lane_of(model, TASK(6)), ==, G_MAXUINT32);
    g_assert_cmpuint(weft_model_lane(model, weft_model_lane_of(model, TASK(7)))->parent, ==,
                     weft_model_lane_of(model, TASK(1)));
    g_assert_cmpuint(weft_model_lost(model), ==, 0);
    struct weft_segment_view view;
    g_assert_true(weft_model_segment_at(model, weft_model_lane_of(model, TASK(2)), 50, &view));
    g_auto(GStrv)
        words = weft_model_segment_words(model, weft_model_lane_of(model, TASK(2)), &view);
    g_assert_cmpstr(words[0], ==, "sleep 980 ns");
    weft_model_free(model);
}

/* A hung program: nothing but its state. */
static weft_state *hung(struct script *s G_GNUC_UNUSED)
{
    weft_state *state = weft_state_new();
    apply(state, -50, WEFT_RECORD_RESUME, 0, TASK(1), 0);
    apply(state, 20, WEFT_RECORD_RESUME, 0, TASK(2), 0); /* started eagerly */
    return state;
}

static void test_no_events(void)
{
    struct script s = script_with_state(hung);
    weft_model *model = script_model(&s);
    weft_model_set_now(model, 500);
    assert_lane(model, TASK(1), "0-500 running");
    assert_lane(model, TASK(2), "20-500 running");
    assert_lane(model, LOOP, "20-500 running Task-2");
    weft_model_free(model);
}

/* The eager start's end is the end of the inner slice only. */
static void test_nested(void)
{
    struct script s = script_with_state(hung);
    script_add(&s, 100, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(2), 0);
    script_add(&s, 120, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(1), 0);
    script_add(&s, 130, WEFT_RECORD_POLL_BEGIN, 0, 0, LOOP, 0);
    weft_model *model = script_model(&s);
    assert_lane(model, LOOP, "20-100 running Task-2; 100-120 running Task-1; 120-130 loop");
    assert_lane(model, TASK(1), "0-120 running; 120-130 waiting read");
    weft_model_free(model);
}

static weft_state *polling(struct script *s G_GNUC_UNUSED)
{
    weft_state *state = weft_state_new();
    apply(state, 10, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, TASK(1), 0);
    apply(state, 20, WEFT_RECORD_POLL_BEGIN, 0, LOOP, 0);
    return state;
}

/* Lanes of more than 64 segments: the first leaf, decoded again, begins with the state's. */
static void test_first_leaf(void)
{
    struct script s = script_with_state(polling);
    script_add(&s, 100, WEFT_RECORD_POLL_END, 0, 0, LOOP, 0);
    for (gint64 t = 110; t < 10110; t += 10) {
        script_add(&s, t, WEFT_RECORD_WAKE, WEFT_WAKE_IO, 0, TASK(1), 0);
        script_add(&s, t + 2, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
        script_add(&s, t + 4, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(1), 0);
    }
    weft_model *model = script_model(&s);
    guint lane = weft_model_lane_of(model, TASK(1)), loop = weft_model_lane_of(model, LOOP);
    g_assert_cmpuint(weft_model_lane_segments(model, lane), >, 1000);
    g_autofree char *text = lane_text(model, lane);
    g_assert_true(
        g_str_has_prefix(text, "10-110 waiting read; 110-112 ready io; 112-114 running;"));
    g_autofree char *of_loop = lane_text(model, loop);
    g_assert_true(g_str_has_prefix(of_loop, "20-100 poll; 100-112 loop; 112-114 running Task-1;"));
    struct weft_segment_view view;
    g_assert_true(weft_model_segment_at(model, lane, 50, &view));
    g_assert_cmpint(view.state, ==, WEFT_SEGMENT_WAITING);
    g_assert_cmpint(view.from_ns, ==, 10);
    weft_model_free(model);
}

/* What is lost behind the state is unknown from there on. */
static void test_loss_at_once(void)
{
    struct script s = script_with_state(polling);
    script_lose(&s, 7);
    script_add(&s, 100, WEFT_RECORD_POLL_END, 0, 0, LOOP, 0);
    script_add(&s, 110, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 120, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(1), 0);
    weft_model *model = script_model(&s);
    assert_lane(model, TASK(1), "10-20 waiting read; 20-110 unknown; 110-120 running");
    g_assert_cmpuint(weft_model_lost(model), ==, 7);
    weft_model_free(model);
}

static gboolean born(const weft_model *model, uint64_t task)
{
    return weft_model_lane(model, weft_model_lane_of(model, task))->flags & WEFT_LANE_BORN;
}

static void test_state_at(void)
{
    struct script s = script_with_state(seven_tasks);
    script_add(&s, 110, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, 0, TASK(1), LOCK(1));
    script_add(&s, 115, WEFT_RECORD_TASK_NEW, 0, 0, TASK(8), TASK(1));
    weft_model *model = script_model(&s);
    g_assert_false(born(model, TASK(2)));
    g_assert_true(born(model, TASK(8)));
    weft_state *state = weft_model_state_at(model, 105);
    g_assert_cmpuint(weft_state_task(state, TASK(1))->state, ==, WEFT_STATE_WAITING);
    weft_state_free(state);
    state = weft_model_state_at(model, 110);
    g_assert_cmpuint(weft_state_task(state, TASK(1))->state, ==, WEFT_STATE_READY);
    g_assert_cmpuint(weft_state_task(state, TASK(3))->state, ==, WEFT_STATE_READY);
    weft_state_free(state);
    weft_model_free(model);
}

/* Before the time that a task's state is known from, it is not. */
static void test_state_before_it(void)
{
    struct script s = script_with_state(seven_tasks);
    weft_model *model = script_model(&s);
    guint n;
    weft_state *state = weft_model_state_at(model, 15);
    g_assert_cmpuint(weft_state_task(state, TASK(1))->state, ==, WEFT_STATE_WAITING);
    g_assert_cmpuint(weft_state_task(state, TASK(2))->state, ==, WEFT_STATE_UNKNOWN);
    g_assert_cmpuint(weft_state_task(state, TASK(3))->state, ==, WEFT_STATE_UNKNOWN);
    weft_state_ready(state, 0, &n);
    g_assert_cmpuint(n, ==, 0);
    weft_state_free(state);
    state = weft_model_state_at(model, 30);
    g_assert_cmpuint(weft_state_task(state, TASK(2))->state, ==, WEFT_STATE_WAITING);
    weft_state_ready(state, 0, &n);
    g_assert_cmpuint(n, ==, 1);
    weft_state_free(state);
    weft_model_free(model);

    s = script_with_state(hung);
    model = script_model(&s);
    state = weft_model_state_at(model, 10);
    g_assert_cmpuint(weft_state_running(state, 0), ==, TASK(1));
    weft_state_free(state);
    state = weft_model_state_at(model, 20);
    g_assert_cmpuint(weft_state_running(state, 0), ==, TASK(2));
    weft_state_free(state);
    weft_model_free(model);
    s = script_with_state(polling);
    model = script_model(&s);
    state = weft_model_state_at(model, 19);
    g_assert_false(weft_state_polling(state, 0, NULL));
    weft_state_free(state);
    state = weft_model_state_at(model, 20);
    g_assert_true(weft_state_polling(state, 0, NULL));
    weft_state_free(state);
    weft_model_free(model);
}

/* 2 runs since 30, 3 is ready behind it, 1 waits for 2. */
static weft_state *held_loop(struct script *s)
{
    (void)s;
    weft_state *state = weft_state_new();
    apply(state, 10, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TASK, TASK(1), TASK(2));
    apply(state, 20, WEFT_RECORD_WAKE, WEFT_WAKE_TIMER, TASK(2), 0);
    apply(state, 25, WEFT_RECORD_WAKE, WEFT_WAKE_TIMER, TASK(3), 0);
    apply(state, 30, WEFT_RECORD_RESUME, 0, TASK(2), 0);
    return state;
}

/* A loop that is held lets no event through: its state says what the Dispatch view shows. */
static void test_dispatch(void)
{
    struct script s = script_with_state(held_loop);
    weft_model *model = script_model(&s);
    weft_model_set_now(model, 500);
    weft_replay *replay = weft_replay_new(model, weft_model_lane_of(model, LOOP));
    struct weft_replay_place place = { 499, WEFT_WHOLE_MOMENT };
    struct weft_dispatch *d = weft_replay_scene(replay, place);
    g_assert_cmpuint(d->phase, ==, WEFT_PHASE_READY);
    g_assert_cmpuint(d->running.id, ==, TASK(2));
    g_assert_cmpint(d->running.since_ns, ==, 30);
    g_assert_cmpuint(d->ready->len, ==, 1);
    g_assert_cmpuint(g_array_index(d->ready, struct weft_token, 0).id, ==, TASK(3));
    g_assert_cmpuint(d->waiting[WEFT_WAIT_TASK]->len, ==, 1);
    g_assert_cmpuint(d->path[0], ==, TASK(1));
    g_assert_cmpuint(d->iteration, ==, 0);
    weft_dispatch_free(d);
    struct weft_replay_place found;
    g_assert_false(weft_replay_step(replay, place, WEFT_REPLAY_STEP, -1, &found));
    g_assert_false(weft_replay_step(replay, place, WEFT_REPLAY_EVENT, 1, &found));
    weft_replay_free(replay);
    weft_model_free(model);
}

/* 1 has a lock, and waits: a STATE does not hold since when. */
static weft_state *holds_lock(struct script *s)
{
    (void)s;
    weft_state *state = weft_state_new();
    apply(state, 110, WEFT_RECORD_RESUME, 0, TASK(1), 0);
    apply(state, 110, WEFT_RECORD_OBJECT_NEW, 0, LOCK(1), 0);
    apply(state, 120, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, LOCK(1), 1);
    apply(state, 130, WEFT_RECORD_SUSPEND, WEFT_AWAIT_EVENT, TASK(1), 0);
    return state;
}

/* Once recording begins the lock's age is told. */
static void test_lock_since(void)
{
    struct script s = script_with_state(holds_lock);
    const struct weft_ext_object held = { .value = 1, .deadline_mono_ns = 600 };
    script_add(&s, 500, WEFT_RECORD_SNAPSHOT, 0, 0, LOOP, 1);
    script_add_ext(&s, 500, WEFT_RECORD_OBJECT_IS, 0, 0, LOCK(1), TASK(1), &held);
    weft_model *model = script_model(&s);
    weft_tracks *tracks = weft_tracks_new(model);
    while (weft_tracks_advance(tracks, 0))
        continue;
    struct weft_track lock;
    g_assert_true(weft_tracks_get(tracks, weft_tracks_of(tracks, LOCK(1)), &lock));
    g_assert_cmpint(lock.since_ns, ==, -100);
    g_assert_cmpint(lock.first_ns, >=, 0);
    weft_tracks_free(tracks);
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/beginning/states", test_states);
    g_test_add_func("/beginning/no-events", test_no_events);
    g_test_add_func("/beginning/dispatch", test_dispatch);
    g_test_add_func("/beginning/lock-since", test_lock_since);
    g_test_add_func("/beginning/nested", test_nested);
    g_test_add_func("/beginning/first-leaf", test_first_leaf);
    g_test_add_func("/beginning/loss-at-once", test_loss_at_once);
    g_test_add_func("/beginning/state-at", test_state_at);
    g_test_add_func("/beginning/state-before-it", test_state_before_it);
    return g_test_run();
}
