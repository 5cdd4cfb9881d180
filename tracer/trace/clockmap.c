/* clockmap.c: see clockmap.h. */
#include "tracer/trace/clockmap.h"

enum { FIT_NS = 100 * 1000 * 1000 };

/* Nanoseconds per tick, 32 bits behind the point, rounded down: so that a line never overshoots the
 * anchor that it leads to. */
static uint64_t rate_of(uint64_t ns, uint64_t ticks)
{
    return (uint64_t)(((unsigned __int128)ns << 32) / ticks);
}

static struct weft_clockknot *knot(const struct weft_clockmap *map, guint i)
{
    return &g_array_index(map->knots, struct weft_clockknot, i);
}

static void push(struct weft_clockmap *map, uint64_t ticks, gint64 ns, uint64_t rate)
{
    struct weft_clockknot at = { ticks, ns, rate };
    g_array_append_val(map->knots, at);
}

static gint64 since_start(const struct weft_clockmap *map, uint64_t mono_ns)
{
    return (gint64)(mono_ns - map->start_mono_ns);
}

void weft_clockmap_init(struct weft_clockmap *map, enum weft_clock_kind kind,
                        const struct weft_clock_anchor *start)
{
    *map = (struct weft_clockmap){ .knots = g_array_new(FALSE, FALSE,
                                                        sizeof(struct weft_clockknot)),
                                   .start_mono_ns = start->mono_ns,
                                   .fitted = kind != WEFT_CLOCK_COUNTER };
    if (map->fitted)
        push(map, start->mono_ns, 0, UINT64_C(1) << 32);
}

void weft_clockmap_init_identity(struct weft_clockmap *map, guint64 start_mono_ns)
{
    struct weft_clock_anchor zero = { .mono_ns = 0 };
    weft_clockmap_init(map, WEFT_CLOCK_MONOTONIC, &zero);
    map->start_mono_ns = start_mono_ns;
}

void weft_clockmap_finish(struct weft_clockmap *map)
{
    g_clear_pointer(&map->knots, g_array_unref);
}

/* A counter runs between 1 MHz and 100 GHz; what does not is no anchor of this clock. Once its rate
 * is known it may have jumped ahead. */
static gboolean makes_sense(const struct weft_clockmap *map, const struct weft_clock_anchor *b)
{
    const struct weft_clock_anchor *a = &map->last;
    if (b->ticks <= a->ticks || b->mono_ns <= a->mono_ns)
        return FALSE;
    uint64_t rate = rate_of(b->mono_ns - a->mono_ns, b->ticks - a->ticks);
    uint64_t least = map->rate ? 1 : (UINT64_C(1) << 32) / 100;
    return rate >= least && rate <= UINT64_C(1000) << 32;
}

/* The clocks drift against each other by less than a thousandth: another rate is that of a jump,
 * which is over. Seen twice in a row it is no jump: the rate of before was one's. */
static uint64_t rate_behind(const struct weft_clockmap *map, uint64_t rate)
{
    uint64_t before = map->rate;
    gboolean jumped = before && (rate > before + before / 1000 || rate < before - before / 1000);
    return jumped && !map->jumped ? before : rate;
}

/* Times up to `published` stand: a new line begins there and reaches the anchors' line after as
 * long again as the anchors are apart. */
static void slew(struct weft_clockmap *map, const struct weft_clock_anchor *anchor, uint64_t rate,
                 uint64_t published)
{
    gint64 from = (gint64)weft_clockmap_ns(map, published);
    while (map->knots->len > 1 && knot(map, map->knots->len - 1)->ticks >= published)
        g_array_set_size(map->knots, map->knots->len - 1);
    uint64_t window = anchor->ticks - map->last.ticks;
    uint64_t target = published + window;
    gint64 there = since_start(map, anchor->mono_ns);
    if (target >= anchor->ticks)
        there += (gint64)((unsigned __int128)(target - anchor->ticks) * rate >> 32);
    gint64 least = from + (gint64)((unsigned __int128)window * rate >> 32) / 2;
    there = MAX(there, least);
    uint64_t towards = rate_of((uint64_t)(there - from), window);
    push(map, published, from, towards);
    push(map, target, from + (gint64)((unsigned __int128)window * towards >> 32), rate);
}

