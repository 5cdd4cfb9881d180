/* tablereader.h: a program's live tables, read while it writes them, or from what it left behind:
 * every task and object as it is, without any event. probe/table.h says what they look like.
 *
 *      blocks of slots --each copied under its seqlock--> tasks, objects, parties
 *      pages of rings  --who runs, who polls------------> weft_state (times in ticks)
 *
 * Each slot is whole; of a program that goes on meanwhile they are not of one moment. One that is
 * stuck, stopped or dead is seen exactly. A slot whose writer stopped amid writing it gives a task
 * in an unknown state. Nothing in the tables is trusted. Thread: one. */
#ifndef WEFT_TRACE_TABLEREADER_H
#define WEFT_TRACE_TABLEREADER_H

#include "tracer/probe/ring.h"
#include "tracer/trace/heapreader.h"
#include "tracer/trace/state.h"

struct weft_tables {   /* where they are: mapped, or copied from a file */
    GPtrArray *blocks; /* of const struct weft_table_block *, by number; NULL: not to be had */
    GPtrArray *rings;  /* of const struct weft_ring *, by index; NULL: not to be had */
    gboolean lives;    /* their writers go on: one that is amid a slot is waited for, a little */
};

struct weft_tableread { /* what one reading gave */
    weft_state *state;
    guint64 torn;  /* slots whose writer did not finish them */
    guint64 wrong; /* slots and blocks that make no sense: left out */
};

/* Names in slots become strings with ids of their own, beside the heap's: the same text, the same
 * id, at every reading. */
struct weft_tablenames {
    GHashTable *ids; /* text -> id */
    guint32 next;
    const struct weft_heap_definitions *to; /* told of each new string */
};
void weft_tablenames_init(struct weft_tablenames *names, const struct weft_heap_definitions *to);
void weft_tablenames_finish(struct weft_tablenames *names);

struct weft_tableread weft_tables_read(const struct weft_tables *tables,
                                       struct weft_tablenames *names);
void weft_tableread_clear(struct weft_tableread *read);

#endif
