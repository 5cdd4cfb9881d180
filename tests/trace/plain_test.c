/* plain_test.c: a running program with the probe alone, looked at and recorded. */
#include "tests/trace/slots.h"
#include "tests/trace/standby.h"
#include "tracer/trace/live.h"
#include "tracer/trace/recorder.h"
#include <glib/gstdio.h>
#include <string.h>

static void assert_mode(struct standby *f, const char *mode)
{
    g_autofree char *answer = standby_ask(f, "ping");
    g_assert_cmpstr(answer, ==, mode);
}

static weft_live *attach(struct standby *f)
{
    g_autoptr(GError) error = NULL;
    weft_live *live = weft_live_attach((guint64)f->pid, &error);
    g_assert_no_error(error);
    return live;
}

static void poll_for(weft_live *live, guint64 more)
{
    more += slots_of(weft_live_trace(live));
    while (slots_of(weft_live_trace(live)) < more)
        weft_live_poll(live);
}

/* It goes on in flight while somebody looks. */
static void test_viewed(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "serve");
    assert_mode(f, "standby");
    weft_live *live = attach(f);
    g_assert_cmpstr(weft_live_status(live), ==, "running");
    assert_mode(f, "flight");
    poll_for(live, 50);
    g_assert_cmpuint(weft_trace_lost(weft_live_trace(live)), ==, 0);
    weft_live_free(live);
    assert_mode(f, "standby");
    standby_kill(f);
}

static void drain_until(weft_recorder *recorder, guint64 events)
{
    g_autoptr(GError) error = NULL;
    guint drained;
    while (weft_recorder_stats(recorder).events < events) {
        weft_recorder_drain(recorder, &drained, &error);
        g_assert_no_error(error);
        g_usleep(1000);
    }
}

static guint turns_in(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(weft_trace_lost(trace), ==, 0);
    g_autofree struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    guint turns = 0;
    for (guint c = 0; c < weft_trace_n_chunks(trace); c++) {
        guint n = weft_trace_decode(trace, c, records, NULL);
        for (guint i = 0; i < n; i++)
            turns += records[i].kind == WEFT_RECORD_MARK &&
                     g_strcmp0(weft_trace_string(trace, (guint32)records[i].object), "a turn") == 0;
    }
    return turns;
}

/* Standby, stream, and flight for whoever still looks when the recorder has left. */
static void test_recorded(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "serve");
    g_autofree char *path = g_build_filename(f->directory, "out.weft", NULL);
    struct weft_recorder_options options = { .path = path, .pid = (guint64)f->pid };
    g_autoptr(GError) error = NULL;
    weft_recorder *recorder = weft_recorder_new(&options, &error);
    g_assert_no_error(error);
    drain_until(recorder, 50);
    assert_mode(f, "stream");
    weft_live *live = attach(f);
    weft_recorder_finish(recorder, 0, 0, &error);
    g_assert_no_error(error);
    weft_recorder_free(recorder);
    g_assert_cmpuint(turns_in(path), >=, 10);
    g_unlink(path);
    assert_mode(f, "flight");
    poll_for(live, 50);
    weft_live_free(live);
    assert_mode(f, "standby");
    standby_kill(f);
}

/* It opened its probe, and never serves it. */
static void test_deaf(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "deaf");
    weft_live *live = attach(f);
    g_assert_nonnull(strstr(weft_live_status(live), "weft_probe_serve"));
    weft_live_free(live);
    standby_kill(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/plain/" name, struct standby, NULL, standby_set_up, function, standby_tear_down)
    ADD("viewed", test_viewed);
    ADD("recorded", test_recorded);
    ADD("deaf", test_deaf);
    return g_test_run();
}
