/* file.c: a trace file behind one byte of flags: opened, every chunk decoded and replayed, and read
 * by the model, its SUMMARY included.
 *
 * Checksums are made right first (flag 1), or else nothing behind them would ever be reached; and
 * the INDEX may be made to fit the chunks (2). */
#include "tests/fuzz/fuzz.h"
#include "tracer/model/findings.h"
#include "tracer/trace/format.h"
#include "tracer/trace/state.h"
#include "tracer/trace/writer.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FIX_CHECKSUMS = 1, FIX_INDEX = 2, MODEL = 4 };

/* ---- Right checksums ---- */

static void fix_index(guint8 *bytes, gsize size, guint8 *entries, gsize n)
{
    for (gsize i = 0; i + sizeof(struct weft_index_entry) <= n;
         i += sizeof(struct weft_index_entry)) {
        struct weft_index_entry entry;
        memcpy(&entry, entries + i, sizeof entry);
        if (size < sizeof entry.header || entry.offset > size - sizeof entry.header)
            continue;
        memcpy(&entry.header, bytes + entry.offset, sizeof entry.header);
        memcpy(entries + i, &entry, sizeof entry);
    }
}

static void fix_checksums(guint8 *bytes, gsize size, guint flags)
{
    struct weft_file_header *file = (void *)bytes;
    if (size < sizeof *file)
        return;
    file->checksum = weft_checksum(file, sizeof *file - sizeof file->checksum);
    for (gsize at = sizeof *file; at + sizeof(struct weft_chunk_header) <= size; at += 8) {
        struct weft_chunk_header chunk;
        memcpy(&chunk, bytes + at, sizeof chunk);
        gsize left = size - at - sizeof chunk;
        if (chunk.magic != WEFT_CHUNK_MAGIC || chunk.stored > left)
            continue;
        guint8 *payload = bytes + at + sizeof chunk;
        if (chunk.kind == WEFT_CHUNK_INDEX && (flags & FIX_INDEX))
            fix_index(bytes, size, payload, chunk.stored);
        chunk.payload_checksum = weft_checksum(payload, chunk.stored);
        chunk.checksum = weft_checksum(&chunk, sizeof chunk - sizeof chunk.checksum);
        memcpy(bytes + at, &chunk, sizeof chunk);
        at += (sizeof chunk + chunk.stored) / 8 * 8 - 8;
    }
    struct weft_trailer trailer;
    if (size < sizeof trailer)
        return;
    memcpy(&trailer, bytes + size - sizeof trailer, sizeof trailer);
    trailer.checksum = weft_checksum(&trailer, sizeof trailer - sizeof trailer.checksum);
    if (memcmp(trailer.magic, WEFT_TRAILER_MAGIC, sizeof trailer.magic) == 0)
        memcpy(bytes + size - sizeof trailer, &trailer, sizeof trailer);
}

/* ---- Reading ---- */

static void replay(weft_state *state, guint32 ring, const struct weft_record *records, guint n)
{
    for (guint i = 0; i < n; i++) {
        gboolean ext = (records[i].flags & WEFT_RECORD_EXT) && i + 1 < n;
        weft_state_apply(state, ring, &records[i], ext ? &records[i + 1] : NULL);
        i += ext;
    }
}

static void read_chunks(const weft_trace *trace)
{
    static struct weft_record records[WEFT_TRACE_CHUNK_SLOTS];
    for (guint c = 0; c < weft_trace_n_chunks(trace); c++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, c);
        guint from, n = weft_trace_decode(trace, c, records, NULL);
        if (n != 0 && n != chunk->slots)
            abort();
        g_autoptr(weft_state) state = weft_trace_state_before(trace, c, &from);
        if (from > c)
            abort();
        if (chunk->lost_before)
            weft_state_apply_loss(state, chunk->ring, chunk->first_ns);
        weft_state_apply_chunk(state, chunk->ring, chunk->current_task, chunk->first_ns);
        replay(state, chunk->ring, records, n);
        weft_trace_lost_at_end(trace, chunk->ring);
    }
    for (guint i = 0; i < weft_trace_n_sources(trace); i++)
        if (!weft_trace_source_at(trace, i)->program)
            abort();
    weft_trace_string(trace, 1);
    weft_trace_site(trace, 1);
}

static gboolean count(const struct weft_event_view *event, gpointer data)
{
    (void)event;
    return ++*(guint *)data < 5000;
}

static void ask_findings(weft_model *model)
{
    g_autoptr(weft_findings) findings = weft_findings_new(model, NULL);
    while (weft_findings_advance(findings, 2))
        weft_findings_now(findings, weft_model_end_ns(model), FALSE);
    weft_findings_now(findings, weft_model_end_ns(model), TRUE);
    for (guint i = 0; i < weft_findings_n(findings); i++)
        if (!g_utf8_validate(weft_findings_get(findings, i)->message, -1, NULL))
            abort();
}

