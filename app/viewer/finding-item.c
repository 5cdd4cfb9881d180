/* finding-item.c: see finding-item.h. */
#include "app/viewer/finding-item.h"

#include <string.h>

struct _WeftFindingItem {
    GObject parent_instance;
    struct weft_finding finding; /* its texts and entities are the item's own */
};
G_DEFINE_FINAL_TYPE(WeftFindingItem, weft_finding_item, G_TYPE_OBJECT)

static guint changed_signal;

static void finding_copy(struct weft_finding *to, const struct weft_finding *from)
{
    *to = *from;
    to->key = g_strdup(from->key);
    to->message = g_strdup(from->message);
    to->fix = g_strdup(from->fix);
    to->entities = g_memdup2(from->entities, from->n_entities * sizeof *from->entities);
}

static void finding_clear(struct weft_finding *finding)
{
    g_free(finding->key);
    g_free(finding->message);
    g_free(finding->fix);
    g_free(finding->entities);
}

static void finalize(GObject *object)
{
    finding_clear(&WEFT_FINDING_ITEM(object)->finding);
    G_OBJECT_CLASS(weft_finding_item_parent_class)->finalize(object);
}

static void weft_finding_item_class_init(WeftFindingItemClass *class)
{
    G_OBJECT_CLASS(class)->finalize = finalize;
    changed_signal = g_signal_new("changed", WEFT_TYPE_FINDING_ITEM, G_SIGNAL_RUN_FIRST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
}

static void weft_finding_item_init(WeftFindingItem *item)
{
    (void)item;
}

WeftFindingItem *weft_finding_item_new(const struct weft_finding *finding)
{
    WeftFindingItem *item = g_object_new(WEFT_TYPE_FINDING_ITEM, NULL);
    finding_copy(&item->finding, finding);
    return item;
}

const struct weft_finding *weft_finding_item_get(WeftFindingItem *item)
{
    return &item->finding;
}

void weft_finding_item_update(WeftFindingItem *item, WeftFindingItem *newer)
{
    const struct weft_finding *before = &item->finding, *now = &newer->finding;
    gboolean same = strcmp(before->message, now->message) == 0 &&
                    before->severity == now->severity && before->lasts == now->lasts &&
                    before->count == now->count && before->from_ns == now->from_ns &&
                    before->to_ns == now->to_ns;
    finding_clear(&item->finding);
    finding_copy(&item->finding, now);
    if (!same)
        g_signal_emit(item, changed_signal, 0);
}

int weft_finding_item_order(gconstpointer a, gconstpointer b)
{
    const struct weft_finding *x = &(*(WeftFindingItem *const *)a)->finding;
    const struct weft_finding *y = &(*(WeftFindingItem *const *)b)->finding;
    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    if (x->lasts != y->lasts)
        return x->lasts ? -1 : 1;
    if (x->from_ns != y->from_ns)
        return x->from_ns < y->from_ns ? -1 : 1;
    return strcmp(x->key, y->key);
}

char *weft_finding_item_when(WeftFindingItem *item, const struct weft_view *view)
{
    const struct weft_finding *finding = &item->finding;
    g_autofree char *from = view->of_day ? weft_view_time(view, finding->since_ns)
                                         : weft_format_since(finding->since_ns, finding->from_ns);
    g_autofree char *to = weft_view_time(view, finding->to_ns);
    if (finding->lasts)
        return g_strdup_printf("since %s", from);
    return finding->to_ns > finding->from_ns ? g_strdup_printf("%s to %s", from, to)
                                             : g_strdup_printf("at %s", from);
}

char *weft_finding_item_text(WeftFindingItem *item, const struct weft_view *view)
{
    const struct weft_finding *finding = &item->finding;
    g_autofree char *when = weft_finding_item_when(item, view);
    return g_strdup_printf("%s %s, %s: %s\nFix: %s\n", weft_severity_name(finding->severity),
                           finding->rule->id, when, finding->message, finding->fix);
}
