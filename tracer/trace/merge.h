/* merge.h: several traces as one, on one time axis.
 *
 *      A:  |--chunk--|----chunk----|                     events(C) = events(A) + events(B)
 *      B:        |---chunk---|-chunk-|                   lost(C)   = lost(A) + lost(B)
 *      C:  |--A--|----B----|----A----|-B-|               by when chunks begin; each ring in order
 *
 * Parts of one process are put together again (pieces.h): what both hold is there once, and what
 * lies between them is lost.
 *
 * Traces of one boot of a machine are placed by CLOCK_MONOTONIC, which they share. Others, of
 * another boot or another machine, are placed by the wall clock at their start: as exact as those
 * clocks were set. Memory: one chunk, and the definitions. Thread: one. */
#ifndef WEFT_TRACE_MERGE_H
#define WEFT_TRACE_MERGE_H

#include "tracer/trace/trace.h"

G_BEGIN_DECLS

struct weft_merge_result {
    guint64 events, lost, bytes;
    guint processes;
    gboolean damaged; /* an input was: what is whole of it is there */
    GPtrArray *notes; /* of char *, sentences: what is damaged, what is placed by the wall clock */
};
void weft_merge_result_clear(struct weft_merge_result *result);

/* Writes `output`, replacing it. FALSE and an error: an input cannot be read, they cannot be
 * together (CONFLICT), or `output` cannot be written; it is as it was then. Fills in *result, to be
 * cleared, when it returns TRUE. */
gboolean weft_merge(const char *const *paths, guint n, const char *output,
                    struct weft_merge_result *result, GError **error);

G_END_DECLS

#endif
