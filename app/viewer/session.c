/* session.c: the object behind session.h: what it holds, its scene, loading and following. Moves of
 * the view are in session-view.c.
 *
 * Invariant: view.filter, view.folded, view.pinned point into the session; the scene is that of the
 * view but for what `stale` says. */
#include "app/viewer/note-item.h"
#include "app/viewer/session-private.h"

#include <string.h>

enum {
    CHUNKS_FIRST = 1, /* decoded in a build, at most: what is seen first does not wait for more, */
    CHUNKS = 8,       /* and a frame is in time */
    REST_MS = 120,    /* when the view has rested so long, */
    REFINES = 8,      /* so many more builds */
    REFINE_MS = 16,
    WORDS_US = 4000, /* of a frame, for words at the playhead */
    WORDS_MS = 16,
    MODEL_STEP_CHUNKS = 4,
    POLL_CHUNKS = 64,       /* of what came since the last poll: a frame is in time */
    TELL_EVERY_US = 400000, /* how often a growing trace is drawn anew while it is read */
    /* Changes of what is looked at: the rows, and what they show, stay. */
    LOOKED_AT = WEFT_CHANGE_SELECTION | WEFT_CHANGE_PLAYHEAD | WEFT_CHANGE_MARKED |
                WEFT_CHANGE_HOVER | WEFT_CHANGE_ORIGIN | WEFT_CHANGE_WORDS,
};

G_DEFINE_FINAL_TYPE(WeftSession, weft_session, G_TYPE_OBJECT)

static guint changed_signal;

void weft_session_changed(WeftSession *session, enum weft_change what)
{
    session->stale |= what;
    if (what & (WEFT_CHANGE_MODEL | WEFT_CHANGE_VISIBLE | WEFT_CHANGE_ROWS)) {
        g_clear_handle_id(&session->refine_timer, g_source_remove);
        session->refines = 0;
        g_atomic_int_inc(&session->moves);
        session->reread = 0;
    }
    g_signal_emit(session, changed_signal, 0, (guint)what);
}

void weft_session_redrawn(WeftSession *session)
{
    session->stale |= WEFT_CHANGE_EXACT;
    g_signal_emit(session, changed_signal, 0, (guint)WEFT_CHANGE_EXACT);
}

/* The view rests: now there is time to decode more of what was drawn merged. */
static gboolean refine(gpointer data)
{
    WeftSession *session = data;
    session->refine_timer = 0;
    session->refines++;
    session->view.max_chunks = CHUNKS;
    weft_session_redrawn(session);
    return G_SOURCE_REMOVE;
}

static void finalize(GObject *object)
{
    WeftSession *session = WEFT_SESSION(object);
    g_clear_handle_id(&session->refine_timer, g_source_remove);
    g_clear_handle_id(&session->words_timer, g_source_remove);
    g_clear_handle_id(&session->read_soon, g_source_remove);
    g_clear_handle_id(&session->track_timer, g_source_remove);
    weft_findings_free(session->finder);
    weft_tracks_free(session->tracks);
    g_object_unref(session->findings);
    g_array_unref(session->marks);
    g_clear_object(&session->searching);
    g_object_unref(session->notes);
    g_array_unref(session->note_times);
    weft_scene_free(session->scene);
    weft_model_free(session->model);
    weft_trace_unref(session->trace);
    weft_live_free(session->live);
    weft_history_finish(&session->history);
    g_hash_table_unref(session->folded);
    g_hash_table_unref(session->pinned);
    g_free(session->filter);
    g_hash_table_unref(session->unfolded);
    g_hash_table_unref(session->singled);
    g_free(session->title);
    G_OBJECT_CLASS(weft_session_parent_class)->finalize(object);
}

