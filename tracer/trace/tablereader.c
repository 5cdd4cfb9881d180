/* tablereader.c: see tablereader.h. */
#include "tracer/trace/tablereader.h"
#include <string.h>

enum {
    TRIES = 200, /* of a slot that is just being written: some hundred nanoseconds of its writer */
    NAPS = 500,  /* of one reading, for writers that are not on a processor just then */
    NAP_US = 100,
    WORDS = WEFT_TABLE_SLOT / 8,
    NAME = G_STRUCT_OFFSET(struct weft_task_slot, name_made) / 8, /* the word that has the name */
};
_Static_assert(NAME == G_STRUCT_OFFSET(struct weft_object_slot, name_site) / 8, "in every slot");

#define SAME(name)                                                                                 \
    _Static_assert((int)WEFT_LIVE_##name == (int)WEFT_STATE_##name, "a slot's state is the "       \
                                                                    "task's")
SAME(UNKNOWN);
SAME(RUNNING);
SAME(READY);
SAME(WAITING);
SAME(CANCELLING);
SAME(DONE);
SAME(NEW);
#undef SAME

struct found_task {
    struct weft_task_at at; /* since_ns: ticks */
    uint32_t ring;
};

struct found_party {
    uint64_t object;
    struct weft_party party;
    gboolean is_first; /* holder of its semaphore */
};

struct reading {
    const struct weft_tables *tables;
    struct weft_tablenames *names;
    struct weft_tableread *result;
    GArray *ready;   /* of struct found_task: put last, in the queue's order */
    GArray *outer;   /* of struct found_task: those that run around another one */
    GArray *parties; /* of struct found_party: put behind all objects */
    guint naps;      /* so far */
};

/* ---- Slots ---- */

static uint64_t relaxed(const _Atomic uint64_t *word)
{
    return atomic_load_explicit(word, memory_order_relaxed);
}

static gboolean try_copy(const _Atomic uint64_t *slot, uint64_t copy[WORDS])
{
    for (guint try = 0; try < TRIES; try++) {
        copy[0] = atomic_load_explicit(&slot[0], memory_order_acquire);
        for (guint i = 1; i < WORDS; i++)
            copy[i] = relaxed(&slot[i]);
        atomic_thread_fence(memory_order_acquire);
        if (copy[0] % 2 == 0 && relaxed(&slot[0]) == copy[0])
            return TRUE;
    }
    return FALSE;
}

/* Copies a slot. FALSE when its writer did not finish it: the copy may be torn. */
static gboolean copy_slot(struct reading *r, const _Atomic uint64_t *slot, uint64_t copy[WORDS])
{
    gboolean whole = try_copy(slot, copy);
    for (; !whole && r->tables->lives && r->naps < NAPS; r->naps++) {
        g_usleep(NAP_US);
        whole = try_copy(slot, copy);
    }
    return whole;
}

/* The slot of this number in a block of this kind; NULL: there is none. */
static const _Atomic uint64_t *slot_at(const struct weft_tables *tables, uint64_t block_number,
                                       uint64_t slot, enum weft_table_kind kind)
{
    if (block_number >= tables->blocks->len || slot == 0 || slot >= WEFT_TABLE_SLOTS)
        return NULL;
    const struct weft_table_block *block = tables->blocks->pdata[block_number];
    if (!block || block->kind != kind)
        return NULL;
    return (const _Atomic uint64_t *)(const void *)block + slot * WORDS;
}

/* ---- Names ---- */

void weft_tablenames_init(struct weft_tablenames *names, const struct weft_heap_definitions *to)
{
    names->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    names->next = WEFT_NAME_SLOT;
    names->to = to;
}

void weft_tablenames_finish(struct weft_tablenames *names)
{
    g_clear_pointer(&names->ids, g_hash_table_unref);
}

