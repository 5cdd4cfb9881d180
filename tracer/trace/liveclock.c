/* liveclock.c: see liveclock.h. */
#include "tracer/trace/liveclock.h"

#define SECOND UINT64_C(1000000000)
#define FIT    (SECOND / 10) /* between two anchors that a clock can be fitted to */

static void add_anchor(struct weft_liveclock *clock, const struct weft_attachment *attachment)
{
    struct weft_clock_anchor anchor = weft_clock_anchor_now();
    clock->last_anchor = anchor.mono_ns;
    if (clock->kind != WEFT_CLOCK_COUNTER)
        return;
    if (weft_clock_kind == WEFT_CLOCK_COUNTER || weft_attachment_anchor(attachment, &anchor))
        weft_clockmap_add(&clock->map, &anchor, clock->published);
}

/* The program's first anchor and one of now: far enough apart, unless it has just begun. */
void weft_liveclock_start(struct weft_liveclock *clock, const struct weft_attachment *attachment)
{
    weft_clock_init();
    clock->kind = attachment->clock_kind;
    weft_clockmap_init(&clock->map, clock->kind, &attachment->start);
    if (clock->kind != WEFT_CLOCK_COUNTER)
        return;
    weft_clockmap_add(&clock->map, &attachment->start, 0);
    guint64 age = weft_clock_monotonic_ns() - attachment->start.mono_ns;
    if (age < FIT)
        g_usleep((FIT - age) / 1000 + 1);
    add_anchor(clock, attachment);
}

void weft_liveclock_finish(struct weft_liveclock *clock)
{
    weft_clockmap_finish(&clock->map);
}

void weft_liveclock_keep(struct weft_liveclock *clock, const struct weft_attachment *attachment)
{
    if (weft_clock_monotonic_ns() - clock->last_anchor >= SECOND)
        add_anchor(clock, attachment);
}

gint64 weft_liveclock_begin_at(struct weft_liveclock *clock, uint64_t ticks)
{
    clock->shift = (gint64)weft_clockmap_ns(&clock->map, ticks);
    return clock->shift;
}

gint64 weft_liveclock_ns(const struct weft_liveclock *clock, uint64_t ticks)
{
    return weft_clockmap_signed_ns(&clock->map, ticks) - clock->shift;
}

void weft_liveclock_convert(struct weft_liveclock *clock, struct weft_record *records, guint slots)
{
    /* A program that says it is in the future is not believed: the clock must still reach it. */
    uint64_t now = clock->kind == weft_clock_kind ? weft_clock_now() : UINT64_MAX;
    for (guint i = 0; i < slots; i++) {
        uint64_t ticks = records[i].time;
        clock->published = MAX(clock->published, MIN(ticks, now));
        gint64 ns = (gint64)weft_clockmap_ns(&clock->map, ticks) - clock->shift;
        records[i].time = (uint64_t)MAX(0, ns);
        i += records[i].flags & WEFT_RECORD_EXT;
    }
}
