/* session_amid_test.c: what is said of tasks and a lock that were so long before the trace began:
 * for how long indeed, and not since its beginning. Without a display. */
#include "app/viewer/panels/account.h"
#include "app/viewer/session.h"
#include "app/viewer/tasks.h"
#include <string.h>

#define MS INT64_C(1000000)

#define LOOP  weft_id(WEFT_ENTITY_LOOP, 0, 1)
#define LOCK  weft_id(WEFT_ENTITY_LOCK, 0, 1)
#define QUEUE weft_id(WEFT_ENTITY_QUEUE, 0, 1)
#define ADA   weft_id(WEFT_ENTITY_TASK, 0, 1)
#define BOB   weft_id(WEFT_ENTITY_TASK, 0, 2)
#define EVE   weft_id(WEFT_ENTITY_TASK, 0, 3)

static void append(GArray *records, struct weft_record record, const void *ext)
{
    struct weft_record extra;
    record.flags = ext ? WEFT_RECORD_EXT : 0;
    g_array_append_val(records, record);
    if (!ext)
        return;
    memcpy(&extra, ext, sizeof extra);
    g_array_append_val(records, extra);
}

/* At 1 ms Ada has waited for Bob's lock for 2 s; Bob sleeps, nobody knows since when, and has had
 * it for 3 s. Eve is created at 2 ms. Seen until 501 ms. */
static WeftSession *attached_session(void)
{
    const struct weft_ext_object locked = { .value = 1, .deadline_mono_ns = 3000 * MS },
                                 filled = { .value = 4, .capacity = 8 };
    const struct weft_ext_task waits = { .why = WEFT_AWAIT_LOCK, .age = 2000 * MS },
                               sleeps = { .why = WEFT_AWAIT_TIMER };
    g_autoptr(GArray) records = g_array_new(FALSE, FALSE, sizeof(struct weft_record));
    append(records, (struct weft_record){ MS, WEFT_RECORD_SNAPSHOT, .subject = LOOP, .object = 2 },
           NULL);
    append(records,
           (struct weft_record){ MS, WEFT_RECORD_OBJECT_IS, .subject = LOCK, .object = BOB },
           &locked);
    append(records, (struct weft_record){ MS, WEFT_RECORD_OBJECT_IS, .subject = QUEUE }, &filled);
    append(records,
           (struct weft_record){ MS, WEFT_RECORD_TASK_IS, WEFT_TOLD_WAITING, .subject = ADA,
                                 .object = LOCK },
           &waits);
    append(records,
           (struct weft_record){ MS, WEFT_RECORD_TASK_IS, WEFT_TOLD_WAITING, .subject = BOB },
           &sleeps);
    append(records,
           (struct weft_record){ 2 * MS, WEFT_RECORD_TASK_NEW, .subject = EVE, .object = BOB },
           NULL);
    weft_trace *trace = weft_trace_new();
    weft_trace_append(trace, 0, (const struct weft_record *)(const void *)records->data,
                      records->len);
    WeftSession *session = weft_session_new(trace);
    weft_trace_unref(trace);
    weft_model_set_now(weft_session_model(session), 501 * MS);
    while (weft_session_load(session, 1000))
        continue;
    return session;
}

static void assert_segment(weft_model *model, uint64_t task, const char *expected)
{
    guint lane = weft_model_lane_of(model, task);
    struct weft_segment_view segment;
    g_assert_true(weft_model_segment_at(model, lane, 100 * MS, &segment));
    g_autofree char *text = weft_scene_segment_text(model, lane, &segment);
    g_assert_cmpstr(text, ==, expected);
}

static void test_segments(void)
{
    g_autoptr(WeftSession) session = attached_session();
    weft_model *model = weft_session_model(session);
    assert_segment(model, ADA, "lock · 2.50 s, still");
    assert_segment(model, BOB, "sleep · 500 ms, still");
    assert_segment(model, EVE, "ready · created by Task-2 · 499 ms");
}

static void assert_step(weft_model *model, weft_tracks *tracks, uint64_t object,
                        const char *expected)
{
    guint track = weft_tracks_of(tracks, object);
    struct weft_track_step step;
    g_assert_true(weft_tracks_at(tracks, track, 100 * MS, &step));
    g_autofree char *text = weft_scene_step_text(model, tracks, track, &step);
    g_assert_cmpstr(text, ==, expected);
}

/* Who holds the lock has had it for longer than the trace lasts; the queue was there, that is all
 * one knows. */
static void test_tracks(void)
{
    g_autoptr(WeftSession) session = attached_session();
    weft_model *model = weft_session_model(session);
    weft_tracks *tracks = weft_tracks_new(model);
    while (weft_tracks_advance(tracks, 0))
        continue;
    assert_step(model, tracks, LOCK, "held by Task-2 · 1 waits · 3.50 s, still");
    assert_step(model, tracks, QUEUE, "4 items · over 500 ms, still");
    weft_tracks_free(tracks);
}

static void assert_cell(WeftTasks *tasks, guint position, enum weft_task_column column,
                        const char *expected)
{
    g_autofree char *text = weft_tasks_text(tasks, position, column);
    g_assert_cmpstr(text, ==, expected);
}

static void test_tasks(void)
{
    g_autoptr(WeftSession) session = attached_session();
    g_autoptr(WeftTasks) tasks = weft_tasks_new(session);
    struct weft_tasks_query query = { .column = WEFT_TASK_LIVED, .descending = TRUE, .is = -1 };
    weft_tasks_ask(tasks, &query);
    while (weft_tasks_asking(tasks))
        g_main_context_iteration(NULL, TRUE);
    assert_cell(tasks, 0, WEFT_TASK_NAME, "Task-1");
    assert_cell(tasks, 0, WEFT_TASK_CREATED, "before");
    assert_cell(tasks, 0, WEFT_TASK_LIVED, "> 2.50 s");
    assert_cell(tasks, 1, WEFT_TASK_CREATED, "before");
    assert_cell(tasks, 1, WEFT_TASK_LIVED, "> 500 ms");
    assert_cell(tasks, 2, WEFT_TASK_CREATED, "2.0 ms");
    assert_cell(tasks, 2, WEFT_TASK_LIVED, "499 ms");
}

static void answered(GObject *session, GAsyncResult *result, gpointer account)
{
    *(struct weft_account **)account = weft_account_finish(result);
    (void)session;
}

static char *without_links(const char *markup)
{
    g_autoptr(GRegex) tag = g_regex_new("<[^>]*>", 0, 0, NULL);
    return markup ? g_regex_replace_literal(tag, markup, -1, 0, "", 0, NULL) : g_strdup("nothing");
}

static void assert_holds(uint64_t task, const char *expected)
{
    g_autoptr(WeftSession) session = attached_session();
    guint lane = weft_model_lane_of(weft_session_model(session), task);
    g_autoptr(weft_account) account = NULL;
    weft_account_ask(session, lane, 100 * MS, FALSE, answered, &account);
    while (!account)
        g_main_context_iteration(NULL, TRUE);
    g_autofree char *text = without_links(account->holds);
    g_assert_cmpstr(text, ==, expected);
}

/* The one that others wait for says so. */
static void test_holds(void)
{
    assert_holds(BOB, "Holds lock 1: Task-1 waits for it.");
    assert_holds(ADA, "nothing");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session/amid/segments", test_segments);
    g_test_add_func("/session/amid/tracks", test_tracks);
    g_test_add_func("/session/amid/tasks", test_tasks);
    g_test_add_func("/session/amid/holds", test_holds);
    return g_test_run();
}
