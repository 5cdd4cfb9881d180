/* A program outside the tree, without libuv, that runs on until its input ends, and is recorded and
 * looked at whenever somebody asks it to: all it takes is in its poll. */
#include <poll.h>
#include <stdio.h>
#include <weft-probe.h>

int main(void)
{
    struct pollfd polled[] = { { weft_probe_open(), POLLIN, 0 }, { 0, POLLIN, 0 } };
    weft_counter *turns = weft_counter_new("turns");
    puts("ready");
    fflush(stdout);
    while (polled[1].revents == 0) {
        WEFT_SPAN("turn");
        weft_counter_add(turns, 1);
        poll(polled, 2, 1);
        if (polled[0].revents)
            weft_probe_serve();
    }
    weft_counter_free(turns);
    return 0;
}
