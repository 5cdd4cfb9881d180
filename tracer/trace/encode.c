/* encode.c: records to columns. See columns.h.
 *
 * Of the sources that may predict a number, the first that is exact is taken, in an order that
 * suits what usually is; else the one with the smallest residue. The decoder only obeys. */
#include "tracer/trace/codec.h"
#include "tracer/trace/columns.h"
#include <string.h>
#include <zstd.h>

enum {
    LEVEL = -1, /* 8 % larger than 1, and a quarter faster, there and back */
    HASH_SIZE = 4 * WEFT_TRACE_CHUNK_SLOTS, /* of shapes: a power of two */
    COLUMN_ROOM = 8 * WEFT_TRACE_CHUNK_SLOTS + WEFT_COLUMNS_PADDING,
};

struct shape_words { /* struct weft_shape */
    uint64_t first, second;
};
G_STATIC_ASSERT(G_BYTE_ORDER == G_LITTLE_ENDIAN);

struct columns { /* where the next residue of each goes */
    guint8 *times, *subjects, *objects, *counts, *exts;
};

struct weft_encoder {
    ZSTD_CCtx *zstd;
    struct shape_words *shapes;
    guint n_shapes;
    guint32 *hash;    /* slot -> shape number */
    guint32 *slot_of; /* and back */
    guint16 *numbers;
    struct columns begin, at; /* of the columns, each with room for the worst; where they grow */
    guint events, slots;
    uint64_t last_time;
    gboolean held;                      /* a time that went back */
    guint8 does[256], counts_site[256]; /* by kind */
    guint8 *raw, *out;
    gsize out_room;
    /* The context, as the decoder has it. */
    uint64_t actor, last_subject, last_object;
    uint64_t kind_subject[256], kind_object[256], entity[32];
    uint64_t owners[WEFT_OWNERS];
    uint64_t queue[WEFT_TRACE_CHUNK_SLOTS + WEFT_SKIP_MAX + 1];
    guint queue_head, queue_tail;
};

/* What events of a kind do to the context, and whether their site is a count: looked up per event.
 */
static void learn_kinds(weft_encoder *e)
{
    static const struct {
        guint8 kind, does;
    } kinds[] = {
        { WEFT_RECORD_WAKE, WEFT_SHAPE_WAKES },     { WEFT_RECORD_RESUME, WEFT_SHAPE_BEGINS },
        { WEFT_RECORD_SUSPEND, WEFT_SHAPE_ENDS },   { WEFT_RECORD_TASK_DONE, WEFT_SHAPE_ENDS },
        { WEFT_RECORD_TIMER_SET, WEFT_SHAPE_OWNS }, { WEFT_RECORD_TIMEOUT_ENTER, WEFT_SHAPE_OWNS },
        { WEFT_RECORD_OP_START, WEFT_SHAPE_OWNS },  { WEFT_RECORD_WORK_SUBMIT, WEFT_SHAPE_OWNS },
    };
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        e->does[kinds[i].kind] = kinds[i].does;
    for (guint kind = 0; kind < G_N_ELEMENTS(e->counts_site); kind++) {
        const struct weft_event_info *info = weft_event_info(kind);
        e->counts_site[kind] = info && info->site == WEFT_FIELD_COUNT;
    }
}

weft_encoder *weft_encoder_new(void)
{
    weft_encoder *e = g_new0(weft_encoder, 1);
    e->zstd = ZSTD_createCCtx();
    if (!e->zstd)
        g_error("out of memory for the compressor");
    e->shapes = g_new(struct shape_words, WEFT_TRACE_CHUNK_SLOTS);
    e->hash = g_new0(guint32, HASH_SIZE);
    e->slot_of = g_new(guint32, WEFT_TRACE_CHUNK_SLOTS);
    e->numbers = g_new(guint16, WEFT_TRACE_CHUNK_SLOTS);
    guint8 **columns[] = { &e->begin.times, &e->begin.subjects, &e->begin.objects,
                           &e->begin.counts };
    for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
        *columns[i] = g_malloc(COLUMN_ROOM);
    e->begin.exts = g_malloc(WEFT_TRACE_CHUNK_SLOTS * WEFT_SLOT_SIZE);
    learn_kinds(e);
    e->raw = g_malloc(WEFT_COLUMNS_RAW_MAX);
    e->out_room = sizeof(struct weft_events_prefix) + ZSTD_compressBound(WEFT_COLUMNS_RAW_MAX);
    e->out = g_malloc(e->out_room);
    return e;
}

