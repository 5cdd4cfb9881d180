/* lttng_tracepoint.h: an LTTng-UST tracepoint of three 64-bit fields, as many as a record of Weft's
 * has beside its time. LTTng's own headers read it several times. */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER weft_bench

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "tests/bench/peers/lttng_tracepoint.h"

#if !defined(WEFT_BENCH_LTTNG_TRACEPOINT_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define WEFT_BENCH_LTTNG_TRACEPOINT_H

#include <lttng/tracepoint.h>

/* clang-format off */
LTTNG_UST_TRACEPOINT_EVENT(weft_bench, event,
    LTTNG_UST_TP_ARGS(uint64_t, head, uint64_t, subject, uint64_t, object),
    LTTNG_UST_TP_FIELDS(
        lttng_ust_field_integer(uint64_t, head, head)
        lttng_ust_field_integer(uint64_t, subject, subject)
        lttng_ust_field_integer(uint64_t, object, object)))
/* clang-format on */

#endif

#include <lttng/tracepoint-event.h>
