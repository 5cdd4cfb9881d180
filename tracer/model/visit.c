/* visit.c: all events in the order they are shown: by time, then ring, then place in the ring. It
 * decodes them into memory of its own, and takes no lock: a walk may be long. And those of a chunk.
 */
#include "tracer/model/model_private.h"
#include "tracer/model/record_cache.h"
#include <string.h>

/* One ring's place in the walk. */
struct reader {
    struct weft_record *records;
    struct machine machine; /* to know who acts */
    guint32 chunk, n, i;    /* chunk G_MAXUINT32: at its end */
};

/* Goes on to the first record of chunk `chunk`, or of a later one of the ring. */
static void open_chunk(weft_model *model, struct reader *r, guint32 chunk)
{
    r->i = r->n = 0;
    r->chunk = chunk;
    while (r->chunk != G_MAXUINT32) {
        const struct chunk_entry *entry = &model->chunks[r->chunk];
        const struct weft_trace_chunk *info = weft_trace_chunk(model->trace, r->chunk);
        r->n = weft_trace_decode(model->trace, r->chunk, r->records, NULL);
        if (r->n) {
            struct operation ops[OPERATIONS_MAX];
            r->machine = entry->machine;
            machine_begin_chunk(model, &r->machine, FALSE, entry->lost_before, info->first_ns,
                                info->current_task, ops);
            return;
        }
        r->chunk = entry->next;
    }
}

static gboolean next_event(weft_model *model, struct reader *r, struct weft_event_view *event)
{
    if (r->chunk == G_MAXUINT32)
        return FALSE;
    const struct weft_record *record = &r->records[r->i];
    struct operation ops[OPERATIONS_MAX];
    *event = (struct weft_event_view){ .record = *record,
                                       .ring = r->machine.ring,
                                       .chunk = r->chunk,
                                       .index = r->i,
                                       .actor = machine_actor(model, &r->machine) };
    machine_apply(model, &r->machine, FALSE, record, NULL, 0, ops);
    r->i++;
    if (record->flags & WEFT_RECORD_EXT && r->i < r->n)
        event->ext = r->records[r->i++];
    if (r->i >= r->n)
        open_chunk(model, r, model->chunks[r->chunk].next);
    return TRUE;
}

static gint64 next_time(const struct reader *r)
{
    return r->chunk == G_MAXUINT32 ? G_MAXINT64 : (gint64)r->records[r->i].time;
}

/* A reader per ring that has events in the range. */
static GArray *open_readers(weft_model *model, gint64 from_ns, gint64 to_ns)
{
    GArray *readers = g_array_new(FALSE, TRUE, sizeof(struct reader));
    g_autofree guint8 *seen = g_new0(guint8, model->rings->len + 1);
    for (guint c = 0; c < model->n_chunks; c++) {
        const struct weft_trace_chunk *info = weft_trace_chunk(model->trace, c);
        if (seen[info->ring] || info->last_ns < from_ns || info->first_ns > to_ns)
            continue;
        seen[info->ring] = TRUE;
        struct reader reader = { .records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS) };
        open_chunk(model, &reader, c);
        struct weft_event_view skipped;
        while (next_time(&reader) < from_ns)
            next_event(model, &reader, &skipped);
        g_array_append_val(readers, reader);
    }
    return readers;
}

static struct reader *earliest(GArray *readers)
{
    struct reader *first = NULL;
    for (guint i = 0; i < readers->len; i++) {
        struct reader *r = &g_array_index(readers, struct reader, i);
        if (r->chunk == G_MAXUINT32)
            continue;
        if (!first || next_time(r) < next_time(first) ||
            (next_time(r) == next_time(first) && r->machine.ring < first->machine.ring))
            first = r;
    }
    return first;
}

void weft_model_visit(weft_model *model, gint64 from_ns, gint64 to_ns, weft_event_visitor *visit,
                      gpointer data)
{
    GArray *readers = open_readers(model, from_ns, to_ns);
    struct reader *first;
    while ((first = earliest(readers)) && next_time(first) <= to_ns) {
        struct weft_event_view event;
        if (!next_event(model, first, &event) || !visit(&event, data))
            break;
    }
    for (guint i = 0; i < readers->len; i++)
        g_free(g_array_index(readers, struct reader, i).records);
    g_array_unref(readers);
}

void model_visit_chunk(weft_model *model, guint chunk, weft_event_visitor *visit, gpointer data)
{
    const struct weft_trace_chunk *info = weft_trace_chunk(model->trace, chunk);
    struct machine m = model->chunks[chunk].machine;
    struct operation ops[OPERATIONS_MAX];
    guint n;
    turn_lock_take(&model->lock);
    const struct weft_record *records = record_cache_get(model->decoded, chunk, &n);
    machine_begin_chunk(model, &m, FALSE, model->chunks[chunk].lost_before, info->first_ns,
                        info->current_task, ops);
    gboolean more = TRUE;
    for (guint i = 0; more && i < n; i++) {
        struct weft_event_view event = { .record = records[i],
                                         .ring = info->ring,
                                         .chunk = chunk,
                                         .index = i,
                                         .actor = machine_actor(model, &m) };
        machine_apply(model, &m, FALSE, &records[i], NULL, 0, ops);
        if (records[i].flags & WEFT_RECORD_EXT && i + 1 < n)
            event.ext = records[++i];
        more = visit(&event, data);
    }
    turn_lock_give(&model->lock);
}
