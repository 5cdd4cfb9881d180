/* taskline.c: see taskline.h. */
#include "tracer/model/taskline.h"
#include "tracer/model/model.h"
#include <string.h>

enum { NAMES_SHOWN = 3 };

/* ---- The moment ---- */

struct weft_moment weft_moment_new(const weft_trace *trace, const weft_state *state, gint64 now_ns)
{
    struct weft_moment m = { trace, state, now_ns,
                             g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free) };
    guint next = 0;
    for (const struct weft_object_at *at; (at = weft_state_next_object(state, &next));) {
        if (weft_id_kind(at->id) != WEFT_ENTITY_TIMEOUT || at->done || at->deadline_mono_ns <= 0 ||
            at->deadline_mono_ns == G_MAXINT64)
            continue;
        gint64 ns = weft_trace_from_monotonic(trace, (uint64_t)at->deadline_mono_ns);
        const gint64 *known = g_hash_table_lookup(m.timeouts, &at->owner);
        if (!known || ns < *known)
            g_hash_table_insert(m.timeouts, g_memdup2(&at->owner, sizeof at->owner),
                                g_memdup2(&ns, sizeof ns));
    }
    return m;
}

void weft_moment_clear(struct weft_moment *m)
{
    g_clear_pointer(&m->timeouts, g_hash_table_unref);
}

gboolean weft_moment_timeout(const struct weft_moment *m, uint64_t task, gint64 *ns)
{
    const gint64 *known = g_hash_table_lookup(m->timeouts, &task);
    if (known)
        *ns = *known;
    return known != NULL;
}

gboolean weft_moment_due(const struct weft_moment *m, const struct weft_task_at *task, gint64 *ns)
{
    const struct weft_object_at *timer = weft_state_object(m->state, task->other);
    if (task->detail != WEFT_AWAIT_TIMER || !timer || timer->deadline_mono_ns <= 0 ||
        timer->deadline_mono_ns == G_MAXINT64)
        return FALSE;
    *ns = weft_trace_from_monotonic(m->trace, (uint64_t)timer->deadline_mono_ns);
    return TRUE;
}

/* ---- Names ---- */

const char *weft_task_state_name(unsigned state)
{
    static const char *const names[WEFT_STATES] = { "unknown",    "running", "ready", "waiting",
                                                    "cancelling", "done",    "new" };
    return state < WEFT_STATES ? names[state] : "unknown";
}

static const char *given_name(const struct weft_moment *m, uint32_t string)
{
    const char *name = string ? weft_trace_string(m->trace, string) : NULL;
    return name && *name ? name : NULL;
}

/* "gather", "shield"; what the program calls it in quotes: "task group \"family\"", "gather
 * \"requests\"". */
static char *group_name(const char *given)
{
    static const char *const kinds[] = { "gather", "shield", "wait", "as_completed", "task group" };
    static const char task_group[] = "task group ";
    if (!given)
        return g_strdup("gather");
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(given, kinds[i]) == 0)
            return g_strdup(given);
    return g_str_has_prefix(given, task_group)
               ? g_strdup_printf("%s\"%s\"", task_group, given + strlen(task_group))
               : g_strdup_printf("gather \"%s\"", given);
}

static char *object_name(const struct weft_moment *m, uint64_t id)
{
    const struct weft_object_at *object = weft_state_object(m->state, id);
    const char *given = object ? given_name(m, object->name) : NULL;
    const char *kind = weft_entity_name(weft_id_kind(id));
    if (weft_id_kind(id) == WEFT_ENTITY_GROUP) {
        g_autofree char *group = group_name(given);
        return object && object->capacity
                   ? g_strdup_printf("%s of %" G_GUINT64_FORMAT, group, object->capacity)
                   : g_steal_pointer(&group);
    }
    if (given)
        return g_strdup_printf("%s \"%s\"", kind ? kind : "object", given);
    return g_strdup_printf("%s %" G_GUINT64_FORMAT, kind ? kind : "object", weft_id_counter(id));
}

char *weft_moment_name(const struct weft_moment *m, uint64_t id)
{
    if (weft_id_kind(id) != WEFT_ENTITY_TASK)
        return object_name(m, id);
    const struct weft_task_at *task = weft_state_task(m->state, id);
    const char *given = task ? given_name(m, task->name) : NULL;
    return given ? g_strdup(given)
                 : g_strdup_printf("Task-%" G_GUINT64_FORMAT, weft_id_counter(id));
}

