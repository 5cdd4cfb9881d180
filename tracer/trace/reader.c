/* reader.c: opens a trace file. format.h says what is in it.
 *
 *      trailer -> INDEX -> chunk headers                  a whole file
 *      header -> header -> header ...                     a cut one: no trailer
 *      ... -> damaged -> search magic + checksum -> ...   a damaged one
 *
 * Nothing in the file is trusted: offsets, sizes and counts are checked before they are used. The
 * small tables (strings, sites, clock, losses) are read now; events and states stay mapped. */
#include "tracer/trace/format.h"
#include "tracer/trace/store.h"
#include "tracer/trace/varint.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct opening {
    weft_trace *trace;
    const guint8 *data;
    gsize size;
    GArray *anchors; /* of struct weft_clock_anchor */
    GArray *sites;   /* of struct site_entry: their strings may come later */
    gboolean has_process;
    enum weft_clock_kind clock_kind;
    struct weft_clock_anchor start;
};

struct site_entry {
    guint32 id, line, file, func;
};

static void damage(struct opening *o, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void damage(struct opening *o, const char *format, ...)
{
    GString *text = o->trace->damage;
    if (text->len > 1000) /* enough is known */
        return;
    if (text->len)
        g_string_append(text, "; ");
    va_list args;
    va_start(args, format);
    g_string_append_vprintf(text, format, args);
    va_end(args);
}

/* ---- The tables ---- */

static void read_process(struct opening *o, const guint8 *bytes, gsize size)
{
    struct weft_process_payload p;
    if (size < sizeof p)
        return;
    memcpy(&p, bytes, sizeof p);
    const char *text = (const char *)bytes + sizeof p;
    if (p.program_size > size - sizeof p || p.host_size > size - sizeof p - p.program_size)
        return;
    weft_trace *trace = o->trace;
    g_free(trace->program);
    g_free(trace->host);
    g_free(trace->executable);
    trace->program = g_utf8_make_valid(text, p.program_size);
    trace->host = g_utf8_make_valid(text + p.program_size, p.host_size);
    gsize rest = sizeof p + p.program_size + p.host_size;
    trace->executable = g_utf8_make_valid((const char *)bytes + rest, (gssize)(size - rest));
    trace->source = (struct weft_trace_source){ .pid = p.pid,
                                                .program = trace->program,
                                                .executable = trace->executable,
                                                .host = trace->host,
                                                .start_realtime_ns = (gint64)p.start.real_ns,
                                                .ended = p.ended != 0,
                                                .exit_code = p.exit_code,
                                                .exit_signal = p.exit_signal };
    o->has_process = TRUE;
    o->clock_kind = (enum weft_clock_kind)p.clock_kind;
    o->start = (struct weft_clock_anchor){ p.start.ticks, p.start.mono_ns, p.start.real_ns };
}

static void read_strings(struct opening *o, struct weft_varints *in, guint n)
{
    for (; n > 0 && !in->bad; n--) {
        guint64 id = weft_get_varint(in), size = weft_get_varint(in);
        const guint8 *text = weft_get_bytes(in, size);
        if (text && id <= G_MAXUINT32)
            weft_trace_add_string(o->trace, (guint32)id, (const char *)text, size);
    }
}

static void read_sites(struct opening *o, struct weft_varints *in, guint n)
{
    for (; n > 0 && !in->bad; n--) {
        struct site_entry site;
        site.id = (guint32)weft_get_varint(in);
        site.line = (guint32)weft_get_varint(in);
        site.file = (guint32)weft_get_varint(in);
        site.func = (guint32)weft_get_varint(in);
        if (!in->bad)
            g_array_append_val(o->sites, site);
    }
}

static void read_anchors(struct opening *o, const guint8 *bytes, gsize size)
{
    struct weft_anchor_payload p;
    for (; size >= sizeof p; bytes += sizeof p, size -= sizeof p) {
        memcpy(&p, bytes, sizeof p);
        struct weft_clock_anchor anchor = { p.ticks, p.mono_ns, p.real_ns };
        g_array_append_val(o->anchors, anchor);
    }
}

static void read_loss(struct opening *o, const struct weft_chunk_header *header,
                      const guint8 *bytes, gsize size)
{
    struct weft_loss_payload p;
    if (size < sizeof p)
        return;
    memcpy(&p, bytes, sizeof p);
    struct weft_stored_ring *ring = weft_trace_ring(o->trace, header->ring);
    ring->lost += p.dropped;
    ring->unread += p.unread;
}

static void read_table(struct opening *o, const struct weft_chunk_header *header, guint64 offset)
{
    const guint8 *payload = o->data + offset + sizeof *header;
    g_autofree guint8 *bytes = NULL;
    if (weft_checksum(payload, header->stored) == header->payload_checksum)
        bytes = weft_trace_unpack(payload, header->stored, header->raw, header->codec);
    if (!bytes) {
        damage(o, "a table at byte %" G_GUINT64_FORMAT " is damaged", offset);
        return;
    }
    struct weft_varints in = { bytes, bytes + header->raw, FALSE };
    switch (header->kind) {
    case WEFT_CHUNK_PROCESS:
        read_process(o, bytes, header->raw);
        break;
    case WEFT_CHUNK_STRINGS:
        read_strings(o, &in, header->n);
        break;
    case WEFT_CHUNK_SITES:
        read_sites(o, &in, header->n);
        break;
    case WEFT_CHUNK_CLOCK:
        read_anchors(o, bytes, header->raw);
        break;
    case WEFT_CHUNK_LOSS:
        read_loss(o, header, bytes, header->raw);
        break;
    }
}

/* ---- Events and states ---- */

static void add_events(struct opening *o, const struct weft_index_entry *entry)
{
    const struct weft_chunk_header *h = &entry->header;
    if (entry->slots == 0 || entry->slots > WEFT_TRACE_CHUNK_SLOTS || h->n > entry->slots) {
        damage(o, "the events at byte %" G_GUINT64_FORMAT " are damaged", entry->offset);
        return;
    }
    struct weft_stored_ring *ring = weft_trace_ring(o->trace, h->ring);
    guint64 gap = h->first_ordinal > ring->next_ordinal ? h->first_ordinal - ring->next_ordinal : 0;
    struct weft_stored_chunk chunk = {
        .info = { .ring = h->ring,
                  .slots = entry->slots,
                  .first_ns = (gint64)h->first_time, /* in ticks, until the clock is known */
                  .last_ns = (gint64)h->last_time,
                  .first_ordinal = h->first_ordinal,
                  .lost_before = ring->lost + gap,
                  .current_task = entry->current_task },
        .payload = o->data + entry->offset + sizeof *h,
        .stored = h->stored,
        .raw = h->raw,
        .checksum = h->payload_checksum,
        .events = h->n,
        .first_time = h->first_time,
        .offset = entry->offset,
    };
    g_array_append_val(o->trace->chunks, chunk);
    o->trace->events += h->n;
    o->trace->lost += chunk.info.lost_before;
    ring->lost = ring->unread = 0;
    ring->next_ordinal = h->first_ordinal + entry->slots;
}

/* Before anything of a ring: what came before the trace is no loss of it. */
static void begin_rings(struct opening *o, const struct weft_stored_state *state, guint64 offset)
{
    g_autofree guint8 *bytes = NULL;
    if (weft_checksum(state->payload, state->stored) == state->checksum)
        bytes = weft_trace_unpack(state->payload, state->stored, state->raw, state->codec);
    if (!bytes) {
        damage(o, "the state that it begins with, at byte %" G_GUINT64_FORMAT ", is damaged",
               offset);
        return;
    }
    o->trace->begins_with_state = TRUE;
    struct weft_varints in = { bytes, bytes + state->raw, FALSE };
    for (uint64_t n = weft_get_count(&in, 2); n > 0; n--) {
        uint64_t ring = weft_get_varint(&in), ordinal = weft_get_varint(&in);
        if (ring < WEFT_TRACE_RINGS)
            weft_trace_ring(o->trace, (uint32_t)ring)->next_ordinal = ordinal;
    }
}

static void add_state(struct opening *o, const struct weft_index_entry *entry)
{
    struct weft_stored_state state = {
        .chunk = o->trace->chunks->len,
        .payload = o->data + entry->offset + sizeof entry->header,
        .stored = entry->header.stored,
        .raw = entry->header.raw,
        .checksum = entry->header.payload_checksum,
        .codec = entry->header.codec,
    };
    g_array_append_val(o->trace->states, state);
    if (entry->header.n == 0 && o->trace->chunks->len == 0 && o->trace->states->len == 1)
        begin_rings(o, &state, entry->offset);
}

static void add_chunk(struct opening *o, const struct weft_index_entry *entry)
{
    if (entry->header.ring >= WEFT_TRACE_RINGS) {
        damage(o, "the chunk at byte %" G_GUINT64_FORMAT " names ring %u, which cannot be",
               entry->offset, entry->header.ring);
        return;
    }
    switch (entry->header.kind) {
    case WEFT_CHUNK_EVENTS:
        add_events(o, entry);
        break;
    case WEFT_CHUNK_STATE:
        add_state(o, entry);
        break;
    case WEFT_CHUNK_PROCESS:
    case WEFT_CHUNK_STRINGS:
    case WEFT_CHUNK_SITES:
    case WEFT_CHUNK_CLOCK:
    case WEFT_CHUNK_LOSS:
        read_table(o, &entry->header, entry->offset);
        break;
    }
}

/* ---- Finding the chunks ---- */

static guint64 padded(guint32 stored)
{
    return ((guint64)stored + 7) & ~(guint64)7;
}

static gboolean header_is_whole(const struct weft_chunk_header *header)
{
    return header->magic == WEFT_CHUNK_MAGIC &&
           header->checksum == weft_checksum(header, sizeof *header - sizeof header->checksum);
}

static gboolean header_at(const struct opening *o, guint64 offset, struct weft_chunk_header *header)
{
    if (offset > o->size || o->size - offset < sizeof *header)
        return FALSE;
    memcpy(header, o->data + offset, sizeof *header);
    return header_is_whole(header);
}

/* Whether a chunk with its padding ends at or before `end`. */
static gboolean fits(const struct weft_chunk_header *header, guint64 offset, guint64 end)
{
    return offset <= end && end - offset >= sizeof *header &&
           end - offset - sizeof *header >= padded(header->stored);
}

static gboolean add_from_index(struct opening *o, const guint8 *bytes, gsize size, guint64 end)
{
    const gsize entry_size = sizeof(struct weft_index_entry);
    struct weft_index_entry entry;
    guint64 at = sizeof(struct weft_file_header);
    for (gsize i = 0; i < size / entry_size; i++) {
        memcpy(&entry, bytes + i * entry_size, entry_size);
        if (!header_is_whole(&entry.header) || entry.offset < at || entry.offset % 8 ||
            !fits(&entry.header, entry.offset, end))
            return FALSE;
        at = entry.offset + sizeof entry.header + padded(entry.header.stored);
    }
    for (gsize i = 0; i < size / entry_size; i++) {
        memcpy(&entry, bytes + i * entry_size, entry_size);
        add_chunk(o, &entry);
    }
    return TRUE;
}

/* FALSE when there is no INDEX, or it is not whole: the headers say the same. */
static gboolean read_index(struct opening *o)
{
    struct weft_trailer trailer;
    struct weft_chunk_header header;
    if (o->size < sizeof trailer)
        return FALSE;
    memcpy(&trailer, o->data + o->size - sizeof trailer, sizeof trailer);
    if (memcmp(trailer.magic, WEFT_TRAILER_MAGIC, sizeof trailer.magic) != 0 ||
        trailer.size != o->size ||
        trailer.checksum != weft_checksum(&trailer, sizeof trailer - sizeof trailer.checksum) ||
        !header_at(o, trailer.index, &header) || header.kind != WEFT_CHUNK_INDEX ||
        !fits(&header, trailer.index, o->size - sizeof trailer))
        return FALSE;
    const guint8 *payload = o->data + trailer.index + sizeof header;
    if (weft_checksum(payload, header.stored) != header.payload_checksum ||
        (guint64)header.n * sizeof(struct weft_index_entry) != header.raw)
        return FALSE;
    g_autofree guint8 *bytes = weft_trace_unpack(payload, header.stored, header.raw, header.codec);
    return bytes && add_from_index(o, bytes, header.raw, trailer.index);
}

/* The trailer, or what a cut left of it. */
static gboolean is_trailer(const struct opening *o, guint64 offset)
{
    gsize left = o->size - offset;
    return left <= sizeof(struct weft_trailer) &&
           memcmp(o->data + offset, WEFT_TRAILER_MAGIC, MIN(left, 8)) == 0;
}

/* The next whole header at or after `offset`; o->size when there is none. */
static guint64 resynchronise(const struct opening *o, guint64 offset)
{
    struct weft_chunk_header header;
    const guint32 magic = WEFT_CHUNK_MAGIC;
    for (; offset + sizeof header <= o->size; offset += 8)
        if (memcmp(o->data + offset, &magic, sizeof magic) == 0 && header_at(o, offset, &header))
            return offset;
    return o->size;
}

/* Where the header of another trace lies, of files put behind each other; `to`: nowhere. */
static guint64 find_another_trace(const struct opening *o, guint64 from, guint64 to)
{
    const gsize size = strlen(WEFT_FILE_MAGIC);
    for (; from + size <= to; from += 8)
        if (memcmp(o->data + from, WEFT_FILE_MAGIC, size) == 0)
            return from;
    return to;
}

static gboolean begins_like_a_chunk(const struct opening *o, guint64 offset)
{
    const guint32 magic = WEFT_CHUNK_MAGIC;
    return memcmp(o->data + offset, &magic, MIN(sizeof magic, o->size - offset)) == 0;
}

/* What ends a report of where the file is not read on. */
static const char *before_is_shown(const struct opening *o)
{
    return o->trace->chunks->len > 0 ? "; what comes before is shown" : "";
}

static void hop(struct opening *o)
{
    struct weft_index_entry entry = { .offset = sizeof(struct weft_file_header) };
    gboolean whole = FALSE; /* ended by an INDEX */
    while (entry.offset < o->size && !is_trailer(o, entry.offset)) {
        guint64 offset = entry.offset;
        if (!header_at(o, offset, &entry.header)) {
            entry.offset = resynchronise(o, offset + 8);
            if (entry.offset == o->size && o->size - offset < sizeof entry.header &&
                begins_like_a_chunk(o, offset))
                break; /* cut within a header */
            whole = TRUE;
            guint64 other = find_another_trace(o, offset, entry.offset);
            if (other < entry.offset) {
                damage(o, "another trace begins at byte %" G_GUINT64_FORMAT "%s", other,
                       before_is_shown(o));
                break;
            }
            damage(o, "bytes %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " are damaged", offset,
                   entry.offset);
            continue;
        }
        if (!fits(&entry.header, offset, o->size))
            break;
        if (entry.header.kind == WEFT_CHUNK_EVENTS) {
            struct weft_events_prefix prefix = { 0 };
            if (entry.header.stored >= sizeof prefix)
                memcpy(&prefix, o->data + offset + sizeof entry.header, sizeof prefix);
            entry.current_task = prefix.current_task;
            entry.slots = prefix.slots;
        }
        add_chunk(o, &entry);
        whole = entry.header.kind == WEFT_CHUNK_INDEX;
        entry.offset = offset + sizeof entry.header + padded(entry.header.stored);
    }
    if (!whole)
        damage(o,
               "it is cut at byte %" G_GSIZE_FORMAT ": its recording did not end, or it is "
               "still going on%s",
               o->size, before_is_shown(o));
    else if (o->trace->damage->len == 0)
        damage(o, "its index is damaged; the events are all there");
}

/* ---- What is known once all chunks are ---- */

static gint compare_anchors(gconstpointer a, gconstpointer b)
{
    const struct weft_clock_anchor *x = a, *y = b;
    return x->ticks < y->ticks ? -1 : x->ticks > y->ticks;
}

static void set_clock(struct opening *o)
{
    weft_trace *trace = o->trace;
    if (!o->has_process) {
        if (trace->chunks->len)
            damage(o, "the description of its process is missing: times are only roughly right");
        if (o->anchors->len) {
            o->clock_kind = WEFT_CLOCK_COUNTER;
            o->start = g_array_index(o->anchors, struct weft_clock_anchor, 0);
        } else {
            o->clock_kind = WEFT_CLOCK_MONOTONIC;
            o->start.mono_ns =
                trace->chunks->len
                    ? g_array_index(trace->chunks, struct weft_stored_chunk, 0).first_time
                    : 0;
        }
    }
    g_array_append_val(o->anchors, o->start);
    g_array_sort(o->anchors, compare_anchors);
    weft_clockmap_init(&trace->clock, o->clock_kind, &o->start);
    for (guint i = 0; i < o->anchors->len && o->clock_kind == WEFT_CLOCK_COUNTER; i++)
        weft_clockmap_add(&trace->clock, &g_array_index(o->anchors, struct weft_clock_anchor, i),
                          0);
}

static void convert_chunk_times(weft_trace *trace)
{
    for (guint i = 0; i < trace->chunks->len; i++) {
        struct weft_trace_chunk *info =
            &g_array_index(trace->chunks, struct weft_stored_chunk, i).info;
        struct weft_stored_ring *ring = weft_trace_ring(trace, info->ring);
        info->first_ns = (gint64)weft_clockmap_ns(&trace->clock, (uint64_t)info->first_ns);
        info->last_ns = (gint64)weft_clockmap_ns(&trace->clock, (uint64_t)info->last_ns);
        ring->last_ns = MAX(ring->last_ns, info->last_ns);
        trace->end_ns = MAX(trace->end_ns, ring->last_ns);
    }
}

/* A program that hangs since before the trace began: its state is all there is. */
static void show_beginning(weft_trace *trace)
{
    if (!trace->begins_with_state || trace->chunks->len > 0)
        return;
    guint from;
    g_autoptr(weft_state) state = weft_trace_state_before(trace, 0, &from);
    trace->end_ns = weft_state_latest(state);
}

static void resolve_sites(struct opening *o)
{
    for (guint i = 0; i < o->sites->len; i++) {
        const struct site_entry *site = &g_array_index(o->sites, struct site_entry, i);
        const char *file = weft_trace_string(o->trace, site->file);
        const char *func = weft_trace_string(o->trace, site->func);
        weft_trace_define_site(o->trace, site->id, file ? file : "", func ? func : "", site->line);
    }
}

static void read_all(struct opening *o)
{
    if (!read_index(o))
        hop(o);
    set_clock(o);
    convert_chunk_times(o->trace);
    show_beginning(o->trace);
    resolve_sites(o);
    for (guint i = 0; i < o->trace->rings->len; i++) {
        struct weft_stored_ring *ring = weft_trace_ring(o->trace, i);
        ring->lost += ring->unread;
        o->trace->lost += ring->lost;
    }
}

/* ---- Opening ---- */

static GMappedFile *map_file(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    int code = fd < 0 || fstat(fd, &st) < 0 ? errno : 0;
    if (!code && S_ISDIR(st.st_mode))
        code = EISDIR;
    if (!code && !S_ISREG(st.st_mode)) {
        close(fd);
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NOT_A_TRACE,
                    "%s is not a regular file: a trace must be one", path);
        return NULL;
    }
    GMappedFile *map = code ? NULL : g_mapped_file_new_from_fd(fd, FALSE, NULL);
    if (!map)
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO, "cannot read %s: %s", path,
                    g_strerror(code ? code : ENOMEM));
    if (fd >= 0)
        close(fd);
    return map;
}

