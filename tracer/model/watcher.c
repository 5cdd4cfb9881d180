/* watcher.c: see watcher.h. */
#include "tracer/model/watcher.h"
#include "tracer/trace/fed.h"
#include <pthread.h>
#include <signal.h>
#include <string.h>

enum {
    SLOTS = 16 << 20, /* some 90 MB with their model */
    LANES = 200000,   /* so many more: what lasts is judged at one NOW less */
};

struct watched { /* a process */
    weft_trace *trace;
    weft_model *model;
    weft_findings *findings;
};

struct weft_watcher {
    weft_feed *feed;
    weft_fed *fed;
    GArray *terms; /* of struct weft_condition_finding */
    struct weft_threshold_set thresholds;
    guint64 slots;
    GPtrArray *watched; /* of struct watched *, by process; NULL: none, or it is over */
    GHashTable *known;  /* "process key" → how many it stood for when it was looked at last */
    guint skipped;      /* NOWs, since what lasts was judged last */

    pthread_t thread;
    gboolean finished;
    pthread_mutex_t lock; /* of what follows */
    guint hits;
    char *first;
};

/* ---- Terms ---- */

static gboolean is_of(const struct weft_threshold *threshold, const char *rule)
{
    gsize length = strlen(rule);
    return strncmp(threshold->name, rule, length) == 0 && threshold->name[length] == '.';
}

static const struct weft_threshold *first_of(const char *rule)
{
    guint n;
    const struct weft_threshold *thresholds = weft_thresholds(&n);
    for (guint i = 0; i < n; i++)
        if (is_of(&thresholds[i], rule))
            return &thresholds[i];
    return NULL;
}

const struct weft_condition_rule *weft_watcher_rules(void)
{
    static gsize made;
    if (g_once_init_enter(&made)) {
        guint n;
        const struct weft_finding_rule *rules = weft_finding_rules(&n);
        struct weft_condition_rule *list = g_new0(struct weft_condition_rule, n + 1);
        for (guint i = 0; i < n; i++) {
            const struct weft_threshold *threshold = first_of(rules[i].id);
            list[i].id = rules[i].id;
            list[i].takes = !threshold                             ? WEFT_RULE_ALONE
                            : threshold->unit == WEFT_THRESHOLD_NS ? WEFT_RULE_SPAN
                                                                   : WEFT_RULE_NUMBER;
        }
        g_once_init_leave(&made, (gsize)list);
    }
    return (const struct weft_condition_rule *)made;
}

/* "As long as this" is what a threshold says, and "longer than" what a condition does. */
static void set_thresholds(weft_watcher *w, const struct weft_condition_finding *term)
{
    guint n;
    const struct weft_threshold *all = weft_thresholds(&n);
    const struct weft_threshold *first = term->limit < 0 ? NULL : first_of(term->rule);
    for (guint i = 0; first && i < n; i++)
        if (is_of(&all[i], term->rule) && all[i].unit == first->unit)
            w->thresholds.values[i] = first->unit == WEFT_THRESHOLD_PERCENT
                                          ? term->limit
                                          : MIN(term->limit, G_MAXINT64 - 1) + 1;
}

static gboolean is_meant(const struct weft_condition_finding *term,
                         const struct weft_finding *finding)
{
    if (term->rule)
        return strcmp(term->rule, finding->rule->id) == 0;
    enum weft_severity severity = finding->severity;
    while (severity > WEFT_SEVERITY_NONE &&
           strcmp(term->severity, weft_severity_name(severity)) != 0)
        severity--;
    return severity > WEFT_SEVERITY_NONE;
}

/* ---- What holds ---- */

static void hit(weft_watcher *w, const char *term, const struct weft_finding *finding, guint times)
{
    gsize length = strlen(finding->message);
    length -= length > 0 && finding->message[length - 1] == '.';
    pthread_mutex_lock(&w->lock);
    if (w->hits == 0)
        w->first = g_strdup_printf("%s: %.*s", term, (int)length, finding->message);
    w->hits += times;
    pthread_mutex_unlock(&w->lock);
}

guint weft_watcher_hits(weft_watcher *w, char **first)
{
    pthread_mutex_lock(&w->lock);
    guint hits = w->hits;
    if (hits)
        *first = g_steal_pointer(&w->first);
    w->hits = 0;
    pthread_mutex_unlock(&w->lock);
    return hits;
}

/* A finding is a hit when it is there, and again when it stands for more. The last term that means
 * it is told: of a rule with two limits the last is set. */
static void look_at(weft_watcher *w, guint process, const struct weft_finding *finding)
{
    for (guint i = w->terms->len; i > 0; i--) {
        const struct weft_condition_finding *term = &g_array_index(
            w->terms, struct weft_condition_finding, i - 1);
        if (!is_meant(term, finding))
            continue;
        char *key = g_strdup_printf("%u %s", process, finding->key);
        guint known = GPOINTER_TO_UINT(g_hash_table_lookup(w->known, key));
        if (finding->count > known)
            hit(w, term->term, finding, finding->count - known);
        g_hash_table_insert(w->known, key, GUINT_TO_POINTER(MAX(finding->count, known)));
        return;
    }
}

