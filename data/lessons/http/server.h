/* server.h: small real HTTP servers for lessons, each a process of its own, so that they neither
 * share the loop nor show in its trace. Start them before the loop. */
#ifndef LESSONS_HTTP_SERVER_H
#define LESSONS_HTTP_SERVER_H

#include <stddef.h>
#include <sys/types.h>

struct http_server {
    double delay;    /* seconds before it answers                */
    size_t words;    /* how long its page is                     */
    unsigned pieces; /* it sends the page in so many pieces ...  */
    double pause;    /* ... with so many seconds between         */
    int port;        /* set by start: this one if it was free    */
    pid_t pid;       /* set by start                             */
};

/* Listens on 127.0.0.1 and forks the process that serves. 0, or a negative errno. */
int http_server_start(struct http_server *server);
/* Ends the process and waits for it. */
void http_server_stop(struct http_server *server);

#endif
