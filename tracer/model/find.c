/* find.c: see find.h. */
#include "tracer/model/find.h"
#include "tracer/model/model_private.h"
#include <string.h>

struct search {
    weft_model *model;
    char *needle;        /* case folded */
    GHashTable *strings; /* id -> 1: it is in it, 2: not */
    GHashTable *sites;   /* the same */
    struct weft_match from;
    int direction;          /* 0: they are counted */
    struct weft_match best; /* in WEFT_MATCH_NOTHING: none yet */
    guint64 total, place;   /* counted: all; those not after `from` */
};

/* ---- Texts ---- */

static gboolean holds(const struct search *s, const char *text)
{
    if (!text || !*text)
        return FALSE;
    g_autofree char *folded = g_utf8_casefold(text, -1);
    return strstr(folded, s->needle) != NULL;
}

static gboolean string_holds(const struct search *s, guint32 id)
{
    guint known = GPOINTER_TO_UINT(g_hash_table_lookup(s->strings, GUINT_TO_POINTER(id)));
    if (!known) {
        known = holds(s, weft_trace_string(s->model->trace, id)) ? 1 : 2;
        g_hash_table_insert(s->strings, GUINT_TO_POINTER(id), GUINT_TO_POINTER(known));
    }
    return known == 1;
}

static gboolean site_holds(const struct search *s, guint32 id)
{
    guint known = GPOINTER_TO_UINT(g_hash_table_lookup(s->sites, GUINT_TO_POINTER(id)));
    if (!known) {
        const struct weft_trace_site *site = weft_trace_site(s->model->trace, id);
        g_autofree char *place = site ? g_strdup_printf("%s:%u", site->file, site->line) : NULL;
        known = site && (holds(s, place) || holds(s, site->func)) ? 1 : 2;
        g_hash_table_insert(s->sites, GUINT_TO_POINTER(id), GUINT_TO_POINTER(known));
    }
    return known == 1;
}

static gboolean default_name_holds(const struct search *s, uint64_t id)
{
    if (idmap_get(&s->model->facts.names, id))
        return FALSE;
    g_autofree char *name = weft_model_name(s->model, id);
    return holds(s, name);
}

/* ---- Order ---- */

static int compare(const struct weft_match *a, const struct weft_match *b)
{
    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    if (a->ring != b->ring)
        return a->ring < b->ring ? -1 : 1;
    return a->ordinal < b->ordinal ? -1 : a->ordinal > b->ordinal;
}

/* Keeps the candidate when it is on the right side of where to begin, and the nearest so far. */
static void offer(struct search *s, const struct weft_match *candidate)
{
    gboolean moment = s->from.in == WEFT_MATCH_NOTHING;
    if (s->direction == 0) {
        s->total++;
        s->place += compare(candidate, &s->from) <= 0;
        return;
    }
    int side = moment ? (candidate->time_ns >= s->from.time_ns ? 1 : -1)
                      : compare(candidate, &s->from);
    if (side * s->direction <= 0)
        return;
    if (s->best.in == WEFT_MATCH_NOTHING || compare(candidate, &s->best) * s->direction < 0)
        s->best = *candidate;
}

/* Whether something between the two moments may be it. */
static gboolean may_hold(const struct search *s, gint64 first_ns, gint64 last_ns)
{
    if (s->direction > 0)
        return last_ns >= s->from.time_ns &&
               (s->best.in == WEFT_MATCH_NOTHING || first_ns <= s->best.time_ns);
    return first_ns <= s->from.time_ns &&
           (s->best.in == WEFT_MATCH_NOTHING || last_ns >= s->best.time_ns);
}

/* ---- Events ---- */

/* In what of the event the text is; *text becomes the name's or text's id. */
static enum weft_match_in look_into(const struct search *s, const struct weft_record *r,
                                    guint32 *text)
{
    const struct weft_event_info *info = weft_event_info(r->kind);
    *text = 0;
    if (!info)
        return WEFT_MATCH_NOTHING;
    if (info->object == WEFT_FIELD_STRING && string_holds(s, (guint32)r->object)) {
        *text = (guint32)r->object;
        return r->kind == WEFT_RECORD_TASK_NAME || r->kind == WEFT_RECORD_OBJECT_NAME
                   ? WEFT_MATCH_NAME
                   : WEFT_MATCH_TEXT;
    }
    if (r->kind == WEFT_RECORD_TASK_NEW && default_name_holds(s, r->subject))
        return WEFT_MATCH_NAME;
    if (info->site == WEFT_FIELD_SITE && r->site && site_holds(s, r->site))
        return WEFT_MATCH_SITE;
    return WEFT_MATCH_NOTHING;
}

