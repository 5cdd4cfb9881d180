/* statecolumns.c: see statecolumns.h.
 *
 *      | ids of 1,024 | their parents | ... | ids of the next 1,024 | their parents | ... |
 *
 * What changes little from one to the next lies together, as differences: that compresses to less
 * than half of what it takes one by one, so that STATEs may come twice as often. Bytes come from a
 * file: everything is checked. */
#include "tracer/trace/statecolumns.h"

enum {
    ROWS = 1024,
    TASK_FIELDS = 14,
    OBJECT_FIELDS = 11,
    FIELDS_MAX = TASK_FIELDS,
    KINDS = 256,
    TOGETHER = 64,     /* objects whose places are fetched together */
    COLUMN = ROWS + 8, /* were it a power of two, a row's numbers would share a few cache lines */
};

struct block {
    guint64 columns[FIELDS_MAX][COLUMN];
};

/* ---- Numbers ---- */

static guint64 change(guint64 value, guint64 from)
{
    return weft_zigzag((gint64)(value - from));
}

static guint64 changed(guint64 coded, guint64 from)
{
    return from + (guint64)weft_unzigzag(coded);
}

/* An id as three numbers: its kind, its ring against that of `of`, its counter. */
static void split_id(uint64_t id, uint64_t of, guint64 parts[3])
{
    parts[0] = weft_id_kind(id);
    parts[1] = change(weft_id_ring(id), weft_id_ring(of));
    parts[2] = weft_id_counter(id);
}

static gboolean join_id(const guint64 parts[3], uint64_t of, uint64_t *id)
{
    guint64 ring = changed(parts[1], weft_id_ring(of));
    if (parts[0] >= KINDS || ring >= WEFT_STATE_RINGS || parts[2] >> WEFT_ID_COUNTER_BITS)
        return FALSE;
    *id = weft_id((enum weft_entity)parts[0], (uint32_t)ring, parts[2]);
    return TRUE;
}

/* How many bytes a column's numbers take: 1 at least, so that a count is bounded by what follows.
 */
static guint bytes_of(const guint64 *column, guint n)
{
    guint64 all = 1;
    for (guint i = 0; i < n; i++)
        all |= column[i];
    return (guint)(71 - __builtin_clzll(all)) / 8;
}

static void put_block(GByteArray *out, const struct block *block, guint n, guint fields)
{
    guint used = out->len;
    g_byte_array_set_size(out, used + (n ? fields * (1 + n * 8) : 0));
    guint8 *at = out->data + used;
    for (guint f = 0; n && f < fields; f++) {
        const guint64 *column = block->columns[f];
        guint bytes = bytes_of(column, n);
        *at++ = (guint8)bytes;
        for (guint b = 0; b < bytes; b++, at += n)
            for (guint i = 0; i < n; i++)
                at[i] = (guint8)(column[i] >> 8 * b);
    }
    g_byte_array_set_size(out, (guint)(at - out->data));
}

static gboolean get_block(struct weft_varints *in, struct block *block, guint n, guint fields)
{
    for (guint f = 0; f < fields; f++) {
        guint64 *column = block->columns[f];
        const guint8 *size = weft_get_bytes(in, 1);
        guint bytes = size ? *size : 0;
        const guint8 *at = bytes >= 1 && bytes <= 8 ? weft_get_bytes(in, (guint64)bytes * n) : NULL;
        if (!at)
            return FALSE;
        for (guint i = 0; i < n; i++)
            column[i] = at[i];
        for (guint b = 1; b < bytes; b++)
            for (guint i = 0; i < n; i++)
                column[i] |= (guint64)at[b * n + i] << 8 * b;
    }
    return TRUE;
}

/* ---- Tasks ---- */

static void split_task(const struct weft_task_at *task, const struct weft_task_at *last,
                       gint64 base, guint64 *fields)
{
    fields[0] = change(task->id, last->id);
    fields[1] = change(task->parent, last->parent);
    split_id(task->other, task->id, &fields[2]);
    fields[5] = change((guint64)base, (guint64)task->since_ns);
    fields[6] = change((guint64)task->created_ns, (guint64)last->created_ns);
    fields[7] = change(task->name, last->name);
    fields[8] = task->created_site;
    fields[9] = task->site;
    fields[10] = task->state;
    fields[11] = task->detail;
    fields[12] = task->cancelling;
    fields[13] = task->delivered;
}

