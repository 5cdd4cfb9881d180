/* diff-text.c: two runs for people: what they are, what is significant, then all sites. */
#include "app/cli/diff.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "app/cli/table.h"

#include <stdio.h>

/* ---- The runs ---- */

static gint64 duration_of(weft_model *model)
{
    return weft_model_end_ns(model) - weft_trace_begin_ns(weft_model_trace(model));
}

static void print_run(const char *letter, weft_model *model)
{
    weft_trace *trace = weft_model_trace(model);
    const struct weft_trace_source *source = weft_trace_source(trace);
    const char *program = source->program ? source->program : "";
    g_autofree char *lasted = weft_format_duration(duration_of(model));
    g_autofree char *events = quantity_format_count(weft_model_events(model));
    g_autofree char *lost = quantity_format_count(weft_model_lost(model));
    g_autofree char *text = g_strdup_printf(
        "%s: %s%slasted %s, %s events%s%s%s", weft_trace_path(trace), program, *program ? "; " : "",
        lasted, events, weft_model_lost(model) ? ", " : "", weft_model_lost(model) ? lost : "",
        weft_model_lost(model) ? " lost" : "");
    printf("%s  ", letter);
    output_wrapped(text, 3, 3);
}

/* ---- What is significant ---- */

/* "+12 %", "-3 %"; "×31" from ten times on. g_free it. */
static char *format_share(gint64 was, gint64 is)
{
    if (was == is)
        return g_strdup("");
    if (was == 0)
        return g_strdup("from 0");
    double ratio = (double)is / (double)was;
    if (ratio >= 10)
        return g_strdup_printf("×%.0f", ratio);
    double percent = (ratio - 1) * 100;
    return g_strdup_printf(percent > -10 && percent < 10 ? "%+.1f %%" : "%+.0f %%", percent);
}

static char *format_value(int measure, gint64 value)
{
    return measure == DIFF_MEASURES ? quantity_format_count((guint64)value)
                                    : weft_format_duration(value);
}

static const char *describe_kind(const struct diff_change *change)
{
    static const char *const measures[DIFF_MEASURES + 1][2] = {
        [DIFF_RUNNING] = { "more running", "less running" },
        [DIFF_READY] = { "more ready", "less ready" },
        [DIFF_WAITING] = { "more waiting", "less waiting" },
        [DIFF_SLICE] = { "longer slice", "shorter slice" },
        [DIFF_MEASURES] = { "more tasks", "fewer tasks" },
    };
    if (change->kind == DIFF_NEW)
        return "new";
    if (change->kind == DIFF_GONE)
        return "gone";
    return measures[change->measure][change->kind];
}

/* What it is about: "fetch-# at app.c:42 (main)". */
static char *describe_row(const struct diff_row *row)
{
    guint32 line = row->sides[DIFF_B].tasks ? row->sides[DIFF_B].line : row->sides[DIFF_A].line;
    GString *text = g_string_new(NULL);
    if (row->name)
        g_string_append_printf(text, "%s at ", row->name);
    if (!row->file) {
        g_string_append(text, "an unknown place");
        return g_string_free(text, FALSE);
    }
    g_string_append(text, row->file);
    if (line)
        g_string_append_printf(text, ":%u", line);
    if (row->function && *row->function)
        g_string_append_printf(text, " (%s)", row->function);
    return g_string_free(text, FALSE);
}

static char *describe_evidence(const struct diff_change *change)
{
    g_autofree char *a = quantity_format_count(change->of[DIFF_A]);
    g_autofree char *b = quantity_format_count(change->of[DIFF_B]);
    if (change->kind >= DIFF_NEW || change->measure == DIFF_MEASURES)
        return g_strdup("");
    const char *what = change->quantile == 50          ? "median"
                       : change->quantile == 95        ? "95 %"
                       : change->measure == DIFF_SLICE ? "longest"
                                                       : "mean";
    if (change->p < 0)
        return g_strdup_printf("%s of %s and %s tasks", what, a, b);
    return g_strdup_printf(change->p < 0.0001 ? "%s of %s and %s tasks, p < 0.0001"
                                              : "%s of %s and %s tasks, p = %.4f",
                           what, a, b, change->p);
}

static void print_changes(const struct diff *diff, guint shown, gboolean colour)
{
    if (diff->changes->len == 0) {
        if (diff->only[DIFF_A]->len + diff->only[DIFF_B]->len == 0)
            puts("\nNothing significant has changed.");
        return;
    }
    g_autofree char *title = g_strdup_printf(shown < diff->changes->len
                                                 ? "Significant (%u of %u; --top 0 shows all)"
                                                 : "Significant (%u)",
                                             shown, diff->changes->len);
    output_title(title, colour);
    table *t = table_new("WHAT|>WAS|>IS|>CHANGE|EVIDENCE?1|WHERE");
    for (guint i = 0; i < shown; i++) {
        const struct diff_change *change = &g_array_index(diff->changes, struct diff_change, i);
        gboolean whole = change->kind >= DIFF_NEW;
        table_add(t, g_strdup(describe_kind(change)));
        table_add(t, change->kind == DIFF_NEW ? g_strdup("–")
                                              : format_value(change->measure, change->was));
        table_add(t, change->kind == DIFF_GONE ? g_strdup("–")
                                               : format_value(change->measure, change->is));
        table_add(t, whole ? g_strdup("") : format_share(change->was, change->is));
        table_add(t, describe_evidence(change));
        table_add(t, describe_row(change->row));
    }
    table_print(t, stdout, colour);
    table_free(t);
}

