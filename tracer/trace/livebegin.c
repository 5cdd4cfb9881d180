/* livebegin.c: see livebegin.h. */
#include "tracer/trace/livebegin.h"
#include "tracer/probe/stale.h"
#include "tracer/trace/tableat.h"

static guint64 current_of(const struct weft_ring *ring)
{
    return atomic_load_explicit(&ring->current, memory_order_acquire);
}

GArray *weft_livebegin_pass(struct weft_attachment *attachment)
{
    struct weft_record *records = g_new(struct weft_record, WEFT_CHUNK_SLOTS);
    struct weft_ring_read read;
    GArray *passed = g_array_new(FALSE, FALSE, sizeof(guint64));
    for (guint i = 0; i < attachment->rings->len; i++) {
        struct weft_attached_ring *attached = attachment->rings->pdata[i];
        guint64 current = attached ? current_of(attached->page) : 0;
        g_array_append_val(passed, current);
        if (!attached)
            continue;
        for (guint64 left = attached->reader.n_chunks; left > 0; left--)
            if (!weft_ringreader_read(&attached->reader, records, &read))
                break;
        weft_ringreader_dropped_at_end(&attached->reader);
    }
    g_free(records);
    return passed;
}

gboolean weft_livebegin_all_record(const struct weft_attachment *attachment, const GArray *passed)
{
    const GPtrArray *rings = attachment->live.rings;
    for (guint i = 0; i < rings->len; i++) {
        const struct weft_ring *ring = rings->pdata[i];
        guint64 before = i < passed->len ? g_array_index(passed, guint64, i) : 0;
        if (ring && ring->kind == WEFT_RING_LOOP && current_of(ring) == before &&
            (atomic_load_explicit(&ring->polling_since, memory_order_relaxed) ||
             atomic_load_explicit(&ring->running, memory_order_relaxed)))
            return FALSE;
    }
    return TRUE;
}

static void free_piece(gpointer data)
{
    struct weft_livepiece *piece = data;
    g_free(piece->records);
    g_free(piece);
}

/* As much as there is now; a program that goes on is not run after. */
static void read_ring(struct weft_livebegin *begin, weft_tableat *at,
                      struct weft_attached_ring *attached, guint32 ring)
{
    struct weft_record *records = g_new(struct weft_record, WEFT_CHUNK_SLOTS);
    struct weft_ring_read read;
    for (guint64 left = attached->reader.n_chunks;
         left > 0 && weft_ringreader_read(&attached->reader, records, &read); left--) {
        struct weft_livepiece *piece = g_new0(struct weft_livepiece, 1);
        *piece = (struct weft_livepiece){ ring, attached->reader.next - read.slots, read,
                                          g_memdup2(records, read.slots * sizeof *records) };
        g_ptr_array_add(begin->pieces, piece);
        weft_tableat_records(at, ring, piece->ordinal, records, read.slots);
    }
    g_free(records);
}

static void read_rings(struct weft_livebegin *begin, weft_tableat *at,
                       struct weft_attachment *attachment)
{
    for (guint i = 0; i < attachment->rings->len; i++)
        if (attachment->rings->pdata[i])
            read_ring(begin, at, attachment->rings->pdata[i], i);
}

/* When the first of the rings begins, and the last; both stay as they are without an event. */
static void begins(const weft_tableat *at, guint n_rings, guint64 *first, guint64 *last)
{
    for (guint i = 0; i < n_rings; i++) {
        uint64_t ordinal, ticks;
        if (!weft_tableat_begin(at, i, &ordinal, &ticks))
            continue;
        *first = MIN(*first, ticks);
        *last = MAX(*last, ticks);
    }
}

/* Without an event, as in a file that is recovered: when the first of what the tables tell began,
 * so that every wait, and the slice that holds a loop, is there whole. */
static guint64 first_known(const weft_state *state)
{
    gint64 earliest = weft_state_earliest(state);
    return earliest > 0 ? (guint64)earliest : G_MAXUINT64;
}

struct weft_livebegin weft_livebegin_read(struct weft_attachment *attachment,
                                          struct weft_tablenames *names, guint64 now)
{
    struct weft_livebegin begin = { .pieces = g_ptr_array_new_with_free_func(free_piece),
                                    .begin = G_MAXUINT64 };
    g_autoptr(weft_tableat) at = weft_tableat_new();
    guint64 last = 0;
    attachment->live.lives = weft_segment_is_held(attachment->fd);
    struct weft_tableread tables = weft_tables_read(&attachment->live, names);
    read_rings(&begin, at, attachment);
    begins(at, attachment->rings->len, &begin.begin, &last);
    if (last > now) { /* a ring began behind the tables' reading: they are of before, for it */
        weft_tableread_clear(&tables);
        tables = weft_tables_read(&attachment->live, names);
        read_rings(&begin, at, attachment);
    }
    begin.tables = tables;
    begin.tables.state = weft_tableat_state(at, tables.state);
    weft_state_free(tables.state);
    if (begin.begin == G_MAXUINT64)
        begin.begin = MAX(first_known(begin.tables.state), attachment->start.ticks);
    begin.begin = MIN(begin.begin, now);
    begin.amid = weft_tableat_is_amid(at, begin.tables.state);
    return begin;
}

void weft_livebegin_clear(struct weft_livebegin *begin)
{
    weft_tableread_clear(&begin->tables);
    g_ptr_array_unref(begin->pieces);
}
