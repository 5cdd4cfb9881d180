/* fact.c: see fact.h. */
#include "app/lessons/fact.h"

#include <string.h>

enum { TASKS_MAX = 100 }; /* that an order names */

/* A query in words, and what it asks for as it is taken from the trace. */
struct query {
    weft_model *model;
    unsigned kind, detail; /* 0: any detail */
    const char *of, *by;   /* NULL: anybody */
    gint64 count, most;
    GArray *ids; /* of uint64_t, in order */
};

/* ---- Words ---- */

/* "in VARIANT" at the end is taken off. NULL: these are no words. */
static char **words_of(const char *query, char **variant)
{
    char **words = NULL;
    int n = 0;
    *variant = NULL;
    if (!g_shell_parse_argv(query, &n, &words, NULL))
        return NULL;
    if (n > 2 && strcmp(words[n - 2], "in") == 0) {
        *variant = words[n - 1];
        g_clear_pointer(&words[n - 2], g_free);
    }
    return words;
}

char *fact_variant(const char *query)
{
    char *variant;
    g_strfreev(words_of(query, &variant));
    return variant;
}

static char *find_kind(struct query *q, const char *word)
{
    for (q->kind = 1; q->kind < WEFT_RECORD_KIND_END; q->kind++)
        if (strcmp(weft_event_info(q->kind)->name, word) == 0)
            return NULL;
    return g_strdup_printf("there is no kind of event '%s'", word);
}

static char *find_detail(struct query *q, const char *word)
{
    const char *name;
    for (q->detail = 1; (name = weft_detail_name(q->kind, q->detail)) && *name; q->detail++)
        if (strcmp(name, word) == 0)
            return NULL;
    return g_strdup_printf("%s has no detail '%s'", weft_event_info(q->kind)->name, word);
}

/* KIND [DETAIL] [of NAME] [by NAME] */
static char *parse_events(struct query *q, char **words)
{
    if (!*words)
        return g_strdup("which kind of event?");
    char *problem = find_kind(q, *words++);
    if (!problem && *words && strcmp(*words, "of") != 0 && strcmp(*words, "by") != 0)
        problem = find_detail(q, *words++);
    if (problem)
        return problem;
    for (; words[0] && words[1]; words += 2) {
        const char **name = strcmp(*words, "of") == 0   ? &q->of
                            : strcmp(*words, "by") == 0 ? &q->by
                                                        : NULL;
        if (!name || *name)
            return g_strdup_printf("what is '%s' to say?", *words);
        *name = words[1];
    }
    return *words ? g_strdup_printf("'%s' what?", *words) : NULL;
}

/* ---- Events ---- */

static gboolean is_named(const struct query *q, uint64_t id, const char *name)
{
    g_autofree char *own = weft_model_name(q->model, id);
    return strcmp(own, name) == 0;
}

static gboolean is_it(const struct query *q, const struct weft_event_view *event)
{
    return event->record.kind == q->kind && (!q->detail || event->record.detail == q->detail) &&
           (!q->of || is_named(q, event->record.subject, q->of)) &&
           (!q->by || is_named(q, event->actor, q->by));
}

static gboolean count_event(const struct weft_event_view *event, gpointer data)
{
    struct query *q = data;
    q->count += is_it(q, event);
    return TRUE;
}

/* FALSE: there are too many. */
static gboolean add_once(struct query *q, uint64_t id)
{
    for (guint i = 0; i < q->ids->len; i++)
        if (g_array_index(q->ids, uint64_t, i) == id)
            return TRUE;
    g_array_append_val(q->ids, id);
    return q->ids->len < TASKS_MAX;
}

static gboolean order_event(const struct weft_event_view *event, gpointer data)
{
    uint64_t id = event->record.subject;
    return !is_it(data, event) || weft_id_kind(id) != WEFT_ENTITY_TASK || add_once(data, id);
}

static gboolean actor_event(const struct weft_event_view *event, gpointer data)
{
    return !is_it(data, event) || add_once(data, event->actor);
}

static gboolean count_tasks(const struct weft_event_view *event, gpointer data)
{
    struct query *q = data;
    q->count += event->record.kind == WEFT_RECORD_TASK_NEW;
    q->count -= event->record.kind == WEFT_RECORD_TASK_DONE;
    q->most = MAX(q->most, q->count);
    return TRUE;
}

