/* table.c: what an event does to the live tables. See table.h for what lies in the segment, and
 * slots.h for how the writer finds it.
 *
 * It says the same as trace/replay.c, which goes through the events afterwards: an event that
 * cannot be (a WAKE of a task that is done) changes nothing. What it reads of a slot is only ever
 * written back: somebody who scribbles on the segment spoils what is shown, not the program. */
#include "tracer/probe/holders.h"
#include "tracer/probe/intern.h"
#include "tracer/probe/publish.h"
#include "tracer/probe/ring.h"
#include <string.h>

static uint64_t get(const _Atomic uint64_t *word)
{
    return atomic_load_explicit(word, memory_order_relaxed);
}

static void set(_Atomic uint64_t *word, uint64_t value)
{
    atomic_store_explicit(word, value, memory_order_relaxed);
}

/* ---- Tasks ---- */

static struct weft_task_slot *task_slot(const struct weft_writer *w, uint64_t id)
{
    return weft_id_kind(id) == WEFT_ENTITY_TASK ? weft_slots_get(&w->slots, id) : NULL;
}

/* The low half of site_state, as far as it goes with the task and not with its state. */
static uint64_t lasting(uint64_t site_state)
{
    return site_state & 0xffff;
}

static enum weft_live_state state_of(uint64_t site_state)
{
    return (enum weft_live_state)(site_state >> 24 & 0xff);
}

static void set_state(struct weft_task_slot *slot, uint64_t site_state, uint64_t other,
                      uint64_t time)
{
    uint64_t seq = weft_slot_begin(&slot->seq);
    set(&slot->since, time);
    set(&slot->other, other);
    set(&slot->site_state, site_state);
    weft_slot_end(&slot->seq, seq);
}

static void set_word(_Atomic uint64_t *seq, _Atomic uint64_t *word, uint64_t value)
{
    uint64_t even = weft_slot_begin(seq);
    set(word, value);
    weft_slot_end(seq, even);
}

struct weft_task_slot *weft_table_task(const struct weft_writer *w, uint64_t id)
{
    return task_slot(w, id);
}

void weft_table_suspend_slot(struct weft_task_slot *slot, uint64_t time, unsigned detail,
                             uint32_t site, uint64_t task, uint64_t other)
{
    uint64_t lasts = lasting(get(&slot->site_state));
    enum weft_live_state state = WEFT_LIVE_WAITING;
    if (detail == WEFT_AWAIT_YIELD) { /* which wakes it, too */
        state = WEFT_LIVE_READY;
        detail = WEFT_WAKE_TASK;
        other = task;
    } else if (lasts & WEFT_LIVE_DELIVERED) {
        state = WEFT_LIVE_CANCELLING;
    }
    set_state(slot, weft_site_state(site, state, detail, lasts), other, time);
}

void weft_table_wake(struct weft_writer *w, uint64_t time, unsigned cause, uint64_t task,
                     uint64_t by)
{
    struct weft_task_slot *slot = weft_slots_get(&w->slots, task);
    if (!slot || task == w->current_task)
        return;
    uint64_t before = get(&slot->site_state);
    enum weft_live_state state = state_of(before);
    if (state == WEFT_LIVE_READY || state == WEFT_LIVE_DONE || state == WEFT_LIVE_RUNNING)
        return;
    set_state(slot,
              weft_site_state((uint32_t)(before >> 32), WEFT_LIVE_READY, cause, lasting(before)),
              by, time);
}

/* A task started eagerly begins inside another one's slice. */
void weft_table_nest(struct weft_writer *w)
{
    struct weft_task_slot *outer = task_slot(w, w->current_task);
    if (!outer)
        return;
    uint64_t before = get(&outer->site_state);
    if (state_of(before) == WEFT_LIVE_RUNNING)
        return;
    set_state(outer,
              weft_site_state((uint32_t)(before >> 32), WEFT_LIVE_RUNNING, 0, lasting(before)), 0,
              get(&w->ring->running_since));
}

