/* session-tracks.c: the lanes of what is no task: a pass of their own over the session's trace, in
 * a worker, once the model's is over; rows appear as it goes.
 *
 * Thread: main, but for what is said to be in a worker. */
#include "app/viewer/session-private.h"

enum {
    TRACK_CHUNKS = 4,      /* between two looks at the clock */
    TRACK_US = 200000,     /* over a file: between two times that its rows are shown */
    TRACK_LIVE_US = 12000, /* while a process is followed: between two polls */
};

/* In a worker. */
static void read_on(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    WeftSession *session = source;
    gboolean lives = session->live && !session->ended, more;
    gint64 until = g_get_monotonic_time() + (lives ? TRACK_LIVE_US : TRACK_US);
    do
        more = weft_tracks_advance(session->tracks, TRACK_CHUNKS);
    while (more && g_get_monotonic_time() < until);
    g_task_return_boolean(task, more && !lives);
    (void)data, (void)cancellable;
}

static void was_read(GObject *object, GAsyncResult *result, gpointer data)
{
    WeftSession *session = WEFT_SESSION(object);
    gboolean goes_on = g_task_propagate_boolean(G_TASK(result), NULL);
    session->tracking = FALSE;
    session->view.tracks = session->tracks;
    weft_scene_forget_rows(session->scene); /* a track that was there may have become worth one */
    weft_session_changed(session, WEFT_CHANGE_MODEL | WEFT_CHANGE_ROWS);
    weft_session_show_landed(session); /* there may be more above it */
    weft_session_select_awaited(session);
    if (goes_on)
        weft_session_track(session);
    (void)data;
}

void weft_session_track(WeftSession *session)
{
    if (session->tracking || !session->loaded)
        return;
    session->tracking = TRUE;
    g_autoptr(GTask) task = g_task_new(session, NULL, was_read, NULL);
    weft_session_work(session, task, read_on);
}
