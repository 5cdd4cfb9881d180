/* write_random.c: write_random FILE SEED: a trace of everything that a file may hold, for reader.py
 * to read: all kinds of events and some that are not known, EXTs, losses, gaps, several rings, two
 * processes, texts that are no UTF-8, a clock that drifts; begun amid the run every second time. */
#include "tracer/trace/state.h"
#include "tracer/trace/writer.h"
#include <stdlib.h>
#include <string.h>

enum { RINGS = 4, CHUNKS = 40, STRINGS = 30, SITES = 20 };

static GRand *source;
static struct weft_record records[WEFT_TRACE_CHUNK_SLOTS];
static uint64_t ticks = 7777777;

static guint below(guint n)
{
    return (guint)g_rand_int_range(source, 0, (gint32)n);
}

static uint64_t any_number(void)
{
    uint64_t bits = (uint64_t)g_rand_int(source) << 32 | g_rand_int(source);
    return bits >> below(64);
}

static uint64_t any_id(guint ring)
{
    return weft_id((enum weft_entity)(1 + below(WEFT_ENTITY_END + 1)), ring, 1 + below(40));
}

static uint64_t any_object(guint kind, guint ring)
{
    const struct weft_event_info *info = weft_event_info(kind);
    switch (info ? info->object : WEFT_FIELD_VALUE) {
    case WEFT_FIELD_ENTITY:
        return below(4) ? any_id(ring) : 0;
    case WEFT_FIELD_STRING:
        return below(STRINGS + 3);
    case WEFT_FIELD_SITE:
        return below(SITES);
    case WEFT_FIELD_DEADLINE:
    case WEFT_FIELD_NS:
        return below(9) ? any_number() >> 2 : INT64_MAX;
    default:
        return any_number();
    }
}

static void any_ext(guint kind, struct weft_record *slot)
{
    const struct weft_event_info *info = weft_event_info(kind);
    struct weft_ext_text text = { .text = below(STRINGS) };
    struct weft_ext_error failure = { .code = -(gint32)below(200),
                                      .name = below(STRINGS),
                                      .message = below(STRINGS),
                                      .site = below(SITES),
                                      .cause = -(gint32)below(3),
                                      .cause_message = below(STRINGS) };
    struct weft_ext_op op = { .handle = below(2) ? any_id(0) : 0,
                              .fd = (gint32)below(9) - 1,
                              .size = any_number() >> 1,
                              .offset = any_number() >> 1 };
    struct weft_ext_task task = { .parent = any_id(0),
                                  .group = below(2) ? any_id(0) : 0,
                                  .name = below(STRINGS),
                                  .made = below(SITES),
                                  .why = (guint8)below(20),
                                  .cancels = (guint8)below(3),
                                  .delivered = (guint8)below(2) };
    struct weft_ext_object object = { .value = (gint64)any_number(),
                                      .capacity = any_number(),
                                      .deadline_mono_ns = any_number() >> 2,
                                      .name = below(STRINGS),
                                      .units = below(3) };
    if (info && info->ext == WEFT_EXT_TASK)
        memcpy(slot, &task, sizeof task);
    else if (info && info->ext == WEFT_EXT_OBJECT)
        memcpy(slot, &object, sizeof object);
    else if (info && info->ext == WEFT_EXT_TEXT)
        memcpy(slot, &text, sizeof text);
    else if (info && info->ext == WEFT_EXT_ERROR)
        memcpy(slot, &failure, sizeof failure);
    else
        memcpy(slot, &op, sizeof op);
}

