/* level0.c: see level0.h. */
#include "tracer/model/level0.h"
#include "tracer/model/beginning.h"
#include "tracer/model/cursor.h"
#include <stdlib.h>
#include <string.h>

enum {
    CACHED_CHUNKS = 16,
    CACHED_LEAVES = 16384,
    PENDING_MAX = CACHED_LEAVES / 4,
    PENDING_MANY = 256, /* so many leaves wait for chunks: who asks is known */
    TAKEN_MANY = 8,     /* a leaf took so many: nobody near asks for all that it goes through */
};

/* A chunk's operations, sorted by lane, in order of time within one. */
struct chunk_operations {
    struct operation *ops;
    guint32 *only;   /* a bit for each of n_only lanes: whose operations are here; NULL: all */
    guint32 *lanes;  /* that occur, ascending */
    guint32 *starts; /* of each in ops; one more at the end */
    guint n_only, n_lanes, n_ops;
    guint chunk;
    guint64 used; /* when last asked for; 0: never filled */
};

struct leaf_entry {
    guint32 lane, leaf;
    GList link; /* in recent; data: the entry itself */
    struct segment segments[LEAF_SEGMENTS];
    guint n;
    struct fold fold;
    uint16_t index; /* of the first operation wanted, in its first chunk */
    gboolean complete, fits;
    guint waits; /* not complete: its place among those that wait */
};

/* A leaf that is not complete. */
struct waiting {
    struct leaf_entry *leaf;
    guint64 asked, before; /* when it was last asked for, and, another one meanwhile, before that */
    guint32 lane;
    guint32 next; /* the chunk it goes on with */
    guint taken;  /* chunks decoded when it was asked for */
};

/* What one chunk is decoded with. */
struct decoding {
    gboolean busy;
    guint chunk;
    struct weft_record *records;
    GArray *found;     /* of struct operation, as they occur */
    guint32 *counts;   /* per lane: all 0 between uses */
    guint counts_size; /* in lanes */
};

/* A lane's leaves that are in the cache, by number. */
struct cached_leaves {
    struct leaf_entry **entries; /* NULL where there is none */
    guint n;
};

struct level0 {
    weft_model *model;
    struct cached_leaves *lanes;
    guint n_lanes, n_leaves;
    GQueue recent;   /* entries, last used first */
    GArray *pending; /* of struct waiting */
    struct chunk_operations chunks[CACHED_CHUNKS];
    GPtrArray *decodings; /* as many as ever decoded at a time */
    guint64 clock, asks;
};

static void free_operations(struct chunk_operations *c)
{
    g_free(c->ops);
    g_free(c->only);
    g_free(c->lanes);
    g_free(c->starts);
}

static void decoding_free(gpointer data)
{
    struct decoding *d = data;
    g_free(d->records);
    g_array_unref(d->found);
    g_free(d->counts);
    g_free(d);
}

struct level0 *level0_new(weft_model *model)
{
    struct level0 *z = g_new0(struct level0, 1);
    z->model = model;
    g_queue_init(&z->recent);
    z->pending = g_array_new(FALSE, FALSE, sizeof(struct waiting));
    z->decodings = g_ptr_array_new_with_free_func(decoding_free);
    return z;
}

void level0_free(struct level0 *z)
{
    for (guint i = 0; i < CACHED_CHUNKS; i++)
        free_operations(&z->chunks[i]);
    g_array_unref(z->pending);
    for (guint i = 0; i < z->n_lanes; i++) {
        for (guint k = 0; k < z->lanes[i].n; k++)
            g_free(z->lanes[i].entries[k]);
        g_free(z->lanes[i].entries);
    }
    g_free(z->lanes);
    g_ptr_array_unref(z->decodings);
    g_free(z);
}

gsize level0_memory(const struct level0 *z)
{
    gsize bytes = z->n_leaves * sizeof(struct leaf_entry) + z->n_lanes * sizeof *z->lanes;
    for (guint i = 0; i < z->decodings->len; i++) {
        const struct decoding *d = z->decodings->pdata[i];
        bytes += WEFT_TRACE_CHUNK_SLOTS * sizeof *d->records + d->counts_size * sizeof *d->counts;
    }
    for (guint i = 0; i < CACHED_CHUNKS; i++)
        bytes += z->chunks[i].n_ops * sizeof(struct operation) + z->chunks[i].n_lanes * 8 +
                 (z->chunks[i].only ? z->model->n_lanes / 8 : 0);
    for (guint i = 0; i < z->n_lanes; i++)
        bytes += z->lanes[i].n * sizeof *z->lanes[i].entries;
    return bytes;
}

