/* chunk.c: see chunk.h. */
#include "tracer/trace/chunk.h"
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

enum { PACK_FROM = 64 }; /* smaller payloads are not worth compressing */

guint32 weft_checksum(const void *data, gsize size)
{
    return (guint32)XXH3_64bits(data, size);
}

const guint8 *weft_chunk_pack(struct weft_chunk_header *header, const guint8 *bytes, gsize size,
                              GByteArray *packed)
{
    header->raw = header->stored = (guint32)size;
    header->codec = WEFT_CODEC_NONE;
    if (size < PACK_FROM)
        return bytes;
    g_byte_array_set_size(packed, (guint)ZSTD_compressBound(size));
    gsize stored = ZSTD_compress(packed->data, packed->len, bytes, size, 1);
    if (ZSTD_isError(stored) || stored >= size)
        return bytes;
    header->stored = (guint32)stored;
    header->codec = WEFT_CODEC_ZSTD;
    return packed->data;
}

void weft_chunk_seal(struct weft_chunk_header *header, const guint8 *payload, guint64 seq)
{
    header->magic = WEFT_CHUNK_MAGIC;
    header->seq = seq;
    header->payload_checksum = weft_checksum(payload, header->stored);
    header->checksum = weft_checksum(header, sizeof *header - sizeof header->checksum);
}

gboolean weft_chunk_is_whole(const struct weft_chunk_header *header)
{
    return header->magic == WEFT_CHUNK_MAGIC &&
           header->checksum == weft_checksum(header, sizeof *header - sizeof header->checksum);
}

struct weft_trailer weft_trailer_make(guint64 index, guint64 size)
{
    struct weft_trailer trailer = { .magic = WEFT_TRAILER_MAGIC, .index = index, .size = size };
    trailer.checksum = weft_checksum(&trailer, sizeof trailer - sizeof trailer.checksum);
    return trailer;
}

gboolean weft_trailer_is_whole(const struct weft_trailer *trailer)
{
    return memcmp(trailer->magic, WEFT_TRAILER_MAGIC, sizeof trailer->magic) == 0 &&
           trailer->checksum == weft_checksum(trailer, sizeof *trailer - sizeof trailer->checksum);
}
