/* live.c: see live.h.
 *
 *      ring --read--> times to ns --> chunk of a trace in memory
 *
 * A time once shown never moves: the clock's map is told what was published (clockmap.h). */
#include "tracer/trace/live.h"
#include "tracer/trace/attach.h"
#include "tracer/trace/replayer.h"
#include "tracer/trace/store.h"
#include "tracer/trace/writer.h"
#include <string.h>

#define SECOND UINT64_C(1000000000)

enum { CHUNKS_A_POLL = 64 }; /* of one ring, before the others have their turn */

struct weft_live {
    struct weft_attachment *attachment;
    weft_trace *trace;
    struct weft_clockmap clock;
    guint64 last_anchor; /* CLOCK_MONOTONIC */
    uint64_t published;  /* the last tick that was converted */
    struct weft_record *records;
    gboolean ended;
    gboolean damaged; /* a ring broke its rules */
    gboolean gone;    /* the segment was cut short: touching it would be a SIGBUS */
    char *status;
};

/* ---- The clock ---- */

static void add_anchor(weft_live *live)
{
    struct weft_clock_anchor anchor = weft_clock_anchor_now();
    live->last_anchor = anchor.mono_ns;
    if (live->attachment->clock_kind != WEFT_CLOCK_COUNTER)
        return;
    if (weft_clock_kind == WEFT_CLOCK_COUNTER || weft_attachment_anchor(live->attachment, &anchor))
        weft_clockmap_add(&live->clock, &anchor, live->published);
}

/* The program's first anchor and one of now: far enough apart, unless it has just begun. */
static void start_clock(weft_live *live)
{
    const struct weft_attachment *a = live->attachment;
    weft_clock_init();
    weft_clockmap_init(&live->clock, a->clock_kind, &a->start);
    if (a->clock_kind != WEFT_CLOCK_COUNTER)
        return;
    weft_clockmap_add(&live->clock, &a->start, 0);
    guint64 age = weft_clock_monotonic_ns() - a->start.mono_ns;
    if (age < SECOND / 10)
        g_usleep((SECOND / 10 - age) / 1000 + 1);
    add_anchor(live);
}

static void convert_times(weft_live *live, guint slots)
{
    /* A program that says it is in the future is not believed: the clock must still reach it. */
    uint64_t now = live->attachment->clock_kind == weft_clock_kind ? weft_clock_now() : UINT64_MAX;
    for (guint i = 0; i < slots; i++) {
        uint64_t ticks = live->records[i].time;
        live->published = MAX(live->published, MIN(ticks, now));
        live->records[i].time = weft_clockmap_ns(&live->clock, ticks);
        i += live->records[i].flags & WEFT_RECORD_EXT;
    }
}

/* ---- Attaching ---- */

weft_live *weft_live_attach(guint64 pid, GError **error)
{
    struct weft_attachment *attachment = weft_attach_pid(pid, error);
    if (!attachment)
        return NULL;
    weft_live *live = g_new0(weft_live, 1);
    live->attachment = attachment;
    live->trace = weft_trace_new();
    live->records = g_new(struct weft_record, WEFT_CHUNK_SLOTS);
    live->status = g_strdup("running");
    start_clock(live);
    weft_trace *trace = live->trace;
    trace->clock.start_mono_ns = attachment->start.mono_ns;
    *trace->source = (struct weft_trace_source){
        .pid = attachment->pid,
        .start_time = attachment->start_time,
        .program = weft_trace_own(trace, g_utf8_make_valid(attachment->program, -1)),
        .executable = weft_trace_own(trace, g_utf8_make_valid(attachment->executable, -1)),
        .host = g_get_host_name(),
        .start_realtime_ns = (gint64)attachment->start.real_ns
    };
    memcpy(trace->source->boot_id, attachment->boot_id, sizeof trace->source->boot_id);
    return live;
}

weft_live *weft_live_follow(weft_trace *trace)
{
    weft_live *live = g_new0(weft_live, 1);
    live->trace = weft_trace_ref(trace);
    live->status = g_strdup("being recorded");
    return live;
}

gboolean weft_live_is_file(const weft_live *live)
{
    return !live->attachment;
}

void weft_live_free(weft_live *live)
{
    if (!live)
        return;
    weft_attachment_free(live->attachment);
    weft_trace_unref(live->trace);
    weft_clockmap_finish(&live->clock);
    g_free(live->records);
    g_free(live->status);
    g_free(live);
}

weft_trace *weft_live_trace(weft_live *live)
{
    return live->trace;
}

/* ---- Following ---- */

static void define_string(void *live, guint32 id, const char *text, gsize size)
{
    weft_trace_add_string(((weft_live *)live)->trace, id, text, size);
}

