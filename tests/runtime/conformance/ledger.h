/* ledger.h: books kept beside libweft, of who asked a lock, semaphore, event or queue for what and
 * got it: asyncio's invariants, which hold in every program.
 *
 *      who asks draws a ticket; who is served shows it     first come, first served; one holder
 *      what is put goes into a model of the queue          nothing is lost, doubled or out of order
 *      who still waits when nothing is left to run         waits for what is not there
 *
 * A broken one ends the process, with the scenario and its log so far. */
#ifndef WEFT_CONFORMANCE_LEDGER_H
#define WEFT_CONFORMANCE_LEDGER_H

#include "interpreter.h"

/* Draws a ticket. */
long ledger_ask(struct object *object);
/* The answer to that ticket: libweft's code. */
void ledger_answer(struct run *run, struct object *object, long ticket, int rc);
/* A holder let go. */
void ledger_release(struct object *object);

enum side { GETTERS, PUTTERS };
void ledger_wait(struct object *queue, enum side side);
/* The answer to one who waited on that side: libweft's code and, if it is 0, the item. */
void ledger_moved(struct run *run, struct object *queue, enum side side, int rc, long item);
/* shutdown(immediate): what is in it is gone. */
void ledger_empty(struct object *queue);

/* Nothing is left to run: nobody may wait for what is there. */
void ledger_stuck(struct run *run);
/* All tasks have ended: every body that began did, and the queues have what their models have. */
void ledger_close(struct run *run);

#endif
