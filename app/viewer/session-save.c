/* session-save.c: see session-save.h.
 *
 *     main:    |poll         |poll         |poll                 |poll  |poll
 *     worker:   step, STEP_US step, STEP_US step: the last chunk  the file's end
 *
 * While the worker is at a step nobody polls (session.h); so it is a short one. */
#include "app/viewer/session-save.h"
#include "app/viewer/session-private.h"

enum { STEP_US = 20000 };

struct saving {
    weft_livesaver *saver;
    gboolean copy;
    weft_save_progress progress;
    gpointer data;
};

static void saving_free(gpointer data)
{
    weft_livesaver_free(((struct saving *)data)->saver);
    g_free(data);
}

/* ---- In a worker ---- */

static void step(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const struct saving *saving = data;
    GError *error = NULL;
    gint64 until = g_get_monotonic_time() + STEP_US;
    gboolean more;
    do
        more = weft_livesaver_advance(saving->saver, 1, &error);
    while (more && g_get_monotonic_time() < until);
    if (error)
        g_task_return_error(task, error);
    else
        g_task_return_boolean(task, more);
    (void)source, (void)cancellable;
}

static void finish(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    GError *error = NULL;
    if (weft_livesaver_finish(((struct saving *)data)->saver, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
    (void)source, (void)cancellable;
}

/* ---- On the main thread ---- */

static void finished(GObject *object, GAsyncResult *result, gpointer data)
{
    g_autoptr(GTask) whole = data;
    GError *error = NULL;
    if (g_task_propagate_boolean(G_TASK(result), &error)) {
        const struct saving *saving = g_task_get_task_data(whole);
        if (!saving->copy) {
            WEFT_SESSION(object)->saved = TRUE;
            WEFT_SESSION(object)->saved_events = weft_livesaver_events(saving->saver);
        }
        g_task_return_boolean(whole, TRUE);
    } else {
        g_task_return_error(whole, error);
    }
}

static void stepped(GObject *object, GAsyncResult *result, gpointer data);

/* The next one of what the whole consists of; takes the whole. */
static GTask *part(GTask *whole, GAsyncReadyCallback over)
{
    GTask *task = g_task_new(g_task_get_source_object(whole), NULL, over, whole);
    g_task_set_task_data(task, g_task_get_task_data(whole), NULL);
    return task;
}

static void next_step(GTask *whole)
{
    g_autoptr(GTask) task = part(whole, stepped);
    weft_session_work(g_task_get_source_object(whole), task, step);
}

/* The step counts as over: it is polled. */
static gboolean go_on(gpointer whole)
{
    const struct saving *saving = g_task_get_task_data(whole);
    saving->progress(weft_livesaver_progress(saving->saver), saving->data);
    weft_session_poll(g_task_get_source_object(whole));
    next_step(whole);
    return G_SOURCE_REMOVE;
}

static void stepped(GObject *object, GAsyncResult *result, gpointer data)
{
    g_autoptr(GTask) whole = data;
    GError *error = NULL;
    gboolean more = g_task_propagate_boolean(G_TASK(result), &error);
    if (error) {
        g_task_return_error(whole, error);
    } else if (g_task_return_error_if_cancelled(whole)) {
        return;
    } else if (more) {
        g_idle_add_full(G_PRIORITY_DEFAULT, go_on, g_steal_pointer(&whole), NULL);
    } else {
        g_autoptr(GTask) task = part(g_steal_pointer(&whole), finished);
        g_task_run_in_thread(task, finish);
    }
    (void)object;
}

void weft_session_save(WeftSession *session, const char *path, gboolean copy,
                       GCancellable *cancellable, weft_save_progress progress,
                       GAsyncReadyCallback done, gpointer data)
{
    GTask *whole = g_task_new(session, cancellable, done, data);
    struct saving *saving = g_new(struct saving, 1);
    *saving = (struct saving){ weft_livesaver_new(session->live, path), copy, progress, data };
    g_task_set_task_data(whole, saving, saving_free);
    g_task_set_check_cancellable(whole, FALSE); /* once it has its name, it is there */
    next_step(whole);
}

gboolean weft_session_save_finish(WeftSession *session, GAsyncResult *result, GError **error)
{
    g_return_val_if_fail(g_task_is_valid(result, session), FALSE);
    return g_task_propagate_boolean(G_TASK(result), error);
}

gboolean weft_session_unsaved(WeftSession *session)
{
    if (!session->live || weft_live_is_file(session->live))
        return FALSE;
    return session->saved ? weft_trace_events(session->trace) > session->saved_events
                          : weft_model_n_lanes(session->model) > 0;
}