/* ---- Chunks as operations ---- */

static int compare_lanes(const void *a, const void *b)
{
    guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;
    return (x > y) - (x < y);
}

/* Those among n that are of the lanes asked for. */
static void note_operations(struct decoding *d, const guint32 *only, const struct operation *ops,
                            guint n)
{
    if (!only)
        g_array_append_vals(d->found, ops, n);
    for (guint i = 0; only && i < n; i++)
        if (machine_wants(only, ops[i].lane))
            g_array_append_val(d->found, ops[i]);
}

/* Finds what the chunk's records mean for the lanes. Thread: any, while nobody advances. */
static void run_chunk(weft_model *model, struct decoding *d, const guint32 *only)
{
    const struct chunk_entry *entry = &model->chunks[d->chunk];
    const struct weft_trace_chunk *info = weft_trace_chunk(model->trace, d->chunk);
    struct machine m = entry->machine;
    struct operation ops[OPERATIONS_MAX];
    m.only = only;
    g_array_set_size(d->found, 0);
    guint n = weft_trace_decode(model->trace, d->chunk, d->records, NULL);
    if (n == 0)
        return;
    guint n_ops = machine_begin_chunk(model, &m, FALSE, entry->lost_before, info->first_ns,
                                      info->current_task, ops);
    note_operations(d, only, ops, n_ops);
    for (guint i = 0; i < n; i++) {
        const struct weft_record *r = &d->records[i];
        const struct weft_record *ext = r->flags & WEFT_RECORD_EXT && i + 1 < n ? r + 1 : NULL;
        n_ops = machine_apply(model, &m, FALSE, r, ext, (uint16_t)(INDEX_RECORDS + i), ops);
        note_operations(d, only, ops, n_ops);
        i += ext != NULL;
    }
    n_ops = machine_end_chunk(&m, (uint16_t)(INDEX_RECORDS + n), ops);
    note_operations(d, only, ops, n_ops);
}

/* A stable counting sort of what was found into c. */
static void sort_by_lane(struct decoding *d, struct chunk_operations *c)
{
    const struct operation *from = (const void *)d->found->data;
    guint n = d->found->len;
    c->n_ops = n;
    c->n_lanes = 0;
    c->ops = g_renew(struct operation, c->ops, n);
    c->lanes = g_renew(guint32, c->lanes, n);
    for (guint i = 0; i < n; i++)
        if (d->counts[from[i].lane]++ == 0)
            c->lanes[c->n_lanes++] = from[i].lane;
    c->lanes = g_renew(guint32, c->lanes, c->n_lanes);
    if (c->n_lanes)
        qsort(c->lanes, c->n_lanes, sizeof *c->lanes, compare_lanes);
    c->starts = g_renew(guint32, c->starts, c->n_lanes + 1);
    guint32 start = 0;
    for (guint i = 0; i < c->n_lanes; i++) {
        c->starts[i] = start;
        start += d->counts[c->lanes[i]];
        d->counts[c->lanes[i]] = c->starts[i];
    }
    c->starts[c->n_lanes] = start;
    for (guint i = 0; i < n; i++)
        c->ops[d->counts[from[i].lane]++] = from[i];
    for (guint i = 0; i < c->n_lanes; i++)
        d->counts[c->lanes[i]] = 0;
}

static gboolean has_operations(const struct chunk_operations *c, guint32 lane)
{
    return !c->only || (lane < c->n_only && machine_wants(c->only, lane));
}

static struct chunk_operations *cached_chunk(struct level0 *z, guint chunk, guint32 lane)
{
    for (guint i = 0; i < CACHED_CHUNKS; i++) {
        struct chunk_operations *c = &z->chunks[i];
        if (c->used && c->chunk == chunk && has_operations(c, lane)) {
            c->used = ++z->clock;
            return c;
        }
    }
    return NULL;
}

static struct waiting *waiting_at(const struct level0 *z, guint i)
{
    return &g_array_index(z->pending, struct waiting, i);
}

