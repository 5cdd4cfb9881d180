/* statestore.c: a state as bytes, and back, for STATE chunks.
 *
 *      COLUMNS, base time
 *      tasks, objects: by columns (statecolumns.h)
 *      rings:   count { index, flags, since, running: count { id }, ready: count { id } }
 *      parties: count { object's id, ended, count { id (delta), units } }
 *
 * Files of before begin with the base time; their tasks and objects follow one by one, an id of the
 * parties is as it is, and older ones have none.
 *
 * All numbers are varints (varint.h); an id is turned so that its counter's high bits come first,
 * which are zeros; times count back from the base. Bytes come from a file: everything is checked.
 */
#include "tracer/trace/parties.h"
#include "tracer/trace/statecolumns.h"

#define COLUMNS G_MAXUINT64 /* no base time: files of before begin with that */

enum { POLLING = 1, QUEUE_UNKNOWN = 2, UNTOLD_SHIFT = 2 }; /* of a ring */

static gint64 get_signed(struct weft_varints *in)
{
    return weft_unzigzag(weft_get_varint(in));
}

/* counter:44 | kind:8 | ring:12 */
static guint8 *put_id(guint8 *at, uint64_t id)
{
    return weft_write_varint(at, id << 20 | id >> 44);
}

static uint64_t get_id(struct weft_varints *in)
{
    uint64_t turned = weft_get_varint(in);
    return turned >> 20 | turned << 44;
}

static gint64 before(gint64 base, gint64 time)
{
    return (gint64)((uint64_t)base - (uint64_t)time);
}

/* Room for `n` numbers behind what is there; returns where it begins. */
static guint8 *make_room(GByteArray *out, guint n, guint *used)
{
    *used = out->len;
    g_byte_array_set_size(out, out->len + n * WEFT_VARINT_MAX);
    return out->data + *used;
}

static void used_up_to(GByteArray *out, const guint8 *at)
{
    g_byte_array_set_size(out, (guint)(at - out->data));
}

/* ---- Tasks and objects in files of before: one by one ---- */

static gboolean get_task(struct weft_varints *in, weft_state *state, uint64_t *last_id, gint64 base)
{
    struct weft_task_at at = { .id = *last_id + (uint64_t)get_signed(in) };
    at.parent = get_id(in);
    at.other = get_id(in);
    at.since_ns = before(base, get_signed(in));
    at.created_ns = before(at.since_ns, get_signed(in));
    at.name = weft_get_varint32(in);
    at.created_site = weft_get_varint32(in);
    at.site = weft_get_varint32(in);
    const guint8 *small = weft_get_bytes(in, 4);
    if (!small || small[0] >= WEFT_STATES || small[3] > 1 ||
        weft_id_kind(at.id) != WEFT_ENTITY_TASK)
        return FALSE;
    at.state = small[0];
    at.detail = small[1];
    at.cancelling = small[2];
    at.delivered = small[3];
    *last_id = at.id;
    guint live = state->tasks.live;
    struct weft_task_entry *task = weft_idtable_add(&state->tasks, at.id);
    if (state->tasks.live == live)
        return FALSE; /* this task twice */
    task->at = at;
    task->position = WEFT_NOT_QUEUED; /* until the ready queue names it */
    return TRUE;
}

static gboolean get_tasks(struct weft_varints *in, weft_state *state, gint64 base)
{
    uint64_t last_id = 0;
    uint64_t n = weft_get_count(in, 12);
    weft_idtable_reserve(&state->tasks, (guint)n);
    for (; n > 0; n--)
        if (!get_task(in, state, &last_id, base))
            return FALSE;
    return TRUE;
}

static gboolean get_objects(struct weft_varints *in, weft_state *state)
{
    uint64_t id = 0;
    uint64_t n = weft_get_count(in, 8);
    weft_idtable_reserve(&state->objects, (guint)n);
    for (; n > 0; n--) {
        id += (uint64_t)get_signed(in);
        guint live = state->objects.live;
        if (!id || weft_id_kind(id) == WEFT_ENTITY_TASK)
            return FALSE;
        struct weft_object_at *object = weft_idtable_add(&state->objects, id);
        if (state->objects.live == live)
            return FALSE; /* this object twice */
        object->owner = get_id(in);
        object->value = get_signed(in);
        object->deadline_mono_ns = get_signed(in);
        object->capacity = weft_get_varint(in);
        object->name = weft_get_varint32(in);
        object->site = weft_get_varint32(in);
        object->done = weft_get_varint(in) != 0;
    }
    return TRUE;
}

/* ---- Rings ---- */

static void put_ids(GByteArray *out, const uint64_t *ids, guint n)
{
    guint used;
    guint8 *at = make_room(out, n + 1, &used);
    at = weft_write_varint(at, n);
    for (guint i = 0; i < n; i++)
        at = put_id(at, ids[i]);
    used_up_to(out, at);
}

static void put_ring(GByteArray *out, const weft_state *state, guint index, gint64 base)
{
    const struct weft_ring_state *ring = state->rings[index];
    weft_put_varint(out, index);
    weft_put_varint(out, (ring->polling ? POLLING : 0) | (ring->queue_unknown ? QUEUE_UNKNOWN : 0) |
                             ring->untold << UNTOLD_SHIFT);
    weft_put_varint(out, weft_zigzag(before(base, ring->poll_since)));
    put_ids(out, ring->running, ring->n_running);
    guint n;
    const uint64_t *ready = weft_state_ready(state, index, &n);
    put_ids(out, ready, n);
}

