/* session-findings.c: what Weft says unasked of the session's trace.
 *
 *      weft_session_look() --> a worker: the findings' own pass, for a while --> copies of them all
 *      the list of the session <-- put in place, those of a known key kept --------+
 *
 * While the worker is at it the model stands still; so it stops soon where a process is followed,
 * and goes on when it is asked again. */
#include "app/viewer/session-private.h"

#include <string.h>

enum {
    LOOK_CHUNKS = 4,      /* between two looks at the clock */
    LOOK_US = 200000,     /* over a file, which does not grow */
    LOOK_LIVE_US = 12000, /* while a process is followed: between two polls */
};

/* How much of what surrounds a finding is shown, in parts of its length. */
static const double AROUND = 0.25;
static const gint64 MIN_AIR_NS = 1000;

/* ---- In a worker ---- */

/* All findings there are. */
static GPtrArray *copies(weft_findings *finder)
{
    GPtrArray *items = g_ptr_array_new_with_free_func(g_object_unref);
    for (guint i = 0; i < weft_findings_n(finder); i++)
        g_ptr_array_add(items, weft_finding_item_new(weft_findings_get(finder, i)));
    g_ptr_array_sort(items, weft_finding_item_order);
    return items;
}

static void look(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    WeftSession *session = source;
    gboolean lives = session->live && !session->ended;
    gint64 until = g_get_monotonic_time() + (lives ? LOOK_LIVE_US : LOOK_US);
    gboolean more;
    do
        more = weft_findings_advance(session->finder, LOOK_CHUNKS);
    while (more && g_get_monotonic_time() < until);
    if (!more)
        weft_findings_now(session->finder, weft_model_end_ns(session->model), !lives);
    *(gboolean *)data = !more;
    g_task_return_pointer(task, copies(session->finder), (GDestroyNotify)g_ptr_array_unref);
    (void)cancellable;
}

/* ---- On the main thread ---- */

static gboolean same_keys(GListModel *list, const GPtrArray *items)
{
    gboolean same = g_list_model_get_n_items(list) == items->len;
    for (guint i = 0; same && i < items->len; i++) {
        g_autoptr(WeftFindingItem) item = g_list_model_get_item(list, i);
        same = strcmp(weft_finding_item_get(item)->key,
                      weft_finding_item_get(items->pdata[i])->key) == 0;
    }
    return same;
}

/* A list that shows them keeps its place where they are the same ones. */
static void put(GListStore *list, const GPtrArray *items)
{
    if (!same_keys(G_LIST_MODEL(list), items)) {
        g_list_store_splice(list, 0, g_list_model_get_n_items(G_LIST_MODEL(list)), items->pdata,
                            items->len);
        return;
    }
    for (guint i = 0; i < items->len; i++) {
        g_autoptr(WeftFindingItem) item = g_list_model_get_item(G_LIST_MODEL(list), i);
        weft_finding_item_update(item, items->pdata[i]);
    }
}

/* In the minimap. */
static void mark(WeftSession *session, const GPtrArray *items)
{
    g_array_set_size(session->marks, 0);
    for (guint i = 0; i < items->len; i++) {
        const struct weft_finding *finding = weft_finding_item_get(items->pdata[i]);
        struct weft_mark one = { finding->from_ns, (guint8)finding->severity };
        g_array_append_val(session->marks, one);
    }
    session->view.marks = (const struct weft_mark *)(void *)session->marks->data;
    session->view.n_marks = session->marks->len;
}

static void found(GObject *object, GAsyncResult *result, gpointer data)
{
    WeftSession *session = WEFT_SESSION(object);
    g_autoptr(GPtrArray) items = g_task_propagate_pointer(G_TASK(result), NULL);
    session->looking = FALSE;
    session->looked = *(gboolean *)g_task_get_task_data(G_TASK(result));
    put(session->findings, items);
    mark(session, items);
    if (session->looked)
        weft_session_land_on_findings(session);
    weft_session_changed(session, WEFT_CHANGE_FINDINGS);
    (void)data;
}

void weft_session_look(WeftSession *session)
{
    if (session->looking || !session->loaded)
        return;
    session->looking = TRUE;
    g_autoptr(GTask) task = g_task_new(session, NULL, found, NULL);
    g_task_set_task_data(task, g_new0(gboolean, 1), g_free);
    weft_session_work(session, task, look);
}

gboolean weft_session_looked(WeftSession *session)
{
    return session->looked;
}

GListModel *weft_session_findings(WeftSession *session)
{
    return G_LIST_MODEL(session->findings);
}

/* Who holds the loop comes before those that wait for it: they are his victims. */
const struct weft_finding *weft_session_hang(WeftSession *session)
{
    GListModel *list = G_LIST_MODEL(session->findings);
    const struct weft_finding *gravest = NULL;
    guint holder = weft_session_holder(session);
    for (guint i = 0; i < g_list_model_get_n_items(list); i++) {
        g_autoptr(WeftFindingItem) item = g_list_model_get_item(list, i);
        const struct weft_finding *finding = weft_finding_item_get(item);
        if (!finding->lasts || finding->severity < WEFT_SEVERITY_WARNING ||
            (gravest && finding->severity < gravest->severity))
            continue;
        if (holder != WEFT_NO_LANE &&
            weft_model_lane_of(session->model, finding->subject) == holder)
            return finding;
        if (!gravest)
            gravest = finding;
    }
    return gravest;
}

/* ---- Showing one ---- */

/* When it is true: what lasts, as it is now; else amid the range, at whose beginning the last step
 * into it may still be to come, and a timer that will be late is only just due. */
static gint64 moment_of(WeftSession *session, const struct weft_finding *finding)
{
    gint64 end = weft_session_end_ns(session);
    gint64 amid = finding->from_ns + (finding->to_ns - finding->from_ns) / 2;
    return CLAMP(finding->lasts ? end - 1 : amid, 0, end - 1);
}

/* bare: a filter that hides it is given up. */
static void select_subject(WeftSession *session, const struct weft_finding *finding, gboolean bare)
{
    guint lane = weft_model_lane_of(session->model, finding->subject);
    gint64 moment = moment_of(session, finding);
    weft_session_set_playhead(session, moment);
    if (lane == G_MAXUINT32)
        return;
    weft_session_select(session, lane, moment);
    weft_session_bring(session, lane, bare);
}

static gint64 end_of(WeftSession *session, const struct weft_finding *finding)
{
    return finding->lasts ? weft_session_end_ns(session) : finding->to_ns;
}

/* Brings its range into sight, with a part of what is around it. */
static void show_range(WeftSession *session, const struct weft_finding *finding)
{
    gint64 end = weft_session_end_ns(session), to = end_of(session, finding);
    gint64 air = MAX((gint64)((double)(to - finding->from_ns) * AROUND), MIN_AIR_NS);
    weft_session_show(session, MAX(finding->from_ns - air, -end / 100),
                      MIN(to + air, end + end / 7), WEFT_MOVE_JUMP);
}

void weft_session_show_finding(WeftSession *session, const struct weft_finding *finding)
{
    show_range(session, finding);
    weft_session_mark(session, finding->from_ns, end_of(session, finding));
    select_subject(session, finding, TRUE);
}

void weft_session_land_on_findings(WeftSession *session)
{
    const struct weft_finding *hang = weft_session_hang(session);
    if (!hang || session->touched || session->landed)
        return;
    if (!session->following)
        show_range(session, hang);
    select_subject(session, hang, FALSE);
    session->touched = FALSE; /* by nobody else: what is landed on stays in sight */
    session->landed = TRUE;
}
