/* format.h: the trace file, version 1, byte for byte: with columns.h (the bytes of an EVENTS chunk)
 * and probe/event.h (the 32 bytes of a record, and what the numbers in it mean) all that somebody
 * needs who writes a reader in another language; tests/trace/reader.py is one. All numbers are
 * little-endian.
 *
 *      0        64                                                              end
 *      +--------+-------+---------+-----+-------+---------+-----+-------+-------+
 *      | header | chunk | payload | pad | chunk | payload | ... | INDEX |trailer|
 *      +--------+-------+---------+-----+-------+---------+-----+-------+-------+
 *      64 B     64 B    `stored`  to 8                                   32 B
 *
 * The file is only ever appended to. What is added to a whole one, a SUMMARY or NOTES, follows its
 * trailer, and a new INDEX, of all chunks, and a new trailer follow that: the last trailer holds,
 * and one amid the file, whose `size` is where it ends, is passed over. One that was cut (a full
 * disk, a killed recorder) holds no INDEX and no trailer: a reader hops from header to header, up
 * to the last whole chunk. Where a header is damaged, it looks for the next 8-aligned place with
 * the magic and a right checksum. A chunk of a kind that a reader does not know is skipped by its
 * length; a file of a newer major version is refused.
 *
 * Payloads, by kind:
 *
 *   EVENTS   u64 current task, u32 slots, u32 0, then columns (columns.h), always packed by
 * codec 1. One ring's, in order, at most 16,384 slots. Header: n events (EXTs not counted), ring,
 *            first and last time in ticks, ordinal of the first slot. `raw` is the size of the
 *            columns unpacked
 *   PROCESS  struct weft_process_payload, program, host, and the rest is the executable. Header:
 *            ring: from this one on, up to the next PROCESS's, rings are this process's; first and
 *            last time: from when until when it was seen, 0: not said. Written at the beginning and
 *            again at the end: the last one holds. See "Several processes", "From and until"
 *   STRINGS  n × { varint id, varint size, bytes }
 *   SITES    n × { varint id, varint line, varint file, varint func }; file, func: string ids
 *   CLOCK    n × struct weft_anchor_payload
 *   STATE    varint rings × { varint ring, varint next ordinal }, then the bytes below: the state
 *            after all EVENTS chunks before it. After every 8 EVENTS chunks, or later, when the
 *            events since weigh twice the last STATE. n is 1; 0 before the first EVENTS: what was
 *            known when the trace began. Its rings then begin at these ordinals: what they held
 *            before is no loss of this trace
 *   LOSS     struct weft_loss_payload. Header: ring, ordinal of the first slot missing, time of the
 *            last event before. Between the ring's EVENTS chunks before it and after it. One of 0
 *            slots: nothing was lost, but the ring was not recorded for a time
 *   INDEX    n × struct weft_index_entry: every chunk before it. A file of so many chunks that this
 *            would be 4 GiB has no INDEX and no trailer
 *   SUMMARY  what the model found in the events, so that it need not look again: tracer/model/
 *            summary.h. A reader that does not know its version does without
 *   NOTES    the 16 bytes of the uuid of the trace that they are about, then varint notes ×
 *            { varint id, zigzag time in ns since the start, varint entity, varint ring + 1 (0:
 *            none), varint 1 (0: the note of this id is deleted), varint size, text }. The last
 *            note of an id holds
 *
 * Several processes. A file may hold several: each has a PROCESS chunk, before the first chunk of
 * its rings; one whose rings are in several places has one for each. Two PROCESS chunks are about
 * the same process when boot id, pid, start time and start are the same. Rings, strings and sites
 * are numbered through the file: none is two processes', and entity ids hold the file's ring
 * numbers. All times are of one clock, the first PROCESS's kind; nanoseconds count from the
 * earliest start. A STATE is of all processes so far.
 *
 * From and until. A process was seen from its start, or, in a cut, from where that begins; until
 * its end, or until it was looked at last. Up to then it goes on with what it does after its last
 * event. `ended` says whether it still lived then, ended then, or at some unknown moment after.
 * Where that is not said, as in a file whose recording was broken off, "from" is its start, or, in
 * a trace that begins with a STATE, the first event of all; "until" is its last event, or, of one
 * that has not ended, the trace's end. Events that lie outside widen it.
 *
 * Codec 0: as it is. Codec 1: one zstd frame, which says its size; of an EVENTS chunk the first 16
 * bytes of payload stay as they are before it. Checksums are the low 32 bits of XXH3-64, seed 0.
 *
 * A varint is seven bits a byte, least first, the high bit set while more follow, at most 64 bits.
 * A signed one is zigzagged first: 0, -1, 1, -2 ... become 0, 1, 2, 3 ... An id of a STATE is a
 * varint of the id rotated left by 20 bits, so that its counter's high bits, zeros, come first.
 *
 * STATE, times in ticks:
 *
 *   varint 2^64 - 1: by columns; varint base, a time
 *   varint tasks, then columns of
 *     0 the id, against that of the task before (the first: against 0), 1 its parent, likewise
 *     2 the kind of the id "other", 3 its ring, against that of the id, 4 its counter
 *     5 base, against the time since when it is in this state
 *     6 the time of its creation, 7 its name (string), both against the task before
 *     8 the site where it was created, 9 the site where it last suspended
 *     10 its state: 0 unknown 1 running 2 ready 3 waiting 4 cancelling 5 done 6 new
 *     11 detail: of a waiting one the await kind, ready: the cause of its wake, done: the outcome
 *     12 requests to cancel it; 13 is 1: a cancellation was delivered, and neither taken back nor
 *     ended
 *   varint objects, then columns of
 *     0 the kind of its id; 1 the id, against the last object of that kind (the first: against 0)
 *     2 the kind of its owner, 3 its ring, against that of the id, 4 its counter
 *     5 value, 6 deadline (CLOCK_MONOTONIC ns), 7 capacity, 8 name, 9 site, each against the last
 *     object of that kind
 *     10 1: a timeout that has expired, a job whose end was seen before its beginning; 2: its value
 *     is of before a loss
 *   varint rings × {
 *     varint ring, varint: 1: it polls; 2: others may be in its ready queue; and 4 times how many
 *     tasks a SNAPSHOT is still to be followed by; signed: base less the time of polling
 *     varint running × id, outermost first: an eager start nests
 *     varint ready × id, next first: tasks, each in state 2, and callbacks
 *   }
 *   varint objects × {
 *     id of a semaphore or a group, varint members that have ended and are not listed
 *     varint n × { signed: an id less the one before (the first: less 0), varint units }: the tasks
 *     that hold units of it; its members, units 0
 *   }
 *
 * Columns are of 1,024 tasks (objects), then of the next 1,024, the last of those that are left:
 * one after the other, each u8 bytes of a number, 1 ... 8, the lowest byte of all of its numbers,
 * the next byte of all, ... "x against y" is x - y modulo 2^64, zigzagged as a signed number.
 *
 * STATE in files of before, which begins with varint base, and whose tasks and objects follow one
 * by one; rings as above:
 *
 *   varint tasks × {
 *     signed: the id less that of the task before (the first: less 0), not rotated
 *     id parent, id other
 *     signed: base less the time since when it is in this state; signed: that time less its
 *     creation; varint name, varint site where it was created, varint site where it last suspended
 *     u8 state, u8 detail, u8 requests to cancel it, u8 whether a cancellation was delivered
 *   }
 *   varint objects × {
 *     signed: the id less that of the object before, not rotated; id owner; signed value
 *     signed deadline; varint capacity; varint name, varint site; u8: 1 as column 10's
 *   }
 *   after the rings, or absent: varint objects × { as above, but { id, varint units } }
 *
 * Times. A file's ticks are those of the first PROCESS's clock_kind (probe/clock.h).
 * CLOCK_MONOTONIC ticks are nanoseconds: time = ticks - start.mono_ns. Counter ticks go through
 * knots { ticks, ns, rate }, rate in nanoseconds per tick, 32 bits behind the point. The anchors of
 * all CLOCK chunks and the start's, sorted by mono_ns, then ticks, give them:
 *
 *   last = the first anchor; knots = [ { last.ticks, last.mono_ns - start.mono_ns, 1 << 32 } ]
 *   known = 0; jumped = false
 *   for each further anchor a:
 *     far = a.mono_ns - last.mono_ns >= 100,000,000
 *     rate = ((a.mono_ns - last.mono_ns) << 32) / (a.ticks - last.ticks), rounded down
 *     skip it unless both its numbers are greater than last's, and rate is at most 1000 << 32 and
 * at least 1, or, while known is 0, (1 << 32) / 100; and, once one was far, unless it is far too
 *     the last knot's rate = rate
 *     if far:
 *       other = known and (rate > known + known / 1000 or rate < known - known / 1000)
 *       behind = known if other and not jumped, else rate         (a jump is over, once)
 *       append { a.ticks, a.mono_ns - start.mono_ns, behind }
 *       jumped = behind is not rate; known = behind; last = a
 *
 *   time of t = max(0, ns + ((t - ticks) * rate >> 32)), signed, rounded down, with the last knot
 *   whose ticks <= t, or else the first. Within a chunk a time less than the one before is that one
 *
 * Texts are UTF-8, not all: the program made them. A reader shows U+FFFD for each byte that is
 * none, and for NULs. Where an id is defined twice, the first holds.
 *
 * Damage. A chunk whose payload has another checksum is lost; its header says what that was. The
 * events of EVENTS count as lost. STATE and SUMMARY hold nothing that the events do not: without
 * one, a reader goes on from the one before, and need not complain.
 *
 * Lost are, of a ring, what its LOSS chunks say was dropped, and every ordinal that no EVENTS chunk
 * holds between the ring's beginning and its last EVENTS chunk, or its last LOSS chunk's end; but
 * for those that are known to be EXTs. */