static gboolean get_ready(struct weft_varints *in, weft_state *state, uint32_t index)
{
    struct weft_ring_state *ring = weft_state_ring(state, index);
    for (uint64_t n = weft_get_count(in, 1); n > 0; n--) {
        uint64_t id = get_id(in);
        struct weft_task_entry *task = weft_idtable_find(&state->tasks, id);
        if (weft_id_kind(id) == WEFT_ENTITY_TASK) {
            if (!task || task->at.state != WEFT_STATE_READY || task->position != WEFT_NOT_QUEUED)
                return FALSE;
            task->ring = index;
            task->position = weft_readyqueue_push(&ring->ready, id);
        } else if (id) {
            weft_readyqueue_push(&ring->ready, id);
        } else {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean get_rings(struct weft_varints *in, weft_state *state, gint64 base)
{
    for (uint64_t n = weft_get_count(in, 5); n > 0; n--) {
        uint64_t index = weft_get_varint(in);
        if (index >= WEFT_STATE_RINGS || (index < state->n_rings && state->rings[index]))
            return FALSE;
        struct weft_ring_state *ring = weft_state_ring(state, (uint32_t)index);
        uint64_t flags = weft_get_varint(in);
        ring->polling = (flags & POLLING) != 0;
        ring->queue_unknown = (flags & QUEUE_UNKNOWN) != 0;
        ring->untold = flags >> UNTOLD_SHIFT;
        ring->poll_since = before(base, get_signed(in));
        for (uint64_t running = weft_get_count(in, 1); running > 0; running--)
            weft_ring_state_push_running(ring, get_id(in));
        if (!get_ready(in, state, (uint32_t)index))
            return FALSE;
    }
    return TRUE;
}

/* ---- Parties ---- */

static void put_parties(GByteArray *out, const weft_state *state)
{
    weft_put_varint(out, state->parties.live);
    for (guint i = 0; i < weft_idtable_n(&state->parties); i++) {
        const struct weft_parties *parties = weft_idtable_at(&state->parties, i);
        if (!parties)
            continue;
        guint used;
        guint8 *at = make_room(out, 2 * parties->n + 3, &used);
        at = put_id(at, parties->id);
        at = weft_write_varint(at, parties->ended);
        at = weft_write_varint(at, parties->n);
        uint64_t last = 0;
        for (guint p = 0; p < parties->n; p++) {
            at = weft_write_varint(at, weft_zigzag((gint64)(parties->at[p].id - last)));
            last = parties->at[p].id;
            at = weft_write_varint(at, parties->at[p].units);
        }
        used_up_to(out, at);
    }
}

/* of_before: every id as it is. */
static gboolean get_parties(struct weft_varints *in, weft_state *state, gboolean of_before)
{
    if (in->at == in->end)
        return TRUE;
    for (uint64_t n = weft_get_count(in, 3); n > 0; n--) {
        uint64_t object = get_id(in);
        if (!weft_has_parties(object) || weft_idtable_find(&state->parties, object))
            return FALSE;
        struct weft_parties *parties = weft_parties_of(state, object);
        parties->ended = weft_get_varint(in);
        uint64_t id = 0;
        for (uint64_t of = weft_get_count(in, 2); of > 0; of--) {
            id = of_before ? get_id(in) : id + (uint64_t)get_signed(in);
            uint64_t units = weft_get_varint(in);
            if (!id || units > G_MAXUINT32 ||
                (units > 0) != (weft_id_kind(object) == WEFT_ENTITY_SEMAPHORE))
                return FALSE;
            weft_parties_add(parties, id, (guint32)units);
        }
    }
    return TRUE;
}

/* ---- All ---- */

GBytes *weft_state_serialize(const weft_state *state)
{
    GByteArray *out = g_byte_array_new();
    gint64 base = weft_state_latest(state);
    weft_put_varint(out, COLUMNS);
    weft_put_varint(out, (uint64_t)base);
    weft_state_put_columns(out, state, base);
    guint rings = 0;
    for (guint i = 0; i < state->n_rings; i++)
        rings += state->rings[i] != NULL;
    weft_put_varint(out, rings);
    for (guint i = 0; i < state->n_rings; i++)
        if (state->rings[i])
            put_ring(out, state, i, base);
    put_parties(out, state);
    return g_byte_array_free_to_bytes(out);
}

weft_state *weft_state_deserialize(const void *data, gsize size)
{
    struct weft_varints in = { data, (const guint8 *)data + size, FALSE };
    g_autoptr(weft_state) state = weft_state_new();
    uint64_t first = weft_get_varint(&in);
    gboolean of_before = first != COLUMNS;
    gint64 base = (gint64)(of_before ? first : weft_get_varint(&in));
    gboolean ok = of_before ? get_tasks(&in, state, base) && get_objects(&in, state)
                            : weft_state_get_columns(&in, state, base);
    if (!ok || !get_rings(&in, state, base) || !get_parties(&in, state, of_before) || in.bad ||
        in.at != in.end)
        return NULL;
    return g_steal_pointer(&state);
}
