/* fed.c: see fed.h. */
#include "tracer/trace/fed.h"
#include "tracer/trace/clockmap.h"
#include "tracer/trace/replayer.h"
#include "tracer/trace/store.h"
#include <string.h>

struct weft_fed {
    weft_feed *feed;
    GPtrArray *processes; /* of struct weft_fed_process *, by number; NULL: left */
    struct weft_feed_item *item;
    GQueue waiting;             /* items that need the clock */
    GArray *anchors;            /* that came before the first process */
    struct weft_clockmap clock; /* of the file: its 0 is the first process's start */
    enum weft_clock_kind kind;
    uint64_t published; /* the last tick that was converted */
};

struct weft_fed_pending { /* one ring's events on their way into a chunk */
    guint n;
    uint64_t actor;
    gint64 last_ns;
    struct weft_record records[WEFT_TRACE_CHUNK_SLOTS];
};

static void free_process(gpointer data)
{
    struct weft_fed_process *process = data;
    if (!process)
        return;
    weft_trace_unref(process->trace);
    g_hash_table_unref(process->pending);
    g_free(process);
}

weft_fed *weft_fed_new(weft_feed *feed)
{
    weft_fed *fed = g_new0(weft_fed, 1);
    fed->feed = feed;
    fed->processes = g_ptr_array_new_with_free_func(free_process);
    fed->anchors = g_array_new(FALSE, FALSE, sizeof(struct weft_clock_anchor));
    g_queue_init(&fed->waiting);
    return fed;
}

void weft_fed_free(weft_fed *fed)
{
    if (!fed)
        return;
    for (struct weft_feed_item *item; (item = g_queue_pop_head(&fed->waiting));)
        weft_feed_done(fed->feed, item);
    if (fed->item)
        weft_feed_done(fed->feed, fed->item);
    weft_clockmap_finish(&fed->clock);
    g_array_unref(fed->anchors);
    g_ptr_array_unref(fed->processes);
    g_free(fed);
}

guint weft_fed_n(const weft_fed *fed)
{
    return fed->processes->len;
}

struct weft_fed_process *weft_fed_process(const weft_fed *fed, guint number)
{
    return number < fed->processes->len ? fed->processes->pdata[number] : NULL;
}

void weft_fed_leave(weft_fed *fed, guint number)
{
    free_process(weft_fed_process(fed, number));
    fed->processes->pdata[number] = NULL;
}

/* ---- The clock ---- */

static void add_anchor(weft_fed *fed, const struct weft_clock_anchor *anchor)
{
    if (!fed->clock.knots)
        g_array_append_vals(fed->anchors, anchor, 1);
    else if (fed->kind == WEFT_CLOCK_COUNTER)
        weft_clockmap_add(&fed->clock, anchor, fed->published);
}

static void start_clock(weft_fed *fed, const struct weft_feed_item *item)
{
    fed->kind = item->clock_kind;
    weft_clockmap_init(&fed->clock, fed->kind, &item->anchor);
    for (guint i = 0; i < fed->anchors->len; i++)
        add_anchor(fed, &g_array_index(fed->anchors, struct weft_clock_anchor, i));
}

gint64 weft_fed_ns(const weft_fed *fed, const struct weft_fed_process *process, uint64_t ticks)
{
    return weft_clockmap_signed_ns(&fed->clock, ticks) - process->shift_ns;
}

/* A program that says it is in the future is not believed: the clock must still reach it. */
static void convert(weft_fed *fed, const struct weft_fed_process *process,
                    struct weft_record *records, guint n)
{
    uint64_t now = fed->kind == weft_clock_kind ? weft_clock_now() : UINT64_MAX;
    for (guint i = 0; i < n; i++) {
        fed->published = MAX(fed->published, MIN(records[i].time, now));
        records[i].time = (uint64_t)MAX(0, weft_fed_ns(fed, process, records[i].time));
        i += (records[i].flags & WEFT_RECORD_EXT) != 0;
    }
}

struct converting {
    const weft_fed *fed;
    const struct weft_fed_process *process;
};

static gint64 convert_time(gint64 ticks, const void *data)
{
    const struct converting *c = data;
    return weft_fed_ns(c->fed, c->process, (uint64_t)ticks);
}

/* ---- Into the trace ---- */

static struct weft_fed_process *make_process(weft_fed *fed, guint number)
{
    if (number < fed->processes->len)
        return fed->processes->pdata[number];
    g_ptr_array_set_size(fed->processes, (gint)number + 1);
    struct weft_fed_process *process = g_new0(struct weft_fed_process, 1);
    process->number = number;
    process->trace = weft_trace_new();
    process->trace->source->end_ns = G_MAXINT64;
    process->pending = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    return fed->processes->pdata[number] = process;
}

static void flush_ring(struct weft_fed_process *process, guint32 ring,
                       struct weft_fed_pending *pending)
{
    weft_trace_append_chunk(process->trace, ring, pending->records, pending->n, pending->actor);
    process->slots += pending->n;
    pending->n = 0;
}

void weft_fed_flush(struct weft_fed_process *process)
{
    GHashTableIter iter;
    gpointer ring, pending;
    g_hash_table_iter_init(&iter, process->pending);
    while (g_hash_table_iter_next(&iter, &ring, &pending))
        flush_ring(process, GPOINTER_TO_UINT(ring), pending);
}

