/* live.c: see live.h.
 *
 *      attach --"mode flight"--> the program records --> livebegin: tables and rings --> STATE
 *      ring --read--> times to ns --> chunk of a trace in memory
 *
 * A ring that begins to record only later, its loop having been held until then, has a gap behind
 * what its tables said; its first events tell anew what lives (probe/snapshot.h). */
#include "tracer/trace/live.h"
#include "tracer/trace/liveasking.h"
#include "tracer/trace/livebegin.h"
#include "tracer/trace/liveclock.h"
#include "tracer/trace/replayer.h"
#include "tracer/trace/store.h"
#include <string.h>

enum { CHUNKS_A_POLL = 64 }; /* of one ring, before the others have their turn */

struct weft_live {
    struct weft_attachment *attachment;
    weft_trace *trace;
    struct weft_liveclock clock;
    struct weft_record *records;
    struct weft_heap_definitions definitions; /* into the trace */
    struct weft_tablenames names;
    struct weft_tableread tables; /* as they were when it began; its state is the trace's */
    gint64 seen_ns;               /* it lived, and what was before is read */
    GArray *begun;                /* of gboolean, by ring: it has events in the trace */
    struct weft_liveasking asking;
    gboolean ended;
    gboolean damaged; /* a ring broke its rules */
    gboolean gone;    /* the segment was cut short: touching it would be a SIGBUS */
    char *status;
};

/* ---- Definitions ---- */

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

static void read_heap(weft_live *live)
{
    weft_heapreader_read(&live->attachment->heap, live->ended, &live->definitions);
}

/* ---- Attaching ---- */

static gint64 ticks_to_ns(gint64 ticks, const void *data)
{
    const weft_live *live = data;
    return weft_liveclock_ns(&live->clock, (uint64_t)ticks);
}

static uint64_t now_in_ticks(const weft_live *live)
{
    return live->attachment->clock_kind == weft_clock_kind ? weft_clock_now()
                                                           : weft_clock_monotonic_ns();
}

static gboolean *has_begun(weft_live *live, guint32 ring)
{
    if (ring >= live->begun->len)
        g_array_set_size(live->begun, ring + 1);
    return &g_array_index(live->begun, gboolean, ring);
}

/* One read's events go into the trace; live->records holds them, times in ticks. */
static void append(weft_live *live, guint32 ring, const struct weft_ring_read *read)
{
    guint64 lost = read->unread + read->dropped;
    if (lost)
        weft_trace_append_loss(live->trace, ring, lost);
    uint64_t actor = read->actor_known ? read->actor : weft_state_running(live->trace->state, ring);
    weft_liveclock_convert(&live->clock, live->records, read->slots);
    weft_trace_append_chunk(live->trace, ring, live->records, read->slots, actor);
}

static void begin_with_pieces(weft_live *live, const struct weft_livebegin *begin)
{
    for (guint i = 0; i < begin->pieces->len; i++) {
        const struct weft_livepiece *piece = begin->pieces->pdata[i];
        struct weft_ring_read read = piece->read;
        if (!*has_begun(live, piece->ring)) {
            read.unread = 0; /* before the trace begins */
            if (read.slots > 0)
                weft_trace_begin_ring(live->trace, piece->ring, piece->ordinal);
            *has_begun(live, piece->ring) = read.slots > 0;
        }
        if (read.slots)
            memcpy(live->records, piece->records, read.slots * sizeof *piece->records);
        append(live, piece->ring, &read);
    }
}

/* It lived at `mono_ns`, and all that it did before then has been read. */
static void note_seen(weft_live *live, guint64 mono_ns)
{
    live->seen_ns = (gint64)(mono_ns - live->trace->clock.start_mono_ns);
}

/* What is there now. A program that was recorded from its start is shown from its start, any other
 * from the first thing that is known. */
static void begin(weft_live *live)
{
    guint64 now = weft_clock_monotonic_ns();
    if (!weft_attachment_update(live->attachment))
        return;
    read_heap(live);
    struct weft_livebegin begin = weft_livebegin_read(live->attachment, &live->names,
                                                      now_in_ticks(live));
    read_heap(live); /* what the events name */
    weft_trace *trace = live->trace;
    if (begin.amid) {
        gint64 later = weft_liveclock_begin_at(&live->clock, begin.begin);
        trace->clock.start_mono_ns += (guint64)later;
        trace->source->start_realtime_ns += later;
        weft_state_convert_times(begin.tables.state, ticks_to_ns, live);
        weft_trace_append_state(trace, begin.tables.state);
    }
    begin_with_pieces(live, &begin);
    if (!weft_process_ended(live->attachment->pid, live->attachment->start_time))
        note_seen(live, now);
    live->tables = begin.tables;
    g_clear_pointer(&live->tables.state, weft_state_free);
    begin.tables = (struct weft_tableread){ 0 };
    weft_livebegin_clear(&begin);
}

