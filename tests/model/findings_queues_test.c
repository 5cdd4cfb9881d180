/* findings_queues_test.c: queue-full, queue-empty: which side of a queue waits for the other. */
#include "tests/model/trouble.h"

#define ORDERS weft_id(WEFT_ENTITY_QUEUE, 0, 1)

/* main makes orders, and a producer and a consumer. */
static void open_queue(struct script *s)
{
    script_add(s, MS(1), WEFT_RECORD_OBJECT_NEW, 0, 40, ORDERS, 1);
    script_name(s, MS(1), ORDERS, "orders");
    make_task(s, 1, 2, "producer");
    make_task(s, 1, 3, "consumer");
    suspend(s, 1, 1, WEFT_AWAIT_TASK, TASK(2), 10);
}

/* `n` items go through from `ms` on, one a millisecond; for `waits` ms of it `task` waits. */
static void pass_items(struct script *s, double ms, guint n, unsigned task, unsigned kind,
                       double waits)
{
    unsigned other = task == 2 ? 3 : 2;
    resume(s, ms, task);
    for (guint i = 0; i < n; i++, ms += 1) {
        suspend(s, ms, task, kind, ORDERS, 20);
        resume(s, ms + waits, other);
        use(s, ms + waits, ORDERS, other == 2 ? WEFT_RESOURCE_PUT : WEFT_RESOURCE_GET, other == 2);
        wake(s, ms + waits, task, WEFT_WAKE_RESOURCE, TASK(other));
        suspend(s, ms + waits, other, WEFT_AWAIT_TIMER, TIMER(1), 21);
        resume(s, ms + 1, task);
        use(s, ms + 1, ORDERS, task == 2 ? WEFT_RESOURCE_PUT : WEFT_RESOURCE_GET, task == 2);
    }
}

static void full(struct script *s)
{
    open_queue(s);
    pass_items(s, 1, 120, 2, WEFT_AWAIT_QUEUE_PUT, 0.5);
}

static void full_still(struct script *s)
{
    full(s);
    suspend(s, 122, 2, WEFT_AWAIT_QUEUE_PUT, ORDERS, 20);
}

static void full_and_freed(struct script *s)
{
    full(s);
    suspend(s, 121, 2, WEFT_AWAIT_TIMER, TIMER(1), 22);
    poll(s, 121, 900);
    script_add(s, MS(900), WEFT_RECORD_OBJECT_FREE, 0, 0, ORDERS, 0);
}

static void full_for_less(struct script *s)
{
    open_queue(s);
    pass_items(s, 1, 120, 2, WEFT_AWAIT_QUEUE_PUT, 0.49);
}

static void empty(struct script *s)
{
    open_queue(s);
    pass_items(s, 1, 120, 3, WEFT_AWAIT_QUEUE_GET, 0.75);
}

static void empty_of_few(struct script *s)
{
    open_queue(s);
    pass_items(s, 1, 99, 3, WEFT_AWAIT_QUEUE_GET, 0.75);
}

/* A server that did its work, and waits for more. */
static void empty_afterwards(struct script *s)
{
    open_queue(s);
    pass_items(s, 1, 120, 3, WEFT_AWAIT_QUEUE_GET, 0.2);
    suspend(s, 121, 3, WEFT_AWAIT_QUEUE_GET, ORDERS, 20);
    poll(s, 121, 5000);
}

static void full_across_a_loss(struct script *s)
{
    open_queue(s);
    pass_items(s, 1, 60, 2, WEFT_AWAIT_QUEUE_PUT, 0.5);
    script_lose(s, 2);
    pass_items(s, 61, 60, 2, WEFT_AWAIT_QUEUE_PUT, 0.5);
}

static void test_full(void)
{
    assert_findings(full, "queue-full hint: Producers waited for room in queue orders for 60.0 ms "
                          "of 120 ms, over 120 items: its consumers are the slow side.\n");
    assert_findings(full_still,
                    "queue-full hint, lasts: Producers waited for room in queue orders for "
                    "60.0 ms of 120 ms, over 120 items: its consumers are the slow side.\n");
    assert_findings(full_and_freed, "queue-full hint: Producers waited for room in queue orders "
                                    "for 60.0 ms of 120 ms, over 120 items: its consumers are the "
                                    "slow side.\n");
    assert_findings(full_for_less, "");
    assert_findings(full_across_a_loss,
                    "events-lost warning: 2 events were lost between 61.0 ms and 61.0 ms: what "
                    "happened there is not known.\n");
}

static void test_empty(void)
{
    assert_findings(empty, "queue-empty hint: Consumers waited for items of queue orders "
                           "for 90.0 ms of 120 ms, over 120 items: its producers are the slow "
                           "side.\n");
    assert_findings(empty_of_few, "");
    assert_findings_at(empty_afterwards, 9000, TRUE, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/queue-full", test_full);
    g_test_add_func("/findings/queue-empty", test_empty);
    return g_test_run();
}
