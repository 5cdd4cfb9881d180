/* crowd.c: see crowd.h. */
#include "app/cli/crowd.h"
#include "app/cli/jsontext.h"
#include "tracer/model/findings.h"
#include "tracer/model/model.h"

static gint larger_first(gconstpointer a, gconstpointer b)
{
    const struct crowd *x = a, *y = b;
    if (x->waiting != y->waiting)
        return x->waiting > y->waiting ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static void add_waiter(GArray *all, GHashTable *places, const struct weft_moment *m,
                       const struct weft_task_at *task)
{
    guint place = GPOINTER_TO_UINT(g_hash_table_lookup(places, &task->other));
    if (place == 0) {
        struct crowd crowd = { .id = task->other };
        g_array_append_val(all, crowd);
        place = all->len;
        g_hash_table_insert(places, g_memdup2(&task->other, sizeof task->other),
                            GUINT_TO_POINTER(place));
    }
    struct crowd *crowd = &g_array_index(all, struct crowd, place - 1);
    crowd->waiting++;
    crowd->longest_ns = MAX(crowd->longest_ns, m->now_ns - task->since_ns);
}

GArray *crowds_at(const struct weft_moment *m)
{
    guint n, at = 0;
    gint64 least = weft_thresholds(&n)[WEFT_THRESHOLD_CONVOY_WAITERS].value;
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct crowd));
    g_autoptr(GHashTable) places = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    for (const struct weft_task_at *task; (task = weft_state_next_task(m->state, &at));)
        if (task->state == WEFT_STATE_WAITING &&
            (task->detail == WEFT_AWAIT_LOCK || task->detail == WEFT_AWAIT_SEMAPHORE) &&
            task->other)
            add_waiter(all, places, m, task);
    for (guint i = all->len; i > 0; i--)
        if (g_array_index(all, struct crowd, i - 1).waiting < least)
            g_array_remove_index_fast(all, i - 1);
    g_array_sort(all, larger_first);
    return all;
}

/* For how long its holder has had the lock; -1: it is none, or that is not known. */
static gint64 held_ns(const struct weft_moment *m, uint64_t id)
{
    const struct weft_object_at *object = weft_state_object(m->state, id);
    return object && object->owner && object->since_ns ? MAX(0, m->now_ns - object->since_ns) : -1;
}

static void add_holders(GString *text, const struct weft_moment *m, uint64_t id)
{
    enum { SHOWN = 3 };
    struct weft_waits_for held = weft_waits_for(m->state, id);
    for (guint i = 0; held.how == WEFT_WAITS_FOR && i < MIN(held.n, SHOWN); i++) {
        g_autofree char *holder = weft_moment_name(m, weft_waits_on(&held, i));
        g_string_append_printf(text, "%s%s", i ? " and " : ", held by ", holder);
    }
    if (held.how == WEFT_WAITS_FOR && held.n > SHOWN)
        g_string_append_printf(text, " and %u more", held.n - SHOWN);
    if (held_ns(m, id) >= 0) {
        g_autofree char *since = weft_format_duration(held_ns(m, id));
        g_string_append_printf(text, " for %s", since);
    }
}

char *crowd_text(const struct weft_moment *m, const struct crowd *crowd)
{
    g_autofree char *name = weft_moment_name(m, crowd->id);
    g_autofree char *longest = weft_format_duration(crowd->longest_ns);
    GString *text = g_string_new(name);
    add_holders(text, m, crowd->id);
    g_string_append_printf(text, ": %u tasks wait for it, the first for %s", crowd->waiting,
                           longest);
    return g_string_free(text, FALSE);
}

void crowds_add_json(GString *json, const struct weft_moment *m)
{
    g_autoptr(GArray) crowds = crowds_at(m);
    jsontext_open(json, "crowds", '[');
    for (guint i = 0; i < crowds->len; i++) {
        const struct crowd *crowd = &g_array_index(crowds, struct crowd, i);
        struct weft_waits_for held = weft_waits_for(m->state, crowd->id);
        g_autofree char *name = weft_moment_name(m, crowd->id), *text = crowd_text(m, crowd);
        jsontext_open(json, NULL, '{');
        jsontext_id(json, "id", crowd->id);
        jsontext_text(json, "name", name);
        jsontext_open(json, "held_by", '[');
        for (guint k = 0; held.how == WEFT_WAITS_FOR && k < held.n; k++)
            jsontext_id(json, NULL, weft_waits_on(&held, k));
        jsontext_close(json, ']');
        gint64 ns = held_ns(m, crowd->id);
        jsontext_number_or_null(json, "held_ns", ns, ns >= 0);
        jsontext_number(json, "waiting", crowd->waiting);
        jsontext_number(json, "longest_ns", crowd->longest_ns);
        jsontext_text(json, "text", text);
        jsontext_close(json, '}');
    }
    jsontext_close(json, ']');
}
