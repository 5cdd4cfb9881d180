/* foreign.h: a program's own libuv handles and requests on the runtime's loop, which no event tells
 * of otherwise: in a recording, an object of the loop that is there while any could act. Whoever
 * looks for tasks that wait in vain must know of it. */
#ifndef WEFT_FOREIGN_H
#define WEFT_FOREIGN_H

#include "runtime/loop.h"

/* The loop is about to poll for as long as it takes, and is recorded. While handles of the
 * runtime's are open that the trace knows, it is left as it is. */
void weft__foreign_look(weft_loop *loop);

#endif
