/* diff-match.c: which tasks of one run are the same as which of the other; and which findings.
 *
 * A site is a function of a file, and the how-manieth of its places that create tasks: lines move.
 * Where the two runs know different numbers of places in a function, they count as one.
 * A task is its lineage: its name without the numbers in it ("conn-17" is "conn-#"), its site, and
 * its parent's lineage. */
#include "app/cli/diff.h"
#include "app/cli/entity.h"
#include "app/cli/findings.h"

#include <string.h>

struct function { /* the lines of a function that create tasks, in each run, ascending */
    GArray *lines[DIFF_RUNS];
};

struct matching {
    struct diff *diff;
    weft_model *model; /* of the run that is being read */
    guint run;
    GHashTable *functions;     /* "FILE FUNCTION" → struct function */
    GHashTable *sites, *tasks; /* key → struct diff_row, which is in the diff's arrays */
    GHashTable *lineages;      /* key → its number, from 1 */
    GHashTable *lineage_of;    /* lane → number, of this run */
};

/* ---- Sites ---- */

static const struct weft_trace_site *site_of(const struct matching *m, const struct weft_lane *lane)
{
    const struct weft_trace_site *site = weft_trace_site(weft_model_trace(m->model), lane->site);
    return site && site->line != 0 ? site : NULL;
}

static char *function_key(const struct weft_trace_site *site)
{
    return g_strdup_printf("%s %s", site->file, site->func ? site->func : "");
}

static void function_free(gpointer data)
{
    struct function *function = data;
    for (guint run = 0; run < DIFF_RUNS; run++)
        g_array_unref(function->lines[run]);
    g_free(function);
}

/* The line's place among them; where it belongs when it is not there. */
static guint place_of(const GArray *lines, guint32 line)
{
    guint low = 0, high = lines->len;
    while (low < high) {
        guint middle = (low + high) / 2;
        if (g_array_index(lines, guint32, middle) < line)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void note_line(struct matching *m, const struct weft_trace_site *site)
{
    char *key = function_key(site);
    struct function *function = g_hash_table_lookup(m->functions, key);
    if (!function) {
        function = g_new0(struct function, 1);
        for (guint run = 0; run < DIFF_RUNS; run++)
            function->lines[run] = g_array_new(FALSE, FALSE, sizeof(guint32));
        g_hash_table_insert(m->functions, g_strdup(key), function);
    }
    GArray *lines = function->lines[m->run];
    guint32 line = site->line;
    guint place = place_of(lines, line);
    if (place == lines->len || g_array_index(lines, guint32, place) != line)
        g_array_insert_val(lines, place, line);
    g_free(key);
}

static char *site_key(const struct matching *m, const struct weft_trace_site *site)
{
    if (!site)
        return g_strdup("?");
    g_autofree char *key = function_key(site);
    const struct function *function = g_hash_table_lookup(m->functions, key);
    guint n[DIFF_RUNS] = { function->lines[DIFF_A]->len, function->lines[DIFF_B]->len };
    if (n[DIFF_A] != n[DIFF_B] && n[DIFF_A] != 0 && n[DIFF_B] != 0)
        return g_steal_pointer(&key);
    return g_strdup_printf("%s %u", key, place_of(function->lines[m->run], site->line));
}

/* ---- Rows ---- */

static void row_free(gpointer data)
{
    struct diff_row *row = data;
    for (guint run = 0; run < DIFF_RUNS; run++)
        for (guint measure = 0; measure < DIFF_MEASURES; measure++)
            g_array_unref(row->sides[run].values[measure]);
    g_free(row->name);
    g_free(row);
}

/* Takes `key`. */
static struct diff_row *row_of(GHashTable *rows, GPtrArray *list, char *key,
                               const struct weft_trace_site *site)
{
    struct diff_row *row = g_hash_table_lookup(rows, key);
    if (row) {
        g_free(key);
        return row;
    }
    row = g_new0(struct diff_row, 1);
    row->file = site ? site->file : NULL;
    row->function = site ? site->func : NULL;
    row->site = list->len;
    for (guint run = 0; run < DIFF_RUNS; run++)
        for (guint measure = 0; measure < DIFF_MEASURES; measure++)
            row->sides[run].values[measure] = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_hash_table_insert(rows, key, row);
    g_ptr_array_add(list, row);
    return row;
}

struct task { /* what is added to its rows */
    guint32 line;
    gboolean whole; /* known from its birth to its end */
    gint64 values[DIFF_MEASURES];
};

static void add_task(const struct matching *m, struct diff_row *row, const struct task *task)
{
    struct diff_side *side = &row->sides[m->run];
    side->line = side->tasks == 0 || side->line == task->line ? task->line : 0;
    side->tasks++;
    for (guint measure = 0; measure < DIFF_MEASURES; measure++) {
        gint64 value = task->values[measure];
        if (measure == DIFF_SLICE)
            side->sums[measure] = MAX(side->sums[measure], value);
        else
            side->sums[measure] += value;
        if (task->whole)
            g_array_append_val(side->values[measure], value);
    }
}

static struct task task_of(const struct matching *m, guint index, const struct weft_lane *lane)
{
    struct weft_totals totals;
    weft_model_totals(m->model, index, &totals);
    const struct weft_trace_site *site = site_of(m, lane);
    gboolean born = lane->flags & WEFT_LANE_BORN;
    struct task task = {
        .line = site ? site->line : 0,
        .whole = born && lane->outcome != WEFT_OUTCOME_NONE && totals.unknown_ns == 0,
        .values = { [DIFF_RUNNING] = totals.running_ns,
                    [DIFF_READY] = totals.ready_ns,
                    [DIFF_SLICE] = totals.longest_slice_ns },
    };
    for (guint class = 0; class < WEFT_WAIT_CLASSES; class ++)
        task.values[DIFF_WAITING] += totals.waiting_ns[class];
    m->diff->unknown += totals.unknown_ns != 0;
    return task;
}

/* ---- Lineage ---- */

static guint lineage_of(const struct matching *m, guint32 lane)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(m->lineage_of, GUINT_TO_POINTER(lane)));
}