static guint32 string_of(struct weft_tablenames *names, const char *text)
{
    gpointer known = g_hash_table_lookup(names->ids, text);
    if (known)
        return GPOINTER_TO_UINT(known);
    if (names->next == WEFT_STRING_FULL)
        return WEFT_STRING_FULL; /* no number is left */
    guint32 id = names->next++;
    g_hash_table_insert(names->ids, g_strdup(text), GUINT_TO_POINTER(id));
    names->to->string(names->to->data, id, text, strlen(text));
    return id;
}

/* A name in a slot of its own, which may be another one's by now: 0 then. */
static guint32 name_in_slot(struct reading *r, guint32 number, uint64_t of)
{
    number &= ~WEFT_NAME_SLOT;
    const _Atomic uint64_t *slot = slot_at(r->tables, number / WEFT_TABLE_SLOTS,
                                           number % WEFT_TABLE_SLOTS, WEFT_TABLE_NAMES);
    uint64_t copy[WORDS + 1];
    if (!slot || !copy_slot(r, slot, copy) || copy[1] != of)
        return 0;
    copy[WORDS] = 0; /* the text's NUL */
    return string_of(r->names, (const char *)&copy[2]);
}

static guint32 name_of(struct reading *r, uint64_t word, uint64_t of)
{
    guint32 name = (guint32)(word >> 32);
    return name == WEFT_STRING_FULL || !(name & WEFT_NAME_SLOT) ? name : name_in_slot(r, name, of);
}

/* Copies a slot, and looks its name up. A name that went elsewhere meanwhile, as all do into the
 * heap when events begin to be recorded, is looked for where its owner's slot says by then. */
static gboolean copy_named(struct reading *r, const _Atomic uint64_t *slot, uint64_t copy[WORDS],
                           guint32 *name)
{
    gboolean whole;
    guint try = 0;
    do {
        whole = copy_slot(r, slot, copy);
        *name = copy[1] ? name_of(r, copy[NAME], copy[1]) : 0;
    } while (whole && !*name && relaxed(&slot[0]) != copy[0] && ++try < TRIES);
    return whole;
}

/* ---- Tasks ---- */

static struct found_task task_in(const uint64_t words[WORDS], guint32 name, uint32_t ring)
{
    const struct weft_task_slot *slot = (const void *)words; /* a copy: nobody writes it */
    uint64_t site_state = relaxed(&slot->site_state), made = relaxed(&slot->name_made);
    struct found_task task = { .ring = ring };
    task.at = (struct weft_task_at){
        .id = relaxed(&slot->id),
        .parent = relaxed(&slot->parent),
        .other = relaxed(&slot->other),
        .since_ns = (gint64)relaxed(&slot->since),
        .created_ns = (gint64)relaxed(&slot->since), /* that, or before: nobody knows */
        .name = name,
        .created_site = (uint32_t)made,
        .site = (uint32_t)(site_state >> 32),
        .state = (uint8_t)(site_state >> 24),
        .detail = (uint8_t)(site_state >> 16),
        .cancelling = (uint8_t)(site_state >> 8),
        .delivered = (site_state & WEFT_LIVE_DELIVERED) != 0,
    };
    return task;
}

static void take_task(struct reading *r, const uint64_t words[WORDS], guint32 name, uint32_t ring,
                      gboolean whole)
{
    struct found_task task = task_in(words, name, ring);
    if (weft_id_kind(task.at.id) != WEFT_ENTITY_TASK || weft_id_ring(task.at.id) != ring ||
        task.at.state >= WEFT_STATES) {
        r->result->wrong++;
        return;
    }
    uint64_t group = words[G_STRUCT_OFFSET(struct weft_task_slot, group) / 8];
    if (whole && group) {
        struct found_party member = { group, { .id = task.at.id }, FALSE };
        g_array_append_val(r->parties, member);
    }
    if (!whole) {
        task.at.state = WEFT_STATE_UNKNOWN;
        task.at.other = task.at.detail = 0;
    }
    if (task.at.state == WEFT_STATE_READY)
        g_array_append_val(r->ready, task);
    else
        weft_state_put_task(r->result->state, &task.at);
    if (task.at.state == WEFT_STATE_RUNNING)
        g_array_append_val(r->outer, task);
}

