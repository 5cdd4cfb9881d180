/* varint.h: numbers in few bytes, for the small tables of a file (STRINGS, SITES, STATE, INDEX):
 * seven bits a byte, least first, the high bit set while more follow. Signed ones are zigzagged. A
 * reader that runs out of bytes, or meets a number of more bits than it may have, stays at its end
 * with `bad` set and gives zeros from then on: check it once, at the end. */
#ifndef WEFT_TRACE_VARINT_H
#define WEFT_TRACE_VARINT_H

#include <glib.h>
#include <stdint.h>

enum { WEFT_VARINT_MAX = 10 }; /* bytes */

/* Writes at `at`, where there is room, and returns where the next goes. */
static inline guint8 *weft_write_varint(guint8 *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *at++ = (guint8)(value | 0x80);
    *at++ = (guint8)value;
    return at;
}

static inline void weft_put_varint(GByteArray *out, uint64_t value)
{
    guint8 bytes[WEFT_VARINT_MAX];
    g_byte_array_append(out, bytes, (guint)(weft_write_varint(bytes, value) - bytes));
}

static inline uint64_t weft_zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static inline int64_t weft_unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

struct weft_varints {
    const guint8 *at, *end;
    gboolean bad;
};

static inline uint64_t weft_get_varint(struct weft_varints *in)
{
    uint64_t value = 0;
    for (guint shift = 0; shift < 64 && in->at < in->end; shift += 7) {
        guint8 byte = *in->at++;
        if (shift == 63 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    in->bad = TRUE;
    in->at = in->end;
    return 0;
}

/* A number that must have 32 bits. */
static inline uint32_t weft_get_varint32(struct weft_varints *in)
{
    uint64_t value = weft_get_varint(in);
    if (value <= UINT32_MAX)
        return (uint32_t)value;
    in->bad = TRUE;
    in->at = in->end;
    return 0;
}

static inline const guint8 *weft_get_bytes(struct weft_varints *in, uint64_t n)
{
    if (n > (uint64_t)(in->end - in->at)) {
        in->bad = TRUE;
        in->at = in->end;
        return NULL;
    }
    in->at += n;
    return in->at - n;
}

/* How many things of at least `size` bytes may follow: a count larger than what is left is a lie,
 * and must not become an allocation. */
static inline uint64_t weft_get_count(struct weft_varints *in, guint size)
{
    uint64_t n = weft_get_varint(in);
    if (n <= (uint64_t)(in->end - in->at) / size)
        return n;
    in->bad = TRUE;
    in->at = in->end;
    return 0;
}

#endif
