/* dispatch.c: see dispatch.h. */
#include "tracer/model/findings/dispatch.h"
#include <string.h>

static const gint64 held_ns = 1000000; /* shorter slices are counted, not kept */

void dispatch_init(struct dispatch *d, gint64 known_ns)
{
    memset(d, 0, sizeof *d);
    d->busy_step_ns = held_ns;
    d->known_ns = d->now.until_ns = known_ns;
    d->iteration_ns = d->last_iteration_ns = G_MININT64;
}

void dispatch_push(struct dispatch *d, uint64_t id, gint64 time_ns, guint32 site, gboolean task)
{
    if (d->depth == FRAMES) {
        d->deeper++;
        return;
    }
    d->frames[d->depth++] = (struct open_slice){
        .id = id, .since_ns = time_ns, .site = site, .task = task
    };
}

/* Every second entry goes: what is left says the same, less finely. */
static void thin_out(struct dispatch *d)
{
    for (guint i = 0; i < BUSY / 2; i++)
        d->busy[i] = d->busy[2 * i + 1];
    d->n_busy = BUSY / 2;
    d->busy_step_ns *= 2;
}

static void note_busy(struct dispatch *d, gint64 from_ns, gint64 to_ns)
{
    d->now.busy_ns += MAX(0, to_ns - MAX(from_ns, d->now.until_ns));
    d->now.until_ns = MAX(d->now.until_ns, to_ns);
    d->now.slices++;
    if (d->n_busy && d->now.until_ns - d->busy[d->n_busy - 1].until_ns < d->busy_step_ns)
        return;
    if (d->n_busy == BUSY)
        thin_out(d);
    d->busy[d->n_busy++] = d->now;
}

gboolean dispatch_pop(struct dispatch *d, uint64_t id, gint64 time_ns, struct open_slice *ended)
{
    guint depth = d->depth;
    if (d->deeper > 0) {
        d->deeper--;
        return FALSE;
    }
    while (depth > 0 && (id ? d->frames[depth - 1].id != id : d->frames[depth - 1].task))
        depth--;
    if (depth == 0)
        return FALSE;
    d->depth = depth - 1;
    *ended = d->frames[d->depth];
    if (d->depth == 0)
        note_busy(d, ended->since_ns, time_ns);
    return TRUE;
}

void dispatch_held(struct dispatch *d, const struct slice *slice)
{
    if (slice->to_ns - slice->from_ns >= held_ns)
        d->held[d->n_held++ % HELD] = *slice;
}

/* Busy time and slices up to t; between two entries the earlier one's. */
static struct busy busy_at(const struct dispatch *d, gint64 t_ns)
{
    struct busy at = { d->known_ns, 0, 0 };
    guint low = 0, high = d->n_busy;
    while (low < high) {
        guint middle = (low + high) / 2;
        if (d->busy[middle].until_ns <= t_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? d->busy[low - 1] : at;
}

gint64 dispatch_busy(const struct dispatch *d, gint64 from_ns, gint64 to_ns, guint64 *slices)
{
    struct busy before = busy_at(d, from_ns);
    gint64 busy = d->now.busy_ns - before.busy_ns;
    *slices = d->now.slices - before.slices;
    if (d->depth > 0) {
        gint64 since = MAX(d->frames[0].since_ns, from_ns);
        busy += to_ns > since ? to_ns - since : 0;
    }
    return MIN(busy, to_ns - from_ns);
}

static void look_at(const struct slice *slice, gint64 from_ns, gint64 to_ns, gint64 *most,
                    struct slice *longest)
{
    gint64 from = MAX(slice->from_ns, from_ns), to = MIN(slice->to_ns, to_ns);
    if (to <= from || to - from < *most)
        return;
    *most = to - from;
    *longest = *slice;
}

gboolean dispatch_longest(const struct dispatch *d, gint64 from_ns, gint64 to_ns,
                          struct slice *longest)
{
    gint64 most = held_ns;
    *longest = (struct slice){ 0 };
    for (guint i = 0; i < MIN(d->n_held, HELD); i++)
        look_at(&d->held[i], from_ns, to_ns, &most, longest);
    if (d->depth > 0) {
        const struct open_slice *frame = &d->frames[0];
        struct slice running = { frame->id, frame->site, 0, frame->since_ns, to_ns, frame->guess };
        look_at(&running, from_ns, to_ns, &most, longest);
    }
    return longest->id != 0;
}
