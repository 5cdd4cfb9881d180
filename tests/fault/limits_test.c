/* limits_test.c: the numbers of 32 bits at their ends, and the counts of 64 bits on the way past
 * 32: what comes when all are given is refused, or unknown, and counted; nothing is taken for
 * something else. The sources whose counters are set here are built in. (Numbers of a merged file:
 * tests/trace/relocate_test.c.) */
#include "tests/trace/slots.h"
#include "tracer/probe/holders.c"
#include "tracer/probe/site.c"
#include "tracer/trace/chunkfile.c"
#include "tracer/trace/ringreader.h"
#include "tracer/trace/tablereader.h"
#include "tracer/trace/varint.h"
#include "tracer/trace/writer.h"
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAST UINT64_C(0x100000000) /* what 32 bits do not hold */

/* ---- Definitions ---- */

static void test_sites(void)
{
    weft_site a = { .line = 1 }, b = { .line = 2 }, c = { .line = 3 };
    last_id = UINT32_MAX - 2;
    g_assert_cmpuint(weft_site_register(&a), ==, UINT32_MAX - 1);
    g_assert_cmpuint(weft_site_register(&b), ==, UINT32_MAX);
    for (guint i = 0; i < 3; i++)
        g_assert_cmpuint(weft_site_register(&c), ==, 0);
    g_assert_cmpuint(weft_site_register(&a), ==, UINT32_MAX - 1);
    g_assert_cmpuint(weft_site_register(&b), ==, UINT32_MAX);
    sites = NULL;
    last_id = 0;
}

