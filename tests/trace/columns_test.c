/* columns_test.c: columns that were never made by the encoder: random bytes, random shapes and
 * counts inside a right zstd frame. The decoder refuses them or gives records; it never reads
 * outside (the sanitizers watch). */
#include "tracer/trace/codec.h"
#include "tracer/trace/columns.h"
#include <string.h>
#include <zstd.h>

static guint8 *frame(const guint8 *raw, gsize size, guint32 slots, gsize *stored)
{
    struct weft_events_prefix prefix = { .slots = slots };
    guint8 *payload = g_malloc(sizeof prefix + ZSTD_compressBound(size));
    memcpy(payload, &prefix, sizeof prefix);
    *stored = sizeof prefix +
              ZSTD_compress(payload + sizeof prefix, ZSTD_compressBound(size), raw, size, 1);
    return payload;
}

static void try_decoding(weft_decoder *decoder, const guint8 *raw, gsize size, guint32 slots)
{
    struct weft_clockmap clock;
    weft_clockmap_init_identity(&clock, 0);
    struct weft_record *records = g_new0(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    gsize stored;
    g_autofree guint8 *payload = frame(raw, size, slots, &stored);
    guint n = weft_decode(decoder, payload, stored, size, 0, &clock, records);
    g_assert_true(n == 0 || n == slots);
    g_free(records);
    weft_clockmap_finish(&clock);
}

static guint8 any_byte(void)
{
    return (guint8)g_test_rand_int_range(0, 256);
}

static void test_noise(void)
{
    weft_decoder *decoder = weft_decoder_new();
    guint8 raw[400];
    for (guint round = 0; round < 3000; round++) {
        gsize size = (gsize)g_test_rand_int_range(0, sizeof raw);
        for (gsize i = 0; i < size; i++)
            raw[i] = i < 24 && i % 4 ? 0 : any_byte();
        try_decoding(decoder, raw, size, (guint32)g_test_rand_int_range(0, 40));
    }
    weft_decoder_free(decoder);
}

/* Sane shapes with wild sources, and columns of exactly the right size: these are decoded. */
static void test_wild_shapes(void)
{
    weft_decoder *decoder = weft_decoder_new();
    enum { EVENTS = 200, SHAPES = 9 };
    for (guint round = 0; round < 500; round++) {
        struct weft_shape shapes[SHAPES];
        guint8 numbers[EVENTS];
        struct weft_columns head = { .shapes = SHAPES };
        for (guint i = 0; i < SHAPES; i++)
            shapes[i] = (struct weft_shape){
                .kind = any_byte(),
                .flags = (guint16)(any_byte() % 8 ? 0 : WEFT_RECORD_EXT),
                .subject_from = any_byte() % WEFT_FROM_END,
                .object_from = any_byte() % WEFT_FROM_END,
                .time = any_byte() % 9,
                .subject = any_byte() % 9,
                .object = any_byte() % 9,
                .count = any_byte() % 5,
                .does = any_byte() % WEFT_SHAPE_DOES,
                .skip = any_byte() % (WEFT_SKIP_MAX + 1),
            };
        for (guint i = 0; i < EVENTS; i++) {
            const struct weft_shape *shape = &shapes[numbers[i] = any_byte() % SHAPES];
            head.times += shape->time;
            head.subjects += shape->subject;
            head.objects += shape->object;
            head.counts += shape->count;
            head.exts += shape->flags & WEFT_RECORD_EXT;
        }
        g_autoptr(GByteArray) raw = g_byte_array_new();
        g_byte_array_append(raw, (guint8 *)&head, sizeof head);
        g_byte_array_append(raw, (guint8 *)shapes, sizeof shapes);
        g_byte_array_append(raw, numbers, sizeof numbers);
        guint rest = head.times + head.subjects + head.objects + head.counts +
                     head.exts * WEFT_SLOT_SIZE;
        for (guint i = 0; i < rest; i++) {
            guint8 byte = any_byte();
            g_byte_array_append(raw, &byte, 1);
        }
        try_decoding(decoder, raw->data, raw->len, EVENTS + head.exts);
    }
    weft_decoder_free(decoder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/columns/noise", test_noise);
    g_test_add_func("/columns/wild-shapes", test_wild_shapes);
    return g_test_run();
}
