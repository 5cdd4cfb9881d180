/* format.h: the trace file, version 1, byte for byte. All numbers are little-endian.
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
 *   EVENTS   codec.h. One ring's, in order. Header: n events (EXTs not counted), ring, first and
 *            last time in ticks, ordinal of the first slot. `raw` is the size of the columns.
 *   PROCESS  struct weft_process_payload, program, host, and the rest is the executable. Header:
 *            ring: from this one on, up to the next PROCESS's, rings are this process's. Written at
 *            the beginning and again at the end: the last one holds. See "Several processes"
 *   STRINGS  n × { varint id, varint size, bytes }
 *   SITES    n × { varint id, varint line, varint file, varint func }; file, func: string ids
 *   CLOCK    n × struct weft_anchor_payload
 *   STATE    varint rings × { varint ring, varint next ordinal }, then weft_state_serialize()'s
 *            bytes, times in ticks: the state after all EVENTS chunks before it. After every 16
 *            EVENTS chunks, or later, when the events since weigh 4 times the last STATE. n is 1;
 *            0 before the first EVENTS: what was known when the trace began. Its rings then begin
 *            at these ordinals: what they held before is no loss of this trace
 *   LOSS     struct weft_loss_payload. Header: ring, ordinal of the first slot missing, time of the
 *            last event before. Between the ring's EVENTS chunks before it and after it
 *   INDEX    n × struct weft_index_entry: every chunk before it
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
 * Codec 1 is zstd; of an EVENTS chunk the first 16 bytes of payload stay as they are.
 * Checksums are the low 32 bits of XXH3-64. */
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
    WEFT_CHUNK_EVENTS = 1,
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

struct weft_process_payload {
    guint64 pid, start_time;
    guint8 boot_id[16];
    struct weft_anchor_payload start; /* where a trace's nanoseconds count from */
    guint32 clock_kind;               /* enum weft_clock_kind */
    guint32 ended;
    gint32 exit_code, exit_signal;
    guint32 program_size, host_size; /* bytes of text behind this, without NULs */
};
G_STATIC_ASSERT(sizeof(struct weft_process_payload) == 80);

struct weft_loss_payload {
    guint64 unread;  /* slots that were overwritten before they were read */
    guint64 dropped; /* slots that the program refused: they have no ordinals */
};
G_STATIC_ASSERT(sizeof(struct weft_loss_payload) == 16);

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