const struct weft_trace_site *weft_moment_site(const struct weft_moment *m,
                                               const struct weft_task_at *task)
{
    const struct weft_trace_site *site = weft_trace_site(m->trace, task->site ? task->site
                                                                              : task->created_site);
    return site && site->line ? site : NULL;
}

const char *weft_site_file_name(const struct weft_trace_site *site)
{
    const char *slash = strrchr(site->file, '/');
    return slash ? slash + 1 : site->file;
}

static char *site_in(const char *file, const struct weft_trace_site *site)
{
    if (!site->func || !*site->func)
        return g_strdup_printf("%s:%u", file, site->line);
    return g_strdup_printf("%s:%u (%s)", file, site->line, site->func);
}

char *weft_site_text(const struct weft_trace_site *site)
{
    return site && site->line ? site_in(site->file, site) : g_strdup("");
}

char *weft_site_short(const struct weft_trace_site *site)
{
    return site && site->line ? site_in(weft_site_file_name(site), site) : g_strdup("");
}

/* ---- What it awaits ---- */

static gboolean is_done(const struct weft_moment *m, uint64_t id)
{
    const struct weft_task_at *task = weft_state_task(m->state, id);
    return weft_id_kind(id) == WEFT_ENTITY_TASK && (!task || task->state == WEFT_STATE_DONE);
}

/* "a, b and 3 more" of those that have not ended. FALSE, and nothing said: all have. */
static gboolean append_parties(GString *text, const char *before, const struct weft_moment *m,
                               const struct weft_waits_for *waits)
{
    uint64_t shown[NAMES_SHOWN];
    guint n = 0;
    for (guint i = 0; i < waits->n; i++) {
        uint64_t id = weft_waits_on(waits, i);
        if (is_done(m, id))
            continue;
        if (n < NAMES_SHOWN)
            shown[n] = id;
        n++;
    }
    if (n == 0)
        return FALSE;
    g_string_append(text, before);
    for (guint i = 0; i < MIN(n, NAMES_SHOWN); i++) {
        g_autofree char *name = weft_moment_name(m, shown[i]);
        g_string_append_printf(text, "%s%s", i == 0 ? "" : i + 1 == n ? " and " : ", ", name);
    }
    if (n > NAMES_SHOWN)
        g_string_append_printf(text, " and %u more", n - NAMES_SHOWN);
    return TRUE;
}

/* ", held by writer"; ": waits for older and younger". */
static void append_holders(GString *text, const struct weft_moment *m, uint64_t id)
{
    struct weft_waits_for waits = weft_waits_for(m->state, id);
    unsigned kind = weft_id_kind(id);
    const struct weft_object_at *object = weft_state_object(m->state, id);
    if (kind == WEFT_ENTITY_GROUP) {
        append_parties(text, ": waits for ", m, &waits);
    } else if (waits.how == WEFT_WAITS_FOR) {
        append_parties(text, ", held by ", m, &waits);
    } else if (kind == WEFT_ENTITY_LOCK && object && object->owner && is_done(m, object->owner)) {
        g_autofree char *name = weft_moment_name(m, object->owner);
        g_string_append_printf(text, ", held by %s, which has ended", name);
    }
}

static void append_timer(GString *text, const struct weft_moment *m,
                         const struct weft_task_at *task)
{
    gint64 due;
    g_string_append(text, "sleep");
    if (!weft_moment_due(m, task, &due))
        return;
    g_autofree char *time = weft_format_duration(ABS(due - m->now_ns));
    g_string_append_printf(text, due < m->now_ns ? ", due %s ago" : ", due in %s", time);
}

static void append_queue(GString *text, const struct weft_moment *m,
                         const struct weft_task_at *task)
{
    const struct weft_object_at *queue = weft_state_object(m->state, task->other);
    const char *verb = task->detail == WEFT_AWAIT_QUEUE_GET   ? "get from"
                       : task->detail == WEFT_AWAIT_QUEUE_PUT ? "put into"
                                                              : "join of";
    g_autofree char *name = object_name(m, task->other);
    g_string_append_printf(text, "%s %s", verb, name);
    if (!queue || queue->stale)
        return;
    if (queue->value <= 0)
        g_string_append(text, " (empty)");
    else if (queue->capacity)
        g_string_append_printf(text, " (%" G_GINT64_FORMAT " of %" G_GUINT64_FORMAT ")",
                               queue->value, queue->capacity);
    else
        g_string_append_printf(text, " (%" G_GINT64_FORMAT ")", queue->value);
}