static weft_live *open_live(guint64 pid, GError **error)
{
    struct weft_attachment *attachment = weft_attach_pid(pid, error);
    if (!attachment)
        return NULL;
    weft_live *live = g_new0(weft_live, 1);
    live->attachment = attachment;
    live->trace = weft_trace_new();
    live->records = g_new(struct weft_record, WEFT_CHUNK_SLOTS);
    live->begun = g_array_new(FALSE, TRUE, sizeof(gboolean));
    live->status = g_strdup("running");
    live->definitions = (struct weft_heap_definitions){ define_string, define_site, live };
    weft_tablenames_init(&live->names, &live->definitions);
    weft_liveclock_start(&live->clock, attachment);
    weft_trace *trace = live->trace;
    trace->clock.start_mono_ns = attachment->start.mono_ns;
    *trace->source = (struct weft_trace_source){
        .pid = attachment->pid,
        .start_time = attachment->start_time,
        .program = weft_trace_own(trace, g_utf8_make_valid(attachment->program, -1)),
        .executable = weft_trace_own(trace, g_utf8_make_valid(attachment->executable, -1)),
        .host = g_get_host_name(),
        .end_ns = G_MAXINT64,
        .start_realtime_ns = (gint64)attachment->start.real_ns
    };
    memcpy(trace->source->boot_id, attachment->boot_id, sizeof trace->source->boot_id);
    return live;
}

static gboolean has_loops(const weft_live *live)
{
    const GPtrArray *rings = live->attachment->live.rings;
    for (guint i = 0; i < rings->len; i++) {
        const struct weft_ring *ring = rings->pdata[i];
        if (ring && ring->kind == WEFT_RING_LOOP)
            return TRUE;
    }
    return FALSE;
}

char *weft_live_holder(const weft_live *live)
{
    for (guint32 ring = 0; ring < live->attachment->rings->len; ring++) {
        uint64_t id = weft_state_running(live->trace->state, ring);
        const struct weft_task_at *task = id ? weft_state_task(live->trace->state, id) : NULL;
        const char *name = task ? weft_trace_string(live->trace, task->name) : NULL;
        if (name && *name)
            return g_strdup_printf("%s holds its loop", name);
        if (id)
            return g_strdup_printf("Task-%" G_GUINT64_FORMAT " holds its loop",
                                   weft_id_counter(id));
    }
    return g_strdup(has_loops(live) ? "its loop does not poll"
                                    : "it has no loop, and does not call weft_probe_serve()");
}

static char *say_no_answer(const weft_live *live)
{
    g_autofree char *why = weft_live_holder(live);
    return g_strdup_printf("does not answer: %s", why);
}

/* A program that stands by does not go on from what it recorded once. NULL: it does. */
static GArray *pass_former(weft_live *live)
{
    struct weft_attachment *a = live->attachment;
    return weft_attachment_update(a) && !weft_liveasking_records(a) ? weft_livebegin_pass(a) : NULL;
}

weft_live *weft_live_attach(guint64 pid, GError **error)
{
    weft_live *live = open_live(pid, error);
    if (!live)
        return NULL;
    g_autoptr(GArray) passed = pass_former(live);
    if (!weft_process_ended(live->attachment->pid, live->attachment->start_time))
        weft_liveasking_ask(&live->asking, live->attachment, passed);
    begin(live);
    if (live->asking.waiting) {
        g_free(live->status);
        live->status = say_no_answer(live);
    }
    return live;
}

weft_live *weft_live_look(guint64 pid, GError **error)
{
    weft_live *live = open_live(pid, error);
    if (!live)
        return NULL;
    G_GNUC_UNUSED g_autoptr(GArray) passed = pass_former(live);
    begin(live);
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
    weft_liveasking_leave(&live->asking);
    weft_tablenames_finish(&live->names);
    g_clear_pointer(&live->begun, g_array_unref);
    weft_attachment_free(live->attachment);
    weft_trace_unref(live->trace);
    weft_liveclock_finish(&live->clock);
    g_free(live->records);
    g_free(live->status);
    g_free(live);
}