void weft_encoder_free(weft_encoder *e)
{
    if (!e)
        return;
    ZSTD_freeCCtx(e->zstd);
    g_free(e->shapes);
    g_free(e->hash);
    g_free(e->slot_of);
    g_free(e->numbers);
    g_free(e->begin.times);
    g_free(e->begin.subjects);
    g_free(e->begin.objects);
    g_free(e->begin.counts);
    g_free(e->begin.exts);
    g_free(e->raw);
    g_free(e->out);
    g_free(e);
}

/* ---- Predicting ---- */

struct guess {
    uint64_t residue; /* zigzagged */
    guint8 from, next;
};

static uint64_t residue(uint64_t value, uint64_t predicted)
{
    gint64 difference = (gint64)(value - predicted);
    return (uint64_t)difference << 1 ^ (uint64_t)(difference >> 63);
}

/* Takes the guess when it is better. */
static void try(struct guess *best, uint64_t value, uint64_t source, guint from, guint next)
{
    uint64_t r = residue(value, source + next);
    if (r < best->residue)
        *best = (struct guess){ r, (guint8)from, (guint8)next };
}

static inline struct guess exact(guint from, guint next)
{
    return (struct guess){ 0, (guint8)from, (guint8)next };
}

/* The woken task that this RESUME takes, left out those before it; -1 when it is not among the
 * next few. */
static int find_in_queue(const weft_encoder *e, uint64_t id)
{
    for (guint i = 0; i <= WEFT_SKIP_MAX && e->queue_head + i < e->queue_tail; i++)
        if (e->queue[e->queue_head + i] == id)
            return (int)i;
    return -1;
}

static __attribute__((noinline)) struct guess
nearest_subject(const weft_encoder *e, const struct weft_record *r, guint entity)
{
    struct guess best = { residue(r->subject, 0), WEFT_FROM_ZERO, 0 };
    try(&best, r->subject, e->actor, WEFT_FROM_ACTOR, 0);
    try(&best, r->subject, e->owners[weft_owner_slot(e->last_subject)], WEFT_FROM_OWNER, 0);
    try(&best, r->subject, e->kind_subject[r->kind], WEFT_FROM_KIND_SUBJECT, 0);
    try(&best, r->subject, e->last_subject, WEFT_FROM_LAST_SUBJECT, 0);
    if (entity < 32)
        try(&best, r->subject, e->entity[entity], WEFT_FROM_ENTITY + entity, 1);
    return best;
}

static inline struct guess guess_subject(const weft_encoder *e, const struct weft_record *r,
                                         guint8 *skip)
{
    uint64_t id = r->subject;
    guint entity = weft_id_kind(id);
    if (r->kind == WEFT_RECORD_RESUME) {
        int found = find_in_queue(e, id);
        if (found >= 0) {
            *skip = (guint8)found;
            return exact(WEFT_FROM_QUEUE, 0);
        }
    }
    if (id == 0)
        return exact(WEFT_FROM_ZERO, 0);
    if (id == e->actor)
        return exact(WEFT_FROM_ACTOR, 0);
    if (id == e->owners[weft_owner_slot(e->last_subject)])
        return exact(WEFT_FROM_OWNER, 0);
    if (id == e->kind_subject[r->kind])
        return exact(WEFT_FROM_KIND_SUBJECT, 0);
    if (id == e->last_subject)
        return exact(WEFT_FROM_LAST_SUBJECT, 0);
    if (entity < 32 && id == e->entity[entity] + 1)
        return exact(WEFT_FROM_ENTITY + entity, 1);
    return nearest_subject(e, r, entity);
}

static __attribute__((noinline)) struct guess nearest_object(const weft_encoder *e,
                                                             const struct weft_record *r)
{
    struct guess best = { residue(r->object, 0), WEFT_FROM_ZERO, 0 };
    try(&best, r->object, e->last_subject, WEFT_FROM_LAST_SUBJECT, 0);
    try(&best, r->object, e->kind_object[r->kind], WEFT_FROM_KIND_OBJECT, 1);
    try(&best, r->object, e->kind_object[r->kind], WEFT_FROM_KIND_OBJECT, 0);
    try(&best, r->object, e->last_object, WEFT_FROM_LAST_OBJECT, 0);
    try(&best, r->object, e->actor, WEFT_FROM_ACTOR, 0);
    return best;
}

