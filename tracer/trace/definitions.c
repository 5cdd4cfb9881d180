/* definitions.c: see definitions.h. */
#include "tracer/trace/definitions.h"
#include "tracer/trace/chunk.h"
#include "tracer/trace/clockmap.h"
#include "tracer/trace/varint.h"
#include "tracer/trace/writer.h"
#include <string.h>

enum { CUT_EVERY = 4 << 20 }; /* bytes: a reader unpacks a table at once */

#define FIT_NS UINT64_C(100000000) /* what the clock needs between two anchors: clockmap.h */

/* ---- Tables ---- */

static void init_table(struct weft_definition_table *table)
{
    *table = (struct weft_definition_table){
        .bytes = g_byte_array_new(),
        .cuts = g_array_new(FALSE, FALSE, sizeof(struct weft_definition_cut))
    };
}

static void finish_table(struct weft_definition_table *table)
{
    g_byte_array_unref(table->bytes);
    g_array_unref(table->cuts);
}

static void copy_table(struct weft_definition_table *to, const struct weft_definition_table *from)
{
    init_table(to);
    g_byte_array_append(to->bytes, from->bytes->data, from->bytes->len);
    g_array_append_vals(to->cuts, from->cuts->data, from->cuts->len);
    to->n = from->n;
}

static struct weft_definition_cut cut_at(const struct weft_definition_table *table, guint i)
{
    if (i < table->cuts->len)
        return g_array_index(table->cuts, struct weft_definition_cut, i);
    return (struct weft_definition_cut){ table->bytes->len, table->n };
}

/* An entry was added. */
static void count_entry(struct weft_definition_table *table)
{
    gsize last = table->cuts->len ? cut_at(table, table->cuts->len - 1).size : 0;
    table->n++;
    if (table->bytes->len - last < CUT_EVERY)
        return;
    struct weft_definition_cut cut = { table->bytes->len, table->n };
    g_array_append_val(table->cuts, cut);
}

static void empty_table(struct weft_definition_table *table)
{
    g_byte_array_set_size(table->bytes, 0);
    g_array_set_size(table->cuts, 0);
    table->n = 0;
    table->written = (struct weft_definition_cut){ 0, 0 };
}

static guint64 table_size(const struct weft_definition_table *table)
{
    gsize left = table->bytes->len - table->written.size;
    return left ? (left / CUT_EVERY + 1) * weft_chunk_size(0) + weft_chunk_size(left) : 0;
}

static gboolean write_piece(struct weft_definitions *d, const struct weft_definition_table *table,
                            struct weft_definition_cut end, enum weft_chunk_kind kind,
                            weft_chunkfile *file, GError **error)
{
    struct weft_chunk_header header = { .kind = (guint16)kind, .n = end.n - table->written.n };
    const guint8 *payload = weft_chunk_pack(&header, table->bytes->data + table->written.size,
                                            end.size - table->written.size, d->packed);
    return weft_chunkfile_add(file, &header, payload, error);
}

static gboolean write_table(struct weft_definitions *d, struct weft_definition_table *table,
                            enum weft_chunk_kind kind, weft_chunkfile *file, GError **error)
{
    for (guint i = 0; table->written.n < table->n; i++) {
        struct weft_definition_cut end = cut_at(table, i);
        if (end.n <= table->written.n)
            continue;
        if (!write_piece(d, table, end, kind, file, error))
            return FALSE;
        table->written = end;
    }
    if (!d->kept)
        empty_table(table);
    return TRUE;
}

/* ---- All ---- */

static void free_process(gpointer data)
{
    struct weft_defined_process *process = data;
    g_byte_array_unref(process->payload);
    g_free(process);
}

static void init_all_but_tables(struct weft_definitions *d, gboolean kept)
{
    *d = (struct weft_definitions){ .kept = kept,
                                    .processes = g_ptr_array_new_with_free_func(free_process),
                                    .packed = g_byte_array_new() };
}

void weft_definitions_init(struct weft_definitions *d, gboolean kept)
{
    init_all_but_tables(d, kept);
    init_table(&d->strings);
    init_table(&d->sites);
    init_table(&d->anchors);
}

static struct weft_defined_process *add_process(struct weft_definitions *d, guint32 first_ring)
{
    struct weft_defined_process *process = g_new0(struct weft_defined_process, 1);
    process->first_ring = first_ring;
    process->payload = g_byte_array_new();
    g_ptr_array_add(d->processes, process);
    return process;
}

