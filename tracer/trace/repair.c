/* repair.c: see repair.h. */
#include "tracer/trace/repair.h"
#include "tracer/trace/store.h"
#include "tracer/trace/varint.h"
#include "tracer/trace/writer.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

struct found { /* a chunk, in the file's order */
    struct weft_index_entry entry;
    gboolean whole; /* its payload is, too */
};

struct repair {
    struct weft_tracefile file;
    struct weft_repair_report *report;
    GArray *found; /* of struct found */
    GByteArray *payload;
    weft_decoder *decoder;
    struct weft_clockmap clock; /* only to decode: what comes out is not used */
    struct weft_record *records;
    weft_filewriter *writer;
    guint64 next[WEFT_TRACE_RINGS]; /* ordinal expected next of each ring */
};

/* ---- What is there ---- */

static void note_range(struct repair *r, guint64 from, guint64 to, enum weft_repair_cause cause,
                       const struct weft_chunk_header *header)
{
    struct weft_repair_range range = { .from = from, .to = to, .cause = cause };
    if (header) {
        range.kind = header->kind;
        range.ring = header->ring;
        range.n = header->n;
    }
    g_array_append_val(r->report->ranges, range);
}

static gboolean read_payload(struct repair *r, const struct weft_index_entry *entry)
{
    const struct weft_chunk_header *h = &entry->header;
    return weft_tracefile_payload(&r->file, entry->offset + sizeof *h, h->stored,
                                  h->payload_checksum, r->payload);
}

static gboolean events_are_whole(struct repair *r, const struct weft_index_entry *entry)
{
    const struct weft_chunk_header *h = &entry->header;
    guint slots = weft_decode(r->decoder, r->payload->data, h->stored, h->raw, h->first_time,
                              &r->clock, r->records);
    return slots > 0 && slots == entry->slots && h->n <= slots;
}

static gboolean is_whole(struct repair *r, const struct weft_index_entry *entry)
{
    const struct weft_chunk_header *h = &entry->header;
    if (!read_payload(r, entry) || h->ring >= WEFT_TRACE_RINGS)
        return FALSE;
    switch (h->kind) {
    case WEFT_CHUNK_EVENTS:
        return events_are_whole(r, entry);
    case WEFT_CHUNK_PROCESS:
    case WEFT_CHUNK_STRINGS:
    case WEFT_CHUNK_SITES:
    case WEFT_CHUNK_CLOCK:
    case WEFT_CHUNK_STATE:
    case WEFT_CHUNK_LOSS: {
        g_autofree guint8 *bytes = weft_trace_unpack(r->payload->data, h->stored, h->raw, h->codec);
        return bytes != NULL;
    }
    default:
        return TRUE; /* what is in it is not known here */
    }
}

static void add_found(struct repair *r, const struct weft_index_entry *entry,
                      enum weft_repair_cause cause)
{
    struct found found = { .entry = *entry };
    guint64 end = weft_tracefile_end(entry);
    found.whole = cause != WEFT_REPAIR_CUT && is_whole(r, entry);
    if (!found.whole)
        note_range(r, entry->offset, MIN(end, r->file.size), cause, &entry->header);
    g_array_append_val(r->found, found);
}

static void find_by_index(struct repair *r, const GArray *entries)
{
    for (guint i = 0; i < entries->len; i++) {
        const struct weft_index_entry *entry = &g_array_index(entries, struct weft_index_entry, i);
        struct weft_index_entry there;
        add_found(r, entry, WEFT_REPAIR_DAMAGED);
        r->report->restored += !weft_tracefile_chunk_at(&r->file, entry->offset, &there);
    }
}

/* No whole header is at `offset`: goes on to the next one. */
static guint64 skip_damage(struct repair *r, guint64 offset)
{
    guint64 next = weft_tracefile_resynchronise(&r->file, offset + 8);
    guint64 other = weft_tracefile_another(&r->file, offset, next);
    gboolean cut = next == r->file.size && r->file.size - offset < sizeof(struct weft_chunk_header);
    if (other > offset)
        note_range(r, offset, other, cut ? WEFT_REPAIR_CUT : WEFT_REPAIR_DAMAGED, NULL);
    if (other == next)
        return next;
    note_range(r, other, r->file.size, WEFT_REPAIR_OTHER, NULL);
    return r->file.size;
}

static void find_by_hopping(struct repair *r)
{
    struct weft_index_entry entry;
    guint64 offset = sizeof(struct weft_file_header);
    while (offset < r->file.size && !weft_tracefile_is_trailer(&r->file, offset)) {
        if (weft_tracefile_is_former_trailer(&r->file, offset)) {
            offset += sizeof(struct weft_trailer);
            continue;
        }
        if (!weft_tracefile_chunk_at(&r->file, offset, &entry)) {
            offset = skip_damage(r, offset);
            continue;
        }
        guint64 end = weft_tracefile_end(&entry);
        if (entry.header.kind != WEFT_CHUNK_INDEX)
            add_found(r, &entry, end > r->file.size ? WEFT_REPAIR_CUT : WEFT_REPAIR_DAMAGED);
        offset = MIN(end, r->file.size);
    }
}

