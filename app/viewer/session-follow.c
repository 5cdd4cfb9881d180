/* session-follow.c: from slice to slice of what is selected; and along its edges: back to who woke,
 * cancelled or made it, on to what it awaits, or whom it wakes next. The edge that is drawn comes
 * first; where there is none, a worker looks for the nearest one in the trace
 * (tracer/model/follow.h). */
#include "app/viewer/session-private.h"
#include "tracer/model/follow.h"

/* FALSE: that end has no lane. */
static gboolean go_to_end(WeftSession *session, const struct weft_edge *edge, int direction)
{
    return weft_session_jump(session, direction < 0 ? edge->from : edge->to,
                             direction < 0 ? edge->from_ns : edge->to_ns);
}

static gboolean leads(const struct weft_edge *edge, int direction)
{
    return (direction < 0 ? edge->from_lane : edge->to_lane) != G_MAXUINT32;
}

/* One of those drawn. */
static gboolean follow_drawn(WeftSession *session, gint64 t_ns, int direction)
{
    struct weft_edge edges[4];
    guint n = weft_model_edges(session->model, session->view.selected_lane, t_ns, edges);
    for (guint i = 0; i < n; i++)
        if ((edges[i].kind == WEFT_EDGE_AWAIT) == (direction > 0) &&
            go_to_end(session, &edges[i], direction))
            return TRUE;
    return FALSE;
}

/* Who goes elsewhere waits for nothing that was looked for before. */
static GTask *begin(WeftSession *session, GAsyncReadyCallback done, gpointer data)
{
    if (session->searching)
        g_cancellable_cancel(session->searching);
    g_clear_object(&session->searching);
    session->searching = g_cancellable_new();
    return g_task_new(session, session->searching, done, data);
}

/* From a lock to the task that has it. */
static gboolean follow_owner(WeftSession *session)
{
    const struct weft_view *view = &session->view;
    struct weft_track_step held;
    return weft_is_track_lane(view->selected_track) &&
           weft_tracks_at(view->tracks, view->selected_track - WEFT_TRACK_LANE, view->track_ns,
                          &held) &&
           held.owner && weft_session_jump(session, held.owner, held.from_ns);
}

struct following {
    struct weft_follow follow;
    struct weft_followed at;
    int direction;
};

static void look(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    struct following *f = data;
    gboolean found;
    do
        found = weft_model_follow(((WeftSession *)session)->model, &f->follow, &f->at, f->direction,
                                  cancellable, &f->at);
    while (found && !leads(&f->at.edge, f->direction));
    g_task_return_boolean(task, found);
}

void weft_session_follow_edge(WeftSession *session, int direction, GAsyncReadyCallback done,
                              gpointer data)
{
    const struct weft_view *view = &session->view;
    gint64 t_ns = view->selected_ns == WEFT_NO_TIME ? view->playhead_ns : view->selected_ns;
    g_autoptr(GTask) task = begin(session, done, data);
    if (view->selected_lane == WEFT_NO_LANE || !session->loaded) {
        g_task_return_boolean(task, follow_owner(session));
        return;
    }
    if (follow_drawn(session, t_ns, direction)) {
        g_task_return_boolean(task, TRUE);
        return;
    }
    struct following *f = g_new0(struct following, 1);
    f->follow.id = weft_model_lane(session->model, view->selected_lane)->id;
    f->follow.ends = direction < 0 ? WEFT_FOLLOW_TO : WEFT_FOLLOW_FROM;
    if (direction < 0) /* who awaits it is not where it comes from */
        f->follow.kinds = 1u << WEFT_EDGE_WAKE | 1u << WEFT_EDGE_CANCEL | 1u << WEFT_EDGE_PARENT;
    f->at.time_ns = t_ns;
    f->direction = direction;
    g_task_set_task_data(task, f, g_free);
    weft_session_work(session, task, look);
}

gboolean weft_session_follow_finish(WeftSession *session, GAsyncResult *result, GError **error)
{
    const struct following *f = g_task_get_task_data(G_TASK(result));
    if (!g_task_propagate_boolean(G_TASK(result), error))
        return FALSE;
    if (f)
        go_to_end(session, &f->at.edge, f->direction);
    return TRUE;
}

/* ---- Slices ---- */

struct stepping {
    guint lane;
    gint64 t_ns, least_ns, most_ns;
    int direction;
    guint8 state; /* RUNNING, or READY */
    struct weft_segment_view slice;
    gboolean gone; /* to it */
};

static gboolean go_to_slice(WeftSession *session, struct stepping *s)
{
    s->gone = TRUE;
    return weft_session_jump(session, weft_model_lane(session->model, s->lane)->id,
                             s->slice.from_ns);
}

static gboolean step(weft_model *model, struct stepping *s, GCancellable *cancellable)
{
    gint64 length;
    do {
        if (g_cancellable_is_cancelled(cancellable) ||
            !weft_model_segment_step(model, s->lane, s->t_ns, s->direction,
                                     s->state == WEFT_SEGMENT_RUNNING, &s->slice))
            return FALSE;
        s->t_ns = s->slice.from_ns;
        length = s->slice.to_ns - s->slice.from_ns;
    } while (s->most_ns &&
             (s->slice.state != s->state || length < s->least_ns || length >= s->most_ns));
    return TRUE;
}

static void step_on(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    g_task_return_boolean(task, step(((WeftSession *)session)->model, data, cancellable));
}

void weft_session_step_slice(WeftSession *session, int direction, GAsyncReadyCallback done,
                             gpointer data)
{
    const struct weft_view *view = &session->view;
    struct weft_segment_view now;
    struct stepping *s = g_new0(struct stepping, 1);
    *s = (struct stepping){ .lane = view->selected_lane,
                            .t_ns = view->playhead_ns,
                            .least_ns = session->slice_least_ns,
                            .most_ns = session->slice_most_ns,
                            .direction = direction,
                            .state = session->slice_most_ns ? session->slice_state
                                                            : WEFT_SEGMENT_RUNNING };
    g_autoptr(GTask) task = begin(session, done, data);
    g_task_set_task_data(task, s, g_free);
    if (s->lane == WEFT_NO_LANE || !session->loaded) {
        g_task_return_boolean(task, FALSE);
        return;
    }
    if (direction < 0 && weft_model_segment_at(session->model, s->lane, s->t_ns, &now))
        s->t_ns = now.from_ns;
    if (s->most_ns) /* it may be far */
        weft_session_work(session, task, step_on);
    else
        g_task_return_boolean(task, step(session->model, s, NULL) && go_to_slice(session, s));
}

gboolean weft_session_step_finish(WeftSession *session, GAsyncResult *result, GError **error)
{
    struct stepping *s = g_task_get_task_data(G_TASK(result));
    if (!g_task_propagate_boolean(G_TASK(result), error))
        return FALSE;
    return s->gone || go_to_slice(session, s);
}

void weft_session_choose_slices(WeftSession *session, enum weft_segment_state state,
                                gint64 least_ns, gint64 most_ns)
{
    session->slice_state = (guint8)state;
    session->slice_least_ns = least_ns;
    session->slice_most_ns = most_ns;
}
