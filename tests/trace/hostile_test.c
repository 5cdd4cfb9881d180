/* hostile_test.c: files that lie with right checksums: fields, payloads and index entries changed
 * at random, checksums made to fit. Opened, decoded, replayed: refused or read, never a crash, and
 * no absurd amount of memory. */
#include "tests/valgrind.h"
#include "tracer/trace/codec.h"
#include "tracer/trace/state.h"
#include "tracer/trace/writer.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

struct fixture {
    char *directory, *path;
    guint8 *bytes;
    gsize size;
    struct weft_record *records;
};

static void write_file(struct fixture *f)
{
    weft_filewriter *writer = weft_filewriter_new(f->path, NULL);
    struct weft_file_process process = {
        .clock_kind = WEFT_CLOCK_COUNTER, .start = { 100, 100, 100 }, .program = "p", .host = "h"
    };
    weft_filewriter_process(writer, &process, NULL);
    struct weft_clock_anchor later = { 1000000100, 500000100, 7 };
    weft_filewriter_anchor(writer, &later);
    weft_filewriter_string(writer, 1, "text", 4);
    weft_filewriter_site(writer, 1, 2, 1, 1);
    for (guint c = 0; c < 20; c++) {
        for (guint i = 0; i < 30; i++)
            f->records[i] = (struct weft_record){
                .time = 100 + c * 300 + i * 7,
                .kind = (uint8_t)g_test_rand_int_range(1, WEFT_RECORD_KIND_END),
                .subject = weft_id(WEFT_ENTITY_TASK, 0, (uint64_t)g_test_rand_int_range(1, 9)),
                .object = (uint64_t)g_test_rand_int_range(0, 9)
            };
        weft_filewriter_events(writer, 0, f->records, 30, 0, NULL);
        if (c % 7 == 3)
            weft_filewriter_loss(writer, 0, 5, 5, NULL);
    }
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
}

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->directory = g_dir_make_tmp("weft-hostile-XXXXXX", NULL);
    f->path = g_build_filename(f->directory, "hostile.weft", NULL);
    f->records = g_new0(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    write_file(f);
    g_assert_true(g_file_get_contents(f->path, (char **)&f->bytes, &f->size, NULL));
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_unlink(f->path);
    g_rmdir(f->directory);
    g_free(f->directory);
    g_free(f->path);
    g_free(f->bytes);
    g_free(f->records);
}

static void read_everything(struct fixture *f, const guint8 *bytes, gsize size)
{
    FILE *file = g_fopen(f->path, "wb");
    g_assert_true(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(f->path, &error);
    g_assert_true((trace == NULL) == (error != NULL));
    for (guint c = 0; trace && c < weft_trace_n_chunks(trace); c++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, c);
        guint from, n = weft_trace_decode(trace, c, f->records, NULL);
        g_assert_true(n == 0 || n == chunk->slots);
        g_autoptr(weft_state) state = weft_trace_state_before(trace, c, &from);
        g_assert_cmpuint(from, <=, c);
        if (chunk->lost_before)
            weft_state_apply_loss(state, chunk->ring, chunk->first_ns);
        weft_state_apply_chunk(state, chunk->ring, chunk->current_task, chunk->first_ns);
        for (guint i = 0; i < n; i++)
            weft_state_apply(state, chunk->ring, &f->records[i], NULL);
    }
    if (trace)
        weft_trace_lost_at_end(trace, 4095);
}

/* Visits a random chunk header of the file; returns its offset. */
static gsize any_chunk(const guint8 *bytes, gsize size, struct weft_chunk_header *header)
{
    gsize at = sizeof(struct weft_file_header), found = at;
    for (guint seen = 1; at + sizeof *header + sizeof(struct weft_trailer) <= size; seen++) {
        memcpy(header, bytes + at, sizeof *header);
        if (g_test_rand_int_range(0, (gint32)seen) == 0)
            found = at;
        at += sizeof *header + ((gsize)header->stored + 7) / 8 * 8;
    }
    memcpy(header, bytes + found, sizeof *header);
    return found;
}

