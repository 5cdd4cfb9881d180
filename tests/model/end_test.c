/* end_test.c: lanes end where their process does, or was seen last; not with the last event, and
 * not with the trace. */
#include "tests/model/script.h"
#include "tracer/model/findings.h"
#include "tracer/trace/cut.h"
#include "tracer/trace/writer.h"
#include <glib/gstdio.h>

#define OTHER      weft_id(WEFT_ENTITY_TASK, 1, 1)
#define OTHER_LOOP weft_id(WEFT_ENTITY_LOOP, 1, 1)

enum { START = 5000 };

struct fixture {
    char *directory, *path, *window;
    weft_filewriter *writer;
};

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->directory = g_dir_make_tmp("weft-end-XXXXXX", NULL);
    f->path = g_build_filename(f->directory, "t.weft", NULL);
    f->window = g_build_filename(f->directory, "w.weft", NULL);
    f->writer = weft_filewriter_new(f->path, NULL);
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_unlink(f->path);
    g_unlink(f->window);
    g_assert_cmpint(g_rmdir(f->directory), ==, 0);
    g_free(f->directory);
    g_free(f->path);
    g_free(f->window);
}

static void put_process(struct fixture *f, guint32 ring, gint64 until, gboolean ended)
{
    struct weft_file_process process = {
        .first_ring = ring,
        .pid = ring + 1,
        .clock_kind = WEFT_CLOCK_MONOTONIC,
        .start = { START, START, 0 },
        .until = until ? (uint64_t)(START + until) : 0,
        .program = "p",
        .host = "h",
        .ended = ended,
    };
    g_assert_true(weft_filewriter_process(f->writer, &process, NULL));
}

static void put(struct fixture *f, gint64 time, unsigned kind, uint64_t subject)
{
    struct weft_record record = { .time = (uint64_t)(START + time),
                                  .kind = (uint8_t)kind,
                                  .detail = kind == WEFT_RECORD_SUSPEND ? WEFT_AWAIT_READ : 0,
                                  .subject = subject };
    g_assert_true(weft_filewriter_events(f->writer, weft_id_ring(subject), &record, 1, 0, NULL));
}

static weft_model *open_file(const char *path)
{
    g_autoptr(weft_trace) trace = weft_trace_open(path, NULL);
    g_assert_nonnull(trace);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    weft_model *model = weft_model_new(trace);
    while (weft_model_advance(model, 1))
        ;
    return model;
}

static weft_model *finish(struct fixture *f)
{
    g_assert_true(weft_filewriter_finish(f->writer, NULL));
    weft_filewriter_free(f->writer);
    return open_file(f->path);
}

/* Of every lane, the times of its states are together what it lasted. */
static void assert_sums(const weft_model *model)
{
    for (guint i = 0; i < weft_model_n_lanes(model); i++) {
        const struct weft_lane *lane = weft_model_lane(model, i);
        struct weft_totals t;
        weft_model_totals(model, i, &t);
        gint64 sum = t.running_ns + t.ready_ns + t.cancelling_ns + t.unknown_ns + t.poll_ns +
                     t.callback_ns + t.loop_ns;
        for (guint class = 0; class < WEFT_WAIT_CLASSES; class ++)
            sum += t.waiting_ns[class];
        if (lane->kind == WEFT_LANE_LOOP || lane->kind == WEFT_LANE_TASK)
            g_assert_cmpint(sum, ==, lane->last_ns - lane->first_ns);
        g_assert_cmpint(lane->last_ns, <=, weft_model_end_ns(model));
    }
}

/* One holds its loop from 100 until it is killed at 900; another waits, and is seen until 2000. */
static void put_two(struct fixture *f)
{
    put_process(f, 0, 0, FALSE);
    put_process(f, 1, 0, FALSE);
    put(f, 0, WEFT_RECORD_LOOP_OPEN, LOOP);
    put(f, 100, WEFT_RECORD_RESUME, TASK(1));
    put(f, 50, WEFT_RECORD_LOOP_OPEN, OTHER_LOOP);
    put(f, 60, WEFT_RECORD_SUSPEND, OTHER);
    put(f, 70, WEFT_RECORD_POLL_BEGIN, OTHER_LOOP);
    put_process(f, 0, 900, TRUE);
    put_process(f, 1, 2000, FALSE);
}

static void test_two(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    put_two(f);
    weft_model *model = finish(f);
    g_assert_cmpint(weft_model_end_ns(model), ==, 2000);
    assert_lane(model, TASK(1), "100-900 running");
    assert_lane(model, LOOP, "0-100 loop; 100-900 running Task-1");
    assert_lane(model, OTHER, "60-2000 waiting read");
    assert_lane(model, OTHER_LOOP, "50-70 loop; 70-2000 poll");
    assert_sums(model);
    struct weft_totals totals;
    weft_model_totals(model, weft_model_lane_of(model, TASK(1)), &totals);
    g_assert_cmpint(totals.longest_slice_ns, ==, 800);
    struct weft_segment_view view;
    guint lane = weft_model_lane_of(model, TASK(1));
    g_assert_true(weft_model_segment_at(model, lane, 900, &view));
    g_assert_cmpuint(view.flags, ==, WEFT_SEGMENT_OPEN);
    g_assert_false(weft_model_segment_at(model, lane, 901, &view));
    float busy[2];
    gboolean lost[2];
    weft_model_density(model, 0, 2000, 2, busy, lost);
    g_assert_cmpfloat_with_epsilon(busy[0], 0.8f, 1e-6f);
    g_assert_cmpfloat(busy[1], ==, 0);
    weft_model_free(model);
}

