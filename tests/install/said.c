/* A program outside the tree, without libuv: all it knows of Weft is pkg-config and weft-probe.h.
 */
#include <stdio.h>
#include <weft-probe.h>

static void serve(int request)
{
    WEFT_SPAN("serve");
    weft_mark_format("request %d", request);
}

int main(void)
{
    weft_counter *served = weft_counter_new("served");
    for (int i = 1; i <= 3; i++) {
        serve(i);
        weft_counter_add(served, 1);
    }
    printf("%d\n", (int)weft_counter_value(served));
    weft_counter_free(served);
    return 0;
}
