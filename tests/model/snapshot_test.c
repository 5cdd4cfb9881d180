/* snapshot_test.c: what is told of tasks and objects behind a loss, where recording begins again:
 * lanes, names, tracks, sentences and findings know at once. */
#include "tests/model/trouble.h"
#include "tracer/model/dispatch.h"
#include "tracer/model/narrative.h"
#include "tracer/model/tracks.h"

#define GROUP(n) weft_id(WEFT_ENTITY_GROUP, 0, n)
#define QUEUE    weft_id(WEFT_ENTITY_QUEUE, 0, 1)

static void task_is(struct script *s, double ms, unsigned task, enum weft_told_task state,
                    unsigned why, uint64_t other, struct weft_ext_task ext)
{
    ext.why = (uint8_t)why;
    script_add_ext(s, MS(ms), WEFT_RECORD_TASK_IS, state, 21, TASK(task), other, &ext);
}

static void object_is(struct script *s, double ms, uint64_t object, unsigned detail, uint64_t owner,
                      struct weft_ext_object ext)
{
    script_add_ext(s, MS(ms), WEFT_RECORD_OBJECT_IS, detail, 4, object, owner, &ext);
}

/* Ada and Bob are seen to begin; what they do then is not. */
static void begin(struct script *s)
{
    make_task(s, 1, 2, "Ada");
    make_task(s, 1, 3, "Bob");
    suspend(s, 1, 1, WEFT_AWAIT_EVENT, 0, 10);
    resume(s, 2, 2);
    script_lose(s, 100);
    script_add(s, MS(9), WEFT_RECORD_SNAPSHOT, 0, 0, LOOP, 5);
}

static void tell_locks(struct script *s)
{
    uint32_t fork = script_string(s, "fork"), knife = script_string(s, "knife");
    object_is(s, 9, LOCK(1), 0, TASK(2),
              (struct weft_ext_object){ .value = 1, .name = fork, .deadline_mono_ns = MS(5) });
    object_is(s, 9, LOCK(2), 0, TASK(3), (struct weft_ext_object){ .value = 1, .name = knife });
}

static void locked_up(struct script *s)
{
    struct weft_ext_task ada = { .name = script_string(s, "Ada") };
    struct weft_ext_task bob = { .name = script_string(s, "Bob") };
    begin(s);
    tell_locks(s);
    task_is(s, 9, 2, WEFT_TOLD_WAITING, WEFT_AWAIT_LOCK, LOCK(2), ada);
    task_is(s, 9, 3, WEFT_TOLD_WAITING, WEFT_AWAIT_LOCK, LOCK(1), bob);
}

/* They have been so for long. */
static void locked_up_long(struct script *s)
{
    begin(s);
    tell_locks(s);
    task_is(s, 9, 2, WEFT_TOLD_WAITING, WEFT_AWAIT_LOCK, LOCK(2),
            (struct weft_ext_task){ .age = MS(12) });
    task_is(s, 9, 3, WEFT_TOLD_WAITING, WEFT_AWAIT_LOCK, LOCK(1),
            (struct weft_ext_task){ .age = MS(11) });
}

/* … and were known to be before a loss. */
static void locked_up_all_along(struct script *s)
{
    make_task(s, 0.2, 2, "Ada");
    make_task(s, 0.2, 3, "Bob");
    suspend(s, 0.3, 1, WEFT_AWAIT_EVENT, 0, 10);
    make_object(s, 0.3, LOCK(1), "fork", 0);
    make_object(s, 0.3, LOCK(2), "knife", 0);
    resume(s, 0.4, 2);
    use(s, 0.4, LOCK(1), WEFT_RESOURCE_ACQUIRE, 1);
    suspend(s, 0.5, 2, WEFT_AWAIT_TIMER, TIMER(1), 20);
    resume(s, 0.6, 3);
    use(s, 0.6, LOCK(2), WEFT_RESOURCE_ACQUIRE, 1);
    suspend(s, 0.7, 3, WEFT_AWAIT_LOCK, LOCK(1), 21);
    wake(s, 0.8, 2, WEFT_WAKE_TIMER, TIMER(1));
    resume(s, 0.8, 2);
    suspend(s, 1, 2, WEFT_AWAIT_LOCK, LOCK(2), 21);
    script_lose(s, 100);
    script_add(s, MS(9), WEFT_RECORD_SNAPSHOT, 0, 0, LOOP, 3);
    tell_locks(s);
    task_is(s, 9, 1, WEFT_TOLD_WAITING, WEFT_AWAIT_EVENT, 0, (struct weft_ext_task){ 0 });
    task_is(s, 9, 2, WEFT_TOLD_WAITING, WEFT_AWAIT_LOCK, LOCK(2),
            (struct weft_ext_task){ .age = MS(8) });
    task_is(s, 9, 3, WEFT_TOLD_WAITING, WEFT_AWAIT_LOCK, LOCK(1),
            (struct weft_ext_task){ .age = MS(8.3) });
}

