/* losses.c: events-lost: the holes of a trace, one finding for each process in it; and one more for
 * those between the pieces that a merge put together. */
#include "tracer/model/findings/found.h"

struct losses {
    weft_findings *f;
};

enum { LOST, PLACES };

static char *tell(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    (void)f;
    guint64 lost = (guint64)found->numbers[LOST];
    gint64 places = found->numbers[PLACES];
    g_autofree char *number = weft_format_count(lost);
    say(s, "%s event%s lost", number, lost == 1 ? " was" : "s were");
    if (places > 1)
        say(s, " in %" G_GINT64_FORMAT " places, most of them", places);
    g_autofree char *from = weft_format_time(found->pub.from_ns);
    g_autofree char *to = weft_format_time(found->pub.to_ns);
    say(s, " between %s and %s: what happened there is not known", from, to);
    return g_strdup("Give the rings more room (weft record --ring-size 64M), or the recorder a CPU "
                    "of its own; a flight recording keeps only the last events by design");
}

static char *tell_between(const weft_findings *f, const struct found *found,
                          struct weft_sentence *s)
{
    (void)f;
    guint64 lost = (guint64)found->numbers[LOST];
    gint64 places = found->numbers[PLACES];
    g_autofree char *from = weft_format_time(found->pub.from_ns);
    g_autofree char *to = weft_format_time(found->pub.to_ns);
    g_autofree char *number = weft_format_count(lost);
    say(s, "%s event%s", number, lost == 1 ? "" : "s");
    if (places > 1)
        say(s, " in %" G_GINT64_FORMAT " places, most of them", places);
    say(s, " between %s and %s are in none of the traces that were merged", from, to);
    return g_strdup("Merge the trace that holds them, too; if nothing was recorded there, record "
                    "without a pause");
}

static void add(weft_findings *f, uint32_t ring, gboolean between, guint64 slots, gint64 from_ns,
                gint64 to_ns)
{
    gboolean worst;
    struct alike fold = { RULE_EVENTS_LOST,
                          { weft_trace_source_of(f->trace, ring), (uint64_t)between } };
    if (slots == 0)
        return;
    struct found *found = found_add(f, fold, 0, from_ns, (gint64)MIN(slots, G_MAXINT64),
                                    WEFT_SEVERITY_WARNING, &worst);
    found->tell = between ? tell_between : tell;
    found->numbers[LOST] = found->total_ns;
    found->numbers[PLACES] = found->pub.count;
    if (!worst)
        return;
    found->pub.from_ns = from_ns;
    found->pub.to_ns = to_ns;
}

static void add_both(weft_findings *f, uint32_t ring, guint64 slots, guint64 between,
                     gint64 from_ns, gint64 to_ns)
{
    between = MIN(between, slots);
    add(f, ring, FALSE, slots - between, from_ns, to_ns);
    add(f, ring, TRUE, between, from_ns, to_ns);
}

static void lose(gpointer self, struct watched_ring *ring, guint64 slots, gint64 from_ns,
                 gint64 to_ns)
{
    add_both(((struct losses *)self)->f, ring->index, slots, ring->between, from_ns, to_ns);
}

/* What is missing at the end is known once its process has ended. Of a ring without a chunk that is
 * all of it. */
static void now(gpointer self, gint64 now_ns, gboolean ended)
{
    weft_findings *f = ((struct losses *)self)->f;
    for (uint32_t i = 0; i < weft_trace_n_rings(f->trace); i++) {
        const struct watched_ring *ring = findings_ring(f, i);
        guint64 slots = weft_trace_lost_at_end(f->trace, i);
        const struct weft_trace_source *source = weft_trace_source_at(
            f->trace, weft_trace_source_of(f->trace, i));
        if (slots == 0 || !(ended || source->ended))
            continue;
        gint64 from_ns = ring ? findings_last(ring, now_ns) : findings_time(source->begin_ns);
        gint64 to_ns = ring ? ring->now_ns : MIN(now_ns, findings_time(source->end_ns));
        add_both(f, i, slots, weft_trace_between_at_end(f->trace, i), from_ns, MAX(from_ns, to_ns));
    }
}

static gpointer new_losses(weft_findings *f)
{
    struct losses *losses = g_new0(struct losses, 1);
    losses->f = f;
    return losses;
}

const struct family losses_family = { .new = new_losses, .free = g_free, .lose = lose, .now = now };
