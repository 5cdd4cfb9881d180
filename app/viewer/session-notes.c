/* session-notes.c: bookmarks and notes of the session's trace: read in a worker, kept in its file
 * or beside it (tracer/trace/notes.h). After each change they are read again: the list is what the
 * file says. */
#include "app/viewer/note-item.h"
#include "app/viewer/session-private.h"

/* ---- In a worker ---- */

static void read_notes(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    g_task_return_pointer(task, weft_notes_read(((WeftSession *)session)->trace),
                          (GDestroyNotify)g_ptr_array_unref);
    (void)data, (void)cancellable;
}

static void append_note(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    WeftSession *session = source;
    GError *error = NULL;
    if (weft_notes_append(session->trace, data, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
    (void)cancellable;
}

/* ---- On the main thread ---- */

/* The list is what the file says now. */
static void take(WeftSession *session, const GPtrArray *notes)
{
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(g_object_unref);
    g_array_set_size(session->note_times, 0);
    for (guint i = 0; i < notes->len; i++) {
        const struct weft_note *note = notes->pdata[i];
        g_ptr_array_add(items, weft_note_item_new(note));
        g_array_append_val(session->note_times, note->time_ns);
    }
    g_list_store_splice(session->notes, 0, g_list_model_get_n_items(G_LIST_MODEL(session->notes)),
                        items->pdata, items->len);
    weft_session_changed(session, WEFT_CHANGE_NOTES);
}

static void notes_read(GObject *session, GAsyncResult *result, gpointer data)
{
    g_autoptr(GPtrArray) notes = g_task_propagate_pointer(G_TASK(result), NULL);
    if (GPOINTER_TO_UINT(data) == WEFT_SESSION(session)->notes_read) /* none began later */
        take(WEFT_SESSION(session), notes);
}

void weft_session_read_notes(WeftSession *session)
{
    g_autoptr(GTask)
        task = g_task_new(session, NULL, notes_read, GUINT_TO_POINTER(++session->notes_read));
    g_task_run_in_thread(task, read_notes);
}

GListModel *weft_session_notes(WeftSession *session)
{
    return G_LIST_MODEL(session->notes);
}

const gint64 *weft_session_note_times(WeftSession *session, guint *n)
{
    *n = session->note_times->len;
    return (const gint64 *)(void *)session->note_times->data;
}

static void note_free(gpointer data)
{
    struct weft_note *note = data;
    g_free(note->text);
    g_free(note);
}

static void put_note(WeftSession *session, guint64 id, gint64 t_ns, uint64_t entity,
                     const char *text, GAsyncReadyCallback done, gpointer data)
{
    g_autoptr(GTask) task = g_task_new(session, NULL, done, data);
    struct weft_note *note = g_new0(struct weft_note, 1);
    *note = (struct weft_note){ .id = id,
                                .time_ns = t_ns,
                                .entity = entity,
                                .ring = WEFT_NOTE_NO_RING,
                                .text = g_strdup(text) };
    g_task_set_task_data(task, note, note_free);
    if (weft_trace_path(session->trace))
        g_task_run_in_thread(task, append_note);
    else
        g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                "save the trace first: notes are kept in its file");
}

void weft_session_add_note(WeftSession *session, const char *text, GAsyncReadyCallback done,
                           gpointer data)
{
    const struct weft_view *view = &session->view;
    gboolean about = view->selected_lane != WEFT_NO_LANE;
    put_note(session, 0, view->playhead_ns == WEFT_NO_TIME ? 0 : view->playhead_ns,
             about ? weft_model_lane(session->model, view->selected_lane)->id : 0, text, done,
             data);
}

void weft_session_change_note(WeftSession *session, const struct weft_note *note, const char *text,
                              GAsyncReadyCallback done, gpointer data)
{
    put_note(session, note->id, note->time_ns, note->entity, text, done, data);
}

void weft_session_delete_note(WeftSession *session, guint64 id, GAsyncReadyCallback done,
                              gpointer data)
{
    put_note(session, id, 0, 0, NULL, done, data);
}

gboolean weft_session_note_finish(WeftSession *session, GAsyncResult *result, GError **error)
{
    gboolean kept = g_task_propagate_boolean(G_TASK(result), error);
    if (kept)
        weft_session_read_notes(session);
    return kept;
}
