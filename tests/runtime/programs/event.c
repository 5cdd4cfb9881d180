/* event.c: https://docs.python.org/3/library/asyncio-sync.html#asyncio.Event
 *
 *      async def waiter(event):
 *          print('waiting for it ...')
 *          await event.wait()
 *          print('... got it!')
 *      async def main():
 *          event = asyncio.Event()
 *          waiter_task = asyncio.create_task(waiter(event))
 *          await asyncio.sleep(1)
 *          event.set()
 *          await waiter_task */
#include "weft.h"

WEFT_ASYNC(void, waiter, weft_event *, event)
{
    printf("waiting for it ...\n");
    WEFT_TRY(weft_event_wait(event));
    printf("... got it!\n");
    return 0;
}

WEFT_ASYNC(void, events)
{
    __attribute__((cleanup(weft_event_finish))) weft_event event;
    weft_event_init(&event, "it");
    weft_own weft_task *task = weft_create_task(waiter(&event));
    WEFT_TRY(weft_sleep(1));
    weft_event_set(&event);
    return weft_await(task);
}

int main(void)
{
    return weft_main(events());
}
