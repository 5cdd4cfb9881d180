/* exec.c: a process that became this program: what it recorded before is told how it ended.
 *
 * exec cannot be seen before it happens, and may fail. But whoever finds the segment of its own pid
 * and start time, with nobody's lock on it, knows that its process is the one that wrote it: it may
 * go on where the other program's writer stopped, since nobody else can. It adds one event, EXEC,
 * with what the process became. Every offset in the file is checked before it is followed. */
#include "tracer/probe/ring.h"
#include "tracer/probe/stale.h"
#include "tracer/probe/strings.h"
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct old_segment {
    int fd;
    uint64_t size; /* of the file */
    struct weft_segment *page;
};

/* NULL when it does not lie in the file. */
static void *map(const struct old_segment *old, uint64_t offset, uint64_t size)
{
    if (offset % WEFT_PAGE != 0 || size == 0 || offset > old->size || size > old->size - offset)
        return NULL;
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, old->fd, (off_t)offset);
    return at == MAP_FAILED ? NULL : at;
}

/* A writer that goes on behind the ring's last event; false: there is none. */
static bool resume_writer(const struct old_segment *old, struct weft_ring *ring,
                          struct weft_writer *w)
{
    uint64_t where = atomic_load_explicit(&ring->area, memory_order_relaxed);
    uint64_t n = weft_area_chunks(where);
    uint64_t k = atomic_load_explicit(&ring->current, memory_order_relaxed);
    if (n < 2 || n > old->size / WEFT_CHUNK_SIZE || k == 0)
        return false;
    char *area = map(old, weft_area_offset(where), n * WEFT_CHUNK_SIZE);
    if (!area)
        return false;
    struct weft_chunk *chunk = weft_chunk_slot(area, n, k);
    uint64_t committed = atomic_load_explicit(&chunk->committed, memory_order_relaxed);
    if (atomic_load_explicit(&chunk->seq, memory_order_relaxed) != k ||
        committed < WEFT_CHUNK_HEADER || committed > WEFT_CHUNK_SIZE ||
        committed % WEFT_SLOT_SIZE != 0) {
        munmap(area, n * WEFT_CHUNK_SIZE);
        return false;
    }
    weft_writer_init(w, old->page, ring);
    w->area = area;
    w->n = n;
    w->k = k;
    w->first = 1;
    w->chunk = chunk;
    w->position = (char *)chunk + committed;
    w->end = (char *)chunk + WEFT_CHUNK_SIZE;
    w->ordinal = atomic_load_explicit(&chunk->first_event, memory_order_relaxed);
    return true;
}

static uint32_t add_string(const struct old_segment *old, const char *text)
{
    uint64_t size = old->page->strings_size;
    struct weft_heap *heap = map(old, old->page->strings_offset, size);
    uint32_t id = WEFT_STRING_NONE;
    if (!heap)
        return id;
    if (heap->size == size && heap->used >= sizeof *heap && heap->used <= size)
        id = weft_heap_add(heap, WEFT_HEAP_STRING, text, strlen(text));
    munmap(heap, size);
    return id;
}

/* The first ring that recorded something. */
static bool say_in(const struct old_segment *old, uint64_t offset, const char *program)
{
    struct weft_ring *ring = map(old, offset, WEFT_PAGE);
    struct weft_writer w = { 0 };
    bool said = ring && resume_writer(old, ring, &w);
    if (said) {
        weft_ring_emit(&w, weft_clock_now(), WEFT_RECORD_EXEC, 0, 0,
                       weft_id(WEFT_ENTITY_PROCESS, 0, 1), add_string(old, program), NULL);
        munmap(w.area, w.n * WEFT_CHUNK_SIZE);
    }
    if (ring)
        munmap(ring, WEFT_PAGE);
    return said;
}

static void say(const struct old_segment *old, const char *program)
{
    uint64_t size = WEFT_RINGS_MAX * sizeof(struct weft_directory_entry);
    struct weft_directory_entry *directory = map(old, old->page->directory_offset, size);
    if (!directory)
        return;
    bool said = false;
    for (unsigned i = 0; i < WEFT_RINGS_MAX && !said; i++) {
        uint64_t offset = atomic_load_explicit(&directory[i].offset, memory_order_relaxed);
        if (offset == 0)
            break;
        said = say_in(old, offset, program);
    }
    munmap(directory, size);
}

void weft_segment_say_exec(int fd, const char *program)
{
    struct stat st;
    struct old_segment old = { .fd = fd };
    if (fstat(fd, &st) < 0 || st.st_size < WEFT_PAGE)
        return;
    old.size = (uint64_t)st.st_size;
    old.page = map(&old, 0, WEFT_PAGE);
    if (!old.page)
        return;
    if (old.page->clock_kind == (uint32_t)weft_clock_kind)
        say(&old, program);
    munmap(old.page, WEFT_PAGE);
}
