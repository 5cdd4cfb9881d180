/* tableat.c: see tableat.h. */
#include "tracer/trace/tableat.h"
#include "tracer/trace/parties.h"

struct ring_begin {
    uint64_t ordinal, ticks;
    gboolean has_events, complete;
};

struct weft_tableat {
    GArray *rings;    /* of struct ring_begin, by index */
    GHashTable *born; /* ids of tasks and objects whose beginning is among the events */
    GHashTable *used; /* ids of semaphores and groups whose parties change in the events */
};

weft_tableat *weft_tableat_new(void)
{
    weft_tableat *at = g_new0(weft_tableat, 1);
    at->rings = g_array_new(FALSE, TRUE, sizeof(struct ring_begin));
    at->born = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    at->used = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return at;
}

void weft_tableat_free(weft_tableat *at)
{
    if (!at)
        return;
    g_array_unref(at->rings);
    g_hash_table_unref(at->born);
    g_hash_table_unref(at->used);
    g_free(at);
}

/* ---- Events ---- */

static gboolean is_birth(const struct weft_record *record)
{
    switch (record->kind) {
    case WEFT_RECORD_TASK_NEW:
    case WEFT_RECORD_OBJECT_NEW:
    case WEFT_RECORD_TIMER_SET:
    case WEFT_RECORD_TIMEOUT_ENTER:
        return TRUE;
    default:
        return FALSE;
    }
}

void weft_tableat_records(weft_tableat *at, uint32_t ring, uint64_t first_ordinal,
                          const struct weft_record *records, guint slots)
{
    if (slots == 0)
        return;
    if (ring >= at->rings->len)
        g_array_set_size(at->rings, ring + 1);
    struct ring_begin *begin = &g_array_index(at->rings, struct ring_begin, ring);
    if (!begin->has_events)
        *begin = (struct ring_begin){ .ordinal = first_ordinal,
                                      .ticks = records[0].time,
                                      .has_events = TRUE,
                                      .complete = first_ordinal == 0 &&
                                                  records[0].kind != WEFT_RECORD_SNAPSHOT };
    for (guint i = 0; i < slots; i++) {
        if (is_birth(&records[i]))
            g_hash_table_add(at->born, g_memdup2(&records[i].subject, sizeof(uint64_t)));
        else if ((records[i].kind == WEFT_RECORD_RESOURCE ||
                  records[i].kind == WEFT_RECORD_GROUP_ADD) &&
                 weft_has_parties(records[i].subject))
            g_hash_table_add(at->used, g_memdup2(&records[i].subject, sizeof(uint64_t)));
        i += records[i].flags & WEFT_RECORD_EXT;
    }
}

static struct ring_begin begin_of(const weft_tableat *at, uint32_t ring)
{
    return ring < at->rings->len ? g_array_index(at->rings, struct ring_begin, ring)
                                 : (struct ring_begin){ 0 };
}

gboolean weft_tableat_begin(const weft_tableat *at, uint32_t ring, uint64_t *first_ordinal,
                            uint64_t *ticks)
{
    struct ring_begin begin = begin_of(at, ring);
    *first_ordinal = begin.ordinal;
    *ticks = begin.ticks;
    return begin.has_events;
}

gboolean weft_tableat_is_complete(const weft_tableat *at, uint32_t ring)
{
    return begin_of(at, ring).complete;
}

/* ---- The state ---- */

static gboolean is_told(const weft_tableat *at, uint64_t id)
{
    return begin_of(at, weft_id_ring(id)).complete || g_hash_table_contains(at->born, &id);
}

static gboolean is_after(const weft_tableat *at, uint32_t ring, gint64 ticks)
{
    struct ring_begin begin = begin_of(at, ring);
    return begin.has_events && (uint64_t)ticks > begin.ticks;
}

static void keep_task(const weft_tableat *at, const struct weft_task_at *from, weft_state *to)
{
    struct weft_task_at task = *from;
    uint32_t ring = weft_id_ring(task.id);
    if (is_told(at, task.id))
        return;
    if (is_after(at, ring, task.since_ns)) {
        task.state = WEFT_STATE_UNKNOWN;
        task.other = task.detail = task.cancelling = task.delivered = 0;
        task.since_ns = task.created_ns = (gint64)begin_of(at, ring).ticks;
    }
    /* Those that are ready come in their order, and those that run nest as they did: below. */
    if (task.state != WEFT_STATE_READY && task.state != WEFT_STATE_RUNNING)
        weft_state_put_task(to, &task);
}

static void keep_those(const weft_tableat *at, const weft_state *from, uint32_t ring,
                       const uint64_t *ids, guint n, gboolean run, weft_state *to)
{
    for (guint i = 0; i < n; i++) {
        const struct weft_task_at *task = weft_state_task(from, ids[i]);
        if (!task || is_told(at, task->id) || is_after(at, ring, task->since_ns))
            continue;
        weft_state_put_task(to, task);
        if (run)
            weft_state_put_running(to, ring, task->id, task->since_ns);
    }
}

static void keep_ring(const weft_tableat *at, const weft_state *from, uint32_t ring, weft_state *to)
{
    guint n;
    gint64 since;
    const uint64_t *ids = weft_state_ready(from, ring, &n);
    keep_those(at, from, ring, ids, n, FALSE, to);
    ids = weft_state_all_running(from, ring, &n);
    keep_those(at, from, ring, ids, n, TRUE, to);
    if (weft_state_polling(from, ring, &since) && !begin_of(at, ring).complete &&
        !is_after(at, ring, since))
        weft_state_put_polling(to, ring, since);
}

/* Whose parties changed since T: who they were is not known. Those that its events tell of are. */
static void keep_parties(const weft_tableat *at, const weft_state *from, uint64_t object,
                         weft_state *to)
{
    guint n;
    gboolean all;
    const struct weft_party *parties = weft_state_parties(from, object, &n, &all);
    for (guint i = 0; i < n && !g_hash_table_contains(at->used, &object); i++)
        weft_state_put_party(to, object, &parties[i]);
}

weft_state *weft_tableat_state(const weft_tableat *at, const weft_state *tables)
{
    weft_state *to = weft_state_new();
    guint n;
    const struct weft_task_at **tasks = weft_state_tasks(tables, &n);
    for (guint i = 0; i < n; i++)
        keep_task(at, tasks[i], to);
    for (uint32_t ring = 0; ring < weft_state_n_rings(tables); ring++)
        keep_ring(at, tables, ring, to);
    const struct weft_object_at **objects = weft_state_objects(tables, &n);
    for (guint i = 0; i < n; i++)
        if (!is_told(at, objects[i]->id)) {
            weft_state_put_object(to, objects[i]);
            keep_parties(at, tables, objects[i]->id, to);
        }
    return to;
}

gboolean weft_tableat_is_amid(const weft_tableat *at, const weft_state *state)
{
    guint tasks, objects;
    weft_state_tasks(state, &tasks);
    weft_state_objects(state, &objects);
    gboolean amid = tasks + objects > 0;
    for (uint32_t ring = 0; ring < at->rings->len; ring++) {
        struct ring_begin begin = begin_of(at, ring);
        amid |= begin.has_events && !begin.complete;
    }
    return amid;
}
