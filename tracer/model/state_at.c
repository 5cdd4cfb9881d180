/* state_at.c: the state of everything at a moment: a state before it, and a replay up to it.
 *
 *   STATE chunk --replay--> halfway --replay--> just before the newest chunk that holds t --> t
 *                           (kept)              (kept: what is asked next is near)
 *
 * It begins with the nearest of what is stored and what is kept. A long replay leaves a state
 * halfway: whoever asks for moments of one stretch, forwards or backwards, soon has one near each.
 * What was used longest ago goes when there is more than STATES_MEMORY of them.
 *
 * A state of time t has all events with time ≤ t applied, and all losses that begin at or before t.
 *
 * It may take long, with very many tasks: it takes nobody's lock but its own, and that only to look
 * what is kept. What is kept is never changed: whoever goes on from it does so from a copy. */
#include "tracer/model/model_private.h"
#include "tracer/model/state_cache.h"
#include <pthread.h>

enum {
    STATES = 64,
    STATES_MEMORY = 32 * 1024 * 1024, /* the last one stays, however large it is */
    LOADING = 2, /* a stored state costs as much more than a kept one as these chunks' replay */
    LONG = 16,   /* chunks: a replay that leaves a state halfway */
};

struct kept {
    gint references; /* atomic */
    weft_state *state;
    gint64 t_ns;
    gsize bytes;
};

struct state_cache {
    pthread_mutex_t lock;
    struct {
        struct kept *kept; /* NULL: unused */
        guint64 used;
    } slots[STATES];
    guint64 clock;
    gsize bytes; /* of all */
};

static void drop(struct kept *kept)
{
    if (!kept || !g_atomic_int_dec_and_test(&kept->references))
        return;
    weft_state_free(kept->state);
    g_free(kept);
}

static void drop_all(struct kept *const *gone, guint n)
{
    for (guint i = 0; i < n; i++)
        drop(gone[i]);
}