/* The lanes whose leaves wait, as bits; NULL: others may well ask for the chunk, too. */
static guint32 *waiting_lanes(const struct level0 *z, guint taken)
{
    if (z->pending->len < PENDING_MANY && taken < TAKEN_MANY)
        return NULL;
    guint32 *only = g_new0(guint32, z->model->n_lanes / 32 + 1);
    for (guint i = 0; i < z->pending->len; i++) {
        guint32 lane = waiting_at(z, i)->lane;
        only[lane / 32] |= 1u << lane % 32;
    }
    return only;
}

static const struct operation *operations_of(const struct chunk_operations *c, guint32 lane,
                                             guint *n)
{
    const guint32 *found = c->n_lanes ? bsearch(&lane, c->lanes, c->n_lanes, sizeof *c->lanes,
                                                compare_lanes)
                                      : NULL;
    *n = found ? c->starts[found - c->lanes + 1] - c->starts[found - c->lanes] : 0;
    return found ? &c->ops[c->starts[found - c->lanes]] : NULL;
}

/* ---- Leaves ---- */

/* One operation on a leaf in the making, by the same rules as lane.c's begin_segment. */
static void leaf_fold(struct leaf_entry *leaf, const struct operation *op)
{
    struct segment next, before = { 0 };
    struct segment *open = leaf->n ? &leaf->segments[leaf->n - 1] : NULL;
    if (!open && op->what == OPERATION_CLEAR)
        before.state = WEFT_SEGMENT_CANCELLING; /* else it would not have begun a segment */
    else if (!open && (op->what == OPERATION_DELIVER || op->what == OPERATION_LOSS))
        before.state = WEFT_SEGMENT_RUNNING;
    switch (fold(&leaf->fold, open ? open : before.state ? &before : NULL, op, &next)) {
    case FOLD_NOTHING:
        break;
    case FOLD_BEGIN:
        if (open && open->from_ns == op->time_ns)
            *open = next;
        else if (leaf->n == LEAF_SEGMENTS)
            leaf->complete = TRUE;
        else
            leaf->segments[leaf->n++] = next;
        break;
    case FOLD_END:
        leaf->complete = leaf->n == LEAF_SEGMENTS;
        break;
    }
}

/* Whether what was decoded is what was summed up: a SUMMARY may have lied about it. */
static gboolean leaf_fits(const struct level0 *z, const struct leaf_entry *leaf)
{
    const struct segment *s = leaf->segments;
    for (guint i = 1; i < LEAF_SEGMENTS; i++)
        if (s[i].from_ns <= s[i - 1].from_ns)
            return FALSE;
    return s[0].from_ns == lane_leaf_from(z->model, leaf->lane, leaf->leaf) &&
           s[LEAF_SEGMENTS - 1].from_ns < lane_leaf_end(z->model, leaf->lane, leaf->leaf);
}

static void stop_waiting(struct level0 *z, const struct leaf_entry *leaf)
{
    g_array_remove_index_fast(z->pending, leaf->waits);
    if (leaf->waits < z->pending->len)
        waiting_at(z, leaf->waits)->leaf->waits = leaf->waits;
}

static void leaf_completed(struct level0 *z, struct leaf_entry *leaf)
{
    stop_waiting(z, leaf);
    leaf->fits = leaf_fits(z, leaf);
}

static void leaf_feed(struct level0 *z, struct leaf_entry *leaf, const struct chunk_operations *c)
{
    const struct chunk_entry *entry = &z->model->chunks[c->chunk];
    guint32 lane = leaf->lane;
    if (entry->lost_before && leaf->index == INDEX_LOSS) {
        struct operation op = loss_operation(entry, lane);
        leaf_fold(leaf, &op);
    }
    guint n;
    const struct operation *ops = operations_of(c, lane, &n);
    for (guint i = 0; i < n && !leaf->complete; i++)
        if (ops[i].index >= leaf->index)
            leaf_fold(leaf, &ops[i]);
    leaf->index = INDEX_LOSS;
    waiting_at(z, leaf->waits)->next = entry->next;
    if (leaf->complete)
        leaf_completed(z, leaf);
}

/* What was lost behind the ring's last chunk may have ended the leaf. FALSE: it did not. */
static gboolean leaf_end(struct level0 *z, struct leaf_entry *leaf)
{
    const struct ring *ring = model_ring(z->model, z->model->lanes[leaf->lane].pub.ring);
    struct chunk_entry end = { .lost_ns = ring->machine.last_ns };
    struct operation op = loss_operation(&end, leaf->lane);
    if (waiting_at(z, leaf->waits)->next != G_MAXUINT32 || !ring->unknown_at_end)
        return FALSE;
    leaf_fold(leaf, &op);
    if (leaf->complete)
        leaf_completed(z, leaf);
    return leaf->complete;
}