/* A cut begins and ends where it was cut, in the middle of what lasts. */
static void test_cut(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    struct weft_cut_report report;
    put_two(f);
    weft_model *whole = finish(f);
    g_assert_true(weft_cut(weft_model_trace(whole), 300, 500, f->window, &report, NULL));
    weft_model *window = open_file(f->window);
    g_assert_cmpint(weft_model_end_ns(window), ==, 500);
    assert_lane(window, TASK(1), "300-500 running");
    assert_lane(window, LOOP, "300-500 running Task-1");
    assert_lane(window, OTHER, "300-500 waiting read");
    assert_lane(window, OTHER_LOOP, "300-500 poll");
    assert_sums(window);
    weft_model_free(window);
    /* Behind the death of the first there is nothing of it. */
    g_assert_true(weft_cut(weft_model_trace(whole), 1000, 1500, f->window, &report, NULL));
    window = open_file(f->window);
    assert_lane(window, TASK(1), "");
    assert_lane(window, OTHER, "1000-1500 waiting read");
    assert_sums(window);
    weft_model_free(window);
    weft_model_free(whole);
}

/* What was lost last is unknown up to where the process was seen, whether it has ended or not. */
static void test_lost(struct fixture *f, gconstpointer ended)
{
    put_process(f, 0, 0, FALSE);
    put(f, 100, WEFT_RECORD_RESUME, TASK(1));
    g_assert_true(weft_filewriter_loss(f->writer, 0, 7, 0, NULL));
    put_process(f, 0, 900, ended != NULL);
    weft_model *model = finish(f);
    assert_lane(model, TASK(1), "100-900 unknown");
    g_assert_cmpuint(weft_model_lost(model), ==, 7);
    guint n;
    const struct weft_loss *losses = weft_model_losses(model, &n);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpint(losses[0].to_ns, ==, 900);
    assert_sums(model);
    weft_model_free(model);
}

/* All that a ring ever told is lost: that counts, too, though it has no chunk. */
static void test_lost_ring(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    put_process(f, 0, 0, FALSE);
    put(f, 100, WEFT_RECORD_RESUME, TASK(1));
    g_assert_true(weft_filewriter_loss(f->writer, 1, 7, 0, NULL));
    put_process(f, 0, 900, TRUE);
    weft_model *model = finish(f);
    g_assert_cmpuint(weft_model_lost(model), ==, 7);
    guint n;
    const struct weft_loss *losses = weft_model_losses(model, &n);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpuint(losses[0].ring, ==, 1);
    g_assert_cmpint(losses[0].from_ns, ==, 0);
    g_assert_cmpint(losses[0].to_ns, ==, 900);
    weft_findings *findings = weft_findings_new(model, NULL);
    weft_findings_advance(findings, 0);
    weft_findings_now(findings, weft_model_end_ns(model), TRUE);
    g_assert_cmpuint(weft_findings_n(findings), ==, 1);
    g_assert_cmpstr(weft_findings_get(findings, 0)->rule->id, ==, "events-lost");
    weft_findings_free(findings);
    assert_lane(model, TASK(1), "100-900 running");
    assert_sums(model);
    weft_model_free(model);
}

/* From a SUMMARY it is all the same. */
static void test_summary(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    put_two(f);
    for (gint64 t = 200; t < 240; t += 2) {
        put(f, t, WEFT_RECORD_SUSPEND, TASK(1));
        put(f, t + 1, WEFT_RECORD_RESUME, TASK(1));
    }
    weft_model *passed = finish(f);
    g_assert_true(weft_model_keep(passed, NULL));
    weft_model *restored = open_file(f->path);
    g_assert_cmpuint(weft_trace_n_additions(weft_model_trace(restored)), >, 0);
    g_assert_false(weft_model_worth_keeping(restored));
    g_assert_cmpint(weft_model_end_ns(restored), ==, 2000);
    for (guint i = 0; i < weft_model_n_lanes(passed); i++) {
        g_autofree char *expected = lane_text(passed, i), *got = lane_text(restored, i);
        g_assert_cmpstr(got, ==, expected);
    }
    g_autofree char *text = lane_text(restored, weft_model_lane_of(restored, TASK(1)));
    g_assert_true(g_str_has_suffix(text, "; 239-900 running"));
    assert_sums(restored);
    weft_model_free(passed);
    weft_model_free(restored);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, data, function)                                                                  \
    g_test_add("/end/" name, struct fixture, data, set_up, function, tear_down)
    ADD("two", NULL, test_two);
    ADD("cut", NULL, test_cut);
    ADD("lost/ended", "ended", test_lost);
    ADD("lost/alive", NULL, test_lost);
    ADD("lost/ring", NULL, test_lost_ring);
    ADD("summary", NULL, test_summary);
    return g_test_run();
}
