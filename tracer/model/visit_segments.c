/* visit_segments.c: every segment of every lane, in one pass.
 *
 * Lanes do not keep their segments, and to decode them again lane by lane would read the same chunk
 * for each of them. The pass makes them all anyway: it is made once more, by a model of its own,
 * and watched. */
#include "tracer/model/cursor.h"
#include "tracer/model/model_private.h"

struct visiting {
    gint64 from_ns, to_ns;
    weft_segment_visitor *visit;
    gpointer data;
    gboolean stopped;
};

static void see(const struct watch *watch, uint32_t lane, const struct segment *segment,
                gint64 to_ns, guint16 flags)
{
    struct visiting *v = watch->data;
    if (v->stopped || to_ns <= MAX(v->from_ns, segment->from_ns) || segment->from_ns >= v->to_ns)
        return;
    struct weft_segment_view view = segment_view(segment, to_ns, flags);
    v->stopped = !v->visit(lane, &view, v->data);
}

/* What still lasts at the model's end. */
static void see_open(weft_model *pass)
{
    for (guint i = 0; i < pass->n_lanes; i++) {
        const struct lane *lane = &pass->lanes[i];
        const struct segment *open = lane_open(lane);
        if (open && lane->pub.last_ns > open->from_ns)
            see(&pass->watch, i, open, lane->pub.last_ns, WEFT_SEGMENT_OPEN);
    }
}

void weft_model_visit_segments(weft_model *model, gint64 from_ns, gint64 to_ns,
                               weft_segment_visitor *visit, gpointer data)
{
    enum { CHUNKS = 16 };
    struct visiting visiting = { from_ns, to_ns, visit, data, FALSE };
    weft_model *pass = weft_model_new(model->trace);
    pass->watch = (struct watch){ see, &visiting };
    pass->begun = TRUE;           /* a summary has no segments */
    guint left = model->n_chunks; /* a live trace may have more by now */
    do {
        guint step = MIN(left, CHUNKS);
        if (step || weft_trace_n_chunks(model->trace) == 0)
            weft_model_advance(pass, step);
        left -= step;
    } while (left && !visiting.stopped);
    weft_model_set_now(pass, model->end_ns);
    see_open(pass);
    weft_model_free(pass);
}