/* ---- Decoding ---- */

static struct decoding *begin_decoding(struct level0 *z, guint chunk)
{
    struct decoding *d = NULL;
    for (guint i = 0; i < z->decodings->len && !d; i++)
        if (!((struct decoding *)z->decodings->pdata[i])->busy)
            d = z->decodings->pdata[i];
    if (!d) {
        d = g_new0(struct decoding, 1);
        d->records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
        d->found = g_array_new(FALSE, FALSE, sizeof(struct operation));
        g_ptr_array_add(z->decodings, d);
    }
    if (d->counts_size < z->model->n_lanes) {
        g_free(d->counts);
        d->counts_size = z->model->n_lanes;
        d->counts = g_new0(guint32, d->counts_size);
    }
    d->chunk = chunk;
    d->busy = TRUE;
    return d;
}

static gboolean is_decoded(const struct level0 *z, guint chunk)
{
    for (guint i = 0; i < z->decodings->len; i++) {
        const struct decoding *d = z->decodings->pdata[i];
        if (d->busy && d->chunk == chunk)
            return TRUE;
    }
    return FALSE;
}

static struct chunk_operations *oldest_chunk(struct level0 *z)
{
    struct chunk_operations *oldest = &z->chunks[0];
    for (guint i = 1; i < CACHED_CHUNKS; i++)
        if (z->chunks[i].used < oldest->used)
            oldest = &z->chunks[i];
    return oldest;
}

/* taken: by the leaf that it is decoded for, so far. */
static void decode_chunk(struct level0 *z, guint chunk, guint taken)
{
    struct turn_lock *lock = &z->model->lock;
    gboolean lets_in = !turn_lock_kept(lock);
    struct chunk_operations decoded = *oldest_chunk(z); /* its room is used again */
    *oldest_chunk(z) = (struct chunk_operations){ 0 };
    g_free(decoded.only);
    decoded.only = waiting_lanes(z, taken);
    decoded.n_only = z->model->n_lanes;
    decoded.chunk = chunk;
    struct decoding *d = begin_decoding(z, chunk);
    if (lets_in)
        turn_lock_give(lock);
    run_chunk(z->model, d, decoded.only);
    sort_by_lane(d, &decoded);
    if (lets_in)
        turn_lock_take(lock);
    d->busy = FALSE;
    decoded.used = ++z->clock;
    free_operations(oldest_chunk(z));
    *oldest_chunk(z) = decoded;
    for (guint i = z->pending->len; i > 0; i--) {
        const struct waiting *waiting = waiting_at(z, i - 1); /* since then, too, of other lanes */
        if (waiting->next == chunk && has_operations(&decoded, waiting->lane))
            leaf_feed(z, waiting->leaf, &decoded);
    }
}

/* Where the lane's leaf is noted in the cache. */
static struct leaf_entry **leaf_slot(struct level0 *z, guint lane, guint leaf)
{
    if (lane >= z->n_lanes) {
        z->lanes = g_renew(struct cached_leaves, z->lanes, z->model->n_lanes);
        memset(z->lanes + z->n_lanes, 0, (z->model->n_lanes - z->n_lanes) * sizeof *z->lanes);
        z->n_lanes = z->model->n_lanes;
    }
    struct cached_leaves *of = &z->lanes[lane];
    if (leaf >= of->n) {
        guint n = z->model->lanes[lane].pyramid->n;
        of->entries = g_renew(struct leaf_entry *, of->entries, n);
        memset(of->entries + of->n, 0, (n - of->n) * sizeof *of->entries);
        of->n = n;
    }
    return &of->entries[leaf];
}

static void drop_oldest(struct level0 *z)
{
    struct leaf_entry *oldest = g_queue_pop_tail_link(&z->recent)->data;
    if (!oldest->complete)
        stop_waiting(z, oldest);
    *leaf_slot(z, oldest->lane, oldest->leaf) = NULL;
    g_free(oldest);
    z->n_leaves--;
}

