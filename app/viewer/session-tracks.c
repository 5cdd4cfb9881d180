/* session-tracks.c: the lanes of what is no task: a pass of their own over the session's trace, in
 * a worker, once the model's is over; rows appear as it goes. Over a file it rests while somebody
 * moves the view: who draws has the processors.
 *
 * Thread: main, but for what is said to be in a worker. */
#include "app/viewer/session-private.h"

enum {
    TRACK_CHUNKS = 4,      /* between two looks at the clock */
    TRACK_US = 200000,     /* over a file: between two times that its rows are shown */
    TRACK_LIVE_US = 12000, /* while a process is followed: between two polls */
    REST_MS = 150,         /* the view that has not moved for so long rests */
    RESTLESS = 7,          /* so often it had not: it goes on all the same, a little */
};

/* In a worker. */
static void read_on(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    WeftSession *session = source;
    gboolean lives = session->live && !session->ended, more;
    gint64 until = g_get_monotonic_time() + (lives ? TRACK_LIVE_US : TRACK_US);
    do
        more = weft_tracks_advance(session->tracks, TRACK_CHUNKS);
    while (more && g_get_monotonic_time() < until &&
           (lives || (guint)g_atomic_int_get(&session->moves) == GPOINTER_TO_UINT(data)));
    g_task_return_boolean(task, more && !lives);
    (void)cancellable;
}

static gboolean track_at_rest(gpointer data)
{
    WeftSession *session = data;
    gboolean moved = session->moves != session->track_moves;
    session->track_moves = session->moves;
    if (moved && ++session->track_restless < RESTLESS)
        return G_SOURCE_CONTINUE;
    session->track_timer = 0;
    weft_session_track(session);
    return G_SOURCE_REMOVE;
}

static void track_on(WeftSession *session, gboolean moved)
{
    session->track_moves = session->moves;
    session->track_restless = 0;
    if (moved && !session->track_timer)
        session->track_timer = g_timeout_add(REST_MS, track_at_rest, session);
    else if (!moved)
        weft_session_track(session);
}

static void was_read(GObject *object, GAsyncResult *result, gpointer data)
{
    WeftSession *session = WEFT_SESSION(object);
    gboolean goes_on = g_task_propagate_boolean(G_TASK(result), NULL);
    gboolean moved = session->moves != GPOINTER_TO_UINT(g_task_get_task_data(G_TASK(result)));
    session->tracking = FALSE;
    session->view.tracks = session->tracks;
    weft_scene_forget_rows(session->scene); /* a track that was there may have become worth one */
    weft_session_changed(session, WEFT_CHANGE_MODEL | WEFT_CHANGE_ROWS);
    weft_session_show_landed(session); /* there may be more above it */
    weft_session_select_awaited(session);
    if (goes_on)
        track_on(session, moved);
    (void)data;
}

void weft_session_track(WeftSession *session)
{
    if (session->tracking || !session->loaded)
        return;
    session->tracking = TRUE;
    g_autoptr(GTask) task = g_task_new(session, NULL, was_read, NULL);
    g_task_set_task_data(task, GUINT_TO_POINTER(session->moves), NULL);
    weft_session_work(session, task, read_on);
}