void weft_clockmap_add(struct weft_clockmap *map, const struct weft_clock_anchor *anchor,
                       uint64_t published)
{
    if (!map->first.mono_ns) {
        map->first = map->last = *anchor;
        if (!map->fitted)
            push(map, anchor->ticks, since_start(map, anchor->mono_ns), UINT64_C(1) << 32);
        return;
    }
    /* Until two anchors are far enough apart, the nearest guess is better than none. */
    gboolean far = anchor->mono_ns - map->last.mono_ns >= FIT_NS;
    if (!makes_sense(map, anchor) || (map->fitted && !far))
        return;
    uint64_t rate = rate_of(anchor->mono_ns - map->last.mono_ns, anchor->ticks - map->last.ticks);
    struct weft_clockknot *end = knot(map, map->knots->len - 1);
    if (published <= map->last.ticks && end->ticks == map->last.ticks) {
        end->rate = rate;
        if (far)
            push(map, anchor->ticks, since_start(map, anchor->mono_ns), rate_behind(map, rate));
    } else {
        slew(map, anchor, rate_behind(map, rate), MAX(published, map->last.ticks));
    }
    if (far) {
        uint64_t behind = rate_behind(map, rate);
        map->jumped = behind != rate;
        map->rate = behind;
        map->last = *anchor;
        map->fitted = TRUE;
    }
}

/* Were the knots equally far apart. */
static guint likely_knot(const struct weft_clockmap *map, uint64_t ticks)
{
    guint last = map->knots->len - 1;
    uint64_t first = knot(map, 0)->ticks, span = knot(map, last)->ticks - first;
    if (ticks <= first || ticks - first >= span)
        return ticks <= first ? 0 : last;
    return (guint)((double)(ticks - first) / (double)span * last);
}

const struct weft_clockknot *weft_clockmap_at(const struct weft_clockmap *map, uint64_t ticks,
                                              uint64_t *end)
{
    guint low = 0, high = map->knots->len;
    guint guess = likely_knot(map, ticks); /* anchors come at even intervals */
    if (guess > 0 && knot(map, guess - 1)->ticks <= ticks)
        low = guess - 1;
    if (guess + 2 < high && knot(map, guess + 2)->ticks > ticks)
        high = guess + 2;
    while (high - low > 1) {
        guint middle = low + (high - low) / 2;
        if (knot(map, middle)->ticks <= ticks)
            low = middle;
        else
            high = middle;
    }
    *end = high < map->knots->len ? knot(map, high)->ticks : UINT64_MAX;
    return knot(map, low);
}

uint64_t weft_clockmap_ns(const struct weft_clockmap *map, uint64_t ticks)
{
    uint64_t end;
    const struct weft_clockknot *at = weft_clockmap_at(map, ticks, &end);
    return weft_clockknot_ns(at, ticks);
}

uint64_t weft_clockmap_ticks(const struct weft_clockmap *map, gint64 ns)
{
    guint low = 0, high = map->knots->len;
    while (high - low > 1) {
        guint middle = low + (high - low) / 2;
        if (knot(map, middle)->ns <= ns)
            low = middle;
        else
            high = middle;
    }
    const struct weft_clockknot *at = knot(map, low);
    __int128 ticks = at->ticks +
                     (__int128)(ns - at->ns) * (INT64_C(1) << 32) / (gint64)MAX(at->rate, 1);
    return ticks < 0 ? 0 : ticks > (__int128)UINT64_MAX ? UINT64_MAX : (uint64_t)ticks;
}

gint64 weft_clockmap_signed_ns(const struct weft_clockmap *map, uint64_t ticks)
{
    uint64_t end;
    const struct weft_clockknot *at = weft_clockmap_at(map, ticks, &end);
    __int128 span = (__int128)(gint64)(ticks - at->ticks) * (gint64)at->rate;
    return (gint64)((uint64_t)at->ns + (uint64_t)(span >> 32));
}