/* A heap larger than ids reach: what does not fit under them is refused as if it were full. */
static void test_strings(void)
{
    const gsize size = (gsize)17 << 30;
    struct weft_heap *heap = mmap(NULL, size, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (heap == MAP_FAILED) {
        g_test_skip("no 17 GiB of address space are to be had here");
        return;
    }
    heap->size = size;
    heap->used = (guint64)WEFT_STRING_LAST * 8;
    uint32_t id = weft_heap_add(heap, WEFT_HEAP_STRING, "last", 4);
    g_assert_cmpuint(id, ==, WEFT_STRING_LAST);
    g_assert_cmpuint(weft_heap_add(heap, WEFT_HEAP_STRING, "more", 4), ==, WEFT_STRING_FULL);
    g_assert_cmpuint(heap->refused, ==, 1);
    const struct weft_heap_entry *entry = (const void *)((const char *)heap + (gsize)id * 8);
    g_assert_cmpmem(entry + 1, entry->size, "last", 4);
    munmap(heap, size);
}

/* ---- Live tables ---- */

static struct weft_name_slot *name_slot(struct weft_table_block *block, guint i)
{
    return (void *)((char *)block + i * WEFT_TABLE_SLOT);
}

static void take_string(void *data, guint32 id, const char *text, gsize size)
{
    (void)size;
    g_hash_table_insert(data, GUINT_TO_POINTER(id), g_strdup(text));
}

/* Tasks named in slots, when a reader has one number left for such names. */
static void test_names(void)
{
    enum { TASKS = 3 };
    struct weft_table_block *blocks[2];
    for (guint i = 0; i < 2; i++)
        blocks[i] = aligned_alloc(WEFT_TABLE_SLOT, WEFT_TABLE_BLOCK);
    memset(blocks[0], 0, WEFT_TABLE_BLOCK);
    memset(blocks[1], 0, WEFT_TABLE_BLOCK);
    blocks[0]->kind = WEFT_TABLE_TASKS;
    blocks[1]->kind = WEFT_TABLE_NAMES;
    blocks[0]->used = blocks[1]->used = TASKS;
    for (guint i = 1; i <= TASKS; i++) {
        struct weft_task_slot *task = (void *)((char *)blocks[0] + i * WEFT_TABLE_SLOT);
        task->id = name_slot(blocks[1], i)->id = weft_id(WEFT_ENTITY_TASK, 0, i);
        task->name_made = weft_halves(WEFT_NAME_SLOT | 1u << 10 | i, 0);
        name_slot(blocks[1], i)->text[0] = 'a' + i;
    }
    struct weft_tables tables = { g_ptr_array_new(), g_ptr_array_new() };
    g_ptr_array_add(tables.blocks, blocks[0]);
    g_ptr_array_add(tables.blocks, blocks[1]);
    g_autoptr(GHashTable) said = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    struct weft_heap_definitions to = { take_string, NULL, said };
    struct weft_tablenames names;
    weft_tablenames_init(&names, &to);
    names.next = WEFT_STRING_FULL - 1;
    struct weft_tableread read = weft_tables_read(&tables, &names);
    g_assert_cmpuint(g_hash_table_size(said), ==, 1);
    guint named = 0;
    for (guint i = 1; i <= TASKS; i++) {
        const struct weft_task_at *task = weft_state_task(read.state,
                                                          weft_id(WEFT_ENTITY_TASK, 0, i));
        const char text[] = { (char)('a' + i), 0 };
        g_assert_true(task->name == WEFT_STRING_FULL || task->name == WEFT_STRING_FULL - 1);
        if (task->name == WEFT_STRING_FULL)
            continue;
        named++;
        g_assert_cmpstr(g_hash_table_lookup(said, GUINT_TO_POINTER(task->name)), ==, text);
    }
    g_assert_cmpuint(named, ==, 1);
    weft_tableread_clear(&read);
    weft_tablenames_finish(&names);
    g_ptr_array_unref(tables.blocks);
    g_ptr_array_unref(tables.rings);
    free(blocks[0]);
    free(blocks[1]);
}

/* A task that holds so many units of a semaphore that 32 bits do not count them. */
static void test_units(void)
{
    const uint64_t id = weft_id(WEFT_ENTITY_SEMAPHORE, 0, 1),
                   task = weft_id(WEFT_ENTITY_TASK, 0, 1);
    struct weft_slots slots = { 0 };
    struct weft_object_slot semaphore = { .capacity = 2 * PAST };
    semaphore.owner = weft_holders_acquire(&slots, &semaphore, id, task);
    struct holders *list = list_of(entry_of(&slots, id));
    list->units = list->at[0].units = PAST - 1;
    g_assert_cmphex(weft_holders_acquire(&slots, &semaphore, id, task), ==, task);
    g_assert_cmphex(weft_holders_release(&slots, &semaphore, id, task), ==, task);
    g_assert_cmphex(weft_holders_release(&slots, &semaphore, id, task), ==, task);
    g_assert_cmpuint(list->at[0].units, ==, PAST - 2);
    weft_holders_free(&slots, id);
    free(slots.index);
}

/* ---- Rings ---- */

/* Everything that a ring counts is about to pass 32 bits, the number of its owners too. */
static void test_ring(void)
{
    enum { CHUNKS = 2, EVENTS = 3 * WEFT_CHUNK_SLOTS + 7 };
    struct weft_segment *segment = aligned_alloc(WEFT_PAGE, WEFT_PAGE);
    struct weft_ring *ring = aligned_alloc(WEFT_PAGE, WEFT_PAGE);
    char *area = aligned_alloc(WEFT_PAGE, CHUNKS * WEFT_CHUNK_SIZE);
    memset(segment, 0, WEFT_PAGE);
    memset(ring, 0, WEFT_PAGE);
    memset(area, 0, CHUNKS * WEFT_CHUNK_SIZE);
    segment->mode = WEFT_MODE_FLIGHT;
    weft_ring_format(ring, 3, WEFT_RING_LOOP, weft_id(WEFT_ENTITY_LOOP, 3, 1));
    struct weft_writer w = { .index = 3 };
    weft_writer_init(&w, segment, ring);
    w.k = PAST - 2;
    ring->current = w.k;
    w.ordinal = PAST - 5;
    w.tid = 77;
    w.generation = PAST + 9;
    ring->dropped = PAST - 1;
    ring->nested = 2 * PAST;
    weft_writer_set_area(&w, area, CHUNKS, WEFT_PAGE);
    for (uint64_t i = 0; i < EVENTS; i++)
        weft_ring_emit(&w, i, WEFT_RECORD_COUNTER, 0, 0, 1, i, NULL);
    ring->dropped += 3;
    g_assert_cmphex(w.chunk->owner, ==, UINT64_C(77) << 32 | 9);
    struct weft_ringreader reader;
    struct weft_ring_read read;
    struct weft_record *records = g_new(struct weft_record, WEFT_CHUNK_SLOTS);
    uint64_t slots = 0, lost = 0, latest = 0;
    g_assert_true(weft_ringreader_init(&reader, ring, 3, NULL));
    weft_ringreader_set_area(&reader, area, CHUNKS);
    while (weft_ringreader_read(&reader, records, &read)) {
        slots += read.slots;
        lost += read.unread + read.dropped;
        latest = records[read.slots - 1].object;
    }
    lost += weft_ringreader_dropped_at_end(&reader);
    g_assert_false(reader.corrupt);
    g_assert_cmpuint(latest, ==, EVENTS - 1);
    g_assert_cmpuint(slots, >, WEFT_CHUNK_SLOTS);
    g_assert_cmpuint(slots + lost, ==, (PAST - 5) + EVENTS + (PAST - 1) + 2 * PAST + 3);
    g_free(records);
    free(segment);
    free(ring);
    free(area);
}

/* ---- Files ---- */

struct fixture {
    char *directory, *path;
    weft_filewriter *writer;
};

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->directory = g_dir_make_tmp("weft-limits-XXXXXX", NULL);
    f->path = g_build_filename(f->directory, "out.weft", NULL);
    GError *error = NULL;
    f->writer = weft_filewriter_new(f->path, &error);
    struct weft_file_process process = {
        .clock_kind = WEFT_CLOCK_MONOTONIC, .start = { 1, 1, 1 }, .program = "p", .host = "h"
    };
    g_assert_true(weft_filewriter_process(f->writer, &process, &error));
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_unlink(f->path);
    g_assert_cmpint(g_rmdir(f->directory), ==, 0);
    g_free(f->directory);
    g_free(f->path);
}

