/* session_stuck_test.c: what a tab lands on where a task holds its loop for ever: in a trace, and
 * in a process that nobody prepared. Without a display. */
#include "app/viewer/session-private.h"
#include "tests/child.h"
#include "tests/viewer/sample.h"
#include "tests/viewer/sample_session.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS INT64_C(1000000)

/* What is stuck is what one is shown: the task whose slice does not end. */
static void test_landing(void)
{
    uint64_t loop = weft_id(WEFT_ENTITY_LOOP, 0, 1), first = weft_id(WEFT_ENTITY_TASK, 0, 1);
    uint64_t stuck = weft_id(WEFT_ENTITY_TASK, 0, 2);
    const struct weft_record records[] = {
        { .time = 0, .kind = WEFT_RECORD_LOOP_OPEN, .subject = loop },
        { .time = 1 * MS, .kind = WEFT_RECORD_TASK_NEW, .subject = first },
        { .time = 1 * MS, .kind = WEFT_RECORD_TASK_NEW, .subject = stuck },
        { .time = 1 * MS, .kind = WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, .subject = stuck },
        { .time = 2 * MS, .kind = WEFT_RECORD_ITERATION, .subject = loop, .object = 1 },
        { .time = 2 * MS, .kind = WEFT_RECORD_RESUME, .subject = stuck },
    };
    weft_trace *trace = weft_trace_new();
    weft_trace_append(trace, 0, records, G_N_ELEMENTS(records));
    g_autoptr(WeftSession) session = weft_session_new(trace);
    weft_trace_unref(trace);
    weft_model_set_now(weft_session_model(session), 900 * MS);
    while (weft_session_load(session, 1000))
        continue;
    const struct weft_view *view = weft_session_view(session);
    g_assert_cmpuint(view->selected_lane, ==,
                     weft_model_lane_of(weft_session_model(session), stuck));
    g_assert_cmpint(view->playhead_ns, ==, weft_session_end_ns(session) - 1);
}

/* Starts a program that nobody prepared, whose task "hog" holds its loop for ever. */
static GPid start_stuck(int *output)
{
    const char *argv[] = { g_getenv("WEFT_TEST_STANDBY"), "stuck", NULL };
    g_auto(GStrv) environment = g_environ_unsetenv(g_get_environ(), "WEFT_TRACE");
    g_autoptr(GError) error = NULL;
    GPid pid;
    g_spawn_async_with_pipes(NULL, (char **)(gsize)argv, environment, G_SPAWN_DO_NOT_REAP_CHILD,
                             child_ends_with, CHILD_OF_THIS, &pid, NULL, output, NULL, &error);
    g_assert_no_error(error);
    char said[6]; /* "ready\n" */
    for (gsize n = 0; n < sizeof said;) {
        gssize got = read(*output, said + n, sizeof said - n);
        g_assert_cmpint(got, >, 0);
        n += (gsize)got;
    }
    return pid;
}

static void remove_rings(const char *directory)
{
    g_autofree char *path = g_build_filename(directory, "weft", NULL);
    g_autoptr(GDir) rings = g_dir_open(path, 0, NULL);
    for (const char *name = NULL; (name = g_dir_read_name(rings));) {
        g_autofree char *ring = g_build_filename(path, name, NULL);
        g_assert_cmpint(g_unlink(ring), ==, 0);
    }
    g_assert_cmpint(g_rmdir(path), ==, 0);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
}

/* The lane's segment, which is its only one and goes on. */
static struct weft_segment_view only_segment(WeftSession *session, guint lane)
{
    struct weft_segment_view view;
    weft_model *model = weft_session_model(session);
    g_assert_true(weft_model_segment_at(model, lane, weft_model_end_ns(model) - 1, &view));
    g_assert_true(view.flags & WEFT_SEGMENT_OPEN);
    g_assert_cmpint(view.from_ns, ==, weft_model_lane(model, lane)->first_ns);
    g_assert_cmpint(view.to_ns, ==, weft_session_end_ns(session));
    g_assert_cmpuint(weft_scene_row_of(weft_session_scene(session), lane), !=, WEFT_NO_LANE);
    return view;
}

static void assert_waits(WeftSession *session, const char *task, enum weft_await_kind kind,
                         const char *object)
{
    struct weft_segment_view view = only_segment(session, lane_named(session, task));
    g_autofree char *name = weft_model_name(weft_session_model(session), view.other);
    g_assert_cmpuint(view.state, ==, WEFT_SEGMENT_WAITING);
    g_assert_cmpuint(view.detail, ==, kind);
    g_assert_cmpstr(name, ==, object);
}

static gint64 first_ns(weft_model *model)
{
    gint64 first = G_MAXINT64;
    for (guint lane = 0; lane < weft_model_n_lanes(model); lane++)
        first = MIN(first, weft_model_lane(model, lane)->first_ns);
    return first;
}

/* Hog's slice grows; whoever waits has waited since before, the first from the beginning of time.
 */
static void assert_stuck(WeftSession *session)
{
    weft_model *model = weft_session_model(session);
    guint hog = lane_named(session, "hog");
    uint64_t loop = weft_id(WEFT_ENTITY_LOOP, 0, 1);
    struct weft_segment_view slice = only_segment(session, hog);
    g_assert_cmpuint(slice.state, ==, WEFT_SEGMENT_RUNNING);
    g_assert_cmpint(slice.from_ns, >, only_segment(session, lane_named(session, "keeper")).from_ns);
    g_assert_cmpint(first_ns(model), ==, 0);
    struct weft_segment_view held = only_segment(session, weft_model_lane_of(model, loop));
    g_assert_cmpuint(held.state, ==, WEFT_SEGMENT_RUNNING);
    g_assert_cmpuint(held.other, ==, weft_model_lane(model, hog)->id);
    assert_waits(session, "keeper", WEFT_AWAIT_EVENT, "never");
    assert_waits(session, "waiter", WEFT_AWAIT_LOCK, "the lock");
    assert_waits(session, "putter", WEFT_AWAIT_QUEUE_PUT, "two places");
    assert_waits(session, "older", WEFT_AWAIT_EVENT, "never");
    g_assert_cmpuint(weft_model_events(model) + weft_model_lost(model), ==, 0);
}

/* No event ever comes of it; its lanes are there all the same. */
static void test_live(void)
{
    g_autofree char *directory = g_dir_make_tmp("weft-session-XXXXXX", NULL);
    g_setenv("XDG_RUNTIME_DIR", directory, TRUE);
    int output;
    GPid pid = start_stuck(&output);
    g_autoptr(GError) error = NULL;
    weft_live *live = weft_live_attach((guint64)pid, &error);
    g_assert_no_error(error);
    WeftSession *session = weft_session_new_live(live);
    weft_session_set_size(session, WIDTH, HEIGHT, 1);
    weft_session_poll(session);
    assert_stuck(session);
    gint64 until = weft_session_end_ns(session);
    while (weft_session_end_ns(session) == until)
        weft_session_poll(session);
    assert_stuck(session);
    g_assert_true(weft_session_following(session));
    kill(pid, SIGKILL);
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
    g_object_unref(session);
    close(output);
    remove_rings(directory);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session-stuck/landing", test_landing);
    g_test_add_func("/session-stuck/live", test_live);
    return g_test_run();
}
