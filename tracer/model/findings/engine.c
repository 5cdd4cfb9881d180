/* engine.c: see engine.h. */
#include "tracer/model/findings/engine.h"
#include "tracer/model/findings/found.h"
#include <string.h>

static const struct family *const families[FAMILIES] = {
#define X(name) &name##_family,
    WEFT_FINDING_FAMILIES(X)
#undef X
};

/* ---- Life ---- */

static void free_ring(gpointer data)
{
    struct watched_ring *ring = data;
    if (ring)
        g_array_unref(ring->pauses);
    g_free(ring);
}

static void listen(struct told_list *lists, guint64 kinds, const struct family *family,
                   void (*tell)(gpointer, const struct happening *), gpointer self)
{
    static const guint always = 1;
    const guint *awake = family->awake ? family->awake(self) : &always;
    for (guint kind = 0; kind < WEFT_RECORD_KIND_END; kind++)
        if (kinds >> kind & 1)
            lists[kind].told[lists[kind].n++] = (struct told){ tell, self,
                                                               family->lazy >> kind & 1 ? awake
                                                                                        : &always };
}

weft_findings *weft_findings_new(weft_model *model, const struct weft_threshold_set *thresholds)
{
    weft_findings *f = g_new0(weft_findings, 1);
    f->model = model;
    f->trace = weft_model_trace(model);
    if (thresholds)
        f->thresholds = *thresholds;
    else
        weft_threshold_set_defaults(&f->thresholds);
    f->rings = g_ptr_array_new_with_free_func(free_ring);
    f->records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    found_list_init(f);
    for (guint i = 0; i < FAMILIES; i++) {
        f->selves[i] = families[i]->new (f);
        listen(f->before, families[i]->before, families[i], families[i]->before_record,
               f->selves[i]);
        listen(f->after, families[i]->after, families[i], families[i]->after_record, f->selves[i]);
    }
    return f;
}

void weft_findings_free(weft_findings *f)
{
    if (!f)
        return;
    for (guint i = 0; i < FAMILIES; i++)
        families[i]->free(f->selves[i]);
    found_list_finish(f);
    weft_state_free(f->state);
    g_ptr_array_unref(f->rings);
    g_free(f->records);
    g_free(f);
}

/* ---- Rings ---- */

const struct watched_ring *findings_ring(const weft_findings *f, uint32_t index)
{
    return index < f->rings->len ? f->rings->pdata[index] : NULL;
}

/* Made when it is missing: by the pass alone, so that judging goes over a list that stays. */
static struct watched_ring *make_ring(weft_findings *f, uint32_t index)
{
    if (index >= f->rings->len)
        g_ptr_array_set_size(f->rings, (gint)index + 1);
    struct watched_ring *ring = f->rings->pdata[index];
    if (ring)
        return ring;
    ring = f->rings->pdata[index] = g_new0(struct watched_ring, 1);
    ring->index = index;
    ring->last_ns = G_MININT64;
    ring->polling_ns = -1;
    ring->pauses = g_array_new(FALSE, FALSE, sizeof(struct pause));
    return ring;
}

gboolean findings_end_known(const weft_findings *f, const struct watched_ring *ring)
{
    return ring && !ring->damaged && !weft_trace_unknown_at_end(f->trace, ring->index);
}

gint64 findings_span(const struct watched_ring *ring, gint64 from_ns, gint64 to_ns)
{
    if (to_ns <= from_ns)
        return 0;
    gint64 span = to_ns - from_ns;
    for (guint i = ring->pauses->len; i > 0; i--) {
        const struct pause *pause = &g_array_index(ring->pauses, struct pause, i - 1);
        if (pause->to_ns <= from_ns)
            break;
        gint64 from = MAX(pause->from_ns, from_ns), to = MIN(pause->to_ns, to_ns);
        span -= to > from ? to - from : 0;
    }
    return span;
}

static void control(struct watched_ring *ring, const struct happening *h)
{
    struct pause *last = ring->pauses->len
                             ? &g_array_index(ring->pauses, struct pause, ring->pauses->len - 1)
                             : NULL;
    gboolean paused = last && last->to_ns == G_MAXINT64;
    if (h->record->detail == WEFT_CONTROL_RESUMED && paused) {
        last->to_ns = h->time_ns;
    } else if (h->record->detail != WEFT_CONTROL_RESUMED && !paused) {
        struct pause pause = { h->time_ns, G_MAXINT64 };
        g_array_append_val(ring->pauses, pause);
    }
}

/* Another loop of the ring is not held by what held this one. */
static void end_pause(struct watched_ring *ring, gint64 t_ns)
{
    struct pause *last = ring->pauses->len
                             ? &g_array_index(ring->pauses, struct pause, ring->pauses->len - 1)
                             : NULL;
    if (last && last->to_ns == G_MAXINT64)
        last->to_ns = t_ns;
}

static void note_ring(struct watched_ring *ring, const struct happening *h)
{
    const struct weft_record *r = h->record;
    switch (r->kind) {
    case WEFT_RECORD_LOOP_OPEN:
    case WEFT_RECORD_LOOP_CLOSE:
        end_pause(ring, h->time_ns);
        ring->open = r->kind == WEFT_RECORD_LOOP_OPEN;
        ring->loop = r->subject;
        ring->polling_ns = -1;
        break;
    case WEFT_RECORD_POLL_BEGIN:
        ring->polling_ns = (gint64)MIN(r->object, G_MAXINT64);
        /* fallthrough */
    case WEFT_RECORD_POLL_END:
    case WEFT_RECORD_ITERATION:
        ring->loop = r->subject;
        ring->open = TRUE;
        ring->callbacks = 0;
        break;
    case WEFT_RECORD_CALLBACK_BEGIN:
        ring->callbacks++;
        break;
    case WEFT_RECORD_CALLBACK_END:
        ring->callbacks -= ring->callbacks > 0;
        break;
    case WEFT_RECORD_CONTROL:
        control(ring, h);
        break;
    }
}