static void seal(struct weft_chunk_header *header, guint8 *at)
{
    header->checksum = weft_checksum(header, sizeof *header - sizeof header->checksum);
    memcpy(at, header, sizeof *header);
}

/* Spoils the trailer now and then, so that both ways of finding the chunks are taken. */
static void spoil_trailer(guint8 *bytes, gsize size)
{
    if (g_test_rand_int_range(0, 2))
        memset(bytes + size - sizeof(struct weft_trailer), 0, 8);
}

static void test_headers(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    for (guint round = 0; round < (SLOW ? 60 : 500); round++) {
        g_autofree guint8 *bytes = g_memdup2(f->bytes, f->size);
        struct weft_chunk_header header;
        for (gint lies = g_test_rand_int_range(1, 4); lies > 0; lies--) {
            gsize at = any_chunk(f->bytes, f->size, &header);
            guint32 words[sizeof header / 4];
            memcpy(words, &header, sizeof header);
            guint32 value = (guint32)g_test_rand_int() >> g_test_rand_int_range(0, 32);
            words[g_test_rand_int_range(1, 14)] = value;
            memcpy(&header, words, sizeof header);
            seal(&header, bytes + at);
        }
        spoil_trailer(bytes, f->size);
        read_everything(f, bytes, f->size);
    }
}

/* Changes inside of payloads, packed again: tables, states, columns and the index. */
static void change_payload(guint8 *bytes, gsize at, struct weft_chunk_header *header)
{
    gsize prefix = header->kind == WEFT_CHUNK_EVENTS ? sizeof(struct weft_events_prefix) : 0;
    guint8 *payload = bytes + at + sizeof *header;
    g_autofree guint8 *raw = g_malloc0((gsize)header->raw + 1);
    gsize stored = header->stored - prefix;
    if (header->codec == WEFT_CODEC_ZSTD)
        ZSTD_decompress(raw, header->raw, payload + prefix, stored);
    else
        memcpy(raw, payload, header->raw);
    for (gint lies = g_test_rand_int_range(1, 5); lies > 0 && header->raw; lies--)
        raw[g_test_rand_int_range(0, (gint32)header->raw)] = (guint8)g_test_rand_int();
    gsize room = ZSTD_compressBound(header->raw);
    g_autofree guint8 *packed = g_malloc(room);
    gsize size = header->raw;
    if (header->codec == WEFT_CODEC_ZSTD)
        size = ZSTD_compress(packed, room, raw, header->raw, 1);
    else
        memcpy(packed, raw, size);
    if (size > stored) /* must fit where it was */
        return;
    memcpy(payload + prefix, packed, size);
    header->stored = (guint32)(prefix + size);
    header->payload_checksum = weft_checksum(payload, header->stored);
}

static void test_payloads(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    for (guint round = 0; round < (SLOW ? 60 : 500); round++) {
        g_autofree guint8 *bytes = g_memdup2(f->bytes, f->size);
        struct weft_chunk_header header;
        for (gint lies = g_test_rand_int_range(1, 4); lies > 0; lies--) {
            gsize at = any_chunk(f->bytes, f->size, &header);
            guint32 padded = (header.stored + 7) / 8 * 8;
            change_payload(bytes, at, &header);
            if ((header.stored + 7) / 8 * 8 == padded) /* else the next header would be missed */
                seal(&header, bytes + at);
        }
        spoil_trailer(bytes, f->size);
        read_everything(f, bytes, f->size);
    }
}

/* ---- Files made by hand ---- */

