/* decode.c: columns to records. See columns.h.
 *
 * Before anything is decoded, one pass over the shape numbers adds up what each column must hold:
 * from then on no load needs a bound of its own. The loop has no branch that depends on data, but
 * for EXTs and the clock's knots. */
#include "tracer/trace/codec.h"
#include "tracer/trace/columns.h"
#include <string.h>
#include <zstd.h>

enum { /* the context is one array, so that a source is an index */
       KIND_SUBJECT = WEFT_FROM_END,
       KIND_OBJECT = KIND_SUBJECT + 256,
       CONTEXT = KIND_OBJECT + 256,
       QUEUE_MASK = WEFT_TRACE_CHUNK_SLOTS - 1,
       OWNER_NOBODY = WEFT_OWNERS, /* where owners are put that are none */
};
G_STATIC_ASSERT((WEFT_TRACE_CHUNK_SLOTS & QUEUE_MASK) == 0);

struct plan {      /* a shape, ready to be applied */
    uint64_t head; /* kind, detail, flags, site: the record's second word */
    uint64_t time_mask, subject_mask, object_mask, count_mask;
    uint64_t begins, keeps; /* masks of the subject and of the actor: the next actor */
    guint16 subject_from, object_from, kind_subject, kind_object;
    guint8 time, subject, object, count;
    guint8 subject_next, object_next, wakes, owns, pops, skip, ext;
};

struct weft_decoder {
    ZSTD_DCtx *zstd;
    guint8 *raw;
    gsize raw_room;
    struct plan *plans;
    guint plans_room;
    uint64_t *widths; /* per shape: bytes it takes of each column, packed */
    uint64_t context[CONTEXT];
    uint64_t owners[WEFT_OWNERS + 1];
    uint64_t queue[WEFT_TRACE_CHUNK_SLOTS];
};

struct columns { /* where each begins */
    struct weft_columns head;
    const guint8 *shapes, *low, *high, *times, *subjects, *objects, *counts, *exts;
    guint events;
};

weft_decoder *weft_decoder_new(void)
{
    weft_decoder *d = g_new0(weft_decoder, 1);
    d->zstd = ZSTD_createDCtx();
    if (!d->zstd)
        g_error("out of memory for the decompressor");
    return d;
}

void weft_decoder_free(weft_decoder *d)
{
    if (!d)
        return;
    ZSTD_freeDCtx(d->zstd);
    g_free(d->raw);
    g_free(d->plans);
    g_free(d->widths);
    g_free(d);
}

/* ---- Checking ---- */

static uint64_t mask_of(guint bytes)
{
    return bytes ? UINT64_MAX >> (64 - 8 * bytes) : 0;
}

static guint16 source_index(guint from, guint kind)
{
    if (from == WEFT_FROM_KIND_SUBJECT)
        return (guint16)(KIND_SUBJECT + kind);
    if (from == WEFT_FROM_KIND_OBJECT)
        return (guint16)(KIND_OBJECT + kind);
    return (guint16)from;
}

static gboolean shape_is_sane(const struct weft_shape *shape)
{
    return shape->subject_from < WEFT_FROM_END && shape->object_from < WEFT_FROM_END &&
           shape->time <= 8 && shape->subject <= 8 && shape->object <= 8 && shape->count <= 4 &&
           shape->does < WEFT_SHAPE_DOES && shape->skip <= WEFT_SKIP_MAX;
}

static struct plan plan_shape(const struct weft_shape *shape)
{
    return (struct plan){
        .head = (uint64_t)shape->kind | (uint64_t)shape->detail << 8 |
                (uint64_t)shape->flags << 16 | (uint64_t)shape->site << 32,
        .time_mask = mask_of(shape->time),
        .subject_mask = mask_of(shape->subject),
        .object_mask = mask_of(shape->object),
        .count_mask = mask_of(shape->count),
        .begins = shape->does & WEFT_SHAPE_BEGINS ? UINT64_MAX : 0,
        .keeps = shape->does & (WEFT_SHAPE_BEGINS | WEFT_SHAPE_ENDS) ? 0 : UINT64_MAX,
        .subject_from = source_index(shape->subject_from, shape->kind),
        .object_from = source_index(shape->object_from, shape->kind),
        .kind_subject = (guint16)(KIND_SUBJECT + shape->kind),
        .kind_object = (guint16)(KIND_OBJECT + shape->kind),
        .time = shape->time,
        .subject = shape->subject,
        .object = shape->object,
        .count = shape->count,
        .subject_next = shape->does & WEFT_SHAPE_SUBJECT_NEXT,
        .object_next = (shape->does & WEFT_SHAPE_OBJECT_NEXT) != 0,
        .wakes = (shape->does & WEFT_SHAPE_WAKES) != 0,
        .owns = (shape->does & WEFT_SHAPE_OWNS) != 0,
        .pops = shape->subject_from == WEFT_FROM_QUEUE ? (guint8)(shape->skip + 1) : 0,
        .skip = shape->skip,
        .ext = shape->flags & WEFT_RECORD_EXT,
    };
}