static void define_site(void *live, guint32 id, guint32 line, guint32 file, guint32 func)
{
    weft_trace *trace = ((weft_live *)live)->trace;
    const char *file_text = weft_trace_string(trace, file);
    const char *func_text = weft_trace_string(trace, func);
    weft_trace_define_site(trace, id, file_text ? file_text : "", func_text ? func_text : "", line);
}

static guint poll_ring(weft_live *live, guint32 ring)
{
    struct weft_attached_ring *attached = live->attachment->rings->pdata[ring];
    struct weft_ring_read read;
    guint slots = 0;
    for (guint i = 0; i < CHUNKS_A_POLL; i++) {
        if (!weft_ringreader_read(&attached->reader, live->records, &read))
            break;
        if (read.unread + read.dropped)
            weft_trace_append_loss(live->trace, ring, read.unread + read.dropped);
        uint64_t actor = read.actor_known ? read.actor
                                          : weft_state_running(live->trace->state, ring);
        convert_times(live, read.slots);
        weft_trace_append_chunk(live->trace, ring, live->records, read.slots, actor);
        slots += read.slots;
    }
    live->damaged |= attached->reader.corrupt;
    return slots;
}

static guint poll_rings(weft_live *live)
{
    if (live->gone || !weft_attachment_update(live->attachment)) {
        live->gone = TRUE;
        return 0;
    }
    guint slots = 0;
    for (guint ring = 0; ring < live->attachment->rings->len; ring++)
        if (live->attachment->rings->pdata[ring])
            slots += poll_ring(live, ring);
    return slots;
}

static void read_heap(weft_live *live)
{
    struct weft_heap_definitions to = { define_string, define_site, live };
    weft_heapreader_read(&live->attachment->heap, live->ended, &to);
}

static const char *how_it_ended(const weft_live *live)
{
    if (live->gone)
        return "its ring was cut off";
    uint64_t end = atomic_load_explicit(&live->attachment->segment->exit_state,
                                        memory_order_acquire);
    if (end == WEFT_SEGMENT_REPLACED)
        return "it became another program";
    if (end != WEFT_SEGMENT_CLOSED)
        return "killed by a signal, or ended by _exit()";
    return live->damaged ? "ended; its ring is damaged" : "ended";
}

static void note_end(weft_live *live)
{
    for (guint ring = 0; !live->gone && ring < live->attachment->rings->len; ring++) {
        struct weft_attached_ring *attached = live->attachment->rings->pdata[ring];
        guint64 dropped = attached ? weft_ringreader_dropped_at_end(&attached->reader) : 0;
        if (dropped)
            weft_trace_append_loss(live->trace, ring, dropped);
    }
    struct weft_trace_source *source = live->trace->source;
    g_free(live->status);
    live->status = source->ended ? g_strdup_printf("ended with %d", source->exit_code)
                                 : g_strdup(how_it_ended(live));
    source->ended = TRUE;
}

static void end_file(weft_live *live, const char *status)
{
    live->ended = TRUE;
    g_free(live->status);
    live->status = g_strdup(status);
}

static guint poll_file(weft_live *live)
{
    guint slots = 0, before = weft_trace_n_chunks(live->trace);
    enum weft_trace_growth growth = weft_trace_refresh(live->trace);
    if (growth == WEFT_GROWTH_REPLACED)
        end_file(live, "its file is another one by now");
    else if (growth == WEFT_GROWTH_ENDED)
        end_file(live, weft_trace_whole(live->trace) ? "recorded" : "its recording was cut off");
    for (guint i = before; i < weft_trace_n_chunks(live->trace); i++)
        slots += weft_trace_chunk(live->trace, i)->slots;
    return slots;
}

guint weft_live_poll(weft_live *live)
{
    if (live->ended)
        return 0;
    if (weft_live_is_file(live))
        return poll_file(live);
    /* Asked before reading: what was committed until then is read below. */
    gboolean ended = weft_process_ended(live->attachment->pid, live->attachment->start_time);
    if (weft_clock_monotonic_ns() - live->last_anchor >= SECOND)
        add_anchor(live);
    guint slots = poll_rings(live);
    for (guint more = slots; ended && more;)
        slots += more = poll_rings(live);
    live->ended = ended || live->gone;
    if (!live->gone && (slots || live->ended))
        read_heap(live);
    if (live->ended)
        note_end(live);
    return slots;
}

const char *weft_live_status(const weft_live *live)
{
    return live->status;
}

gboolean weft_live_ended(const weft_live *live)
{
    return live->ended;
}

gint64 weft_live_now_ns(const weft_live *live)
{
    if (live->ended || weft_live_is_file(live))
        return weft_trace_end_ns(live->trace);
    gint64 now = (gint64)(weft_clock_monotonic_ns() - live->attachment->start.mono_ns);
    return MAX(now, weft_trace_end_ns(live->trace));
}

