/* turns.c: see turns.h. */
#include "tracer/model/turns.h"

enum {
    KEPT = 1 << 15, /* of slices; and nothing is said of more */
    OPEN_MAX = 64,  /* inside each other; what begins deeper is not looked at */
};

void turns_init(struct turns *t)
{
    *t = (struct turns){ .open = g_array_new(FALSE, FALSE, sizeof(struct turn)),
                         .queued = g_array_new(FALSE, FALSE, sizeof(struct turn)),
                         .longest = g_array_new(FALSE, FALSE, sizeof(struct turn)) };
    turns_forget(t);
}

void turns_finish(struct turns *t)
{
    g_array_unref(t->open);
    g_array_unref(t->queued);
    g_array_unref(t->longest);
}

void turns_forget(struct turns *t)
{
    g_array_set_size(t->open, 0);
    g_array_set_size(t->queued, 0);
    g_array_set_size(t->longest, 0);
    t->known_ns = G_MAXINT64;
    t->poll_ns = t->polled_ns = G_MININT64;
    t->unpolled_ns = 0;
    t->held.id = 0;
}

static struct turn *turn_at(const GArray *turns, guint i)
{
    return &g_array_index(turns, struct turn, i);
}

/* ---- Turns begin and end ---- */

static void begin(struct turns *t, uint64_t id, gint64 now, gboolean task)
{
    const struct turn *last = t->open->len ? turn_at(t->open, t->open->len - 1) : NULL;
    gboolean nested = last && last->task;
    if (nested && task && last->id == id)
        return; /* it has begun */
    if (t->open->len >= OPEN_MAX)
        return;
    struct turn turn = { .id = id, .from_ns = now, .task = task, .queued = task && !nested };
    g_array_append_val(t->open, turn);
}

static void keep(struct turns *t, const struct turn *turn)
{
    if (turn->queued)
        g_array_append_vals(t->queued, turn, 1);
    if (t->queued->len > 2 * KEPT)
        g_array_remove_range(t->queued, 0, KEPT);
    while (t->longest->len) {
        const struct turn *last = turn_at(t->longest, t->longest->len - 1);
        if (last->to_ns - last->from_ns > turn->to_ns - turn->from_ns)
            break;
        g_array_set_size(t->longest, t->longest->len - 1);
    }
    g_array_append_vals(t->longest, turn, 1);
}

/* With it those that had begun inside, whose ends are not recorded. */
static void end(struct turns *t, uint64_t id, gint64 now)
{
    for (guint i = t->open->len; i > 0; i--) {
        struct turn turn = *turn_at(t->open, i - 1);
        if (turn.id != id)
            continue;
        g_array_set_size(t->open, i - 1);
        turn.to_ns = now;
        keep(t, &turn);
        return;
    }
}

static void begin_poll(struct turns *t, gint64 now)
{
    const struct turn *held = turns_longest(t, t->polled_ns);
    t->unpolled_ns = t->polled_ns == G_MININT64 ? 0 : now - t->polled_ns;
    t->held = held && t->unpolled_ns ? *held : (struct turn){ 0 };
    t->poll_ns = now;
    g_array_set_size(t->open, 0); /* nothing runs meanwhile */
}

void turns_note(struct turns *t, const struct weft_record *r)
{
    gint64 now = (gint64)r->time;
    uint64_t whose = r->object ? r->object : r->subject;
    switch (r->kind) {
    case WEFT_RECORD_RESUME:
        begin(t, r->subject, now, TRUE);
        break;
    case WEFT_RECORD_CALLBACK_BEGIN:
        begin(t, whose, now, FALSE);
        break;
    case WEFT_RECORD_SUSPEND:
    case WEFT_RECORD_TASK_DONE:
        end(t, r->subject, now);
        break;
    case WEFT_RECORD_CALLBACK_END:
        if (t->open->len)
            end(t, turn_at(t->open, t->open->len - 1)->id, now);
        break;
    case WEFT_RECORD_POLL_BEGIN:
        begin_poll(t, now);
        break;
    case WEFT_RECORD_POLL_END:
        t->polled_ns = now;
        break;
    default:
        return;
    }
    t->known_ns = MIN(t->known_ns, now);
}

/* ---- Asked ---- */

/* The first whose end is not before (after: is after) this moment. */
static guint first_since(const GArray *turns, gint64 since_ns, gboolean after)
{
    guint low = 0, high = turns->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        gint64 to_ns = turn_at(turns, middle)->to_ns;
        if (to_ns < since_ns || (after && to_ns == since_ns))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct turn *turns_longest(const struct turns *t, gint64 since_ns)
{
    guint i = first_since(t->longest, since_ns, TRUE);
    return since_ns >= t->known_ns && i < t->longest->len ? turn_at(t->longest, i) : NULL;
}

gboolean turns_began(const struct turns *t, gint64 *from_ns)
{
    if (t->open->len)
        *from_ns = turn_at(t->open, t->open->len - 1)->from_ns;
    return t->open->len > 0;
}

guint turns_since(const struct turns *t, gint64 since_ns, uint64_t task, uint64_t by, uint64_t *ids,
                  guint max)
{
    if (since_ns < t->known_ns)
        return 0;
    guint first = first_since(t->queued, since_ns, FALSE);
    for (; first < t->queued->len; first++) { /* what lasted then did not wait before it */
        const struct turn *turn = turn_at(t->queued, first);
        gboolean woke_it = turn->from_ns == since_ns && (turn->id == by || turn->id == task);
        if (turn->from_ns >= since_ns && !woke_it)
            break;
    }
    guint n = t->queued->len - first;
    if (n > KEPT)
        return 0;
    for (guint i = 0; i < MIN(n, max); i++)
        ids[i] = turn_at(t->queued, first + i)->id;
    return n;
}
