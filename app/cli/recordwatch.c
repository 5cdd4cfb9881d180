/* recordwatch.c: see recordwatch.h. */
#include "app/cli/recordwatch.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "tracer/model/watcher.h"

enum { CAPACITY = 64 << 20 }; /* two million events on their way */

struct recordwatch {
    weft_feed *feed;
    weft_watcher *watcher;
};

struct recordwatch *recordwatch_new(const weft_condition *condition, GError **error)
{
    struct weft_condition_finding finding;
    if (!condition || !weft_condition_finding(condition, 0, &finding))
        return NULL;
    struct recordwatch *watch = g_new0(struct recordwatch, 1);
    watch->feed = weft_feed_new(CAPACITY);
    watch->watcher = weft_watcher_new(watch->feed, condition, 0, error);
    if (watch->watcher)
        return watch;
    recordwatch_free(watch);
    return NULL;
}

void recordwatch_free(struct recordwatch *watch)
{
    if (!watch)
        return;
    weft_watcher_free(watch->watcher);
    weft_feed_free(watch->feed);
    g_free(watch);
}

weft_feed *recordwatch_feed(const struct recordwatch *watch)
{
    return watch ? watch->feed : NULL;
}

void recordwatch_round(struct recordwatch *watch, struct flight *flight)
{
    g_autofree char *why = NULL;
    guint hits = watch ? weft_watcher_hits(watch->watcher, &why) : 0;
    if (hits && flight)
        flight_trigger(flight, hits, why);
}

void recordwatch_finish(struct recordwatch *watch, struct flight *flight)
{
    if (!watch)
        return;
    weft_watcher_finish(watch->watcher);
    recordwatch_round(watch, flight);
    guint64 left_out = weft_feed_left_out(watch->feed);
    g_autofree char *slots = quantity_format_count(left_out);
    if (left_out)
        output_message("%s events came too fast to look for findings in them; they were recorded",
                       slots);
}
