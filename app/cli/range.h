/* range.h: the moments of a trace that a verb is asked for. */
#ifndef WEFT_CLI_RANGE_H
#define WEFT_CLI_RANGE_H

#include "app/cli/verb.h"
#include "tracer/trace/trace.h"

/* -1 when some of the trace lies from from_ns to to_ns; else says which moments it has, and returns
 * EXIT_USAGE. `to` is the option that the end was given by ("--to"). */
int range_check(const struct verb *verb, const weft_trace *trace, gint64 from_ns, gint64 to_ns,
                const char *to);

#endif
