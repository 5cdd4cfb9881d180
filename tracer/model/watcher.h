/* watcher.h: looks for findings in what is being recorded, in a thread of its own: the findings
 * among the terms of a condition (`weft record --when deadlock`).
 *
 *      recorder --feed--> trace in memory --> model --> findings --> those that the terms mean
 *                         (begun anew, with the state that it ends in, once it is large)
 *
 * The recorder never waits for it: what the watcher cannot keep up with is left out, and it says
 * nothing of what that may hide. Because a trace begins anew now and then, a finding that needs to
 * know the whole run (`stuck`), or more than so many events, is found in its first part only. */
#ifndef WEFT_MODEL_WATCHER_H
#define WEFT_MODEL_WATCHER_H

#include "tracer/model/findings.h"
#include "tracer/trace/condition.h"
#include "tracer/trace/feed.h"

G_BEGIN_DECLS

typedef struct weft_watcher weft_watcher;

/* The rules that a condition may name, for weft_condition_parse(). A limit is that of the rule's
 * first threshold, and of the others of its unit; of two for one rule, the last is. Static. */
const struct weft_condition_rule *weft_watcher_rules(void);

/* Starts the thread. Borrows the feed. `slots`: after so many a trace begins anew; 0: the default.
 * NULL: the condition has no term about findings; or an error: there can be no thread. */
weft_watcher *weft_watcher_new(weft_feed *feed, const weft_condition *condition, guint64 slots,
                               GError **error);
void weft_watcher_free(weft_watcher *watcher); /* closes the feed, waits; NULL is fine */

/* How often a term held since this was asked last; why it did first, a sentence without its full
 * stop, in *first: g_free it. 0: *first is not set. Any thread. */
guint weft_watcher_hits(weft_watcher *watcher, char **first);

/* Closes the feed and waits until all of it was looked at. */
void weft_watcher_finish(weft_watcher *watcher);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_watcher, weft_watcher_free)

G_END_DECLS

#endif