static void unpack_kept(struct level0 *z, struct leaf_entry *entry, const struct leaf *leaf)
{
    gint64 to_ns;
    entry->fits = unpack_segments(leaf->kept, leaf->kept + leaf->kept_size,
                                  lane_packing(&z->model->lanes[entry->lane]), leaf->sum.from_ns,
                                  entry->segments, LEAF_SEGMENTS, &to_ns) != NULL;
}

static struct leaf_entry *add_leaf(struct level0 *z, guint lane, guint leaf)
{
    const struct leaf *packed = lane_leaf(z->model, lane, leaf);
    if (z->n_leaves >= CACHED_LEAVES)
        drop_oldest(z);
    struct leaf_entry *entry = g_new(struct leaf_entry, 1);
    entry->lane = lane;
    entry->leaf = leaf;
    entry->link = (GList){ .data = entry };
    entry->n = 0;
    entry->fold = packed->place.fold;
    entry->index = packed->place.index;
    entry->complete = packed->kept != NULL;
    struct waiting waiting = { .leaf = entry, .lane = lane, .next = packed->place.chunk };
    waiting.asked = waiting.before = ++z->asks;
    if (entry->complete) {
        unpack_kept(z, entry, packed);
    } else if (waiting.next == CHUNK_BEGINNING) {
        struct operation op;
        begin_lane(z->model, lane, &op);
        leaf_fold(entry, &op);
        waiting.next = model_ring(z->model, z->model->lanes[lane].pub.ring)->first_chunk;
    }
    *leaf_slot(z, lane, leaf) = entry;
    z->n_leaves++;
    g_queue_push_head_link(&z->recent, &entry->link);
    if (!entry->complete) {
        entry->waits = z->pending->len;
        g_array_append_val(z->pending, waiting);
    }
    return entry;
}

/* Which chunk to decode for a leaf: the first that it, or one asked for since it was asked for
 * before, goes on with. So what is drawn together is decoded once, from its beginning on. */
static guint32 next_chunk(const struct level0 *z, const struct leaf_entry *leaf)
{
    const struct waiting *asked = waiting_at(z, leaf->waits);
    guint32 next = asked->next;
    for (guint i = 0; i < z->pending->len; i++) {
        const struct waiting *waiting = waiting_at(z, i);
        if (waiting->asked > asked->before && waiting->next < next)
            next = waiting->next;
    }
    return next;
}

static void note_asked(struct level0 *z, const struct leaf_entry *leaf)
{
    struct waiting *waiting = waiting_at(z, leaf->waits);
    if (waiting->asked == z->asks) /* no other one meanwhile */
        return;
    waiting->before = waiting->asked;
    waiting->asked = ++z->asks;
}

/* The leaf as far as it is known; NULL: it is not to wait for chunks, since too many do. */
static struct leaf_entry *ask_leaf(struct level0 *z, guint lane, guint leaf, gboolean may_wait)
{
    struct leaf_entry *entry = *leaf_slot(z, lane, leaf);
    if (!entry) {
        if (!may_wait && z->pending->len >= PENDING_MAX)
            return NULL;
        entry = add_leaf(z, lane, leaf);
    } else if (&entry->link != z->recent.head) {
        g_queue_unlink(&z->recent, &entry->link);
        g_queue_push_head_link(&z->recent, &entry->link);
    }
    if (!entry->complete)
        note_asked(z, entry);
    return entry;
}

const struct segment *level0_leaf(struct level0 *z, guint lane, guint leaf, guint *budget)
{
    struct leaf_entry *entry = ask_leaf(z, lane, leaf, *budget > 0);
    while (entry && !entry->complete) {
        guint32 next = waiting_at(z, entry->waits)->next;
        if (next >= z->model->n_chunks) {
            if (leaf_end(z, entry))
                break;
            return NULL; /* the trace is not what it was when it was read */
        }
        const struct chunk_operations *c = cached_chunk(z, next, lane);
        if (c) {
            leaf_feed(z, entry, c);
            continue;
        }
        if (*budget == 0)
            return NULL;
        guint chunk = next_chunk(z, entry);
        gboolean any = *budget == G_MAXUINT;
        if (!any && turn_lock_kept(&z->model->lock) && is_decoded(z, chunk)) {
            *budget = 0;
            return NULL;
        }
        *budget -= !any;
        decode_chunk(z, chunk, waiting_at(z, entry->waits)->taken++);
        entry = ask_leaf(z, lane, leaf, TRUE); /* others may have had it dropped */
    }
    return entry && entry->fits ? entry->segments : NULL;
}