static void create_task(struct weft_writer *w, uint64_t time, uint32_t site, uint64_t id,
                        uint64_t parent)
{
    if (weft_id_kind(id) != WEFT_ENTITY_TASK)
        return;
    struct weft_task_slot *slot = weft_slots_get(&w->slots, id);
    if (!slot)
        slot = weft_slots_add(&w->slots, WEFT_TABLE_TASKS, id);
    if (!slot)
        return;
    uint64_t seq = weft_slot_begin(&slot->seq);
    set(&slot->id, id);
    set(&slot->parent, parent);
    set(&slot->since, time);
    set(&slot->other, 0);
    set(&slot->group, 0);
    set(&slot->name_made, weft_halves(0, site));
    set(&slot->site_state, weft_site_state(0, WEFT_LIVE_NEW, 0, 0));
    weft_slot_end(&slot->seq, seq);
}

static void finish_task(struct weft_writer *w, uint64_t time, unsigned outcome, uint64_t id)
{
    struct weft_task_slot *slot = task_slot(w, id);
    if (!slot)
        return;
    uint64_t before = get(&slot->site_state);
    uint64_t lasts = lasting(before) & ~(uint64_t)WEFT_LIVE_DELIVERED;
    set_state(slot, weft_site_state((uint32_t)(before >> 32), WEFT_LIVE_DONE, outcome, lasts), 0,
              time);
}

static void cancel_task(struct weft_writer *w, uint64_t time, unsigned kind, uint64_t id,
                        uint64_t left)
{
    struct weft_task_slot *slot = task_slot(w, id);
    if (!slot)
        return;
    uint64_t word = get(&slot->site_state), requests = word >> 8 & 0xff;
    enum weft_live_state before = state_of(word), after = before;
    if (kind == WEFT_RECORD_CANCEL_REQUEST) {
        requests += requests < UINT8_MAX;
    } else if (kind == WEFT_RECORD_CANCEL_DELIVER) {
        word |= WEFT_LIVE_DELIVERED;
        if (before == WEFT_LIVE_WAITING)
            after = WEFT_LIVE_CANCELLING;
    } else {
        requests = left < UINT8_MAX ? left : UINT8_MAX;
        if (left == 0) {
            word &= ~(uint64_t)WEFT_LIVE_DELIVERED;
            if (before == WEFT_LIVE_CANCELLING)
                after = WEFT_LIVE_WAITING;
        }
    }
    word = (word & ~UINT64_C(0xff00ff00)) | (uint64_t)after << 24 | requests << 8;
    uint64_t seq = weft_slot_begin(&slot->seq);
    set(&slot->site_state, word);
    if (after != before)
        set(&slot->since, time);
    weft_slot_end(&slot->seq, seq);
}

/* ---- Names ---- */

/* The word of the slot with this id whose high half is its name, and the slot's seq. */
static _Atomic uint64_t *name_of(const struct weft_writer *w, uint64_t id, _Atomic uint64_t **seq)
{
    void *slot = weft_slots_get(&w->slots, id);
    if (!slot)
        return NULL;
    *seq = slot;
    return weft_id_kind(id) == WEFT_ENTITY_TASK ? &((struct weft_task_slot *)slot)->name_made
                                                : &((struct weft_object_slot *)slot)->name_site;
}

static void set_name(struct weft_writer *w, uint64_t id, uint32_t name)
{
    _Atomic uint64_t *seq, *word = name_of(w, id, &seq);
    if (word)
        set_word(seq, word, weft_halves(name, (uint32_t)get(word)));
}

static void drop_name(struct weft_writer *w, uint64_t id)
{
    struct weft_slots_entry *name = weft_slots_find(&w->slots, id | WEFT_KEY_NAME);
    if (name)
        weft_slots_remove(&w->slots, WEFT_TABLE_NAMES, name);
}