static void visit(struct query *q, weft_event_visitor *visitor)
{
    weft_model_visit(q->model, G_MININT64, G_MAXINT64, visitor, q);
}

static char *compute_count(struct query *q, char **words, struct fact *fact)
{
    char *problem = parse_events(q, words);
    if (problem)
        return problem;
    visit(q, count_event);
    *fact = (struct fact){ FACT_COUNT, q->count, g_strdup_printf("%" G_GINT64_FORMAT, q->count) };
    return NULL;
}

/* The names of those that the visitor adds. */
static void collect_names(struct query *q, weft_event_visitor *visitor, struct fact *fact)
{
    GString *names = g_string_new(NULL);
    q->ids = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    visit(q, visitor);
    for (guint i = 0; i < q->ids->len; i++) {
        uint64_t id = g_array_index(q->ids, uint64_t, i);
        g_autofree char *name = id == 0 ? g_strdup("unknown")
                                : weft_id_kind(id) == WEFT_ENTITY_LOOP
                                    ? g_strdup("the loop")
                                    : weft_model_name(q->model, id);
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", name);
    }
    g_array_unref(q->ids);
    *fact = (struct fact){ FACT_NAMES, 0, g_string_free(names, FALSE) };
}

static char *compute_order(struct query *q, char **words, struct fact *fact)
{
    char *problem = parse_events(q, words);
    if (problem)
        return problem;
    if (q->of || q->by)
        return g_strdup("an order is of all tasks");
    collect_names(q, order_event, fact);
    return NULL;
}

static char *compute_who(struct query *q, char **words, struct fact *fact)
{
    char *problem = parse_events(q, words);
    if (!problem)
        collect_names(q, actor_event, fact);
    return problem;
}

/* ---- Times ---- */

static struct fact time_fact(gint64 ns)
{
    return (struct fact){ FACT_TIME, ns, weft_format_duration(ns) };
}

/* ---- From one event to another ---- */

struct pair {
    struct query first, then; /* the first such event, and the next such one after it */
    gint64 first_ns, then_ns; /* -1: not met yet */
    uint64_t id;              /* of the second one's subject */
};

static gboolean pair_event(const struct weft_event_view *event, gpointer data)
{
    struct pair *pair = data;
    if (pair->first_ns < 0) {
        if (is_it(&pair->first, event))
            pair->first_ns = (gint64)event->record.time;
        return TRUE;
    }
    if (!is_it(&pair->then, event))
        return TRUE;
    pair->then_ns = (gint64)event->record.time;
    pair->id = event->record.subject;
    return FALSE;
}

/* What stands before `between`, and behind it. */
static char *parse_pair(char **words, const char *between, struct query *before,
                        struct query *behind)
{
    guint n = 0;
    while (words[n] && strcmp(words[n], between) != 0)
        n++;
    if (!words[n])
        return g_strdup_printf("'%s' is missing", between);
    g_autofree char **first = g_new0(char *, n + 1);
    memcpy(first, words, n * sizeof *first);
    char *problem = parse_events(before, first);
    return problem ? problem : parse_events(behind, words + n + 1);
}

static char *find_pair(struct query *q, char **words, const char *between, gboolean then_first,
                       struct pair *pair)
{
    *pair = (struct pair){ .first = *q, .then = *q, .first_ns = -1, .then_ns = -1 };
    char *problem = parse_pair(words, between, then_first ? &pair->then : &pair->first,
                               then_first ? &pair->first : &pair->then);
    if (problem)
        return problem;
    weft_model_visit(q->model, G_MININT64, G_MAXINT64, pair_event, pair);
    return pair->then_ns < 0 ? g_strdup("that does not happen in the trace") : NULL;
}

static char *compute_next(struct query *q, char **words, struct fact *fact)
{
    struct pair pair;
    char *problem = find_pair(q, words, "after", TRUE, &pair);
    if (!problem)
        *fact = (struct fact){ FACT_NAMES, 0, weft_model_name(q->model, pair.id) };
    return problem;
}

static char *compute_span(struct query *q, char **words, struct fact *fact)
{
    struct pair pair;
    char *problem = find_pair(q, words, "to", FALSE, &pair);
    if (!problem)
        *fact = time_fact(pair.then_ns - pair.first_ns);
    return problem;
}