/* Bob is still to be woken. */
static void almost_locked_up(struct script *s)
{
    begin(s);
    tell_locks(s);
    task_is(s, 9, 2, WEFT_TOLD_WAITING, WEFT_AWAIT_LOCK, LOCK(2), (struct weft_ext_task){ 0 });
    task_is(s, 9, 3, WEFT_TOLD_READY, WEFT_WAKE_RESOURCE, 0, (struct weft_ext_task){ 0 });
}

/* Some of what is told is lost again. */
static void locked_up_unseen(struct script *s)
{
    begin(s);
    tell_locks(s);
    task_is(s, 9, 2, WEFT_TOLD_WAITING, WEFT_AWAIT_LOCK, LOCK(2), (struct weft_ext_task){ 0 });
    script_lose(s, 2);
    task_is(s, 9, 3, WEFT_TOLD_WAITING, WEFT_AWAIT_LOCK, LOCK(1), (struct weft_ext_task){ 0 });
}

#define LOST                                                                                       \
    "events-lost warning: 100 events were lost between 2.0 ms and 9.0 ms: what happened there is " \
    "not known.\n"

/* Nothing is lost where nothing was recorded. */
static void rested(struct script *s)
{
    make_task(s, 1, 2, "Ada");
    suspend(s, 1, 1, WEFT_AWAIT_EVENT, 0, 10);
    script_rest(s);
    script_add(s, MS(9), WEFT_RECORD_SNAPSHOT, 0, 0, LOOP, 1);
    task_is(s, 9, 1, WEFT_TOLD_WAITING, WEFT_AWAIT_EVENT, 0, (struct weft_ext_task){ 0 });
}

static void test_deadlock(void)
{
    assert_findings(rested, "");
    assert_findings(locked_up, LOST "deadlock error, lasts: " LOCKED_UP ".\n");
    assert_findings(almost_locked_up, LOST);
    assert_findings(locked_up_long, "deadlock error, lasts: " LOCKED_UP ".\n" LOST);
    assert_findings(locked_up_all_along, "deadlock error, lasts: " LOCKED_UP ".\n"
                                         "events-lost warning: 100 events were lost between 1.0 ms "
                                         "and 9.0 ms: what happened there is not known.\n");
    assert_findings(locked_up_unseen,
                    "events-lost warning: 102 events were lost in 2 places, most of them between "
                    "2.0 ms and 9.0 ms: what happened there is not known.\n");
}

