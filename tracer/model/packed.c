/* packed.c: see packed.h. */
#include "tracer/model/packed.h"
#include <string.h>

/* ---- Numbers ---- */

/* How many bytes a number takes, 0 … 8. */
static inline guint bytes_of(uint64_t value)
{
    return value ? (guint)(71 - __builtin_clzll(value)) / 8 : 0;
}

static inline guint8 *put(guint8 *at, uint64_t value, guint bytes)
{
    value = GUINT64_TO_LE(value);
    memcpy(at, &value, sizeof value);
    return at + bytes;
}

static inline uint64_t get(const guint8 **at, guint bytes)
{
    static const uint64_t masks[16] = { 0,          0xff,         0xffff,         0xffffff,
                                        0xffffffff, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff,
                                        G_MAXUINT64 };
    uint64_t value;
    memcpy(&value, *at, sizeof value);
    *at += bytes;
    return GUINT64_FROM_LE(value) & masks[bytes];
}

/* An id of this ring without it, and back; nobody, 0, changes places with what it would become. */
static inline uint64_t swap_own(uint64_t id, uint32_t ring)
{
    uint64_t own = (uint64_t)ring << WEFT_ID_COUNTER_BITS;
    return id == 0 || id == own ? id : id ^ own;
}

/* Of this ring: counter:44 | kind:8. */
static inline uint64_t turn(uint64_t id, uint32_t ring)
{
    uint64_t own = swap_own(id, ring);
    return own << 8 | own >> 56;
}

static inline uint64_t turn_back(uint64_t turned, uint32_t ring)
{
    return swap_own(turned >> 8 | turned << 56, ring);
}

/* ---- Segments ---- */

/* form: state:4 | other:4 | length:4 | detail:1 | site:2 | note:1; a site's length is 0, 1, 2 or 4.
 */
enum { OTHER_SAME = 9 };
static const guint8 site_bytes[4] = { 0, 1, 2, 4 };

guint8 *pack_segment(guint8 *at, const struct segment *s, gint64 ns, uint32_t ring, uint64_t *last)
{
    uint64_t other = s->other && s->other == *last ? 0 : turn(s->other, ring);
    guint others = bytes_of(other), length = bytes_of((uint64_t)ns);
    guint form = s->state | length << 8 | (s->other && !other ? OTHER_SAME : others) << 4;
    guint8 *form_at = at;
    at = put(at + 2, other, others);
    at = put(at, (uint64_t)ns, length);
    if (s->detail | s->site | s->note) {
        guint site = s->site == 0 ? 0 : s->site < 0x100 ? 1 : s->site < 0x10000 ? 2 : 3;
        form |= (guint)(s->detail != 0) << 12 | site << 13 | (guint)(s->note != 0) << 15;
        at = put(at, s->detail, s->detail != 0);
        at = put(at, s->site, site_bytes[site]);
        at = put(at, s->note, s->note ? 2 : 0);
    }
    guint16 stored = GUINT16_TO_LE((guint16)form);
    memcpy(form_at, &stored, sizeof stored);
    if (s->other)
        *last = s->other;
    return at;
}

const guint8 *unpack_segments(const guint8 *at, const guint8 *end, uint32_t ring, gint64 from_ns,
                              struct segment *segments, guint n, gint64 *to_ns)
{
    uint64_t last = 0;
    for (guint i = 0; i < n; i++) {
        if (end - at < 2)
            return NULL;
        guint form = (guint)get(&at, 2);
        guint others = form >> 4 & 15, length = form >> 8 & 15;
        gboolean same = others == OTHER_SAME;
        others = same ? 0 : others;
        if (others > 8 || length > 8 || others + length > end - at)
            return NULL;
        uint64_t other = same ? last : turn_back(get(&at, others), ring);
        last = other ? other : last;
        segments[i] = (struct segment){ .from_ns = from_ns, .other = other, .state = form & 15 };
        from_ns = (gint64)((uint64_t)from_ns + get(&at, length));
        if (!(form >> 12))
            continue;
        guint detail = form >> 12 & 1, site = site_bytes[form >> 13 & 3], note = form >> 14 & 2;
        if (detail + site + note > end - at)
            return NULL;
        segments[i].detail = (uint8_t)get(&at, detail);
        segments[i].site = (uint32_t)get(&at, site);
        segments[i].note = (uint16_t)get(&at, note);
    }
    *to_ns = from_ns;
    return at;
}