/* A file of one chunk, sealed, whatever it claims. */
static GByteArray *file_of(guint kind, guint codec, guint32 raw, guint32 n, const guint8 *payload,
                           guint32 stored)
{
    static const guint8 zeros[8];
    GByteArray *out = g_byte_array_new();
    struct weft_file_header file = { .magic = WEFT_FILE_MAGIC,
                                     .major = WEFT_FILE_MAJOR,
                                     .minor = WEFT_FILE_MINOR +
                                              1, /* newer: what is known is read */
                                     .size = sizeof file };
    file.checksum = weft_checksum(&file, sizeof file - sizeof file.checksum);
    g_byte_array_append(out, (const guint8 *)&file, sizeof file);
    struct weft_chunk_header header = { .magic = WEFT_CHUNK_MAGIC,
                                        .kind = (guint16)kind,
                                        .codec = (guint16)codec,
                                        .raw = raw,
                                        .stored = stored,
                                        .n = n,
                                        .seq = 1,
                                        .payload_checksum = weft_checksum(payload, stored) };
    header.checksum = weft_checksum(&header, sizeof header - sizeof header.checksum);
    g_byte_array_append(out, (const guint8 *)&header, sizeof header);
    g_byte_array_append(out, payload, stored);
    g_byte_array_append(out, zeros, (0 - stored) & 7);
    return out;
}

static void read_file_of(struct fixture *f, guint kind, guint codec, guint32 raw, guint32 n,
                         const guint8 *payload, guint32 stored)
{
    g_autoptr(GByteArray) bytes = file_of(kind, codec, raw, n, payload, stored);
    read_everything(f, bytes->data, bytes->len);
}

/* A kilobyte that unpacks to much: refused by what it claims, or by what it is. */
static void test_bombs(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    const gsize SIZE = SLOW ? 4 << 20 : 64 << 20;
    g_autofree guint8 *zeros = g_malloc0(SIZE);
    gsize room = ZSTD_compressBound(SIZE);
    g_autofree guint8 *bomb = g_malloc0(room + 16);
    guint32 size = (guint32)ZSTD_compress(bomb + 16, room, zeros, SIZE, 1);
    g_assert_cmpuint(size, <, 1 << 14);
    struct weft_events_prefix prefix = { .slots = WEFT_TRACE_CHUNK_SLOTS };
    const guint32 claims[] = { 0, 100, SIZE - 1, SIZE, G_MAXUINT32 };
    for (guint i = 0; i < G_N_ELEMENTS(claims); i++) {
        for (guint kind = WEFT_CHUNK_STRINGS; kind <= WEFT_CHUNK_PROCESS; kind++)
            read_file_of(f, kind, WEFT_CODEC_ZSTD, claims[i], G_MAXUINT32, bomb + 16, size);
        memcpy(bomb, &prefix, sizeof prefix);
        read_file_of(f, WEFT_CHUNK_EVENTS, WEFT_CODEC_ZSTD, claims[i], WEFT_TRACE_CHUNK_SLOTS, bomb,
                     size + 16);
    }
}

/* Tables whose counts, sizes and ids are as large as can be. */
static void test_absurd_tables(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    for (guint round = 0; round < (SLOW ? 60 : 400); round++) {
        guint8 payload[40];
        for (guint i = 0; i < sizeof payload; i++)
            payload[i] = (guint8)(g_test_rand_int_range(0, 3) ? 0xff : g_test_rand_int_range(0, 4));
        guint kind = (guint)g_test_rand_int_range(WEFT_CHUNK_STRINGS, WEFT_CHUNK_PROCESS + 5);
        guint32 n = (guint32)g_test_rand_int() >> g_test_rand_int_range(0, 32);
        read_file_of(f, kind, WEFT_CODEC_NONE, sizeof payload, n, payload, sizeof payload);
    }
}