/* Most have none: their slot says so. */
static void drop_name_of(struct weft_writer *w, uint64_t id, uint64_t name_word)
{
    if (name_word >> 32 & WEFT_NAME_SLOT)
        drop_name(w, id);
}

void weft_table_name(struct weft_writer *w, uint64_t id, const char *text)
{
    if (!w->ring || !text || !weft_table_has(weft_id_kind(id)) || !weft_slots_get(&w->slots, id))
        return;
    uint64_t key = id | WEFT_KEY_NAME;
    struct weft_name_slot *slot = weft_slots_get(&w->slots, key);
    if (!slot)
        slot = weft_slots_add(&w->slots, WEFT_TABLE_NAMES, key);
    if (!slot)
        return;
    uint64_t words[6] = { 0 };
    size_t len = strnlen(text, sizeof words + 1);
    memcpy(words, text, weft_string_cut(text, len, sizeof words));
    uint64_t seq = weft_slot_begin(&slot->seq);
    set(&slot->id, id);
    for (int i = 0; i < 6; i++)
        set(&slot->text[i], words[i]);
    weft_slot_end(&slot->seq, seq);
    set_name(w, id, weft_slots_public_number(&w->slots, weft_slots_find(&w->slots, key)->number));
}

void weft_table_intern_names(struct weft_writer *w)
{
    struct weft_slots *slots = &w->slots;
    /* What is taken out makes room for the one behind it: then the same place is looked at again.
     */
    for (uint32_t i = 0; slots->index && i <= slots->mask;) {
        struct weft_slots_entry *entry = &slots->index[i];
        if (!(entry->key & WEFT_KEY_NAME)) {
            i++;
            continue;
        }
        struct weft_name_slot *slot = weft_slots_at(slots, entry->number);
        uint64_t words[7] = { 0 };
        for (int k = 0; k < 6; k++)
            words[k] = get(&slot->text[k]);
        set_name(w, entry->key & ~WEFT_KEY_NAME, weft_string_intern((const char *)words));
        weft_slots_remove(slots, WEFT_TABLE_NAMES, entry);
    }
}

/* ---- Objects ---- */

static struct weft_object_slot *object_slot(const struct weft_writer *w, uint64_t id)
{
    unsigned kind = weft_id_kind(id);
    return weft_table_has(kind) && kind != WEFT_ENTITY_TASK ? weft_slots_get(&w->slots, id) : NULL;
}

struct new_object {
    uint64_t owner, value, capacity, deadline;
    uint32_t site;
};

static void create_object(struct weft_writer *w, uint64_t id, struct new_object as)
{
    unsigned kind = weft_id_kind(id);
    if (!weft_table_has(kind) || kind == WEFT_ENTITY_TASK)
        return;
    struct weft_object_slot *slot = weft_slots_get(&w->slots, id);
    if (!slot)
        slot = weft_slots_add(&w->slots, WEFT_TABLE_OBJECTS, id);
    if (!slot)
        return;
    uint64_t seq = weft_slot_begin(&slot->seq);
    set(&slot->id, id);
    set(&slot->owner, as.owner);
    set(&slot->value, as.value);
    set(&slot->capacity, as.capacity);
    set(&slot->deadline_mono_ns, as.deadline);
    set(&slot->name_site, weft_halves(0, as.site));
    set(&slot->flags, 0);
    weft_slot_end(&slot->seq, seq);
}

/* Whom the object's slot names behind this use; slot: NULL when it has none yet. */
static uint64_t owner_behind(struct weft_writer *w, const struct weft_object_slot *slot,
                             unsigned op, uint64_t id)
{
    unsigned kind = weft_id_kind(id);
    bool acquire = op == WEFT_RESOURCE_ACQUIRE, release = op == WEFT_RESOURCE_RELEASE;
    if (kind == WEFT_ENTITY_LOCK && (acquire || release))
        return acquire ? w->current_task : 0;
    if (!slot)
        return 0;
    if (kind == WEFT_ENTITY_SEMAPHORE && acquire)
        return weft_holders_acquire(&w->slots, slot, id, w->current_task);
    if (kind == WEFT_ENTITY_SEMAPHORE && release)
        return weft_holders_release(&w->slots, slot, id, w->current_task);
    return get(&slot->owner);
}