/* ---- Processes ---- */

static void free_watched(gpointer data)
{
    struct watched *watched = data;
    if (!watched)
        return;
    weft_findings_free(watched->findings);
    weft_model_free(watched->model);
    weft_trace_unref(watched->trace);
    g_free(watched);
}

static struct watched *watch(weft_watcher *w, const struct weft_fed_process *process)
{
    if (process->number >= w->watched->len)
        g_ptr_array_set_size(w->watched, (gint)process->number + 1);
    struct watched *watched = w->watched->pdata[process->number];
    if (watched && watched->trace == process->trace)
        return watched;
    free_watched(watched);
    watched = w->watched->pdata[process->number] = g_new0(struct watched, 1);
    watched->trace = weft_trace_ref(process->trace);
    watched->model = weft_model_new(process->trace);
    watched->findings = weft_findings_new(watched->model, &w->thresholds);
    return watched;
}

/* `now`: all before it was read; 0: there is more, and what lasts is not judged. */
static void look(weft_watcher *w, struct weft_fed_process *process, uint64_t now, gboolean ended)
{
    struct watched *watched = watch(w, process);
    weft_fed_flush(process);
    weft_model_advance(watched->model, 0);
    weft_findings_advance(watched->findings, 0);
    if (now)
        weft_findings_now(watched->findings,
                          MAX(weft_fed_ns(w->fed, process, now), weft_trace_end_ns(process->trace)),
                          ended);
    for (guint i = 0; i < weft_findings_n(watched->findings); i++)
        look_at(w, process->number, weft_findings_get(watched->findings, i));
    if (process->slots >= w->slots)
        weft_fed_continue(process);
}

static void look_at_all(weft_watcher *w, uint64_t now)
{
    guint lanes = 0;
    for (guint i = 0; i < w->watched->len; i++) {
        const struct watched *watched = w->watched->pdata[i];
        lanes += watched ? weft_model_n_lanes(watched->model) : 0;
    }
    if (w->skipped++ < lanes / LANES)
        return;
    w->skipped = 0;
    for (guint i = 0; i < weft_fed_n(w->fed); i++)
        if (weft_fed_process(w->fed, i))
            look(w, weft_fed_process(w->fed, i), now, FALSE);
}

static void end(weft_watcher *w, const struct weft_feed_item *item)
{
    struct weft_fed_process *process = weft_fed_process(w->fed, item->process);
    if (!process)
        return;
    look(w, process, item->time ? item->time : 1, TRUE);
    free_watched(w->watched->pdata[item->process]);
    w->watched->pdata[item->process] = NULL;
    weft_fed_leave(w->fed, item->process);
}

/* ---- The thread ---- */

static void *run(void *data)
{
    weft_watcher *w = data;
    for (const struct weft_feed_item *item; (item = weft_fed_next(w->fed));)
        if (item->kind == WEFT_FEED_NOW)
            look_at_all(w, item->time);
        else if (item->kind == WEFT_FEED_END)
            end(w, item);
    return NULL;
}

static GArray *findings_of(const weft_condition *condition)
{
    GArray *terms = g_array_new(FALSE, FALSE, sizeof(struct weft_condition_finding));
    struct weft_condition_finding term;
    for (guint i = 0; weft_condition_finding(condition, i, &term); i++)
        g_array_append_val(terms, term);
    return terms;
}

weft_watcher *weft_watcher_new(weft_feed *feed, const weft_condition *condition, guint64 slots,
                               GError **error)
{
    g_autoptr(GArray) terms = findings_of(condition);
    if (terms->len == 0)
        return NULL;
    weft_watcher *w = g_new0(weft_watcher, 1);
    w->feed = feed;
    w->fed = weft_fed_new(feed);
    w->terms = g_array_ref(terms);
    w->slots = slots ? slots : SLOTS;
    w->watched = g_ptr_array_new_with_free_func(free_watched);
    w->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    pthread_mutex_init(&w->lock, NULL);
    weft_threshold_set_defaults(&w->thresholds);
    for (guint i = 0; i < terms->len; i++)
        set_thresholds(w, &g_array_index(terms, struct weft_condition_finding, i));
    sigset_t all, before; /* signals are the business of other threads */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int problem = pthread_create(&w->thread, NULL, run, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (problem == 0)
        return w;
    g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED,
                "cannot look for findings: no thread can be started: %s", g_strerror(problem));
    w->finished = TRUE;
    weft_watcher_free(w);
    return NULL;
}

void weft_watcher_finish(weft_watcher *w)
{
    if (w->finished)
        return;
    weft_feed_close(w->feed);
    pthread_join(w->thread, NULL);
    w->finished = TRUE;
}

void weft_watcher_free(weft_watcher *w)
{
    if (!w)
        return;
    weft_watcher_finish(w);
    g_ptr_array_unref(w->watched);
    weft_fed_free(w->fed);
    g_array_unref(w->terms);
    g_hash_table_unref(w->known);
    pthread_mutex_destroy(&w->lock);
    g_free(w->first);
    g_free(w);
}