static gboolean join_task(const guint64 *fields, const struct weft_task_at *last, gint64 base,
                          struct weft_task_at *task)
{
    guint64 name = changed(fields[7], last->name);
    *task = (struct weft_task_at){
        .id = changed(fields[0], last->id),
        .parent = changed(fields[1], last->parent),
        .since_ns = (gint64)((guint64)base - (guint64)weft_unzigzag(fields[5])),
        .created_ns = (gint64)changed(fields[6], (guint64)last->created_ns),
        .name = (uint32_t)name,
        .created_site = (uint32_t)fields[8],
        .site = (uint32_t)fields[9],
        .state = (uint8_t)fields[10],
        .detail = (uint8_t)fields[11],
        .cancelling = (uint8_t)fields[12],
        .delivered = (uint8_t)fields[13],
    };
    return weft_id_kind(task->id) == WEFT_ENTITY_TASK &&
           join_id(&fields[2], task->id, &task->other) && name <= G_MAXUINT32 &&
           (fields[8] | fields[9]) <= G_MAXUINT32 && fields[10] < WEFT_STATES &&
           (fields[11] | fields[12]) <= G_MAXUINT8 && fields[13] <= 1;
}

static void put_tasks(GByteArray *out, const weft_state *state, gint64 base, struct block *block)
{
    struct weft_task_at last = { 0 };
    guint n = 0;
    weft_put_varint(out, state->tasks.live);
    for (guint i = 0; i < weft_idtable_n(&state->tasks); i++) {
        const struct weft_task_entry *task = weft_idtable_at(&state->tasks, i);
        guint64 fields[TASK_FIELDS];
        if (!task)
            continue;
        split_task(&task->at, &last, base, fields);
        last = task->at;
        for (guint f = 0; f < TASK_FIELDS; f++)
            block->columns[f][n] = fields[f];
        if (++n < ROWS)
            continue;
        put_block(out, block, n, TASK_FIELDS);
        n = 0;
    }
    put_block(out, block, n, TASK_FIELDS);
}

static gboolean get_task(weft_state *state, const guint64 *fields, struct weft_task_at *last,
                         gint64 base)
{
    struct weft_task_at at;
    guint live = state->tasks.live;
    if (!join_task(fields, last, base, &at))
        return FALSE;
    *last = at;
    struct weft_task_entry *task = weft_idtable_add(&state->tasks, at.id);
    task->at = at;
    task->position = WEFT_NOT_QUEUED; /* until the ready queue names it */
    return state->tasks.live > live;  /* else this task twice */
}

static gboolean get_tasks(struct weft_varints *in, weft_state *state, gint64 base,
                          struct block *block)
{
    struct weft_task_at last = { 0 };
    guint64 left = weft_get_count(in, TASK_FIELDS);
    weft_idtable_reserve(&state->tasks, (guint)left);
    while (left > 0) {
        guint n = (guint)MIN(left, ROWS);
        if (!get_block(in, block, n, TASK_FIELDS))
            return FALSE;
        for (guint i = 0; i < n; i++) {
            guint64 fields[TASK_FIELDS];
            for (guint f = 0; f < TASK_FIELDS; f++)
                fields[f] = block->columns[f][i];
            if (!get_task(state, fields, &last, base))
                return FALSE;
        }
        left -= n;
    }
    return !in->bad;
}

/* ---- Objects: against the last of their kind ---- */

enum { DONE = 1, STALE = 2 };

static void split_object(const struct weft_object_at *object, const struct weft_object_at *last,
                         guint64 *fields)
{
    fields[0] = weft_id_kind(object->id);
    fields[1] = change(object->id, last->id);
    split_id(object->owner, object->id, &fields[2]);
    fields[5] = change((guint64)object->value, (guint64)last->value);
    fields[6] = change((guint64)object->deadline_mono_ns, (guint64)last->deadline_mono_ns);
    fields[7] = change(object->capacity, last->capacity);
    fields[8] = change(object->name, last->name);
    fields[9] = change(object->site, last->site);
    fields[10] = (object->done ? DONE : 0) | (object->stale ? STALE : 0);
}