/* All states, of tasks that were seen before and of some that began unseen. */
static weft_model *told_model(void)
{
    struct script s = script_with_main();
    struct weft_ext_task eve = {
        .name = script_string(&s, "Eve"), .parent = TASK(2), .made = 3, .age = MS(10)
    };
    begin(&s);
    tell_locks(&s);
    object_is(&s, 9, GROUP(1), 0, 0, (struct weft_ext_object){ .capacity = 3 });
    object_is(&s, 9, GROUP(1), WEFT_TOLD_OBJECT_HOLDER, weft_id(WEFT_ENTITY_FUTURE, 0, 1),
              (struct weft_ext_object){ 0 });
    task_is(&s, 9, 1, WEFT_TOLD_DONE, WEFT_OUTCOME_RESULT, 0, (struct weft_ext_task){ 0 });
    task_is(&s, 9, 2, WEFT_TOLD_WAITING, WEFT_AWAIT_LOCK, LOCK(2),
            (struct weft_ext_task){ .group = GROUP(1), .age = MS(1), .age_shift = 1 });
    task_is(&s, 9, 3, WEFT_TOLD_CANCELLING, WEFT_AWAIT_TIMER, TIMER(1),
            (struct weft_ext_task){ .cancels = 1, .delivered = 1 });
    task_is(&s, 9, 4, WEFT_TOLD_READY, WEFT_WAKE_TASK, TASK(3), eve);
    task_is(&s, 9, 5, WEFT_TOLD_DONE, WEFT_OUTCOME_RESULT, 0, (struct weft_ext_task){ 0 });
    task_is(&s, 9, 6, WEFT_TOLD_NEW, 0, 0, (struct weft_ext_task){ .parent = TASK(4) });
    script_add(&s, MS(10), WEFT_RECORD_POLL_END, 0, 0, LOOP, 0);
    resume(&s, 11, 4);
    script_add(&s, MS(12), WEFT_RECORD_POLL_BEGIN, 0, 0, LOOP, 0);
    return script_model(&s);
}

static void test_lanes(void)
{
    weft_model *model = told_model();
    assert_lane(model, TASK(1),
                "10-20 ready created; 20-1000000 running; 1000000-2000000 waiting event; "
                "2000000-9000000 unknown");
    assert_lane(model, TASK(2),
                "1000000-2000000 ready created main; 2000000-9000000 unknown; 9000000-12000000 "
                "waiting lock knife");
    assert_lane(model, TASK(3),
                "1000000-2000000 ready created main; 2000000-9000000 unknown; 9000000-12000000 "
                "cancelling timer timer 1");
    assert_lane(model, TASK(4), "9000000-11000000 ready task Bob; 11000000-12000000 running");
    assert_lane(model, TASK(6), "9000000-12000000 ready created Eve");
    g_assert_cmpuint(weft_model_lane_of(model, TASK(5)), ==, G_MAXUINT32); /* it has no time */
    g_autofree char *eve = weft_model_name(model, TASK(4));
    g_assert_cmpstr(eve, ==, "Eve");
    const struct weft_lane *lane = weft_model_lane(model, weft_model_lane_of(model, TASK(4)));
    g_assert_cmpuint(lane->parent, ==, weft_model_lane_of(model, TASK(2)));
    g_autofree char *fork = weft_model_name(model, LOCK(1));
    g_assert_cmpstr(fork, ==, "fork");
    weft_model_free(model);
}

static void assert_why(weft_model *model, uint64_t task, gint64 t_ns, const char *expected)
{
    struct weft_sentence *why = weft_model_why(model, task, t_ns);
    g_autofree char *text = weft_sentence_text(why);
    g_assert_cmpstr(text, ==, expected);
    weft_sentence_free(why);
}

static gint64 since(weft_model *model, unsigned task, gint64 t_ns)
{
    guint lane = weft_model_lane_of(model, TASK(task));
    struct weft_segment_view segment;
    g_assert_true(weft_model_segment_at(model, lane, t_ns, &segment));
    return weft_model_since(model, lane, &segment);
}

/* Recording begins amid what they do: since when is told too, be it before the trace. */
static void test_since(void)
{
    weft_model *model = told_model();
    g_assert_cmpint(since(model, 2, MS(10)), ==, MS(7));
    g_assert_cmpint(since(model, 3, MS(10)), ==, MS(9));
    g_assert_cmpint(since(model, 4, MS(10)), ==, -MS(1));
    g_assert_cmpint(since(model, 4, MS(11.5)), ==, MS(11));
    g_autoptr(weft_state) state = weft_model_state_at(model, MS(10));
    g_assert_cmpint(weft_state_task(state, TASK(2))->since_ns, ==, MS(7));
    g_assert_cmpint(weft_state_task(state, TASK(3))->since_ns, ==, MS(9));
    g_assert_cmpint(weft_state_task(state, TASK(4))->since_ns, ==, -MS(1));
    g_assert_cmpint(weft_state_object(state, LOCK(1))->since_ns, ==, MS(4));
    g_assert_cmpint(weft_state_object(state, LOCK(2))->since_ns, ==, 0);
    const struct weft_lane *ada = weft_model_lane(model, weft_model_lane_of(model, TASK(2))),
                           *eve = weft_model_lane(model, weft_model_lane_of(model, TASK(4)));
    g_assert_true(ada->flags & WEFT_LANE_BORN);
    g_assert_false(eve->flags & WEFT_LANE_BORN);
    assert_why(model, TASK(4), MS(5), "What it did is unknown: it was met only later.");
    weft_tracks *tracks = weft_tracks_new(model);
    while (weft_tracks_advance(tracks, 0))
        ;
    struct weft_track fork, knife;
    g_assert_true(weft_tracks_get(tracks, weft_tracks_of(tracks, LOCK(1)), &fork));
    g_assert_true(weft_tracks_get(tracks, weft_tracks_of(tracks, LOCK(2)), &knife));
    g_assert_cmpint(fork.first_ns, ==, MS(9));
    g_assert_cmpint(fork.since_ns, ==, MS(4));
    g_assert_cmpint(knife.since_ns, ==, G_MININT64);
    weft_tracks_free(tracks);
    weft_model_free(model);
}

