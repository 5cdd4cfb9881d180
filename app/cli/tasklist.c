/* tasklist.c: see tasklist.h. */
#include "app/cli/tasklist.h"
#include "app/cli/entity.h"
#include "app/cli/jsontext.h"
#include "app/cli/quantity.h"
#include "app/cli/table.h"
#include "tracer/model/model.h"

#include <string.h>

const char *const tasklist_states = "running, ready, waiting, cancelling, done, new, unknown";

guint tasklist_parse_states(const char *text, char **wrong)
{
    guint states = 0;
    char **words = g_strsplit(text, ",", -1);
    *wrong = NULL;
    for (char **word = words; *word && !*wrong; word++) {
        guint state = 0;
        while (state < WEFT_STATES && strcmp(weft_task_state_name(state), *word) != 0)
            state++;
        if (state < WEFT_STATES)
            states |= 1u << state;
        else
            *wrong = g_strdup(*word);
    }
    g_strfreev(words);
    return *wrong ? 0 : states;
}

/* ---- How many ---- */

void tasklist_count(const weft_state *state, guint64 counts[WEFT_STATES])
{
    guint n;
    const struct weft_task_at **tasks = weft_state_tasks(state, &n);
    memset(counts, 0, WEFT_STATES * sizeof counts[0]);
    for (guint i = 0; i < n; i++)
        counts[tasks[i]->state]++;
}

char *tasklist_counts_text(const weft_state *state)
{
    static const guint8 order[] = { WEFT_STATE_RUNNING, WEFT_STATE_CANCELLING, WEFT_STATE_READY,
                                    WEFT_STATE_NEW,     WEFT_STATE_WAITING,    WEFT_STATE_UNKNOWN,
                                    WEFT_STATE_DONE };
    guint64 counts[WEFT_STATES], all = 0;
    tasklist_count(state, counts);
    for (guint i = 0; i < WEFT_STATES; i++)
        all += counts[i];
    char *number = quantity_format_count(all);
    GString *text = g_string_new(number);
    g_free(number);
    g_string_append(text, all == 1 ? " task" : " tasks");
    const char *between = ": ";
    for (guint i = 0; i < G_N_ELEMENTS(order); i++) {
        if (counts[order[i]] == 0)
            continue;
        number = quantity_format_count(counts[order[i]]);
        g_string_append_printf(text, "%s%s %s", between, number, weft_task_state_name(order[i]));
        g_free(number);
        between = ", ";
    }
    return g_string_free(text, FALSE);
}

/* ---- Order ---- */

static int by_id(const struct weft_task_at *a, const struct weft_task_at *b)
{
    return a->id < b->id ? -1 : a->id > b->id;
}

static gint by_since(gconstpointer a, gconstpointer b, gpointer moment G_GNUC_UNUSED)
{
    const struct weft_task_at *x = *(const struct weft_task_at *const *)a;
    const struct weft_task_at *y = *(const struct weft_task_at *const *)b;
    if (x->since_ns != y->since_ns)
        return x->since_ns < y->since_ns ? -1 : 1;
    return by_id(x, y);
}

/* Who runs, who could, who waits, who is over; in each, the longest first. */
static gint by_state(gconstpointer a, gconstpointer b, gpointer moment)
{
    static const guint8 places[WEFT_STATES] = {
        [WEFT_STATE_RUNNING] = 0, [WEFT_STATE_CANCELLING] = 1, [WEFT_STATE_READY] = 2,
        [WEFT_STATE_NEW] = 3,     [WEFT_STATE_WAITING] = 4,    [WEFT_STATE_UNKNOWN] = 5,
        [WEFT_STATE_DONE] = 6,
    };
    const struct weft_task_at *x = *(const struct weft_task_at *const *)a;
    const struct weft_task_at *y = *(const struct weft_task_at *const *)b;
    if (places[x->state] != places[y->state])
        return places[x->state] < places[y->state] ? -1 : 1;
    return by_since(a, b, moment);
}

