/* around.c: see around.h. */
#include "tracer/model/around.h"

enum { STEPS_MAX = 400 };

guint loop_lane_of(const weft_model *model, guint32 ring)
{
    const struct ring *r = ring < model->rings->len ? model->rings->pdata[ring] : NULL;
    return r ? r->machine.loop_lane : NO_LANE;
}

static gboolean runs(const struct weft_segment_view *v)
{
    return v->state == WEFT_SEGMENT_RUNNING || v->state == WEFT_SEGMENT_CALLBACK;
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
