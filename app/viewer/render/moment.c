/* moment.c: moments in words, as a view counts time: since the trace's start, or of the day. See
 * scene.h. */
#include "app/viewer/render/scene.h"

enum { HOUR = 3600, DAY = 24 * HOUR };
static const gint64 SECOND = 1000000000;

char *weft_time_of_day(gint64 ns, int decimals)
{
    gint64 second = ns / SECOND - (ns % SECOND < 0), rest = ns - second * SECOND;
    int of_day = (int)(((second % DAY) + DAY) % DAY);
    GString *text = g_string_new(NULL);
    g_string_printf(text, "%02d:%02d:%02d.%09d", of_day / HOUR, of_day / 60 % 60, of_day % 60,
                    (int)rest);
    g_string_truncate(text, decimals ? 9 + (gsize)decimals : 8);
    return g_string_free(text, FALSE);
}

char *weft_view_time(const struct weft_view *view, gint64 ns)
{
    return view->of_day ? weft_time_of_day(ns - view->origin_ns, 6) : weft_format_time(ns);
}

char *weft_view_clock(const struct weft_view *view, gboolean briefly)
{
    g_autofree char *moment = weft_format_time(view->origin_ns);
    if (view->of_day)
        return g_strdup(briefly ? "Of day" : "Time of day");
    return g_strdup_printf(briefly ? "From %s" : "Time from %s",
                           view->origin_ns ? moment : "start");
}

gboolean weft_view_midnight(weft_trace *trace, gint64 *ns)
{
    gint64 start = weft_trace_source(trace)->start_realtime_ns;
    g_autoptr(GDateTime) then = start > 0 ? g_date_time_new_from_unix_local(start / SECOND) : NULL;
    if (!then)
        return FALSE;
    gint64 seconds = g_date_time_get_hour(then) * HOUR + g_date_time_get_minute(then) * 60 +
                     g_date_time_get_second(then);
    *ns = -(seconds * SECOND + start % SECOND);
    return TRUE;
}
