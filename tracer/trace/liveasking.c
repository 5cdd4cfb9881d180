/* liveasking.c: see liveasking.h. */
#include "tracer/trace/liveasking.h"

#define ANSWER UINT64_C(250000000) /* ns: a loop that polls answers sooner */

static gboolean records(const struct weft_attachment *attachment)
{
    uint64_t mode = atomic_load_explicit(&attachment->segment->mode, memory_order_acquire);
    return mode != WEFT_MODE_OFF && mode != WEFT_MODE_STANDBY;
}

static void hear(struct weft_liveasking *asking, gint64 timeout_ns)
{
    g_autoptr(GError) error = NULL;
    if (weft_controller_receive(asking->controller, timeout_ns, NULL, &error))
        asking->waiting = FALSE;
    else if (!g_error_matches(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_ANSWER))
        weft_liveasking_leave(asking); /* it refuses, or has ended: then this is all there is */
}

/* Every loop that is seen to be alive has begun to record. */
static gboolean all_record(const struct weft_attachment *attachment)
{
    const GPtrArray *rings = attachment->live.rings;
    for (guint i = 0; i < rings->len; i++) {
        const struct weft_ring *ring = rings->pdata[i];
        if (ring && ring->kind == WEFT_RING_LOOP &&
            atomic_load_explicit(&ring->current, memory_order_acquire) == 0 &&
            (atomic_load_explicit(&ring->polling_since, memory_order_relaxed) ||
             atomic_load_explicit(&ring->running, memory_order_relaxed)))
            return FALSE;
    }
    return TRUE;
}

static void wait_for_records(struct weft_attachment *attachment)
{
    guint64 until = weft_clock_monotonic_ns() + ANSWER;
    while (weft_attachment_update(attachment) && !all_record(attachment) &&
           weft_clock_monotonic_ns() < until)
        g_usleep(1000);
}

void weft_liveasking_ask(struct weft_liveasking *asking, struct weft_attachment *attachment)
{
    gboolean recorded = records(attachment);
    asking->controller = weft_controller_open_segment(attachment->path, NULL);
    if (!asking->controller || !weft_controller_send(asking->controller, "mode flight", NULL) ||
        recorded)
        return;
    asking->waiting = TRUE;
    hear(asking, ANSWER);
    if (asking->controller && !asking->waiting)
        wait_for_records(attachment);
}

gboolean weft_liveasking_hear(struct weft_liveasking *asking)
{
    if (!asking->waiting)
        return FALSE;
    hear(asking, 0);
    return !asking->waiting;
}

void weft_liveasking_leave(struct weft_liveasking *asking)
{
    asking->waiting = FALSE;
    g_clear_pointer(&asking->controller, weft_controller_close);
}