static gboolean check_header(struct opening *o, const char *path, GError **error)
{
    struct weft_file_header header = { 0 };
    if (o->size == 0) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NOT_A_TRACE,
                    "%s is empty: a trace begins with a header of 64 bytes", path);
        return FALSE;
    }
    memcpy(&header, o->data, MIN(o->size, sizeof header));
    if (memcmp(header.magic, WEFT_FILE_MAGIC, MIN(o->size, sizeof header.magic)) != 0) {
        gboolean translated = o->size > 8 && memcmp(o->data, "WEFT", 4) == 0;
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NOT_A_TRACE,
                    translated ? "%s was changed in transfer at byte 4: copy it as a binary file"
                               : "%s is not a Weft trace: it does not begin like one (`weft "
                                 "record` makes them)",
                    path);
        return FALSE;
    }
    if (o->size < sizeof header) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_CORRUPT,
                    "%s is cut at byte %" G_GSIZE_FORMAT ", within its header: nothing is readable",
                    path, o->size);
        return FALSE;
    }
    if (header.checksum != weft_checksum(&header, sizeof header - sizeof header.checksum)) {
        damage(o, "its header is damaged");
        return TRUE;
    }
    if (header.major != WEFT_FILE_MAJOR) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_VERSION,
                    "%s has trace format %u.%u; this is Weft %s, which reads format %u: %s", path,
                    header.major, header.minor, WEFT_VERSION, WEFT_FILE_MAJOR,
                    header.major > WEFT_FILE_MAJOR ? "open it with a newer Weft"
                                                   : "record it again");
        return FALSE;
    }
    return TRUE;
}

weft_trace *weft_trace_open(const char *path, GError **error)
{
    GMappedFile *map = map_file(path, error);
    if (!map)
        return NULL;
    g_autoptr(weft_trace) trace = weft_trace_alloc();
    trace->path = g_strdup(path);
    trace->map = map;
    struct opening o = { .trace = trace,
                         .data = (const guint8 *)g_mapped_file_get_contents(map),
                         .size = g_mapped_file_get_length(map) };
    if (!check_header(&o, path, error))
        return NULL;
    o.anchors = g_array_new(FALSE, FALSE, sizeof(struct weft_clock_anchor));
    o.sites = g_array_new(FALSE, FALSE, sizeof(struct site_entry));
    read_all(&o);
    g_array_unref(o.anchors);
    g_array_unref(o.sites);
    return g_steal_pointer(&trace);
}
