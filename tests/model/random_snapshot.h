/* random_snapshot.h: snapshots in a random program: at some polls, more of them behind losses, a
 * loop tells what lives on it, as one does that is recorded again. */
#ifndef TESTS_MODEL_RANDOM_SNAPSHOT_H
#define TESTS_MODEL_RANDOM_SNAPSHOT_H

#include "tests/model/random_program.h"

/* The program's events with those of the snapshots among them. Takes the events. */
GArray *random_snapshots(GArray *events, guint32 seed);

#endif
