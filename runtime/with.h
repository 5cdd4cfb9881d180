/* with.h: the scopes of WEFT_WITH_LOCK and its like: async with.
 *
 *      resource -> holders: [with] <-> [with]        each on the stack of the task that holds it
 *
 * So that an object which is finished while somebody holds it is not touched when that scope is
 * left. */
#ifndef WEFT_WITH_H
#define WEFT_WITH_H

#include "runtime/ready.h"

/* The object is finished: these scopes have nothing to give back any more. */
void weft__with_let_go(struct weft__links *holders);

#endif