static void note_lineage(struct matching *m, guint lane, const char *key)
{
    guint number = GPOINTER_TO_UINT(g_hash_table_lookup(m->lineages, key));
    if (number == 0) {
        number = g_hash_table_size(m->lineages) + 1;
        g_hash_table_insert(m->lineages, g_strdup(key), GUINT_TO_POINTER(number));
    }
    g_hash_table_insert(m->lineage_of, GUINT_TO_POINTER(lane), GUINT_TO_POINTER(number));
}

/* ---- The runs ---- */

static void add_lane(struct matching *m, guint index, const struct weft_lane *lane)
{
    const struct weft_trace_site *site = site_of(m, lane);
    struct task task = task_of(m, index, lane);
    g_autofree char *name = entity_given_name(m->model, lane->id);
    g_autofree char *plain = findings_plain_name(name ? name : "");
    char *key = site_key(m, site);
    guint parent = lane->parent == G_MAXUINT32 ? 0 : lineage_of(m, lane->parent);
    g_autofree char *lineage = g_strdup_printf("%u %s %s", parent, key, plain);
    struct diff_row *of_site = row_of(m->sites, m->diff->sites, key, site);
    add_task(m, of_site, &task);
    note_lineage(m, index, lineage);
    if (!name)
        return;
    struct diff_row *row = row_of(m->tasks, m->diff->tasks, g_strdup(lineage), site);
    row->site = of_site->site;
    if (!row->name) {
        row->name = g_strdup(name);
    } else if (strcmp(row->name, name) != 0) {
        g_free(row->name);
        row->name = g_steal_pointer(&plain);
    }
    add_task(m, row, &task);
}

static void each_task(struct matching *m,
                      void (*do_it)(struct matching *, guint, const struct weft_lane *))
{
    guint n = weft_model_n_lanes(m->model);
    for (guint i = 0; i < n; i++) {
        const struct weft_lane *lane = weft_model_lane(m->model, i);
        if (lane->kind == WEFT_LANE_TASK)
            do_it(m, i, lane);
    }
}