static void describe(struct weft_defined_process *process, const GByteArray *payload, guint64 from,
                     guint64 until)
{
    g_byte_array_set_size(process->payload, 0);
    g_byte_array_append(process->payload, payload->data, payload->len);
    process->from = from;
    process->until = until;
}

void weft_definitions_copy(struct weft_definitions *to, const struct weft_definitions *from)
{
    init_all_but_tables(to, TRUE);
    copy_table(&to->strings, &from->strings);
    copy_table(&to->sites, &from->sites);
    copy_table(&to->anchors, &from->anchors);
    for (guint i = 0; i < from->processes->len; i++) {
        const struct weft_defined_process *process = from->processes->pdata[i];
        describe(add_process(to, process->first_ring), process->payload, process->from,
                 process->until);
    }
}

void weft_definitions_finish(struct weft_definitions *d)
{
    finish_table(&d->strings);
    finish_table(&d->sites);
    finish_table(&d->anchors);
    g_ptr_array_unref(d->processes);
    g_byte_array_unref(d->packed);
}

void weft_definitions_add_string(struct weft_definitions *d, guint32 id, const char *text,
                                 gsize size)
{
    weft_put_varint(d->strings.bytes, id);
    weft_put_varint(d->strings.bytes, size);
    g_byte_array_append(d->strings.bytes, (const guint8 *)text, (guint)size);
    count_entry(&d->strings);
}

void weft_definitions_add_site(struct weft_definitions *d, guint32 id, guint32 line, guint32 file,
                               guint32 func)
{
    const guint32 numbers[] = { id, line, file, func };
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        weft_put_varint(d->sites.bytes, numbers[i]);
    count_entry(&d->sites);
}

void weft_definitions_add_anchor(struct weft_definitions *d, const struct weft_clock_anchor *anchor)
{
    struct weft_anchor_payload payload = { anchor->ticks, anchor->mono_ns, anchor->real_ns };
    g_byte_array_append(d->anchors.bytes, (guint8 *)&payload, sizeof payload);
    count_entry(&d->anchors);
}

guint64 weft_definitions_size(const struct weft_definitions *d)
{
    return table_size(&d->strings) + table_size(&d->sites) + table_size(&d->anchors);
}

gboolean weft_definitions_write(struct weft_definitions *d, weft_chunkfile *file, GError **error)
{
    return write_table(d, &d->strings, WEFT_CHUNK_STRINGS, file, error) &&
           write_table(d, &d->sites, WEFT_CHUNK_SITES, file, error) &&
           write_table(d, &d->anchors, WEFT_CHUNK_CLOCK, file, error);
}

void weft_definitions_begin_file(struct weft_definitions *d)
{
    const struct weft_definition_cut none = { 0, 0 };
    d->strings.written = d->sites.written = d->anchors.written = none;
}

/* ---- Processes ---- */

static GByteArray *process_payload(const struct weft_file_process *process)
{
    const char *executable = process->executable ? process->executable : "";
    struct weft_process_payload payload = {
        .pid = process->pid,
        .start_time = process->start_time,
        .start = { process->start.ticks, process->start.mono_ns, process->start.real_ns },
        .clock_kind = process->clock_kind,
        .ended = !process->ended         ? WEFT_PROCESS_LIVES
                 : process->ended_unseen ? WEFT_PROCESS_ENDED_UNSEEN
                 : process->stopped      ? WEFT_PROCESS_STOPPED
                                         : WEFT_PROCESS_ENDED,
        .exit_code = process->exit_code,
        .exit_signal = process->exit_signal,
        .program_size = (guint32)strlen(process->program),
        .host_size = (guint32)strlen(process->host),
    };
    memcpy(payload.boot_id, process->boot_id, sizeof payload.boot_id);
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, (guint8 *)&payload, sizeof payload);
    g_byte_array_append(bytes, (const guint8 *)process->program, payload.program_size);
    g_byte_array_append(bytes, (const guint8 *)process->host, payload.host_size);
    g_byte_array_append(bytes, (const guint8 *)executable, (guint)strlen(executable));
    return bytes;
}

guint weft_definitions_set_process(struct weft_definitions *d,
                                   const struct weft_file_process *process)
{
    g_autoptr(GByteArray) payload = process_payload(process);
    struct weft_defined_process *known = NULL;
    guint i = 0;
    for (; i < d->processes->len; i++) {
        known = d->processes->pdata[i];
        if (known->first_ring == process->first_ring)
            break;
    }
    if (i == d->processes->len)
        known = add_process(d, process->first_ring);
    describe(known, payload, process->from ? process->from : process->start.ticks, process->until);
    return i;
}