/* ---- Saving ---- */

static void save_definitions(const weft_trace *trace, weft_filewriter *writer)
{
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, trace->strings);
    while (g_hash_table_iter_next(&iter, &key, &value))
        weft_filewriter_string(writer, GPOINTER_TO_UINT(key), value, strlen(value));
    /* A site keeps no ids of its texts: they get new ones, which no string of a segment has. */
    guint32 next = G_MAXUINT32 - 1;
    g_hash_table_iter_init(&iter, trace->sites);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        const struct weft_trace_site *site = value;
        weft_filewriter_string(writer, next, site->file, strlen(site->file));
        weft_filewriter_string(writer, next - 1, site->func, strlen(site->func));
        weft_filewriter_site(writer, GPOINTER_TO_UINT(key), site->line, next, next - 1);
        next -= 2;
    }
}

static gint64 add_start(gint64 time, const void *start)
{
    return time + (gint64) * (const guint64 *)start;
}

/* What was known when it began. */
static gboolean save_beginning(const weft_trace *trace, weft_filewriter *writer, GError **error)
{
    if (!weft_trace_begins_with_state(trace))
        return TRUE;
    guint from;
    g_autoptr(weft_state) state = weft_trace_state_before(trace, 0, &from);
    weft_state_convert_times(state, add_start, &trace->clock.start_mono_ns);
    return weft_filewriter_state(writer, state, error);
}

static gboolean save_chunk(const weft_trace *trace, guint index, struct weft_record *records,
                           weft_filewriter *writer, GError **error)
{
    const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, index);
    guint n = weft_trace_decode(trace, index, records, error);
    if (n == 0)
        return FALSE;
    for (guint i = 0; i < n; i++) {
        records[i].time += trace->clock.start_mono_ns;
        i += records[i].flags & WEFT_RECORD_EXT;
    }
    if (chunk->lost_before &&
        !weft_filewriter_loss(writer, chunk->ring, chunk->lost_before, 0, error))
        return FALSE;
    return weft_filewriter_events(writer, chunk->ring, records, n, chunk->current_task, error);
}

gboolean weft_live_save(weft_live *live, const char *path, GError **error)
{
    g_return_val_if_fail(!weft_live_is_file(live), FALSE);
    const weft_trace *trace = live->trace;
    g_autoptr(weft_filewriter) writer = weft_filewriter_new_whole(path, error);
    if (!writer)
        return FALSE;
    guint64 start = trace->clock.start_mono_ns;
    struct weft_file_process process = {
        .pid = trace->source->pid,
        .start_time = live->attachment->start_time,
        .clock_kind = WEFT_CLOCK_MONOTONIC, /* the times were converted already */
        .start = { start, start, (uint64_t)trace->source->start_realtime_ns },
        .program = trace->source->program,
        .executable = trace->source->executable,
        .host = trace->source->host,
        .ended = trace->source->ended,
        .exit_code = trace->source->exit_code,
        .exit_signal = trace->source->exit_signal,
    };
    memcpy(process.boot_id, live->attachment->boot_id, sizeof process.boot_id);
    if (!weft_filewriter_process(writer, &process, error))
        return FALSE;
    save_definitions(trace, writer);
    if (!save_beginning(trace, writer, error))
        return FALSE;
    g_autofree struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++)
        if (!save_chunk(trace, i, records, writer, error))
            return FALSE;
    for (guint ring = 0; ring < trace->rings->len; ring++) {
        guint64 lost = weft_trace_lost_at_end(trace, ring);
        if (lost && !weft_filewriter_loss(writer, ring, lost, 0, error))
            return FALSE;
    }
    return weft_filewriter_finish(writer, error);
}

/* ---- Who is there ---- */

static void clear_process(gpointer data)
{
    g_free(((struct weft_live_process *)data)->program);
}

static void add_process(void *processes, const char *path G_GNUC_UNUSED,
                        const struct weft_segment *page)
{
    g_autofree char *program = g_strndup(page->program, sizeof page->program);
    struct weft_live_process process = {
        .pid = page->pid,
        .program = g_utf8_make_valid(program, -1),
        .alive = !weft_process_ended(page->pid, page->start_time),
        .started = page->start_time,
    };
    g_array_append_val((GArray *)processes, process);
}

static gint newest_first(gconstpointer a, gconstpointer b)
{
    const struct weft_live_process *x = a, *y = b;
    return x->started > y->started ? -1 : x->started < y->started;
}

GArray *weft_live_processes(void)
{
    GArray *processes = g_array_new(FALSE, FALSE, sizeof(struct weft_live_process));
    g_array_set_clear_func(processes, clear_process);
    weft_visit_segments(NULL, add_process, processes);
    g_array_sort(processes, newest_first);
    return processes;
}
