/* rows.c: see rows.h. */
#include "tracer/export/rows.h"

#include <string.h>

gboolean rows_has_lane(const struct weft_lane *lane)
{
    return lane->kind != WEFT_LANE_ITERATIONS && lane->kind != WEFT_LANE_READY;
}

gint64 rows_waiting_ns(const struct weft_totals *totals)
{
    gint64 sum = 0;
    for (guint class = 0; class < WEFT_WAIT_CLASSES; class ++)
        sum += totals->waiting_ns[class];
    return sum;
}

const char *rows_outcome(const struct weft_lane *lane)
{
    if (lane->kind != WEFT_LANE_TASK || lane->outcome == WEFT_OUTCOME_NONE)
        return NULL;
    return weft_detail_name(WEFT_RECORD_TASK_DONE, lane->outcome);
}

/* ---- Segments ---- */

const char *rows_state(const struct weft_segment_view *segment)
{
    static const char *const names[WEFT_SEGMENT_STATES] = {
        [WEFT_SEGMENT_UNKNOWN] = "unknown",       [WEFT_SEGMENT_RUNNING] = "running",
        [WEFT_SEGMENT_READY] = "ready",           [WEFT_SEGMENT_WAITING] = "waiting",
        [WEFT_SEGMENT_CANCELLING] = "cancelling", [WEFT_SEGMENT_POLL] = "poll",
        [WEFT_SEGMENT_CALLBACK] = "callback",     [WEFT_SEGMENT_LOOP] = "loop",
        [WEFT_SEGMENT_COUNT] = "count",
    };
    return weft_segment_is_pause(segment) ? "paused" : names[segment->state];
}

const char *rows_detail(const struct weft_segment_view *segment)
{
    if (weft_segment_is_pause(segment))
        return "";
    unsigned kind = segment->state == WEFT_SEGMENT_READY      ? WEFT_RECORD_WAKE
                    : segment->state == WEFT_SEGMENT_CALLBACK ? WEFT_RECORD_CALLBACK_BEGIN
                                                              : WEFT_RECORD_SUSPEND;
    const char *name = weft_detail_name(kind, segment->detail);
    return name ? name : "";
}

/* ---- Events ---- */

static const char *text_of_ext(const weft_trace *trace, const struct weft_event_view *event,
                               enum weft_ext kind)
{
    struct weft_ext_text text;
    struct weft_ext_error error;
    if (!(event->record.flags & WEFT_RECORD_EXT))
        return NULL;
    if (kind == WEFT_EXT_TEXT) {
        memcpy(&text, &event->ext, sizeof text);
        return weft_trace_string(trace, text.text);
    }
    if (kind != WEFT_EXT_ERROR)
        return NULL;
    memcpy(&error, &event->ext, sizeof error);
    return weft_trace_string(trace, error.message ? error.message : error.name);
}

struct row_event rows_event(const weft_trace *trace, const struct weft_event_view *event)
{
    const struct weft_record *record = &event->record;
    const struct weft_event_info *info = weft_event_info(record->kind);
    if (!info)
        return (struct row_event){ .kind = "UNKNOWN", .detail = "" };
    const char *detail = weft_detail_name(record->kind, record->detail);
    struct row_event row = {
        .kind = info->name,
        .detail = detail ? detail : "",
        .object_is = info->object,
        .object = (gint64)record->object,
        .site = info->site == WEFT_FIELD_SITE ? record->site : 0,
        .text = text_of_ext(trace, event, info->ext),
    };
    if (info->object == WEFT_FIELD_STRING) {
        row.object = 0;
        row.text = weft_trace_string(trace, (guint32)record->object);
    } else if (info->object == WEFT_FIELD_DEADLINE && record->object != G_MAXINT64) {
        row.object = weft_trace_from_monotonic(trace, record->object);
    }
    return row;
}
