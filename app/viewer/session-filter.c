/* session-filter.c: which tasks are shown. The names of very many are looked at in a worker
 * (render/matches.h) before the view is given the filter; the last one asked for counts. */
#include "app/viewer/session-private.h"

enum { LANES_AT_ONCE = 4000 }; /* looked at within a frame */

static void look(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    weft_matches_look(data, ((WeftSession *)session)->model, cancellable);
    g_task_return_pointer(task, data, (GDestroyNotify)weft_matches_free);
}

static void set_filter(WeftSession *session, struct weft_matches *matches)
{
    const char *text = weft_matches_filter(matches);
    g_free(session->filter);
    session->filter = text[0] ? g_strdup(text) : NULL;
    session->view.filter = session->filter;
    session->view.viewport.scroll_y = 0;
    weft_scene_take_matches(session->scene, matches);
    weft_session_changed(session, WEFT_CHANGE_ROWS);
}

static void looked(GObject *object, GAsyncResult *result, gpointer data)
{
    WeftSession *session = WEFT_SESSION(object);
    if (g_task_get_cancellable(G_TASK(result)) != session->filtering)
        return; /* another filter was asked for since */
    g_clear_object(&session->filtering);
    g_clear_pointer(&session->awaited, g_free);
    set_filter(session, g_task_propagate_pointer(G_TASK(result), NULL));
    (void)data;
}

static void forget(WeftSession *session)
{
    if (session->filtering)
        g_cancellable_cancel(session->filtering);
    g_clear_object(&session->filtering);
    g_clear_pointer(&session->awaited, g_free);
}

void weft_session_filter_now(WeftSession *session)
{
    g_autofree char *text = g_steal_pointer(&session->awaited);
    if (!text)
        return;
    forget(session);
    set_filter(session, weft_matches_new(text));
}

void weft_session_filter(WeftSession *session, const char *text)
{
    forget(session);
    if (!text || !text[0] || !session->loaded ||
        weft_model_n_lanes(session->model) <= LANES_AT_ONCE) {
        set_filter(session, weft_matches_new(text));
        return;
    }
    session->awaited = g_strdup(text);
    session->filtering = g_cancellable_new();
    g_autoptr(GTask) task = g_task_new(session, session->filtering, looked, NULL);
    g_task_set_check_cancellable(task, FALSE);
    g_task_set_task_data(task, weft_matches_new(text), NULL);
    weft_session_work(session, task, look);
}