static void test_age(void)
{
    static const uint64_t ages[] = { 0, 1, UINT32_MAX, UINT64_C(1) << 32, 86400000000000 };
    for (guint i = 0; i < G_N_ELEMENTS(ages); i++) {
        struct weft_ext_task task;
        weft_age_set(&task, ages[i]);
        g_assert_cmpint(weft_age(&task), <=, ages[i]);
        g_assert_cmpint(weft_age(&task), >=, ages[i] - (ages[i] >> 31));
    }
    const struct weft_ext_task lie = { .age = UINT32_MAX, .age_shift = 255 };
    g_assert_cmpint(weft_age(&lie), ==, 0);
}

/* A finding says when it began; where it is shown is in the trace. */
static void test_finding_since(void)
{
    struct script s = script_with_main();
    locked_up_long(&s);
    weft_model *model = script_model(&s);
    weft_findings *findings = weft_findings_new(model, NULL);
    while (weft_findings_advance(findings, 0))
        ;
    const struct weft_finding *found = weft_findings_get(findings, 0);
    g_assert_cmpstr(found->rule->id, ==, "deadlock");
    g_assert_cmpint(found->since_ns, ==, -MS(3));
    g_assert_cmpint(found->from_ns, ==, weft_trace_begin_ns(weft_model_trace(model)));
    weft_findings_free(findings);
    weft_model_free(model);
}

static void test_sentences(void)
{
    weft_model *model = told_model();
    static const struct {
        unsigned task;
        const char *told;
    } tasks[] = { { 1, "main has ended before recording begins." },
                  { 2, "Ada waits as recording begins: for lock knife." },
                  { 3, "Bob waits as recording begins: for timer 1." },
                  { 4, "Eve is ready as recording begins." },
                  { 4, "Eve runs: it was in the ready queue for 12.0 ms, since before recording "
                       "began." },
                  { 6, "Task-6 is ready as recording begins." } };
    for (guint i = 0; i < G_N_ELEMENTS(tasks); i++) {
        guint current;
        gboolean whole, found = FALSE;
        g_autoptr(GPtrArray)
            story = weft_model_story(model, TASK(tasks[i].task), MS(9), 9, &current, &whole);
        for (guint k = 0; k < story->len; k++) {
            g_autofree char *text = weft_sentence_text(story->pdata[k]);
            found |= g_str_equal(text, tasks[i].told);
        }
        g_assert_true(found);
    }
    weft_model_free(model);
}

/* The headline is of what can be told, though the last that is told of has no words. */
static void test_headline(void)
{
    struct script s = script_with_main();
    begin(&s);
    tell_locks(&s);
    object_is(&s, 9, GROUP(1), 0, 0, (struct weft_ext_object){ .capacity = 3 });
    weft_model *model = script_model(&s);
    g_autoptr(weft_replay) replay = weft_replay_new(model, weft_model_lane_of(model, LOOP));
    struct weft_replay_place place = { MS(9), WEFT_WHOLE_MOMENT };
    struct weft_replay_telling *telling = weft_replay_tell(replay, place, WEFT_REPLAY_WHOLE, 0);
    g_assert_nonnull(telling->headline);
    g_autofree char *text = weft_sentence_text(telling->headline);
    g_assert_cmpstr(text, ==, "Bob holds lock knife as recording begins.");
    weft_replay_telling_free(telling);
    weft_model_free(model);
}

