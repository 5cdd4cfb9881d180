/* emitter.h: what emitter.c shares with the tests that run it, and how they run it. */
#ifndef WEFT_TESTS_EMITTER_H
#define WEFT_TESTS_EMITTER_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

struct emitter_counters { /* slots of calls to emit */
    _Atomic uint64_t started, completed;
    _Atomic uint64_t done; /* all events are emitted; what follows is the end */
};

/* A private runtime directory, counters, and the program under WEFT_TRACE=mode. */
struct emitter {
    char *directory, *counters_path;
    struct emitter_counters *counters;
    pid_t pid;
    int input; /* its standard input: close it to end one that waits */
};

/* Makes the directory and sets XDG_RUNTIME_DIR to it: also for this process. */
void emitter_set_up(struct emitter *emitter);
void emitter_tear_down(struct emitter *emitter); /* asserts that nothing was left behind */

/* Starts it; session "" is none, ring_size NULL the default. */
void emitter_start(struct emitter *emitter, const char *mode, const char *session, unsigned events,
                   const char *how, const char *ring_size);

/* TRUE when it has ended (and is reaped); its wait status in *status. */
int emitter_ended(struct emitter *emitter, int *status);
/* Waits for its end. */
int emitter_wait(struct emitter *emitter);

#endif