struct state_cache *state_cache_new(void)
{
    struct state_cache *cache = g_new0(struct state_cache, 1);
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

void state_cache_free(struct state_cache *cache)
{
    for (guint i = 0; i < STATES; i++)
        drop(cache->slots[i].kept);
    pthread_mutex_destroy(&cache->lock);
    g_free(cache);
}

/* Locked. What was there is the caller's to drop, once unlocked: that takes long, too. */
static struct kept *empty(struct state_cache *cache, guint slot)
{
    struct kept *kept = cache->slots[slot].kept;
    cache->slots[slot].kept = NULL;
    cache->slots[slot].used = 0;
    cache->bytes -= kept ? kept->bytes : 0;
    return kept;
}

void state_cache_forget(struct state_cache *cache, gint64 t_ns)
{
    struct kept *gone[STATES];
    guint n = 0;
    pthread_mutex_lock(&cache->lock);
    for (guint i = 0; i < STATES; i++)
        if (cache->slots[i].kept && cache->slots[i].kept->t_ns >= t_ns)
            gone[n++] = empty(cache, i);
    pthread_mutex_unlock(&cache->lock);
    drop_all(gone, n);
}

gsize state_cache_memory(struct state_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    gsize bytes = sizeof *cache + cache->bytes;
    pthread_mutex_unlock(&cache->lock);
    return bytes;
}

/* Locked. An unused slot, or that of the one which was used longest ago. */
static guint oldest(const struct state_cache *cache, gboolean unused)
{
    guint found = STATES;
    for (guint i = 0; i < STATES; i++)
        if ((unused || cache->slots[i].kept) &&
            (found == STATES || cache->slots[i].used < cache->slots[found].used))
            found = i;
    return found;
}

/* Keeps a copy. */
static void cache_add(struct state_cache *cache, const weft_state *state, gint64 t_ns)
{
    struct kept *kept = g_new0(struct kept, 1);
    kept->references = 1;
    kept->state = weft_state_copy(state);
    kept->t_ns = t_ns;
    kept->bytes = weft_state_memory(kept->state);
    struct kept *gone[STATES + 1];
    guint n = 0;
    pthread_mutex_lock(&cache->lock);
    for (guint i = 0; i < STATES; i++)
        if (cache->slots[i].kept && cache->slots[i].kept->t_ns == t_ns)
            gone[n++] = empty(cache, i);
    while (cache->bytes && cache->bytes + kept->bytes > STATES_MEMORY)
        gone[n++] = empty(cache, oldest(cache, FALSE));
    guint slot = oldest(cache, TRUE);
    gone[n++] = empty(cache, slot);
    cache->slots[slot].kept = kept;
    cache->slots[slot].used = ++cache->clock;
    cache->bytes += kept->bytes;
    pthread_mutex_unlock(&cache->lock);
    drop_all(gone, n);
}

/* The newest that is not after t; NULL: none. */
static struct kept *cache_find(struct state_cache *cache, gint64 t_ns)
{
    struct kept *found = NULL;
    pthread_mutex_lock(&cache->lock);
    guint best = STATES;
    for (guint i = 0; i < STATES; i++)
        if (cache->slots[i].kept && cache->slots[i].kept->t_ns <= t_ns &&
            (best == STATES || cache->slots[i].kept->t_ns > cache->slots[best].kept->t_ns))
            best = i;
    if (best < STATES) {
        cache->slots[best].used = ++cache->clock;
        found = cache->slots[best].kept;
        g_atomic_int_inc(&found->references);
    }
    pthread_mutex_unlock(&cache->lock);
    return found;
}

/* Applies what lies in chunk `c` after `after` and up to `t`. */
static void replay_chunk(weft_model *model, weft_state *state, guint c, gint64 after, gint64 t,
                         struct weft_record *records)
{
    const struct weft_trace_chunk *info = weft_trace_chunk(model->trace, c);
    const struct chunk_entry *entry = &model->chunks[c];
    if (entry->lost_before && entry->lost_ns > after && entry->lost_ns <= t)
        weft_state_apply_loss(state, info->ring, entry->lost_ns);
    if (info->first_ns > t || info->last_ns <= after)
        return;
    guint n = weft_trace_decode(model->trace, c, records, NULL);
    if (info->first_ns > after && n > 0)
        weft_state_apply_chunk(state, info->ring, info->current_task, info->first_ns);
    guint begin = 0, end;
    for (end = 0; end < n && (gint64)records[end].time <= t; end++) {
        gboolean earlier = (gint64)records[end].time <= after;
        end += records[end].flags & WEFT_RECORD_EXT && end + 1 < n;
        begin = earlier ? end + 1 : begin;
    }
    weft_state_apply_all(state, info->ring, records + begin, end - begin);
}

/* `records`: room for a chunk's. */
static void replay(weft_model *model, weft_state *state, guint from, gint64 after, gint64 t,
                   struct weft_record *records)
{
    for (guint c = from; c < model->n_chunks; c++)
        replay_chunk(model, state, c, after, t, records);
    for (guint i = 0; i < model->rings->len; i++) {
        const struct ring *ring = model->rings->pdata[i];
        gint64 lost_ns = ring ? ring->machine.last_ns : 0;
        if (ring && ring->unknown_at_end && lost_ns > after && lost_ns <= t)
            weft_state_apply_loss(state, i, lost_ns);
    }
}

/* How many chunks a replay from `after` to t decodes, of those from `from` on. */
static guint distance(const weft_model *model, guint from, gint64 after, gint64 t)
{
    guint n = 0;
    for (guint c = from; c < model->n_chunks; c++) {
        const struct weft_trace_chunk *info = weft_trace_chunk(model->trace, c);
        n += info->first_ns <= t && info->last_ns > after;
    }
    return n;
}

/* Just before the newest chunk that has begun at t. */
static gint64 newest_beginning(const weft_model *model, gint64 t)
{
    gint64 newest = G_MININT64;
    for (guint c = 0; c < model->n_chunks; c++) {
        gint64 first = weft_trace_chunk(model->trace, c)->first_ns;
        if (first <= t && first > newest)
            newest = first;
    }
    return newest == G_MININT64 ? t : newest - 1;
}

/* When the last of the chunks before `from` ends. */
static gint64 end_of(const weft_model *model, guint from)
{
    gint64 end = G_MININT64;
    for (guint c = 0; c < from; c++)
        end = MAX(end, weft_trace_chunk(model->trace, c)->last_ns);
    return end;
}

/* A moment that parts a long replay, where few chunks lie on both sides: t when there is none. Not
 * before what a stored state knows already: of one ring that may be later than the first chunk to
 * go on with, of another. */
static gint64 halfway(const weft_model *model, guint from, gint64 after, gint64 t)
{
    guint all = distance(model, from, after, t), n = 0;
    gint64 known = end_of(model, from);
    for (guint c = from; all >= LONG && c < model->n_chunks; c++) {
        const struct weft_trace_chunk *info = weft_trace_chunk(model->trace, c);
        n += info->first_ns <= t && info->last_ns > after;
        gint64 half = info->first_ns - 1;
        if (n <= all / 2 || half <= after || half < known || half >= t)
            continue;
        guint twice = distance(model, from, after, half) + distance(model, from, half, t) - all;
        return twice <= all / 4 ? half : t;
    }
    return t;
}

/* The nearest of what is stored and what is kept; the chunk to go on with, and the time after which
 * it does. */
static weft_state *nearest(weft_model *model, gint64 newest, gint64 t, guint *from, gint64 *after)
{
    guint first = 0;
    while (first < model->n_chunks && weft_trace_chunk(model->trace, first)->last_ns <= newest)
        first++;
    guint stored = weft_trace_state_chunk(model->trace, first);
    struct kept *kept = cache_find(model->states, t);
    weft_state *state = NULL;
    *from = 0;
    *after = G_MININT64;
    if (kept &&
        distance(model, 0, kept->t_ns, t) <= distance(model, stored, G_MININT64, t) + LOADING) {
        state = weft_state_copy(kept->state);
        *after = kept->t_ns;
    }
    drop(kept);
    return state ? state : weft_trace_state_before(model->trace, first, from);
}

weft_state *weft_model_state_at(weft_model *model, gint64 t_ns)
{
    gint64 after, newest = newest_beginning(model, t_ns);
    guint from;
    g_autofree struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    weft_state *state = nearest(model, newest, t_ns, &from, &after);
    gboolean small = weft_state_memory(state) <= STATES_MEMORY / 2;
    const gint64 stops[] = { small ? halfway(model, from, after, newest) : newest, newest };
    for (guint i = 0; i < G_N_ELEMENTS(stops); i++) {
        if (stops[i] <= after)
            continue;
        replay(model, state, from, after, stops[i], records);
        cache_add(model->states, state, stops[i]);
        after = stops[i];
    }
    replay(model, state, from, after, t_ns, records);
    weft_state_forget_later(state, t_ns); /* of the state that the trace begins with */
    return state;
}