#ifndef WEFT_TRACE_FORMAT_H
#define WEFT_TRACE_FORMAT_H

#include <glib.h>

#define WEFT_FILE_MAGIC    "WEFT\r\n\x1a\n" /* CR LF ^Z LF: shows a transfer that changed bytes */
#define WEFT_TRAILER_MAGIC "\nWEFTEND"
#define WEFT_CHUNK_MAGIC   0x4b4e4843u /* "CHNK" */

enum { WEFT_FILE_MAJOR = 1, WEFT_FILE_MINOR = 0 };

struct weft_file_header {
    char magic[8];
    guint16 major, minor;
    guint32 size; /* of this header: 64 */
    guint8 uuid[16];
    gint64 created_real_ns;
    guint8 reserved[20];
    guint32 checksum; /* of the 60 bytes before */
};
G_STATIC_ASSERT(sizeof(struct weft_file_header) == 64);

enum weft_chunk_kind {
    WEFT_CHUNK_EVENTS = 1, /* and on, 2 ... 10 */
    WEFT_CHUNK_STRINGS,
    WEFT_CHUNK_SITES,
    WEFT_CHUNK_CLOCK,
    WEFT_CHUNK_STATE,
    WEFT_CHUNK_LOSS,
    WEFT_CHUNK_NOTES,
    WEFT_CHUNK_INDEX,
    WEFT_CHUNK_SUMMARY,
    WEFT_CHUNK_PROCESS,
};
enum weft_chunk_codec { WEFT_CODEC_NONE, WEFT_CODEC_ZSTD };

