/* entity.c: ids as text, and names. */
#include "app/cli/entity.h"
#include "app/cli/failure.h"
#include "app/cli/options.h"

#include <string.h>

void entity_format(guint64 id, char text[48])
{
    weft_format_id(id, text);
}

gboolean entity_parse(const char *text, guint64 *id)
{
    char **parts = g_strsplit(text, ":", 4);
    guint64 ring, counter;
    gboolean parsed = g_strv_length(parts) == 3 &&
                      g_ascii_string_to_unsigned(parts[1], 10, 0, (1 << WEFT_ID_RING_BITS) - 1,
                                                 &ring, NULL) &&
                      g_ascii_string_to_unsigned(
                          parts[2], 10, 1, (G_GUINT64_CONSTANT(1) << WEFT_ID_COUNTER_BITS) - 1,
                          &counter, NULL);
    unsigned kind = 1;
    while (parsed && kind < WEFT_ENTITY_END && strcmp(weft_entity_name(kind), parts[0]) != 0)
        kind++;
    parsed = parsed && kind < WEFT_ENTITY_END;
    if (parsed)
        *id = weft_id((enum weft_entity)kind, (uint32_t)ring, counter);
    g_strfreev(parts);
    return parsed;
}

/* "Task-7", "timer 7", "loop", "fd 7": says no more than the id, or than the event itself. Of
 * several loops each is numbered through the trace. */
static gboolean is_default_name(const char *name, guint64 id)
{
    if (weft_id_kind(id) == WEFT_ENTITY_LOOP)
        return strcmp(name, "loop") == 0;
    const char *kind = weft_entity_name(weft_id_kind(id));
    gsize length = kind ? strlen(kind) : 0;
    if (g_ascii_strncasecmp(name, kind ? kind : "", length) != 0)
        return g_str_has_prefix(name, "fd ");
    const char *number = name + length + strspn(name + length, " -");
    char counter[24];
    g_snprintf(counter, sizeof counter, "%" G_GUINT64_FORMAT, (guint64)weft_id_counter(id));
    return *number == '\0' || strcmp(number, counter) == 0;
}

char *entity_given_name(const weft_model *model, guint64 id)
{
    char *name = weft_model_name(model, id);
    if (!is_default_name(name, id))
        return name;
    g_free(name);
    return NULL;
}

static gint by_id(gconstpointer a, gconstpointer b)
{
    guint64 x = *(const guint64 *)a;
    guint64 y = *(const guint64 *)b;
    return x < y ? -1 : x > y;
}

/* Collects every task called `text`; otherwise all names, to look for the nearest. */
static void find_by_name(const weft_model *model, const char *text, GArray *ids, GPtrArray *names)
{
    guint n = weft_model_n_lanes(model);
    for (guint i = 0; i < n; i++) {
        const struct weft_lane *lane = weft_model_lane(model, i);
        if (lane->kind != WEFT_LANE_TASK)
            continue;
        char *name = weft_model_name(model, lane->id);
        if (strcmp(name, text) == 0) {
            guint64 id = lane->id;
            g_array_append_val(ids, id);
        }
        g_ptr_array_add(names, name);
    }
    g_ptr_array_add(names, NULL);
}

GArray *entity_find(const weft_model *model, const char *text, char **nearest)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(guint64));
    guint64 id;
    *nearest = NULL;
    if (entity_parse(text, &id)) {
        gboolean is_task = weft_id_kind(id) == WEFT_ENTITY_TASK;
        if (!is_task || weft_model_lane_of(model, id) != G_MAXUINT32)
            g_array_append_val(ids, id);
        return ids;
    }
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    find_by_name(model, text, ids, names);
    g_array_sort(ids, by_id);
    if (ids->len == 0)
        *nearest = g_strdup(options_nearest(text, (const char *const *)names->pdata));
    g_ptr_array_free(names, TRUE);
    return ids;
}

gboolean entity_is_in(GArray *ids, guint64 id)
{
    return g_array_binary_search(ids, &id, by_id, NULL);
}

/* "it has 2: main (task:0:1), fetch-1 (task:0:2)"; of many the first, and where all are listed.
 * g_free it. */
static char *describe_tasks(const weft_model *model)
{
    enum { SHOWN = 5 };
    GString *text = g_string_new(NULL);
    guint tasks = 0, n = weft_model_n_lanes(model);
    for (guint i = 0; i < n; i++) {
        const struct weft_lane *lane = weft_model_lane(model, i);
        if (lane->kind != WEFT_LANE_TASK || tasks++ >= SHOWN)
            continue;
        g_autofree char *name = weft_model_name(model, lane->id);
        char id[48];
        entity_format(lane->id, id);
        g_string_append_printf(text, "%s%s (%s)", tasks > 1 ? ", " : "", name, id);
    }
    if (tasks > SHOWN)
        g_string_append(text, " … (weft report --top 0 lists them)");
    char *all = tasks ? g_strdup_printf("it has %u: %s", tasks, text->str)
                      : g_strdup("it has none");
    g_string_free(text, TRUE);
    return all;
}

GArray *entity_wanted(const struct verb *verb, const weft_model *model, const char *text)
{
    g_autofree char *nearest = NULL;
    GArray *ids = entity_find(model, text, &nearest);
    if (ids->len > 0)
        return ids;
    g_array_unref(ids);
    if (nearest)
        failure_usage(verb, "--task '%s': the trace has no such task; did you mean '%s'?", text,
                      nearest);
    else {
        g_autofree char *tasks = describe_tasks(model);
        failure_usage(verb, "--task '%s': the trace has no such task; %s", text, tasks);
    }
    return NULL;
}

char *entity_place(const weft_trace *trace, guint32 id)
{
    const struct weft_trace_site *site = weft_trace_site(trace, id);
    if (!site || site->line == 0)
        return g_strdup("unknown");
    if (!site->func || *site->func == '\0')
        return g_strdup_printf("%s:%u", site->file, site->line);
    return g_strdup_printf("%s:%u (%s)", site->file, site->line, site->func);
}
