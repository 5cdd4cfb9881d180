/* relocate.h: several processes in one file: their numbers become the file's.
 *
 *      process A:  ring 0 1 2 ---------> 0 1 2        strings 17 90 -> 1 2    sites 1 2 -> 1 2
 *      process B:  ring 0 1   -------------> 3 4      strings 17    -> 3      sites 1   -> 3
 *                  A's ring 3 -----------------> 5    (found later)
 *
 * A number of the file is given when one of the process's is first seen, wherever that is: in a
 * definition, in an event, as part of an id. Strings and sites get the next free number; a ring
 * keeps its own where nobody has that and the file would say whose it is, else it gets the next.
 * What holds what is read from the event table (probe/event.h).
 *
 * "Process" is whatever has numbers of its own: a process being recorded, or a whole file to be
 * merged. Times may be turned into another clock's on the way. Thread: one. */
#ifndef WEFT_TRACE_RELOCATE_H
#define WEFT_TRACE_RELOCATE_H

#include "tracer/trace/state.h"
#include "tracer/trace/trace.h"

G_BEGIN_DECLS

/* What of a file's numbers is given away; one for each file. All zeros: nothing. */
struct weft_filenumbers {
    guint32 strings, sites;                 /* the last ones given */
    guint32 rings;                          /* 1 + the greatest one given */
    guint32 owners[1 << WEFT_ID_RING_BITS]; /* of rings: processes, from 1; 0: free */
    guint32 first;                          /* who came first: ring 0, and what follows, is its */
    guint32 n_owners;
};

typedef struct weft_relocation weft_relocation;

/* For a process, or for all of `trace`'s, which may be NULL; both must live as long. */
weft_relocation *weft_relocation_new(struct weft_filenumbers *numbers, const weft_trace *trace);
void weft_relocation_free(weft_relocation *relocation); /* NULL is fine */

/* Turns the times of records and states; and adds `deadlines` to CLOCK_MONOTONIC deadlines: another
 * boot's. Without it they stay. */
typedef uint64_t weft_time_converter(uint64_t time, const void *data);
void weft_relocation_set_clock(weft_relocation *relocation, weft_time_converter *convert,
                               const void *data, gint64 deadlines);

/* Its rings are those of another relocation, which must live as long: two traces of the same
 * processes, whose rings are numbered alike. Before any number is asked for. */
void weft_relocation_share_rings(weft_relocation *relocation, weft_relocation *with);

/* The file's numbers for the process's. 0 stays 0, and so does WEFT_STRING_FULL; when all numbers
 * are given, a new string becomes that, and a new site 0: unknown. */
guint32 weft_relocate_string(weft_relocation *relocation, guint32 id);
guint32 weft_relocate_site(weft_relocation *relocation, guint32 id);
uint64_t weft_relocate_id(weft_relocation *relocation, uint64_t id); /* 0: its ring found no room */
/* WEFT_NO_RING when the file has no more. */
#define WEFT_NO_RING G_MAXUINT32
guint32 weft_relocate_ring(weft_relocation *relocation, guint32 ring);

/* Rings were given of which the file does not yet say that they are this process's: one of them, in
 * the process's number and the file's; FALSE when there are no more. A PROCESS chunk must say it
 * before the next EVENTS do. */
gboolean weft_relocation_next_place(weft_relocation *relocation, guint32 *theirs, guint32 *ring);

/* Whether some ring found no room in the file: ids of it became 0. */
gboolean weft_relocation_overflowed(const weft_relocation *relocation);

/* Relocates n slots, EXTs among them, in place. */
void weft_relocate_records(weft_relocation *relocation, struct weft_record *records, guint n);

/* Puts what `from` holds, relocated, into `into`, which holds nothing of this process yet. */
void weft_relocate_state(weft_relocation *relocation, const weft_state *from, weft_state *into);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_relocation, weft_relocation_free)

G_END_DECLS

#endif
