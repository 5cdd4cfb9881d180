/* range.c: see range.h. */
#include "app/cli/range.h"
#include "app/cli/failure.h"
#include "app/cli/quantity.h"

int range_check(const struct verb *verb, const weft_trace *trace, gint64 from_ns, gint64 to_ns,
                const char *to)
{
    gint64 begin_ns = weft_trace_begin_ns(trace);
    gint64 end_ns = weft_trace_end_ns(trace);
    if (from_ns > to_ns)
        return failure_usage(verb, "--from is later than %s", to);
    if (from_ns <= end_ns && to_ns >= begin_ns)
        return -1;
    g_autofree char *begin = quantity_format_moment(begin_ns);
    g_autofree char *end = quantity_format_moment(end_ns);
    g_autofree char *asked = quantity_format_moment(from_ns > end_ns ? from_ns : to_ns);
    return failure_usage(verb, "%s %s is outside the trace, which goes from %s to %s",
                         from_ns > end_ns && from_ns != to_ns ? "--from" : to, asked, begin, end);
}
