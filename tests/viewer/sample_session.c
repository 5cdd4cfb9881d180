/* sample_session.c: see sample_session.h. */
#include "tests/viewer/sample_session.h"
#include "tests/viewer/sample.h"

guint heard;

static void hear(WeftSession *session, guint what, gpointer data)
{
    heard |= what;
    (void)session, (void)data;
}

WeftSession *loaded_session(void)
{
    weft_trace *trace = weft_sample_fetch_three(FALSE);
    WeftSession *session = weft_session_new(trace);
    weft_trace_unref(trace);
    while (weft_session_load(session, 1000))
        continue;
    weft_session_set_size(session, WIDTH, HEIGHT, 1);
    weft_session_fit(session);
    g_signal_connect(session, "changed", G_CALLBACK(hear), NULL);
    heard = 0;
    return session;
}

guint lane_named(WeftSession *session, const char *name)
{
    weft_model *model = weft_session_model(session);
    for (guint lane = 0; lane < weft_model_n_lanes(model); lane++) {
        g_autofree char *its = weft_model_name(model, weft_model_lane(model, lane)->id);
        if (g_str_equal(its, name) && weft_model_lane(model, lane)->kind == WEFT_LANE_TASK)
            return lane;
    }
    g_assert_not_reached();
}
