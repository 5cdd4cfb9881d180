/* chunk.h: making a chunk of a file: packing its payload, filling in and sealing its header. For
 * who writes a file (chunkfile.c) and who adds to one (extend.c). */
#ifndef WEFT_TRACE_CHUNK_H
#define WEFT_TRACE_CHUNK_H

#include "tracer/trace/format.h"

/* A chunk's sizes have 32 bits: so many chunks an INDEX can tell of. A file of more has none, and
 * is read as one that was cut. */
enum { WEFT_INDEX_MAX = G_MAXUINT32 / sizeof(struct weft_index_entry) };

/* Packs a small table where that helps: sets stored, raw and codec. Returns the payload: `bytes`
 * itself, or `packed`, which is made to hold it. */
const guint8 *weft_chunk_pack(struct weft_chunk_header *header, const guint8 *bytes, gsize size,
                              GByteArray *packed);

/* Fills in what every header has: magic, seq, checksums. kind, codec, stored, raw, n and what the
 * kind needs are set already. */
void weft_chunk_seal(struct weft_chunk_header *header, const guint8 *payload, guint64 seq);

/* Whether a header is one, and unharmed. */
gboolean weft_chunk_is_whole(const struct weft_chunk_header *header);

/* Bytes behind a payload, up to the next chunk. */
static inline guint weft_chunk_padding(guint32 stored)
{
    return (0 - stored) & 7;
}

/* Bytes that a chunk with this much payload takes in a file; when it is yet to be packed, at most.
 */
static inline guint64 weft_chunk_size(guint64 stored)
{
    return sizeof(struct weft_chunk_header) + ((stored + 7) & ~(guint64)7);
}

/* The trailer of a file of `size` bytes, itself included, whose INDEX is at `index`. */
struct weft_trailer weft_trailer_make(guint64 index, guint64 size);
gboolean weft_trailer_is_whole(const struct weft_trailer *trailer);

#endif