static void write_event(struct fixture *f, uint64_t time)
{
    struct weft_record record = { .time = time,
                                  .kind = WEFT_RECORD_COUNTER,
                                  .site = UINT32_MAX,
                                  .subject = weft_id(WEFT_ENTITY_COUNTER, 0, 1),
                                  .object = time };
    g_assert_true(weft_filewriter_events(f->writer, 0, &record, 1, 0, NULL));
}

static weft_trace *finish(struct fixture *f)
{
    GError *error = NULL;
    g_assert_true(weft_filewriter_finish(f->writer, &error));
    weft_filewriter_free(f->writer);
    weft_trace *trace = weft_trace_open(f->path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    return trace;
}

/* Losses, ordinals and times, and a site's greatest number. */
static void test_file(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_filewriter_string(f->writer, WEFT_STRING_FULL - 1, "last.c", 6);
    weft_filewriter_site(f->writer, UINT32_MAX, UINT32_MAX, WEFT_STRING_FULL - 1,
                         WEFT_STRING_FULL - 1);
    write_event(f, 100);
    g_assert_true(weft_filewriter_loss(f->writer, 0, PAST + 1, 2 * PAST + 3, NULL));
    write_event(f, 3 * PAST);
    g_assert_true(weft_filewriter_loss(f->writer, 0, 0, PAST, NULL));
    g_autoptr(weft_trace) trace = finish(f);
    g_assert_cmpuint(weft_trace_events(trace), ==, 2);
    g_assert_cmpuint(decoded_slots_of(trace), ==, 2);
    g_assert_cmpuint(weft_trace_lost(trace), ==, 4 * PAST + 4);
    g_assert_cmpuint(weft_trace_chunk(trace, 1)->first_ordinal, ==, PAST + 2);
    g_assert_cmpint(weft_trace_chunk(trace, 1)->first_ns, ==, (gint64)(3 * PAST - 1));
    const struct weft_trace_site *site = weft_trace_site(trace, UINT32_MAX);
    g_assert_cmpstr(site->file, ==, "last.c");
    g_assert_cmpuint(site->line, ==, UINT32_MAX);
}

/* A number of more than 32 bits is no other's. */
static void test_wide_numbers(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    weft_put_varint(bytes, UINT32_MAX);
    weft_put_varint(bytes, PAST + 1);
    struct weft_varints in = { bytes->data, bytes->data + bytes->len, FALSE };
    g_assert_cmpuint(weft_get_varint32(&in), ==, UINT32_MAX);
    g_assert_false(in.bad);
    g_assert_cmpuint(weft_get_varint32(&in), ==, 0);
    g_assert_true(in.bad);
}

/* More chunks than an INDEX has room for: the file goes without, and holds what was written. */
static void test_index(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    write_event(f, 100);
    weft_trace_unref(finish(f));
    g_autofree char *bytes = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(f->path, &bytes, &size, NULL));
    struct weft_trailer trailer;
    memcpy(&trailer, bytes + size - sizeof trailer, sizeof trailer);
    g_autoptr(GError) error = NULL;
    weft_chunkfile *file = weft_chunkfile_new(f->path, WEFT_CHUNKFILE_GROWING, &error);
    g_assert_no_error(error);
    for (gsize at = sizeof(struct weft_file_header); at < trailer.index;) {
        struct weft_chunk_header header;
        memcpy(&header, bytes + at, sizeof header);
        g_assert_true(
            weft_chunkfile_add(file, &header, (const guint8 *)bytes + at + sizeof header, &error));
        at += weft_chunk_size(header.stored);
    }
    guint chunks = file->index->len;
    file->index->len = WEFT_INDEX_MAX + 1; /* so many were added */
    g_assert_true(weft_chunkfile_finish(file, WEFT_SYNC_NEVER, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(weft_chunkfile_size(file), ==, trailer.index);
    file->index->len = chunks;
    weft_chunkfile_free(file);
    g_autoptr(weft_trace) trace = weft_trace_open(f->path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(decoded_slots_of(trace), ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/limits/sites", test_sites);
    g_test_add_func("/limits/strings", test_strings);
    g_test_add_func("/limits/names", test_names);
    g_test_add_func("/limits/units", test_units);
    g_test_add_func("/limits/ring", test_ring);
    g_test_add_func("/limits/wide-numbers", test_wide_numbers);
    g_test_add("/limits/file", struct fixture, NULL, set_up, test_file, tear_down);
    g_test_add("/limits/index", struct fixture, NULL, set_up, test_index, tear_down);
    return g_test_run();
}