/* ---- Objects ---- */

static gboolean may_have_slot(uint64_t id)
{
    unsigned kind = weft_id_kind(id);
    return kind < WEFT_ENTITY_END && kind != WEFT_ENTITY_TASK && weft_table_has(kind);
}

static void take_object(struct reading *r, const uint64_t words[WORDS], guint32 name,
                        gboolean whole)
{
    const struct weft_object_slot *slot = (const void *)words; /* a copy: nobody writes it */
    uint64_t flags = relaxed(&slot->flags);
    struct weft_object_at at = {
        .id = relaxed(&slot->id),
        .owner = relaxed(&slot->owner),
        .value = (gint64)relaxed(&slot->value),
        .deadline_mono_ns = (gint64)relaxed(&slot->deadline_mono_ns),
        .capacity = relaxed(&slot->capacity),
        .name = name,
        .site = (uint32_t)relaxed(&slot->name_site),
        .done = (flags & WEFT_LIVE_EXPIRED) != 0,
    };
    if (weft_id_kind(at.id) == WEFT_ENTITY_LOCK) {
        at.since_ns = at.owner ? at.deadline_mono_ns : 0;
        at.deadline_mono_ns = 0;
    }
    if (!may_have_slot(at.id)) {
        r->result->wrong++;
        return;
    }
    if (!whole)
        return; /* half of it may be another's */
    if (flags & WEFT_LIVE_HOLDER) {
        struct found_party holder = { at.id,
                                      { at.owner, (guint32)CLAMP(at.value, 1, G_MAXINT32) },
                                      FALSE };
        g_array_append_val(r->parties, holder);
        return;
    }
    if (weft_id_kind(at.id) == WEFT_ENTITY_SEMAPHORE && at.owner) {
        struct found_party first = { at.id, { .id = at.owner }, TRUE };
        g_array_append_val(r->parties, first);
    }
    weft_state_put_object(r->result->state, &at);
}

/* ---- Blocks ---- */

static void read_block(struct reading *r, guint number)
{
    const struct weft_table_block *block = r->tables->blocks->pdata[number];
    uint64_t used = block ? atomic_load_explicit(&block->used, memory_order_acquire) : 0;
    if (!block || block->kind == WEFT_TABLE_NAMES)
        return;
    if ((block->kind != WEFT_TABLE_TASKS && block->kind != WEFT_TABLE_OBJECTS) ||
        used >= WEFT_TABLE_SLOTS || block->ring >= WEFT_RINGS_MAX) {
        r->result->wrong++;
        return;
    }
    for (uint64_t i = 1; i <= used; i++) {
        uint64_t words[WORDS];
        guint32 name = 0;
        const _Atomic uint64_t *slot = slot_at(r->tables, number, i,
                                               (enum weft_table_kind)block->kind);
        gboolean whole = slot && copy_named(r, slot, words, &name);
        if (!slot || (whole && words[1] == 0))
            continue;
        r->result->torn += !whole;
        if (!whole && words[1] == 0)
            continue;
        if (block->kind == WEFT_TABLE_TASKS)
            take_task(r, words, name, block->ring, whole);
        else
            take_object(r, words, name, whole);
    }
}

/* ---- Rings ---- */