static const char *const outside_verbs[WEFT_AWAIT_END] = {
    [WEFT_AWAIT_READ] = "recv",       [WEFT_AWAIT_WRITE] = "send", [WEFT_AWAIT_CONNECT] = "connect",
    [WEFT_AWAIT_ACCEPT] = "accept",   [WEFT_AWAIT_DNS] = "DNS",    [WEFT_AWAIT_FILE] = "file",
    [WEFT_AWAIT_CHILD] = "process",   [WEFT_AWAIT_JOB] = "thread", [WEFT_AWAIT_SIGNAL] = "signal",
    [WEFT_AWAIT_OTHER] = "something",
};

static void append_wait(GString *text, const struct weft_moment *m, const struct weft_task_at *task)
{
    const char *verb = task->detail < WEFT_AWAIT_END ? outside_verbs[task->detail] : "something";
    const struct weft_object_at *object = weft_state_object(m->state, task->other);
    if (task->detail == WEFT_AWAIT_TIMER) {
        append_timer(text, m, task);
    } else if (task->detail >= WEFT_AWAIT_QUEUE_GET && task->detail <= WEFT_AWAIT_QUEUE_JOIN) {
        append_queue(text, m, task);
    } else if (verb) {
        const char *given = object ? given_name(m, object->name) : NULL;
        g_string_append_printf(text, "%s%s%s", verb, given ? " " : "", given ? given : "");
    } else if (!task->other) {
        const char *kind = weft_detail_name(WEFT_RECORD_SUSPEND, task->detail);
        g_string_append(text, kind && *kind ? kind : "something");
    } else {
        g_autofree char *name = weft_moment_name(m, task->other);
        gboolean of_task = weft_id_kind(task->other) == WEFT_ENTITY_TASK;
        g_string_append_printf(text, "%s%s", of_task ? "task " : "", name);
    }
}

/* It has no name of its own, and its number says nothing. */
static gboolean is_somebody(const struct weft_moment *m, uint64_t id)
{
    const struct weft_object_at *object = weft_state_object(m->state, id);
    return weft_id_kind(id) == WEFT_ENTITY_TASK || (object && given_name(m, object->name));
}

static void append_wake(GString *text, const struct weft_moment *m, const struct weft_task_at *task)
{
    const char *cause = weft_detail_name(WEFT_RECORD_WAKE, task->detail);
    g_autofree char *waker = task->other && is_somebody(m, task->other)
                                 ? weft_moment_name(m, task->other)
                                 : NULL;
    if (task->detail == WEFT_WAKE_TASK && task->other == task->id)
        g_string_append(text, "sleep(0)");
    else if (task->detail == WEFT_WAKE_CREATED)
        g_string_append_printf(text, "created%s%s", waker ? " by " : "", waker ? waker : "");
    else if (waker)
        g_string_append_printf(text, "woken by %s", waker);
    else if (cause && *cause)
        g_string_append_printf(text, "woken: %s", cause);
}

char *weft_moment_awaited(const struct weft_moment *m, const struct weft_task_at *task)
{
    GString *text = g_string_new(NULL);
    gboolean cleanup = task->state == WEFT_STATE_CANCELLING;
    if (cleanup)
        g_string_append(text, "cleanup");
    if (task->state == WEFT_STATE_WAITING || (cleanup && task->detail)) {
        g_string_append(text, cleanup ? ": " : "");
        append_wait(text, m, task);
        if (task->other && weft_id_kind(task->other) != WEFT_ENTITY_TASK)
            append_holders(text, m, task->other);
    } else if (task->state == WEFT_STATE_READY) {
        append_wake(text, m, task);
    } else if (task->state == WEFT_STATE_DONE) {
        const char *outcome = weft_detail_name(WEFT_RECORD_TASK_DONE, task->detail);
        g_string_append(text, outcome ? outcome : "");
    }
    return g_string_free(text, FALSE);
}

/* ---- Chains ---- */

/* ", held by writer": the one that leads on, or all holders of a semaphore. TRUE: it has several.
 */
