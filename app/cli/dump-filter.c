/* dump-filter.c: see dump-filter.h. */
#include "app/cli/dump-filter.h"
#include "app/cli/entity.h"
#include "app/cli/failure.h"
#include "app/cli/options.h"

#include <string.h>

/* ---- Kinds ---- */

/* A group's name as it is, "task"; a kind's in any case, "RESUME". */
static gboolean add_kinds(struct dump_filter *filter, const char *word)
{
    gboolean found = FALSE;
    for (unsigned kind = 1; kind < WEFT_RECORD_KIND_END; kind++)
        if (strcmp(weft_event_info(kind)->group, word) == 0)
            found = filter->kinds[kind] = TRUE;
    for (unsigned kind = 1; kind < WEFT_RECORD_KIND_END && !found; kind++)
        if (g_ascii_strcasecmp(weft_event_info(kind)->name, word) == 0)
            found = filter->kinds[kind] = TRUE;
    return found;
}

static int no_such_kind(const char *word)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autoptr(GString) groups = g_string_new(NULL);
    for (unsigned kind = 1; kind < WEFT_RECORD_KIND_END; kind++) {
        const struct weft_event_info *info = weft_event_info(kind);
        g_ptr_array_add(words, (gpointer)info->name);
        if (kind > 1 && strcmp(weft_event_info(kind - 1)->group, info->group) == 0)
            continue;
        g_ptr_array_add(words, (gpointer)info->group);
        g_string_append_printf(groups, "%s%s", groups->len ? ", " : "", info->group);
    }
    g_ptr_array_add(words, NULL);
    g_autofree char *upper = g_ascii_strup(word, -1);
    const char *nearest = options_nearest(word, (const char *const *)words->pdata);
    if (!nearest)
        nearest = options_nearest(upper, (const char *const *)words->pdata);
    if (nearest)
        return failure_usage(&dump_verb, "there is no kind '%s'; did you mean '%s'?", word,
                             nearest);
    return failure_usage(&dump_verb, "there is no kind '%s'; groups of kinds are %s", word,
                         groups->str);
}

int dump_filter_kinds(struct dump_filter *filter, const char *list)
{
    g_auto(GStrv) words = g_strsplit(list, ",", -1);
    filter->by_kind = TRUE;
    for (char **word = words; *word; word++) {
        if (g_ascii_strcasecmp(*word, "NOTE") == 0)
            filter->notes = TRUE;
        else if (g_ascii_strcasecmp(*word, "LOST") != 0 && !add_kinds(filter, *word))
            return no_such_kind(*word);
    }
    return -1;
}

/* ---- Rings and tasks ---- */

int dump_filter_ring(struct dump_filter *filter, const weft_model *model, guint64 ring)
{
    const weft_trace *trace = weft_model_trace(model);
    g_autoptr(GString) there = g_string_new(NULL);
    gboolean has[1 << WEFT_ID_RING_BITS] = { FALSE };
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++)
        has[weft_trace_chunk(trace, i)->ring % G_N_ELEMENTS(has)] = TRUE;
    filter->by_ring = TRUE;
    if (ring < G_N_ELEMENTS(has) && has[ring]) {
        filter->rings[ring] = TRUE;
        return -1;
    }
    for (guint i = 0; i < G_N_ELEMENTS(has); i++)
        if (has[i])
            g_string_append_printf(there, "%s%u", there->len ? ", " : "", i);
    return failure_usage(&dump_verb, "--ring %" G_GUINT64_FORMAT ": the trace has %s%s", ring,
                         there->len ? "these: " : "none", there->str);
}

int dump_filter_loop(struct dump_filter *filter, const weft_model *model, const char *loop)
{
    g_autoptr(GString) there = g_string_new(NULL);
    guint n = weft_model_n_lanes(model);
    gboolean found = FALSE;
    filter->by_ring = TRUE;
    for (guint i = 0; i < n; i++) {
        const struct weft_lane *lane = weft_model_lane(model, i);
        if (lane->kind != WEFT_LANE_LOOP)
            continue;
        g_autofree char *name = weft_model_name(model, lane->id);
        char id[48];
        entity_format(lane->id, id);
        if (strcmp(name, loop) == 0 || strcmp(id, loop) == 0)
            found = filter->rings[lane->ring] = TRUE;
        g_string_append_printf(there, "%s%s (%s)", there->len ? ", " : "", id, name);
    }
    if (found)
        return -1;
    return failure_usage(&dump_verb, "--loop '%s': the trace has %s%s", loop,
                         there->len ? "these: " : "none", there->str);
}

static gboolean concerns(GArray *only, const struct weft_event_view *event)
{
    const struct weft_event_info *info = weft_event_info(event->record.kind);
    return entity_is_in(only, event->record.subject) || entity_is_in(only, event->actor) ||
           (info && info->object == WEFT_FIELD_ENTITY && entity_is_in(only, event->record.object));
}

struct search {
    GArray *only;
    gboolean found;
};

static gboolean look_for(const struct weft_event_view *event, gpointer data)
{
    struct search *search = data;
    search->found = concerns(search->only, event);
    return !search->found;
}

int dump_filter_task(struct dump_filter *filter, weft_model *model, const char *task)
{
    filter->only = entity_wanted(&dump_verb, model, task);
    if (!filter->only)
        return EXIT_USAGE;
    if (weft_id_kind(g_array_index(filter->only, guint64, 0)) == WEFT_ENTITY_TASK)
        return -1;
    struct search search = { filter->only, FALSE }; /* of tasks there are lists; of others, not */
    weft_model_visit(model, G_MININT64, G_MAXINT64, look_for, &search);
    if (search.found)
        return -1;
    return failure_usage(&dump_verb, "--task '%s': the trace has nothing of this id", task);
}

void dump_filter_finish(struct dump_filter *filter)
{
    if (filter->only)
        g_array_unref(filter->only);
}

/* ---- What passes ---- */

static gboolean has_ring(const struct dump_filter *filter, guint32 ring)
{
    return !filter->by_ring || (ring < G_N_ELEMENTS(filter->rings) && filter->rings[ring]);
}

gboolean dump_filter_has_event(const struct dump_filter *filter,
                               const struct weft_event_view *event)
{
    unsigned kind = event->record.kind;
    return has_ring(filter, event->ring) &&
           (!filter->by_kind || (kind < WEFT_RECORD_KIND_END && filter->kinds[kind])) &&
           (!filter->only || concerns(filter->only, event));
}

gboolean dump_filter_has_loss(const struct dump_filter *filter, const struct weft_loss *loss)
{
    return has_ring(filter, loss->ring);
}

gboolean dump_filter_has_note(const struct dump_filter *filter, const struct weft_note *note)
{
    return (!filter->by_kind || filter->notes) && has_ring(filter, note->ring) &&
           (!filter->only || entity_is_in(filter->only, note->entity));
}

gboolean dump_filter_has_end(const struct dump_filter *filter)
{
    return !filter->by_kind && !filter->by_ring && !filter->only;
}
