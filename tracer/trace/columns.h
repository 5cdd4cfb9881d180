/* columns.h: how the events of a chunk become columns. Shared by encode.c and decode.c.
 *
 *      record --> shape number | time delta | subject residue | object residue | count
 *
 * A shape holds everything of an event that is no number of its own: kind, detail, flags, site, and
 * how each number is predicted and in how many bytes its residue is stored. A chunk has some dozens
 * of shapes, so an event is one byte and a few residues; most ids are predicted exactly, and a
 * residue of zero takes no byte. Reading one is a masked 8-byte load: no branch depends on the
 * data.
 *
 *      raw payload:
 *      | struct weft_columns | shapes, 16 B each | shape numbers: low bytes [, high bytes] |
 *      | times | subjects | objects | counts | EXTs, 32 B each |
 *
 * Encoder and decoder keep the same context, from which numbers are predicted (enum weft_source).
 * It begins empty, all zeros, with every chunk: a chunk decodes alone. Residues are zigzagged
 * differences, modulo 2^64; a time is the difference to the time before, which never goes back.
 *
 * To decode, with time = the chunk's first_time and queue = []; each column is read in order, a
 * number of no bytes is 0:
 *
 *   for each of slots - exts events:
 *     s        = shapes[its shape number]
 *     time    += s.time bytes of `times`
 *     subject  = source(s.subject_from) + SUBJECT_NEXT + unzigzag(s.subject bytes of `subjects`)
 *     object   = source(s.object_from)  + OBJECT_NEXT  + unzigzag(s.object bytes of `objects`)
 *     record   = { time, s.kind, s.detail, s.flags, s.site + (s.count bytes of `counts`), subject,
 *                object }; with WEFT_RECORD_EXT in s.flags, the next 32 bytes of `EXTs` follow it
 *     if s.subject_from is FROM_QUEUE: drop the first s.skip + 1 of queue
 *     WAKES: append subject to queue
 *     OWNS: owner[slot(subject)] = actor, where slot(id) = (id * 0x9e3779b97f4a7c15 mod 2^64) >> 54
 *     BEGINS: actor = subject; ENDS: actor = 0
 *     last subject, last object; of this kind: last subject, last object; of the subject's entity
 *     kind (mod 32): last subject = these
 *
 *   source: FROM_QUEUE is queue[s.skip], 0 when there are not so many; FROM_OWNER is
 *   owner[slot(last subject)]; the others say it themselves. All are of before the event. */
#ifndef WEFT_TRACE_COLUMNS_H
#define WEFT_TRACE_COLUMNS_H

#include "tracer/trace/trace.h"

struct weft_columns {
    guint32 shapes; /* more than 256: shape numbers have a column of high bytes */
    guint32 times, subjects, objects, counts; /* bytes of each column */
    guint32 exts;                             /* how many */
};
G_STATIC_ASSERT(sizeof(struct weft_columns) == 24);

enum weft_source { /* what a number is predicted from */
                   WEFT_FROM_ZERO,
                   WEFT_FROM_ACTOR, /* the subject of the last RESUME, until a SUSPEND or TASK_DONE
                                     */
                   WEFT_FROM_LAST_SUBJECT, /* of the event before */
                   WEFT_FROM_LAST_OBJECT,
                   WEFT_FROM_QUEUE, /* who was woken first and not resumed yet, `skip` of them left
                                       out  */
                   WEFT_FROM_OWNER, /* who was the actor when the last event's subject was begun */
                   WEFT_FROM_KIND_SUBJECT, /* of the last event of this kind */
                   WEFT_FROM_KIND_OBJECT,
                   WEFT_FROM_ENTITY =
                       32, /* + entity kind: the last subject that is one. 32 of them        */
                   WEFT_FROM_END = 64,
};

enum {                              /* struct weft_shape, does */
       WEFT_SHAPE_SUBJECT_NEXT = 1, /* the prediction is one more than the source */
       WEFT_SHAPE_OBJECT_NEXT = 2,
       WEFT_SHAPE_WAKES = 4,  /* puts its subject into the queue */
       WEFT_SHAPE_BEGINS = 8, /* its subject becomes the actor   */
       WEFT_SHAPE_ENDS = 16,  /* nobody is the actor afterwards  */
       WEFT_SHAPE_OWNS = 32,  /* its subject now has an owner: the actor */
       WEFT_SHAPE_DOES = 64,
};

struct weft_shape {
    guint8 kind, detail;
    guint16 flags;
    guint32 site;                        /* 0 when `count` bytes hold it */
    guint8 subject_from, object_from;    /* enum weft_source */
    guint8 time, subject, object, count; /* bytes of each residue: 0..8, count 0..4 */
    guint8 does;
    guint8 skip;
};
G_STATIC_ASSERT(sizeof(struct weft_shape) == 16);

enum {
    WEFT_SKIP_MAX = 7,
    WEFT_OWNERS = 1024,
    WEFT_COLUMNS_RAW_MAX = sizeof(struct weft_columns) + WEFT_TRACE_CHUNK_SLOTS * 64,
    WEFT_COLUMNS_PADDING = 8, /* readable bytes behind the columns, for the 8-byte loads */
};

static inline guint weft_owner_slot(uint64_t id)
{
    return (guint)(id * UINT64_C(0x9e3779b97f4a7c15) >> 54);
}

#endif