/* Stops at the first of the two. */
static gboolean first_event(const struct weft_event_view *event, gpointer data)
{
    struct pair *pair = data;
    if (is_it(&pair->first, event))
        pair->first_ns = (gint64)event->record.time;
    else if (is_it(&pair->then, event))
        pair->then_ns = (gint64)event->record.time;
    return pair->first_ns < 0 && pair->then_ns < 0;
}

static char *compute_whether(struct query *q, char **words, struct fact *fact)
{
    struct pair pair = { .first = *q, .then = *q, .first_ns = -1, .then_ns = -1 };
    gboolean two = g_strv_contains((const char *const *)words, "before");
    char *problem = two ? parse_pair(words, "before", &pair.first, &pair.then)
                        : parse_events(&pair.first, words);
    if (problem)
        return problem;
    weft_model_visit(q->model, G_MININT64, G_MAXINT64, first_event, &pair);
    if (two && pair.first_ns < 0 && pair.then_ns < 0)
        return g_strdup("neither of them happens in the trace");
    *fact = (struct fact){ FACT_TRUTH, 0, g_strdup(pair.first_ns < 0 ? "no" : "yes") };
    return NULL;
}

/* `most`: since when it polls, + 1. */
static gboolean poll_event(const struct weft_event_view *event, gpointer data)
{
    struct query *q = data;
    if (event->record.kind == WEFT_RECORD_POLL_END && q->most)
        q->count += (gint64)event->record.time - (q->most - 1);
    if (event->record.kind == WEFT_RECORD_POLL_BEGIN)
        q->most = (gint64)event->record.time + 1;
    else if (event->record.kind == WEFT_RECORD_POLL_END)
        q->most = 0;
    return TRUE;
}

/* The first task of the name. */
static char *totals_of(struct query *q, const char *name, struct weft_totals *totals)
{
    for (guint i = 0; i < weft_model_n_lanes(q->model); i++) {
        const struct weft_lane *lane = weft_model_lane(q->model, i);
        if (lane->kind == WEFT_LANE_TASK && is_named(q, lane->id, name)) {
            weft_model_totals(q->model, i, totals);
            return NULL;
        }
    }
    return g_strdup_printf("the trace has no task '%s'", name);
}

static char *compute_time(struct query *q, char **words, struct fact *fact)
{
    struct weft_totals totals;
    if (words[0] && strcmp(words[0], "from") == 0)
        return compute_span(q, words + 1, fact);
    if (words[0] && strcmp(words[0], "polling") == 0 && !words[1]) {
        visit(q, poll_event);
        *fact = time_fact(q->count);
        return NULL;
    }
    if (g_strv_length(words) != 3 || strcmp(words[1], "of") != 0)
        return g_strdup("a time is written: time waiting of NAME");
    char *problem = totals_of(q, words[2], &totals);
    if (problem)
        return problem;
    gint64 ns = 0;
    if (strcmp(words[0], "waiting") == 0)
        for (guint i = 0; i < WEFT_WAIT_CLASSES; i++)
            ns += totals.waiting_ns[i];
    else if (strcmp(words[0], "running") == 0)
        ns = totals.running_ns;
    else if (strcmp(words[0], "ready") == 0)
        ns = totals.ready_ns;
    else if (strcmp(words[0], "cancelling") == 0)
        ns = totals.cancelling_ns;
    else
        return g_strdup_printf("there is no state '%s': running, ready, waiting, cancelling",
                               words[0]);
    *fact = time_fact(ns);
    return NULL;
}

static char *compute_longest(struct query *q, char **words, struct fact *fact)
{
    struct weft_totals totals;
    if (g_strv_length(words) != 3 || strcmp(words[0], "slice") != 0 || strcmp(words[1], "of") != 0)
        return g_strdup("the longest is written: longest slice of NAME");
    char *problem = totals_of(q, words[2], &totals);
    if (problem)
        return problem;
    *fact = time_fact(totals.longest_slice_ns);
    return NULL;
}

static char *compute_duration(struct query *q, char **words, struct fact *fact)
{
    const weft_trace *trace = weft_model_trace(q->model);
    if (*words)
        return g_strdup("duration is of all of it");
    *fact = time_fact(weft_trace_end_ns(trace) - weft_trace_begin_ns(trace));
    return NULL;
}

