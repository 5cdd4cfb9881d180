/* names.c: what entities, durations and moments are called. */
#include "tracer/model/model_private.h"
#include "tracer/model/text.h"
#include <math.h>
#include <string.h>

static const char *given_name(const weft_model *model, uint64_t id)
{
    const char *name = weft_trace_string(model->trace, idmap_get(&model->facts.names, id));
    return name && *name ? name : NULL;
}

static gint by_lane(gconstpointer a, gconstpointer b)
{
    guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;
    return x < y ? -1 : x > y;
}

/* "server 123": the program without its directory and arguments, and the process. */
static char *process_name(const struct weft_trace_source *source)
{
    g_auto(GStrv) words = g_strsplit(source->program, " ", 2);
    g_autofree char *program = g_path_get_basename(words[0] ? words[0] : "process");
    return g_strdup_printf("%s %" G_GUINT64_FORMAT, program, (guint64)source->pid);
}

/* "loop", "loop 2"; in a trace of several processes "loop 2, server 123". */
static char *loop_name(const weft_model *model, uint64_t id)
{
    guint32 lane = weft_model_lane_of(model, id);
    guint place;
    if (model->loops->len < 2 || !g_array_binary_search(model->loops, &lane, by_lane, &place))
        return g_strdup("loop");
    if (weft_trace_n_sources(model->trace) < 2)
        return g_strdup_printf("loop %u", place + 1);
    guint source = weft_trace_source_of(model->trace, weft_id_ring(id));
    g_autofree char *process = process_name(weft_trace_source_at(model->trace, source));
    return g_strdup_printf("loop %u, %s", place + 1, process);
}

char *weft_model_name(const weft_model *model, uint64_t id)
{
    const char *name = given_name(model, id);
    unsigned kind = weft_id_kind(id);
    guint64 counter = weft_id_counter(id);
    uint32_t number = idmap_get(&model->facts.numbers, id);
    guint n, total = 0;
    if (kind == WEFT_ENTITY_GROUP)
        facts_members(&model->facts, id, &n, &total);
    if (total)
        return g_strdup_printf("%s of %u", name ? name : "gather", total);
    if (name)
        return g_strdup(name);
    switch (kind) {
    case WEFT_ENTITY_NONE:
        return g_strdup("nobody");
    case WEFT_ENTITY_TASK:
        return g_strdup_printf("Task-%" G_GUINT64_FORMAT, counter);
    case WEFT_ENTITY_LOOP:
        return loop_name(model, id);
    }
    if (number)
        return g_strdup_printf("fd %u", number - 1);
    const char *entity = weft_entity_name(kind);
    return g_strdup_printf("%s %" G_GUINT64_FORMAT, entity ? entity : "entity", counter);
}

gboolean model_is_named(const weft_model *model, uint64_t id)
{
    return given_name(model, id) || weft_id_kind(id) == WEFT_ENTITY_TASK ||
           idmap_get(&model->facts.numbers, id);
}

/* ---- Numbers ---- */

static const struct {
    const char *unit;
    gint64 ns;
} units[] = { { "ns", 1 }, { "µs", 1000 }, { "ms", 1000000 }, { "s", 1000000000 } };

/* The unit in which ns, rounded to three digits, is below 1000; seconds at most. */
static guint unit_of(gint64 ns)
{
    guint u = 0;
    while (u + 1 < G_N_ELEMENTS(units) && (double)ns / (double)units[u].ns >= 999.5)
        u++;
    return u;
}

static int decimals_of(double value)
{
    return value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
}

char *weft_format_count(guint64 count)
{
    g_autofree char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, count);
    GString *text = g_string_new(NULL);
    gsize length = strlen(digits);
    for (gsize i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            g_string_append_c(text, ',');
        g_string_append_c(text, digits[i]);
    }
    return g_string_free(text, FALSE);
}

char *weft_format_duration(gint64 ns)
{
    if (ns < 0)
        ns = 0;
    guint u = unit_of(ns);
    if (u == 0)
        return g_strdup_printf("%" G_GINT64_FORMAT " ns", ns);
    double value = (double)ns / (double)units[u].ns;
    if (u == 3 && value >= 999.5) {
        gint64 minutes = (gint64)llround(value / 60);
        return minutes < 60 ? g_strdup_printf("%" G_GINT64_FORMAT " min", minutes)
                            : g_strdup_printf("%" G_GINT64_FORMAT " h %" G_GINT64_FORMAT " min",
                                              minutes / 60, minutes % 60);
    }
    char digits[G_ASCII_DTOSTR_BUF_SIZE], format[] = "%.0f";
    format[2] = (char)('0' + decimals_of(value));
    g_ascii_formatd(digits, sizeof digits, format, value);
    return g_strdup_printf("%s %s", digits, units[u].unit);
}

char *format_planned(gint64 ns)
{
    char *text = weft_format_duration(ns);
    char *space = strchr(text, ' '), *point = strchr(text, '.');
    if (!space || !point || point > space)
        return text;
    gboolean seconds = strcmp(space, " s") == 0;
    char *end = space;
    while (end[-1] == '0' && !(seconds && end - 2 == point))
        end--;
    if (end[-1] == '.')
        end--;
    memmove(end, space, strlen(space) + 1);
    return text;
}

char *weft_format_time(gint64 ns)
{
    guint64 magnitude = ns < 0 ? -(guint64)ns : (guint64)ns; /* -ns of the least is none */
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    if (magnitude < 1000)
        return g_strdup_printf("%" G_GINT64_FORMAT " ns", ns);
    guint u = magnitude < 1000000 ? 1 : magnitude < 1000000000 ? 2 : 3;
    g_ascii_formatd(digits, sizeof digits, u == 3 ? "%.4f" : "%.1f",
                    (double)ns / (double)units[u].ns);
    return g_strdup_printf("%s %s", digits, units[u].unit);
}

char *weft_format_since(gint64 ns, gint64 begin_ns)
{
    g_autofree char *before = ns < begin_ns ? weft_format_duration(begin_ns - ns) : NULL;
    return before ? g_strdup_printf("%s before the trace", before) : weft_format_time(ns);
}

void weft_format_id(uint64_t id, char text[48])
{
    const char *kind = weft_entity_name(weft_id_kind(id));
    if (kind)
        g_snprintf(text, 48, "%s:%u:%" G_GUINT64_FORMAT, kind, weft_id_ring(id),
                   (guint64)weft_id_counter(id));
    else
        g_snprintf(text, 48, "%u:%u:%" G_GUINT64_FORMAT, weft_id_kind(id), weft_id_ring(id),
                   (guint64)weft_id_counter(id));
}
