/* flight.h: the dumps of a flight recording: who asks for one, when the condition does, and what
 * was written where and why.
 *
 *      SIGUSR2, weft ctl ------------\
 *      condition holds + `after` -----> one at a time: picture --thread--> t.weft, t.2.weft ...
 *      the program's end ------------/
 *
 * A dump never holds the recording up: its picture is written by a thread. Between two dumps that
 * the condition asks for, at least half of the window passes: each time that it holds is in one of
 * them. Thread: the recorder's. */
#ifndef WEFT_CLI_FLIGHT_H
#define WEFT_CLI_FLIGHT_H

#include "app/cli/progress.h"
#include "tracer/trace/recorder.h"

struct flight;

struct flight_settings {
    const char *path; /* of the first; the others are numbered */
    gint64 after_ns;  /* what follows a moment at which the condition held */
    gint64 sync_ns;   /* a WEFT_SYNC */
    guint keep;       /* how many dumps stay; 0 = all */
    gboolean quiet;
};

/* All borrowed until it is freed. */
struct flight *flight_new(const struct flight_settings *settings, weft_recorder *recorder,
                          struct progress *progress);
void flight_free(struct flight *flight); /* NULL is fine */

/* Who asked is told: the absolute path of what was written, or why it was not. */
typedef void flight_answer(void *data, gboolean written, const char *text);

/* Asks for a dump. `path`: NULL for the next name. `answer`: NULL, nobody is told. */
void flight_ask(struct flight *flight, const char *path, const char *why, flight_answer *answer,
                void *data);

/* Something held so many times more; `why`: the first of them. The dump that it asks for is due as
 * one that the condition asks for. */
void flight_trigger(struct flight *flight, guint hits, const char *why);

/* Goes on with what was asked for; looks whether the condition held. */
void flight_round(struct flight *flight);

/* The recording has ended: writes what is still to be written, and a last dump. FALSE when one of
 * its files could not be written: that was said. */
gboolean flight_finish(struct flight *flight, const char *why);

/* "'t.weft', 1.20 MiB (SIGUSR2 came); 't.2.weft', 1.31 MiB (./server ended with code 0)"; "" when
 * nothing was. g_free it. */
char *flight_describe(const struct flight *flight);

#endif