static struct weft_fed_pending *pending_of(struct weft_fed_process *process, guint32 ring)
{
    struct weft_fed_pending *pending = g_hash_table_lookup(process->pending,
                                                           GUINT_TO_POINTER(ring));
    if (pending)
        return pending;
    pending = g_new(struct weft_fed_pending, 1);
    pending->n = 0;
    g_hash_table_insert(process->pending, GUINT_TO_POINTER(ring), pending);
    return pending;
}

static void add_events(weft_fed *fed, struct weft_fed_process *process,
                       const struct weft_feed_item *item)
{
    struct weft_fed_pending *pending = pending_of(process, item->ring);
    if (pending->n + item->n > WEFT_TRACE_CHUNK_SLOTS)
        flush_ring(process, item->ring, pending);
    convert(fed, process, item->payload, item->n);
    if (pending->n == 0)
        pending->actor = item->actor_known ? item->actor
                                           : weft_state_running(process->trace->state, item->ring);
    memcpy(pending->records + pending->n, item->payload, item->size);
    pending->n += item->n;
}

static void begin_with_state(const weft_fed *fed, const struct weft_fed_process *process,
                             struct weft_feed_item *item)
{
    struct converting c = { fed, process };
    weft_state_convert_times(item->state, convert_time, &c);
    weft_trace_append_state(process->trace, item->state);
}

/* How it ended is not what is asked here, only until when it was seen. */
static void end(const weft_fed *fed, struct weft_fed_process *process,
                const struct weft_feed_item *item)
{
    weft_fed_flush(process);
    struct weft_trace_source *source = process->trace->source;
    if (item->ended && !source->ended)
        source->end_ns = MAX(weft_fed_ns(fed, process, item->time), process->trace->end_ns);
    source->ended |= item->ended;
}

static void define_site(weft_trace *trace, const struct weft_feed_item *item)
{
    const char *file = weft_trace_string(trace, item->file);
    const char *func = weft_trace_string(trace, item->func);
    weft_trace_define_site(trace, item->id, file ? file : "", func ? func : "", item->line);
}

static void begin_process(weft_fed *fed, struct weft_fed_process *process,
                          const struct weft_feed_item *item)
{
    if (!fed->clock.knots)
        start_clock(fed, item);
    process->shift_ns = (gint64)(item->anchor.mono_ns - fed->clock.start_mono_ns);
    process->trace->clock.start_mono_ns = item->anchor.mono_ns;
}

static void apply(weft_fed *fed, struct weft_feed_item *item)
{
    if (item->kind == WEFT_FEED_ANCHOR)
        add_anchor(fed, &item->anchor);
    if (item->kind == WEFT_FEED_ANCHOR || item->kind == WEFT_FEED_NOW)
        return;
    struct weft_fed_process *process = make_process(fed, item->process);
    if (!process)
        return; /* it was left */
    switch (item->kind) {
    case WEFT_FEED_PROCESS:
        begin_process(fed, process, item);
        break;
    case WEFT_FEED_STRING:
        weft_trace_add_string(process->trace, item->id, item->payload, item->size);
        break;
    case WEFT_FEED_SITE:
        define_site(process->trace, item);
        break;
    case WEFT_FEED_STATE:
        begin_with_state(fed, process, item);
        break;
    case WEFT_FEED_EVENTS:
        add_events(fed, process, item);
        break;
    case WEFT_FEED_LOSS:
        flush_ring(process, item->ring, pending_of(process, item->ring));
        weft_trace_append_loss(process->trace, item->ring, item->lost);
        break;
    case WEFT_FEED_GAP:
        flush_ring(process, item->ring, pending_of(process, item->ring));
        weft_trace_append_gap(process->trace, item->ring);
        break;
    case WEFT_FEED_END:
        end(fed, process, item);
        break;
    default:
        break;
    }
}

/* ---- Taking ---- */

static gboolean needs_clock(const struct weft_feed_item *item)
{
    return item->kind != WEFT_FEED_PROCESS && item->kind != WEFT_FEED_STRING &&
           item->kind != WEFT_FEED_SITE && item->kind != WEFT_FEED_ANCHOR;
}

static struct weft_feed_item *take(weft_fed *fed)
{
    struct weft_feed_item *item;
    if (fed->clock.fitted && (item = g_queue_pop_head(&fed->waiting)))
        return item;
    while ((item = weft_feed_take(fed->feed))) {
        if (fed->clock.fitted || !needs_clock(item))
            return item;
        g_queue_push_tail(&fed->waiting, item);
    }
    return NULL;
}

const struct weft_feed_item *weft_fed_next(weft_fed *fed)
{
    if (fed->item)
        weft_feed_done(fed->feed, fed->item);
    fed->item = take(fed);
    if (fed->item)
        apply(fed, fed->item);
    return fed->item;
}

void weft_fed_continue(struct weft_fed_process *process)
{
    weft_fed_flush(process);
    weft_trace *next = weft_trace_continue(process->trace);
    weft_trace_unref(process->trace);
    process->trace = next;
    process->slots = 0;
}
