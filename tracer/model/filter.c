/* filter.c: see filter.h. What a filter does to segments is in stats.c. */
#include "tracer/model/filter.h"
#include "tracer/model/model_private.h"
#include <string.h>

struct matching {
    const weft_model *model;
    const struct weft_filter *filter;
    char *needle;      /* case folded; NULL: any text */
    GHashTable *sites; /* id -> 1: the text is in it, 2: not */
};

static gboolean holds(const struct matching *m, const char *text)
{
    g_autofree char *folded = text ? g_utf8_casefold(text, -1) : NULL;
    return folded && strstr(folded, m->needle);
}

static gboolean site_holds(const struct matching *m, guint32 id)
{
    guint known = GPOINTER_TO_UINT(g_hash_table_lookup(m->sites, GUINT_TO_POINTER(id)));
    if (!known) {
        const struct weft_trace_site *site = weft_trace_site(m->model->trace, id);
        g_autofree char *place = site ? g_strdup_printf("%s:%u", site->file, site->line) : NULL;
        known = holds(m, place) || (site && holds(m, site->func)) ? 1 : 2;
        g_hash_table_insert(m->sites, GUINT_TO_POINTER(id), GUINT_TO_POINTER(known));
    }
    return known == 1;
}

static gboolean is_called(const char *name, const struct weft_lane *lane, const char *wanted)
{
    char id[48];
    weft_format_id(lane->id, id);
    return strcmp(name, wanted) == 0 || strcmp(id, wanted) == 0;
}

static gboolean matches(const struct matching *m, const struct weft_lane *lane)
{
    const struct weft_filter *f = m->filter;
    guint kinds = f->kinds ? f->kinds : 1u << WEFT_LANE_TASK;
    if (!(kinds & 1u << lane->kind) || (f->site && f->site != lane->site))
        return FALSE;
    if (!f->name && !m->needle)
        return TRUE;
    g_autofree char *name = weft_model_name(m->model, lane->id);
    return (!f->name || is_called(name, lane, f->name)) &&
           (!m->needle || holds(m, name) || site_holds(m, lane->site));
}

gboolean weft_model_filter(weft_model *model, const struct weft_filter *filter, gint64 from_ns,
                           gint64 to_ns, GCancellable *cancellable, GArray *lanes)
{
    enum { CANCEL_LANES = 1024 }; /* looked at before asking whether it was cancelled */
    gboolean whole = TRUE;
    struct matching m = { .model = model,
                          .filter = filter,
                          .needle = filter->text && *filter->text
                                        ? g_utf8_casefold(filter->text, -1)
                                        : NULL,
                          .sites = g_hash_table_new(NULL, NULL) };
    for (guint i = 0; whole && i < model->n_lanes; i++) {
        const struct weft_lane *lane = &model->lanes[i].pub;
        if (lane->first_ns < to_ns && lane->last_ns > from_ns && matches(&m, lane))
            g_array_append_val(lanes, i);
        whole = i % CANCEL_LANES || !g_cancellable_is_cancelled(cancellable);
    }
    g_hash_table_unref(m.sites);
    g_free(m.needle);
    return whole;
}
