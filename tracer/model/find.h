/* find.h: where a text occurs in a trace: in the names of tasks and objects, in what the program
 * says (marks, spans, counters), in the sites where things happen.
 *
 *      chunks in order   [ skipped ][ skipped ][ decoded: the next match ][ begins later: skipped ]
 *
 * A match is an event that gives a name or has a text or a site with the text in it, letters of
 * either case. A task without a name is found by its default one, when it is created; what was
 * there when the trace began, at its beginning. Nothing is kept: every call reads the chunks from
 * where it begins up to the match. What was lost is not found.
 *
 * Thread: any, while nobody advances the model; takes no lock. */
#ifndef WEFT_MODEL_FIND_H
#define WEFT_MODEL_FIND_H

#include "tracer/model/model.h"
#include <gio/gio.h>

G_BEGIN_DECLS

enum weft_match_in {
    WEFT_MATCH_NOTHING, /* no match: a moment to begin at */
    WEFT_MATCH_NAME,    /* of `id` */
    WEFT_MATCH_TEXT,    /* that the program says */
    WEFT_MATCH_SITE,    /* file:line, or the function */
};

struct weft_match {
    gint64 time_ns;
    guint32 ring;
    guint64 ordinal; /* of the event's slot in its ring: with time and ring, the order of matches */
    guint8 in;       /* enum weft_match_in */
    guint8 event;    /* enum weft_record_kind; 0: none, it was there when the trace began */
    guint32 lane;    /* of the entity, or of the event's ring's loop; G_MAXUINT32: none */
    guint32 text;    /* string id of the name or text; 0: a default name, or a site */
    guint32 site;    /* where it happened */
    uint64_t id;     /* what the event is about */
};

/* The first match after `from` (direction > 0), or the last before it (< 0). `from` is a match, or
 * a moment: { .time_ns = t }, then matches at t come after it. FALSE: there is none, or it was
 * cancelled. */
gboolean weft_model_find(weft_model *model, const char *text, const struct weft_match *from,
                         int direction, GCancellable *cancellable, struct weft_match *match);

/* How many matches there are in all, and how many of them up to `match` (itself included). One pass
 * over all chunks. FALSE: it was cancelled. */
gboolean weft_model_find_count(weft_model *model, const char *text, const struct weft_match *match,
                               GCancellable *cancellable, guint64 *total, guint64 *place);

G_END_DECLS

#endif