void findings_forget(struct weft_idtable *table, const struct watched_ring *ring)
{
    for (guint i = 0; i < weft_idtable_n(table); i++) {
        const uint64_t *id = weft_idtable_at(table, i);
        if (id && weft_id_ring(*id) == ring->index)
            weft_idtable_remove(table, *id);
    }
}

/* ---- The pass ---- */

static inline void tell_all(const struct told_list *list, const struct happening *h)
{
    const struct told *end = list->told + list->n;
    for (const struct told *told = list->told; told < end; told++)
        if (*told->awake)
            told->tell(told->self, h);
}

static void pass_record(weft_findings *f, const struct happening *h)
{
    static const guint64 of_rings = KIND(LOOP_OPEN) | KIND(LOOP_CLOSE) | KIND(POLL_BEGIN) |
                                    KIND(POLL_END) | KIND(ITERATION) | KIND(CONTROL) |
                                    KIND(CALLBACK_BEGIN) | KIND(CALLBACK_END);
    guint kind = h->record->kind;
    if (kind >= WEFT_RECORD_KIND_END)
        return;
    if (of_rings >> kind & 1)
        note_ring(h->ring, h);
    tell_all(&f->before[kind], h);
    weft_state_apply(f->state, h->ring->index, h->record, h->ext);
    tell_all(&f->after[kind], h);
}

static void pass_records(weft_findings *f, struct watched_ring *ring, guint n)
{
    struct weft_record *records = f->records;
    for (guint i = 0; i < n; i++) {
        struct weft_record *r = &records[i];
        gboolean ext = r->flags & WEFT_RECORD_EXT && i + 1 < n;
        ring->last_ns = MAX(findings_time((gint64)r->time), ring->last_ns);
        r->time = (uint64_t)ring->last_ns;
        struct happening h = {
            .record = r, .ext = ext ? r + 1 : NULL, .ring = ring, .time_ns = ring->last_ns
        };
        pass_record(f, &h);
        i += ext;
    }
}

static void lose(weft_findings *f, struct watched_ring *ring, guint64 slots, gint64 to_ns)
{
    gint64 from_ns = findings_last(ring, to_ns);
    weft_state_apply_loss(f->state, ring->index, from_ns);
    ring->polling_ns = -1;
    ring->callbacks = 0;
    for (guint i = 0; i < FAMILIES; i++)
        if (families[i]->lose)
            families[i]->lose(f->selves[i], ring, slots, from_ns, MAX(from_ns, to_ns));
}

static void pass_chunk(weft_findings *f)
{
    guint index = f->n_chunks++;
    const struct weft_trace_chunk *chunk = weft_trace_chunk(f->trace, index);
    struct watched_ring *ring = make_ring(f, chunk->ring);
    ring->between = chunk->between;
    if (chunk->lost_before > 0 || chunk->gap || ring->damaged)
        lose(f, ring, chunk->lost_before, findings_time(chunk->first_ns));
    guint n = weft_trace_decode(f->trace, index, f->records, NULL);
    ring->damaged = n == 0 && chunk->slots > 0;
    if (ring->damaged) {
        ring->between = 0;
        lose(f, ring, weft_trace_chunk_events(f->trace, index), findings_time(chunk->last_ns));
        return;
    }
    weft_state_apply_chunk(f->state, chunk->ring, chunk->current_task,
                           MAX(findings_time(chunk->first_ns), ring->last_ns));
    pass_records(f, ring, n);
}

static void begin(weft_findings *f)
{
    guint from;
    f->begun = TRUE;
    f->state = weft_trace_begins_with_state(f->trace) ? weft_trace_state_before(f->trace, 0, &from)
                                                      : weft_state_new();
    guint at = 0;
    for (const struct weft_task_at *task; (task = weft_state_next_task(f->state, &at));)
        make_ring(f, weft_id_ring(task->id));
    for (uint32_t ring = 0; ring < weft_state_n_rings(f->state); ring++)
        make_ring(f, ring);
    for (guint i = 0; i < FAMILIES; i++)
        if (families[i]->begin)
            families[i]->begin(f->selves[i]);
}

gboolean weft_findings_advance(weft_findings *f, guint max_chunks)
{
    if (!f->begun)
        begin(f);
    guint n = f->model->n_chunks;
    guint end = max_chunks && n - f->n_chunks > max_chunks ? f->n_chunks + max_chunks : n;
    if (f->n_chunks < end)
        found_withdraw(f);
    while (f->n_chunks < end)
        pass_chunk(f);
    return f->n_chunks < n;
}

static void set_now(const weft_findings *f, struct watched_ring *ring, gint64 now_ns)
{
    guint source = weft_trace_source_of(f->trace, ring->index);
    gint64 end_ns = findings_time(weft_trace_source_at(f->trace, source)->end_ns);
    ring->now_ns = MAX(MIN(now_ns, end_ns), findings_last(ring, now_ns));
}

void weft_findings_now(weft_findings *f, gint64 now_ns, gboolean ended)
{
    if (!f->begun)
        begin(f);
    found_withdraw(f);
    f->judging = TRUE;
    now_ns = findings_time(now_ns);
    for (guint i = 0; i < f->rings->len; i++)
        if (f->rings->pdata[i])
            set_now(f, f->rings->pdata[i], now_ns);
    for (guint i = 0; i < FAMILIES; i++)
        if (families[i]->now)
            families[i]->now(f->selves[i], now_ns, ended);
    f->judging = FALSE;
}
