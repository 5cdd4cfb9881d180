/* tables.h: the live tables read back from a segment's file, as anybody else would, for tests. */
#ifndef WEFT_TEST_TABLES_H
#define WEFT_TEST_TABLES_H

#include "tracer/probe/ring.h"
#include <glib.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct tables {
    char *base;
    gsize size;
    const struct weft_segment *segment;
    const struct weft_table_directory *directory;
};

static inline struct tables map_tables(int fd)
{
    struct stat st;
    g_assert_cmpint(fstat(fd, &st), ==, 0);
    struct tables t = { .size = (gsize)st.st_size };
    t.base = mmap(NULL, t.size, PROT_READ, MAP_SHARED, fd, 0);
    g_assert_true((void *)t.base != MAP_FAILED);
    t.segment = (const void *)t.base;
    t.directory = (const void *)(t.base + t.segment->tables_offset);
    return t;
}

static inline void unmap_tables(struct tables *t)
{
    munmap(t->base, t->size);
}

static inline const struct weft_ring *ring_in(const struct tables *t, guint index)
{
    const struct weft_directory_entry *rings = (const void *)(t->base +
                                                              t->segment->directory_offset);
    return (const void *)(t->base + rings[index].offset);
}

/* A slot of 8 words, copied under its seqlock. */
static inline void copy_slot(const void *slot, uint64_t copy[8])
{
    const _Atomic uint64_t *words = slot;
    uint64_t seq;
    do {
        do
            seq = atomic_load_explicit(&words[0], memory_order_acquire);
        while (seq & 1);
        for (int i = 0; i < 8; i++)
            copy[i] = atomic_load_explicit(&words[i], memory_order_relaxed);
        atomic_thread_fence(memory_order_acquire);
    } while (atomic_load_explicit(&words[0], memory_order_relaxed) != seq);
}

/* Calls back with a copy of every slot of this kind that is in use. */
static inline void each_slot(const struct tables *t, enum weft_table_kind kind,
                             void (*visit)(void *data, const uint64_t slot[8]), void *data)
{
    uint64_t blocks = atomic_load_explicit(&t->directory->blocks, memory_order_acquire);
    for (uint64_t b = 0; b < blocks; b++) {
        const char *at = t->base + t->directory->offsets[b];
        const struct weft_table_block *block = (const void *)at;
        if (block->kind != kind)
            continue;
        for (uint64_t i = 1; i <= block->used; i++) {
            uint64_t copy[8];
            copy_slot(at + i * WEFT_TABLE_SLOT, copy);
            if (copy[1] != 0)
                visit(data, copy);
        }
    }
}

struct slot_search {
    uint64_t id, owner; /* owner: of a holder's slot; 0: not one of those */
    uint64_t slot[8];
    guint found;
};

static inline void match_slot(void *data, const uint64_t slot[8])
{
    struct slot_search *search = data;
    gboolean object = weft_id_kind(search->id) != WEFT_ENTITY_TASK;
    gboolean holder = object && (slot[7] & WEFT_LIVE_HOLDER);
    if (slot[1] != search->id || (search->owner ? !holder || slot[2] != search->owner : holder))
        return;
    memcpy(search->slot, slot, sizeof search->slot);
    search->found++;
}

static inline gboolean find_slot(const struct tables *t, uint64_t id, uint64_t owner,
                                 uint64_t slot[8])
{
    struct slot_search search = { .id = id, .owner = owner };
    each_slot(t, weft_id_kind(id) == WEFT_ENTITY_TASK ? WEFT_TABLE_TASKS : WEFT_TABLE_OBJECTS,
              match_slot, &search);
    g_assert_cmpuint(search.found, <=, 1);
    memcpy(slot, search.slot, sizeof search.slot);
    return search.found == 1;
}

static inline void count_slot(void *data, const uint64_t slot[8])
{
    (void)slot;
    ++*(guint *)data;
}

static inline guint count_slots(const struct tables *t, enum weft_table_kind kind)
{
    guint n = 0;
    each_slot(t, kind, count_slot, &n);
    return n;
}

/* The text of a name in a slot's word; free it. NULL: no name. */
static inline char *name_in(const struct tables *t, uint64_t word)
{
    uint32_t name = (uint32_t)(word >> 32);
    if (name == 0)
        return NULL;
    g_assert_true(name & WEFT_NAME_SLOT);
    uint32_t number = name & ~WEFT_NAME_SLOT;
    uint64_t copy[9] = { 0 };
    copy_slot(t->base + t->directory->offsets[number >> 10] + (number & 1023) * WEFT_TABLE_SLOT,
              copy);
    return g_strdup((const char *)&copy[2]);
}

/* ---- A task's slot in words: "waiting(future)", and whatever else it says ---- */

static inline const char *state_name(uint64_t site_state)
{
    static const char *const names[] = { "unknown",    "running", "ready", "waiting",
                                         "cancelling", "done",    "new" };
    guint state = site_state >> 24 & 0xff;
    return state < G_N_ELEMENTS(names) ? names[state] : "?";
}

static inline char *describe_task(const struct tables *t, uint64_t id)
{
    uint64_t slot[8];
    if (!find_slot(t, id, 0, slot))
        return g_strdup("unlisted");
    guint state = slot[7] >> 24 & 0xff, detail = slot[7] >> 16 & 0xff, kind = WEFT_RECORD_SUSPEND;
    if (state == WEFT_LIVE_READY)
        kind = WEFT_RECORD_WAKE;
    else if (state == WEFT_LIVE_DONE)
        kind = WEFT_RECORD_TASK_DONE;
    GString *out = g_string_new(state_name(slot[7]));
    if (detail)
        g_string_append_printf(out, "(%s)", weft_detail_name(kind, detail));
    if (slot[7] >> 8 & 0xff)
        g_string_append_printf(out, " asked %u", (guint)(slot[7] >> 8 & 0xff));
    if (slot[7] & WEFT_LIVE_DELIVERED)
        g_string_append(out, " delivered");
    return g_string_free(out, FALSE);
}

#endif