static gboolean check_version(struct repair *r, const char *path, GError **error)
{
    struct weft_file_header header = { 0 };
    r->report->bad_header = !weft_tracefile_read(&r->file, 0, &header, sizeof header) ||
                            memcmp(header.magic, WEFT_FILE_MAGIC, sizeof header.magic) != 0 ||
                            header.checksum !=
                                weft_checksum(&header, sizeof header - sizeof header.checksum);
    if (r->report->bad_header || header.major == WEFT_FILE_MAJOR)
        return TRUE;
    g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_VERSION,
                "%s has trace format %u.%u; this is Weft %s, which repairs format %u", path,
                header.major, header.minor, WEFT_VERSION, WEFT_FILE_MAJOR);
    return FALSE;
}

static gboolean find_chunks(struct repair *r, const char *path, GError **error)
{
    if (!check_version(r, path, error))
        return FALSE;
    g_autoptr(GArray) entries = weft_tracefile_index(&r->file);
    r->report->bad_index = entries == NULL;
    if (entries)
        find_by_index(r, entries);
    else
        find_by_hopping(r);
    for (guint i = 0; i < r->found->len; i++)
        if (g_array_index(r->found, struct found, i).whole)
            return TRUE;
    g_set_error(error, WEFT_TRACE_ERROR,
                r->report->bad_header ? WEFT_TRACE_ERROR_NOT_A_TRACE : WEFT_TRACE_ERROR_CORRUPT,
                "%s: nothing in its %" G_GUINT64_FORMAT " bytes is a whole chunk of a trace", path,
                r->file.size);
    return FALSE;
}

/* ---- What is written ---- */

static gboolean lose(struct repair *r, guint32 ring, guint64 slots, guint64 exts, GError **error)
{
    struct weft_loss_payload loss = { .unread = slots, .exts = exts };
    r->next[ring] += slots;
    r->report->lost += slots - exts;
    return weft_filewriter_hole(r->writer, ring, &loss, error);
}

/* How many slots a chunk of events had whose payload is damaged: the first bytes of it, or the
 * INDEX, may tell; it has one slot or two for each event. */
static guint32 slots_of(const struct weft_index_entry *entry)
{
    guint32 n = entry->header.n;
    return entry->slots >= n && entry->slots <= WEFT_TRACE_CHUNK_SLOTS && entry->slots - n <= n
               ? entry->slots
               : n;
}

/* Slots that nothing in the file accounts for were in chunks that are gone. */
static gboolean write_events(struct repair *r, const struct found *found, GError **error)
{
    const struct weft_chunk_header *h = &found->entry.header;
    guint64 gap = h->first_ordinal > r->next[h->ring] ? h->first_ordinal - r->next[h->ring] : 0;
    if (!found->whole) {
        guint32 slots = slots_of(&found->entry);
        return gap + slots == 0 || lose(r, h->ring, gap + slots, slots - h->n, error);
    }
    if (gap && !lose(r, h->ring, gap, 0, error))
        return FALSE;
    r->next[h->ring] = h->first_ordinal + found->entry.slots;
    r->report->events += h->n;
    return weft_filewriter_copy(r->writer, h, r->payload->data, error);
}

static gboolean write_loss(struct repair *r, const struct weft_chunk_header *h, GError **error)
{
    g_autofree guint8 *bytes = weft_trace_unpack(r->payload->data, h->stored, h->raw, h->codec);
    struct weft_loss_payload loss = { 0 };
    memcpy(&loss, bytes, MIN(sizeof loss, h->raw));
    if (h->first_ordinal > r->next[h->ring] &&
        !lose(r, h->ring, h->first_ordinal - r->next[h->ring], 0, error))
        return FALSE;
    r->next[h->ring] += loss.unread;
    return weft_filewriter_hole(r->writer, h->ring, &loss, error);
}

/* The state that a trace begins with says where its rings do. */
static void begin_rings(struct repair *r, const struct weft_chunk_header *h)
{
    g_autofree guint8 *bytes = weft_trace_unpack(r->payload->data, h->stored, h->raw, h->codec);
    struct weft_varints in = { bytes, bytes + h->raw, FALSE };
    for (uint64_t n = weft_get_count(&in, 2); n > 0; n--) {
        uint64_t ring = weft_get_varint(&in), ordinal = weft_get_varint(&in);
        if (ring >= WEFT_TRACE_RINGS)
            continue;
        r->next[ring] = ordinal;
        weft_filewriter_begin_ring(r->writer, (guint32)ring, ordinal);
    }
}