static void weft_session_class_init(WeftSessionClass *class)
{
    G_OBJECT_CLASS(class)->finalize = finalize;
    changed_signal = g_signal_new("changed", WEFT_TYPE_SESSION, G_SIGNAL_RUN_FIRST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void weft_session_init(WeftSession *session)
{
    weft_history_init(&session->history);
    session->folded = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    session->pinned = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    session->unfolded = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    session->singled = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    session->scroll_lane = WEFT_NO_LANE;
    session->notes = g_list_store_new(WEFT_TYPE_NOTE_ITEM);
    session->note_times = g_array_new(FALSE, FALSE, sizeof(gint64));
    session->marks = g_array_new(FALSE, FALSE, sizeof(struct weft_mark));
    session->findings = g_list_store_new(WEFT_TYPE_FINDING_ITEM);
    weft_view_init(&session->view);
    session->view.max_chunks = CHUNKS_FIRST;
    session->view.folded = session->folded;
    session->view.pinned = session->pinned;
    session->view.unfolded = session->unfolded;
    session->view.singled = session->singled;
    session->view.viewport.width = 800;
    session->view.viewport.height = 400;
    session->view.viewport.ns_per_px = 1;
    session->stale = WEFT_CHANGE_ALL;
}

static WeftSession *session_new(weft_model *model, weft_live *live)
{
    weft_trace *trace = weft_model_trace(model);
    WeftSession *session = g_object_new(WEFT_TYPE_SESSION, NULL);
    session->trace = weft_trace_ref(trace);
    session->live = live;
    session->model = model;
    session->scene = weft_scene_new(session->model);
    session->scene->patient = TRUE;
    session->scene->words_us = WORDS_US;
    session->tracks = weft_tracks_new(session->model);
    session->finder = weft_findings_new(session->model, NULL);
    if (weft_trace_path(trace))
        weft_session_read_notes(session);
    session->title = weft_scene_title(trace);
    session->view.end_signal = (guint8)weft_trace_source(trace)->exit_signal;
    return session;
}

WeftSession *weft_session_new(weft_trace *trace)
{
    return weft_session_new_begun(weft_model_new(trace));
}

WeftSession *weft_session_new_begun(weft_model *model)
{
    WeftSession *session = session_new(model, NULL);
    weft_session_show_first(session);
    return session;
}

WeftSession *weft_session_new_live(weft_live *live)
{
    WeftSession *session = session_new(weft_model_new(weft_live_trace(live)), live);
    session->following = !weft_live_ended(live);
    session->view.max_chunks = CHUNKS; /* who follows never rests */
    session->behind = TRUE; /* what was known when it was attached, be it without an event */
    weft_viewport_show(&session->view.viewport, 0, WEFT_LIVE_SPAN_NS);
    return session;
}

weft_trace *weft_session_trace(WeftSession *session)
{
    return session->trace;
}

weft_model *weft_session_model(WeftSession *session)
{
    return session->model;
}

weft_live *weft_session_live(WeftSession *session)
{
    return session->live;
}

const char *weft_session_title(WeftSession *session)
{
    return session->title;
}

gint64 weft_session_end_ns(WeftSession *session)
{
    gint64 end = MAX(weft_model_end_ns(session->model), weft_trace_end_ns(session->trace));
    return MAX(end, 1);
}

const struct weft_view *weft_session_view(WeftSession *session)
{
    return &session->view;
}

/* More of the words at the playhead. */
static gboolean find_words(gpointer data)
{
    WeftSession *session = data;
    session->words_timer = 0;
    weft_session_changed(session, WEFT_CHANGE_WORDS);
    return G_SOURCE_REMOVE;
}

const struct weft_scene *weft_session_scene(WeftSession *session)
{
    guint stale = session->stale;
    session->stale = 0;
    if (stale && !(stale & ~LOOKED_AT)) {
        weft_scene_look(session->scene, &session->view);
    } else if (stale) {
        weft_model_hold(session->model);
        weft_scene_build(session->scene, &session->view);
        weft_model_release(session->model);
        weft_session_read_ahead(session);
        if (session->scene->coarse && !session->scene->fetched && session->refines < REFINES &&
            !session->refine_timer)
            session->refine_timer = g_timeout_add(session->refines ? REFINE_MS : REST_MS, refine,
                                                  session);
        weft_session_catch_up(session);
    }
    if (session->scene->words_late && !session->words_timer)
        session->words_timer = g_timeout_add(WORDS_MS, find_words, session);
    return session->scene;
}

/* ---- Loading and following ---- */

static void work_over(GTask *task, GParamSpec *what, WeftSession *session)
{
    session->working--;
    (void)task, (void)what;
}

/* A worker may be the last that has its task; it must not be the last that has the session. */
static void let_go(gpointer session)
{
    if (g_main_context_is_owner(g_main_context_default()))
        g_object_unref(session);
    else
        g_idle_add_once(g_object_unref, session);
}

void weft_session_work(WeftSession *session, GTask *task, GTaskThreadFunc work)
{
    g_assert(session->loaded);
    session->working++;
    g_object_set_data_full(G_OBJECT(task), "session", g_object_ref(session), let_go);
    g_signal_connect(task, "notify::completed", G_CALLBACK(work_over), session);
    g_task_run_in_thread(task, work);
}

/* In a worker: nobody advances the model any more. */
static void keep_model(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    weft_model_keep(((WeftSession *)session)->model, NULL); /* or it is read again the next time */
    g_task_return_boolean(task, TRUE);
    (void)data, (void)cancellable;
}

/* The task has the session as long as that takes. */
static void kept(GObject *session, GAsyncResult *result, gpointer data)
{
    (void)session, (void)result, (void)data;
}

/* Keeps what the pass over a file found, once it is over. */
static void keep(WeftSession *session)
{
    if ((session->live && !session->ended) || !weft_model_worth_keeping(session->model))
        return;
    g_autoptr(GTask) task = g_task_new(session, NULL, kept, NULL);
    weft_session_work(session, task, keep_model);
}

gboolean weft_session_load(WeftSession *session, gint64 budget_us)
{
    if (session->loaded)
        return FALSE;
    gint64 now = g_get_monotonic_time(), until = now + budget_us;
    gboolean more;
    do
        more = weft_model_advance(session->model, MODEL_STEP_CHUNKS);
    while (more && (now = g_get_monotonic_time()) < until);
    if (!more) {
        session->loaded = TRUE;
        weft_session_choose_group(session);
        weft_session_land(session);
        keep(session);
        weft_session_changed(session, WEFT_CHANGE_MODEL | WEFT_CHANGE_STATUS);
    } else if (now - session->told_us > TELL_EVERY_US) {
        session->told_us = now;
        weft_session_changed(session, WEFT_CHANGE_MODEL);
    }
    return more;
}

gboolean weft_session_loaded(WeftSession *session)
{
    return session->loaded;
}

void weft_session_poll(WeftSession *session)
{
    if (!session->live || session->ended || session->working > 0)
        return;
    guint slots = weft_live_poll(session->live);
    gboolean behind = slots > 0 || session->behind;
    gboolean ended = weft_live_ended(session->live), first = !session->loaded;
    if (behind)
        session->behind = weft_model_advance(session->model, ended ? 0 : POLL_CHUNKS);
    weft_model_set_now(session->model,
                       ended ? weft_trace_end_ns(session->trace) : weft_live_now_ns(session->live));
    session->loaded = TRUE;
    weft_session_choose_group(session);
    if (first && ended)
        weft_session_show_first(session);
    if (first)
        weft_session_land(session);
    enum weft_change what = WEFT_CHANGE_MODEL;
    if (session->following) {
        weft_session_show_end(session);
        what |= WEFT_CHANGE_VISIBLE | WEFT_CHANGE_PLAYHEAD;
    }
    if (ended) {
        session->ended = TRUE;
        session->following = FALSE;
        const struct weft_trace_source *source = weft_trace_source(session->trace);
        /* Without a word of farewell it was killed, by what is not ours to know. */
        session->view.end_signal = source->ended ? (guint8)source->exit_signal : G_MAXUINT8;
        what |= WEFT_CHANGE_STATUS;
        keep(session);
    }
    weft_session_changed(session, what);
}

gboolean weft_session_following(WeftSession *session)
{
    return session->following;
}

void weft_session_follow(WeftSession *session, gboolean follow)
{
    follow = follow && session->live && !session->ended;
    if (follow == session->following)
        return;
    session->following = follow;
    enum weft_change what = WEFT_CHANGE_STATUS;
    if (follow) {
        weft_session_show_end(session);
        what |= WEFT_CHANGE_VISIBLE | WEFT_CHANGE_PLAYHEAD;
    }
    weft_session_changed(session, what);
}
