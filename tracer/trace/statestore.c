/* statestore.c: a state as bytes, and back, for STATE chunks.
 *
 *      tasks:   count { id (delta), parent, other, since, created, name, sites, state ... }
 *      objects: count { id (delta), owner, value, deadline, capacity, name, site, done }
 *      rings:   count { index, polling, since, running: count { id }, ready: count { id } }
 *
 * All numbers are varints (varint.h). Bytes come from a file: everything is checked. */
#include "tracer/trace/replayer.h"
#include "tracer/trace/varint.h"

static void put_signed(GByteArray *out, gint64 value)
{
    weft_put_varint(out, weft_zigzag(value));
}

static gint64 get_signed(struct weft_varints *in)
{
    return weft_unzigzag(weft_get_varint(in));
}

/* ---- Tasks ---- */

static void put_task(GByteArray *out, const struct weft_task_at *task, uint64_t last_id)
{
    put_signed(out, (gint64)(task->id - last_id));
    weft_put_varint(out, task->parent);
    weft_put_varint(out, task->other);
    put_signed(out, task->since_ns);
    put_signed(out, task->created_ns);
    weft_put_varint(out, task->name);
    weft_put_varint(out, task->created_site);
    weft_put_varint(out, task->site);
    guint8 small[] = { task->state, task->detail, task->cancelling, task->delivered };
    g_byte_array_append(out, small, sizeof small);
}

static gboolean get_task(struct weft_varints *in, weft_state *state, uint64_t *last_id)
{
    struct weft_task_at at = { .id = *last_id + (uint64_t)get_signed(in) };
    at.parent = weft_get_varint(in);
    at.other = weft_get_varint(in);
    at.since_ns = get_signed(in);
    at.created_ns = get_signed(in);
    at.name = (uint32_t)weft_get_varint(in);
    at.created_site = (uint32_t)weft_get_varint(in);
    at.site = (uint32_t)weft_get_varint(in);
    const guint8 *small = weft_get_bytes(in, 4);
    if (!small || small[0] >= WEFT_STATES || small[3] > 1 ||
        weft_id_kind(at.id) != WEFT_ENTITY_TASK || weft_idtable_find(&state->tasks, at.id))
        return FALSE;
    at.state = small[0];
    at.detail = small[1];
    at.cancelling = small[2];
    at.delivered = small[3];
    *last_id = at.id;
    struct weft_task_entry *task = weft_idtable_add(&state->tasks, at.id);
    task->at = at;
    task->position = G_MAXUINT64; /* until the ready queue names it */
    return TRUE;
}

static gboolean get_tasks(struct weft_varints *in, weft_state *state)
{
    uint64_t last_id = 0;
    for (uint64_t n = weft_get_count(in, 12); n > 0; n--)
        if (!get_task(in, state, &last_id))
            return FALSE;
    return TRUE;
}

/* ---- Objects ---- */

static void put_object(GByteArray *out, const struct weft_object_at *object, uint64_t last_id)
{
    put_signed(out, (gint64)(object->id - last_id));
    weft_put_varint(out, object->owner);
    put_signed(out, object->value);
    put_signed(out, object->deadline_mono_ns);
    weft_put_varint(out, object->capacity);
    weft_put_varint(out, object->name);
    weft_put_varint(out, object->site);
    weft_put_varint(out, object->done);
}

static gboolean get_objects(struct weft_varints *in, weft_state *state)
{
    uint64_t id = 0;
    for (uint64_t n = weft_get_count(in, 8); n > 0; n--) {
        id += (uint64_t)get_signed(in);
        if (!id || weft_id_kind(id) == WEFT_ENTITY_TASK || weft_idtable_find(&state->objects, id))
            return FALSE;
        struct weft_object_at *object = weft_idtable_add(&state->objects, id);
        object->owner = weft_get_varint(in);
        object->value = get_signed(in);
        object->deadline_mono_ns = get_signed(in);
        object->capacity = weft_get_varint(in);
        object->name = (uint32_t)weft_get_varint(in);
        object->site = (uint32_t)weft_get_varint(in);
        object->done = weft_get_varint(in) != 0;
    }
    return TRUE;
}

/* ---- Rings ---- */

static void put_ring(GByteArray *out, const weft_state *state, guint index)
{
    const struct weft_ring_state *ring = state->rings[index];
    weft_put_varint(out, index);
    weft_put_varint(out, (uint64_t)ring->polling);
    put_signed(out, ring->poll_since);
    weft_put_varint(out, ring->n_running);
    for (guint i = 0; i < ring->n_running; i++)
        weft_put_varint(out, ring->running[i]);
    guint n;
    const uint64_t *ready = weft_state_ready(state, index, &n);
    weft_put_varint(out, n);
    for (guint i = 0; i < n; i++)
        weft_put_varint(out, ready[i]);
}

static gboolean get_ready(struct weft_varints *in, weft_state *state, uint32_t index)
{
    struct weft_ring_state *ring = weft_state_ring(state, index);
    for (uint64_t n = weft_get_count(in, 1); n > 0; n--) {
        uint64_t id = weft_get_varint(in);
        struct weft_task_entry *task = weft_idtable_find(&state->tasks, id);
        if (weft_id_kind(id) == WEFT_ENTITY_TASK) {
            if (!task || task->at.state != WEFT_STATE_READY || task->position != G_MAXUINT64)
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

static gboolean get_rings(struct weft_varints *in, weft_state *state)
{
    for (uint64_t n = weft_get_count(in, 5); n > 0; n--) {
        uint64_t index = weft_get_varint(in);
        if (index >= WEFT_STATE_RINGS || (index < state->n_rings && state->rings[index]))
            return FALSE;
        struct weft_ring_state *ring = weft_state_ring(state, (uint32_t)index);
        ring->polling = weft_get_varint(in) != 0;
        ring->poll_since = get_signed(in);
        for (uint64_t running = weft_get_count(in, 1); running > 0; running--)
            weft_ring_state_push_running(ring, weft_get_varint(in));
        if (!get_ready(in, state, (uint32_t)index))
            return FALSE;
    }
    return TRUE;
}

/* ---- All ---- */

GBytes *weft_state_serialize(const weft_state *state)
{
    GByteArray *out = g_byte_array_new();
    guint n;
    const struct weft_task_at **tasks = weft_state_tasks(state, &n);
    weft_put_varint(out, n);
    for (guint i = 0; i < n; i++)
        put_task(out, tasks[i], i ? tasks[i - 1]->id : 0);
    weft_put_varint(out, state->objects.live);
    uint64_t last_id = 0;
    for (guint i = 0; i < state->objects.n; i++) {
        const struct weft_object_at *object = weft_idtable_at(&state->objects, i);
        if (!object)
            continue;
        put_object(out, object, last_id);
        last_id = object->id;
    }
    guint rings = 0;
    for (guint i = 0; i < state->n_rings; i++)
        rings += state->rings[i] != NULL;
    weft_put_varint(out, rings);
    for (guint i = 0; i < state->n_rings; i++)
        if (state->rings[i])
            put_ring(out, state, i);
    return g_byte_array_free_to_bytes(out);
}

weft_state *weft_state_deserialize(const void *data, gsize size)
{
    struct weft_varints in = { data, (const guint8 *)data + size, FALSE };
    g_autoptr(weft_state) state = weft_state_new();
    if (!get_tasks(&in, state) || !get_objects(&in, state) || !get_rings(&in, state) || in.bad ||
        in.at != in.end)
        return NULL;
    return g_steal_pointer(&state);
}
