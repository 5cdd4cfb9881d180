/* tableat.h: what live tables say of an earlier moment: of when the events begin that are there.
 *
 *      rings:   ... overwritten, or never recorded | events from T on ......... |
 *      tables:                                                           read at T' >= T
 *                                                  \_ state at T _______________/
 *
 * T is each ring's own. A slot that did not change since T says what was at T. One that did is of a
 * task that was born since, as its events tell, or whose state at T nobody knows until its first
 * event. A ring without events is as its slots say. Thread: one. */
#ifndef WEFT_TRACE_TABLEAT_H
#define WEFT_TRACE_TABLEAT_H

#include "tracer/trace/state.h"

typedef struct weft_tableat weft_tableat;

weft_tableat *weft_tableat_new(void);
void weft_tableat_free(weft_tableat *at); /* NULL is fine */

/* Events of a ring, in order, times in ticks; the first slot of the first of them has this ordinal.
 */
void weft_tableat_records(weft_tableat *at, uint32_t ring, uint64_t first_ordinal,
                          const struct weft_record *records, guint slots);

/* FALSE: no event of the ring is there. Else the ordinal of its first slot and the ticks at which
 * its events begin. */
gboolean weft_tableat_begin(const weft_tableat *at, uint32_t ring, uint64_t *first_ordinal,
                            uint64_t *ticks);

/* The events alone tell everything of this ring: they begin with its first, and not amid the run.
 */
gboolean weft_tableat_is_complete(const weft_tableat *at, uint32_t ring);

/* The state at T, from the one that the tables gave (times in ticks). */
weft_state *weft_tableat_state(const weft_tableat *at, const weft_state *tables);

/* Whether a trace of these events needs to begin with that state. */
gboolean weft_tableat_is_amid(const weft_tableat *at, const weft_state *state);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_tableat, weft_tableat_free)

#endif