weft_trace *weft_live_trace(weft_live *live)
{
    return live->trace;
}

const struct weft_state *weft_live_state(const weft_live *live)
{
    return live->trace->state;
}

const struct weft_tableread *weft_live_tables(const weft_live *live)
{
    return &live->tables;
}

void weft_live_unlisted(const weft_live *live, guint64 *tasks, guint64 *objects)
{
    const struct weft_table_directory *tables = live->attachment->tables;
    *tasks = atomic_load_explicit(&tables->unlisted_tasks, memory_order_relaxed);
    *objects = atomic_load_explicit(&tables->unlisted_objects, memory_order_relaxed);
}

/* ---- Following ---- */

/* A ring whose first events are not its first, or that went on after it had stopped recording: what
 * was in between is not known. */
static void begin_ring(weft_live *live, guint32 ring, guint64 ordinal, struct weft_ring_read *read)
{
    gboolean first = !*has_begun(live, ring);
    gboolean amid = read->slots && live->records[0].kind == WEFT_RECORD_SNAPSHOT;
    *has_begun(live, ring) |= read->slots > 0;
    if (first && read->slots && (amid || ordinal > 0)) {
        weft_trace_begin_ring(live->trace, ring, ordinal);
        read->unread = 0;
        amid = TRUE;
    }
    if (amid)
        weft_trace_append_gap(live->trace, ring);
}

static guint poll_ring(weft_live *live, guint32 ring)
{
    struct weft_attached_ring *attached = live->attachment->rings->pdata[ring];
    struct weft_ring_read read;
    guint slots = 0;
    for (guint i = 0; i < CHUNKS_A_POLL; i++) {
        if (!weft_ringreader_read(&attached->reader, live->records, &read))
            break;
        begin_ring(live, ring, attached->reader.next - read.slots, &read);
        append(live, ring, &read);
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
    live->status = weft_trace_end_words(source);
    if (!live->status)
        live->status = g_strdup(how_it_ended(live));
    if (!source->ended) {
        source->end_ns = MAX(live->seen_ns, live->trace->end_ns);
        source->exit_code = WEFT_EXIT_UNKNOWN;
    }
    live->trace->end_ns = MAX(live->trace->end_ns, source->end_ns);
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
    if (weft_liveasking_hear(&live->asking)) {
        g_free(live->status);
        live->status = g_strdup("running");
    }
    /* Asked before reading: what was committed until then is read below. */
    gboolean ended = weft_process_ended(live->attachment->pid, live->attachment->start_time);
    guint64 now = weft_clock_monotonic_ns();
    weft_liveclock_keep(&live->clock, live->attachment);
    guint slots = poll_rings(live);
    for (guint more = slots; ended && more;)
        slots += more = poll_rings(live);
    if (!ended)
        note_seen(live, now);
    live->ended = ended || live->gone;
    if (!live->gone && (slots || live->ended))
        read_heap(live);
    if (live->ended)
        note_end(live);
    return slots;
}

const char *weft_live_status(const weft_live *live)
{
    return !live->ended && weft_live_stopped(live) ? "stopped by a signal" : live->status;
}

gboolean weft_live_ended(const weft_live *live)
{
    return live->ended;
}

gboolean weft_live_stopped(const weft_live *live)
{
    return live->attachment && weft_process_stopped(live->attachment->pid);
}

gboolean weft_live_paused(const weft_live *live)
{
    const GPtrArray *rings = live->attachment ? live->attachment->rings : NULL;
    for (guint i = 0; rings && i < rings->len && !live->ended; i++) {
        const struct weft_attached_ring *ring = rings->pdata[i];
        if (ring && atomic_load_explicit(&ring->page->paused_since, memory_order_relaxed))
            return TRUE;
    }
    return FALSE;
}

gint64 weft_live_seen_ns(const weft_live *live)
{
    const struct weft_trace_source *source = live->trace->source;
    return source->ended ? source->end_ns : MAX(live->seen_ns, weft_trace_end_ns(live->trace));
}

gint64 weft_live_now_ns(const weft_live *live)
{
    if (live->ended || weft_live_is_file(live))
        return weft_trace_end_ns(live->trace);
    gint64 now = (gint64)(weft_clock_monotonic_ns() - live->trace->clock.start_mono_ns);
    return MAX(now, weft_trace_end_ns(live->trace));
}
