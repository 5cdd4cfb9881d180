/* summary_whole.c: what of a summary belongs to no lane: rings, chunks, losses, facts. See
 * summary.h. */
#include "tracer/model/coder.h"
#include "tracer/model/plan.h"
#include <string.h>

/* ---- Rings, chunks, losses ---- */

static void code_machine(struct coder *c, struct machine *m)
{
    m->last_ns = code_moment_or_never(c, m->last_ns);
    m->loop_lane = (guint32)code(c, m->loop_lane + 1u) - 1;
    m->ready = (guint32)code_max(c, m->ready, G_MAXUINT32);
    m->ready_shown = (guint32)code_max(c, m->ready_shown, G_MAXUINT32);
    m->timer = code(c, m->timer);
    m->op = code_change(c, m->op, 0);
    m->op_object = code(c, m->op_object);
    m->timer_plan = (uint16_t)code_max(c, m->timer_plan, 900 * PLAN_MAGNITUDES);
    m->has_tasks = (uint8_t)code_max(c, m->has_tasks, 1);
    m->depth = (uint8_t)code_max(c, m->depth, FRAMES_MAX);
    for (guint i = 0; i < m->depth && !c->bad; i++) {
        struct frame *frame = &m->frames[i];
        frame->id = code(c, frame->id);
        frame->site = (uint32_t)code_max(c, frame->site, G_MAXUINT32);
        frame->state = (uint8_t)code_max(c, frame->state, WEFT_SEGMENT_STATES - 1);
        frame->detail = (uint8_t)code_max(c, frame->detail, G_MAXUINT8);
    }
}

static void code_rings(struct coder *c, weft_model *model)
{
    guint n = code_count(c, model->rings->len, 1);
    check(c, n <= 1 << WEFT_ID_RING_BITS);
    for (guint i = 0; i < n && !c->bad; i++) {
        const struct ring *old = c->out ? model->rings->pdata[i] : NULL;
        struct ring ring = { 0 };
        if (old)
            ring = *old;
        if (code_max(c, old != NULL, 1) == 0 || c->bad)
            continue;
        ring.damaged = (gboolean)code_max(c, (guint64)ring.damaged, 1);
        ring.unknown_at_end = (gboolean)code_max(c, (guint64)ring.unknown_at_end, 1);
        ring.lost_at_end = ring.unknown_at_end; /* its file does not grow */
        code_machine(c, &ring.machine);
        if (!c->out) {
            ring.machine.ring = i;
            ring.first_chunk = ring.last_chunk = G_MAXUINT32;
            *model_ring(model, i) = ring;
        }
    }
}

/* Which chunk follows which in a ring is seen in the trace. */
static void code_chunks(struct coder *c, weft_model *model)
{
    if (!c->out) {
        model->chunks = g_new0(struct chunk_entry, MAX(model->n_chunks, 1));
        model->chunks_capacity = model->n_chunks;
    }
    for (guint i = 0; i < model->n_chunks && !c->bad; i++) {
        struct chunk_entry entry = { 0 };
        if (c->out)
            entry = model->chunks[i];
        entry.lost_before = (gboolean)code_max(c, (guint64)entry.lost_before, 1);
        entry.lost_ns = code_moment(c, entry.lost_ns);
        code_machine(c, &entry.machine);
        if (c->out)
            continue;
        guint32 ring = weft_trace_chunk(model->trace, i)->ring;
        check(c, ring < model->rings->len && model->rings->pdata[ring]);
        if (c->bad)
            return;
        entry.next = G_MAXUINT32;
        entry.machine.ring = ring;
        model->chunks[i] = entry;
        struct ring *of = model_ring(model, ring);
        if (of->last_chunk != G_MAXUINT32)
            model->chunks[of->last_chunk].next = i;
        else
            of->first_chunk = i;
        of->last_chunk = i;
    }
}

static void code_losses(struct coder *c, weft_model *model)
{
    guint n = code_count(c, model->losses->len, 5);
    guint64 lost = 0;
    for (guint i = 0; i < n && !c->bad; i++) {
        struct weft_loss loss = { 0 };
        if (c->out)
            loss = g_array_index(model->losses, struct weft_loss, i);
        loss.ring = (guint32)code_max(c, loss.ring, (1 << WEFT_ID_RING_BITS) - 1);
        loss.slots = code(c, loss.slots);
        loss.from_ns = code_moment(c, loss.from_ns);
        loss.to_ns = code_moment(c, loss.to_ns);
        lost += loss.slots;
        if (!c->out)
            g_array_append_val(model->losses, loss);
    }
    check(c, lost == model->lost);
}

/* ---- Facts ---- */

