/* oracle_text.c: see oracle_text.h. */
#include "tests/model/oracle_text.h"

/* A merge gives strings and sites other ids: names are numbers as text, sites lines. */
static guint name_number(const weft_trace *trace, guint32 id)
{
    const char *name = trace && id ? weft_trace_string(trace, id) : NULL;
    return name ? (guint)g_ascii_strtoull(name, NULL, 10) : id;
}

static guint site_number(const weft_trace *trace, guint32 id)
{
    const struct weft_trace_site *site = trace ? weft_trace_site(trace, id) : NULL;
    return site ? site->line : id;
}

static void print_task(GString *text, const weft_trace *trace, const struct weft_task_at *t)
{
    g_string_append_printf(text,
                           "task %" G_GINT64_MODIFIER
                           "x state %u detail %u other %" G_GINT64_MODIFIER
                           "x since %" G_GINT64_MODIFIER "d created %" G_GINT64_MODIFIER
                           "d parent %" G_GINT64_MODIFIER "x name %u site %u "
                           "from %u cancelling %u delivered %u\n",
                           t->id, t->state, t->detail, t->other, t->since_ns, t->created_ns,
                           t->parent, name_number(trace, t->name), site_number(trace, t->site),
                           site_number(trace, t->created_site), t->cancelling, t->delivered);
}

static gint by_id(gconstpointer a, gconstpointer b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static gint party_by_id(gconstpointer a, gconstpointer b)
{
    return by_id(&((const struct weft_party *)a)->id, &((const struct weft_party *)b)->id);
}

/* What ended in a ring whose beginning in another was lost is nothing that anybody asks for. */
static gboolean stale_job(const struct weft_object_at *object)
{
    return weft_id_kind(object->id) == WEFT_ENTITY_JOB && object->done;
}

static void print_object(GString *text, const weft_trace *trace, const struct weft_object_at *o)
{
    g_string_append_printf(text,
                           "object %" G_GINT64_MODIFIER "x owner %" G_GINT64_MODIFIER
                           "x value %" G_GINT64_MODIFIER "d deadline %" G_GINT64_MODIFIER
                           "d capacity %" G_GINT64_MODIFIER "u name %u site %u done %d stale %d",
                           o->id, o->owner, o->value, o->deadline_mono_ns, o->capacity,
                           name_number(trace, o->name), site_number(trace, o->site), o->done,
                           o->stale);
}

static void print_parties(GString *text, const struct weft_party *at, guint n, gboolean all)
{
    g_autoptr(GArray) sorted = g_array_new(FALSE, FALSE, sizeof *at);
    if (n)
        g_array_append_vals(sorted, at, n);
    g_array_sort(sorted, party_by_id);
    g_string_append(text, all ? " all" : " some");
    for (guint i = 0; i < n; i++) {
        const struct weft_party *party = &g_array_index(sorted, struct weft_party, i);
        g_string_append_printf(text, " %" G_GINT64_MODIFIER "x:%u", party->id, party->units);
    }
}

static void print_ids(GString *text, const char *what, const uint64_t *ids, guint n)
{
    g_string_append_printf(text, " %s", what);
    for (guint i = 0; i < n; i++)
        g_string_append_printf(text, " %" G_GINT64_MODIFIER "x", ids[i]);
}

gboolean has_parties(uint64_t id)
{
    return weft_id_kind(id) == WEFT_ENTITY_GROUP || weft_id_kind(id) == WEFT_ENTITY_SEMAPHORE;
}

char *state_text(const weft_state *state, const weft_trace *trace)
{
    GString *text = g_string_new(NULL);
    guint n_tasks, n_objects;
    const struct weft_task_at **tasks = weft_state_tasks(state, &n_tasks);
    for (guint i = 0; i < n_tasks; i++)
        print_task(text, trace, tasks[i]);
    const struct weft_object_at **objects = weft_state_objects(state, &n_objects);
    for (guint i = 0; i < n_objects; i++) {
        if (stale_job(objects[i]))
            continue;
        print_object(text, trace, objects[i]);
        guint n;
        gboolean all;
        const struct weft_party *at = weft_state_parties(state, objects[i]->id, &n, &all);
        if (has_parties(objects[i]->id))
            print_parties(text, at, n, all);
        g_string_append_c(text, '\n');
    }
    for (guint32 ring = 0; ring < PROGRAM_RINGS; ring++) {
        guint n;
        gint64 since;
        g_string_append_printf(text, "ring %u", ring);
        const uint64_t *ids = weft_state_ready(state, ring, &n);
        print_ids(text, "ready", ids, n);
        ids = weft_state_all_running(state, ring, &n);
        print_ids(text, "running", ids, n);
        if (!weft_state_queue_known(state, ring))
            g_string_append(text, " and others");
        if (weft_state_polling(state, ring, &since))
            g_string_append_printf(text, " polling since %" G_GINT64_MODIFIER "d", since);
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}

static guint64 units_of(const struct oracle_parties *semaphore)
{
    guint64 units = 0;
    for (guint i = 0; i < semaphore->at->len; i++)
        units += g_array_index(semaphore->at, struct weft_party, i).units;
    return units;
}

gboolean all_known(const struct weft_object_at *object, const struct oracle_parties *parties)
{
    if (!parties)
        return weft_id_kind(object->id) == WEFT_ENTITY_GROUP ||
               object->capacity == (guint64)object->value;
    if (parties->hidden || parties->amid)
        return FALSE;
    return weft_id_kind(object->id) == WEFT_ENTITY_GROUP
               ? parties->at->len + parties->untold == parties->joined
               : units_of(parties) == object->capacity - (guint64)object->value;
}

char *oracle_text(const struct oracle *o)
{
    GString *text = g_string_new(NULL);
    g_array_sort(o->tasks, by_id);
    for (guint i = 0; i < o->tasks->len; i++)
        print_task(text, NULL, &g_array_index(o->tasks, struct weft_task_at, i));
    g_array_sort(o->objects, by_id);
    for (guint i = 0; i < o->objects->len; i++) {
        const struct weft_object_at *at = &g_array_index(o->objects, struct weft_object_at, i);
        if (stale_job(at))
            continue;
        print_object(text, NULL, at);
        const struct oracle_parties *parties = oracle_parties(o, at->id);
        if (has_parties(at->id))
            print_parties(text, parties ? (void *)parties->at->data : NULL,
                          parties ? parties->at->len : 0, all_known(at, parties));
        g_string_append_c(text, '\n');
    }
    for (guint32 i = 0; i < PROGRAM_RINGS; i++) {
        const struct oracle_ring *ring = &o->rings[i];
        g_string_append_printf(text, "ring %u", i);
        print_ids(text, "ready", (const void *)ring->ready->data, ring->ready->len);
        print_ids(text, "running", (const void *)ring->running->data, ring->running->len);
        if (ring->queue_hidden)
            g_string_append(text, " and others");
        if (ring->polling)
            g_string_append_printf(text, " polling since %" G_GINT64_MODIFIER "d",
                                   ring->poll_since_ns);
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}
