/* edges.c: the direct edges of one segment: who woke it, what it awaits, who cancelled it, its
 * parent. */
#include "tracer/model/cursor.h"

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

static guint wake_edge(weft_model *model, guint lane, guint64 number,
                       const struct weft_segment_view *s, struct weft_edge *out)
{
    struct weft_segment_view ready;
    uint64_t id = model->lanes[lane].pub.id;
    if (!find_wake(model, lane, number, s, &ready) || ready.detail == WEFT_WAKE_CREATED ||
        ready.note & NOTE_YIELD)
        return 0;
    *out = edge(model, WEFT_EDGE_WAKE, ready.other, id, ready.from_ns);
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

guint weft_model_edges(weft_model *model, guint lane, gint64 t_ns, struct weft_edge edges[4])
{
    struct weft_segment_view s;
    guint64 number;
    guint n = 0;
    if (lane >= model->n_lanes || model->lanes[lane].pub.kind != WEFT_LANE_TASK)
        return 0;
    cursor_fetch_at(model, lane, t_ns);
    g_rec_mutex_lock(&model->lock);
    gboolean found = cursor_find(model, lane, t_ns, &number);
    g_rec_mutex_unlock(&model->lock);
    if (found) { /* its neighbours may be in other leaves */
        cursor_fetch(model, lane, number ? number - 1 : 0);
        cursor_fetch(model, lane, number + 1);
    }
    g_rec_mutex_lock(&model->lock);
    const struct weft_lane *l = &model->lanes[lane].pub;
    if (found && cursor_get(model, lane, number, &s)) {
        n += wake_edge(model, lane, number, &s, &edges[n]);
        gboolean waits = s.state == WEFT_SEGMENT_WAITING || s.state == WEFT_SEGMENT_CANCELLING;
        if (waits && s.detail && s.other) {
            edges[n] = edge(model, WEFT_EDGE_AWAIT, l->id, s.other, s.from_ns);
            edges[n++].detail = s.detail;
        }
        n += cancel_edge(model, lane, &s, &edges[n]);
    }
    if (l->parent != NO_LANE)
        edges[n++] = edge(model, WEFT_EDGE_PARENT, model->lanes[l->parent].pub.id, l->id,
                          l->first_ns);
    g_rec_mutex_unlock(&model->lock);
    return n;
}