/* Names of 64 KiB, of newlines, of NULs, of no UTF-8; ids at the ends of 32 bits. */
static void test_names(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autofree char *name = g_malloc(65536);
    static const char nasty[] = "a\nb\0c\xff\xc3(\xed\xa0\x80";
    memset(name, 'x', 65536);
    weft_filewriter *writer = weft_filewriter_new(f->path, NULL);
    weft_filewriter_string(writer, G_MAXUINT32, name, 65536);
    weft_filewriter_string(writer, G_MAXUINT32 - 1, nasty, sizeof nasty - 1);
    weft_filewriter_string(writer, 7, "first", 5);
    weft_filewriter_string(writer, 7, "second", 6);
    weft_filewriter_site(writer, G_MAXUINT32, G_MAXUINT32, G_MAXUINT32, 12345);
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
    g_autoptr(weft_trace) trace = weft_trace_open(f->path, NULL);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    g_assert_cmpuint(strlen(weft_trace_string(trace, G_MAXUINT32)), ==, 65536);
    const char *shown = weft_trace_string(trace, G_MAXUINT32 - 1);
    g_assert_true(g_utf8_validate(shown, -1, NULL));
    g_assert_cmpint(g_utf8_strlen(shown, -1), ==, sizeof nasty - 1);
    g_assert_true(g_str_has_prefix(shown, "a\nb"));
    g_assert_cmpstr(weft_trace_string(trace, 7), ==, "first");
    const struct weft_trace_site *site = weft_trace_site(trace, G_MAXUINT32);
    g_assert_cmpuint(site->line, ==, G_MAXUINT32);
    g_assert_cmpuint(strlen(site->file), ==, 65536);
    g_assert_cmpstr(site->func, ==, "");
}

/* A large file, cut at and beside every boundary of its chunks: all before is read. */
static void test_boundaries(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    guint events = 0;
    gsize at = sizeof(struct weft_file_header);
    while (at + sizeof(struct weft_chunk_header) + sizeof(struct weft_trailer) <= f->size) {
        struct weft_chunk_header header;
        memcpy(&header, f->bytes + at, sizeof header);
        for (gsize cut = at - 1; cut <= at + 1; cut++) {
            FILE *file = g_fopen(f->path, "wb");
            g_assert_cmpuint(fwrite(f->bytes, 1, cut, file), ==, cut);
            fclose(file);
            g_autoptr(weft_trace) trace = weft_trace_open(f->path, NULL);
            if (!trace)
                continue; /* within the file's header */
            g_assert_nonnull(weft_trace_damage(trace));
            g_assert_cmpuint(weft_trace_n_chunks(trace), >=, events - (cut < at && events));
            g_assert_cmpuint(weft_trace_n_chunks(trace), <=, events);
        }
        events += header.kind == WEFT_CHUNK_EVENTS;
        at += sizeof header + ((gsize)header.stored + 7) / 8 * 8;
    }
    g_assert_cmpuint(events, ==, 20);
}

/* Somebody cuts the file while it is open: its chunks are damaged, nobody dies. */
static void test_cut_while_open(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(weft_trace) trace = weft_trace_open(f->path, NULL);
    guint chunks = weft_trace_n_chunks(trace);
    g_assert_cmpuint(weft_trace_decode(trace, chunks - 1, f->records, NULL), ==, 30);
    g_assert_cmpint(truncate(f->path, 1500), ==, 0);
    g_assert_cmpuint(weft_trace_decode(trace, 0, f->records, NULL), ==, 30);
    g_autoptr(GError) error = NULL;
    g_assert_cmpuint(weft_trace_decode(trace, chunks - 1, f->records, &error), ==, 0);
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_CORRUPT);
    guint from = 9;
    weft_state_free(weft_trace_state_before(trace, chunks, &from));
    g_assert_cmpuint(from, ==, 0); /* the stored one is gone: from the beginning */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/hostile/headers", struct fixture, NULL, set_up, test_headers, tear_down);
    g_test_add("/hostile/payloads", struct fixture, NULL, set_up, test_payloads, tear_down);
    g_test_add("/hostile/bombs", struct fixture, NULL, set_up, test_bombs, tear_down);
    g_test_add("/hostile/absurd-tables", struct fixture, NULL, set_up, test_absurd_tables,
               tear_down);
    g_test_add("/hostile/names", struct fixture, NULL, set_up, test_names, tear_down);
    g_test_add("/hostile/boundaries", struct fixture, NULL, set_up, test_boundaries, tear_down);
    g_test_add("/hostile/cut-while-open", struct fixture, NULL, set_up, test_cut_while_open,
               tear_down);
    return g_test_run();
}