static void ask_model(weft_trace *trace)
{
    weft_model *model = weft_model_new(trace);
    while (weft_model_advance(model, 3))
        continue;
    guint n = MIN(weft_model_n_lanes(model), 20), visited = 0;
    gint64 end = weft_model_end_ns(model);
    for (guint lane = 0; lane < n; lane++) {
        g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
        struct weft_totals totals;
        guint chunks = 100;
        weft_model_segments(model, lane, 0, end, MAX(end / 50, 1), &chunks, out);
        weft_model_totals(model, lane, &totals);
        g_free(weft_model_name(model, weft_model_lane(model, lane)->id));
        g_free(weft_model_outcome_words(model, lane));
    }
    weft_state_free(weft_model_state_at(model, end / 2));
    weft_model_visit(model, 0, end, count, &visited);
    ask_findings(model);
    weft_model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    if (fd < 0) {
        g_setenv("XDG_CACHE_HOME", "/nowhere", TRUE); /* where SUMMARYs may be too */
        fd = memfd_create("weft-fuzz", MFD_CLOEXEC);
    }
    if (size == 0 || ftruncate(fd, 0) < 0)
        return 0;
    guint8 *bytes = g_memdup2(data + 1, size - 1);
    if (data[0] & FIX_CHECKSUMS)
        fix_checksums(bytes, size - 1, data[0]);
    ssize_t wrote = pwrite(fd, bytes, size - 1, 0);
    g_free(bytes);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(path, &error);
    if (wrote < 0 || (trace == NULL) != (error != NULL))
        abort();
    if (trace)
        read_chunks(trace);
    if (trace && (data[0] & MODEL))
        ask_model(trace);
    return 0;
}

/* ---- Seeds ---- */

static void write_events(weft_filewriter *writer, guint32 ring, guint chunk)
{
    struct weft_record records[90];
    guint n = 0;
    uint64_t time = 100 + chunk * 90000;
    for (guint task = 1; task <= 15; task++) {
        uint64_t id = weft_id(WEFT_ENTITY_TASK, ring, task);
        const uint8_t kinds[] = { WEFT_RECORD_WAKE, WEFT_RECORD_RESUME, WEFT_RECORD_TIMER_SET,
                                  WEFT_RECORD_SUSPEND, WEFT_RECORD_TIMER_FIRE };
        if (chunk == 0)
            records[n++] = (struct weft_record){
                .time = time, .kind = WEFT_RECORD_TASK_NEW, .site = 1, .subject = id
            };
        for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
            uint64_t timer = weft_id(WEFT_ENTITY_TIMER, ring, chunk * 20 + task);
            gboolean of_timer = kinds[i] == WEFT_RECORD_TIMER_SET ||
                                kinds[i] == WEFT_RECORD_TIMER_FIRE;
            records[n++] = (struct weft_record){
                .time = time += 700,
                .kind = kinds[i],
                .detail = kinds[i] == WEFT_RECORD_SUSPEND ? WEFT_AWAIT_TIMER : 0,
                .subject = of_timer ? timer : id,
                .object = kinds[i] == WEFT_RECORD_SUSPEND ? timer : 0
            };
        }
    }
    weft_filewriter_events(writer, ring, records, n, weft_filewriter_running(writer, ring), NULL);
}

static void write_trace(const char *path, guint chunks)
{
    weft_filewriter *writer = weft_filewriter_new(path, NULL);
    struct weft_file_process process = {
        .clock_kind = WEFT_CLOCK_COUNTER, .start = { 100, 100, 100 }, .program = "p", .host = "h"
    };
    weft_filewriter_process(writer, &process, NULL);
    weft_filewriter_anchor(writer, &(struct weft_clock_anchor){ 1000000100, 500000100, 7 });
    weft_filewriter_string(writer, 1, "main.c", 6);
    weft_filewriter_site(writer, 1, 2, 1, 1);
    for (guint c = 0; c < chunks; c++) {
        write_events(writer, c % 2, c / 2);
        if (c % 7 == 3)
            weft_filewriter_loss(writer, 0, 5, 5, NULL);
    }
    weft_filewriter_finish(writer, NULL);
    weft_filewriter_free(writer);
}

static void add_summary(const char *path)
{
    weft_trace *trace = weft_trace_open(path, NULL);
    weft_model *model = weft_model_new(trace);
    while (weft_model_advance(model, 0))
        continue;
    weft_model_keep(model, NULL);
    weft_model_free(model);
    weft_trace_unref(trace);
}

static void seed_file(fuzz_seed *seed, const char *name, guint8 flags, const char *path)
{
    char *bytes;
    gsize size;
    if (!g_file_get_contents(path, &bytes, &size, NULL))
        abort();
    g_autoptr(GByteArray) with_flags = g_byte_array_new();
    g_byte_array_append(with_flags, &flags, 1);
    g_byte_array_append(with_flags, (const guint8 *)bytes, (guint)size);
    seed(name, with_flags->data, with_flags->len);
    g_free(bytes);
}

void fuzz_seeds(fuzz_seed *seed)
{
    g_autofree char *directory = g_dir_make_tmp("weft-fuzz-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "seed.weft", NULL);
    write_trace(path, 1);
    seed_file(seed, "one", FIX_CHECKSUMS | FIX_INDEX | MODEL, path);
    write_trace(path, 36); /* with a STATE */
    seed_file(seed, "many", FIX_CHECKSUMS | FIX_INDEX | MODEL, path);
    seed_file(seed, "many-index", FIX_CHECKSUMS, path);
    seed_file(seed, "many-as-it-is", MODEL, path);
    add_summary(path);
    seed_file(seed, "summary", FIX_CHECKSUMS | FIX_INDEX | MODEL, path);
    g_unlink(path);
    g_rmdir(directory);
}