static gint by_created(gconstpointer a, gconstpointer b, gpointer moment G_GNUC_UNUSED)
{
    return by_id(*(const struct weft_task_at *const *)a, *(const struct weft_task_at *const *)b);
}

/* Those without a name of their own behind the others. */
static gint by_name(gconstpointer a, gconstpointer b, gpointer moment)
{
    const weft_trace *trace = ((const struct weft_moment *)moment)->trace;
    const struct weft_task_at *x = *(const struct weft_task_at *const *)a;
    const struct weft_task_at *y = *(const struct weft_task_at *const *)b;
    const char *first = x->name ? weft_trace_string(trace, x->name) : NULL;
    const char *second = y->name ? weft_trace_string(trace, y->name) : NULL;
    if (!first != !second)
        return first ? -1 : 1;
    int order = first ? strcmp(first, second) : 0;
    return order ? order : by_id(x, y);
}

struct tasklist tasklist_choose(const struct weft_moment *m, guint states, const char *sort,
                                guint64 top)
{
    guint n;
    struct tasklist list = { .tasks = g_ptr_array_new() };
    const struct weft_task_at **tasks = weft_state_tasks(m->state, &n);
    for (guint i = 0; i < n; i++)
        if (states & 1u << tasks[i]->state)
            g_ptr_array_add(list.tasks, (gpointer)tasks[i]);
    GCompareDataFunc order = strcmp(sort, "since") == 0     ? by_since
                             : strcmp(sort, "name") == 0    ? by_name
                             : strcmp(sort, "created") == 0 ? by_created
                                                            : by_state;
    g_ptr_array_sort_with_data(list.tasks, order, (gpointer)m);
    list.all = list.tasks->len;
    if (top > 0 && top < list.all)
        g_ptr_array_set_size(list.tasks, (gint)top);
    return list;
}

void tasklist_clear(struct tasklist *list)
{
    g_ptr_array_unref(list->tasks);
}

/* ---- As a table ---- */

char *tasklist_awaited(const struct weft_moment *m, const struct weft_task_at *task)
{
    gint64 over;
    char *text = weft_moment_awaited(m, task);
    if (task->state == WEFT_STATE_DONE || !weft_moment_timeout(m, task->id, &over))
        return text;
    char *left = weft_format_duration(ABS(over - m->now_ns));
    char *both = g_strdup_printf(over < m->now_ns ? "%s%stimeout %s ago" : "%s%stimeout in %s",
                                 text, *text ? "; " : "", left);
    g_free(left);
    g_free(text);
    return both;
}

void tasklist_print(const struct tasklist *list, const struct weft_moment *m, gboolean one_line,
                    gboolean colour)
{
    table *t = table_new("TASK|ID?1|STATE|>FOR|<WHERE?2|AWAITS");
    if (one_line)
        table_set_one_line(t);
    for (guint i = 0; i < list->tasks->len; i++) {
        const struct weft_task_at *task = list->tasks->pdata[i];
        char id[48];
        entity_format(task->id, id);
        table_add(t, weft_moment_name(m, task->id));
        table_add(t, g_strdup(id));
        table_add(t, g_strdup(weft_task_state_name(task->state)));
        table_add(t, weft_format_duration(m->now_ns - task->since_ns));
        table_add(t, weft_site_text(weft_moment_site(m, task)));
        table_add(t, tasklist_awaited(m, task));
    }
    if (list->tasks->len > 0)
        table_print(t, stdout, colour);
    table_free(t);
    if (list->tasks->len == list->all)
        return;
    char *more = quantity_format_count(list->all - list->tasks->len);
    printf("  … and %s more (--top 0 shows all)\n", more);
    g_free(more);
}

/* ---- As JSON ---- */