static char *compute_most(struct query *q, char **words, struct fact *fact)
{
    if (g_strv_length(words) != 1 || strcmp(words[0], "tasks") != 0)
        return g_strdup("the most is written: most tasks");
    visit(q, count_tasks);
    *fact = (struct fact){ FACT_COUNT, q->most, g_strdup_printf("%" G_GINT64_FORMAT, q->most) };
    return NULL;
}

/* ---- Queries ---- */

char *fact_compute(weft_model *model, const char *query, struct fact *fact)
{
    static const struct {
        const char *word;
        char *(*compute)(struct query *, char **words, struct fact *);
    } forms[] = {
        { "count", compute_count },     { "order", compute_order },       { "next", compute_next },
        { "who", compute_who },         { "whether", compute_whether },   { "time", compute_time },
        { "longest", compute_longest }, { "duration", compute_duration }, { "most", compute_most },
    };
    g_autofree char *variant = NULL;
    g_auto(GStrv) words = words_of(query, &variant);
    *fact = (struct fact){ 0 };
    if (!words || !*words)
        return g_strdup_printf("a '\"' or a word is missing");
    struct query q = { .model = model };
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++)
        if (strcmp(words[0], forms[i].word) == 0)
            return forms[i].compute(&q, words + 1, fact);
    return g_strdup_printf(
        "there is no query '%s': count, order, next, who, whether, time, longest, "
        "duration, most",
        words[0]);
}

void fact_clear(struct fact *fact)
{
    g_clear_pointer(&fact->text, g_free);
}

/* ---- Comparing ---- */

static gboolean is_count(gint64 number, const char *text)
{
    static const char *const words[] = { "none", "one",    "two",   "three", "four",
                                         "five", "six",    "seven", "eight", "nine",
                                         "ten",  "eleven", "twelve" };
    char *end;
    if (number >= 0 && number < (gint64)G_N_ELEMENTS(words) &&
        g_ascii_strcasecmp(text, words[number]) == 0)
        return TRUE;
    return g_ascii_isdigit(*text) && g_ascii_strtoll(text, &end, 10) == number && *end == '\0';
}

static gboolean is_time(gint64 ns, const char *text)
{
    static const struct {
        const char *unit;
        double ns;
    } units[] = { { "ns", 1 },   { "us", 1e3 }, { "µs", 1e3 },
                  { "ms", 1e6 }, { "s", 1e9 },  { "", 1e9 } };
    char *end;
    double value = g_ascii_strtod(text, &end);
    if (end == text)
        return FALSE;
    g_autofree char *unit = g_strstrip(g_strdup(end));
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++)
        if (strcmp(unit, units[i].unit) == 0) {
            double said = value * units[i].ns;
            return said >= (double)ns * 0.9 && said <= (double)ns * 1.1;
        }
    return FALSE;
}

/* "the loop": "loop". */
static const char *without_the(char *name)
{
    g_strstrip(name);
    return name + (g_ascii_strncasecmp(name, "the ", 4) == 0 ? 4 : 0);
}

static gboolean are_names(const char *names, const char *text)
{
    g_auto(GStrv) ours = g_strsplit(names, ",", -1), theirs = g_strsplit(text, ",", -1);
    guint n = g_strv_length(ours);
    if (n != g_strv_length(theirs))
        return FALSE;
    for (guint i = 0; i < n; i++)
        if (g_ascii_strcasecmp(without_the(ours[i]), without_the(theirs[i])) != 0)
            return FALSE;
    return TRUE;
}

static gboolean is_truth(const char *truth, const char *text)
{
    return g_ascii_strcasecmp(text, truth) == 0 ||
           (g_ascii_tolower(text[0]) == truth[0] && text[1] == '\0');
}

gboolean fact_is(const struct fact *fact, const char *text)
{
    g_autofree char *said = g_strstrip(g_strdup(text));
    switch (fact->kind) {
    case FACT_COUNT:
        return is_count(fact->number, said);
    case FACT_TIME:
        return is_time(fact->number, said);
    case FACT_TRUTH:
        return is_truth(fact->text, said);
    case FACT_NAMES:
        break;
    }
    return are_names(fact->text, said);
}
