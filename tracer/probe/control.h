/* control.h: this process's control socket: commands in, answers out.
 *
 *      <pid>-<start time>-<random>.ring    the segment
 *      <pid>-<start time>-<random>.sock    its socket: AF_UNIX, SOCK_SEQPACKET, mode 0600
 *
 * One message is one command, in text; it is answered by one message: "ok", "ok TEXT" or
 * "error TEXT". A controller may send several commands on one connection, and is refused when it
 * belongs to another user.
 *
 * One descriptor stands for the socket and all its connections (an epoll of its own): every loop
 * watches it, and whichever polls first serves; a program without loops does so by itself
 * (weft-probe.h). Nothing here blocks, and nothing that a controller sends or leaves unsent does
 * more harm than its own connection's end. */
#ifndef WEFT_PROBE_CONTROL_H
#define WEFT_PROBE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    WEFT_CONTROL_CLIENTS = 32,  /* connections at a time; the next one is refused in words */
    WEFT_CONTROL_MESSAGE = 512, /* bytes of a command or an answer, its NUL included      */
};

/* Answers a command in `answer`. `client` is the connection that asks, never 0 and never reused in
 * a process, `pid` the process at its other end. A `command` of NULL says that this connection has
 * ended, and wants no answer. Called with control.c's mutex held: it must call nothing here. */
typedef void weft_control_handler(const char *command, uint64_t client, pid_t pid, char *answer,
                                  size_t size);

/* Opens the socket beside the segment at `segment_path`. 0, or a negative errno, with nothing left
 * behind. Any thread; not while it is open. */
int weft_control_open(const char *segment_path, weft_control_handler *handler);

/* Ends all connections and removes the socket. The descriptor stays, with nothing in it, since
 * other threads' loops may be watching. Any thread. */
void weft_control_close(void);

/* The descriptor to watch for reading, -1: there is none. It stays the same for the life of the
 * process. Any thread. */
int weft_control_fd(void);

/* Accepts, reads and answers whatever is there; returns at once when nothing is, or when another
 * thread is just doing it. Any thread, never from a signal handler. */
void weft_control_serve(void);

/* A connected socket to whoever serves the segment at `segment_path`: for controllers. Waits for
 * nothing. A negative errno: ENOENT or ECONNREFUSED when nobody serves, EAGAIN when too many others
 * wait to be let in. */
int weft_control_connect(const char *segment_path);

/* Around fork: see session.c. In the child the socket is the parent's, and is let go of. */
void weft_control_before_fork(void);
void weft_control_after_fork(bool in_child);

#endif
