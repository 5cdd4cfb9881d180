/* follow.c: see follow.h. */
#include "tracer/model/follow.h"
#include "tracer/model/follow_cache.h"
#include "tracer/model/model_private.h"
#include <string.h>

enum {
    SCRATCH_BITS = 1 << 17, /* of a filter while it is filled */
    HASHES = 3,             /* bits that an edge's end sets */
    SPARSE = 4,             /* a filter has this many bits for each that is set, at least */
    CACHE_MAX = 32 << 20,   /* bytes: chunks beyond that are decoded every time */
    KINDS = WEFT_EDGE_PARENT + 1,
};

/* ---- Filters ---- */

struct filter {
    guint n_bits; /* a power of two */
    guint8 bits[];
};

struct follow_cache {
    GPtrArray *filters; /* by chunk; of struct filter *, NULL: not searched yet */
    gsize bytes;
};

void follow_cache_free(struct follow_cache *cache)
{
    if (!cache)
        return;
    g_ptr_array_unref(cache->filters);
    g_free(cache);
}

gsize follow_cache_memory(const struct follow_cache *cache)
{
    return cache ? cache->bytes + cache->filters->len * sizeof(gpointer) : 0;
}

static uint64_t hash(uint64_t id, guint kind, guint end)
{
    uint64_t x = id * 8 + kind * 2 + (end == WEFT_FOLLOW_TO);
    x = (x ^ x >> 31) * UINT64_C(0x9e3779b97f4a7c15);
    return (x ^ x >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
}

/* Bit i of HASHES. */
static guint bit_of(uint64_t hash, guint i, guint n_bits)
{
    return (guint)(hash >> (i * 20 + 4)) & (n_bits - 1);
}

static void filter_add(guint8 *bits, uint64_t id, guint kind, guint end)
{
    uint64_t of = hash(id, kind, end);
    for (guint i = 0; i < HASHES; i++) {
        guint bit = bit_of(of, i, SCRATCH_BITS);
        bits[bit / 8] |= (guint8)(1 << bit % 8);
    }
}

static gboolean filter_has(const struct filter *filter, uint64_t hash)
{
    for (guint i = 0; i < HASHES; i++) {
        guint bit = bit_of(hash, i, filter->n_bits);
        if (!(filter->bits[bit / 8] & 1 << bit % 8))
            return FALSE;
    }
    return TRUE;
}

/* Half as large as long as it stays sparse. */
static struct filter *filter_new(guint8 *bits)
{
    guint set = 0, n_bits = SCRATCH_BITS;
    for (guint i = 0; i < SCRATCH_BITS / 8; i++)
        set += (guint)__builtin_popcount(bits[i]);
    for (; n_bits > 64 && n_bits / 2 >= set * SPARSE; n_bits /= 2)
        for (guint i = 0; i < n_bits / 16; i++)
            bits[i] |= bits[n_bits / 16 + i];
    struct filter *filter = g_malloc(sizeof *filter + n_bits / 8);
    filter->n_bits = n_bits;
    memcpy(filter->bits, bits, n_bits / 8);
    return filter;
}

static gboolean filter_may_hold(const struct filter *filter, const struct weft_follow *follow)
{
    for (guint kind = 0; kind < KINDS; kind++)
        for (guint end = WEFT_FOLLOW_FROM; end <= WEFT_FOLLOW_TO; end++)
            if (follow->kinds & 1u << kind && follow->ends & end &&
                filter_has(filter, hash(follow->id, kind, end)))
                return TRUE;
    return FALSE;
}

/* ---- Edges of events ---- */

struct following {
    weft_model *model;
    struct weft_follow wanted;
    struct weft_followed from, best; /* best.event 0: none yet */
    int direction;
    guint chunk;
    struct weft_record *records; /* of the chunk */
    guint n;
    uint64_t op, op_object; /* the last operation, and what it is on */
    struct machine machine; /* just before record machine_at */
    guint machine_at;
    guint8 *bits; /* of its filter */
};

static void begin_chunk(struct following *f)
{
    const struct chunk_entry *entry = &f->model->chunks[f->chunk];
    const struct weft_trace_chunk *info = weft_trace_chunk(f->model->trace, f->chunk);
    struct operation ops[OPERATIONS_MAX];
    memset(f->bits, 0, SCRATCH_BITS / 8);
    f->n = weft_trace_decode(f->model->trace, f->chunk, f->records, NULL);
    f->op = entry->machine.op;
    f->op_object = entry->machine.op_object;
    f->machine = entry->machine;
    f->machine_at = 0;
    machine_begin_chunk(f->model, &f->machine, FALSE, entry->lost_before, info->first_ns,
                        info->current_task, ops);
}

/* Whose request to cancel this is, when it does not say. */
static uint64_t actor_at(struct following *f, guint record)
{
    struct operation ops[OPERATIONS_MAX];
    for (; f->machine_at < record; f->machine_at++) {
        const struct weft_record *r = &f->records[f->machine_at];
        machine_apply(f->model, &f->machine, FALSE, r, NULL, 0, ops);
        f->machine_at += r->flags & WEFT_RECORD_EXT && f->machine_at + 1 < f->n;
    }
    return machine_actor(f->model, &f->machine);
}

/* Whether the event is an edge; its ends' ids, and its kind. */
static gboolean edge_of(struct following *f, guint record, struct weft_edge *edge)
{
    const struct weft_record *r = &f->records[record];
    *edge = (struct weft_edge){ .detail = r->detail, .from = r->object, .to = r->subject };
    switch (r->kind) {
    case WEFT_RECORD_WAKE:
        edge->kind = WEFT_EDGE_WAKE;
        edge->detail = r->detail ? r->detail : WEFT_WAKE_UNKNOWN;
        return r->detail != WEFT_WAKE_CREATED;
    case WEFT_RECORD_SUSPEND:
        edge->kind = WEFT_EDGE_AWAIT;
        edge->from = r->subject;
        edge->to = r->object && r->object == f->op ? f->op_object : r->object;
        return edge->to && r->detail != WEFT_AWAIT_YIELD;
    case WEFT_RECORD_TASK_NEW:
        edge->kind = WEFT_EDGE_PARENT;
        return edge->from != 0;
    case WEFT_RECORD_CANCEL_REQUEST:
        edge->kind = WEFT_EDGE_CANCEL;
        edge->from = r->object ? r->object : actor_at(f, record);
        return TRUE;
    case WEFT_RECORD_OP_START: /* the task that awaits it next names only the operation */
        f->op = r->subject;
        f->op_object = r->object ? r->object : r->subject;
        return FALSE;
    default:
        return FALSE;
    }
}

static gboolean is_wanted(const struct weft_follow *w, const struct weft_edge *edge)
{
    if (!(w->kinds & 1u << edge->kind) ||
        (w->cause && edge->kind == WEFT_EDGE_WAKE && w->cause != edge->detail))
        return FALSE;
    return !w->id || (w->ends & WEFT_FOLLOW_FROM && edge->from == w->id) ||
           (w->ends & WEFT_FOLLOW_TO && edge->to == w->id);
}

static int compare(const struct weft_followed *a, const struct weft_followed *b)
{
    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    if (a->ring != b->ring)
        return a->ring < b->ring ? -1 : 1;
    return a->ordinal < b->ordinal ? -1 : a->ordinal > b->ordinal;
}

/* Keeps the candidate when it is on the right side of where to begin, and the nearest so far. */
static void offer(struct following *f, const struct weft_followed *candidate)
{
    int side = f->from.event ? compare(candidate, &f->from)
                             : (candidate->time_ns >= f->from.time_ns ? 1 : -1);
    if (side * f->direction <= 0)
        return;
    if (!f->best.event || compare(candidate, &f->best) * f->direction < 0)
        f->best = *candidate;
}

/* ---- The search ---- */

static void see_record(struct following *f, const struct weft_trace_chunk *chunk, guint record)
{
    const struct weft_record *r = &f->records[record];
    struct weft_followed candidate = { .time_ns = (gint64)r->time,
                                       .ring = chunk->ring,
                                       .ordinal = chunk->first_ordinal + record,
                                       .event = r->kind };
    struct weft_edge *edge = &candidate.edge;
    if (!edge_of(f, record, edge))
        return;
    filter_add(f->bits, edge->from, edge->kind, WEFT_FOLLOW_FROM);
    filter_add(f->bits, edge->to, edge->kind, WEFT_FOLLOW_TO);
    filter_add(f->bits, 0, edge->kind, WEFT_FOLLOW_FROM); /* for whoever asks about any */
    filter_add(f->bits, 0, edge->kind, WEFT_FOLLOW_TO);
    if (!is_wanted(&f->wanted, edge))
        return;
    edge->from_ns = edge->to_ns = candidate.time_ns;
    offer(f, &candidate);
}

/* Whether something of the chunk may be it: it has the time, and its filter says so. *known: it has
 * a filter. */
static gboolean may_hold(const struct following *f, const struct weft_trace_chunk *chunk,
                         gboolean *known)
{
    gint64 from = f->from.time_ns;
    *known = TRUE;
    if (f->direction > 0
            ? chunk->last_ns < from || (f->best.event && chunk->first_ns > f->best.time_ns)
            : chunk->first_ns > from || (f->best.event && chunk->last_ns < f->best.time_ns))
        return FALSE;
    turn_lock_take(&f->model->lock);
    const struct follow_cache *cache = f->model->follow;
    const struct filter *filter = cache && f->chunk < cache->filters->len
                                      ? cache->filters->pdata[f->chunk]
                                      : NULL;
    *known = filter != NULL;
    gboolean may = !filter || filter_may_hold(filter, &f->wanted);
    turn_lock_give(&f->model->lock);
    return may;
}

static void keep_filter(struct following *f)
{
    struct filter *filter = filter_new(f->bits);
    gsize bytes = sizeof *filter + filter->n_bits / 8;
    turn_lock_take(&f->model->lock);
    struct follow_cache *cache = f->model->follow;
    if (!cache) {
        cache = f->model->follow = g_new0(struct follow_cache, 1);
        cache->filters = g_ptr_array_new_with_free_func(g_free);
    }
    if (f->chunk >= cache->filters->len)
        g_ptr_array_set_size(cache->filters, (gint)f->chunk + 1);
    if (cache->bytes + bytes <= CACHE_MAX && !cache->filters->pdata[f->chunk]) {
        cache->filters->pdata[f->chunk] = g_steal_pointer(&filter);
        cache->bytes += bytes;
    }
    turn_lock_give(&f->model->lock);
    g_free(filter);
}

static void search_chunk(struct following *f)
{
    const struct weft_trace_chunk *chunk = weft_trace_chunk(f->model->trace, f->chunk);
    gboolean known;
    if (!may_hold(f, chunk, &known))
        return;
    begin_chunk(f);
    for (guint i = 0; i < f->n; i++) {
        see_record(f, chunk, i);
        i += f->records[i].flags & WEFT_RECORD_EXT && i + 1 < f->n;
    }
    if (!known)
        keep_filter(f);
}

gboolean weft_model_follow(weft_model *model, const struct weft_follow *follow,
                           const struct weft_followed *from, int direction,
                           GCancellable *cancellable, struct weft_followed *found)
{
    struct following f = { .model = model,
                           .wanted = *follow,
                           .from = *from,
                           .direction = direction < 0 ? -1 : 1,
                           .records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS),
                           .bits = g_malloc(SCRATCH_BITS / 8) };
    guint all = (1u << KINDS) - 1;
    f.wanted.kinds = follow->kinds ? follow->kinds & all : all;
    f.wanted.ends = follow->ends ? follow->ends : WEFT_FOLLOW_FROM | WEFT_FOLLOW_TO;
    for (guint i = 0; i < model->n_chunks && !g_cancellable_is_cancelled(cancellable); i++) {
        f.chunk = f.direction > 0 ? i : model->n_chunks - 1 - i;
        search_chunk(&f);
    }
    g_free(f.records);
    g_free(f.bits);
    if (!f.best.event || g_cancellable_is_cancelled(cancellable))
        return FALSE;
    *found = f.best;
    found->edge.from_lane = weft_model_lane_of(model, found->edge.from);
    found->edge.to_lane = weft_model_lane_of(model, found->edge.to);
    return TRUE;
}
