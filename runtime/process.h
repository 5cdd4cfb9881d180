/* process.h: a child process's inside.
 *
 *      process.c      its life: made, waited for, reaped, let go of
 *      child.c        starting it: posix_spawn
 *      communicate.c  feeding and reading it until it ends
 *
 *      loop->children -> [ one uv_signal_t of SIGCHLD | process | process | ... ]
 *
 * Life: the loop keeps a process until it is reaped; a program's last unref only closes its pipes.
 * A loop that is closed kills those that still run, and reaps them. */
#ifndef WEFT_PROCESS_H
#define WEFT_PROCESS_H

#include "runtime/stream.h"

struct weft_process {
    struct weft__object object;
    struct weft__io io;
    weft_process *next; /* in the loop's children */
    pid_t pid;
    int status;              /* waitpid's                                        */
    bool reaped;             /* its pid may be another's by now                  */
    bool exited;             /* the program may see it                           */
    bool orphan;             /* nobody refers to it any more                     */
    int returncode;          /* when exited                                      */
    weft_stream *streams[3]; /* stdin, stdout, stderr: NULL where there is no pipe */
    struct weft__stream_waiter *waiters;
};

/* WEFT_ENOTASK, WEFT_ELOOP, WEFT_ECLOSED, UV_EINVAL or 0: may the current task use it? */
int weft__process_check(const weft_process *process);

/* In the child of a fork: the parent's children are not its own. */
void weft__children_forget(const weft_loop *loop);

/* child.c: starts the program with these descriptors as its first three (-1: as they are here) and
 * no others, every signal at its default action and none blocked. On failure the error object names
 * what could not be entered or executed. */
int weft__child_start(weft_site *site, const char *const *argv, const weft_process_options *options,
                      const int fds[3], pid_t *pid);

#endif