static gboolean append_held(GString *text, const struct weft_moment *m, uint64_t id, uint64_t by)
{
    struct weft_waits_for waits = weft_waits_for(m->state, id);
    if (weft_id_kind(id) == WEFT_ENTITY_SEMAPHORE && waits.n > 1)
        return append_parties(text, ", held by ", m, &waits);
    g_autofree char *name = weft_moment_name(m, by);
    gboolean group = weft_id_kind(id) == WEFT_ENTITY_GROUP;
    g_string_append_printf(text, ", %s %s", group ? "of which" : "held by", name);
    return FALSE;
}

/* "reader waits for lock \"b\", held by writer, which waits for …": `links` of the ids, the last of
 * which leads to `to`. TRUE: that one is one of several. */
static gboolean append_path(GString *text, const struct weft_moment *m, const uint64_t *ids,
                            guint links, uint64_t to)
{
    gboolean several = FALSE;
    g_autofree char *first = weft_moment_name(m, ids[0]);
    g_string_append(text, first);
    for (guint i = 0; i < links; i++) {
        const struct weft_task_at *task = weft_state_task(m->state, ids[i]);
        if (!task) {
            several = append_held(text, m, ids[i], i + 1 < links ? ids[i + 1] : to);
            continue;
        }
        g_autofree char *again = several ? weft_moment_name(m, ids[i]) : NULL;
        g_string_append_printf(text, "%s%s waits for ",
                               several ? "; "
                               : i > 0 ? ", which"
                                       : "",
                               several ? again : "");
        append_wait(text, m, task);
        several = FALSE;
    }
    return several;
}

static void append_end(GString *text, const struct weft_moment *m, uint64_t id, enum weft_waits end)
{
    const struct weft_task_at *task = weft_state_task(m->state, id);
    if (weft_id_kind(id) != WEFT_ENTITY_TASK)
        return;
    if (!task || task->state == WEFT_STATE_UNKNOWN)
        g_string_append(text, ", of which nothing is known");
    else if (task->state == WEFT_STATE_DONE)
        g_string_append(text, ", which has ended");
    else if (end == WEFT_WAITS_NOT)
        g_string_append_printf(text, ", which is %s", weft_task_state_name(task->state));
    else if (end == WEFT_WAITS_OUTSIDE || end == WEFT_WAITS_ANYBODY) {
        g_string_append(text, ", which waits for ");
        append_wait(text, m, task);
    }
}

char *weft_moment_chain(const struct weft_moment *m, const struct weft_await_chain *chain)
{
    GString *text = g_string_new(NULL);
    const uint64_t *ids = (const uint64_t *)(void *)chain->ids->data;
    guint n = chain->ids->len;
    if (chain->circle != G_MAXUINT) {
        append_path(text, m, ids, n, ids[chain->circle]);
        g_string_append(text, ": a circle");
        return g_string_free(text, FALSE);
    }
    append_path(text, m, ids, n - 1, ids[n - 1]);
    if (chain->end == WEFT_WAITS_FOR)
        g_string_append(text, ", and so on");
    else
        append_end(text, m, ids[n - 1], chain->end);
    return g_string_free(text, FALSE);
}

char *weft_moment_circle(const struct weft_moment *m, const struct weft_waits_circle *circle)
{
    GString *text = g_string_new(NULL);
    const uint64_t *ids = (const uint64_t *)(void *)circle->ids->data;
    if (append_path(text, m, ids, circle->ids->len, ids[0]))
        g_string_append(text, ", which all wait");
    return g_string_free(text, FALSE);
}

/* ---- Loops ---- */

char *weft_moment_loop(const struct weft_moment *m, uint32_t ring)
{
    guint ready;
    uint64_t id = weft_state_running(m->state, ring);
    const struct weft_task_at *task = id ? weft_state_task(m->state, id) : NULL;
    if (!task)
        return NULL;
    weft_state_ready(m->state, ring, &ready);
    GString *text = g_string_new(NULL);
    g_autofree char *name = weft_moment_name(m, id);
    g_autofree char *held = weft_format_duration(m->now_ns - task->since_ns);
    g_autofree char *site = weft_site_text(weft_moment_site(m, task));
    g_string_append_printf(text, "%s holds its loop, which has not polled for %s", name, held);
    if (*site)
        g_string_append_printf(text, "; it %s %s", task->site ? "went on from" : "was created at",
                               site);
    if (ready)
        g_string_append_printf(text, "; %u %s ready behind it", ready,
                               ready == 1 ? "task is" : "tasks are");
    return g_string_free(text, FALSE);
}