/* ---- Leaves ---- */

enum { LEAF_NUMBERS = 7, LEAF_MORE = 1 << 23 };

/* Three bits say how many bytes: 7 are stored as 8. */
static inline guint leaf_code(uint64_t value)
{
    return MIN(bytes_of(value), 7);
}

static inline guint leaf_bytes(guint code)
{
    return code + (code == 7);
}

/* form: from, running, ready, unknown, slice, idle, other:3 each | chunk:2 | more:1 | idle:8; a
 * chunk's length is as a site's. */
guint8 *pack_leaf(guint8 *at, const struct leaf *leaf, const struct leaf *before, uint32_t ring)
{
    const struct node *n = &leaf->sum;
    const uint64_t numbers[LEAF_NUMBERS] = { (uint64_t)n->from_ns - (uint64_t)before->sum.from_ns,
                                             (uint64_t)n->running_ns,
                                             (uint64_t)n->ready_ns,
                                             (uint64_t)n->unknown_ns,
                                             (uint64_t)n->slice_ns,
                                             (uint64_t)n->idle_ns,
                                             turn(n->other, ring) };
    uint32_t chunk = leaf->place.chunk - before->place.chunk;
    guint chunks = chunk == 0 ? 0 : chunk < 0x100 ? 1 : chunk < 0x10000 ? 2 : 3;
    guint fold = (guint)leaf->place.fold.armed << 1 | leaf->place.fold.delivered;
    guint32 form = chunks << 21 | (guint32)n->idle << 24 | (fold || leaf->kept ? LEAF_MORE : 0);
    guint8 *form_at = at;
    at += sizeof form;
    for (guint i = 0; i < LEAF_NUMBERS; i++) {
        guint code = leaf_code(numbers[i]);
        form |= code << 3 * i;
        at = put(at, numbers[i], leaf_bytes(code));
    }
    at = put(at, chunk, site_bytes[chunks]);
    at = put(at, leaf->place.index, 2);
    form = GUINT32_TO_LE(form);
    memcpy(form_at, &form, sizeof form);
    if (!(fold || leaf->kept))
        return at;
    guint size = leaf->kept ? leaf->kept_size : 0;
    at = put(at, fold, 1);
    at = put(at, size, 2);
    if (size)
        memcpy(at, leaf->kept, size);
    return at + size;
}

const guint8 *unpack_leaf(const guint8 *at, const guint8 *end, const struct leaf *before,
                          uint32_t ring, struct leaf *leaf)
{
    if (end - at < PACKED_LEAF_MIN)
        return NULL;
    guint32 form = (guint32)get(&at, 4);
    uint64_t numbers[LEAF_NUMBERS];
    for (guint i = 0; i < LEAF_NUMBERS; i++) {
        guint bytes = leaf_bytes(form >> 3 * i & 7);
        if (bytes > end - at)
            return NULL;
        numbers[i] = get(&at, bytes);
    }
    guint chunks = site_bytes[form >> 21 & 3];
    if (end - at < (gint)chunks + 2 + (form & LEAF_MORE ? 3 : 0))
        return NULL;
    uint32_t chunk = before->place.chunk + (uint32_t)get(&at, chunks);
    *leaf = (struct leaf){
        .sum = { .from_ns = (gint64)((uint64_t)before->sum.from_ns + numbers[0]),
                 .running_ns = (gint64)numbers[1],
                 .ready_ns = (gint64)numbers[2],
                 .unknown_ns = (gint64)numbers[3],
                 .slice_ns = (gint64)numbers[4],
                 .idle_ns = (gint64)numbers[5],
                 .other = turn_back(numbers[6], ring),
                 .idle = (uint8_t)(form >> 24) },
        .place = { .chunk = chunk, .index = (uint16_t)get(&at, 2) },
    };
    if (!(form & LEAF_MORE))
        return at;
    guint fold = (guint)get(&at, 1);
    leaf->place.fold = (struct fold){ .armed = fold >> 1 & 0x7f, .delivered = fold & 1 };
    leaf->kept_size = (guint16)get(&at, 2);
    leaf->kept = leaf->kept_size ? at : NULL;
    return leaf->kept_size > end - at ? NULL : at + leaf->kept_size;
}
