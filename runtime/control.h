/* control.h: the loop's part in serving the process's control socket. */
#ifndef WEFT_CONTROL_H
#define WEFT_CONTROL_H

#include "runtime/loop.h"

/* Watches the socket from this loop, if there is one. A failure only means that this loop does not
 * serve it: others may. */
void weft__control_watch(weft_loop *loop);

#endif
