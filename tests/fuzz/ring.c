/* ring.c: a ring of two chunks under a writer that lies: a list of what happens to it: an event, a
 * word of the ring's page or of a chunk overwritten, a read by either of two readers.
 *
 * A ring that nobody lied about keeps the law: emitted = read + lost. */
#include "tests/fuzz/fuzz.h"
#include "tracer/trace/ringreader.h"
#include <stdlib.h>

enum { CHUNKS = 2, READERS = 2 };

static struct {
    struct weft_segment segment;
    struct weft_ring *ring;
    char *area;
    struct weft_writer w;
    struct weft_ringreader readers[READERS];
    uint64_t seen[READERS], emitted;
    gboolean lied;
} f;

static void set_up(gboolean stream)
{
    if (!f.ring) {
        f.ring = aligned_alloc(WEFT_PAGE, WEFT_PAGE);
        f.area = aligned_alloc(WEFT_PAGE, CHUNKS * WEFT_CHUNK_SIZE);
    }
    memset(f.ring, 0, WEFT_PAGE);
    memset(f.area, 0, CHUNKS * WEFT_CHUNK_SIZE);
    f.segment.mode = stream ? WEFT_MODE_STREAM : WEFT_MODE_FLIGHT;
    f.segment.lease.expires_mono_ns = UINT64_MAX;
    weft_ring_format(f.ring, 3, WEFT_RING_LOOP, weft_id(WEFT_ENTITY_LOOP, 3, 1));
    f.w = (struct weft_writer){ .index = 3 };
    weft_writer_init(&f.w, &f.segment, f.ring);
    weft_writer_set_area(&f.w, f.area, CHUNKS, WEFT_PAGE);
    for (guint i = 0; i < READERS; i++) {
        weft_ringreader_init(&f.readers[i], f.ring, 3, i == 0 && stream ? f.ring : NULL);
        weft_ringreader_set_area(&f.readers[i], f.area, CHUNKS);
        f.seen[i] = 0;
    }
    f.emitted = 0;
    f.lied = FALSE;
}

static void emit(guint n, gboolean ext)
{
    uint64_t words[4] = { 1, 2, 3, 4 };
    for (guint i = 0; i < n; i++) {
        weft_ring_emit(&f.w, i, WEFT_RECORD_MARK, 0, 0, i, 0, ext ? words : NULL);
        f.emitted += ext ? 2 : 1;
    }
}

static void read_ring(guint who, guint times)
{
    static struct weft_record records[WEFT_CHUNK_SLOTS];
    struct weft_ring_read read;
    for (guint i = 0; i < times && weft_ringreader_read(&f.readers[who], records, &read); i++) {
        if (read.slots > WEFT_CHUNK_SLOTS || read.events > read.slots)
            abort();
        f.seen[who] += read.slots + read.unread + read.dropped;
    }
}

/* Mostly headers: few words decide. */
static void lie(struct fuzz_input *in)
{
    guint where = (guint)fuzz_take(in, 2);
    uint64_t value = fuzz_take(in, 8);
    char *at = where & 1 ? (char *)f.ring : f.area;
    gsize offset = (gsize)(where >> 1) * 8 % (where & 1 ? WEFT_PAGE : CHUNKS * WEFT_CHUNK_SIZE);
    memcpy(at + offset, &value, sizeof value);
    f.lied = TRUE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, data + size };
    set_up(fuzz_take(&in, 1) & 1);
    while (in.at < in.end) {
        guint what = (guint)fuzz_take(&in, 1);
        if (what % 4 == 0 && f.emitted < 40000)
            emit((guint)fuzz_take(&in, 2) % 5000, what & 4);
        else if (what % 4 == 1)
            lie(&in);
        else
            read_ring(what >> 2 & 1, 1 + (what >> 3) % 8);
    }
    for (guint i = 0; i < READERS; i++) {
        read_ring(i, 1000);
        f.seen[i] += weft_ringreader_dropped_at_end(&f.readers[i]);
        if (!f.lied && (f.seen[i] != f.emitted || f.readers[i].corrupt))
            abort();
    }
    return 0;
}

void fuzz_seeds(fuzz_seed *seed)
{
    seed("flight", "\0\0\5\0\2\4\3\0\6\0\xff\0\2\6\0\xff\x0f\2\6", 19);
    seed("stream", "\1\0\xff\x0f\2\0\xff\x0f\6\4\x10\x0f\2\2\2\0\1\0\2", 19);
    seed("lies", "\0\0\5\0\2\1\0\0\1\0\0\0\0\0\0\0\2\1\2\0\x40\0\0\0\0\0\0\0\2\6", 30);
    seed("current", "\0\0\5\0\1\x11\0\xff\0\0\0\0\0\0\0\2\6\0\7\0\2", 21);
}
