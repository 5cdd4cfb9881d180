/* codec.h: the payload of an EVENTS chunk: records to bytes (encode.c) and back (decode.c).
 *
 *      payload:  | current task: u64 | slots: u32 | 0: u32 | columns (columns.h), zstd |
 *
 * The first 16 bytes stay readable without decompressing. */
#ifndef WEFT_TRACE_CODEC_H
#define WEFT_TRACE_CODEC_H

#include "tracer/trace/clockmap.h"
#include "tracer/trace/trace.h"

struct weft_events_prefix {
    guint64 current_task; /* the ring's actor when the chunk begins */
    guint32 slots;
    guint32 reserved;
};
G_STATIC_ASSERT(sizeof(struct weft_events_prefix) == 16);

struct weft_encoded { /* borrowed from the encoder, until it encodes again */
    const guint8 *payload;
    guint32 stored; /* bytes of payload */
    guint32 raw;    /* bytes of the columns before compression */
    guint32 events;
    uint64_t last_time;
};

typedef struct weft_encoder weft_encoder;
typedef struct weft_decoder weft_decoder;

/* One thread each. */
weft_encoder *weft_encoder_new(void);
void weft_encoder_free(weft_encoder *encoder); /* NULL is fine */
/* n in 1 … WEFT_TRACE_CHUNK_SLOTS. A time that goes back is held, the first at first_time; an EXT
 * flag on the last slot, which has no EXT, is cleared. */
struct weft_encoded weft_encode(weft_encoder *encoder, const struct weft_record *records, guint n,
                                uint64_t first_time, uint64_t current_task);
/* The same in pieces. Add returns how many of the n slots it took: all, or all but the last when
 * its EXT is in the next piece. */
void weft_encode_begin(weft_encoder *encoder, uint64_t first_time);
guint weft_encode_add(weft_encoder *encoder, const struct weft_record *records, guint n,
                      gboolean last);
struct weft_encoded weft_encode_end(weft_encoder *encoder, uint64_t current_task);
/* The time of the last event that was added; and whether one of those since weft_encode_begin was
 * held. */
uint64_t weft_encode_time(const weft_encoder *encoder);
gboolean weft_encode_held(const weft_encoder *encoder);

weft_decoder *weft_decoder_new(void);
void weft_decoder_free(weft_decoder *decoder); /* NULL is fine */
/* Decodes `payload`, whose columns are `raw` bytes and whose first event is at `first_time`, into
 * `records` (room for WEFT_TRACE_CHUNK_SLOTS), times through `clock`. Returns the number of slots;
 * 0 when the bytes make no sense: nothing in them is trusted. */
guint weft_decode(weft_decoder *decoder, const guint8 *payload, gsize stored, gsize raw,
                  uint64_t first_time, const struct weft_clockmap *clock,
                  struct weft_record *records);

#endif
