/* plain.c: a program with the probe alone, for plain_test.c: no libweft, no libuv.
 *
 *      plain serve|deaf
 *
 * It says "ready" and counts its turns, a millisecond each: and serves whoever asks it something,
 * or does not. */
#include "tracer/probe/weft-probe.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    bool deaf = argc > 1 && strcmp(argv[1], "deaf") == 0;
    struct pollfd asked = { weft_probe_open(), POLLIN, 0 };
    weft_counter *turns = weft_counter_new("turns");
    puts("ready");
    fflush(stdout);
    for (;;) {
        if (poll(&asked, !deaf, 1) > 0)
            weft_probe_serve();
        weft_counter_add(turns, 1);
        weft_mark("a turn");
    }
}
