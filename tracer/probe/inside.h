/* inside.h: the one probe session of this process, from inside: for session.c, which begins and
 * ends it, writers.c, mode.c and fork.c; nobody else includes it.
 *
 * Lock order: `starting`, control.c's mutex, `lock`, the sites', the segment file's. */
#ifndef WEFT_PROBE_INSIDE_H
#define WEFT_PROBE_INSIDE_H

#include "tracer/probe/segment.h"
#include "tracer/probe/session.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

struct weft_session {
    pthread_mutex_t starting; /* held while it begins, socket and all */
    pthread_mutex_t lock;
    bool started;
    bool begun; /* the first ring is there, and the segment published */
    bool asked; /* the mode was asked for, and is not the default */
    enum weft_mode mode;
    pid_t pid;
    struct weft_segment_file file; /* file.segment: NULL when nothing is mapped */
    uint64_t loop_chunks;          /* size of a loop's ring */
    uint64_t ring_bytes;           /* WEFT_RING_SIZE, 0: not given */
    struct weft_writer *writers;   /* all, newest first */
    struct weft_writer *orphans;   /* a fork's parent's */
    uint32_t n_writers;
    uint64_t process_id;
    _Atomic uint64_t next_anchor; /* ticks */
    /* Switching: mode.c. */
    _Atomic uint64_t turn;    /* how often the mode changed: what writers adopt */
    uint64_t off_turn;        /* the last one that switched events off */
    enum weft_mode base_mode; /* that a stream goes back to when nobody reads it any more */
    uint64_t asker;           /* the connection that asked for the stream, 0: none */
    bool asker_gone;
};
extern struct weft_session weft__session;

/* session.c */
void weft_session_set_mask(enum weft_mode mode);
void weft_session_set_anchor(void);
/* The trace begins: with the first ring. Its id as a process is from `w`. */
void weft_session_begin(struct weft_writer *w);
void weft_session_at_fork(void); /* fork.c: installs its handlers, once */

/* mode.c: with the lock held. */
uint64_t weft_mode_loop_chunks(enum weft_mode mode, uint64_t ring_bytes);
void weft_mode_look_after_stream(void);
/* The pid of a living process whose lease has not run out; 0: nobody reads. */
uint64_t weft_mode_lease_holder(void);

#endif