static gint by_since(gconstpointer a, gconstpointer b)
{
    const struct weft_task_at *x = &((const struct found_task *)a)->at;
    const struct weft_task_at *y = &((const struct found_task *)b)->at;
    if (x->since_ns != y->since_ns)
        return x->since_ns < y->since_ns ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Who became ready first runs first. */
static void put_ready(struct reading *r)
{
    g_array_sort(r->ready, by_since);
    for (guint i = 0; i < r->ready->len; i++)
        weft_state_put_task(r->result->state, &g_array_index(r->ready, struct found_task, i).at);
}

static void put_outer(struct reading *r, uint32_t ring, uint64_t innermost)
{
    for (guint i = 0; i < r->outer->len; i++) {
        const struct found_task *task = &g_array_index(r->outer, struct found_task, i);
        if (task->ring == ring && task->at.id != innermost)
            weft_state_put_running(r->result->state, ring, task->at.id, task->at.since_ns);
    }
}

/* A task that its ring says runs, and whose slot is past that already, has just suspended. */
static gboolean may_run(const struct weft_task_at *task)
{
    return !task || task->state == WEFT_STATE_READY || task->state == WEFT_STATE_NEW ||
           task->state == WEFT_STATE_RUNNING || task->state == WEFT_STATE_UNKNOWN;
}

static void put_ring(struct reading *r, uint32_t index)
{
    const struct weft_ring *ring = r->tables->rings->pdata[index];
    if (!ring)
        return;
    uint64_t running, since, polling;
    guint try = 0;
    do {
        running = atomic_load_explicit(&ring->running, memory_order_acquire);
        since = atomic_load_explicit(&ring->running_since, memory_order_acquire);
        polling = atomic_load_explicit(&ring->polling_since, memory_order_acquire);
    } while (running != relaxed(&ring->running) && ++try < TRIES);
    if (running) {
        const struct weft_task_at *task = weft_state_task(r->result->state, running);
        if (weft_id_kind(running) != WEFT_ENTITY_TASK || weft_id_ring(running) != index)
            r->result->wrong++;
        else if (may_run(task)) {
            /* One that goes on behind a task that it had started eagerly runs since before that. */
            gboolean outer = task && task->state == WEFT_STATE_RUNNING;
            gint64 from = outer ? task->since_ns : (gint64)since;
            put_outer(r, index, running);
            weft_state_put_running(r->result->state, index, running, from);
        }
    } else if (polling) {
        weft_state_put_polling(r->result->state, index, (gint64)polling);
    }
}

/* ---- Parties ---- */

/* A semaphore's first holder stands in its own slot: it has what the others have not. */
static guint32 units_of_first(const weft_state *state, const struct weft_object_at *semaphore)
{
    guint n;
    gboolean all;
    uint64_t held = semaphore->capacity - (uint64_t)semaphore->value;
    const struct weft_party *others = weft_state_parties(state, semaphore->id, &n, &all);
    for (guint i = 0; i < n; i++)
        held -= others[i].units;
    return (guint32)CLAMP((gint64)held, 1, G_MAXINT32);
}

static void put_parties(struct reading *r, gboolean first)
{
    weft_state *state = r->result->state;
    for (guint i = 0; i < r->parties->len; i++) {
        struct found_party *found = &g_array_index(r->parties, struct found_party, i);
        const struct weft_object_at *object = weft_state_object(state, found->object);
        if (!object || found->is_first != first)
            continue;
        if (first)
            found->party.units = units_of_first(state, object);
        weft_state_put_party(state, found->object, &found->party);
    }
}

/* ---- All ---- */

struct weft_tableread weft_tables_read(const struct weft_tables *tables,
                                       struct weft_tablenames *names)
{
    struct weft_tableread read = {
        .state = weft_state_new(),
    };
    struct reading r = { .tables = tables,
                         .names = names,
                         .result = &read,
                         .ready = g_array_new(FALSE, FALSE, sizeof(struct found_task)),
                         .outer = g_array_new(FALSE, FALSE, sizeof(struct found_task)),
                         .parties = g_array_new(FALSE, FALSE, sizeof(struct found_party)) };
    for (guint i = 0; i < tables->blocks->len; i++)
        read_block(&r, i);
    put_ready(&r);
    g_array_sort(r.outer, by_since);
    for (guint i = 0; i < tables->rings->len; i++)
        put_ring(&r, i);
    g_array_unref(r.ready);
    put_parties(&r, FALSE);
    put_parties(&r, TRUE);
    g_array_unref(r.outer);
    g_array_unref(r.parties);
    return read;
}

void weft_tableread_clear(struct weft_tableread *read)
{
    weft_state_free(read->state);
    *read = (struct weft_tableread){ 0 };
}