static inline struct guess guess_object(const weft_encoder *e, const struct weft_record *r)
{
    uint64_t value = r->object;
    if (value == 0)
        return exact(WEFT_FROM_ZERO, 0);
    if (value == e->last_subject)
        return exact(WEFT_FROM_LAST_SUBJECT, 0);
    if (value == e->kind_object[r->kind] + 1)
        return exact(WEFT_FROM_KIND_OBJECT, 1);
    if (value == e->kind_object[r->kind])
        return exact(WEFT_FROM_KIND_OBJECT, 0);
    if (value == e->last_object)
        return exact(WEFT_FROM_LAST_OBJECT, 0);
    if (value == e->actor)
        return exact(WEFT_FROM_ACTOR, 0);
    return nearest_object(e, r);
}

static guint8 bytes_of(uint64_t value)
{
    guint8 bytes = (guint8)((71 - __builtin_clzll(value | 1)) / 8);
    return value ? bytes : 0;
}

static guint8 does(const weft_encoder *e, const struct weft_record *r)
{
    gboolean yields = r->kind == WEFT_RECORD_SUSPEND && r->detail == WEFT_AWAIT_YIELD;
    return e->does[r->kind] | (yields ? WEFT_SHAPE_WAKES : 0);
}

/* ---- Columns ---- */

static inline guint8 *put(guint8 *at, uint64_t value, guint bytes)
{
    memcpy(at, &value, sizeof value);
    return at + bytes;
}

/* The hash is never cleared: a slot counts when the shape that it names lies there. */
static guint shape_number(weft_encoder *e, struct shape_words shape)
{
    uint64_t h = (shape.first ^ shape.second * UINT64_C(0xc2b2ae3d27d4eb4f)) *
                 UINT64_C(0x9e3779b97f4a7c15);
    for (guint slot = (guint)(h >> 48) % HASH_SIZE;; slot = (slot + 1) % HASH_SIZE) {
        guint number = e->hash[slot];
        if (number >= e->n_shapes || e->slot_of[number] != slot) {
            number = e->n_shapes++;
            e->shapes[number] = shape;
            e->slot_of[number] = slot;
            e->hash[slot] = number;
            return number;
        }
        if (e->shapes[number].first == shape.first && e->shapes[number].second == shape.second)
            return number;
    }
}

static void follow(weft_encoder *e, const struct weft_record *r, const struct weft_shape *shape)
{
    if (shape->subject_from == WEFT_FROM_QUEUE)
        e->queue_head += shape->skip + 1u;
    if (shape->does & WEFT_SHAPE_WAKES)
        e->queue[e->queue_tail++] = r->subject;
    if (shape->does & WEFT_SHAPE_OWNS)
        e->owners[weft_owner_slot(r->subject)] = e->actor;
    if (shape->does & WEFT_SHAPE_BEGINS)
        e->actor = r->subject;
    if (shape->does & WEFT_SHAPE_ENDS)
        e->actor = 0;
    e->last_subject = e->kind_subject[r->kind] = r->subject;
    e->last_object = e->kind_object[r->kind] = r->object;
    e->entity[weft_id_kind(r->subject) & 31] = r->subject;
}

/* A shape in two registers: built by its bytes, it would be read back before they are stored. */
static struct shape_words pack_shape(const struct weft_shape *s)
{
    return (struct shape_words){
        (uint64_t)s->kind | (uint64_t)s->detail << 8 | (uint64_t)s->flags << 16 |
            (uint64_t)s->site << 32,
        (uint64_t)s->subject_from | (uint64_t)s->object_from << 8 | (uint64_t)s->time << 16 |
            (uint64_t)s->subject << 24 | (uint64_t)s->object << 32 | (uint64_t)s->count << 40 |
            (uint64_t)s->does << 48 | (uint64_t)s->skip << 56,
    };
}

static inline guint encode_event(weft_encoder *e, const struct weft_record *r, gboolean ext,
                                 uint64_t time_delta, struct columns *to)
{
    gboolean count = e->counts_site[r->kind];
    guint8 skip = 0;
    struct guess subject = guess_subject(e, r, &skip), object = guess_object(e, r);
    struct weft_shape shape = {
        .kind = r->kind,
        .detail = r->detail,
        .flags = ext ? r->flags : r->flags & (guint16)~WEFT_RECORD_EXT,
        .site = count ? 0 : r->site,
        .subject_from = subject.from,
        .object_from = object.from,
        .time = bytes_of(time_delta),
        .subject = bytes_of(subject.residue),
        .object = bytes_of(object.residue),
        .count = count ? bytes_of(r->site) : 0,
        .does = does(e, r) | (subject.next ? WEFT_SHAPE_SUBJECT_NEXT : 0) |
                (object.next ? WEFT_SHAPE_OBJECT_NEXT : 0),
        .skip = skip,
    };
    to->times = put(to->times, time_delta, shape.time);
    to->subjects = put(to->subjects, subject.residue, shape.subject);
    to->objects = put(to->objects, object.residue, shape.object);
    to->counts = put(to->counts, r->site, shape.count);
    follow(e, r, &shape);
    return shape_number(e, pack_shape(&shape));
}