static void test_parties(void)
{
    weft_model *model = told_model();
    g_autoptr(weft_state) state = weft_model_state_at(model, MS(9));
    guint n;
    gboolean all;
    const struct weft_party *members = weft_state_parties(state, GROUP(1), &n, &all);
    g_assert_cmpuint(n, ==, 2); /* the third has ended */
    g_assert_true(all);
    g_assert_cmpuint(members[0].id, ==, weft_id(WEFT_ENTITY_FUTURE, 0, 1));
    g_assert_cmpuint(members[1].id, ==, TASK(2));
    weft_tracks *tracks = weft_tracks_new(model);
    while (weft_tracks_advance(tracks, 0))
        ;
    struct weft_track_step step;
    g_assert_true(weft_tracks_at(tracks, weft_tracks_of(tracks, LOCK(2)), MS(9), &step));
    g_assert_cmpuint(step.flags & WEFT_TRACK_UNKNOWN, ==, 0);
    g_assert_cmpuint(step.owner, ==, TASK(3));
    g_assert_cmpuint(step.waiters_max, ==, 1);
    weft_tracks_free(tracks);
    weft_model_free(model);
}

/* Ada and Bob are seen to begin; one of them ends while nothing is recorded, or events are lost. Of
 * `live` tasks two are told of. */
static weft_model *model_of_ended(gboolean lost, unsigned live)
{
    struct script s = script_with_main();
    make_task(&s, 1, 2, "Ada");
    make_task(&s, 1, 3, "Bob");
    script_add(&s, MS(1), WEFT_RECORD_OBJECT_NEW, 0, 0, QUEUE, 4);
    script_add(&s, MS(1), WEFT_RECORD_OBJECT_NEW, 0, 0, LOCK(1), 0);
    script_add(&s, MS(1), WEFT_RECORD_RESOURCE, WEFT_RESOURCE_PUT, 0, QUEUE, 3);
    suspend(&s, 2, 1, WEFT_AWAIT_EVENT, 0, 10);
    resume(&s, 3, 2);
    if (lost)
        script_lose(&s, 100);
    else
        script_rest(&s);
    script_add(&s, MS(9), WEFT_RECORD_SNAPSHOT, 0, 0, LOOP, live);
    object_is(&s, 9, LOCK(1), 0, TASK(3), (struct weft_ext_object){ .value = 1 });
    task_is(&s, 9, 3, WEFT_TOLD_WAITING, WEFT_AWAIT_TIMER, TIMER(1), (struct weft_ext_task){ 0 });
    task_is(&s, 9, 1, WEFT_TOLD_READY, WEFT_WAKE_TASK, TASK(3), (struct weft_ext_task){ 0 });
    script_add(&s, MS(10), WEFT_RECORD_POLL_END, 0, 0, LOOP, 0);
    script_add(&s, MS(10), WEFT_RECORD_ITERATION, 0, 1, LOOP, 3);
    resume(&s, 11, 1);
    script_add(&s, MS(12), WEFT_RECORD_WAKE, WEFT_WAKE_TASK, 0, TASK(3), TASK(1));
    return script_model(&s);
}

/* Nobody tells of Ada, and of the queue: they are gone. */
static void test_ended_unseen(void)
{
    weft_model *model = model_of_ended(FALSE, 2);
    assert_lane(model, TASK(2), "1000000-3000000 ready created main; 3000000-9000000 unknown");
    g_autoptr(weft_state) before = weft_model_state_at(model, MS(8));
    g_autoptr(weft_state) state = weft_model_state_at(model, MS(9));
    g_assert_cmpuint(weft_state_task(before, TASK(2))->state, ==, WEFT_STATE_UNKNOWN);
    g_assert_true(weft_state_object(before, QUEUE)->stale);
    g_assert_null(weft_state_task(state, TASK(2)));
    g_assert_null(weft_state_object(state, QUEUE));
    g_assert_cmpuint(weft_state_task(state, TASK(3))->state, ==, WEFT_STATE_WAITING);
    g_assert_false(weft_state_object(state, LOCK(1))->stale);
    assert_why(model, TASK(2), MS(5),
               "What it did is unknown: nothing was recorded; it ended meanwhile.");
    assert_why(model, TASK(2), MS(10), "It had ended, while nothing was recorded.");
    assert_why(model, TASK(3), MS(5), "What it did is unknown: nothing was recorded.");
    weft_model_free(model);
    model = model_of_ended(TRUE, 2);
    assert_why(model, TASK(2), MS(5),
               "What it did is unknown: events were lost; it ended meanwhile.");
    assert_why(model, TASK(2), MS(10), "It had ended, while events were lost.");
    weft_model_free(model);
}

