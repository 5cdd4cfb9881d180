/* session-find.c: the next place in the trace where a text occurs (tracer/model/find.h), looked for
 * in a worker; and how many there are. */
#include "app/viewer/session-private.h"

struct search {
    char *text;
    struct weft_match from, match;
    int direction;
    guint64 total, place; /* of a count */
};

static void search_free(gpointer data)
{
    g_free(((struct search *)data)->text);
    g_free(data);
}

static void search_trace(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    struct search *search = data;
    g_task_return_boolean(task, weft_model_find(((WeftSession *)session)->model, search->text,
                                                &search->from, search->direction, cancellable,
                                                &search->match));
}

/* Whoever has not moved since goes on from the match before; else from the playhead. */
static struct weft_match beginning(WeftSession *session)
{
    gint64 playhead = session->view.playhead_ns;
    if (session->matched.in != WEFT_MATCH_NOTHING && session->matched.time_ns == playhead)
        return session->matched;
    return (struct weft_match){ .time_ns = playhead == WEFT_NO_TIME ? 0 : playhead };
}

void weft_session_find_next(WeftSession *session, const char *text, int direction,
                            GAsyncReadyCallback done, gpointer data)
{
    if (session->searching)
        g_cancellable_cancel(session->searching);
    g_clear_object(&session->searching);
    session->searching = g_cancellable_new();
    g_autoptr(GTask) task = g_task_new(session, session->searching, done, data);
    if (!session->loaded || (session->live && !session->ended)) {
        g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_BUSY,
                                "events are searched once all of them are read");
        return;
    }
    struct search *search = g_new0(struct search, 1);
    search->text = g_strdup(text);
    search->from = beginning(session);
    search->direction = direction;
    g_task_set_task_data(task, search, search_free);
    weft_session_work(session, task, search_trace);
}

gboolean weft_session_find_finish(WeftSession *session, GAsyncResult *result,
                                  struct weft_match *match, GError **error)
{
    if (!g_task_propagate_boolean(G_TASK(result), error))
        return FALSE;
    const struct search *search = g_task_get_task_data(G_TASK(result));
    *match = search->match;
    if (match->lane == G_MAXUINT32) {
        weft_session_go(session, match->time_ns);
    } else {
        weft_session_jump(session, weft_model_lane(session->model, match->lane)->id,
                          match->time_ns);
    }
    session->matched = search->match;
    return TRUE;
}

/* ---- How many there are ---- */

static void count_matches(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    struct search *search = data;
    g_task_return_boolean(task, weft_model_find_count(((WeftSession *)session)->model, search->text,
                                                      &search->from, cancellable, &search->total,
                                                      &search->place));
}

void weft_session_count_matches(WeftSession *session, const char *text, GAsyncReadyCallback done,
                                gpointer data)
{
    g_autoptr(GTask) task = g_task_new(session, session->searching, done, data);
    struct search *search = g_new0(struct search, 1);
    search->text = g_strdup(text);
    search->from = session->matched;
    g_task_set_task_data(task, search, search_free);
    weft_session_work(session, task, count_matches);
}

gboolean weft_session_count_finish(WeftSession *session, GAsyncResult *result, guint64 *total,
                                   guint64 *place)
{
    const struct search *search = g_task_get_task_data(G_TASK(result));
    *total = search->total;
    *place = search->place;
    (void)session;
    return g_task_propagate_boolean(G_TASK(result), NULL);
}