/* Bytes of times, subjects and objects in 20 bits each: 16,384 × 8 fits. Counts and EXTs are so few
 * that they are added up apart. */
static uint64_t pack_widths(const struct weft_shape *shape)
{
    return (uint64_t)shape->time | (uint64_t)shape->subject << 20 | (uint64_t)shape->object << 40;
}

static gboolean plan_shapes(weft_decoder *d, const struct columns *c)
{
    guint n = c->head.shapes;
    if (n > d->plans_room) {
        d->plans_room = MAX(256, n);
        d->plans = g_renew(struct plan, d->plans, d->plans_room);
        d->widths = g_renew(uint64_t, d->widths, d->plans_room);
    }
    for (guint i = 0; i < n; i++) {
        struct weft_shape shape;
        memcpy(&shape, c->shapes + i * sizeof shape, sizeof shape);
        if (!shape_is_sane(&shape))
            return FALSE;
        d->plans[i] = plan_shape(&shape);
        d->widths[i] = pack_widths(&shape);
    }
    return TRUE;
}

static guint shape_at(const struct columns *c, guint i)
{
    return c->high ? c->low[i] | (guint)c->high[i] << 8 : c->low[i];
}

/* Do the shapes of all events take what the columns hold, exactly? */
static gboolean columns_fit(const weft_decoder *d, const struct columns *c)
{
    uint64_t widths = 0, counts = 0, exts = 0;
    for (guint i = 0; i < c->events; i++) {
        guint shape = shape_at(c, i);
        if (shape >= c->head.shapes)
            return FALSE;
        widths += d->widths[shape];
        counts += d->plans[shape].count;
        exts += d->plans[shape].ext;
    }
    const uint64_t field = (1 << 20) - 1;
    return (widths & field) == c->head.times && (widths >> 20 & field) == c->head.subjects &&
           widths >> 40 == c->head.objects && counts == c->head.counts && exts == c->head.exts;
}

static gboolean split(struct columns *c, const guint8 *raw, gsize size, guint slots)
{
    if (size < sizeof c->head)
        return FALSE;
    memcpy(&c->head, raw, sizeof c->head);
    const struct weft_columns *h = &c->head;
    if (h->exts >= slots)
        return FALSE;
    c->events = slots - h->exts;
    if (h->shapes == 0 || h->shapes > c->events)
        return FALSE;
    guint columns = h->shapes > 256 ? 2 : 1;
    uint64_t need = sizeof *h + (uint64_t)h->shapes * sizeof(struct weft_shape) +
                    (uint64_t)columns * c->events + (uint64_t)h->times + h->subjects + h->objects +
                    h->counts + (uint64_t)h->exts * WEFT_SLOT_SIZE;
    if (need != size)
        return FALSE;
    c->shapes = raw + sizeof *h;
    c->low = c->shapes + h->shapes * sizeof(struct weft_shape);
    c->high = columns == 2 ? c->low + c->events : NULL;
    c->times = c->low + columns * c->events;
    c->subjects = c->times + h->times;
    c->objects = c->subjects + h->subjects;
    c->counts = c->objects + h->objects;
    c->exts = c->counts + h->counts;
    return TRUE;
}

/* ---- Decoding ---- */

