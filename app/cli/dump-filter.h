/* dump-filter.h: which events `weft dump` prints.
 *
 *      all events --ring?--> --kind?--> --task?--> a line --grep?--> printed */
#ifndef WEFT_CLI_DUMP_FILTER_H
#define WEFT_CLI_DUMP_FILTER_H

#include "app/cli/verb.h"
#include "tracer/model/model.h"
#include "tracer/trace/notes.h"

struct dump_filter { /* zeros: everything */
    gboolean by_kind, by_ring;
    gboolean kinds[WEFT_RECORD_KIND_END];
    gboolean notes; /* asked for by kind */
    gboolean rings[1 << WEFT_ID_RING_BITS];
    GArray *only; /* guint64 ids, sorted; NULL: everybody */
};

/* Each narrows the filter and returns -1; or says what there is no such thing of, and returns the
 * exit code. */
int dump_filter_kinds(struct dump_filter *filter, const char *list);
int dump_filter_ring(struct dump_filter *filter, const weft_model *model, guint64 ring);
int dump_filter_loop(struct dump_filter *filter, const weft_model *model, const char *loop);
int dump_filter_task(struct dump_filter *filter, weft_model *model, const char *task);
void dump_filter_finish(struct dump_filter *filter);

gboolean dump_filter_has_event(const struct dump_filter *filter,
                               const struct weft_event_view *event);
/* Where events of one kind are asked for, what is missing may have been some. */
gboolean dump_filter_has_loss(const struct dump_filter *filter, const struct weft_loss *loss);
gboolean dump_filter_has_note(const struct dump_filter *filter, const struct weft_note *note);
/* A process's end is nobody's event: only where everything is asked for. */
gboolean dump_filter_has_end(const struct dump_filter *filter);

#endif
