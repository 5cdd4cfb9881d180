/* codec_test.c: records to columns and back, for any records; and columns that lie. */
#include "tracer/trace/codec.h"
#include <string.h>

struct fixture {
    weft_encoder *encoder;
    weft_decoder *decoder;
    struct weft_clockmap clock;
    struct weft_record *in, *out;
};

static struct fixture *set_up(void)
{
    struct fixture *f = g_new0(struct fixture, 1);
    f->encoder = weft_encoder_new();
    f->decoder = weft_decoder_new();
    weft_clockmap_init_identity(&f->clock, 0);
    f->in = g_new0(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    f->out = g_new0(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    return f;
}

static void tear_down(struct fixture *f)
{
    weft_encoder_free(f->encoder);
    weft_decoder_free(f->decoder);
    weft_clockmap_finish(&f->clock);
    g_free(f->in);
    g_free(f->out);
    g_free(f);
}

static uint64_t any_number(void)
{
    uint64_t value = (uint64_t)(guint32)g_test_rand_int() << 32 | (guint32)g_test_rand_int();
    return value >> g_test_rand_int_range(0, 64);
}

static uint64_t any_id(void)
{
    return weft_id((enum weft_entity)g_test_rand_int_range(0, WEFT_ENTITY_END),
                   (uint32_t)g_test_rand_int_range(0, 2), (uint64_t)g_test_rand_int_range(1, 50));
}

/* Anything that a record can hold; times go up. */
static void fill(struct weft_record *records, guint n, guint variety)
{
    uint64_t time = any_number() >> 8;
    for (guint i = 0; i < n; i++) {
        time += any_number() >> g_test_rand_int_range(20, 64);
        gboolean wild = (guint)g_test_rand_int_range(0, 100) < variety;
        gboolean ext = i + 1 < n && g_test_rand_int_range(0, 20) == 0;
        records[i] = (struct weft_record){
            .time = time,
            .kind = (uint8_t)(wild ? g_test_rand_int_range(0, 256)
                                   : g_test_rand_int_range(1, WEFT_RECORD_KIND_END)),
            .detail = (uint8_t)g_test_rand_int_range(0, wild ? 256 : 3),
            .flags = (uint16_t)((wild ? (guint)g_test_rand_int() & 0xfffe : 0) | ext),
            .site = (uint32_t)(wild ? any_number() : (uint64_t)g_test_rand_int_range(0, 5)),
            .subject = wild ? any_number() : any_id(),
            .object = wild ? any_number() : any_id(),
        };
        if (!ext)
            continue;
        uint64_t words[4] = { any_number(), any_number(), any_number(), any_number() };
        memcpy(&records[++i], words, sizeof words);
    }
}

static void round_trip(struct fixture *f, guint n)
{
    struct weft_encoded encoded = weft_encode(f->encoder, f->in, n, f->in[0].time, 0);
    guint slots = weft_decode(f->decoder, encoded.payload, encoded.stored, encoded.raw,
                              f->in[0].time, &f->clock, f->out);
    g_assert_cmpuint(slots, ==, n);
    g_assert_cmpmem(f->out, n * sizeof *f->out, f->in, n * sizeof *f->in);
}

static void test_any_records(void)
{
    struct fixture *f = set_up();
    for (guint i = 0; i < 60; i++) {
        guint n = i % 3 ? (guint)g_test_rand_int_range(1, 300) : WEFT_TRACE_CHUNK_SLOTS;
        fill(f->in, n, i % 4 * 30);
        round_trip(f, n);
    }
    tear_down(f);
}

static void test_one(void)
{
    struct fixture *f = set_up();
    f->in[0] = (struct weft_record){ .time = 9, .kind = WEFT_RECORD_MARK, .subject = 1 };
    round_trip(f, 1);
    f->in[0] = (struct weft_record){ .time = 9, .object = UINT64_MAX, .subject = UINT64_MAX };
    round_trip(f, 1);
    tear_down(f);
}

static void test_times_go_back(void)
{
    struct fixture *f = set_up();
    const uint64_t times[] = { 100, 90, 95, 120 }, held[] = { 105, 105, 105, 120 };
    for (guint i = 0; i < G_N_ELEMENTS(times); i++)
        f->in[i] = (struct weft_record){ .time = times[i], .kind = WEFT_RECORD_MARK };
    struct weft_encoded encoded = weft_encode(f->encoder, f->in, 4, 105, 0);
    g_assert_cmpuint(encoded.last_time, ==, 120);
    g_assert_cmpuint(weft_decode(f->decoder, encoded.payload, encoded.stored, encoded.raw, 105,
                                 &f->clock, f->out),
                     ==, 4);
    for (guint i = 0; i < G_N_ELEMENTS(held); i++)
        g_assert_cmpuint(f->out[i].time, ==, held[i]);
    tear_down(f);
}

/* An EXT flag on the last slot promises what is not there. */
static void test_missing_ext(void)
{
    struct fixture *f = set_up();
    f->in[0] = (struct weft_record){ .kind = WEFT_RECORD_TASK_DONE, .flags = WEFT_RECORD_EXT | 4 };
    struct weft_encoded encoded = weft_encode(f->encoder, f->in, 1, 0, 0);
    g_assert_cmpuint(
        weft_decode(f->decoder, encoded.payload, encoded.stored, encoded.raw, 0, &f->clock, f->out),
        ==, 1);
    g_assert_cmpuint(f->out[0].flags, ==, 4);
    tear_down(f);
}

/* A switch costs little more than its time: the ids are predicted. */
static void test_switches_are_small(void)
{
    struct fixture *f = set_up();
    uint64_t time = 1000;
    for (guint i = 0; i < WEFT_TRACE_CHUNK_SLOTS; i += 2) {
        uint64_t task = weft_id(WEFT_ENTITY_TASK, 0, 1 + i / 2 % 5);
        f->in[i] = (struct weft_record){ .time = time,
                                         .kind = WEFT_RECORD_RESUME,
                                         .subject = task };
        time += 40 + (guint64)g_test_rand_int_range(0, 60);
        f->in[i + 1] = (struct weft_record){ .time = time,
                                             .kind = WEFT_RECORD_SUSPEND,
                                             .detail = WEFT_AWAIT_YIELD,
                                             .site = 3,
                                             .subject = task };
    }
    struct weft_encoded encoded = weft_encode(f->encoder, f->in, WEFT_TRACE_CHUNK_SLOTS, 1000, 0);
    g_assert_cmpuint(encoded.stored, <, WEFT_TRACE_CHUNK_SLOTS);
    round_trip(f, WEFT_TRACE_CHUNK_SLOTS);
    tear_down(f);
}

/* Bytes that lie: refused, or other records; never a crash. `raw` is stored uncompressed inside a
 * zstd frame, so that changes reach the columns. */
static void test_lies(void)
{
    struct fixture *f = set_up();
    fill(f->in, 120, 20);
    struct weft_encoded encoded = weft_encode(f->encoder, f->in, 120, f->in[0].time, 0);
    g_autofree guint8 *payload = g_memdup2(encoded.payload, encoded.stored);
    for (guint i = 0; i < encoded.stored; i++) {
        g_autofree guint8 *changed = g_memdup2(payload, encoded.stored);
        changed[i] ^= (guint8)(1 << g_test_rand_int_range(0, 8));
        guint n = weft_decode(f->decoder, changed, encoded.stored, encoded.raw, 0, &f->clock,
                              f->out);
        g_assert_cmpuint(n, <=, WEFT_TRACE_CHUNK_SLOTS);
        g_assert_cmpuint(weft_decode(f->decoder, payload, i, encoded.raw, 0, &f->clock, f->out), ==,
                         0);
    }
    g_assert_cmpuint(
        weft_decode(f->decoder, payload, encoded.stored, G_MAXUINT32, 0, &f->clock, f->out), ==, 0);
    g_assert_cmpuint(
        weft_decode(f->decoder, payload, encoded.stored, encoded.raw + 1, 0, &f->clock, f->out), ==,
        0);
    tear_down(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/codec/any-records", test_any_records);
    g_test_add_func("/codec/one", test_one);
    g_test_add_func("/codec/times-go-back", test_times_go_back);
    g_test_add_func("/codec/missing-ext", test_missing_ext);
    g_test_add_func("/codec/switches-are-small", test_switches_are_small);
    g_test_add_func("/codec/lies", test_lies);
    return g_test_run();
}
