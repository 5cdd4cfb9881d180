/* found.c: see found.h. */
#include "tracer/model/findings/found.h"
#include <string.h>

static const struct weft_finding_rule rules[] = {
#define X(name, id, severity, meaning) { id, meaning, WEFT_SEVERITY_##severity },
    WEFT_FINDING_RULES(X)
#undef X
};

const struct weft_finding_rule *weft_finding_rules(guint *n)
{
    *n = G_N_ELEMENTS(rules);
    return rules;
}

const struct weft_finding_rule *weft_finding_rule(const char *id)
{
    for (guint i = 0; i < G_N_ELEMENTS(rules); i++)
        if (strcmp(rules[i].id, id) == 0)
            return &rules[i];
    return NULL;
}

const char *weft_severity_name(enum weft_severity severity)
{
    static const char *const names[WEFT_SEVERITIES] = { "none", "hint", "warning", "error" };
    return names[severity];
}

/* ---- Thresholds ---- */

static const struct weft_threshold thresholds[] = {
#define X(name, text, unit, value, meaning) { text, WEFT_THRESHOLD_##unit, value, meaning },
    WEFT_THRESHOLDS_OF_RULES(X)
#undef X
};

const struct weft_threshold *weft_thresholds(guint *n)
{
    *n = G_N_ELEMENTS(thresholds);
    return thresholds;
}

void weft_threshold_set_defaults(struct weft_threshold_set *set)
{
    for (guint i = 0; i < WEFT_THRESHOLDS; i++)
        set->values[i] = thresholds[i].value;
}

/* ---- The list ---- */

static guint hash_alike(gconstpointer key)
{
    const struct alike *fold = key;
    uint64_t hash = fold->by[0] * UINT64_C(0x9e3779b97f4a7c15) ^ fold->by[1] ^ (uint64_t)fold->rule;
    return (guint)(hash >> 32 ^ hash);
}

static gboolean same_alike(gconstpointer a, gconstpointer b)
{
    const struct alike *x = a, *y = b;
    return x->rule == y->rule && x->by[0] == y->by[0] && x->by[1] == y->by[1];
}

static void free_found(gpointer data)
{
    struct found *found = data;
    g_free(found->pub.key);
    g_free(found->pub.message);
    g_free(found->pub.fix);
    g_array_unref(found->entities);
    g_free(found);
}

void found_list_init(weft_findings *f)
{
    f->found = g_ptr_array_new_with_free_func(free_found);
    f->by_fold = g_hash_table_new(hash_alike, same_alike);
    f->listed = g_ptr_array_new();
}

void found_list_finish(weft_findings *f)
{
    g_ptr_array_unref(f->listed);
    g_hash_table_unref(f->by_fold);
    g_ptr_array_unref(f->found);
}

void found_changed(weft_findings *f)
{
    g_ptr_array_set_size(f->listed, 0);
}

/* Provisional ones are the last in the list. */
void found_withdraw(weft_findings *f)
{
    found_changed(f);
    while (f->found->len > 0) {
        struct found *last = f->found->pdata[f->found->len - 1];
        if (!last->provisional)
            return;
        if (last->hides)
            last->hides->hidden = FALSE;
        g_ptr_array_set_size(f->found, (gint)f->found->len - 1);
    }
}

static struct found *append(weft_findings *f, struct alike fold)
{
    struct found *found = g_new0(struct found, 1);
    found->fold = fold;
    found->pub.rule = &rules[fold.rule];
    found->pub.proved = TRUE;
    found->pub.since_ns = G_MAXINT64;
    found->entities = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    found->provisional = f->judging;
    g_ptr_array_add(f->found, found);
    if (!found->provisional)
        g_hash_table_insert(f->by_fold, &found->fold, found);
    return found;
}

/* A copy of the permanent one, which it hides. */
static struct found *overlay(weft_findings *f, struct found *base)
{
    struct found *copy = append(f, base->fold);
    GArray *entities = copy->entities;
    *copy = *base;
    copy->pub.key = copy->pub.message = copy->pub.fix = NULL;
    copy->entities = entities;
    g_array_append_vals(entities, base->entities->data, base->entities->len);
    copy->provisional = base->hidden = TRUE;
    copy->hides = base;
    return copy;
}

static struct found *find(weft_findings *f, struct alike fold)
{
    if (f->judging)
        for (guint i = f->found->len; i > 0; i--) {
            struct found *found = f->found->pdata[i - 1];
            if (!found->provisional)
                break;
            if (same_alike(&found->fold, &fold))
                return found;
        }
    struct found *found = g_hash_table_lookup(f->by_fold, &fold);
    return found && f->judging ? overlay(f, found) : found;
}

