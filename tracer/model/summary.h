/* summary.h: what the pass leaves, as bytes: SUMMARY chunks, so that a trace opens again at once.
 *
 *   piece 0:     head | totals, rings, chunks, losses, facts
 *   piece 1 ...: head | about a megabyte of lanes: records, last segments, leaves of their pyramids
 *   head:        version, chunks gone over, their digest, lanes, number of the piece, of pieces
 *
 * All numbers are varints (tracer/trace/varint.h), segments and leaves as in memory (packed.h). The
 * levels above the leaves are summed up anew. A summary of another version, or of other chunks, is
 * none; whatever in one cannot be makes it none, too: then the pass goes over the events.
 *
 * Thread: saving: any, while nobody advances. Restoring: the one that advances. */
#ifndef WEFT_MODEL_SUMMARY_H
#define WEFT_MODEL_SUMMARY_H

#include "tracer/model/model_private.h"

/* Raise it whenever the pass finds something else in the same events, or the bytes change. */
enum { SUMMARY_VERSION = 6 };

struct summary_head {
    guint32 chunks;
    guint64 digest;
    guint32 lanes;
    guint32 piece, pieces;
};

/* The pieces of a model whose pass is over: of GBytes *. NULL: it holds what cannot be written
 * (times beyond 2^61). */
GPtrArray *summary_save(const weft_model *model);

/* What the head of these bytes says; FALSE: they are no piece of this version. */
gboolean summary_head_of(GBytes *bytes, struct summary_head *head);

/* Restores a piece, 0 first, into an empty model of the same trace. FALSE: it is wrong, and the
 * model must be thrown away. Behind the last, summary_check() says whether all fits together. */
gboolean summary_load(weft_model *model, GBytes *bytes, const struct summary_head *head);
gboolean summary_check(const weft_model *model, const struct summary_head *head);

#endif