/* Not all that live are told of: nobody is known to have ended. */
static void test_told_in_part(void)
{
    weft_model *model = model_of_ended(FALSE, 3);
    g_autoptr(weft_state) state = weft_model_state_at(model, MS(9));
    g_assert_cmpuint(weft_state_task(state, TASK(2))->state, ==, WEFT_STATE_UNKNOWN);
    g_assert_true(weft_state_object(state, QUEUE)->stale);
    assert_why(model, TASK(2), MS(10), "What it did is unknown: nothing was recorded.");
    weft_model_free(model);
}

/* Told in two chunks, between which something is lost, or nothing is. */
static void test_told_in_two(void)
{
    for (guint lost = 0; lost < 2; lost++) {
        struct script s = script_with_main();
        make_task(&s, 1, 2, "Ada");
        make_task(&s, 1, 3, "Bob");
        script_rest(&s);
        script_add(&s, MS(9), WEFT_RECORD_SNAPSHOT, 0, 0, LOOP, 2);
        task_is(&s, 9, 1, WEFT_TOLD_WAITING, WEFT_AWAIT_TIMER, 0, (struct weft_ext_task){ 0 });
        if (lost)
            script_lose(&s, 2);
        else
            script_cut(&s);
        task_is(&s, 9, 3, WEFT_TOLD_WAITING, WEFT_AWAIT_TIMER, 0, (struct weft_ext_task){ 0 });
        weft_model *model = script_model(&s);
        g_autoptr(weft_state) state = weft_model_state_at(model, MS(9));
        g_assert_true((weft_state_task(state, TASK(2)) != NULL) == lost);
        g_assert_true((weft_state_task(state, TASK(1)) != NULL));
        weft_model_free(model);
    }
}

/* How many are ready is said at the iteration: so many are known. */
static void test_queue(void)
{
    weft_model *model = model_of_ended(FALSE, 2);
    g_autoptr(weft_state) told = weft_model_state_at(model, MS(9));
    g_autoptr(weft_state) state = weft_model_state_at(model, MS(10));
    g_assert_false(weft_state_queue_known(told, 0));
    g_assert_true(weft_state_queue_known(state, 0));
    guint lane = weft_model_lane_of(model, LOOP);
    g_autoptr(weft_replay) replay = weft_replay_new(model, lane);
    struct weft_replay_place place = { MS(12), WEFT_WHOLE_MOMENT };
    struct weft_replay_telling *telling = weft_replay_tell(replay, place, WEFT_REPLAY_WHOLE, 0);
    g_autofree char *text = weft_sentence_text(telling->headline);
    g_assert_cmpstr(text, ==, "main is done: Bob goes to the ready queue (1st).");
    weft_replay_telling_free(telling);
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/snapshot/deadlock", test_deadlock);
    g_test_add_func("/snapshot/lanes", test_lanes);
    g_test_add_func("/snapshot/age", test_age);
    g_test_add_func("/snapshot/since", test_since);
    g_test_add_func("/snapshot/finding-since", test_finding_since);
    g_test_add_func("/snapshot/sentences", test_sentences);
    g_test_add_func("/snapshot/headline", test_headline);
    g_test_add_func("/snapshot/parties", test_parties);
    g_test_add_func("/snapshot/ended-unseen", test_ended_unseen);
    g_test_add_func("/snapshot/told-in-part", test_told_in_part);
    g_test_add_func("/snapshot/told-in-two", test_told_in_two);
    g_test_add_func("/snapshot/queue", test_queue);
    return g_test_run();
}
