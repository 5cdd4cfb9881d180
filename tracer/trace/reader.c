/* reader.c: opens a trace file. format.h says what is in it.
 *
 *      tracefile.h finds chunks -> tables, read now        strings, sites, clock, losses
 *                               -> events, states          where they are; read when asked for
 *
 * Nothing in the file is trusted: ids, sizes and counts are checked before they are used. */
#include "tracer/trace/reading.h"
#include "tracer/trace/varint.h"
#include <string.h>

struct site_entry {
    guint32 id, line, file, func;
};

void weft_reading_damage(struct weft_reading *o, const char *format, ...)
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

/* Its start tells a process from what it becomes by exec(). Until the clock is known, start_ns is
 * CLOCK_MONOTONIC. */
static gboolean is_about(const struct weft_trace_source *source,
                         const struct weft_process_payload *p)
{
    return source->pid == p->pid && source->start_time == p->start_time &&
           source->start_ns == (gint64)p->start.mono_ns &&
           memcmp(source->boot_id, p->boot_id, sizeof p->boot_id) == 0;
}

/* The index of the process that this is about: mostly described before, with this ring; or with
 * another; or new. -1: there are too many. */
static gint find_source(struct weft_reading *o, const struct weft_process_payload *p, guint32 ring)
{
    GPtrArray *sources = o->trace->sources;
    guint index = weft_trace_source_of(o->trace, ring);
    if (!o->has_process || is_about(sources->pdata[index], p))
        return (gint)index;
    for (index = 0; index < sources->len; index++)
        if (is_about(sources->pdata[index], p))
            return (gint)index;
    if (sources->len == WEFT_TRACE_RINGS)
        return -1;
    weft_trace_add_source(o->trace);
    return (gint)index;
}

static void set_span(struct weft_reading *o, guint source, const struct weft_chunk_header *header)
{
    if (source >= o->spans->len)
        g_array_set_size(o->spans, source + 1);
    g_array_index(o->spans, struct weft_reading_span,
                  source) = (struct weft_reading_span){ header->first_time, header->last_time };
}

static void read_process(struct weft_reading *o, const struct weft_chunk_header *header,
                         const guint8 *bytes)
{
    struct weft_process_payload p;
    const guint32 ring = header->ring, size = header->raw;
    if (size < sizeof p)
        return;
    memcpy(&p, bytes, sizeof p);
    const char *text = (const char *)bytes + sizeof p;
    if (p.program_size > size - sizeof p || p.host_size > size - sizeof p - p.program_size)
        return;
    weft_trace *trace = o->trace;
    const char *host = text + p.program_size, *executable = host + p.host_size;
    gsize rest = size - sizeof p - p.program_size - p.host_size;
    gint index = find_source(o, &p, ring);
    if (index < 0)
        return;
    struct weft_trace_source *source = trace->sources->pdata[index];
    *source = (struct weft_trace_source){
        .pid = p.pid,
        .start_time = p.start_time,
        .first_ring = o->has_process && source->pid ? MIN(source->first_ring, ring) : ring,
        .start_ns = (gint64)p.start.mono_ns,
        .program = weft_trace_own(trace, g_utf8_make_valid(text, p.program_size)),
        .host = weft_trace_own(trace, g_utf8_make_valid(host, p.host_size)),
        .executable = weft_trace_own(trace, g_utf8_make_valid(executable, (gssize)rest)),
        .start_realtime_ns = (gint64)p.start.real_ns,
        .ended = p.ended != WEFT_PROCESS_LIVES,
        .ended_unseen = p.ended == WEFT_PROCESS_ENDED_UNSEEN,
        .stopped = p.ended == WEFT_PROCESS_STOPPED,
        .exit_code = p.exit_code,
        .exit_signal = p.exit_signal
    };
    memcpy(source->boot_id, p.boot_id, sizeof source->boot_id);
    set_span(o, (guint)index, header);
    weft_trace_add_span(trace, ring, (guint)index);
    if (!o->has_process || p.start.mono_ns < o->start.mono_ns)
        o->start = (struct weft_clock_anchor){ p.start.ticks, p.start.mono_ns, p.start.real_ns };
    if (!o->has_process)
        o->clock_kind = (enum weft_clock_kind)p.clock_kind;
    o->has_process = TRUE;
}

/* Nanoseconds count from the start of the process that began first. */
static void place_sources(struct weft_reading *o)
{
    for (guint i = 0; o->has_process && i < o->trace->sources->len; i++) {
        struct weft_trace_source *source = o->trace->sources->pdata[i];
        source->start_ns -= (gint64)o->start.mono_ns;
        if (source->start_realtime_ns)
            source->start_realtime_ns -= source->start_ns;
    }
}

