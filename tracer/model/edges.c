/* edges.c: the direct edges of one segment: who woke it, what it awaits, who cancelled it, its
 * parent. */
#include "tracer/model/cursor.h"

/* Of a larger group the members are not looked at: whoever draws holds the model's lock. */
enum { MEMBERS_MAX = 4096 };

static struct weft_edge edge(const weft_model *model, enum weft_edge_kind kind, uint64_t from,
                             uint64_t to, gint64 time_ns)
{
    return (struct weft_edge){ .kind = (guint8)kind,
                               .from_lane = weft_model_lane_of(model, from),
                               .to_lane = weft_model_lane_of(model, to),
                               .from = from,
                               .to = to,
                               .from_ns = time_ns,
                               .to_ns = time_ns };
}

/* The wake that led to segment `number`'s slice, or that ended its wait: a READY segment at it,
 * just before it, or just after it. */
static gboolean find_wake(weft_model *model, guint lane, guint64 number,
                          const struct weft_segment_view *s, struct weft_segment_view *ready)
{
    if (s->state == WEFT_SEGMENT_READY) {
        *ready = *s;
        return TRUE;
    }
    gboolean waits = s->state == WEFT_SEGMENT_WAITING ||
                     (s->state == WEFT_SEGMENT_CANCELLING && s->detail);
    if (!waits && number == 0)
        return FALSE;
    return cursor_get(model, lane, waits ? number + 1 : number - 1, ready) &&
           ready->state == WEFT_SEGMENT_READY;
}

/* Of a group that woke who awaited it, the member that was the last to be done by then; `by` where
 * there is none, and what is no group. Where one failed it may have been that one, or the last:
 * then `by` too, unless it is the only one. */
static uint64_t last_done(const weft_model *model, uint64_t by, gint64 t_ns)
{
    const struct weft_lane *last = NULL;
    guint n, total;
    gboolean failed = FALSE;
    const uint64_t *members = facts_members(&model->facts, by, &n, &total);
    if (n > MEMBERS_MAX)
        return by;
    for (guint i = 0; i < n; i++) {
        guint lane = weft_model_lane_of(model, members[i]);
        const struct weft_lane *member = lane == NO_LANE ? NULL : &model->lanes[lane].pub;
        if (member && member->outcome && member->last_ns <= t_ns &&
            (!last || member->last_ns >= last->last_ns))
            last = member;
        failed |= member && member->outcome == WEFT_OUTCOME_ERROR && member->last_ns <= t_ns;
    }
    return last && (!failed || (n == 1 && total == 1)) ? last->id : by;
}

static guint wake_edge(weft_model *model, guint lane, guint64 number,
                       const struct weft_segment_view *s, struct weft_edge *out)
{
    struct weft_segment_view ready;
    uint64_t id = model->lanes[lane].pub.id;
    if (!find_wake(model, lane, number, s, &ready) || ready.detail == WEFT_WAKE_CREATED ||
        ready.note & NOTE_YIELD)
        return 0;
    *out = edge(model, WEFT_EDGE_WAKE, last_done(model, ready.other, ready.from_ns), id,
                ready.from_ns);
    out->detail = ready.detail;
    return 1;
}

static guint cancel_edge(const weft_model *model, guint lane, const struct weft_segment_view *s,
                         struct weft_edge *out)
{
    uint64_t id = model->lanes[lane].pub.id;
    gboolean by_cancel = s->state == WEFT_SEGMENT_READY &&
                         (s->detail == WEFT_WAKE_CANCEL || s->detail == WEFT_WAKE_TIMEOUT);
    if (s->state != WEFT_SEGMENT_CANCELLING && !by_cancel)
        return 0;
    const struct cancel_fact *cancel = facts_cancel(&model->facts, id, s->from_ns);
    if (!cancel)
        return 0;
    *out = edge(model, WEFT_EDGE_CANCEL, cancel->by, id, cancel->time_ns);
    return 1;
}

static gboolean goes_on(const struct weft_lane *task, gint64 t_ns)
{
    return !task->outcome || task->last_ns > t_ns;
}

/* What it awaits: of a group that is not too large, its members that go on at t, as many as there
 * is room for. */
static guint await_edges(const weft_model *model, uint64_t id, const struct weft_segment_view *s,
                         gint64 t_ns, guint room, struct weft_edge *out)
{
    guint n_members, total, n = 0;
    if ((s->state != WEFT_SEGMENT_WAITING && s->state != WEFT_SEGMENT_CANCELLING) || !s->detail ||
        !s->other)
        return 0;
    const uint64_t *members = facts_members(&model->facts, s->other, &n_members, &total);
    for (guint i = 0; n_members <= MEMBERS_MAX && i < n_members && n < room; i++) {
        guint lane = weft_model_lane_of(model, members[i]);
        if (lane != NO_LANE && goes_on(&model->lanes[lane].pub, t_ns))
            out[n++] = edge(model, WEFT_EDGE_AWAIT, id, members[i], s->from_ns);
    }
    if (n == 0)
        out[n++] = edge(model, WEFT_EDGE_AWAIT, id, s->other, s->from_ns);
    for (guint i = 0; i < n; i++)
        out[i].detail = s->detail;
    return n;
}

guint weft_model_edges(weft_model *model, guint lane, gint64 t_ns, struct weft_edge edges[4])
{
    struct weft_segment_view s;
    guint64 number;
    guint n = 0;
    if (lane >= model->n_lanes || model->lanes[lane].pub.kind != WEFT_LANE_TASK)
        return 0;
    cursor_fetch_at(model, lane, t_ns);
    turn_lock_take(&model->lock);
    gboolean found = cursor_find(model, lane, t_ns, &number);
    turn_lock_give(&model->lock);
    if (found) { /* its neighbours may be in other leaves */
        cursor_fetch(model, lane, number ? number - 1 : 0);
        cursor_fetch(model, lane, number + 1);
    }
    turn_lock_take(&model->lock);
    const struct weft_lane *l = &model->lanes[lane].pub;
    if (found && cursor_get(model, lane, number, &s)) {
        struct weft_edge cancel;
        guint cancels = cancel_edge(model, lane, &s, &cancel);
        n += wake_edge(model, lane, number, &s, &edges[n]);
        n += await_edges(model, l->id, &s, t_ns, 4 - n - cancels - (l->parent != NO_LANE),
                         &edges[n]);
        if (cancels)
            edges[n++] = cancel;
    }
    if (l->parent != NO_LANE && l->flags & WEFT_LANE_BORN)
        edges[n++] = edge(model, WEFT_EDGE_PARENT, model->lanes[l->parent].pub.id, l->id,
                          l->first_ns);
    turn_lock_give(&model->lock);
    return n;
}
