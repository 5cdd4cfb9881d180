/* recordwatch.h: the findings among the conditions of `weft record --when`: looked for in a thread
 * while the recorder goes on (watcher.h). Thread: the recorder's. */
#ifndef WEFT_CLI_RECORDWATCH_H
#define WEFT_CLI_RECORDWATCH_H

#include "app/cli/flight.h"

struct recordwatch;

/* NULL: the condition (NULL: none) names no finding; or an error. Borrows the condition. */
struct recordwatch *recordwatch_new(const weft_condition *condition, GError **error);
void recordwatch_free(struct recordwatch *watch); /* NULL is fine, here and below */

/* What the recorder is to feed; NULL: nothing. */
weft_feed *recordwatch_feed(const struct recordwatch *watch);

/* Asks for a dump when something was found. */
void recordwatch_round(struct recordwatch *watch, struct flight *flight);

/* The recording has ended: waits until all of it was looked at. Says what could not be. */
void recordwatch_finish(struct recordwatch *watch, struct flight *flight);

#endif