static void print_findings(const char *what, GPtrArray *findings, guint64 top, gboolean colour)
{
    guint shown = top == 0 || top > findings->len ? findings->len : (guint)top;
    g_autofree char *title = g_strdup_printf("%s findings (%u)", what, findings->len);
    if (findings->len == 0)
        return;
    output_title(title, colour);
    table *t = table_new("SEVERITY|RULE|FINDING");
    for (guint i = 0; i < shown; i++) {
        const struct weft_finding *finding = findings->pdata[i];
        table_add(t, g_strdup(weft_severity_name(finding->severity)));
        table_add(t, g_strdup(finding->rule->id));
        table_add(t, g_strdup(finding->message));
    }
    table_print(t, stdout, colour);
    table_free(t);
}

/* ---- All rows ---- */

static void add_count(table *t, const struct diff_row *row)
{
    g_autofree char *a = quantity_format_count(row->sides[DIFF_A].tasks);
    g_autofree char *b = quantity_format_count(row->sides[DIFF_B].tasks);
    table_add(t, row->sides[DIFF_A].tasks == row->sides[DIFF_B].tasks
                     ? g_strdup(b)
                     : g_strdup_printf("%s → %s", a, b));
}

/* What B has, and how much that is more than A's. */
static void add_sum(table *t, const struct diff_row *row, enum diff_measure measure)
{
    gint64 was = row->sides[DIFF_A].sums[measure], is = row->sides[DIFF_B].sums[measure];
    g_autofree char *value = is == 0 ? g_strdup("–") : weft_format_duration(is);
    g_autofree char *share = format_share(was, is);
    gboolean both = row->sides[DIFF_A].tasks != 0 && row->sides[DIFF_B].tasks != 0;
    table_add(t, both && *share ? g_strdup_printf("%s %s", value, share) : g_strdup(value));
}

static gint64 weight_of(const struct diff_row *row)
{
    gint64 sum = 0;
    for (guint run = 0; run < DIFF_RUNS; run++)
        sum += row->sides[run].sums[DIFF_RUNNING];
    return sum;
}

static gint by_weight(gconstpointer a, gconstpointer b)
{
    gint64 x = weight_of(*(const struct diff_row *const *)a);
    gint64 y = weight_of(*(const struct diff_row *const *)b);
    return x > y ? -1 : x < y;
}

static void print_rows(const char *what, GPtrArray *rows, guint64 top, gboolean colour)
{
    guint shown = top == 0 || top > rows->len ? rows->len : (guint)top;
    if (rows->len == 0)
        return;
    g_ptr_array_sort(rows, by_weight);
    g_autofree char *title = shown < rows->len
                                 ? g_strdup_printf("%s in B (%u of %u; --top 0 shows all)", what,
                                                   shown, rows->len)
                                 : g_strdup_printf("%s in B (%u)", what, shown);
    output_title(title, colour);
    table *t = table_new(">TASKS|>RUNNING|>READY?2|>WAITING?3|>LONGEST SLICE?1|WHERE");
    for (guint i = 0; i < shown; i++) {
        const struct diff_row *row = rows->pdata[i];
        add_count(t, row);
        for (guint measure = 0; measure < DIFF_MEASURES; measure++)
            add_sum(t, row, measure);
        table_add(t, describe_row(row));
    }
    table_print(t, stdout, colour);
    table_free(t);
}

void diff_print_text(const struct diff *diff, guint64 top, gboolean colour)
{
    print_run("A", diff->models[DIFF_A]);
    print_run("B", diff->models[DIFF_B]);
    if (diff->part[DIFF_A])
        puts("A holds a part of its run: tasks that only B has may be new, or lie outside it");
    if (diff->part[DIFF_B])
        puts("B holds a part of its run: tasks that only A has may be gone, or lie outside it");
    if (diff->unknown)
        printf("%" G_GUINT64_FORMAT " %s not compared: events were lost then\n", diff->unknown,
               diff->unknown == 1 ? "task is" : "tasks are");
    guint n = diff->changes->len;
    print_changes(diff, top == 0 || top > n ? n : (guint)top, colour);
    print_findings("New", diff->only[DIFF_B], top, colour);
    print_findings("Vanished", diff->only[DIFF_A], top, colour);
    print_rows("Sites", diff->sites, top, colour);
    print_rows("Tasks that share a site", diff->tasks, top, colour);
}