static gboolean join_object(const guint64 *fields, const struct weft_object_at *last,
                            struct weft_object_at *object)
{
    guint64 name = changed(fields[8], last->name), site = changed(fields[9], last->site);
    *object = (struct weft_object_at){
        .id = changed(fields[1], last->id),
        .value = (gint64)changed(fields[5], (guint64)last->value),
        .deadline_mono_ns = (gint64)changed(fields[6], (guint64)last->deadline_mono_ns),
        .capacity = changed(fields[7], last->capacity),
        .name = (uint32_t)name,
        .site = (uint32_t)site,
        .done = (fields[10] & DONE) != 0,
        .stale = (fields[10] & STALE) != 0,
    };
    return weft_id_kind(object->id) == fields[0] && object->id &&
           weft_id_kind(object->id) != WEFT_ENTITY_TASK &&
           join_id(&fields[2], object->id, &object->owner) && (name | site) <= G_MAXUINT32 &&
           fields[10] <= (DONE | STALE);
}

static void put_objects(GByteArray *out, const weft_state *state, struct block *block)
{
    g_autofree struct weft_object_at *last = g_new0(struct weft_object_at, KINDS);
    guint n = 0;
    weft_put_varint(out, state->objects.live);
    for (guint i = 0; i < weft_idtable_n(&state->objects); i++) {
        const struct weft_object_at *object = weft_idtable_at(&state->objects, i);
        guint64 fields[OBJECT_FIELDS];
        if (!object)
            continue;
        split_object(object, &last[weft_id_kind(object->id)], fields);
        last[weft_id_kind(object->id)] = *object;
        for (guint f = 0; f < OBJECT_FIELDS; f++)
            block->columns[f][n] = fields[f];
        if (++n < ROWS)
            continue;
        put_block(out, block, n, OBJECT_FIELDS);
        n = 0;
    }
    put_block(out, block, n, OBJECT_FIELDS);
}

/* n rows of a block, from `from` on. */
static gboolean add_objects(weft_state *state, const struct block *block, guint from, guint n,
                            struct weft_object_at *lasts)
{
    struct weft_object_at objects[TOGETHER];
    uint64_t ids[TOGETHER];
    guint live = state->objects.live;
    for (guint i = 0; i < n; i++) {
        guint64 fields[OBJECT_FIELDS];
        for (guint f = 0; f < OBJECT_FIELDS; f++)
            fields[f] = block->columns[f][from + i];
        struct weft_object_at *last = &lasts[MIN(fields[0], KINDS - 1)];
        if (!join_object(fields, last, &objects[i]))
            return FALSE;
        *last = objects[i];
        ids[i] = objects[i].id;
    }
    weft_idtable_fetch(&state->objects, ids, n);
    for (guint i = 0; i < n; i++)
        *(struct weft_object_at *)weft_idtable_add(&state->objects, ids[i]) = objects[i];
    return state->objects.live == live + n; /* else one of them twice */
}

static gboolean get_objects(struct weft_varints *in, weft_state *state, struct block *block)
{
    g_autofree struct weft_object_at *last = g_new0(struct weft_object_at, KINDS);
    guint64 left = weft_get_count(in, OBJECT_FIELDS);
    weft_idtable_reserve(&state->objects, (guint)left);
    while (left > 0) {
        guint n = (guint)MIN(left, ROWS);
        if (!get_block(in, block, n, OBJECT_FIELDS))
            return FALSE;
        for (guint i = 0; i < n; i += TOGETHER)
            if (!add_objects(state, block, i, MIN(TOGETHER, n - i), last))
                return FALSE;
        left -= n;
    }
    return !in->bad;
}

/* ---- Both ---- */

void weft_state_put_columns(GByteArray *out, const weft_state *state, gint64 base)
{
    g_autofree struct block *block = g_new(struct block, 1);
    put_tasks(out, state, base, block);
    put_objects(out, state, block);
}

gboolean weft_state_get_columns(struct weft_varints *in, weft_state *state, gint64 base)
{
    g_autofree struct block *block = g_new(struct block, 1);
    return get_tasks(in, state, base, block) && get_objects(in, state, block);
}
