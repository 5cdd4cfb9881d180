/* definitions.h: what the events of a trace need to be understood: the process, strings, sites, and
 * the clock's anchors, gathered in the form of their chunks.
 *
 *      strings: | id, size, text | id, size, text | ...
 *               ^0                ^written                a new file: written = 0
 *
 * A recording of one file forgets what it has written. One of several files, or of none yet (a
 * window in memory), keeps it: each of its files opens alone. Thread: one. */
#ifndef WEFT_TRACE_DEFINITIONS_H
#define WEFT_TRACE_DEFINITIONS_H

#include "tracer/probe/clock.h"
#include "tracer/trace/chunkfile.h"

struct weft_file_process;

struct weft_definition_cut {
    gsize size; /* of what is before it */
    guint n;
};

struct weft_definition_table {
    GByteArray *bytes;
    GArray *cuts; /* of struct weft_definition_cut: a chunk ends there at the latest */
    guint n;
    struct weft_definition_cut written;
};

struct weft_defined_process {
    guint32 first_ring;
    GByteArray *payload; /* of PROCESS */
    guint64 from, until; /* the times in its header */
    /* Where the file begins that it was written to last: all that one file says of it is one. */
    guint64 begin;
    struct weft_anchor_payload begin_anchor;
};

struct weft_definitions {
    gboolean kept;
    struct weft_definition_table strings, sites, anchors;
    GPtrArray *processes; /* of struct weft_defined_process *, as they came */
    GByteArray *packed;
};

void weft_definitions_init(struct weft_definitions *definitions, gboolean kept);
void weft_definitions_finish(struct weft_definitions *definitions);
/* All of `from`, as a file that begins now needs it. */
void weft_definitions_copy(struct weft_definitions *to, const struct weft_definitions *from);

void weft_definitions_add_string(struct weft_definitions *definitions, guint32 id, const char *text,
                                 gsize size);
void weft_definitions_add_site(struct weft_definitions *definitions, guint32 id, guint32 line,
                               guint32 file, guint32 func);
void weft_definitions_add_anchor(struct weft_definitions *definitions,
                                 const struct weft_clock_anchor *anchor);
/* Replaces what was said of this process before; returns which of `processes` it is. */
guint weft_definitions_set_process(struct weft_definitions *definitions,
                                   const struct weft_file_process *process);

/* Bytes of chunks that weft_definitions_write would write, at most; and the processes'. */
guint64 weft_definitions_size(const struct weft_definitions *definitions);
guint64 weft_definitions_processes_size(const struct weft_definitions *definitions);

/* Writes what is new. */
gboolean weft_definitions_write(struct weft_definitions *definitions, weft_chunkfile *file,
                                GError **error);
/* Writes one process, or all; a trace that begins at `begin` (ticks, 0: with the program) counts
 * its time from there; one that ends at `until` (0: with the recording) tells of none longer. */
gboolean weft_definitions_write_process(struct weft_definitions *definitions, guint i,
                                        weft_chunkfile *file, uint64_t begin, uint64_t until,
                                        GError **error);
gboolean weft_definitions_write_processes(struct weft_definitions *definitions,
                                          weft_chunkfile *file, uint64_t begin, uint64_t until,
                                          GError **error);

/* Another file begins: all is to be written again. */
void weft_definitions_begin_file(struct weft_definitions *definitions);

/* Forgets the anchors that times from `begin` on do not need. */
void weft_definitions_drop_anchors(struct weft_definitions *definitions, uint64_t begin);

#endif