static gboolean waits(const struct weft_task_at *task)
{
    return task->state == WEFT_STATE_WAITING ||
           (task->state == WEFT_STATE_CANCELLING && task->detail);
}

/* "awaits":{…}, and "held_by": who could let it go on. */
static void add_awaited(GString *json, const struct weft_moment *m, const struct weft_task_at *task)
{
    const char *kind = weft_detail_name(WEFT_RECORD_SUSPEND, task->detail);
    struct weft_waits_for held = { 0 };
    gint64 due = 0;
    jsontext_open(json, "awaits", '{');
    jsontext_text(json, "kind", kind && *kind ? kind : NULL);
    jsontext_id(json, "id", task->other);
    char *text = weft_moment_awaited(m, task);
    jsontext_text(json, "text", text);
    g_free(text);
    gboolean is_due = weft_moment_due(m, task, &due);
    jsontext_number_or_null(json, "due_ns", due - m->now_ns, is_due);
    jsontext_open(json, "held_by", '[');
    if (task->other && weft_id_kind(task->other) != WEFT_ENTITY_TASK)
        held = weft_waits_for(m->state, task->other);
    for (guint i = 0; i < held.n; i++) {
        const struct weft_task_at *holder = weft_state_task(m->state, weft_waits_on(&held, i));
        if (!holder || holder->state != WEFT_STATE_DONE)
            jsontext_id(json, NULL, weft_waits_on(&held, i));
    }
    jsontext_close(json, ']');
    jsontext_close(json, '}');
}

void tasklist_open_json(GString *json, const struct weft_moment *m, const struct weft_task_at *task)
{
    gint64 over = 0;
    char *name = weft_moment_name(m, task->id);
    const char *wake = weft_detail_name(WEFT_RECORD_WAKE, task->detail);
    gboolean ready = task->state == WEFT_STATE_READY;
    jsontext_open(json, NULL, '{');
    jsontext_id(json, "id", task->id);
    jsontext_text(json, "name", name);
    jsontext_id(json, "parent", task->parent);
    jsontext_text(json, "state", weft_task_state_name(task->state));
    jsontext_number(json, "for_ns", MAX(0, m->now_ns - task->since_ns));
    if (waits(task))
        add_awaited(json, m, task);
    else
        jsontext_null(json, "awaits");
    jsontext_text(json, "wake", ready && wake && *wake ? wake : NULL);
    jsontext_id(json, "woken_by", ready ? task->other : 0);
    jsontext_number(json, "cancel_requests", task->cancelling);
    gboolean in_timeout = weft_moment_timeout(m, task->id, &over);
    jsontext_number_or_null(json, "timeout_ns", over - m->now_ns, in_timeout);
    jsontext_site(json, "site", weft_trace_site(m->trace, task->site));
    const struct weft_trace_site *created = weft_trace_site(m->trace, task->created_site);
    char *place = created && created->line ? g_strdup_printf("%s:%u", created->file, created->line)
                                           : NULL;
    jsontext_text(json, "created_site", place);
    g_free(place);
    g_free(name);
}

void tasklist_add_circle(GString *json, const struct weft_moment *m,
                         const struct weft_waits_circle *circle)
{
    char *text = weft_moment_circle(m, circle);
    jsontext_open(json, NULL, '{');
    jsontext_flag(json, "deadlock", circle->until_mono_ns == 0);
    jsontext_open(json, "ids", '[');
    for (guint i = 0; i < circle->ids->len; i++)
        jsontext_id(json, NULL, g_array_index(circle->ids, uint64_t, i));
    jsontext_close(json, ']');
    jsontext_text(json, "text", text);
    if (circle->until_mono_ns)
        jsontext_number(json, "until_ns",
                        weft_trace_from_monotonic(m->trace, (uint64_t)circle->until_mono_ns) -
                            m->now_ns);
    else
        jsontext_null(json, "until_ns");
    jsontext_close(json, '}');
    g_free(text);
}