/* Values are 1 … max. */
static void code_idmap(struct coder *c, struct idmap *map, guint32 max)
{
    g_autoptr(GArray) pairs = c->out ? idmap_pairs(map) : NULL;
    guint n = code_count(c, pairs ? pairs->len : 0, 2);
    struct idmap_pair last = { 0 };
    for (guint i = 0; i < n && !c->bad; i++) {
        struct idmap_pair pair = pairs ? g_array_index(pairs, struct idmap_pair, i) : last;
        pair.id = last.id + code(c, pair.id - last.id);
        guint64 value = code_change(c, pair.value, last.value);
        check(c, value >= 1 && value <= max && !c->in.bad);
        pair.value = (uint32_t)value;
        if (!c->out && !c->bad)
            idmap_set(map, pair.id, pair.value);
        last = pair;
    }
}

/* As their bytes: those of the ABI. */
static void code_failures(struct coder *c, GArray *failures)
{
    const guint size = sizeof(struct weft_ext_error);
    guint n = code_count(c, failures->len, size);
    const guint8 *bytes = code_bytes(c, (const guint8 *)failures->data, (gsize)n * size);
    for (guint i = 0; !c->out && bytes && i < n; i++) {
        struct weft_ext_error error;
        memcpy(&error, bytes + i * size, size);
        g_array_append_val(failures, error);
    }
}

static void code_cancels(struct coder *c, GArray *cancels)
{
    guint n = code_count(c, cancels->len, 4);
    for (guint i = 0; i < n && !c->bad; i++) {
        struct cancel_fact cancel = { 0 };
        if (c->out)
            cancel = g_array_index(cancels, struct cancel_fact, i);
        cancel.time_ns = code_moment(c, cancel.time_ns);
        cancel.by = code(c, cancel.by);
        cancel.message = (guint32)code_max(c, cancel.message, G_MAXUINT32);
        cancel.previous = (guint32)code_max(c, cancel.previous, i); /* an earlier one: no circle */
        if (!c->out)
            g_array_append_val(cancels, cancel);
    }
}

static void code_amid(struct coder *c, GArray *amid)
{
    guint n = code_count(c, amid->len, 3);
    for (guint i = 0; i < n && !c->bad; i++) {
        struct amid_fact fact = { 0 };
        if (c->out)
            fact = g_array_index(amid, struct amid_fact, i);
        fact.from_ns = code_moment(c, fact.from_ns);
        fact.since_ns = code_moment(c, fact.since_ns);
        fact.previous = (guint32)code_max(c, fact.previous, i);
        check(c, fact.since_ns < fact.from_ns);
        if (!c->out)
            g_array_append_val(amid, fact);
    }
}

static void code_groups(struct coder *c, struct facts *f)
{
    guint n = code_count(c, f->members->len, 1);
    uint64_t last = 0;
    for (guint i = 0; i < n && !c->bad; i++) {
        uint64_t member = c->out ? g_array_index(f->members, uint64_t, i) : 0;
        last = member = code_change(c, member, last);
        if (!c->out)
            g_array_append_val(f->members, member);
    }
    n = code_count(c, f->groups->len, 3);
    for (guint i = 0; i < n && !c->bad; i++) {
        struct group_fact group = { 0 };
        if (c->out)
            group = g_array_index(f->groups, struct group_fact, i);
        group.first = (guint)code_max(c, group.first, f->members->len);
        group.n = (guint)code_max(c, group.n, f->members->len);
        group.total = (guint)code_max(c, group.total, G_MAXUINT);
        check(c, group.n <= f->members->len - MIN(group.first, f->members->len) &&
                     group.n <= group.total);
        if (!c->out)
            g_array_append_val(f->groups, group);
    }
}

static void code_facts(struct coder *c, struct facts *f)
{
    code_failures(c, f->failures);
    code_cancels(c, f->cancels);
    code_amid(c, f->amid);
    code_groups(c, f);
    code_idmap(c, &f->names, G_MAXUINT32);
    code_idmap(c, &f->numbers, G_MAXUINT32);
    code_idmap(c, &f->group_of, f->groups->len);
    code_idmap(c, &f->grouped, 1);
    code_idmap(c, &f->failure_of, f->failures->len);
    code_idmap(c, &f->cancel_of, f->cancels->len);
    code_idmap(c, &f->amid_of, f->amid->len);
}

/* ---- All ---- */

void summary_code_whole(struct coder *c, weft_model *model, guint n_lanes)
{
    guint64 lost = code(c, model->lost), events = code(c, model->events);
    gsize kept_bytes = code(c, model->kept_bytes);
    gint64 last_ns = code_moment(c, model->last_ns);
    if (!c->out) {
        model->lost = lost;
        model->events = events;
        model->kept_bytes = kept_bytes;
        model->last_ns = last_ns;
    }
    code_rings(c, model);
    code_chunks(c, model);
    code_losses(c, model);
    code_facts(c, &model->facts);
    code_idmap(c, &model->lane_of, n_lanes);
}