void weft_encode_begin(weft_encoder *e, uint64_t first_time)
{
    e->at = e->begin;
    e->events = e->slots = 0;
    e->last_time = first_time;
    e->held = FALSE;
    e->n_shapes = 0;
    e->actor = e->last_subject = e->last_object = 0;
    memset(e->kind_subject, 0, sizeof e->kind_subject);
    memset(e->kind_object, 0, sizeof e->kind_object);
    memset(e->entity, 0, sizeof e->entity);
    memset(e->owners, 0, sizeof e->owners);
    e->queue_head = e->queue_tail = 0;
}

static guint8 *append(guint8 *at, const void *data, gsize size)
{
    memcpy(at, data, size);
    return at + size;
}

static gsize assemble(weft_encoder *e, guint events, const struct columns *end)
{
    const struct columns *begin = &e->begin;
    guint32 exts = (guint32)(end->exts - begin->exts);
    struct weft_columns head = { .shapes = e->n_shapes,
                                 .times = (guint32)(end->times - begin->times),
                                 .subjects = (guint32)(end->subjects - begin->subjects),
                                 .objects = (guint32)(end->objects - begin->objects),
                                 .counts = (guint32)(end->counts - begin->counts),
                                 .exts = exts / WEFT_SLOT_SIZE };
    guint8 *at = append(e->raw, &head, sizeof head);
    at = append(at, e->shapes, e->n_shapes * sizeof *e->shapes);
    for (guint i = 0; i < events; i++)
        *at++ = (guint8)e->numbers[i];
    for (guint i = 0; i < events && e->n_shapes > 256; i++)
        *at++ = (guint8)(e->numbers[i] >> 8);
    at = append(at, begin->times, head.times);
    at = append(at, begin->subjects, head.subjects);
    at = append(at, begin->objects, head.objects);
    at = append(at, begin->counts, head.counts);
    at = append(at, begin->exts, exts);
    return (gsize)(at - e->raw);
}

guint weft_encode_add(weft_encoder *e, const struct weft_record *records, guint n, gboolean last)
{
    struct columns at = e->at;
    uint64_t last_time = e->last_time;
    gboolean held = e->held;
    guint i = 0;
    for (; i < n; i++) {
        gboolean ext = records[i].flags & WEFT_RECORD_EXT;
        if (G_UNLIKELY(ext && i + 1 == n)) {
            if (!last)
                break;
            ext = FALSE;
        }
        uint64_t time = MAX(records[i].time, last_time);
        held |= time != records[i].time;
        e->numbers[e->events++] = (guint16)encode_event(e, &records[i], ext, time - last_time, &at);
        last_time = time;
        if (ext)
            at.exts = append(at.exts, &records[++i], WEFT_SLOT_SIZE);
    }
    e->at = at;
    e->last_time = last_time;
    e->held = held;
    e->slots += i;
    return i;
}

uint64_t weft_encode_time(const weft_encoder *e)
{
    return e->last_time;
}

gboolean weft_encode_held(const weft_encoder *e)
{
    return e->held;
}

struct weft_encoded weft_encode_end(weft_encoder *e, uint64_t current_task)
{
    gsize raw = assemble(e, e->events, &e->at);
    struct weft_events_prefix prefix = { .current_task = current_task, .slots = e->slots };
    memcpy(e->out, &prefix, sizeof prefix);
    gsize size = ZSTD_compressCCtx(e->zstd, e->out + sizeof prefix, e->out_room - sizeof prefix,
                                   e->raw, raw, LEVEL);
    g_assert(!ZSTD_isError(size)); /* the room is what zstd asks for */
    return (struct weft_encoded){ .payload = e->out,
                                  .stored = (guint32)(sizeof prefix + size),
                                  .raw = (guint32)raw,
                                  .events = e->events,
                                  .last_time = e->last_time };
}

struct weft_encoded weft_encode(weft_encoder *e, const struct weft_record *records, guint n,
                                uint64_t first_time, uint64_t current_task)
{
    weft_encode_begin(e, first_time);
    weft_encode_add(e, records, n, TRUE);
    return weft_encode_end(e, current_task);
}
