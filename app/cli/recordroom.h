/* recordroom.h: whether there is room for the rings of a program that is recorded. */
#ifndef WEFT_CLI_RECORDROOM_H
#define WEFT_CLI_RECORDROOM_H

#include <glib.h>

/* Before anything is started. ring_size: bytes of one ring; 0: the default. FALSE: there is no room
 * for one; that has been said. */
gboolean recordroom_check(guint64 ring_size);

/* A program that finds no room for its rings runs on, without events. TRUE: this is why there are
 * none, and has been said. */
gboolean recordroom_say(const char *name);

#endif
