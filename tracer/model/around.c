/* around.c: see around.h. */
#include "tracer/model/around.h"

enum { STEPS_MAX = 400 };
static const gint64 glance_ns = 50000; /* a poll that does not wait */

guint loop_lane_of(const weft_model *model, guint32 ring)
{
    const struct ring *r = ring < model->rings->len ? model->rings->pdata[ring] : NULL;
    return r ? r->machine.loop_lane : NO_LANE;
}

static gboolean runs(const struct weft_segment_view *v)
{
    return v->state == WEFT_SEGMENT_RUNNING || v->state == WEFT_SEGMENT_CALLBACK;
}

gboolean loop_next(weft_model *model, guint loop, gint64 t_ns, struct weft_segment_view *out)
{
    guint64 number;
    if (!cursor_seek(model, loop, t_ns, &number))
        return FALSE;
    for (guint steps = 0; steps < 8 && cursor_read(model, loop, number + steps, out); steps++) {
        gboolean glance = out->state == WEFT_SEGMENT_POLL && out->to_ns - out->from_ns < glance_ns;
        if (out->state != WEFT_SEGMENT_LOOP && !glance)
            return out->state != WEFT_SEGMENT_UNKNOWN;
    }
    return FALSE;
}

gboolean loop_longest(weft_model *model, guint loop, gint64 from_ns, gint64 to_ns,
                      struct weft_segment_view *out)
{
    struct weft_segment_view v;
    guint64 number;
    gint64 longest = 0;
    if (!cursor_seek(model, loop, from_ns, &number))
        return FALSE;
    for (guint steps = 0; steps < STEPS_MAX && cursor_read(model, loop, number++, &v); steps++) {
        if (v.from_ns >= to_ns)
            break;
        if (runs(&v) && v.to_ns - v.from_ns > longest) {
            longest = v.to_ns - v.from_ns;
            *out = v;
        }
    }
    return longest > 0;
}

guint loop_ran(weft_model *model, guint loop, gint64 from_ns, gint64 to_ns, uint64_t *ids,
               guint max)
{
    struct weft_segment_view v;
    guint64 number;
    guint n = 0;
    if (!cursor_seek(model, loop, from_ns, &number))
        return 0;
    for (guint steps = 0; steps < STEPS_MAX && cursor_read(model, loop, number++, &v); steps++) {
        if (v.from_ns >= to_ns)
            break;
        gboolean known = v.state != WEFT_SEGMENT_RUNNING || v.to_ns <= from_ns;
        for (guint i = 0; !known && i < MIN(n, max); i++)
            known = ids[i] == v.other;
        if (known)
            continue;
        if (n < max)
            ids[n] = v.other;
        n++;
    }
    return n;
}

gboolean loop_polled(weft_model *model, guint loop, gint64 t_ns, gint64 *at_ns)
{
    struct weft_segment_view v;
    guint64 number;
    if (!cursor_seek(model, loop, t_ns, &number))
        return FALSE;
    for (guint steps = 0; steps < STEPS_MAX && cursor_read(model, loop, number, &v); steps++) {
        if (v.state == WEFT_SEGMENT_UNKNOWN)
            return FALSE;
        if (v.state == WEFT_SEGMENT_POLL) {
            *at_ns = MIN(v.to_ns, t_ns);
            return TRUE;
        }
        if (number-- == 0)
            return FALSE;
    }
    return FALSE;
}
