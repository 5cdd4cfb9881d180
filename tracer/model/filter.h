/* filter.h: which lanes, and which of their segments, a question is about: as the command's options
 * and the viewer's fields ask for them.
 *
 *      lanes --kind? name? text? site?--> lanes --in the range?--> | segment | state? length? | ...
 *
 * Thread: any, while nobody advances the model; takes no lock but where it reads segments. */
#ifndef WEFT_MODEL_FILTER_H
#define WEFT_MODEL_FILTER_H

#include "tracer/model/stats.h"

G_BEGIN_DECLS

struct weft_filter {  /* zeros: all tasks, all that they do */
    guint kinds;      /* 1 << enum weft_lane_kind each; 0: tasks */
    const char *name; /* a task's name, all of it; or its id, "task:0:17" */
    const char *text; /* in its name, or in where it was created (FILE:LINE, or the function);
                         letters of either case */
    guint32 site;     /* where it was created */
    guint
        states; /* 1 << enum weft_segment_state each: only segments in one of them count; 0: all */
    gint64 least_ns, most_ns; /* only segments as long as this, whole; most_ns 0: of any length */
};

/* Appends to `lanes` (of guint) the lanes that the filter is about and that live at any time from
 * from_ns to just before to_ns, whatever they do. FALSE: it was cancelled. */
gboolean weft_model_filter(weft_model *model, const struct weft_filter *filter, gint64 from_ns,
                           gint64 to_ns, GCancellable *cancellable, GArray *lanes);

/* As weft_model_stats(), of what the filter lets through. */
gboolean weft_model_stats_of(weft_model *model, const struct weft_filter *filter, gint64 from_ns,
                             gint64 to_ns, GCancellable *cancellable, struct weft_stats *stats);

G_END_DECLS

#endif