static inline uint64_t load(const guint8 *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline uint64_t unzigzag(uint64_t value)
{
    return value >> 1 ^ (0 - (value & 1));
}

static void decode_events(weft_decoder *d, struct columns *c, uint64_t ticks,
                          const struct weft_clockmap *clock, struct weft_record *out)
{
    uint64_t *context = d->context, *owners = d->owners, *queue = d->queue;
    uint64_t actor = 0, last_subject = 0, knot_end;
    guint head = 0, tail = 0;
    const guint8 *times = c->times, *subjects = c->subjects, *objects = c->objects;
    const guint8 *counts = c->counts, *exts = c->exts;
    const struct weft_clockknot *knot = weft_clockmap_at(clock, ticks, &knot_end);
    uint64_t last_ns = 0;
    for (guint i = 0; i < c->events; i++) {
        const struct plan *p = &d->plans[shape_at(c, i)];
        ticks += load(times) & p->time_mask;
        times += p->time;
        if (G_UNLIKELY(ticks >= knot_end))
            knot = weft_clockmap_at(clock, ticks, &knot_end);
        context[WEFT_FROM_ACTOR] = actor;
        context[WEFT_FROM_QUEUE] = queue[(head + p->skip) & QUEUE_MASK];
        context[WEFT_FROM_OWNER] = owners[weft_owner_slot(last_subject)];
        uint64_t subject = context[p->subject_from] + p->subject_next +
                           unzigzag(load(subjects) & p->subject_mask);
        uint64_t object = context[p->object_from] + p->object_next +
                          unzigzag(load(objects) & p->object_mask);
        uint64_t count = load(counts) & p->count_mask;
        subjects += p->subject;
        objects += p->object;
        counts += p->count;
        uint64_t second_word = p->head + (count << 32);
        uint64_t ns = weft_clockknot_ns(knot, ticks);
        out->time = last_ns = MAX(ns, last_ns);
        memcpy(&out->kind, &second_word, sizeof second_word);
        out->subject = subject;
        out->object = object;
        out++;
        head += p->pops;
        queue[tail & QUEUE_MASK] = subject;
        tail += p->wakes;
        owners[p->owns ? weft_owner_slot(subject) : OWNER_NOBODY] = actor;
        actor = (actor & p->keeps) | (subject & p->begins);
        context[WEFT_FROM_LAST_SUBJECT] = context[p->kind_subject] = last_subject = subject;
        context[WEFT_FROM_LAST_OBJECT] = context[p->kind_object] = object;
        context[WEFT_FROM_ENTITY + (weft_id_kind(subject) & 31)] = subject;
        if (G_UNLIKELY(p->ext)) {
            memcpy(out++, exts, WEFT_SLOT_SIZE);
            exts += WEFT_SLOT_SIZE;
        }
    }
}

static void make_room(weft_decoder *d, gsize raw)
{
    if (raw + WEFT_COLUMNS_PADDING <= d->raw_room)
        return;
    d->raw_room = raw + WEFT_COLUMNS_PADDING;
    g_free(d->raw);
    d->raw = g_malloc0(d->raw_room);
}

guint weft_decode(weft_decoder *d, const guint8 *payload, gsize stored, gsize raw,
                  uint64_t first_time, const struct weft_clockmap *clock,
                  struct weft_record *records)
{
    struct weft_events_prefix prefix;
    if (stored < sizeof prefix || raw > WEFT_COLUMNS_RAW_MAX)
        return 0;
    memcpy(&prefix, payload, sizeof prefix);
    if (prefix.slots == 0 || prefix.slots > WEFT_TRACE_CHUNK_SLOTS)
        return 0;
    make_room(d, raw);
    gsize size = ZSTD_decompressDCtx(d->zstd, d->raw, raw, payload + sizeof prefix,
                                     stored - sizeof prefix);
    struct columns columns;
    if (ZSTD_isError(size) || size != raw || !split(&columns, d->raw, raw, prefix.slots) ||
        !plan_shapes(d, &columns) || !columns_fit(d, &columns))
        return 0;
    memset(d->context, 0, sizeof d->context);
    memset(d->owners, 0, sizeof d->owners);
    guint woken = MIN(columns.events + WEFT_SKIP_MAX + 1, WEFT_TRACE_CHUNK_SLOTS);
    memset(d->queue, 0, woken * sizeof *d->queue);
    decode_events(d, &columns, first_time, clock, records);
    return prefix.slots;
}