struct weft_chunk_header {
    guint32 magic;
    guint16 kind, codec;
    guint32 stored, raw; /* bytes of payload in the file; unpacked */
    guint32 n;           /* events, or entries */
    guint32 ring;
    guint64 seq; /* 1, 2, 3 ... in the file */
    guint64 first_time, last_time;
    guint64 first_ordinal;
    guint32 payload_checksum;
    guint32 checksum; /* of the 60 bytes before */
};
G_STATIC_ASSERT(sizeof(struct weft_chunk_header) == 64);

struct weft_trailer {
    char magic[8];
    guint64 index; /* offset of the INDEX chunk's header */
    guint64 size;  /* of the file, this trailer included */
    guint32 reserved;
    guint32 checksum; /* of the 28 bytes before */
};
G_STATIC_ASSERT(sizeof(struct weft_trailer) == 32);

struct weft_anchor_payload {
    guint64 ticks, mono_ns, real_ns;
};
G_STATIC_ASSERT(sizeof(struct weft_anchor_payload) == 24);

enum weft_process_end {
    WEFT_PROCESS_LIVES,        /* or nobody knows */
    WEFT_PROCESS_ENDED,        /* at the chunk's last time */
    WEFT_PROCESS_ENDED_UNSEEN, /* after it */
    WEFT_PROCESS_STOPPED,      /* at the chunk's last time: who recorded it had it end */
};

struct weft_process_payload {
    guint64 pid, start_time;
    guint8 boot_id[16];
    struct weft_anchor_payload start; /* where a trace's nanoseconds count from */
    guint32 clock_kind;               /* enum weft_clock_kind */
    guint32 ended;                    /* enum weft_process_end */
    gint32 exit_code, exit_signal;    /* once it has ended; a code of -1: nobody saw it */
    guint32 program_size, host_size;  /* bytes of text behind this, without NULs */
};
G_STATIC_ASSERT(sizeof(struct weft_process_payload) == 80);

struct weft_loss_payload {
    guint64 unread;  /* slots that were overwritten before they were read */
    guint64 dropped; /* slots that the program refused: they have no ordinals */
    guint64 between; /* of the unread, those that are in no trace of which this one was merged. Not
                        there in files of before, nor is what follows */
    guint64 exts; /* of the unread, those known to be EXTs, as of a chunk that is damaged: these do
                     not count as lost, what each belongs to does. At most half of the others than
                     those between */
};
G_STATIC_ASSERT(sizeof(struct weft_loss_payload) == 32);

struct weft_index_entry {
    guint64 offset; /* of the chunk's header */
    struct weft_chunk_header header;
    guint64 current_task; /* EVENTS: the first 12 bytes of payload */
    guint32 slots;
    guint32 reserved;
};
G_STATIC_ASSERT(sizeof(struct weft_index_entry) == 88);

G_STATIC_ASSERT(G_BYTE_ORDER == G_LITTLE_ENDIAN);

guint32 weft_checksum(const void *data, gsize size);

#endif
