/* ringreader.c: the reader's side of the ring's protocol. See ringreader.h and ring.h. */
#include "tracer/trace/ringreader.h"

struct chunk_copy { /* a chunk's header, copied; true only once seq was found unchanged */
    guint64 committed, first_event, dropped_total, current_task;
};

static uint64_t relaxed(const _Atomic uint64_t *word)
{
    return atomic_load_explicit(word, memory_order_relaxed);
}

static uint64_t acquire(const _Atomic uint64_t *word)
{
    return atomic_load_explicit(word, memory_order_acquire);
}

gboolean weft_ringreader_init(struct weft_ringreader *reader, const struct weft_ring *ring,
                              guint32 index, struct weft_ring *consumer)
{
    if (ring->index != index)
        return FALSE;
    *reader = (struct weft_ringreader){
        .ring = ring, .consumer = consumer, .index = index, .k = 1, .offset = WEFT_CHUNK_HEADER
    };
    return TRUE;
}

void weft_ringreader_set_area(struct weft_ringreader *reader, const void *area, guint64 n)
{
    if (reader->area) {
        reader->next_area = area;
        reader->next_chunks = n;
    } else {
        reader->area = area;
        reader->n_chunks = n;
    }
}

/* The area before is read: goes on with the next one. */
static gboolean enter_next_area(struct weft_ringreader *reader)
{
    if (!reader->next_area)
        return FALSE;
    reader->area = reader->next_area;
    reader->n_chunks = reader->next_chunks;
    reader->next_area = NULL;
    return TRUE;
}

static const struct weft_chunk *slot_of(const struct weft_ringreader *reader, guint64 k)
{
    return (const struct weft_chunk *)(const void *)(reader->area +
                                                     (k - 1) % reader->n_chunks * WEFT_CHUNK_SIZE);
}

static void enter(struct weft_ringreader *reader, guint64 k)
{
    reader->k = k;
    reader->offset = WEFT_CHUNK_HEADER;
}

static gboolean corrupt(struct weft_ringreader *reader)
{
    reader->corrupt = TRUE;
    return FALSE;
}

static void copy_slots(const struct weft_chunk *chunk, gsize from, gsize to,
                       struct weft_record *records)
{
    const _Atomic uint64_t *words = (const _Atomic uint64_t *)(const void *)((const char *)chunk +
                                                                             from);
    for (gsize i = 0; i < (to - from) / WEFT_SLOT_SIZE; i++, words += 4) {
        uint64_t head = relaxed(&words[1]);
        records[i].time = relaxed(&words[0]);
        __builtin_memcpy((char *)&records[i] + 8, &head, sizeof head);
        records[i].subject = relaxed(&words[2]);
        records[i].object = relaxed(&words[3]);
    }
}

/* Copies the header and what is committed behind the cursor. FALSE when the chunk was recycled
 * meanwhile: then nothing of it may be believed. */
static gboolean copy_chunk(const struct weft_ringreader *reader, struct chunk_copy *copy,
                           struct weft_record *records)
{
    const struct weft_chunk *chunk = slot_of(reader, reader->k);
    copy->committed = acquire(&chunk->committed);
    copy->first_event = relaxed(&chunk->first_event);
    copy->dropped_total = relaxed(&chunk->dropped_total);
    copy->current_task = relaxed(&chunk->current_task);
    if (weft_chunk_committed_makes_sense(copy->committed) && copy->committed > reader->offset)
        copy_slots(chunk, reader->offset, copy->committed, records);
    atomic_thread_fence(memory_order_acquire);
    return relaxed(&chunk->seq) == reader->k;
}

guint weft_whole_events(const struct weft_record *records, guint slots, guint *events)
{
    *events = 0;
    for (guint i = 0; i < slots; i++, ++*events) {
        guint begin = i;
        if (records[i].kind == WEFT_RECORD_NEVER_WRITTEN ||
            ((records[i].flags & WEFT_RECORD_EXT) && ++i == slots))
            return begin;
    }
    return slots;
}

/* Checks a copy that is known to be untorn, and moves the cursor behind it. */
static gboolean take(struct weft_ringreader *reader, const struct chunk_copy *copy,
                     const struct weft_record *records, struct weft_ring_read *read)
{
    if (!weft_chunk_committed_makes_sense(copy->committed) || copy->committed < reader->offset)
        return corrupt(reader);
    guint64 before = (reader->offset - WEFT_CHUNK_HEADER) / WEFT_SLOT_SIZE;
    guint64 ordinal = copy->first_event + before;
    gboolean begins = reader->offset == WEFT_CHUNK_HEADER;
    guint slots = (guint)((copy->committed - reader->offset) / WEFT_SLOT_SIZE);
    if (ordinal < reader->next || copy->first_event > G_MAXUINT64 / 2 ||
        (begins && copy->dropped_total < reader->dropped))
        return corrupt(reader);
    guint events;
    if (weft_whole_events(records, slots, &events) < slots)
        return corrupt(reader);
    read->slots = slots;
    read->events = events;
    read->unread += ordinal - reader->next;
    read->actor = copy->current_task;
    read->actor_known = begins && slots > 0 && weft_chunk_names_actor(records, copy->current_task);
    if (begins) {
        read->dropped += copy->dropped_total - reader->dropped;
        reader->dropped = copy->dropped_total;
    }
    reader->next = ordinal + slots;
    reader->offset = copy->committed;
    return TRUE;
}

static void consume(const struct weft_ringreader *reader, guint64 k)
{
    if (reader->consumer)
        atomic_store_explicit(&reader->consumer->consumed, k, memory_order_release);
}

/* The next chunk is only sure to be next when `current` was past this one *before* what is
 * committed in this one was read. */
static void leave_when_done(struct weft_ringreader *reader, guint64 current_before)
{
    if (reader->offset < WEFT_CHUNK_SIZE && current_before <= reader->k)
        return;
    consume(reader, reader->k);
    enter(reader, reader->k + 1);
}

gboolean weft_ringreader_read(struct weft_ringreader *reader, struct weft_record *records,
                              struct weft_ring_read *read)
{
    *read = (struct weft_ring_read){ 0 };
    while (reader->area && !reader->corrupt) {
        guint64 current = acquire(&reader->ring->current);
        if (current > G_MAXUINT64 / 2)
            return corrupt(reader);
        if (!reader->next_area && reader->k + reader->n_chunks <= current)
            enter(reader, current - reader->n_chunks + 1 + reader->n_chunks / 8);
        if (reader->k > current)
            return FALSE;
        gsize offset = reader->offset;
        guint64 k = reader->k;
        struct chunk_copy copy;
        if (acquire(&slot_of(reader, reader->k)->seq) != reader->k ||
            !copy_chunk(reader, &copy, records)) {
            if (enter_next_area(reader))
                continue;
            if (reader->k >= current)
                return FALSE; /* just being opened, or just overtaken: look again later */
            enter(reader, reader->k + 1);
            continue;
        }
        if (!take(reader, &copy, records, read))
            return FALSE;
        leave_when_done(reader, current);
        if (read->slots || read->unread || read->dropped)
            return TRUE;
        if (reader->k == k && reader->offset == offset)
            return FALSE; /* still in this chunk, nothing new */
    }
    return FALSE;
}

guint64 weft_ringreader_dropped_at_end(struct weft_ringreader *reader)
{
    guint64 total = relaxed(&reader->ring->dropped) + relaxed(&reader->ring->nested);
    guint64 dropped = total > reader->dropped && !reader->corrupt ? total - reader->dropped : 0;
    reader->dropped += dropped;
    return dropped;
}
