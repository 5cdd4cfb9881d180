/* state_at.c: the state of everything at a moment: a state before it, and a replay up to it.
 *
 *   STATE chunk ----replay----> just before the newest chunk that holds t ----replay----> t
 *                               (kept: what is asked next is near)
 *
 * A state of time t has all events with time ≤ t applied, and all losses that begin at or before t.
 *
 * It may take long, with very many tasks: it takes nobody's lock but its own, and that only to look
 * what is kept. What is kept is never changed: whoever goes on from it does so from a copy. */
#include "tracer/model/model_private.h"
#include "tracer/model/state_cache.h"
#include <pthread.h>

enum { STATES = 8, NEAR_CHUNKS = 2 };

struct kept { /* counted: g_atomic_rc_box */
    weft_state *state;
    gint64 t_ns;
};

struct state_cache {
    pthread_mutex_t lock;
    struct {
        struct kept *kept; /* NULL: unused */
        guint64 used;
    } slots[STATES];
    guint64 clock;
};

static void free_kept(gpointer data)
{
    weft_state_free(((struct kept *)data)->state);
}

static void drop(struct kept *kept)
{
    if (kept)
        g_atomic_rc_box_release_full(kept, free_kept);
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

void state_cache_forget(struct state_cache *cache, gint64 t_ns)
{
    pthread_mutex_lock(&cache->lock);
    for (guint i = 0; i < STATES; i++) {
        struct kept *kept = cache->slots[i].kept;
        if (!kept || kept->t_ns < t_ns)
            continue;
        cache->slots[i].kept = NULL;
        cache->slots[i].used = 0;
        drop(kept);
    }
    pthread_mutex_unlock(&cache->lock);
}

/* Keeps a copy. */
static void cache_add(struct state_cache *cache, const weft_state *state, gint64 t_ns)
{
    struct kept *kept = g_atomic_rc_box_new0(struct kept);
    kept->state = weft_state_copy(state);
    kept->t_ns = t_ns;
    guint oldest = 0;
    pthread_mutex_lock(&cache->lock);
    for (guint i = 0; i < STATES; i++) {
        if (cache->slots[i].kept && cache->slots[i].kept->t_ns == t_ns) {
            oldest = i;
            break;
        }
        if (cache->slots[i].used < cache->slots[oldest].used)
            oldest = i;
    }
    struct kept *old = cache->slots[oldest].kept;
    cache->slots[oldest].kept = kept;
    cache->slots[oldest].used = ++cache->clock;
    pthread_mutex_unlock(&cache->lock);
    drop(old);
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
        found = g_atomic_rc_box_acquire(cache->slots[best].kept);
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

static void replay(weft_model *model, weft_state *state, guint from, gint64 after, gint64 t)
{
    g_autofree struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    for (guint c = from; c < model->n_chunks; c++)
        replay_chunk(model, state, c, after, t, records);
    for (guint i = 0; i < model->rings->len; i++) {
        const struct ring *ring = model->rings->pdata[i];
        gint64 lost_ns = ring ? ring->machine.last_ns : 0;
        if (ring && ring->unknown_at_end && lost_ns > after && lost_ns <= t)
            weft_state_apply_loss(state, i, lost_ns);
    }
}

/* How many chunks a replay from `after` to t decodes. */
static guint distance(const weft_model *model, gint64 after, gint64 t)
{
    guint n = 0;
    for (guint c = 0; c < model->n_chunks; c++) {
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

/* A stored state not after t, and the chunk to go on with. */
static weft_state *stored_state(weft_model *model, gint64 t, guint *from)
{
    guint first = 0;
    while (first < model->n_chunks && weft_trace_chunk(model->trace, first)->last_ns <= t)
        first++;
    return weft_trace_state_before(model->trace, first, from);
}

/* From what is kept, when that is near. *after: the time of it. */
static weft_state *near_state(weft_model *model, gint64 t_ns, gint64 *after)
{
    struct kept *kept = cache_find(model->states, t_ns);
    weft_state *state = NULL;
    if (kept && distance(model, kept->t_ns, t_ns) <= NEAR_CHUNKS) {
        state = weft_state_copy(kept->state);
        *after = kept->t_ns;
    }
    drop(kept);
    return state;
}

weft_state *weft_model_state_at(weft_model *model, gint64 t_ns)
{
    gint64 after = G_MININT64, newest = newest_beginning(model, t_ns);
    guint from = 0;
    weft_state *state = near_state(model, t_ns, &after);
    if (!state)
        state = stored_state(model, newest, &from);
    if (newest > after) {
        replay(model, state, from, after, newest);
        cache_add(model->states, state, newest);
        after = newest;
    }
    replay(model, state, from, after, t_ns);
    weft_state_forget_later(state, t_ns); /* of the state that the trace begins with */
    return state;
}
