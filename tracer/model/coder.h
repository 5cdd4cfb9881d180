/* coder.h: numbers into a summary's bytes, and out of them: one function per struct writes and
 * reads it: code(c, x) puts x when it saves, and returns what it gets when it restores. What comes
 * from a file is checked where it is read. */
#ifndef WEFT_MODEL_CODER_H
#define WEFT_MODEL_CODER_H

#include "tracer/model/model_private.h"
#include "tracer/trace/varint.h"

#define TIME_MAX (G_GINT64_CONSTANT(1) << 61) /* differences and sums of a few do not overflow */

struct coder {
    GByteArray *out;        /* saving; NULL: restoring */
    struct weft_varints in; /* restoring */
    gboolean bad;
};

static inline void check(struct coder *c, gboolean ok)
{
    c->bad |= !ok;
}

static inline guint64 code(struct coder *c, guint64 value)
{
    if (!c->out)
        return weft_get_varint(&c->in);
    weft_put_varint(c->out, value);
    return value;
}

static inline guint64 code_max(struct coder *c, guint64 value, guint64 max)
{
    value = code(c, value);
    c->bad |= value > max;
    return value;
}

static inline guint64 code_change(struct coder *c, guint64 value, guint64 from)
{
    return from + (guint64)weft_unzigzag(code(c, weft_zigzag((gint64)(value - from))));
}

/* A time not before `from`. */
static inline gint64 code_time(struct coder *c, gint64 value, gint64 from)
{
    guint64 span = code_max(c, (guint64)value - (guint64)from, 2 * TIME_MAX);
    value = c->bad ? from : from + (gint64)span;
    c->bad |= value > TIME_MAX;
    return value;
}

static inline gint64 code_moment(struct coder *c, gint64 value)
{
    value = (gint64)code_change(c, (guint64)value, 0);
    check(c, value >= -TIME_MAX && value <= TIME_MAX);
    return value;
}

/* G_MININT64 is "never". */
static inline gint64 code_moment_or_never(struct coder *c, gint64 value)
{
    return code_max(c, value != G_MININT64, 1) ? code_moment(c, value) : G_MININT64;
}

/* How many things of at least `size` bytes follow. */
static inline guint code_count(struct coder *c, guint n, guint size)
{
    if (c->out)
        return (guint)code(c, n);
    guint64 count = weft_get_count(&c->in, size);
    check(c, count <= G_MAXINT32);
    return c->bad ? 0 : (guint)count;
}

/* size bytes from `bytes`; restoring, where they are. NULL: there are not as many. */
static inline const guint8 *code_bytes(struct coder *c, const guint8 *bytes, gsize size)
{
    if (c->out) {
        g_byte_array_append(c->out, bytes, (guint)size);
        return bytes;
    }
    bytes = weft_get_bytes(&c->in, size);
    check(c, bytes != NULL);
    return bytes;
}

/* All lanes but their segments, and the lanes: summary_whole.c, summary_lanes.c. */
void summary_code_whole(struct coder *c, weft_model *model, guint n_lanes);
void summary_code_lane(struct coder *c, const weft_model *model, struct lane *lane,
                       const struct weft_lane *last);

enum { LANE_BYTES = 17 }; /* the least a lane takes */

#endif
