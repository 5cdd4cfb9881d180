/* inside.h: the one probe session of this process, from inside: for session.c, which begins and
 * ends it, writers.c, mode.c and fork.c; nobody else includes it.
 *
 * Lock order: `starting`, control.c's mutex, `lock`, the sites', the segment file's. */
#ifndef WEFT_PROBE_INSIDE_H
#define WEFT_PROBE_INSIDE_H

#include "tracer/probe/control.h"
#include "tracer/probe/segment.h"
#include "tracer/probe/session.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

struct weft_wish { /* what a connection to the control socket wants */
    uint64_t client;
    enum weft_mode mode; /* OFF: nothing */
    uint64_t ring_bytes; /* 0: the default */
};

struct weft_cancel { /* a task that its loop is to cancel */
    uint64_t task;   /* 0: nobody */
    pid_t by;
};
enum { WEFT_CANCELS_MAX = 64 }; /* that no loop has seen to yet */

struct weft_session {
    pthread_mutex_t starting; /* held while it begins, socket and all */
    pthread_mutex_t lock;
    bool started;
    bool begun; /* the first ring is there, and the segment published */
    bool asked; /* the mode was asked for, and is not the default */
    enum weft_mode mode;
    pid_t pid;
    struct weft_segment_file file; /* file.segment: NULL when nothing is mapped */
    uint64_t loop_chunks;          /* size of a loop's ring from now on */
    uint64_t thread_chunks;        /* and of a thread's */
    uint64_t ring_bytes;           /* WEFT_RING_SIZE, 0: not given */
    struct weft_writer *writers;   /* all, newest first */
    struct weft_writer *orphans;   /* a fork's parent's */
    uint32_t n_writers;
    uint64_t process_id;
    _Atomic uint64_t next_anchor; /* ticks */
    /* Switching: mode.c. */
    _Atomic uint64_t turn;    /* how often the mode changed: what writers adopt */
    uint64_t times_off;       /* how often events were switched off */
    enum weft_mode base_mode; /* that it was started in */
    struct weft_wish wishes[WEFT_CONTROL_CLIENTS];
    /* pace.c */
    struct weft_pace pace; /* of loops to come */
    struct weft_cancel cancels[WEFT_CANCELS_MAX];
};
extern struct weft_session weft__session;

/* session.c */
void weft_session_set_mask(enum weft_mode mode);
void weft_session_set_anchor(void);
double weft_session_ns_a_tick(void); /* as it was from the session's beginning to its last anchor */
/* The trace begins: with the first ring. Its id as a process is from `w`. */
void weft_session_begin(struct weft_writer *w);
void weft_session_at_fork(void); /* fork.c: installs its handlers, once */

/* mode.c: with the lock held. */
/* The mode that all wishes come to, and the sizes of rings with it. */
enum weft_mode weft_mode_wanted(void);
/* The pid of a living process whose lease has not run out; 0: nobody reads. */
uint64_t weft_mode_lease_holder(void);

#endif