struct found *found_add(weft_findings *f, struct alike fold, uint64_t subject, gint64 moment_ns,
                        gint64 ns, enum weft_severity severity, gboolean *worst)
{
    found_changed(f);
    struct found *found = find(f, fold);
    if (!found)
        found = append(f, fold);
    *worst = found->pub.count++ == 0 || ns > found->worst_ns;
    if (found->pub.count == 1) {
        found->first = subject;
        found->moment_ns = moment_ns;
    }
    if (__builtin_add_overflow(found->total_ns, ns, &found->total_ns))
        found->total_ns = G_MAXINT64;
    found->pub.severity = MAX(found->pub.severity, severity);
    if (*worst) {
        found->worst_ns = ns;
        found->pub.subject = subject;
        g_array_set_size(found->entities, 0);
        found_name(found, subject);
    }
    return found;
}

static gboolean names(const struct found *found, uint64_t entity)
{
    for (guint i = 0; i < found->entities->len; i++)
        if (g_array_index(found->entities, uint64_t, i) == entity)
            return TRUE;
    return FALSE;
}

void found_name(struct found *found, uint64_t entity)
{
    if (entity && found->entities->len < ENTITIES_MAX && !names(found, entity))
        g_array_append_val(found->entities, entity);
}

/* ---- Reading ---- */

static char *key_of(const struct found *found)
{
    const char *kind = weft_entity_name(weft_id_kind(found->first));
    if (!found->first || !kind)
        return g_strdup_printf("%s:%" G_GINT64_FORMAT, found->pub.rule->id, found->moment_ns);
    return g_strdup_printf("%s:%s:%u:%" G_GUINT64_FORMAT ":%" G_GINT64_FORMAT, found->pub.rule->id,
                           kind, weft_id_ring(found->first), (guint64)weft_id_counter(found->first),
                           found->moment_ns);
}

static void tell(const weft_findings *f, struct found *found)
{
    struct weft_finding *pub = &found->pub;
    g_free(pub->key);
    g_free(pub->message);
    g_free(pub->fix);
    pub->key = key_of(found);
    struct weft_sentence *s = sentence_new(pub->from_ns, pub->subject);
    pub->fix = found->tell(f, found, s);
    say(s, ".");
    pub->message = weft_sentence_text(s);
    weft_sentence_free(s);
    /* What lasted before the trace began proves it all the same: in the trace, from then on. (Told
     * again, from_ns is that already.) */
    gint64 begin_ns = findings_time(weft_trace_begin_ns(f->trace));
    pub->since_ns = pub->from_ns == begin_ns ? MIN(pub->since_ns, begin_ns) : pub->from_ns;
    pub->from_ns = MAX(pub->from_ns, begin_ns);
    pub->to_ns = MAX(pub->to_ns, pub->from_ns);
    pub->entities = (uint64_t *)(void *)found->entities->data;
    pub->n_entities = found->entities->len;
}

static gint by_time(gconstpointer a, gconstpointer b)
{
    const struct weft_finding *x = &(*(struct found *const *)a)->pub;
    const struct weft_finding *y = &(*(struct found *const *)b)->pub;
    if (x->from_ns != y->from_ns)
        return x->from_ns < y->from_ns ? -1 : 1;
    return strcmp(x->key, y->key);
}

static void list(weft_findings *f)
{
    if (f->listed->len)
        return;
    for (guint i = 0; i < f->found->len; i++) {
        struct found *found = f->found->pdata[i];
        if (found->hidden)
            continue;
        tell(f, found);
        g_ptr_array_add(f->listed, found);
    }
    g_ptr_array_sort(f->listed, by_time);
}

guint weft_findings_n(weft_findings *f)
{
    list(f);
    return f->listed->len;
}

const struct weft_finding *weft_findings_get(weft_findings *f, guint i)
{
    list(f);
    return i < f->listed->len ? &((struct found *)f->listed->pdata[i])->pub : NULL;
}

/* ---- Words ---- */

void say_more(struct weft_sentence *s, const struct found *found, const char *what)
{
    if (found->pub.count < 2)
        return;
    say(s, "; %u such %s, ", found->pub.count, what);
    say_duration(s, found->total_ns);
    say(s, " in all");
}

void say_way(struct weft_sentence *s, const weft_findings *f, guint32 from, guint32 to)
{
    say_site(s, f->model, " from ", from);
    if (to != from)
        say_site(s, f->model, from ? " to " : " until ", to);
}