/* Undoes that: what follows is about processes by their CLOCK_MONOTONIC. */
static void unplace_sources(struct weft_reading *o)
{
    for (guint i = 0; o->has_process && i < o->trace->sources->len; i++) {
        struct weft_trace_source *source = o->trace->sources->pdata[i];
        if (source->start_realtime_ns)
            source->start_realtime_ns += source->start_ns;
        source->start_ns += (gint64)o->start.mono_ns;
    }
}

static void read_strings(struct weft_reading *o, struct weft_varints *in, guint n)
{
    for (; n > 0 && !in->bad; n--) {
        guint64 id = weft_get_varint(in), size = weft_get_varint(in);
        const guint8 *text = weft_get_bytes(in, size);
        if (text && id <= G_MAXUINT32)
            weft_trace_add_string(o->trace, (guint32)id, (const char *)text, size);
    }
}

static void read_sites(struct weft_reading *o, struct weft_varints *in, guint n)
{
    for (; n > 0 && !in->bad; n--) {
        struct site_entry site;
        site.id = weft_get_varint32(in);
        site.line = weft_get_varint32(in);
        site.file = weft_get_varint32(in);
        site.func = weft_get_varint32(in);
        if (!in->bad)
            g_array_append_val(o->sites, site);
    }
}

static void read_anchors(struct weft_reading *o, const guint8 *bytes, gsize size)
{
    struct weft_anchor_payload p;
    for (; size >= sizeof p; bytes += sizeof p, size -= sizeof p) {
        memcpy(&p, bytes, sizeof p);
        struct weft_clock_anchor anchor = { p.ticks, p.mono_ns, p.real_ns };
        g_array_append_val(o->anchors, anchor);
    }
}

static void read_loss(struct weft_reading *o, const struct weft_chunk_header *header,
                      const guint8 *bytes, gsize size)
{
    struct weft_loss_payload p = { 0 };
    if (size < offsetof(struct weft_loss_payload, between))
        return;
    memcpy(&p, bytes, MIN(size, sizeof p));
    struct weft_stored_ring *ring = weft_trace_ring(o->trace, header->ring);
    ring->lost += p.dropped;
    ring->unread += p.unread;
    ring->between += MIN(p.between, p.unread);
    ring->exts += MIN(p.exts, (p.unread - MIN(p.between, p.unread)) / 2);
    ring->gap |= p.dropped + p.unread == 0;
}

