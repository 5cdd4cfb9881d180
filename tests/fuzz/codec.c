/* codec.c: an EVENTS chunk's payload behind its sizes and first time: refused, or records that are
 * encoded and decoded the same again. */
#include "tracer/trace/codec.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>

static weft_encoder *encoder; /* kept: they are large */
static weft_decoder *decoder;
static struct weft_record records[WEFT_TRACE_CHUNK_SLOTS], back[WEFT_TRACE_CHUNK_SLOTS];

/* Ticks are nanoseconds, from 0. */
static void begin(struct weft_clockmap *clock)
{
    struct weft_clock_anchor start = { 0, 0, 0 };
    weft_clockmap_init(clock, WEFT_CLOCK_MONOTONIC, &start);
}

static void check_again(const struct weft_clockmap *clock, guint n, uint64_t first)
{
    struct weft_encoded e = weft_encode(encoder, records, n, records[0].time, first);
    guint m = weft_decode(decoder, e.payload, e.stored, e.raw, records[0].time, clock, back);
    if (m != n || memcmp(records, back, n * sizeof records[0]) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, data + size };
    gsize raw = (gsize)fuzz_take(&in, 3);
    uint64_t first = fuzz_take(&in, 4);
    struct weft_clockmap clock;
    begin(&clock);
    if (!decoder) {
        decoder = weft_decoder_new();
        encoder = weft_encoder_new();
    }
    guint n = weft_decode(decoder, in.at, (gsize)(in.end - in.at), raw, first, &clock, records);
    if (n > WEFT_TRACE_CHUNK_SLOTS)
        abort();
    gboolean sane = n > 0;
    for (guint i = 0; i < n; i++)
        sane = sane && records[i].time < UINT64_C(1) << 60;
    if (sane)
        check_again(&clock, n, 0);
    weft_clockmap_finish(&clock);
    return 0;
}

static void seed_of(fuzz_seed *seed, const char *name, guint n, guint tasks)
{
    for (guint i = 0; i < n; i++) {
        gboolean ext = i % 40 == 17;
        records[i] = (struct weft_record){ .time = 100 + i * 37,
                                           .kind = (uint8_t)(i % 3 ? WEFT_RECORD_RESUME
                                                                   : WEFT_RECORD_SUSPEND),
                                           .detail = (uint8_t)(i % 4),
                                           .flags = ext ? WEFT_RECORD_EXT : 0,
                                           .site = i % 9,
                                           .subject = weft_id(WEFT_ENTITY_TASK, 0, 1 + i % tasks),
                                           .object = i % 6 ? 0 : weft_id(WEFT_ENTITY_TIMER, 0, i) };
        if (ext && i + 1 < n)
            memset(&records[++i], 0x5a, sizeof records[0]);
    }
    weft_encoder *own = weft_encoder_new();
    struct weft_encoded e = weft_encode(own, records, n, 100, 7);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    guint8 head[7] = { (guint8)e.raw, (guint8)(e.raw >> 8), (guint8)(e.raw >> 16), 100, 0, 0, 0 };
    g_byte_array_append(bytes, head, sizeof head);
    g_byte_array_append(bytes, e.payload, e.stored);
    seed(name, bytes->data, bytes->len);
    weft_encoder_free(own);
}

void fuzz_seeds(fuzz_seed *seed)
{
    seed_of(seed, "one", 1, 1);
    seed_of(seed, "few", 20, 3);
    seed_of(seed, "many", 600, 50);
}