/* A trace whose PROCESS is lost: its time begins where a reader of the damaged file lets it. */
static gboolean write_process(struct repair *r, GError **error)
{
    struct weft_file_process process = { .program = "",
                                         .host = "",
                                         .clock_kind = WEFT_CLOCK_MONOTONIC };
    gboolean events = FALSE;
    for (guint i = 0; i < r->found->len; i++) {
        const struct found *found = &g_array_index(r->found, struct found, i);
        const struct weft_chunk_header *h = &found->entry.header;
        if (found->whole && h->kind == WEFT_CHUNK_PROCESS)
            return TRUE;
        if (found->whole && h->kind == WEFT_CHUNK_EVENTS && !events) {
            events = TRUE;
            if (process.clock_kind == WEFT_CLOCK_MONOTONIC)
                process.start.mono_ns = process.start.ticks = h->first_time;
        }
        if (!found->whole || h->kind != WEFT_CHUNK_CLOCK ||
            process.clock_kind == WEFT_CLOCK_COUNTER || h->raw < sizeof process.start)
            continue;
        g_autofree guint8 *bytes = weft_tracefile_unpacked(&r->file, &found->entry);
        struct weft_anchor_payload anchor;
        memcpy(&anchor, bytes, sizeof anchor);
        process.clock_kind = WEFT_CLOCK_COUNTER;
        process.start = (struct weft_clock_anchor){ anchor.ticks, anchor.mono_ns, anchor.real_ns };
    }
    r->report->no_process = TRUE;
    return weft_filewriter_process(r->writer, &process, error);
}

static gboolean write_found(struct repair *r, const struct found *found, gboolean complete,
                            GError **error)
{
    const struct weft_chunk_header *h = &found->entry.header;
    if (h->kind == WEFT_CHUNK_SUMMARY && !complete)
        return TRUE; /* of other events: made again by who opens it */
    if (found->whole && !read_payload(r, &found->entry)) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO,
                    "the file changed at byte %" G_GUINT64_FORMAT " while it was read",
                    found->entry.offset);
        return FALSE;
    }
    r->report->chunks += found->whole;
    if (h->kind == WEFT_CHUNK_EVENTS)
        return h->ring >= WEFT_TRACE_RINGS || write_events(r, found, error);
    if (!found->whole)
        return TRUE;
    if (h->kind == WEFT_CHUNK_LOSS)
        return write_loss(r, h, error);
    if (h->kind == WEFT_CHUNK_STATE && h->n == 0)
        begin_rings(r, h);
    return weft_filewriter_copy(r->writer, h, r->payload->data, error);
}

static gboolean write_all(struct repair *r, GError **error)
{
    gboolean complete = r->report->ranges->len == 0;
    if (!write_process(r, error))
        return FALSE;
    for (guint i = 0; i < r->found->len; i++)
        if (!write_found(r, &g_array_index(r->found, struct found, i), complete, error))
            return FALSE;
    return weft_filewriter_finish(r->writer, error);
}

/* ---- The whole ---- */

static gboolean is_the_same(const char *path, const char *output, GError **error)
{
    GStatBuf a, b;
    if (g_stat(path, &a) < 0 || g_stat(output, &b) < 0 || a.st_dev != b.st_dev ||
        a.st_ino != b.st_ino)
        return FALSE;
    g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED,
                "%s and %s are the same file: a damaged one is never changed", path, output);
    return TRUE;
}

static gboolean run(struct repair *r, const char *path, const char *output, GError **error)
{
    r->report->size = r->file.size;
    if (!find_chunks(r, path, error))
        return FALSE;
    r->writer = weft_filewriter_new_whole(output, error);
    return r->writer && write_all(r, error);
}

gboolean weft_repair(const char *path, const char *output, struct weft_repair_report *report,
                     GError **error)
{
    *report = (struct weft_repair_report){ .ranges = g_array_new(
                                               FALSE, FALSE, sizeof(struct weft_repair_range)) };
    g_autofree struct repair *r = g_new0(struct repair, 1);
    if (is_the_same(path, output, error) || !weft_tracefile_open(&r->file, path, error))
        return FALSE;
    r->report = report;
    r->found = g_array_new(FALSE, FALSE, sizeof(struct found));
    r->payload = g_byte_array_new();
    r->decoder = weft_decoder_new();
    r->records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    weft_clockmap_init_identity(&r->clock, 0);
    gboolean ok = run(r, path, output, error);
    weft_filewriter_free(r->writer);
    weft_clockmap_finish(&r->clock);
    weft_decoder_free(r->decoder);
    g_free(r->records);
    g_byte_array_unref(r->payload);
    g_array_unref(r->found);
    weft_tracefile_close(&r->file);
    return ok;
}

void weft_repair_report_clear(struct weft_repair_report *report)
{
    g_clear_pointer(&report->ranges, g_array_unref);
}

gboolean weft_repair_is_complete(const struct weft_repair_report *report)
{
    return report->ranges->len == 0 && report->lost == 0 && !report->no_process;
}