/* One that was first used on a loop that is closed now is new here; one that found no slot stays
 * without: it has been counted. */
static void use_resource(struct weft_writer *w, uint64_t time, unsigned op, uint64_t id,
                         uint64_t value)
{
    struct weft_object_slot *slot = object_slot(w, id);
    if (!WEFT_RESOURCE_TELLS_VALUE(op))
        return;
    uint64_t owner = owner_behind(w, slot, op, id);
    bool lock = weft_id_kind(id) == WEFT_ENTITY_LOCK;
    uint64_t held_since = lock && owner ? time : 0;
    if (!slot) {
        if (w->slots.pools[WEFT_TABLE_OBJECTS - 1].unlisted == 0)
            create_object(
                w, id,
                (struct new_object){ .owner = owner, .value = value, .deadline = held_since });
        return;
    }
    uint64_t seq = weft_slot_begin(&slot->seq);
    if (lock)
        set(&slot->deadline_mono_ns, held_since);
    set(&slot->value, value);
    set(&slot->owner, owner);
    weft_slot_end(&slot->seq, seq);
}

static void add_to_group(struct weft_writer *w, uint64_t id, uint64_t member)
{
    struct weft_object_slot *group = object_slot(w, id);
    if (group)
        set_word(&group->seq, &group->capacity, get(&group->capacity) + 1);
    struct weft_task_slot *task = task_slot(w, member);
    if (task && !get(&task->group))
        set_word(&task->seq, &task->group, id);
    else if (group && member)
        weft_holders_join(&w->slots, id, member);
}

static void expire(struct weft_writer *w, uint64_t id, uint64_t task)
{
    struct weft_object_slot *slot = object_slot(w, id);
    if (!slot)
        return;
    uint64_t seq = weft_slot_begin(&slot->seq);
    set(&slot->flags, WEFT_LIVE_EXPIRED);
    if (task)
        set(&slot->owner, task);
    weft_slot_end(&slot->seq, seq);
}

static void move_deadline(struct weft_writer *w, uint64_t id, uint64_t deadline)
{
    struct weft_object_slot *slot = object_slot(w, id);
    if (slot)
        set_word(&slot->seq, &slot->deadline_mono_ns, deadline);
}

/* ---- Both ---- */

static void free_slot(struct weft_writer *w, uint64_t id)
{
    unsigned entity = weft_id_kind(id);
    if (!weft_table_has(entity))
        return;
    enum weft_table_kind kind = entity == WEFT_ENTITY_TASK ? WEFT_TABLE_TASKS : WEFT_TABLE_OBJECTS;
    _Atomic uint64_t *seq, *name = name_of(w, id, &seq);
    if (!name) {
        weft_slots_remove_unlisted(&w->slots, kind);
        return;
    }
    drop_name_of(w, id, get(name));
    if (entity == WEFT_ENTITY_SEMAPHORE || entity == WEFT_ENTITY_GROUP)
        weft_holders_free(&w->slots, id);
    weft_slots_remove(&w->slots, kind, weft_slots_find(&w->slots, id));
}

/* While events are recorded a name is a string's id, and what it was before is not needed. */
static void name_again(struct weft_writer *w, uint64_t id, uint64_t name)
{
    if (!weft_table_has(weft_id_kind(id)))
        return;
    drop_name(w, id);
    set_name(w, id, (uint32_t)name);
}