static void note_lane(struct matching *m, guint index, const struct weft_lane *lane)
{
    (void)index;
    const struct weft_trace_site *site = site_of(m, lane);
    if (site)
        note_line(m, site);
}

/* A site whose tasks all have one name is that name's: one row of it is enough. */
static void join_rows(struct diff *diff)
{
    for (guint i = diff->tasks->len; i > 0; i--) {
        const struct diff_row *row = diff->tasks->pdata[i - 1];
        struct diff_row *site = diff->sites->pdata[row->site];
        if (row->sides[DIFF_A].tasks != site->sides[DIFF_A].tasks ||
            row->sides[DIFF_B].tasks != site->sides[DIFF_B].tasks)
            continue;
        site->name = g_strdup(row->name);
        g_ptr_array_remove_index(diff->tasks, i - 1);
    }
}

/* ---- Findings ---- */

static void match_findings(struct diff *diff)
{
    GHashTable *alike[DIFF_RUNS]; /* what each has anything of */
    for (guint run = 0; run < DIFF_RUNS; run++) {
        weft_model *model = diff->models[run];
        diff->findings[run] = findings_of(model, NULL);
        diff->only[run] = g_ptr_array_new();
        alike[run] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        for (guint i = 0; i < weft_findings_n(diff->findings[run]); i++)
            g_hash_table_add(alike[run],
                             findings_likeness(model, weft_findings_get(diff->findings[run], i)));
    }
    for (guint run = 0; run < DIFF_RUNS; run++)
        for (guint i = 0; i < weft_findings_n(diff->findings[run]); i++) {
            const struct weft_finding *finding = weft_findings_get(diff->findings[run], i);
            g_autofree char *likeness = findings_likeness(diff->models[run], finding);
            if (finding->severity >= WEFT_SEVERITY_WARNING &&
                !g_hash_table_contains(alike[!run], likeness))
                g_ptr_array_add(diff->only[run], (gpointer)finding);
        }
    for (guint run = 0; run < DIFF_RUNS; run++)
        g_hash_table_unref(alike[run]);
}

/* A window of a trace, a recording that was stopped, or began amid the run, or is damaged. */
static gboolean is_part(const weft_model *model)
{
    const weft_trace *trace = weft_model_trace(model);
    gboolean part = weft_trace_begins_with_state(trace) || weft_trace_damage(trace);
    for (guint i = 0; i < weft_trace_n_sources(trace); i++)
        part |= !weft_trace_source_at(trace, i)->ended;
    return part;
}

void diff_match(struct diff *diff, weft_model *a, weft_model *b)
{
    *diff = (struct diff){ .models = { a, b },
                           .sites = g_ptr_array_new_with_free_func(row_free),
                           .tasks = g_ptr_array_new_with_free_func(row_free),
                           .changes = g_array_new(FALSE, FALSE, sizeof(struct diff_change)) };
    struct matching m = {
        .diff = diff,
        .functions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, function_free),
        .sites = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .tasks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .lineages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .lineage_of = g_hash_table_new(NULL, NULL),
    };
    for (m.run = 0; m.run < DIFF_RUNS; m.run++) {
        m.model = diff->models[m.run];
        diff->part[m.run] = is_part(m.model);
        each_task(&m, note_lane);
    }
    for (m.run = 0; m.run < DIFF_RUNS; m.run++) {
        m.model = diff->models[m.run];
        g_hash_table_remove_all(m.lineage_of);
        each_task(&m, add_lane);
    }
    join_rows(diff);
    match_findings(diff);
    g_hash_table_unref(m.functions);
    g_hash_table_unref(m.sites);
    g_hash_table_unref(m.tasks);
    g_hash_table_unref(m.lineages);
    g_hash_table_unref(m.lineage_of);
}

void diff_finish(struct diff *diff)
{
    g_ptr_array_unref(diff->sites);
    g_ptr_array_unref(diff->tasks);
    g_array_unref(diff->changes);
    for (guint run = 0; run < DIFF_RUNS; run++) {
        g_ptr_array_unref(diff->only[run]);
        weft_findings_free(diff->findings[run]);
    }
}