static void read_table(struct weft_reading *o, const struct weft_index_entry *entry)
{
    const struct weft_chunk_header *header = &entry->header;
    g_autofree guint8 *bytes = weft_tracefile_unpacked(o->file, entry);
    if (!bytes) {
        weft_reading_damage(o, "a table at byte %" G_GUINT64_FORMAT " is damaged", entry->offset);
        return;
    }
    struct weft_varints in = { bytes, bytes + header->raw, FALSE };
    switch (header->kind) {
    case WEFT_CHUNK_PROCESS:
        read_process(o, header, bytes);
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

static void add_events(struct weft_reading *o, const struct weft_index_entry *entry)
{
    const struct weft_chunk_header *h = &entry->header;
    if (entry->slots == 0 || entry->slots > WEFT_TRACE_CHUNK_SLOTS || h->n > entry->slots) {
        weft_reading_damage(o, "the events at byte %" G_GUINT64_FORMAT " are damaged",
                            entry->offset);
        return;
    }
    struct weft_stored_ring *ring = weft_trace_ring(o->trace, h->ring);
    guint64 gap = h->first_ordinal > ring->next_ordinal ? h->first_ordinal - ring->next_ordinal : 0;
    guint64 between = MIN(ring->between, gap), exts = MIN(ring->exts, (gap - between) / 2);
    struct weft_stored_chunk chunk = {
        .info = { .ring = h->ring,
                  .slots = entry->slots,
                  .first_ns = (gint64)h->first_time, /* in ticks, until the clock is known */
                  .last_ns = (gint64)h->last_time,
                  .first_ordinal = h->first_ordinal,
                  .lost_before = ring->lost + gap - exts,
                  .between = between,
                  .exts_before = exts,
                  .gap = ring->gap,
                  .current_task = entry->current_task },
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
    ring->lost = ring->unread = ring->between = ring->exts = 0;
    ring->gap = FALSE;
    ring->next_ordinal = h->first_ordinal + entry->slots;
}

/* Before anything of a ring: what came before the trace is no loss of it. */
static void begin_rings(struct weft_reading *o, const struct weft_index_entry *entry)
{
    g_autofree guint8 *bytes = weft_tracefile_unpacked(o->file, entry);
    if (!bytes) {
        weft_reading_damage(
            o, "the state that it begins with, at byte %" G_GUINT64_FORMAT ", is damaged",
            entry->offset);
        return;
    }
    o->trace->begins_with_state = TRUE;
    struct weft_varints in = { bytes, bytes + entry->header.raw, FALSE };
    for (uint64_t n = weft_get_count(&in, 2); n > 0; n--) {
        uint64_t ring = weft_get_varint(&in), ordinal = weft_get_varint(&in);
        if (ring < WEFT_TRACE_RINGS)
            *weft_trace_ring(o->trace,
                             (uint32_t)ring) = (struct weft_stored_ring){ .begin_ordinal = ordinal,
                                                                          .next_ordinal = ordinal };
    }
}

static void add_state(struct weft_reading *o, const struct weft_index_entry *entry)
{
    struct weft_stored_state state = {
        .chunk = o->trace->chunks->len,
        .offset = entry->offset,
        .stored = entry->header.stored,
        .raw = entry->header.raw,
        .checksum = entry->header.payload_checksum,
        .codec = entry->header.codec,
    };
    g_array_append_val(o->trace->states, state);
    if (entry->header.n == 0 && o->trace->chunks->len == 0 && o->trace->states->len == 1)
        begin_rings(o, entry);
}

static void add_chunk(struct weft_reading *o, const struct weft_index_entry *entry)
{
    if (entry->header.ring >= WEFT_TRACE_RINGS) {
        weft_reading_damage(
            o, "the chunk at byte %" G_GUINT64_FORMAT " names ring %u, which cannot be",
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
    case WEFT_CHUNK_SUMMARY:
    case WEFT_CHUNK_NOTES:
        g_array_append_val(o->trace->additions, *entry);
        break;
    case WEFT_CHUNK_PROCESS:
    case WEFT_CHUNK_STRINGS:
    case WEFT_CHUNK_SITES:
    case WEFT_CHUNK_CLOCK:
    case WEFT_CHUNK_LOSS:
        read_table(o, entry);
        break;
    }
}

/* ---- Finding the chunks ---- */

static gboolean read_index(struct weft_reading *o)
{
    g_autoptr(GArray) entries = weft_tracefile_index(o->file);
    for (guint i = 0; entries && i < entries->len; i++)
        add_chunk(o, &g_array_index(entries, struct weft_index_entry, i));
    return entries != NULL;
}

static gboolean begins_like_a_chunk(const struct weft_reading *o, guint64 offset)
{
    const guint32 magic = WEFT_CHUNK_MAGIC;
    guint32 there = 0;
    gsize size = (gsize)MIN(sizeof magic, o->file->size - offset);
    return weft_tracefile_read(o->file, offset, &there, size) && memcmp(&there, &magic, size) == 0;
}

/* What ends a report of where the file is not read on. */
static const char *before_is_shown(const struct weft_reading *o)
{
    return o->trace->chunks->len > 0 ? "; what comes before is shown" : "";
}

struct damaged {
    guint places;
    guint64 first, first_end, last, last_end; /* bytes */
};

static void add_damaged(struct damaged *damaged, guint64 from, guint64 to)
{
    damaged->last = from;
    damaged->last_end = to;
    if (damaged->places++ > 0)
        return;
    damaged->first = from;
    damaged->first_end = to;
}

static void say_damaged(struct weft_reading *o, const struct damaged *damaged)
{
    if (damaged->places == 0)
        return;
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, "bytes %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                           damaged->first, damaged->first_end);
    if (damaged->places > 2)
        g_string_append_printf(text, ", %u more place%s,", damaged->places - 2,
                               damaged->places == 3 ? "" : "s");
    if (damaged->places > 1)
        g_string_append_printf(text, " and bytes %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                               damaged->last, damaged->last_end);
    weft_reading_damage(o, "%s are damaged", text->str);
}

/* From header to header, from where it was left off. */
static void hop(struct weft_reading *o)
{
    const guint64 size = o->file->size;
    guint64 offset = o->offset;
    struct damaged damaged = { 0 };
    while (offset < size && !weft_tracefile_is_trailer(o->file, offset)) {
        struct weft_index_entry entry;
        if (weft_tracefile_chunk_at(o->file, offset, &entry)) {
            guint64 end = weft_tracefile_end(&entry);
            if (end > size)
                break;
            add_chunk(o, &entry);
            o->ended = entry.header.kind == WEFT_CHUNK_INDEX;
            o->added = o->added && (o->ended || entry.header.kind == WEFT_CHUNK_SUMMARY ||
                                    entry.header.kind == WEFT_CHUNK_NOTES);
            offset = end;
            continue;
        }
        if (weft_tracefile_is_former_trailer(o->file, offset)) {
            offset += sizeof(struct weft_trailer);
            o->added = TRUE;
            continue;
        }
        guint64 next = weft_tracefile_resynchronise(o->file, offset + 8);
        if (next == size && size - offset < sizeof entry.header && begins_like_a_chunk(o, offset))
            break; /* cut within a header */
        o->ended = TRUE;
        guint64 other = weft_tracefile_another(o->file, offset, next);
        if (other < next) {
            weft_reading_damage(o, "another trace begins at byte %" G_GUINT64_FORMAT "%s", other,
                                before_is_shown(o));
            break;
        }
        add_damaged(&damaged, offset, next);
        offset = next;
    }
    say_damaged(o, &damaged);
    g_autoptr(GArray) index = o->ended ? weft_tracefile_index(o->file) : NULL;
    o->trace->whole = index != NULL;
    o->offset = offset;
    o->damage = o->trace->damage->len;
    if (o->trace->whole || weft_trace_growing(o->trace))
        return;
    if (o->added && o->damage == 0)
        weft_reading_damage(o,
                            "what was added to it last is cut off at byte %" G_GUINT64_FORMAT
                            "; the events are all there",
                            size);
    else if (!o->ended)
        weft_reading_damage(o,
                            "it is cut at byte %" G_GUINT64_FORMAT
                            ": its recording did not end, or it is "
                            "still going on%s",
                            size, before_is_shown(o));
    else if (o->trace->damage->len == 0)
        weft_reading_damage(o, "its index is damaged; the events are all there");
}

/* ---- What is known once all chunks are ---- */

/* By the clock that never goes back: a counter may have begun again. */
static gint compare_anchors(gconstpointer a, gconstpointer b)
{
    const struct weft_clock_anchor *x = a, *y = b;
    if (x->mono_ns != y->mono_ns)
        return x->mono_ns < y->mono_ns ? -1 : 1;
    return x->ticks < y->ticks ? -1 : x->ticks > y->ticks;
}

/* The times of chunks that were shown stand. */
static void go_on_with_clock(struct weft_reading *o)
{
    for (; o->anchored < o->anchors->len && o->clock_kind == WEFT_CLOCK_COUNTER; o->anchored++)
        weft_clockmap_add(&o->trace->clock,
                          &g_array_index(o->anchors, struct weft_clock_anchor, o->anchored),
                          o->published);
}

static void set_clock(struct weft_reading *o)
{
    weft_trace *trace = o->trace;
    if (!o->has_process) {
        if (trace->chunks->len)
            weft_reading_damage(
                o, "the description of its process is missing: times are only roughly right");
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
    if (o->has_process && !o->start_anchored)
        g_array_append_val(o->anchors, o->start);
    o->start_anchored = o->has_process;
    g_array_sort(o->anchors, compare_anchors);
    weft_clockmap_finish(&trace->clock);
    weft_clockmap_init(&trace->clock, o->clock_kind, &o->start);
    o->anchored = 0;
    go_on_with_clock(o);
}

static void convert_chunk_times(struct weft_reading *o)
{
    weft_trace *trace = o->trace;
    for (guint i = o->converted; i < trace->chunks->len; i++) {
        struct weft_trace_chunk *info =
            &g_array_index(trace->chunks, struct weft_stored_chunk, i).info;
        struct weft_stored_ring *ring = weft_trace_ring(trace, info->ring);
        o->published = MAX(o->published, (uint64_t)info->last_ns);
        info->first_ns = (gint64)weft_clockmap_ns(&trace->clock, (uint64_t)info->first_ns);
        info->last_ns = (gint64)weft_clockmap_ns(&trace->clock, (uint64_t)info->last_ns);
        ring->last_ns = MAX(ring->last_ns, info->last_ns);
        trace->end_ns = MAX(trace->end_ns, ring->last_ns);
    }
    o->converted = trace->chunks->len;
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

/* When the events of each source are; without any, first is greater than last. */
static void find_events(const weft_trace *trace, gint64 *first, gint64 *last)
{
    for (guint i = 0; i < trace->sources->len; i++) {
        first[i] = G_MAXINT64;
        last[i] = G_MININT64;
    }
    for (guint i = 0; i < trace->chunks->len; i++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, i);
        guint source = weft_trace_source_of(trace, chunk->ring);
        first[source] = MIN(first[source], chunk->first_ns);
        last[source] = MAX(last[source], chunk->last_ns);
    }
}

/* From when until when each source was seen; its events lie between, whatever the file says. */
static void bound_sources(struct weft_reading *o)
{
    weft_trace *trace = o->trace;
    const guint n = trace->sources->len;
    g_autofree gint64 *first = g_new(gint64, n), *last = g_new(gint64, n);
    gint64 begin = trace->chunks->len ? G_MAXINT64 : trace->end_ns;
    find_events(trace, first, last);
    for (guint i = 0; i < n; i++)
        begin = MIN(begin, first[i]);
    g_array_set_size(o->spans, n);
    for (guint i = 0; i < n; i++) {
        struct weft_trace_source *source = trace->sources->pdata[i];
        const struct weft_reading_span *span = &g_array_index(o->spans, struct weft_reading_span,
                                                              i);
        source->begin_ns = source->start_ns;
        if (span->from || trace->begins_with_state)
            source->begin_ns = MAX(source->begin_ns,
                                   span->from ? (gint64)weft_clockmap_ns(&trace->clock, span->from)
                                              : begin);
        source->begin_ns = MIN(source->begin_ns, first[i]);
        source->end_ns = source->ended ? last[i] : G_MAXINT64;
        if (span->until)
            source->end_ns = (gint64)weft_clockmap_ns(&trace->clock, span->until);
        source->end_ns = MAX(source->end_ns, MAX(source->begin_ns, last[i]));
        if (source->end_ns != G_MAXINT64)
            trace->end_ns = MAX(trace->end_ns, source->end_ns);
    }
}

static void resolve_sites(struct weft_reading *o)
{
    for (; o->resolved < o->sites->len; o->resolved++) {
        const struct site_entry *site = &g_array_index(o->sites, struct site_entry, o->resolved);
        const char *file = weft_trace_string(o->trace, site->file);
        const char *func = weft_trace_string(o->trace, site->func);
        weft_trace_define_site(o->trace, site->id, file ? file : "", func ? func : "", site->line);
    }
}

/* What was lost behind each ring's last chunk, as far as it is known. */
static void count_losses_at_ends(weft_trace *trace)
{
    for (guint i = 0; i < trace->rings->len; i++) {
        struct weft_stored_ring *ring = weft_trace_ring(trace, i);
        ring->lost += ring->unread - ring->exts;
        trace->lost += ring->lost;
    }
}

void weft_reading_all(struct weft_reading *o)
{
    o->anchors = g_array_new(FALSE, FALSE, sizeof(struct weft_clock_anchor));
    o->sites = g_array_new(FALSE, FALSE, sizeof(struct site_entry));
    o->spans = g_array_new(FALSE, TRUE, sizeof(struct weft_reading_span));
    o->offset = sizeof(struct weft_file_header);
    o->trace->whole = read_index(o);
    if (!o->trace->whole)
        hop(o);
    set_clock(o);
    place_sources(o);
    convert_chunk_times(o);
    show_beginning(o->trace);
    bound_sources(o);
    resolve_sites(o);
    count_losses_at_ends(o->trace);
}

gboolean weft_reading_more(struct weft_reading *o)
{
    weft_trace *trace = o->trace;
    struct weft_clock_anchor start = o->start;
    unplace_sources(o);
    for (guint i = 0; i < trace->rings->len; i++) {
        struct weft_stored_ring *ring = weft_trace_ring(trace, i);
        trace->lost -= ring->lost;
        ring->lost -= ring->unread - ring->exts;
    }
    g_string_truncate(trace->damage, o->damage);
    hop(o);
    if (o->converted == 0)
        set_clock(o);
    else
        go_on_with_clock(o);
    gboolean same_start = o->converted == 0 || start.mono_ns == o->start.mono_ns;
    place_sources(o);
    convert_chunk_times(o);
    show_beginning(trace);
    bound_sources(o);
    resolve_sites(o);
    count_losses_at_ends(trace);
    return same_start;
}

void weft_reading_free(struct weft_reading *o)
{
    if (!o)
        return;
    g_clear_pointer(&o->anchors, g_array_unref);
    g_clear_pointer(&o->sites, g_array_unref);
    g_clear_pointer(&o->spans, g_array_unref);
    g_free(o);
}
