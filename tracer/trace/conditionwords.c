/* conditionwords.c: why a condition held, as a sentence. */
#include "tracer/probe/event.h"
#include "tracer/trace/condition.h"

static char *format_span(gint64 ns)
{
    static const struct {
        gint64 ns;
        const char *unit;
    } units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };
    guint u = 0;
    while (u + 1 < G_N_ELEMENTS(units) && ns < units[u].ns)
        u++;
    return g_strdup_printf("%.4g %s", (double)ns / (double)units[u].ns, units[u].unit);
}

static char *format_subject(uint64_t id)
{
    const char *kind = weft_entity_name(weft_id_kind(id));
    if (!kind)
        return g_strdup("it");
    return g_strdup_printf("%s:%u:%" G_GUINT64_FORMAT, kind, (guint)weft_id_ring(id),
                           (guint64)weft_id_counter(id));
}

char *weft_condition_describe(const struct weft_condition_hit *hit)
{
    g_autofree char *who = format_subject(hit->subject), *span = format_span(hit->value);
    const char *verb = NULL;
    if (g_str_has_prefix(hit->term, "slice"))
        verb = hit->lasts ? "has been running for" : "ran for";
    else if (g_str_has_prefix(hit->term, "ready"))
        verb = hit->lasts ? "has been ready for" : "was ready for";
    else if (g_str_has_prefix(hit->term, "wait"))
        verb = hit->lasts ? "has been waiting for" : "waited for";
    else if (g_str_has_prefix(hit->term, "iteration"))
        verb = hit->lasts ? "has been in its iteration for" : "took for its iteration";
    if (verb)
        return g_strdup_printf("%s: %s %s %s", hit->term, who, verb, span);
    if (g_str_has_prefix(hit->term, "error"))
        return g_strdup_printf("%s: %s", hit->term, who);
    if (g_str_has_prefix(hit->term, "mark"))
        return g_strdup(hit->term);
    return g_strdup_printf("%s: %" G_GINT64_FORMAT, hit->term, hit->value);
}
