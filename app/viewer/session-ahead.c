/* session-ahead.c: decodes what the view shows, and what is beside it, in a worker: who pans or
 * zooms finds it there, and no frame waits for more than a chunk.
 *
 *                  | beside |          view          | beside |
 *     built:                 exact ... exact, merged               what is merged is read first
 *     read ahead:  <-------------------------------------------->
 *
 * A few chunks at a time: then what was merged is drawn anew. Thread: a scene is built meanwhile,
 * without what is just being decoded (weft_model_hold()). */
#include "app/viewer/session-private.h"

enum {
    CHUNKS_AT_ONCE = 16,
    CHUNKS_A_BUILD = 1,
    BESIDE = 8, /* on each side an eighth of what is seen */
    EXACT = -1, /* nothing had to be decoded: somebody else had it decoded meanwhile */
    REREADS = 3,
};

struct ahead {
    GArray *asked; /* of struct weft_asked: what the scene was built from */
    GArray *out;   /* scratch */
    gboolean coarse;
    guint left; /* chunks that may be decoded */
};

static void ahead_free(gpointer data)
{
    struct ahead *ahead = data;
    g_array_unref(ahead->asked);
    g_array_unref(ahead->out);
    g_free(ahead);
}

/* FALSE: there are chunks still to be decoded for it. */
static gboolean read_part(WeftSession *session, struct ahead *ahead, const struct weft_asked *asked,
                          int side)
{
    gint64 from = asked->from_ns, to = asked->to_ns, beside = to / BESIDE - from / BESIDE;
    if (side < 0) {
        to = from;
        from -= beside;
    } else if (side > 0) {
        from = to;
        to = to > G_MAXINT64 - beside ? G_MAXINT64 : to + beside;
    }
    g_array_set_size(ahead->out, 0);
    return weft_model_segments(session->model, asked->lane, from, to, asked->min_ns, &ahead->left,
                               ahead->out);
}

static void read_ahead(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    static const int sides[] = { 0, 1, -1 };
    struct ahead *ahead = data;
    gboolean exact = TRUE; /* what is seen */
    for (guint i = ahead->coarse ? 0 : 1; i < G_N_ELEMENTS(sides); i++)
        for (guint k = 0; k < ahead->asked->len && ahead->left > 0; k++)
            if (!read_part(session, ahead, &g_array_index(ahead->asked, struct weft_asked, k),
                           sides[i]) &&
                sides[i] == 0)
                exact = FALSE;
    gssize decoded = CHUNKS_AT_ONCE - (gssize)ahead->left;
    g_task_return_int(task, decoded == 0 && exact ? EXACT : decoded);
    (void)cancellable;
}

static gboolean begin(gpointer data);

static void read_over(GObject *object, GAsyncResult *result, gpointer data)
{
    WeftSession *session = WEFT_SESSION(object);
    gssize decoded = g_task_propagate_int(G_TASK(result), NULL);
    gboolean coarse = session->scene->coarse, moved = session->read != session->moves;
    session->reading = FALSE;
    if (coarse && (decoded > 0 || (decoded == EXACT && session->reread++ < REREADS)))
        session->read = 0; /* and goes on once that is drawn */
    if (coarse && (decoded != 0 || moved))
        weft_session_redrawn(session);
    else if (!coarse && moved && !session->read_soon)
        begin(session);
    (void)data;
}

static gboolean begin(gpointer data)
{
    WeftSession *session = data;
    struct ahead *ahead = g_new(struct ahead, 1);
    ahead->asked = g_array_copy(session->scene->asked);
    ahead->out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    ahead->coarse = session->scene->coarse;
    ahead->left = CHUNKS_AT_ONCE;
    session->read_soon = 0;
    session->reading = TRUE;
    session->read = session->moves;
    g_autoptr(GTask) task = g_task_new(session, NULL, read_over, NULL);
    g_task_set_task_data(task, ahead, ahead_free);
    weft_session_work(session, task, read_ahead);
    return G_SOURCE_REMOVE;
}

void weft_session_read_ahead(WeftSession *session)
{
    gboolean grows = session->live && !session->ended;
    session->scene->fetched = session->loaded && !grows;
    if (!session->scene->fetched)
        return;
    session->view.max_chunks = CHUNKS_A_BUILD;
    if (!session->reading && !session->read_soon && session->read != session->moves)
        session->read_soon = g_idle_add_full(G_PRIORITY_DEFAULT, begin, session, NULL);
}