static void apply_to_objects(struct weft_writer *w, uint64_t time, unsigned kind, unsigned detail,
                             uint32_t site, uint64_t subject, uint64_t object)
{
    switch (kind) {
    case WEFT_RECORD_OBJECT_NEW:
        if (weft_id_kind(subject) == WEFT_ENTITY_GROUP)
            object = 0; /* it counts its members */
        bool free_units = weft_id_kind(subject) == WEFT_ENTITY_SEMAPHORE;
        create_object(w, subject,
                      (struct new_object){
                          .value = free_units ? object : 0, .capacity = object, .site = site });
        break;
    case WEFT_RECORD_TIMER_SET:
    case WEFT_RECORD_TIMEOUT_ENTER:
        create_object(
            w, subject,
            (struct new_object){ .owner = w->current_task, .deadline = object, .site = site });
        break;
    case WEFT_RECORD_TIMEOUT_RESCHEDULE:
        move_deadline(w, subject, object);
        break;
    case WEFT_RECORD_TIMEOUT_EXPIRE:
        expire(w, subject, object);
        break;
    case WEFT_RECORD_RESOURCE:
        use_resource(w, time, detail, subject, object);
        break;
    case WEFT_RECORD_GROUP_ADD:
        add_to_group(w, subject, object);
        break;
    case WEFT_RECORD_TIMER_FIRE:
    case WEFT_RECORD_TIMER_CANCEL:
    case WEFT_RECORD_TIMEOUT_EXIT:
    case WEFT_RECORD_GROUP_DONE:
    case WEFT_RECORD_OBJECT_FREE:
        free_slot(w, subject);
        break;
    }
}

void weft_table_apply(struct weft_writer *w, uint64_t time, unsigned kind, unsigned detail,
                      uint32_t site, uint64_t subject, uint64_t object)
{
    switch (kind) {
    case WEFT_RECORD_SUSPEND:
        weft_table_suspend(task_slot(w, subject), time, detail, site, subject, object);
        break;
    case WEFT_RECORD_WAKE:
        weft_table_wake(w, time, detail, subject, object);
        break;
    case WEFT_RECORD_POLL_BEGIN:
        set(&w->ring->polling_since, time);
        break;
    case WEFT_RECORD_POLL_END:
        set(&w->ring->polling_since, 0);
        break;
    case WEFT_RECORD_CONTROL:
        set(&w->ring->paused_since, detail == WEFT_CONTROL_PAUSED ? time : 0);
        break;
    case WEFT_RECORD_TASK_NEW:
        create_task(w, time, site, subject, object);
        break;
    case WEFT_RECORD_TASK_DONE:
        finish_task(w, time, detail, subject);
        break;
    case WEFT_RECORD_TASK_FREE:
        free_slot(w, subject);
        break;
    case WEFT_RECORD_CANCEL_REQUEST:
    case WEFT_RECORD_CANCEL_DELIVER:
    case WEFT_RECORD_UNCANCEL:
        cancel_task(w, time, kind, subject, object);
        break;
    case WEFT_RECORD_TASK_NAME:
    case WEFT_RECORD_OBJECT_NAME:
        name_again(w, subject, object);
        break;
    default:
        apply_to_objects(w, time, kind, detail, site, subject, object);
    }
}

uint64_t weft_table_live_tasks(const struct weft_writer *w)
{
    const struct weft_slots_pool *tasks = &w->slots.pools[WEFT_TABLE_TASKS - 1];
    return (uint64_t)tasks->live + tasks->unlisted;
}

void weft_table_clear(struct weft_writer *w)
{
    struct weft_slots *slots = &w->slots;
    for (uint32_t i = 0; slots->index && i <= slots->mask;) {
        uint64_t key = slots->index[i].key;
        if (key & WEFT_KEY_HOLDERS)
            weft_holders_free(slots, key & ~WEFT_KEY_HOLDERS); /* then another may be here */
        else
            i++;
    }
    weft_slots_clear(slots);
    if (!w->ring)
        return;
    set(&w->ring->running, 0);
    set(&w->ring->polling_since, 0);
    set(&w->ring->paused_since, 0);
}