guint64 weft_definitions_processes_size(const struct weft_definitions *d)
{
    guint64 size = 0;
    for (guint i = 0; i < d->processes->len; i++) {
        const struct weft_defined_process *process = d->processes->pdata[i];
        size += weft_chunk_size(process->payload->len);
    }
    return size;
}

static const struct weft_anchor_payload *anchor_at(const struct weft_definitions *d, guint i)
{
    return (const struct weft_anchor_payload *)(const void *)d->anchors.bytes->data + i;
}

/* To what the process's clocks showed at `begin`, by the anchors that are kept. */
static void move_start(const struct weft_definitions *d, struct weft_process_payload *process,
                       uint64_t begin)
{
    struct weft_anchor_payload *start = &process->start;
    if (start->ticks >= begin)
        return; /* it began later */
    struct weft_clock_anchor origin = { start->ticks, start->mono_ns, start->real_ns };
    struct weft_clockmap map;
    weft_clockmap_init(&map, (enum weft_clock_kind)process->clock_kind, &origin);
    guint n = process->clock_kind == WEFT_CLOCK_COUNTER ? d->anchors.n : 0;
    for (guint i = 0; i < n; i++) {
        const struct weft_anchor_payload *p = anchor_at(d, i);
        struct weft_clock_anchor anchor = { p->ticks, p->mono_ns, p->real_ns };
        weft_clockmap_add(&map, &anchor, 0);
    }
    if (map.knots->len > 0) {
        guint64 later = weft_clockmap_ns(&map, begin);
        *start = (struct weft_anchor_payload){ begin, start->mono_ns + later,
                                               start->real_ns + later };
        if (n > 0) /* the wall clock may have been set since the start */
            start->real_ns = start->mono_ns - anchor_at(d, n - 1)->mono_ns +
                             anchor_at(d, n - 1)->real_ns;
    }
    weft_clockmap_finish(&map);
}

gboolean weft_definitions_write_process(struct weft_definitions *d, guint i, weft_chunkfile *file,
                                        uint64_t begin, uint64_t until, GError **error)
{
    struct weft_defined_process *process = d->processes->pdata[i];
    g_autofree guint8 *bytes = g_memdup2(process->payload->data, process->payload->len);
    struct weft_process_payload payload;
    memcpy(&payload, bytes, sizeof payload);
    if (begin && process->begin != begin) {
        move_start(d, &payload, begin);
        process->begin = begin;
        process->begin_anchor = payload.start;
    } else if (begin) {
        payload.start = process->begin_anchor;
    }
    memcpy(bytes, &payload, sizeof payload);
    gboolean cut = until && (!process->until || process->until > until);
    struct weft_chunk_header header = { .kind = WEFT_CHUNK_PROCESS,
                                        .n = 1,
                                        .ring = process->first_ring,
                                        .first_time = MAX(process->from, begin),
                                        .last_time = cut ? until : process->until };
    const guint8 *packed = weft_chunk_pack(&header, bytes, process->payload->len, d->packed);
    return weft_chunkfile_add(file, &header, packed, error);
}

gboolean weft_definitions_write_processes(struct weft_definitions *d, weft_chunkfile *file,
                                          uint64_t begin, uint64_t until, GError **error)
{
    for (guint i = 0; i < d->processes->len; i++)
        if (!weft_definitions_write_process(d, i, file, begin, until, error))
            return FALSE;
    return TRUE;
}

void weft_definitions_drop_anchors(struct weft_definitions *d, uint64_t begin)
{
    guint keep = 0; /* the last at or before `begin` */
    while (keep + 1 < d->anchors.n && anchor_at(d, keep + 1)->ticks <= begin)
        keep++;
    /* And one before it that gives the clock its rate. */
    guint64 at = d->anchors.n ? anchor_at(d, keep)->mono_ns : 0;
    while (keep > 0 && at - anchor_at(d, keep)->mono_ns < FIT_NS)
        keep--;
    if (keep == 0)
        return;
    gsize size = keep * sizeof(struct weft_anchor_payload);
    g_byte_array_remove_range(d->anchors.bytes, 0, (guint)size);
    g_array_set_size(d->anchors.cuts, 0);
    d->anchors.n -= keep;
    gboolean some = d->anchors.written.n > keep;
    d->anchors.written.n = some ? d->anchors.written.n - keep : 0;
    d->anchors.written.size = some ? d->anchors.written.size - size : 0;
}