static guint fill(guint ring)
{
    guint n = below(5) ? 1 + below(300) : 1 + below(4000);
    for (guint i = 0; i < n; i++) {
        guint kind = 1 + below(below(9) ? WEFT_RECORD_KIND_END - 1 : WEFT_RECORD_KIND_END + 5);
        gboolean ext = i + 1 < n && below(6) == 0;
        ticks += below(3) ? below(4000) : 0;
        records[i] = (struct weft_record){ .time = ticks,
                                           .kind = (uint8_t)kind,
                                           .detail = (uint8_t)(below(9) ? below(5) : below(256)),
                                           .flags = ext ? WEFT_RECORD_EXT : 0,
                                           .site = below(9) ? below(SITES) : g_rand_int(source),
                                           .subject = any_id(ring),
                                           .object = any_object(kind, ring) };
        if (ext)
            any_ext(kind, &records[++i]);
    }
    return n;
}

/* Near to what 2.1 ticks a nanosecond make, drifting, with a jump. */
static struct weft_clock_anchor anchor_at(uint64_t at)
{
    uint64_t jump = at > UINT64_C(3000000000) ? 70000000 : 0;
    uint64_t ns = (uint64_t)((double)at / 2.1) + at / 100000 % 50 + jump;
    return (struct weft_clock_anchor){ at, 3000000 + ns, 1000000000 + ns };
}

static void define(weft_filewriter *writer)
{
    for (guint id = 1; id < STRINGS; id++) {
        char bytes[20];
        guint n = below(sizeof bytes);
        for (guint i = 0; i < n; i++)
            bytes[i] = (char)(below(4) ? 'a' + below(26) : below(256));
        weft_filewriter_string(writer, id, bytes, n);
    }
    for (guint id = 1; id < SITES; id++)
        weft_filewriter_site(writer, id, below(500), below(STRINGS), below(STRINGS));
}

static void begin_amid(weft_filewriter *writer)
{
    g_autoptr(weft_state) state = weft_state_new();
    for (guint ring = 0; ring < RINGS; ring++) {
        guint n = fill(ring);
        for (guint i = 0; i < n; i++) {
            gboolean ext = records[i].flags & WEFT_RECORD_EXT;
            weft_state_apply(state, ring, &records[i], ext ? &records[i + 1] : NULL);
            i += ext;
        }
        weft_filewriter_begin_ring(writer, ring, 1 + below(100000));
    }
    weft_filewriter_state(writer, state, NULL);
}

static void process(weft_filewriter *writer, guint first_ring, uint64_t until, gboolean ended)
{
    struct weft_file_process process = { .first_ring = first_ring,
                                         .pid = 100 + first_ring,
                                         .clock_kind = WEFT_CLOCK_COUNTER,
                                         .start = anchor_at(5000000 + first_ring * 1000),
                                         .until = until,
                                         .program = "random --fast",
                                         .executable = "/bin/random",
                                         .host = "loom",
                                         .ended = ended };
    weft_filewriter_process(writer, &process, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    guint seed = (guint)atoi(argv[2]);
    source = g_rand_new_with_seed(seed);
    weft_filewriter *writer = weft_filewriter_new(argv[1], NULL);
    if (!writer)
        return 4;
    process(writer, 0, 0, FALSE);
    process(writer, 2, 0, FALSE);
    define(writer);
    if (seed % 2)
        begin_amid(writer);
    for (guint c = 0; c < CHUNKS; c++) {
        guint ring = below(RINGS);
        struct weft_clock_anchor anchor = anchor_at(ticks);
        weft_filewriter_anchor(writer, &anchor);
        ticks += below(2) ? below(400000000) : 0;
        if (below(5) == 0)
            weft_filewriter_loss(writer, ring, below(3) ? below(1000) : 0, below(50), NULL);
        weft_filewriter_events(writer, ring, records, fill(ring), 0, NULL);
    }
    weft_filewriter_loss(writer, 1, 17, 4, NULL);
    process(writer, 0, below(2) ? ticks + below(1000000000) : 0, TRUE);
    process(writer, 2, below(2) ? ticks - below(1000) : 0, below(2) == 1);
    gboolean done = weft_filewriter_finish(writer, NULL);
    weft_filewriter_free(writer);
    g_rand_free(source);
    return done ? 0 : 4;
}
