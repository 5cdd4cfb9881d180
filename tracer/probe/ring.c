/* ring.c: opening chunks: the part of the writer's protocol that is not inlined. See ring.h. */
#include "tracer/probe/ring.h"
#include "tracer/probe/intern.h"
#include <sys/syscall.h>
#include <unistd.h>

struct weft_probe_page weft_probe_page;

void weft_ring_format(struct weft_ring *ring, uint32_t index, enum weft_ring_kind kind,
                      uint64_t owner)
{
    ring->index = index;
    ring->kind = kind;
    atomic_store_explicit(&ring->owner, owner, memory_order_relaxed);
}

void weft_writer_init(struct weft_writer *w, struct weft_segment *segment, struct weft_ring *ring)
{
    w->segment = segment;
    w->ring = ring;
    w->index = ring->index;
    w->owner = atomic_load_explicit(&ring->owner, memory_order_relaxed);
    w->area = w->position = w->end = NULL;
    w->chunk = NULL;
    w->k = w->n = w->ordinal = w->first = 0;
    w->mask = WEFT_PROBE_ALL;
}

/* Leaves the open chunk as it is. */
static void close_chunk(struct weft_writer *w)
{
    if (w->chunk)
        w->ordinal += (uint64_t)(w->position - (char *)w->chunk - WEFT_CHUNK_HEADER) /
                      WEFT_SLOT_SIZE;
    w->chunk = NULL;
    w->position = w->end = NULL;
}

void weft_writer_set_area(struct weft_writer *w, void *area, uint64_t n, uint64_t offset)
{
    close_chunk(w);
    atomic_store_explicit(&w->ring->retired, w->ordinal, memory_order_relaxed);
    atomic_store_explicit(&w->ring->area, weft_area(offset, n), memory_order_release);
    w->area = area;
    w->n = n;
    w->first = w->k + 1;
}

void weft_writer_rest(struct weft_writer *w)
{
    close_chunk(w);
    w->mask = 0;
}

void weft_writer_resume(struct weft_writer *w)
{
    w->mask = atomic_load_explicit(&weft_probe_page.mask, memory_order_relaxed);
}

void weft_writer_bind(struct weft_writer *w)
{
    if (w->bound && pthread_equal(w->thread, pthread_self()))
        return;
    close_chunk(w); /* a chunk names the thread that wrote it */
    w->thread = pthread_self();
    w->bound = true;
    w->tid = (uint64_t)syscall(SYS_gettid);
    if (w->ring && weft_probe_on())
        atomic_store_explicit(&w->ring->tid, w->tid, memory_order_relaxed);
}

static _Atomic uint32_t misused;

bool weft_ring_was_misused(void)
{
    return atomic_exchange_explicit(&misused, 0, memory_order_relaxed) != 0;
}

void weft_ring_count_nested(struct weft_writer *w, size_t size)
{
    atomic_fetch_add_explicit(&w->ring->nested, size / WEFT_SLOT_SIZE, memory_order_relaxed);
}

/* May chunk k overwrite chunk k-N, if there is one in this area? Always in flight mode; in stream
 * mode once it has been read, or once whoever promised to read it let the lease run out. */
static bool may_overwrite(const struct weft_writer *w, uint64_t k)
{
    if (k < w->first + w->n ||
        atomic_load_explicit(&w->segment->mode, memory_order_relaxed) != WEFT_MODE_STREAM)
        return true;
    if (atomic_load_explicit(&w->ring->consumed, memory_order_acquire) + w->n >= k)
        return true;
    uint64_t expires = atomic_load_explicit(&w->segment->lease.expires_mono_ns,
                                            memory_order_relaxed);
    return weft_clock_monotonic_ns() > expires;
}

bool weft_ring_open_chunk(struct weft_writer *w, size_t size)
{
    if (!w->area || !w->mask)
        return false; /* not recorded: nothing is lost */
    if (w->bound && !pthread_equal(w->thread, pthread_self())) {
        weft_ring_count_nested(w, size); /* which does not mind another thread */
        atomic_store_explicit(&misused, 1, memory_order_relaxed);
        return false;
    }
    struct weft_ring *ring = w->ring;
    uint64_t k = w->k + 1;
    if (!may_overwrite(w, k)) {
        uint64_t dropped = atomic_load_explicit(&ring->dropped, memory_order_relaxed);
        atomic_store_explicit(&ring->dropped, dropped + size / WEFT_SLOT_SIZE,
                              memory_order_relaxed);
        w->end = w->position; /* nothing follows a gap in the same chunk */
        return false;
    }
    close_chunk(w);
    struct weft_chunk *chunk = weft_chunk_slot(w->area, w->n, k);
    uint64_t lost = atomic_load_explicit(&ring->dropped, memory_order_relaxed) +
                    atomic_load_explicit(&ring->nested, memory_order_relaxed);
    atomic_store_explicit(&chunk->seq, 0, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&chunk->base_mono_ns, weft_clock_monotonic_ns(), memory_order_relaxed);
    atomic_store_explicit(&chunk->base_ticks, weft_clock_now(), memory_order_relaxed);
    atomic_store_explicit(&chunk->first_event, w->ordinal, memory_order_relaxed);
    atomic_store_explicit(&chunk->dropped_total, lost, memory_order_relaxed);
    atomic_store_explicit(&chunk->current_task, w->current_task, memory_order_relaxed);
    atomic_store_explicit(&chunk->owner, w->tid << 32 | (uint32_t)w->generation,
                          memory_order_relaxed);
    atomic_store_explicit(&chunk->committed, WEFT_CHUNK_HEADER, memory_order_relaxed);
    atomic_store_explicit(&chunk->seq, k, memory_order_release);
    atomic_store_explicit(&ring->current, k, memory_order_release);
    w->k = k;
    w->chunk = chunk;
    w->position = (char *)chunk + WEFT_CHUNK_HEADER;
    w->end = (char *)chunk + WEFT_CHUNK_SIZE;
    return true;
}

void weft_emit_name(struct weft_writer *w, enum weft_record_kind kind, uint64_t subject,
                    const char *text)
{
    if (!text || !weft_probe_on() || !w->ring)
        return;
    if (weft_probe_recording())
        weft_emit(w, kind, 0, 0, subject, weft_string_intern(text));
    else
        weft_table_name(w, subject, text);
}
