/* liveasking.c: see liveasking.h. */
#include "tracer/trace/liveasking.h"
#include "tracer/trace/livebegin.h"

#define ANSWER UINT64_C(250000000) /* ns: a loop that polls answers sooner */

gboolean weft_liveasking_records(const struct weft_attachment *attachment)
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

static void wait_for_records(struct weft_attachment *attachment, const GArray *passed)
{
    guint64 until = weft_clock_monotonic_ns() + ANSWER;
    while (weft_attachment_update(attachment) && !weft_livebegin_all_record(attachment, passed) &&
           weft_clock_monotonic_ns() < until)
        g_usleep(1000);
}

void weft_liveasking_ask(struct weft_liveasking *asking, struct weft_attachment *attachment,
                         const GArray *passed)
{
    asking->controller = weft_controller_open_segment(attachment->path, NULL);
    if (!asking->controller || !weft_controller_send(asking->controller, "mode flight", NULL) ||
        !passed)
        return;
    asking->waiting = TRUE;
    hear(asking, ANSWER);
    if (asking->controller && !asking->waiting)
        wait_for_records(attachment, passed);
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
