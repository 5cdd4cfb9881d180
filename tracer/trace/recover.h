/* recover.h: what a dead program's segment still holds, as a trace file.
 *
 *      segment --pread, checked (blackbox)--> chunks of all rings, by time --> trace file
 *
 * Everything that was committed and not overwritten is in the file; the rest is counted as lost:
 * emitted = read + lost, exactly. What was overwritten, or never recorded, and still matters, is
 * known from the live tables: the file begins with a STATE, and at the first event that is there;
 * one of a program that recorded nothing is only that, and begins with what has lasted longest.
 * So is one of a program that stood by when it died: what it had recorded before, for somebody
 * else, ends long before and says nothing of its end; it is a trace of its own, and never mixed in.
 * When the program died is not known: the file ends with the last sign of it, an event, a change in
 * the tables or a look at the clock. The segment is left as it is. Thread: one. */
#ifndef WEFT_TRACE_RECOVER_H
#define WEFT_TRACE_RECOVER_H

#include "tracer/trace/trace.h"

G_BEGIN_DECLS

struct weft_recovered {
    guint64 events, slots;
    guint64 lost;     /* slots: overwritten, refused by the program, or damaged */
    guint64 before;   /* of lost: overwritten, before the trace begins: it begins with a state; and
                         those of an earlier recording, which are left out */
    guint64 left_out; /* events: of an earlier recording; its program stood by when it died */
    guint64 bytes;    /* of the file */
    char *program;    /* its command line, as it was */
    char *damage; /* what is wrong with the segment, in sentences with the bytes; NULL: nothing */
};

/* The segment that process `pid` left behind in the runtime directory, the newest one: its path,
 * g_free it. Errors: NO_PROCESS. */
char *weft_recover_find(guint64 pid, GError **error);

/* Writes the trace file `path` from the segment at `segment`: in the runtime directory, or a copy
 * elsewhere. Errors: FAILED when its program still runs; NOT_A_TRACE, VERSION or CORRUPT when
 * nothing can be had from it; IO. With an error there is no file, or the one that
 * was there before. */
gboolean weft_recover(const char *segment, const char *path, struct weft_recovered *recovered,
                      GError **error);
/* The same of what a program recorded before it stood by again: it ends with its last event, and
 * how the program ended is not in it. Of one that was recording when it died, all the same. */
gboolean weft_recover_recorded(const char *segment, const char *path,
                               struct weft_recovered *recovered, GError **error);
void weft_recovered_clear(struct weft_recovered *recovered);

G_END_DECLS

#endif
