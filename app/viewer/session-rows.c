/* session-rows.c: which lanes are shown: the filter, the grouping, and what the scene leaves to
 * workers. A list of rows, and what many tasks did, are made one after the other as the view moves
 * on: what was made last is drawn meanwhile. */
#include "app/viewer/render/rows.h"
#include "app/viewer/session-private.h"

enum {
    TASKS_GROUPED = 10000, /* from so many on they are grouped by site at first */
    ADD_EVERY_US = 300000, /* how often a live process's crowds are added up: it is not read then */
};

/* ---- Rows ---- */

static void make_rows(GTask *task, gpointer session, gpointer rows, GCancellable *cancellable)
{
    g_task_return_boolean(task, weft_rows_make(rows, cancellable));
    (void)session;
}

/* What waited for the rows. */
static void go_on(WeftSession *session)
{
    guint lane = session->scroll_lane;
    if (session->find_awaited)
        weft_session_find(session);
    else if (lane != WEFT_NO_LANE)
        weft_session_bring(session, lane, session->scroll_bares);
}

static void rows_made(GObject *object, GAsyncResult *result, gpointer data)
{
    WeftSession *session = WEFT_SESSION(object);
    struct weft_rows *rows = data;
    g_clear_object(&session->listing);
    if (g_task_propagate_boolean(G_TASK(result), NULL)) {
        weft_scene_take_rows(session->scene, rows);
        weft_session_changed(session, WEFT_CHANGE_ROWS);
        weft_session_keep_scroll(session);
        weft_session_show_landed(session);
        go_on(session);
    } else { /* another filter was asked for since */
        weft_rows_free(rows);
        weft_session_changed(session, WEFT_CHANGE_ROWS);
    }
}

static void list_rows(WeftSession *session)
{
    struct weft_rows *rows = weft_scene_ask_rows(session->scene);
    session->listing = g_cancellable_new();
    g_autoptr(GTask) task = g_task_new(session, session->listing, rows_made, rows);
    g_task_set_check_cancellable(task, FALSE);
    g_task_set_task_data(task, rows, NULL);
    weft_session_work(session, task, make_rows);
}

/* ---- What many tasks did ---- */

struct adding {
    weft_crowd *crowd;
    gint64 from_ns, to_ns;
    guint columns;
};

static void adding_free(gpointer data)
{
    weft_crowd_unref(((struct adding *)data)->crowd);
    g_free(data);
}

static void add_up(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    const struct adding *adding = data;
    g_task_return_boolean(task, weft_crowd_prepare(adding->crowd, adding->from_ns, adding->to_ns,
                                                   adding->columns, cancellable));
    (void)session;
}

static void added_up(GObject *session, GAsyncResult *result, gpointer data)
{
    WEFT_SESSION(session)->adding = FALSE;
    weft_session_redrawn(WEFT_SESSION(session));
    (void)result, (void)data;
}

static void add_crowd_up(WeftSession *session)
{
    struct adding *adding = g_new0(struct adding, 1);
    adding->crowd = weft_crowd_ref(
        weft_scene_ask_crowd(session->scene, &adding->from_ns, &adding->to_ns, &adding->columns));
    session->adding = TRUE;
    session->added_us = g_get_monotonic_time();
    g_autoptr(GTask) task = g_task_new(session, NULL, added_up, NULL);
    g_task_set_task_data(task, adding, adding_free);
    weft_session_work(session, task, add_up);
}

void weft_session_catch_up(WeftSession *session)
{
    if (session->loaded && session->scene->rows_late && !session->listing)
        list_rows(session);
    gboolean grows = session->live && !session->ended;
    gint64 rested = g_get_monotonic_time() - session->added_us;
    if (session->loaded && session->scene->cells_late && !session->adding &&
        (!grows || rested > ADD_EVERY_US))
        add_crowd_up(session);
}

/* ---- What they are made from ---- */

static gboolean set_filter(WeftSession *session, const char *text)
{
    if (g_strcmp0(session->filter, text && text[0] ? text : NULL) == 0)
        return FALSE;
    session->find_awaited = FALSE;
    g_free(session->filter);
    session->filter = text && text[0] ? g_strdup(text) : NULL;
    session->view.filter = session->filter;
    session->view.viewport.scroll_y = 0;
    if (session->listing)
        g_cancellable_cancel(session->listing);
    weft_session_changed(session, WEFT_CHANGE_ROWS);
    return TRUE;
}

void weft_session_filter(WeftSession *session, const char *text)
{
    if (set_filter(session, text) && session->searching) /* for another text */
        g_cancellable_cancel(session->searching);
}

void weft_session_give_filter_up(WeftSession *session)
{
    if (set_filter(session, NULL))
        weft_session_changed(session, WEFT_CHANGE_FILTER);
}

void weft_session_group(WeftSession *session, gboolean by_site)
{
    if (by_site == session->view.by_site)
        return;
    session->group_chosen = TRUE;
    session->view.by_site = by_site;
    session->view.viewport.scroll_y = 0;
    weft_session_changed(session, WEFT_CHANGE_ROWS);
    if (session->view.selected_lane != WEFT_NO_LANE)
        weft_session_scroll_to(session, session->view.selected_lane);
}

void weft_session_choose_group(WeftSession *session)
{
    guint tasks = 0, n = weft_model_n_lanes(session->model);
    if (session->group_chosen || session->view.by_site || n <= TASKS_GROUPED)
        return;
    for (guint i = 0; i < n && tasks <= TASKS_GROUPED; i++)
        tasks += weft_model_lane(session->model, i)->kind == WEFT_LANE_TASK;
    session->view.by_site = tasks > TASKS_GROUPED;
}

gboolean weft_session_forget_singled(WeftSession *session, guint crowd_lane)
{
    weft_crowd *crowd = session->scene->made->crowd;
    GHashTableIter at;
    gpointer id;
    gboolean any = FALSE;
    if (!crowd)
        return FALSE;
    guint row = weft_crowd_row_of(crowd, crowd_lane - WEFT_CROWD_LANE);
    for (g_hash_table_iter_init(&at, session->singled); g_hash_table_iter_next(&at, &id, NULL);)
        if (weft_crowd_row_of(crowd, weft_model_lane_of(session->model, *(guint64 *)id)) == row) {
            g_hash_table_iter_remove(&at);
            any = TRUE;
        }
    return any;
}
