#include "weft.h"

WEFT_ASYNC(void, producer, weft_queue *, orders)
{
    for (int i = 1; i <= 8; i++) {
        WEFT_TRY(weft_queue_put(orders, &i));
        printf("order %d taken\n", i);
    }
    puts("no more orders");
    return 0;
}

WEFT_ASYNC(void, consumer, const char *, cook, double, seconds, weft_queue *, orders)
{
    for (;;) {
        int order;
        WEFT_TRY(weft_queue_get(orders, &order));
        WEFT_TRY(weft_sleep(seconds));
        printf("%s: order %d is ready\n", cook, order);
        weft_queue_task_done(orders);
    }
}

WEFT_ASYNC(void, kitchen)
{
    __attribute__((cleanup(weft_queue_finish))) weft_queue orders;
    weft_queue_init(&orders, int, .maxsize = 3, .name = "orders");
    weft_own weft_task *waiter = weft_create_task(producer(&orders), .name = "waiter");
    weft_own weft_task *ada = weft_create_task(consumer("Ada", 0.2, &orders), .name = "Ada");
    weft_own weft_task *bob = weft_create_task(consumer("Bob", 0.7, &orders), .name = "Bob");
    WEFT_TRY(waiter);
    WEFT_TRY(weft_queue_join(&orders));
    puts("the kitchen closes");
    weft_cancel(ada);
    weft_cancel(bob);
    weft_own weft_future *all = weft_gather_all(((weft_future *[]){ ada, bob }), 2,
                                                .return_errors = true);
    return weft_await(all);
}

int main(void)
{
    return weft_main(kitchen());
}
