/* fixture.h: small trace files, made by hand through the trace writer: the same bytes' worth of
 * meaning on every run, so that what `weft` prints about them can be compared with golden text. */
#ifndef WEFT_TESTS_CLI_FIXTURE_H
#define WEFT_TESTS_CLI_FIXTURE_H

#include <glib.h>

/* main gathers fetch-1, which sleeps 10 ms and works 2 ms, and a task with a nasty name, which
 * connects and is cancelled; 41 ms altogether. */
void fixture_write_gather(const char *path);

/* A task of which 1,000 slots are lost while it waits; killed by signal 9. */
void fixture_write_lossy(const char *path);
/* The same, but all were refused by the writer: the ordinals have no gap. */
void fixture_write_dropped(const char *path);

/* `n` tasks called worker, each of one slice; so many chunks that the file can be cut within. */
void fixture_write_workers(const char *path, guint n);

/* A server: n connections one after the other, of which each takes 100 to 106 µs, or `percent` of
 * it. A newer version of it has other lines, a flusher instead of a janitor, and a site more. */
void fixture_write_server(const char *path, guint n, guint percent, gboolean newer);

/* The same server, of which every slow_every-th connection takes ten times as long. */
void fixture_write_slow_server(const char *path, guint n, guint slow_every);

/* parse holds the loop for 150 ms, and heartbeat's timer fires 100 ms late. */
void fixture_write_blocked(const char *path);

/* Two loops, each on a ring of its own, that do nothing. */
void fixture_write_two_loops(const char *path);

/* A process that wrote nothing. */
void fixture_write_empty(const char *path);

#endif