static guint32 lane_of(const weft_model *model, uint64_t id, guint32 ring)
{
    guint32 lane = weft_model_lane_of(model, id);
    for (guint i = 0; lane == NO_LANE && i < model->loops->len; i++) {
        guint32 loop = g_array_index(model->loops, guint32, i);
        if (model->lanes[loop].pub.ring == ring)
            lane = loop;
    }
    return lane;
}

static void search_chunk(struct search *s, guint index, struct weft_record *records)
{
    const struct weft_trace_chunk *chunk = weft_trace_chunk(s->model->trace, index);
    guint n = weft_trace_decode(s->model->trace, index, records, NULL);
    for (guint i = 0; i < n; i++) {
        const struct weft_record *r = &records[i];
        guint32 text;
        struct weft_match match = { .time_ns = (gint64)r->time,
                                    .ring = chunk->ring,
                                    .ordinal = chunk->first_ordinal + i,
                                    .in = look_into(s, r, &text),
                                    .event = r->kind,
                                    .site = r->site,
                                    .id = r->subject };
        match.text = text;
        if (match.in != WEFT_MATCH_NOTHING)
            offer(s, &match);
        i += r->flags & WEFT_RECORD_EXT && i + 1 < n;
    }
}

/* ---- What was there when the trace began ---- */

static void offer_beginning(struct search *s, uint64_t id, guint32 name, guint32 site, guint place)
{
    struct weft_match match = { .time_ns = weft_trace_begin_ns(s->model->trace),
                                .ring = weft_id_ring(id),
                                .ordinal = place,
                                .text = name,
                                .site = site,
                                .id = id };
    gboolean task = weft_id_kind(id) == WEFT_ENTITY_TASK;
    if (name ? string_holds(s, name) : task && default_name_holds(s, id))
        match.in = WEFT_MATCH_NAME;
    else if (site && site_holds(s, site))
        match.in = WEFT_MATCH_SITE;
    if (match.in != WEFT_MATCH_NOTHING)
        offer(s, &match);
}

static void search_beginning(struct search *s)
{
    const weft_state *state = s->model->beginning;
    guint tasks = 0, objects = 0;
    const struct weft_task_at *task;
    const struct weft_object_at *object;
    while (state && (task = weft_state_next_task(state, &tasks)))
        offer_beginning(s, task->id, task->name, task->created_site, tasks);
    while (state && (object = weft_state_next_object(state, &objects)))
        offer_beginning(s, object->id, object->name, object->site, tasks + objects);
}

/* ---- All ---- */

static struct search search_for(weft_model *model, const char *text, const struct weft_match *from,
                                int direction)
{
    return (struct search){ .model = model,
                            .needle = g_utf8_casefold(text, -1),
                            .strings = g_hash_table_new(NULL, NULL),
                            .sites = g_hash_table_new(NULL, NULL),
                            .from = *from,
                            .direction = direction };
}

/* Through all that may hold it. FALSE: it was cancelled. */
static gboolean search_all(struct search *s, GCancellable *cancellable)
{
    g_autofree struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    guint n = s->model->n_chunks;
    search_beginning(s);
    for (guint i = 0; i < n && !g_cancellable_is_cancelled(cancellable); i++) {
        guint index = s->direction >= 0 ? i : n - 1 - i;
        const struct weft_trace_chunk *chunk = weft_trace_chunk(s->model->trace, index);
        if (s->direction == 0 || may_hold(s, chunk->first_ns, chunk->last_ns))
            search_chunk(s, index, records);
    }
    g_free(s->needle);
    g_hash_table_unref(s->strings);
    g_hash_table_unref(s->sites);
    return !g_cancellable_is_cancelled(cancellable);
}

gboolean weft_model_find(weft_model *model, const char *text, const struct weft_match *from,
                         int direction, GCancellable *cancellable, struct weft_match *match)
{
    if (!*text || direction == 0)
        return FALSE;
    struct search s = search_for(model, text, from, direction > 0 ? 1 : -1);
    if (!search_all(&s, cancellable) || s.best.in == WEFT_MATCH_NOTHING)
        return FALSE;
    *match = s.best;
    match->lane = lane_of(model, match->id, match->ring);
    return TRUE;
}

gboolean weft_model_find_count(weft_model *model, const char *text, const struct weft_match *match,
                               GCancellable *cancellable, guint64 *total, guint64 *place)
{
    *total = *place = 0;
    if (!*text)
        return TRUE;
    struct search s = search_for(model, text, match, 0);
    gboolean whole = search_all(&s, cancellable);
    *total = s.total;
    *place = s.place;
    return whole;
}
