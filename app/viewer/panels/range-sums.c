/* range-sums.c: see range-sums.h. Sums come from the pyramid, a few nodes a lane; how long single
 * slices are is asked where they are not too many. */
#include "app/viewer/panels/range-sums.h"

#include "tracer/model/filter.h"

enum { SEGMENTS_MAX = 2000000 };

/* Keeps the lane if it is one of those that ran most. */
static void place_in_top(weft_range_sums *sums, struct weft_range_lane lane)
{
    guint at = MIN(sums->ran, WEFT_RANGE_TOP);
    while (at > 0 && sums->top[at - 1].running_ns < lane.running_ns) {
        if (at < WEFT_RANGE_TOP)
            sums->top[at] = sums->top[at - 1];
        at--;
    }
    if (at < WEFT_RANGE_TOP)
        sums->top[at] = lane;
}

static void add_task(weft_range_sums *sums, weft_model *model, guint lane)
{
    struct weft_shares shares;
    if (!weft_model_shares(model, lane, sums->from_ns, sums->to_ns, &shares))
        return;
    sums->sum.running_ns += shares.running_ns;
    sums->sum.ready_ns += shares.ready_ns;
    sums->sum.unknown_ns += shares.unknown_ns;
    sums->sum.rest_ns += shares.rest_ns;
    sums->sum.segments += shares.segments;
    if (shares.running_ns == 0)
        return;
    place_in_top(sums, (struct weft_range_lane){ lane, shares.running_ns });
    sums->ran++;
}

static void add_loops(weft_range_sums *sums, weft_model *model)
{
    for (guint i = 0; i < weft_model_n_lanes(model); i++) {
        const struct weft_lane *lane = weft_model_lane(model, i);
        struct weft_shares shares;
        if (lane->kind != WEFT_LANE_LOOP || lane->last_ns <= sums->from_ns ||
            lane->first_ns >= sums->to_ns ||
            !weft_model_shares(model, i, sums->from_ns, sums->to_ns, &shares))
            continue;
        struct weft_range_lane loop = { i, shares.running_ns };
        g_array_append_val(sums->loops, loop);
    }
}

static void sum_up(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    weft_range_sums *sums = data;
    weft_model *model = weft_session_model(session);
    const struct weft_filter filter = { .text = sums->filter };
    g_autoptr(GArray) lanes = g_array_new(FALSE, FALSE, sizeof(guint));
    weft_model_filter(model, &filter, sums->from_ns, sums->to_ns, cancellable, lanes);
    sums->tasks = lanes->len;
    for (guint i = 0; i < lanes->len && !g_cancellable_is_cancelled(cancellable); i++)
        add_task(sums, model, g_array_index(lanes, guint, i));
    add_loops(sums, model);
    struct weft_stats stats;
    if (sums->sum.segments <= SEGMENTS_MAX &&
        weft_model_stats_of(model, &filter, sums->from_ns, sums->to_ns, cancellable, &stats)) {
        sums->slices = stats.slices;
        sums->slices_known = TRUE;
    }
    if (g_task_return_error_if_cancelled(task))
        weft_range_sums_free(sums);
    else
        g_task_return_pointer(task, sums, (GDestroyNotify)weft_range_sums_free);
}

void weft_range_sums_ask(WeftSession *session, GCancellable *cancellable, GAsyncReadyCallback done,
                         gpointer data)
{
    const struct weft_view *view = weft_session_view(session);
    weft_range_sums *sums = g_new0(weft_range_sums, 1);
    g_autoptr(GTask) task = g_task_new(session, cancellable, done, data);
    sums->from_ns = view->range_from;
    sums->to_ns = view->range_to;
    sums->filter = g_strdup(view->filter);
    sums->loops = g_array_new(FALSE, FALSE, sizeof(struct weft_range_lane));
    g_task_set_check_cancellable(task, FALSE);
    g_task_set_task_data(task, sums, NULL);
    weft_session_work(session, task, sum_up);
}

weft_range_sums *weft_range_sums_finish(GAsyncResult *result)
{
    return g_task_propagate_pointer(G_TASK(result), NULL);
}

void weft_range_sums_free(weft_range_sums *sums)
{
    if (!sums)
        return;
    g_array_unref(sums->loops);
    g_free(sums->filter);
    g_free(sums);
}
